"""The site's database: one SQLite file that answers for every page, made from published manifests alone."""

from __future__ import annotations

import gc
import hashlib
import io
import json
import logging
import os
import re
import shutil
import sqlite3
import threading
import zlib
from array import array
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from zlib_ng import zlib_ng

from archive.article import Article, Story, format_time
from archive.files import PATIENCE, Unreadable, one_at_a_time
from archive.files import forget as forget_file
from archive.reader.jsonl import lines_of_object
from archive.reader.scan import BROKEN, told_of
from archive.site.templating import is_safe_outlet
from archive.site.topics.names import Reading, Text, joined
from archive.site.topics.tables import EMPTIED, Finder, articles_naming, forms_of_changed, judged
from archive.site.topics.tables import TABLES as TOPIC_TABLES
from archive.store import Missing, StoreUnavailable
from archive.text import spelled_of
from archive.warc.capture import CaptureFault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from archive.article import Image
    from archive.manifests.manifest import Item
    from archive.reader.archive import Archive
    from archive.site.topics.gazetteer import Spelled

__all__ = ["SiteDatabase"]

# --- Manifests and lines into the index: every version of every article, and the newest of each as its row -----------
# Lines are kept whole, compressed: a page is made from the index alone, without a request to the archive.

log = logging.getLogger("archive.site")

_WORDS_KEPT = 5000  # articles whose words are kept between two passes, 5 KB each; those of more are read again
_EACH, _MANY = 11_000, 50_000  # bytes of the index for a line; lines that take minutes
_AHEAD = 3600  # seconds that an outlet's clock may be ahead of ours; a later date is a typing error


@dataclass(frozen=True, slots=True)
class Part:
    """An object of lines as it is published now; ``mark`` changes with its bytes."""

    kind: str
    item: Item

    @property
    def mark(self) -> str:
        """Return what tells it from every other object, and from itself before an erasure."""
        return f"{self.item.key} {self.item.sha256}"


def parts_of(archive: Archive) -> list[Part]:
    """Return the objects of lines that a reader reads now, in the order of crawling."""
    return [
        Part(kind, manifest.by_kind[kind])
        for manifest in archive.manifests()
        for kind in ("articles", "stories")
        if kind in manifest.by_kind
    ]


def take(connection: sqlite3.Connection, archive: Archive, parts: list[Part]) -> set[str]:
    """Take the lines of the objects in; return the ids of the articles that are new, changed, or retold."""
    touched: set[str] = set()
    for part in parts:
        broken, first = 0, ""  # an error itself holds the frames that it came through, two kilobytes
        for line in _lines(archive, part.item):
            try:
                touched.add(
                    _take_line(connection, archive, line) if part.kind == "articles" else _take_told(connection, line)
                )
            except BROKEN as error:
                broken, first = broken + 1, first or str(error)
        if broken:
            log.warning("%d lines of %s were left out; the first: %s", broken, part.item.key, first)
        connection.execute("INSERT OR IGNORE INTO taken VALUES (?)", [part.mark])
    touched.discard("")
    return touched


def hidden(archive: Archive) -> str:
    """Return what tells whether a take-down came since: everything is read anew then."""
    names = sorted(archive.taken_down.ids) + sorted(archive.taken_down.records)
    return hashlib.sha256("\n".join(names).encode()).hexdigest() if names else ""


def _lines(archive: Archive, item: Item) -> Iterator[bytes]:
    """Yield the lines of an object; one that is damaged is an error of the archive."""
    try:
        yield from lines_of_object(archive.store, item)
    except Unreadable as error:
        raise Unreadable(f"{error}; python -m archive verify says what is left of it") from error


def _take_line(connection: sqlite3.Connection, archive: Archive, line: bytes) -> str:
    """Take a line in and return its article's id; empty for one that a reader may not see."""
    article = Article.from_line(line)
    if not is_safe_outlet(article.outlet) or archive.filters.hides(article):
        return ""
    row = [article.id, article.version, format_time(article.captured), zlib.compress(line, 6)]
    connection.execute("INSERT OR REPLACE INTO version VALUES (?, ?, ?, ?)", row)
    return article.id


