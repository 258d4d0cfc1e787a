"""CDXJ: one line per capture, so that a replay or a reader finds it without opening the WARC.

    com,example)/path?a=1 20261123214105 {"url": …, "mime": …, "status": …, "digest": …, "length": …, "offset": …, "filename": …, …}

Key and time as pywb and cdxj-indexer write them, the JSON with their names first, then ours: the WARC-Date, the record
id, the SHA-256 of the payload, the validators, and what a revisit refers to. All values are strings.
"""

from __future__ import annotations

import heapq
import json
import re
import warnings
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from archive.article import parse_time
from archive.files import Unreadable, parse_fields
from archive.warc.message import header_of, status_of, warc_date
from archive.warc.reading import BlockReading, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from archive.article import RecordPointer
    from archive.warc.payload import Digester
    from archive.warc.reading import StoredRecord
    from archive.warc.writer import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class CdxjEntry:
    """A capture in the index; ``values`` are the fields of the JSON, in order."""

    key: str
    timestamp: str
    values: Mapping[str, str]

    def to_line(self) -> str:
        """Return the line without its newline."""
        return f"{self.key} {self.timestamp} {json.dumps(self.values, ensure_ascii=False)}"


def index(path: Path, filename: str | None = None) -> Iterator[CdxjEntry]:
    """Yield an entry for each capture of a WARC file, in the file's order.

    Args:
        path: the file.
        filename: its published name, where it bears another one now.

    Raises:
        Damaged: the file holds a record that is not whole.
    """
    with path.open("rb") as stream:
        for record in records(stream):
            if record.is_capture:
                reading = BlockReading().read(record)
                record.finish()
                yield entry_of(record, reading, filename or path.name)


def sorted_lines(entries: Iterable[CdxjEntry]) -> list[str]:
    """Return the lines in the order of an index: bytewise, so that a search may bisect it."""
    return sorted((entry.to_line() for entry in entries), key=str.encode)


REDIRECTS = frozenset({"301", "302", "303", "307", "308"})
"""The statuses of redirects, as an index writes them."""

_FARTHEST = 2**63 - 1
_DIGITS = re.compile(r"[0-9]{1,19}")


def read_entry(line: bytes) -> dict[str, Any]:
    """Return what the JSON of a line says, its place and time in the shape that they have to have.

    Raises:
        Unreadable: it is no line of an index.
    """
    words = line.split(b" ", 2)
    if len(words) != 3:  # noqa: PLR2004  key, time, JSON
        raise Unreadable("no line of an index: key, time and JSON")
    body = words[2]
    fields = parse_fields(
        body, url=str, date=str, filename=str, record_id=str, offset=str, length=str, mime=str, digest=str | None
    )
    parse_time(fields["date"])
    for name in ("offset", "length"):
        if not _DIGITS.fullmatch(fields[name]) or int(fields[name]) > _FARTHEST:
            raise Unreadable(f"its {name!r} is no number of bytes")
    if not all(isinstance(value, str) or name == "digest" for name, value in fields.items()):
        raise Unreadable("its values are no texts")
    if fields["digest"] is None:
        del fields["digest"]
    return fields


def merged(indexes: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """Merge sorted indexes into one, line by line, without holding any of them."""
    return heapq.merge(*indexes)


_SEGMENT = r"/(?!\.\.?(?:[/?]|\Z))(?:[A-Za-z0-9._~!$&'*+,;=@-]|%[89A-Fa-f][0-9A-Fa-f])+"
_PLAIN = re.compile(rf"https?://([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]+)((?:{_SEGMENT})*)/?(?:\?([A-Za-z0-9_.=&-]+))?")
_WWW = re.compile(r"www[0-9]*\.")
_SESSION = re.compile("sid|session|cfid", re.IGNORECASE)


def _plain_key(url: str) -> str | None:
    """Return the key of an address in which nothing is to be mended, as most are: surt is slow, and slow to load; None of any other."""
    match = _PLAIN.fullmatch(url)
    if match is None or _SESSION.search(match[3] or ""):
        return None
    host, path, query = match[1], match[2].lower() or "/", match[3]
    if www := _WWW.match(host):
        host = host[www.end() :]
    key = f"{','.join(reversed(host.split('.')))}){path}"
    if not query:
        return key
    return f"{key}?{'&'.join(sorted(query.lower().split('&'), key=lambda pair: pair.split('=', 1)))}"


@cache
def _surt() -> Callable[[str], str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # of surt 0.3.1's source, when it is compiled for the first time
        import surt  # noqa: PLC0415  it brings an HTTP client along, which a reader of lines has no use for

    make: Callable[[str], str] = surt.surt
    return make


def key_of(url: str) -> str:
    """Return the SURT key of a URL, as pywb makes it. Raises `Unreadable` where it is none."""
    if key := _plain_key(url):
        return key
    try:
        key = _surt()(url)
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        raise Unreadable(f"{url[:200]!r} is no address: {error}") from None
    return key


def timestamp_of(date: str) -> str:
    """Return the 14 digits of a WARC-Date."""
    return "".join(letter for letter in date if letter.isdigit())[:14]


def entry_of(record: StoredRecord, reading: BlockReading, filename: str) -> CdxjEntry:
    """Return the index entry of a response or revisit record whose block was read, and which is finished."""
    sha256 = reading.payload.sha256 if reading.payload.size else None
    return _entry(record.field, reading.head, sha256, (filename, record.offset, record.length))


def entry_of_written(record: Record, pointer: RecordPointer, payload: Digester) -> CdxjEntry:
    """Return the index entry of a response or revisit record that was just written; ``payload``: the digests of the entity body."""
    fields = {"WARC-Type": record.type, "WARC-Record-ID": record.id, "WARC-Date": warc_date(record.date)}
    for name, value in record.fields:
        fields.setdefault(name, value)
    sha256 = payload.sha256 if payload.size and record.type == "response" else None  # a revisit has no payload
    return _entry(fields.get, record.head, sha256, (pointer.file, pointer.offset, pointer.length))


def _entry(
    field: Callable[[str], str | None], head: bytes, sha256: str | None, place: tuple[str, int, int]
) -> CdxjEntry:
    url, date, is_revisit = field("WARC-Target-URI") or "", field("WARC-Date") or "", field("WARC-Type") == "revisit"
    filename, offset, length = place
    entry = {
        "url": url,
        "mime": "warc/revisit" if is_revisit else _mime(header_of(head, "Content-Type")),
        "status": str(status_of(head)),
        "digest": field("WARC-Payload-Digest"),
        "length": str(length),
        "offset": str(offset),
        "filename": filename,
        "date": date,
        "record_id": field("WARC-Record-ID") or "",
        "sha256": sha256,
        "etag": header_of(head, "ETag"),
        "last_modified": header_of(head, "Last-Modified"),
        "truncated": None if is_revisit else field("WARC-Truncated"),
        "refers_to": field("WARC-Refers-To"),
        "refers_to_uri": field("WARC-Refers-To-Target-URI"),
        "refers_to_date": field("WARC-Refers-To-Date"),
    }
    values = {name: value for name, value in entry.items() if value is not None}
    return CdxjEntry(key=key_of(url), timestamp=timestamp_of(date), values=values)


def _mime(content_type: str | None) -> str:
    words = (content_type or "").replace(";", " ").split()
    return words[0] if words else "unk"  # pywb's word for unknown
