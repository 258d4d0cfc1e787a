"""The catalog: what the archive holds, as a crawl needs to know it, in one SQLite file beside the spool.

    published lines ──▶ rows          articles seen, validators, first records of payloads, tries, looks, channels
    a crawl asks     ──▶ answers       is this seen, may it be asked for conditionally, which record was the first
    now and then     ──▶ checkpoint    the catalog of one outlet in the bucket, for a machine with an empty disk

The catalog is a cache: it learns from manifests, lines and events, and is thrown away where it is of another version or damaged.
"""

from __future__ import annotations

import gzip
import json
import logging
import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, Self

import msgspec

from archive.article import format_time, parse_time
from archive.files import (
    PATIENCE,
    Unreadable,
    forget,
    forget_damaged,
    one_at_a_time,
    parse_fields,
)
from archive.manifests.chain import heads_or_rebuilt
from archive.manifests.manifest import (
    Item,
    Manifest,
    checkpoints_in,
    current_part,
    manifests_in,
    time_of,
    tombstones_in,
)
from archive.reader.jsonl import LASTING, event_of, lines_in, naming, opened_object
from archive.reader.redactions import TakenDown
from archive.store.protocol import CHUNK, Missing, StoreRefused, digests_of
from archive.warc.cdxj import read_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from types import UnionType

    from archive.article import Article
    from archive.store import Store
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


def channels_of(catalog: Catalog, article_id: str) -> set[str]:
    """Return the kinds of source that were heard to announce an article."""
    return {kind for (kind,) in catalog.ask("SELECT kind FROM channels WHERE id = ?", article_id)}


def tries_of(catalog: Catalog, article_id: str) -> Tries | None:
    """Return how often an article's page was asked for in vain, None where it was not."""
    rows = catalog.ask("SELECT at, is_lasting FROM tries WHERE id = ? ORDER BY at", article_id)
    return Tries(len(rows), parse_time(rows[-1][0]), bool(rows[-1][1])) if rows else None


def is_gone(catalog: Catalog, article_id: str) -> bool:
    """Say whether an article was told as vanished, and not as returned since."""
    return bool(catalog.ask("SELECT 1 FROM standings WHERE id = ? AND is_gone", article_id))


def recheck_candidates(catalog: Catalog, outlet: str, since: datetime) -> list[RecheckCandidate]:
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


# ---------------------------------------------------------------------------------------------------------------------
# Checkpoints: the catalog of one outlet as it stood, so that a machine with an empty disk need not read a year of
# lines.
#     checkpoints/outlet=<o>/<time of the last segment in it>-<token>.jsonl.gz
#         {"schema": 2, "outlet": …}
#         ["manifests", "aljazeera", "manifests/outlet=aljazeera/…"] …  ["articles", …] …
#
# A checkpoint only shortens the way: it holds what its manifests say, the manifests that it lacks are read as ever, and
# `python -m archive catalog rebuild` never reads one. A crawl writes one when many manifests have come since the last, and removes
# those before the one before it; where its role may remove nothing, the bucket's lifecycle does.

KEPT = 2  # the newest, and the one before it for who is reading it at this moment


class Spoiled(ValueError):  # noqa: N818  reads as what happened
    """A checkpoint that cannot be read to its end; without it the manifests are read."""


def checkpoint_if_due(catalog: Catalog, store: Store, outlet: str, every: int) -> str | None:
    """Write a checkpoint where ``every`` manifests or more have come since the last one; return its key, None where not.

    Older ones are removed, as far as the store lets us.

    Raises:
        StoreError: the store did not take it; the next crawl tries again.
    """
    keys = list(checkpoints_in(store, outlet))
    last = max(map(_time_in, keys), default="")
    if not every or sum(_time_of(manifest) > last for manifest in catalog.manifests(outlet)) < every:
        return None
    written = write_checkpoint(catalog, store, outlet)
    with suppress(StoreRefused):
        for key in sorted(keys, key=_time_in)[: 1 - KEPT]:
            store.remove(key)
    return written