def _take_told(connection: sqlite3.Connection, line: bytes) -> str:
    update = told_of(line)
    row = [update["id"], update["told"], json.dumps(update, ensure_ascii=False)]
    connection.execute(
        "INSERT INTO told VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET told = excluded.told, line = excluded.line"
        " WHERE excluded.told >= told",
        row,
    )
    return str(update["id"])


def settle(connection: sqlite3.Connection, ids: set[str], generation: int) -> Iterator[tuple[int, Article]]:
    """Write the row of each article from its newest version and what was last told of its story; yield number and article."""
    return (row for article_id in sorted(ids) if (row := _settle(connection, article_id, generation)) is not None)


def _settle(connection: sqlite3.Connection, article_id: str, generation: int) -> tuple[int, Article] | None:
    versions = versions_of(connection, article_id)
    if not versions:
        return None  # a story line about an article that is not here (yet)
    article = versions[-1]
    told = connection.execute("SELECT line FROM told WHERE id = ?", [article_id]).fetchone()
    if told is not None:
        update = json.loads(told["line"])
        article.story = Story(
            id=update["story"], role=update["role"], origin=update["origin"], overlap=update["overlap"]
        )
    silent = sum(version.changes is not None and version.changes.silent for version in versions)
    story = (
        (None, None, None) if article.story is None else (article.story.id, article.story.origin, article.story.overlap)
    )
    agencies = f" {' '.join(article.agencies)} " if article.agencies else ""
    values = (
        *(article.id, article.outlet, moment_of(article), len(versions), article.captured.isoformat()),
        *(article.headline, article.standfirst, article.section, article.kind, agencies, *story),
        *(
            silent,
            article.words,
            generation,
            _record_of_picture(article),
            str(article.issued) if article.is_dated_by_day else None,
        ),
    )
    return _write_row(connection, values, generation), article


_COLUMNS = (
    "id, outlet, at, version, captured, headline, standfirst, section, kind, agencies, story, origin, overlap, silent, words, changed,"
    " picture, day"
)


def _write_row(connection: sqlite3.Connection, values: Sequence[object], generation: int) -> int:
    """Write an article's row, and where it stood before; return its number.

    Each statement writes one row and has no clause that could write more: before those SQLite makes a savepoint, and for each the
    full-text index would write out the words that it gathers in memory.
    """
    stood = connection.execute("SELECT outlet, section, at, n FROM article WHERE id = ?", [values[0]]).fetchone()
    marks = ",".join("?" * len(values))
    if stood is None:
        inserted = connection.execute(f"INSERT INTO article ({_COLUMNS}) VALUES ({marks})", values)  # noqa: S608  our own
        return int(inserted.lastrowid or 0)
    *place, number = stood
    connection.execute("INSERT INTO touched VALUES (?, ?, ?, ?)", [generation, *place])
    connection.execute(f"UPDATE article SET ({_COLUMNS}) = ({marks}) WHERE n = ?", [*values, number])  # noqa: S608
    return int(number)


def versions_of(connection: sqlite3.Connection, article_id: str) -> list[Article]:
    """Return all versions of an article, by the time of capture, as a reader does: what an import took in is older than its number."""
    rows = connection.execute(
        "SELECT line FROM version WHERE id = ? ORDER BY captured, version", [article_id]
    ).fetchall()
    return [_unpacked(row["line"]) for row in rows]


def newest_of(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Article]:
    """Return by id the newest version of each of some articles."""
    asked = f"SELECT id, line FROM version WHERE id IN ({','.join('?' * len(ids))}) ORDER BY id, captured, version"  # noqa: S608
    lines = {row["id"]: row["line"] for row in connection.execute(asked, list(ids))}
    return {article_id: _unpacked(line) for article_id, line in lines.items()}


