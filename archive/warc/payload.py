"""What a response carries: its digests, and its content codings undone, no further than a body may grow (it may be hostile).

    decode_all(Content-Encoding, body) ─▶ content         what the crawl read, and what every reader of its record reads again
                                      └─▶ CutOff          the stream ends before its end: the rest was lost on the way
                                      └─▶ Undecodable     it is of another coding, spoiled, or unpacks to too much

What stands behind the end of a stream is left aside, as browsers do, unless another gzip member or zstd frame begins there; the
library for br refuses it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, Protocol

from zlib_ng import zlib_ng

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MAX_CONTENT = 64 * 1024 * 1024
"""Bytes that a body may unpack to, twice what a crawl takes (DOWNLOAD_MAXSIZE); 32 MB of gzip can hold 32 GB."""

CODINGS = frozenset(("gzip", "x-gzip", "deflate", "br", "zstd", "identity", ""))
"""The names of RFC 9110, 8.4.1, and of what is no coding."""

BAD_DEFLATE: type[Exception] = zlib_ng.error  # type: ignore[assignment]  # its stub calls the class an instance
_GZIP = zlib_ng.MAX_WBITS + 16
_GZIP_MAGIC = b"\x1f\x8b"
_SIZE = 4  # bytes at a member's end: how many it unpacks to
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"  # behind a byte from 0x50 to 0x5f
_ZSTD_PIECE = 1 << 10  # bytes of input at once: four can unpack to 128 KiB, and their library knows no limit


class Undecodable(ValueError):  # noqa: N818  reads as what happened
    """A body that does not decode; the message says as what."""


class TooLarge(Undecodable):
    """A body that unpacks to more than it may."""


class CutOff(Undecodable):
    """A body that ends before its coding does; ``content`` is what can be read of it."""

    def __init__(self, message: str, content: bytes) -> None:
        super().__init__(message)
        self.content = content


def decode_all(content_encoding: str, body: bytes, limit: int | None = None) -> bytes:
    """Return a body without its content codings, the last one first.

    An unknown one (``utf-8``, ``none``) is no coding, and what was before it stays, as browsers and Scrapy have it.

    Args:
        content_encoding: the header's values, joined by commas.
        body: as sent; an empty one has nothing in it, whatever the header says.
        limit: bytes that it may unpack to; `MAX_CONTENT` where none is given.

    Raises:
        Undecodable: see `decode`.
    """
    for coding in reversed(split_codings(content_encoding)[1]):
        body = decode(coding, body, limit)
    return body


def split_codings(content_encoding: str) -> tuple[list[str], list[str]]:
    """Return the codings that stay on a body, up to the last one that is unknown, and those that come off, in lower case."""
    names = [name.strip().lower() for name in content_encoding.split(",")]
    known = next((at for at in range(len(names), 0, -1) if names[at - 1] not in CODINGS), 0)
    return names[:known], [name for name in names[known:] if name not in {"", "identity"}]


def decode(coding: str, body: bytes, limit: int | None = None) -> bytes:
    """Return a body without one content coding (RFC 9110, 8.4.1), its name in lower case.

    Raises:
        CutOff: it breaks off.
        TooLarge: it unpacks to more than ``limit`` bytes.
        Undecodable: it is not of that coding, or spoiled.
    """
    if coding not in CODINGS:
        raise Undecodable(f"the body has the unknown content coding {coding}")
    if not body or coding in {"", "identity"}:
        return body
    most = MAX_CONTENT if limit is None else limit
    content, is_whole = _decoded(coding, body, most)
    if len(content) > most:
        raise TooLarge(f"the body unpacks to more than {most} bytes")
    if not is_whole:
        raise CutOff(f"the body does not decode as {coding}: it ends before its end", content)
    return content


def _decoded(coding: str, body: bytes, limit: int) -> tuple[bytes, bool]:
    """Return what a body unpacks to, one byte more than the limit at least where it is more, and whether it came to its end."""
    import brotli  # noqa: PLC0415  imported when it is needed: the command line stays fast
    import zstandard  # noqa: PLC0415  imported when it is needed: the command line stays fast

    try:
        if coding in {"gzip", "x-gzip"}:
            return _gunzip(body, limit)
        if coding == "deflate":
            return _inflate(body, limit)
        if coding == "br":
            return _unbrotli(brotli.Decompressor(), body, limit)
        return _joined(_zstd_pieces(zstandard.ZstdDecompressor(), body), limit)
    except (BAD_DEFLATE, brotli.error, zstandard.ZstdError) as error:
        raise Undecodable(f"the body does not decode as {coding}: {error}") from error


def unpacked_member(body: bytes, limit: int) -> bytes | None:
    """Return what one whole gzip member unpacks to, by ISA-L in four fifths of zlib-ng's time; None of anything else, and of more than a limit."""
    from isal import isal_zlib  # noqa: PLC0415  imported when it is needed: the command line stays fast

    inflater = isal_zlib.decompressobj(_GZIP)
    size = int.from_bytes(
        body[-_SIZE:], "little"
    )  # as its end says: one buffer of that size takes half the time of one that grows
    with suppress(isal_zlib.error):  # type: ignore[arg-type]  # its stub calls the class an instance
        content = inflater.decompress(body, min(size, limit) + 1)
        if inflater.eof and not inflater.unused_data and len(content) <= limit:
            return content
    return None


