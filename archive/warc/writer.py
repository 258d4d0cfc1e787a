"""Writing WARC files: each exchange as response or revisit, request and metadata; a crawl's resources as records of their own."""

from __future__ import annotations

import hashlib
import os
import subprocess
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.article import VERSION, RecordPointer
from archive.manifests.manifest import Manifest
from archive.warc.message import Exchange, Original, warc_date
from archive.warc.payload import MemberWriter, Out, label_of
from archive.warc.reading import StoredRecord, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from archive.article import Article
    from archive.store import Store

# --- A crawl's own resources: `crawlers.session.provenance` writes them, `archive.spool.segment` keeps them -------------------
# What is the same in one crawl after another is kept once for each content. A later crawl's WARC has a revisit of it:
#
#     crawl 1   resource  uv.lock  ◀── WARC-Refers-To ──┐
#     crawl 2   revisit   uv.lock ──────────────────────┤
#     crawl 3   revisit   uv.lock ──────────────────────┘   found by one look into the resources of the crawl before

_LARGEST = (
    16 << 20
)  # bytes of a WARC that is looked into: a crawl's resources are some ten KB, a compaction joins thousands


@dataclass(frozen=True, slots=True)
class ResourceRecord:
    """What no server sent and a crawl yet has to say, as a resource record: its URI, its bytes, their media type.

    ``is_lasting``: it is mostly the same as in the crawl before.
    """

    uri: str
    content: bytes
    content_type: str
    is_lasting: bool = False

    @property
    def name(self) -> str:
        """Return the last part of the URI, which is the same in each crawl."""
        return self.uri.rpartition(":")[2]


def published_resource(resource: ResourceRecord, store: Store, manifest: str) -> Original | None:
    """Return the published resource with a resource's content, by the resources of an earlier crawl; None where these have another.

    Args:
        resource: the resource.
        store: the archive.
        manifest: key of the earlier resources' manifest.

    Raises:
        StoreError: the archive does not answer, or the resources are gone.
        ValueError: they are no manifest, or no WARC.
    """
    item = Manifest.from_bytes(store.read(manifest)).by_kind.get("warc")
    if item is None or item.bytes > _LARGEST:
        return None
    label = label_of(resource.content)
    fields = (
        _original(record, label) for record in records(BytesIO(store.read(item.key))) if _is_of(record, resource.name)
    )
    return next((original for original in fields if original is not None), None)


def _is_of(record: StoredRecord, name: str) -> bool:
    uri = record.field("WARC-Target-URI") or ""
    record.finish()
    return record.type in {"resource", "revisit"} and uri.rpartition(":")[2] == name


def _original(record: StoredRecord, label: str) -> Original | None:
    if record.field("WARC-Payload-Digest") != label:
        return None
    names = ("WARC-Target-URI", "WARC-Date")
    if record.type == "revisit":
        names = ("WARC-Refers-To-Target-URI", "WARC-Refers-To-Date")
    uri, date = (record.field(name) for name in names)
    identity = record.id if record.type == "resource" else record.field("WARC-Refers-To")
    return Original(record_id=identity, uri=uri, date=date, payload_digest=label) if identity and uri and date else None


# --- What makes the archive: names and versions, as warcinfo records, manifests and packages say them ----------------
#     software("scrapy", …) ─▶ {"warraq": "0.2.0+<revision>", "warcio": …, "scrapy": …} ──named──▶ "warraq/0.2.0+<revision>, …"
#
# Named is what took part: who joins bytes names no writer of records, and a crawl its download handler and its readers too.

REVISION = "WARRAQ_REVISION"  # for code that was sent somewhere without its history
WRITER = "warcio"  # serialises every WARC record


def software(*parts: str) -> dict[str, str]:
    """Return names and versions: this project, with its git revision where there is one, and distributions that took part."""
    return {"warraq": "+".join(filter(None, (VERSION, revision()))), **{name: version(name) for name in parts}}


def named(made_by: Mapping[str, str]) -> str:
    """Write names and versions in one line, as a warcinfo record does."""
    return ", ".join(f"{name}/{number}" for name, number in made_by.items())


