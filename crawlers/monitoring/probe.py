"""A few live pages, fetched as politely as a crawl and kept nowhere: for those who look after an outlet's reading."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from lxml import html
from lxml.cssselect import CSSSelector
from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest, UsageError

from archive.text import fold_label
from crawlers.addresses import Announcement, canonical_path, is_aside, path_of, registered_domain, shape_of
from crawlers.arguments import parse_arguments
from crawlers.configuration import ConfigurationError, check_asking
from crawlers.extraction import Page
from crawlers.extraction.fields import HOMES
from crawlers.extraction.html import Document, text_of
from crawlers.extraction.page_context import content_type_of
from crawlers.politeness.robots import RefusedByRobots, RobotsMiddleware
from crawlers.sources import Feed, JsonListing, SectionPages, Sitemap, SourceError, Window, listing_of
from crawlers.sources.base import absolute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

    from lxml.etree import _Element
    from scrapy.crawler import CrawlerProcessBase
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawlers.outlet import OutletSpider
    from crawlers.sources import Source


_DAYS = 2
POLITE = {
    "crawlers.politeness.robots.RobotsMiddleware": 100,
    "crawlers.politeness.robots.ContactMiddleware": 500,
    "crawlers.politeness.retry.RetryAfterMiddleware": 550,
    "crawlers.download.content_coding.ContentCodingMiddleware": 590,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
}


class ProbeSpider(Spider):
    """Fetches single pages of an outlet, or the first articles that its sources announce.

    Args:
        outlet: the outlet's spider class.
        urls: pages to fetch; without any, the sources are asked.
        limit: how many articles to fetch.
        pages: filled with what arrived.
        failures: filled with a sentence for what did not.
    """

    name = "probe"
    custom_settings = {  # noqa: RUF012  as Scrapy declares it
        "EXTENSIONS": {},
        "ITEM_PIPELINES": {},
        "SPIDER_MIDDLEWARES": {},
        "DOWNLOADER_MIDDLEWARES": POLITE,
    }

    def __init__(
        self,
        outlet: type[OutletSpider],
        urls: Sequence[str],
        limit: int,
        pages: list[Page],
        failures: list[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.outlet = outlet
        self.urls = urls
        self.limit = limit
        self.pages = pages
        self.failures = failures
        self.window = parse_arguments({}, addresses=outlet.addresses, window_days=_DAYS).window
        self._asked: set[str] = set()

    async def start(self) -> AsyncIterator[Request]:
        """Fetch the pages, or ask each source once."""
        for url in self.urls:
            yield self._page_request(Announcement(kind="argument", source=url, url=url))
        if not self.urls:
            for source in self.outlet.sources:
                for url in source.start(self.window)[:1]:
                    yield Request(url, self.parse_source, errback=self.failed, cb_kwargs={"source": source})

    def parse_source(self, response: Response, source: Source) -> Iterator[Request]:
        """Fetch what the source announces, until there are enough articles."""
        try:
            announced = source.read(response.body, response.url, self.window, content_type_of(response))
        except SourceError as error:
            self.failures.append(f"{source.kind} {response.url}: {error}")
            return
        for announcement in announced.announcements:
            address = self.outlet.addresses.classify(announcement.url)
            if address and address.id not in self._asked and len(self._asked) < self.limit:
                self._asked.add(address.id)
                yield self._page_request(announcement)

    def parse_page(self, response: Response, announcement: Announcement, captured: datetime) -> None:
        """Keep a page for the command."""
        headers = {
            name.decode("latin-1").lower(): b",".join(v).decode("latin-1") for name, v in response.headers.items()
        }
        self.pages.append(
            Page(
                url=response.url,
                captured=captured,
                body=response.body,
                content_type=headers.get("content-type"),
                status=response.status,
                headers=headers,
                announcement=announcement,
            )
        )

    def failed(self, failure: Failure) -> None:
        """Note what did not arrive."""
        request: Request = failure.request  # type: ignore[attr-defined]
        self.failures.append(f"{request.url}: {failure.getErrorMessage()}")

    def _page_request(self, announcement: Announcement) -> Request:
        captured = datetime.now(UTC).replace(microsecond=0)
        arguments = {"announcement": announcement, "captured": captured}
        return Request(announcement.url, self.parse_page, errback=self.failed, cb_kwargs=arguments, dont_filter=True)


def _check(process: CrawlerProcessBase) -> None:
    try:
        check_asking(process.settings)
    except ConfigurationError as error:
        raise UsageError(str(error), print_help=False) from error


def probe(
    process: CrawlerProcessBase, outlet: type[OutletSpider], urls: Sequence[str] = (), limit: int = 1
) -> tuple[list[Page], list[str]]:
    """Fetch pages of an outlet; return them, and a sentence for each that did not arrive.

    Args:
        process: the command's.
        outlet: the outlet's spider class.
        urls: pages to fetch; without any, the first ones that the sources announce.
        limit: how many.

    Raises:
        UsageError: a setting is wrong; nothing was requested.
    """
    _check(process)
    pages: list[Page] = []
    failures: list[str] = []
    process.crawl(ProbeSpider, outlet=outlet, urls=urls, limit=limit, pages=pages, failures=failures)
    process.start()
    return pages, failures


# --- A survey of a site that nobody declared: where it announces, what its addresses look like, some twenty of its pages ---
#     robots.txt ─▶ front page ─▶ sitemaps that robots.txt names, feeds that pages link, sections of the menu ─▶ sample ─▶ `Survey`
#
# Everything is asked for as politely as in a crawl, in turn, and kept nowhere.

logger = logging.getLogger(__name__)

OK = 200
SAMPLE = 20  # articles that are read
_SITEMAPS, _BELOW, _FEEDS, _SECTIONS = 4, 3, 6, 24  # asked for: sitemaps, of an index the newest, feeds, sections
_DAYS = 14
_GUESSED_MAPS = "/sitemap.xml", "/sitemap_index.xml", "/news-sitemap.xml"
_GUESSED_FEEDS = "/rss.xml", "/feed/", "/rss", "/rss.aspx"
_SHORT = 30  # letters of a menu's entry
_LEAST = 3  # articles that a section lists
_LISTINGS, _LONGEST_ADDRESS = 3, 500
_LOADS_MORE = re.compile(r"^(?:https?:/)?/\S*(?:api|json|ajax|load-?more)\S*[?&](?:page|p|offset)=\d", re.IGNORECASE)
_OF_DRUPAL = {"title": "attributes.title", "published": "attributes.created"}
_FEED_TYPES = frozenset(("application/rss+xml", "application/atom+xml"))
_MENU = re.compile(r"menu|nav(?!y)|header|sections", re.IGNORECASE)
_NEXT_WORDS = re.compile(
    r"^\s*(?:(?:الصفحة )?التالي(?:ة)?|الأقدم|المزيد|next(?: page)?|older(?: posts)?)?\s*[›»→>«‹]*\s*$", re.IGNORECASE
)
_NO_SECTION = re.compile(
    r"^/(?:[a-z]{2}/)?(?:about|contact|privacy|polic|terms-|login|register|user|search|keyword-search|rss|feed|advertise|newsletter|subscribe|"
    r"print|pdf|wp-|authors?/|live-?stream|sitemap|apps?$)",
    re.IGNORECASE,
)
_PAGED = re.compile(r"[?&](?:page|p|paged|pg|start|limitstart|offset)=\d+|/page/\d+", re.IGNORECASE)
_NEXT = (
    "a[rel=next]",
    "a[rel~=next]",
    "li.pager__item--next a",
    "a.next",
    "a.next.page-numbers",
    "li.next a",
    ".pager-next a",
    ".pagination-next a",
    ".nav-previous a",
    ".older a",
)


@dataclass(slots=True)
class Section:
    """A page that lists articles.

    Attributes:
        url: its address.
        name: what the menu calls it; the front page has none.
        announced: the articles that it links.
        next: selector of the link to its next page, where it has one that was seen.
    """

    url: str
    name: str | None
    announced: list[Announcement]
    next: str | None = None


@dataclass(slots=True)
class Survey:
    """What was seen of a site.

    Attributes:
        home: the address of its front page, after redirects.
        sitemaps, feeds: address → its announcements; of sitemaps also whether robots.txt names it, of feeds whether a page links it.
        sections: pages that list articles, the front page first.
        listings: listing APIs that the front page or its system names, each with what it announces.
        pages: the sample.
        twins: hosts on which the site serves the same paths.
        refused: addresses that robots.txt closes.
        failures: a sentence for what did not arrive.
    """

    home: str
    sitemaps: dict[str, list[Announcement]] = field(default_factory=dict)
    feeds: dict[str, list[Announcement]] = field(default_factory=dict)
    stated: set[str] = field(default_factory=set)
    sections: list[Section] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    listings: list[tuple[JsonListing, list[Announcement]]] = field(default_factory=list)
    twins: dict[str, int] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def announcements(self) -> list[Announcement]:
        """Return everything that was announced, the best channels first."""
        channels = [
            *self.sitemaps.values(),
            *self.feeds.values(),
            *(entries for _, entries in self.listings),
            *(section.announced for section in self.sections),
        ]
        return [announcement for channel in channels for announcement in channel]

    def owns(self, url: str) -> bool:
        """Say whether an address is the site's."""
        host = urlsplit(url).hostname or ""
        return registered_domain(host) == registered_domain(urlsplit(self.home).hostname or "") or host in self.twins


