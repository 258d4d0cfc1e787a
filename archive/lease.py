"""The lease: one crawl per outlet at a time, on however many machines.

    leases/<outlet>.json   {"holder": …, "until": …}      moved by compare-and-swap, so that of two who try one gets it

    acquire ─▶ renew, renew, … ─▶ release          the holder works
    acquire ─▶ (dies)  ··until──▶ acquire           another one takes over when the time is past

The time is the machines' own: clocks that differ by more than ``grace`` can make two holders. Even then nothing is lost or
published twice, for publishing relies on conditional creation and not on the lease; the outlet would only be asked twice.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from archive.article import format_time, parse_time
from archive.store.protocol import Conflict, Missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.store.protocol import Store


class LeaseHeld(Exception):  # noqa: N818  reads as what happened
    """Another holder has the lease; the message says who, and until when."""


class LeaseLost(Exception):  # noqa: N818  reads as what happened
    """The lease is another holder's by now: this one was too slow to renew it, and has to stop."""


class Lease:
    """The right to crawl one outlet.

    Args:
        store: the archive.
        outlet: the outlet.
        holder: a name that no other process has at the same time.
        seconds: for how long an acquired or renewed lease is valid.
        grace: seconds by which the machines' clocks may differ.
        clock: gives the time, aware UTC.
    """

    def __init__(  # noqa: PLR0913  each is a fact of its own
        self,
        store: Store,
        outlet: str,
        *,
        holder: str,
        seconds: float = 300,
        grace: float = 30,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.outlet, self.holder, self.seconds = outlet, holder, seconds
        self._store, self._clock = store, clock
        self._grace = timedelta(seconds=grace)
        self._key = f"leases/{outlet}.json"
        self._tag: str | None = None

    def acquire(self) -> str | None:
        """Take the lease; return the dead holder that it was taken over from, None where it was free.

        Raises:
            LeaseHeld: somebody else has it.
        """
        standing, tag = self._read()
        holder = standing.get("holder")
        if holder not in {None, self.holder}:
            until = parse_time(standing["until"])
            if self._clock() < until + self._grace:
                raise LeaseHeld(
                    f"{self.outlet} is being crawled by {holder}, whose lease is valid until {until:%H:%M:%S} UTC"
                )
        try:
            self._tag = self._store.replace(self._key, self._body(self.holder), tag=tag)
        except Conflict:
            raise LeaseHeld(f"somebody else took the lease of {self.outlet} in this moment") from None
        return None if holder == self.holder else holder

    def renew(self) -> None:
        """Prolong the lease; to be called well before its seconds are over.

        Raises:
            LeaseLost: somebody took it over.
        """
        try:
            self._tag = self._store.replace(self._key, self._body(self.holder), tag=self._tag)
        except Conflict:
            raise LeaseLost(f"the lease of {self.outlet} was taken over by {self._read()[0].get('holder')}") from None

    def release(self) -> None:
        """Give the lease back; where it was never got, or was taken over meanwhile, leave it alone."""
        if self._tag is None:
            return
        try:
            self._store.replace(self._key, self._body(None), tag=self._tag)
        except Conflict:
            return

    def _body(self, holder: str | None) -> bytes:
        now = self._clock()
        until = format_time(now + timedelta(seconds=self.seconds)) if holder else None
        said = {"outlet": self.outlet, "holder": holder, "since": format_time(now), "until": until}
        return (json.dumps(said) + "\n").encode()

    def _read(self) -> tuple[dict[str, Any], str | None]:
        try:
            body, tag = self._store.read_tagged(self._key)
        except Missing:
            return {}, None
        return json.loads(body), tag
