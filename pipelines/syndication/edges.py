"""The links and relations between the articles of the index on disk, those used last held in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipelines.syndication.assembly import Link
from pipelines.syndication.index import Relation, greater, inverse

if TYPE_CHECKING:
    from pipelines.syndication.rows import Row, Rows

_HELD = 20_000  # articles; most have neither links nor relations


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
        links = self._read("SELECT id, link FROM pairing JOIN article ON serial = other WHERE one = ?", row)
        said = "SELECT id, relation, relation.overlap FROM relation JOIN article ON serial = other WHERE one = ?"
        relations = {other: Relation(other, *rest) for other, *rest in self._read(said, row)}
        return self._hold(row.serial, Around({other: Link(link) for other, link in links}, relations))

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
        for mine, theirs, said in ((one, other, relation), (other, one, inverse(one.id, relation))):
            found = greater(self.of(mine).relations.get(theirs.id), said)
            values = (mine.serial, theirs.serial, found.relation, found.overlap)
            self._database.execute("INSERT OR REPLACE INTO relation VALUES (?, ?, ?, ?)", values)
            self.of(mine).relations[theirs.id] = found

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

    def _read(self, query: str, row: Row) -> list[Any]:
        return self._database.execute(query, (row.serial,)).fetchall()

    def _hold(self, serial: int, around: Around) -> Around:
        if len(self._held) >= _HELD:
            self._held.clear()
        self._held[serial] = around
        return around
