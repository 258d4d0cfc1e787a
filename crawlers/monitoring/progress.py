"""How a crawl goes on, while it does.

counts ─┬─ PROGRESS_FILE                    written each second for `scrapy crawlall` and `scrapy schedule`, who show it
        ├─ a terminal                       a live line below the log
        └─ anything else                    a plain line in the log, every PROGRESS_EVERY seconds
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections import deque
from contextlib import suppress
from itertools import count
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy import signals

from crawlers.live import LiveLine
from crawlers.monitoring.outcomes import Outcomes
from crawlers.watching.traffic import Traffic

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

TICK = 0.5  # seconds
RATE_OVER = 20.0  # seconds over which the rate is taken
LOST = ("article/unreadable/", "item_dropped_reasons_count/", "article/failed/")


class Progress:
    """The counts that people watch.

    Args:
        outcomes: knows each page's outcome.
        traffic: knows what was asked, and the delay.
    """

    def __init__(self, outcomes: Outcomes, traffic: Traffic) -> None:
        self.outcomes = outcomes
        self.traffic = traffic
        self._asked: deque[tuple[float, int]] = deque()

    def snapshot(self, stats: dict[str, Any]) -> dict[str, Any]:
        """Return the counts, requests a second over the last seconds, the delay, and the reasons of what was lost."""
        steps, outcomes = self.outcomes.steps(), self.outcomes.tell()["outcomes"]
        reasons = {
            key.split("/", 1)[1]: n
            for key, n in stats.items()
            if key.startswith(LOST) and not key.endswith("Unchanged")
        }
        return {
            **steps,
            "seen": outcomes.get("seen", 0),
            "copies": stats.get("archive/copies", 0),
            "refused": outcomes.get("refused", 0),
            "lost": sum(reasons.values()),
            "requests": stats.get("downloader/request_count", 0),
            "bytes": stats.get("downloader/response_bytes", 0),
            "rate": round(self._rate(stats.get("downloader/request_count", 0)), 2),
            "delay": round(self.traffic.slowest_delay(), 2),
            "reasons": reasons,
        }

    def _rate(self, asked: int) -> float:
        now = monotonic()
        self._asked.append((now, asked))
        while self._asked[0][0] < now - RATE_OVER:
            self._asked.popleft()
        since, before = self._asked[0]
        return (asked - before) / (now - since) if now > since else 0.0


class ProgressExtension:
    """Shows the counts where somebody looks.

    Args:
        crawler: the crawl.
        path: the file for a process that watches several crawls, None without one.
        every: seconds between two plain lines; 0 for none.
    """

    def __init__(self, crawler: Crawler, path: Path | None, every: float) -> None:
        self.crawler = crawler
        self.path = path
        self.every = every
        self.live = LiveLine() if path is None and sys.stderr.isatty() and not crawler.settings["LOG_FILE"] else None
        self.task: asyncio.Task[None] | None = None
        self.progress: Progress | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read PROGRESS_FILE, which `scrapy crawlall` sets, and PROGRESS_EVERY."""
        path = crawler.settings.get("PROGRESS_FILE")
        extension = cls(crawler, Path(path) if path else None, crawler.settings.getfloat("PROGRESS_EVERY"))
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_opened(self) -> None:
        """Begin to show."""
        outcomes, traffic = self.crawler.get_extension(Outcomes), self.crawler.get_extension(Traffic)
        assert outcomes is not None
        assert traffic is not None
        self.progress = Progress(outcomes, traffic)
        if self.live:
            self.live.start()
        self.task = asyncio.create_task(self._tick())

    def spider_closed(self) -> None:
        """Show the last state."""
        if self.task:
            self.task.cancel()
        if self.progress:
            self._show("publishing", plainly=False)
        if self.live:
            self.live.stop()

    async def _tick(self) -> None:
        for ticks in count(1):
            plainly = bool(self.every) and ticks % max(round(self.every / TICK), 1) == 0
            self._show("crawling", plainly=plainly and self.live is None)
            await asyncio.sleep(TICK)

    def _show(self, state: str, *, plainly: bool) -> None:
        assert self.crawler.stats is not None
        assert self.progress is not None
        counts = {"state": state, **self.progress.snapshot(self.crawler.stats.get_stats())}
        if self.path:
            _tell(self.path, counts)
        if self.live:
            self.live.show(line_of(self.crawler.spidercls.name, counts))
        if plainly:
            logger.info("%s", line_of(self.crawler.spidercls.name, counts))


def _tell(path: Path, counts: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    with suppress(OSError):  # no room on the disk: the next tick tries again, and nobody else would tick
        part.write_text(json.dumps(counts), encoding="utf-8")
        part.replace(path)


def line_of(outlet: str, counts: dict[str, Any]) -> str:
    """Return the counts as one line for people."""
    names = ("announced", "seen", "fetched", "kept", "refused", "lost")
    said = ", ".join(f"{counts.get(name, 0)} {name}" for name in names)
    return f"{outlet}: {said} · {counts.get('rate', 0):.1f} requests/s, delay {counts.get('delay', 0):.1f} s"
