"""The scheduler: slots that are due, crawls as child processes, what ran, and how long to wait for the next poll."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import signal
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from archive.files import set_file_aside, write_whole
from crawlers.monitoring.progress import GRACE, Crawl
from crawlers.scheduling.config import ScheduleEntry, cron_trigger
from crawlers.signals import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from crawlers.monitoring.postcrawl import History

# --- How long to wait for the next poll, learnt from what the last one found -----------------------------------------
#     the fullest channel: new / announced ─┬─ all new     a gap: something may have rolled off unseen ──▶ half the time
#                                           ├─ some new    ──▶ the time in which half of the channel would be new
#                                           └─ nothing new ──▶ half as long again
#
# So consecutive polls of a channel overlap, and an outlet that sleeps is asked less. Sitemaps of a day only grow, they say nothing.

ROLLING = frozenset(("feed", "section", "api", "news-sitemap"))
TARGET = 0.5  # of a channel may be new: as many again stand between us and a gap
SLOWER = 1.5
FASTER = 0.5
LEAST_ANNOUNCED = 5  # a shorter list is all new too easily


def next_interval(
    current: timedelta, reports: Sequence[Mapping[str, Any]], bounds: tuple[timedelta, timedelta]
) -> timedelta:
    """Return the next interval.

    Args:
        current: the interval that led to the newest report.
        reports: of the outlet, oldest first.
        bounds: the shortest and the longest.
    """
    shares = _new_shares(reports)
    if not shares:
        return current
    fullest = max(shares)
    factor = min(max(TARGET / fullest, FASTER), SLOWER) if fullest else SLOWER
    return min(max(current * factor, bounds[0]), bounds[1])


def _new_shares(reports: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return the share of news in each rolling channel of the newest crawl that an earlier one has read, too."""
    told = [report for report in reports if report.get("regular") and report.get("channels")]
    if len(told) < 2:  # noqa: PLR2004  the first look at a channel finds everything new
        return []
    before = {url for report in told[:-1] for url, channel in report["channels"].items() if channel["announced"]}
    shares = []
    for url, channel in told[-1]["channels"].items():
        if channel["kind"] not in ROLLING or url not in before:
            continue
        if channel["unchanged"]:
            shares.append(0.0)
        elif channel["announced"] >= LEAST_ANNOUNCED:
            shares.append(channel["new"] / channel["announced"])
    return shares


# --- What the schedule knows of its crawls, in a small file that survives it -----------------------------------------
# <spool>.schedule     {outlet: {slot, interval, runs, missed, retries, errors, broken, code, mute, started, finished, words, running}}
#
# A file that is spoiled is set aside, an outlet's part that is none is forgotten, and both are said.

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Past:
    """An outlet's crawls so far.

    Attributes:
        slot: the last slot that was taken (ISO 8601).
        interval: seconds between two slots, where the entry has no cron line.
        runs: crawls that were started, tries again among them.
        missed: slots that passed without a crawl of their own.
        retries: tries again.
        errors: slots at which the schedule itself failed.
        broken: how many of them came last, in a row.
        code: exit code of the newest crawl that ended.
        mute: that crawl failed and left no report: it was refused, killed, or broke before it began.
        started, finished: of that crawl.
        words: its last line.
        running: when the crawl that runs now began.
    """

    slot: str | None = None
    interval: float = 0.0
    runs: int = 0
    missed: int = 0
    retries: int = 0
    errors: int = 0
    broken: int = 0
    code: int | None = None
    mute: bool = False
    started: str | None = None
    finished: str | None = None
    words: str = ""
    running: str | None = None

    def last_slot(self) -> datetime | None:
        """Return the last slot as a time."""
        return datetime.fromisoformat(self.slot) if self.slot else None

    def every(self, entry: ScheduleEntry) -> timedelta:
        """Return the interval that holds now, within the entry's bounds, which may have changed since."""
        learnt = timedelta(seconds=self.interval)
        if not entry.adapts or not self.interval:
            return entry.every
        return min(max(learnt, entry.bounds[0]), entry.bounds[1])


