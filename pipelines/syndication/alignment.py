"""What two articles have in common, word by word.

    shorter   ▒▒▒▒▒▒▒▒███████████████▒▒██████▒▒▒▒▒▒▒          █ covered: stands in a 3-gram of the other
    longer    ███████████████▒▒██████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒    ▒ its own

Coverage does not care about order, so it survives moved paragraphs. The alignment (longest common subsequence) does care:
it finds the *slots*, places where both go on alike but for as many words, and these tell a bulletin from a copy.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz.distance import LCSseq

from pipelines.syndication.fingerprints import grams

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.syndication.fingerprints import Ids

LEAD = 45  # words
_HEAD = 60  # words: a lead paragraph and the dateline before it
_REST = 40  # words after the head that make a share of them worth something
_RUN = 5  # covered words in a row that count as the beginning of what is shared
_ALIGNED = 4000  # words; a live blog of a whole day is aligned by its first 4,000
_SLOT = 3  # words: a slot is at most this long, "12 مليون دولار"
_GAP = 8  # words: longer gaps are own paragraphs, not rewording


class Words:
    """An article's words, ready to be compared: ids, 3-grams in order, and the 3-grams sorted."""

    __slots__ = ("grams", "ids", "known")

    def __init__(self, ids: Ids) -> None:
        self.ids = ids
        self.grams = grams(ids)
        self.known = np.sort(self.grams)

    def covered_by(self, other: Words) -> bytes:
        """Return one byte a word: not 0 where the word stands in a 3-gram of ``other``."""
        if not (self.grams.size and other.grams.size):
            return bytes(self.ids.size)
        places = other.known.searchsorted(self.grams)
        places[places == other.known.size] = 0
        begun = int.from_bytes((other.known[places] == self.grams).tobytes(), "little")
        return (begun | begun << 8 | begun << 16).to_bytes(self.ids.size, "little")  # a gram covers three words


@dataclass(frozen=True, slots=True)
class Side:
    """One article's share in what is common: all between 0 and 1.

    Attributes:
        coverage: covered words among all.
        begins: where the first covered run begins, as a share of the article; 1 where there is none.
        rest: covered words among those after the head; the coverage itself where the article is hardly longer.
        lead: covered words among the first `LEAD`.
    """

    coverage: float
    begins: float
    rest: float
    lead: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """How two articles go on side by side: counts of words.

    Attributes:
        matched: aligned words in runs of two and more.
        run: mean length of such a run.
        slots: words in slots; ``numbers`` of them are numbers on both sides, ``kept_numbers`` were aligned.
        reworded: words in other short gaps between aligned words, both sides together.
    """

    matched: int
    run: float
    slots: int
    numbers: int
    kept_numbers: int
    reworded: int


class Evidence:
    """What stands in both of two articles. Exchanging them exchanges the sides and nothing else.

    Everything is worked out when it is asked for: most pairs are settled by the shorter article's coverage.

    Args:
        first, second: the articles.
    """

    def __init__(self, first: Words, second: Words) -> None:
        self._first, self._second = first, second

    @cached_property
    def first(self) -> Side:
        """What of the first article stands in the second."""
        return _side(self._first.covered_by(self._second))

    @cached_property
    def second(self) -> Side:
        """What of the second article stands in the first."""
        return _side(self._second.covered_by(self._first))

    @property
    def shorter(self) -> Side:
        """The shorter article's side; the first where they are equally long."""
        return self.first if self._first.ids.size <= self._second.ids.size else self.second

    @property
    def shortest(self) -> int:
        """Words of the shorter article."""
        return int(min(self._first.ids.size, self._second.ids.size))

    @cached_property
    def larger(self) -> float:
        """The greater coverage of the two."""
        return max(self.first.coverage, self.second.coverage)

    @cached_property
    def smaller(self) -> float:
        """The lesser coverage of the two."""
        return min(self.first.coverage, self.second.coverage)

    @cached_property
    def alignment(self) -> Alignment:
        """How the two go on side by side."""
        both = (words.ids[:_ALIGNED].tolist() for words in (self._first, self._second))
        return _align(*sorted(both, key=lambda ids: (len(ids), ids)))  # sorted: ties fall alike both ways


def _side(marks: bytes) -> Side:
    size = len(marks)
    own = marks.count(0)
    begins = marks.find(b"\1" * _RUN)
    rest = 1 - marks.count(0, _HEAD) / (size - _HEAD) if size >= _HEAD + _REST else 1 - own / size
    lead = 1 - marks.count(0, 0, LEAD) / min(LEAD, size)
    return Side(1 - own / size, 1.0 if begins < 0 else begins / size, rest, lead)


def _align(one: list[int], two: list[int]) -> Alignment:
    runs = [(block.a, block.b, block.size) for block in LCSseq.opcodes(one, two).as_matching_blocks() if block.size]
    slots = numbers = reworded = 0
    for (a, b, size), (next_a, next_b, _) in itertools.pairwise(runs):
        gap_a, gap_b = next_a - a - size, next_b - b - size
        if gap_a == gap_b <= _SLOT:
            slots += gap_a
            numbers += _numbers(x & y for x, y in zip(one[a + size : next_a], two[b + size : next_b], strict=True))
        elif gap_a <= _GAP and gap_b <= _GAP:
            reworded += gap_a + gap_b
    long = [size for _, _, size in runs if size > 1]
    kept = sum(_numbers(one[a : a + size]) for a, _, size in runs) if numbers else 0
    return Alignment(sum(long), sum(long) / max(1, len(long)), slots, numbers, kept, reworded)


def _numbers(ids: Iterable[int]) -> int:
    return sum(word & 1 for word in ids)
