"""How much may wait for a store that does not answer: the crawl goes on into the spool up to a limit, pauses, finally stops.

below SPOOL_MAX_BYTES   the crawl goes on, whatever the store does
above                   paused; goes on by itself when the store has taken enough
paused SPOOL_PATIENCE   stopped, exit code 4; the spool is published by the next start
"""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import NotConfigured

from archive.spool.spool import Spool
from crawlers.destination import Destination

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

CLOSE_REASON = "spool-full"


class SpoolLimitExtension:
    """Pauses and stops a crawl whose spool grows too large.

    Args:
        crawler: the crawl.
        spool: the folder that grows.
        most: bytes above which the crawl pauses.
        patience: seconds of pausing after which it stops.
        every: seconds between two looks.
    """

    def __init__(self, crawler: Crawler, spool: Path, most: int, patience: float, every: float) -> None:
        self.crawler = crawler
        self.spool = Spool(spool)
        self.most, self.patience, self.every = most, patience, every
        self.paused_at: float | None = None
        self.task: asyncio.Task[None] | None = None
        self.closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read SPOOL_MAX_BYTES, SPOOL_PATIENCE and PUBLISH_EVERY."""
        settings = crawler.settings
        if not (most := settings.getint("SPOOL_MAX_BYTES")):
            raise NotConfigured("SPOOL_MAX_BYTES is not set")
        spool = Destination.from_settings(settings).spool
        extension = cls(crawler, spool, most, settings.getfloat("SPOOL_PATIENCE"), settings.getfloat("PUBLISH_EVERY"))
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_opened(self) -> None:
        """Begin to look."""
        self.task = asyncio.create_task(self._look_now_and_then())

    def spider_closed(self) -> None:
        """Look no more."""
        if self.task is not None:
            self.task.cancel()

    async def _look_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self.every)
            try:
                size = await asyncio.to_thread(self.spool.size)
            except OSError as error:  # nobody would look any more if it were raised
                logger.warning("not known how much waits in the spool: %s", error)
            else:
                self._look(size)

    def _look(self, size: int) -> None:
        engine = self.crawler.engine
        assert engine is not None
        assert self.crawler.stats is not None
        self.crawler.stats.max_value("spool_limit/bytes", size)
        if size <= self.most:
            if self.paused_at is not None:
                logger.info("the spool has room again, the crawl goes on")
                engine.unpause()
                self.paused_at = None
        elif self.paused_at is None:
            logger.warning("%d bytes wait in the spool, more than %d: the crawl pauses", size, self.most)
            self.crawler.stats.inc_value("spool_limit/pauses")
            engine.pause()
            self.paused_at = monotonic()
        elif monotonic() - self.paused_at > self.patience:
            logger.error("the store has not taken the spool for %d s: the crawl stops", self.patience)
            engine.unpause()
            self.paused_at = monotonic()
            # a task of its own: closing the spider ends this one
            self.closing = self.closing or asyncio.ensure_future(engine.close_spider_async(reason=CLOSE_REASON))
