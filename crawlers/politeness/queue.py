"""The scheduler's queue, in which hosts can rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.pqueues import DownloaderAwarePriorityQueue

from crawlers.politeness.retry import RetryAfterMiddleware

if TYPE_CHECKING:
    from scrapy import Request


class RestingQueue(DownloaderAwarePriorityQueue):
    """Scrapy's queue by host, without the hosts that rest.

    A request that waits inside the downloader takes a place among CONCURRENT_REQUESTS; here it takes none, so a resting
    host never keeps another one waiting.
    """

    def pop(self) -> Request | None:
        """Return the next request of a host that is not resting; None where all rest (the engine asks again)."""
        middleware = self.crawler.get_downloader_middleware(RetryAfterMiddleware)
        if middleware is None:
            return super().pop()
        resting = {slot: queue for slot, queue in self.pqueues.items() if middleware.is_resting(slot)}
        for slot in resting:
            del self.pqueues[slot]
        try:
            return super().pop()
        finally:
            self.pqueues.update(resting)
