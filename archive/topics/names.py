"""Names that a text introduces: persons after an office or before what they say, organisations, places.

    وزير الدفاع الأوكراني رستم عمروف، …        title + words of the office + name + end   ─▶ person «رستم عمروف»
    وقال رستم عمروف إن …                       verb + name + «إن»                          ─▶ person
    مجلس الأمن الدولي                          head + words with the article               ─▶ organisation, one for each length
    العاصمة القطرية الدوحة                     cue + adjectives + name                     ─▶ place

A name that one text introduces is a guess; the gazetteer takes what several articles say (`archive.topics.gazetteer`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.topics.clitics import stems
from archive.topics.lexicon import lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archive.topics.words import Word

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