class SurveySpider(Spider):
    """Looks a site over, one request after another.

    Args:
        survey: filled with what is seen.
    """

    name = "survey"
    custom_settings = {  # noqa: RUF012  as Scrapy declares it
        "EXTENSIONS": {},
        "ITEM_PIPELINES": {},
        "SPIDER_MIDDLEWARES": {},
        "DOWNLOADER_MIDDLEWARES": POLITE,
    }

    def __init__(self, survey: Survey, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.survey = survey
        self.window = Window(*(datetime.now(UTC).date() - timedelta(days=days) for days in (_DAYS, 0)))

    async def start(self) -> AsyncIterator[Any]:
        """Look; there is nothing for Scrapy to schedule."""
        home = await self._ask(self.survey.home)
        if home is None:
            return
        self.survey.home = home.url
        document = Document(_markup(home))
        self.survey.languages.append(document.root.get("lang") or "")
        parts = [part for title in document.texts("title") for part in re.split(r"\s[|–—-]\s|:\s", title)]
        self.survey.titles += [part for part in parts if fold_label(part) not in HOMES][:1]
        await self._read_sitemaps(home.url)
        await self._read_feeds(home.url, _linked_feeds(document, home.url), guess=False)
        await self._read_listings(document, home.url)
        await self._read_sections(home)
        if not self.survey.feeds:
            await self._read_feeds(home.url, [urljoin(home.url, path) for path in _GUESSED_FEEDS], guess=True)
        await self._read_sample()
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request

    async def _ask(self, url: str) -> Response | None:
        """Return the answer where there is one worth reading; note why not."""
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(Request(url, dont_filter=True))
        except RefusedByRobots as error:
            self.survey.refused.append(url)
            self.survey.failures.append(f"{url}: {error}")
            return None
        except Exception as error:  # noqa: BLE001  whatever kept one page from us, the others are asked for
            what = str(error) if isinstance(error, IgnoreRequest) else f"{type(error).__name__} {error}"
            self.survey.failures.append(f"{url}: {what}")
            return None
        if response.status != OK:
            self.survey.failures.append(f"{url}: status {response.status}")
            return None
        return response

    async def _read_sitemaps(self, home: str) -> None:
        named = await self._named(urljoin(home, "/").rstrip("/"))
        for url in (named or [urljoin(home, path) for path in _GUESSED_MAPS])[:_SITEMAPS]:
            found, more = await self._sitemap(url)
            for below in more[:_BELOW]:
                found += (await self._sitemap(below))[0]
            if found or (more and url in named):
                self.survey.sitemaps[url] = found
                self.survey.stated |= {url} & set(named)
            if found and not named:
                return

    async def _named(self, root: str) -> list[str]:
        """Return the sitemaps that robots.txt of a host names."""
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        return await robots.sitemaps(root) if robots is not None else []

    async def _sitemap(self, url: str) -> tuple[list[Announcement], list[str]]:
        """Return what a sitemap announces, and what an index leads to, the newest and what is called news first."""
        response = await self._ask(url)
        if response is None:
            return [], []
        try:
            found = Sitemap(url).read(response.body, response.url, self.window, content_type_of(response))
        except SourceError as error:
            self.survey.failures.append(f"{url}: {error}")
            return [], []
        further = sorted(found.more, key=lambda below: found.stamps.get(below) or "", reverse=True)
        further.sort(key=lambda below: not re.search(r"news|post|article", below))
        return list(found.announcements), further

    async def _read_feeds(self, home: str, urls: Iterable[str], *, guess: bool) -> None:
        for url in list(dict.fromkeys(urls))[:_FEEDS]:
            if url in self.survey.feeds or (guess and self.survey.feeds) or (response := await self._ask(url)) is None:
                continue
            try:
                found = Feed((url,)).read(response.body, response.url, self.window, content_type_of(response))
            except SourceError as error:
                if not guess:
                    self.survey.failures.append(f"{url}: {error}")
                continue
            if found.announcements:
                self.survey.feeds[response.url] = list(found.announcements)
                if not guess:
                    self.survey.stated.add(response.url)
                head = response.body[:4000].decode("utf-8", "replace")
                self.survey.titles += re.findall(r"<title>(?:<!\[CDATA\[)?([^<\]]+)", head)[:1]
                self.survey.languages += re.findall(r"<language>([^<]+)", head)[:1]
        if not guess:
            logger.debug("%d feeds of %s", len(self.survey.feeds), home)

    async def _read_listings(self, document: Document, home: str) -> None:
        """Ask the listing APIs that the front page names, and those of its system."""
        for url, known in list(_apis(document, home).items())[:_LISTINGS]:
            if not self.survey.owns(url) or (response := await self._ask(url)) is None:
                continue
            listing = known or listing_of(response.body, response.url)
            if listing is None:
                continue
            try:
                found = listing.read(response.body, response.url, self.window, content_type_of(response))
            except SourceError as error:
                self.survey.failures.append(f"{url}: {error}")
                continue
            mine = [entry for entry in found.announcements if self.survey.owns(entry.url)]
            if len(mine) >= _LEAST:
                self.survey.listings.append((listing, mine))

    async def _read_sections(self, home: Response) -> None:
        """Read the front page, and what its menu leads to, as far as they list articles."""
        self.survey.sections.append(self._section(home, None))
        feeds = []
        for url, name in list(_menu(_parsed(_markup(home)), home.url).items())[:_SECTIONS]:
            if not self.survey.owns(url) or (response := await self._ask(url)) is None:
                continue
            section = self._section(response, name)
            if len(section.announced) >= _LEAST and section.url not in {other.url for other in self.survey.sections}:
                self.survey.sections.append(section)
                feeds += _linked_feeds(Document(_markup(response)), response.url)
        await self._read_feeds(home.url, feeds, guess=False)

    def _section(self, response: Response, name: str | None) -> Section:
        markup = _markup(response)
        found = SectionPages((response.url,)).read(markup, response.url, self.window, "text/html; charset=utf-8")
        known = {shape_of(path_of(a.url)) for a in self.survey.announcements if a.kind != "section"}
        announced = [
            announcement
            for announcement in found.announcements
            if self.survey.owns(announcement.url)
            and not is_aside(path_of(announcement.url))
            and _is_article_link(announcement, known)
        ]
        return Section(response.url, name, announced, _next_selector(_parsed(markup)))

    async def _read_sample(self) -> None:
        for announcement in _spread(self.survey):
            if len(self.survey.pages) >= SAMPLE:
                return
            captured = datetime.now(UTC).replace(microsecond=0)
            if (response := await self._ask(announcement.url)) is None:
                continue
            page = Page(
                url=response.url,
                captured=captured,
                body=response.body,
                content_type=content_type_of(response),
                announcement=announcement,
            )
            self.survey.pages.append(page)
            self._note_twins(page)

    def _note_twins(self, page: Page) -> None:
        """Note the hosts that a page names as other addresses of the same path."""
        here = urlsplit(page.url)
        for link in Document(page.markup()).by_tag("link"):
            there = urlsplit(absolute(page.url, link.get("href") or "") or "")
            if (
                link.get("rel") == "alternate"
                and link.get("hreflang")
                and canonical_path(there.path) == canonical_path(here.path)
            ):
                host = (there.hostname or "").lower()
                if host and host != (here.hostname or "").lower():
                    self.survey.twins[host] = self.survey.twins.get(host, 0) + 1


def survey_site(process: CrawlerProcessBase, url: str) -> Survey:
    """Look a site over.

    Args:
        process: the command's.
        url: its front page.

    Raises:
        UsageError: a setting is wrong; nothing was requested.
    """
    _check(process)
    survey = Survey(url)
    process.crawl(SurveySpider, survey=survey)
    process.start()
    return survey


def _apis(document: Document, home: str) -> dict[str, JsonListing | None]:
    """Return the addresses of listing APIs: WordPress names its own, Drupal's is where its version has it, «load more» is an attribute."""
    found: dict[str, JsonListing | None] = {}
    for link in document.by_tag("link"):
        if link.get("rel") == "https://api.w.org/" and link.get("href"):
            root = absolute(home, link.get("href") or "") or urljoin(home, "/wp-json/")
            found[f"{root.rstrip('/')}/wp/v2/posts?per_page=20&_fields=id,link,date,title"] = None
    if re.match(r"Drupal (?:[89]|1\d)", document.metas.get("generator", "")):
        url = urljoin(home, "/jsonapi/node/article?sort=-created&page[limit]=20")
        found[url] = JsonListing((url,), "data", "{attributes[path][alias]}", _OF_DRUPAL, next="links.next.href")
    for element in document.all("*"):
        for name, value in element.attrib.items():
            is_asked = (
                str(name).startswith("data-") and _LOADS_MORE.search(str(value)) and len(value) < _LONGEST_ADDRESS
            )
            if is_asked and (more := absolute(home, str(value))):
                found.setdefault(more, None)
    return found


def _markup(response: Response) -> bytes:
    return Page(
        url=response.url, captured=datetime.now(UTC), body=response.body, content_type=content_type_of(response)
    ).markup()


def _linked_feeds(document: Document, base: str) -> list[str]:
    links = [link for link in document.by_tag("link") if link.get("type") in _FEED_TYPES and link.get("href")]
    urls = [absolute(base, link.get("href") or "") for link in links]
    return [url for url in urls if url and not re.search(r"comments?/feed|/comments/", url)]


def _parsed(markup: bytes) -> html.HtmlElement:
    """Return a page with its menus, which `Document` leaves out."""
    parser = html.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True)
    return html.document_fromstring(markup or b"<html></html>", parser=parser, ensure_head_body=True)


