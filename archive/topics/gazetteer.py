"""The gazetteer: known names, and where a text mentions them.

    Gazetteer([Entry(1, "person", "رستم عمروف"), …]).mentions(words) ─▶ [Mention(entry=1, start, end), …]

A name's first word may carry clitics. Where the written word is itself common, «لبنان» against «ل + بنان», the written word wins:
a clitic is taken off only if no other entry stands there as written. The longest name at a place wins: «مجلس الأمن الدولي» is no
mention of «مجلس الأمن».
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.topics.clitics import stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archive.topics.words import Word

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
        found: list[Mention] = []
        place = 0
        while place < len(text):
            mention, length = self._at(text, place)
            if mention is not None:
                found.append(mention)
            place += length
        return found

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
