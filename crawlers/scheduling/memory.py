"""What the schedule knows of its crawls, in a small file that survives it.

<spool>.schedule     {outlet: {slot, interval, runs, missed, retries, errors, broken, code, mute, started, finished, words, running}}

A file that is spoiled is set aside, an outlet's part that is none is forgotten, and both are said.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from archive.files import set_file_aside, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from crawlers.scheduling.config import Entry

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Past:
    """An outlet's crawls so far.

    Attributes:
        slot: the last slot that was taken (ISO 8601).
        interval: seconds between two slots, where the entry has no cron line.
        runs: crawls that were started, tries again among them.
        missed: slots that passed without a crawl of their own.
        retries: tries again.
        errors: slots at which the schedule itself failed.
        broken: how many of them came last, in a row.
        code: exit code of the newest crawl that ended.
        mute: that crawl failed and left no report: it was refused, killed, or broke before it began.
        started, finished: of that crawl.
        words: its last line.
        running: when the crawl that runs now began.
    """

    slot: str | None = None
    interval: float = 0.0
    runs: int = 0
    missed: int = 0
    retries: int = 0
    errors: int = 0
    broken: int = 0
    code: int | None = None
    mute: bool = False
    started: str | None = None
    finished: str | None = None
    words: str = ""
    running: str | None = None

    def last_slot(self) -> datetime | None:
        """Return the last slot as a time."""
        return datetime.fromisoformat(self.slot) if self.slot else None

    def every(self, entry: Entry) -> timedelta:
        """Return the interval that holds now, within the entry's bounds, which may have changed since."""
        learnt = timedelta(seconds=self.interval)
        if not entry.adapts or not self.interval:
            return entry.every
        return min(max(learnt, entry.bounds[0]), entry.bounds[1])


class Memory:
    """The pasts of all outlets.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pasts: dict[str, Past] = {}
        try:
            said = json.loads(path.read_bytes())
            if not isinstance(said, dict):
                raise ValueError("it is no table")  # noqa: TRY004, TRY301  the file is wrong, not a type
        except FileNotFoundError:
            return
        except (ValueError, RecursionError) as error:
            logger.warning(
                "%s is spoiled (%s); slots are reckoned anew, it stands at %s", path, error, set_file_aside(path)
            )
            return
        for outlet, past in said.items():
            try:
                self.pasts[outlet] = _past(past)
            except ValueError as error:
                logger.warning("%s: what it says of %s is spoiled (%s) and forgotten", path, outlet, error)

    def of(self, outlet: str) -> Past:
        """Return an outlet's past."""
        return self.pasts.setdefault(outlet, Past())

    def save(self) -> None:
        """Write the file, whole or not at all; where it cannot be written, that is said, and the next time tries again."""
        try:
            write_whole(self.path, {outlet: asdict(past) for outlet, past in self.pasts.items()})
        except OSError as error:
            logger.warning("%s cannot be written (%s); the schedule goes on from memory", self.path, error.strerror)


def _past(said: object) -> Past:
    """Read an outlet's part; raises ``ValueError`` where it is none."""
    past = msgspec.convert(said, Past)
    for moment in (past.slot, past.started, past.finished, past.running):
        if moment is not None and datetime.fromisoformat(moment).tzinfo is None:
            raise ValueError(f"{moment} names no zone")
    if not 0 <= past.interval < timedelta.max.total_seconds():
        raise ValueError(f"an interval of {past.interval} s")
    return past


def stamp(moment: datetime | None = None) -> str:
    """Return a time, now without one, as the memory keeps it."""
    return (moment or datetime.now(UTC)).isoformat(timespec="seconds")