class Memory:
    """The pasts of all outlets.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pasts: dict[str, Past] = {}
        try:
            data = json.loads(path.read_bytes())
            if not isinstance(data, dict):
                raise ValueError("it is no table")  # noqa: TRY004, TRY301  the file is wrong, not a type
        except FileNotFoundError:
            return
        except (ValueError, RecursionError) as error:
            logger.warning(
                "%s is spoiled (%s); slots are reckoned anew, it stands at %s", path, error, set_file_aside(path)
            )
            return
        for outlet, past in data.items():
            try:
                self.pasts[outlet] = _past(past)
            except ValueError as error:
                logger.warning("%s: what it says of %s is spoiled (%s) and forgotten", path, outlet, error)

    def of(self, outlet: str) -> Past:
        """Return an outlet's past."""
        return self.pasts.setdefault(outlet, Past())

    def save(self) -> None:
        """Write the file, whole or not at all; where it cannot be written, that is said, and the next time tries again."""
        try:
            write_whole(self.path, {outlet: asdict(past) for outlet, past in self.pasts.items()})
        except OSError as error:
            logger.warning("%s cannot be written (%s); the schedule goes on from memory", self.path, error.strerror)


def _past(value: object) -> Past:
    """Read an outlet's part; raises ``ValueError`` where it is none."""
    past = msgspec.convert(value, Past)
    for moment in (past.slot, past.started, past.finished, past.running):
        if moment is not None and datetime.fromisoformat(moment).tzinfo is None:
            raise ValueError(f"{moment} names no zone")
    if not 0 <= past.interval < timedelta.max.total_seconds():
        raise ValueError(f"an interval of {past.interval} s")
    return past


def stamp(moment: datetime | None = None) -> str:
    """Return a time, now without one, as the memory keeps it."""
    return (moment or datetime.now(UTC)).isoformat(timespec="seconds")


# --- When an entry is due: the slots since the last one that was taken, and the one that comes -----------------------

MOST = 10_000  # slots that are counted one by one; a schedule that stood still for a year has missed enough


class Due(NamedTuple):
    """What is due: the newest slot that has passed (None: none), how many passed with it, and the next one to come."""

    slot: datetime | None
    passed: int
    following: datetime


def due(entry: ScheduleEntry, last: datetime | None, interval: timedelta, now: datetime) -> Due:
    """Return what is due at ``now``.

    Args:
        entry: when the outlet is crawled.
        last: the last slot that was taken; None where the outlet was never crawled by the schedule: an interval begins now.
        interval: between two slots, where the entry has no cron line.
        now: aware.
    """
    if entry.cron is None:
        return _due_by_interval(last, interval, now)
    trigger = cron_trigger(entry.outlet, entry.cron)
    slot, passed = None, 0
    following: datetime = trigger.get_next_fire_time(last, now if last is None else last + timedelta(microseconds=1))
    while following <= now and passed < MOST:
        slot, passed = following, passed + 1
        following = trigger.get_next_fire_time(slot, slot + timedelta(microseconds=1))
    if following <= now:
        following = trigger.get_next_fire_time(None, now)
    return Due(slot, passed, following)


def _due_by_interval(last: datetime | None, interval: timedelta, now: datetime) -> Due:
    if last is None:
        return Due(now, 1, now + interval)
    passed = max(int((now - last) / interval), 0)
    return Due(last + passed * interval if passed else None, passed, last + (passed + 1) * interval)


# --- The process of `scrapy schedule`: an asyncio loop with a task for each outlet, whose crawls run as children -----
#     slot ──(jitter)──▶ crawl in a process ──▶ done ─┬─ broken, tries left ──(retry_after, doubled each time)──▶ crawl again
#                          └─ over its limit: SIGTERM │
#                             and, in the end, kill   └─▶ remember · learn the interval · next slot
#
# What goes wrong in the schedule itself, say a log that cannot be written on a full disk, costs one slot: it is told and counted, and the next
# one comes. The clock is looked at again every LOOK_EVERY, so that one that was set right moves the slots with it.
#
# SIGTERM or SIGINT: nothing new begins, running crawls are asked to stop (they publish what they have), then the process ends.
# A second signal passes on to the crawls, which then stop at once.

