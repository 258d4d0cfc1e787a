"""What two articles have in common, word by word.

    shorter   ▒▒▒▒▒▒▒▒███████████████▒▒██████▒▒▒▒▒▒▒          █ covered: stands in a 3-gram of the other
    longer    ███████████████▒▒██████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒    ▒ its own

Coverage does not care about order, so it survives moved paragraphs. The alignment (longest common subsequence) does care:
it finds the *slots*, places where both go on alike but for as many words, and these tell a bulletin from a copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz.distance import LCSseq

from pipelines.syndication.fingerprints import GRAM, grams

if TYPE_CHECKING:
    from array import array

_HEAD = 60  # words: a lead paragraph and the dateline before it
_REST = 40  # words after the head that make a share of them worth something
_ALIGNED = 4000  # words; a live blog of a whole day is aligned by its first 4,000
_LEAD = 45  # words
_RUN = 5  # covered words in a row that count as the beginning of what is shared
_SLOT = 3  # words: a slot is at most this long, "12 مليون دولار"
_GAP = 8  # words: longer gaps are own paragraphs, not rewording


@dataclass(frozen=True, slots=True)
class Side:
    """One article's share: all between 0 and 1.

    Attributes:
        coverage: covered words among all.
        begins: where the first covered run begins, as a share of the article; 1 where there is none.
        rest: covered words among those after the head; the coverage itself where the article is hardly longer.
        lead: covered words among the first 45.
    """

    coverage: float
    begins: float
    rest: float
    lead: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands in both: the two sides, and the alignment's counts of words.

    Attributes:
        first, second: the sides, in the order the articles were given.
        matched: aligned words in runs of two and more.
        run: mean length of such a run.
        slots: words in slots; ``numbers`` of them are numbers on both sides, ``kept_numbers`` were aligned.
        reworded: words in other short gaps between aligned words, both sides together.
    """

    first: Side
    second: Side
    matched: int
    run: float
    slots: int
    numbers: int
    kept_numbers: int
    reworded: int


class Words:
    """An article's words, ready to be compared: ids, 3-grams in order, and their set."""

    __slots__ = ("grams", "ids", "known")

    def __init__(self, ids: array[int]) -> None:
        self.ids = ids
        self.grams = grams(ids)
        self.known = frozenset(self.grams)

    def covered_by(self, other: Words) -> bytearray:
        """Return one byte a word: 1 where the word stands in a 3-gram of ``other``."""
        marks = bytearray(len(self.ids))
        known = other.known
        for place, gram in enumerate(self.grams):
            if gram in known:
                marks[place : place + GRAM] = b"\1\1\1"
        return marks


def compare(first: Words, second: Words) -> Evidence:
    """Compare two articles of at least three words each; exchanging them exchanges the sides and nothing else."""
    swapped = (len(second.ids), second.ids) < (len(first.ids), first.ids)  # ties in an alignment fall alike both ways
    one, two = (second, first) if swapped else (first, second)
    return Evidence(
        _side(first.covered_by(second)),
        _side(second.covered_by(first)),
        *_align(one.ids[:_ALIGNED], two.ids[:_ALIGNED]),
    )


def _side(marks: bytearray) -> Side:
    size, covered = len(marks), marks.count(1)
    begins = marks.find(b"\1" * _RUN)
    rest = (marks.count(1, _HEAD) / (size - _HEAD)) if size >= _HEAD + _REST else covered / size
    return Side(covered / size, 1.0 if begins < 0 else begins / size, rest, marks.count(1, 0, _LEAD) / min(_LEAD, size))


def _align(one: array[int], two: array[int]) -> tuple[int, float, int, int, int, int]:
    matched = runs = slots = numbers = kept = reworded = 0
    end_one = end_two = -1
    for block in LCSseq.opcodes(one, two).as_matching_blocks():
        if not block.size:
            continue
        if end_one >= 0:
            gap_one, gap_two = block.a - end_one, block.b - end_two
            if gap_one == gap_two <= _SLOT:
                slots += gap_one
                numbers += sum(a & b & 1 for a, b in zip(one[end_one : block.a], two[end_two : block.b], strict=True))
            elif gap_one <= _GAP and gap_two <= _GAP:
                reworded += gap_one + gap_two
        if block.size > 1:
            matched += block.size
            runs += 1
        end_one, end_two = block.a + block.size, block.b + block.size
        kept += sum(word & 1 for word in one[block.a : end_one])
    return matched, matched / max(1, runs), slots, numbers, kept, reworded
