"""One WARC record as bytes: ``WARC/1.1``, its named fields, its block, in a gzip member of its own.

    WARC/1.1 CRLF  Name: value CRLF …  CRLF  block  CRLF CRLF        (WARC 1.1, clause 4)

Fields stand in one fixed order, so that two writers of the same record write the same bytes.
"""

from __future__ import annotations

import uuid
import zlib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from archive.digests import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

HTTP_RESPONSE = "application/http; msgtype=response"
HTTP_REQUEST = "application/http; msgtype=request"
WARC_FIELDS = "application/warc-fields"

_GZIP = zlib.MAX_WBITS + 16  # a gzip member
_SMALL = 4096  # bytes of a block for which the least effort is enough


@dataclass(slots=True, kw_only=True)
class Record:
    """A record to be written.

    Args:
        type: one of the eight of WARC 1.1, clause 6.
        date: aware UTC; of a capture, when the request began.
        block: returns the block's pieces, each time from the beginning: they are read for the digest and for the file.
        size: bytes of the block.
        content_type: of the block; None where it is empty.
        id: the record's URI between ``<`` and ``>``.
        fields: the other named fields in order, without the block's digest and length.
        compressed: whether the block is compressed already: it is stored as it is, which halves the cost of a capture.
    """

    type: str
    date: datetime
    block: Callable[[], Iterable[bytes]]
    size: int
    content_type: str | None
    id: str = field(default_factory=lambda: f"<{uuid.uuid4().urn}>")
    fields: Sequence[tuple[str, str]] = ()
    compressed: bool = False

    def header(self) -> bytes:
        """Return the record's header with its blank line."""
        lines = [
            "WARC/1.1",
            f"WARC-Type: {self.type}",
            f"WARC-Record-ID: {self.id}",
            f"WARC-Date: {warc_date(self.date)}",
        ]
        lines += [f"{name}: {value}" for name, value in self.fields]
        lines.append(f"WARC-Block-Digest: {digest_of(self.block()).label}")
        if self.content_type:
            lines.append(f"Content-Type: {self.content_type}")
        lines.append(f"Content-Length: {self.size}")
        return "\r\n".join([*lines, "", ""]).encode()

    def pieces(self) -> Iterator[bytes]:
        """Yield the record as it stands in an uncompressed file."""
        yield self.header()
        yield from self.block()
        yield b"\r\n\r\n"


def of_bytes(type_: str, date: datetime, block: bytes, content_type: str, fields: Sequence[tuple[str, str]]) -> Record:
    """Return a record whose block is in memory."""
    return Record(
        type=type_, date=date, block=lambda: (block,), size=len(block), content_type=content_type, fields=fields
    )


def write_member(record: Record, out: IO[bytes]) -> int:
    """Write a record as a gzip member of its own; return the member's length in bytes."""
    level = 0 if record.compressed else 1 if record.size <= _SMALL else 6
    squeeze = zlib.compressobj(level, zlib.DEFLATED, _GZIP)
    length = 0
    for piece in record.pieces():
        if squeezed := squeeze.compress(piece):
            length += out.write(squeezed)
    return length + out.write(squeeze.flush())


def warc_date(moment: datetime) -> str:
    """Write a moment as a WARC-Date with microseconds. Raises ``ValueError`` for one without zone or not in UTC."""
    offset = moment.utcoffset()
    if offset is None or offset:
        raise ValueError(f"a WARC-Date is in UTC, not {moment!r}")
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def warc_fields(entries: Iterable[tuple[str, str]]) -> bytes:
    """Write an ``application/warc-fields`` block. A line end inside a value becomes a space."""
    return b"".join(f"{name}: {' '.join(value.split())}\r\n".encode() for name, value in entries)
