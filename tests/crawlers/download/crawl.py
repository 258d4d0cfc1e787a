"""A crawl of listed requests into one WARC file, as a process of its own: ``python -m tests.crawlers.download.crawl < job``.

The job is JSON: ``requests`` (keyword arguments of Request), ``settings``, ``warc`` (the file to write), ``published``
(WARC files whose responses a revisit may refer to). It prints what the callbacks saw, and its peak of memory.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess

from archive.warc import WarcFile, profile_of
from archive.warc.cdxj import index
from archive.warc.message import Original
from archive.warc.writer import NOT_MODIFIED
from pipelines.store import ArchiveSession
from tests import processes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from archive.warc.message import Exchange

SETTINGS = {
    "EXTENSIONS": {"tests.crawlers.download.crawl.FileSink": 0, "scrapy.extensions.telnet.TelnetConsole": None},
    "DOWNLOADER_MIDDLEWARES": {"crawlers.download.capture.CaptureMiddleware": 990},
    "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), "crawlers.download.handler.CaptureDownloadHandler"),
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "COOKIES_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "HTTPERROR_ALLOW_ALL": True,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "DOWNLOAD_DELAY": 0,
    "RETRY_TIMES": 1,
    "LOG_LEVEL": "INFO",
}


class FileSink(ArchiveSession):
    """Keeps exchanges in one file, revisits where the published files allow it."""

    crawl = "a-crawl"

    def __init__(self, path: Path, published: list[Path], crawler: Any) -> None:
        self.file = WarcFile(path, filename=path.name, warcinfo={"software": "test", "operator": "nobody@example.org"})
        self.originals: dict[str, Original] = {}
        self.crawler = crawler
        self.failures: list[str] = []
        for entry in (entry for file in published for entry in index(file)):
            said = entry.values
            if said["mime"] != "warc/revisit" and said["status"] == "200":
                original = Original(
                    record_id=said["record_id"], uri=said["url"], date=said["date"], payload_digest=said["digest"]
                )
                self.originals[said["digest"]] = self.originals[said["url"]] = original

    @classmethod
    def from_crawler(cls, crawler: Any) -> FileSink:
        sink = cls(Path(crawler.settings["WARC"]), [Path(p) for p in crawler.settings["PUBLISHED"]], crawler)
        crawler.signals.connect(sink.spider_closed, signal=signals.spider_closed)
        return sink

    async def write_exchange(self, exchange: Exchange) -> Any:
        if exchange.url.endswith(self.crawler.settings.get("FULL_AT", " ")):
            raise OSError(28, "no space left on device")
        profile = profile_of(exchange)
        key = exchange.url if profile == NOT_MODIFIED else exchange.payload_digest
        return self.file.write(exchange, self.originals.get(key) if profile else None).pointer

    def fail(self, reason: str | Exception) -> None:
        self.failures.append(str(reason))
        self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="archive-error"))

    def spider_closed(self) -> None:
        self.file.close()


class ListedSpider(Spider):
    name = "listed"

    def __init__(self, requests: list[dict[str, Any]], seen: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.requests, self.seen = requests, seen

    async def start(self) -> AsyncIterator[Request]:
        for said in self.requests:
            yield Request(**said, callback=self.answered, errback=self.failed, dont_filter=True)

    def answered(self, response: Any) -> None:
        warc = response.meta.get("warc")
        self.seen.append(
            {
                "url": response.url,
                "status": response.status,
                "size": len(response.body),
                "warc": warc and asdict(warc),
                "captured": str(response.meta.get("captured")),
            }
        )

    def failed(self, failure: Any) -> None:
        warc = failure.request.meta.get("warc")
        self.seen.append({"url": failure.request.url, "error": failure.type.__name__, "warc": warc and asdict(warc)})


def run(job: dict[str, Any], env: dict[str, str], expected: int = 0) -> dict[str, Any]:
    """Run a job in a process of its own and return what it printed."""
    command = [sys.executable, "-m", "tests.crawlers.download.crawl"]
    done = processes.run(
        command, input=json.dumps(job), env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == expected, done.stderr
    return json.loads(done.stdout) | {"log": done.stderr}


def main() -> None:
    job = json.load(sys.stdin)
    if job.get("misfit"):
        sys.modules["crawlers.download.wire"] = None  # as if a name that it imports were gone
    settings = {**SETTINGS, **job.get("settings", {}), "WARC": job["warc"], "PUBLISHED": job.get("published", [])}
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(ListedSpider)
    seen: list[dict[str, Any]] = []
    process.crawl(crawler, requests=job["requests"], seen=seen)
    process.start()
    stats = {name: value for name, value in crawler.stats.get_stats().items() if isinstance(value, int | float | str)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    json.dump({"seen": seen, "stats": stats, "peak_mb": peak}, sys.stdout)


if __name__ == "__main__":
    main()
