"""Reading a capture again: the same record gives the same article, with no request.

capture ─┬─ an article's page ──────▶ Page(body, announcement from its metadata record) ──▶ read ──▶ Article
         └─ a feed with whole texts ─▶ Page(announcement) for each item                 ──▶ read ──▶ Article, …

What the source said of a page is part of what is read (a section, a tag, a time that the page lacks), so the capture keeps
it: the field ``announcement`` of its metadata record.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings

from archive.warc.capture import CaptureFault
from crawlers.announcement import Announcement, read_announcement
from crawlers.extraction import Page, Unreadable
from crawlers.extraction.article import read_and_judge
from crawlers.sources import SourceError
from crawlers.sources.feed import read_feed
from pipelines.validation import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.article import Article
    from archive.warc.capture import Capture
    from crawlers.outlet import OutletSpider

OK = 200


def read_again(capture: Capture) -> Iterator[Article]:
    """Yield the articles that a capture holds, as the crawl read them; none where it is no article's page.

    What later steps add (story, version, crawl) is not set.
    """
    spider = spider_of(capture.url)
    if spider is None or capture.status != OK or capture.truncated:
        return
    try:
        pages = list(pages_of(capture, spider))
    except CaptureFault:  # a body that does not decode, or unpacks without end: the crawl had none of it either
        return
    for page in pages:
        try:
            article = read_and_judge(page, reading=spider.reading, addresses=spider.addresses)
        except (Unreadable, Invalid):
            continue
        article.warc = capture.pointer
        yield article


def pages_of(capture: Capture, spider: type[OutletSpider]) -> Iterator[Page]:
    """Yield what the crawl was given to read of a capture: the page, or the items of a feed that carries whole texts.

    Raises:
        CaptureFault: the body does not decode.
    """
    if said := capture.metadata.get("announcement"):
        yield page_in(capture, read_announcement(said))
        return
    full_text = any(source.full_text for source in spider.sources)
    for announcement in _items(capture) if full_text else ():
        if announcement.text and spider.addresses.classify(announcement.url):
            headers = _headers(capture)
            yield Page(url=announcement.url, captured=capture.date, headers=headers, announcement=announcement)


def page_in(capture: Capture, announcement: Announcement | None) -> Page:
    """Return a captured page, with what the source said of it. Raises `CaptureFault` where the body does not decode."""
    headers = _headers(capture)
    return Page(
        url=capture.url,
        captured=capture.date,
        body=capture.content(),
        content_type=headers.get("content-type"),
        status=capture.status or OK,
        headers=headers,
        announcement=announcement,
    )


def _headers(capture: Capture) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in capture.headers:
        headers[name.lower()] = f"{headers[name.lower()]},{value}" if name.lower() in headers else value
    if isinstance(said := capture.metadata.get("tdmReservation"), str):
        headers["tdm-reservation-of-host"] = said
    return headers


def _items(capture: Capture) -> list[Announcement]:
    try:
        return read_feed(capture.content(), capture.url, capture.header("content-type"))
    except SourceError:
        return []


def spider_of(url: str) -> type[OutletSpider] | None:
    """Return the spider of the outlet on whose hosts ``url`` stands, None where it is nobody's."""
    return next((spider for spider in _spiders() if spider.addresses.owns(url)), None)


@cache
def _spiders() -> list[type[OutletSpider]]:
    loader = SpiderLoader.from_settings(get_project_settings())
    return [loader.load(name) for name in loader.list()]  # type: ignore[misc]
