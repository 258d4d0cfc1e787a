"""The month itself: one crawl after another, now on this host, now on that, at times on both at once; the clock is moved between them."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import time_machine

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from pathlib import Path

    from tests.month.town import Town

DELAY = 0.12  # seconds between two requests to a host
HOSTS = ("north", "south")
SETTINGS = {
    "DOWNLOAD_DELAY": DELAY,
    "AUTOTHROTTLE_ENABLED": False,  # the pace is to be the delay, whatever this machine is busy with
    "RETRY_AFTER_BASE": 0.2,
    "LOG_LEVEL": "CRITICAL",
    "TELNETCONSOLE_ENABLED": False,
}


@dataclass(frozen=True, slots=True)
class Crawled:
    """One crawl: where, when, exit code, report, and its part of the replica's log."""

    outlet: str
    host: str
    moment: datetime
    code: int
    report: dict[str, Any]
    asked: tuple[int, int]


@dataclass(slots=True)
class Month:
    """What happened, for the judge."""

    town: Town
    folder: Path
    crawls: list[Crawled] = field(default_factory=list)

    @property
    def archive(self) -> Path:
        return self.folder / "collection"


async def live(town: Town, folder: Path, every: timedelta, seed: int = 1) -> Month:
    """Let the month pass, a crawl of each outlet ``every`` so often."""
    month, chance = Month(town, folder), random.Random(seed)
    moment = town.start + every
    with time_machine.travel(moment, tick=True) as clock:
        while moment <= town.end:
            clock.move_to(moment)
            town.move_to(moment)
            hosts = HOSTS if chance.random() < 0.15 else (chance.choice(HOSTS),)
            before = len(town.log)
            found = await asyncio.gather(*(_crawl(town, folder, name, host) for name in town.outlets for host in hosts))
            asked = (before, len(town.log))
            month.crawls += [Crawled(name, host, moment, code, report, asked) for name, host, code, report in found]
            moment += every
    return month


async def _crawl(town: Town, folder: Path, outlet: str, host: str) -> tuple[str, str, int, dict[str, Any]]:
    from scrapy.crawler import AsyncCrawlerRunner  # noqa: PLC0415  the reactor must be chosen first
    from scrapy.utils.project import get_project_settings  # noqa: PLC0415

    from crawlers.keeping import ArchiveExtension  # noqa: PLC0415

    settings = get_project_settings()
    own = {
        "ARCHIVE_URI": str(folder / "collection"),
        "SPOOL_DIR": str(folder / host),
        "CONNECT_TO": town.env["CONNECT_TO"],
    }
    settings.setdict(SETTINGS | own, priority="cmdline")
    runner = AsyncCrawlerRunner(settings)
    crawler = runner.create_crawler(outlet)
    await runner.crawl(crawler)
    outcome = crawler.get_extension(ArchiveExtension).outcome
    return outlet, host, outcome.code.value, {"finish": crawler.stats.get_value("finish_reason")}
