"""Answers that were made already: each for a minute at most, each made by one thread at a time.

fresh ─────────────────────▶ as it is
old, is being made anew ───▶ as it is
not there, is being made ──▶ what the other thread makes
otherwise ─────────────────▶ made here

Some live a quarter shorter than others: those that were made together would otherwise be made anew together, too, and all readers
of that second wait.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.site.web.answers import Answer

_MINUTE, _SPREAD = 60, 15  # seconds


class Cache:
    """Keeps answers by path and query.

    Args:
        generation: says how often the archive had something new; answers of an earlier generation are forgotten, a minute old or not:
            what was taken down must not be shown again.
        cached_bytes: their bodies together are at most so long.
        clock: seconds, for their age.
    """

    def __init__(
        self,
        generation: Callable[[], int],
        *,
        cached_bytes: int = 128 << 20,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._generation, self._clock, self._most = generation, clock, cached_bytes
        self._answers: OrderedDict[tuple[str, str], tuple[float, Answer]] = OrderedDict()
        self._makers: dict[tuple[int, str, str], Future[Answer]] = {}
        self._size, self._seen = 0, generation()
        self._lock = threading.Lock()

    def get(self, path: str, said: str, make: Callable[[], Answer]) -> Answer:
        """Return the answer; call ``make`` where there is none that is fresh and no other thread makes it."""
        with self._lock:
            self._forget_older()
            until, found = self._answers.get((path, said), (0.0, None))
            if found is not None and self._clock() < until:
                return found
            key = (self._seen, path, said)
            other = self._makers.get(key)
            if other is None:
                mine: Future[Answer] = Future()
                self._makers[key] = mine
            elif found is not None:
                return found
        return self._make(key, mine, make) if other is None else other.result()

    def _make(self, key: tuple[int, str, str], maker: Future[Answer], make: Callable[[], Answer]) -> Answer:
        generation, path, said = key
        now = self._clock()
        try:
            answer = make()
        except BaseException as error:
            with self._lock:
                del self._makers[key]
            maker.set_exception(error)
            raise
        with self._lock:
            del self._makers[key]
            self._forget_older()
            if answer.status == 200 and generation == self._seen:  # noqa: PLR2004
                self._keep((path, said), now, answer)
        maker.set_result(answer)
        return answer

    def _forget_older(self) -> None:
        if (generation := self._generation()) != self._seen:
            self._answers.clear()
            self._seen, self._size = generation, 0

    def _keep(self, name: tuple[str, str], now: float, answer: Answer) -> None:
        _, old = self._answers.pop(name, (0.0, None))
        self._size += len(answer.body) - (0 if old is None else len(old.body))
        self._answers[name] = (now + _MINUTE - zlib.crc32(repr(name).encode()) % _SPREAD, answer)
        while self._size > self._most:
            _, (_, oldest) = self._answers.popitem(last=False)
            self._size -= len(oldest.body)
