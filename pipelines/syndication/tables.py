"""The tables of the index on disk.

text      one row for each version: words (4 bytes each), which are its own (a bit each), sketch (8 bytes a hash); about 1.5 kB
article   one row for each article: moment, agencies, placement, whether it and its placement were published
holding   key of a page, of a text, of an id → articles
pairing   article → article, link
relation  article → article, what it is to it, how much of the contained one is shared
learned   names of the manifests that were caught up with

Articles have numbers, and what is looked up by something else is looked up by 64 bits of it: so the rows of one day stand together,
and a placement touches a handful of pages however many articles there are.
"""

SCHEMA = 4
"""Raised when the tables change: an index of another schema is emptied, since the archive can fill it again."""

NAMES = ("text", "article", "holding", "pairing", "relation", "learned")
TABLES = """
CREATE TABLE IF NOT EXISTS text (serial INTEGER PRIMARY KEY, article INTEGER NOT NULL, version INTEGER NOT NULL,
    key INTEGER NOT NULL, address INTEGER NOT NULL, at REAL NOT NULL, block INTEGER NOT NULL,
    words BLOB NOT NULL, own BLOB NOT NULL, sketch BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS text_of_article ON text (article);
CREATE INDEX IF NOT EXISTS text_of_block ON text (block);
CREATE TABLE IF NOT EXISTS article (serial INTEGER PRIMARY KEY, id TEXT NOT NULL, at REAL NOT NULL, agencies TEXT NOT NULL,
    current INTEGER NOT NULL, story TEXT, role TEXT, origin TEXT, overlap REAL,
    related TEXT NOT NULL, credits TEXT NOT NULL, kept INTEGER NOT NULL, told INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS article_unkept ON article (kept) WHERE kept = 0;
CREATE INDEX IF NOT EXISTS article_untold ON article (told) WHERE told = 0;
CREATE TABLE IF NOT EXISTS holding (key INTEGER, article INTEGER, PRIMARY KEY (key, article)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pairing (one INTEGER, other INTEGER, link INTEGER, PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS relation (one INTEGER, other INTEGER, relation TEXT, overlap REAL, PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS learned (name TEXT PRIMARY KEY) WITHOUT ROWID;
"""