@cache
def revision() -> str:
    """Return the short git revision of the project, or what ``WARRAQ_REVISION`` says; empty outside a checkout without it."""
    if given := os.environ.get(REVISION):
        return given
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return ""
    command = ["git", "rev-parse", "--short=12", "HEAD"]  # a fixed command
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
    return answer.stdout.strip()


# --- One WARC record as bytes: warcio's writer serialises it, in a gzip member of our own ----------------------------
#     Record ──warcio──▶ WARC/1.1 CRLF  Name: value CRLF …  CRLF  block  CRLF CRLF ──▶ gzip member      (WARC 1.1, clause 4)
#
# warcio hashes the block, counts it and writes everything. Three things stay ours, and why stands in
# docs/decisions/warc-library.md: the head of a response is the bytes received, a payload digest is that of the entity body, and
# a body that is compressed already is stored as it is. Fields stand in one fixed order, so that two writers of the same record
# write the same bytes.

HTTP_RESPONSE = "application/http; msgtype=response"
HTTP_REQUEST = "application/http; msgtype=request"
WARC_FIELDS = "application/warc-fields"

TYPES = ("warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation")
PIECE = 1 << 20

_SMALL = 4096  # bytes of a block for which little effort is enough
_LITTLE, _USUAL = 2, 6  # zlib-ng's levels: as small within 1 % as zlib's 1 and 6, in half the time


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

    def write_into(self, out: IO[bytes] | MemberWriter, record: ArcWarcRecord) -> None:
        """Write a record into this stream: one writer, made once, serves all of them, from any thread."""
        self._write_warc_record(out, record)


_WRITER = _Writer(None, gzip=False, warc_version="1.1")


def serialise(record: Record, out: IO[bytes] | MemberWriter) -> None:
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


def write_member(record: Record, out: Out, usual: int = _USUAL) -> int:
    """Write a record as a gzip member of its own, packed at the ``usual`` level; return the member's length in bytes."""
    level = 0 if record.compressed else _LITTLE if record.size <= _SMALL else usual
    member = MemberWriter(out, level)
    serialise(record, member)
    return member.length


def warc_fields(entries: Iterable[tuple[str, str]]) -> bytes:
    """Write an ``application/warc-fields`` block. A line end inside a value becomes a space."""
    return b"".join(f"{name}: {' '.join(value.split())}\r\n".encode() for name, value in entries)


# ---------------------------------------------------------------------------------------------------------------------
# Revisits: when a capture may be written as a reference to an earlier one, and with which fields (WARC 1.1, 6.7).
#     304, and the response that its validator came from is published       → server-not-modified
#     200 with a payload whose digest is that of a published response       → identical-payload-digest
#     everything else                                                       → response
#
# Only a *published* response may be referred to: a reference into a spool, or to another revisit, could outlive its target.

IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

SMALLEST_PAYLOAD = 256  # bytes; below it a revisit saves nothing, its reference is as long as the payload

_OK, _NOT_MODIFIED_STATUS = 200, 304


def profile_of(exchange: Exchange) -> str | None:
    """Return the profile that a revisit record of this exchange would have; None where it may not be a revisit.

    Empty and small bodies, errors, redirects, cut bodies and robots.txt are always kept as responses.
    """
    if exchange.status == _NOT_MODIFIED_STATUS:
        return NOT_MODIFIED
    if exchange.status != _OK or exchange.truncated or exchange.error:
        return None
    if exchange.payload.size < SMALLEST_PAYLOAD or urlsplit(exchange.url).path == "/robots.txt":
        return None
    return IDENTICAL_PAYLOAD


def revisit_fields(exchange: Exchange, original: Original) -> Sequence[tuple[str, str]]:
    """Return the named fields that make a revisit record of this exchange.

    Raises:
        ValueError: the exchange may not be a revisit, or its payload is not that of the original.
    """
    profile = profile_of(exchange)
    if profile is None:
        raise ValueError(f"{exchange.url} with status {exchange.status} is kept as a response, not as a revisit")
    if profile == IDENTICAL_PAYLOAD and exchange.payload_digest != original.payload_digest:
        raise ValueError(f"{exchange.url} has another payload than {original.record_id}")
    return references(profile, original)


