"""Articles as lists show them: one row each, and the copies of one story folded into the one that had it first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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


def folded(found: Iterable[Card]) -> list[Card]:
    """Fold the copies of each story into the one of its cards that had it first; that one stands at its own time."""
    groups: dict[str, list[Card]] = {}
    for card in found:
        groups.setdefault(card.story or card.id, []).append(card)
    first = []
    for group in groups.values():
        head, *others = sorted(group, key=lambda card: (card.origin != card.id, card.at, card.id))
        head.copies = sorted(others, key=lambda card: (card.at, card.id))
        first.append(head)
    return sorted(first, key=lambda card: (-card.at, card.id))


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
