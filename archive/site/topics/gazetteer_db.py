"""The gazetteer in the site's database: names that several articles introduce, their variants, and the topics of each article."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archive.site.templating import slug_of
from archive.site.topics.names import (
    ABOUT,
    Gazetteer,
    Name,
    Places,
    lexicon,
    names_of,
    weight_of,
    words_of,
)
from archive.text import spellings, words

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from archive.article import Article

# --- Names that recur become entries: the gazetteer is built from the archive itself, and grows with it --------------
# outlets' own tags ────────────────────────────────▶ entry (tag, until the texts say what it is)
# names that texts introduce ──several articles──────▶ entry (person, organisation, place)
# surname that nobody else bears ───────────────────▶ the same entry: «عمروف» is «رستم عمروف»
# another spelling of one name ─────────────────────▶ the same entry: «عميروف» is «عمروف»

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


# --- What each article is about: the gazetteer over its words, weighed -----------------------------------------------

_MOST = 10  # topics of an article; the lightest go
_ABOUT_TAG = 4.0  # another outlet's tag that is no name must stand in the headline


class Finder:
    """Finds the topics of articles with the entries known at this moment."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT e, kind, key, same FROM entry").fetchall()
        self._connection = connection
        self._same: dict[int, int] = {row["e"]: row["same"] or row["e"] for row in rows}
        self._number = {row["key"]: row["e"] for row in rows}
        self._kind = {row["e"]: row["kind"] for row in rows}
        entries = [(row["e"], row["key"].split()) for row in rows]
        single = [keys[0] for _, keys in entries if len(keys) == 1]
        self._gazetteer = Gazetteer(entries, self._commoner(single))

    def _commoner(self, single: Iterable[str]) -> frozenset[str]:
        """Return the written forms that are words of their own: commoner than the name that they may hide."""
        many = dict(self._connection.execute("SELECT term, doc FROM vocabulary").fetchall())
        return frozenset(
            form
            for stem in single
            for form in spellings(stem)
            if form != stem and many.get(form, 0) > many.get(stem, 0)
        )

    def topics_of(self, article: Article) -> dict[int, tuple[float, bool]]:
        """Return the weight of each topic, and whether it is one of the outlet's own tags."""
        places: dict[int, Places] = {}
        paragraphs = [paragraph for paragraph in article.text.split("\n") if paragraph]
        parts = [("headline", article.headline), ("standfirst", article.standfirst or "")]
        parts += [("lead" if place == 0 else "text", paragraph) for place, paragraph in enumerate(paragraphs)]
        for part, text in parts:
            for mention in self._gazetteer.mentions(words_of(text)):
                positions = places.setdefault(self._same[mention.entry], Places())
                setattr(positions, part, getattr(positions, part) + 1)
                positions.text += part == "lead"
        for tag in article.tags:
            number = self._number.get(" ".join(words(tag)))
            if number is not None:
                places.setdefault(self._same[number], Places()).own_tag = True
        weighed = {e: (weight_of(positions), positions.own_tag) for e, positions in places.items()}
        about = [(e, weight) for e, weight in weighed.items() if weight[0] >= self._least(e, own=weight[1])]
        return dict(sorted(about, key=lambda each: (-each[1][1], -each[1][0], each[0]))[:_MOST])

    def _least(self, e: int, *, own: bool) -> float:
        return _ABOUT_TAG if self._kind[e] == "tag" and not own else ABOUT


def articles_naming(connection: sqlite3.Connection, entries: Iterable[int]) -> set[int]:
    """Return the numbers of the articles whose words may name one of the entries."""
    numbers: set[int] = set()
    for e in entries:
        (key,) = connection.execute("SELECT key FROM entry WHERE e = ?", [e]).fetchone()
        numbers.update(
            n for (n,) in connection.execute("SELECT rowid FROM fulltext WHERE fulltext MATCH ?", [match_of(key)])
        )
    return numbers


def write_topics(
    connection: sqlite3.Connection, number: int, topics: dict[int, tuple[float, bool]], generation: int, *, edited: bool
) -> None:
    """Put an article's topics in the place of those it had; the entries that gain, lose or show it have changed."""
    before = {row["e"] for row in connection.execute("SELECT e FROM topic WHERE n = ?", [number])}
    after = set(topics)
    connection.execute("DELETE FROM topic WHERE n = ?", [number])
    connection.executemany(
        "INSERT INTO topic VALUES (?, ?, ?, ?)",
        [(e, number, round(weight, 2), int(own)) for e, (weight, own) in topics.items()],
    )
    touched = before | after if edited else before ^ after
    connection.executemany("UPDATE entry SET changed = ? WHERE e = ?", [(generation, e) for e in touched])
    if before != after:
        connection.execute("UPDATE article SET changed = ? WHERE n = ?", [generation, number])