def _gunzip(body: bytes, limit: int) -> tuple[bytes, bool]:
    """Unpack one member after the other; the first may begin anyhow, a further one begins as gzip does."""
    if (content := unpacked_member(body, limit)) is not None:  # nearly every one; of another zlib-ng says what is wrong
        return content, True
    contents, size, rest = [], 0, body
    while True:
        decoder = zlib_ng.decompressobj(_GZIP)
        content = decoder.decompress(rest, limit + 1 - size)
        contents.append(content)
        size += len(content)
        if size > limit or not decoder.eof:
            return b"".join(contents), False
        rest = decoder.unused_data
        if not rest or not (rest.startswith(_GZIP_MAGIC) or _GZIP_MAGIC.startswith(rest)):
            return b"".join(contents), True


def _inflate(body: bytes, limit: int) -> tuple[bytes, bool]:
    try:
        return _inflated(zlib_ng.decompressobj(), body, limit)
    except BAD_DEFLATE:  # some servers leave out the zlib header
        return _inflated(zlib_ng.decompressobj(-zlib_ng.MAX_WBITS), body, limit)


def _inflated(decoder: Any, body: bytes, limit: int) -> tuple[bytes, bool]:
    return decoder.decompress(body, limit + 1), decoder.eof


def _unbrotli(decoder: Any, body: bytes, limit: int) -> tuple[bytes, bool]:
    content = decoder.process(body, output_buffer_limit=limit + 1)
    return bytes(content), decoder.is_finished()


