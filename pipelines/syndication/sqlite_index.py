"""The index on disk: SQLite, next to the catalog; it survives a restart and is shared by the crawls of one machine.

The inverted index itself is not stored. It is made in memory from the sketches of the few days around the articles at
hand, block by block, and what another process adds is read from the table's end before the next placement. So a placement
writes a few rows instead of a hundred postings, and costs the same whether the archive holds a thousand articles or a
million. Everything here can be made again from the archive; it is a cache that remembers.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from pipelines.syndication.edges import Edges
from pipelines.syndication.fingerprints import id_key
from pipelines.syndication.formulas import DAYS, Formulas
from pipelines.syndication.index import Text
from pipelines.syndication.ledger import Ledger
from pipelines.syndication.matching import SHORTEST
from pipelines.syndication.piece import merged
from pipelines.syndication.postings import Postings, block_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pipelines.syndication.assembly import Link
    from pipelines.syndication.coverage import Marks
    from pipelines.syndication.fingerprints import Hashes
    from pipelines.syndication.index import Relation
    from pipelines.syndication.piece import Piece
    from pipelines.syndication.rows import Row

_RECENT = 4096  # texts, some 8 MB
_IN_MEMORY = 20_000  # texts whose postings are in memory: some 15 MB, three weeks of five outlets
_ADD = "INSERT INTO text VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class SqliteIndex(Ledger):
    """An index in a file; see `pipelines.syndication.index.Index` for what each method is asked.

    Args:
        path: the file; made where there is none, its folder too.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._postings = Postings(self._sketches, _IN_MEMORY)
        self._texts: OrderedDict[int, Text] = OrderedDict()  # the texts used last
        self._edges = Edges(self._rows)
        self._last = self._newest()
        self._removals = self._number("PRAGMA user_version")
        self._formulas: Formulas | None = None

    @property
    def formulas(self) -> Formulas:
        """See `Index.formulas`. Made of the texts of the last days when it is first asked for."""
        if self._formulas is None:
            self._formulas = Formulas()
            newest = self._database.execute("SELECT max(at) FROM text").fetchone()[0] or 0.0
            since = block_of(newest - DAYS * 24 * 3600)
            for at, words in self._database.execute("SELECT at, words FROM text WHERE block >= ?", (since,)):
                self._learn(at, words)
        return self._formulas

    def twins(self, piece: Piece) -> tuple[bool, set[str]]:
        """See `Index.twins`."""
        found = self._rows.of_keys((piece.address, piece.text, id_key(piece.id)), piece.id)
        known = any(key == piece.text and row.id == piece.id and row.at <= piece.at for key, row in found)
        wanted = (piece.address, piece.text) if piece.comparable else (piece.address,)
        return known, {row.id for key, row in found if key in wanted} - {piece.id}

    def add(self, piece: Piece, sketch: Hashes, own: Marks) -> None:
        """See `Index.add`."""
        row = self._rows.find(piece.id) or self._begin(piece)
        self._last += 1
        block, words, sample = block_of(piece.at), piece.words.tobytes(), sketch.tobytes()
        keys = piece.version, piece.text, piece.address
        packed = np.packbits(own).tobytes()
        self._database.execute(_ADD, (self._last, row.serial, *keys, piece.at, block, words, packed, sample))
        if piece.comparable:
            self.formulas.learn(piece.words, piece.at)
        if not row.current or self._is_later(piece, row.current):
            row.current = self._last
        row.at = min(row.at, piece.at)
        row.agencies = " ".join(map("=".join, merged(self.agencies(piece.id), piece.agencies).items()))
        self._rows.change(row)
        held = ((key, row.serial) for key in (piece.address, piece.text, id_key(piece.id)))
        self._database.executemany("INSERT OR IGNORE INTO holding VALUES (?, ?)", held)
        self._postings.add(block, self._last, sketch)
        self._remember(self._last, Text(piece.id, piece.at, piece.words, own, sketch))

    def moment(self, article: str) -> float:
        """See `Index.moment`."""
        return self._rows[article].at

    def text(self, serial: int) -> Text | None:
        """See `Index.text`."""
        if serial in self._texts:
            self._texts.move_to_end(serial)
            return self._texts[serial]
        query = "SELECT id, text.at, words, own, sketch FROM text JOIN article ON article.serial = article WHERE text.serial = ?"
        self._rows.flush()
        row = self._database.execute(query, (serial,)).fetchone()
        if row is None:
            return None
        article, at, words, own, sketch = row
        ids = np.frombuffer(words, dtype="<u4")
        marks = np.unpackbits(np.frombuffer(own, np.uint8), count=ids.size).astype(np.bool_)
        return self._remember(serial, Text(article, at, ids, marks, np.frombuffer(sketch, dtype="<u8")))

    def current(self, article: str) -> Text:
        """See `Index.current`."""
        text = self.text(self._rows[article].current)
        assert text is not None
        return text

    def agencies(self, article: str) -> Mapping[str, str]:
        """See `Index.agencies`."""
        return dict(each.split("=", 1) for each in self._rows[article].agencies.split())

    def shared(self, at: float, sketch: Hashes) -> Mapping[int, int]:
        """See `Index.shared`."""
        return self._postings.shared(block_of(at), sketch)

    def link(self, one: str, other: str, link: Link) -> None:
        """See `Index.link`."""
        self._edges.link(self._rows[one], self._rows[other], link)

    def links(self, article: str) -> Mapping[str, Link]:
        """See `Index.links`."""
        return self._edges.of(self._rows[article]).links

    def relate(self, article: str, relation: Relation) -> None:
        """See `Index.relate`."""
        self._edges.relate(self._rows[article], self._rows[relation.id], relation)

    def relations(self, article: str) -> Mapping[str, Relation]:
        """See `Index.relations`."""
        return self._edges.of(self._rows[article]).relations

    def articles(self) -> Iterator[str]:
        """See `Index.articles`."""
        return (row.id for row in self._rows.where("true"))

    def remove(self, article: str) -> None:
        """See `Index.remove`."""
        row = self._rows[article]
        for key, address in self._database.execute("SELECT key, address FROM text WHERE article = ?", (row.serial,)):
            held = ((held, row.serial) for held in (key, address, id_key(article)))
            self._database.executemany("DELETE FROM holding WHERE key = ? AND article = ?", held)
        self._database.execute("DELETE FROM text WHERE article = ?", (row.serial,))
        self._edges.remove(row)
        self._rows.remove(row)
        self._database.execute(f"PRAGMA user_version = {self._removals + 1}")  # so that other processes let go, too
        self._removals += 1
        self._formulas = None  # it was never published: nobody else learned from it
        self._let_go()

    def _begin(self, piece: Piece) -> Row:
        row = self._rows.new(piece.id, piece.at)
        self._edges.begin(row)
        return row

    def _is_later(self, piece: Piece, current: int) -> bool:
        version, key = self._database.execute("SELECT version, key FROM text WHERE serial = ?", (current,)).fetchone()
        return (piece.version, piece.text) > (version, key)

    def _remember(self, serial: int, text: Text) -> Text:
        self._texts[serial] = text
        if len(self._texts) > _RECENT:
            self._texts.popitem(last=False)
        return text

    def _let_go(self) -> None:
        self._postings.clear()
        self._texts.clear()
        self._edges.clear()
        self._last = self._newest()

    def _learn(self, at: float, words: bytes) -> None:
        ids = np.frombuffer(words, dtype="<u4")
        if self._formulas is not None and ids.size >= SHORTEST:
            self._formulas.learn(ids, at)

    def _newest(self) -> int:
        return self._number("SELECT coalesce(max(serial), 0) FROM text")

    def _sketches(self, block: int) -> Iterator[tuple[int, Hashes]]:
        for serial, sketch in self._database.execute("SELECT serial, sketch FROM text WHERE block = ?", (block,)):
            yield serial, np.frombuffer(sketch, dtype="<u8")

    def _read_on(self) -> None:
        self._edges.clear()
        if self._removals != (removals := self._number("PRAGMA user_version")):
            self._removals = removals
            self._formulas = None
            self._let_go()
        query = "SELECT serial, block, at, words, sketch FROM text WHERE serial > ?"
        for serial, block, at, words, sketch in self._database.execute(query, (self._last,)):
            self._postings.add(block, serial, np.frombuffer(sketch, dtype="<u8"))
            self._learn(at, words)
            self._last = serial
