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
from typing import TYPE_CHECKING, Any

from zlib_ng import zlib_ng

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_CONTENT = 64 * 1024 * 1024
"""Bytes that a body may unpack to, twice what a crawl takes (DOWNLOAD_MAXSIZE); 32 MB of gzip can hold 32 GB."""

CODINGS = frozenset(("gzip", "x-gzip", "deflate", "br", "zstd", "identity", ""))
"""The names of RFC 9110, 8.4.1, and of what is no coding."""

BAD_DEFLATE: type[Exception] = zlib_ng.error  # type: ignore[assignment]  # its stub calls the class an instance
_GZIP = zlib_ng.MAX_WBITS + 16
_GZIP_MAGIC = b"\x1f\x8b"
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


def _gunzip(body: bytes, limit: int) -> tuple[bytes, bool]:
    """Unpack one member after the other; the first may begin anyhow, a further one begins as gzip does."""
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


def digest_of(pieces: Iterable[bytes]) -> Digester:
    """Digest all pieces."""
    digester = Digester()
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
