"""The crawl's archive: opened before the first request, published while the crawl goes on, told about at its end.

    spider_opened   LocalArchive.open                     (or the crawl does not begin)
    each exchange   write_exchange ──▶ segment            each article   pipelines.keeping ──▶ keep ──▶ segment
    now and then    roll what is due ▸ publish it, in a thread; the crawl never waits for a store
    spider_closed   outcomes ▸ papers ▸ LocalArchive.close ▸ report ▸ exit code

An archive error is not a bad page: it stops the crawl, and the exit code says so. What was captured stays in the spool.
"""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import CloseSpider

from archive.lease import LeaseHeld, LeaseLost
from archive.spool import SpoolBusy
from archive.store import StoreError
from crawlers.conclusion import look_back, report_of
from crawlers.crawl_papers import papers_of
from crawlers.destination import Destination
from crawlers.exit_codes import ExitCode
from crawlers.local_archive import LocalArchive
from crawlers.outcome_signals import CrawlOutcomes
from crawlers.papers import warcinfo
from crawlers.report import judge, summary_line
from crawlers.report_text import text_of
from crawlers.watching.watch import Watch

if TYPE_CHECKING:
    from typing import Any, Self

    from scrapy.crawler import Crawler

    from archive.article import Article, RecordPointer
    from archive.exchange import Exchange
    from pipelines.syndication import Stories

logger = logging.getLogger(__name__)

BUSY = (SpoolBusy, LeaseHeld, LeaseLost)  # the outlet is another crawl's


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the crawl went, for the process that ran it: exit code, one line, the report as lines."""

    code: ExitCode
    summary: str
    text: str


class ArchiveExtension:
    """Says when the archive is opened, published and closed.

    Args:
        crawler: the crawl.
        archive: this machine's side of the archive.
        watch: looks back on the crawl.
        publish_every: seconds between two looks at what can be published.
    """

    def __init__(self, crawler: Crawler, archive: LocalArchive, watch: Watch, publish_every: float) -> None:
        self.crawler = crawler
        self.archive = archive
        self.watch = watch
        self.publish_every = publish_every
        self.started = datetime.now(UTC)
        self.crawl = f"{archive.outlet}-{self.started:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
        self.stories: Stories = archive.stories
        self.outcomes = CrawlOutcomes(crawler, archive, self.crawl)
        self.chapter, self.tell = self.outcomes.chapter, self.outcomes.tell  # of the report
        self.failure: Exception | None = None
        self.outcome: Outcome | None = None
        self._tasks: list[asyncio.Future[None]] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read ARCHIVE_URI, SPOOL_DIR, CATALOG_WINDOW_DAYS, STORIES_WINDOW_DAYS, CHECKPOINT_EVERY and PUBLISH_EVERY."""
        settings = crawler.settings
        destination = Destination.from_settings(settings)
        destination.check()
        archive = LocalArchive(
            destination,
            crawler.spidercls.name,
            window=timedelta(days=settings.getint("CATALOG_WINDOW_DAYS")),
            stories_window=timedelta(days=settings.getint("STORIES_WINDOW_DAYS")),
            checkpoint_every=settings.getint("CHECKPOINT_EVERY"),
        )
        watch = Watch.from_settings(settings, destination)
        extension = cls(crawler, archive, watch, settings.getfloat("PUBLISH_EVERY"))
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    # --- what the crawl asks for ------------------------------------------------------------------------------------

    def seen(self, article_id: str) -> bool:
        """Say whether the archive holds an article of this id."""
        return self.archive.seen(article_id)

    def newest(self, article_id: str) -> Article | None:
        """Return the newest version of an article that the archive holds."""
        return self.archive.newest(article_id)

    def write_exchange(self, exchange: Exchange) -> RecordPointer:
        """Write an exchange into the segment; raises ``OSError`` where it cannot be."""
        return self.archive.write_exchange(exchange)

    def write_story(self, line: str) -> None:
        """Write what an article taught about an earlier one."""
        self.archive.writer.write_story(line)

    def keep(self, article: Article) -> None:
        """Write an article's line into the segment."""
        article.crawl = self.crawl
        self.archive.writer.write_article(article)
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value("archive/articles")
        if article.version > 1:
            self.crawler.stats.inc_value("archive/versions")
        if article.story and article.story.role == "copy":
            self.crawler.stats.inc_value("archive/copies")

    def fail(self, reason: str | Exception) -> None:
        """Stop the crawl for a fault of the archive; the exit code will say so."""
        if self.failure is None:
            self.failure = reason if isinstance(reason, Exception) else RuntimeError(reason)
            logger.error("the archive cannot be written, the crawl stops: %s", reason)
            assert self.crawler.engine is not None
            self._tasks.append(asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="archive-error")))

    async def spider_opened(self) -> None:
        """Open the archive, or close the crawl before its first request."""
        settings = self.crawler.settings
        try:
            await asyncio.to_thread(
                self.archive.open,
                crawl=self.crawl,
                collection=settings["COLLECTION"],
                warcinfo=warcinfo(self.crawler, self.crawl),
                max_bytes=settings.getint("SEGMENT_MAX_BYTES"),
                max_age=settings.getfloat("SEGMENT_MAX_SECONDS"),
            )
        except Exception as error:
            self.failure = error
            expected = isinstance(error, (StoreError, *BUSY))
            logger.error("the crawl does not begin: %s", error, exc_info=not expected)  # noqa: TRY400  said in full where it is a surprise
            raise CloseSpider("archive-error") from error
        self._tasks.append(asyncio.create_task(self._publish_now_and_then()))

    async def spider_closed(self, reason: str) -> None:
        """Publish, report, and leave the outcome for the command."""
        for task in self._tasks[:1]:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        try:
            self.outcomes.close(reason)
            unpublished = await asyncio.to_thread(self.archive.close, list(papers_of(self.crawler, self.crawl)))
        except Exception as error:
            self.failure = self.failure or error
            logger.exception("the segment could not be closed; it stays in the spool and is mended at the next start")
            unpublished = 1
        report = report_of(self.crawler, self.crawl, self.started, reason=reason, unpublished=unpublished)
        await asyncio.to_thread(look_back, self.crawler, self.watch, report)
        code = self._code(report)
        report["exit_code"] = code.value
        try:
            await asyncio.to_thread(self.archive.release, report)
        except StoreError as error:
            logger.warning("the report waits in the spool: %s", error)
        self.outcome = Outcome(code, summary_line(report, code), text_of(report))
        await asyncio.to_thread(self.watch.tell, report, self.outcome.summary)

    async def _publish_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self.publish_every)
            try:
                self.archive.writer.roll_if_due()
                await asyncio.to_thread(self.archive.renew)
                await asyncio.to_thread(self.archive.publish)
            except Exception as error:  # noqa: BLE001  whatever it is, a crawl that cannot publish must not go on blindly
                self.fail(error)
                return

    def _code(self, report: dict[str, Any]) -> ExitCode:
        return ExitCode.BUSY if isinstance(self.failure, BUSY) else judge(report, broken=self.failure is not None)
