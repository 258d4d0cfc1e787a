"""Choosing what to fetch: minus what the archive knows, minus what this crawl has already, up to the limit.

    announced ─┬─ seen        the catalog knows the article; not fetched until it is due again
               ├─ tried       its page was asked for in vain, and it is too early to try again (`relook`)
               ├─ duplicate   another channel announced it in this crawl
               ├─ over-limit  -a limit=N is reached
               └─ chosen      fetched

A listing is followed to its next page only while the page before brought something new; where days long past are asked for, as
far as it reaches.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.exceptions import NotConfigured

from archive.article import Article
from archive.catalog.tables import tries_of
from archive.reader.scan import Table, number_of
from archive.text import fold, fold_label
from crawlers.addresses import day_of
from crawlers.frontier.pages import may_try, read_ages
from crawlers.monitoring.outcomes import recorded_session_of
from crawlers.signals import page_chosen, page_ended, source_read
from crawlers.sources import RobotsSitemap
from pipelines.versions import MOVED, Earlier, is_number_of_another, is_numbered, is_same

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import date
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.signalmanager import SignalManager
    from scrapy.statscollectors import StatsCollector

    from crawlers.addresses import Announcement
    from crawlers.monitoring.outcomes import CoverageBook

_OPENING = 8  # words


class IncrementalSpiderMiddleware:
    """Lets through what is new.

    Args:
        stats: the crawl's stats; counts stand under ``choice/``.
        tell: the crawl's signals, for `page_chosen` and `page_ended`.
        seen: says whether the archive holds an article of this id.
        identity: gives the id under which it holds the article of an address.
        by_address: gives the id of an article by its address alone, None where it is no article's.
        headline_of: gives the headline of what the archive holds under an id.
        newest: gives that itself, from the archive.
        limit: the most articles to choose, None for all.
        outcomes: is told of every announcement.
        may_try: says whether a page may be asked for, after what became of it in earlier crawls.
        is_past: the days asked for are over; a page without news says nothing of the next one.
    """

    def __init__(  # noqa: PLR0913  each is a fact of its own
        self,
        stats: StatsCollector,
        tell: SignalManager,
        seen: Callable[[str], bool],
        limit: int | None,
        outcomes: CoverageBook,
        *,
        identity: Callable[[str, str], str],
        by_address: Callable[[str], str | None],
        headline_of: Callable[[str], str | None],
        newest: Callable[[str], Article | None],
        may_try: Callable[[str], bool],
        is_past: bool,
    ) -> None:
        self.stats = stats
        self.tell = tell
        self.seen = seen
        self.identity = identity
        self.by_address = by_address
        self.headline_of = headline_of
        self.newest = newest
        self.limit = limit
        self.outcomes = outcomes
        self.may_try = may_try
        self.is_past = is_past
        self.met, self.taken = Table(), 0  # ids that were chosen or known; how many were chosen
        self.read, self.headlines, self.openings = (
            Table(),
            Table(),
            Table(),
        )  # id of an article ▸ key of the one it was asked for under, of its headline, of its first words

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the catalog from the session with the archive and the limit from the spider's arguments."""
        arguments = getattr(crawler.spider, "arguments", None)
        if arguments is None:
            raise NotConfigured
        session = recorded_session_of(crawler)
        assert crawler.stats is not None
        ages = read_ages(crawler.settings.getlist("RELOOK_AGES"))

        def is_due(article_id: str) -> bool:
            return may_try(tries_of(session.catalog, article_id), ages, datetime.now(UTC))

        def by_address(url: str) -> str | None:
            address = crawler.spider.addresses.classify(url)  # type: ignore[union-attr]
            return None if address is None else str(address.id)

        def headline_of(article_id: str) -> str | None:
            seen = session.catalog.seen(article_id)
            return None if seen is None else seen.headline

        told = (crawler.stats, crawler.signals, session.seen, arguments.limit, session.outcomes)
        return cls(
            *told,
            identity=session.identity,
            by_address=by_address,
            headline_of=headline_of,
            newest=lru_cache(maxsize=1)(session.newest),  # a template's one number is asked for at every page
            may_try=is_due,
            is_past=arguments.is_past,
        )

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Pass on what is chosen, and the next page of a listing only where this one brought news."""
        source = response.request.cb_kwargs.get("source") if response.request is not None else None
        is_source = source is not None
        choices: list[bool] = []
        news = False
        asked_for = response.meta.get("article_id")
        async for entry in result:
            is_read = isinstance(entry, Article) and not is_source  # what a page told: nothing announces it
            article_id = None if is_read else self.announced_as(entry)
            if is_source and article_id is not None:
                url, kind, day = _announced(entry)
                is_robots = isinstance(source, RobotsSitemap)
                self.outcomes.announced(article_id, url, RobotsSitemap.kind if is_robots else kind, day)
                outcome = self.choose(article_id)
                news = news or outcome != "duplicate"
                choices.append(outcome == "chosen")
                if choices[-1]:
                    if self.is_read_already(entry, article_id):
                        continue
                    self.name(entry, article_id)
                    page = entry.id if isinstance(entry, Article) else article_id  # a feed's item bears its own by now
                    self.tell.send_catch_log(page_chosen, page=page)
                    yield entry
            elif self.is_read_already(entry, asked_for):
                continue
            elif isinstance(entry, Article):
                self.follow_move(entry, response.meta.get("redirect_urls"))
                self.name(entry, asked_for)
                yield entry
            elif any(choices) or not choices or self.is_past or not _is_next_page(entry):
                yield entry
        if is_source:
            self.tell.send_catch_log(source_read, request=response.request, news=news)

    def announced_as(self, entry: object) -> str | None:
        """Return the id, by its address or as the archive holds it, of an article or of the request for its page, which then bears it."""
        if isinstance(entry, Article):
            return self.identity(self.by_address(entry.canonical_url) or entry.id, entry.canonical_url)
        if isinstance(entry, Request) and "canonical_url" in entry.meta:
            entry.meta["article_id"] = self.identity(entry.meta["article_id"], entry.meta["canonical_url"])
            return str(entry.meta["article_id"])
        return entry.meta.get("article_id") if isinstance(entry, Request) else None

    def is_read_already(self, entry: object, asked_for: str | None) -> bool:
        """Say whether this crawl has read the article at another address; the next crawl keeps that, too.

        A page that names another's address or number as its own under another headline is wrong about it, and keeps the id by its
        address.
        """
        if not isinstance(entry, Article) or asked_for is None:
            return False
        if self.is_of_another(entry, asked_for):
            self.stats.inc_value("choice/id-of-another")
            entry.id = asked_for
        name, asked = entry.id.encode(), number_of(asked_for)
        first = self.read.number(name)
        if first is None:
            self.read.put(name, asked)
            self.headlines.put(name, number_of(fold_label(entry.headline)))
            if is_numbered(entry):
                self.openings.put(name, _opening(entry))
        if first in {None, asked}:
            return False
        self.stats.inc_value("choice/duplicate")
        self.tell.send_catch_log(page_ended, page=asked_for, outcome="dropped", reason="same-number")
        return True

    def is_of_another(self, article: Article, asked_for: str) -> bool:
        """Say whether a page gives itself the address or number of an article with another headline, read in this crawl or held.

        Under a number the text must be another, too: a feed has a headline of its own, and an article may get a new one with an address.
        """
        if article.id == asked_for or (article.id.rpartition(":")[2].isdecimal() and not is_numbered(article)):
            return False
        name, headline = article.id.encode(), number_of(fold_label(article.headline))
        read, opening = self.headlines.number(name), self.openings.number(name)
        if read is not None:
            return read != headline and (opening is None or opening != _opening(article))
        known = self.headline_of(article.id)
        if known is None or number_of(fold_label(known)) == headline:
            return False
        held = self.newest(article.id) if is_numbered(article) else None
        return held is None or is_number_of_another(article, Earlier.of(held))

    def name(self, entry: object, asked_for: str | None = None) -> None:
        """Give an article that has moved the id under which the archive holds it.

        ``asked_for``: the id by its address under which the article's page was announced; the page itself may state another.
        """
        if not isinstance(entry, Article):
            return
        known = self.identity(entry.id, entry.canonical_url)
        if known != entry.id:
            if known != asked_for:  # else an archive of before the page's own number was the id
                entry.flags.append(MOVED)
            entry.id = known
        if asked_for is not None and asked_for != entry.id:
            self.outcomes.renamed(asked_for, entry.id)

    def follow_move(self, article: Article, redirects: list[str] | None) -> None:
        """Give an article to which the address of a held one redirects that one's id, where it is the same; tell that it moved."""
        asked = redirects[0] if redirects else ""
        held = self.by_address(asked) if asked else None
        if held is None or held == article.id or self.headline_of(held) is None:
            return
        if self.seen(self.identity(article.id, article.canonical_url)):
            return
        known = self.newest(held)
        if known is not None and is_same(article, known):
            article.id = held
            article.flags.append(MOVED)
            self.outcomes.moved(held, asked, article.url, article.warc)

    def choose(self, article_id: str) -> str:
        """Return ``chosen`` where the article is to be fetched, and else why not; count it."""
        outcome = self._outcome(article_id)
        self.stats.inc_value(f"choice/{outcome}")
        if outcome not in {"chosen", "duplicate"}:
            self.tell.send_catch_log(page_ended, page=article_id, outcome=outcome)
        return outcome

    def _outcome(self, article_id: str) -> str:
        if article_id in self.met:  # also what several channels announce is counted as seen once
            return "duplicate"
        outcome = "seen" if self.seen(article_id) else "chosen" if self.may_try(article_id) else "tried"
        if outcome == "chosen" and self.limit is not None and self.taken >= self.limit:
            return "over-limit"
        self.met.add(article_id)
        self.taken += outcome == "chosen"
        return outcome


def _announced(entry: Any) -> tuple[str, str, date | None]:
    """Return address, kind of source and, as well as is known, day of an article that a source announced."""
    if isinstance(entry, Article):
        return entry.url, entry.discovered.kind, entry.published.date() if entry.published else None
    announcement: Announcement = entry.cb_kwargs["announcement"]
    return entry.url, announcement.kind, entry.meta.get("day") or day_of(announcement.published)


def _opening(article: Article) -> int:
    return number_of(fold(" ".join(article.text.split(maxsplit=_OPENING)[:_OPENING])))


def _is_next_page(entry: object) -> bool:
    return isinstance(entry, Request) and bool(entry.meta.get("further_page"))