def references(profile: str, original: Original) -> Sequence[tuple[str, str]]:
    """Return the named fields with which a revisit of this profile refers to its original."""
    fields = [
        ("WARC-Profile", profile),
        ("WARC-Refers-To", original.record_id),
        ("WARC-Refers-To-Target-URI", original.uri),
        ("WARC-Refers-To-Date", original.date),
    ]
    if original.payload_digest:
        fields.append(("WARC-Payload-Digest", original.payload_digest))
    return fields if profile == NOT_MODIFIED else [*fields, ("WARC-Truncated", "length")]


# --- The records of one exchange: response or revisit, request, metadata – adjacent, linked, of one WARC-Date --------
# response|revisit ◀──WARC-Concurrent-To── request
#                  ◀──WARC-Concurrent-To── metadata
# metadata alone                                         where no response came


def records_of(exchange: Exchange, original: Original | None, warcinfo: str) -> list[Record]:
    """Return the records that an exchange becomes, the one that an index points at first.

    Args:
        exchange: what went over the wire.
        original: the published response that it repeats.
        warcinfo: id of the warcinfo record that they stand under.
    """
    common = [("WARC-Target-URI", exchange.url), ("WARC-Warcinfo-ID", warcinfo)]
    if exchange.ip_address:
        common.append(("WARC-IP-Address", exchange.ip_address))
    if not exchange.head:
        return [_metadata(exchange, common)]
    first = _response(exchange, common) if original is None else _revisit(exchange, common, original)
    linked = [*common, ("WARC-Concurrent-To", first.id)]
    requests = [_request(exchange, linked)] if exchange.request else []  # what was taken from elsewhere has none
    return [first, *requests, _metadata(exchange, linked)]


def _response(exchange: Exchange, common: list[tuple[str, str]]) -> Record:
    fields = [*common, ("WARC-Payload-Digest", exchange.payload_digest)]
    if exchange.truncated:
        fields.append(("WARC-Truncated", exchange.truncated))
    return Record(
        type="response",
        date=exchange.started,
        head=exchange.head,
        body=exchange.body,
        content_type=HTTP_RESPONSE,
        fields=fields,
        compressed=exchange.header("Content-Encoding") is not None,
    )


def _revisit(exchange: Exchange, common: list[tuple[str, str]], original: Original) -> Record:
    fields = [*common, *revisit_fields(exchange, original)]
    return Record(type="revisit", date=exchange.started, head=exchange.head, content_type=HTTP_RESPONSE, fields=fields)


def _request(exchange: Exchange, linked: list[tuple[str, str]]) -> Record:
    _, _, payload = exchange.request.partition(b"\r\n\r\n")
    fields = [*linked, ("WARC-Payload-Digest", label_of(payload))] if payload else linked
    return of_bytes("request", exchange.started, exchange.request, HTTP_REQUEST, fields)


def _metadata(exchange: Exchange, fields: list[tuple[str, str]]) -> Record:
    block = warc_fields(_entries(exchange))
    return of_bytes("metadata", exchange.started, block, WARC_FIELDS, fields)


def _entries(exchange: Exchange) -> Iterator[tuple[str, str]]:
    for name, value in exchange.metadata.items():
        for one in (value,) if isinstance(value, str) else value:
            yield name, one
    yield "fetchTimeMs", str(exchange.duration_ms)
    yield "capture", exchange.capture
    if exchange.error:
        yield "fetchError", exchange.error
    for fingerprint in exchange.certificates:
        yield "tlsCertificateSha256", fingerprint


# --- A WARC file that is being written: warcinfo first, then what the crawl captures, each record a gzip member ------
# Every member is handed to the kernel whole, so that a process that is killed leaves at most one that is cut, and
# `archive.warc.scan` finds where it begins. The file is made by one process and never appended to by another.

