"""What stands in the place of an erased record: a stub of the same length, so that every other record stays where it was.

    WARC-Type: metadata · the record's own id and date · what it was, its digests, the redaction's id · an empty block

A stub is a gzip member like any other; what it is shorter than the record is filled up inside the gzip header's comment field.
"""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import IO, TYPE_CHECKING

from archive.article import parse_time
from archive.warc.reading import records
from archive.warc.record import Record, serialise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.warc.reading import StoredRecord

ERASED = "X-Warraq-Erased"
_HEADER = b"\x1f\x8b\x08%c\x00\x00\x00\x00\x02\xff"  # deflate, no time, best compression, unknown system
_HAS_COMMENT = 16
_LINKED = frozenset({"request", "metadata"})


class DoesNotFit(ValueError):  # noqa: N818  reads as what happened
    """The record is too short for a stub; none of this project's is."""


def patches(
    stream: IO[bytes], is_hidden: Callable[[StoredRecord], bool], redaction: str
) -> Iterator[tuple[int, bytes]]:
    """Yield offset and bytes of the stubs for all hidden records of a WARC, and for the requests and metadata beside them.

    Args:
        stream: the WARC, seekable.
        is_hidden: says so of a response, revisit or conversion record.
        redaction: the take-down's id.
    """
    gone: set[str] = set()
    for record in records(stream):
        record.finish()
        if record.field(ERASED) is not None:
            continue
        if record.type in _LINKED:
            if record.field("WARC-Concurrent-To") in gone:
                yield record.offset, stub_of(record, redaction)
        elif record.type in {"response", "revisit", "conversion"} and is_hidden(record):
            gone.add(record.id)
            yield record.offset, stub_of(record, redaction)


def stub_of(record: StoredRecord, redaction: str) -> bytes:
    """Return the stub of a record that was read to its end, of the record's length."""
    fields = [
        (ERASED, record.type),
        ("X-Warraq-Redaction", redaction),
        ("X-Warraq-Erased-Block-Digest", str(record.field("WARC-Block-Digest"))),
    ]
    if payload := record.field("WARC-Payload-Digest"):
        fields.append(("X-Warraq-Erased-Payload-Digest", payload))
    date, stub = parse_time(record.field("WARC-Date") or ""), BytesIO()
    serialise(Record(type="metadata", date=date, content_type=None, id=record.id, fields=fields), stub)
    return member_of(stub.getvalue(), record.length)


def member_of(content: bytes, length: int) -> bytes:
    """Return a gzip member of exactly this length. Raises `DoesNotFit`."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = squeeze.compress(content) + squeeze.flush()
    foot = zlib.crc32(content).to_bytes(4, "little") + len(content).to_bytes(4, "little")
    room = length - len(_HEADER % 0) - len(body) - len(foot)
    if room < 0:
        raise DoesNotFit(f"a stub needs {-room} bytes more than the record has")
    comment = b" " * (room - 1) + b"\0" if room else b""
    return _HEADER % (_HAS_COMMENT if room else 0) + comment + body + foot
