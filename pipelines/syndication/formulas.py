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
from operator import is_
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from pipelines.syndication.fingerprints import formula_words, grams, word_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.syndication.fingerprints import Hashes, Ids, Marks

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


def day_of(at: float) -> int:
    """Return the number of the day of a moment."""
    return int(at // _DAY)


class Formulas:
    """The formulas of an archive, as they were on each of its last days; seeds hold from the beginning."""

    def __init__(self) -> None:
        self._days = np.zeros(1 << 23, np.uint32)
        self._held = np.uint32(0)  # days that some slot holds
        self._newest: int | None = None
        self._asked: tuple[Sequence[Ids], _Slots] | None = None  # what is asked for is learned next

    def own(self, ids: Ids, at: float) -> Marks:
        """Tell which words of a text are its own: one truth value a word.

        Args:
            ids: the text's words.
            at: when it was published, seconds since 1970; only days before that day count.
        """
        return self.own_of_each([ids], [grams(ids)], at)[0]

    def own_of_each(self, texts: Sequence[Ids], hashes: Sequence[Hashes], at: float) -> list[Marks]:
        """Tell which words of several texts of one day are their own: none of them changes what another one's are.

        Args:
            texts: the words of each.
            hashes: their 3-grams.
            at: when any of them was published.
        """
        joined = np.concatenate(hashes)
        known = _seeded(joined)
        if self._newest is not None:
            one, other = slots = _slots(joined)
            self._asked = texts, slots
            days = self._days.take(one) & self._days.take(other) & _before(day_of(at), self._newest)
            known |= np.bitwise_count(days) >= _OFTEN
        return [~words for words in formula_words(known, [each.size for each in texts])]

    def learn(self, ids: Ids, at: float) -> None:
        """Learn a text; learning it again changes nothing. One of a day long forgotten teaches nothing."""
        self.learn_each([ids], at)

    def learn_each(self, texts: Sequence[Ids], at: float) -> None:
        """Learn several texts of one day."""
        day = day_of(at)
        self._advance(day)
        assert self._newest is not None
        if day > self._newest - DAYS:
            bit = _bit(day)
            self._held |= bit
            asked, slots = self._asked or ((), None)
            if slots is None or not (len(asked) == len(texts) and all(map(is_, asked, texts))):
                slots = _slots(np.concatenate([grams(each) for each in texts]))
            for places in slots:
                self._days[places] |= bit

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
    seeds = np.sort(np.concatenate(phrases))  # `unique` would load what takes ten times as long as all this
    begun = np.zeros(1 << 16, np.bool_)
    begun[(seeds >> _BEGINNING).astype(np.intp)] = True
    return seeds, begun
