"""Full text search as people type: without hamza and vowel signs, with or without «و» and «ال»; on a server and without one."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from itertools import groupby, pairwise
from operator import contains
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup, escape

from archive.reader.query import end_of, start_of
from archive.site.database import versions_of
from archive.site.queries import COLUMNS, Card, card_of
from archive.site.templating import Wording, article_path, link, outlet_name
from archive.text import fold, forms_of, is_servant, seats, terms_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

# ---------------------------------------------------------------------------------------------------------------------
# Searching the full text as people type: without hamza and vowel signs, «ة» or «ه», «مسئول» or «مسؤول», with or without
# «و» and «ال» before a word.
#     «وزيره الدفاع» "مجلس الامن"  ─▶  each word in all its written forms, a phrase as it stands  ─▶  FTS5  ─▶  cards with marks
#
# The engine is SQLite's FTS5, over folded words; what is shown and marked is the original.

PAGE = 20
_MOST_TERMS, _LONGEST = 12, 300
_QUOTED = '"{}"'
_BEFORE, _AFTER = 12, 28  # words of the passage around the first hit


_SPELLED = re.compile(r"[^\W_]+(?:[\u064b-\u065f\u0670\u0640\u200c\u200d]+[^\W_]*)*")
_folded = lru_cache(maxsize=1 << 14)(fold)


class Word(NamedTuple):
    """A word of a text: folded, and where it stands in the original."""

    folded: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """Return the words of ``text`` in order; «عبد الله» is one."""
    words: list[Word] = []
    for match in _SPELLED.finditer(text):
        folded = _folded(match[0])
        if words and folded and is_servant(words[-1].folded, folded):
            words[-1] = Word(words[-1].folded + folded, words[-1].start, match.end())
        elif folded:
            words.append(Word(folded, *match.span()))
    return words


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked for.

    Attributes:
        text: as typed; what stands in quotes is a phrase.
        outlet: only this one.
        agency: only what is credited to it, by its code.
        since: first day.
        until: last day.
        order: ``best`` or ``newest``.
        page: from 1.
        zone: of the days, the readers'.
    """

    text: str = ""
    outlet: str = ""
    agency: str = ""
    since: str = ""
    until: str = ""
    order: str = "best"
    page: int = 1
    zone: tzinfo = UTC

    @property
    def terms(self) -> list[tuple[str, ...]]:
        """Return each term as its folded words: one word, or a phrase of several."""
        return terms_of(self.text[:_LONGEST])[:_MOST_TERMS]

    @property
    def match(self) -> str:
        """Return the query in FTS5's language; what was typed stands in it only as quoted words."""
        return " AND ".join(_match_of(term) for term in self.terms)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of what was found: how many in all, and the cards, each with a marked passage.

    ``facets`` names for ``outlet``, ``agency`` and ``month`` how many of all have which value, the most first.
    """

    total: int
    cards: list[Card] = field(default_factory=list)
    facets: dict[str, list[tuple[str, int]]] = field(default_factory=dict)


_TABLE, _DAY = "fulltext JOIN article ON article.n = fulltext.rowid", 86400


def search(connection: sqlite3.Connection, query: Query, limit: int = PAGE, *, facets: bool = False) -> SearchResult:
    """Return what a query finds, and on demand its facets.

    Raises:
        ValueError: ``since`` or ``until`` is no date; the message says how to write one.
    """
    condition, values = _conditions(query)
    if not query.terms:
        return SearchResult(0)
    (total,) = connection.execute(f"SELECT count(*) FROM {_TABLE} WHERE {condition}", values).fetchone()  # noqa: S608
    order = "article.at DESC, n DESC" if query.order == "newest" else "bm25(fulltext, 8.0, 3.0, 1.0), article.at DESC"
    columns = COLUMNS.replace("headline, standfirst,", "article.headline, article.standfirst,")
    rows = connection.execute(
        f"SELECT {columns} FROM {_TABLE} WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?",  # noqa: S608
        [*values, limit, (max(query.page, 1) - 1) * limit],
    ).fetchall()
    cards = [card_of(row) for row in rows]
    for card in cards:
        card.article = versions_of(connection, card.id)[-1]
        card.marked = passage(card.article.text, query)
    return SearchResult(int(total), cards, facets_of(connection, condition, values, query.zone) if facets else {})


_MOST_VALUES = 12  # of a facet


def facets_of(
    connection: sqlite3.Connection, condition: str, values: Sequence[Any], zone: tzinfo = UTC, *, table: str = _TABLE
) -> dict[str, list[tuple[str, int]]]:
    """Return by outlet, agency and month how many articles fit a condition of ours in SQL over a table of ours."""
    rows = connection.execute(
        f"SELECT outlet, agencies, at / ? AS day, count(*) AS many FROM {table} WHERE {condition} GROUP BY outlet, agencies, day",  # noqa: S608
        [_DAY, *values],
    )
    outlets, agencies, months = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        outlets[row["outlet"]] += row["many"]
        for code in row["agencies"].split():
            agencies[code] += row["many"]
        months[f"{datetime.fromtimestamp(row['day'] * _DAY, zone):%Y-%m}"] += row["many"]
    newest = sorted(months.items(), reverse=True)[:_MOST_VALUES]
    return {"outlet": outlets.most_common(_MOST_VALUES), "agency": agencies.most_common(_MOST_VALUES), "month": newest}


def alone(connection: sqlite3.Connection, query: Query) -> list[tuple[str, int]]:
    """Return each term of a query that found nothing, with how many articles have it by itself, whatever else was asked; the most first."""
    counts = []
    for term in query.terms:
        (many,) = connection.execute(
            "SELECT count(*) FROM fulltext WHERE fulltext MATCH ?", [_match_of(term)]
        ).fetchone()
        counts.append((" ".join(term), many))
    return sorted((each for each in counts if each[1]), key=lambda each: -each[1])


_ARABIC_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_TYPED = re.compile(r"(?P<day>\d{1,2})\s*[-/.]\s*(?P<month>\d{1,2})\s*[-/.]\s*(?P<year>\d{4})")


def typed_day(text: str) -> str:
    """Return a day as the archive's commands take it: «٢٩-١١-٢٠٢٦» and «29/11/2026» are 2026-11-29; anything else stays."""
    plain = text.strip().translate(_ARABIC_DIGITS)
    match = _TYPED.fullmatch(plain)
    return (
        plain.replace("/", "-") if match is None else f"{match['year']}-{int(match['month']):02}-{int(match['day']):02}"
    )


