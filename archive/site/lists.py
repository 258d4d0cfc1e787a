"""Lists whose pages end: an outlet's, a section's, a day's articles, and the stories that several articles carry."""

from __future__ import annotations

from bisect import bisect
from calendar import SUNDAY, Calendar
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

from archive.site.queries import Card, cards, story_cards
from archive.site.templating import section_slug

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

QUARTER = 900  # seconds: time zones differ by no less, and so hours and days add up from it

# --- Lists whose pages end: an outlet's, a section's, a day's articles ------------------------------------------------
# Pages are counted from the oldest on: page 1 is full and stays as it is, and so are those behind it; the newest has no number in
# its address and holds what is left. What comes in changes the newest page alone.


@dataclass(frozen=True, slots=True)
class Shelf:
    """Which articles stand in a list, as a condition of ours in SQL with its values."""

    condition: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ShelfPage:
    """A page of a list: its cards, newest first; its number, that of the newest page, and how many articles the list has."""

    cards: list[Card]
    number: int
    last: int
    total: int


def outlet_shelf(outlet: str) -> Shelf:
    """Return the list of an outlet's articles."""
    return Shelf("outlet = ?", (outlet,))


def section_shelf(names: Sequence[str]) -> Shelf:
    """Return the list of the articles of a section, however its outlets spell its name."""
    return Shelf(f"section IN ({','.join('?' * len(names))})", tuple(names))


def day_shelf(day: date, zone: tzinfo) -> Shelf:
    """Return the list of a day's articles, in the readers' time zone."""
    return Shelf("at >= ? AND at < ?", span_of_day(day, zone))


def span_of_day(day: date, zone: tzinfo) -> tuple[int, int]:
    """Return when a day begins and ends, in seconds since 1970; it may have 23 or 25 hours."""
    begin, end = (datetime(each.year, each.month, each.day, tzinfo=zone) for each in (day, day + timedelta(days=1)))
    return int(begin.timestamp()), int(end.timestamp())


