"""Names in Arabic news text: found, recognised again, and weighed.

    text ──▶ words ──names──▶ «رستم عمروف» (person, after «وزير الدفاع الأوكراني»), «مجلس الأمن» …
                                          │ seen in several articles
                                          ▼
             outlets' tags ───────▶ Gazetteer ──mentions──▶ (entry, where, how often) ──weight──▶ topics

Pure functions over text: what is known and what was seen is kept by who asks. `tags` of an article stay the outlet's own; what
is found here is called `topics`.
"""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from archive.text import ARTICLE, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# --- What Arabic writes together with a word: the conjunctions و and ف, the prepositions ب، ل، ك, the article ال -----
#     ولعمروف  ─▶ عمروف        وبالقاهره ─▶ القاهره        للامم ─▶ الامم
#
# Words are folded ones (`archive.text.fold`). Whether a stripped form is meant, only a list of known names can tell:
# لبنان is no «ل + بنان». So these functions offer forms, and the gazetteer decides.

_LEAST = 2  # letters that must be left


@lru_cache(maxsize=1 << 17)
def stems(word: str) -> tuple[str, ...]:
    """Return the forms that ``word`` may stand for, itself first, then those with clitics taken off."""
    forms = [word]
    for bare in _without_conjunction(word):
        for form in (bare, *_without_preposition(bare)):
            forms.append(form)
            if form.startswith(ARTICLE):
                forms.append(form[len(ARTICLE) :])
    return tuple(dict.fromkeys(form for form in forms if len(form) >= _LEAST))


def _without_conjunction(word: str) -> tuple[str, ...]:
    return (word, word[1:]) if word[:1] in {"و", "ف"} else (word,)


def _without_preposition(word: str) -> tuple[str, ...]:
    if word.startswith("لل"):
        return (ARTICLE + word[2:], ARTICLE + word[1:], word[1:])  # «للجنة» is «ل + اللجنة»
    return (word[1:],) if word[:1] in {"ب", "ل", "ك"} else ()


# --- The gazetteer: known names, and where a text mentions them ------------------------------------------------------
#     Gazetteer([Entry(1, "person", "رستم عمروف"), …]).mentions(words) ─▶ [Mention(entry=1, start, end), …]
#
# A name's first word may carry clitics. Where the written word is itself common, «لبنان» against «ل + بنان», the written word wins:
# a clitic is taken off only if no other entry stands there as written. The longest name at a place wins: «مجلس الأمن الدولي» is no
# mention of «مجلس الأمن».

_CLITICS = 4  # letters that conjunction, preposition and article add at most
_LEAST_STEM = 3  # letters of a single word that may carry a preposition: «بحر» is no «ب + حر»


@dataclass(frozen=True, slots=True)
class Mention:
    """An entry, and where the text names it: offsets in the original text."""

    entry: int
    start: int
    end: int


