"""One capture, read back: the HTTP message of a response or revisit record, and its body as a browser would have it.

read_capture(member, pointer) ─▶ Capture ──content()──▶ bytes without content coding
captures(stream, file)        ─▶ Capture, Capture, …    each with the fields of its metadata record
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO, TYPE_CHECKING

from archive.article import RecordPointer, parse_time
from archive.files import Unreadable
from archive.warc.message import ChunkedDecoder, end_of_head, headers_of, status_of
from archive.warc.payload import Undecodable, decode_all, label_of
from archive.warc.reading import Damaged, StoredRecord, read_record, records, whole_block

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


class CaptureFault(Unreadable):
    """The bytes are no capture, or not the one that was expected."""


@dataclass(slots=True, kw_only=True)
class Capture:
    """A response or revisit record.

    Attributes:
        kind: ``response`` or ``revisit``.
        pointer: where it lies.
        url: the address requested.
        date: when the request was sent, aware UTC.
        head: status line and header lines, as they stand in the record.
        body: the entity body, without transfer coding, with content coding; empty for a revisit.
        refers_to: for a revisit, the record id of the response with the body; beside it that one's URI and date.
        metadata: the fields of the capture's metadata record, where it was read along with it.
        original: for a revisit whose body was looked up, the response that it came from.
    """

    kind: str
    pointer: RecordPointer
    url: str
    date: datetime
    head: bytes
    body: bytes
    truncated: str | None = None
    refers_to: str | None = None
    refers_to_uri: str | None = None
    refers_to_date: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    original: Capture | None = None

    @property
    def status(self) -> int:
        """Return the HTTP status; 0 where the status line has none."""
        try:
            return status_of(self.head)
        except ValueError:
            return 0

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Return the response's headers as sent, repeated ones too."""
        return list(_headers_of(self.head))

    def header(self, name: str) -> str | None:
        """Return the first value of a header, None where it was not sent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def check(self) -> None:
        """Hold the payload against the digest that the record gives. Raises `CaptureFault`; a revisit has no payload."""
        if self.kind == "response" and self.pointer.payload_digest:
            digest = label_of(self.body)
            if digest != self.pointer.payload_digest:
                reason = f"{digest}, the record says {self.pointer.payload_digest}"
                raise CaptureFault(f"{self.pointer.file} has at {self.pointer.offset} a payload of {reason}")

    def take_body(self, original: Capture) -> None:
        """Take a revisit's body from its original. Raises `CaptureFault` where the payload is another."""
        if self.pointer.payload_digest not in {None, original.pointer.payload_digest}:
            raise CaptureFault(f"{self.url} refers to {original.pointer.record_id}, whose payload is another")
        self.body, self.original = original.body, original

    def content(self) -> bytes:
        """Return the body without content coding; raises `CaptureFault` where it cannot be decoded."""
        sent = (self.original or self).headers
        codings = ",".join(value for key, value in sent if key.lower() == "content-encoding")
        try:
            return decode_all(codings, self.body)
        except Undecodable as error:
            raise CaptureFault(str(error)) from error


def captures(stream: IO[bytes], file: str) -> Iterator[Capture]:
    """Yield the captures of a WARC, each with its metadata record's fields.

    Args:
        stream: the file, seekable.
        file: its name, for the pointers.

    Raises:
        CaptureFault: a record cannot be read.
    """
    pending: Capture | None = None
    try:
        for record in records(stream):
            if record.is_capture:
                if pending is not None:
                    yield pending
                block = whole_block(record)
                record.finish()
                pending = _capture(record, block, file)
            elif record.field("X-Warraq-Erased") is not None:
                continue  # the stub of a capture that was erased
            elif record.type == "metadata" and pending is not None and _is_of(record, pending):
                pending.metadata = _fields(whole_block(record))
    except Damaged as error:
        raise CaptureFault(f"{file} {error}") from error
    if pending is not None:
        yield pending


def _is_of(record: StoredRecord, capture: Capture) -> bool:
    """Say whether a metadata record tells of this capture, and not of an exchange after it that no server answered."""
    linked = record.field("WARC-Concurrent-To") or record.field("WARC-Refers-To")
    if linked is not None:
        return linked.strip("<>") == capture.pointer.record_id.strip("<>")
    return record.field("WARC-Target-URI") in {None, capture.url}


def read_capture(member: bytes, pointer: RecordPointer) -> Capture:
    """Read the record that ``pointer`` names from the bytes that lie there; without a record id, any capture.

    Raises:
        CaptureFault: the bytes are no such record.
    """
    try:
        record, block = read_record(member)
    except Damaged as error:
        raise CaptureFault(f"{pointer.file} has no record at {pointer.offset}: {error.why}") from error
    if record.field("X-Warraq-Erased") is not None:
        raise CaptureFault(
            f"the record {pointer.record_id} was erased by the take-down {record.field('X-Warraq-Redaction')}"
        )
    if not record.is_capture or (pointer.record_id and record.id.strip("<>") != pointer.record_id.strip("<>")):
        raise CaptureFault(f"{pointer.file} has at {pointer.offset} not the capture {pointer.record_id}")
    capture = _capture(record, block, pointer.file)
    capture.pointer.offset = pointer.offset
    return capture


def place_of(record: StoredRecord, file: str) -> RecordPointer:
    """Return the pointer to a record that was read to its end."""
    return RecordPointer(
        file=file,
        offset=record.offset,
        length=record.length,
        record_id=record.id,
        payload_digest=record.field("WARC-Payload-Digest"),
    )


def _capture(record: StoredRecord, block: bytes, file: str) -> Capture:
    end = end_of_head(block) or len(block)
    try:
        date = parse_time(record.field("WARC-Date") or "")
    except Unreadable as error:
        raise CaptureFault(f"{file} has a record at {record.offset} with {error}") from None
    capture = Capture(
        kind=record.type,
        pointer=place_of(record, file),
        url=record.field("WARC-Target-URI") or "",
        date=date,
        head=block[:end],
        body=block[end:],
        truncated=record.field("WARC-Truncated"),
        refers_to=record.field("WARC-Refers-To"),
        refers_to_uri=record.field("WARC-Refers-To-Target-URI"),
        refers_to_date=record.field("WARC-Refers-To-Date"),
    )
    if (capture.header("transfer-encoding") or "").lower() == "chunked":
        with suppress(ValueError):  # it says chunked and is not: the body stands as it came
            capture.body = ChunkedDecoder().feed(capture.body)
    return capture


@lru_cache(maxsize=4)  # who reads a capture asks for one header after another
def _headers_of(head: bytes) -> tuple[tuple[str, str], ...]:
    return tuple(headers_of(head))


def _fields(block: bytes) -> dict[str, str]:
    lines = block.decode(errors="replace").splitlines()
    return {name.strip(): value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon}
