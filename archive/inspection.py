"""Reading a WARC again, record by record: how far is it whole, what is in it, where does each capture lie."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from archive.article import parse_time
from archive.lines import Span
from archive.sorted_runs import SortedRuns
from archive.warc.cdxj import entry_of
from archive.warc.reading import Damaged, records
from archive.warc.verification import BlockReading

if TYPE_CHECKING:
    from pathlib import Path

    from archive.warc.reading import StoredRecord

_GZIP_MAGIC = b"\x1f\x8b\x08"


@dataclass(slots=True)
class Inspection:
    """What a WARC holds.

    Attributes:
        whole: bytes up to the end of the last whole record; what follows was cut by a crash.
        fault: why the bytes from there on are no record, None where there are none.
        damaged: offsets of records whose bytes are not those of their digests.
        records: their number by type.
        index: the lines of its captures, in the order of an index.
        span: time of the first and the last capture.
    """

    whole: int = 0
    fault: str | None = None
    damaged: list[int] = field(default_factory=list)
    records: Counter[str] = field(default_factory=Counter)
    index: SortedRuns = field(default_factory=SortedRuns)
    span: Span = field(default_factory=Span)


def inspect(stream: IO[bytes], file: str) -> Inspection:
    """Read every record of a WARC, and hash every block and payload again. Bodies are not held in memory.

    Args:
        stream: the file, seekable.
        file: its name, for the entries.
    """
    found = Inspection()
    try:
        for record in records(stream):
            reading = BlockReading().read(record)
            record.finish()
            _take(found, record, reading, file)
            found.whole = record.offset + record.length
    except (Damaged, UnicodeDecodeError) as error:
        found.fault = str(error)
    return found


def _take(found: Inspection, record: StoredRecord, reading: BlockReading, file: str) -> None:
    found.records[record.type] += 1
    payload = record.field("WARC-Payload-Digest")
    is_other = record.type == "response" and payload not in {None, reading.payload.label}
    if is_other or record.field("WARC-Block-Digest") != reading.block.label:
        found.damaged.append(record.offset)
    if record.is_capture:
        found.index.take(entry_of(record, reading, file).to_line().encode() + b"\n")
        found.span.take(parse_time(record.field("WARC-Date") or ""))


def holds_record(path: Path, damage: int) -> bool:
    """Say whether a whole record stands anywhere behind the damaged one, as after a bad sector; a crash leaves none."""
    with path.open("rb") as stream:
        stream.seek(damage)
        tail = stream.read()
        at = tail.find(_GZIP_MAGIC, 1)
        while at >= 0:
            try:
                next(records(stream, damage + at)).finish()
            except (Damaged, UnicodeDecodeError, StopIteration):
                at = tail.find(_GZIP_MAGIC, at + 1)
            else:
                return True
    return False
