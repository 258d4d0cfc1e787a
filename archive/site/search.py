"""Full text search as people type: without hamza and vowel signs, with or without «و» and «ال»; on a server and without one."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import lru_cache, reduce
from heapq import nsmallest
from itertools import count, groupby, pairwise
from math import log10
from operator import itemgetter, or_
from typing import TYPE_CHECKING, Any, TypeAlias

from rapidfuzz import process
from rapidfuzz.distance import OSA

from archive.reader.query import end_of, start_of
from archive.site.database import newest_of, versions_of
from archive.site.lists import DAY, facets_from, passage, shift_of
from archive.site.queries import Card, folded_of
from archive.site.templating import Wording, article_path, link, outlet_name
from archive.text import (
    ARTICLE,
    Phrase,
    bare,
    forms_of,
    numbers_of_words,
    other_forms_of,
    terms_of,
    unrepeated,
    unwanted_terms_of,
    words_of,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence


# ---------------------------------------------------------------------------------------------------------------------
# Searching the full text as people type: without hamza and vowel signs, «ة» or «ه», «مسئول» or «مسؤول», with or without
# «و» and «ال» before a word.
#     «وزيره الدفاع» "مجلس الامن"  ─▶  each word in all its written forms, a phrase as it stands  ─▶  FTS5  ─▶  cards with marks
#
# The engine is SQLite's FTS5, over folded words; what is shown is the original.

PAGE, _MOST_TERMS, _LONGEST, _QUOTED = 20, 12, 300, '"{}"'


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
        read: the terms as they were understood by what the archive writes; None: as they were typed.
    """

    text: str = ""
    outlet: str = ""
    agency: str = ""
    since: str = ""
    until: str = ""
    order: str = "best"
    page: int = 1
    zone: tzinfo = UTC
    read: tuple[tuple[str, ...], ...] | None = None

    @property
    def terms(self) -> list[tuple[str, ...]]:
        """Return each term as its folded words: one word, or a phrase of several."""
        if self.read is not None:
            return list(self.read)
        return terms_of(self.text[:_LONGEST])[:_MOST_TERMS]

    @property
    def match(self) -> str:
        """Return the query in FTS5's language, a word in the singular and the plural; what was typed stands in it only as quoted words."""
        return " AND ".join(_match_of(term, *other_forms_of(term)) for term in self.terms)

    @property
    def match_as_typed(self) -> str:
        """Return the query of the words as they were typed alone; empty where that is `match`."""
        typed = " AND ".join(map(_match_of, self.terms))
        return typed if any(map(other_forms_of, self.terms)) else ""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of what was found: how many in all, and the cards, each with a marked passage.

    Where copies are folded, a story is one card and counted once. ``query`` is what was asked for, as it was understood; ``meant`` what may have
    been meant, where next to nothing was found. ``facets`` names for ``outlet``, ``agency`` and ``month`` how many of all have which value, the
    most first.
    """

    total: int
    cards: list[Card] = field(default_factory=list)
    facets: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    query: Query = Query()
    meant: str = ""


_TABLE = "fulltext JOIN article ON article.n = fulltext.rowid"


def search(  # noqa: PLR0913  each is a choice of its own
    connection: sqlite3.Connection,
    query: Query,
    limit: int = PAGE,
    *,
    facets: bool = False,
    folded: bool = False,
    texts: bool = True,
) -> SearchResult:
    """Return what a query finds; on demand its facets, the copies of a story ``folded`` into one card, cards without their texts.

    Raises:
        ValueError: ``since`` or ``until`` is no date; the message says how to write one.
    """
    query = understood(connection, query)
    if not query.terms:
        return SearchResult(0)
    days: Counter[tuple[str, str, int]] | None = Counter() if facets else None
    first = (max(query.page, 1) - 1) * limit
    total, groups = _grouped(connection, query, days, first + limit, folded=folded)
    cards = folded_of(connection, groups[first:])
    newest = newest_of(connection, [card.id for card in cards]) if texts else {}
    for card in cards if texts else ():
        card.article = newest[card.id]
        card.marked = passage(card.article.text, query.terms)
    counted = {} if days is None else facets_from(days)
    meant = "" if total > _RARE else meant_by(connection, query)
    return SearchResult(total, cards, counted, query, meant)


# --- What is asked for, by what the archive writes -------------------------------------------------------------------
# «لمصر» asks for «مصر», where the archive writes that more often, and nobody writes «اللمصر»; «لبنان» is no «بنان», «وادي» no «أدى»,
# and «كيري», whom the archive knows by name, no «يرى».

_TIMES, _SHARE_WITH_ARTICLE, _SHARE_OF_NAME, _SHARE_OF_SLIPS = 1.5, 0.05, 0.25, 0.01
_JOINED_LETTERS = "وفبلك"
_LEAST_LEFT = 3  # letters
_LEAST_MEANT, _LONG_WORD, _EDITS = 4, 6, 2  # letters; letters of a word that may have two slips
_RARE, _RARER = 2, 20  # articles that have a rare word; how many times as many have what it may be
_TRIED, _READ = 5, 8  # words, for one; articles, to see how a word is spelled


def understood(connection: sqlite3.Connection, query: Query) -> Query:
    """Return a query whose terms begin without the letter that Arabic joins to a word, where the archive shows that it is one."""
    return replace(query, read=tuple(_understood(connection, term) for term in query.terms))


def _understood(connection: sqlite3.Connection, term: tuple[str, ...]) -> tuple[str, ...]:
    words = (_without_letter(connection, term[0]), *term[1:])
    return Phrase(words) if isinstance(term, Phrase) else words


def _without_letter(connection: sqlite3.Connection, word: str) -> str:
    bases = bare(word)
    if len(bases) > 1:
        return _behind_lam(connection, *bases)
    is_joined = bases == (word,) and _seems_joined(connection, word) and not _is_of_name(connection, word)
    return word[1:] if is_joined else word


def _seems_joined(connection: sqlite3.Connection, word: str) -> bool:
    """Say whether the archive writes a word more often without its first letter, and does not put the article before it."""
    stem, written = word[1:], _written(connection, word)
    if word[:1] not in _JOINED_LETTERS or len(stem) < _LEAST_LEFT:
        return False
    is_noun = _written(connection, ARTICLE + word) > _SHARE_WITH_ARTICLE * written  # «وادي»: there is «الوادي»
    return not is_noun and _written(connection, stem) > _TIMES * written


def _is_of_name(connection: sqlite3.Connection, word: str) -> bool:
    """Say whether a good part of the articles that write a word name somebody or something that is called so, or whose name begins so."""
    (many,) = connection.execute(
        "SELECT (SELECT coalesce(sum(many), 0) FROM address JOIN entry USING (e) WHERE address.key = ?1)"
        " + (SELECT coalesce(sum(many), 0) FROM entry WHERE key > ?1 || ' ' AND key < ?1 || '!')",
        [word],
    ).fetchone()
    return bool(many) and many >= _SHARE_OF_NAME * _written(connection, word)


def _unjoined_names(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield the words of names that only look as if their first letter were joined to them: «كيري»."""
    words = "SELECT key AS word FROM address UNION SELECT substr(key, 1, instr(key, ' ') - 1) FROM entry ORDER BY word"
    for (word,) in connection.execute(words).fetchall():
        if bare(word) == (word,) and _seems_joined(connection, word) and _is_of_name(connection, word):
            yield word


