"""The replica as it stands at a moment of the month."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from tests.month.plan import faults_of, lives_of
from tests.replica.replica import SITES, Replica
from tests.replica.wire.message import Response

if TYPE_CHECKING:
    from tests.month.plan import Fault, Life
    from tests.replica.sites.base import Site
    from tests.replica.wire.message import Request

CLOSED = "/politics/"


class Town(Replica):
    """A replica whose outlets publish, edit, remove and fail by the hour.

    Args:
        outlets: those that live; the others stand still and empty.
        until: the last day.
        days: how many.
        seed: another seed, another month.
    """

    def __init__(self, outlets: tuple[str, ...], until: date, days: int, seed: int = 1) -> None:
        super().__init__(seed, until=until, days=days)
        self.outlets = outlets
        self.start = datetime.combine(until - timedelta(days=days - 1), time(), UTC)
        self.end = datetime.combine(until + timedelta(days=1), time(), UTC)
        first = self._editions[1][0]
        self.lives: dict[str, list[Life]] = {name: lives_of(first[name], seed, self.end) for name in outlets}
        self.faults: list[Fault] = [fault for name in outlets for fault in faults_of(name, self.start, days)]
        self.now = self.start
        self.turns = 0
        self._standing: dict[str, Site] = {}

    def move_to(self, moment: datetime) -> None:
        """Let time pass."""
        self.now, standing = moment, {}
        for site in SITES:
            if site.name in self.outlets:
                lives = self.lives[site.name]
                pieces = [life.at(moment) for life in lives if life.is_there(moment)]
                gone = [life.piece for life in lives if life.is_gone(moment)]
                standing[site.name] = site(pieces, moment.date(), gone)
        for fault in self.holding("robots-closed"):
            standing[fault.outlet].robots = standing[fault.outlet].robots.replace(
                "User-agent: *\n", f"User-agent: *\nDisallow: {CLOSED}\n", 1
            )
        self._standing = standing
        switches: dict[str, list[str]] = {}
        for kind, switch in (("outage", "dead"), ("robots-503", "robots_503")):
            switches[switch] = [host for fault in self.holding(kind) for host in self._hosts(fault)]
        for kind in ("changed_body_class", "lost_jsonld"):
            switches[kind] = [host for fault in self.holding(kind) for host in self._hosts(fault)]
        self.misbehave(**switches)

    def holding(self, kind: str) -> list[Fault]:
        """Return the faults of a kind that hold now."""
        return [fault for fault in self.faults if fault.kind == kind and fault.holds(self.now)]

    def sites(self, edition: int | None = None) -> dict[str, Site]:
        return self._standing if edition is None and self._standing else super().sites(edition)

    def _hosts(self, fault: Fault) -> tuple[str, ...]:
        return self._standing[fault.outlet].house.hosts

    def _trouble(self, site: Site, request: Request) -> Response | None:
        """In a storm every fourth request is one too many."""
        self.turns += 1
        if any(fault.outlet == site.name for fault in self.holding("storm")) and self.turns % 4 == 0:
            return Response(b"slow down\n", 429, "text/plain", [("Retry-After", "0")], validators=False)
        return None
