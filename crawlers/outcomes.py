"""What becomes of every page that a crawl hears of: announced by which channels, and one outcome each.

    announced ─▶ page ──┬─ seen                            the archive has it
    (middleware)        ├─ tried                           in vain, and it is too early to try again
                        ├─ over-limit, unfinished          chosen or not, never fetched
                        └─ refused, failed, unreadable,    fetched or tried ──signals──▶ became()
                           dropped, outside-window, kept
    looked at again ─▶ look ── unchanged, changed, missing, vanished, …   told at once, so that a killed crawl looks at nothing twice

At the end of the crawl it is told in lines of `archive.reader.jsonl`: a page where it is new or a channel of it is, a sweep for the days.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from scrapy.exceptions import NotConfigured

from archive.reader.jsonl import event_line
from crawlers.frontier.ages import is_another_day
from pipelines.store import ArchiveSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scrapy.crawler import Crawler

    from archive.article import RecordPointer
    from crawlers.sources import Window

GONE = frozenset({"soft-404", "home-page"})  # refusals of the reading that mean: the article is not there any more
STANDS = frozenset({"unchanged", "changed", "kept", "moved"})  # outcomes of an article that can be read
ENOUGH = 2  # witnesses who say that an article is gone; one alone has to say it again on another day


@dataclass(slots=True)
class Page:
    """An announced page. ``day`` is the best guess of when it was published, until the page says it."""

    url: str
    day: date | None = None
    published: datetime | None = None
    channels: frozenset[str] = frozenset()
    outcome: str = "unfinished"
    reason: str | None = None
    at: datetime | None = None


@dataclass(slots=True)
class Look:
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


class Outcomes:
    """Gathers outcomes; the pure part of the extension.

    Args:
        outlet: the outlet.
        crawl: id of the crawl.
        emit: takes an event's line that is to be written now.
        clock: gives the time, aware UTC.
    """

    chapter = "coverage"

    def __init__(
        self,
        outlet: str,
        crawl: str,
        emit: Callable[[str], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.outlet, self.crawl, self.emit, self.clock = outlet, crawl, emit, clock
        self.pages: dict[str, Page] = {}
        self.looks: dict[str, Look] = {}
        self.looked: Counter[str] = Counter()

    def announced(self, article_id: str, url: str, channel: str, day: date | None) -> None:
        """Note that a channel announces an article."""
        page = self.pages.setdefault(article_id, Page(url))
        page.channels = _with(page.channels, channel)
        page.day = page.day or day

    def passed_over(self, article_id: str, outcome: str) -> None:
        """Note that an announced article is not fetched: ``seen``, ``tried`` or ``over-limit``."""
        self.pages[article_id].outcome = outcome

    def looking(self, article_id: str, look: Look) -> None:
        """Note that an article is looked at again."""
        self.looks[article_id] = look

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
        look = self.looks.pop(article_id, None)
        if look is not None:
            return self._tell(article_id, look, "changed" if outcome == "kept" else outcome, reason, witnesses)
        page = self.pages.setdefault(article_id, Page(""))
        if page.outcome != "kept":  # a page may be read twice, from a feed and by itself; what is kept is kept
            page.outcome, page.reason, page.at = outcome, reason, self.clock()
        page.published = page.published or published
        return page.outcome

    def tell(self) -> dict[str, Any]:
        """Return the report's chapter: pages by channel and by outcome, reasons, looks by outcome; each page once."""
        pages = self.pages.values()
        return {
            "announced": len(self.pages),
            "channels": dict(sorted(Counter(kind for page in pages for kind in page.channels).items())),
            "outcomes": dict(sorted(Counter(page.outcome for page in pages).items())),
            "reasons": dict(sorted(Counter(f"{p.outcome}/{p.reason}" for p in pages if p.reason).items())),
            "looks": dict(sorted(self.looked.items())),
        }

    def lines(self, known_channels: Callable[[str], set[str]]) -> Iterator[str]:
        """Yield the lines of the pages that are to be told: all but those seen before by the same channels."""
        now = self.clock()
        for article_id, page in self.pages.items():
            if page.outcome in {"seen", "tried"} and page.channels <= known_channels(article_id):
                continue
            at = page.at or now
            yield self._line(
                "page",
                at,
                id=article_id,
                url=page.url or article_id,
                channels=sorted(page.channels),
                day=f"{(page.published.date() if page.published else page.day) or at.date()}",
                published=page.published,
                outcome=page.outcome,
                reason=page.reason,
            )

    def sweep_line(self, window: Window, sources: dict[str, dict[str, int]], *, complete: bool) -> str:
        """Return the line that says which days were asked about."""
        days = {"since": f"{window.since}", "until": f"{window.until}"}
        return self._line("sweep", self.clock(), **days, complete=complete, sources=sources)

    def returned(self, article_id: str, url: str, warc: RecordPointer | None) -> None:
        """Tell that an article which was told as vanished can be read again."""
        self.emit(self._line("returned", self.clock(), id=article_id, url=url, warc=_pointer(warc)))

    def _tell(self, article_id: str, look: Look, outcome: str, reason: str | None, witnesses: int) -> str:
        now = self.clock()
        if outcome == "unreadable" and reason in GONE:
            outcome = "vanished"
        is_sure = look.gone or witnesses >= ENOUGH or (look.missed is not None and is_another_day(look.missed, now))
        if outcome == "vanished" and not is_sure:
            outcome = "missing"
        self.looked[outcome] += 1
        about: dict[str, Any] = {"id": article_id, "url": look.url}
        if outcome == "vanished" and not look.gone:
            warc = _pointer(look.warc)
            self.emit(self._line("vanished", now, **about, reason=reason, to=look.to, warc=warc))
        if look.gone and outcome in STANDS:
            self.returned(article_id, look.url, look.warc)
        moved = {"to": look.to} if outcome == "moved" else {}
        self.emit(self._line("look", now, **about, outcome=outcome, reason=reason, **moved))
        return outcome

    def _line(self, event: str, at: datetime, **said: Any) -> str:
        return event_line(event, outlet=self.outlet, crawl=self.crawl, at=at, **said)


def _pointer(warc: RecordPointer | None) -> dict[str, Any] | None:
    return {name: getattr(warc, name) for name in warc.__slots__} if warc else None


@cache
def _with(channels: frozenset[str], channel: str) -> frozenset[str]:
    """Return the channels and one more: the same object for all pages that the same channels announce."""
    return channels | {channel}


def day_of(said: str | None) -> date | None:
    """Return the day that an announcement's own words for its time name, None where they are no ISO 8601 or RFC 5322."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read((said or "").strip())
        except (ValueError, TypeError, IndexError):
            continue
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    return None


@runtime_checkable
class RecordedSession(ArchiveSession, Protocol):
    """A session with the archive that keeps the outcomes of a crawl's pages.

    Attributes:
        outcomes: the book of them.
    """

    outcomes: Outcomes


def recorded_session_of(crawler: Crawler) -> RecordedSession:
    """Return the crawl's session with its outcomes. Raises ``NotConfigured`` where no extension is one."""
    session = crawler.get_extension(RecordedSession)  # type: ignore[type-abstract]  # any extension that is one
    if session is None:
        raise NotConfigured("no extension keeps the outcomes of pages")
    return session
