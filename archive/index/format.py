"""The index as it lies in the bucket: the head, the parts that it names, and runs of sorted entries with their fan-out."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import struct
import sys
import tempfile
import zlib
from array import array
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from operator import gt
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, Self
from uuid import uuid4

from archive.files import Unreadable, parse_fields
from archive.manifests.manifest import build, outlet_in
from archive.reader.jsonl import Packed, lines_in, read_object, read_span
from archive.store import Conflict, Missing, Store, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import ExitStack

# --- A run: entries sorted by hash, and before them a fan-out that says where each group of hashes begins ------------
#     "WQIX1\0\0\0"  bits (u32)  count (u64)
#     2^bits + 1 numbers (u32): entries before each group
#     2^bits numbers (u32): the CRC-32 of each group
#     entries of 40 bytes
#
# Hashes are spread evenly, so a group of some 64 entries is found by the first bits of a hash alone: one range of 2 to 3 KB.

_MAGIC = b"WQIX1\0\0\0"
_HEAD = struct.Struct(">8sIQ")
_ENTRY = struct.Struct(">8sIQIIqHH")
SIZE = _ENTRY.size
_A_GROUP = 64
_MOST_BITS = 32  # more groups than there can be entries
_SHARDS = 256
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LINE, CAPTURE = 1, 2
KINDS = {LINE: "articles", CAPTURE: "cdxj"}
"""The kind of object that an entry was read from."""


class IndexEntry(NamedTuple):
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
    parsed = IndexEntry._make(_ENTRY.unpack(entry))
    return parsed.segment, KINDS[parsed.kind]


def renumbered(entry: bytes, segment: int) -> bytes:
    """Return the bytes of an entry with another segment's number."""
    return b"".join((entry[:8], segment.to_bytes(4, "big"), entry[12:]))


