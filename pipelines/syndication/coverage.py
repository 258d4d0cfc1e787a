"""Which words of two articles stand in 3-grams of the other, by a table of one article's 3-grams that all others are held against.

    grams of one ──▶ table of 32,768 slots: which gram stands here ◀── grams of another, all at once
                     (a gram whose slot another one has stands in a list beside it)

One table serves an article's whole row of candidates. The answer is exact, and alike whichever of two articles has the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from pipelines.syndication.fingerprints import grams

if TYPE_CHECKING:
    from pipelines.syndication.spelling import Ids

_MIX, _SHIFT = np.uint64(0xD6E8FEB86659FD93), np.uint64(64 - 15)  # odd; 15 bits: 32,768 slots, 64 KB
_MOST_SMALL = 1 << 16  # grams that 16 bits can number
Places: TypeAlias = npt.NDArray[np.intp]
Marks: TypeAlias = npt.NDArray[np.bool_]


class Words:
    """An article's words, ready to be compared: ids, and 3-grams in order.

    Args:
        ids: the words.
        own: which of them are the article's own and no formula; None: all.
    """

    __slots__ = ("_lost", "_own", "_slots", "_table", "grams", "ids", "own")

    def __init__(self, ids: Ids, own: Marks | None = None) -> None:
        self.ids = ids
        self.own = None if own is None or own.all() else own
        self.grams = grams(ids)
        self._slots: Places | None = None
        self._table: npt.NDArray[np.uint16] | Places | None = None

    @property
    def slots(self) -> Places:
        """The slot of each gram."""
        if self._slots is None:
            self._slots = (self.grams * _MIX >> _SHIFT).astype(np.intp)
        return self._slots

    def held(self, other: Words) -> tuple[Marks, Marks]:
        """Return which of this article's grams stand in the other, and which of the other's stand in this one."""
        if self._table is None:
            self._fill()
        assert self._table is not None
        found = self._table[other.slots]
        theirs = self.grams[found] == other.grams
        stands = np.zeros(self.grams.size, dtype=np.bool_)
        stands[found[theirs]] = True
        mine = stands[self._own]
        for gram in self._lost:
            there = other.grams == gram
            theirs |= there
            mine[self.grams == gram] = there.any()
        return mine, theirs

    def _fill(self) -> None:
        is_small = self.grams.size <= _MOST_SMALL
        table: npt.NDArray[np.uint16] | Places  # 0 is the first gram's place, too: every find is compared
        table = np.zeros(1 << 15, np.uint16) if is_small else np.zeros(1 << 15, np.intp)
        table[self.slots] = np.arange(self.grams.size)
        self._table, self._own = table, table[self.slots]
        lost = self.grams[self.grams[self._own] != self.grams]
        self._lost = [np.uint64(gram) for gram in set(lost.tolist())]


def covered(one: Words, other: Words) -> tuple[bytes, bytes]:
    """Return one byte a word for each of the two articles: not 0 where the word stands in a 3-gram of the other."""
    if not (one.grams.size and other.grams.size):
        return bytes(one.ids.size), bytes(other.ids.size)
    mine, theirs = one.held(other)
    return _marks(mine), _marks(theirs)


def formula_words(known: Marks, size: int) -> Marks:
    """Return which of an article's words stand in a 3-gram that is known.

    Args:
        known: which 3-grams are, in order.
        size: how many words the article has.
    """
    return np.frombuffer(_marks(known), np.uint8) != 0 if known.any() else np.zeros(size, np.bool_)


def _marks(begun: Marks) -> bytes:
    said = int.from_bytes(begun.tobytes(), "little")
    return (said | said << 8 | said << 16).to_bytes(begun.size + 2, "little")  # a gram covers three words
