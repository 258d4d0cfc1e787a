"""What each article is about: the gazetteer over its words, weighed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.site.topics.gazetteer_db import match_of
from archive.text import words
from archive.topics.clitics import spellings
from archive.topics.gazetteer import Gazetteer
from archive.topics.weight import ABOUT, Places, weight_of
from archive.topics.words import words_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from archive.article import Article

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
                found = places.setdefault(self._same[mention.entry], Places())
                setattr(found, part, getattr(found, part) + 1)
                found.text += part == "lead"
        for tag in article.tags:
            number = self._number.get(" ".join(words(tag)))
            if number is not None:
                places.setdefault(self._same[number], Places()).own_tag = True
        weighed = {e: (weight_of(found), found.own_tag) for e, found in places.items()}
        about = [(e, said) for e, said in weighed.items() if said[0] >= self._least(e, own=said[1])]
        return dict(sorted(about, key=lambda each: (-each[1][1], -each[1][0], each[0]))[:_MOST])

    def _least(self, e: int, *, own: bool) -> float:
        return _ABOUT_TAG if self._kind[e] == "tag" and not own else ABOUT


def articles_naming(connection: sqlite3.Connection, entries: Iterable[int]) -> set[int]:
    """Return the numbers of the articles whose words may name one of the entries."""
    found: set[int] = set()
    for e in entries:
        (key,) = connection.execute("SELECT key FROM entry WHERE e = ?", [e]).fetchone()
        found.update(
            n for (n,) in connection.execute("SELECT rowid FROM fulltext WHERE fulltext MATCH ?", [match_of(key)])
        )
    return found


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
