"""A few live pages, fetched as politely as a crawl and kept nowhere: for those who look after an outlet's reading."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.exceptions import UsageError

from crawlers.addresses import Announcement
from crawlers.arguments import parse_arguments
from crawlers.configuration import ConfigurationError, check_asking
from crawlers.extraction import Page
from crawlers.extraction.page_context import content_type_of
from crawlers.sources import SourceError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from scrapy.crawler import CrawlerProcessBase
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawlers.outlet import OutletSpider
    from crawlers.sources import Source

_DAYS = 2
POLITE = {
    "crawlers.politeness.robots.RobotsMiddleware": 100,
    "crawlers.politeness.user_agent.ContactMiddleware": 500,
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
    try:
        check_asking(process.settings)
    except ConfigurationError as error:
        raise UsageError(str(error), print_help=False) from error
    pages: list[Page] = []
    failures: list[str] = []
    process.crawl(ProbeSpider, outlet=outlet, urls=urls, limit=limit, pages=pages, failures=failures)
    process.start()
    return pages, failures
