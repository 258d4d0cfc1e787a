"""One name, several ways to write it: surnames and other spellings lead to the entry they stand for.

    surname that nobody else bears ──▶ the same entry: «عمروف» is «رستم عمروف»
    another spelling of one name ────▶ the same entry: «عميروف» is «عمروف»

A surname is joined only where most articles that have it say the full name too, or where an outlet made it a tag; when a
second bearer comes, it is parted again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archive.site.topics.gazetteer_db import add_entry, documents

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

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