def _behind_lam(connection: sqlite3.Connection, plain: str, other: str) -> str:
    """Return what «لل» stands before: of «للقاء» «اللقاء», not «إلقاء», for «لقاء» is a word; of «لليبيا» «ليبيا», which has no article."""
    stem = other.removeprefix(ARTICLE)
    written, many = _written(connection, plain), _written(connection, stem)
    if min(_written(connection, other), many) > min(written, _written(connection, plain.removeprefix(ARTICLE))):
        return other
    return stem if written < _SHARE_OF_SLIPS * many else plain


def _written(connection: sqlite3.Connection, word: str) -> int:
    row = connection.execute("SELECT many FROM word WHERE word = ?", [word]).fetchone()
    return 0 if row is None else int(row["many"])


def meant_by(connection: sqlite3.Connection, query: Query) -> str:
    """Return what was typed with each word that the archive does not write as one like it, of those by which most is found.

    Where each is written, it is the rare words that may be others, or the quotes. Empty where not far more would be found.
    """
    terms = query.terms
    if (without := _many(connection, terms)) > _RARE:
        return ""  # or it is the outlet, or the days, that leave nothing
    many = {word: _many(connection, [(word,)]) for term in terms for word in term}
    wrong = {word for word in many if not many[word]} or {word for word in many if many[word] <= _RARE}
    for word in sorted(wrong, key=len, reverse=True):
        found = []
        for others in _like(connection, word, more_than=_RARER * many[word]):
            corrected = [each for term in terms for each in _replaced(term, word, others)]
            known = [term for term in corrected if wrong.isdisjoint(term)]
            found.append((_many(connection, known or [others]), corrected))
        most, likest = max(found, key=itemgetter(0), default=(0, terms))  # of equals the first
        terms = likest if most else terms
        wrong.remove(word)
    if terms == query.terms and not without:
        terms = [(word,) for term in terms for word in term]  # without quotes
    is_likely = _many(connection, terms) > _RARER * without
    return " ".join(_as_written(connection, term) for term in terms) if is_likely else ""


