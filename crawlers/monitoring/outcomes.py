"""What becomes of every page that a crawl hears of: announced by which channels, and exactly one outcome."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from scrapy import signals
from scrapy.exceptions import NotConfigured

from archive.article import Article
from archive.catalog.tables import channels_of, is_gone
from archive.reader.jsonl import event_line
from archive.reader.scan import Table
from crawlers.frontier.pages import Pages, is_another_day
from crawlers.signals import page_chosen, page_ended, page_of_request
from crawlers.sources import RobotsSitemap
from pipelines.store import ArchiveSession, Reserved
from pipelines.versions import Unchanged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from archive.article import RecordPointer
    from crawlers.session.session import LocalArchive
    from crawlers.sources import Window

# --- Each page in exactly one outcome --------------------------------------------------------------------------------
#     announced ─┬─ seen · over-limit · …     not chosen, and why (crawlers.frontier.incremental)
#                └─ chosen ─┬─ refused · failed                not fetched; or fetched, even read, and broken by it
#                           ├─ unreadable                      fetched, no article
#                           ├─ dropped · outside-window        read, not published
#                           ├─ unchanged                       read, the archive has it word for word
#                           ├─ kept                            its line is in the archive
#                           └─ not-reached                     the crawl ended before
#
# A page is an article's id, or the address asked for where nobody knows the id yet. What is said later of a page counts, for a
# page may fail through one channel and arrive through another; only what the archive has stays what it is.
#
# Who decides on a page sends one of two signals (`crawlers.signals`), the ending with the answer where there was one; the counts by
# step follow from the endings, so they always add up.

PENDING = "not-reached"
SETTLED = frozenset(("kept", "unchanged"))
READ = frozenset(("dropped", "outside-window", "unchanged", "kept"))


class Step(IntEnum):
    """How far a page came: nothing of it, its answer, the article in it."""

    NONE = 0
    FETCHED = 1
    READ = 2


class Ending(NamedTuple):
    """A page's outcome, its reason, how far the page came, and whether it was chosen."""

    outcome: str
    reason: str | None
    step: Step
    chosen: bool

    @property
    def asked(self) -> bool:
        """Say whether the page is one of those that were asked for; a feed's items are read and never chosen."""
        return self.chosen or self.step > Step.NONE


