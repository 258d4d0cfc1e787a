"""The Scrapy extension that opens the archive before a crawl, publishes while it goes on, and tells about it at its end."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.exceptions import CloseSpider

from archive.files import DamagedState, Unreadable, is_full
from archive.manifests.lease import LeaseHeld, LeaseLost
from archive.manifests.manifest import as_outlet
from archive.spool.spool import SpoolBusy
from archive.store import Store, StoreError, StoreUnavailable
from crawlers.configuration import Destination, process_of_crawl, refusal
from crawlers.frontier.backfill import patiently
from crawlers.monitoring.outcomes import CrawlOutcomes
from crawlers.monitoring.postcrawl import PostCrawlChecks, report_sections
from crawlers.monitoring.report import build_report, judge, summary_line, text_of
from crawlers.monitoring.stats import Symptoms
from crawlers.session.background import (
    DISK_FULL,
    Background,
    Deadline,
    DiskFullGuard,
    in_thread,
    in_time,
    last,
    outlast_reactor,
)
from crawlers.session.provenance import resource_records_of, warcinfo
from crawlers.session.session import LocalArchive
from crawlers.signals import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Self

    from scrapy.crawler import Crawler

    from archive.article import Article, RecordPointer
    from archive.catalog import Catalog
    from archive.warc.message import Exchange
    from pipelines.syndication import Piece, Placed

# ---------------------------------------------------------------------------------------------------------------------
# The report of a crawl that is over: its stats, its extensions' sections, its drift; and the cases that the drift
# leaves.


def report_of(crawler: Crawler, crawl: str, started: datetime, *, reason: str, unpublished: int) -> dict[str, Any]:
    """Return a crawl's report as far as the crawl itself knows it.

    Args:
        crawler: the crawl.
        crawl: its id.
        started: when it began.
        reason: why it ended, as Scrapy names it.
        unpublished: segments that wait in the spool.
    """
    assert crawler.stats is not None
    return build_report(
        crawler.stats.get_stats(),
        outlet=as_outlet(crawler.spidercls.name),
        crawl=crawl,
        started=started,
        finished=datetime.now(UTC),
        finish_reason=reason,
        unpublished=unpublished,
        sections=report_sections(crawler.extensions.middlewares) if crawler.extensions else {},
        regular=is_regular(crawler.spider),
    )


def look_back(crawler: Crawler, checks: PostCrawlChecks, report: dict[str, Any]) -> None:
    """Judge the drift into the report and keep the pages that raised an alarm; reads the store, so it belongs into a thread."""
    earlier = checks.earlier(report["outlet"])
    report["drift"] = checks.judge(report, earlier)
    report["unusual"] += checks.unusual(report, earlier or ())
    symptoms = crawler.get_extension(Symptoms)
    report["cases"] = [path.name for path in checks.keep_cases(report, symptoms.samples if symptoms else {})]


def is_regular(spider: Any) -> bool:
    """Say whether a crawl was of what is announced now; other days and pages may well look different."""
    arguments = getattr(spider, "arguments", None)
    return arguments is not None and not (arguments.bounded or arguments.urls)


# --- How a crawl ended, for the process that ran it ------------------------------------------------------------------

BUSY = (SpoolBusy, LeaseHeld, LeaseLost)  # the outlet is another crawl's


@dataclass(frozen=True, slots=True)
class Outcome:
    """The exit code, one line that says the same in words, the report as lines."""

    code: ExitCode
    summary: str
    text: str


def code_of(report: Mapping[str, Any], failure: Exception | None) -> ExitCode:
    """Return the exit code of a crawl from its report and from what went wrong with the archive, if something did."""
    if isinstance(failure, BUSY):
        return ExitCode.BUSY
    if isinstance(failure, StoreUnavailable) and not is_full(failure):  # while it opened: later ones are waited out
        return ExitCode.UNAVAILABLE
    return ExitCode.FULL if is_full(failure) else judge(report, broken=failure is not None)


# ---------------------------------------------------------------------------------------------------------------------
# The opening of a crawl's archive: in a thread, for it may have much to mend and to learn, and ended in time by a
# signal.
# spider_opened ─▶ patiently ─▶ LocalArchive.open                          a signal ─▶ STOP_SECONDS more, then the thread is left to itself
# spider_closed ─▶ is_over?  no: the caches are that thread's, nobody else touches them

logger = logging.getLogger(__name__)


class Opening:
    """Opens one archive once.

    Args:
        crawler: the crawl; its settings say how large and how old a segment may become, and how long another is waited for.
        archive: what is opened.
        deadline: how long that may take.
    """

    def __init__(self, crawler: Crawler, archive: LocalArchive, deadline: Deadline) -> None:
        self.crawler, self.archive, self.deadline = crawler, archive, deadline
        self._doing: asyncio.Future[None] | None = None

    async def open(self, crawl: str) -> bool:
        """Open the archive for a crawl; False where the deadline ended first. Raises what `LocalArchive.open` raises."""
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
        if not await in_time(self._doing, self.deadline):
            logger.warning("no time is left to open the archive: the next start does what is to be done")
            return False
        self._doing.result()
        return True

    async def is_over(self) -> bool:
        """Wait until no thread opens the archive any more; False where one still does when the deadline ends."""
        return self._doing is None or await in_time(self._doing, self.deadline)


# ---------------------------------------------------------------------------------------------------------------------
# The crawl's archive: opened before the first request, published while the crawl goes on, told about at its end.
#     spider_opened   `crawlers.session.extension`                    (or the crawl does not begin)
#     each exchange   write_exchange ──▶ segment            each article   pipelines.store ──▶ keep ──▶ segment
#     a full disk     what does not fit waits in `crawlers.session.background`
#     now and then    `crawlers.session.background`: roll what is due, publish it; the crawl never waits for a store
#     spider_closed   outcomes ▸ resources ▸ LocalArchive.close ▸ report ▸ exit code
#
# An archive error is not a bad page: it stops the crawl, and the exit code says so. What was captured stays in the spool.


class ArchiveExtension:
    """Says when the archive is opened, published and closed.

    Args:
        crawler: the crawl.
        archive: this machine's side of the archive.
        watch: looks back on the crawl.
    """

    def __init__(self, crawler: Crawler, archive: LocalArchive, checks: PostCrawlChecks) -> None:
        settings = crawler.settings
        every = settings.getfloat("PUBLISH_EVERY")
        self.crawler = crawler
        self.archive = archive
        self.checks = checks
        self.disk_guard = DiskFullGuard(crawler, settings.getfloat("SPOOL_PATIENCE"), every)
        self.background = Background(archive, every, self.fail)
        self.deadline = Deadline(crawler, settings.getfloat("STOP_SECONDS"))
        self.opening = Opening(crawler, archive, self.deadline)
        self.started = datetime.now(UTC)
        self.crawl = f"{archive.outlet}-{self.started:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
        self.outcomes = CrawlOutcomes(crawler, archive, self.crawl)
        self.section, self.report_section = self.outcomes.section, self.outcomes.report_section  # of the report
        self.failure: Exception | None = None
        self.outcome: Outcome | None = None
        self._process = process_of_crawl()
        self._closing: asyncio.Future[None] | None = None
        self._closed = asyncio.Event()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read where everything goes and how far back the caches go."""
        settings = crawler.settings
        with refusal():
            destination = Destination.from_settings(settings)
            destination.check()
        spider, outlet = crawler.spidercls.name, as_outlet(crawler.spidercls.name)
        if outlet != spider:
            logger.info("the archive knows the spider %r as the outlet %s", spider, outlet)
        archive = LocalArchive(
            destination,
            outlet,
            window=timedelta(days=settings.getint("CATALOG_WINDOW_DAYS")),
            stories_window=timedelta(days=settings.getint("STORIES_WINDOW_DAYS")),
            checkpoint_every=settings.getint("CHECKPOINT_EVERY"),
        )
        extension = cls(crawler, archive, PostCrawlChecks.from_settings(settings, destination))
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.engine_started, signal=signals.engine_started)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    # --- what the crawl asks for (`pipelines.store.ArchiveSession`) -----------------------------------------------

    @property
    def outlet(self) -> str:
        """Return the outlet that is crawled."""
        return self.archive.outlet

    @property
    def store(self) -> Store:
        """Return the archive's store."""
        return self.archive.destination.store

    @property
    def spool(self) -> Path:
        """Return the folder in front of the archive."""
        return self.archive.destination.spool

    @property
    def catalog(self) -> Catalog:
        """Return what the archive holds, as this machine remembers it."""
        return self.archive.catalog

    def seen(self, article_id: str) -> bool:
        """Say whether the archive holds an article of this id."""
        return self.archive.seen(article_id)

    def identity(self, article_id: str, canonical_url: str) -> str:
        """Return the id under which the archive holds the article of this address: its own, or that of its first address."""
        return self.archive.identity(article_id, canonical_url)

    def newest(self, article_id: str) -> Article | None:
        """Return the newest version of an article that the archive holds."""
        return self.archive.newest(article_id)

    def last_version(self, article_id: str) -> int:
        """Return the highest number of a version that the archive holds of an article."""
        return self.archive.last_version(article_id)

    async def write_exchange(self, exchange: Exchange) -> RecordPointer:
        """Write an exchange into the segment; raises ``OSError`` where it cannot be."""
        return await self.disk_guard.write(lambda: self.archive.write_exchange(exchange))

    async def place(self, piece: Piece) -> Placed:
        """Place an article among the stories. Raises `DamagedState` where their index is, after the crawl was told to stop."""
        try:
            return await self.disk_guard.write(lambda: self.archive.stories.place(piece))
        except DamagedState as error:  # else each article from here on would be lost by itself
            self.fail(error)
            raise

    async def write_story(self, line: str) -> None:
        """Write what an article taught about an earlier one."""
        await self.disk_guard.write(lambda: self.archive.writer.write_story(line))

    async def keep(self, article: Article) -> None:
        """Write an article's line into the segment."""
        article.crawl = self.crawl
        await self.disk_guard.write(lambda: self.archive.writer.write_article(article))
        self._count(article)

    def hold(self, article: Article) -> None:
        """Write an article's line into the segment later."""
        article.crawl = self.crawl
        self.archive.writer.hold_article(article)
        self._count(article)

    async def let_go(self, article: Article) -> None:
        """Write the line of an article that is held."""
        await self.disk_guard.write(lambda: self.archive.writer.let_go(article))

    def _count(self, article: Article) -> None:
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
            close = DISK_FULL if is_full(self.failure) else "archive-error"
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=close))

    async def spider_opened(self) -> None:
        """Open the archive, or close the crawl before its first request."""
        outlast_reactor(self._closed)
        try:
            if not await self.opening.open(self.crawl):
                return  # `engine_started` ends what a signal has stopped
        except Exception as error:
            self.failure = error
            expected = isinstance(error, (StoreError, DamagedState, Unreadable, *BUSY))
            logger.error("the crawl does not begin: %s", error, exc_info=not expected)  # noqa: TRY400  said in full where it is a surprise
            raise CloseSpider("archive-error") from error
        self.background.start()

    async def engine_started(self) -> None:
        """End a crawl that a signal has stopped while it opened: Scrapy stops only what has started."""
        if not self.crawler.crawling:
            assert self.crawler.engine is not None
            await self.crawler.engine.stop_async()

    async def spider_closed(self, reason: str) -> None:
        """Publish, report, and leave the outcome for the command; after a signal, in STOP_SECONDS."""
        try:
            await self._close(reason)
        finally:
            is_published = self.failure is None and self.outcome and self.outcome.code != ExitCode.UNPUBLISHED
            if self._process is not None and not is_published:
                self._process.bootstrap_failed = True  # Scrapy's own `crawl` ends with 1
            self._closed.set()

    async def _close(self, reason: str) -> None:
        await self.background.stop()
        waiting = await self._publish(reason)
        report = report_of(self.crawler, self.crawl, self.started, reason=reason, unpublished=waiting)
        await self._in_time(partial(look_back, self.crawler, self.checks, report))
        code = code_of(report, self.failure)
        report["exit_code"] = code.value
        await self._in_time(partial(self.archive.release, report))
        self.outcome = Outcome(code, summary_line(report, code), text_of(report))
        await asyncio.to_thread(self.checks.notify, report, self.outcome.summary)

    async def _publish(self, reason: str) -> int:
        if not await self.opening.is_over():
            return 0  # the crawl has captured nothing
        await self._in_time(partial(self.outcomes.close, reason))
        resources = list(resource_records_of(self.crawler, self.crawl))
        waiting = await self._in_time(partial(self.archive.close, resources))
        return 1 if waiting is None else waiting

    async def _in_time(self, act: Callable[[], int | None]) -> int | None:
        """Do one of the last things; None where it was not done: the spool has it."""
        if not await self.opening.is_over():
            return None
        result, error = await last(act, self.deadline)
        self.failure = self.failure or error
        return result
