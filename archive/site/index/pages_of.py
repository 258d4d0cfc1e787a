"""One article with all that its page says; one story; one entry; the sums of the front page."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.site.index.intake import versions_of
from archive.site.paths import article_path, key_of_slug
from archive.site.queries import COLUMNS, Card, Place, card_of, cards_of, grouped, topics_of

if TYPE_CHECKING:
    import sqlite3

    from archive.article import Article

_RELATED = 6
_HASHED = re.compile(r"[0-9a-f]{16}")  # the name of a page whose article has a number that is no file name
_COMMON = 400  # an entry with more articles says little about what is related


@dataclass(frozen=True, slots=True)
class Entry:
    """A name with a page: ``kind`` is ``person``, ``organisation``, ``place`` or ``tag``."""

    e: int
    kind: str
    name: str
    key: str
    slug: str
    many: int
    changed: int


@dataclass(frozen=True, slots=True)
class Whole:
    """All that an article's page says.

    Attributes:
        card: the article in lists.
        versions: all of them, oldest first; the last one is shown.
        topics: what it is about.
        story: the other articles of its story, oldest first, each with its text.
        related: articles about the same, of other stories.
    """

    card: Card
    versions: list[Article]
    topics: list[dict[str, Any]]
    story: list[Card]
    related: list[Card]

    @property
    def article(self) -> Article:
        """Return the newest version."""
        return self.versions[-1]


def whole(connection: sqlite3.Connection, article_id: str) -> Whole | None:
    """Return all about an article; None where the index has none of this id."""
    row = connection.execute(f"SELECT {COLUMNS} FROM article WHERE id = ?", [article_id]).fetchone()  # noqa: S608
    if row is None:
        return None
    card = card_of(row)
    others = [other for other in story_cards(connection, card.story or card.id) if other.id != card.id]
    for other in others:
        other.article = versions_of(connection, other.id)[-1]
    versions = versions_of(connection, card.id)
    near = [*_overlapping(connection, versions[-1]), *related(connection, card)]
    unique = list({one.id: one for one in near}.values())[:_RELATED]
    return Whole(card, versions, topics_of(connection, card.n), others, unique)


def _overlapping(connection: sqlite3.Connection, article: Article) -> list[Card]:
    """Return the articles that contain this one or are contained in it, as was last told of it."""
    told = connection.execute("SELECT line FROM told WHERE id = ?", [article.id]).fetchone()
    said = None if told is None else json.loads(told["line"]).get("related")  # None: an early line, which did not tell
    ids = [one.id for one in article.related] if said is None else [one["id"] for one in said]
    found = (connection.execute("SELECT n FROM article WHERE id = ?", [one]).fetchone() for one in ids)
    return cards_of(connection, [row["n"] for row in found if row is not None])


def id_of_path(connection: sqlite3.Connection, outlet: str, number: str) -> str | None:
    """Return the id of the article whose page's name is ``number``."""
    plain = f"{outlet}:{number}"
    if connection.execute("SELECT 1 FROM article WHERE id = ?", [plain]).fetchone():
        return plain
    if not _HASHED.fullmatch(number):
        return None
    wanted = article_path(plain)
    rows = connection.execute("SELECT id FROM article WHERE outlet = ?", [outlet])
    return next((row["id"] for row in rows if article_path(row["id"]) == wanted), None)


def story_cards(connection: sqlite3.Connection, story: str) -> list[Card]:
    """Return the articles of a story, its origin first, then by time; a former story leads to the one it is part of now."""
    asked = f"SELECT {COLUMNS} FROM article WHERE story = ?"  # noqa: S608  names of our own
    rows = connection.execute(asked, [story]).fetchall()
    if not rows and (now := connection.execute("SELECT story FROM article WHERE id = ?", [story]).fetchone()):
        rows = connection.execute(asked, [now["story"]]).fetchall()
    return sorted(map(card_of, rows), key=lambda card: (card.origin != card.id, card.at, card.id))


def related(connection: sqlite3.Connection, card: Card) -> list[Card]:
    """Return the articles that share the rarest and weightiest topics with this one, one of each story."""
    rows = connection.execute(
        "SELECT other.n FROM topic AS mine JOIN entry USING (e) JOIN topic AS other USING (e) JOIN article ON article.n = other.n"
        " WHERE mine.n = ? AND many BETWEEN 2 AND ? AND other.n <> mine.n AND article.story IS NOT ?"
        " GROUP BY coalesce(article.story, article.id) ORDER BY sum(mine.weight * other.weight / many) DESC, at DESC LIMIT ?",
        [card.n, _COMMON, card.story or "", _RELATED],
    )
    return cards_of(connection, [row["n"] for row in rows])


def entry_of(connection: sqlite3.Connection, slug: str) -> Entry | None:
    """Return the entry that an address names, however it is spelled; a surname or variant leads to the name."""
    row = connection.execute("SELECT e, same FROM entry WHERE key = ?", [key_of_slug(slug)]).fetchone()
    return None if row is None else entry_by_number(connection, row["same"] or row["e"])


def entry_by_number(connection: sqlite3.Connection, e: int) -> Entry:
    """Return an entry."""
    row = connection.execute("SELECT e, kind, name, key, slug, many, changed FROM entry WHERE e = ?", [e]).fetchone()
    return Entry(*row)


def entry_groups(connection: sqlite3.Connection, e: int) -> list[list[int]]:
    """Return the numbers of all articles about an entry, by story, the newest first; `folded_of` makes cards of them."""
    rows = connection.execute("SELECT n, id, at, story, origin FROM topic JOIN article USING (n) WHERE e = ?", [e])
    return grouped(Place(*row) for row in rows)


def entries(connection: sqlite3.Connection, *, least: int = 1, since: int = 0) -> list[Entry]:
    """Return the entries with at least so many articles that changed after a generation, the greatest first."""
    rows = connection.execute(
        "SELECT e, kind, name, key, slug, many, changed FROM entry WHERE same IS NULL AND many >= ? AND changed > ?"
        " ORDER BY many DESC, key",
        [least, since],
    )
    return [Entry(*row) for row in rows]


def neighbours(connection: sqlite3.Connection, e: int, limit: int = 12) -> list[dict[str, Any]]:
    """Return the entries that stand most often beside one."""
    rows = connection.execute(
        "SELECT name, slug, kind, count(*) AS together, many FROM topic AS mine JOIN topic AS other USING (n)"
        " JOIN entry ON entry.e = other.e WHERE mine.e = ? AND other.e <> mine.e GROUP BY other.e"
        " ORDER BY together * 1.0 / (many + 5) DESC, together DESC, key LIMIT ?",
        [e, limit],
    )
    return [dict(row) for row in rows]


def outlets(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return each outlet: ``outlet, many, first, last`` (seconds)."""
    rows = connection.execute(
        "SELECT outlet, count(*) AS many, min(at) AS first, max(at) AS last FROM article GROUP BY outlet ORDER BY outlet"
    )
    return [dict(row) for row in rows]
