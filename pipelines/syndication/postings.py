"""The inverted index: which texts hold a sampled hash, in blocks of time.

    block 6301          block 6302          block 6303            a block is as long as the window, so everything within
    hash → texts        hash → texts        hash → texts          a window of an article stands in three blocks

A lookup touches three blocks however much the archive holds, so a million articles are as fast as a thousand, and blocks
that nobody asked for lately can be let go.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, TypeAlias

from pipelines.syndication.assembly import WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_FIRST = 64  # texts: a hash holds its first ones; a story of more copies is found by these, a formula costs no more

_AT_ONCE = 3  # blocks that a lookup needs
Block: TypeAlias = dict[int, int | list[int]]


def block_of(moment: float) -> int:
    """Return the number of the block in which an article of this moment stands."""
    return int(moment // WINDOW)


class Postings:
    """Hash → serials of texts, by block; serials begin with 1.

    Args:
        load: gives the ``(serial, sketch)`` of a block that is not in memory; asked again after the block was let go.
        kept: how many texts stay in memory; the least recently used blocks go first.
    """

    def __init__(self, load: Callable[[int], Iterable[tuple[int, Iterable[int]]]], kept: int) -> None:
        self._load = load
        self._kept = kept
        self._blocks: OrderedDict[int, Block] = OrderedDict()
        self._sizes: dict[int, int] = {}

    def add(self, block: int, serial: int, sketch: Iterable[int]) -> None:
        """Post a text. Where its block is not in memory nothing happens: `load` will bring it."""
        if block in self._blocks:
            _post(self._blocks[block], serial, sketch)
            self._sizes[block] += 1

    def shared(self, block: int, sketch: Iterable[int]) -> dict[int, int]:
        """Return, for every text that shares a hash with ``sketch``, how many; from this block and its neighbours."""
        counts: dict[int, int] = {}
        for near in (block - 1, block, block + 1):
            if held := self._block(near):
                for found in map(held.get, sketch):
                    if not found:
                        continue
                    for serial in (found,) if isinstance(found, int) else found:
                        counts[serial] = counts.get(serial, 0) + 1
        return counts

    def clear(self) -> None:
        """Let go of everything; what is asked for is loaded again."""
        self._blocks.clear()
        self._sizes.clear()

    def _block(self, number: int) -> Block:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        block: Block = {}
        size = 0
        for size, (serial, sketch) in enumerate(self._load(number), 1):  # noqa: B007  the last count is the size
            _post(block, serial, sketch)
        self._blocks[number], self._sizes[number] = block, size
        while sum(self._sizes.values()) > self._kept and len(self._blocks) > _AT_ONCE:
            oldest, _ = self._blocks.popitem(last=False)
            del self._sizes[oldest]
        return block


def _post(block: Block, serial: int, sketch: Iterable[int]) -> None:
    for value in sketch:
        held = block.setdefault(value, serial)
        if isinstance(held, int):
            if held != serial:
                block[value] = [held, serial]
        elif len(held) < _FIRST:
            held.append(serial)
