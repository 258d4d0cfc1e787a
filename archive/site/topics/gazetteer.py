"""The gazetteer: where a text names an entry, what the article is about, and the entries of an archive in the site's database."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from archive.site.templating import slug_of
from archive.site.topics import (
    ABOUT,
    CLITICS,
    LONGEST_LEAD,
    Changes,
    Places,
    Sort,
    Sum,
    Sums,
    Topic,
    changes_of,
    goes_on,
    is_adjective,
    is_comma,
    is_dateline,
    is_fathers,
    is_linked,
    is_marked,
    is_named_after,
    is_named_inside,
    is_other_place,
    is_quoted,
    is_somebody_else,
    lexicon,
    renamed,
    sort_of,
    stems,
    weight_of,
)
from archive.site.topics.entries import LEAST_STEM, Judge, add_tags, bare_name, form_of
from archive.site.topics.names import acts_first, is_anybodys
from archive.site.topics.organisations import is_described, is_of_field, spelled_homonyms
from archive.text import ARTICLE, key_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Container, Iterable, Iterator, Mapping


# --- Where a text names an entry -------------------------------------------------------------------------------------
# A name's first word may carry clitics: «لعمروف», «بالقاهرة». What is written so, and is a word commoner than the name that it may
# hide («لبنان» and «بنان»), is left alone. The longest name at a place is named there; what stands inside it is named too, but
# weighs little: «جامعة الملك سعود» is no headline about the king.
_LEAST_LIKENED = 5  # letters of a single word that may carry «ك»: «كسلا» is no «ك + سلا»
_MARKED = 10  # how much a spelling tells, in words of company


@dataclass(slots=True)
class Named:
    """An entry as the gazetteer knows it.

    Attributes:
        e: its number.
        kind: what it is.
        names: phrases that name it.
        shorts: phrases that name it in short; True: even where the article does not name it in full.
        company: where shorts name it: ``sport``, ``market``, among words of it; ``place``, beside another place; ``club``, sport and so;
            ``press``, between quotation marks; ``group``, where the word is no noun and one that is near stands; ``person``, by itself there.
        blocked: written forms that are words of their own.
        near: words among which it is meant by a short name that others have, too.
        key: its folded words.
    """

    e: int
    kind: str
    names: list[str]
    shorts: dict[str, bool] = field(default_factory=dict)
    company: str = ""
    blocked: list[str] = field(default_factory=list)
    near: list[str] = field(default_factory=list)
    key: str = ""


_NOBODY = Named(0, "", [])
_NOTHING = (_NOBODY,)


class Mention(NamedTuple):
    """Where a text names an entry: its number, from which word to which, and whether inside a longer name."""

    e: int
    start: int
    end: int
    is_inside: bool


@dataclass(slots=True, eq=False)
class _Candidate:
    """A phrase that may be meant, with what is asked of it at each place where it stands."""

    name: str
    rest: tuple[str, ...]
    bearers: tuple[Named, ...]
    is_short: bool
    is_quoted: bool
    size: int  # words
    kind: str  # of the first who bears it
    company: str  # of the first who has one
    head: str  # of the full name of an organisation, as a club may be called: «الاتحاد الأوروبي»
    is_placed: bool  # whether other places beside it may show it
    is_playing: bool  # whether other clubs may
    is_of_sport: bool  # whether a club is called so


def _candidate(name: str, bearers: tuple[Named, ...], *, is_short: bool, is_quoted: bool = False) -> _Candidate:
    first, *rest = name.split()
    kind = bearers[0].kind
    company = next((bearer.company for bearer in bearers if bearer.company), "")
    return _Candidate(
        *(name, tuple(rest), bearers, is_short, is_quoted, 1 + len(rest), kind, company),
        head=first if rest and kind == "organisation" and first.startswith(ARTICLE) else "",
        is_placed=company == "place" or kind == "place",
        is_playing=company in {"sport", "club"},
        is_of_sport=is_short and any(bearer.company == "sport" for bearer in bearers),
    )


_Candidates = tuple[dict[str, list[_Candidate]], list[_Candidate]]
"""What a word may begin: by the word behind it, the longest first; and what is that word alone."""


_Begun = tuple[int, list[_Candidate]]
"""Where a name may begin, and what may begin there."""


class _Hit(NamedTuple):
    candidate: _Candidate
    start: int
    end: int
    is_inside: bool


class Gazetteer:
    """Names by their first word.

    Args:
        entries: the names.
        changed: written forms of the words with which those of them begin that an article was not looked through for, and those gone since.
    """

    def __init__(self, entries: Iterable[Named], changed: Iterable[str] = ()) -> None:
        short: dict[str, list[Named]] = {}
        full: dict[str, Named] = {}
        self._by_first: dict[str, list[_Candidate]] = {}
        self._blocked: set[str] = set()
        self._fields: dict[str, bool] = {}
        self._forms = Counter[str]()
        self._changed = frozenset(changed)
        # of the last article: what it names in full, and how often; where in its parts names began
        self.in_full: Mapping[int, int] = {}
        self.begun: list[list[int]] = []
        near: set[str] = set()
        self._told_by_marks: set[int] = set()
        for entry in entries:
            self._blocked.update(entry.blocked)
            near.update(entry.near, (name.removeprefix(ARTICLE) for name in entry.shorts if entry.company == "group"))
            if any(map(is_marked, entry.near)):
                self._told_by_marks.add(entry.e)
            full.update(dict.fromkeys(entry.names, entry))
            for name in entry.shorts:
                if entry.company == "press":
                    self._add(_candidate(name, (entry,), is_short=True, is_quoted=True))
                else:
                    short.setdefault(name, []).append(entry)
        for name, entry in full.items():
            others = [each for each in short.get(name, ()) if each.near]
            if others:  # «النادي الأهلي» is Cairo's, too
                short[name].append(entry)
            else:
                self._add(_candidate(name, (entry,), is_short=False))
        for name, bearers in short.items():
            self._add(_candidate(name, tuple(bearers), is_short=True))
        for name in map(key_of, lexicon().nothing):
            self._add(_candidate(name, _NOTHING, is_short=False))
        for candidates in self._by_first.values():
            candidates.sort(key=lambda each: (-len(each.rest), each.is_short, each.is_quoted))
        self._near_of = cache(lambda token: [stem for stem in stems(token) if stem in near])
        self._of_stems = cache(self._all_of)  # one list for all words that are written together with a name's first
        self._of_token: dict[str, _Candidates | None] = {}

    def _add(self, candidate: _Candidate) -> None:
        self._by_first.setdefault(candidate.name.partition(" ")[0], []).append(candidate)

    def _candidates(self, token: str) -> _Candidates | None:
        """Return what a word may begin; None where no name begins so, as with most words."""
        by_first = self._by_first
        if token not in by_first and (token[0] not in CLITICS or by_first.keys().isdisjoint(stems(token))):
            return None
        begun = []
        for stem in stems(token):
            if stem in by_first:
                is_head = stem[0] == "ل" and token.removeprefix("و").startswith("لل")  # «للحج» is no «لحج»
                least = _LEAST_LIKENED if token.startswith("ك") and token[1:] == stem else LEAST_STEM
                is_allowed = len(stem) >= least and token not in self._blocked and not is_head
                begun.append((stem, stem == token or is_allowed))
        return self._of_stems(tuple(begun))

    def _all_of(self, stems: tuple[tuple[str, bool], ...]) -> _Candidates:
        """Return what may begin with one of some stems, of each whether by itself, too."""
        every = (each for stem, is_alone in stems for each in self._by_first[stem] if each.rest or is_alone)
        candidates = sorted(every, key=lambda each: -len(each.rest))
        alone = [each for each in candidates if not each.rest]
        by_second: dict[str, list[_Candidate]] = {}
        for candidate in candidates[: len(candidates) - len(alone)]:
            by_second.setdefault(candidate.rest[0], []).append(candidate)
        for longer in by_second.values():
            longer.extend(alone)
        return by_second, alone

    def mentions(
        self,
        parts: Sequence[Sequence[str]],
        spelled: Callable[[], Iterable[Sequence[str]]] | None = None,
        begun: Sequence[Sequence[int]] = (),
    ) -> list[list[Mention]]:
        """Return where each part of an article names an entry, in order; shorts are told by what the whole article names.

        Args:
            parts: the article's words.
            spelled: what returns how they are spelled; asked where two names differ in short vowels alone.
            begun: where in each part names began (`begun`) before some names changed; looked at are these words, and those with which
                changed names begin.
        """
        self.begun = [[] for _ in parts]
        again = (self._again(*each) for each in zip(parts, begun, strict=True)) if begun else map(self._begun, parts)
        hits = [list(self._scan(*each)) for each in zip(parts, again, self.begun, strict=True)]
        every = [hit.candidate for part in hits for hit in part]
        self.in_full = named = Counter(each.bearers[0].e for each in every if not each.is_short)
        text = [*enumerate(every[len(every) - len(hits[-1]) :])] if hits else []
        self._first = {each.name if each.is_short else each.bearers[0].e: at for at, each in reversed(text)}
        self._fields.clear()
        self._forms.clear()
        self._spelled = spelled
        self._heads = {each.head for each in every}
        self._cued = {name for tokens, part in zip(parts, hits, strict=True) for name in _cued(tokens, part)}
        places = _introduced(parts, hits, self._heads)
        return [self._told(part, named, places, parts) for part in hits]

    def _told(
        self, hits: list[_Hit], named: dict[int, int], places: set[int], parts: Sequence[Sequence[str]]
    ) -> list[Mention]:
        """Return the mentions of one part, now that it is known what the whole article names in full."""
        mentions, outer, head = list[Mention](), _NOBODY, ""
        for candidate, start, end, is_inside in hits:
            bearer = self._meant(candidate, named, places, parts)
            if bearer is None:
                continue
            if is_inside and (bearer is outer or not is_named_inside(bearer.kind, head)):
                continue
            if not is_inside:
                outer, head = bearer, candidate.name.partition(" ")[0]
            if mentions and mentions[-1][1:3] == (start, end):
                if bearer.company not in {"sport", "club", "press", "market"} or mentions[-1].e == bearer.e:
                    continue
                mentions.pop()  # «نجران» among words of sport is the club, «الحياة» a newspaper
            mentions.append(Mention(bearer.e, start, end, is_inside))
        return mentions

    def _meant(
        self, candidate: _Candidate, named: dict[int, int], places: set[int], parts: Sequence[Sequence[str]]
    ) -> Named | None:
        """Return whom a phrase names in this article."""
        if not candidate.is_short:
            return candidate.bearers[0]
        name = candidate.name
        bearers = [
            each
            for each in candidate.bearers
            if name in each.names
            or ((each.e in named or each.shorts[name] or each.near) and self._may_be(each, name, named, places, parts))
        ]
        near = [each for each in bearers if each.near]
        if len(near) > 1 and not any(each.e in named and (not each.near or each.kind == "place") for each in bearers):
            return self._among(near, name, named, parts)
        return _bearer(candidate, bearers, named)

    def _among(
        self, bearers: Sequence[Named], name: str, named: Mapping[int, int], parts: Sequence[Sequence[str]]
    ) -> Named:
        """Return the one of several of one name in whose company an article is most: «الأهلي» of Cairo, «عمّان» of Jordan.

        It is who is named in full before. Whoever is so later is an opponent: what that name says of its land counts for nothing.
        """
        forms, first = self._counted(parts), self._first
        if self._spelled is not None and any(each.e in self._told_by_marks for each in bearers):
            marked = (token for part in self._spelled() for token in part if is_marked(token))
            forms.update(stem for token in marked for stem in stems(token))
            self._spelled = None

        def company(each: Named) -> tuple[bool, int, bool, str]:
            many = sum(forms[word] * (_MARKED if is_marked(word) else 1) for word in each.near)
            is_usual, is_told = each.shorts.get(name, True), first.get(each.e, len(first)) < first.get(name, len(first))
            if each.kind == "organisation" and not is_usual:
                many -= named.get(each.e, 0)
            return is_told, many, is_usual, each.key

        return max(bearers, key=company)

    def _counted(self, parts: Sequence[Sequence[str]]) -> Counter[str]:
        """Return how often an article writes each word by which names are told apart, with what is joined to it or without."""
        if not self._forms:
            self._forms[""] = 1  # they are counted
            for token, times in Counter(chain.from_iterable(parts)).items():
                for word in self._near_of(token):
                    self._forms[word] += times
        return self._forms

    def _may_be(
        self, bearer: Named, name: str, named: dict[int, int], places: set[int], parts: Sequence[Sequence[str]]
    ) -> bool:
        """Say whether an article keeps the company in which a short name is this one's."""
        company = bearer.company
        is_doubtful = company in {"place", "club"} or (company == "sport" and name in self._heads)
        if is_doubtful and bearer.e not in places and bearer.e not in named:
            return False  # «الاتحاد» is no club beside «الاتحاد الأوروبي لكرة القدم»
        if company in {"group", "person"}:
            words = self._counted(parts)
            is_noun = name.startswith(ARTICLE) and name.removeprefix(ARTICLE) in words  # «قاعدة العند»
            return bearer.e in named or (not is_noun and any(words[word] for word in bearer.near))
        if company in {"", "place", "press"} or (company == "sport" and (" " in name or name in self._cued)):
            return True
        if (field := "market" if company == "market" else "sport") not in self._fields:
            self._fields[field] = is_of_field(field, {*chain.from_iterable(parts)})
        return self._fields[field]

    def _scan(self, tokens: Sequence[str], begun: Iterable[_Begun], found: list[int]) -> Iterator[_Hit]:
        """Yield the phrases of a part that may be meant; note in ``found`` where they, and names of nothing, begin."""
        until = nothing = 0
        for at, candidates in begun:
            longest = 0
            for candidate in candidates:
                length = candidate.size
                if length < longest:
                    break
                if length > 1 and tuple(tokens[at + 1 : at + length]) != candidate.rest:
                    continue
                if candidate.is_quoted:
                    if not is_quoted(tokens, at, at + length):
                        continue
                elif not longest and _is_else(tokens, at, candidate):
                    continue
                longest = length
                if candidate.bearers is _NOTHING:
                    nothing = at + length
                elif at >= nothing:
                    yield _Hit(candidate, at, at + length, at < until)
            if longest:
                found.append(at)
                until = max(until, at + longest)

    def _again(self, tokens: Sequence[str], begun: Sequence[int]) -> Iterator[_Begun]:
        """Yield the same of words of which it is known where names began, before those changed that begin with ``changed``."""
        of_token, last = self._of_token, len(tokens) - 1
        fresh = self._changed.intersection(tokens)
        places = {*begun, *(at for at, token in enumerate(tokens) if token in fresh)} if fresh else begun
        for at in sorted(places):
            if (token := tokens[at]) not in of_token:
                of_token[token] = self._candidates(token)
            if (each := of_token[token]) is not None:
                by_second, alone = each
                if candidates := by_second.get(tokens[at + 1], alone) if by_second and at < last else alone:
                    yield at, candidates

    def _begun(self, tokens: Sequence[str]) -> Iterator[_Begun]:
        """Yield where a name may begin, and what may begin there."""
        of_token, last = self._of_token, len(tokens) - 1
        for token in {*tokens}.difference(of_token):
            of_token[token] = self._candidates(token)
        begun = [(at, each) for at, each in enumerate(map(of_token.__getitem__, tokens)) if each is not None]
        for at, (by_second, alone) in begun:
            if candidates := by_second.get(tokens[at + 1], alone) if by_second and at < last else alone:
                yield at, candidates


