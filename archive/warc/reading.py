"""Reading WARC files back: gzip member by gzip member, each a record, with memory that does not grow with the file.

    for record in records(stream):       offset, fields
        for piece in record.block(): …   or not at all: what is left is skipped
        record.length                    known once the record is read to its end

A strict reader for files that this project wrote: any deviation is a `Damaged`, with the offset it begins at.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from zlib_ng import zlib_ng

from archive.article import parse_time
from archive.files import Unreadable
from archive.warc.message import ChunkedDecoder, end_of_head, header_of, status_of
from archive.warc.payload import BAD_DEFLATE, OUTPUT, PIECE, Digester, Members, gzip_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

_GZIP = zlib_ng.MAX_WBITS + 16
_LONGEST_HEADER = 1 << 20
_DIGITS = re.compile(r"[0-9]{1,18}")

LONGEST_BLOCK = 64 << 20
"""Bytes of a block that is held in memory as a whole: twice what a crawl takes of an answer (DOWNLOAD_MAXSIZE)."""


class Damaged(Unreadable):
    """The bytes from ``offset`` on are no whole WARC record."""

    def __init__(self, offset: int, why: str) -> None:
        super().__init__(f"at {offset}: {why}")
        self.offset = offset
        self.why = why


class _Member:
    """One gzip member of a stream, inflated piece by piece."""

    def __init__(self, stream: IO[bytes], offset: int) -> None:
        self._stream, self._offset = stream, offset
        self._inflater = zlib_ng.decompressobj(_GZIP)
        self._taken = 0
        self._waiting = b""
        stream.seek(offset)

    @property
    def length(self) -> int:
        """Return the member's bytes in the file, once it was read to its end."""
        return self._taken

    def read(self, size: int) -> bytes:
        """Return up to ``size`` inflated bytes, none at the member's end."""
        while not self._waiting and not self._inflater.eof:
            self._fill()
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        return data

    def header(self) -> list[bytes]:
        """Return the lines of the record's header behind its version."""
        while (end := self._waiting.find(b"\r\n\r\n")) < 0 and not self._inflater.eof:
            if len(self._waiting) > _LONGEST_HEADER:
                break
            self._fill()
        if not self._waiting.startswith(b"WARC/1.1\r\n"):
            raise Damaged(self._offset, "no WARC/1.1 record begins here")
        if end < 0:
            raise Damaged(self._offset, "no end of the record's header")
        lines, self._waiting = self._waiting[:end].split(b"\r\n")[1:], self._waiting[end + 4 :]
        return lines

    def _fill(self) -> None:
        raw = self._inflater.unconsumed_tail or self._stream.read(PIECE)
        if not raw:
            raise Damaged(self._offset, "the file ends inside a record")
        try:
            self._waiting += self._inflater.decompress(raw, OUTPUT)
        except BAD_DEFLATE as error:
            raise Damaged(self._offset, str(error)) from None
        if self._inflater.eof:
            self._taken = self._stream.tell() - len(self._inflater.unused_data) - self._offset


@dataclass(slots=True)
class StoredRecord:
    """A record in a file. Its block can be read once, before the next record is asked for; ``left`` of its bytes are to come.

    ``fields`` are the named fields in order; ``length`` is its member's size, 0 until the record was read to its end.
    """

    offset: int
    fields: list[tuple[str, str]]
    _member: _Member
    left: int
    length: int = 0
    _values: dict[str, str] = field(default_factory=dict)

    def field(self, name: str) -> str | None:
        """Return a named field's first value."""
        if not self._values:
            for key, value in self.fields:
                self._values.setdefault(key.lower(), value)
        return self._values.get(name.lower())

    @property
    def type(self) -> str:
        """Return the WARC-Type."""
        return self.field("WARC-Type") or ""

    @property
    def is_capture(self) -> bool:
        """Whether it is what a server sent: a response, or a revisit of one; a crawl's papers are revisited too."""
        return self.type == "response" or (
            self.type == "revisit" and (self.field("Content-Type") or "application/http").startswith("application/http")
        )

    @property
    def id(self) -> str:
        """Return the WARC-Record-ID with its ``<>``."""
        return self.field("WARC-Record-ID") or ""

    def check_length(self) -> None:
        """Raise `Damaged` where the block is longer than any reader holds in memory."""
        if self.left > LONGEST_BLOCK:
            raise Damaged(self.offset, f"a block of {self.left} bytes; no reader holds more than {LONGEST_BLOCK}")

    def block(self) -> Iterator[bytes]:
        """Yield the block, whole where its digest matters: reading it through also checks how the record ends."""
        while self.left:
            piece = self._member.read(min(self.left, OUTPUT))
            if not piece:
                raise Damaged(self.offset, "the record is shorter than its Content-Length")
            self.left -= len(piece)
            yield piece

    def finish(self) -> None:
        """Read what is left of the record. Raises `Damaged` where it does not end as a record ends."""
        for _ in self.block():
            pass
        ending = self._member.read(5)
        while len(ending) < 5 and (more := self._member.read(5)):  # noqa: PLR2004  one byte more than it ends with
            ending += more
        if ending != b"\r\n\r\n":
            raise Damaged(self.offset, "the record does not end with two line ends")
        self.length = self._member.length


