"""The story index on disk: SQLite, next to the catalog; it survives a restart and is shared by the crawls of one machine."""

from __future__ import annotations

import logging
import sqlite3
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import attrgetter
from threading import RLock
from typing import TYPE_CHECKING

import numpy as np
from typing_extensions import override

from archive.files import PATIENCE, DamagedState, forget, forget_damaged, one_at_a_time, tells_damage
from pipelines.syndication.alignment import SHORTEST
from pipelines.syndication.fingerprints import Hashes, Postings, block_of, id_key
from pipelines.syndication.formulas import DAYS, Formulas
from pipelines.syndication.index import (
    Link,
    Piece,
    Placement,
    Relation,
    Row,
    SpoiledRow,
    StoryIndex,
    Text,
    Told,
    greater,
    inverse,
    merged,
    stored,
    stored_hashes,
    stored_link,
    stored_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pipelines.syndication.fingerprints import Marks


logger = logging.getLogger(__name__)

# --- The links and relations between the articles of the index on disk, those used last held in memory ---------------

_HELD = 4096  # articles, some 1 MB; most have neither links nor relations


@dataclass(frozen=True, slots=True)
class Around:
    """What an article is linked and related with, by article."""

    links: dict[str, Link] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)


class Edges:
    """The tables ``pairing`` and ``relation``.

    Args:
        rows: the articles; their database is written to.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._database = rows.database
        self._held: dict[int, Around] = {}

    def begin(self, row: Row) -> None:
        """Note that an article is new: there is nothing around it."""
        self._hold(row.serial, Around())

    def of(self, row: Row) -> Around:
        """Return what is around an article."""
        if row.serial in self._held:
            return self._held[row.serial]
        self._rows.flush()
        query = "SELECT id, link FROM pairing JOIN article ON serial = other WHERE one = ?"
        linked = (stored(found, str, int) for found in self._database.execute(query, (row.serial,)))
        links = {other: stored_link(link) for other, link in linked}
        query = "SELECT id, relation, relation.overlap FROM relation JOIN article ON serial = other WHERE one = ?"
        related = (stored(found, str, str, float) for found in self._database.execute(query, (row.serial,)))
        return self._hold(row.serial, Around(links, {each[0]: Relation(*each) for each in related}))

    def link(self, one: Row, other: Row, link: Link) -> None:
        """Link two articles; the stronger link stays."""
        link = max(link, self.of(one).links.get(other.id, link))
        for mine, theirs in ((one, other), (other, one)):
            self._database.execute(
                "INSERT OR REPLACE INTO pairing VALUES (?, ?, ?)", (mine.serial, theirs.serial, link)
            )
            self.of(mine).links[theirs.id] = link

    def relate(self, one: Row, other: Row, relation: Relation) -> None:
        """Relate two articles; the greater overlap stays."""
        for mine, theirs, new in ((one, other, relation), (other, one, inverse(one.id, relation))):
            edge = greater(self.of(mine).relations.get(theirs.id), new)
            values = (mine.serial, theirs.serial, edge.relation, edge.overlap)
            self._database.execute("INSERT OR REPLACE INTO relation VALUES (?, ?, ?, ?)", values)
            self.of(mine).relations[theirs.id] = edge

    def remove(self, row: Row) -> None:
        """Delete what is around an article."""
        for table in ("pairing", "relation"):
            mine = f"SELECT other FROM {table} WHERE one = ?"  # noqa: S608  names from here
            gone = f"DELETE FROM {table} WHERE other = ? AND one IN ({mine})"  # noqa: S608  as above
            self._database.execute(gone, (row.serial, row.serial))
            self._database.execute(f"DELETE FROM {table} WHERE one = ?", (row.serial,))  # noqa: S608  as above
        self.clear()

    def clear(self) -> None:
        """Let go of everything: another process has written, or what was written here does not hold."""
        self._held.clear()

    def _hold(self, serial: int, around: Around) -> Around:
        if len(self._held) >= _HELD:
            self._held.clear()
        self._held[serial] = around
        return around


# --- The article rows of the index on disk, held in memory while a placement works on them and written at its end ----
# find, of_keys ──▶ Row, in memory ──change──▶ … ──flush──▶ one statement for all that changed

_COLUMNS = ", ".join(Row.__slots__)
_PUT = "INSERT OR REPLACE INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_HOLDING = "SELECT key, article FROM holding WHERE key = ?"
_values = attrgetter(*Row.__slots__)  # `astuple` would copy each value


class Rows:
    """Rows by article id."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        self._held: dict[str, Row | None] = {}  # None: there is no such article
        self._changed: dict[int, Row] = {}
        self._last = 0
        self.clear()

    def __getitem__(self, article: str) -> Row:
        """Return the row of an article that is here."""
        row = self.find(article)
        if row is None:
            raise KeyError(article)
        return row

    def find(self, article: str) -> Row | None:
        """Return the row of an article, None where there is none."""
        if article not in self._held:
            self.of_keys([id_key(article)], article)
        return self._held[article]

    def of_keys(self, keys: Iterable[int], article: str) -> list[tuple[int, Row]]:
        """Return the rows that hold one of these keys, and which; afterwards it is known whether ``article`` is among all rows.

        Args:
            keys: any, the key of the article's id among them.
            article: an article's id.
        """
        query = " UNION ALL ".join([_HOLDING] * len(wanted := list(keys)))  # `IN` would make a table of them first
        rows = [(key, self._of_serial(serial)) for key, serial in self.database.execute(query, wanted).fetchall()]
        self._held.setdefault(article, None)
        return rows

    def _of_serial(self, serial: int) -> Row:
        if serial in self._changed:  # and perhaps not written yet
            return self._changed[serial]
        values = self.database.execute(f"SELECT {_COLUMNS} FROM article WHERE serial = ?", (serial,)).fetchone()  # noqa: S608  names from here
        if values is None:
            raise SpoiledRow("an article's row is not there")
        return self._hold(Row.stored(values))

    def new(self, article: str, at: float) -> Row:
        """Begin a row."""
        self._last += 1
        row = self._held[article] = Row(self._last, article, at)
        return self.change(row)

    def change(self, row: Row) -> Row:
        """Note that a row is to be written."""
        self._changed[row.serial] = row
        return row

    def remove(self, row: Row) -> None:
        """Delete a row."""
        self._held[row.id] = None
        self._changed.pop(row.serial, None)
        self.database.execute("DELETE FROM article WHERE serial = ?", (row.serial,))

    def flush(self) -> None:
        """Write what has changed."""
        if self._changed:
            self.database.executemany(_PUT, map(_values, self._changed.values()))
            self._changed.clear()
        if len(self._held) > _HELD:
            self._held.clear()

    def clear(self) -> None:
        """Let go of everything: another process has written, or what was written here does not hold."""
        self._held.clear()
        self._changed.clear()
        self._last = int(self.database.execute("SELECT coalesce(max(serial), 0) FROM article").fetchone()[0])

    def where(self, condition: str) -> Iterator[Row]:
        """Return the rows of a condition in SQL, by id."""
        self.flush()
        query = f"SELECT {_COLUMNS} FROM article WHERE {condition} ORDER BY id"  # noqa: S608  conditions from here
        return map(Row.stored, self.database.execute(query))

    def _hold(self, row: Row) -> Row:
        held = self._held.get(row.id)
        if held is None:
            held = self._held[row.id] = row
        return held


