"""Articles as lists show them: one row each, and the copies of one story folded into the one that had it first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from archive.site.index.intake import versions_of
from archive.site.paths import article_path, story_path

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from archive.article import Article

COLUMNS = (
    "article.n, id, outlet, at, captured, version, headline, standfirst, section, article.kind, agencies, story, origin, overlap,"
    " silent, words, article.changed"
)


class Place(NamedTuple):
    """What decides where an article stands in a list; the fields are those of `Card`."""

    n: int
    id: str
    at: int
    story: str | None
    origin: str | None


@dataclass(slots=True)
class Card:
    """An article in a list.

    Attributes:
        n: its number in the index.
        at: seconds since 1970 by which it is sorted.
        versions: how many there are; ``silent`` of them without word of it.
        copies: the others of its story in the same list, oldest first.
        article: the whole of it, where the list shows texts.
        topics: what it is about, heaviest first, where the list shows them.
    """

    n: int
    id: str
    outlet: str
    at: int
    versions: int
    headline: str
    standfirst: str | None
    section: str | None
    kind: str
    agencies: list[str]
    story: str | None
    origin: str | None
    overlap: float | None
    silent: int
    words: int
    copies: list[Card] = field(default_factory=list)
    article: Article | None = None
    topics: list[dict[str, Any]] = field(default_factory=list)
    marked: str | None = None

    @property
    def path(self) -> str:
        """Return the path of the article's page."""
        return article_path(self.id)

    @property
    def story_path(self) -> str:
        """Return the path of its story's page."""
        return story_path(self.story or self.id)


def card_of(row: sqlite3.Row) -> Card:
    """Return a row of `COLUMNS` as a card."""
    same = (
        "n",
        "id",
        "outlet",
        "at",
        "headline",
        "standfirst",
        "section",
        "kind",
        "story",
        "origin",
        "overlap",
        "silent",
        "words",
    )
    return Card(**{name: row[name] for name in same}, versions=row["version"], agencies=row["agencies"].split())


def cards(
    connection: sqlite3.Connection, condition: str, values: Sequence[Any] = (), limit: int = 50, offset: int = 0
) -> list[Card]:
    """Return the newest articles that fit a condition of ours in SQL."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM article WHERE {condition} ORDER BY at DESC, n DESC LIMIT ? OFFSET ?",  # noqa: S608  names of our own
        [*values, limit, offset],
    )
    return [card_of(row) for row in rows]


def cards_of(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[Card]:
    """Return the cards of these articles, in the order of the numbers."""
    marks = ",".join("?" * len(numbers))
    rows = connection.execute(f"SELECT {COLUMNS} FROM article WHERE n IN ({marks})", list(numbers))  # noqa: S608
    found = {row["n"]: card_of(row) for row in rows}
    return [found[number] for number in numbers if number in found]


def grouped(places: Iterable[Place]) -> list[list[int]]:
    """Return the numbers of articles by story, newest story first: the one that had it first, then its copies by time."""
    groups: dict[str, list[Place]] = {}
    for place in places:
        groups.setdefault(place.story or place.id, []).append(place)
    ordered = []
    for group in groups.values():
        head, *others = sorted(group, key=lambda place: (place.origin != place.id, place.at, place.id))
        ordered.append([head, *sorted(others, key=lambda place: (place.at, place.id))])
    ordered.sort(key=lambda group: (-group[0].at, group[0].id))
    return [[place.n for place in group] for group in ordered]


def folded(found: Iterable[Card]) -> list[Card]:
    """Fold the copies of each story into the one of its cards that had it first; that one stands at its own time."""
    by_number = {card.n: card for card in found}
    places = (Place(card.n, card.id, card.at, card.story, card.origin) for card in by_number.values())
    return _fold(by_number, grouped(places))


def folded_of(connection: sqlite3.Connection, groups: Sequence[Sequence[int]]) -> list[Card]:
    """Return the cards of groups of articles, each group folded into its first."""
    numbers = [number for group in groups for number in group]
    return _fold({card.n: card for card in cards_of(connection, numbers)}, groups)


def _fold(by_number: dict[int, Card], groups: Sequence[Sequence[int]]) -> list[Card]:
    heads = []
    for group in groups:
        there = [by_number[number] for number in group if number in by_number]  # one may have been taken down meanwhile
        if there:
            there[0].copies = there[1:]
            heads.append(there[0])
    return heads


def with_texts(connection: sqlite3.Connection, found: Sequence[Card]) -> Sequence[Card]:
    """Put the whole article into each card, and what it is about."""
    for card in found:
        card.article = versions_of(connection, card.id)[-1]
    return with_topics(connection, found)


def with_topics(connection: sqlite3.Connection, found: Sequence[Card]) -> Sequence[Card]:
    """Put what each article is about into its card."""
    for card in found:
        card.topics = topics_of(connection, card.n)
    return found


def topics_of(connection: sqlite3.Connection, number: int) -> list[dict[str, Any]]:
    """Return an article's topics: ``name, slug, kind, weight, own, many``; the outlet's own tags first, as it ordered none."""
    rows = connection.execute(
        "SELECT name, slug, kind, weight, own, many FROM topic JOIN entry USING (e) WHERE n = ? ORDER BY weight DESC, e",
        [number],
    )
    return [dict(row) for row in rows]