class Outcomes:
    """Keeps the outcome of each page of a crawl; section ``pages``.

    The counts are kept along, for they are asked for twice a second however many pages there are.
    """

    section = "pages"

    def __init__(self) -> None:
        self._pages = Table()  # page → the number of its ending
        self._endings: list[Ending] = []  # one of each, shared by all its pages
        self._numbers: dict[Ending, int] = {}
        self._counts: Counter[Ending] = Counter()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to those who decide on pages."""
        extension = cls()
        crawler.signals.connect(extension.choose, signal=page_chosen)
        crawler.signals.connect(extension.end, signal=page_ended)
        crawler.signals.connect(extension.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(extension.item_dropped, signal=signals.item_dropped)
        crawler.signals.connect(extension.item_error, signal=signals.item_error)
        crawler.signals.connect(extension.spider_error, signal=signals.spider_error)
        return extension

    def choose(self, page: str) -> None:
        """Expect a page."""
        before = self._ending_of(page)
        if before is None or before.outcome not in SETTLED:
            before = Ending(PENDING, None, Step.NONE, chosen=True)
        self._put(page, before._replace(chosen=True))

    def end(self, page: str, outcome: str, reason: str | None = None, response: Response | None = None) -> None:
        """Note how a page's way ended; ``response``: the answer that its request got, if it got one."""
        step = Step.READ if outcome in READ else Step.NONE if response is None else Step.FETCHED
        self._end(page, outcome, reason, step)

    def item_scraped(self, item: Article, response: Response | None) -> None:
        """Note a page that was kept."""
        self._end(_page(item, response), "kept", None, Step.READ)

    def item_dropped(self, item: Article, response: Response | None, exception: BaseException) -> None:
        """Note a page whose article may not be published, or is published already."""
        self._end(_page(item, response), *ending_of_drop(exception), Step.READ)

    def item_error(self, item: Article, response: Response | None, failure: Failure) -> None:
        """Note a page that was read, and on whose article a pipeline broke."""
        self._end(_page(item, response), "failed", type(failure.value).__name__, Step.READ)

    def spider_error(self, response: Response, failure: Failure) -> None:
        """Note a page on which a callback, or what its output passes through, broke."""
        page = page_of_request(response.request) if response.request is not None else None
        if page is not None:
            self._end(page, "failed", type(failure.value).__name__, Step.FETCHED)

    def report_section(self) -> dict[str, Any]:
        """Return the steps, the outcomes and the reasons."""
        outcomes, reasons = Counter[str](), Counter[str]()
        for ending, count in self._counts.items():
            outcomes[ending.outcome] += count
            if ending.reason:
                reasons[f"{ending.outcome}/{ending.reason}"] += count
        return {"steps": self.steps(), "outcomes": dict(+outcomes), "reasons": dict(+reasons)}

    def steps(self) -> dict[str, int]:
        """Return how many pages reached each step of the way."""
        asked, kept = Counter[Step](), 0
        for ending, count in self._counts.items():
            if ending.asked:
                asked[ending.step] += count
                kept += count if ending.outcome == "kept" else 0
        return {
            "announced": len(self._pages),
            "chosen": asked.total(),
            "fetched": asked.total() - asked[Step.NONE],
            "read": asked[Step.READ],
            "kept": kept,
        }

    def _end(self, page: str, outcome: str, reason: str | None, step: Step) -> None:
        before = self._ending_of(page)
        if before is None or outcome in SETTLED or before.outcome not in SETTLED:
            self._put(page, Ending(outcome, reason, step, chosen=before is not None and before.chosen))

    def _ending_of(self, page: str) -> Ending | None:
        number = self._pages.number(page)
        return None if number is None else self._endings[number]

    def _put(self, page: str, ending: Ending) -> None:
        before = self._ending_of(page)
        if before is not None:
            self._counts[before] -= 1
        if ending not in self._numbers:
            self._numbers[ending] = len(self._endings)
            self._endings.append(ending)
        self._pages.put(page, self._numbers[ending])
        self._counts[ending] += 1


def ending_of_drop(exception: BaseException) -> tuple[str, str | None]:
    """Return the outcome, and its reason, of an article that a pipeline dropped; report and events tell the same."""
    if isinstance(exception, Unchanged):
        return "unchanged", None
    return "refused" if isinstance(exception, Reserved) else "dropped", type(exception).__name__


def _page(item: Article, response: Response | None) -> str:
    request = response.request if response is not None else None
    return (page_of_request(request) if request is not None else None) or item.id


# --- What becomes of every page that a crawl hears of: announced by which channels, and one outcome each -------------
#     announced ─▶ page ──┬─ seen                            the archive has it
#     (middleware)        ├─ tried                           in vain, and it is too early to try again
#                         ├─ over-limit, unfinished          chosen or not, never fetched
#                         └─ refused, failed, unreadable,    fetched or tried ──signals──▶ became()
#                            dropped, outside-window, kept
#     looked at again ─▶ look ── unchanged, changed, missing, vanished, …   told at once, so that a killed crawl looks at nothing twice
#
# At the end of the crawl it is told in lines of `archive.reader.jsonl`: a page where it is new or a channel of it is, a sweep for the days.

GONE = frozenset({"soft-404", "home-page"})  # refusals of the reading that mean: the article is not there any more
STANDS = frozenset({"unchanged", "changed", "kept", "moved"})  # outcomes of an article that can be read
ENOUGH = 2  # witnesses who say that an article is gone; one alone has to say it again on another day


@dataclass(slots=True)
class Recheck:
    """Another look at a held article.

    Attributes:
        url: where its newest version was fetched.
        gone: it was told as vanished.
        missed: when the last look found no page, where nothing confirmed that.
        to: where a redirect leads.
        warc: the capture.
    """

    url: str
    gone: bool
    missed: datetime | None = None
    to: str | None = None
    warc: RecordPointer | None = None