def records(stream: IO[bytes], start: int = 0) -> Iterator[StoredRecord]:
    """Yield the records of a seekable stream from ``start`` on. Raises `Damaged` at the first that is not whole."""
    offset, end = start, stream.seek(0, io.SEEK_END)
    while offset < end:
        record = _record(stream, offset)
        yield record
        if not record.length:
            record.finish()
        offset += record.length


def read_record(member: bytes | IO[bytes]) -> tuple[StoredRecord, bytes]:
    """Return the first record of some bytes, such as a pointer's range, and its whole block. Raises `Damaged`."""
    stream = io.BytesIO(member) if isinstance(member, bytes) else member
    record = _record(stream, stream.tell())
    block = whole_block(record)
    record.finish()
    return record, block


def whole_block(record: StoredRecord) -> bytes:
    """Return a record's block. Raises `Damaged` where it is too long to be held in memory, or is not whole."""
    record.check_length()
    return b"".join(record.block())


def _record(stream: IO[bytes], offset: int) -> StoredRecord:
    member = _Member(stream, offset)
    fields = []
    for line in member.header():
        name, colon, value = _text(line, offset).partition(":")
        if not colon or b"\n" in line:
            raise Damaged(offset, f"no named field: {line[:60]!r}")
        fields.append((name, value.strip()))
    length = next((value for name, value in fields if name.lower() == "content-length"), "")
    if not _DIGITS.fullmatch(length):
        raise Damaged(offset, "the record has no Content-Length")
    return StoredRecord(offset, fields, member, int(length))


def _text(line: bytes, offset: int) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise Damaged(offset, f"a named field is no UTF-8: {error}") from None


# --- Checking WARC files: what is whole after a crash, and whether every digest is that of its bytes -----------------
# `scan` asks only where the last whole record ends. `verify` re-reads everything, and takes the payload as WARC 1.1 (5.9)
# defines it: the entity body, without transfer coding, also where the block keeps the chunks as received – there warcio and
# FastWARC hash the framing and call a right digest wrong.

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
    whole, counts = 0, Counter[str]()
    with path.open("rb") as stream:
        try:
            for record in records(stream):
                record.finish()
                whole = record.offset + record.length
                counts[record.type] += 1
        except Damaged as error:
            return Scan(whole, counts, str(error))
    return Scan(whole, counts, None)


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


# --- Other archives' files, read leniently: WARC 0.17 to 1.1 and ARC; plain, gzip, or zstd with and without a dictionary -----
#     file ─▶ members ─▶ records ─▶ responses that are wanted
#               └────────────┴─ broken? named, and read on from the next place where a record begins
#
# A stream that can be read only forwards is enough. A plain file is one member from each place where reading begins.

LONGEST_BODY = 32 << 20
"""Bytes that are taken of a response, as a crawl takes them (DOWNLOAD_MAXSIZE)."""

_WARC_BEGINNING = rb"WARC/\d+\.\d+[ \t]*\r?\n[A-Za-z0-9-]+[ \t]*:"
_ARC_BEGINNING = rb"(\w+:\S[^\r\n]*?) (\S*) (\d{12,14}) ([^\r\n]*?) ?(\d+)[ \t]*\r?\n"
_BEGINNING = re.compile(rb"(?m)^(?:%s|%s)" % (_WARC_BEGINNING, _ARC_BEGINNING))
_ARC_LINE = re.compile(_ARC_BEGINNING)
_FOLDED = re.compile(rb"\r?\n[ \t]+")
_NAMED = re.compile(  # the fields that are asked for
    rb"(?mi)^(WARC-(?:Type|Target-URI|Record-ID|Date|Truncated|Segment-Number)|Content-Length)[ \t]*:([^\n]*)"
)
_WHOLE_DATE = "0000-01-01T00:00:00Z"
_OF_A_PAGE = {"response", "revisit", "resource", "conversion"}  # types of records, not of what tells of a page


