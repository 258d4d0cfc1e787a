"""A full local disk: what does not fit waits for room, and the crawl waits with it.

    write ──no room──▶ pause ─▶ again and again ──room──▶ written, the crawl goes on
                                   └─ SPOOL_PATIENCE is over, or the crawl is told to stop ──▶ the crawl stops, exit code 9

What is on the disk stays whole (`archive.spool.segment`); meanwhile publishing goes on, and what it removes makes room.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from archive.spool.spool import is_full

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

CLOSE_REASON = "disk-full"

_Result = TypeVar("_Result")


class Room:
    """Where everything that a crawl writes waits while the disk is full.

    Args:
        crawler: the crawl that is paused.
        patience: seconds after which waiting ends.
        every: seconds between two tries.
    """

    def __init__(self, crawler: Crawler, patience: float, every: float) -> None:
        self.crawler = crawler
        self.patience, self.every = patience, every
        self.full_since: float | None = None

    async def write(self, act: Callable[[], _Result]) -> _Result:
        """Write something, when there is room for it; ``act`` is called again until it succeeds.

        Raises:
            OSError: the disk stays full, or the write failed for another reason.
        """
        while True:
            try:
                written = act()
            except (OSError, sqlite3.OperationalError) as error:
                if not is_full(error) or self._is_over():
                    raise
                self._pause(error)
                await asyncio.sleep(self.every)
            else:
                if self.full_since is not None:
                    self._go_on()
                return written

    def _is_over(self) -> bool:
        waited = self.full_since is not None and monotonic() - self.full_since >= self.patience
        return waited or not self.crawler.crawling

    def _pause(self, error: Exception) -> None:
        assert self.crawler.engine is not None
        assert self.crawler.stats is not None
        if self.full_since is None:
            logger.warning("%s: the crawl pauses", error)
            self.crawler.stats.inc_value("room/pauses")
            self.full_since = monotonic()
        self.crawler.engine.pause()  # each time, for somebody else may have let it go on

    def _go_on(self) -> None:
        assert self.crawler.engine is not None
        logger.warning("the disk has room again, the crawl goes on")
        self.full_since = None
        self.crawler.engine.unpause()
