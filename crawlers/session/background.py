"""What is done for the archive beside the crawl, in threads that it never waits for; and what happens when disk or store fail."""

from __future__ import annotations

import asyncio
import logging
import math
import sqlite3
import threading
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from scrapy import signals
from scrapy.exceptions import NotConfigured
from twisted.internet.defer import Deferred

from archive.files import give_memory_back, is_full
from archive.spool.spool import Spool
from archive.store import StoreError
from crawlers.configuration import Destination
from crawlers.session.shutdown import is_killed, stopped_at

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path
    from typing import Self

    from scrapy.crawler import Crawler

    from crawlers.session.session import LocalArchive

# --- What is done for the archive beside the crawl, in threads that it never waits for -------------------------------
# every PUBLISH_EVERY   roll what is due ▸ publish what is closed        a large upload may take its time
# every RENEW_EVERY     keep the lease                                   so that one does not let it lapse
#
# The threads are daemons: one that hangs on a store keeps no process from ending, and may die at any moment (docs/durability.md).

logger = logging.getLogger(__name__)

RENEW_EVERY = 60.0  # seconds; a lease is valid for five minutes
TICK = 0.25  # seconds between two looks whether a signal has come

_Result = TypeVar("_Result")


class Background:
    """The tasks beside one crawl.

    Args:
        archive: what is published, and whose lease is kept.
        publish_every: seconds between two rounds of publishing.
        fail: stops the crawl; told what went wrong with more than the store.
    """

    def __init__(self, archive: LocalArchive, publish_every: float, fail: Callable[[Exception], None]) -> None:
        self.archive = archive
        self.publish_every = publish_every
        self.fail = fail
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        self._tasks = [
            asyncio.create_task(self._now_and_then(self.publish_every, self._publish)),
            asyncio.create_task(self._now_and_then(min(self.publish_every, RENEW_EVERY), self._renew)),
        ]

    async def stop(self) -> None:
        """End; a round that is under way ends by itself."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _now_and_then(self, seconds: float, act: Callable[[], Coroutine[None, None, object]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await act()
            except Exception as error:  # noqa: BLE001  whatever it is, a crawl that cannot publish must not go on blindly
                if not is_full(error):
                    self.fail(error)
                    return
                logger.warning("not published yet, the disk is full: %s", error)

    async def _publish(self) -> None:
        self.archive.writer.roll_if_due()
        await in_thread(self._publish_and_trim)

    def _publish_and_trim(self) -> None:
        self.archive.publish()
        give_memory_back()

    async def _renew(self) -> None:
        await in_thread(self.archive.renew)


async def in_thread(act: Callable[[], _Result]) -> _Result:
    """Run a function in a thread of its own and return what it returns; cancelled, the thread goes on for itself."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_Result] = loop.create_future()

    def settle(result: _Result | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # None only where the function returns it

    def run() -> None:
        try:
            outcome: tuple[_Result | None, BaseException | None] = act(), None
        except BaseException as error:  # noqa: BLE001  it is raised again where it is waited for
            outcome = None, error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any longer
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, name="archive", daemon=True).start()
    return await done


def outlast_reactor(done: asyncio.Event) -> None:
    """Keep the reactor, which a signal stops even while a crawl closes, running until something is done, or a second one comes."""
    from twisted.internet import reactor  # noqa: PLC0415  there is one by now; an import above would choose it

    def wait() -> Deferred[bool]:
        return Deferred.fromFuture(asyncio.ensure_future(_done_or_killed(done)))

    reactor.addSystemEventTrigger("before", "shutdown", wait)  # type: ignore[arg-type]  # its stub swaps the arguments


async def _done_or_killed(done: asyncio.Event) -> bool:
    while not done.is_set() and not is_killed():
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), TICK)
    return True


class Deadline:
    """How long a crawl's last things may take: as long as they need; after a signal, some seconds all together.

    Args:
        crawler: is no longer crawling once a signal has come.
        seconds: from the signal on, what was under way then included.
    """

    def __init__(self, crawler: Crawler, seconds: float) -> None:
        self.crawler, self.seconds = crawler, seconds
        self._until: float | None = None

    @property
    def left(self) -> float:
        """Return the seconds that are left."""
        if self.crawler.crawling:
            return math.inf
        if self._until is None:
            self._until = (stopped_at(self.crawler) or monotonic()) + self.seconds
        return max(self._until - monotonic(), 0)


async def in_time(doing: asyncio.Future[_Result], patience: Deadline) -> bool:
    """Wait for something that is under way; False where the patience ended before it."""
    while not (await asyncio.wait({doing}, timeout=TICK))[0]:
        if not patience.left:
            return False
    return True


async def last(act: Callable[[], _Result], patience: Deadline) -> tuple[_Result | None, Exception | None]:
    """Do one of a crawl's last things; what is not done the spool has, and the next start does.

    Args:
        act: the thing.
        patience: how long it may take.

    Returns:
        What it returned, and what went wrong with it other than the store or the time.
    """
    doing = asyncio.ensure_future(in_thread(act))
    try:
        if not await in_time(doing, patience):
            doing.cancel()
            logger.warning("no time is left to publish: the rest waits in the spool for the next start")
            return None, None
        return doing.result(), None
    except StoreError as error:
        logger.warning("not published, it waits in the spool: %s", error)
        return None, None
    except Exception as error:
        why = "its segment stays in the spool and is mended at the next start"
        logger.error("the crawl could not be closed, %s: %s", why, error, exc_info=not is_full(error))  # noqa: TRY400  said in full where it is a surprise
        return None, error


