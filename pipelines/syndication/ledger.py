"""The file of the index on disk, and its record of what was published: which articles, which placements, which manifests."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

from archive.files import PATIENCE, forget_damaged, one_at_a_time
from pipelines.syndication.rows import Rows
from pipelines.syndication.tables import NAMES, SCHEMA, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipelines.syndication.index import Placement

_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = NORMAL",  # a power cut loses the last placements, never the file
    "wal_autocheckpoint = 10000",  # pages: 40 MB of placements between two syncs
    "cache_size = -16384",  # kB: with 2 MB a million articles would read a page for each key; more than this the system keeps as well
)


class Ledger:
    """A file of `TABLES`, open to several processes; made where there is none, its folder too."""

    def __init__(self, path: Path) -> None:
        self._lock = RLock()  # a crawl catches up in a thread before it places in another
        with one_at_a_time(path):
            forget_damaged(path)
            self._database = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
            try:
                for pragma in _PRAGMAS:
                    self._database.execute(f"PRAGMA {pragma}")
                self._make_tables()
            except BaseException:
                self._database.close()
                raise
        self._rows = Rows(self._database)
        self._seen = self._number("PRAGMA data_version")

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold what follows together, and keep other processes from writing meanwhile. Transactions do not nest."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                if self._seen != (seen := self._number("PRAGMA data_version")):  # another process has written
                    self._seen = seen
                    self._rows.clear()
                    self._read_on()
                yield
                self._rows.flush()
                self._database.execute("COMMIT")  # a full disk may refuse it: then memory must forget it, too
            except BaseException:
                if self._database.in_transaction:  # SQLite may have taken it back already
                    self._database.execute("ROLLBACK")
                self._rows.clear()
                self._let_go()
                raise

    def keep(self, article: str) -> None:
        """See `Index.keep`."""
        row = self._rows[article]
        if not row.kept:
            row.kept = 1
            self._rows.change(row)

    def unkept(self) -> list[str]:
        """See `Index.unkept`."""
        return [row.id for row in self._rows.where("kept = 0")]

    def placement(self, article: str) -> Placement | None:
        """See `Index.placement`."""
        row = self._rows.find(article)
        return None if row is None else row.placement

    def place(self, placement: Placement) -> None:
        """See `Index.place`. The placement counts as untold until it is seen published."""
        self._rows.change(self._rows[placement.id]).take(placement)

    def tell(self, placement: Placement) -> None:
        """See `Index.tell`."""
        row = self._rows[placement.id]
        told = int(row.placement == placement)
        if told != row.told:
            row.told = told
            self._rows.change(row)

    def untold(self) -> list[Placement]:
        """See `Index.untold`."""
        return [found for row in self._rows.where("told = 0 AND kept = 1") if (found := row.placement)]

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
        if self._number("PRAGMA application_id") != SCHEMA:
            drops = "".join(f"DROP TABLE IF EXISTS {name};" for name in NAMES)
            self._database.executescript(f"BEGIN IMMEDIATE; {drops} PRAGMA application_id = {SCHEMA}; COMMIT;")
        self._database.executescript(TABLES)
