"""The requests of an outlet's spider: for a source, for an article's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request

from crawlers.announcement import Announcement, write_announcement

if TYPE_CHECKING:
    from crawlers.addresses import Address
    from crawlers.outlet import OutletSpider
    from crawlers.sources import Source


def source_request(spider: OutletSpider, source: Source, url: str, page: int = 1, stamp: str | None = None) -> Request:
    """Return the request for a source's answer.

    Args:
        spider: whose callbacks read it.
        source: the source.
        url: where it is asked.
        page: the how-manieth answer in a row it is.
        stamp: when the answer changed last, as an index says it.
    """
    return Request(
        url,
        callback=spider.parse_source,
        errback=spider.source_failed,
        cb_kwargs={"source": source, "page": page},
        priority=1000 - spider.sources.index(source),  # first all announcements, then the articles
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
