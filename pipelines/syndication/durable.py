"""The index on disk: SQLite, next to the catalog; it survives a restart and is shared by the crawls of one machine.

The inverted index itself is not stored. It is made in memory from the sketches of the few days around the articles at
hand, block by block, and what another process adds is read from the table's end before each placement. So a placement
writes a few rows instead of a hundred postings, and costs the same whether the archive holds a thousand articles or a
million. Everything here can be made again from the archive; it is a cache that remembers.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.syndication.assembly import Link
from pipelines.syndication.index import Placement, Text
from pipelines.syndication.postings import Postings, block_of
from pipelines.syndication.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pipelines.syndication.fingerprints import Hashes
    from pipelines.syndication.piece import Piece

_IN_MEMORY = 50_000  # texts whose postings are in memory: about 200 MB, a month of five outlets


class SqliteIndex:
    """An index in a file; see `pipelines.syndication.index.Index` for what each method is asked.

    Args:
        path: the file; made where there is none, its folder too.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = RLock()  # a crawl catches up in a thread before it places in another
        self._database = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")  # a power cut loses the last placements, never the file
        self._database.executescript(TABLES)
        self._postings = Postings(self._sketches, _IN_MEMORY)
        self._last = self._newest()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold what follows together, and keep other processes from writing meanwhile. Transactions do not nest."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                self._read_on()
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                self._postings.clear()
                self._last = self._newest()
                raise
            self._database.execute("COMMIT")

    def knows(self, piece: Piece) -> bool:
        """See `Index.knows`."""
        query = "SELECT 1 FROM holding JOIN article ON id = article WHERE key = ? AND article = ? AND at <= ?"
        return self._row(query, piece.text, piece.id, piece.at) is not None

    def add(self, piece: Piece, sketch: Hashes) -> None:
        """See `Index.add`."""
        block = block_of(piece.at)
        words, sample = piece.words.tobytes(), sketch.tobytes()
        values = (piece.id, piece.version, piece.text, piece.at, block, words, sample)
        insert = "INSERT INTO text (article, version, key, at, block, words, sketch) VALUES (?, ?, ?, ?, ?, ?, ?)"
        serial = self._database.execute(insert, values).lastrowid
        assert serial is not None
        known = self._row("SELECT at, agencies FROM article WHERE id = ?", piece.id)
        at, agencies = known or (piece.at, "")
        credited = " ".join(sorted({*agencies.split(), *piece.agencies}))
        self._database.execute(
            "INSERT INTO article (id, at, agencies) VALUES (?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET at = excluded.at, agencies = excluded.agencies",
            (piece.id, min(at, piece.at), credited),
        )
        for key in (piece.address, piece.text):
            self._database.execute("INSERT OR IGNORE INTO holding VALUES (?, ?)", (key, piece.id))
        self._postings.add(block, serial, sketch.tolist())
        self._last = serial

    def moment(self, article: str) -> float:
        """See `Index.moment`."""
        return float(self._row("SELECT at FROM article WHERE id = ?", article)[0])

    def text(self, serial: int) -> Text | None:
        """See `Index.text`."""
        row = self._row("SELECT article, at, words, sketch FROM text WHERE serial = ?", serial)
        return row and _text(row)

    def current(self, article: str) -> Text:
        """See `Index.current`."""
        query = "SELECT article, at, words, sketch FROM text WHERE article = ? ORDER BY version DESC, key DESC LIMIT 1"
        return _text(self._row(query, article))

    def agencies(self, article: str) -> tuple[str, ...]:
        """See `Index.agencies`."""
        return tuple(self._row("SELECT agencies FROM article WHERE id = ?", article)[0].split())

    def shared(self, at: float, sketch: Hashes) -> Mapping[int, int]:
        """See `Index.shared`."""
        return self._postings.shared(block_of(at), sketch.tolist())

    def holders(self, key: bytes) -> Iterable[str]:
        """See `Index.holders`."""
        return [article for (article,) in self._database.execute("SELECT article FROM holding WHERE key = ?", (key,))]

    def link(self, one: str, other: str, link: Link) -> None:
        """See `Index.link`."""
        self._database.executemany(
            "INSERT INTO pairing VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET link = max(link, excluded.link)",
            ((one, other, int(link)), (other, one, int(link))),
        )

    def links(self, article: str) -> Mapping[str, Link]:
        """See `Index.links`."""
        rows = self._database.execute("SELECT other, link FROM pairing WHERE one = ?", (article,))
        return {other: Link(link) for other, link in rows}

    def placement(self, article: str) -> Placement | None:
        """See `Index.placement`."""
        row = self._row("SELECT id, story, role, origin, overlap FROM article WHERE id = ? AND story NOT NULL", article)
        return row and Placement(*row)

    def place(self, placement: Placement) -> None:
        """See `Index.place`. The placement counts as untold until it is seen published."""
        update = "UPDATE article SET story = ?, role = ?, origin = ?, overlap = ?, told = 0 WHERE id = ?"
        values = (placement.story, placement.role, placement.origin, placement.overlap, placement.id)
        self._database.execute(update, values)

    def articles(self) -> Iterator[str]:
        """See `Index.articles`."""
        return (article for (article,) in self._database.execute("SELECT id FROM article ORDER BY id"))

    def remove(self, article: str) -> None:
        """See `Index.remove`."""
        gone = [(other, article) for other in self.links(article)]
        self._database.executemany("DELETE FROM pairing WHERE one = ? AND other = ?", gone)
        for table, column in (("text", "article"), ("article", "id"), ("holding", "article"), ("pairing", "one")):
            self._database.execute(f"DELETE FROM {table} WHERE {column} = ?", (article,))  # noqa: S608  names from here
        self._postings.clear()

    def keep(self, article: str) -> None:
        """See `Index.keep`."""
        self._database.execute("UPDATE article SET kept = 1 WHERE id = ?", (article,))

    def unkept(self) -> list[str]:
        """See `Index.unkept`."""
        return [article for (article,) in self._database.execute("SELECT id FROM article WHERE kept = 0 ORDER BY id")]

    def tell(self, placement: Placement) -> None:
        """See `Index.tell`."""
        self._database.execute(
            "UPDATE article SET told = (story = ? AND role = ? AND origin = ? AND overlap = ?) WHERE id = ?",
            (placement.story, placement.role, placement.origin, placement.overlap, placement.id),
        )

    def untold(self) -> list[Placement]:
        """See `Index.untold`."""
        query = "SELECT id, story, role, origin, overlap FROM article WHERE told = 0 AND kept = 1 ORDER BY id"
        return [Placement(*row) for row in self._database.execute(query)]

    def learned(self, manifest: str) -> bool:
        """Tell whether a manifest was caught up with."""
        return self._row("SELECT 1 FROM learned WHERE name = ?", manifest) is not None

    def note_learned(self, manifest: str) -> None:
        """Note that a manifest was caught up with."""
        self._database.execute("INSERT OR IGNORE INTO learned VALUES (?)", (manifest,))

    def _row(self, query: str, *values: object) -> Any:
        return self._database.execute(query, values).fetchone()

    def _newest(self) -> int:
        return int(self._row("SELECT coalesce(max(serial), 0) FROM text")[0])

    def _sketches(self, block: int) -> Iterator[tuple[int, list[int]]]:
        for serial, sketch in self._database.execute("SELECT serial, sketch FROM text WHERE block = ?", (block,)):
            yield serial, np.frombuffer(sketch, dtype="<u8").tolist()

    def _read_on(self) -> None:
        rows = self._database.execute("SELECT serial, block, sketch FROM text WHERE serial > ?", (self._last,))
        for serial, block, sketch in rows:
            self._postings.add(block, serial, np.frombuffer(sketch, dtype="<u8").tolist())
            self._last = serial


def _text(row: tuple[str, float, bytes, bytes]) -> Text:
    article, at, words, sketch = row
    return Text(article, at, np.frombuffer(words, dtype="<u4"), np.frombuffer(sketch, dtype="<u8"))
