"""How far an index of sitemaps is followed: an endless one would keep a crawl asking for ever, and in silence.

    request for a sitemap ──▶ too deep, too many, or too many in a row without an article ──▶ `SourceCut`
                                                                     └─▶ source/cut/sitemap, once a warning, no complete sweep

What the sitemaps announce is told by who chooses among it (`source_read`). A window of many days, or one of days long past, may ask for more.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from scrapy.exceptions import IgnoreRequest, NotConfigured

from crawlers.signals import source_read
from crawlers.sources.sitemap import Sitemap

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler

    from crawlers.arguments import Arguments

logger = logging.getLogger(__name__)

PAST = 10  # times as many sitemaps without news may come where days long past are asked for


class SourceCut(IgnoreRequest):
    """A sitemap beyond the bounds of its index."""

    reason: ClassVar[str] = "source-cut"


class SitemapBoundsMiddleware:
    """Refuses what lies beyond the bounds that a `Sitemap` sets.

    Args:
        crawler: for its stats.
        arguments: of the crawl; each of its days may have a sitemap of its own.
    """

    def __init__(self, crawler: Crawler, arguments: Arguments) -> None:
        self.crawler = crawler
        self.days = len(arguments.window.days())
        self.patience = PAST if arguments.is_past else 1
        self.asked: Counter[Sitemap] = Counter()
        self.barren: Counter[Sitemap] = Counter()
        self.cut: set[Sitemap] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to what sources bring; a spider without arguments asks none."""
        arguments = getattr(crawler.spider, "arguments", None)
        if arguments is None:
            raise NotConfigured
        middleware = cls(crawler, arguments)
        crawler.signals.connect(middleware.source_read, signal=source_read)
        return middleware

    def process_request(self, request: Request) -> None:
        """Let a sitemap pass that is within the bounds. Raises `SourceCut` for another."""
        source = request.cb_kwargs.get("source")
        if not isinstance(source, Sitemap):
            return
        if request.cb_kwargs["page"] > 1 and (why := self._beyond(source, request.cb_kwargs["page"])):
            self._tell(source, why)
            raise SourceCut(f"{why}: {request.url}")
        self.asked[source] += "retry_times" not in request.meta

    def source_read(self, request: Request, news: bool) -> None:  # noqa: FBT001  as signals call it
        """Count the sitemaps of an index that bring nothing, one after another."""
        source = request.cb_kwargs["source"]
        if isinstance(source, Sitemap):
            self.barren[source] = 0 if news else self.barren[source] + 1

    def _beyond(self, source: Sitemap, depth: int) -> str | None:
        if depth > source.depth:
            return f"more than {source.depth} indexes below one another"
        if self.asked[source] >= source.most + self.days:
            return f"more than {source.most + self.days} sitemaps"
        if self.barren[source] >= (source.barren + self.days) * self.patience:
            return f"{self.barren[source]} sitemaps in a row without news"
        return None

    def _tell(self, source: Sitemap, why: str) -> None:
        if source in self.cut:
            return
        self.cut.add(source)
        logger.warning("the sitemaps of %s are left at their bound: %s", source.url, why)
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(f"source/cut/{source.kind}")
