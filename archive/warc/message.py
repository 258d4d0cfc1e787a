"""One HTTP exchange, and its messages as bytes: start line, headers, body, and the chunked framing around it."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import IO, TYPE_CHECKING, Literal

from archive.warc.payload import CutOff, Digester, TooLarge, Undecodable, decode_all, digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

# --- The chunked transfer coding of RFC 9112, taken off piece by piece -----------------------------------------------

LONGEST_LINE = 1 << 16
"""Bytes of a size line, of a trailer line, and of all trailer lines together; what has more of them is no chunked coding."""

_SIZE_LINE_BEGINNING = re.compile(
    rb"[ \t]*+[0-9A-Fa-f]*+[ \t\r]*+(?:;[^\n]*)?"
)  # a body without line ends shows here what it is
_SIZE = re.compile(rb"[0-9A-Fa-f]+")  # int() would also take a sign, and read what follows a negative size as trailer


class ChunkedDecoder:
    """Takes the chunked transfer coding off, whatever the pieces it comes in."""

    def __init__(self) -> None:
        self.complete = False
        self.trailer = b""
        self.surplus = 0
        self._waiting = b""
        self._left = -1  # bytes of the chunk still to come; -1: a size line is next; -2: the trailer
        self._chunk_ended = False

    def feed(self, piece: bytes) -> bytes:
        """Return what of the entity body is in the next piece. Raises ``ValueError`` where it is no chunked coding."""
        received, at, pieces = self._waiting + piece, 0, []
        while not self.complete:
            if self._left > 0:
                data = received[at : at + self._left]
                pieces.append(data)
                at += len(data)
                self._left -= len(data)
                self._chunk_ended = not self._left
            end = received.find(b"\n", at)
            if self._left > 0 or end < 0:
                if self._left == -1 and not _SIZE_LINE_BEGINNING.fullmatch(received, at):
                    raise ValueError(f"no size of a chunk: {received[at : at + 40]!r}")
                break
            if end - at > LONGEST_LINE or len(self.trailer) > LONGEST_LINE:
                raise ValueError("a line without end stands where a chunk's size belongs")
            self._line(received[at : end + 1])
            at = end + 1
        if self.complete:
            self.surplus += len(received) - at
            at = len(received)
        self._waiting = received[at:]
        if len(self._waiting) > LONGEST_LINE:
            raise ValueError("a line without end stands where a chunk's size belongs")
        return b"".join(pieces)

    def _line(self, line: bytes) -> None:
        if self._chunk_ended:
            if line.strip():
                raise ValueError(f"a chunk is longer than its size line says: {line[:40]!r}")
            self._chunk_ended, self._left = False, -1
        elif self._left == -1:
            size = line.split(b";", 1)[0].strip(b" \t\r\n")
            if not _SIZE.fullmatch(size):
                raise ValueError(f"no size of a chunk: {size[:40]!r}")
            self._left = int(size, 16) or -2
        elif line.strip(b"\r\n"):
            self.trailer += line
        else:
            self.complete = True


# --- HTTP/1.1 messages as bytes: where the head ends, how the body is framed, what the entity body is ----------------
#     received:  [1xx head]* head [body framed by Transfer-Encoding, Content-Length or the end of the connection] [surplus]
#     kept:                  head  body            strip: without transfer coding, its header line renamed
#                                                  keep: as received
#
# The grammar is that of RFC 9112 with the leniencies of the browsers: bare LF ends a line, a header line without colon is a
# line all the same.

Framing = Literal["none", "stripped", "kept"]

PIECE = 1 << 16
IN_MEMORY = 4 << 20  # bytes; a larger body waits in a temporary file
ORIGINAL = b"X-Archive-Orig-"
"""The prefix that pywb gives to headers that it takes out of force."""
ORIGINAL_FRAMING = ORIGINAL + b"Transfer-Encoding"

_HEAD_END = re.compile(rb"\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_STATUS = re.compile(rb"HTTP/\d+\.\d+[ \t]+(\d{3})(?!\d)")
_TRANSFER = re.compile(rb"^Transfer-Encoding(?=[ \t]*:)", re.IGNORECASE | re.MULTILINE)
_BODILESS = {204, 304}
_INTERIM, _FIRST_FINAL = 100, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseMessage:
    """A response taken apart.

    Args:
        head: as it stands in the record.
        body: as it stands in the record.
        framing: what became of the transfer coding.
        interim: how many 1xx responses came before it.
        trailer: the lines that came after a chunked body.
        complete: whether the framing says that all of it came; a body that ends with its connection is complete.
        surplus: bytes that came after the end of the message.
    """

    head: bytes
    body: bytes | IO[bytes]
    framing: Framing = "none"
    interim: int = 0
    trailer: bytes = b""
    complete: bool = True
    surplus: int = 0


def read_response(received: bytes | IO[bytes], *, method: str, keep: bool = False) -> ResponseMessage | None:
    """Take apart what a server sent for one request.

    Args:
        received: all bytes of it, or a seekable file of them.
        method: of the request; HEAD has no body.
        keep: keep the transfer coding in the body instead of taking it off.

    Returns:
        The message, or None where not even its head is whole, or no status line begins it.
    """
    start = received if isinstance(received, bytes) else _beginning(received)
    interim, begin = 0, 0
    while match := _HEAD_END.search(start, begin):
        status = _STATUS.match(start, begin)
        if status is None:
            return None
        if int(status[1]) >= _FIRST_FINAL:
            return _message(
                start[begin : match.end()], received, match.end(), method=method, keep=keep, interim=interim
            )
        interim, begin = interim + 1, match.end()
    return None


def _message(  # noqa: PLR0913  each is a fact of its own
    head: bytes, received: bytes | IO[bytes], at: int, *, method: str, keep: bool, interim: int
) -> ResponseMessage:
    if method == "HEAD" or status_of(head) in _BODILESS:
        return ResponseMessage(head=head, body=b"", interim=interim, surplus=_size(received) - at)
    if (header_of(head, "Transfer-Encoding") or "").lower() == "chunked":
        return _chunked(head, received, at, keep=keep, interim=interim)
    available, announced = _size(received) - at, _content_length(head)
    length = available if announced is None else min(announced, available)
    return ResponseMessage(
        head=head,
        body=_gather(_pieces(received, at, length), length),
        interim=interim,
        complete=announced is None or announced <= available,
        surplus=available - length,
    )


def _chunked(head: bytes, received: bytes | IO[bytes], at: int, *, keep: bool, interim: int) -> ResponseMessage:
    decoder, size = ChunkedDecoder(), _size(received) - at
    decoded = (decoder.feed(piece) for piece in _pieces(received, at, size))
    try:
        body = _read_through(decoded) if keep else _gather(decoded, size)
    except ValueError:  # it says chunked and is not: what came stays as it came
        body = _gather(_pieces(received, at, size), size)
        return ResponseMessage(head=head, body=body, interim=interim, complete=False)
    if keep:
        body = _gather(_pieces(received, at, size - decoder.surplus), size)
    return ResponseMessage(
        head=head if keep else _TRANSFER.sub(ORIGINAL_FRAMING, head),
        body=body,
        framing="kept" if keep else "stripped",
        interim=interim,
        trailer=decoder.trailer,
        complete=decoder.complete,
        surplus=decoder.surplus,
    )


def end_of_head(message: bytes | bytearray, known: int = 0) -> int:
    """Return where the head of a response ends and its body begins; 0 where the head is not whole.

    Args:
        message: its beginning.
        known: bytes of it that were looked at before, without finding an end.
    """
    match = _HEAD_END.search(message, max(known - 2, 0))
    return match.end() if match else 0


def headers_of(head: bytes) -> list[tuple[str, str]]:
    """Return the header lines of a response head as names and values, bytes as Latin-1; a folded line belongs to the one before."""
    lines = _FOLD.sub(b" ", head).split(b"\n")[1:]
    pairs = (
        line.partition(b":") for line in lines
    )  # as bytes: in Latin-1, 0x85 and 0xA0 of UTF-8 are line end and space
    return [(name.strip().decode("latin-1"), value.strip().decode("latin-1")) for name, colon, value in pairs if colon]


def status_of(head: bytes) -> int:
    """Return the status code of a response head. Raises ``ValueError`` where the first line is no status line."""
    match = _STATUS.match(head)
    if match is None:
        raise ValueError(f"no status line: {head[:60]!r}")
    return int(match[1])


def header_of(head: bytes, name: str) -> str | None:
    """Return the first value of a header in a head, white space trimmed; None where there is none."""
    match = _line_of(name).search(head)
    return match[1].rstrip().decode("latin-1") if match else None


@lru_cache(maxsize=256)
def _line_of(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"^%s[ \t]*:[ \t]*([^\r\n]*)" % re.escape(name.encode("ascii")), re.IGNORECASE | re.MULTILINE)


def warc_date(moment: datetime) -> str:
    """Write a moment as a WARC-Date with microseconds. Raises ``ValueError`` for one without zone or not in UTC."""
    offset = moment.utcoffset()
    if offset is None or offset:
        raise ValueError(f"a WARC-Date is in UTC, not {moment!r}")
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _content_length(head: bytes) -> int | None:
    value = header_of(head, "Content-Length")
    return int(value) if value and value.isascii() and value.isdigit() else None


def _beginning(stream: IO[bytes]) -> bytes:
    stream.seek(0)
    return stream.read(1 << 20)  # no head is longer


def _size(received: bytes | IO[bytes]) -> int:
    return len(received) if isinstance(received, bytes) else received.seek(0, 2)


def _pieces(received: bytes | IO[bytes], at: int, length: int) -> Iterator[bytes]:
    if isinstance(received, bytes):
        yield received[at : at + length]
        return
    received.seek(at)
    while length > 0 and (piece := received.read(min(PIECE, length))):
        length -= len(piece)
        yield piece


def _read_through(pieces: Iterable[bytes]) -> bytes:
    for _ in pieces:
        pass
    return b""


def _gather(pieces: Iterable[bytes], size: int) -> bytes | IO[bytes]:
    """Bring pieces together, in memory or, where they may be many, in a temporary file."""
    if size <= IN_MEMORY:
        return b"".join(pieces)
    stream: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed when the exchange is forgotten
    stream.writelines(pieces)
    return stream


# --- A response as another crawler kept it: what it says of itself and is not so -------------------------------------

_NEWER_HTTP = re.compile(rb"\AHTTP/[23](?:\.\d)?(?=[ \t])")
_MARKUP_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*[<{\[]")
_MARKUP_ENDS = b"</html"
_LITTLE = 1 << 10  # bytes that may stand behind it


def read_kept(block: bytes) -> ResponseMessage:
    """Take apart a response as a record of another archive holds it, its bytes unchanged but for what is untrue or nobody reads.

    A crawler that takes codings off may leave the headers that speak of them, as Common Crawl's did until May 2019: they get the prefix
    that pywb gives them, and so does a length that is of the coded body. HTTP/2 and 3, which other readers of WARCs refuse, become HTTP/1.1.
    Interim responses (1xx) before it are cut off. ``complete`` is False where the framing says that more was to come and no page ends there.

    Raises:
        ValueError: it is no HTTP response.
    """
    status = _INTERIM
    while status // _INTERIM == 1:
        if not (end := end_of_head(block)):
            raise ValueError("it has no whole HTTP head")
        head, body = _NEWER_HTTP.sub(b"HTTP/1.1", block[:end], 1), block[end:]
        status, block = status_of(head), body
    chunks = _chunks_of(head, body)
    head = head if chunks else _true_head(head, body)
    announced = None if chunks or status in _BODILESS else _content_length(head)
    is_whole = chunks.complete if chunks else announced is None or announced <= len(body)
    return ResponseMessage(
        head=head,
        body=body,
        framing="kept" if chunks else "none",
        complete=is_whole or _MARKUP_ENDS in body[-_LITTLE:].lower(),
    )


def _true_head(head: bytes, body: bytes) -> bytes:
    """Return the head of a body without chunks, the headers renamed that speak of codings which were taken off."""
    untrue = [b"Transfer-Encoding"] if (header_of(head, "Transfer-Encoding") or "").lower() == "chunked" else []
    codings = header_of(head, "Content-Encoding")
    if codings and _MARKUP_BEGINS.match(body):
        try:
            decode_all(codings, body)
        except (CutOff, TooLarge):
            pass
        except Undecodable:
            untrue.append(b"Content-Encoding")
    if untrue and header_of(head, "Content-Length") not in {None, str(len(body))}:
        untrue.append(b"Content-Length")
    for name in untrue:
        head = re.sub(rb"(?mi)^(?=%s[ \t]*:)" % name, ORIGINAL, head)
    return head


def _chunks_of(head: bytes, body: bytes) -> ChunkedDecoder | None:
    """Return what has read a body's chunks, None where it has none; many a crawler takes them off and leaves the header that speaks of them."""
    if (header_of(head, "Transfer-Encoding") or "").lower() != "chunked":
        return None
    decoder = ChunkedDecoder()
    try:
        decoder.feed(body)
    except ValueError:
        return None
    return decoder


