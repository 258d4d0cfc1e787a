"""A back-fill gives way: a regular crawl that finds it at work asks for the outlet, and has it within seconds.

    back-fill   marks itself as one that gives way ─▶ looks now and then whether it is wanted ─▶ closes, reason "yielded"
    regular     busy? the other gives way? ─▶ says that it is wanted ─▶ waits, at most LEASE_PATIENCE ─▶ begins, wants no more

    leases/<outlet>.yields.json, leases/<outlet>.wanted.json      {"until": …}, beside the lease, which alone decides who works

What the back-fill had not reached it asks for when it goes on: nothing is kept but what the bucket knows.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import NotConfigured

from archive.article import format_time, parse_time
from archive.manifests.lease import FARTHEST, LeaseHeld
from archive.spool.spool import SpoolBusy
from archive.store import Conflict, Missing, StoreError
from crawlers.monitoring.report import YIELDED
from crawlers.session.background import in_thread
from pipelines.store import session_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from scrapy.crawler import Crawler

    from archive.store import Store

logger = logging.getLogger(__name__)

VALID = timedelta(seconds=60)
LOOK_EVERY = 2.0  # seconds


class Mark:
    """A small object beside the lease that is true until its time is over.

    Args:
        store: the archive.
        outlet: the outlet.
        name: ``yields`` or ``wanted``.
    """

    def __init__(self, store: Store, outlet: str, name: str) -> None:
        self._store, self._key = store, f"leases/{outlet}.{name}.json"

    def put(self, valid: timedelta = VALID) -> None:
        """Set it; of two who do so at once one is enough."""
        body = json.dumps({"until": format_time(datetime.now(UTC) + valid)}).encode()
        with suppress(Conflict):
            self._store.replace(self._key, body, tag=self._read()[1])

    def clear(self) -> None:
        """Take it back, if it stands."""
        if self.stands():
            self.put(timedelta())

    def stands(self) -> bool:
        """Say whether it is set and valid; one that is spoiled, or of a clock that is far ahead, is not."""
        body, _ = self._read()
        now = datetime.now(UTC)
        try:
            return now < parse_time(json.loads(body)["until"]) <= now + VALID + FARTHEST
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return False

    def _read(self) -> tuple[bytes, str | None]:
        try:
            return self._store.read_tagged(self._key)
        except Missing:
            return b"", None


def patiently(begin: Callable[[], None], store: Store, outlet: str, patience: float) -> None:
    """Call ``begin``; where a crawl that gives way is at work, say that we want to, and try again.

    Args:
        begin: raises `SpoolBusy` or `LeaseHeld` where somebody is at work.
        store: the archive.
        outlet: the outlet.
        patience: seconds after which it is given up.
    """
    until = time.monotonic() + patience
    wanted = Mark(store, outlet, "wanted")
    asked = False
    while True:
        try:
            begin()
        except (SpoolBusy, LeaseHeld):
            if time.monotonic() >= until or not Mark(store, outlet, "yields").stands():
                raise
        else:
            if asked:
                wanted.clear()  # a mark that stood on would send the back-fill away again, and nobody would come
            return
        wanted.put()
        asked = True
        time.sleep(min(LOOK_EVERY, max(0.1, until - time.monotonic())))


class YieldingExtension:
    """Closes a back-fill's crawl as soon as a regular one wants to begin."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._task: asyncio.Task[None] | None = None
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read YIELDS, which `scrapy backfill` sets."""
        if not crawler.settings.getbool("YIELDS"):
            raise NotConfigured("YIELDS is not set")
        extension = cls(crawler)
        # not spider_opened: a crawl that is closed while the others still open ends before its archive has begun
        crawler.signals.connect(extension.engine_started, signal=signals.engine_started)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def engine_started(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._look())

    def spider_closed(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()

    async def _look(self) -> None:
        session = session_of(self.crawler)
        store, outlet = session.store, session.outlet
        while not await in_thread(lambda: _is_wanted(store, outlet)):  # noqa: ASYNC110  who wants it is in another process
            await asyncio.sleep(LOOK_EVERY)
        logger.info("a regular crawl wants to begin: the back-fill gives way and goes on later")
        assert self.crawler.engine is not None
        # a task of its own: the closing cancels the one that looks
        self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=YIELDED))


def _is_wanted(store: Store, outlet: str) -> bool:
    try:
        Mark(store, outlet, "yields").put()
        return Mark(store, outlet, "wanted").stands()
    except StoreError as error:  # nobody can say that he wants to; the spool's limit sees to the rest
        logger.warning("not known whether another crawl wants to begin: %s", error)
        return False
