"""What a host reserves for its whole site or parts of it: ``/.well-known/tdmrep.json`` (W3C TDM Reservation Protocol).

    [{"location": "/", "tdm-reservation": 1}, {"location": "/open/*", "tdm-reservation": 0}]

    request of a page or source ──▶ rules of its host, at most a day old ──▶ request.meta["tdm"]: "1", "0" or nothing
                                          │ none: asked for once, archived        └─ reserved, and that is respected: `Reserved`
                                          └─ kept beside the spool, so that crawls a quarter of an hour apart ask once a day

A page's own header or meta speaks before it (`crawlers.extraction.page_context`). Of several locations the longest that fits wins, with the
wildcards of robots.txt. Whatever is no such list says nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from protego import Protego
from scrapy import Request
from scrapy.exceptions import NotConfigured
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from archive.files import read_cached, write_whole
from crawlers.politeness.robots import RefusedByRobots
from pipelines.store import session_of

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

ADDRESS = "/.well-known/tdmrep.json"
Locations = list[tuple[str, int]]  # location, 1 for reserved or 0


class Reserved(RefusedByRobots):
    """The host reserves text and data mining of this address, and RESPECT_RESERVATIONS says to heed it."""

    reason: ClassVar[str] = "tdm-reserved"


def read_tdmrep(body: bytes) -> Locations:
    """Read the locations of a ``tdmrep.json``; none where it is no list of them."""
    try:
        data = json.loads(body)
    except ValueError:
        return []
    entries = data if isinstance(data, list) else []
    return [
        (entry["location"], entry["tdm-reservation"])
        for entry in entries
        if isinstance(entry, dict)
        and str(entry.get("location", "")).startswith("/")
        and entry.get("tdm-reservation") in (0, 1)
    ]


def reservation_of(locations: Locations, url: str) -> str | None:
    """Return ``1`` where a URL is reserved, ``0`` where a location says that it is not, None where none fits."""
    if not locations:
        return None
    lines = [f"{'Disallow' if reserved else 'Allow'}: {location}" for location, reserved in locations]
    if not Protego.parse("\n".join(["User-agent: *", *lines])).can_fetch(url, "*"):
        return "1"
    inverted = [f"Disallow: {location}" for location, _ in locations]
    return None if Protego.parse("\n".join(["User-agent: *", *inverted])).can_fetch(url, "*") else "0"


class TdmRepMiddleware:
    """Notes each request's reservation in its meta, and refuses pages where that is respected.

    Args:
        crawler: for its engine.
        path: the file with what hosts said.
        max_age: how long that is believed.
        is_respected: refuse what is reserved.
    """

    def __init__(self, crawler: Crawler, path: Path, max_age: timedelta, *, is_respected: bool) -> None:
        self.crawler, self.path, self.max_age, self.is_respected = crawler, path, max_age, is_respected
        self.known: dict[str, dict[str, Any]] = read_cached(path)
        self._asking: dict[str, asyncio.Task[Locations]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read TDMREP_MAX_AGE (seconds; 0 asks nobody) and RESPECT_RESERVATIONS."""
        session = session_of(crawler)
        seconds = crawler.settings.getfloat("TDMREP_MAX_AGE")
        if not seconds:
            raise NotConfigured
        path = session.spool.with_name(f"{session.spool.name}.{session.outlet}.tdmrep")
        is_respected = "tdm" in crawler.settings.getlist("RESPECT_RESERVATIONS")
        return cls(crawler, path, timedelta(seconds=seconds), is_respected=is_respected)

    async def process_request(self, request: Request) -> None:
        """Note the reservation; raise `Reserved` for a page that is not to be fetched."""
        is_medium = "media" in request.meta  # of a picture's host nothing is noted: only a heeded reservation matters
        if (is_medium and not self.is_respected) or not (
            is_medium or request.cb_kwargs
        ):  # robots.txt and this very file
            return
        reservation = reservation_of(await self._locations(request), request.url)
        if reservation is None:
            request.meta.pop("tdm", None)
            return
        request.meta["tdm"] = reservation
        if reservation == "1" and self.is_respected and "source" not in request.cb_kwargs:
            raise Reserved(f"text and data mining is reserved at {request.url}")

    async def _locations(self, request: Request) -> Locations:
        url = urlparse_cached(request)
        root = f"{url.scheme}://{url.netloc}"
        if root not in self._asking:
            self._asking[root] = asyncio.ensure_future(self._read(root))
        return await asyncio.shield(self._asking[root])

    async def _read(self, root: str) -> Locations:
        known = self.known.get(root)
        if known is not None and datetime.now(UTC) - datetime.fromisoformat(known["at"]) < self.max_age:
            return [(location, reserved) for location, reserved in known["locations"]]
        assert self.crawler.engine is not None
        meta = {"dont_redirect": True, "dont_retry": True}
        asked = Request(root + ADDRESS, priority=1000, meta=meta, callback=NO_CALLBACK, dont_filter=True)
        try:
            response = await self.crawler.engine.download_async(asked)
        except Exception as error:  # noqa: BLE001  whatever kept the answer away, nothing is reserved by it
            logger.info("no %s from %s: %s", ADDRESS, root, error)
            return []
        locations = read_tdmrep(response.body) if response.status == 200 else []  # noqa: PLR2004  OK
        self.known[root] = {"at": datetime.now(UTC).isoformat(), "locations": locations}
        write_whole(self.path, self.known, sync_name=False)
        return locations
