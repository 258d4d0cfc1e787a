"""The requests of an outlet's spider: for a source, for an article's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request

from crawlers.announcement import Announcement, write_announcement

if TYPE_CHECKING:
    from crawlers.addresses import Address
    from crawlers.outlet import OutletSpider
    from crawlers.sources import Source


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
