"""The gazetteer: where a text names an entry, told by the words around it and by what else the article names."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

from archive.site.topics import (
    CLITICS,
    Entry,
    Sort,
    goes_on,
    is_adjective,
    is_comma,
    is_dateline,
    is_fathers,
    is_linked,
    is_marked,
    is_named_after,
    is_named_inside,
    is_nisba,
    is_other_place,
    is_quoted,
    is_side_of,
    is_somebody_else,
    lexicon,
    sort_of,
    stems,
)
from archive.site.topics.names import acts_first, is_anybodys
from archive.site.topics.organisations import keys_of
from archive.text import ARTICLE, key_of, spellings

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet


# --- All by which an entry is found, and how it is written ---------------------------------------------------------------

LEAST_STEM = 3  # letters of a single word that may carry a clitic: «بحر» is no «ب + حر»
_FEW, _TIMES = 3, 5  # articles that prove no word; how much commoner it must be than a name of four letters and more


def form_of(entry: Entry, words: Mapping[str, int]) -> str:
    """Return all by which an entry is found, as one text; what tells whether it changed."""
    blocked: set[str] = set()
    for stem in (name for name in (*entry.names, *entry.shorts) if " " not in name):
        least = max((_TIMES if len(stem) > LEAST_STEM else 1) * words.get(stem, 0), _FEW)
        forms = [form for form in spellings(stem) if form != stem and ARTICLE not in form[:3]]
        words_of_their_own = {form for form in forms if words.get(form, 0) > least}
        blocked |= words_of_their_own  # «فلازال» is no «ف + ل + ازال» where «لازال» is a word
        blocked.update(form for form in forms if form[0] in "وف" and form[1:] in words_of_their_own and form in words)
    return json.dumps(
        [
            sorted(entry.names),
            dict(sorted(entry.shorts.items())),
            entry.company,
            sorted(blocked),
            *([entry.near] if entry.near else []),
        ],
        ensure_ascii=False,
    )


def bare_name(shown: str, names: Iterable[str]) -> str:
    """Return a name as it is spelled, without what is written together with its first word."""
    first, blank, rest = shown.partition(" ")
    written, behind = key_of(first), key_of(rest)
    for stem in stems(written):
        if key_of(f"{stem} {behind}") in names:  # «وعبد الفتاح» is two words
            if written.endswith(stem):
                bare = first[len(written) - len(stem) :]
                return f"{bare if key_of(bare) == stem else first}{blank}{rest}"
            noun = first[first.index("ل") + 1 :]  # «للأمم» is «الأمم», «للجنة» «اللجنة»
            return f"{ARTICLE if key_of(noun) == stem.removeprefix(ARTICLE) else 'ا'}{noun}{blank}{rest}"
    return shown


# --- Tags of the outlets ----------------------------------------------------------------------------------------------


def add_tags(entries: dict[str, Entry], tags: Iterable[str]) -> None:
    """Make entries of the outlets' own tags that no name has; a tag that is a name's short form leads to who bears it.

    What an outlet tags with a town's name is of that town, though the word alone may be another: «مسقط», «دبي»; but not of «صور».
    """
    named = {name for entry in entries.values() for name in entry.names}
    shorts: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries.values():
        for short in entry.shorts:
            shorts[short].append(entry)
    for key in tags:
        bearers = shorts.get(key, [])
        if key in named:
            continue
        if len(bearers) == 1 and bearers[0].kind == "person":
            bearers[0].shorts[key] = True
        elif key in lexicon().vocabulary or not any(bearer.kind == "place" for bearer in bearers):
            is_town = key in _towns() and key not in lexicon().vocabulary and not sort_of(key) & Sort.STOP
            entries[key] = Entry(key, "place" if is_town else "tag", {key})


@cache
def _towns() -> frozenset[str]:
    """Return the names of known towns that are no words, too."""
    return frozenset(name for names in keys_of(lexicon().places) for name in names) - lexicon().doubtful


# --- Where a text names an entry -------------------------------------------------------------------------------------
# A name's first word may carry clitics: «لعمروف», «بالقاهرة». What is written so, and is a word commoner than the name that it may
# hide («لبنان» and «بنان»), is left alone. The longest name at a place is named there; what stands inside it is named too, but
# weighs little: «جامعة الملك سعود» is no headline about the king.
_LEAST_LIKENED = 5  # letters of a single word that may carry «ك»: «كسلا» is no «ك + سلا»
_NEVER = 1 << 30  # behind every place of a text
_MARKED = 10  # how much a spelling tells, in words of company


Spelled = Callable[[int, int], Sequence[str]]
"""How an article spells the words of a part before a place, asked for where it is needed: mostly it is packed."""


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
        *(name, tuple(rest), bearers, is_short, is_quoted, 1 + len(rest), company),
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
        spelled: Spelled | None = None,
        begun: Sequence[Sequence[int]] = (),
    ) -> list[list[Mention]]:
        """Return where each part of an article names an entry, in order; shorts are told by what the whole article names.

        Args:
            parts: the article's words.
            spelled: what tells how they are spelled; asked where two names differ in short vowels alone.
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
        self._shared = {each.name.rpartition(" ")[2] for each in every if each.is_of_sport and len(each.bearers) > 1}
        self._cued = {name for tokens, part in zip(parts, hits, strict=True) for name in _cued(tokens, part)}
        places = _introduced(parts, hits, self._heads)
        return [self._told(*each, named, places, parts) for each in zip(parts, hits, strict=True)]

    def _told(
        self,
        tokens: Sequence[str],
        hits: list[_Hit],
        named: dict[int, int],
        places: set[int],
        parts: Sequence[Sequence[str]],
    ) -> list[Mention]:
        """Return the mentions of one part, now that it is known what the whole article names in full."""
        mentions, outer, longer, before = list[Mention](), _NOBODY, "", "."
        for candidate, start, end, is_inside in hits:
            bearer = self._meant(candidate, named, places, parts)
            if bearer is None:
                continue
            is_named = is_named_inside(bearer.kind, longer) or is_side_of(longer, candidate.name, before)
            if is_inside and (bearer is outer or not is_named):
                continue
            if not is_inside:
                outer, longer, before = bearer, candidate.name, tokens[start - 1] if start else "."
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
            if name in each.names or (_is_asked(each, name, named) and self._may_be(each, name, named, places, parts))
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
        Beside another club whose name several have the archive's own is meant, unless more than a word tells of another.
        """
        forms, first = self._counted(parts), self._first
        if self._spelled is not None and any(each.e in self._told_by_marks for each in bearers):
            every = (self._spelled(part, len(tokens)) for part, tokens in enumerate(parts))
            marked = filter(is_marked, chain.from_iterable(every))
            forms.update(stem for token in marked for stem in stems(token))
            self._spelled = None

        full = {word for each in bearers for called in each.names for word in called.split()}
        pairs = (pair for part in parts for pair in pairwise(part))
        behind = Counter(word for token, word in pairs if token.endswith(name) and word not in full)

        def company(each: Named) -> tuple[bool, int, bool, str]:
            many = sum(forms[word] * (_MARKED if is_marked(word) else 1) for word in each.near)
            many += _MARKED * sum(behind[word] for word in each.near)  # «القادسية السعوديين»
            is_usual, is_told = each.shorts.get(name, True), first.get(each.e, _NEVER) < first.get(name, _NEVER)
            if each.kind == "organisation":
                many += len(self._shared) > 1 if is_usual else -named.get(each.e, 0)
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
            for candidate in _standing(tokens, at, candidates):
                longest = candidate.size
                if candidate.bearers is _NOTHING:
                    nothing = at + longest
                elif at >= nothing:
                    yield _Hit(candidate, at, at + longest, at < until)
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


def _standing(tokens: Sequence[str], at: int, candidates: Iterable[_Candidate]) -> Iterator[_Candidate]:
    """Yield the longest of some phrases that stand at a place, all of one length."""
    longest = 0
    for candidate in candidates:
        length = candidate.size
        if length < longest:
            return
        if length > 1 and tuple(tokens[at + 1 : at + length]) != candidate.rest:
            continue
        if candidate.is_quoted:
            if not is_quoted(tokens, at, at + length):
                continue
        elif not longest and _is_else(tokens, at, candidate):
            continue
        longest = length
        yield candidate


def _is_else(tokens: Sequence[str], at: int, candidate: _Candidate) -> bool:
    """Say whether the words around tell that a phrase names somebody or something else, or nothing."""
    first, rest = candidate.bearers[0], candidate.rest
    if not rest and first.kind in {"person", "place"} and is_named_after(tokens, at, first.kind):
        return True
    if first.company == "group" and not rest and at and sort_of(tokens[at - 1]) & Sort.PLACE_CUE:
        return True  # «مدينة القاعدة»
    if first.kind == "person":
        name = (candidate.name.partition(" ")[0], *rest)
        is_any = first.company == "person" and not rest and is_anybodys(tokens, at, candidate.name)
        if is_any or is_fathers(tokens, at) or goes_on(tokens, at + len(name), name, is_short=candidate.is_short):
            return True
        names = (name for bearer in candidate.bearers for name in bearer.names)
        return candidate.is_short and is_somebody_else(tokens, at, candidate.name, names)
    if first.kind != "place" or rest:
        return first.company == "market" and is_described(tokens, at, candidate.name)
    return is_adjective(tokens, at, candidate.name) or is_other_place(tokens, at, candidate.name, first.names)


def is_of_field(field: str, words: AbstractSet[str]) -> bool:
    """Say whether an article is of sport, in which «النصر» is a club, or of the market: words of it stand there."""
    name, least = _FIELDS[field]
    of_field = lexicon().listed[name]
    forms = of_field & words
    if len(forms) < least:
        forms |= of_field.intersection(stem for word in words if word[0] in CLITICS for stem in stems(word))
    return len(forms) >= least


def is_described(tokens: Sequence[str], at: int, name: str) -> bool:
    """Say whether a word is the adjective of the one before it: «النقل البحري»."""
    return at > 0 and tokens[at] == name and tokens[at - 1].startswith((ARTICLE, "لل", "وال", "بال"))


_FIELDS = {"sport": ("sports", 2), "market": ("market", 4)}  # words of each, and how many tell


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
    side_by_side = set[int]()
    if (
        behind_it
    ):  # clubs: «الشباب والتعاون», of which both are words; «التعاون الشباب الخليج», but no «الهلال بالاتفاق»
        bare = {hit.start for hit in hits if tokens[hit.start].startswith(ARTICLE)}
        side_by_side = bare & {hit.end for hit in hits}
        ends |= {hit.end for hit in doubtful}
    for hit in (*doubtful, *reversed(doubtful)):  # both ways: a doubtful one stands beside a doubtful one
        is_linked_here = is_linked(tokens, hit.start)
        before = hit.start - is_comma(tokens[hit.start - 1])
        behind = hit.end + (hit.end < len(tokens) and is_comma(tokens[hit.end]))
        is_near = hit.start > 0 and any(stem in cues for stem in stems(tokens[hit.start - 1]))
        is_near = is_near or not side_by_side.isdisjoint((hit.start, hit.end))
        if is_nisba(hit.candidate.name) and hit.candidate.bearers[0].near:
            is_near = is_near or _is_region(tokens, hit.start)
            is_linked_here = is_linked_here and not is_nisba(tokens[hit.start - 1])  # «الحدود الشمالية والشرقية»
        is_near = is_near or (hit.end < len(tokens) and bool(sort_of(tokens[hit.end]) & behind_it))  # «موناكو الفرنسي»
        is_first = (
            not hit.start and acts_first(tokens, hit.end) if behind_it else is_dateline(tokens, hit.start, hit.end)
        )
        if is_near or is_first or (is_linked_here and before in ends) or behind in starts:
            shown.update(bearer.e for bearer in hit.candidate.bearers if bearer.company)
            ends.add(hit.end)
            starts.update([hit.start] if is_linked_here else [])
    return shown


def _is_region(tokens: Sequence[str], at: int) -> bool:
    """Say whether an adjective stands where nothing can be that it describes: «بالشرقية», «في الشرقية», «أمير الشرقية»."""
    cues = lexicon().listed["regions_near"]
    is_behind_cue = at > 0 and any(stem in cues for stem in stems(tokens[at - 1]))
    return tokens[at].removeprefix("و").startswith("بال") or is_behind_cue


def _is_asked(bearer: Named, name: str, named: Mapping[int, int]) -> bool:
    """Say whether a short name may be somebody's at all; a man named so and nowhere in full is nobody's rival for it: «نجم الهلال»."""
    return bearer.kind != "person" or bearer.shorts[name] or bool(bearer.near) or bearer.e in named


def _bearer(candidate: _Candidate, bearers: Sequence[Named], named: dict[int, int]) -> Named | None:
    """Return whom a short phrase names: whoever is named in full beside it most often, else who is always meant."""
    beside = [bearer for bearer in bearers if bearer.e in named]
    if len(bearers) == 1 and bearers[0].near:
        return bearers[0]
    if beside:
        return max(beside, key=lambda bearer: (named[bearer.e], bearer.key))
    return next((bearer for bearer in bearers if bearer.shorts.get(candidate.name, True)), None)
