"""The crawl's archive: opened before the first request, published while the crawl goes on, told about at its end.

    spider_opened   recover the spool ▸ publish what waited ▸ catch the catalog up      (or the crawl does not begin)
    each exchange   write_exchange ──▶ segment            each article   KeepPipeline ──▶ keep ──▶ segment
    now and then    roll what is due ▸ publish it, in a thread; the crawl never waits for a store
    spider_closed   close the segment ▸ publish ▸ report ▸ exit code

An archive error is not a bad page: it stops the crawl, and the exit code says so. What was captured stays in the spool.
"""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.exceptions import CloseSpider

from archive.catalog import Catalog
from archive.publishing import Publisher
from archive.recovery import recover
from archive.segment import SegmentWriter
from archive.store import StoreError
from archive.warc.revisits import IDENTICAL_PAYLOAD, profile_of
from crawlers.destination import Destination
from crawlers.papers import software, warcinfo
from crawlers.report import build_report, judge, summary_line
from crawlers.rereading import read_again

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from archive.article import Article, RecordPointer
    from archive.capture import Capture
    from archive.exchange import Exchange
    from crawlers.exit_codes import ExitCode

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the crawl went, for the process that ran it."""

    code: ExitCode
    summary: str


class ArchiveExtension:
    """Owns the crawl's segment, from opening to publishing.

    Args:
        crawler: the crawl.
        destination: the archive, the spool in front of it, the catalog.
        window: how far back the catalog is caught up.
        publish_every: seconds between two looks at what can be published.
    """

    def __init__(self, crawler: Crawler, destination: Destination, window: timedelta, publish_every: float) -> None:
        self.crawler = crawler
        self.destination = destination
        self.window = window
        self.publish_every = publish_every
        self.outlet = crawler.spidercls.name
        self.started = datetime.now(UTC)
        self.crawl = f"{self.outlet}-{self.started:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
        self.catalog = Catalog(destination.catalog)
        self.publisher = Publisher(destination.store, destination.spool, self.catalog, software=software())
        self.writer: SegmentWriter | None = None
        self.timer: asyncio.Task[None] | None = None
        self.failure: str | None = None
        self.outcome: Outcome | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read ARCHIVE_URI, SPOOL_DIR, CATALOG_WINDOW_DAYS and PUBLISH_EVERY."""
        settings = crawler.settings
        destination = Destination.from_settings(settings)
        destination.check()
        window = timedelta(days=settings.getint("CATALOG_WINDOW_DAYS"))
        extension = cls(crawler, destination, window, settings.getfloat("PUBLISH_EVERY"))
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    # --- what the crawl asks for ------------------------------------------------------------------------------------

    def seen(self, article_id: str) -> bool:
        """Say whether the archive holds an article of this id."""
        return self.catalog.seen(article_id) is not None

    def write_exchange(self, exchange: Exchange) -> RecordPointer:
        """Write an exchange into the segment; raises ``OSError`` where it cannot be."""
        assert self.writer is not None
        original = self.catalog.original(exchange.payload_digest) if profile_of(exchange) == IDENTICAL_PAYLOAD else None
        return self.writer.write_exchange(exchange, original)

    def keep(self, article: Article) -> None:
        """Write an article's line into the segment."""
        assert self.writer is not None
        article.crawl = self.crawl
        self.writer.write_article(article)
        self._count("archive/articles")
        if article.story and article.story.role == "copy":
            self._count("archive/copies")

    def fail(self, reason: str) -> None:
        """Stop the crawl for a fault of the archive; the exit code will say so."""
        if self.failure is None:
            self.failure = reason
            logger.error("the archive cannot be written, the crawl stops: %s", reason)
            assert self.crawler.engine is not None
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="archive-error"))

    # --- signals ----------------------------------------------------------------------------------------------------

    async def spider_opened(self) -> None:
        """Open the archive, or close the crawl before its first request."""
        try:
            await asyncio.to_thread(self._open)
        except Exception as error:
            self.failure = str(error)
            logger.exception("the archive cannot be opened, the crawl does not begin")
            raise CloseSpider("archive-error") from error
        self.timer = asyncio.create_task(self._publish_now_and_then())

    async def spider_closed(self, reason: str) -> None:
        """Publish, report, and leave the outcome for the command."""
        if self.timer:
            self.timer.cancel()
            await asyncio.gather(self.timer, return_exceptions=True)
        try:
            unpublished = await asyncio.to_thread(self._close)
        except Exception as error:
            self.failure = self.failure or str(error)
            logger.exception("the segment could not be closed; it stays in the spool and is mended at the next start")
            unpublished = 1
        report = self._report(reason, unpublished)
        code = judge(report, broken=self.failure is not None)
        report["exit_code"] = code.value
        try:
            await asyncio.to_thread(self.publisher.write_report, report)
        except StoreError as error:
            logger.warning("the report waits in the spool: %s", error)
        self.catalog.close()
        self.outcome = Outcome(code, summary_line(report, code))

    # --- in a thread ------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        store, settings = self.destination.store, self.crawler.settings
        self.catalog.catch_up(store, [self.outlet], self.window)
        for recovered in recover(self.destination.spool, store, outlets=[self.outlet], reread=self._read_unseen):
            logger.warning("%s", recovered)
        self.publisher.publish_sealed([self.outlet])
        self.writer = SegmentWriter(
            self.destination.spool,
            collection=settings["COLLECTION"],
            outlet=self.outlet,
            crawl=self.crawl,
            warcinfo=warcinfo(self.crawler, self.crawl),
            max_bytes=settings.getint("SEGMENT_MAX_BYTES"),
            max_age_seconds=settings.getfloat("SEGMENT_MAX_SECONDS"),
        )

    def _read_unseen(self, capture: Capture) -> list[Article]:
        return [article for article in read_again(capture) if not self.seen(article.id)]

    def _close(self) -> int:
        if self.writer is not None:
            self.writer.close()
        published = self.publisher.publish_sealed([self.outlet])
        for failure in published.failures:
            logger.error("not published yet, the segment waits in the spool: %s", failure)
        return published.waiting

    async def _publish_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self.publish_every)
            try:
                assert self.writer is not None
                self.writer.roll_if_due()
                published = await asyncio.to_thread(self.publisher.publish_sealed, [self.outlet])
            except Exception as error:  # noqa: BLE001  whatever it is, a crawl that cannot publish must not go on blindly
                self.fail(str(error))
                return
            for failure in published.failures:
                logger.warning("not published yet, it will be tried again: %s", failure)

    # --- telling ----------------------------------------------------------------------------------------------------

    def _report(self, reason: str, unpublished: int) -> dict[str, Any]:
        assert self.crawler.stats is not None
        return build_report(
            self.crawler.stats.get_stats(),
            outlet=self.outlet,
            crawl=self.crawl,
            started=self.started,
            finished=datetime.now(UTC),
            finish_reason=reason,
            unpublished=unpublished,
        )

    def _count(self, key: str) -> None:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(key)


class KeepPipeline:
    """The last step of an article's way: its line goes into the segment."""

    def __init__(self, archive: ArchiveExtension) -> None:
        self.archive = archive

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the crawl's archive."""
        return cls(crawler.get_extension(ArchiveExtension))

    def process_item(self, item: Article) -> Article:
        """Write the line. Raises what the disk raises, after the crawl was told to stop."""
        try:
            self.archive.keep(item)
        except OSError as error:
            self.archive.fail(str(error))
            raise
        return item
