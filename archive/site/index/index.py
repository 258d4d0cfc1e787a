"""`Index`: catching up with an archive, and a connection for each thread that asks."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from archive.site.index.intake import hidden, parts_of, settle, take, versions_of
from archive.site.index.tables import connect, forget, prepare
from archive.site.index.topics import Finder, articles_naming, write_topics
from archive.site.index.variants import join_variants
from archive.site.topics.gazetteer_db import add_entries, see
from archive.text import fold

if TYPE_CHECKING:
    import sqlite3

    from archive.article import Article
    from archive.reader.archive import Archive
    from archive.site.index.intake import Part


_REPORT = re.compile(r"reports/outlet=(?P<outlet>[^/]+)/date=(?P<date>[\d-]{10})/[^/]+\.json")


def default_index(uri: str) -> Path:
    """Return where the index of the archive at ``uri`` stands: in the user's cache, a file for each archive."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "warraq" / f"{hashlib.sha256(uri.encode()).hexdigest()[:16]}.sqlite"


class Index:
    """The index of one archive. One thread catches up, any number of threads ask."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = prepare(path)
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []

    @property
    def reader(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        if not hasattr(self._local, "connection"):
            self._local.connection = connect(self.path)
            self._readers.append(self._local.connection)
        connection: sqlite3.Connection = self._local.connection
        return connection

    @property
    def generation(self) -> int:
        """Return how often the archive had something new."""
        return int(self.fact("generation", "0"))

    def fact(self, name: str, default: str = "") -> str:
        """Return a fact about the index."""
        row = self.reader.execute("SELECT value FROM fact WHERE name = ?", [name]).fetchone()
        return default if row is None else str(row["value"])

    def close(self) -> None:
        """Close the connections of all threads, when none of them asks any more."""
        for connection in (*self._readers, self._writer):
            connection.close()
        self._readers.clear()
        self._local = threading.local()

    def catch_up(self, archive: Archive) -> int:
        """Learn what was published since, all of it or nothing; return how many articles are new or changed.

        Where something that was read is gone or was replaced, by a take-down, a compaction, a reading again, all is read anew.
        """
        parts = parts_of(archive)
        connection = self._writer
        _take_reports(connection, archive)
        known = {row["mark"] for row in connection.execute("SELECT mark FROM taken")}
        is_gone = bool(known - {part.mark for part in parts}) or (
            bool(known) and hidden(archive) != self.fact("hidden")
        )
        fresh = [part for part in parts if is_gone or part.mark not in known]
        if not fresh and not is_gone:
            return 0
        connection.execute("BEGIN IMMEDIATE")
        try:
            if is_gone:
                forget(connection)
                connection.execute("INSERT OR REPLACE INTO fact VALUES ('rebuilt', ?)", [str(self.generation + 1)])
            connection.execute("INSERT OR REPLACE INTO fact VALUES ('hidden', ?)", [hidden(archive)])
            count = self._take(connection, archive, fresh)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        return count

    def _take(self, connection: sqlite3.Connection, archive: Archive, fresh: list[Part]) -> int:
        generation = self.generation + 1
        stories = _stories(connection, touched := take(connection, archive, fresh))
        articles = settle(connection, touched, generation)
        stories |= _stories(connection, touched)
        connection.executemany("UPDATE article SET changed = ? WHERE story = ?", [(generation, s) for s in stories])
        keys: set[str] = set()
        for number, article in articles:
            _write_words(connection, number, article)
            keys |= see(connection, number, article)
        new = add_entries(connection, keys) | join_variants(connection, keys)
        finder, edited = Finder(connection), {number for number, _ in articles}
        for number, article in [*articles, *_others(connection, articles_naming(connection, new) - edited)]:
            topics = finder.topics_of(article)
            write_topics(connection, number, topics, generation, edited=number in edited)
        connection.execute("UPDATE entry SET many = (SELECT count(*) FROM topic WHERE topic.e = entry.e)")
        connection.execute("INSERT OR REPLACE INTO fact VALUES ('generation', ?)", [str(generation)])
        return len(articles)


def _take_reports(connection: sqlite3.Connection, archive: Archive) -> None:
    """Note on which days each outlet was crawled, with articles or without: what the calendar shows."""
    for found in archive.store.listing("reports/"):
        match = _REPORT.fullmatch(found.key)
        if match:
            row = [found.key, match["outlet"], match["date"]]
            connection.execute("INSERT OR IGNORE INTO crawl VALUES (?, ?, ?)", row)


def _write_words(connection: sqlite3.Connection, number: int, article: Article) -> None:
    row = [number, fold(article.headline), fold(article.standfirst or ""), fold(article.text)]
    connection.execute("DELETE FROM fulltext WHERE rowid = ?", [number])
    connection.execute("INSERT INTO fulltext (rowid, headline, standfirst, text) VALUES (?, ?, ?, ?)", row)


def _stories(connection: sqlite3.Connection, ids: set[str]) -> set[str]:
    rows = (connection.execute("SELECT story FROM article WHERE id = ?", [each]).fetchone() for each in sorted(ids))
    return {row["story"] for row in rows if row is not None and row["story"]}


def _others(connection: sqlite3.Connection, numbers: set[int]) -> list[tuple[int, Article]]:
    found = []
    for number in sorted(numbers):
        row = connection.execute("SELECT id FROM article WHERE n = ?", [number]).fetchone()
        if row is not None:
            found.append((number, versions_of(connection, row["id"])[-1]))
    return found