BROKEN = {ExitCode.FAILED, ExitCode.UNPUBLISHED, ExitCode.FULL, ExitCode.BUSY}
"""Worth another try; a refusal needs a hand, and an outlet that blocks us must not be asked again at once."""
LOOK_EVERY = 30.0  # seconds
LONGEST_PAUSE = 3600.0  # seconds between two tries
AHEAD = timedelta(minutes=1)
"""By which a slot that was taken may lie ahead: a clock that is set right by more had been wrong."""
RED = 2
"""Slots without a crawl at which an outlet is unwell."""
FINE = {ExitCode.PUBLISHED, ExitCode.BUSY, ExitCode.STOPPED}
"""No failure of a crawl."""


class Scheduler:
    """Runs the schedule.

    Args:
        entries: when each outlet is crawled.
        memory: what ran.
        history: the archive's reports.
        logs: the folder for the crawls' logs.
        words: further words for each crawl (``-s NAME=VALUE``).
        ended: is told of crawls that could not tell of themselves, and of the first after them: outlet, past, exit code before.
    """

    def __init__(  # noqa: PLR0913  each is a fact of its own
        self,
        entries: Mapping[str, ScheduleEntry],
        memory: Memory,
        history: History,
        *,
        logs: Path,
        words: list[str],
        ended: Callable[[str, Past, int | None], None],
    ) -> None:
        self.entries, self.memory, self.history = entries, memory, history
        self.logs, self.words, self.ended = logs, words, ended
        self.running: dict[str, Crawl] = {}
        self.following: dict[str, datetime] = {}
        self.pauses: dict[str, float] = {}  # seconds that a slot waits on purpose
        self.reports: dict[str, list[dict[str, Any]]] = {}
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Run until a signal comes, then until the last crawl has ended."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        await asyncio.gather(*(self._keep(outlet) for outlet in self.entries))
        self.memory.save()

    def stop(self) -> None:
        """Begin nothing more and ask the running crawls to stop."""
        logger.info("the schedule stops; it waits for %d crawls to publish", len(self.running))
        self._stopping.set()
        for crawl in self.running.values():
            crawl.stop()

    def missed(self, outlet: str, now: datetime | None = None) -> int:
        """Return how many slots in a row have come to nothing: none was begun in time, or the schedule itself failed at it.

        A crawl that is at work within its limit is not late, however many slots pass meanwhile.
        """
        entry, past, now = self.entries[outlet], self.memory.of(outlet), now or datetime.now(UTC)
        if outlet in self.running:
            since = datetime.fromisoformat(past.running) if past.running else now
            return 0 if now - since <= entry.limit + timedelta(seconds=GRACE) else RED
        waiting = timedelta(seconds=self.pauses.get(outlet, 0.0))
        begun = [datetime.fromisoformat(moment) for moment in (past.slot, past.started) if moment]
        last = max((moment for moment in begun if moment <= now), default=None)
        passed = 0 if last is None else due(entry, last + waiting, past.every(entry), now).passed
        return past.broken + passed

    # --- one outlet -------------------------------------------------------------------------------------------------

    async def _keep(self, outlet: str) -> None:
        """Take an outlet's slots, one after another, whatever becomes of each."""
        self.memory.of(outlet).running = None
        await self._learn(outlet, adapt=False)
        while not self._stopping.is_set():
            await self._next(outlet)

    async def _next(self, outlet: str) -> None:
        """Take the slot that is due, or wait a while for the one that comes."""
        slot = self._due(outlet)
        self.following[outlet] = slot.following
        if slot.slot is None:
            left = (slot.following - datetime.now(UTC)).total_seconds()
            await self._pause(min(max(left, 0.0), LOOK_EVERY))
            return
        try:
            await self._take(outlet, slot.slot, slot.passed - 1)
        except Exception:
            past = self.memory.of(outlet)
            past.slot, past.running = stamp(slot.slot), None
            past.errors, past.broken = past.errors + 1, past.broken + 1
            logger.exception("%s: the slot of %s came to nothing; the next one comes", outlet, past.slot)
            self.memory.save()

    def _due(self, outlet: str) -> Due:
        """Return the slot that is due now, and the one that comes."""
        entry, past, now = self.entries[outlet], self.memory.of(outlet), datetime.now(UTC)
        last = past.last_slot()
        if last is not None and last > now + AHEAD:
            logger.warning(
                "%s: its last slot was noted for %s, which is yet to come; slots are reckoned anew", outlet, past.slot
            )
            past.slot = last = None
        if entry.cron and last is None:
            past.slot = stamp(now)  # from here on, no slot is missed in silence
            self.memory.save()
        return due(entry, past.last_slot(), past.every(entry), now)

    async def _take(self, outlet: str, slot: datetime, missed: int) -> None:
        """Crawl for a slot, and again where that broke.

        The slot is remembered when it is done with: a schedule that ends before takes it again when it is back.
        """
        entry, past = self.entries[outlet], self.memory.of(outlet)
        if missed:
            logger.warning("%s: %d slots passed without a crawl; this one makes up for them", outlet, missed)
        await self._wait(outlet, random.uniform(0, entry.jitter.total_seconds()))  # noqa: S311  no secret
        for attempt in range(entry.retry + 1):
            if self._stopping.is_set():
                return
            past.retries += bool(attempt)
            code = await self._crawl(outlet)
            past.broken = 0
            if self._stopping.is_set() and (code == ExitCode.STOPPED or code < 0):
                return
            if not self._is_worth_another_try(past) or attempt == entry.retry:
                break
            pause = min(entry.retry_after.total_seconds() * 2**attempt, LONGEST_PAUSE)
            logger.warning("%s: exit %d, tried again in %g s", outlet, code, pause)
            await self._wait(outlet, pause)
        past.slot, past.missed = stamp(slot), past.missed + missed
        self.memory.save()

    @staticmethod
    def _is_worth_another_try(past: Past) -> bool:
        """Say whether a crawl broke; of 3, which a crawl says of itself in a report too, only that the archive did not answer."""
        return past.code in BROKEN or (past.code == ExitCode.UNAVAILABLE and past.mute)

    async def _wait(self, outlet: str, seconds: float) -> None:
        """Wait with a slot in hand: for so long it is not late."""
        self.pauses[outlet] = self.pauses.get(outlet, 0.0) + seconds
        await self._pause(seconds)

    async def _crawl(self, outlet: str) -> int:
        entry, past = self.entries[outlet], self.memory.of(outlet)
        crawl = Crawl(outlet, [*entry.words(), *self.words], self.logs)
        self.running[outlet] = crawl
        past.runs, past.running = past.runs + 1, stamp()
        self.memory.save()
        logger.info("%s begins", outlet)
        try:
            await crawl.run(entry.limit.total_seconds())
        finally:
            del self.running[outlet]
            self.pauses.pop(outlet, None)
        before, was_mute = past.code, past.mute
        past.code = crawl.code
        past.started, past.running, past.finished, past.words = past.running, None, stamp(), crawl.last_words()
        await self._learn(outlet, adapt=True)
        past.mute = past.code not in FINE and not self._has_report(outlet, past.started or "")
        self.memory.save()
        logger.info("%s", past.words)
        if (
            past.mute or was_mute
        ) and not self._stopping.is_set():  # what the end of the schedule does to a crawl is nobody's failure
            self.ended(outlet, past, before)
        return crawl.code

    def _has_report(self, outlet: str, since: str) -> bool:
        begun = [report["started"] for report in self.reports.get(outlet, ())[-1:]]
        return any(datetime.fromisoformat(one) >= datetime.fromisoformat(since) for one in begun)

    async def _learn(self, outlet: str, *, adapt: bool) -> None:
        """Read the newest report, and draw from it how long to wait."""
        entry, past = self.entries[outlet], self.memory.of(outlet)
        try:
            self.reports[outlet] = await asyncio.to_thread(self.history.reports, outlet)
        except Exception as error:  # noqa: BLE001  what a store or a disk answers decides over no slot
            logger.warning("%s: reports cannot be read: %s", outlet, error)
            return
        if entry.adapts and adapt:
            interval = next_interval(past.every(entry), self.reports[outlet], entry.bounds)
            past.interval = interval.total_seconds()

    async def _pause(self, seconds: float) -> None:
        """Wait, but not for longer than until the schedule stops."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
