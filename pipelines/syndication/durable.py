"""The index on disk: SQLite, next to the catalog; it survives a restart and is shared by the crawls of one machine.

The inverted index itself is not stored. It is made in memory from the sketches of the few days around the articles at
hand, block by block, and what another process adds is read from the table's end before each placement. So a placement
writes a few rows instead of a hundred postings, and costs the same whether the archive holds a thousand articles or a
million. Everything here can be made again from the archive; it is a cache that remembers.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from pipelines.syndication.assembly import Link
from pipelines.syndication.index import Placement, Text
from pipelines.syndication.ledger import Ledger
from pipelines.syndication.postings import Postings, block_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pipelines.syndication.fingerprints import Hashes
    from pipelines.syndication.piece import Piece

_RECENT = 4096  # texts, some 8 MB
_IN_MEMORY = 50_000  # texts whose postings are in memory: about 200 MB, a month of five outlets


class SqliteIndex(Ledger):
    """An index in a file; see `pipelines.syndication.index.Index` for what each method is asked.

    Args:
        path: the file; made where there is none, its folder too.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._postings = Postings(self._sketches, _IN_MEMORY)
        self._read = lru_cache(_RECENT)(self._text)
        self._last = self._newest()
        self._removals = self._count_removals()

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
                self._let_go()
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
        return self._read(serial)

    def current(self, article: str) -> Text:
        """See `Index.current`."""
        newest = "SELECT serial FROM text WHERE article = ? ORDER BY version DESC, key DESC LIMIT 1"
        text = self._read(self._row(newest, article)[0])
        assert text is not None
        return text

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
        self._database.execute(f"PRAGMA user_version = {self._removals + 1}")  # so that other processes let go, too

    def _count_removals(self) -> int:
        return int(self._row("PRAGMA user_version")[0])

    def _let_go(self) -> None:
        self._postings.clear()
        self._read.cache_clear()
        self._last = self._newest()

    def _text(self, serial: int) -> Text | None:
        row = self._row("SELECT article, at, words, sketch FROM text WHERE serial = ?", serial)
        if row is None:
            return None
        article, at, words, sketch = row
        return Text(article, at, np.frombuffer(words, dtype="<u4"), np.frombuffer(sketch, dtype="<u8"))

    def _newest(self) -> int:
        return int(self._row("SELECT coalesce(max(serial), 0) FROM text")[0])

    def _sketches(self, block: int) -> Iterator[tuple[int, list[int]]]:
        for serial, sketch in self._database.execute("SELECT serial, sketch FROM text WHERE block = ?", (block,)):
            yield serial, np.frombuffer(sketch, dtype="<u8").tolist()

    def _read_on(self) -> None:
        if self._removals != (removals := self._count_removals()):
            self._removals = removals
            self._let_go()
        rows = self._database.execute("SELECT serial, block, sketch FROM text WHERE serial > ?", (self._last,))
        for serial, block, sketch in rows:
            self._postings.add(block, serial, np.frombuffer(sketch, dtype="<u8").tolist())
            self._last = serial
