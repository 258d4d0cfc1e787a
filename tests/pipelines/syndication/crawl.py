"""A crawl of one spider that announces given articles: ``python -m tests.pipelines.syndication.crawl IN.jsonl OUT.json [keeper]``."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess

from archive.article import Article, Discovered
from pipelines.store import ArchiveSession
from pipelines.syndication import MemoryStoryIndex, Stories


class Keeper(ArchiveSession):
    """An extension that keeps stories in memory."""

    @classmethod
    def from_crawler(cls, crawler):
        keeper = cls()
        keeper.stories, keeper.lines, keeper.found = Stories(MemoryStoryIndex()), [], []
        crawler.keeper = keeper
        return keeper

    async def place(self, piece):
        placed = self.stories.place(piece)
        self.found += [placed.told.isoformat()] * len(placed.taught)
        await asyncio.sleep(0.01)  # between finding and writing another crawl may find something, too
        return placed

    async def write_story(self, line):
        self.lines.append(line)


class Announcer(Spider):
    name = "announcer"

    async def start(self):
        for line in self.lines:
            said = json.loads(line)
            moment = datetime.fromisoformat(said["published"])
            yield Article(
                id=said["id"], outlet=said["outlet"], url=said["url"], canonical_url=said["url"], headline=said["headline"],
                text=said["text"], published=moment, captured=moment, extractor="a/1", agencies=said["agencies"],
                discovered=Discovered(kind="argument", url=said["url"]),
            )  # fmt: skip


KEPT = []


class Collector:
    def process_item(self, item):
        KEPT.append(item.to_line())
        return item


if __name__ == "__main__":
    source, out, *extensions = sys.argv[1:]
    process = AsyncCrawlerProcess(
        {
            "ITEM_PIPELINES": {"pipelines.syndication.pipeline.SyndicationPipeline": 300, Collector: 900},
            "EXTENSIONS": {Keeper: 1} if extensions else {},
            "CONCURRENT_ITEMS": 1,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "WARNING",
        }
    )
    crawler = process.create_crawler(Announcer)
    process.crawl(crawler, lines=Path(source).read_text("utf-8").splitlines())
    process.start()
    stats = {name: value for name, value in crawler.stats.get_stats().items() if name.startswith("syndication/")}
    told, found = (crawler.keeper.lines, crawler.keeper.found) if extensions else ([], [])
    Path(out).write_text(json.dumps({"articles": KEPT, "told": told, "found": found, "stats": stats}), "utf-8")
