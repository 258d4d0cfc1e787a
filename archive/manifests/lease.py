"""The lease: one crawl per outlet at a time, on however many machines.

    leases/<outlet>.json   {"holder": …, "until": …, "token": …}   moved by compare-and-swap, so that of two who try one gets it

    acquire ─▶ renew, renew, … ─▶ release          the holder works
    acquire ─▶ (dies)  ··until──▶ acquire           another one takes over when the time is past

The time is the machines' own: clocks that differ by more than ``grace``, or a holder that stood still for longer than its lease,
make two holders. Nothing is lost or published twice even then: each turn has a higher ``token`` than the ones before, which stands
in the manifests too, and who publishes holds its lines against what others published meanwhile (`archive.manifests.placement`).
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from archive.article import format_time, parse_time
from archive.store.protocol import Conflict, Missing, set_aside

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.store.protocol import Store

logger = logging.getLogger(__name__)

FARTHEST = timedelta(hours=1)
"""By which a lease may end later than one that is taken now: what is farther ahead was written by a clock that is wrong by more."""


class LeaseHeld(Exception):  # noqa: N818  reads as what happened
    """Another holder has the lease; the message says who, and until when."""


class LeaseLost(Exception):  # noqa: N818  reads as what happened
    """The lease is another holder's by now: this one was too slow to renew it, and has to stop."""


@dataclass(frozen=True, slots=True)
class _LeaseState:
    """What stands in the store: holder and end are None where it is free; the token is 0 where it was never counted."""

    holder: str | None = None
    until: datetime | None = None
    token: int = 0


class Lease:
    """The right to crawl one outlet.

    Args:
        store: the archive.
        outlet: the outlet.
        holder: a name that no other process has at the same time.
        seconds: for how long an acquired or renewed lease is valid.
        grace: seconds by which the machines' clocks may differ.
        clock: gives the time, aware UTC.

    Attributes:
        token: the number of this turn, higher than that of every turn before; 0 before it was acquired.
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
        self.token = 0
        self._store, self._clock = store, clock
        self._grace = timedelta(seconds=grace)
        self._key = f"leases/{outlet}.json"
        self._tag: str | None = None

    def acquire(self, *, above: int = 0) -> str | None:
        """Take the lease; return the dead holder that it was taken over from, None where it was free.

        Args:
            above: the highest token that is known from elsewhere, should the lease have been spoiled or removed.

        Raises:
            LeaseHeld: somebody else has it.
        """
        standing, tag = self._read()
        holder, until = standing.holder, standing.until
        if holder not in {None, self.holder} and until is not None and self._clock() < until + self._grace:
            raise LeaseHeld(
                f"{self.outlet} is being crawled by {holder}, whose lease is valid until {until:%H:%M:%S} UTC"
            )
        self.token = max(standing.token, above) + 1
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
            raise LeaseLost(f"the lease of {self.outlet} was taken over by {self._read()[0].holder}") from None

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
        record = {
            "outlet": self.outlet,
            "holder": holder,
            "since": format_time(now),
            "until": until,
            "token": self.token,
        }
        return (json.dumps(record) + "\n").encode()

    def _read(self) -> tuple[_LeaseState, str | None]:
        """Return what stands there and its tag; what is no lease, or of an impossible future, is set aside and counts as free."""
        try:
            body, tag = self._store.read_tagged(self._key)
        except Missing:
            return _LeaseState(), None
        try:
            standing = _lease_state(body, self._clock() + timedelta(seconds=self.seconds) + FARTHEST)
        except ValueError as error:
            where = set_aside(self._store, self._key, body)
            logger.warning("the lease %s is spoiled and counts as free (%s); it stands at %s", self._key, error, where)
            return _LeaseState(), tag
        return standing, tag


def _lease_state(body: bytes, latest: datetime) -> _LeaseState:
    """Read a lease, an old one without a token too; raises ``ValueError`` where it is none, or ends after ``latest``."""
    try:
        state: Any = json.loads(body)
        holder, until, token = state["holder"], state["until"], state.get("token", 0)
        if holder is None:
            return _LeaseState(None, None, _whole(token))
        if not isinstance(holder, str) or not isinstance(until, str):
            raise ValueError("holder and end are no texts")  # noqa: TRY004  the object is wrong, not a type
        end = parse_time(until)
        if end > latest:
            raise ValueError(f"it is valid until {until}, which no right clock has written")
        return _LeaseState(holder, end, _whole(token))
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"it is no lease: {error!r}") from None


def _whole(token: object) -> int:
    if not isinstance(token, int) or isinstance(token, bool) or token < 0:
        raise ValueError(f"its token is {token!r}")
    return token
