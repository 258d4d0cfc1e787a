"""Sums and stories of all articles without reading their lines again: what stands at the head of each, kept in the user's cache.

    articles objects that are new ─▶ lines ─▶ heads     moment, day, outlet, kind, section, agencies, tags, story
    stories objects that are new  ─▶ what was told  ┘     └─▶ count, stories: one look over narrow rows

A first look reads the archive once, each later one what was published since. It is a cache: a take-down, a compaction or a second reading
makes it anew, and so does another release.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections import Counter
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec

from archive.article import Article, Head, Story
from archive.files import PATIENCE, Unreadable, forget, is_damaged, one_at_a_time
from archive.index.format import micros
from archive.manifests.manifest import tombstones_in
from archive.reader.jsonl import lines_of, read_object, stated_lines
from archive.reader.scan import BROKEN, told_of
from archive.store.protocol import fetched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from archive.manifests.manifest import Item
    from archive.reader.archive import Archive
    from archive.reader.query import Selection

__all__ = ["Summary", "count_of", "summary_of"]


class _Kept(Head, array_like=True):
    """A head in the file: what is shown of it, without the names of its fields."""


# --- What an article counts for --------------------------------------------------------------------------------------

_NAMES: dict[str, Callable[[Head | Article], list[str]]] = {
    "day": lambda article: [f"{article.issued or article.captured:%Y-%m-%d}"],
    "month": lambda article: [f"{article.issued or article.captured:%Y-%m}"],
    "outlet": lambda article: [article.outlet],
    "section": lambda article: [article.section] if article.section else [],
    "agency": lambda article: article.agencies,
    "tag": lambda article: article.tags,
    "kind": lambda article: [article.kind],
}
BY = tuple(_NAMES)
"""What articles are counted by."""

Counts = Counter[tuple[str, str]]
"""Outlet and name → articles; the name is empty for those without one."""


def count_of(articles: Iterable[Article], by: str) -> Counts:
    """Count articles by one of `BY`; an article counts for each of its tags, and once for each."""
    counts = Counts()
    for article in articles:
        counts.update(dict.fromkeys(((article.outlet, name) for name in _NAMES[by](article) or [""]), 1))
    return counts


# --- The file: narrow rows to be looked through, and beside them what is shown ---------------------------------------

_VERSION = 2  # raised with the tables and with what fills them
_TABLES = f"""
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE taken (mark TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE word (n INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE);
CREATE TABLE head (
    n INTEGER PRIMARY KEY, key INTEGER NOT NULL UNIQUE, captured INTEGER NOT NULL, version INTEGER NOT NULL,
    at INTEGER NOT NULL, day INTEGER NOT NULL, outlet INTEGER NOT NULL, kind INTEGER NOT NULL, section INTEGER,
    agency INTEGER NOT NULL, tag INTEGER NOT NULL, story INTEGER, is_copy INTEGER NOT NULL, is_origin INTEGER NOT NULL
);
CREATE TABLE line (n INTEGER PRIMARY KEY, line BLOB NOT NULL);
CREATE TABLE told (key INTEGER PRIMARY KEY, told TEXT NOT NULL, line BLOB NOT NULL);
CREATE INDEX head_story ON head (story, at, is_origin, outlet);
CREATE INDEX head_at ON head (at);
PRAGMA user_version = {_VERSION};
"""
_TAKE = """
INSERT INTO head (key, captured, version, at, day, outlet, kind, section, agency, tag, story, is_copy, is_origin)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
    captured = excluded.captured, version = excluded.version, at = excluded.at, day = excluded.day, kind = excluded.kind,
    section = excluded.section, agency = excluded.agency, tag = excluded.tag, story = excluded.story,
    is_copy = excluded.is_copy, is_origin = excluded.is_origin
WHERE (excluded.captured, excluded.version) >= (captured, version) RETURNING n
"""
_HEAR = """
INSERT INTO told VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET told = excluded.told, line = excluded.line
WHERE excluded.told >= told
"""
_KEPT = msgspec.msgpack.Decoder(_Kept)
_CACHED = 32 << 10  # KiB of the file that are held in memory


class _Part(NamedTuple):
    kind: str
    item: Item

    @property
    def mark(self) -> str:
        return f"{self.item.key} {self.item.sha256}"


def summary_of(archive: Archive, wanted: Selection, tell: Callable[[str], object] = lambda _: None) -> Summary | None:
    """Return the summary of an archive, caught up; None where what is wanted is better read from the lines.

    Texts, earlier versions and earlier times stand in the lines alone. And where there is no summary yet, it is not made for a
    few outlets or days.

    Args:
        archive: the archive.
        wanted: what is to be counted or listed.
        tell: is told the key of each object that is read.

    Raises:
        StoreError: the archive does not answer.
        Unreadable: a line is none.
    """
    path = _path(archive.store.uri)
    if wanted.text or wanted.as_of or wanted.versions != "latest":
        return None
    if not path.exists() and (wanted.outlets or wanted.since or wanted.until):
        return None
    try:
        with one_at_a_time(path):
            summary = Summary(path)
            try:
                summary.catch_up(archive, tell)
            except BaseException:
                summary.close()
                raise
            return summary
    except (OSError, sqlite3.Error):  # no cache can be kept here
        return None


def _path(uri: str) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "warraq" / f"{hashlib.sha256(uri.encode()).hexdigest()[:16]}.heads.sqlite"


class Summary:
    """The heads of one archive's articles in one file; `summary_of` opens it."""

    def __init__(self, path: Path) -> None:
        if is_damaged(path):
            forget(path)
        self._db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
        for pragma in (
            "journal_mode = WAL",
            "synchronous = OFF",
            f"cache_size = -{_CACHED}",
        ):  # what a power cut spoils is made anew
            self._db.execute(f"PRAGMA {pragma}")
        if self._db.execute("PRAGMA user_version").fetchone() != (_VERSION,):
            self._begin_anew()
        self._number = lru_cache(maxsize=1 << 14)(self._number_of)

    def __enter__(self) -> Self:
        """Nothing more is to be opened."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # --- Learning ----------------------------------------------------------------------------------------------------

    def catch_up(self, archive: Archive, tell: Callable[[str], object]) -> None:
        """Learn what was published since; after a kill it goes on behind the last object that it took."""
        hidden = "\n".join(tombstones_in(archive.store))
        state = f"{archive.cursor().to_json()}\n{hidden}"
        if self._fact("state") == state:
            return
        parts = {part.mark: part for part in _parts(archive)}
        known = {mark for (mark,) in self._db.execute("SELECT mark FROM taken")}
        if known - parts.keys() or (known and self._fact("hidden") != hidden):
            self._begin_anew()
            known = set()
        self._note("hidden", hidden)
        fresh = [part for mark, part in parts.items() if mark not in known]
        for part, body in fetched(
            fresh, lambda part: read_object(archive.store, part.item), size=lambda part: part.item.bytes
        ):
            if isinstance(body, Exception):
                raise body
            tell(part.item.key)
            with self._transaction():
                lines = lines_of(body, stated=stated_lines(part.item))
                (self._take if part.kind == "articles" else self._hear)(archive, part.item.key, lines)
                self._db.execute("INSERT INTO taken VALUES (?)", [part.mark])
        self._note("state", state)

    def _take(self, archive: Archive, key: str, lines: Iterable[bytes]) -> None:
        for number, line in enumerate(lines, 1):
            try:
                if archive.filters.is_clear or not archive.filters.hides(Article.from_line(line)):
                    self._take_head(Head.from_line(line))
            except BROKEN as error:
                raise Unreadable(f"{key}, line {number}: {error}") from error

    def _take_head(self, head: Head) -> None:
        key, story = _key(head.id), head.story
        if (update := self._told(key)) is not None:
            story = _story_of(update)
        row = (
            *(key, micros(head.captured), head.version, micros(head.published or head.captured)),
            *((head.issued or head.captured).toordinal(), self._number(head.outlet), self._number(head.kind)),
            *(self._number(head.section) if head.section else None, self._list(head.agencies), self._list(head.tags)),
            *_standing(head.id, story),
        )
        taken = self._db.execute(_TAKE, row).fetchone()
        if taken is not None:
            kept = _Kept(
                id=head.id, outlet=head.outlet, captured=head.captured, headline=head.headline, published=head.published,
                zone=head.zone, flags=head.flags, agencies=head.agencies, story=head.story,
            )  # fmt: skip
            self._db.execute("INSERT OR REPLACE INTO line VALUES (?, ?)", (taken[0], msgspec.msgpack.encode(kept)))

    def _hear(self, _: Archive, key: str, lines: Iterable[bytes]) -> None:
        for number, line in enumerate(lines, 1):
            try:
                update = told_of(line)
            except BROKEN as error:
                raise Unreadable(f"{key}, line {number}: {error}") from error
            article = _key(update["id"])
            if self._db.execute(_HEAR, (article, update["told"], line)).rowcount:
                standing = _standing(update["id"], _story_of(update))
                self._db.execute(
                    "UPDATE head SET story = ?, is_copy = ?, is_origin = ? WHERE key = ?", (*standing, article)
                )

    def _list(self, words: list[str]) -> int:
        return self._number(msgspec.json.encode(words).decode())

    def _number_of(self, word: str) -> int:
        self._db.execute("INSERT OR IGNORE INTO word (word) VALUES (?)", [word])
        (number,) = self._db.execute("SELECT n FROM word WHERE word = ?", [word]).fetchone()
        return int(number)

    def _begin_anew(self) -> None:
        names = [name for (name,) in self._db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        drops = "".join(f"DROP TABLE {name};" for name in names)
        self._db.executescript(f"BEGIN; {drops} {_TABLES} COMMIT;")

    def _fact(self, name: str) -> str:
        row = self._db.execute("SELECT value FROM fact WHERE name = ?", [name]).fetchone()
        return "" if row is None else str(row[0])

    def _note(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            self._number.cache_clear()
            raise
        self._db.execute("COMMIT")

    # --- Asking ------------------------------------------------------------------------------------------------------

    def count(self, wanted: Selection, by: str) -> Counts:
        """Count the articles that are wanted, as `count_of` counts them."""
        column = "day" if by == "month" else by
        condition, values = _condition(wanted)
        rows = self._db.execute(
            f"SELECT o.word, {'c' if column == 'day' else 'w.word'}, many FROM"  # noqa: S608  names of our own
            f" (SELECT outlet, {column} AS c, count(*) AS many FROM head WHERE {condition} GROUP BY 1, 2)"
            " JOIN word AS o ON o.n = outlet LEFT JOIN word AS w ON w.n = c",
            values,
        )
        counts = Counts()
        for outlet, value, many in rows:
            for name in _names_of(by, value):
                counts[outlet, name] += many
        return counts

    def in_stories(self, wanted: Selection, least: int, limit: int | None) -> Iterator[Head]:
        """Yield those of the wanted articles whose story as many as ``least`` of them carry.

        Args:
            wanted: what is wanted.
            least: articles of a story.
            limit: so many stories: those that begin the latest, or the earliest where the order is turned round; None for all.
        """
        condition, values = _condition(wanted)
        order = "DESC" if wanted.newest_first else "ASC"
        stories = self._db.execute(
            f"SELECT story, coalesce(min(CASE WHEN is_origin THEN at END), min(at)) AS first FROM head"  # noqa: S608  names of our own
            f" WHERE story IS NOT NULL AND {condition} GROUP BY story HAVING count(*) >= ? ORDER BY first {order} LIMIT ?",
            [*values, least, -1 if limit is None else limit],
        ).fetchall()
        for story, _ in stories:
            yield from self._heads(story, condition, values)

    def _heads(self, story: int, condition: str, values: list[Any]) -> Iterator[Head]:
        rows = self._db.execute(
            f"SELECT line FROM head JOIN line USING (n) WHERE story = ? AND {condition}",  # noqa: S608  as above
            [story, *values],
        )
        for (line,) in rows:
            head = _KEPT.decode(line)
            if (update := self._told(_key(head.id))) is not None:
                head.story = _story_of(update)
            assert head.story is not None
            head.story.agencies = (self._told(_key(head.story.id)) or {}).get("agencies") or head.story.agencies
            yield head

    def _told(self, key: int) -> dict[str, Any] | None:
        row = self._db.execute("SELECT line FROM told WHERE key = ?", [key]).fetchone()
        return None if row is None else told_of(row[0])


def _parts(archive: Archive) -> Iterator[_Part]:
    for manifest in archive.manifests():
        for kind in ("stories", "articles"):
            if kind in manifest.by_kind:
                yield _Part(kind, manifest.by_kind[kind])


def _key(article_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(article_id.encode(), digest_size=8).digest(), signed=True)


def _story_of(update: dict[str, Any]) -> Story:
    return Story(id=update["story"], role=update["role"], origin=update["origin"], overlap=update["overlap"])


def _standing(article_id: str, story: Story | None) -> tuple[int | None, bool, bool]:
    return (None, False, False) if story is None else (_key(story.id), story.role == "copy", story.origin == article_id)


def _names_of(by: str, value: Any) -> list[str]:
    if by in {"day", "month"}:
        return [date.fromordinal(value).isoformat()[: len("yyyy-mm-dd" if by == "day" else "yyyy-mm")]]
    if by in {"agency", "tag"}:
        return list(dict.fromkeys(msgspec.json.decode(value, type=list[str]))) or [""]
    return [value or ""]


def _condition(wanted: Selection) -> tuple[str, list[Any]]:
    """Return what `Selection.holds` asks for, as SQL with its values."""
    named = "(SELECT n FROM word WHERE word = ?)"
    listing = "IN (SELECT n FROM word WHERE instr(word, ?) AND word LIKE '[%' AND json_valid(word) AND ? IN (SELECT value FROM json_each(word)))"
    parts, values = ["TRUE"], list[Any]()
    if wanted.outlets:
        parts.append(f"outlet IN (SELECT n FROM word WHERE word IN ({', '.join('?' * len(wanted.outlets))}))")  # noqa: S608  marks alone
        values += sorted(wanted.outlets)
    for condition, moment in (("at >= ?", wanted.since), ("at <= ?", wanted.until)):
        if moment is not None:
            parts.append(condition)
            values.append(micros(moment))
    if wanted.kind is not None:
        parts.append(f"kind = {named}")
        values.append(wanted.kind)
    for column, word in (("tag", wanted.tag), ("agency", wanted.agency)):
        if word is not None:
            parts.append(f"{column} {listing}")
            values += [msgspec.json.encode(word).decode(), word]
    if wanted.story is not None:
        parts.append("story = ?")
        values.append(_key(wanted.story))
    if wanted.unique_stories:
        parts.append("NOT is_copy")
    return " AND ".join(parts), values
