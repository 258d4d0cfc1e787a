"""The catalog's tables: what published lines become in them, and what is asked of them.

published lines ──▶ rows          articles seen, validators, first records of payloads, tries, looks, channels
a crawl asks     ──▶ answers       is this seen, may it be asked for conditionally, which record was the first
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Self

from archive.article import format_time, parse_time
from archive.files import (
    PATIENCE,
    Unreadable,
    forget,
    forget_damaged,
    one_at_a_time,
    parse_fields,
)
from archive.reader.jsonl import LASTING, event_of, lines_in
from archive.warc.cdxj import read_entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path
    from types import UnionType

    from archive.article import Article
    from archive.warc.message import Original

# ---------------------------------------------------------------------------------------------------------------------
# What a catalog knows from events, and what a crawl asks it: when to look at an article again, when to try a page
# again.
# page events  ─▶ channels  id → what announced it          ─▶ channels_of
#              └▶ tries     id → when it was asked in vain   ─▶ tries_of
# look events  ─▶ looks     id → the last look               ─┬▶ held
# vanished, returned ─▶ standings  id → is it gone, since when ─┘

FRUITLESS = frozenset({"failed", "unreadable", "dropped"})  # outcomes of a page that was asked for in vain
EVENT_TABLES = """
CREATE TABLE IF NOT EXISTS channels (
    outlet TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (id, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tries (
    outlet TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, is_lasting INTEGER NOT NULL,
    PRIMARY KEY (id, at)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS looks (
    outlet TEXT NOT NULL, id TEXT PRIMARY KEY, at TEXT NOT NULL, outcome TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS standings (
    outlet TEXT NOT NULL, id TEXT PRIMARY KEY, at TEXT NOT NULL, is_gone INTEGER NOT NULL) WITHOUT ROWID;
"""
INSERT_EVENT = {
    "channels": "INSERT OR IGNORE INTO channels VALUES (?, ?, ?)",
    "tries": "INSERT OR IGNORE INTO tries VALUES (?, ?, ?, ?)",
    "looks": """INSERT INTO looks VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
        SET at = excluded.at, outcome = excluded.outcome WHERE (excluded.at, excluded.outcome) > (at, outcome)""",
    "standings": """INSERT INTO standings VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
        SET at = excluded.at, is_gone = excluded.is_gone WHERE (excluded.at, excluded.is_gone) > (at, is_gone)""",
}
_HELD = """
SELECT newest.id, newest.url, coalesce(newest.published, first.captured), max(newest.captured, coalesce(looks.at, '')),
    coalesce(standings.is_gone, 0), CASE WHEN looks.at > newest.captured THEN looks.outcome END
FROM (SELECT id, max(version) AS version, min(captured) AS captured FROM articles WHERE outlet = ? GROUP BY id) AS first
JOIN articles AS newest ON newest.id = first.id AND newest.version = first.version
LEFT JOIN looks ON looks.id = newest.id
LEFT JOIN standings ON standings.id = newest.id
WHERE coalesce(newest.published, first.captured) >= ? ORDER BY newest.id, newest.captured
"""


@dataclass(frozen=True, slots=True)
class RecheckCandidate:
    """An article that may be due for another look.

    Attributes:
        url: where its newest version was fetched.
        published: when it was published; when it was first captured, where its page does not say.
        looked: when its page was last asked for.
        gone: it was told as vanished, and not as returned since.
        last: the outcome of the last look since it was captured.
    """

    id: str
    url: str
    published: datetime
    looked: datetime
    gone: bool
    last: str | None = None

    @property
    def is_missed(self) -> bool:
        """Say whether the last look found no page, which nothing else confirmed."""
        return self.last == "missing"

    @property
    def is_as_captured(self) -> bool:
        """Say whether what was last captured of its page is the article, so that a 304 says that it stands."""
        return not self.gone and self.last in {None, "unchanged", "changed"}


@dataclass(frozen=True, slots=True)
class Tries:
    """How often the page of an article was asked for in vain, when last, and whether for a reason that is likely to last."""

    count: int
    last: datetime
    is_lasting: bool


def event_rows(outlet: str, stream: IO[bytes]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield ``(table, row)`` for each line of an ``events`` object that a crawl has to know of."""
    for line in lines_in(stream):
        event = event_of(line)
        if event["event"] == "page":
            yield from (("channels", (outlet, event["id"], kind)) for kind in event["channels"])
            if event["outcome"] in FRUITLESS:
                is_lasting = event["outcome"] != "failed" or event["reason"] in LASTING
                yield "tries", (outlet, event["id"], event["at"], int(is_lasting))
        elif event["event"] == "look":
            yield "looks", (outlet, event["id"], event["at"], event["outcome"])
        elif event["event"] in {"vanished", "returned"}:
            yield "standings", (outlet, event["id"], event["at"], int(event["event"] == "vanished"))


def channels_of(catalog: Answers, article_id: str) -> set[str]:
    """Return the kinds of source that were heard to announce an article."""
    return {kind for (kind,) in catalog.ask("SELECT kind FROM channels WHERE id = ?", article_id)}


def tries_of(catalog: Answers, article_id: str) -> Tries | None:
    """Return how often an article's page was asked for in vain, None where it was not."""
    rows = catalog.ask("SELECT at, is_lasting FROM tries WHERE id = ? ORDER BY at", article_id)
    return Tries(len(rows), parse_time(rows[-1][0]), bool(rows[-1][1])) if rows else None


def is_gone(catalog: Answers, article_id: str) -> bool:
    """Say whether an article was told as vanished, and not as returned since."""
    return bool(catalog.ask("SELECT 1 FROM standings WHERE id = ? AND is_gone", article_id))


def recheck_candidates(catalog: Answers, outlet: str, since: datetime) -> list[RecheckCandidate]:
    """Return the articles published (captured, where no page says it) since then, each with its last look."""
    return [
        RecheckCandidate(
            id=row[0],
            url=row[1],
            published=parse_time(row[2]),
            looked=parse_time(row[3]),
            gone=bool(row[4]),
            last=row[5],
        )
        for row in catalog.ask(_HELD, outlet, format_time(since))
    ]


# --- The tables of the catalog, and how published lines become their rows --------------------------------------------

SMALLEST_ORIGINAL = 256  # bytes; below it a revisit record is no shorter than the response


VERSION = 4  # raised with the tables; a catalog of another version is thrown away and learned again
TABLES = f"""
PRAGMA page_size = 16384;
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
{EVENT_TABLES}"""
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
} | INSERT_EVENT
Row = Sequence[Any]


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
    def of(cls, article: Article) -> Self:
        """Return what would be known of an article, were it published."""
        names = ("id", "version", "captured", "canonical_url", "text_sha256", "headline", "published", "modified")
        values = {name: getattr(article, name) for name in names}
        return cls(**values, record_id=None if article.warc is None else article.warc.record_id)

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


_COLUMNS: dict[str, type | UnionType] = {
    "id": str, "version": int, "captured": str, "canonical_url": str, "text_sha256": str, "headline": str,
    "published": str | None, "modified": str | None,
}  # fmt: skip


def article_rows(outlet: str, stream: IO[bytes]) -> Iterator[tuple[str, Row]]:
    """Yield ``(table, row)`` for each line of an ``articles`` object."""
    for line in lines_in(stream):
        fields = parse_fields(line, **_COLUMNS, url=str, warc=dict | None)
        record_id = None if fields["warc"] is None else fields["warc"].get("record_id")
        if not isinstance(record_id, str | None):
            raise Unreadable("the record of a line has no id")
        yield "articles", (outlet, *(fields[name] for name in _COLUMNS), record_id, fields["url"])


def capture_rows(outlet: str, stream: IO[bytes]) -> Iterator[tuple[str, Row]]:
    """Yield ``(table, row)`` for each line of a ``cdxj`` object that other captures may refer to.

    Only whole answers with status 200 count: an error page is never the original of anything.
    """
    for line in lines_in(stream):
        entry = read_entry(line)
        if entry.get("status") != "200" or "truncated" in entry or "digest" not in entry:
            continue
        url, date, record_id = entry["url"], entry["date"], entry["record_id"]
        if entry["mime"] == "warc/revisit":
            continue
        if int(entry["length"]) >= SMALLEST_ORIGINAL:
            yield "originals", (outlet, entry["digest"], date, record_id, url)
        if entry.get("etag") or entry.get("last_modified"):
            asked = entry.get("etag"), entry.get("last_modified")
            yield "validators", (outlet, url, date, record_id, *asked, entry["digest"])


ROWS_OF = {"articles": article_rows, "cdxj": capture_rows, "events": event_rows}
"""Kind of object → what a catalog learns from it."""


# --- The catalog's file: opened with its tables, thrown away where it is of another version --------------------------


def connect(path: Path) -> sqlite3.Connection:
    """Open the file; its tables are made where there are none."""
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=PATIENCE)
    try:
        connection.executescript(TABLES)
    except BaseException:
        connection.close()
        raise
    return connection


def forget_other_version(path: Path) -> None:
    """Delete a file that another release made, or that is damaged: what it holds is learned again."""
    forget_damaged(path)
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != VERSION:
        forget(path)


# ---------------------------------------------------------------------------------------------------------------------
# What a crawl asks the catalog: is this seen, with which validators may it be asked for, which record was the first
# with this payload.


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
                cursor = own.execute(f"SELECT * FROM {table} WHERE outlet = ?", (outlet,))  # noqa: S608  fixed names, no input
                yield from ((table, row) for row in cursor)

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

    def is_seen(self, article_id: str) -> bool:
        """Say whether the archive holds an article, in a third of the time in which `seen` says what it holds."""
        return self._one("SELECT 1 FROM articles WHERE id = ? LIMIT 1", article_id) is not None

    def seen_url(self, canonical_url: str) -> Seen | None:
        """Return the newest version that was read at a canonical address, whatever address its article had before."""
        return self._newest("canonical_url", canonical_url)

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
        from archive.warc.message import Original  # noqa: PLC0415  imported when it is needed: the command line stays fast

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
            row: tuple[Any, ...] | None = self._reader.execute(query, values).fetchone()
        return row