def shelf_page(connection: sqlite3.Connection, shelf: Shelf, size: int, number: int | None = None) -> ShelfPage | None:
    """Return a page of a list, the newest by default; None where there is none of this number."""
    total = _total(connection, shelf)
    last = max(1, total // size)
    number = last if number is None else number
    if not total or not 1 <= number <= last:
        return None
    limit = size if number < last else total - (last - 1) * size
    offset = total - (number - 1) * size - limit
    return ShelfPage(cards(connection, shelf.condition, shelf.values, limit, offset), number, last, total)


def changed_pages(connection: sqlite3.Connection, shelf: Shelf, size: int, at: int) -> tuple[int, int]:
    """Return the numbers of the first and the last page that are others since something came or went at a time; 1, 0: an empty list."""
    older = _total(connection, Shelf(f"{shelf.condition} AND at < ?", (*shelf.values, at)))
    total = _total(connection, shelf)
    last = max(1, total // size) if total else 0
    return max(1, min(older // size + 1, last)), last


def _total(connection: sqlite3.Connection, shelf: Shelf) -> int:
    asked = f"SELECT count(*) FROM article WHERE {shelf.condition}"  # noqa: S608  names of our own
    return int(connection.execute(asked, shelf.values).fetchone()[0])


@dataclass(frozen=True, slots=True)
class Section:
    """A section: its address, its name as most write it, all ways to write it, how many articles, and of which outlets."""

    slug: str
    name: str
    names: list[str]
    many: int
    outlets: list[str]


def sections(connection: sqlite3.Connection) -> list[Section]:
    """Return the sections of all outlets, the greatest first; one address is one section."""
    rows = connection.execute(
        "SELECT section, outlet, count(*) AS many FROM article WHERE section IS NOT NULL GROUP BY section, outlet"
        " ORDER BY many DESC, section, outlet"
    )
    by_slug: dict[str, list[sqlite3.Row]] = {}
    for row in rows:
        by_slug.setdefault(section_slug(row["section"]), []).append(row)
    found = [
        Section(
            slug,
            group[0]["section"],
            list(dict.fromkeys(row["section"] for row in group)),
            sum(row["many"] for row in group),
            list(dict.fromkeys(row["outlet"] for row in group)),
        )
        for slug, group in by_slug.items()
    ]
    return sorted(found, key=lambda section: (-section.many, section.slug))


def days(connection: sqlite3.Connection, zone: tzinfo) -> dict[date, int]:
    """Return how many articles each day has on which there is one, oldest first, in the readers' time zone."""
    rows = connection.execute(
        "SELECT at / ? AS quarter, count(*) AS many FROM article GROUP BY quarter ORDER BY quarter", [QUARTER]
    )
    many: dict[date, int] = {}
    for row in rows:
        day = datetime.fromtimestamp(row["quarter"] * QUARTER, zone).date()
        many[day] = many.get(day, 0) + row["many"]
    return many


class Touched(NamedTuple):
    """A place in lists where an article came, went or changed."""

    outlet: str
    section: str | None
    at: int


def touched(connection: sqlite3.Connection, since: int) -> list[Touched]:
    """Return the places where lists changed after a generation; of 0, where all articles stand."""
    table = "touched WHERE generation > ?" if since else "article WHERE changed > ?"
    return [Touched(*row) for row in connection.execute(f"SELECT outlet, section, at FROM {table}", [since])]  # noqa: S608


def days_beside_new_ones(
    connection: sqlite3.Connection, since: int, zone: tzinfo, changed: Iterable[str]
) -> Iterator[date]:
    """Yield the days whose pages lead to others than before: beside those that had no article up to a generation, or have none now."""
    known = list(days(connection, zone))
    old = "SELECT 1 FROM article WHERE at >= ? AND at < ? AND changed <= ? LIMIT 1"
    for day in map(date.fromisoformat, changed):
        if connection.execute(old, [*span_of_day(day, zone), since]).fetchone() is None:
            place = bisect(known, day)
            yield from known[max(0, place - 2) : place + 1]


# --- Stories that several articles carry ------------------------------------------------------------------------------

SHARED = "SELECT story FROM article WHERE story IS NOT NULL GROUP BY story HAVING count(*) > 1"
"""The stories that several articles carry, in SQL."""
_STORIES = f"SELECT story, min(at) AS first FROM article WHERE story IN ({SHARED}) GROUP BY story ORDER BY first, story"  # noqa: S608  our own


def shared_stories(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """Return the stories that several articles carry, each with the time of its first, oldest first."""
    return [tuple(row) for row in connection.execute(_STORIES)]


def as_stories(connection: sqlite3.Connection, ids: Iterable[str]) -> list[Card]:
    """Return each story as the card of its origin, with all others as its copies."""
    heads = []
    for story in ids:
        if found := story_cards(connection, story):
            found[0].copies = sorted(found[1:], key=lambda card: (card.at, card.id))
            heads.append(found[0])
    return heads


def biggest(connection: sqlite3.Connection, since: int, until: int, limit: int) -> list[Card]:
    """Return the stories that most outlets ran in a span of time, as `as_stories` does; two outlets at least."""
    rows = connection.execute(
        "SELECT story FROM article WHERE at >= ? AND at < ? AND story IS NOT NULL GROUP BY story"
        " HAVING count(DISTINCT outlet) > 1 ORDER BY count(DISTINCT outlet) DESC, count(*) DESC, max(at) DESC, story LIMIT ?",
        [since, until, limit],
    )
    return as_stories(connection, [row["story"] for row in rows])


_DAY, _ENOUGH_BIG = 86400, 3


def biggest_lately(connection: sqlite3.Connection, newest: int, limit: int) -> list[Card]:
    """Return the biggest stories of the last day; of the last three, of a week, where a day has next to none."""
    found: list[Card] = []
    for span in (_DAY, 3 * _DAY, 7 * _DAY):
        found = biggest(connection, newest - span, newest + 1, limit)
        if len(found) >= _ENOUGH_BIG:
            break
    return found


def by_outlet(cards: Iterable[Card]) -> list[tuple[str, list[Card]]]:
    """Return each outlet with its cards, in the order of time."""
    outlets: dict[str, list[Card]] = {}
    for card in sorted(cards, key=lambda card: (card.at, card.id)):
        outlets.setdefault(card.outlet, []).append(card)
    return list(outlets.items())


# --- How many of a list have which outlet, agency and month -------------------------------------------------------------

_MOST_VALUES = 12  # of a facet


def facets_of(
    connection: sqlite3.Connection, condition: str, values: Sequence[Any], zone: tzinfo = UTC, *, table: str
) -> dict[str, list[tuple[str, int]]]:
    """Return by outlet, agency and month how many articles fit a condition of ours in SQL over a table of ours."""
    shift = (datetime.now(zone).utcoffset() or timedelta()) // timedelta(seconds=1)  # the zone's, as it is today
    rows = connection.execute(
        f"SELECT outlet, agencies, (at + ?) / ? AS date, count(*) AS many FROM {table} WHERE {condition} GROUP BY outlet, agencies, date",  # noqa: S608
        [shift, _DAY, *values],
    )
    outlets, agencies, months = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        outlets[row["outlet"]] += row["many"]
        for code in row["agencies"].split():
            agencies[code] += row["many"]
        months[f"{datetime.fromtimestamp(row['date'] * _DAY, UTC):%Y-%m}"] += row["many"]
    newest = sorted(months.items(), reverse=True)[:_MOST_VALUES]
    return {"outlet": outlets.most_common(_MOST_VALUES), "agency": agencies.most_common(_MOST_VALUES), "month": newest}


# --- A calendar of days, and lists in which each story stands once -----------------------------------------------------

_LEVELS = 4  # of a calendar's colours


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a calendar: its weeks from Sunday on, each day with how many articles, and a level from 0 to 4 for the eye."""

    first: date
    weeks: list[list[tuple[date | None, int, int]]]


def months_of(many: Mapping[date, int]) -> list[Month]:
    """Return the months in which a day has articles, the newest first."""
    most = max(many.values(), default=1)
    firsts = sorted({day.replace(day=1) for day in many}, reverse=True)
    return [
        Month(first, [[_cell(day, first, many, most) for day in week] for week in _weeks(first)]) for first in firsts
    ]


def _weeks(first: date) -> list[list[date]]:
    return Calendar(SUNDAY).monthdatescalendar(first.year, first.month)


def _cell(day: date, first: date, many: Mapping[date, int], most: int) -> tuple[date | None, int, int]:
    count = many.get(day, 0)
    return (None, 0, 0) if day.month != first.month else (day, count, -(-_LEVELS * count // most))


def unseen(cards: Iterable[Card], seen: set[str], limit: int, of_one: int | None = None) -> list[Card]:
    """Return the first so many cards whose story was not shown on the page before, and note that it is now.

    Args:
        cards: from which to choose.
        seen: the stories that stand on the page already.
        limit: how many.
        of_one: how many of one outlet at most.
    """
    chosen: list[Card] = []
    for card in cards:
        if len(chosen) == limit:
            break
        of_outlet = sum(other.outlet == card.outlet for other in chosen)
        if (card.story or card.id) not in seen and (of_one is None or of_outlet < of_one):
            seen.add(card.story or card.id)
            chosen.append(card)
    return chosen