def _menu(root: html.HtmlElement, home: str) -> dict[str, str]:
    """Return the sections that the front page links with a short name: those of its menu, or where it has none, all."""
    links = [a for a in root.iter("a") if a.get("href")]
    inside = [a for a in links if any(_is_menu(place) for place in a.iterancestors())]
    found: dict[str, str] = {}
    for link in inside or links:
        url = (absolute(home, link.get("href") or "") or "").partition("#")[0]
        name, path = " ".join(text_of(link).split()), canonical_path(urlsplit(url).path) or "/"
        if (
            (path != "/" or urlsplit(url).query)
            and name
            and len(name) <= _SHORT
            and not _NO_SECTION.search(path)
            and url not in {home, f"{home}/"}
        ):
            found.setdefault(url, name)
    return found


def _is_menu(place: _Element) -> bool:
    said = f"{place.get('class', '')} {place.get('id', '')}"[:200]
    return place.tag in {"nav", "header"} or bool(_MENU.search(said))


def _is_article_link(announcement: Announcement, known: set[tuple[str, ...]]) -> bool:
    """Say whether a link may be an article's: of a shape that feeds or sitemaps announce, or with a headline for its words."""
    shape = shape_of(path_of(announcement.url))
    return shape in known or len(announcement.title or "") >= _SHORT or "id" in shape