@dataclass(frozen=True, slots=True)
class Response:
    """A response record of another archive, as it lies there; ``record_id`` is empty where it has none, as in an ARC."""

    file: str
    record_id: str
    url: str
    date: datetime
    block: bytes
    truncated: str | None


@dataclass(frozen=True, slots=True)
class NoResponse:
    """A record of an address that holds nothing a server sent then: a ``revisit`` of another record, a ``resource``, a ``conversion``."""

    url: str
    kind: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A record, or the rest of a file, that cannot be read; ``what`` names it in one sentence."""

    what: str


def lenient_responses(
    file: str, stream: IO[bytes], wanted: Callable[[str], bool]
) -> Iterator[Response | NoResponse | Broken]:
    """Yield a file's responses, revisits and copies whose addresses are wanted, and a `Broken` for each record that cannot be read.

    Args:
        file: its name, for what is yielded.
        stream: the file, from its beginning.
        wanted: says of an address whether its record is; of others the block is skipped.
    """
    members, is_empty = Members(stream, _BEGINNING), True
    while members.begin():
        records_of_member = _LenientRecords(file, members)
        try:
            yield from records_of_member.responses(wanted)
        except members.faults as error:
            yield Broken(f"{file}: at byte {members.place(records_of_member.begun)}: {error}")
            members.pass_over(records_of_member.begun)
            is_empty = False
        is_empty = is_empty and not records_of_member.count
    if is_empty:
        yield Broken(f"{file}: it holds no record")


def few_responses(
    file: str, stream: IO[bytes], wanted: Callable[[str], bool]
) -> Iterator[Response | NoResponse | Broken]:
    """Yield what `lenient_responses` does, of addresses that few records have.

    In a file with a gzip member for each record, the others are passed over from one member's beginning to the next, unpacked as far
    as their headers; what is broken is not named there.

    Args:
        file: as there.
        stream: the file, seekable, from its beginning.
        wanted: as there.
    """
    if not _is_member_by_member(stream):
        stream.seek(0)
        yield from lenient_responses(file, stream, wanted)
        return
    for start, beginning in gzip_members(stream, _BEGINNING):
        url = _address_of(beginning)
        if url is None or wanted(url):
            stream.seek(start)
            members = Members(stream, _BEGINNING)
            with suppress(*members.faults):
                members.begin()
                yield from _LenientRecords(file, members).responses(wanted)


def _is_member_by_member(stream: IO[bytes]) -> bool:
    """Say whether a file's first gzip member holds one record and no more, as those of every crawler do."""
    members = Members(stream, _BEGINNING)
    if not (members.is_gzip and members.begin()):
        return False
    try:
        return _LenientRecords("", members).pass_over() == 1
    except members.faults:
        return False


def _address_of(beginning: bytes) -> str | None:
    """Return the address of a response or revisit by the beginning of its record, "" for any other record; None where that is too short."""
    if not beginning.startswith(b"WARC/"):
        line = _ARC_LINE.match(beginning)
        return line[1].decode(errors="replace") if line else None
    if not (end := end_of_head(beginning)):
        return None
    fields = _named_fields(beginning[:end])
    return _address(fields) if fields.get("warc-type") in _OF_A_PAGE else ""


