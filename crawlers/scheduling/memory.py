"""What the schedule knows of its crawls, in a small file that survives it.

<spool>.schedule     {outlet: {slot, interval, runs, missed, retries, code, mute, started, finished, words, running}}
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from archive.durable import read_cached, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from crawlers.scheduling.table import Entry


@dataclass(slots=True)
class Past:
    """An outlet's crawls so far.

    Attributes:
        slot: the last slot that was taken (ISO 8601).
        interval: seconds between two slots, where the entry has no cron line.
        runs: crawls that were started, tries again among them.
        missed: slots that passed without a crawl of their own.
        retries: tries again.
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
        names = {each.name for each in fields(Past)}
        for outlet, said in read_cached(path).items():
            self.pasts[outlet] = Past(**{name: value for name, value in said.items() if name in names})

    def of(self, outlet: str) -> Past:
        """Return an outlet's past."""
        return self.pasts.setdefault(outlet, Past())

    def save(self) -> None:
        """Write the file, whole or not at all."""
        write_whole(self.path, {outlet: asdict(past) for outlet, past in self.pasts.items()})


def stamp(moment: datetime | None = None) -> str:
    """Return a time, now without one, as the memory keeps it."""
    return (moment or datetime.now(UTC)).isoformat(timespec="seconds")