def _unpacked(line: bytes) -> Article:
    """Return the article of a packed line; in 30 µs, so that none is kept: each takes 8 KB."""
    return Article.from_line(zlib_ng.decompress(line))


def moment_of(article: Article) -> int:
    """Return the time by which an article is sorted, in seconds: its publication, or its capture where that is in doubt."""
    captured = _seconds(article.captured)
    published = captured if article.published is None else _seconds(article.published)
    return published if published <= captured + _AHEAD else captured


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


_STANDS = "SELECT ?, outlet, section, at FROM article"
"""Where articles stand in lists, in SQL: the lists of these places changed in a generation."""


# --- The articles' pictures that the archive holds, made small once --------------------------------------------------
# A line names the captures of its pictures where there are any (setting MEDIA). The first of them becomes a WebP of at most `_WIDE`, kept in the
# index by its record; one that cannot be read is noted as of no size, and not tried again. What was taken down is forgotten with the rest.

_WIDE, _QUALITY, _MOST_PIXELS = 640, 72, 60_000_000
_PICTURES = ("JPEG", "PNG", "WEBP", "GIF")  # what is opened at all


def lead_picture(article: Article) -> Image | None:
    """Return the first of an article's pictures of which its line names a capture."""
    return next((image for image in article.images if image.warc is not None), None)


def _record_of_picture(article: Article) -> str | None:
    image = lead_picture(article)
    return None if image is None or image.warc is None else image.warc.record_id


def make_pictures(connection: sqlite3.Connection, archive: Archive, *, anew: bool) -> None:
    """Make the pictures that are not made yet; nothing where Pillow is not installed (the extra ``site``)."""
    if anew:
        connection.execute("DELETE FROM picture")
    asked = "SELECT id, picture FROM article WHERE picture IS NOT NULL AND picture NOT IN (SELECT record FROM picture)"
    for row in connection.execute(asked).fetchall():
        article = versions_of(connection, row["id"])[-1]
        image = lead_picture(article)
        assert image is not None
        try:
            small = smaller(archive.capture(image, outlet=article.outlet).content())
        except (CaptureFault, Missing) as error:
            log.warning("the picture of %s is left out: %s", article.id, error)
            small = None
        if small is not None or find_spec("PIL") is not None:
            wide, high, body = small or (0, 0, b"")
            connection.execute("INSERT OR REPLACE INTO picture VALUES (?, ?, ?, ?)", [row["picture"], wide, high, body])
    connection.execute(
        "UPDATE article SET wide = picture.wide, high = picture.high FROM picture WHERE article.picture = picture.record"
        " AND (article.wide, article.high) IS NOT (picture.wide, picture.high)"
    )


def smaller(body: bytes) -> tuple[int, int, bytes] | None:
    """Return a picture as WebP, at most `_WIDE` wide: width, height, bytes; None where it is none, or too large to open."""
    try:
        from PIL import Image as Opened  # noqa: PLC0415  of the extra ``site``, and slow to load
    except ImportError:
        return None
    try:
        with Opened.open(io.BytesIO(body), formats=_PICTURES) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return None
            picture.thumbnail((_WIDE, 2 * _WIDE))
            out = io.BytesIO()
            picture.convert("RGB").save(out, "WEBP", quality=_QUALITY)
            return (*picture.size, out.getvalue())
    except (
        OSError,
        ValueError,
        SyntaxError,
        Opened.DecompressionBombError,
    ):  # as Pillow says that bytes are no picture
        return None


# --- The tables of the index, and opening its file -------------------------------------------------------------------

VERSION = 18  # raised with the tables and with what fills them: an older file is made anew

