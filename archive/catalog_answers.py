"""What a crawl asks the catalog: is this seen, with which validators may it be asked for, which record was the first with this payload."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

from archive.article import parse_time
from archive.catalog_file import connect, forget_other_version
from archive.catalog_rows import INSERT, Row, Seen, Validators
from archive.files import one_at_a_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.warc.exchange import Original


class Answers:
    """The asking side of the catalog's file. May be used from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reading = threading.Lock()
        with one_at_a_time(path):
            forget_other_version(path)
            self._reader = connect(path)  # a connection of its own, so that who asks never waits for who learns

    def close(self) -> None:
        """Close the file."""
        self._reader.close()

    def rows(self, outlet: str) -> Iterator[tuple[str, Row]]:
        """Yield ``(table, row)`` of everything known of an outlet, manifests first, in one order for one content."""
        with closing(connect(self._path)) as own:  # a long look, while others ask
            for table in INSERT:
                found = own.execute(f"SELECT * FROM {table} WHERE outlet = ?", (outlet,))  # noqa: S608  fixed names, no input
                yield from ((table, row) for row in found)

    def manifests(self, outlet: str) -> list[str]:
        """Return the keys of the manifests that were learned of an outlet."""
        return [key for (key,) in self.ask("SELECT key FROM manifests WHERE outlet = ?", outlet)]

    def seen(self, article_id: str) -> Seen | None:
        """Return the newest version that the archive holds of an article, None where it holds none."""
        return self._newest("id", article_id)

    def versions(self, article_id: str) -> list[Seen]:
        """Return all versions that the archive holds of an article, in the order of their captures."""
        rows = self.ask("SELECT * FROM articles WHERE id = ? ORDER BY captured, version", article_id)
        return sorted(map(Seen.of_row, rows), key=lambda seen: seen.captured)

    def is_seen_url(self, canonical_url: str) -> bool:
        """Say whether the archive holds an article of this canonical address."""
        return self._newest("canonical_url", canonical_url) is not None

    def validators(self, url: str) -> Validators | None:
        """Return what a conditional request for ``url`` may ask with."""
        row = self._one(
            "SELECT url, date, record_id, etag, last_modified, payload_digest FROM validators WHERE url = ? ORDER BY date DESC",
            url,
        )
        if row is None:
            return None
        url, date, *rest = row
        return Validators(url, parse_time(date), *rest)

    def original(self, payload_digest: str) -> Original | None:
        """Return the first published response with this payload, so that a revisit record can refer to it."""
        from archive.warc.exchange import Original  # noqa: PLC0415  imported when it is needed: the command line stays fast

        row = self._one(
            "SELECT record_id, url, date FROM originals WHERE payload_digest = ? ORDER BY date, record_id",
            payload_digest,
        )
        if row is None:
            return None
        return Original(record_id=row[0], uri=row[1], date=row[2], payload_digest=payload_digest)

    def count(self) -> dict[str, int]:
        """Return the number of rows of each table."""
        return {table: self._one(f"SELECT count(*) FROM {table}")[0] for table in INSERT}  # type: ignore[index]  # noqa: S608  fixed names, no input

    def dump(self) -> Iterator[str]:
        """Yield the content as SQL, in one order for one content, so that two catalogs can be compared."""
        with closing(connect(self._path)) as own:
            yield from own.iterdump()

    def _newest(self, column: str, value: str) -> Seen | None:
        row = self._one(
            f"SELECT * FROM articles WHERE {column} = ? ORDER BY captured DESC, version DESC LIMIT 1",  # noqa: S608  fixed names, no input
            value,
        )
        return None if row is None else Seen.of_row(row)

    def ask(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """Return the rows that a query finds."""
        with self._reading:
            return self._reader.execute(query, values).fetchall()

    def _one(self, query: str, *values: str) -> tuple[Any, ...] | None:
        with self._reading:
            found: tuple[Any, ...] | None = self._reader.execute(query, values).fetchone()
        return found