def _is_else(tokens: Sequence[str], at: int, candidate: _Candidate) -> bool:
    """Say whether the words around tell that a phrase names somebody or something else, or nothing."""
    first, rest = candidate.bearers[0], candidate.rest
    if not rest and first.kind in {"person", "place"} and is_named_after(tokens, at, first.kind):
        return True
    if first.kind == "person":
        name = (candidate.name.partition(" ")[0], *rest)
        is_any = first.company == "person" and not rest and is_anybodys(tokens, at, candidate.name)
        if is_any or is_fathers(tokens, at) or goes_on(tokens, at + len(name), name, is_short=candidate.is_short):
            return True
        names = (name for bearer in candidate.bearers for name in bearer.names)
        return candidate.is_short and is_somebody_else(tokens, at, names)
    if first.kind != "place" or rest:
        return first.company == "market" and is_described(tokens, at, candidate.name)
    return is_adjective(tokens, at, candidate.name) or is_other_place(tokens, at, candidate.name, first.names)


def _cued(tokens: Sequence[str], hits: Iterable[_Hit]) -> Iterator[str]:
    """Yield the short names of clubs behind a word that stands before nothing else: «مدرب برشلونة»."""
    cues = lexicon().listed["clubs_cued"]
    for hit in hits:
        if hit.start and hit.candidate.is_of_sport and not cues.isdisjoint(stems(tokens[hit.start - 1])):
            yield hit.candidate.name


