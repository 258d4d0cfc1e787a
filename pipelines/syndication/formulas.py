"""Formulas: what the archive says again and again, so that it proves no copy (titles, protocol, weather, court statements).

    3-grams of a text ──learn()──▶ table of 8 million slots, each a mask of days:  ▒░▒▒░░░▒ … 32 days
                      ──own()────▶ which words stand in no 3-gram that four earlier days or a seed hold

A story runs within 72 hours, save a few late copies, so three days at most come before its articles: what four earlier days say is no story's own.
Days are counted, not articles: a dispatch that thirty newspapers run on one day is seen once. A 3-gram has two slots, and a day counts
where both hold it (a Bloom filter for each day of the last 32, side by side): at 2,000 articles a day 6 words in 10,000 are taken for
formula by chance. A day that is 32 days old is forgotten. The table depends on the texts alone, not on the order within a day, so it is
not stored: whoever holds the same articles makes the same. Which words were formula when an article was placed is published in its
line (``formulas``), so that every machine judges it alike, in whatever order it learns the archive.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from pipelines.syndication.alignment import formula_words
from pipelines.syndication.fingerprints import grams, word_ids

if TYPE_CHECKING:
    from pipelines.syndication.alignment import Marks
    from pipelines.syndication.fingerprints import Hashes, Ids

DAYS = 32  # days that are remembered, one bit each
_DAY = 24 * 3600.0
_OFTEN = 4  # earlier days that hold a formula; see above
_SHIFT = np.uint64(64 - 23)  # 23 bits: 8,388,608 slots of 4 bytes, 32 MB
_MIXES = (np.uint64(0xD6E8FEB86659FD93), np.uint64(0xBF58476D1CE4E5B9))  # odd; the second slot mixes the upper half in
_HALF = np.uint64(29)
_BEGINNING = np.uint64(48)
_Slots: TypeAlias = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]


def as_ranges(own: Marks) -> str:
    """Return the words that are not own as a line tells them: ``0-11 40-48``, first and last of each run; empty where all are own."""
    if own.all():
        return ""
    framed = np.ones(own.size + 2, np.bool_)
    framed[1:-1] = own
    edges = (framed[1:] != framed[:-1]).nonzero()[0].tolist()
    return " ".join(f"{first}-{end - 1}" for first, end in zip(edges[::2], edges[1::2], strict=True))


def from_ranges(ranges: str, size: int) -> Marks:
    """Return which of a text's ``size`` words are its own, from what a line tells.

    Raises:
        ValueError: it tells no runs of words.
    """
    own = np.ones(size, np.bool_)
    for run in ranges.split():
        first, _, last = run.partition("-")
        if not (first.isdecimal() and last.isdecimal()):
            raise ValueError("formulas is no list of runs of words such as 0-11 40-48")
        own[int(first) : int(last) + 1] = False
    return own


class Formulas:
    """The formulas of an archive, as they were on each of its last days; seeds hold from the beginning."""

    def __init__(self) -> None:
        self._days = np.zeros(1 << 23, np.uint32)
        self._held = np.uint32(0)  # days that some slot holds
        self._newest: int | None = None
        self._asked: tuple[Ids, _Slots] | None = None  # what is asked for is learned next

    def own(self, ids: Ids, at: float, hashes: Hashes | None = None) -> Marks:
        """Tell which words of a text are its own: one truth value a word.

        Args:
            ids: the text's words.
            at: when it was published, seconds since 1970; only days before that day count.
            hashes: its 3-grams, where they are at hand.
        """
        hashes = grams(ids) if hashes is None else hashes
        known = _seeded(hashes)
        if self._newest is not None:
            one, other = slots = _slots(hashes)
            self._asked = ids, slots
            days = self._days.take(one) & self._days.take(other) & _before(int(at // _DAY), self._newest)
            known |= np.bitwise_count(days) >= _OFTEN
        return ~formula_words(known, ids.size)

    def learn(self, ids: Ids, at: float) -> None:
        """Learn a text; learning it again changes nothing. One of a day long forgotten teaches nothing."""
        day = int(at // _DAY)
        self._advance(day)
        assert self._newest is not None
        if day > self._newest - DAYS:
            self._held |= _bit(day)
            is_at_hand = self._asked is not None and self._asked[0] is ids
            for slots in self._asked[1] if self._asked and is_at_hand else _slots(grams(ids)):
                self._days[slots] |= _bit(day)

    def _advance(self, day: int) -> None:
        if self._newest is None:
            self._newest = day
        elif day > self._newest:
            passed = range(max(self._newest, day - DAYS) + 1, day + 1)
            if anew := self._held & np.bitwise_or.reduce(
                [_bit(each) for each in passed]
            ):  # bits of days that are forgotten
                self._days &= ~anew
                self._held &= ~anew
            self._newest = day


@lru_cache(64)
def _before(day: int, newest: int) -> np.uint32:
    since = (
        max(newest, day) - DAYS + 1
    )  # of an archive that slept for a year nothing counts, though the table still holds it
    return np.uint32(sum(1 << (each % DAYS) for each in range(since, min(day, newest + 1))))


def _bit(day: int) -> np.uint32:
    return np.uint32(1 << (day % DAYS))


def _slots(hashes: Hashes) -> _Slots:
    first, second = hashes * _MIXES[0], (hashes ^ hashes >> _HALF) * _MIXES[1]
    return (first >> _SHIFT).astype(np.intp), (second >> _SHIFT).astype(np.intp)


def _seeded(hashes: Hashes) -> Marks:
    """Tell which 3-grams the seed list holds."""
    seeds, begun = _seeds()
    known = begun.take((hashes >> _BEGINNING).astype(np.intp))
    places = known.nonzero()[0]
    if places.size:
        likely = hashes[places]
        known[places] = seeds.take(seeds.searchsorted(likely), mode="clip") == likely
    return known


@cache
def _seeds() -> tuple[Hashes, Marks]:
    """Return the 3-grams of the seed list, sorted; and for each beginning of a hash, 16 bits, whether one of them has it."""
    lines = files(__package__).joinpath("formulas.txt").read_text("utf-8").splitlines()
    phrases = [grams(word_ids(line)) for line in lines if line and not line.startswith("#")]
    seeds = np.unique(np.concatenate(phrases))
    begun = np.zeros(1 << 16, np.bool_)
    begun[(seeds >> _BEGINNING).astype(np.intp)] = True
    return seeds, begun
