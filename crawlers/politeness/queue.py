"""The scheduler's queue, in which hosts can rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.pqueues import DownloaderAwarePriorityQueue

from crawlers.politeness.retry import RetryAfterMiddleware

if TYPE_CHECKING:
    from scrapy import Request


class RestingQueue(DownloaderAwarePriorityQueue):
    """Scrapy's queue by host, without the hosts that rest or have all they can take.

    A request that waits inside the downloader takes a place among CONCURRENT_REQUESTS, and holds up the end of a crawl; here
    it does neither. So a resting host never keeps another one waiting, and one that asks for a rest is asked nothing more.
    """

    def pop(self) -> Request | None:
        """Return the next request of a host that is free; None where none is (the engine asks again)."""
        middleware = self.crawler.get_downloader_middleware(RetryAfterMiddleware)
        held = {
            host: queue
            for host, queue in self.pqueues.items()
            if self._is_busy(host) or (middleware and middleware.is_resting(host))
        }
        for host in held:
            del self.pqueues[host]
        try:
            return super().pop()
        finally:
            self.pqueues.update(held)

    def _is_busy(self, host: str) -> bool:
        assert self.crawler.engine is not None
        slot = self.crawler.engine.downloader.slots.get(host)
        return slot is not None and 0 < slot.concurrency <= len(slot.active)
