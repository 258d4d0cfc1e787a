"""The article rows of the index on disk, held in memory while a placement works on them and written at its end.

find, of_keys ──▶ Row, in memory ──change──▶ … ──flush──▶ one statement for all that changed
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import starmap
from operator import attrgetter
from typing import TYPE_CHECKING

from pipelines.syndication.fingerprints import id_key
from pipelines.syndication.index import Credit, Placement, Relation

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

_HELD = 20_000  # rows, some 10 MB
_COLUMNS = "serial, id, at, agencies, current, story, role, origin, overlap, related, credits, kept, told"
_PUT = "INSERT OR REPLACE INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(slots=True)
class Row:
    """A row of the table ``article``.

    ``current`` is the serial of the article's latest text; ``agencies`` reads ``afp=tail reuters=head``; ``related`` and ``credits``
    are JSON, empty where there are none.
    """

    serial: int
    id: str
    at: float
    agencies: str = ""
    current: int = 0
    story: str | None = None
    role: str | None = None
    origin: str | None = None
    overlap: float | None = None
    related: str = ""
    credits: str = ""
    kept: int = 0
    told: int = 0

    @property
    def placement(self) -> Placement | None:
        """Where the article stands, None before it was placed."""
        if self.story is None or self.role is None or self.origin is None or self.overlap is None:
            return None
        related = tuple(Relation(*each) for each in json.loads(self.related)) if self.related else ()
        credited = tuple(Credit(*each) for each in json.loads(self.credits)) if self.credits else ()
        return Placement(self.id, self.story, self.role, self.origin, self.overlap, related, credited)

    def take(self, placement: Placement) -> None:
        """Write down where the article stands; nobody was told of it yet."""
        self.story, self.role, self.origin = placement.story, placement.role, placement.origin
        self.overlap, self.told = placement.overlap, 0
        self.related = json.dumps(placement.related, ensure_ascii=False) if placement.related else ""
        self.credits = json.dumps(placement.credits, ensure_ascii=False) if placement.credits else ""


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
        marks = ", ".join("?" * len(wanted := list(keys)))
        query = f"SELECT key, {_COLUMNS} FROM holding CROSS JOIN article ON serial = article WHERE key IN ({marks})"  # noqa: S608  names from here
        found = [(key, self._hold(Row(*row))) for key, *row in self.database.execute(query, wanted)]
        self._held.setdefault(article, None)
        return found

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
        return starmap(Row, self.database.execute(query))

    def _hold(self, row: Row) -> Row:
        held = self._held.get(row.id)
        if held is None:
            held = self._held[row.id] = row
        return held
