"""Slices of WARCs, read in as many processes as there are cores; their articles come back in order.

    Slice, Slice, … ─▶ processes: range request ▸ captures ▸ read_again ─▶ (captures read, lines, faults) for each slice

A process is started anew, not forked: it shares no connection with its parent. One job reads in this process.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from archive.maintenance.generations import Slice, captures_of
from archive.reader.archive import Archive, original_of
from archive.store import Missing, open_store
from crawlers.rereading import read_again

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archive.warc.capture import Capture

    Options = tuple[tuple[str, Any], ...]
    Reading = tuple[int, list[str], list[str]]

AHEAD = 3  # slices that wait for each process: enough to keep it busy, few enough to hold


class ReadingPool:
    """Processes that read; a context manager.

    Args:
        uri: the archive.
        options: for its store.
        jobs: how many processes; None for one a core.
    """

    def __init__(self, uri: str, options: Mapping[str, Any], jobs: int | None = None) -> None:
        self._where = uri, tuple(sorted(options.items()))
        self._jobs = jobs or os.cpu_count() or 1
        self._executor: ProcessPoolExecutor | None = None
        if self._jobs > 1:
            context = multiprocessing.get_context("spawn")
            self._executor = ProcessPoolExecutor(self._jobs, mp_context=context)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)

    def read(self, pieces: Iterable[Slice]) -> Iterator[tuple[Slice, Reading]]:
        """Yield each slice with how many captures it holds, the lines of the articles in them, and the faults, in order."""
        if self._executor is None:
            yield from ((piece, read_slice(*self._where, piece)) for piece in pieces)
            return
        waiting = iter(pieces)
        work = deque(
            (piece, self._executor.submit(read_slice, *self._where, piece))
            for piece in islice(waiting, self._jobs * AHEAD)
        )
        while work:
            piece, future = work.popleft()
            yield piece, future.result()
            work.extend((more, self._executor.submit(read_slice, *self._where, more)) for more in islice(waiting, 1))


def read_slice(uri: str, options: Options, piece: Slice) -> Reading:
    """Read the captures of a slice again; return how many there are, the articles' lines, and where the reading broke.

    A page on which the extraction breaks is a fault with its record's id, as it would be one log line of a crawl.
    """
    archive = _archive(uri, options)
    pages, lines, faults = 0, [], []
    for capture in captures_of(archive.store, piece):
        pages += 1
        if capture.kind == "revisit" and not _complete(archive, capture, piece):
            continue
        try:
            lines += [article.to_line() for article in read_again(capture)]
        except Exception as error:  # noqa: BLE001  whatever breaks on one page, the others are read
            faults.append(f"{capture.pointer.record_id} {type(error).__name__}: {error}")
    return pages, lines, faults


def _complete(archive: Archive, capture: Capture, piece: Slice) -> bool:
    """Give a revisit from which a line was read the body of its original."""
    if capture.pointer.record_id not in piece.revisits:
        return False
    try:
        capture.take_body(original_of(archive, capture, piece.outlet))
        capture.truncated = None
    except Missing:  # taken down, or in an archive of its own
        return False
    return True


@lru_cache(maxsize=1)
def _archive(uri: str, options: Options) -> Archive:
    return Archive(open_store(uri, options=dict(options)))
