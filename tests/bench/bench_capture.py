"""What capture costs: CPU time of a crawl whose exchanges are all written as WARC, against a bare Scrapy crawl.

Both fetch and parse the same gzip-coded pages from one server, in turns, each crawl a process of its own. What counts is
user and system time from the opening to the closing of the spider. Over plain HTTP the difference is the capture alone;
over TLS the handler also spares what Scrapy does anew for every request, reading the trusted roots.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess

from tests.crawlers.wire.crawl import SETTINGS
from tests.crawlers.wire.raw_server import Answer, RawServer
from tests.replica.certificates import issue

PAGES, ROUNDS, LIMIT = 900, 4, 1.15
COMMON = {"LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS_PER_DOMAIN": 4, "DOWNLOAD_VERIFY_CERTIFICATES": True}
BARE = {"EXTENSIONS": {"scrapy.extensions.telnet.TelnetConsole": None}, "COOKIES_ENABLED": False}
WORDS = [
    "قال",
    "وزير",
    "الخارجية",
    "إن",
    "المباحثات",
    "التي",
    "جرت",
    "في",
    "العاصمة",
    "تناولت",
    "سبل",
    "التعاون",
    "بين",
    "البلدين",
    "وآفاق",
    "التنمية",
    "الاقتصادية",
]


class TitleSpider(Spider):
    name = "titles"

    def __init__(self, root: str, used: dict[str, float], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.root, self.used = root, used

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **kwargs: Any) -> TitleSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.opened, signal=signals.spider_opened)
        crawler.signals.connect(spider.closed_down, signal=signals.spider_closed)
        return spider

    def opened(self) -> None:
        self.used["start"] = cpu()

    def closed_down(self) -> None:
        self.used["end"] = cpu()

    async def start(self) -> Any:
        for number in range(PAGES):
            yield Request(f"{self.root}/{number}")

    def parse(self, response: Any) -> None:
        assert len(response.css("p::text").getall()) > 1


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def page(number: int) -> Answer:
    """Return an article page of about 60 kB, as large outlets send them."""
    draw = random.Random(number)
    text = "\n".join(f"<p class=c{draw.random():.9f}>{' '.join(draw.choices(WORDS, k=60))}</p>" for _ in range(80))
    body = gzip.compress(f"<html><title>{number}</title><body>{text}</body></html>".encode(), mtime=0)
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n"
    return Answer((head.format(len(body)).encode() + body,))


def crawl(root: str, *, captured: bool) -> float:
    """Run one crawl in a process of its own and return its CPU seconds."""
    command = [sys.executable, "-m", "tests.bench.bench_capture", root, *(["captured"] if captured else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return float(json.loads(done.stdout))


def child(root: str, *, captured: bool) -> float:
    """Crawl; return the CPU seconds."""
    used: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        archive = {**SETTINGS, "WARC": f"{folder}/a.warc.gz", "PUBLISHED": [], "CONNECT_PRIVATE": ["127.0.0.0/8"]}
        process = AsyncCrawlerProcess({**(archive if captured else BARE), **COMMON})
        process.crawl(TitleSpider, root=root, used=used)
        process.start()
    return used["end"] - used["start"]


def compare(root: str) -> tuple[float, float]:
    """Return the least CPU seconds that a bare and a captured crawl took: what others run at the time only adds."""
    pairs = [(crawl(root, captured=False), crawl(root, captured=True)) for _ in range(ROUNDS)]
    return min(bare for bare, _ in pairs), min(captured for _, captured in pairs)


def main() -> None:
    """Print the figures."""
    answers = {f"/{number}": [page(number)] for number in range(PAGES)}
    with tempfile.TemporaryDirectory() as folder:
        certificate, context = issue(Path(folder), ["localhost"])
        os.environ["SSL_CERT_FILE"] = str(certificate)
        with RawServer(answers) as plain, RawServer(answers, context) as tls:
            for name, root in (("http", f"http://127.0.0.1:{plain.port}"), ("https", f"https://localhost:{tls.port}")):
                bare, captured = compare(root)
                print(  # noqa: T201  what a bench is for
                    f"capture {name}: bare {bare / PAGES * 1000:.2f} ms, captured {captured / PAGES * 1000:.2f} ms a page,"
                    f" ratio {captured / bare:.3f} (limit {LIMIT})"
                )


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.stdout.write(json.dumps(child(sys.argv[1], captured="captured" in sys.argv[2:])))
    else:
        main()
