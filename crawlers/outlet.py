"""The one spider behind every outlet: asks its sources, fetches what they announce, reads what comes back.

    start ──▶ sources ──▶ announcements ──▶ [incremental: seen? twice? enough?] ──▶ article pages ──▶ read ──▶ Article
                                     └── a feed with the whole text ─────────────────────────────────────▲

An outlet's file says WHO: addresses, sources, reading. Nothing in it is code; an odd outlet overrides one named method.
"""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urljoin

from scrapy import Request, Spider, signals
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawlers.addresses import Announcement, day_of, write_announcement
from crawlers.arguments import Arguments, parse_arguments
from crawlers.extraction import ExtractionError, ExtractionRules, Page, read
from crawlers.extraction.page_checks import OtherLanguage
from crawlers.extraction.page_context import content_type_of, page_of
from crawlers.frontier.conditional import NOT_MODIFIED, Untouched, read_state
from crawlers.politeness.breaker import WALLS, wall_read
from crawlers.politeness.robots import RefusedByRobots, RobotsMiddleware
from crawlers.session.shutdown import CrawlStopped, Shutdown
from crawlers.signals import page_chosen, page_ended, page_of_request, source_empty
from crawlers.sources import RobotsSitemap, Source, SourceAnswer, SourceError, ways_in
from crawlers.sources.base import absolute
from crawlers.sources.sitemap import MOST_NAMED, SourceCut

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from archive.article import Article
    from crawlers.addresses import Address, AddressRules

# --- What Scrapy loses without a word, or under a name that says nothing ---------------------------------------------
# redirect ──▶ scheduler: asked before ──▶ dropped, no callback, no errback ──RedirectLosses──▶ the request's errback
#          └─▶ of `any`, to another outlet ──▶ a crawl of its own ──▶ not asked here ────────────▲
# errback  ──▶ reason_of(error) ──▶ article/failed/<reason>
# an exception that nobody foresaw, while a page, a source or an entry is read ──Faults──▶ faults/<name>, its traceback once

logger = logging.getLogger(__name__)


class RedirectLoop(IgnoreRequest):
    """A redirect led back to an address of its own chain."""

    reason: ClassVar[str] = "redirect-loop"


class RedirectedToKnown(IgnoreRequest):
    """A redirect led to a page that this crawl had asked for already."""

    reason: ClassVar[str] = "redirect-to-known"


def reason_of(error: BaseException | None) -> str:
    """Return the name under which an article that could not be fetched is counted: a status, or what went wrong."""
    if isinstance(error, HttpError):
        return str(error.response.status)
    if isinstance(error, DownloadCancelledError):
        return "too-large"
    if str(error) == "max redirections reached":
        return RedirectLoop.reason
    return str(getattr(error, "reason", type(error).__name__))


class RedirectedElsewhere(IgnoreRequest):
    """A redirect led to another outlet."""

    reason: ClassVar[str] = "redirect-elsewhere"


class RedirectLosses:
    """Tells the errback of a redirected request that it is dropped, so that the loss is counted there.

    A redirect from a page of an outlet that nobody declared to another outlet is dropped: what robots.txt of that one says, its
    lease and its segments are another crawl's (`OutletSpider.elsewhere`).
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen for dropped requests."""
        extension = cls(crawler)
        crawler.signals.connect(extension.request_dropped, signal=signals.request_dropped)
        crawler.signals.connect(extension.request_scheduled, signal=signals.request_scheduled)
        return extension

    def request_scheduled(self, request: Request, spider: Spider) -> None:
        """Drop a request that leads from a page of an undeclared outlet to another outlet. Raises `RedirectedElsewhere`."""
        chain = request.meta.get("redirect_urls")
        if not (chain and isinstance(spider, OutletSpider) and spider.zone) or spider.addresses.owns(request.url):
            return
        error = RedirectedElsewhere(f"{chain[0]} leads to {request.url}")
        spider.elsewhere[request.url] = chain[0]
        self._lose(request, error)
        raise error

    def request_dropped(self, request: Request) -> None:
        """Call the errback of a request that a redirect made; what it yields (another way in) is crawled."""
        chain = request.meta.get("redirect_urls")
        if not chain or request.errback is None:
            return
        error = RedirectLoop if request.url in chain else RedirectedToKnown
        self._lose(request, error(f"{chain[0]} leads to {request.url}"))

    def _lose(self, request: Request, error: IgnoreRequest) -> None:
        failure = Failure(error)  # type: ignore[no-untyped-call]
        failure.request = request  # type: ignore[attr-defined]
        assert self.crawler.engine is not None
        for other in (request.errback(failure) if request.errback else None) or ():
            self.crawler.engine.crawl(other)


