"""The opening of a crawl's archive: in a thread, for it may have much to mend and to learn, and ended in time by a signal.

spider_opened ─▶ patiently ─▶ LocalArchive.open                          a signal ─▶ STOP_SECONDS more, then the thread is left to itself
spider_closed ─▶ is_over?  no: the caches are that thread's, nobody else touches them
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from crawlers.frontier.backfill import patiently
from crawlers.session.background import in_thread, in_time
from crawlers.session.provenance import warcinfo

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawlers.session.background import Patience
    from crawlers.session.session import LocalArchive

logger = logging.getLogger(__name__)


class Opening:
    """Opens one archive once.

    Args:
        crawler: the crawl; its settings say how large and how old a segment may become, and how long another is waited for.
        archive: what is opened.
        patience: how long that may take.
    """

    def __init__(self, crawler: Crawler, archive: LocalArchive, patience: Patience) -> None:
        self.crawler, self.archive, self.patience = crawler, archive, patience
        self._doing: asyncio.Future[None] | None = None

    async def open(self, crawl: str) -> bool:
        """Open the archive for a crawl; False where the patience ended first. Raises what `LocalArchive.open` raises."""
        settings = self.crawler.settings
        begin = partial(
            self.archive.open,
            crawl=crawl,
            collection=settings["COLLECTION"],
            warcinfo=warcinfo(self.crawler, crawl),
            max_bytes=settings.getint("SEGMENT_MAX_BYTES"),
            max_age=settings.getfloat("SEGMENT_MAX_SECONDS"),
        )
        seconds = 0.0 if settings.getbool("YIELDS") else settings.getfloat("LEASE_PATIENCE")
        act = partial(patiently, begin, self.archive.destination.store, self.archive.outlet, seconds)
        self._doing = asyncio.ensure_future(in_thread(act))
        if not await in_time(self._doing, self.patience):
            logger.warning("no time is left to open the archive: the next start does what is to be done")
            return False
        self._doing.result()
        return True

    async def is_over(self) -> bool:
        """Wait until no thread opens the archive any more; False where one still does when the patience ends."""
        return self._doing is None or await in_time(self._doing, self.patience)