def write_checkpoint(catalog: Catalog, store: Store, outlet: str) -> str | None:
    """Put what the catalog knows of an outlet into the archive; return its key, None where it knows nothing."""
    times = [_time_of(key) for key in catalog.manifests(outlet)]
    if not times:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.jsonl.gz"
        head = {"schema": VERSION, "outlet": outlet}
        with gzip.open(path, "wt", compresslevel=6, encoding="utf-8") as lines:
            lines.write(json.dumps(head) + "\n")
            for table, row in catalog.rows(outlet):
                lines.write(json.dumps([table, *row], ensure_ascii=False) + "\n")
        key = f"checkpoints/outlet={outlet}/{max(times)}-{os.urandom(4).hex()}.jsonl.gz"
        store.put_file(key, path, digests=digests_of(path), metadata={"manifests": str(len(times))})
    return key


def checkpoint_rows(store: Store, outlet: str) -> Iterator[tuple[str, Row]]:
    """Yield the rows of an outlet's newest checkpoint that this release can read; none where there is none.

    Raises:
        Spoiled: it ends too soon, or is none; what was yielded of it counts for nothing.
    """
    for key in sorted(checkpoints_in(store, outlet), key=_time_in, reverse=True):
        try:
            with tempfile.TemporaryFile() as copy:
                with store.open(key) as stream:
                    shutil.copyfileobj(stream, copy, CHUNK)
                lines = lines_in(copy)
                if parse_fields(next(lines), schema=int)["schema"] != VERSION:
                    continue
                for line in lines:
                    yield _row_of(line)
        except (Unreadable, StopIteration) as error:
            raise Spoiled(f"the checkpoint {key} cannot be read: {error}") from error
        return


_ROW: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(
    list[str | Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | float | None]
)
_WIDTHS = {table: statement.count("?") for table, statement in INSERT.items()}


def _row_of(line: bytes) -> tuple[str, Row]:
    try:
        table, *row = _ROW.decode(line)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"a line is no row: {error}") from None
    if _WIDTHS.get(table) != len(row):
        raise Unreadable("a line is no row of a table")
    return table, row


def _time_of(manifest_key: str) -> str:
    return time_of(manifest_key.rpartition("/")[2].removesuffix(".json"))


def _time_in(checkpoint_key: str) -> str:
    return checkpoint_key.rpartition("/")[2].partition("-")[0]


# --- The catalog: what the archive holds, as a crawl needs to know it, in one SQLite file ----------------------------
#     manifests (published, newer than known) ──▶ articles    id → version, text hash, headline, dates
#                                             ├─▶ originals   payload digest → the first published response with it
#                                             ├─▶ validators  URL → ETag, Last-Modified of its newest capture
#                                             └─▶ channels, tries, looks, standings      (archive.catalog)
#
# It is a cache. What it says comes from published manifests alone, so that nothing counts as seen before it is kept, and the
# same manifests give the same catalog in whatever order they come.

logger = logging.getLogger(__name__)