def _next_selector(root: html.HtmlElement) -> str | None:
    """Return the selector of the link to a listing's next page: one that most systems write, or after its words or its class."""
    for selector in _NEXT:
        if any(link.get("href") for link in CSSSelector(selector, translator="html")(root)):
            return selector
    for link in root.iter("a"):
        href, words = link.get("href") or "", text_of(link)[:40]
        if _PAGED.search(href) and words.strip() and _NEXT_WORDS.match(words):
            parent = link.getparent()
            wearers = [("a.{}", link), *([(".{} a", parent)] if parent is not None else [])]
            names = [
                form.format(name)
                for form, place in wearers
                for name in place.get("class", "").split()
                if re.fullmatch(r"[A-Za-z][A-Za-z-]*", name)
            ]
            return next((name for name in names if CSSSelector(name, translator="html")(root)[0] is link), None)
    return None


def _spread(survey: Survey) -> Iterator[Announcement]:
    """Yield announcements for the sample: of every section, shape and channel some, each article once."""
    queues: dict[tuple[str, ...], list[Announcement]] = {}
    asked: set[str] = set()
    best: dict[str, Announcement] = {}
    rank = {"feed": 0, "news-sitemap": 1, "api": 2, "sitemap": 3, "section": 4}
    for announcement in sorted(survey.announcements, key=lambda entry: rank.get(entry.kind, 5)):
        best.setdefault(path_of(announcement.url), announcement)
    for path, announcement in best.items():
        if survey.owns(announcement.url) and path != "/" and not is_aside(path):
            queues.setdefault((*shape_of(path), path.partition("?")[0].split("/")[1]), []).append(announcement)
    for turn in zip_longest(*sorted(queues.values(), key=len, reverse=True)):
        for announcement in turn:
            if announcement is not None and announcement.url not in asked:
                asked.add(announcement.url)
                yield announcement
