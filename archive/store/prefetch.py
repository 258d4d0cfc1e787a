"""Objects fetched ahead of who reads them, in order; and what could not be read, as a value."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

# --- Fetching ahead: the next objects are on their way while the one at hand is read ---------------------------------
# items ─▶ [ fetch fetch fetch fetch ] ─▶ (item, bytes | error) in the order of the items
#            at most so many at once, and at most so many bytes: memory stays flat whatever the archive's size

ROOM = 48 << 20  # bytes that may wait, fetched and not yet read
AT_ONCE = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


def fetched(
    items: Iterable[Item],
    fetch: Callable[[Item], Result],
    *,
    size: Callable[[Item], int] = lambda _: 0,
    at_once: int = AT_ONCE,
    room: int = ROOM,
) -> Iterator[tuple[Item, Result | Exception]]:
    """Yield each item with what ``fetch`` returned or raised, in order, the next ones being fetched meanwhile.

    Args:
        items: taken as there is room.
        fetch: called in several threads.
        size: the bytes that fetching an item will hold; a single item may be larger than the room.
        at_once: fetches at a time.
        room: bytes that may wait.
    """
    waiting: deque[tuple[Item, int, Future[Result]]] = deque()
    held, coming = 0, iter(items)
    with ThreadPoolExecutor(at_once, thread_name_prefix="fetch") as pool:
        try:
            while True:
                while len(waiting) < at_once and (held < room or not waiting):
                    try:
                        item = next(coming)
                    except StopIteration:
                        break
                    waiting.append((item, size(item), pool.submit(fetch, item)))
                    held += waiting[-1][1]
                if not waiting:
                    return
                item, weight, future = waiting.popleft()
                error = future.exception()
                yield item, future.result() if error is None else _as_exception(error)
                held -= weight
        finally:
            for _, _, future in waiting:
                future.cancel()


def _as_exception(error: BaseException) -> Exception:
    if isinstance(error, Exception):
        return error
    raise error


# --- What could not be read, as a value ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadError:
    """Something that could not be read.

    Attributes:
        key: the object.
        line: the line in it, from 1; None where the whole object is meant.
        error: what was raised.
    """

    key: str
    line: int | None
    error: Exception

    def __str__(self) -> str:
        place = self.key if self.line is None else f"{self.key}, line {self.line}"
        return f"{place}: {self.error}"
