"""Which line of an article is its newest, for any number of articles: 16 to 32 bytes each, no more.

A table of 64-bit hashes with open addressing. Python's own set of a million ids would need ten times as much. Two ids of
one archive have the same hash with a chance of 1 in 10^7 for a million of them.
"""

from __future__ import annotations

from array import array

_SMALLEST = 1 << 10
_BITS = (1 << 64) - 1


class Table:
    """Article ids, each with a number."""

    def __init__(self) -> None:
        self._hashes = array("Q", bytes(8 * _SMALLEST))
        self._numbers = array("Q", bytes(8 * _SMALLEST))
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def add(self, name: bytes) -> bool:
        """Take a name; False where it is here already."""
        place, key = self._place(name)
        if self._hashes[place]:
            return False
        self._put(place, key, 0)
        return True

    def put(self, name: bytes, number: int) -> None:
        """Give a name a number, in the place of an earlier one."""
        place, key = self._place(name)
        if self._hashes[place]:
            self._numbers[place] = number
        else:
            self._put(place, key, number)

    def number(self, name: bytes) -> int | None:
        """Return a name's number, None where it is not here."""
        place, _ = self._place(name)
        return self._numbers[place] if self._hashes[place] else None

    def _place(self, name: bytes) -> tuple[int, int]:
        key = (hash(name) & _BITS) or 1
        mask = len(self._hashes) - 1
        place = key & mask
        while (there := self._hashes[place]) and there != key:
            place = (place + 1) & mask
        return place, key

    def _put(self, place: int, key: int, number: int) -> None:
        self._hashes[place], self._numbers[place] = key, number
        self._used += 1
        if 3 * self._used > 2 * len(self._hashes):
            self._grow()

    def _grow(self) -> None:
        hashes, numbers = self._hashes, self._numbers
        size = 2 * len(hashes)
        self._hashes, self._numbers = array("Q", bytes(8 * size)), array("Q", bytes(8 * size))
        mask = size - 1
        for key, number in zip(hashes, numbers, strict=True):
            if key:
                place = key & mask
                while self._hashes[place]:
                    place = (place + 1) & mask
                self._hashes[place], self._numbers[place] = key, number