class Gazetteer:
    """Names by their first word.

    Args:
        entries: pairs of an entry's number and its folded words.
        written: whether a folded word is one that newspapers write for itself, more often than the stem it may hide.
    """

    def __init__(self, entries: Iterable[tuple[int, Sequence[str]]], written: frozenset[str] = frozenset()) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for number, words in entries:
            self._by_first.setdefault(words[0], []).append((tuple(words[1:]), number))
        for names in self._by_first.values():
            names.sort(key=lambda name: -len(name[0]))
        self._written = written

    def mentions(self, text: Sequence[Word]) -> list[Mention]:
        """Return where the text names an entry, in order; no two overlap."""
        result: list[Mention] = []
        place = 0
        while place < len(text):
            mention, length = self._at(text, place)
            if mention is not None:
                result.append(mention)
            place += length
        return result

    def _at(self, text: Sequence[Word], place: int) -> tuple[Mention | None, int]:
        best: tuple[Mention | None, int] = (None, 1)
        written = text[place].folded
        for stem in stems(written):
            for rest, number in self._by_first.get(stem, ()):
                length = len(rest) + 1
                if length <= best[1] and best[0] is not None:
                    break
                if self._allows(written, stem, rest) and self._goes_on(text, place, rest):
                    best = (Mention(number, self._start(text[place], stem), text[place + length - 1].end), length)
                    break
        return best

    def _allows(self, written: str, stem: str, rest: tuple[str, ...]) -> bool:
        """Say whether ``written`` may be read as ``stem`` with clitics; more is needed where nothing follows to confirm it."""
        if written == stem:
            return True
        return bool(rest) or (len(stem) >= _LEAST_STEM and written not in self._written)

    @staticmethod
    def _goes_on(text: Sequence[Word], place: int, rest: tuple[str, ...]) -> bool:
        for step, wanted in enumerate(rest, start=1):
            if place + step >= len(text) or text[place + step].folded != wanted or not text[place + step - 1].joined:
                return False
        return True

    @staticmethod
    def _start(word: Word, stem: str) -> int:
        """Return where the name begins behind its clitics, as near as marks in the original allow."""
        cut = len(word.folded) - len(stem)
        return word.start + (cut if 0 <= cut <= _CLITICS and word.end - word.start == len(word.folded) else 0)


# --- The lexicon, read once: sets of folded words, with and without the article where that makes no difference -------


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words by which names are introduced; see lexicon.toml."""

    titles: frozenset[str]
    office: frozenset[str]
    says: frozenset[str]
    organisations: frozenset[str]
    definite: frozenset[str]
    places_after: frozenset[str]
    ends: frozenset[str]
    nobody: frozenset[str]
    joins: frozenset[str]
    places: tuple[str, ...]


@cache
def lexicon() -> Lexicon:
    """Return the lexicon."""
    data = tomllib.loads(files("archive.site.topics").joinpath("lexicon.toml").read_text(encoding="utf-8"))
    sets = {name: [fold(word.replace("_", " ")) for word in text.split()] for name, text in data.items()}
    says = frozenset(sets["says"])
    return Lexicon(
        titles=_either(sets["titles"]),
        office=_either(sets["office"]),
        says=says | {"و" + word for word in says},
        organisations=_either(sets["organisations"]),
        definite=frozenset(sets["definite"]),
        places_after=frozenset(sets["places_after"]),
        ends=frozenset(sets["ends"]),
        nobody=_either(sets["nobody"]),
        joins=frozenset(sets["joins"]),
        places=tuple(word.replace("_", " ") for word in data["places"].split()),
    )


def _either(words: list[str]) -> frozenset[str]:
    return frozenset([*words, *("ال" + word for word in words)])


# --- Names that a text introduces: persons after an office or before what they say, organisations, places ------------
#     وزير الدفاع الأوكراني رستم عمروف، …        title + words of the office + name + end   ─▶ person «رستم عمروف»
#     وقال رستم عمروف إن …                       verb + name + «إن»                          ─▶ person
#     مجلس الأمن الدولي                          head + words with the article               ─▶ organisation, one for each length
#     العاصمة القطرية الدوحة                     cue + adjectives + name                     ─▶ place
#
# A name that one text introduces is a guess; the gazetteer takes what several articles say (`archive.site.topics.names`).

_LONGEST_NAME, _SHORTEST_NAME = 3, 2
_LONGEST_OFFICE, _LONGEST_ORGANISATION = 6, 4
_SPOKEN = frozenset({"ان", "انه", "انها", "بان"})
_TOWARDS = {"الي": ("اشار", "لفت", "نبه", "دع"), "علي": ("شدد", "علق"), "من": ("حذر",)}  # «وأشار فلان إلى»


@dataclass(frozen=True, slots=True)
class Name:
    """A name as a text introduces it.

    Attributes:
        kind: ``person``, ``organisation`` or ``place``.
        words: its folded words, the first without clitics.
        start: offset in the text.
        end: offset behind it.
        bounded: it is plain where the name ends; else only its recurrence can tell.
    """

    kind: str
    words: tuple[str, ...]
    start: int
    end: int
    bounded: bool

    @property
    def key(self) -> str:
        """Return the words as one string."""
        return " ".join(self.words)


def names_of(text: Sequence[Word]) -> Iterator[Name]:
    """Yield the names that a text introduces; those of an organisation in each length that it may have."""
    known = lexicon()
    for place, word in enumerate(text):
        bare = _bare(word.folded, known.titles | known.organisations)
        if bare in known.titles:
            yield from _person(text, _behind_office(text, place))
        elif word.folded in known.says:
            yield from (name for name in _person(text, place + 1) if _speaks(text, word, name))
        if word.folded in known.places_after:
            yield from _place(text, place)
        if bare in known.organisations:
            yield from _organisation(text, place, bare)


def _bare(word: str, heads: frozenset[str]) -> str:
    """Return the form of a word that stands among ``heads``, the word itself where none does."""
    if word in heads:
        return word
    return next((form for form in stems(word) if form in heads and form.removeprefix("ال") != word), word)


def _behind_office(text: Sequence[Word], place: int) -> int:
    """Return where the office that begins at ``place`` ends."""
    known = lexicon()
    last = min(place + _LONGEST_OFFICE, len(text) - 1)
    while place < last and text[place].joined:
        following = text[place + 1].folded
        if not (following.startswith(("ال", "لل", "بال")) or following in known.office or following in known.titles):
            break
        place += 1
    return place + 1 if text[place].joined else len(text)


def _person(text: Sequence[Word], place: int) -> Iterator[Name]:
    """Yield the person's name that begins at ``place``, if one does."""
    known = lexicon()
    taken: list[Word] = []
    counted, at = 0, place
    while at < len(text) and counted < _LONGEST_NAME + 1:
        word = text[at]
        if _ends_name(word.folded) or (not taken and word.folded.startswith("ال")):
            break
        taken.append(word)
        counted += word.folded not in known.joins
        at += 1
        if not word.joined:
            break
    if counted > _LONGEST_NAME:  # «أستاذ علوم الحاسوب نبيل الشامي»: the field comes first; else it runs on
        ends = not taken[-1].joined or at == len(text) or _ends_name(text[at].folded)
        yield from _named(taken[-2:] if ends else taken[:2], bounded=ends and not taken[-2].folded.startswith("ال"))
    elif counted >= _SHORTEST_NAME:
        yield from _named(taken, bounded=True)