_LOOKED_AT = 4 * 4096  # bytes at most of the letters in which Scrapy looks for the tag


class MetaRefresh(MetaRefreshMiddleware):
    """Scrapy's, for pages in which the word stands: it decodes each page whole to look for one tag."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # without a spider
        """Follow a page's own redirect."""
        beginning = response.body[:_LOOKED_AT]
        if b"refresh" not in beginning.lower() and b"\0" not in beginning:  # as UTF-16 has it
            return response
        followed: Request | Response = super().process_response(request, response)
        return followed


class Faults:
    """Counts the program's own faults; the traceback of each place goes into the log once, however many pages meet it.

    Args:
        crawler: for its stats.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._told: set[tuple[str, str, int | None]] = set()

    def tell(self, error: Exception, what: str) -> str:
        """Count ``error``, log it with a sentence on what was lost, and return the name under which that is counted."""
        name = type(error).__name__
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(f"faults/{name}")
        place = traceback.extract_tb(error.__traceback__)[-1:]
        key = (name, place[0].filename if place else "", place[0].lineno if place else None)
        is_new = key not in self._told
        self._told.add(key)
        logger.error("%s: %s: %s", what, name, error, exc_info=error if is_new else None)
        return name


# --- The requests of an outlet's spider: for a source, for an article's page -----------------------------------------

SOURCES_FIRST = 1000
"""Requests of this priority or a higher one ask sources: before all articles, one at a time (`crawlers.politeness.queue`)."""

_FIRST_TURN, _STEP = 1_000_000, 10  # a step leaves room for what Scrapy adds to a redirect and takes from a retry


def priority_of(turn: int) -> int:
    """Return the priority of the turn-th way in, counted from 0; what its answers lead to has the same, so that its turn ends first."""
    return max(_FIRST_TURN - _STEP * turn, SOURCES_FIRST)


def source_request(  # noqa: PLR0913  each is a fact of its own
    spider: OutletSpider, source: Source, url: str, *, priority: int, page: int = 1, stamp: str | None = None
) -> Request:
    """Return the request for a source's answer.

    Args:
        spider: whose callbacks read it.
        source: the source.
        url: where it is asked.
        priority: see `priority_of`.
        page: the how-manieth answer in a row it is.
        stamp: when the answer changed last, as an index says it.
    """
    return Request(
        url,
        callback=spider.parse_source,
        errback=spider.source_failed,
        cb_kwargs={"source": source, "page": page},
        priority=priority,
        meta={
            "via": {"kind": source.kind, "hops": "L" * (page - 1)},
            "further_page": page > 1,
            "stamp": stamp,
        },
    )


def article_request(spider: OutletSpider, announcement: Announcement, address: Address | None, url: str) -> Request:
    """Return the request for an announced article's page; its announcement goes along into the capture's metadata."""
    return Request(
        url,
        callback=spider.parse_article,
        errback=spider.article_failed,
        cb_kwargs={"announcement": announcement},
        meta={
            "via": via(announcement),
            "article_id": address.id if address else None,
            "day": address.day if address else None,
            **({"canonical_url": address.canonical_url} if address else {}),
        },
    )


def via(announcement: Announcement) -> dict[str, str]:
    """Return how a page was found, as the capture's metadata record tells it."""
    return {
        "kind": announcement.kind,
        "url": announcement.source,
        "hops": "L",
        "announcement": write_announcement(announcement),
    }


def _without_scheme(url: str) -> str:
    return Request(url).url.partition("://")[2]


# --- The one spider behind every outlet: asks its sources, fetches what they announce, reads what comes back ---------
#     start ──▶ sources ──▶ announcements ──▶ [incremental: seen? twice? enough?] ──▶ article pages ──▶ read ──▶ Article
#                                      └── a feed with the whole text ─────────────────────────────────────▲
#
# An outlet's file says WHO: addresses, sources, reading. Nothing in it is code; an odd outlet overrides one named method.

PAST_PAGES = 100  # times as many pages of a listing are read where days long past are asked for