def _many(connection: sqlite3.Connection, terms: Sequence[tuple[str, ...]]) -> int:
    """Return how many articles have all terms."""
    match = " AND ".join(_match_of(term, *other_forms_of(term)) for term in terms)
    return int(connection.execute("SELECT count(*) FROM fulltext WHERE fulltext MATCH ?", [match]).fetchone()[0])


def _replaced(term: tuple[str, ...], word: str, others: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return a term with other words in the place of one; what is in no quotes are words by themselves."""
    words = [each for old in term for each in (others if old == word else (old,))]
    return [Phrase(words)] if isinstance(term, Phrase) else [(each,) for each in words]


def _like(connection: sqlite3.Connection, word: str, *, more_than: int) -> list[tuple[str, ...]]:
    """Return the words likest to one by letters left out, added, changed or swapped, the commonest first; or two that it was written of."""
    if len(word) < _LEAST_MEANT:
        return []
    asked, letters = "SELECT word, many FROM word WHERE many > ? AND length(word) BETWEEN ? AND ?", unrepeated(word)
    if len(letters) < _LEAST_LEFT:
        return []  # «هههههه»
    least = min(len(word) - 1, len(letters))
    many = dict(map(tuple, connection.execute(asked, [max(more_than, 1), least, len(word) + 1])))
    near = process.extract(word, list(many), scorer=OSA.distance, score_cutoff=_EDITS + len(word) - least, limit=None)
    ranked = sorted((0 if unrepeated(other) == letters else edits, -many[other], other) for other, edits, _ in near)
    most = _EDITS if len(word) >= _LONG_WORD else 1
    ranked = [each for each in ranked if each[0] <= most]
    parted = [(word[:place], word[place:]) for place in range(2, len(word) - 1)]
    parts = [each for each in parted if min(_written(connection, part) for part in each) > max(more_than, 1)]
    closest: list[tuple[str, ...]] = [(other,) for edits, _, other in ranked if edits == ranked[0][0]]
    return closest[:_TRIED] if ranked and ranked[0][0] <= 1 else [*parts, *closest][:_TRIED]


def _as_written(connection: sqlite3.Connection, term: tuple[str, ...]) -> str:
    """Return the folded words of a term as articles spell them, a phrase in quotes: «الصحة», not «الصحه»."""
    words = " ".join(_spelling(connection, word) for word in term)
    return f'"{words}"' if len(term) > 1 else words


def _spelling(connection: sqlite3.Connection, word: str) -> str:
    asked = "SELECT id FROM fulltext JOIN article ON article.n = fulltext.rowid WHERE fulltext MATCH ? LIMIT ?"
    spellings = Counter[str]()
    for row in connection.execute(asked, [_QUOTED.format(word), _READ]).fetchall():
        article = versions_of(connection, row["id"])[-1]
        for text in (article.headline, article.standfirst or "", article.text):
            spellings.update(text[each.start : each.end] for each in words_of(text) if each.folded == word)
    return spellings.most_common(1)[0][0] if spellings else word


# --- Which come first: a word is one word in all its forms, and a headline that has it comes before a text that does -----------
# Behind all that have the words as they were typed stand those that have the plural of a singular, or the singular of a plural.

_IN_HEADLINE, _IN_STANDFIRST = 8.0, 3.0
_MOST_OF_TEXT = 2.0  # that a text can add by saying it often
_AS_TYPED = 1000.0  # more than all headlines together


_Ordered: TypeAlias = "tuple[float, int, str, tuple[int, ...]]"
"""Articles that stand together in a list by what decides where: the best first, then the newest; and their numbers."""


def _grouped(
    connection: sqlite3.Connection, query: Query, days: Counter[tuple[str, str, int]] | None, most: int, *, folded: bool
) -> tuple[int, list[tuple[int, ...]]]:
    """Return how many are found and the numbers of the first ``most``, the best or the newest first; ``folded`` by story, who had it first.

    In ``days``, where it is given, they are counted by outlet, agencies and day, of the readers' zone. What is found may be all articles:
    of each little is kept, and that no longer than it takes to choose.
    """
    condition, values = _conditions(connection, query)
    is_ranked = query.order != "newest" and _is_telling(connection, query)
    rank = "bm25(fulltext, 0.0, 0.0, 1.0)" if is_ranked else "0"
    rows = connection.cursor()
    rows.row_factory = None
    rows.execute(f"SELECT n, id, at, story, origin, outlet, agencies, {rank} FROM {_TABLE} WHERE {condition}", values)  # noqa: S608
    scores: dict[int, float] = {} if query.order == "newest" else _scores(connection, query)
    shift = shift_of(query.zone)

    def found() -> Iterator[tuple[str, str | None, str | None, int, int, float]]:
        for n, article_id, at, story, origin, outlet, agencies, rank in rows:
            if days is not None:
                days[outlet, agencies, (at + shift) // DAY] += 1
            yield article_id, story, origin, at, n, max(rank / 10, -_MOST_OF_TEXT) - scores.get(n, 0.0)

    ordered = _by_story(found()) if folded else ((least, -at, name, (n,)) for name, _, _, at, n, least in found())
    number = count()
    first = nsmallest(most, (each for each, _ in zip(ordered, number, strict=False)))
    return next(number), [numbers for *_, numbers in first]


def _by_story(found: Iterable[tuple[str, str | None, str | None, int, int, float]]) -> Iterator[_Ordered]:
    """Yield each story: where the best of it stands, at the time of who had it first."""
    stories: dict[str, list[tuple[bool, int, str, int, float]]] = {}
    for article_id, story, origin, at, n, least in found:
        stories.setdefault(story or article_id, []).append((origin != article_id, at, article_id, n, least))
    while stories:
        _, copies = stories.popitem()
        copies.sort()
        _, at, article_id, *_ = copies[0]
        yield min(least for *_, least in copies), -at, article_id, tuple([n for *_, n, _ in copies])


def _is_telling(connection: sqlite3.Connection, query: Query) -> bool:
    """Say whether how often a text says what was asked for tells anything: not of words that most articles have, «في من على»."""
    (total,) = connection.execute("SELECT count(*) FROM article").fetchone()
    return any(len(term) > 1 or 2 * _written(connection, term[0]) <= total for term in query.terms)


def _scores(connection: sqlite3.Connection, query: Query) -> dict[int, float]:
    """Return what the articles have by the terms in their headlines and standfirsts; a term counts once, and more the rarer it is there."""
    scores = dict.fromkeys(_numbers(connection, query.match_as_typed), _AS_TYPED) if query.match_as_typed else {}
    for term in query.terms:
        for column, weight in (("headline", _IN_HEADLINE), ("standfirst", _IN_STANDFIRST)):
            matching = _numbers(connection, f"{column} : {_match_of(term, *other_forms_of(term))}")
            gain = weight / (1 + log10(1 + len(matching)))
            for number in matching:
                scores[number] = scores.get(number, 0.0) + gain
    return scores


def _numbers(connection: sqlite3.Connection, match: str) -> list[int]:
    rows = connection.execute("SELECT rowid FROM fulltext WHERE fulltext MATCH ?", [match])
    return [number for (number,) in rows]


def alone(connection: sqlite3.Connection, query: Query) -> list[tuple[str, int]]:
    """Return each term of a query that found nothing, as articles spell it, with how many have it by itself; the most first."""
    counts = [(_as_written(connection, term), _many(connection, [term])) for term in query.terms]
    return sorted((each for each in counts if each[1]), key=lambda each: -each[1])


def _conditions(connection: sqlite3.Connection, query: Query) -> tuple[str, list[Any]]:
    unwanted = [_understood(connection, term) for term in unwanted_terms_of(query.text[:_LONGEST])[:_MOST_TERMS]]
    parts, values = ["fulltext MATCH ?"], [" NOT ".join([query.match, *map(_match_of, unwanted)])]
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


def _match_of(term: tuple[str, ...], *others: str) -> str:
    return f"({' OR '.join(map(_QUOTED.format, (*forms_of(term), *others)))})"


# ---------------------------------------------------------------------------------------------------------------------
# The search of a static site: for each word the numbers of its articles, in small files that a browser fetches as it
# needs them. Articles are numbered by their time.
#     search/<number of a core>.js              warraq.shard("1f3", {"الامم": [3, 1, 14], …})    numbers as steps, or five to a letter; 0: most
#     search/at-<number of a core>.js           {"الامم": "jn]h]", …}     where in each of its articles a word stands, for phrases
#     search/<that>-<number>.js                 what is long of them: {"مجلس": ["1f3-0"], …} leads to it
#     search/facts.js                           {"kinds": [[outlet, agencies], …], "of": a letter for each article, "days": [[date, first], …]}
#     search/docs-<number / 10>.js              {"3": [path, headline, outlet, time, date], …}
#     search/near-<length>.js                   ["الصحة", …]       words of headlines, the commonest first: what may be meant where nothing is found
#
# Everything that Arabic joins to a word is taken off for its «core», so that one file has a word in all its forms; cores are spread over
# the files evenly. The facts are one byte for an article; what is shown of one is loaded for those on the page alone.
# They are scripts, not JSON, so that a site opened from a folder searches too.

_BLOCK = 10
_FILES = 4096  # at most, of a hundred thousand articles 20 KB each; a small site has one for each article, and writes few of them anew
_JOINED = re.compile(r"^(?:ال(?=..)|[وفبلك](?=..))+")
_FIRST = ord("]")  # behind it stand no quotes, backslashes or angle brackets
_BITS, _MOST_NEAR = 5, 4000  # of a letter; words of one length, 60 KB
_COMMON_SHARE, _COMMON = 0.5, 50  # a word that more articles than this share, and this many, have chooses nothing
_GREAT_SHARE = 0.02  # of the articles; what fewer have matters little to that
_LONG = 8000  # bytes that are said of a word in a file with others


def file_count(connection: sqlite3.Connection) -> int:
    """Return over how many files the words are spread, a power of two: a growing archive keeps their names."""
    (articles,) = connection.execute("SELECT count(*) FROM article").fetchone()
    return min(_FILES, 1 << int(articles).bit_length())


def file_of(word: str, files: int) -> str:
    """Return the name of the file of a folded word; of «الرياض», «بالرياض» and «وللرياض» the same, of «شئون» and «شؤون» too."""
    number = 0
    for letter in _JOINED.sub("", word).replace("يو", "وو"):
        number = (31 * number + ord(letter)) % files
    return f"{number:x}"


def word_files(connection: sqlite3.Connection) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the files of words; the index of words is gone through once, in its own order."""
    numbers, places = (_Shards(prefix, file_count(connection)) for prefix in ("", "at-"))
    by_time = {row["n"]: place for place, row in enumerate(_by_time(connection))}
    most = max(_COMMON, _COMMON_SHARE * len(by_time))
    great: dict[str, int] = {}
    for term, found in _occurrences(connection, by_time):
        of = sorted(found)
        if len(of) <= most:
            numbers.add(term, packed(of))
            places.add(term, placed([found[number] for number in of]))
        if len(of) > _GREAT_SHARE * len(by_time):
            great[term] = _mask(of)
    for term in great:
        forms = reduce(or_, (great.get(form, 0) for form in forms_of((term,))))
        if forms.bit_count() > most:
            numbers.add(term, 0)
            places.add(term, "")
    for word, others in sorted(numbers_of_words().items()):  # «وزير» asks for «وزراء», too
        numbers.add_to(word, others)
    for word in _unjoined_names(connection):
        numbers.add_to(word, word, sign="=")
    yield from numbers.files()
    yield from places.files()


def _mask(numbers: Sequence[int]) -> int:
    """Return numbers in order as the bits of one."""
    bits = bytearray(numbers[-1] // 8 + 1)
    for number in numbers:
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


def _occurrences(
    connection: sqlite3.Connection, by_time: Mapping[int, int]
) -> Iterator[tuple[str, dict[int, list[int]]]]:
    """Yield each word with its places in each article that has it; headline, standfirst and text stand one behind the other."""
    longest = connection.execute("SELECT max(length(headline)), max(length(standfirst)) FROM fulltext").fetchone()
    headline, standfirst = ((letters or 0) // 2 + 2 for letters in longest)  # words, at most, and one between
    starts = {"headline": 1, "standfirst": headline, "text": headline + standfirst}
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.places USING fts5vocab (main, fulltext, instance)")
    rows = connection.cursor()
    rows.row_factory = None  # millions of them
    for term, each in groupby(rows.execute("SELECT term, doc, col, offset FROM temp.places"), itemgetter(0)):
        found: dict[int, list[int]] = {}
        for _, doc, part, offset in each:
            found.setdefault(by_time[doc], []).append(starts[part] + offset)
        yield term, found


class _Shards:
    """Files of words, and of what is long of one of them."""

    def __init__(self, prefix: str, files: int) -> None:
        self._prefix, self._files = prefix, files
        self._said: dict[str, dict[str, bytes]] = {}  # of a file: word and JSON

    def add(self, word: str, said: list[int] | str | int) -> None:
        """Say something of a word."""
        self._said.setdefault(self._prefix + file_of(word, self._files), {})[word] = _json(said).encode()

    def add_to(self, word: str, others: Sequence[str], sign: str = "+") -> None:
        """Say which words a word asks for: «+» too, «=» alone; where its file has any."""
        if (name := self._prefix + file_of(word, self._files)) in self._said:
            self._said[name][f"{sign}{word}"] = _json(others).encode()

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield path and content of each file; what is said is given back meanwhile."""
        for name in sorted(self._said):
            said = self._said.pop(name)
            for number, word in enumerate(word for word in said if len(said[word]) > _LONG):
                own = f"{name}-{number}"
                yield f"search/{own}.js", _script(own, said[word].decode())
                said[word] = _json([own]).encode()
            rows = (b"%s:%s" % (_json(word).encode(), each) for word, each in said.items())
            yield f"search/{name}.js", _script(name, f"{{{b','.join(rows).decode()}}}")


def placed(places: Sequence[Sequence[int]]) -> str:
    """Return for one article after the other where a word stands in it, as steps of letters, four bits each; a step of 0 ends an article."""
    letters: list[str] = []
    for of_article in places:
        last = 0
        for place in of_article:
            letters.append(_step(place - last))
            last = place
        letters.append(_step(0))
    return "".join(letters)


@lru_cache(maxsize=1 << 13)
def _step(value: int) -> str:
    """Return a number as letters: four bits in each, the lowest first, and a fifth that says that more follow."""
    letters = ""
    while value >> 4:
        letters += chr(_FIRST + (1 << 4 | value & 15))
        value >>= 4
    return letters + chr(_FIRST + value)


def packed(numbers: Sequence[int]) -> list[int] | str:
    """Return numbers in order as steps or, where that is shorter, as letters of which each says of five numbers which are there."""
    steps = [numbers[0], *(after - before for before, after in pairwise(numbers))]
    letters = [0] * (numbers[-1] // _BITS + 1)
    if len(letters) > sum(len(str(step)) + 1 for step in steps):
        return steps
    for number in numbers:
        letters[number // _BITS] |= 1 << number % _BITS
    return "".join(chr(_FIRST + letter) for letter in letters)


def _by_time(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    return connection.execute(
        "SELECT n, id, headline, outlet, at, agencies FROM article ORDER BY at, id DESC"
    ).fetchall()


def article_files(connection: sqlite3.Connection, wording: Wording) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the files that say what the numbers are."""
    rows = _by_time(connection)
    kinds = Counter((row["outlet"], row["agencies"].strip()) for row in rows).most_common()
    letters = {kind: chr(_FIRST + place) for place, (kind, _) in enumerate(kinds)}
    days: dict[str, int] = {}
    for number, row in enumerate(rows):
        days.setdefault(wording.date(row["at"]), number)
    of = "".join(letters[row["outlet"], row["agencies"].strip()] for row in rows)
    yield "search/facts.js", _script("facts", _json({"kinds": list(letters), "of": of, "days": list(days.items())}))
    for first in range(0, len(rows), _BLOCK):
        record = {
            str(first + place): [
                *(link(article_path(row["id"])), row["headline"], outlet_name(row["outlet"]), row["at"]),
                wording.date(row["at"]),
            ]
            for place, row in enumerate(rows[first : first + _BLOCK])
        }
        yield f"search/docs-{first // _BLOCK}.js", _script(f"docs-{first // _BLOCK}", _json(record))


def near_files(connection: sqlite3.Connection) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the files of words that may be meant, by their folded length: those of several headlines, as they spell them."""
    spellings: dict[str, Counter[str]] = {}
    for (headline,) in connection.execute("SELECT headline FROM article"):
        for folded, start, end in words_of(headline):
            spellings.setdefault(folded, Counter())[headline[start:end]] += 1
    many = {word: each.total() for word, each in spellings.items() if len(word) >= _LEAST_MEANT}
    common = sorted((word for word in many if many[word] > 1), key=lambda word: (-many[word], word))
    for length in sorted({len(word) for word in common}):
        words = [word for word in common if len(word) == length][:_MOST_NEAR]
        shown = [spellings[word].most_common(1)[0][0] for word in words]
        yield f"search/near-{length}.js", _script(f"near-{length}", _json(shown))


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _script(name: str, body: str) -> bytes:
    """Return a script around JSON; what ends a script element or a line for old parsers is written as an escape."""
    for sign in ("<", "\u2028", "\u2029"):
        body = body.replace(sign, f"\\u{ord(sign):04x}")
    return f'warraq.shard("{name}",{body});\n'.encode()