def _introduced(parts: Sequence[Sequence[str]], hits: Sequence[Sequence[_Hit]], heads: Container[str]) -> set[int]:
    """Return the places and clubs of doubtful names that stand beside another or behind a word for one: «عمران وصعدة وحجة»."""
    introduced: set[int] = set()
    known = lexicon()
    for tokens, part in zip(parts, hits, strict=True):
        places = [hit for hit in part if hit.candidate.is_placed]
        clubs = [hit for hit in part if hit.candidate.is_playing]
        introduced |= _beside(tokens, places, known.near, heads, 0)
        introduced |= _beside(tokens, clubs, known.near_clubs, heads, Sort.PEOPLE)
    return introduced


def _beside(
    tokens: Sequence[str], hits: Sequence[_Hit], cues: frozenset[str], heads: Container[str], behind_it: int
) -> set[int]:
    """Return the doubtful ones among alike names that a name joined to them, a word before them or of a sort behind shows."""
    doubtful = [
        hit
        for hit in hits
        if hit.candidate.is_short and (hit.candidate.company != "sport" or hit.candidate.name in heads)
    ]
    if not doubtful:
        return set()
    shown: set[int] = set()
    certain = [hit for hit in hits if hit not in doubtful]
    ends = {hit.end for hit in certain}
    starts = {hit.start for hit in certain if is_linked(tokens, hit.start)}
    for hit in (*doubtful, *reversed(doubtful)):  # both ways: a doubtful one stands beside a doubtful one
        is_linked_here = is_linked(tokens, hit.start)
        before = hit.start - is_comma(tokens[hit.start - 1])
        behind = hit.end + (hit.end < len(tokens) and is_comma(tokens[hit.end]))
        is_near = hit.start > 0 and any(stem in cues for stem in stems(tokens[hit.start - 1]))
        is_near = is_near or (hit.end < len(tokens) and bool(sort_of(tokens[hit.end]) & behind_it))  # «موناكو الفرنسي»
        is_first = (
            not hit.start and acts_first(tokens, hit.end) if behind_it else is_dateline(tokens, hit.start, hit.end)
        )
        if is_near or is_first or (is_linked_here and before in ends) or behind in starts:
            shown.update(bearer.e for bearer in hit.candidate.bearers if bearer.company)
            ends.add(hit.end)
            starts.update([hit.start] if is_linked_here else [])
    return shown


