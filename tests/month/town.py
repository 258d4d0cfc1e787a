"""The replica as it stands at a moment of the month."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.month.plan import faults_of, lives_of, pieces_of
from tests.replica.replica import SITES, Replica
from tests.replica.wire.message import Response, html

if TYPE_CHECKING:
    from tests.month.plan import Fault, Life
    from tests.replica.sites.base import Site
    from tests.replica.wire.message import Request

CLOSED = {
    "alaraby": "/politics/",
    "aljazeera": "/politics/",
    "albawaba": "/ar/أخبار/",
    "albawabhnews": "/5*5$",  # its pages have numbers alone
    "skynewsarabia": "/middle-east/",
}
"""Outlet → what robots.txt closes, as a pattern of it: pages that the outlet has."""
BEFORE = 4  # days of news before the first crawl: as many as it asks about
CHANNELS = {
    "alaraby": "/rss.xml",
    "aljazeera": "/aljazeerarss/",
    "albawaba": "/rss/ar-all",
    "albawabhnews": "/rss/97",
    "skynewsarabia": "/rest/v2/latest.json",
}
"""Outlet → the channel that dies, as a part of its path."""
SWITCHES = {"outage": "dead", "robots-503": "robots_503", "changed_body_class": "changed_body_class"}
SWITCHES |= {"lost_jsonld": "lost_jsonld"}
BLOCK = "<!doctype html><html><head><title>Access Denied</title></head><body>Request blocked.</body></html>"


def is_closed(outlet: str, path: str) -> bool:
    """Say whether the pattern of `CLOSED` meets a decoded path."""
    pattern = CLOSED[outlet]
    return bool(re.match(r"/5.*5$", path)) if "*" in pattern else path.startswith(pattern)


class Town(Replica):
    """A replica whose outlets publish, edit, remove and fail by the hour.

    Args:
        outlets: those that live; the others stand still and empty.
        until: the last day.
        days: how many.
        every: between two crawls, for the faults are to be met.
        seed: another seed, another month.
    """

    def __init__(self, outlets: tuple[str, ...], until: date, days: int, every: timedelta, seed: int = 1) -> None:
        super().__init__(seed, until=until, days=days)
        self.outlets = outlets
        self.start = datetime.combine(until - timedelta(days=days - 1), time(), UTC)
        self.end = datetime.combine(until + timedelta(days=1), time(), UTC)
        pieces = pieces_of(seed, until, days + BEFORE)
        self.lives: dict[str, list[Life]] = {name: lives_of(pieces[name], seed, self.end) for name in outlets}
        self.faults: list[Fault] = [
            fault for turn, name in enumerate(outlets) for fault in faults_of(name, turn, self.start, days, every)
        ]
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
            closed = quote(CLOSED[fault.outlet], safe="/*$")
            standing[fault.outlet].robots = standing[fault.outlet].robots.replace(
                "User-agent: *\n", f"User-agent: *\nDisallow: {closed}\n", 1
            )
        self._standing = standing
        switches = {
            switch: [host for fault in self.holding(kind) for host in standing[fault.outlet].house.hosts]
            for kind, switch in SWITCHES.items()
        }
        switches["dead"] += [CHANNELS[fault.outlet] for fault in self.holding("dead-channel")]
        self.misbehave(**switches)

    def holding(self, kind: str) -> list[Fault]:
        """Return the faults of a kind that hold now."""
        return [fault for fault in self.faults if fault.kind == kind and fault.holds(self.now)]

    def troubled(self, outlet: str, moment: datetime) -> bool:
        """Say whether anything was out of order at an outlet."""
        return any(fault.holds(moment) for fault in self.faults if fault.outlet == outlet)

    def sites(self, edition: int | None = None) -> dict[str, Site]:
        return self._standing if edition is None and self._standing else super().sites(edition)

    def _trouble(self, site: Site, request: Request) -> Response | None:
        """A firewall blocks everything; in a storm every fourth request is one too many."""
        if request.path != "/robots.txt" and any(fault.outlet == site.name for fault in self.holding("blocked")):
            return html(BLOCK, status=403)
        if any(fault.outlet == site.name for fault in self.holding("storm")):
            self.turns += 1
            if self.turns % 4 == 0:
                return Response(b"slow down\n", 429, "text/plain", [("Retry-After", "0")], validators=False)
        return None
