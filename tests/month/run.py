"""The month itself: one crawl after another, now on this host, now on that, at times on both at once; the clock is moved between them."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import time_machine

from tests.crawlers.monitoring.listener import listen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta
    from pathlib import Path

    from tests.month.town import Town

DELAY = 0.06  # seconds between two requests to a host
HOSTS = ("north", "south")
SETTINGS = {
    "DOWNLOAD_DELAY": DELAY,
    "AUTOTHROTTLE_ENABLED": False,  # the pace is to be the delay, whatever this machine is busy with
    "RETRY_AFTER_BASE": 0.1,
    "LOG_LEVEL": "CRITICAL",
    "TELNETCONSOLE_ENABLED": False,
}


@dataclass(frozen=True, slots=True)
class Crawled:
    """One crawl: where, when, exit code, its id, and its part of the replica's log."""

    outlet: str
    host: str
    moment: datetime
    code: int
    crawl: str
    asked: tuple[int, int]


@dataclass(slots=True)
class Month:
    """What happened, for the judge: the crawls, what was told to the webhook, and the reports, by crawl."""

    town: Town
    folder: Path
    crawls: list[Crawled] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def archive(self) -> Path:
        return self.folder / "collection"


async def live(town: Town, folder: Path, every: timedelta, seed: int = 1) -> Month:
    """Let the month pass, a crawl of each outlet ``every`` so often."""
    month, chance = Month(town, folder), random.Random(seed)
    moment, host = town.start + every, HOSTS[0]
    with listen() as listener, time_machine.travel(moment, tick=True) as clock:
        while moment <= town.end:
            clock.move_to(moment)
            town.move_to(moment)
            was_lost = any(fault.kind == "store-lost" and fault.holds(moment - every) for fault in town.faults)
            if not was_lost:  # what waits in a spool is published by its host
                host = chance.choice(HOSTS)
            hosts = HOSTS if not was_lost and chance.random() < 0.15 and not town.holding("store-lost") else (host,)
            before = len(town.log)
            with _StoreLost(month.archive, (fault.outlet for fault in town.holding("store-lost"))):
                crawls = (_crawl(town, folder, name, at, listener.url) for name in town.outlets for at in hosts)
                found = await asyncio.gather(*crawls)
            asked = (before, len(town.log))
            month.crawls += [Crawled(name, at, moment, code, crawl, asked) for name, at, code, crawl in found]
            moment += every
    month.told = [said for _, said in listener.posted]
    reports = (json.loads(path.read_bytes()) for path in month.archive.glob("reports/**/*.json"))
    month.reports = {report["crawl"]: report for report in reports}
    return month


class _StoreLost:
    """The bucket does not take the WARCs of these outlets: a file stands where their folder is to be."""

    def __init__(self, archive: Path, outlets: Iterable[str]) -> None:
        self.places = [archive / "warc" / f"outlet={outlet}" for outlet in outlets]
        self.aside = archive.with_name("aside")

    def __enter__(self) -> None:
        for place in self.places:
            shutil.move(place, self.aside / place.name)
            place.write_text("no folder")

    def __exit__(self, *_exception: object) -> None:
        for place in self.places:
            place.unlink()
            shutil.move(self.aside / place.name, place)


async def _crawl(town: Town, folder: Path, outlet: str, host: str, webhook: str) -> tuple[str, str, int, str]:
    from scrapy.crawler import AsyncCrawlerRunner  # noqa: PLC0415  the reactor must be chosen first
    from scrapy.utils.project import get_project_settings  # noqa: PLC0415

    from crawlers.session.extension import ArchiveExtension  # noqa: PLC0415

    settings = get_project_settings()
    own = {
        "ARCHIVE_URI": str(folder / "collection"),
        "SPOOL_DIR": str(folder / host),
        "CONNECT_TO": town.env["CONNECT_TO"],
        "WEBHOOK_URL": webhook,
    }
    settings.setdict(SETTINGS | own, priority="cmdline")
    runner = AsyncCrawlerRunner(settings)
    crawler = runner.create_crawler(outlet)
    await runner.crawl(crawler)
    keeper = crawler.get_extension(ArchiveExtension)
    return outlet, host, keeper.outcome.code.value, keeper.crawl
