"""The breaker: an outlet that answers with one block page after another is left alone, and the crawl says so.

block, block, … (BREAKER_LIMIT in a row) ──▶ the crawl closes with reason "blocked"
any other answer of the outlet           ──▶ the count starts again

What is a block is told by the answer's status, headers and bytes (`blocking`), or by who reads the page: the signal `wall_read`.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, ClassVar, Self

from scrapy.exceptions import IgnoreRequest, NotConfigured

from crawlers.extraction.html import Document, to_utf8
from crawlers.extraction.page_checks import ANSWERED, BlockPage, block_reason, is_block_page

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

CLOSE_REASON = "blocked"
WALLS = frozenset({BlockPage.reason})
"""Refusals of the reading that mean: somebody else answers in the outlet's place. A consent wall is the outlet's own, and an alarm (`drift`)."""

wall_read = object()
"""Signal (response, reason): the answer to ``response.request`` was read, and is one of `WALLS`."""

_NO_PAGE = re.compile(
    rb"\A\s*[\[{]|<(?:rss|feed|urlset|sitemapindex|rdf:rdf)[\s>]", re.IGNORECASE
)  # its titles are headlines
_HEAD = 2048  # bytes in which a feed or sitemap begins
_ANSWER = "breaker_answer"  # in a request's meta: the number of its answer


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
        self._blocked = bytearray()  # by the order of answers: 1 for a block
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read BREAKER_LIMIT; 0 switches the breaker off."""
        limit = crawler.settings.getint("BREAKER_LIMIT", 5)
        if not limit:
            raise NotConfigured
        middleware = cls(crawler, limit)
        crawler.signals.connect(middleware.wall_read, signal=wall_read)
        return middleware

    def process_request(self, request: Request) -> None:
        """Refuse everything once the breaker is open."""
        if self._closing is not None:
            self._count("refused")
            raise CrawlBlocked(f"the crawl is blocked: {request.url}")

    def process_response(self, request: Request, response: Response) -> Response:
        """Count the blocks in a row; robots.txt has its own meaning, pictures may have a host of their own: they do not count."""
        if request.meta.get("dont_obey_robotstxt") or "media" in request.meta:
            return response
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        reason = block_reason(response.status, headers, response.body)
        if reason == BlockPage.reason and response.status in ANSWERED and not _is_block_page(response):
            reason = None  # an article that speaks of such pages, or a list that names one
        request.meta[_ANSWER] = len(self._blocked)
        self._blocked.append(reason is not None)
        if reason:
            self._count_block(request, reason, response.status)
        return response

    def wall_read(self, response: Response, reason: str) -> None:
        """Take an answer for a block after all, ``reason`` being what the reading of it found."""
        request = response.request
        answer = request.meta.get(_ANSWER) if request is not None else None
        if request is None or answer is None or self._blocked[answer]:  # counted already, by its signs
            return
        self._blocked[answer] = True
        self._count_block(request, reason, response.status)

    def _count_block(self, request: Request, reason: str, status: int) -> None:
        self._count(reason)
        assert self.crawler.stats is not None
        if self._closing is None:  # what was under way when the crawl was stopped says no more
            self.crawler.stats.set_value("breaker/last", f"the last with status {status} from {request.url}")
        if self._closing is None and (run := self._run(request.meta[_ANSWER])) >= self.limit:
            logger.error("%d block pages in a row, one of them a %s: the crawl stops", run, reason)
            assert self.crawler.engine is not None
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=CLOSE_REASON))

    def _run(self, answer: int) -> int:
        """Return how many blocks in a row stand around an answer; answers may be read in another order than they came."""
        first = self._blocked.rfind(False, 0, answer) + 1
        end = self._blocked.find(False, answer)
        return (end if end >= 0 else len(self._blocked)) - first

    def _count(self, name: str) -> None:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(f"breaker/{name}")


def _is_block_page(response: Response) -> bool:
    if _NO_PAGE.search(response.body[:_HEAD]):
        return False
    markup = to_utf8(response.body, (response.headers.get("Content-Type") or b"").decode("latin-1") or None)
    return is_block_page(markup, Document(markup), response.url)