STANDARD = {
    "format": "WARC File Format 1.1",
    "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What one exchange became: its first record and where that lies, and its records by type."""

    pointer: RecordPointer
    records: Counter[str]
    first: Record


class _Counted:
    """A stream that is written to, and the SHA-256 of all that was."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self.sha256 = stream, hashlib.sha256()

    def write(self, piece: bytes) -> int:
        """Write some bytes on."""
        self.sha256.update(piece)
        return self._stream.write(piece)


class WarcFile:
    """A new WARC file, open for writing.

    Args:
        path: where it is written; it may not exist.
        filename: the name it will bear when it is published, the WARC-Filename.
        warcinfo: fields of the warcinfo record; format and standard are added.
        level: how hard records are packed (zlib-ng's levels, or `archive.warc.payload.SWIFT`); as usual where it is None.

    Raises:
        FileExistsError: there is such a file.
    """

    def __init__(self, path: Path, *, filename: str, warcinfo: Mapping[str, str], level: int | None = None) -> None:
        self._path, self._level = path, _USUAL if level is None else level
        self._stream = path.open("xb")
        self._counted, self._is_cut = _Counted(self._stream), False
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

    @property
    def sha256(self) -> str | None:
        """Return the SHA-256 of what was written, in hexadecimal; None where some of it was taken back."""
        return None if self._is_cut else self._counted.sha256.hexdigest()

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
        return Written(pointer=pointer, records=Counter(record.type for record in records), first=records[0])

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
        self._counted, self._is_cut = _Counted(self._stream), True

    def close(self) -> None:
        """Close the file, synced, so that it outlives the machine's power too."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()

    def _fields(self, uri: str, *others: tuple[str, str]) -> list[tuple[str, str]]:
        return [("WARC-Target-URI", uri), ("WARC-Warcinfo-ID", self.warcinfo_id), *others]

    def _add(self, record: Record, payload_digest: str | None = None) -> RecordPointer:
        offset = self.size
        length = write_member(record, self._counted, self._level)
        self._stream.flush()
        self.records[record.type] += 1
        return RecordPointer(
            file=self.filename, offset=offset, length=length, record_id=record.id, payload_digest=payload_digest
        )


# ---------------------------------------------------------------------------------------------------------------------
# WET: the extracted text as conversion records in a file of its own, so that tools made for Common Crawl's WET read ours.
#     article ──▶ conversion  WARC-Refers-To: the response it was read from     block: headline, then the text, a paragraph a line
#
# The same articles give the same bytes: a segment may be sealed twice. So a record's id follows from what it refers to, and
# its date is that of the capture, as in Common Crawl's files.

# ISO 639-3, as Common Crawl writes WARC-Identified-Content-Language
_LANGUAGES = {"ar": "ara", "en": "eng", "fr": "fra", "fa": "fas", "ku": "kur", "tr": "tur"}


def write_wet(
    out: IO[bytes], articles: Iterable[Article], *, filename: str, warcinfo: Mapping[str, str], opened: datetime
) -> int:
    """Write a WET file and return the number of its conversion records.

    Args:
        out: where the file is written.
        articles: what was read; one whose record is unknown is left out.
        filename: the name the file will bear.
        warcinfo: fields of the warcinfo record, the extractor's software and versions among them.
        opened: the date of the warcinfo record, aware UTC.
    """
    info = of_bytes("warcinfo", opened, warc_fields(warcinfo.items()), WARC_FIELDS, [("WARC-Filename", filename)])
    info.id = _made_id("warcinfo", filename)
    write_member(info, out)
    count = 0
    for article in articles:
        if article.warc is not None:
            write_member(conversion_of(article, info.id), out)
            count += 1
    return count


def conversion_of(article: Article, warcinfo: str) -> Record:
    """Return the conversion record of an article that knows its capture (6.8: no concurrent record, no address)."""
    if article.warc is None:
        raise ValueError(f"{article.id} does not know the record it was read from")
    text = f"{article.headline}\n{article.text}\n".encode()
    digest = label_of(text)
    fields = [
        ("WARC-Target-URI", article.url),
        ("WARC-Warcinfo-ID", warcinfo),
        ("WARC-Refers-To", article.warc.record_id),
        ("WARC-Identified-Content-Language", _LANGUAGES.get(article.language, article.language)),
        ("X-Warraq-Extractor", article.extractor),
        ("X-Warraq-Article", article.id),
        ("WARC-Payload-Digest", digest),
    ]
    record = of_bytes("conversion", article.captured, text, "text/plain", fields)
    record.id = _made_id("conversion", article.warc.record_id, article.id, article.extractor, digest)
    return record


def _made_id(*parts: str) -> str:
    return f"<{uuid.uuid5(uuid.NAMESPACE_URL, ' '.join(parts)).urn}>"
