"""The scheduler's queue, in which hosts can rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.pqueues import DownloaderAwarePriorityQueue

from crawlers.politeness.retry import RetryAfterMiddleware
from crawlers.requests import SOURCES_FIRST

if TYPE_CHECKING:
    from scrapy import Request


class RestingQueue(DownloaderAwarePriorityQueue):
    """Scrapy's queue by host, without the hosts that rest or have all they can take; sources are asked one at a time, in their order.

    A request that waits inside the downloader takes a place among CONCURRENT_REQUESTS, and holds up the end of a crawl; here
    it does neither. So a resting host never keeps another one waiting, and one that asks for a rest is asked nothing more.

    The first source to announce an article is the one it is fetched from. Asked side by side, the fastest would be the first,
    and two equal crawls would differ. Articles of other hosts are fetched meanwhile.
    """

    def pop(self) -> Request | None:
        """Return the next request of a host that is free; None where none is (the engine asks again)."""
        kept = {host: queue for host, queue in self.pqueues.items() if not self._is_resting(host)}
        asking = {host: first for host, queue in kept.items() if (first := queue.curprio or 0) <= -SOURCES_FIRST}
        turn = None if self._is_asking() else min(asking, key=lambda host: (asking[host], host), default=None)
        held = {
            host: queue
            for host, queue in self.pqueues.items()
            if host not in kept or self._is_busy(host) or (host in asking and host != turn)
        }
        for host in held:
            del self.pqueues[host]
        try:
            return super().pop()
        finally:
            self.pqueues.update(held)

    def _is_resting(self, host: str) -> bool:
        middleware = self.crawler.get_downloader_middleware(RetryAfterMiddleware)
        return middleware is not None and middleware.is_resting(host)

    def _is_busy(self, host: str) -> bool:
        assert self.crawler.engine is not None
        slot = self.crawler.engine.downloader.slots.get(host)
        return slot is not None and 0 < slot.concurrency <= len(slot.active)

    def _is_asking(self) -> bool:
        """Say whether a source's answer is awaited, or is being read: what it leads to comes before the next source."""
        assert self.crawler.engine is not None
        engine = self.crawler.engine
        reading = engine.scraper.slot.active if engine.scraper.slot else ()
        return any(request.priority >= SOURCES_FIRST for request in (*engine.downloader.active, *reading))
