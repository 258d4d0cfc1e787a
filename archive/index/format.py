r"""A run: entries sorted by hash, and before them a fan-out that says where each group of hashes begins.

    "WQIX1\0\0\0"  bits (u32)  count (u64)
    2^bits + 1 numbers (u32): entries before each group
    2^bits numbers (u32): the CRC-32 of each group
    entries of 40 bytes

Hashes are spread evenly, so a group of some 64 entries is found by the first bits of a hash alone: one range of 2 to 3 KB.
"""

from __future__ import annotations

import hashlib
import struct
import sys
import tempfile
import zlib
from array import array
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO, TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import ExitStack

_MAGIC = b"WQIX1\0\0\0"
_HEAD = struct.Struct(">8sIQ")
_ENTRY = struct.Struct(">8sIQIIqHH")
SIZE = _ENTRY.size
_A_GROUP = 64
_SHARDS = 256
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LINE, CAPTURE = 1, 2
KINDS = {LINE: "articles", CAPTURE: "cdxj"}
"""The kind of object that an entry was read from."""


class Entry(NamedTuple):
    """Where something of a name lies.

    Attributes:
        name: eight bytes of the name's hash.
        segment: the segment's number.
        offset: of the gzip member, in the ``articles`` object or the WARC.
        length: of the member.
        line: in the member, from 0; of captures 0.
        moment: microseconds of the capture since 1970, UTC.
        version: of the article; of captures 0.
        kind: `LINE` or `CAPTURE`.
    """

    name: bytes
    segment: int
    offset: int
    length: int
    line: int
    moment: int
    version: int
    kind: int

    def to_bytes(self) -> bytes:
        """Return the forty bytes."""
        return _ENTRY.pack(*self)


def hash_of(name: bytes) -> bytes:
    """Return the eight bytes under which a name is sorted."""
    return hashlib.blake2b(name, digest_size=8).digest()


def object_of(entry: bytes) -> tuple[int, str]:
    """Return the segment's number and the kind of object that the bytes of an entry speak of."""
    found = Entry._make(_ENTRY.unpack(entry))
    return found.segment, KINDS[found.kind]


def renumbered(entry: bytes, segment: int) -> bytes:
    """Return the bytes of an entry with another segment's number."""
    return b"".join((entry[:8], segment.to_bytes(4, "big"), entry[12:]))


def micros(moment: datetime) -> int:
    """Return a moment as an entry holds it."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class FanOut:
    """The part of a run that a reader keeps: where each group begins, and its checksum."""

    bits: int
    starts: array[int]
    sums: array[int]

    @property
    def count(self) -> int:
        """Return the entries of the run."""
        return self.starts[-1]

    @property
    def size(self) -> int:
        """Return the bytes before the first entry."""
        return _HEAD.size + 4 * (len(self.starts) + len(self.sums))

    def group_of(self, name: bytes) -> int:
        """Return the group that a hash belongs to."""
        return int.from_bytes(name[:8], "big") >> (64 - self.bits) if self.bits else 0

    def span(self, group: int) -> tuple[int, int]:
        """Return offset and length, in the run, of a group."""
        first, last = self.starts[group], self.starts[group + 1]
        return self.size + SIZE * first, SIZE * (last - first)

    def is_whole(self, group: int, body: bytes) -> bool:
        """Say whether some bytes are those of a group."""
        return zlib.crc32(body) == self.sums[group]

    def to_bytes(self) -> bytes:
        """Return the bytes that a run begins with."""
        head = _HEAD.pack(_MAGIC, self.bits, self.count)
        return head + _big_endian(self.starts).tobytes() + _big_endian(self.sums).tobytes()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Read the beginning of a run; raises ``ValueError``."""
        try:
            magic, bits, count = _HEAD.unpack_from(body)
        except struct.error:
            magic, bits, count = b"", 0, 0
        groups = 1 << bits
        numbers = _big_endian(array("I", body[_HEAD.size : _HEAD.size + 4 * (2 * groups + 1)]))
        if magic != _MAGIC or len(numbers) != 2 * groups + 1 or numbers[groups] != count:
            raise ValueError("this is no run of an index")
        return cls(bits, numbers[: groups + 1], numbers[groups + 1 :])


def _big_endian(numbers: array[int]) -> array[int]:
    """Turn numbers round between this machine's order and that of the file."""
    found = numbers[:]
    if sys.byteorder == "little":
        found.byteswap()
    return found


def entries_in(body: bytes, name: bytes | None = None) -> Iterator[Entry]:
    """Yield the entries, of one name or all, in the bytes of a group or several."""
    for at in range(0, len(body), SIZE):
        if name is None or body.startswith(name, at):
            yield Entry._make(_ENTRY.unpack_from(body, at))


class Sorter:
    """Sorts entries on disk: each of 256 shards is small enough for memory."""

    def __init__(self, stack: ExitStack) -> None:
        files = (tempfile.TemporaryFile() for _ in range(_SHARDS))  # noqa: SIM115  the stack closes them
        self._shards: list[IO[bytes]] = [stack.enter_context(file) for file in files]
        self._counts = [0] * _SHARDS

    def add(self, entries: Iterable[bytes]) -> None:
        """Take entries."""
        for entry in entries:
            self._shards[entry[0]].write(entry)
            self._counts[entry[0]] += 1

    @property
    def count(self) -> int:
        """Return how many there are."""
        return sum(self._counts)

    def in_order(self) -> Iterator[bytes]:
        """Yield all entries of a shard after the other, joined and sorted, each once."""
        for shard in self._shards:
            shard.seek(0)
            body = shard.read()
            yield b"".join(sorted({body[at : at + SIZE] for at in range(0, len(body), SIZE)}))

    def write(self, out: IO[bytes]) -> FanOut:
        """Write a run and return its fan-out; ``out`` can be sought."""
        bits = max(0, (self.count // _A_GROUP).bit_length())
        starts, sums = array("I", bytes(4 * ((1 << bits) + 1))), array("I", bytes(4 << bits))
        found = FanOut(bits, starts, sums)
        out.seek(found.size)
        for body in self.in_order():
            out.write(body)
            for at in range(0, len(body), SIZE):
                entry = body[at : at + SIZE]
                group = found.group_of(entry)
                starts[group + 1] += 1
                sums[group] = zlib.crc32(entry, sums[group])
        for group in range(len(sums)):
            starts[group + 1] += starts[group]
        out.seek(0)
        out.write(found.to_bytes())
        return found
