"""The process of `scrapy schedule`: an asyncio loop in which APScheduler fires slots and crawls run as children.

    slot ──(jitter)──▶ crawl in a process ──▶ done ─┬─ broken, tries left ──(retry_after)──▶ crawl again
                         └─ over its limit: SIGTERM │
                            and, in the end, kill   └─▶ remember · learn the interval · next slot

SIGTERM or SIGINT: nothing new begins, running crawls are asked to stop (they publish what they have), then the process ends.
A second signal passes on to the crawls, which then stop at once.
"""

from __future__ import annotations

import asyncio
import logging
import random
import signal
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from archive.store import StoreError
from crawlers.exit_codes import ExitCode
from crawlers.processes import Crawl
from crawlers.scheduling.interval import next_interval
from crawlers.scheduling.memory import Past, stamp
from crawlers.scheduling.slots import due

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    from crawlers.scheduling.memory import Memory
    from crawlers.scheduling.table import Entry
    from crawlers.watching.history import History

logger = logging.getLogger(__name__)

BROKEN = {ExitCode.FAILED, ExitCode.UNPUBLISHED, ExitCode.FULL, ExitCode.BUSY}
"""Worth another try; a refusal needs a hand, and an outlet that blocks us must not be asked again at once."""
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
        self.reports: dict[str, list[dict[str, Any]]] = {}
        self._timers = AsyncIOScheduler(timezone=UTC)
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Run until a signal comes, then until the last crawl has ended."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        self._timers.start()
        for outlet in self.entries:
            self.memory.of(outlet).running = None
            await self._learn(outlet, adapt=False)
            await self._plan(outlet)
        await self._stopping.wait()
        self._timers.shutdown(wait=False)
        await asyncio.gather(*self._tasks)
        self.memory.save()

    def stop(self) -> None:
        """Begin nothing more and ask the running crawls to stop."""
        logger.info("the schedule stops; it waits for %d crawls to publish", len(self.running))
        self._stopping.set()
        for crawl in self.running.values():
            crawl.stop()

    # --- one outlet -------------------------------------------------------------------------------------------------

    async def _plan(self, outlet: str) -> None:
        """Take the slot that is due now, or set the timer for the one that comes."""
        entry, past, now = self.entries[outlet], self.memory.of(outlet), datetime.now(UTC)
        if entry.cron and past.slot is None:
            past.slot = stamp(now)  # from here on, no slot is missed in silence
            self.memory.save()
        found = due(entry, past.last_slot(), past.every(entry), now)
        self.following[outlet] = found.following
        if found.slot is None:
            when = DateTrigger(found.following, timezone=UTC)
            self._timers.add_job(
                self._plan, when, args=[outlet], id=outlet, replace_existing=True, misfire_grace_time=None
            )
            return
        task = asyncio.create_task(self._take(outlet, found.slot, found.passed - 1))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(self, outlet: str, slot: datetime, missed: int) -> None:
        """Crawl for a slot, and again where that broke; then plan the next slot.

        The slot is remembered when it is done with: a schedule that ends before takes it again when it is back.
        """
        entry, past = self.entries[outlet], self.memory.of(outlet)
        if missed:
            logger.warning("%s: %d slots passed without a crawl; this one makes up for them", outlet, missed)
        await self._pause(random.uniform(0, entry.jitter.total_seconds()))  # noqa: S311  no secret
        for attempt in range(entry.retry + 1):
            if self._stopping.is_set():
                return
            past.retries += bool(attempt)
            code = await self._crawl(outlet)
            if self._stopping.is_set() and (code == ExitCode.STOPPED or code < 0):
                return
            if code not in BROKEN or attempt == entry.retry:
                break
            logger.warning("%s: exit %d, tried again in %s", outlet, code, entry.retry_after)
            await self._pause(entry.retry_after.total_seconds())
        past.slot, past.missed = stamp(slot), past.missed + missed
        self.memory.save()
        if not self._stopping.is_set():
            await self._plan(outlet)

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
        except StoreError as error:
            logger.warning("%s: reports cannot be read: %s", outlet, error)
            return
        if entry.adapts and adapt:
            interval = next_interval(past.every(entry), self.reports[outlet], entry.bounds)
            past.interval = interval.total_seconds()

    async def _pause(self, seconds: float) -> None:
        """Wait, but not for longer than until the schedule stops."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
