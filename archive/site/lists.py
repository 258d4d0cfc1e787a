"""Lists whose pages end: an outlet's, a section's, a day's articles, and the stories that several articles carry; how many of a list have what; what of a text is shown where it was found."""

from __future__ import annotations

from bisect import bisect
from calendar import SUNDAY, Calendar
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from markupsafe import Markup, escape

from archive.site.queries import LEAST_TAG, Card, NamedTopic, cards, entries, story_cards
from archive.site.templating import section_slug, unturned
from archive.text import forms_of, other_forms_of, words_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from archive.text import Term, Word

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


DAY, _ENOUGH_BIG = 86400, 3


def biggest_lately(connection: sqlite3.Connection, newest: int, limit: int) -> list[Card]:
    """Return the biggest stories of the last day; of the last three, of a week, where a day has next to none."""
    found: list[Card] = []
    for span in (DAY, 3 * DAY, 7 * DAY):
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


# --- The index of names by their letters --------------------------------------------------------------------------------


def letter_of(key: str) -> str:
    """Return the letter under which a name stands in the index of tags: its first without «ال»; 0 for all that is no letter."""
    first = (key.removeprefix("ال") or key)[:1]
    return first if first.isalpha() else "0"


def letters(connection: sqlite3.Connection) -> dict[str, list[NamedTopic]]:
    """Return the names of the index of tags by the letter under which they stand, without «ال»; Latin letters behind Arabic ones."""
    groups: dict[str, list[NamedTopic]] = {}
    for entry in sorted(entries(connection, least=LEAST_TAG), key=lambda entry: entry.key.removeprefix("ال")):
        groups.setdefault(letter_of(entry.key), []).append(entry)
    return dict(sorted(groups.items(), key=lambda group: (group[0] == "0", group[0].isascii(), group[0])))


# --- How many of a list have which outlet, agency and month -------------------------------------------------------------

_MOST_VALUES = 12  # of a facet


Facets: TypeAlias = "dict[str, list[tuple[str, int]]]"
"""For ``outlet``, ``agency`` and ``month`` how many articles have which value, the most first, of months the newest."""


def facets_of(
    connection: sqlite3.Connection, condition: str, values: Sequence[Any], zone: tzinfo = UTC, *, table: str
) -> Facets:
    """Return by outlet, agency and month how many articles fit a condition of ours in SQL over a table of ours."""
    rows = connection.execute(
        f"SELECT outlet, agencies, (at + ?) / ? AS date, count(*) AS many FROM {table} WHERE {condition} GROUP BY outlet, agencies, date",  # noqa: S608
        [shift_of(zone), DAY, *values],
    )
    return facets_from({(outlet, agencies, day): many for outlet, agencies, day, many in rows})


def shift_of(zone: tzinfo) -> int:
    """Return a zone's distance from UTC in seconds, as it is today."""
    return (datetime.now(zone).utcoffset() or timedelta()) // timedelta(seconds=1)


def facets_from(days: Mapping[tuple[str, str, int], int]) -> Facets:
    """Return the facets of articles that are counted by outlet, agencies and day since 1970."""
    outlets, agencies, months = Counter[str](), Counter[str](), Counter[str]()
    for (outlet, codes, day), many in days.items():
        outlets[outlet] += many
        for code in codes.split():
            agencies[code] += many
        months[f"{datetime.fromtimestamp(day * DAY, UTC):%Y-%m}"] += many
    newest = sorted(months.items(), reverse=True)[:_MOST_VALUES]
    return {"outlet": outlets.most_common(_MOST_VALUES), "agency": agencies.most_common(_MOST_VALUES), "month": newest}


# --- What of a text is shown where it was found: the passage around the first hit, what was asked for marked ---------------

_BEFORE, _AFTER = 12, 28  # words around it


def marked(text: str, terms: Sequence[Term]) -> Markup:
    """Return text as markup: escaped, what was asked for in ``<mark>``; ``terms`` as `archive.text.terms_of` returns them."""
    return _marked(text, _hits(words_of(text), terms), 0, len(text))


def passage(text: str, terms: Sequence[Term]) -> Markup:
    """Return the passage around the first hit, marked; the beginning of the text where only the headline was hit."""
    paragraphs = [paragraph for paragraph in text.split("\n") if paragraph]
    for place, paragraph in enumerate(paragraphs):
        spans = words_of(paragraph)
        if hits := _hits(spans, terms):
            first = next(at for at, word in enumerate(spans) if word.end > hits[0][0])
            return _cut(paragraph, spans, hits, first, is_later=place > 0)
    return _cut(paragraphs[0], words_of(paragraphs[0]), [], 0, is_later=False) if paragraphs else Markup()


def _cut(text: str, spans: list[Word], hits: list[tuple[int, int]], first: int, *, is_later: bool) -> Markup:
    """Return the words around ``first`` with the hits marked; dots where the text goes on."""
    if not spans:
        return Markup()
    begin, last = max(first - _BEFORE, 0), min(first + _AFTER, len(spans) - 1)
    before = escape("… " if begin or is_later else "")
    after = escape("\u00a0…" if last < len(spans) - 1 else "")
    return before + _marked(text, hits, spans[begin].start if begin else 0, spans[last].end) + after


def _hits(spans: list[Word], terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Return the spans of the original that were asked for, in order."""
    forms = {form for term in terms for form in (*forms_of(term), *other_forms_of(term))}
    phrases = {len(form.split()) for form in forms if " " in form}
    hits = {(word.start, word.end) for word in spans if word.folded in forms}
    folded = [word.folded for word in spans]
    for length in phrases:
        for place in range(len(folded) - length + 1):
            if " ".join(folded[place : place + length]) in forms:
                hits.add((spans[place].start, spans[place + length - 1].end))
    return sorted(hits)


def _marked(text: str, hits: list[tuple[int, int]], start: int, end: int) -> Markup:
    whole, at = Markup(), start
    for first, last in hits:
        if first >= at and last <= end:
            whole += escape(unturned(text[at:first])) + Markup("<mark>") + escape(text[first:last]) + Markup("</mark>")
            at = last
    return whole + escape(unturned(text[at:end]))


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
