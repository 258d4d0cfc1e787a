"""Files of lines as they lie in the archive: gzip, in members that can be read one by one.

    articles/…jsonl.gz   = member member member …      each some 256 KB of whole lines, unpacked
    a member             = a gzip header that says in an extra field ("WQ") how long the member is, then as ever

To gzip, zcat, DuckDB and the rest it is one ordinary gzip file (RFC 1952: members may follow one another, who does not know
an extra field skips it). We hop from header to header, so that a reader begins at the end without unpacking the whole, and
one line costs one range request of some 80 KB. A file in a single member of unknown length, as earlier releases wrote them, is
read too.
"""

from __future__ import annotations

import struct
import zlib
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MEMBER_BYTES = 256 * 1024  # far above gzip's window of 32 KB, so that nothing is lost by beginning anew
_HEAD = struct.Struct("<4s4xBB H 2sHI")  # magic, deflate, FEXTRA; no time; level, system; length of the extra field, …
_MAGIC, _EXTRA, _OURS, _UNKNOWN_SYSTEM = b"\x1f\x8b\x08\x04", 8, b"WQ", 255
_TAIL = struct.Struct("<II")
_LEVEL = 6


class Unreadable(ValueError):  # noqa: N818  reads as what happened
    """The bytes do not unpack."""


class Member(NamedTuple):
    """Where a member lies in its file, in bytes."""

    offset: int
    length: int


def pack(lines: Iterable[bytes], path: Path) -> int:
    """Write lines, each with its end, and return how many. The same lines give the same bytes: no name, no time."""
    count, waiting, size = 0, list[bytes](), 0
    with path.open("wb") as out:
        for line in lines:
            waiting.append(line)
            size += len(line)
            count += 1
            if size >= MEMBER_BYTES:
                _write_member(b"".join(waiting), out)
                waiting, size = [], 0
        if waiting or not count:
            _write_member(b"".join(waiting), out)
    return count


def members_of(packed: bytes) -> list[Member]:
    """Return the members of a file; what does not say its length is one with all that follows."""
    found, at = [], 0
    while at < len(packed):
        length = _length_at(packed, at) or len(packed) - at
        found.append(Member(at, length))
        at += length
    return found


def unpack(member: bytes) -> bytes:
    """Return what a member, or several in a row, holds. Raises `Unreadable`."""
    found, left = [], member
    while left:
        inflater = zlib.decompressobj(zlib.MAX_WBITS + 16)
        try:
            found.append(inflater.decompress(left))
        except zlib.error as error:
            raise Unreadable(str(error)) from None
        if not inflater.eof:
            raise Unreadable("it ends before its end")
        left = inflater.unused_data
    return found[0] if len(found) == 1 else b"".join(found)


def lines_of(packed: bytes, *, backwards: bool = False) -> Iterator[bytes]:
    """Yield the lines of a file without their ends; one member at a time is unpacked. Raises `Unreadable`."""
    members = members_of(packed)
    for offset, length in reversed(members) if backwards else members:
        lines = unpack(packed[offset : offset + length]).split(b"\n")
        if not lines[-1]:
            lines.pop()
        yield from reversed(lines) if backwards else lines


def _length_at(packed: bytes, at: int) -> int | None:
    if len(packed) - at < _HEAD.size:
        return None
    magic, _, _, extra, mark, size, length = _HEAD.unpack_from(packed, at)
    is_ours = magic == _MAGIC and extra == _EXTRA and mark == _OURS and size == _EXTRA - 4
    return length if is_ours and _HEAD.size < length <= len(packed) - at else None


def _write_member(raw: bytes, out: IO[bytes]) -> None:
    squeeze = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = squeeze.compress(raw) + squeeze.flush()
    length = _HEAD.size + len(body) + _TAIL.size
    out.write(_HEAD.pack(_MAGIC, 0, _UNKNOWN_SYSTEM, _EXTRA, _OURS, _EXTRA - 4, length))
    out.write(body)
    out.write(_TAIL.pack(zlib.crc32(raw), len(raw) & 0xFFFFFFFF))