def _bearer(candidate: _Candidate, bearers: Sequence[Named], named: dict[int, int]) -> Named | None:
    """Return whom a short phrase names: whoever is named in full beside it most often, else who is always meant."""
    beside = [bearer for bearer in bearers if bearer.e in named]
    if len(bearers) == 1 and bearers[0].near:
        return bearers[0]
    if beside:
        return max(beside, key=lambda bearer: (named[bearer.e], bearer.key))
    return next((bearer for bearer in bearers if bearer.shorts.get(candidate.name, True)), None)


# --- The entries of an archive in the site's database ----------------------------------------------------------------
#     phrase    what articles say of phrases, added up                       ─▶ Judge ─▶ entry, as it is now
#     word      in how many articles a word stands
#     entry     names, and what was one once (live = 0, had = 1: it had a page), so that its address leads on
#     topic     which article names which entry
#     own       the outlets' own tags
#
# Entries are decided anew each time, from sums alone. Where one is new, has another name or is none any more, the articles with the
# words that tell the two apart are looked through again, and no others.

TABLES = """
CREATE TABLE phrase (
    kind TEXT, key TEXT, many INTEGER NOT NULL, sure INTEGER NOT NULL, ended INTEGER NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE word (word TEXT PRIMARY KEY, many INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE own (key TEXT, n INTEGER, shown TEXT NOT NULL, PRIMARY KEY (key, n)) WITHOUT ROWID;
CREATE INDEX own_n ON own (n);
CREATE TABLE entry (
    e INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE, slug TEXT NOT NULL, form TEXT NOT NULL,
    live INTEGER NOT NULL, had INTEGER NOT NULL DEFAULT 0, many INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE address (key TEXT PRIMARY KEY, e INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX address_e ON address (e);
CREATE TABLE former (slug TEXT PRIMARY KEY, e INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE spelled (e INTEGER, shown TEXT, many INTEGER NOT NULL, PRIMARY KEY (e, shown)) WITHOUT ROWID;
CREATE TABLE topic (
    e INTEGER, n INTEGER, weight REAL NOT NULL, own INTEGER NOT NULL, about INTEGER NOT NULL, shown TEXT NOT NULL,
    is_full INTEGER NOT NULL, span INTEGER NOT NULL, PRIMARY KEY (e, n)
) WITHOUT ROWID;
CREATE INDEX topic_n ON topic (n);
CREATE TABLE begun (n INTEGER PRIMARY KEY, places BLOB NOT NULL);
"""
# where all is read anew; entries stay, that their addresses may
EMPTIED = ("phrase", "word", "own", "address", "spelled", "topic", "begun")


