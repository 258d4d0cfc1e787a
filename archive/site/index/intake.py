"""Manifests and lines into the index: every version of every article, and the newest of each as its row.

Lines are kept whole, compressed: a page is made from the index alone, without a request to the archive.
"""

from __future__ import annotations

import hashlib
import json
import logging
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.article import Article, Story
from archive.reader.jsonl import Unreadable, lines_of_object
from archive.reader.scan import BROKEN
from archive.site.paths import is_safe_outlet
from archive.store import StoreRefused

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from datetime import datetime

    from archive.manifests.manifest import Item
    from archive.reader.archive import Archive

log = logging.getLogger("archive.site")

_AHEAD = 3600  # seconds that an outlet's clock may be ahead of ours; a later date is a typing error


@dataclass(frozen=True, slots=True)
class Part:
    """An object of lines as it is published now; ``mark`` changes with its bytes."""

    kind: str
    item: Item

    @property
    def mark(self) -> str:
        """Return what tells it from every other object, and from itself before an erasure."""
        return f"{self.item.key} {self.item.sha256}"


def parts_of(archive: Archive) -> list[Part]:
    """Return the objects of lines that a reader reads now, in the order of crawling."""
    return [
        Part(kind, manifest.by_kind[kind])
        for manifest in archive.manifests()
        for kind in ("articles", "stories")
        if kind in manifest.by_kind
    ]


def take(connection: sqlite3.Connection, archive: Archive, parts: list[Part]) -> set[str]:
    """Take the lines of the objects in; return the ids of the articles that are new, changed, or retold."""
    touched: set[str] = set()
    for part in parts:
        for line in _lines(archive, part.item):
            with _broken_lines_named(part.item.key):
                touched.add(
                    _take_line(connection, archive, line) if part.kind == "articles" else _take_told(connection, line)
                )
        connection.execute("INSERT OR IGNORE INTO taken VALUES (?)", [part.mark])
    touched.discard("")
    return touched


def hidden(archive: Archive) -> str:
    """Return what tells whether a take-down came since: everything is read anew then."""
    found = sorted(archive.taken_down.ids) + sorted(archive.taken_down.records)
    return hashlib.sha256("\n".join(found).encode()).hexdigest() if found else ""


def _lines(archive: Archive, item: Item) -> Iterator[bytes]:
    """Yield the lines of an object; one that is damaged is an error of the archive."""
    try:
        yield from lines_of_object(archive.store, item)
    except Unreadable as error:
        raise StoreRefused(f"{error}; python -m archive verify says what is left of it") from error


@contextmanager
def _broken_lines_named(key: str) -> Iterator[None]:
    """Leave out a line that cannot be read, and name its object in the log."""
    try:
        yield
    except BROKEN as error:
        log.warning("a line of %s was left out: %s", key, error)


def _take_line(connection: sqlite3.Connection, archive: Archive, line: bytes) -> str:
    """Take a line in and return its article's id; empty for one that a reader may not see."""
    said = json.loads(line)
    if not is_safe_outlet(said["outlet"]) or _is_hidden(archive, line):
        return ""
    row = [said["id"], said["version"], said["captured"], zlib.compress(line, 6)]
    connection.execute("INSERT OR REPLACE INTO version VALUES (?, ?, ?, ?)", row)
    return str(said["id"])


def _is_hidden(archive: Archive, line: bytes) -> bool:
    return not archive.lens.is_clear and archive.lens.hides(Article.from_line(line))


def _take_told(connection: sqlite3.Connection, line: bytes) -> str:
    said = json.loads(line)
    row = [said["id"], said["told"], json.dumps(said, ensure_ascii=False)]
    connection.execute(
        "INSERT INTO told VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET told = excluded.told, line = excluded.line"
        " WHERE excluded.told >= told",
        row,
    )
    return str(said["id"])


def settle(connection: sqlite3.Connection, ids: set[str], generation: int) -> list[tuple[int, Article]]:
    """Write the row of each article from its newest version and what was last told of its story; return number and article."""
    return [found for article_id in sorted(ids) if (found := _settle(connection, article_id, generation)) is not None]


def _settle(connection: sqlite3.Connection, article_id: str, generation: int) -> tuple[int, Article] | None:
    versions = versions_of(connection, article_id)
    if not versions:
        return None  # a story line about an article that is not here (yet)
    article = versions[-1]
    told = connection.execute("SELECT line FROM told WHERE id = ?", [article_id]).fetchone()
    if told is not None:
        said = json.loads(told["line"])
        article.story = Story(id=said["story"], role=said["role"], origin=said["origin"], overlap=said["overlap"])
    silent = sum(version.changes is not None and version.changes.silent for version in versions)
    story = (
        (None, None, None) if article.story is None else (article.story.id, article.story.origin, article.story.overlap)
    )
    agencies = f" {' '.join(article.agencies)} " if article.agencies else ""
    values = (
        *(article.id, article.outlet, moment_of(article), len(versions), article.captured.isoformat()),
        *(article.headline, article.standfirst, article.section, article.kind, agencies, *story),
        *(silent, article.words, generation),
    )
    (number,) = connection.execute(
        "INSERT INTO article (id, outlet, at, version, captured, headline, standfirst, section, kind, agencies, story, origin,"
        " overlap, silent, words, changed) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET"
        " at = excluded.at, version = excluded.version, captured = excluded.captured, headline = excluded.headline,"
        " standfirst = excluded.standfirst, section = excluded.section, kind = excluded.kind, agencies = excluded.agencies,"
        " story = excluded.story, origin = excluded.origin, overlap = excluded.overlap, silent = excluded.silent,"
        " words = excluded.words, changed = excluded.changed RETURNING n",
        values,
    ).fetchone()
    return number, article


def versions_of(connection: sqlite3.Connection, article_id: str) -> list[Article]:
    """Return all versions of an article, oldest first."""
    found = connection.execute(
        "SELECT line FROM version WHERE id = ? ORDER BY version, captured", [article_id]
    ).fetchall()
    return [Article.from_line(zlib.decompress(row["line"])) for row in found]


def moment_of(article: Article) -> int:
    """Return the time by which an article is sorted, in seconds: its publication, or its capture where that is in doubt."""
    captured = _seconds(article.captured)
    published = captured if article.published is None else _seconds(article.published)
    return published if published <= captured + _AHEAD else captured


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