# --- The tables of the index on disk ---------------------------------------------------------------------------------
# text      one row for each version: words (4 bytes each), which are its own (a bit each), sketch (8 bytes a hash); about 1.5 kB
# article   one row for each article: moment, agencies, placement, whether it and its placement were published
# holding   key of a page, of a text, of an id → articles
# pairing   article → article, link
# relation  article → article, what it is to it, how much of the contained one is shared
# learned   names of the manifests that were caught up with
#
# Articles have numbers, and what is looked up by something else is looked up by 64 bits of it: so the rows of one day stand together,
# and a placement touches a handful of pages however many articles there are.

SCHEMA = 12
"""Raised when the tables change, or what a link means: an index of another schema is emptied, and filled again by the archive."""

NAMES = ("text", "article", "holding", "pairing", "relation", "learned")
TABLES = """
CREATE TABLE IF NOT EXISTS text (serial INTEGER PRIMARY KEY, article INTEGER NOT NULL, version INTEGER NOT NULL,
    key INTEGER NOT NULL, outlet INTEGER NOT NULL, address INTEGER NOT NULL, at REAL NOT NULL, block INTEGER NOT NULL,
    words BLOB NOT NULL, own BLOB NOT NULL, sketch BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS text_of_block ON text (block);
CREATE TABLE IF NOT EXISTS article (serial INTEGER PRIMARY KEY, id TEXT NOT NULL, at REAL NOT NULL, agencies TEXT NOT NULL,
    current INTEGER NOT NULL, story TEXT, role TEXT, origin TEXT, overlap REAL,
    related TEXT NOT NULL, credits TEXT NOT NULL, kept INTEGER NOT NULL, told INTEGER NOT NULL,
    last INTEGER NOT NULL, last_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS article_open ON article (kept, told) WHERE kept = 0 OR told = 0;
CREATE TABLE IF NOT EXISTS holding (key INTEGER, article INTEGER, PRIMARY KEY (key, article)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pairing (one INTEGER, other INTEGER, link INTEGER, PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS relation (one INTEGER, other INTEGER, relation TEXT, overlap REAL, PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS learned (name TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_STATEMENTS = {each.strip().replace(" IF NOT EXISTS", "") for each in TABLES.split(";") if each.strip()}
"""What SQLite notes of them."""


# --- The file of the index on disk, and its record of what was published: articles, placements, manifests ------------

_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = NORMAL",  # a power cut loses the last placements, never the file
    "wal_autocheckpoint = 10000",  # pages: 40 MB of placements between two syncs
    "cache_size = -4096",  # kB: with 2 MB a million articles would read a page for each key; more than this the system keeps as well
)


def _is_of_damage(error: BaseException) -> bool:
    """Tell whether an error comes of what stands in the file; a row that points at one that is not there is a `KeyError`."""
    return tells_damage(error) or isinstance(error, KeyError | SpoiledRow)


class Ledger(StoryIndex):
    """A file of `TABLES`, open to several processes; made where there is none, its folder too."""

    def __init__(self, path: Path) -> None:
        self._lock = RLock()  # a crawl catches up in a thread before it places in another
        self.path = path
        try:
            self._open()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if not tells_damage(error):
                raise
            self.begin_anew(error)

    def _open(self) -> None:
        with one_at_a_time(self.path):
            forget_damaged(self.path)
            self._database = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
            try:
                for pragma in _PRAGMAS:
                    self._database.execute(f"PRAGMA {pragma}")
                self._make_tables()
            except BaseException:
                self._database.close()
                raise
        self._is_forgotten = False
        self._rows = Rows(self._database)
        self._seen = self._number("PRAGMA data_version")

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def begin_anew(self, why: Exception) -> None:
        """Throw the file away, whatever stands in it, and open an empty one."""
        logger.warning("%s is damaged (%s); it is made anew from the archive", self.path, why)
        self.close()
        with one_at_a_time(self.path):
            forget(self.path)
        self._open()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold what follows together, and keep other processes from writing meanwhile. Transactions do not nest."""
        with self._lock, self._naming_damage():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                if self._seen != (seen := self._number("PRAGMA data_version")):  # another process has written
                    self._seen = seen
                    self._rows.clear()
                    self._read_on()
                yield
                self._rows.flush()
                self._database.execute("COMMIT")  # a full disk may refuse it: then memory must forget it, too
            except BaseException as error:
                if self._database.in_transaction:  # SQLite may have taken it back already
                    self._database.execute("ROLLBACK")
                if not _is_of_damage(error):
                    self._rows.clear()
                    self._let_go()
                raise

    @contextmanager
    def _naming_damage(self) -> Iterator[None]:
        """Throw the file away where what is read from it is not what was written, and say so by `DamagedState`."""
        try:
            yield
        except BaseException as error:
            if not _is_of_damage(error):
                raise
            if not self._is_forgotten:  # a second time it might be another process's new one
                forget(self.path)
            self._is_forgotten = True
            raise DamagedState(f"{self.path} is damaged ({error}); the next crawl makes it anew") from error

    @override
    def keep(self, article: str) -> None:
        row = self._rows[article]
        if not row.kept:
            row.kept = 1
            self._rows.change(row)

    @override
    def unkept(self) -> list[str]:
        return [row.id for row in self._rows.where("kept = 0")]

    @override
    def placement(self, article: str) -> Placement | None:
        row = self._rows.find(article)
        return None if row is None else row.placement

    @override
    def place(self, placement: Placement) -> None:
        """The placement counts as untold until it is seen published, last of all that were."""
        self._rows.change(self._rows[placement.id]).take(placement)

    @override
    def tell(self, told: Told) -> None:
        row = self._rows[told.placement.id]
        if row.tell(told):
            self._rows.change(row)

    @override
    def untold(self) -> list[Placement]:
        return [placement for row in self._rows.where("told = 0 AND kept = 1") if (placement := row.placement)]

    @override
    def told_until(self) -> str:
        query = "SELECT coalesce(max(last_at), '') FROM article WHERE told = 0 AND kept = 1"
        return str(self._database.execute(query).fetchone()[0])

    def learned(self, manifest: str) -> bool:
        """Tell whether a manifest was caught up with."""
        return self._database.execute("SELECT 1 FROM learned WHERE name = ?", (manifest,)).fetchone() is not None

    def note_learned(self, manifest: str) -> None:
        """Note that a manifest was caught up with."""
        self._database.execute("INSERT OR IGNORE INTO learned VALUES (?)", (manifest,))

    def _read_on(self) -> None:
        """Read what another process has written."""
        raise NotImplementedError

    def _let_go(self) -> None:
        """Forget what was read."""
        raise NotImplementedError

    def _number(self, query: str) -> int:
        return int(self._database.execute(query).fetchone()[0])

    def _make_tables(self) -> None:
        made = {sql for (sql,) in self._database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
        is_whole = made == _STATEMENTS  # what is noted as learned stands in all of them
        if self._number("PRAGMA application_id") != SCHEMA or not is_whole:
            drops = "".join(f"DROP TABLE IF EXISTS {name};" for name in NAMES)
            self._database.executescript(f"BEGIN IMMEDIATE; {drops} PRAGMA application_id = {SCHEMA}; COMMIT;")
        self._database.executescript(TABLES)


# --- The index on disk -----------------------------------------------------------------------------------------------
# The inverted index itself is not stored. It is made in memory from the sketches of the few days around the articles at
# hand, block by block, and what another process adds is read from the table's end before the next placement. So a placement
# writes a few rows instead of a hundred postings, and costs the same whether the archive holds a thousand articles or a
# million. Everything here can be made again from the archive; it is a cache that remembers.

_RECENT = 2048  # texts, some 6 MB
_IN_MEMORY = 16_000  # texts whose postings are in memory: some 12 MB, two weeks of five outlets
_MOST = 2**32 - 1  # texts that postings tell apart
_ADD = "INSERT INTO text VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class SqliteStoryIndex(Ledger):
    """An index in a file; see `pipelines.syndication.index.StoryIndex` for what each method is asked.

    Args:
        path: the file; made where there is none, its folder too.
    """

    @override
    def _open(self) -> None:
        super()._open()
        self._postings = Postings(self._sketches, _IN_MEMORY)
        self._texts: OrderedDict[int, Text] = OrderedDict()  # the texts used last
        self._edges = Edges(self._rows)
        self._last = self._newest()
        self._removals = self._number("PRAGMA user_version")
        self._formulas: Formulas | None = None

    @property
    @override
    def formulas(self) -> Formulas:
        """Made of the texts of the last days when it is first asked for."""
        if self._formulas is None:
            self._formulas = Formulas()
            (newest,) = stored(self._database.execute("SELECT coalesce(max(at), 0.0) FROM text").fetchone(), float)
            since = block_of(newest - DAYS * 24 * 3600)
            for row in self._database.execute("SELECT at, words FROM text WHERE block >= ?", (since,)):
                self._learn(*stored(row, float, bytes))
        return self._formulas

    @override
    def twins(self, piece: Piece) -> tuple[bool, set[str]]:
        rows = self._rows.of_keys((piece.address, piece.text, id_key(piece.id)), piece.id)
        known = any(key == piece.text and row.id == piece.id and row.at <= piece.at for key, row in rows)
        wanted = (piece.address, piece.text) if piece.comparable else (piece.address,)
        return known, {row.id for key, row in rows if key in wanted} - {piece.id}

    @override
    def add(self, piece: Piece, sketch: Hashes, own: Marks) -> None:
        row = self._rows.find(piece.id)
        if row is None:
            row = self._rows.new(piece.id, piece.at)
            self._edges.begin(row)
        self._last += 1
        block, words, sample = block_of(piece.at), piece.words.tobytes(), sketch.tobytes()
        keys = piece.version, piece.text, piece.outlet, piece.address
        packed = np.packbits(own).tobytes()
        self._database.execute(_ADD, (self._last, row.serial, *keys, piece.at, block, words, packed, sample))
        if not row.current or self._is_later(piece, row.current):
            row.current = self._last
        row.at = min(row.at, piece.at)
        row.agencies = " ".join(map("=".join, merged(self.agencies(piece.id), piece.agencies).items()))
        self._rows.change(row)
        held = ((key, row.serial) for key in (piece.address, piece.text, id_key(piece.id)))
        self._database.executemany("INSERT OR IGNORE INTO holding VALUES (?, ?)", held)
        self._postings.add(block, self._last, sketch)
        self._remember(self._last, Text(piece.id, piece.at, piece.outlet, piece.words, own, sketch))

    @override
    def moment(self, article: str) -> float:
        return self._rows[article].at

    @override
    def text(self, serial: int) -> Text | None:
        if serial in self._texts:
            self._texts.move_to_end(serial)
            return self._texts[serial]
        query = "SELECT id, text.at, outlet, words, own, sketch FROM text JOIN article ON article.serial = article WHERE text.serial = ?"
        self._rows.flush()
        row = self._database.execute(query, (serial,)).fetchone()
        if row is None:
            return None
        article, at, outlet, words, own, sketch = stored(row, str, float, int, bytes, bytes, bytes)
        ids = stored_words(words)
        marks = np.unpackbits(np.frombuffer(own, np.uint8), count=ids.size).astype(np.bool_)
        return self._remember(serial, Text(article, at, outlet, ids, marks, stored_hashes(sketch)))

    @override
    def current(self, article: str) -> Text:
        text = self.text(self._rows[article].current)
        if text is None:
            raise SpoiledRow(f"the text of {article} is not there")
        return text

    @override
    def agencies(self, article: str) -> Mapping[str, str]:
        return self._rows[article].credited

    @override
    def shared(self, at: float, sketch: Hashes, least: int) -> Mapping[int, int]:
        return self._postings.shared(block_of(at), sketch, least)

    @override
    def link(self, one: str, other: str, link: Link) -> None:
        self._edges.link(self._rows[one], self._rows[other], link)

    @override
    def links(self, article: str) -> Mapping[str, Link]:
        return self._edges.of(self._rows[article]).links

    @override
    def relate(self, article: str, relation: Relation) -> None:
        self._edges.relate(self._rows[article], self._rows[relation.id], relation)

    @override
    def relations(self, article: str) -> Mapping[str, Relation]:
        return self._edges.of(self._rows[article]).relations

    @override
    def articles(self) -> Iterator[str]:
        return (placement.id for placement in self.placements())

    @override
    def placements(self) -> Iterator[Placement]:
        with self._naming_damage():
            for row in self._rows.where("true"):
                if (placement := row.placement) is None:
                    raise SpoiledRow(f"{row.id} stands in no story")
                yield placement

    @override
    def remove(self, article: str) -> None:
        row = self._rows[article]
        its = "FROM text WHERE serial >= ?1 AND article = ?1"  # no text has a lower number than its article; the lost ones are late
        for key, address in self._database.execute(f"SELECT key, address {its}", (row.serial,)).fetchall():
            held = ((held, row.serial) for held in (key, address, id_key(article)))
            self._database.executemany("DELETE FROM holding WHERE key = ? AND article = ?", held)
        self._database.execute(f"DELETE {its}", (row.serial,))
        self._edges.remove(row)
        self._rows.remove(row)
        self._database.execute(f"PRAGMA user_version = {self._removals + 1}")  # so that other processes let go, too
        self._removals += 1
        self._formulas = None  # it was never published: nobody else learned from it
        self._let_go()

    def _is_later(self, piece: Piece, current: int) -> bool:
        query = "SELECT version, key FROM text WHERE serial = ?"
        version, key = stored(self._database.execute(query, (current,)).fetchone(), int, int)
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
        ids = stored_words(words)
        if self._formulas is not None and ids.size >= SHORTEST:
            self._formulas.learn(ids, at)

    def _newest(self) -> int:
        return self._number("SELECT coalesce(max(serial), 0) FROM text")

    def _sketches(self, block: int) -> Iterator[tuple[int, Hashes]]:
        for row in self._database.execute("SELECT serial, sketch FROM text WHERE block = ?", (block,)):
            serial, sketch = stored(row, int, bytes)
            if not 0 < serial <= _MOST:
                raise SpoiledRow("a text's number is not what was written")
            yield serial, stored_hashes(sketch)

    def _read_on(self) -> None:
        self._edges.clear()
        if self._removals != (removals := self._number("PRAGMA user_version")):
            self._removals = removals
            self._formulas = None
            self._let_go()
        query = "SELECT serial, block, at, words, sketch FROM text WHERE serial > ?"
        for row in self._database.execute(query, (self._last,)):
            serial, block, at, words, sketch = stored(row, int, int, float, bytes, bytes)
            self._postings.add(block, serial, stored_hashes(sketch))
            self._learn(at, words)
            self._last = serial
