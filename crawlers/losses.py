"""What Scrapy loses without a word, or under a name that says nothing.

redirect ──▶ scheduler: asked before ──▶ dropped, no callback, no errback ──RedirectLosses──▶ the request's errback
errback  ──▶ reason_of(error) ──▶ article/failed/<reason>
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from scrapy import signals
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler


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