def judged(connection: sqlite3.Connection, generation: int) -> Changes:
    """Decide what is a name now and write it down; return what tells which articles may name what changed."""
    plain = connection.cursor()
    plain.row_factory = None  # hundreds of thousands of them
    sums: dict[str, Sums] = defaultdict(dict)
    for kind, key, *total in plain.execute("SELECT kind, key, many, sure, ended FROM phrase WHERE many > 1"):
        sums[kind][key] = Sum._make(total)
    words: dict[str, int] = dict(plain.execute("SELECT word, many FROM word WHERE many > 1"))
    entries = Judge(sums, lambda word: words.get(word, 0)).entries()
    add_tags(entries, (row[0] for row in plain.execute("SELECT DISTINCT key FROM own ORDER BY key")))
    forms = {key: (entry.kind, form_of(entry, words)) for key, entry in entries.items()}
    rows = connection.execute("SELECT e, key, kind, form FROM entry WHERE live")
    before = {row["key"]: (row["e"], (row["kind"], row["form"])) for row in rows}
    anew = {key: was for was, key in renamed(before, entries)}
    for key, was in anew.items():
        before[key] = before.pop(was)
        _rename(connection, before[key][0], key)
    changed = changes_of(before, forms, entries, anew.keys())
    fresh = [
        (kind, key, key, form, generation)
        for key, (kind, form) in forms.items()
        if key not in before or before[key][1] != (kind, form) or key in anew
    ]
    connection.executemany(
        "INSERT INTO entry (kind, name, key, slug, form, live, changed) VALUES (?, ?, ?, '', ?, 1, ?) ON CONFLICT (key) DO UPDATE"
        " SET kind = excluded.kind, form = excluded.form, live = 1, changed = excluded.changed",
        fresh,
    )
    gone = [(generation, before[key][0]) for key in before.keys() - forms.keys()]
    connection.executemany("UPDATE entry SET live = 0, changed = ? WHERE e = ?", gone)
    if any(changed):
        _write_addresses(connection)
    return changed