def _named(taken: list[Word], *, bounded: bool) -> Iterator[Name]:
    known = lexicon()
    words = tuple(word.folded for word in taken)
    if words[0] not in known.nobody and words[-1] not in known.joins and not any(map(_is_generic, words)):
        yield Name("person", words, taken[0].start, taken[-1].end, bounded)


def _is_generic(word: str) -> bool:
    known = lexicon()
    return word in known.titles or word in known.organisations or word in known.nobody or word in known.office


def _ends_name(word: str) -> bool:
    known = lexicon()
    is_verb = len(word) > 3 and word[0] in "يت" and word not in known.joins and _looks_like_verb(word)  # noqa: PLR2004  يقول
    return word in known.ends or word in known.says or word[0].isdigit() or is_verb


def _looks_like_verb(word: str) -> bool:
    """Say whether a word has the shape of «يبحث», «تعتزم»: most names that begin so are listed or have a long vowel second."""
    return word[1] not in "اوي" and not word.endswith(("ي", "ه", "ن")) and len(word) < 7  # noqa: PLR2004  longer: يلتسينوف


def _speaks(text: Sequence[Word], verb: Word, name: Name) -> bool:
    """Say whether what follows a name behind a verb of saying is what was said, or a comma."""
    after = next((place for place, word in enumerate(text) if word.start >= name.end), len(text))
    if after == len(text) or not text[after - 1].joined:
        return name.bounded
    following = text[after].folded
    return following in _SPOKEN or verb.folded.removeprefix("و").startswith(_TOWARDS.get(following, ("?",)))