def micros(moment: datetime) -> int:
    """Return a moment as an entry holds it."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def as_moment(micros: int) -> datetime:
    """Return the moment that an entry holds, in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


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
        """Read the beginning of a run; raises `Unreadable`."""
        try:
            magic, bits, count = _HEAD.unpack_from(body)
        except struct.error:
            magic, bits, count = b"", 0, 0
        if magic != _MAGIC or bits > _MOST_BITS:
            raise Unreadable("this is no run of an index")
        groups = 1 << bits
        table = body[_HEAD.size : _HEAD.size + 4 * (2 * groups + 1)]
        numbers = _big_endian(array("I", table[: len(table) // 4 * 4]))
        is_whole = len(numbers) == 2 * groups + 1 and numbers[groups] == count
        if not is_whole or any(map(gt, numbers[:groups], numbers[1 : groups + 1])):
            raise Unreadable("this is no run of an index")
        return cls(bits, numbers[: groups + 1], numbers[groups + 1 :])


def _big_endian(numbers: array[int]) -> array[int]:
    """Turn numbers round between this machine's order and that of the file."""
    swapped = numbers[:]
    if sys.byteorder == "little":
        swapped.byteswap()
    return swapped


def entries_in(body: bytes, name: bytes | None = None) -> Iterator[IndexEntry]:
    """Yield the entries, of one name or all, in the bytes of a group or several."""
    for at in range(0, len(body), SIZE):
        if name is None or body.startswith(name, at):
            yield IndexEntry._make(_ENTRY.unpack_from(body, at))


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
        fan_out = FanOut(bits, starts, sums)
        out.seek(fan_out.size)
        for body in self.in_order():
            out.write(body)
            for at in range(0, len(body), SIZE):
                entry = body[at : at + SIZE]
                group = fan_out.group_of(entry)
                starts[group + 1] += 1
                sums[group] = zlib.crc32(entry, sums[group])
        for group in range(len(sums)):
            starts[group + 1] += starts[group]
        out.seek(0)
        out.write(fan_out.to_bytes())
        return fan_out


# --- What an index is made of: its runs, and the segments it knows; and the cache of both on this machine ------------
# <cache>/<sha256>        the fan-out of a large run, a small run as a whole, the names of the segments
# cache = $XDG_CACHE_HOME/warraq, else ~/.cache/warraq; what is there is named by its hash, and held against it

KEY = "index/head.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An object of the index, or its beginning.

    Attributes:
        key: the object.
        bytes: its size.
        sha256: its hash.
        kept: how many bytes of it a reader keeps: all of a small one, the fan-out of a large run.
        kept_sha256: their hash.
        entries: how many are in a run.
    """

    key: str
    bytes: int
    sha256: str
    kept: int
    kept_sha256: str
    entries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The index as it stands: a large run and a small one, or one of them, and the segments they are made of."""

    runs: list[Part] = field(default_factory=list)
    segments: Part | None = None

    def to_bytes(self) -> bytes:
        """Return the published bytes."""
        return (json.dumps({"schema": SCHEMA, **asdict(self)}, indent=1) + "\n").encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Read it; raises `Unreadable` where it is none of this schema."""
        fields = parse_fields(body, schema=int, runs=list, segments=dict | None)
        if fields["schema"] != SCHEMA:
            raise Unreadable(f"an index of schema {fields['schema']}, this reader knows schema {SCHEMA}")
        runs, segments = [build(Part, run) for run in fields["runs"]], fields["segments"]
        return cls(runs=runs, segments=None if segments is None else build(Part, segments))


class Cache:
    """Bytes by their hash, in a folder; who cannot write there does without."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(os.environ.get("XDG_CACHE_HOME") or _home() / ".cache") / "warraq"

    def kept(self, store: Store, part: Part) -> bytes:
        """Return the bytes of a part that a reader keeps. Raises ``ValueError`` where they are not of their hash."""
        path = self.folder / part.kept_sha256
        try:
            body = path.read_bytes()
            if _sha256(body) == part.kept_sha256:
                return body
        except OSError:
            pass
        body = read_span(store, part.key, 0, part.kept, lambda body: _agreeing(body, part))
        self._keep(path, body)
        return body

    def _keep(self, path: Path, body: bytes) -> None:
        waiting = path.with_name(f".{uuid4().hex}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            waiting.write_bytes(body)
            waiting.replace(path)
        except OSError:  # a cache that cannot be written is none
            waiting.unlink(missing_ok=True)


def _agreeing(body: bytes, part: Part) -> bytes:
    if _sha256(body) != part.kept_sha256:
        raise Unreadable(f"{part.key} is not what the index's head says")
    return body


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # a user without one, as in some containers
        return Path(tempfile.gettempdir())


def segments_in(body: Packed) -> list[str]:
    """Return the names of the segments, in the order of their numbers; raises `Unreadable`."""
    names = b"".join(lines_in(BytesIO(bytes(body)))).decode(errors="replace").split()
    for name in names:
        outlet_in(name)
    return names


def segments_to_bytes(names: list[str]) -> bytes:
    """Write the names of the segments."""
    return gzip.compress("\n".join(names).encode(), mtime=0)


def put_part(store: Store, ending: str, body: bytes) -> Part:
    """Put an object that readers keep as a whole, named by its hash; describe it."""
    digest = _sha256(body)
    key = f"index/{digest}.{ending}"
    with suppress(Conflict):  # named by its hash: it is the same
        store.create(key, body)
    return Part(key=key, bytes=len(body), sha256=digest, kept=len(body), kept_sha256=digest)


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def read_head(store: Store) -> tuple[Head, str | None]:
    """Return the index as it stands and the tag of its head; an empty one and None where there is none."""
    try:
        body, tag = store.read_tagged(KEY)
    except Missing:
        return Head(), None
    try:
        return Head.from_bytes(body), tag
    except Unreadable:  # of another release: made anew
        return Head(), tag


def known_segments(store: Store, head: Head) -> list[str]:
    """Return the names of the segments that an index knows, in the order of their numbers."""
    return [] if head.segments is None else segments_in(read_object(store, head.segments))


def move_head(store: Store, head: Head, tag: str | None) -> None:
    """Put a head in the place of the one with this tag.

    Raises:
        StoreUnavailable: somebody else was faster.
    """
    try:
        store.replace(KEY, head.to_bytes(), tag=tag)
    except Conflict:
        raise StoreUnavailable("another process has moved the index meanwhile; what it did stands") from None