# --- One name, several ways to write it: surnames and other spellings lead to the entry they stand for ---------------
#     surname that nobody else bears ──▶ the same entry: «عمروف» is «رستم عمروف»
#     another spelling of one name ────▶ the same entry: «عميروف» is «عمروف»
#
# A surname is joined only where most articles that have it say the full name too, or where an outlet made it a tag; when a
# second bearer comes, it is parted again.

_SHARE_OF_FULL_NAME = 0.5  # articles with the surname that say the full name too
_LEAST_SURNAME, _LEAST_VARIANT = 4, 5  # letters
_LONG_VOWELS = re.compile(r"(?<!^)[اوي]")


def join_variants(connection: sqlite3.Connection, keys: Iterable[str]) -> set[int]:
    """Join surnames and other spellings to the names they stand for; return the entries that changed.

    Args:
        connection: the index, in a transaction.
        keys: names that new articles introduce; only their surnames are looked at again.
    """
    fresh = {key.rpartition(" ")[2] for key in keys}
    people = connection.execute("SELECT e, key FROM entry WHERE kind = 'person' AND same IS NULL ORDER BY e").fetchall()
    changed = _join_spellings(connection, [(row["e"], row["key"]) for row in people])
    bearers: dict[str, list[tuple[int, str]]] = {}
    for row in connection.execute("SELECT e, key FROM entry WHERE kind = 'person' AND same IS NULL ORDER BY e"):
        if (surname := row["key"].rpartition(" ")[2]) in fresh:
            bearers.setdefault(surname, []).append((row["e"], row["key"]))
    for surname, people_of_name in bearers.items():
        if len(people_of_name) == 1 and " " in people_of_name[0][1]:
            changed |= _join_surname(connection, surname, *people_of_name[0])
        elif len(people_of_name) > 1:  # a second bearer came: the bare surname says neither
            changed |= _part_surname(connection, surname)
    return changed


def _join_surname(connection: sqlite3.Connection, surname: str, e: int, key: str) -> set[int]:
    known = connection.execute("SELECT e, kind, same FROM entry WHERE key = ?", [surname]).fetchone()
    if known is not None and known["same"] == e:
        return set()
    is_tag = known is not None and known["kind"] == "tag"
    if (known is not None and not is_tag) or not (is_tag or _is_distinct(connection, surname, key)):
        return set()
    if known is None:
        add_entry(connection, "person", surname, surname)
    connection.execute("UPDATE entry SET same = ?, kind = 'person' WHERE key = ?", [e, surname])
    (alias,) = connection.execute("SELECT e FROM entry WHERE key = ?", [surname]).fetchone()
    return {e, alias}


def _part_surname(connection: sqlite3.Connection, surname: str) -> set[int]:
    parted = connection.execute(
        "UPDATE entry SET same = NULL, kind = 'tag' WHERE key = ? AND same IS NOT NULL RETURNING e", [surname]
    ).fetchall()
    return {row["e"] for row in parted}


def _is_distinct(connection: sqlite3.Connection, surname: str, key: str) -> bool:
    if len(surname) < _LEAST_SURNAME or surname.startswith("ال"):
        return False
    bare, full = documents(connection, surname), documents(connection, key)
    return bool(full) and full >= _SHARE_OF_FULL_NAME * bare


def _join_spellings(connection: sqlite3.Connection, people: list[tuple[int, str]]) -> set[int]:
    groups: dict[str, list[tuple[int, str]]] = {}
    for e, key in people:
        bones = " ".join(_LONG_VOWELS.sub("", word) if len(word) >= _LEAST_VARIANT else word for word in key.split())
        groups.setdefault(bones, []).append((e, key))
    changed: set[int] = set()
    for group in groups.values():
        if len(group) > 1:
            first, *others = sorted(group, key=lambda each: (-documents(connection, each[1]), each[0]))
            for e, _ in others:
                connection.execute("UPDATE entry SET same = ? WHERE e = ?", [first[0], e])
                changed |= {e, first[0]}
    return changed