class OutletSpider(Spider):
    """A spider whose subclasses are declarations.

    Attributes:
        addresses: how the outlet's URLs are read.
        sources: where it announces, best first: the first channel to announce an article is the one it is fetched from.
        reading: what is peculiar about its pages.
        faults: counts what nobody foresaw.
        read_whole: source URL → validators of its answer, where that left no further question and no failed article.
        zone: of an outlet that nobody declared (`crawlers.frontier.any_outlet`), whose pages are read by no rules of its own.
        elsewhere: address at another outlet to which a page of such an outlet redirects → the page's.
    """

    zone: ClassVar[str | None] = None
    addresses: ClassVar[AddressRules]
    sources: ClassVar[tuple[Source, ...]]
    reading: ClassVar[ExtractionRules]
    faults: Faults

    def __init__(self, arguments: Arguments, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.arguments = arguments
        self.read_whole: dict[str, dict[str, str | None]] = {}
        self.elsewhere: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *_args: Any, **kwargs: Any) -> Self:
        """Build the spider from its ``-a`` arguments. Raises `ArgumentError` with a sentence where one is wrong."""
        days = crawler.settings.getint("CRAWL_WINDOW_DAYS")
        spider = cls(parse_arguments(kwargs, addresses=cls.addresses, window_days=days))
        spider._set_crawler(crawler)
        spider.faults = Faults(crawler)
        return spider

    @classmethod
    def handles_request(cls, request: Request) -> bool:
        """Say whether an address is one of the outlet's, for `scrapy parse`, `fetch` and `shell`, which choose a spider by it."""
        return cls.addresses.owns(request.url)

    async def start(self) -> AsyncIterator[Any]:
        """Ask the sources, or fetch the articles that were asked for by URL."""
        for url in self.arguments.urls:
            self._tell(page_chosen, page=url)
            yield article_request(self, Announcement(kind="argument", source=url, url=url, zone=self.zone), None, url)
        if not self.arguments.urls:
            by_day = self.arguments.is_past and self.settings.getbool("YIELDS")
            for turn, (source, url) in enumerate(ways_in(self.sources, self.arguments.window, by_day=by_day)):
                yield source_request(self, source, url, priority=priority_of(turn))
            if not (by_day and any(source.by_day(self.arguments.window) for source in self.sources)):
                async for request in self._sitemaps_of_robots():
                    yield request

    async def _sitemaps_of_robots(self) -> AsyncIterator[Request]:
        """Ask, after all declared sources, the sitemaps that robots.txt of their hosts names and that are none of them."""
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        if robots is None:
            return
        declared = [url for source in self.sources for url in source.start(self.arguments.window)]
        roots = dict.fromkeys(urljoin(url, "/").rstrip("/") for url in declared if self.addresses.owns(url))
        asked = {_without_scheme(url) for url in declared}
        for root in roots:
            named = [url for address in await robots.sitemaps(root) if (url := absolute(f"{root}/", address))]
            new = {key: url for url in named if (key := _without_scheme(url)) not in asked}
            asked |= new.keys()
            for turn, url in enumerate(list(new.values())[:MOST_NAMED], len(declared)):
                yield source_request(self, RobotsSitemap(url), url, priority=priority_of(turn))
            if len(new) > MOST_NAMED:
                self._count(f"source/cut/{RobotsSitemap.kind}")
                logger.warning("robots.txt of %s names %d sitemaps; %d are asked", root, len(new), MOST_NAMED)

    # --- sources ----------------------------------------------------------------------------------------------------

    def parse_source(self, response: Response, source: Source, page: int) -> Iterator[Any]:
        """Turn a source's answer into article requests, articles (full-text feeds) and further questions."""
        assert response.request is not None
        if response.status == NOT_MODIFIED:
            self._count(f"source/unchanged/{source.kind}")
            return
        try:
            announced = source.read(response.body, response.url, self.arguments.window, content_type_of(response))
        except SourceError as error:
            yield from self._dead_source(source, response.request, str(error))
            return
        except Exception as error:  # noqa: BLE001  a source that breaks the reading is dead, and the others are asked
            name = self.faults.tell(error, f"the {source.kind} {response.url} could not be read")
            yield from self._dead_source(source, response.request, name)
            return
        self._count(f"source/answered/{source.kind}")
        self._count(f"source/announced/{source.kind}", len(announced.announcements))
        if announced.nowhere:
            self._count("announced/no-address", announced.nowhere)
        if announced.fault:
            yield from self._incomplete_source(source, response.request, announced.fault)
        if not announced.announcements and not announced.more:
            self._count(f"source/empty/{source.kind}")
            self._tell(source_empty, request=response.request)
            logger.warning("%s announces nothing: %s", source.kind, response.url)
        stopping = self.crawler.get_extension(Shutdown)
        for announcement in announced.announcements:
            if stopping is not None and stopping.is_wanted:
                return
            yield from self._follow(announcement, response, source)
        if announced.announcements and not announced.more and not announced.fault:
            self.read_whole[response.url] = read_state(response)
        yield from self._ask_further(announced, source, response.request, page)

    def _ask_further(self, announced: SourceAnswer, source: Source, request: Request, page: int) -> Iterator[Request]:
        """Ask what an answer leads to, while that can hold an article of the days asked for."""
        if not announced.more or not self._reaches_window(announced):
            return
        if page >= source.pages * (PAST_PAGES if self.arguments.is_past else 1):
            self._count(f"source/cut/{source.kind}")
            return
        for url in announced.more:
            stamp = announced.stamps.get(url)
            try:
                further = source_request(self, source, url, priority=request.priority, page=page + 1, stamp=stamp)
            except ValueError as error:  # no address at all
                self._count(f"source/dead/{source.kind}")
                logger.warning("%s names what is no address (%s): %s", source.kind, error, request.url)
                continue
            yield further

    def _follow(self, announcement: Announcement, response: Response, source: Source) -> Iterator[Request | Article]:
        """Follow one entry; where that breaks, the others are followed all the same."""
        try:
            yield from self.follow_announcement(announcement, response, full_text=source.full_text)
        except Exception as error:  # noqa: BLE001  one entry never decides over all
            name = self.faults.tell(error, f"an entry of {response.url} could not be followed: {announcement.url}")
            self._count(f"article/failed/{name}")
            self._count(f"source/incomplete/{source.kind}")
            address = self.addresses.classify(announcement.url)
            page = address.id if address else announcement.url
            self._tell(page_ended, page=page, outcome="failed", reason=name, url=announcement.url)

    def source_failed(self, failure: Failure) -> Iterator[Any]:
        """Count a dead source, warn, and try its other way in. The crawl goes on with the other sources."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if isinstance(failure.value, SourceCut):
            return  # told once for all sitemaps of its index
        if isinstance(failure.value, CrawlStopped):
            return
        if isinstance(failure.value, Untouched):
            self._count(f"source/untouched/{request.cb_kwargs['source'].kind}")
            return
        yield from self._dead_source(request.cb_kwargs["source"], request, failure.getErrorMessage())

    def follow_announcement(
        self, announcement: Announcement, response: Response, *, full_text: bool
    ) -> Iterator[Request | Article]:
        """Yield what an announcement leads to: a request for its page, or the article itself where the source sent it."""
        address = self.addresses.classify(announcement.url)
        if address is None:
            self._count("announced/not-an-article")
        elif not self._may_be_of_window(announcement, address):
            self._count("announced/outside-window")
        elif full_text and announcement.text and address.kind != "live":  # its entries stand in the page alone
            yield from self._read_item(announcement, address, response)
        else:
            yield self._page_request(announcement, address)

    def _may_be_of_window(self, announcement: Announcement, address: Address) -> bool:
        """Say whether an article may be of the days asked for: by the day in its address, else by when it was touched last."""
        window = self.arguments.window
        touched = day_of(announcement.modified)
        # what was last touched before the window cannot have appeared in it
        return window.covers(address.day or (touched and min(touched, window.until)))

    def _read_item(
        self, announcement: Announcement, address: Address, response: Response
    ) -> Iterator[Request | Article]:
        """Read a feed's item that carries the whole text; where that makes no article, its page may."""
        page = page_of(response, announcement, with_body=False)
        try:
            article = read(page, reading=self.reading, addresses=self.addresses)
        except OtherLanguage:
            yield from self._read(page, response, address.id)
        except ExtractionError as error:
            self._count(f"source/unreadable-item/{error.reason}")
            logger.info("an item without an article (%s), so its page is asked for: %s", error.reason, announcement.url)
            yield self._page_request(announcement, address)
        except Exception as error:  # noqa: BLE001  the page is another way to the article
            name = self.faults.tell(error, f"an item could not be read, so its page is asked for: {announcement.url}")
            self._count(f"source/unreadable-item/{name}")
            yield self._page_request(announcement, address)
        else:
            yield from self._judge(article, response, address.id)

    def _page_request(self, announcement: Announcement, address: Address) -> Request:
        return article_request(self, announcement, address, self.addresses.best_url(announcement.url, address))

    def _reaches_window(self, announced: SourceAnswer) -> bool:
        """Say whether a listing's next page can still hold an article of the days asked for."""
        addresses = [self.addresses.classify(announcement.url) for announcement in announced.announcements]
        days = [address.day for address in addresses if address]
        return not days or any(map(self.arguments.window.covers, days))

    # --- articles ---------------------------------------------------------------------------------------------------

    def parse(self, response: Response) -> Iterator[Article]:
        """Read a page that was asked for by its address alone, as `scrapy parse` does."""
        announcement = Announcement(kind="argument", source=response.url, url=response.url)
        yield from self._read(page_of(response, announcement, with_body=True), response, response.url)

    def parse_article(self, response: Response, announcement: Announcement) -> Iterator[Article]:
        """Read an article's page."""
        asked_for = response.meta["article_id"] or announcement.url
        yield from self._read(page_of(response, announcement, with_body=True), response, asked_for)

    def article_failed(self, failure: Failure) -> None:
        """Count an announced article that could not be fetched, by reason; not one that a signal kept from being asked for."""
        if isinstance(failure.value, CrawlStopped):
            return
        error, reason = failure.value, reason_of(failure.value)
        request: Request = failure.request  # type: ignore[attr-defined]
        kind = "refused" if isinstance(error, RefusedByRobots) else "failed"
        self._count(f"article/{kind}/{reason}")
        self._tell(page_ended, page=page_of_request(request), outcome=kind, reason=reason)
        self.read_whole.pop(request.cb_kwargs["announcement"].source, None)
        logger.warning("not fetched (%s): %s", reason, request.url)

    def _read(self, page: Page, response: Response, asked_for: str) -> Iterator[Article]:
        try:
            article = read(page, reading=self.reading, addresses=self.addresses)
        except ExtractionError as error:
            self._count(f"article/unreadable/{error.reason}")
            self._tell(page_ended, page=asked_for, outcome="unreadable", reason=error.reason, response=response)
            if error.reason in WALLS:
                self._tell(wall_read, response=response, reason=error.reason)
            logger.warning("no article (%s): %s", error.reason, page.url)
            return
        except Exception as error:  # noqa: BLE001  a page that breaks the reading is a counted one
            name = self.faults.tell(error, f"{page.url} could not be read")
            self._count(f"article/failed/{name}")
            self._tell(page_ended, page=asked_for, outcome="failed", reason=name, response=response)
            if page.announcement is not None:
                self.read_whole.pop(page.announcement.source, None)
            return
        yield from self._judge(article, response, asked_for)

    def _judge(self, article: Article, response: Response, asked_for: str) -> Iterator[Article]:
        """Pass an article on, unless it is of other days than those asked for."""
        article.warc = response.meta.get("warc")
        if "cached" in response.flags:
            article.flags.append("cached")
        if self.arguments.bounded and article.published and not self.arguments.window.covers(article.published.date()):
            self._count("article/outside-window")
            self._tell(page_ended, page=asked_for, outcome="outside-window")
            return
        yield article

    def _incomplete_source(self, source: Source, request: Request, fault: str) -> Iterator[Request]:
        """Count an answer that may have held more than was read, warn, and try the source's other way in."""
        self._count(f"source/incomplete/{source.kind}")
        logger.warning("%s is not whole (%s): %s", source.kind, fault, request.url)
        yield from self._other_ways(source, request)

    def _dead_source(self, source: Source, request: Request, reason: str) -> Iterator[Request]:
        self._count(f"source/dead/{source.kind}")
        logger.warning("%s does not answer as one (%s): %s", source.kind, reason, request.url)
        yield from self._other_ways(source, request)

    def _other_ways(self, source: Source, request: Request) -> Iterator[Request]:
        asked = request.meta.get("redirect_urls", [request.url])[0]
        is_start = asked in {Request(url).url for url in source.start(self.arguments.window)}
        others = source.by_day(self.arguments.window) if is_start else []
        yield from (source_request(self, source, other, priority=request.priority) for other in others)

    def _count(self, key: str, count: int = 1) -> None:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(key, count)

    def _tell(self, signal: object, **details: Any) -> None:
        self.crawler.signals.send_catch_log(signal, **details)
