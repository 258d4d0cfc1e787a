"""Checking WARC files: what is whole after a crash, and whether every digest is that of its bytes.

`scan` asks only where the last whole record ends. `verify` re-reads everything, and takes the payload as WARC 1.1 (5.9)
defines it: the entity body, without transfer coding, also where the block keeps the chunks as received – there warcio and
FastWARC hash the framing and call a right digest wrong.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.warc.digests import Digester
from archive.warc.message import ChunkedDecoder, end_of_head, header_of, status_of
from archive.warc.reading import Damaged, StoredRecord, records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LONGEST_HEAD = 16 << 20  # bytes of status line and headers
NO_PAYLOAD = {"warcinfo", "metadata"}


@dataclass(frozen=True, slots=True)
class Scan:
    """What a file holds that is whole: the bytes up to there, its records by type; and the fault after it, if any."""

    whole: int
    records: Counter[str]
    fault: str | None


def scan(path: Path) -> Scan:
    """Find where the last whole record of a file ends, which may have been cut by a crash."""
    whole, found = 0, Counter[str]()
    with path.open("rb") as stream:
        try:
            for record in records(stream):
                record.finish()
                whole = record.offset + record.length
                found[record.type] += 1
        except Damaged as error:
            return Scan(whole, found, str(error))
    return Scan(whole, found, None)


def verify(path: Path) -> list[str]:
    """Re-read a file and return its faults, none for a good one: structure, block digests, payload digests."""
    faults: list[str] = []
    first = True
    with path.open("rb") as stream:
        try:
            for record in records(stream):
                if first and record.type != "warcinfo":
                    faults.append("the first record is no warcinfo")
                first = False
                faults += [f"{record.type} at {record.offset}: {fault}" for fault in _faults(record)]
        except Damaged as error:
            faults.append(str(error))
    return ["the file is empty"] if first and not faults else faults


@dataclass(slots=True)
class BlockReading:
    """A record's block, read through once: its digests, and the HTTP head where it has one.

    Where a body says that it is chunked and is not, the payload is what came, as the capture took it.
    """

    block: Digester = field(default_factory=Digester)
    payload: Digester = field(default_factory=lambda: Digester(sha256=True))
    head: bytes = b""

    def read(self, record: StoredRecord) -> BlockReading:
        """Read the block to its end."""
        is_http = (record.field("Content-Type") or "").startswith("application/http")
        waiting, unframing = bytearray(), None
        for piece in record.block():
            self.block.update(piece)
            if is_http and not self.head:
                waiting += piece
                if not (end := end_of_head(waiting, len(waiting) - len(piece))):
                    if len(waiting) > _LONGEST_HEAD:
                        raise Damaged(record.offset, f"no HTTP head ends within {_LONGEST_HEAD} bytes")
                    continue
                self.head, piece = bytes(waiting[:end]), bytes(waiting[end:])  # noqa: PLW2901  what follows the head
                unframing = _unframing(self.head)
            (unframing or self.payload).update(piece)
        if unframing is not None:
            self.payload = unframing.payload
        return self


class _Unframing:
    """The digests of a chunked body without its chunks, and of what came, should they be none."""

    def __init__(self) -> None:
        self._decoder: ChunkedDecoder | None = ChunkedDecoder()
        self._unframed, self._as_it_came = Digester(sha256=True), Digester(sha256=True)

    @property
    def payload(self) -> Digester:
        """Return the digests of the entity body."""
        return self._as_it_came if self._decoder is None else self._unframed

    def update(self, piece: bytes) -> None:
        """Take the next bytes."""
        self._as_it_came.update(piece)
        try:
            if self._decoder is not None:
                self._unframed.update(self._decoder.feed(piece))
        except ValueError:
            self._decoder = None


def _unframing(head: bytes) -> _Unframing | None:
    return _Unframing() if (header_of(head, "Transfer-Encoding") or "").lower() == "chunked" else None


def _faults(record: StoredRecord) -> Iterator[str]:
    reading = BlockReading().read(record)
    yield from _digest_faults(record, reading)
    if record.is_capture:
        try:
            status_of(reading.head)
        except ValueError as error:
            yield str(error)


def _digest_faults(record: StoredRecord, reading: BlockReading) -> Iterator[str]:
    block, payload = record.field("WARC-Block-Digest"), record.field("WARC-Payload-Digest")
    if block is None:
        yield "no block digest"
    elif block != reading.block.label:
        yield f"block digest {reading.block.label}, the record says {block}"
    if payload is not None and record.type in NO_PAYLOAD:
        yield "a payload digest on a record without payload"
    if payload is not None and record.type not in {*NO_PAYLOAD, "revisit"} and payload != reading.payload.label:
        yield f"payload digest {reading.payload.label}, the record says {payload}"