TABLES = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE taken (mark TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE crawl (key TEXT PRIMARY KEY, outlet TEXT NOT NULL, date TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE version (
    id TEXT, version INTEGER, captured TEXT, line BLOB NOT NULL, PRIMARY KEY (id, version, captured)
) WITHOUT ROWID;
CREATE TABLE told (id TEXT PRIMARY KEY, told TEXT NOT NULL, line TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE article (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, outlet TEXT NOT NULL, at INTEGER NOT NULL, version INTEGER NOT NULL,
    captured TEXT NOT NULL, headline TEXT NOT NULL, standfirst TEXT, section TEXT, kind TEXT NOT NULL, agencies TEXT NOT NULL,
    story TEXT, origin TEXT, overlap REAL, silent INTEGER NOT NULL, words INTEGER NOT NULL, changed INTEGER NOT NULL,
    picture TEXT, wide INTEGER NOT NULL DEFAULT 0, high INTEGER NOT NULL DEFAULT 0, day TEXT
);
CREATE TABLE picture (record TEXT PRIMARY KEY, wide INTEGER NOT NULL, high INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX article_at ON article (at);
CREATE INDEX article_outlet_at ON article (outlet, at);
CREATE INDEX article_story ON article (story);
CREATE INDEX article_section_at ON article (section, at);
CREATE TABLE touched (generation INTEGER, outlet TEXT NOT NULL, section TEXT, at INTEGER NOT NULL);
CREATE INDEX touched_generation ON touched (generation);
CREATE VIRTUAL TABLE fulltext USING fts5 (headline, standfirst, text, tokenize = 'unicode61 remove_diacritics 0');
"""  # and those of archive.site.topics.tables


_CACHE = 16_000  # KiB of the file that a connection keeps
_STATEMENTS = 24  # that a connection keeps, 11 KB each; those that name so many articles differ by how many
SMALL_CACHE = 500  # … where many threads have one each: the system keeps the file, too


def connect(path: Path, cache: int = _CACHE) -> sqlite3.Connection:
    """Open the index's file, for one thread, which keeps ``cache`` KiB of it; readers never wait for the writer."""
    connection = sqlite3.connect(
        path, timeout=PATIENCE, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS
    )
    try:
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "temp_store = MEMORY", f"cache_size = -{cache}"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:  # the file is something else, the disk is full
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return connection


def prepare(path: Path) -> sqlite3.Connection:
    """Open the file for writing, made anew where it is none of this version."""
    with one_at_a_time(path):
        connection = connect(path)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version not in {0, VERSION}:
                log.warning(
                    "the index %s is of version %d, this program's of %d: it is made anew from the archive",
                    *(path, version, VERSION),
                )
                connection.close()
                forget_file(path)
                connection = connect(path)
            if version != VERSION:
                connection.executescript(f"BEGIN; {TABLES} {TOPIC_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
                connection.execute("INSERT INTO fact VALUES ('identity', ?)", [uuid4().hex])
        except BaseException:
            connection.close()
            raise
        return connection


def forget(connection: sqlite3.Connection) -> None:
    """Empty all tables but the facts and the names that have addresses, within the caller's transaction."""
    for table in ("taken", "version", "told", "article", "touched", "fulltext", *EMPTIED):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608  names of our own
    connection.execute("UPDATE entry SET live = 0, many = 0")


# --- `SiteDatabase`: catching up with an archive, and a connection for each thread that asks --------------------------------

_REPORT = re.compile(r"reports/outlet=(?P<outlet>[^/]+)/date=(?P<date>[\d-]{10})/[^/]+\.json")


def default_index(uri: str) -> Path:
    """Return where the index of the archive at ``uri`` stands: in the user's cache, a file for each archive."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "warraq" / f"{hashlib.sha256(uri.encode()).hexdigest()[:16]}.sqlite"


class SiteDatabase:
    """The index of one archive. One thread catches up, any number of threads ask, each of which keeps ``cache`` KiB of the file."""

    def __init__(self, path: Path, *, cache: int = _CACHE) -> None:
        self.path, self._cache = path, cache
        self._writer = prepare(path)
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []

    @property
    def reader(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        if not hasattr(self._local, "connection"):
            self._local.connection = connect(self.path, self._cache)
            self._readers.append(self._local.connection)
        connection: sqlite3.Connection = self._local.connection
        return connection

    @property
    def generation(self) -> int:
        """Return how often the archive had something new."""
        return int(self.fact("generation", "0"))

    def fact(self, name: str, default: str = "") -> str:
        """Return a fact about the index."""
        row = self.reader.execute("SELECT value FROM fact WHERE name = ?", [name]).fetchone()
        return default if row is None else str(row["value"])

    def close(self) -> None:
        """Close the connections of all threads, when none of them asks any more."""
        for connection in (*self._readers, self._writer):
            connection.close()
        self._readers.clear()
        self._local = threading.local()

    def catch_up(self, archive: Archive) -> int:
        """Learn what was published since, all of it or nothing; return how many articles are new or changed.

        Where something that was read is gone or was replaced, by a take-down, a compaction, a reading again, all is read anew.
        """
        connection = self._writer
        fresh, is_gone = self._news(archive)
        if not fresh and not is_gone:
            return 0
        self._see_to_room(sum(part.item.records.get("article", 0) for part in fresh))
        connection.execute("BEGIN IMMEDIATE")
        try:
            if is_gone:
                forget(connection)
                connection.execute("INSERT OR REPLACE INTO fact VALUES ('rebuilt', ?)", [str(self.generation + 1)])
            connection.execute("INSERT OR REPLACE INTO fact VALUES ('hidden', ?)", [hidden(archive)])
            with _seldom_collected():
                count = self._take(connection, archive, fresh)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        make_pictures(connection, archive, anew=is_gone)
        return count

    def is_behind(self, archive: Archive) -> bool:
        """Say whether there is something to catch up with; on which days there were crawls is learned at once."""
        return any(self._news(archive))

    def _news(self, archive: Archive) -> tuple[list[Part], bool]:
        """Return the objects that are to be read, and whether that is all of them, since something that was read is gone."""
        _take_reports(self._writer, archive)
        parts = parts_of(archive)
        known = {row["mark"] for row in self._writer.execute("SELECT mark FROM taken")}
        is_gone = bool(known - {part.mark for part in parts}) or (
            bool(known) and hidden(archive) != self.fact("hidden")
        )
        return [part for part in parts if is_gone or part.mark not in known], is_gone

    def _see_to_room(self, lines: int) -> None:
        """Say how long it takes to learn many lines, and raise `StoreUnavailable` where what they take would not fit on the disk."""
        needed, free = lines * _EACH, shutil.disk_usage(self.path.parent).free
        told = f"{lines:,} lines are new to the index {self.path}, some {needed / 1e9:,.1f} GB"
        if needed > free:
            raise StoreUnavailable(
                f"{told}, and its disk has {free / 1e9:,.1f} GB left; name a file on another with --index"
            )
        if lines >= _MANY:
            log.warning(
                "%s and %d minutes, this once; lists and counts by time, outlet, tag or agency need none",
                told,
                lines / 500 / 60,
            )

    def _take(self, connection: sqlite3.Connection, archive: Archive, fresh: list[Part]) -> int:
        generation = self.generation + 1
        stories = _stories(connection, touched := take(connection, archive, fresh))
        numbers, words = _read_words(connection, settle(connection, touched, generation))
        stories |= _stories(connection, touched)
        connection.executemany("UPDATE article SET changed = ? WHERE story = ?", [(generation, s) for s in stories])
        _name_topics(connection, numbers, words, generation)
        connection.execute(f"INSERT INTO touched {_STANDS} WHERE changed = ?", [generation, generation])
        connection.execute("INSERT OR REPLACE INTO fact VALUES ('generation', ?)", [str(generation)])
        return len(numbers)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Let Python look for cycles of objects a hundredth as often: an index makes millions of objects and hardly a cycle."""
    before = gc.get_threshold()
    gc.set_threshold(100 * before[0], *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _take_reports(connection: sqlite3.Connection, archive: Archive) -> None:
    """Note on which days each outlet was crawled, with articles or without: what the calendar shows."""
    for entry in archive.store.listing("reports/"):
        match = _REPORT.fullmatch(entry.key)
        if match:
            row = [entry.key, match["outlet"], match["date"]]
            connection.execute("INSERT OR IGNORE INTO crawl VALUES (?, ?, ?)", row)


def _read_words(
    connection: sqlite3.Connection, articles: Iterator[tuple[int, Article]]
) -> tuple[array[int], dict[int, list[Text]]]:
    """Write the words of these articles; return the articles' numbers, and the words of as many as memory is meant for."""
    reading, numbers, words = Reading(connection), array("q"), dict[int, list[Text]]()
    one_of_each: dict[str, str] = {}  # each time that a word is spelled is an object of its own: 25 KB an article
    for number, article in articles:
        old = _words_before(connection, number)
        parts = reading.add(article, number, old)
        _write_words(connection, number, parts, is_new=old is None)
        numbers.append(number)
        if len(words) < _WORDS_KEPT:
            words[number] = [(folded, list(map(one_of_each.setdefault, spelled, spelled))) for folded, spelled in parts]
    reading.write()
    return numbers, words


def _name_topics(
    connection: sqlite3.Connection, numbers: array[int], words: dict[int, list[Text]], generation: int
) -> None:
    """Decide what is a name now, and say of each article which names it has, of these and of others where a name has changed."""
    changed = judged(connection, generation)
    finder = Finder(connection, generation, forms_of_changed(changed))
    for number in numbers:
        if number in words:
            folded, spelled = zip(*words.pop(number), strict=True)
            finder.write(number, folded, partial(_given, spelled), edited=True)
        else:
            finder.write(number, *_words_again(connection, number), edited=True)
    (total,) = connection.execute("SELECT count(*) FROM article").fetchone()
    if total > len(numbers):
        for number in sorted(articles_naming(connection, changed).difference(numbers)):
            finder.write(number, *_words_again(connection, number), edited=False)
    finder.finish()


def _words_before(connection: sqlite3.Connection, number: int) -> list[str] | None:
    """Return the words that an article had in the index, None where it is new."""
    row = connection.execute("SELECT headline, standfirst, text FROM fulltext WHERE rowid = ?", [number]).fetchone()
    return None if row is None else joined([(part.split(" "), []) for part in row if part])


def _words_again(connection: sqlite3.Connection, number: int) -> tuple[list[list[str]], Spelled]:
    """Return the words of an article that the index has, and what asks for their spelling of its newest version."""
    article_id, *parts = connection.execute(
        "SELECT id, fulltext.headline, fulltext.standfirst, text FROM fulltext JOIN article ON n = fulltext.rowid WHERE n = ?",
        [number],
    ).fetchone()
    folded = [part.split(" ") if part else [] for part in parts]

    @cache
    def texts() -> tuple[str, str, str]:
        article = versions_of(connection, article_id)[-1]
        return article.headline, article.standfirst or "", article.text

    def spelled(part: int, end: int) -> list[str]:
        return spelled_of(texts()[part], folded[part], end)

    return folded, spelled


def _given(spelled: Sequence[list[str]], part: int, _: int) -> list[str]:
    return spelled[part]


def _write_words(connection: sqlite3.Connection, number: int, parts: list[Text], *, is_new: bool) -> None:
    if not is_new:
        connection.execute("DELETE FROM fulltext WHERE rowid = ?", [number])
    row = [number, *(" ".join(folded) for folded, _ in parts)]
    connection.execute("INSERT INTO fulltext (rowid, headline, standfirst, text) VALUES (?, ?, ?, ?)", row)


def _stories(connection: sqlite3.Connection, ids: set[str]) -> set[str]:
    rows = (connection.execute("SELECT story FROM article WHERE id = ?", [each]).fetchone() for each in sorted(ids))
    return {row["story"] for row in rows if row is not None and row["story"]}
