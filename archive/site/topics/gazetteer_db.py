"""Names that recur become entries: the gazetteer is built from the archive itself, and grows with it.

outlets' own tags ────────────────────────────────▶ entry (tag, until the texts say what it is)
names that texts introduce ──several articles──────▶ entry (person, organisation, place)
surname that nobody else bears ───────────────────▶ the same entry: «عمروف» is «رستم عمروف»
another spelling of one name ─────────────────────▶ the same entry: «عميروف» is «عمروف»
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.site.paths import slug_of
from archive.text import words
from archive.topics.clitics import spellings
from archive.topics.lexicon import lexicon
from archive.topics.names import Name, names_of
from archive.topics.words import words_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from archive.article import Article

_ENOUGH_BOUNDED, _ENOUGH = 2, 3  # articles that must introduce a name
_SHARE_OF_LONGER = 0.6  # «مجلس الأمن» gives way to «مجلس الأمن الدولي» where so many of its articles say the longer one
_SHARES_OF_NAMES = (
    0.9  # of the articles with the first word, and of those with the last one, that use it in a name; added
)
_LEAST_PREFIXED = 4  # letters


def see(connection: sqlite3.Connection, number: int, article: Article) -> set[str]:
    """Note the names that an article introduces and its own tags; return their keys."""
    connection.execute("DELETE FROM seen WHERE n = ?", [number])
    rows = {}
    for text in filter(None, (article.headline, article.standfirst, article.text)):
        for name in names_of(words_of(text)):
            rows[name.key] = (name.key, number, name.kind, _shown(text, name), int(name.bounded))
    for tag in article.tags:
        key = " ".join(words(tag))
        if key and slug_of(tag):
            rows.setdefault(key, (key, number, "tag", " ".join(tag.split()), 1))
    connection.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)", rows.values())
    return set(rows)


def _shown(text: str, name: Name) -> str:
    """Return the name as the text spells it, without what is written together with its first word."""
    spelled = " ".join(text[name.start : name.end].split())
    first, _, rest = spelled.partition(" ")
    wanted = name.words[0]
    if first.startswith("لل") and wanted.startswith("ال"):
        first = f"ا{first[1:]}"
    while len(first) > 1 and "".join(words(first)) != wanted and len(first) > len(wanted):
        first = first[1:]
    return f"{first} {rest}".strip()


def add_entries(connection: sqlite3.Connection, keys: Iterable[str]) -> set[int]:
    """Make entries of the names that enough articles introduce; return the new ones."""
    new = {e for place in lexicon().places if (e := add_entry(connection, "place", place, " ".join(words(place))))}
    for key in sorted(keys):
        kind = _kind_of(connection, key)
        if kind is not None:
            shown = connection.execute(
                "SELECT shown FROM seen WHERE key = ? GROUP BY shown ORDER BY count(*) DESC, shown LIMIT 1", [key]
            ).fetchone()["shown"]
            new.add(add_entry(connection, kind, shown, key))
    new.discard(0)
    return new


def _kind_of(connection: sqlite3.Connection, key: str) -> str | None:
    """Return what a name is by what most articles take it for; None where too few introduce it."""
    counts = connection.execute(
        "SELECT kind, count(*) AS many, sum(bounded) AS bounded FROM seen WHERE key = ? GROUP BY kind ORDER BY many DESC, kind",
        [key],
    ).fetchall()
    named = [row for row in counts if row["kind"] != "tag"]
    is_tag = len(named) < len(counts)
    for row in named:
        enough = _ENOUGH_BOUNDED if row["bounded"] or row["kind"] != "person" else _ENOUGH
        is_whole = row["kind"] != "organisation" or is_tag or not _is_cut(connection, key, row["many"])
        if row["many"] >= enough and is_whole and _is_name(connection, key, row["kind"]):
            return str(row["kind"])
    return "tag" if is_tag else None


def _is_name(connection: sqlite3.Connection, key: str, kind: str) -> bool:
    """Say whether the words of a person or place stand mostly in such names: «سامر» does, «أمن» does not."""
    if kind == "organisation":
        return True
    first, last = key.split(maxsplit=1)[0], key.rsplit(maxsplit=1)[-1]
    if first.startswith("ب") and len(first) > _LEAST_PREFIXED and _written(connection, first[1:]):
        return False  # «بمصادرة» is «ب» and a word
    return _share(connection, first, f"{first}%", kind) + _share(connection, last, f"%{last}", kind) >= _SHARES_OF_NAMES


def _share(connection: sqlite3.Connection, word: str, pattern: str, kind: str) -> float:
    named = connection.execute(
        "SELECT count(DISTINCT n) FROM seen WHERE kind = ? AND key LIKE ?", [kind, pattern]
    ).fetchone()[0]
    return min(1.0, int(named) / max(_written(connection, word), 1))


def _written(connection: sqlite3.Connection, word: str) -> int:
    """Return in how many articles a word stands as it is."""
    row = connection.execute("SELECT doc FROM vocabulary WHERE term = ?", [word]).fetchone()
    return 0 if row is None else int(row["doc"])


def _is_cut(connection: sqlite3.Connection, key: str, many: int) -> bool:
    """Say whether most articles that say this name say a longer one."""
    longer = connection.execute(
        "SELECT max(c) FROM (SELECT count(*) AS c FROM seen WHERE key > ? AND key < ? GROUP BY key)",
        [key + " ", key + "!"],
    ).fetchone()[0]
    return longer is not None and longer >= _SHARE_OF_LONGER * many


def add_entry(connection: sqlite3.Connection, kind: str, name: str, key: str) -> int:
    """Add an entry; return its number, 0 where it was known. A tag that turns out to be a person is said to be one."""
    slug = slug_of(name)
    if slug is None:
        return 0
    known = connection.execute("SELECT e, kind FROM entry WHERE key = ?", [key]).fetchone()
    if known is not None:
        if known["kind"] == "tag" and kind != "tag":
            connection.execute("UPDATE entry SET kind = ? WHERE e = ?", [kind, known["e"]])
        return 0
    added = connection.execute(
        "INSERT OR IGNORE INTO entry (kind, name, key, slug) VALUES (?, ?, ?, ?) RETURNING e", [kind, name, key, slug]
    ).fetchone()
    return 0 if added is None else int(added["e"])


def documents(connection: sqlite3.Connection, key: str) -> int:
    """Return how many articles may name this, with or without clitics before it."""
    (many,) = connection.execute("SELECT count(*) FROM fulltext WHERE fulltext MATCH ?", [match_of(key)]).fetchone()
    return int(many)


def match_of(key: str) -> str:
    """Return the full-text query for a name in all its written forms."""
    first, _, rest = key.partition(" ")
    names = (f"{form} {rest}".strip() for form in spellings(first))
    return " OR ".join(f'"{name}"' for name in names)
