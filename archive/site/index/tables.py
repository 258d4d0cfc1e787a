"""The tables of the index, and opening its file."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING
from uuid import uuid4

from archive.files import PATIENCE, one_at_a_time
from archive.files import forget as forget_file

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 2  # raised with the tables and with what fills them: an older file is made anew

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
    story TEXT, origin TEXT, overlap REAL, silent INTEGER NOT NULL, words INTEGER NOT NULL, changed INTEGER NOT NULL
);
CREATE INDEX article_at ON article (at);
CREATE INDEX article_outlet_at ON article (outlet, at);
CREATE INDEX article_story ON article (story);
CREATE TABLE seen (
    key TEXT, n INTEGER, kind TEXT NOT NULL, shown TEXT NOT NULL, bounded INTEGER NOT NULL, PRIMARY KEY (key, n)
) WITHOUT ROWID;
CREATE INDEX seen_n ON seen (n);
CREATE TABLE entry (
    e INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE, slug TEXT NOT NULL UNIQUE,
    same INTEGER, many INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE topic (
    e INTEGER, n INTEGER, weight REAL NOT NULL, own INTEGER NOT NULL, PRIMARY KEY (e, n)
) WITHOUT ROWID;
CREATE INDEX topic_n ON topic (n);
CREATE VIRTUAL TABLE fulltext USING fts5 (headline, standfirst, text, tokenize = 'unicode61 remove_diacritics 0');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (fulltext, row);
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open the index's file, for one thread; readers never wait for the writer."""
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "temp_store = MEMORY"):
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
                connection.close()
                forget_file(path)
                connection = connect(path)
            if version != VERSION:
                connection.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
                connection.execute("INSERT INTO fact VALUES ('identity', ?)", [uuid4().hex])
        except BaseException:
            connection.close()
            raise
        return connection


def forget(connection: sqlite3.Connection) -> None:
    """Empty all tables but the facts, within the caller's transaction."""
    for table in ("taken", "version", "told", "article", "seen", "entry", "topic", "fulltext"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608  names of our own
