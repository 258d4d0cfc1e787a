"""A WARC file that is being written: warcinfo first, then what the crawl captures, each record a gzip member.

Every member is handed to the kernel whole, so that a process that is killed leaves at most one that is cut, and
`archive.warc.scan` finds where it begins. The file is made by one process and never appended to by another.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archive.article import RecordPointer
from archive.warc.capture_records import records_of
from archive.warc.digests import label_of
from archive.warc.record import WARC_FIELDS, Record, of_bytes, warc_fields, write_member
from archive.warc.revisits import IDENTICAL_PAYLOAD, references

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from archive.warc.exchange import Exchange, Original

STANDARD = {
    "format": "WARC File Format 1.1",
    "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What one exchange became: where its first record lies, and its records by type."""

    pointer: RecordPointer
    records: Counter[str]


class WarcFile:
    """A new WARC file, open for writing.

    Args:
        path: where it is written; it may not exist.
        filename: the name it will bear when it is published, the WARC-Filename.
        warcinfo: fields of the warcinfo record; format and standard are added.

    Raises:
        FileExistsError: there is such a file.
    """

    def __init__(self, path: Path, *, filename: str, warcinfo: Mapping[str, str]) -> None:
        self._path = path
        self._stream = path.open("xb")
        self.filename = filename
        self.records: Counter[str] = Counter()
        fields = [("WARC-Filename", filename)]
        block = warc_fields({**warcinfo, **STANDARD}.items())
        info = of_bytes("warcinfo", datetime.now(UTC), block, WARC_FIELDS, fields)
        self.warcinfo_id = info.id
        self._add(info)

    @property
    def size(self) -> int:
        """Return the bytes written so far."""
        return self._stream.tell()

    def write(self, exchange: Exchange, original: Original | None = None) -> Written:
        """Write an exchange's records.

        Args:
            exchange: what went over the wire.
            original: the published response with the same payload (or, for a 304, that it confirms): the records then
                begin with a revisit instead of a response.

        Raises:
            ValueError: the exchange may not be a revisit of that original.
        """
        records = records_of(exchange, original, self.warcinfo_id)
        pointer = self._add(records[0], exchange.payload_digest if exchange.head else None)
        for record in records[1:]:
            self._add(record)
        return Written(pointer=pointer, records=Counter(record.type for record in records))

    def write_resource(
        self, uri: str, content: bytes, content_type: str, original: Original | None = None
    ) -> RecordPointer:
        """Write something that no server sent, such as the crawl's settings, as a resource record.

        Args:
            uri: its URI.
            content: its bytes.
            content_type: their media type.
            original: a published resource with the same bytes: a revisit of it is written then.
        """
        label = label_of(content)
        if original is not None:
            fields = self._fields(uri, *references(IDENTICAL_PAYLOAD, original))
            return self._add(of_bytes("revisit", datetime.now(UTC), b"", content_type, fields), label)
        fields = self._fields(uri, ("WARC-Payload-Digest", label))
        return self._add(of_bytes("resource", datetime.now(UTC), content, content_type, fields), label)

    def write_metadata(
        self, uri: str, entries: Sequence[tuple[str, str]], refers_to: str | None = None
    ) -> RecordPointer:
        """Write a metadata record about something else than a single exchange."""
        fields = self._fields(uri, *([("WARC-Refers-To", refers_to)] if refers_to else []))
        return self._add(of_bytes("metadata", datetime.now(UTC), warc_fields(entries), WARC_FIELDS, fields))

    def add(self, record: Record) -> RecordPointer:
        """Write any other record, under this file's warcinfo."""
        record.fields = [*record.fields, ("WARC-Warcinfo-ID", self.warcinfo_id)]
        return self._add(record)

    def flush(self) -> None:
        """Hand everything to the kernel, so that it outlives this process."""
        self._stream.flush()

    def cut(self, size: int) -> None:
        """Take back everything after ``size``, a `size` of before: what a full disk cut short."""
        raw = self._stream.raw
        raw.truncate(size)
        raw.close()  # and with it the buffer, which still holds what the disk did not take
        self._stream = self._path.open("ab")

    def close(self) -> None:
        """Close the file, synced, so that it outlives the machine's power too."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()

    def _fields(self, uri: str, *others: tuple[str, str]) -> list[tuple[str, str]]:
        return [("WARC-Target-URI", uri), ("WARC-Warcinfo-ID", self.warcinfo_id), *others]

    def _add(self, record: Record, payload_digest: str | None = None) -> RecordPointer:
        offset = self.size
        length = write_member(record, self._stream)
        self._stream.flush()
        self.records[record.type] += 1
        return RecordPointer(
            file=self.filename, offset=offset, length=length, record_id=record.id, payload_digest=payload_digest
        )
