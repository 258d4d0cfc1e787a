"""The process of `scrapy schedule`: an asyncio loop with a task for each outlet, whose crawls run as children.

    slot ──(jitter)──▶ crawl in a process ──▶ done ─┬─ broken, tries left ──(retry_after, doubled each time)──▶ crawl again
                         └─ over its limit: SIGTERM │
                            and, in the end, kill   └─▶ remember · learn the interval · next slot

What goes wrong in the schedule itself, say a log that cannot be written on a full disk, costs one slot: it is told and counted, and the next
one comes. The clock is looked at again every LOOK_EVERY, so that one that was set right moves the slots with it.

SIGTERM or SIGINT: nothing new begins, running crawls are asked to stop (they publish what they have), then the process ends.
A second signal passes on to the crawls, which then stop at once.
"""

from __future__ import annotations

import asyncio
import logging
import random
import signal
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crawlers.exit_codes import ExitCode
from crawlers.processes import GRACE, Crawl
from crawlers.scheduling.interval import next_interval
from crawlers.scheduling.memory import Past, stamp
from crawlers.scheduling.slots import due

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    from crawlers.monitoring.history import History
    from crawlers.scheduling.config import Entry
    from crawlers.scheduling.memory import Memory
    from crawlers.scheduling.slots import Due

logger = logging.getLogger(__name__)

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


class Desk:
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
        entries: Mapping[str, Entry],
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
        found = self._due(outlet)
        self.following[outlet] = found.following
        if found.slot is None:
            left = (found.following - datetime.now(UTC)).total_seconds()
            await self._pause(min(max(left, 0.0), LOOK_EVERY))
            return
        try:
            await self._take(outlet, found.slot, found.passed - 1)
        except Exception:
            past = self.memory.of(outlet)
            past.slot, past.running = stamp(found.slot), None
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