def _conditions(query: Query) -> tuple[str, list[Any]]:
    parts, values = ["fulltext MATCH ?"], [query.match]
    since, until = start_of(query.since or None, query.zone), end_of(query.until or None, query.zone)
    for condition, value in (
        ("article.outlet = ?", query.outlet),
        ("article.agencies LIKE ?", f"% {query.agency} %" if query.agency.isalnum() else ""),
        ("article.at >= ?", _seconds(since)),
        ("article.at <= ?", _seconds(until)),
    ):
        if value:
            parts.append(condition)
            values.append(value)
    return " AND ".join(parts), values


def _seconds(moment: datetime | None) -> Any:
    return "" if moment is None else int(moment.astimezone(UTC).timestamp())


def _match_of(term: tuple[str, ...]) -> str:
    return f"({' OR '.join(map(_QUOTED.format, forms_of(term)))})"


def marked(text: str, query: Query) -> Markup:
    """Return text as markup: escaped, what was asked for in ``<mark>``."""
    return _marked(text, _hits(words_of(text), query), 0, len(text))


def passage(text: str, query: Query) -> Markup:
    """Return the passage around the first hit, marked; the beginning of the text where only the headline was hit."""
    paragraphs = [paragraph for paragraph in text.split("\n") if paragraph]
    for place, paragraph in enumerate(paragraphs):
        spans = words_of(paragraph)
        if hits := _hits(spans, query):
            first = next(at for at, word in enumerate(spans) if word.end > hits[0][0])
            return _cut(paragraph, spans, hits, first, is_later=place > 0)
    return _cut(paragraphs[0], words_of(paragraphs[0]), [], 0, is_later=False) if paragraphs else Markup()