class CoverageBook:
    """Gathers outcomes; the pure part of the extension.

    Args:
        outlet: the outlet.
        crawl: id of the crawl.
        emit: takes an event's line that is to be written now.
        clock: gives the time, aware UTC.
    """

    section = "coverage"

    def __init__(
        self,
        outlet: str,
        crawl: str,
        emit: Callable[[str], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.outlet, self.crawl, self.emit, self.clock = outlet, crawl, emit, clock
        self.pages = Pages()
        self.rechecks: dict[str, Recheck] = {}
        self.looked: Counter[str] = Counter()

    def announced(self, article_id: str, url: str, channel: str, day: date | None) -> None:
        """Note that a channel announces an article."""
        page = self.pages.take(self.pages.stated(article_id), url)
        state = self.pages.state(page)
        self.pages.change(page, state._replace(channels=state.channels | {channel}))
        self.pages.date(page, day)

    def renamed(self, announced: str, article_id: str) -> None:
        """Note that a page states a number of its own for what was announced by its address."""
        page, other = self.pages.find(announced), self.pages.find(article_id)
        if page is not None:
            if other is not None:
                state = self.pages.state(page)
                self.pages.change(page, state._replace(channels=state.channels | self.pages.state(other).channels))
            self.pages.rename(page, announced, article_id)
        self.pages.note_stated(announced, article_id)

    def passed_over(self, article_id: str, outcome: str) -> None:
        """Note that an announced article is not fetched: ``seen``, ``tried`` or ``over-limit``."""
        page = self.pages.take(article_id, "")
        self.pages.change(page, self.pages.state(page)._replace(outcome=outcome))

    def recheck_begun(self, article_id: str, recheck: Recheck) -> None:
        """Note that an article is looked at again."""
        self.rechecks[article_id] = recheck

    def became(
        self,
        article_id: str,
        outcome: str,
        reason: str | None = None,
        *,
        published: datetime | None = None,
        witnesses: int = 1,
    ) -> str:
        """Note what became of a page, or of a look, which is told at once, and return the outcome that is told.

        ``witnesses``: so many say that an article has vanished.
        """
        recheck = self.rechecks.pop(article_id, None)
        if recheck is not None:
            return self._tell(article_id, recheck, "changed" if outcome == "kept" else outcome, reason, witnesses)
        page = self.pages.take(article_id, "")
        if (
            self.pages.state(page).outcome != "kept"
        ):  # a page may be read twice, from a feed and by itself; what is kept is kept
            self.pages.end(page, outcome, reason, self.clock())
        self.pages.date(page, None, published)
        return self.pages.state(page).outcome

    def report_section(self) -> dict[str, Any]:
        """Return the report's section: pages by channel, those that it alone announced, outcomes, reasons, looks by outcome; each page once."""
        channels, alone, outcomes, reasons = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
        for state, count in self.pages.states().items():
            channels.update(dict.fromkeys(state.channels, count))
            if len(state.channels) == 1:
                alone.update(dict.fromkeys(state.channels, count))
            outcomes[state.outcome] += count
            if state.reason:
                reasons[f"{state.outcome}/{state.reason}"] += count
        return {
            "announced": outcomes.total(),
            "channels": dict(sorted(channels.items())),
            "alone": dict(sorted(alone.items())),
            "outcomes": dict(sorted(outcomes.items())),
            "reasons": dict(sorted(reasons.items())),
            "looks": dict(sorted(self.looked.items())),
        }

    def lines(self, known_channels: Callable[[str], set[str]]) -> Iterator[str]:
        """Yield the lines of the pages that are to be told: all but those seen before by the same channels."""
        now = self.clock()
        for page in self.pages:
            state = self.pages.state(page)
            if state.outcome in {"seen", "tried"} and state.channels <= known_channels(self.pages.id(page)):
                continue
            at, fields = self.pages.facts(page, now)
            yield self._line("page", at, **fields)

    def sweep_line(self, window: Window, sources: dict[str, dict[str, int]], *, complete: bool) -> str:
        """Return the line that says which days were asked about."""
        days = {"since": f"{window.since}", "until": f"{window.until}"}
        return self._line("sweep", self.clock(), **days, complete=complete, sources=sources)

    def returned(self, article_id: str, url: str, warc: RecordPointer | None) -> None:
        """Tell that an article which was told as vanished can be read again."""
        self.emit(self._line("returned", self.clock(), id=article_id, url=url, warc=_pointer(warc)))

    def moved(self, article_id: str, url: str, to: str | None, warc: RecordPointer | None) -> None:
        """Tell that a held article's address leads to another one of its own."""
        self.emit(self._line("moved", self.clock(), id=article_id, url=url, to=to, warc=_pointer(warc)))

    def _tell(self, article_id: str, recheck: Recheck, outcome: str, reason: str | None, witnesses: int) -> str:
        now = self.clock()
        if outcome == "unreadable" and reason in GONE:
            outcome = "vanished"
        is_sure = (
            recheck.gone or witnesses >= ENOUGH or (recheck.missed is not None and is_another_day(recheck.missed, now))
        )
        if outcome == "vanished" and not is_sure:
            outcome = "missing"
        self.looked[outcome] += 1
        about: dict[str, Any] = {"id": article_id, "url": recheck.url}
        if outcome == "vanished" and not recheck.gone:
            warc = _pointer(recheck.warc)
            self.emit(self._line("vanished", now, **about, reason=reason, to=recheck.to, warc=warc))
        if outcome == "moved":
            self.moved(article_id, recheck.url, recheck.to, recheck.warc)
        if recheck.gone and outcome in STANDS:
            self.returned(article_id, recheck.url, recheck.warc)
        moved = {"to": recheck.to} if outcome == "moved" else {}
        self.emit(self._line("look", now, **about, outcome=outcome, reason=reason, **moved))
        return outcome

    def _line(self, event: str, at: datetime, **fields: Any) -> str:
        return event_line(event, outlet=self.outlet, crawl=self.crawl, at=at, **fields)


def _pointer(warc: RecordPointer | None) -> dict[str, Any] | None:
    return {name: getattr(warc, name) for name in warc.__slots__} if warc else None


@runtime_checkable
class RecordedSession(ArchiveSession, Protocol):
    """A session with the archive that keeps the outcomes of a crawl's pages.

    Attributes:
        outcomes: the book of them.
    """

    outcomes: CoverageBook


def recorded_session_of(crawler: Crawler) -> RecordedSession:
    """Return the crawl's session with its outcomes. Raises ``NotConfigured`` where no extension is one."""
    session = crawler.get_extension(RecordedSession)  # type: ignore[type-abstract]  # any extension that is one
    if session is None:
        raise NotConfigured
    return session


# ---------------------------------------------------------------------------------------------------------------------
# The crawl's signals, turned into outcomes (`crawlers.monitoring.outcomes`), and the outcomes into lines of the last segment.
# item_scraped ─▶ kept        item_dropped ─▶ unchanged, dropped       item_error, spider_error ─▶ failed
# page_ended   ─▶ seen, tried, over-limit, refused, failed, unreadable, outside-window

PASSED_OVER = frozenset(("seen", "tried", "over-limit"))
SOURCES = ("answered", "unchanged", "untouched", "dead", "cut", "incomplete")
_HALF = frozenset(("dead", "cut", "incomplete"))
_TOGETHER = 500  # lines: a write for each page would be half of what the end of a crawl of half a million costs


class CrawlOutcomes(CoverageBook):
    """The outcomes of a crawl; the section ``coverage`` of its report.

    Args:
        crawler: the crawl.
        archive: takes the lines; its catalog knows the channels that were heard to announce an article.
        crawl: id of the crawl.
    """

    def __init__(self, crawler: Crawler, archive: LocalArchive, crawl: str) -> None:
        super().__init__(archive.outlet, crawl, archive.write_event)
        self.crawler, self.archive = crawler, archive
        for handler, signal in (
            (self.item_scraped, signals.item_scraped),
            (self.item_dropped, signals.item_dropped),
            (self.item_error, signals.item_error),
            (self.spider_error, signals.spider_error),
            (self.page_ended, page_ended),
        ):
            crawler.signals.connect(handler, signal=signal)

    def item_scraped(self, item: object) -> None:
        """It is in the segment; another project's item (`crawlers.addon`) is no page that was announced."""
        if isinstance(item, Article):
            self._stands(item)
            self.became(item.id, "kept", published=item.published)
            page = self.pages.find(item.id)
            if page is not None:  # asked for by its address, which nobody announced
                self.pages.reach(page, item.url)

    def item_dropped(self, item: object, exception: Exception) -> None:
        """A pipeline dropped it, by name."""
        if not isinstance(item, Article):
            return
        outcome, reason = ending_of_drop(exception)
        if outcome == "unchanged":
            self._stands(item)
        self.became(item.id, outcome, reason, published=item.published)

    def _stands(self, item: Article) -> None:
        """Tell what was told as vanished, and was read although nobody looked after it; a look tells it itself."""
        if item.id not in self.rechecks and is_gone(self.archive.catalog, item.id):
            self.returned(item.id, item.url, item.warc)

    def item_error(self, item: object, failure: Failure) -> None:
        """A pipeline broke over it; over another project's item it is counted alone."""
        name = self._fault(failure)
        if isinstance(item, Article):
            self.became(item.id, "failed", name)

    def spider_error(self, failure: Failure, response: Response) -> None:
        """A callback, or what its output passes through, broke over it."""
        name = self._fault(failure)
        if article_id := response.meta.get("article_id"):
            self.became(article_id, "failed", name)

    def _fault(self, failure: Failure) -> str:
        """Count a fault that Scrapy has logged with its traceback, and return its name."""
        name = type(failure.value).__name__
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(f"faults/{name}")
        self.crawler.stats.inc_value(f"article/failed/{name}")
        return name

    def page_ended(self, page: str, outcome: str, reason: str | None = None, url: str = "") -> None:
        """It is not chosen, or there is no article in it; an address of which nobody knows the article is passed over."""
        if outcome in PASSED_OVER:
            self.passed_over(page, outcome)
        elif "://" not in page:
            self.became(page, outcome, reason)
            number = self.pages.find(page)
            if number is not None:
                self.pages.reach(number, url)

    def close(self, reason: str) -> None:
        """Write the lines that end a crawl: its pages, and the days that it asked about where it asked sources."""
        lines = self.lines(partial(channels_of, self.archive.catalog))
        while some := list(islice(lines, _TOGETHER)):
            self.emit("\n".join(some))
        arguments = getattr(self.crawler.spider, "arguments", None)
        assert self.crawler.stats is not None
        if arguments is not None and not arguments.urls:
            stats = self.crawler.stats.get_stats()
            sources = sources_of(stats)
            is_whole = reason == "finished" and heard_to_the_end(sources) and not stats.get("choice/over-limit")
            self.emit(self.sweep_line(arguments.window, sources, complete=is_whole))


def heard_to_the_end(sources: Mapping[str, Mapping[str, int]]) -> bool:
    """Say whether some declared source answered, none was dead, left at its limit of pages, or itself not whole.

    What robots.txt alone names is asked besides: an archive without end or a sitemap that is gone would leave every day open.
    """
    names = {name for kind, counts in sources.items() if kind != RobotsSitemap.kind for name in counts}
    return bool(names) and not names & _HALF


def sources_of(stats: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Return kind of source → how often it answered, was unchanged, untouched, dead, cut at its limit of pages, or not whole."""
    sources: dict[str, dict[str, int]] = {}
    for name in SOURCES:
        prefix = f"source/{name}/"
        for key, count in sorted(stats.items()):
            if key.startswith(prefix):
                sources.setdefault(key.removeprefix(prefix), {})[name] = count
    return sources
