"""The scheduler's queues: hosts can rest, and of many pages that wait each takes some hundred bytes."""

from __future__ import annotations

import pickle
from collections import deque
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.dupefilters import RFPDupeFilter
from scrapy.pqueues import DownloaderAwarePriorityQueue
from scrapy.squeues import FifoMemoryQueue
from scrapy.utils.request import request_from_dict

from archive.reader.scan import TOGETHER, Table, bundled, unbundled
from crawlers.outlet import SOURCES_FIRST
from crawlers.politeness.retry import RetryAfterMiddleware

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Spider
    from scrapy.crawler import Crawler

# --- The scheduler's queue, in which hosts can rest ------------------------------------------------------------------


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


# ---------------------------------------------------------------------------------------------------------------------
# The queue in which an outlet's announced pages wait: the first as they are, for a day's crawl has no more; those behind them some
# hundred bytes each, for a back-fill announces a hundred thousand at once.
# push ─▶ _last, pickled ─▶ `TOGETHER` of them, compressed together ─▶ _first, pickled ─▶ pop

_AS_THEY_ARE = 1000  # requests: 3 MB
_VERBATIM = "verbatim_url"  # Scrapy's word for an address that is encoded already, as one that has waited is
_UNDER_WAY = frozenset(("retry_times", "redirect_times"))  # other components may hold what these requests carry


class PackedQueue(FifoMemoryQueue):  # type: ignore[valid-type,misc]  # Scrapy makes its queues at run time
    """Scrapy's queue, first in first out, that holds articles' requests, where many wait, pickled and compressed: 0.11 kB each, not 3.

    What one says its neighbours say mostly, too: they are compressed together. Any other request waits as it is.
    """

    spider: Spider

    def __init__(self) -> None:
        super().__init__()  # its `q` holds requests as they are, and bundles of pickled ones
        self._first: deque[bytes | Request] = deque()
        self._last: list[bytes] = []
        self._waiting = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *_args: Any, **_kwargs: Any) -> Self:
        """Take the spider, whose methods are the callbacks."""
        queue = cls()
        assert crawler.spider is not None
        queue.spider = crawler.spider
        return queue

    def __len__(self) -> int:
        return self._waiting

    def push(self, request: Request) -> None:
        """Let a request wait."""
        packed = None if self._waiting < _AS_THEY_ARE else self._packed(request)
        self._waiting += 1
        if packed is not None:
            self._last.append(packed)
        if self._last and (packed is None or len(self._last) == TOGETHER):
            super().push(bundled(self._last))
            self._last = []
        if packed is None:
            super().push(request)

    def pop(self) -> Request | None:
        """Return the request that waited longest, None where none waits."""
        request = self.peek()
        if request is not None:
            self._first.popleft()
            self._waiting -= 1
        return request

    def peek(self) -> Request | None:
        """Return the request that waited longest, and let it wait."""
        if not self._first:
            held = super().pop()
            if held is None:
                self._first, self._last = deque(self._last), []
            else:
                self._first = deque(unbundled(held) if isinstance(held, bytes) else (held,))
        first = self._first[0] if self._first else None
        return self._unpacked(first) if isinstance(first, bytes) else first

    def _packed(self, request: Request) -> bytes | None:
        """Return what stands for an article's request; None where it is to wait as it is."""
        if type(request) is not Request or "announcement" not in request.cb_kwargs or _UNDER_WAY & request.meta.keys():
            return None
        try:
            return pickle.dumps(self._facts(request))
        except (ValueError, TypeError, AttributeError, pickle.PicklingError):  # somebody gave it what cannot be written
            return None

    def _facts(self, request: Request) -> dict[str, Any]:
        """Return what `request_from_dict` makes the request of. Scrapy's own ``to_dict`` goes through all that the spider has, twice."""
        ways = {"callback": self._name(request.callback), "errback": self._name(request.errback)}
        facts = {name: getattr(request, name) for name in request.attributes}
        return facts | ways | {"headers": dict(request.headers)}

    def _name(self, method: Any) -> str | None:
        if method is None:
            return None
        name: str = method.__name__
        if getattr(self.spider, name) != method:
            raise ValueError(f"{method} is no method of the spider")
        return name

    def _unpacked(self, packed: bytes) -> Request:
        facts = pickle.loads(packed)  # noqa: S301  our own
        was_verbatim = _VERBATIM in facts["meta"]
        facts["meta"].setdefault(_VERBATIM, True)
        request = request_from_dict(facts, spider=self.spider)
        if not was_verbatim:
            del request.meta[_VERBATIM]
        return request


# --- What was asked for already ----------------------------------------------------------------------------------------


class PackedDupeFilter(RFPDupeFilter):
    """Scrapy's filter, which holds 8 bytes of each request's fingerprint in the place of all 20 in an object: 16 bytes instead of 140."""

    def __init__(self, path: str | None = None, debug: bool = False, **parts: Any) -> None:  # noqa: FBT001, FBT002  as Scrapy has it
        super().__init__(path, debug, **parts)
        self._seen = Table()

    def request_seen(self, request: Request) -> bool:
        """Say whether a request was asked for already; with JOBDIR Scrapy itself knows, which has read what an earlier process wrote."""
        if self.file:
            return super().request_seen(request)
        return not self._seen.add(self.fingerprinter.fingerprint(request))
