"""Many lines in order, with few of them in memory: sorted runs in a temporary file each, merged when they are read."""

from __future__ import annotations

import heapq
import tempfile
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUN = 4000  # lines in memory; of an index some 3 MB


class SortedRuns:
    """Lines, with their ends, that are taken in any order and given bytewise sorted."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._runs: list[IO[bytes]] = []

    def take(self, line: bytes) -> None:
        """Take one more."""
        self._waiting.append(line)
        if len(self._waiting) >= _RUN:
            run = tempfile.TemporaryFile()  # noqa: SIM115  closed when the lines are forgotten
            run.writelines(sorted(self._waiting))
            self._runs.append(run)
            self._waiting.clear()

    def __iter__(self) -> Iterator[bytes]:
        for run in self._runs:
            run.seek(0)
        yield from heapq.merge(*self._runs, sorted(self._waiting))

    def __del__(self) -> None:
        for run in self._runs:
            run.close()