def _rename(connection: sqlite3.Connection, e: int, key: str) -> None:
    """Give an entry another key; what was called so once, and is none any more, has the entry's."""
    (was,) = connection.execute("SELECT key FROM entry WHERE e = ?", [e]).fetchone()
    connection.execute("UPDATE entry SET key = ? || char(0) WHERE key = ?", [key, key])
    connection.execute("UPDATE entry SET key = ? WHERE e = ?", [key, e])
    connection.execute("UPDATE entry SET key = ? WHERE key = ? || char(0)", [was, key])


def _write_addresses(connection: sqlite3.Connection) -> None:
    """Let every phrase that names an entry, or is short for one alone, lead to it."""
    connection.execute("DELETE FROM address")
    rows, shorts, others = [], [], []
    for row in connection.execute("SELECT e, kind, form FROM entry WHERE live ORDER BY kind, key").fetchall():
        names, short, *_ = json.loads(row["form"])
        rows += [(name, row["e"]) for name in names]  # no phrase names two
        shorts += [(name, row["e"]) for name, is_alone in short.items() if is_alone]  # a club before its town
        others += [(name, row["e"]) for name in short if row["kind"] == "organisation"]  # «القاعدة»
    borne = Counter(name for name, _ in others)
    others = [(name, e) for name, e in others if borne[name] == 1]
    connection.executemany("INSERT OR IGNORE INTO address VALUES (?, ?)", [*rows, *shorts, *others])