# --- A full local disk: what does not fit waits for room, and the crawl waits with it --------------------------------
#     write ──no room──▶ pause ─▶ again and again ──room──▶ written, the crawl goes on
#                                    └─ SPOOL_PATIENCE is over, or the crawl is told to stop ──▶ the crawl stops, exit code 9
#
# What is on the disk stays whole (`archive.spool.segment`); meanwhile publishing goes on, and what it removes makes room.

DISK_FULL = "disk-full"


class DiskFullGuard:
    """Where everything that a crawl writes waits while the disk is full.

    Args:
        crawler: the crawl that is paused.
        patience: seconds after which waiting ends.
        every: seconds between two tries.
    """

    def __init__(self, crawler: Crawler, patience: float, every: float) -> None:
        self.crawler = crawler
        self.patience, self.every = patience, every
        self.full_since: float | None = None

    async def write(self, act: Callable[[], _Result]) -> _Result:
        """Write something, when there is room for it; ``act`` is called again until it succeeds.

        Raises:
            OSError: the disk stays full, or the write failed for another reason.
        """
        while True:
            try:
                written = act()
            except (OSError, sqlite3.OperationalError) as error:
                if not is_full(error) or self._is_over():
                    raise
                self._pause(error)
                await asyncio.sleep(self.every)
            else:
                if self.full_since is not None:
                    self._go_on()
                return written

    def _is_over(self) -> bool:
        waited = self.full_since is not None and monotonic() - self.full_since >= self.patience
        return waited or not self.crawler.crawling

    def _pause(self, error: Exception) -> None:
        assert self.crawler.engine is not None
        assert self.crawler.stats is not None
        if self.full_since is None:
            logger.warning("%s: the crawl pauses", error)
            self.crawler.stats.inc_value("room/pauses")
            self.full_since = monotonic()
        self.crawler.engine.pause()  # each time, for somebody else may have let it go on

    def _go_on(self) -> None:
        assert self.crawler.engine is not None
        logger.warning("the disk has room again, the crawl goes on")
        self.full_since = None
        self.crawler.engine.unpause()


# ---------------------------------------------------------------------------------------------------------------------
# How much may wait for a store that does not answer: the crawl goes on into the spool up to a limit, pauses, finally
# stops.
# below SPOOL_MAX_BYTES   the crawl goes on, whatever the store does
# above                   paused; goes on by itself when the store has taken enough
# paused SPOOL_PATIENCE   stopped, exit code 4; the spool is published by the next start

SPOOL_FULL = "spool-full"


class SpoolLimitExtension:
    """Pauses and stops a crawl whose spool grows too large.

    Args:
        crawler: the crawl.
        spool: the folder that grows.
        most: bytes above which the crawl pauses.
        patience: seconds of pausing after which it stops.
        every: seconds between two looks.
    """

    def __init__(self, crawler: Crawler, spool: Path, most: int, patience: float, every: float) -> None:
        self.crawler = crawler
        self.spool = Spool(spool)
        self.most, self.patience, self.every = most, patience, every
        self.paused_at: float | None = None
        self.task: asyncio.Task[None] | None = None
        self.closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read SPOOL_MAX_BYTES, SPOOL_PATIENCE and PUBLISH_EVERY."""
        settings = crawler.settings
        if not (most := settings.getint("SPOOL_MAX_BYTES")):
            raise NotConfigured
        spool = Destination.from_settings(settings).spool
        extension = cls(crawler, spool, most, settings.getfloat("SPOOL_PATIENCE"), settings.getfloat("PUBLISH_EVERY"))
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_opened(self) -> None:
        """Begin to look."""
        self.task = asyncio.create_task(self._look_now_and_then())

    def spider_closed(self) -> None:
        """Look no more."""
        if self.task is not None:
            self.task.cancel()

    async def _look_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self.every)
            try:
                size = await asyncio.to_thread(self.spool.size)
            except OSError as error:  # nobody would look any more if it were raised
                logger.warning("not known how much waits in the spool: %s", error)
            else:
                self._look(size)

    def _look(self, size: int) -> None:
        engine = self.crawler.engine
        assert engine is not None
        assert self.crawler.stats is not None
        self.crawler.stats.max_value("spool_limit/bytes", size)
        if size <= self.most:
            if self.paused_at is not None:
                logger.info("the spool has room again, the crawl goes on")
                engine.unpause()
                self.paused_at = None
        elif self.paused_at is None:
            logger.warning("%d bytes wait in the spool, more than %d: the crawl pauses", size, self.most)
            self.crawler.stats.inc_value("spool_limit/pauses")
            engine.pause()
            self.paused_at = monotonic()
        elif monotonic() - self.paused_at > self.patience:
            logger.error("the store has not taken the spool for %d s: the crawl stops", self.patience)
            engine.unpause()
            self.paused_at = monotonic()
            # a task of its own: closing the spider ends this one
            self.closing = self.closing or asyncio.ensure_future(engine.close_spider_async(reason=SPOOL_FULL))
