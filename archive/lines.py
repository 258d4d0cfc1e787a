"""Files of JSON lines in the spool: reading them, and cutting them back to what is whole."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from archive.article import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path


class Span:
    """The first and the last time of publication (of capture, where there is none) of the article lines that pass."""

    def __init__(self) -> None:
        self._first: datetime | None = None
        self._last: datetime | None = None

    @property
    def dates(self) -> dict[str, str | None]:
        """Return ``first`` and ``last`` as ISO 8601."""
        moments = {"first": self._first, "last": self._last}
        return {name: None if moment is None else format_time(moment) for name, moment in moments.items()}

    def take(self, moment: datetime) -> None:
        """Widen the span."""
        self._first = min(self._first or moment, moment)
        self._last = max(self._last or moment, moment)

    def over(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Pass the lines on."""
        for line in lines:
            said = json.loads(line)
            self.take(parse_time(said["published"] or said["captured"]))
            yield line


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the whole lines of a file, with their newline; none where there is no file. A cut last line is left out."""
    if path.exists():
        with path.open("rb") as stream:
            yield from (line for line in stream if line.endswith(b"\n"))


def cut_lines(path: Path, survives: Callable[[dict[str, Any]], bool]) -> int:
    """Drop a cut last line and the lines that do not survive; return how many went.

    The file is replaced as a whole, so that a crash meanwhile leaves it as it was.
    """
    if not path.exists():
        return 0
    kept, dropped = [], 0
    with path.open("rb") as stream:
        for line in stream:
            said = _parsed(line)
            if said is not None and survives(said):
                kept.append(line)
            else:
                dropped += 1
    if dropped:
        part = path.with_name(path.name + ".part")
        with part.open("wb") as stream:
            stream.writelines(kept)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    return dropped


def _parsed(line: bytes) -> dict[str, Any] | None:
    """Return what a whole line says; None for one that a kill cut short or a power cut filled with zeros."""
    try:
        said = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return said if isinstance(said, dict) else None