# --- One exchange as it went over the wire: what a capture hands on and what becomes WARC records --------------------
# crawlers/download/capture.py ──Exchange──▶ archive.spool.segment ──▶ archive.warc.WarcFile ──▶ response|revisit, request, metadata

Mode = Literal["wire", "reconstructed"]
Truncation = Literal["length", "time", "disconnect", "unspecified"]


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request and what came back for it.

    Args:
        url: as requested, percent-encoded ASCII, without fragment and credentials.
        started: when the request began, aware UTC, to the microsecond: the WARC-Date of all its records.
        duration_ms: from then to the last byte, or to the failure.
        request: the request as sent, head and body, without cookies and credentials.
        head: status line, header lines and the blank line as they stand in the record; leading 1xx responses are cut
            off. Empty where no whole head came: the exchange failed.
        body: what follows the head in the record: bytes, or a seekable binary file where it is large. Its content
            coding is kept.
        framing: what became of the transfer coding: ``none`` was there; ``stripped`` from the body, and the header line
            renamed; ``kept`` in the body as received.
        ip_address: the address that answered, None behind a proxy.
        truncated: why the body is shorter than what the server had to say.
        capture: ``wire`` where the bytes are those received, ``reconstructed`` where Scrapy had parsed them before.
        error: why the exchange failed, one line.
        certificates: SHA-256 fingerprints of the TLS chain, the server's own first.
        metadata: what else is known of it, in order; a sequence is written as a repeated field.
    """

    url: str
    started: datetime
    duration_ms: int
    request: bytes = b""
    head: bytes = b""
    body: bytes | IO[bytes] = b""
    framing: Framing = "none"
    ip_address: str | None = None
    truncated: Truncation | None = None
    capture: Mode = "wire"
    error: str | None = None
    certificates: tuple[str, ...] = ()
    metadata: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)

    def body_pieces(self) -> Iterator[bytes]:
        """Yield the body from its beginning, as it stands in the record."""
        if isinstance(self.body, bytes):
            yield self.body
            return
        self.body.seek(0)
        while piece := self.body.read(PIECE):
            yield piece

    def payload_pieces(self) -> Iterator[bytes]:
        """Yield the entity body: without transfer coding, with content coding."""
        if self.framing != "kept":
            yield from self.body_pieces()
            return
        decoder = ChunkedDecoder()
        for piece in self.body_pieces():
            yield decoder.feed(piece)

    @cached_property
    def payload(self) -> Digester:
        """Return the entity body's digests and its size."""
        return digest_of(self.payload_pieces(), sha256=True)

    @cached_property
    def payload_digest(self) -> str:
        """Return the labelled SHA-1 of the entity body."""
        return self.payload.label

    @cached_property
    def status(self) -> int | None:
        """Return the status code, None where there is no response."""
        return status_of(self.head) if self.head else None

    def close(self) -> None:
        """Let go of the body's file, where it is in one."""
        if not isinstance(self.body, bytes):
            self.body.close()

    def header(self, name: str) -> str | None:
        """Return a response header's first value, None where it is absent."""
        return header_of(self.head, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A published response that a revisit refers to: its record id (with its ``<>``), URI, WARC-Date and payload digest.

    For a 304 the digest may be unknown (None): the revisit record then has none.
    """

    record_id: str
    uri: str
    date: str
    payload_digest: str | None
