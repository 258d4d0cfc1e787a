"""A loopback outlet that notes every request, and a real crawl of it in a process of its own.

The crawl runs as ``python -m tests.crawlers.polite``: one reactor a process. It prints what became of each address.
"""

import asyncio
import json
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from tests import processes

ROOT = Path(__file__).parents[2]
MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "crawlers.politeness.robots.RobotsMiddleware": 100,
    "crawlers.politeness.robots.ContactMiddleware": 500,
    "crawlers.politeness.retry.RetryAfterMiddleware": 550,
    "crawlers.politeness.breaker.BreakerMiddleware": 580,
    "tests.crawlers.polite.SeenMiddleware": 990,
}
SETTINGS = {
    "DOWNLOADER_MIDDLEWARES": MIDDLEWARES,
    "SCHEDULER_PRIORITY_QUEUE": "crawlers.politeness.queue.RestingQueue",
    "ROBOTSTXT_OBEY": True,
    "ROBOTSTXT_USER_AGENT": "Warraq",
    "USER_AGENT": "Warraq/0.2 (news archive; {contact})",
    "CONTACT": "mailto:archive@example.org",
    "CONCURRENT_REQUESTS": 4,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY": 0,
    "RETRY_TIMES": 2,
    "RETRY_AFTER_BASE": 0.5,
    "RETRY_AFTER_MAX": 5,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "COOKIES_ENABLED": False,
    "LOG_LEVEL": "INFO",
}


class Outlet:
    """What the loopback server answers, by path, and what it was asked.

    ``answers``: path → (status, headers, body), or a list of them, the last one for ever. A header's value may be a
    function, asked at the moment of the answer.
    """

    def __init__(self):
        self.answers = {}
        self.asked = []  # (seconds, host, path, user agent)
        self.lock = threading.Lock()

    def answer(self, path, host, agent):
        with self.lock:
            self.asked.append((time.monotonic(), host, path, agent))
            known = (
                self.answers.get((host, path))
                or self.answers.get(path)
                or (200, {"Content-Type": "text/html"}, "<p>خبر")
            )
            if isinstance(known, list):
                return known.pop(0) if len(known) > 1 else known[0]
            return known

    def times(self, host, path=None):
        return [at for at, asked, where, _ in self.asked if asked == host and path in {None, where}]


@contextmanager
def serve(outlet):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            host = self.headers["Host"].partition(":")[0]
            status, headers, body = outlet.answer(self.path, host, self.headers["User-Agent"])
            content = body if isinstance(body, bytes) else body.encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value() if callable(value) else value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("", 0), Handler)  # each of 127.0.0.0/8 is a host of its own
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def crawl(urls, priorities=(), **settings):
    """Crawl ``urls``, in their order or with these priorities; return {"outcomes": {url: status or exception}, "stats": …, "seen": […], "reason": …}."""
    order = json.dumps({"urls": urls, "priorities": priorities, "settings": {**SETTINGS, **settings}})
    done = processes.run(
        [sys.executable, "-m", "tests.crawlers.polite", order],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "log": done.stderr}


class SeenMiddleware:
    """Stands where the capture stands, and notes what it would archive."""

    seen: ClassVar = []

    def process_response(self, request, response):
        self.seen.append([response.url, response.status])
        return response


async def run(order):
    from scrapy import Request, Spider  # noqa: PLC0415  the process of the crawl alone needs them
    from scrapy.crawler import AsyncCrawlerRunner  # noqa: PLC0415

    from crawlers.politeness.breaker import wall_read  # noqa: PLC0415

    class Visitor(Spider):
        name = "visitor"
        outcomes: ClassVar = {}

        async def start(self):
            for number, url in enumerate(order["urls"]):
                meta = {"handle_httpstatus_all": True, "asked_for": url}
                priority = order["priorities"][number] if order["priorities"] else -number
                yield Request(
                    url, callback=self.arrived, errback=self.failed, dont_filter=True, meta=meta, priority=priority
                )

        async def arrived(self, response):
            self.outcomes[response.meta["asked_for"]] = response.status
            if "consent" in response.text:
                self.crawler.signals.send_catch_log(wall_read, response=response, reason="consent-wall")

        async def failed(self, failure):
            self.outcomes[failure.request.meta["asked_for"]] = failure.type.__name__

    runner = AsyncCrawlerRunner(order["settings"])
    crawler = runner.create_crawler(Visitor)
    await runner.crawl(crawler)
    stats = {key: value for key, value in crawler.stats.get_stats().items() if isinstance(value, int | float | str)}
    return {"outcomes": Visitor.outcomes, "stats": stats, "seen": SeenMiddleware.seen, "reason": stats["finish_reason"]}


def main():
    from scrapy.utils.log import configure_logging  # noqa: PLC0415
    from scrapy.utils.reactor import install_reactor  # noqa: PLC0415

    order = json.loads(sys.argv[1])
    configure_logging({"LOG_LEVEL": order["settings"]["LOG_LEVEL"]})
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor  # noqa: PLC0415
    from twisted.internet.defer import Deferred  # noqa: PLC0415

    result = {}

    async def body():
        from tests.crawlers import polite  # noqa: PLC0415  the module the middleware was loaded from, not __main__

        try:
            result.update(await polite.run(order))
        finally:
            reactor.callLater(0, reactor.stop)

    reactor.callWhenRunning(
        lambda: Deferred.fromFuture(asyncio.ensure_future(body())).addErrback(lambda f: f.printTraceback())
    )
    reactor.run()
    if not result:
        sys.exit(1)
    print(json.dumps(result))  # noqa: T201  the answer to the test that started this process


if __name__ == "__main__":
    main()
