"""What the outlet's hosts were asked, how fast they answered, how much they sent; chapter ``traffic``."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.utils.httpobj import urlparse_cached

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

MOST_LATENCIES = 5000  # a host's median does not get better with more, and a back-fill is long


@dataclass(slots=True)
class Host:
    """One host: attempts, answers, bytes as received, seconds to each answer, seconds between requests now."""

    requests: int = 0
    answers: int = 0
    bytes: int = 0
    seconds: list[float] = field(default_factory=list)
    delay: float = 0.0

    def tell(self) -> dict[str, Any]:
        """Return the host's line in the report; ``seconds`` are the median and the longest."""
        median, longest = (statistics.median(self.seconds), max(self.seconds)) if self.seconds else (0.0, 0.0)
        seconds = {"median": round(median, 3), "longest": round(longest, 3)}
        counts = {"requests": self.requests, "answers": self.answers, "bytes": self.bytes}
        return {**counts, "seconds": seconds, "delay": round(self.delay, 3)}


class Traffic:
    """Counts by host.

    Args:
        crawler: for its engine's downloader, whose slots know the delay.
    """

    chapter = "traffic"

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.hosts: defaultdict[str, Host] = defaultdict(Host)
        self.begun = monotonic()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to the downloader."""
        extension = cls(crawler)
        crawler.signals.connect(extension.request_reached_downloader, signal=signals.request_reached_downloader)
        crawler.signals.connect(extension.response_downloaded, signal=signals.response_downloaded)
        return extension

    def request_reached_downloader(self, request: Request) -> None:
        """Count an attempt."""
        self.hosts[_host(request)].requests += 1

    def response_downloaded(self, response: Response, request: Request) -> None:
        """Count an answer, its bytes and its time."""
        host = self.hosts[_host(request)]
        host.answers += 1
        host.bytes += len(response.body)
        if len(host.seconds) < MOST_LATENCIES:
            host.seconds.append(request.meta.get("download_latency", 0.0))
        host.delay = self._delay(request)

    def slowest_delay(self) -> float:
        """Return the seconds between two requests to the host that is asked least often."""
        self._look_at_delays()
        return max((host.delay for host in self.hosts.values()), default=0.0)

    def tell(self) -> dict[str, Any]:
        """Return the hosts and the requests a second over the whole crawl."""
        self._look_at_delays()
        asked = sum(host.requests for host in self.hosts.values())
        rate = asked / max(monotonic() - self.begun, 1e-3)
        return {"requests_a_second": round(rate, 3), "hosts": {name: host.tell() for name, host in self.hosts.items()}}

    def _look_at_delays(self) -> None:
        """Note the pauses as they are now: one that robots.txt asks for holds before anything was answered."""
        downloader = self.crawler.engine.downloader if self.crawler.engine is not None else None
        for name, slot in downloader.slots.items() if downloader is not None else ():
            if name in self.hosts:
                self.hosts[name].delay = slot.delay

    def _delay(self, request: Request) -> float:
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        slot = downloader.slots.get(downloader.get_slot_key(request))
        return slot.delay if slot else 0.0


def _host(request: Request) -> str:
    return urlparse_cached(request).hostname or "?"
