"""What Scrapy loses without a word, or under a name that says nothing.

redirect ──▶ scheduler: asked before ──▶ dropped, no callback, no errback ──RedirectLosses──▶ the request's errback
errback  ──▶ reason_of(error) ──▶ article/failed/<reason>
an exception that nobody foresaw, while a page, a source or an entry is read ──Faults──▶ faults/<name>, its traceback once
"""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, ClassVar

from scrapy import signals
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler

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


class RedirectLosses:
    """Tells the errback of a redirected request that the scheduler dropped it, so that the loss is counted there."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen for dropped requests."""
        extension = cls(crawler)
        crawler.signals.connect(extension.request_dropped, signal=signals.request_dropped)
        return extension

    def request_dropped(self, request: Request) -> None:
        """Call the errback of a request that a redirect made; what it yields (another way in) is crawled."""
        chain = request.meta.get("redirect_urls")
        if not chain or request.errback is None:
            return
        error = RedirectLoop if request.url in chain else RedirectedToKnown
        failure = Failure(error(f"{chain[0]} leads to {request.url}"))  # type: ignore[no-untyped-call]
        failure.request = request  # type: ignore[attr-defined]
        assert self.crawler.engine is not None
        for other in request.errback(failure) or ():
            self.crawler.engine.crawl(other)


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