def _cut(text: str, spans: list[Word], hits: list[tuple[int, int]], first: int, *, is_later: bool) -> Markup:
    """Return the words around ``first`` with the hits marked; dots where the text goes on."""
    if not spans:
        return Markup()
    begin, last = max(first - _BEFORE, 0), min(first + _AFTER, len(spans) - 1)
    before = escape("… " if begin or is_later else "")
    after = escape(" …" if last < len(spans) - 1 else "")
    return before + _marked(text, hits, spans[begin].start if begin else 0, spans[last].end) + after


def _hits(spans: list[Word], query: Query) -> list[tuple[int, int]]:
    """Return the spans of the original that were asked for, in order."""
    single = {form for term in query.terms if len(term) == 1 for form in forms_of(term)}
    phrases = [term for term in query.terms if len(term) > 1]
    hits = {(word.start, word.end) for word in spans if word.folded in single}
    folded = [word.folded for word in spans]
    for phrase in phrases:
        for place in range(len(folded) - len(phrase) + 1):
            if all(map(contains, map(seats, phrase), folded[place : place + len(phrase)])):
                hits.add((spans[place].start, spans[place + len(phrase) - 1].end))
    return sorted(hits)


def _marked(text: str, hits: list[tuple[int, int]], start: int, end: int) -> Markup:
    whole, at = Markup(), start
    for first, last in hits:
        if first >= at and last <= end:
            whole += escape(text[at:first]) + Markup("<mark>") + escape(text[first:last]) + Markup("</mark>")
            at = last
    return whole + escape(text[at:end])


# ---------------------------------------------------------------------------------------------------------------------
# The search of a static site: for each word the numbers of its articles, in small files that a browser fetches as it
# needs them.
#     search/<code points of two letters>.js    warraq.shard("627-644", {"الامم": [3, 1, 14], …})    numbers as steps; 0: nearly all
#     search/docs-<thousand>.js                 warraq.shard("docs-0", {"3": [path, headline, outlet, code, time, agencies, date], …})
#
# They are scripts, not JSON, so that a site opened from a folder searches too.

_THOUSAND = 1000
_COMMON_SHARE, _COMMON = 0.5, 50  # a word in more articles than this share, and this many, chooses nothing


def word_files(connection: sqlite3.Connection) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the files of words."""
    (total,) = connection.execute("SELECT count(*) FROM article").fetchone()
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.places USING fts5vocab (main, fulltext, instance)")
    rows = connection.execute("SELECT DISTINCT term, doc FROM temp.places ORDER BY term, doc")
    for letters, group in groupby(rows, key=lambda row: row["term"][:2]):
        words: dict[str, Any] = {}
        for term, postings in groupby(group, key=lambda row: row["term"]):
            numbers = [row["doc"] for row in postings]
            is_common = len(numbers) > max(_COMMON, _COMMON_SHARE * total)
            words[term] = 0 if is_common else [numbers[0], *(after - before for before, after in pairwise(numbers))]
        name = "-".join(f"{ord(letter):x}" for letter in letters)
        yield f"search/{name}.js", _script(name, words)


def article_files(connection: sqlite3.Connection, wording: Wording) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the files that say what the numbers are."""
    rows = connection.execute("SELECT n, id, headline, outlet, at, agencies FROM article ORDER BY n")
    for thousand, group in groupby(rows, key=lambda row: row["n"] // _THOUSAND):
        record = {
            str(row["n"]): [
                *(link(article_path(row["id"])), row["headline"], outlet_name(row["outlet"]), row["outlet"], row["at"]),
                *(row["agencies"].strip(), wording.date(row["at"])),
            ]
            for row in group
        }
        yield f"search/docs-{thousand}.js", _script(f"docs-{thousand}", record)


def _script(name: str, data: dict[str, Any]) -> bytes:
    """Return a script; what ends a script element or a line for old parsers is written as an escape."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in ("<", "\u2028", "\u2029"):
        body = body.replace(sign, f"\\u{ord(sign):04x}")
    return f'warraq.shard("{name}",{body});\n'.encode()
