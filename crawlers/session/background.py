"""What is done for the archive beside the crawl, in threads that it never waits for.

every PUBLISH_EVERY   roll what is due ▸ publish what is closed        a large upload may take its time
every RENEW_EVERY     keep the lease                                   so that one does not let it lapse

The threads are daemons: one that hangs on a store keeps no process from ending, and may die at any moment (docs/durability.md).
"""

from __future__ import annotations

import asyncio
import logging
import math
import threading
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from twisted.internet.defer import Deferred

from archive.spool.spool import is_full
from archive.store import StoreError
from crawlers.session.shutdown import is_killed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from scrapy.crawler import Crawler

    from crawlers.session.session import LocalArchive

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
        await in_thread(self.archive.publish)

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


class Patience:
    """How long a crawl's last things may take: as long as they need; after a signal, some seconds all together.

    Args:
        crawler: is no longer crawling once a signal has come.
        seconds: from then on.
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
            self._until = monotonic() + self.seconds
        return max(self._until - monotonic(), 0)


async def in_time(doing: asyncio.Future[_Result], patience: Patience) -> bool:
    """Wait for something that is under way; False where the patience ended before it."""
    while not (await asyncio.wait({doing}, timeout=TICK))[0]:
        if not patience.left:
            return False
    return True


async def last(act: Callable[[], _Result], patience: Patience) -> tuple[_Result | None, Exception | None]:
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
