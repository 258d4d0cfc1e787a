"""What is done for the archive beside the crawl, in threads that it never waits for.

every PUBLISH_EVERY   roll what is due ▸ publish what is closed        a large upload may take its time
every RENEW_EVERY     keep the lease                                   so that one does not let it lapse

The threads are daemons: one that hangs on a store keeps no process from ending, and may die at any moment (docs/durability.md).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from archive.store import StoreError
from crawlers.room import no_room

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from crawlers.local_archive import LocalArchive

logger = logging.getLogger(__name__)

RENEW_EVERY = 60.0  # seconds; a lease is valid for five minutes

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
                if not no_room(error):
                    self.fail(error)
                    return
                logger.warning("not published yet, the disk is full: %s", error)

    async def _publish(self) -> None:
        self.archive.writer.roll_if_due()
        await in_thread(self.archive.publish)

    async def _renew(self) -> None:
        await in_thread(self.archive.renew)


async def in_thread(act: Callable[[], _Result], seconds: float | None = None) -> _Result:
    """Run a function in a thread of its own and return what it returns.

    Args:
        act: the function.
        seconds: after which nobody waits for it any longer; None: however long it takes.

    Raises:
        TimeoutError: it took longer.
    """
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
    return await asyncio.wait_for(done, seconds)


async def last(act: Callable[[], _Result], until: float | None) -> tuple[_Result | None, Exception | None]:
    """Do one of a crawl's last things; what is not done the spool has, and the next start does.

    Args:
        act: the thing.
        until: on the monotonic clock, when there is no more time; None: there is.

    Returns:
        What it returned, and what went wrong with it other than the store or the time.
    """
    try:
        return await in_thread(act, None if until is None else max(until - monotonic(), 0)), None
    except TimeoutError:
        logger.warning("no time is left to publish: the rest waits in the spool for the next start")
    except StoreError as error:
        logger.warning("not published, it waits in the spool: %s", error)
    except Exception as error:
        logger.exception(
            "the crawl could not be closed; its segment stays in the spool and is mended at the next start"
        )
        return None, error
    return None, None
