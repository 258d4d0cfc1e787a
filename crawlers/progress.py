"""Live progress of a crawl: a small file that `scrapy crawlall` shows as a table."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler


STEPS = {
    "announced": ("choice/chosen", "choice/seen", "choice/over-limit"),
    "chosen": ("choice/chosen",),
    "seen": ("choice/seen",),
    "requests": ("downloader/request_count",),
    "articles": ("archive/articles",),
    "copies": ("archive/copies",),
    "refused": ("article/refused/robots", "article/refused/robots-unreachable"),
    "bytes": ("downloader/response_bytes",),
}
LOST = ("article/unreadable/", "item_dropped_reasons_count/", "article/failed/")


def snapshot(stats: dict[str, Any]) -> dict[str, Any]:
    """Return the counts that people watch, and the reasons of what was lost."""
    counts = {name: sum(stats.get(key, 0) for key in keys) for name, keys in STEPS.items()}
    reasons = {
        key.split("/", 1)[1]: n for key, n in stats.items() if key.startswith(LOST) and not key.endswith("/Unchanged")
    }
    return {**counts, "lost": sum(reasons.values()), "reasons": reasons}


class ProgressExtension:
    """Writes the crawl's counts to ``path`` each second, whole or not at all."""

    def __init__(self, crawler: Crawler, path: Path) -> None:
        self.crawler = crawler
        self.path = path
        self.task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read PROGRESS_FILE, which `scrapy crawlall` sets."""
        if not (path := crawler.settings.get("PROGRESS_FILE")):
            raise NotConfigured("PROGRESS_FILE is not set")
        extension = cls(crawler, Path(path))
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_opened(self) -> None:
        """Begin to write."""
        self.task = asyncio.create_task(self._tick())

    def spider_closed(self) -> None:
        """Write the last state."""
        if self.task:
            self.task.cancel()
        self._write("publishing")

    async def _tick(self) -> None:
        while True:
            self._write("crawling")
            await asyncio.sleep(0.5)

    def _write(self, state: str) -> None:
        assert self.crawler.stats is not None
        temporary = self.path.with_suffix(".part")
        temporary.write_text(json.dumps({"state": state, **snapshot(self.crawler.stats.get_stats())}), encoding="utf-8")
        temporary.replace(self.path)