class _LenientRecords:
    """The records of one member. ``begun`` is where in what the member unpacks to the last one begins, ``count`` how many there were."""

    def __init__(self, file: str, member: Members) -> None:
        self._file, self._member = file, member
        self._waiting = b""
        self._passed = 0  # bytes of the member before those that wait
        self.begun = 0
        self.count = 0

    def responses(self, wanted: Callable[[str], bool]) -> Iterator[Response | NoResponse | Broken]:
        """Yield what is wanted; raises where the member is broken."""
        for fields in self._headers():
            length = fields["content-length"]
            url = _address(fields)
            kind = fields.get("warc-type", "")
            is_wanted = kind in _OF_A_PAGE and wanted(url)
            block = self._take(min(int(length), LONGEST_BODY) if is_wanted and kind == "response" else 0)
            self._skip(int(length) - len(block))
            if is_wanted:
                yield self._response(fields, url, block) if kind == "response" else NoResponse(url, kind)

    def pass_over(self) -> int:
        """Pass over the records and return how many there are; raises where the member is broken."""
        for fields in self._headers():
            self._skip(int(fields["content-length"]))
        return self.count

    def _headers(self) -> Iterator[dict[str, str]]:
        while self._find_beginning():
            fields = self._fields()
            if not _DIGITS.fullmatch(fields.get("content-length", "")):
                raise ValueError("the record has no Content-Length")
            self.count += 1
            yield fields

    def _response(self, fields: Mapping[str, str], url: str, block: bytes) -> Response | Broken:
        is_cut = int(fields["content-length"]) > len(block)
        identity = fields.get("warc-record-id", "")
        try:
            date = _lenient_date(fields.get("warc-date", ""))
        except ValueError as error:
            return Broken(f"{self._file}: {identity or url}: {error}")
        return Response(self._file, identity, url, date, block, "length" if is_cut else _truncation(fields))

    def _find_beginning(self) -> bool:
        """Go to where the next record begins; False at the member's end. Line ends and zeros may stand between two records."""
        while not (rest := self._waiting.lstrip(b"\r\n\0")):
            self._drop(len(self._waiting))
            if not self._more():
                return False
        self._drop(len(self._waiting) - len(rest))
        self.begun = self._passed
        return True

    def _fields(self) -> dict[str, str]:
        """Read the record's header; return its first values by their names in lower case."""
        end = 0
        while not (end := self._end_of_header()) and len(self._waiting) <= _LONGEST_HEADER and self._more():
            pass
        if not end:
            raise ValueError(f"no record begins here: {self._waiting[:40]!r}")
        header = self._waiting[:end]
        self._drop(end)
        if not header.startswith(b"WARC/"):
            return _arc_fields(header)
        return _named_fields(header)

    def _end_of_header(self) -> int:
        if self._waiting.startswith(b"WARC/"):
            return end_of_head(self._waiting)
        line = _ARC_LINE.match(self._waiting)
        return line.end() if line else 0

    def _take(self, size: int) -> bytes:
        while len(self._waiting) < size:
            if not self._more():
                raise EOFError("the record ends before its end")
        block = self._waiting[:size]
        self._drop(size)
        return block

    def _skip(self, size: int) -> None:
        while size > len(self._waiting):
            size -= len(self._waiting)
            self._drop(len(self._waiting))
            if not self._more():
                raise EOFError("the record ends before its end")
        self._drop(size)

    def _drop(self, size: int) -> None:
        self._waiting = self._waiting[size:]
        self._passed += size

    def _more(self) -> bool:
        piece = self._member.read(OUTPUT)
        self._waiting = self._waiting + piece if self._waiting else piece
        return bool(piece)


def _named_fields(header: bytes) -> dict[str, str]:
    """Return the first values of a record's fields, of those that are asked for, by their names in lower case."""
    fields: dict[str, str] = {}
    for name, value in _NAMED.findall(_FOLDED.sub(b" ", header)):
        fields.setdefault(name.decode().lower(), value.decode(errors="replace").strip())
    if "warc-type" in fields:
        fields["warc-type"] = fields["warc-type"].lower()
    return fields


def _address(fields: Mapping[str, str]) -> str:
    return fields.get("warc-target-uri", "").strip("<>").replace(" ", "%20")


def _truncation(fields: Mapping[str, str]) -> str | None:
    """Return why a response is not whole: as it says itself, or because it goes on in another record."""
    return fields.get("warc-truncated") or ("unspecified" if "warc-segment-number" in fields else None)


def _arc_fields(line: bytes) -> dict[str, str]:
    """Return what the line before a record of an ARC says, of version 1 or 2, in the names of a WARC."""
    match = _ARC_LINE.match(line)
    assert match is not None
    url, _, digits, _, length = (part.decode(errors="replace") for part in match.groups())
    day, time = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}", f"{digits[8:10]}:{digits[10:12]}:{digits[12:] or '00'}"
    is_page = not url.startswith(("filedesc:", "dns:"))
    return {
        "warc-type": "response" if is_page else "warcinfo",
        "warc-target-uri": url,
        "warc-date": f"{day}T{time}Z",
        "content-length": length,
    }


def _lenient_date(text: str) -> datetime:
    """Read a WARC-Date; what one of WARC 1.1 leaves out at its end is its beginning. Raises ``ValueError``."""
    if len(text) < len(_WHOLE_DATE):
        text = text.removesuffix("Z") + _WHOLE_DATE[len(text.removesuffix("Z")) :]
    return parse_time(text)