def _organisation(text: Sequence[Word], place: int, head: str) -> Iterator[Name]:
    taken = [text[place]]
    at = place
    while len(taken) <= _LONGEST_ORGANISATION and text[at].joined and at + 1 < len(text):
        at += 1
        word = text[at]
        if not word.folded.startswith("ال") or word.folded in lexicon().ends:
            break
        taken.append(word)
        words = (head, *(each.folded for each in taken[1:]))
        if head.startswith("ال") and len(words) == _SHORTEST_NAME and head not in lexicon().definite:
            continue  # «المجلس البلدي» is any town's
        yield Name("organisation", words, taken[0].start, word.end, bounded=False)


def _place(text: Sequence[Word], place: int) -> Iterator[Name]:
    at = place
    while text[at].joined and at + 1 < len(text):
        at += 1
        word = text[at].folded
        is_adjective = word.startswith("ال") and word.endswith(("يه", "يا", "ي"))
        if is_adjective and text[at].joined and at == place + 1:
            continue
        if not _ends_name(word) and not _is_generic(word):
            yield Name("place", (word,), text[at].start, text[at].end, bounded=at > place)
        return


# --- What an article is about, among all that it mentions ------------------------------------------------------------
# A newspaper puts first what matters: a name in the headline weighs most, then the standfirst, then the first paragraph; below
# that, only repetition counts. What the outlet itself tagged is about the article by its own word.
#
#     headline 4 · standfirst 2 · first paragraph 1.5 · text log2(1 + times) · the outlet's own tag 3        about: 3 and more

ABOUT = 3.0
_HEADLINE, _STANDFIRST, _LEAD, _OWN_TAG = 4.0, 2.0, 1.5, 3.0


@dataclass(slots=True)
class Places:
    """Where an article names something: in the headline, the standfirst, the first paragraph, and how often in all of it."""

    headline: int = 0
    standfirst: int = 0
    lead: int = 0
    text: int = 0
    own_tag: bool = False


def weight_of(places: Places) -> float:
    """Return how much an article is about what it names there; `ABOUT` and more is a topic."""
    return (
        _HEADLINE * bool(places.headline)
        + _STANDFIRST * bool(places.standfirst)
        + _LEAD * bool(places.lead)
        + math.log2(1 + places.text)
        + _OWN_TAG * places.own_tag
    )


# ---------------------------------------------------------------------------------------------------------------------
# The words of a text, folded, each with its place in the original, so that what is found can be shown as it was
# spelled.

_folded = lru_cache(maxsize=1 << 17)(fold)  # newspapers write few words, often
_WORD = re.compile(r"[^\W_]+(?:[\u064b-\u065f\u0670\u0640\u200c\u200d]+[^\W_]*)*")


class Word(NamedTuple):
    """A word: its folded form, where it stands in the original, and whether nothing but blanks parts it from the next.

    Attributes:
        folded: the key form; empty where the word is nothing but marks.
        start: offset of its first character in the text.
        end: offset behind its last character.
        joined: the next word follows without punctuation or line break.
    """

    folded: str
    start: int
    end: int
    joined: bool


def words_of(text: str) -> list[Word]:
    """Return the words of ``text`` in order."""
    spans = [match.span() for match in _WORD.finditer(text)]
    words = []
    for place, (start, end) in enumerate(spans):
        following = spans[place + 1][0] if place + 1 < len(spans) else None
        gap = "\n" if following is None else text[end:following]
        folded = _folded(text[start:end])
        if folded:
            words.append(Word(folded, start, end, gap.strip(" \u00a0\u200f\u200e") == "" and "\n" not in gap))
    return words
