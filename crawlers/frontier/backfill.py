"""Back-fills: which past days are still to be asked for, and how a back-fill gives way to a regular crawl."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import NotConfigured

from archive.article import format_time, parse_time
from archive.coverage import coverage
from archive.manifests.lease import FARTHEST, LeaseHeld
from archive.spool.spool import SpoolBusy
from archive.store import Conflict, Missing, Store, StoreError
from crawlers.monitoring.report import YIELDED
from crawlers.session.background import in_thread
from pipelines.store import session_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from scrapy.crawler import Crawler

    from archive.reader.archive import Archive

# --- A back-fill gives way: a regular crawl that finds it at work asks for the outlet, and has it within seconds -----
#     back-fill   marks itself as one that gives way ─▶ looks now and then whether it is wanted ─▶ closes, reason "yielded"
#     regular     busy? the other gives way? ─▶ says that it is wanted ─▶ waits, at most LEASE_PATIENCE ─▶ begins, wants no more
#
#     leases/<outlet>.yields.json, leases/<outlet>.wanted.json      {"until": …}, beside the lease, which alone decides who works
#
# What the back-fill had not reached it asks for when it goes on: nothing is kept but what the bucket knows.

logger = logging.getLogger(__name__)

VALID = timedelta(seconds=60)
LOOK_EVERY = 2.0  # seconds


class Mark:
    """A small object beside the lease that is true until its time is over.

    Args:
        store: the archive.
        outlet: the outlet.
        name: ``yields`` or ``wanted``.
    """

    def __init__(self, store: Store, outlet: str, name: str) -> None:
        self._store, self._key = store, f"leases/{outlet}.{name}.json"

    def put(self, valid: timedelta = VALID) -> None:
        """Set it; of two who do so at once one is enough."""
        body = json.dumps({"until": format_time(datetime.now(UTC) + valid)}).encode()
        with suppress(Conflict):
            self._store.replace(self._key, body, tag=self._read()[1])

    def clear(self) -> None:
        """Take it back, if it stands."""
        if self.stands():
            self.put(timedelta())

    def stands(self) -> bool:
        """Say whether it is set and valid; one that is spoiled, or of a clock that is far ahead, is not."""
        body, _ = self._read()
        now = datetime.now(UTC)
        try:
            return now < parse_time(json.loads(body)["until"]) <= now + VALID + FARTHEST
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return False

    def _read(self) -> tuple[bytes, str | None]:
        try:
            return self._store.read_tagged(self._key)
        except Missing:
            return b"", None


def patiently(begin: Callable[[], object], store: Store, outlet: str, patience: float) -> None:
    """Call ``begin``; where a crawl that gives way is at work, say that we want to, and try again.

    Args:
        begin: raises `SpoolBusy` or `LeaseHeld` where somebody is at work.
        store: the archive.
        outlet: the outlet.
        patience: seconds after which it is given up.
    """
    until = time.monotonic() + patience
    wanted = Mark(store, outlet, "wanted")
    asked = False
    while True:
        try:
            begin()
        except (SpoolBusy, LeaseHeld):
            if time.monotonic() >= until or not Mark(store, outlet, "yields").stands():
                raise
        else:
            if asked:
                wanted.clear()  # a mark that stood on would send the back-fill away again, and nobody would come
            return
        wanted.put()
        asked = True
        time.sleep(min(LOOK_EVERY, max(0.1, until - time.monotonic())))


class YieldingExtension:
    """Closes a back-fill's crawl as soon as a regular one wants to begin."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._task: asyncio.Task[None] | None = None
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read YIELDS, which `scrapy backfill` sets."""
        if not crawler.settings.getbool("YIELDS"):
            raise NotConfigured
        extension = cls(crawler)
        # not spider_opened: a crawl that is closed while the others still open ends before its archive has begun
        crawler.signals.connect(extension.engine_started, signal=signals.engine_started)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def engine_started(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._look())

    def spider_closed(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()

    async def _look(self) -> None:
        session = session_of(self.crawler)
        store, outlet = session.store, session.outlet
        while not await in_thread(lambda: _is_wanted(store, outlet)):  # noqa: ASYNC110  who wants it is in another process
            await asyncio.sleep(LOOK_EVERY)
        logger.info("a regular crawl wants to begin: the back-fill gives way and goes on later")
        assert self.crawler.engine is not None
        # a task of its own: the closing cancels the one that looks
        self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=YIELDED))


def _is_wanted(store: Store, outlet: str) -> bool:
    try:
        Mark(store, outlet, "yields").put()
        return Mark(store, outlet, "wanted").stands()
    except StoreError as error:  # nobody can say that he wants to; the spool's limit sees to the rest
        logger.warning("not known whether another crawl wants to begin: %s", error)
        return False


# --- What a back-fill has still to do, read from the bucket alone, and how long that will take -----------------------
#     days asked for ─▶ coverage ─┬─ complete          left alone
#                                 ├─ open, gaps, none  slices of some days, in order
#                                 └─ gaps              their addresses, last
#
# A back-fill that is stopped anywhere, on any machine, goes on where the bucket says that it was.

AT_ONCE = 50  # addresses of one crawl; a command line takes no more than some


@dataclass(frozen=True, slots=True)
class Slice:
    """Some days that one crawl asks about, first and last included."""

    since: date
    until: date

    def __str__(self) -> str:
        return f"{self.since} to {self.until}"

    @property
    def days(self) -> int:
        """Return how many they are."""
        return (self.until - self.since).days + 1


def open_slices(archive: Archive, outlet: str, span: Slice, size: int | None) -> list[Slice]:
    """Return the days of a span that are not complete, in order, in slices of at most so many days.

    Args:
        archive: what is complete, it knows.
        outlet: the outlet.
        span: the days asked for.
        size: None where an outlet keeps nothing by day: then its lists are read once for the whole span.
    """
    known = coverage(archive, [outlet], span.since, span.until).days if outlet in archive.outlets() else []
    asked = {day.day for day in known if day.state != "open"}
    wanted = [day for n in range(span.days) if (day := span.since + timedelta(days=n)) not in asked]
    if size is None:
        return [Slice(wanted[0], wanted[-1])] if wanted else []
    slices: list[Slice] = []
    for day in wanted:
        if slices and day == slices[-1].until + timedelta(days=1) and slices[-1].days < size:
            slices[-1] = Slice(slices[-1].since, day)
        else:
            slices.append(Slice(day, day))
    return slices


def gaps(archive: Archive, outlet: str, span: Slice) -> list[str]:
    """Return the addresses that are missing in a span and might be had, each as the words of ``-a url=``."""
    urls = [fact.url for fact in coverage(archive, [outlet], span.since, span.until).gaps if "://" in fact.url]
    return [" ".join(urls[at : at + AT_ONCE]) for at in range(0, len(urls), AT_ONCE)]


def time_left(done: Sequence[tuple[int, float]], days: int) -> str:
    """Say how long some days will take, by what the last ones took.

    Args:
        done: days and seconds of each slice so far.
        days: how many are left.
    """
    recent = done[-10:]
    seconds = days * sum(took for _, took in recent) / max(1, sum(count for count, _ in recent))
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes else "less than a minute"