class Catalog(Answers):
    """The cache in one file: what `Answers` says, and how it is learned. May be used from several threads."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._writing = threading.Lock()
        try:
            self._writer = connect(path)
        except BaseException:
            super().close()
            raise

    def close(self) -> None:
        """Close the file."""
        super().close()
        self._writer.close()

    def catch_up(
        self,
        store: Store,
        outlets: Sequence[str],
        window: timedelta | None = None,
        *,
        now: datetime | None = None,
        checkpoints: bool = True,
    ) -> int:
        """Learn from the manifests that are newer than known, and return how many these were.

        Args:
            store: where the archive is.
            outlets: the outlets to learn about.
            window: how far back crawl dates are read; None for all of them.
            now: the time the window ends at.
            checkpoints: begin with a checkpoint where nothing is known of an outlet.
        """
        learned = 0
        first = "" if window is None else f"{(now or datetime.now(UTC)) - window:%Y-%m-%d}"
        for outlet in outlets:
            if checkpoints and not self._one("SELECT 1 FROM manifests WHERE outlet = ?", outlet):
                self._load_checkpoint(store, outlet)
            for key in manifests_in(store, outlet, since=first):
                learned += self._learn(store, key)
        self._forget_taken_down(store, anew=bool(learned))
        return learned

    def knows(self, key: str) -> bool:
        """Say whether a manifest was learned."""
        return self._one("SELECT 1 FROM manifests WHERE key = ?", key) is not None

    def learn_heads(self, store: Store, outlet: str) -> None:
        """Learn what the heads of an outlet's chain reach and this does not know.

        Args:
            store: where the archive is.
            outlet: the outlet.

        Raises:
            StoreError: a manifest or an object of it cannot be read.
        """
        waiting, unknown = [link.key for link in heads_or_rebuilt(store, outlet)[0]], dict[str, None]()
        while waiting:
            key = waiting.pop()
            if key in unknown or self.knows(key):
                continue
            unknown[key] = None
            waiting += [link.key for link in Manifest.from_bytes(store.read(key)).previous]
        for key in unknown:
            self._learn(store, key)
        if unknown:
            self._forget_taken_down(store, anew=True)

    def remember(self, manifest: Manifest, open_object: Callable[[Item], AbstractContextManager[IO[bytes]]]) -> None:
        """Learn what one published manifest brought; repeating it changes nothing.

        Args:
            manifest: a manifest that stands in the store.
            open_object: gives the bytes of one of its objects, from the spool or from the store.
        """
        items, outlet = manifest.by_kind, manifest.outlet
        with self._transaction() as db:
            for kind, rows_of in ROWS_OF.items():
                if kind in items:
                    with open_object(items[kind]) as stream, naming(items[kind].key):
                        for table, row in rows_of(outlet, stream):
                            db.execute(INSERT[table], row)
            db.execute(INSERT["manifests"], (outlet, manifest.key))

    def _load_checkpoint(self, store: Store, outlet: str) -> None:
        try:
            with self._transaction() as db:
                for table, rows in groupby(checkpoint_rows(store, outlet), key=itemgetter(0)):
                    db.executemany(INSERT[table], map(itemgetter(1), rows))
        except (Spoiled, sqlite3.IntegrityError) as error:
            logger.warning("%s; the manifests are read instead", error)

    def _forget_taken_down(self, store: Store, *, anew: bool) -> None:
        """Drop what was taken down: no revisit may refer to it, no headline stays. Asks the archive, not this, whether it is hidden."""
        keys = list(tombstones_in(store))
        if not keys or not (
            anew or any(self._one("SELECT 1 FROM manifests WHERE key = ?", key) is None for key in keys)
        ):
            return
        taken = TakenDown(store)
        with self._transaction() as db:
            db.create_function("is_hidden", 2, lambda record, url: record in taken.records or taken.hides_url(url))
            db.executemany("DELETE FROM articles WHERE id = ?", [(identity,) for identity in taken.ids])
            db.execute("DELETE FROM articles WHERE is_hidden(record_id, canonical_url)")
            for table in ("originals", "validators"):
                db.execute(f"DELETE FROM {table} WHERE is_hidden(record_id, url)")  # noqa: S608  fixed names, no input
            db.executemany(INSERT["manifests"], [("", key) for key in keys])

    def _learn(self, store: Store, key: str) -> int:
        if self.knows(key):
            return 0
        manifest = Manifest.from_bytes(store.read(key))
        try:
            self.remember(manifest, lambda item: opened_object(store, item))
        except Missing:  # a compaction stands for it, and what it replaced was removed
            left = current_part(store, manifest)
            self.remember(left, lambda item: opened_object(store, item))
        return 1

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # SQLite may have taken it back already
                    self._writer.execute("ROLLBACK")
                raise
