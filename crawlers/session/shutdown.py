"""Stopping a crawl by SIGINT or SIGTERM: what ends first, and how soon.

one SIGTERM or SIGINT ─▶ no more is announced, what waits in the downloader is let go at once,
                         what is under way has half of STOP_SECONDS; the rest of them is for publishing
two                   ─▶ the process ends at once; what was captured waits in the spool
"""

from __future__ import annotations

import asyncio
import signal
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import signals
from scrapy.exceptions import IgnoreRequest
from twisted.python.failure import Failure

from crawlers.signals import time_over

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

TICK = 0.1  # seconds between two looks whether a signal has come


class CrawlStopped(IgnoreRequest):
    """A signal ended the crawl before this was asked for; the next crawl asks."""

    reason: ClassVar[str] = "stopped"


class Shutdown:
    """Lets go of what a crawl waits for once a signal has come, also in a pause of an hour.

    Args:
        crawler: the crawl.
        seconds: after a signal, until what is under way is cut.
    """

    def __init__(self, crawler: Crawler, seconds: float) -> None:
        self.crawler, self.seconds = crawler, seconds
        self._handler: Any = None
        self._since: float | None = None
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read STOP_SECONDS."""
        extension = cls(crawler, crawler.settings.getfloat("STOP_SECONDS", 20.0) / 2)
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    @property
    def is_wanted(self) -> bool:
        """Say whether a signal has come, even where the loop had no time to hear of it: Scrapy changes the handler then."""
        return self.since is not None

    @property
    def since(self) -> float | None:
        """Return when a signal was first known to have come, on the monotonic clock; None before."""
        if self._since is None and (not self.crawler.crawling or signal.getsignal(signal.SIGTERM) is not self._handler):
            self._since = monotonic()
        return self._since

    def spider_opened(self) -> None:
        """Begin to look."""
        self._handler = signal.getsignal(signal.SIGTERM)
        self._task = asyncio.create_task(self._watch())

    def spider_closed(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()

    async def _watch(self) -> None:
        while (since := self.since) is None:  # noqa: ASYNC110  Scrapy tells nobody
            await asyncio.sleep(TICK)
        until = since + self.seconds
        while True:
            self._let_go()
            if monotonic() > until:
                self.crawler.signals.send_catch_log(time_over)
            await asyncio.sleep(TICK)

    def _let_go(self) -> None:
        """Refuse what waits for its turn in the downloader, whose pauses may be long."""
        assert self.crawler.engine is not None
        for slot in self.crawler.engine.downloader.slots.values():
            while slot.queue:
                request, waiting = slot.queue.popleft()
                waiting.errback(Failure(CrawlStopped(f"the crawl was stopped before {request.url}")))  # type: ignore[no-untyped-call]


def stopped_at(crawler: Crawler) -> float | None:
    """Return when a signal stopped a crawl, on the monotonic clock; None where none has, or nobody looked."""
    shutdown = crawler.get_extension(Shutdown)
    return None if shutdown is None else shutdown.since


def is_killed() -> bool:
    """Say whether a second signal has come: Scrapy ignores any further one then."""
    return signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


def ignore_signals() -> None:
    """Let no late signal end a process that has told how its crawls went: its exit code is what they ended with."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