def _zstd_pieces(decompressor: Any, body: bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield what each piece of a body unpacks to, and whether a frame ended with it; further frames begin as zstd's do."""
    at = 0
    while at < len(body):
        decoder = decompressor.decompressobj()
        while not decoder.eof and at < len(body):
            piece = body[at : at + _ZSTD_PIECE]
            content = decoder.decompress(piece)
            at += len(piece) - len(decoder.unused_data)
            yield content, decoder.eof
        rest = body[at : at + 4]
        if not (_ZSTD_MAGIC.startswith(rest) or rest[1:] == _ZSTD_SKIPPABLE):
            return


def _joined(pieces: Iterator[tuple[bytes, bool]], limit: int) -> tuple[bytes, bool]:
    contents, size, is_whole = [], 0, False
    for content, is_whole in pieces:  # noqa: B007  the last one is what counts
        contents.append(content)
        size += len(content)
        if size > limit:
            break
    return b"".join(contents), is_whole


# --- Digests as web archives write them: SHA-1 in Base32 inside a WARC, SHA-256 in hexadecimal in an index and a line
# Heritrix, warcio, Common Crawl and every CDX server look captures up by the Base32 SHA-1; nobody attacks an archive's
# deduplication by SHA-1 there without the SHA-256 beside it telling.

EMPTY = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"


class Digester:
    """SHA-1 and, where asked for, SHA-256 of bytes that come piece by piece."""

    def __init__(self, *, sha256: bool = False) -> None:
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256() if sha256 else None
        self.size = 0

    def update(self, piece: bytes) -> None:
        """Take the next bytes."""
        self._sha1.update(piece)
        if self._sha256:
            self._sha256.update(piece)
        self.size += len(piece)

    @property
    def label(self) -> str:
        """Return the labelled SHA-1, ``sha1:`` and 32 Base32 letters."""
        return "sha1:" + base64.b32encode(self._sha1.digest()).decode("ascii")

    @property
    def sha256(self) -> str:
        """Return the SHA-256 in hexadecimal; a `ValueError` where it was not asked for."""
        if self._sha256 is None:
            raise ValueError("this digester was made without SHA-256")
        return self._sha256.hexdigest()


def digest_of(pieces: Iterable[bytes], *, sha256: bool = False) -> Digester:
    """Digest all pieces."""
    digester = Digester(sha256=sha256)
    for piece in pieces:
        digester.update(piece)
    return digester


def label_of(content: bytes) -> str:
    """Return the labelled SHA-1 of some bytes."""
    return digest_of((content,)).label


def matches(label: str, content: Iterable[bytes]) -> bool:
    """Say whether a labelled digest, SHA-1 or SHA-256, Base32 or hexadecimal in any case, is that of the content."""
    algorithm, _, value = label.partition(":")
    digest = hashlib.new(algorithm.lower().replace("-", ""))
    for piece in content:
        digest.update(piece)
    base32 = base64.b32encode(digest.digest()).decode("ascii").rstrip("=")
    return value.upper().rstrip("=") == base32 or value.lower() == digest.hexdigest()


# --- A file's members: gzip members, zstd frames, or the one that a plain file is ------------------------------------

PIECE = 1 << 16
"""Bytes that are read of a file at once."""
OUTPUT = 1 << 20
"""Bytes that a member is asked for at once: most records are one piece."""
_PROBE = 4096  # bytes in which a member shows that it holds a record
_GZIP_MEMBER = b"\x1f\x8b\x08"
_SKIPPABLE_FRAME = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")  # a zstd frame without content
_DICTIONARY_FRAME = b"\x5d\x2a\x4d\x18"  # the one that a .warc.zst may begin with


class _Zstd:
    """One zstd frame being unpacked, with what zlib's objects have; its library knows no limit of what it returns."""

    def __init__(self, decompressor: Any) -> None:
        self._decoder = decompressor.decompressobj()
        self.unconsumed_tail = self.unused_data = b""

    @property
    def eof(self) -> bool:
        """Whether the frame is read to its end."""
        return bool(self._decoder.eof)

    def decompress(self, data: bytes | memoryview, size: int) -> bytes:
        """Return the next bytes, a little more than ``size`` at most."""
        data, contents, at, count = bytes(data), [], 0, 0
        while at < len(data) and count < size and not self.eof:
            contents.append(self._decoder.decompress(data[at : at + _ZSTD_PIECE]))
            at, count = at + _ZSTD_PIECE, count + len(contents[-1])
        self.unconsumed_tail = data[at:]
        self.unused_data = self._decoder.unused_data + data[at:] if self.eof else b""
        return b"".join(contents)


class _Plain:
    """What is not compressed, with what zlib's objects have: it has no end but that of the file."""

    eof, unconsumed_tail, unused_data = False, b"", b""

    def decompress(self, data: bytes | memoryview, _: int) -> bytes:
        """Return the bytes as they are."""
        return bytes(data)


SWIFT = -1
"""The level of ISA-L in the place of zlib-ng's: pages are a fifth larger than as usual, and packed in an eighth of the time."""
_ISAL_LEVEL = 2


class Out(Protocol):
    """What a member is written to."""

    def write(self, piece: bytes, /) -> int:
        """Take some bytes; return how many."""


class MemberWriter:
    """A gzip member that is being written, packed by zlib-ng at a level of its own, or by ISA-L (`SWIFT`)."""

    def __init__(self, out: Out, level: int) -> None:
        self._out = out
        self._squeeze = _squeezer(level)
        self.length = 0

    def write(self, piece: bytes) -> None:
        """Take the next bytes."""
        if squeezed := self._squeeze.compress(piece):
            self.length += self._out.write(squeezed)

    def flush(self) -> None:
        """End the member."""
        self.length += self._out.write(self._squeeze.flush())


def _squeezer(level: int) -> Any:
    if level == SWIFT:
        from isal import isal_zlib  # noqa: PLC0415  only an import packs so

        return isal_zlib.compressobj(_ISAL_LEVEL, zlib_ng.DEFLATED, _GZIP)
    return zlib_ng.compressobj(level, zlib_ng.DEFLATED, _GZIP)


class Members:
    """The members of a file, one after the other, each a stream of its own: gzip members, zstd frames, or all of a plain one.

    Args:
        stream: the file; it is read forwards only.
        beginning: how a record begins, at the beginning of a line.

    Attributes:
        faults: what reading a broken member raises; `EOFError` where the file ends in it.
        start: where in the file the member begins.
    """

    def __init__(self, stream: IO[bytes], beginning: re.Pattern[bytes]) -> None:
        self._stream, self._begins = stream, beginning
        self._before, self._piece = b"", stream.read(PIECE)  # the piece before, and this one
        self._at = 0  # how far this one is read
        self._passed = 0  # bytes of the file before this one
        self._decoder: Any = None
        self.start = 0
        self.faults: tuple[type[Exception], ...] = (EOFError, ValueError, BAD_DEFLATE)
        self._magic, self._make = self._codec()

    def _codec(self) -> tuple[bytes, Callable[[], Any]]:
        if self._piece.startswith(_GZIP_MAGIC):
            return _GZIP_MEMBER, lambda: zlib_ng.decompressobj(_GZIP)
        if self._piece.startswith(_ZSTD_MAGIC) or _SKIPPABLE_FRAME.match(self._piece):
            import zstandard  # noqa: PLC0415  imported when it is needed: the command line stays fast

            self.faults = (EOFError, ValueError, zstandard.ZstdError)
            dictionary = self._dictionary(zstandard)
            decompressor = zstandard.ZstdDecompressor(dict_data=dictionary)
            return _ZSTD_MAGIC, lambda: _Zstd(decompressor)
        return b"", _Plain

    def _dictionary(self, zstandard: Any) -> Any:
        """Read the dictionary that a .warc.zst may begin with, itself compressed or not; None where it has none."""
        if not self._piece.startswith(_DICTIONARY_FRAME):
            return None
        content = self._skippable()
        if content.startswith(_ZSTD_MAGIC):
            content = zstandard.ZstdDecompressor().decompress(content, max_output_size=MAX_CONTENT)
        return zstandard.ZstdCompressionDict(content)

    def _skippable(self) -> bytes:
        """Return the content of the zstd frame that is none and begins here, and go on behind it."""
        while len(self._piece) - self._at < 8 and self._append():  # noqa: PLR2004  magic and size
            pass
        size = int.from_bytes(self._piece[self._at + 4 : self._at + 8], "little")
        while len(self._piece) - self._at < 8 + size and self._append():
            pass
        content = self._piece[self._at + 8 : self._at + 8 + size]
        self._at = min(self._at + 8 + size, len(self._piece))
        return content

    @property
    def is_gzip(self) -> bool:
        """Whether its members are gzip's."""
        return self._magic == _GZIP_MEMBER

    def begin(self) -> bool:
        """Begin the next member; False where there is none. Zeros may stand before it, as behind one that was padded."""
        while True:
            rest = self._piece[self._at :].lstrip(b"\0")
            self._at = len(self._piece) - len(rest)
            if not rest:
                if not self._next():
                    return False
            elif self._magic == _ZSTD_MAGIC and _SKIPPABLE_FRAME.match(rest):
                self._skippable()
            else:
                break
        self._decoder, self.start = self._make(), self._passed + self._at
        return True

    def read(self, size: int) -> bytes:
        """Return the next bytes of the member, none at its end. Raises `faults`."""
        while not self._decoder.eof:
            if self._at == len(self._piece) and not self._next():
                if self._magic:
                    raise EOFError("the file ends inside a record")
                return b""
            content: bytes = self._decoder.decompress(memoryview(self._piece)[self._at :], size)
            rest = self._decoder.unused_data if self._decoder.eof else self._decoder.unconsumed_tail
            self._at = len(self._piece) - len(rest)
            if content:
                return content
        return b""

    def place(self, begun: int) -> int:
        """Return where in the file a record of this member begins that is at ``begun`` in it: of a compressed one, its member."""
        return self.start if self._magic else self.start + begun

    def pass_over(self, begun: int) -> None:
        """Leave the member: go to its end or, where it is broken, to the next place where a record begins."""
        try:
            while self._magic and self.read(OUTPUT):
                pass
            if self._magic:
                return
        except self.faults:
            pass
        window, end = self._before + self._piece, self._passed + len(self._piece)
        at = self._beginning(window, max(self.place(begun) + 1 - (end - len(window)), 0))
        while at < 0 and (more := self._stream.read(PIECE)):
            window, end = window[-_PROBE:] + more, end + len(more)
            at = self._beginning(window, 0)
        self._before, self._piece, self._at = b"", window[at:] if at >= 0 else b"", 0
        self._passed = end - len(self._piece)

    def _beginning(self, window: bytes, first: int) -> int:
        """Return where from a place on a member begins that holds a record; -1 where none does."""
        if not self._magic:
            match = self._begins.search(window, first)
            return match.start() if match else -1
        at = window.find(self._magic, first)
        while at >= 0 and not self._holds_record(window[at : at + _PROBE]):
            at = window.find(self._magic, at + 1)
        return at

    def _holds_record(self, member: bytes) -> bool:
        try:
            return bool(self._begins.match(self._make().decompress(member, _PROBE)))
        except self.faults:
            return False

    def _next(self) -> bool:
        """Go on to the next piece of the file."""
        self._passed += len(self._piece)
        self._before, self._piece, self._at = self._piece, self._stream.read(PIECE), 0
        return bool(self._piece)

    def _append(self) -> bool:
        """Add the next piece of the file to this one."""
        more = self._stream.read(PIECE)
        self._piece += more
        return bool(more)


def gzip_members(stream: IO[bytes], beginning: re.Pattern[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield where in a file gzip members begin that hold a record, and the first of what they hold: nothing else is unpacked.

    Args:
        stream: the file, seekable; it may be read elsewhere meanwhile.
        beginning: how a record begins.
    """
    window, end, more = b"", 0, b"."
    while more:
        stream.seek(end)
        more = stream.read(OUTPUT)
        window, end = window + more, end + len(more)
        last = len(window) - (_PROBE if more else 0)
        at = window.find(_GZIP_MEMBER)
        while 0 <= at < last:
            with suppress(BAD_DEFLATE):
                content = zlib_ng.decompressobj(_GZIP).decompress(window[at : at + _PROBE], _PROBE)
                if beginning.match(content):
                    yield end - len(window) + at, content
            at = window.find(_GZIP_MEMBER, at + 1)
        window = window[max(last, 0) :]
