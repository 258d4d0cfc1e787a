"""One WARC record as bytes: warcio's writer serialises it, in a gzip member of our own.

    Record ──warcio──▶ WARC/1.1 CRLF  Name: value CRLF …  CRLF  block  CRLF CRLF ──▶ gzip member      (WARC 1.1, clause 4)

warcio hashes the block, counts it and writes everything. Three things stay ours, and why stands in
docs/decisions/warc-library.md: the head of a response is the bytes received, a payload digest is that of the entity body, and
a body that is compressed already is stored as it is. Fields stand in one fixed order, so that two writers of the same record
write the same bytes.
"""

from __future__ import annotations

import uuid
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, TYPE_CHECKING

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

HTTP_RESPONSE = "application/http; msgtype=response"
HTTP_REQUEST = "application/http; msgtype=request"
WARC_FIELDS = "application/warc-fields"

TYPES = ("warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation")
PIECE = 1 << 20

_GZIP = zlib.MAX_WBITS + 16  # a gzip member
_SMALL = 4096  # bytes of a block for which the least effort is enough


@dataclass(slots=True, kw_only=True)
class Record:
    """A record to be written. Its block is ``head`` and ``body``.

    Args:
        type: one of the eight of WARC 1.1, clause 6.
        date: aware UTC; of a capture, when the request began.
        head: of an HTTP response, as it was received.
        body: what follows, in memory or in a seekable file, which is read twice: for the digest and for the file.
        content_type: of the block; None where it is empty.
        id: the record's URI between ``<`` and ``>``.
        fields: the other named fields in order, without the block's digest and length.
        compressed: whether the block is compressed already: it is stored as it is, which halves the cost of a capture.
    """

    type: str
    date: datetime
    head: bytes = b""
    body: bytes | IO[bytes] = b""
    content_type: str | None
    id: str = field(default_factory=lambda: f"<{uuid.uuid4().urn}>")
    fields: Sequence[tuple[str, str]] = ()
    compressed: bool = False

    @property
    def size(self) -> int:
        """Return the bytes of the block."""
        return len(self.head) + (len(self.body) if isinstance(self.body, bytes) else self.body.seek(0, 2))


class _Head:
    """The head of an HTTP message for warcio, which asks for a buffer of it: the bytes as received.

    warcio's own would parse the lines and write them anew, percent-encoded where they are not ASCII.
    """

    def __init__(self, received: bytes) -> None:
        self.headers_buff = received

    def compute_headers_buffer(self, header_filter: object) -> None:
        """Leave the buffer as it is."""


class _Writer(WARCWriter):  # type: ignore[misc]  # published without types
    """warcio's writer of WARC 1.1, which adds no payload digest: it would give one to metadata, and hash chunk framing."""

    NO_PAYLOAD_DIGEST_TYPES = TYPES

    @staticmethod
    def _iter_stream(stream: IO[bytes]) -> Iterator[bytes]:
        """Yield a block in pieces larger than warcio's 16 KB: most bodies are one."""
        while piece := stream.read(PIECE):
            yield piece

    def write_into(self, out: IO[bytes] | _Member, record: ArcWarcRecord) -> None:
        """Write a record into this stream: one writer, made once, serves all of them, from any thread."""
        self._write_warc_record(out, record)


_WRITER = _Writer(None, gzip=False, warc_version="1.1")


class _Member:
    """A gzip member that is being written: the stream beneath warcio, which flushes it at the end of the record."""

    def __init__(self, out: IO[bytes], level: int) -> None:
        self._out = out
        self._squeeze = zlib.compressobj(level, zlib.DEFLATED, _GZIP)
        self.length = 0

    def write(self, piece: bytes) -> None:
        """Take the next bytes of the record."""
        if squeezed := self._squeeze.compress(piece):
            self.length += self._out.write(squeezed)

    def flush(self) -> None:
        """End the member."""
        self.length += self._out.write(self._squeeze.flush())


def serialise(record: Record, out: IO[bytes] | _Member) -> None:
    """Write a record as it stands in an uncompressed file, and flush ``out`` once, behind it."""
    fields = [
        ("WARC-Type", record.type),
        ("WARC-Record-ID", record.id),
        ("WARC-Date", warc_date(record.date)),
        *record.fields,
    ]
    body = BytesIO(record.body) if isinstance(record.body, bytes) else record.body
    size = record.size - len(record.head)
    body.seek(0)
    http = _Head(record.head) if record.head else None
    theirs = ArcWarcRecord(
        "warc",
        record.type,
        StatusAndHeaders("", fields, protocol="WARC/1.1"),
        body,
        http,
        record.content_type,
        size,
        payload_length=size,
    )
    _WRITER.write_into(out, theirs)


def of_bytes(type_: str, date: datetime, block: bytes, content_type: str, fields: Sequence[tuple[str, str]]) -> Record:
    """Return a record whose block is in memory."""
    return Record(type=type_, date=date, body=block, content_type=content_type, fields=fields)


def write_member(record: Record, out: IO[bytes]) -> int:
    """Write a record as a gzip member of its own; return the member's length in bytes."""
    level = 0 if record.compressed else 1 if record.size <= _SMALL else 6
    member = _Member(out, level)
    serialise(record, member)
    return member.length


def warc_date(moment: datetime) -> str:
    """Write a moment as a WARC-Date with microseconds. Raises ``ValueError`` for one without zone or not in UTC."""
    offset = moment.utcoffset()
    if offset is None or offset:
        raise ValueError(f"a WARC-Date is in UTC, not {moment!r}")
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def warc_fields(entries: Iterable[tuple[str, str]]) -> bytes:
    """Write an ``application/warc-fields`` block. A line end inside a value becomes a space."""
    return b"".join(f"{name}: {' '.join(value.split())}\r\n".encode() for name, value in entries)
