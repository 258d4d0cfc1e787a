"""The inverted index: which texts hold a sampled hash, in blocks of time.

    block 6301          block 6302          block 6303            a block is as long as the window, so everything within
    hash → texts        hash → texts        hash → texts          a window of an article stands in three blocks

A lookup touches three blocks however much the archive holds, so a million articles are as fast as a thousand, and blocks
that nobody asked for lately can be let go.
"""

from __future__ import annotations

from collections import OrderedDict
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from pipelines.syndication.assembly import WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipelines.syndication.fingerprints import Hashes

_FIRST = 64  # texts: a hash holds its first ones; a story of more copies is found by these, a formula costs no more

_AT_ONCE = 3  # blocks that a lookup needs
_FRESH, _SHARE = 256, 8  # so many texts, and one in so many of a block's, are not sorted in yet


def block_of(moment: float) -> int:
    """Return the number of the block in which an article of this moment stands."""
    return int(moment // WINDOW)


class Postings:
    """Hash → serials of texts, by block; serials begin with 1.

    Args:
        load: gives the ``(serial, sketch)`` of a block that is not in memory; asked again after the block was let go.
        kept: how many texts stay in memory; the least recently used blocks go first.
    """

    def __init__(self, load: Callable[[int], Iterable[tuple[int, Hashes]]], kept: int) -> None:
        self._load = load
        self._kept = kept
        self._blocks: OrderedDict[int, _Block] = OrderedDict()

    def add(self, block: int, serial: int, sketch: Hashes) -> None:
        """Post a text. Where its block is not in memory nothing happens: `load` will bring it."""
        if block in self._blocks:
            self._blocks[block].post(serial, sketch)

    def shared(self, block: int, sketch: Hashes) -> dict[int, int]:
        """Return, for every text that shares a hash with ``sketch``, how many; from this block and its neighbours."""
        counts: dict[int, int] = {}
        for near in (block - 1, block, block + 1):
            for serial in self._block(near).holders(sketch):
                counts[serial] = counts.get(serial, 0) + 1
        return counts

    def clear(self) -> None:
        """Let go of everything; what is asked for is loaded again."""
        self._blocks.clear()

    def _block(self, number: int) -> _Block:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        block = self._blocks[number] = _Block(self._load(number))
        while sum(each.texts for each in self._blocks.values()) > self._kept and len(self._blocks) > _AT_ONCE:
            self._blocks.popitem(last=False)
        return block


class _Block:
    """One block's postings: in two arrays, sorted by hash, 12 bytes each; the latest ones in a dictionary, ten times as much.

    Args:
        posted: what it begins with.
    """

    def __init__(self, posted: Iterable[tuple[int, Hashes]]) -> None:
        self.texts = 0
        self._hashes, self._serials = np.empty(0, np.uint64), np.empty(0, np.uint32)
        self._late: dict[int, list[int]] = {}
        self._unsorted = list(posted)
        self._sort_in()

    def post(self, serial: int, sketch: Hashes) -> None:
        """Post a text."""
        self._unsorted.append((serial, sketch))
        for value in sketch.tolist():
            self._late.setdefault(value, []).append(serial)
        if len(self._unsorted) >= max(_FRESH, self.texts // _SHARE):
            self._sort_in()

    def holders(self, sketch: Hashes) -> Iterable[int]:
        """Return the serial of a text for each hash of ``sketch`` that it holds, of each hash the first `_FIRST` texts."""
        begins = self._hashes.searchsorted(sketch)
        is_held = self._hashes.take(begins, mode="clip") == sketch if self._hashes.size else begins < 0
        held = sketch[is_held]
        spans = zip(begins[is_held].tolist(), self._hashes.searchsorted(held, "right").tolist(), strict=True)
        found = [self._serials[begin:end].tolist() for begin, end in spans]
        if self._late:
            sizes = dict(zip(held.tolist(), map(len, found), strict=True))
            late = (value for value in sketch.tolist() if value in self._late)
            found += [self._late[value][: _FIRST - sizes.get(value, 0)] for value in late]
        return chain.from_iterable(found)

    def _sort_in(self) -> None:
        if not self._unsorted:
            return
        serials, sketches = zip(*self._unsorted, strict=True)
        hashes = np.concatenate([self._hashes, *sketches])
        sizes = [each.size for each in sketches]
        holders = np.concatenate([self._serials, np.repeat(np.array(serials, np.uint32), sizes)])
        order = np.argsort(hashes, kind="stable")
        hashes, holders = hashes[order], holders[order]
        is_early = np.ones(hashes.size, dtype=bool)
        np.not_equal(hashes[_FIRST:], hashes[:-_FIRST], out=is_early[_FIRST:])
        self._hashes, self._serials = hashes[is_early], holders[is_early]
        self.texts += len(serials)
        self._unsorted, self._late = [], {}
