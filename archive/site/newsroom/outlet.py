"""The numbers of one outlet's page: volume, sections, agencies, how far behind, and a calendar."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from archive.site.newsroom.figures import EARLIEST

if TYPE_CHECKING:
    import sqlite3
    from datetime import tzinfo

_WEEKS = 6
_LEVELS = 4
_MOST = 8


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar: articles, whether a crawl reported, and a level from 0 to 4 for the eye."""

    date: str
    many: int
    crawled: bool
    level: int


@dataclass(frozen=True, slots=True)
class OutletFigures:
    """Counts of all that the archive has of an outlet; ``lag`` is the median in seconds of what others had first."""

    total: int
    first: int
    last: int
    edited: int
    silent: int
    copies: int
    firsts: int
    lag: int | None
    sections: list[tuple[str, int]]
    agencies: list[tuple[str, int]]
    weeks: list[list[Day]]


def outlet_figures(connection: sqlite3.Connection, outlet: str, zone: tzinfo = UTC) -> OutletFigures:
    """Return the figures of an outlet of which the index has something."""
    row = connection.execute(
        "SELECT count(*), min(at), max(at), sum(version > 1), sum(silent > 0) FROM article WHERE outlet = ?", [outlet]
    ).fetchone()
    lags = [late for (late,) in connection.execute(_LAGS, [outlet])]
    (firsts,) = connection.execute(_FIRSTS, [outlet]).fetchone()
    agencies: Counter[str] = Counter()
    for (codes,) in connection.execute("SELECT agencies FROM article WHERE outlet = ?", [outlet]):
        agencies.update(codes.split())
    total, first, last, edited, silent = row
    return OutletFigures(
        total=total,
        first=first,
        last=last,
        edited=edited,
        silent=silent,
        copies=len(lags),
        firsts=firsts,
        lag=int(statistics.median(lags)) if lags else None,
        sections=[tuple(found) for found in connection.execute(_BY_SECTION, [outlet, _MOST])],
        agencies=agencies.most_common(_MOST),
        weeks=_weeks(connection, outlet, last, zone),
    )


_LAGS = (
    f"SELECT late.at - first.at FROM article AS late JOIN article AS first ON first.n = ({EARLIEST.format('late')})"  # noqa: S608  our own
    " WHERE late.outlet = ? AND first.outlet <> late.outlet"
)
_FIRSTS = (
    f"SELECT count(*) FROM article AS first WHERE outlet = ? AND n = ({EARLIEST.format('first')})"  # noqa: S608  our own
    " AND EXISTS (SELECT 1 FROM article AS late WHERE late.story = first.story AND late.outlet <> first.outlet)"
)
_BY_SECTION = (
    "SELECT section, count(*) AS many FROM article WHERE outlet = ? AND section IS NOT NULL GROUP BY section"
    " ORDER BY many DESC, section LIMIT ?"
)


def _weeks(connection: sqlite3.Connection, outlet: str, last: int, zone: tzinfo) -> list[list[Day]]:
    """Return the last weeks, from Sunday on, oldest first."""
    newest = datetime.fromtimestamp(last, zone)
    saturday = newest + timedelta(days=(5 - newest.weekday()) % 7)
    dates = [f"{saturday - timedelta(days=back):%Y-%m-%d}" for back in range(7 * _WEEKS - 1, -1, -1)]
    start = last - 7 * (_WEEKS + 1) * 86400
    rows: Any = connection.execute("SELECT at FROM article WHERE outlet = ? AND at > ?", [outlet, start])
    many = Counter(f"{datetime.fromtimestamp(at, zone):%Y-%m-%d}" for (at,) in rows)
    crawled = {date for (date,) in connection.execute("SELECT date FROM crawl WHERE outlet = ?", [outlet])}
    most = max(many.values(), default=1)
    days = [Day(date, many[date], date in crawled, -(-_LEVELS * many[date] // most)) for date in dates]
    return [days[week : week + 7] for week in range(0, len(days), 7)]
