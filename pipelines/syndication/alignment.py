"""What two articles have in common, word by word.

    shorter   ▒▒▒▒▒▒▒▒███████████████▒▒██████▒▒▒▒▒▒▒          █ covered: stands in a 3-gram of the other
    longer    ███████████████▒▒██████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒    ▒ its own

What is compared is each article's own: words of formulas (`pipelines.syndication.formulas`) are left out of both before anything is
counted. Coverage does not care about order, so it survives moved paragraphs. The alignment (longest common subsequence) does care:
it finds the *slots*, places where both go on alike but for as many words, and these tell a bulletin from a copy.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz.distance import LCSseq

from pipelines.syndication.coverage import covered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.syndication.coverage import Words

LEAD = 45  # words
_HEAD = 60  # words: a lead paragraph and the dateline before it
_REST = 40  # words after the head that make a share of them worth something
_RUN = 5  # covered words in a row that count as the beginning of what is shared
_ALIGNED = 4000  # words; a live blog of a whole day is aligned by its first 4,000
_SLOT = 3  # words: a slot is at most this long, "12 مليون دولار"
_GAP = 8  # words: longer gaps are own paragraphs, not rewording


@dataclass(frozen=True, slots=True)
class Side:
    """One article's share in what is common: two counts of words, then shares between 0 and 1.

    Attributes:
        own: how many words are the article's own; the other figures are shares of these.
        shared: how many of them are covered.
        coverage: covered words among all.
        begins: where the first covered run begins, as a share of the article; 1 where there is none.
        rest: covered words among those after the head; the coverage itself where the article is hardly longer.
        lead: covered words among the first `LEAD`.
    """

    own: int
    shared: int
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

    Args:
        first, second: the articles.
    """

    __slots__ = ("_alignment", "_first", "_second", "first", "larger", "second", "smaller")

    first: Side
    """What of the first article stands in the second."""
    second: Side
    """What of the second article stands in the first."""
    larger: float
    """The greater coverage of the two."""
    smaller: float
    """The lesser coverage of the two."""

    def __init__(self, first: Words, second: Words) -> None:
        self._first, self._second = first, second
        mine, theirs = covered(first, second)
        self.first, self.second = _side(_own(mine, first)), _side(_own(theirs, second))
        self.smaller, self.larger = sorted((self.first.coverage, self.second.coverage))
        self._alignment: Alignment | None = None

    @property
    def shortest(self) -> int:
        """Words of the shorter article."""
        return min(self._first.ids.size, self._second.ids.size)

    @property
    def shared(self) -> int:
        """Own words that both share, counted in the article that shares fewer of them."""
        return min(self.first.shared, self.second.shared)

    @property
    def fewest(self) -> int:
        """Own words of the article that has fewer."""
        return min(self.first.own, self.second.own)

    @property
    def alignment(self) -> Alignment:
        """How the two go on side by side; worked out when it is asked for, since most pairs are settled without."""
        if self._alignment is None:
            both = (words.ids[:_ALIGNED].tolist() for words in (self._first, self._second))
            self._alignment = _align(*sorted(both, key=lambda ids: (len(ids), ids)))  # ties fall alike both ways
        return self._alignment


def _own(marks: bytes, words: Words) -> bytes:
    return marks if words.own is None else np.frombuffer(marks, np.uint8)[words.own].tobytes()


def _side(marks: bytes) -> Side:
    size = len(marks)
    if not size:
        return Side(0, 0, 0.0, 1.0, 0.0, 0.0)
    alone = marks.count(0)
    begins = marks.find(b"\1" * _RUN)
    rest = 1 - marks.count(0, _HEAD) / (size - _HEAD) if size >= _HEAD + _REST else 1 - alone / size
    lead = 1 - marks.count(0, 0, LEAD) / min(LEAD, size)
    return Side(size, size - alone, 1 - alone / size, 1.0 if begins < 0 else begins / size, rest, lead)


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
