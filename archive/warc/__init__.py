"""WARC 1.1 as ISO 28500:2017 says it: writing captures, reading them back, checking them.

    Exchange ──WarcFile.write()──▶ response|revisit, request, metadata      archive.warc.writer
    file ──records()──▶ StoredRecord ──▶ Capture                            archive.warc.reading, .capture
    file ──scan(), verify()──▶ what is whole, what is wrong                 archive.warc.reading

message.py  one exchange, HTTP messages, chunked framing    payload.py       content codings and digests
cdxj.py     the index of captures                           wacz.py          packages; WET: writer.py

Clause by clause with the test of each: docs/warc.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.warc.reading import Damaged, Scan, StoredRecord, read_record, records, scan, verify

if TYPE_CHECKING:
    from archive.warc.writer import WarcFile, Written, profile_of

__all__ = [
    "Damaged",
    "Scan",
    "StoredRecord",
    "WarcFile",
    "Written",
    "profile_of",
    "read_record",
    "records",
    "scan",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Import the writer, and warcio with it, when it is first asked for: who reads an archive needs neither."""
    if name in {"WarcFile", "Written", "profile_of"}:
        from archive.warc import writer  # noqa: PLC0415  imported when it is needed: the command line stays fast

        return getattr(writer, name)
    raise AttributeError(f"module 'archive.warc' has no attribute {name!r}")
