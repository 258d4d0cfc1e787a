"""The tables of the catalog, and how published lines become their rows."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Self

from archive import catalog_events
from archive.article import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

SMALLEST_ORIGINAL = 256  # bytes; below it a revisit record is no shorter than the response


VERSION = 4  # raised with the tables; a catalog of another version is thrown away and learned again
TABLES = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA user_version = {VERSION};
CREATE TABLE IF NOT EXISTS manifests (outlet TEXT NOT NULL, key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS articles (
    outlet TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, captured TEXT NOT NULL, canonical_url TEXT NOT NULL,
    text_sha256 TEXT NOT NULL, headline TEXT NOT NULL, published TEXT, modified TEXT, record_id TEXT,
    url TEXT NOT NULL,
    PRIMARY KEY (id, version, captured)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS articles_by_url ON articles (canonical_url);
CREATE TABLE IF NOT EXISTS originals (
    outlet TEXT NOT NULL, payload_digest TEXT NOT NULL, date TEXT NOT NULL, record_id TEXT NOT NULL, url TEXT NOT NULL,
    PRIMARY KEY (payload_digest, outlet)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS validators (
    outlet TEXT NOT NULL, url TEXT NOT NULL, date TEXT NOT NULL, record_id TEXT NOT NULL, etag TEXT, last_modified TEXT,
    payload_digest TEXT NOT NULL, PRIMARY KEY (url, outlet)) WITHOUT ROWID;
{catalog_events.TABLES}"""
INSERT = {
    "manifests": "INSERT OR IGNORE INTO manifests VALUES (?, ?)",
    "articles": "INSERT OR IGNORE INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "originals": """INSERT INTO originals VALUES (?, ?, ?, ?, ?) ON CONFLICT (payload_digest, outlet) DO UPDATE
        SET date = excluded.date, record_id = excluded.record_id, url = excluded.url
        WHERE (excluded.date, excluded.record_id) < (date, record_id)""",
    "validators": """INSERT INTO validators VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (url, outlet) DO UPDATE
        SET date = excluded.date, record_id = excluded.record_id, etag = excluded.etag,
            last_modified = excluded.last_modified, payload_digest = excluded.payload_digest
        WHERE (excluded.date, excluded.record_id) > (date, record_id)""",
} | catalog_events.INSERT
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The newest version of an article that the archive holds."""

    id: str
    version: int
    captured: datetime
    canonical_url: str
    text_sha256: str
    headline: str
    published: datetime | None
    modified: datetime | None
    record_id: str | None

    @classmethod
    def of_row(cls, row: Row) -> Self:
        """Read a row of ``articles``."""
        return cls(
            id=row[1],
            version=row[2],
            captured=parse_time(row[3]),
            canonical_url=row[4],
            text_sha256=row[5],
            headline=row[6],
            published=row[7] and parse_time(row[7]),
            modified=row[8] and parse_time(row[8]),
            record_id=row[9],
        )


@dataclass(frozen=True, slots=True)
class Validators:
    """What a conditional request for a URL may ask with, and the record that a 304 refers to, with its payload's digest."""

    url: str
    date: datetime
    record_id: str
    etag: str | None
    last_modified: str | None
    payload_digest: str


def article_rows(outlet: str, stream: IO[bytes]) -> Iterator[tuple[str, Row]]:
    """Yield ``(table, row)`` for each line of an ``articles`` object."""
    names = ("id", "version", "captured", "canonical_url", "text_sha256", "headline", "published", "modified")
    with gzip.open(stream) as lines:
        for line in lines:
            said = json.loads(line)
            record_id = None if said["warc"] is None else said["warc"]["record_id"]
            yield "articles", (outlet, *(said[name] for name in names), record_id, said["url"])


def capture_rows(outlet: str, stream: IO[bytes]) -> Iterator[tuple[str, Row]]:
    """Yield ``(table, row)`` for each line of a ``cdxj`` object that other captures may refer to.

    Only whole answers with status 200 count: an error page is never the original of anything.
    """
    with gzip.open(stream) as lines:
        for line in lines:
            said = json.loads(line.split(b" ", 2)[2])
            if said.get("status") != "200" or "truncated" in said:
                continue
            url, date, record_id = said["url"], said["date"], said["record_id"]
            if said["mime"] == "warc/revisit":
                continue
            if int(said["length"]) >= SMALLEST_ORIGINAL:
                yield "originals", (outlet, said["digest"], date, record_id, url)
            if said.get("etag") or said.get("last_modified"):
                asked = said.get("etag"), said.get("last_modified")
                yield "validators", (outlet, url, date, record_id, *asked, said["digest"])


ROWS_OF = {"articles": article_rows, "cdxj": capture_rows, "events": catalog_events.event_rows}
"""Kind of object → what a catalog learns from it."""