def named_entries(connection: sqlite3.Connection) -> Iterator[Named]:
    """Yield the entries that are names now, persons last: what else bears a short name is asked first, whichever was known first."""
    rows = connection.execute(
        "SELECT e, kind, form, key FROM entry WHERE live ORDER BY kind = 'person', key"
    ).fetchall()
    for row in rows:
        form = zip(_FORM, json.loads(row["form"]), strict=False)  # most have no words near
        yield Named(e=row["e"], kind=row["kind"], key=row["key"], **dict(form))


_FORM = ("names", "shorts", "company", "blocked", "near")

Spelled = Callable[[], Sequence[Sequence[str]]]
"""How the parts of an article spell their words, asked for where it is needed: mostly it is packed."""

_BITS = 4  # of a part's number, and of the words of a name


class Finder:
    """Finds the topics of articles with the entries known at this moment, and writes them."""

    def __init__(self, connection: sqlite3.Connection, generation: int, changed: Iterable[str] = ()) -> None:
        entries = list(named_entries(connection))
        self._connection, self._generation = connection, generation
        self._gazetteer = Gazetteer(entries, changed)
        self._kind = {entry.e: entry.kind for entry in entries}
        self._keys = {entry.e: entry.names for entry in entries}
        self._addresses = {row["key"]: row["e"] for row in connection.execute("SELECT key, e FROM address")}
        self._touched: dict[int, int] = {}
        self._spelled: dict[tuple[int, str], int] = defaultdict(int)

    def topics_of(
        self,
        parts: Sequence[list[str]],
        spelled: Spelled,
        own: Mapping[str, str],
        known: Mapping[int, Topic],
        begun: Sequence[Sequence[int]],
    ) -> dict[int, Topic]:
        """Return what an article names.

        Args:
            parts: its words.
            spelled: what returns how they are spelled.
            own: the outlet's tags, key and spelling.
            known: the topics that it had with the same words.
            begun: where names began in them.
        """
        places: dict[int, Places] = {}
        spans: dict[int, tuple[int, int, int]] = {}
        for part, mentions in enumerate(self._gazetteer.mentions(parts, spelled, begun)):
            folded = parts[part]
            lead = min(folded.index("\n") if "\n" in folded else len(folded), LONGEST_LEAD)
            for e, start, end, is_inside in mentions:
                place = places.get(e)
                if place is None:
                    place = places[e] = Places()
                if part == 0 and not is_inside:
                    place.headline += 1
                elif part == 1 and not is_inside:
                    place.standfirst += 1
                else:
                    place.text += 1
                    place.lead += start < lead and not is_inside
                if e not in spans and (end - start > 1 or folded[start] in self._keys[e]):
                    spans[e] = part, start, end
        tagged: dict[int, str] = {}
        for key, tag in own.items():
            if (number := self._addresses.get(key)) is not None:
                places.setdefault(number, Places()).own_tag = True
                tagged.setdefault(number, tag)
        kinds, in_full, topics = self._kind, self._gazetteer.in_full, {}
        for e, place in places.items():
            if kinds[e] != "tag" or place.own_tag or place.headline:
                span, shown = -1, tagged.get(e, "")
                if e in spans:
                    part, start, end = spans[e]
                    span = (start << _BITS | part) << _BITS | end - start
                    is_known = e in known and known[e].span == span
                    shown = known[e].shown if is_known else " ".join(spelled()[part][start:end])
                topics[e] = Topic(round(weight_of(place), 2), place.own_tag, shown, e in in_full, span)
        return topics

    def write(self, number: int, parts: Sequence[list[str]], spelled: Spelled, *, edited: bool) -> None:
        """Put an article's topics in the place of those it had; the entries that gain, lose or show it have changed."""
        connection = self._connection
        own = dict(map(tuple, connection.execute("SELECT key, shown FROM own WHERE n = ?", [number])))
        rows = connection.execute("SELECT e, weight, own, shown, is_full, span FROM topic WHERE n = ?", [number])
        before = {
            e: Topic(weight, bool(own), shown, bool(is_full), span) for e, weight, own, shown, is_full, span in rows
        }
        begun = () if edited else self._begun_before(number, parts)
        after = self.topics_of(parts, spelled, own, {} if edited else before, begun)
        if self._gazetteer.begun != begun:
            self._write_begun(number, parts)
        if before == after and not edited:
            return
        gone = [(e, number) for e in before.keys() - after.keys()]
        connection.executemany("DELETE FROM topic WHERE e = ? AND n = ?", gone)
        connection.executemany(
            "INSERT OR REPLACE INTO topic VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (e, number, topic.weight, topic.own, topic.weight >= ABOUT, topic.shown, topic.is_full, topic.span)
                for e, topic in after.items()
                if before.get(e) != topic
            ],
        )
        for e in before.keys() | after.keys():
            old, new = before.get(e), after.get(e)
            if old == new and not edited:
                continue
            self._touched[e] = self._touched.get(e, 0) + (new is not None) - (old is not None)
            if old is not None and old.shown:
                self._spelled[e, old.shown] -= 1
            if new is not None and new.shown:
                self._spelled[e, new.shown] += 1
        if before != after:
            connection.execute("UPDATE article SET changed = ? WHERE n = ?", [self._generation, number])

    def _begun_before(self, number: int, parts: Sequence[list[str]]) -> list[list[int]]:
        """Return where names began in each part of an article when it was last looked through."""
        (blob,) = self._connection.execute("SELECT places FROM begun WHERE n = ?", [number]).fetchone()
        places = array("I", blob)
        begun, first, past = [], 0, 0
        for part in parts:
            end = bisect_left(places, past + len(part), first)
            begun.append([at - past for at in places[first:end]])
            first, past = end, past + len(part)
        return begun

    def _write_begun(self, number: int, parts: Sequence[list[str]]) -> None:
        places, past = array("I"), 0
        for part, begun in zip(parts, self._gazetteer.begun, strict=True):
            places.extend([past + at for at in begun])
            past += len(part)
        self._connection.execute("INSERT OR REPLACE INTO begun VALUES (?, ?)", [number, places.tobytes()])

    def finish(self) -> None:
        """Write how many articles each entry has now, and the name under which most of them show it."""
        connection = self._connection
        connection.executemany(
            "INSERT INTO spelled VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET many = many + excluded.many",
            [(e, shown, many) for (e, shown), many in sorted(self._spelled.items()) if many],
        )
        connection.execute("DELETE FROM spelled WHERE many <= 0")
        connection.executemany(
            "UPDATE entry SET had = had OR many + ?1 > 0, many = many + ?1, changed = ?2 WHERE e = ?3",
            [(difference, self._generation, e) for e, difference in self._touched.items()],
        )
        for (e,) in connection.execute(
            "SELECT e FROM entry WHERE changed = ? AND live AND had ORDER BY e", [self._generation]
        ).fetchall():
            self._name(e)

    def _name(self, e: int) -> None:
        """Name an entry as most articles spell it; an address that it had leads to it still."""
        row = self._connection.execute("SELECT key, kind, slug, form FROM entry WHERE e = ?", [e]).fetchone()
        spelled = self._connection.execute(
            "SELECT shown FROM spelled WHERE e = ? ORDER BY many DESC, shown", [e]
        ).fetchall()
        names = [each["shown"] for each in spelled]
        if row["kind"] == "tag":
            own = self._connection.execute(
                "SELECT shown FROM own WHERE key = ? GROUP BY shown ORDER BY count(*) DESC, shown LIMIT 1", [row["key"]]
            ).fetchone()
            names = [own["shown"]] if own is not None else names
        own_names = json.loads(row["form"])[0]
        name = next((shown for shown in names if row["kind"] == "tag" or key_of(shown) == row["key"]), "") or next(
            (shown for shown in names if self._leads_to(bare_name(shown, own_names), e)),
            spelled_homonyms().get(row["key"], row["key"]),
        )
        name = name if row["kind"] == "tag" else bare_name(name, own_names)
        slug = slug_of(name) or row["slug"] or row["key"].replace(" ", "-")
        if row["slug"] and row["slug"] != slug:
            self._connection.execute("INSERT OR REPLACE INTO former VALUES (?, ?)", [row["slug"], e])
        self._connection.execute("UPDATE entry SET name = ?, slug = ? WHERE e = ?", [name, slug, e])

    def _leads_to(self, name: str, e: int) -> bool:
        """Say whether a name is an entry's alone: «نادي الشباب» is what articles in Dubai call theirs, too."""
        row = self._connection.execute("SELECT e FROM address WHERE key = ?", [key_of(name)]).fetchone()
        return row is not None and row["e"] == e
