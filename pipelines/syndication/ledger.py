"""The file of the index on disk, and its record of what was published: which articles, which placements, which manifests."""

from __future__ import annotations

import sqlite3
from threading import RLock
from typing import TYPE_CHECKING, Any

from pipelines.syndication.index import Placement
from pipelines.syndication.tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path


class Ledger:
    """A file of `TABLES`, open to several processes; made where there is none, its folder too."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = RLock()  # a crawl catches up in a thread before it places in another
        self._database = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")  # a power cut loses the last placements, never the file
        self._database.execute("PRAGMA wal_autocheckpoint = 10000")  # pages: 40 MB of placements between two syncs
        self._database.executescript(TABLES)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

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
