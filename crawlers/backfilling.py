"""What a back-fill has still to do, read from the bucket alone, and how long that will take.

    days asked for ─▶ coverage ─┬─ complete          left alone
                                ├─ open, gaps, none  slices of some days, in order
                                └─ gaps              their addresses, last

A back-fill that is stopped anywhere, on any machine, goes on where the bucket says that it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from archive.coverage import coverage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.reader.archive import Archive

AT_ONCE = 50  # addresses of one crawl; a command line takes no more than some


@dataclass(frozen=True, slots=True)
class Slice:
    """Some days that one crawl asks about, first and last included."""

    since: date
    until: date

    def __str__(self) -> str:
        return f"{self.since} to {self.until}"

    @property
    def days(self) -> int:
        """Return how many they are."""
        return (self.until - self.since).days + 1


def open_slices(archive: Archive, outlet: str, span: Slice, size: int | None) -> list[Slice]:
    """Return the days of a span that are not complete, in order, in slices of at most so many days.

    Args:
        archive: what is complete, it knows.
        outlet: the outlet.
        span: the days asked for.
        size: None where an outlet keeps nothing by day: then its lists are read once for the whole span.
    """
    known = coverage(archive, [outlet], span.since, span.until).days if outlet in archive.outlets() else []
    asked = {day.day for day in known if day.state != "open"}
    wanted = [day for n in range(span.days) if (day := span.since + timedelta(days=n)) not in asked]
    if size is None:
        return [Slice(wanted[0], wanted[-1])] if wanted else []
    slices: list[Slice] = []
    for day in wanted:
        if slices and day == slices[-1].until + timedelta(days=1) and slices[-1].days < size:
            slices[-1] = Slice(slices[-1].since, day)
        else:
            slices.append(Slice(day, day))
    return slices


def gaps(archive: Archive, outlet: str, span: Slice) -> list[str]:
    """Return the addresses that are missing in a span and might be had, each as the words of ``-a url=``."""
    urls = [fact.url for fact in coverage(archive, [outlet], span.since, span.until).gaps if "://" in fact.url]
    return [" ".join(urls[at : at + AT_ONCE]) for at in range(0, len(urls), AT_ONCE)]


def time_left(done: Sequence[tuple[int, float]], days: int) -> str:
    """Say how long some days will take, by what the last ones took.

    Args:
        done: days and seconds of each slice so far.
        days: how many are left.
    """
    recent = done[-10:]
    seconds = days * sum(took for _, took in recent) / max(1, sum(count for count, _ in recent))
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes else "less than a minute"
