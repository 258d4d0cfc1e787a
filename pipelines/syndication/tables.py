"""The tables of the index on disk.

text      one row for each version: words (4 bytes each) and sketch (8 bytes a hash); about 1.7 kB
article   one row for each article: moment, agencies, placement, whether it and its placement were published
holding   key → articles              pairing   article → article, link
learned   names of the manifests that were caught up with
"""

TABLES = """
CREATE TABLE IF NOT EXISTS text (serial INTEGER PRIMARY KEY, article TEXT NOT NULL, version INTEGER NOT NULL,
    key BLOB NOT NULL, at REAL NOT NULL, block INTEGER NOT NULL, words BLOB NOT NULL, sketch BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS text_of_article ON text (article, version);
CREATE INDEX IF NOT EXISTS text_of_block ON text (block);
CREATE TABLE IF NOT EXISTS article (id TEXT PRIMARY KEY, at REAL NOT NULL, agencies TEXT NOT NULL, story TEXT, role TEXT,
    origin TEXT, overlap REAL, kept INTEGER NOT NULL DEFAULT 0, told INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS article_unkept ON article (kept) WHERE kept = 0;
CREATE INDEX IF NOT EXISTS article_untold ON article (told) WHERE told = 0;
CREATE TABLE IF NOT EXISTS holding (key BLOB, article TEXT, PRIMARY KEY (key, article)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pairing (one TEXT, other TEXT, link INTEGER, PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS learned (name TEXT PRIMARY KEY) WITHOUT ROWID;
"""
