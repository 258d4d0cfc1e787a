"""The breaker: an outlet that answers with one block page after another is left alone, and the crawl says so.

block, block, … (BREAKER_LIMIT in a row) ──▶ the crawl closes with reason "blocked"
any other answer of the outlet           ──▶ the count starts again
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, ClassVar, Self

from scrapy.exceptions import IgnoreRequest, NotConfigured

from crawlers.politeness.blocking import block_reason

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

CLOSE_REASON = "blocked"


class CrawlBlocked(IgnoreRequest):
    """The breaker is open: nothing more is asked of the outlet."""

    reason: ClassVar[str] = "crawl-blocked"


class BreakerMiddleware:
    """Closes a blocked crawl.

    Args:
        crawler: for its engine and stats.
        limit: block pages in a row that are enough.
    """

    def __init__(self, crawler: Crawler, limit: int) -> None:
        self.crawler = crawler
        self.limit = limit
        self.in_a_row = 0
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read BREAKER_LIMIT; 0 switches the breaker off."""
        limit = crawler.settings.getint("BREAKER_LIMIT", 5)
        if not limit:
            raise NotConfigured("BREAKER_LIMIT is not set")
        return cls(crawler, limit)

    def process_request(self, request: Request) -> None:
        """Refuse everything once the breaker is open."""
        if self._closing is not None:
            self._count("refused")
            raise CrawlBlocked(f"the crawl is blocked: {request.url}")

    def process_response(self, request: Request, response: Response) -> Response:
        """Count the blocks in a row; robots.txt has its own meaning and does not count."""
        if request.meta.get("dont_obey_robotstxt"):
            return response
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        reason = block_reason(response.status, headers, response.body)
        self.note(reason)
        return response

    def note(self, reason: str | None) -> None:
        """Take one answer of the outlet into account: why it was a block, or None. For what only reading recognises too."""
        if reason is None:
            self.in_a_row = 0
            return
        self.in_a_row += 1
        self._count(reason)
        if self.in_a_row >= self.limit and self._closing is None:
            logger.error("%d block pages in a row, the last a %s: the crawl stops", self.in_a_row, reason)
            assert self.crawler.engine is not None
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=CLOSE_REASON))

    def _count(self, name: str) -> None:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(f"breaker/{name}")
