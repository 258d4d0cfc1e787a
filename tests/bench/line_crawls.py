"""The three crawls that `bench_line` compares, each run as a process: ``python line_crawls.py bare|assembly URLS FOLDER``.

``bare`` only fetches. ``assembly`` is what one would put together today: Scrapy 2.11, scrapy-webarchive, trafilatura, a
feed; it is run by an environment of its own, so nothing of this project is imported here.
"""

import sys
from pathlib import Path

import scrapy
from scrapy.crawler import CrawlerProcess

sys.path.insert(0, str(Path(__file__).parent))

COMMON = {
    "LOG_LEVEL": "ERROR",
    "CONCURRENT_REQUESTS": 8,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "COOKIES_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "DEFAULT_REQUEST_HEADERS": {"Accept-Encoding": "gzip"},
    "EXTENSIONS": {"stopwatch.Stopwatch": 0},
}


class Bare(scrapy.Spider):
    name = "bare"

    def requests(self):
        for url in Path(self.urls).read_text(encoding="utf-8").split():
            yield scrapy.Request(url)

    async def start(self):
        for request in self.requests():
            yield request

    def start_requests(self):  # what Scrapy 2.11 calls
        return self.requests()

    def parse(self, response):
        self.crawler.stats.inc_value("pages")


class Assembly(Bare):
    name = "assembly"

    def parse(self, response):
        import trafilatura  # noqa: PLC0415  not in the bare crawl

        found = trafilatura.bare_extraction(response.text, url=response.url, with_metadata=True)
        if found:
            yield {"url": response.url, "title": found.title, "date": found.date, "text": found.text}


def main(which, urls, folder):
    settings = dict(COMMON)
    if which == "assembly":
        settings["EXTENSIONS"] = {**settings["EXTENSIONS"], "scrapy_webarchive.extensions.WaczExporter": 543}
        settings["SW_EXPORT_URI"] = f"{folder}/wacz/"
        settings["FEEDS"] = {f"{folder}/articles.jsonl": {"format": "jsonlines", "encoding": "utf-8"}}
    process = CrawlerProcess(settings)
    process.crawl(Assembly if which == "assembly" else Bare, urls=urls)
    process.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
