"""Content codings undone, and no further than a body may grow: what a hostile server sent stays dangerous in the archive."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import Any

from zlib_ng import zlib_ng

MAX_CONTENT = 256 * 1024 * 1024
"""Bytes that a body may unpack to; 32 MB of gzip can hold 32 GB."""


BAD_DEFLATE: type[Exception] = zlib_ng.error  # type: ignore[assignment]  # its stub calls the class an instance
_GZIP = zlib_ng.MAX_WBITS + 16


class Undecodable(ValueError):  # noqa: N818  reads as what happened
    """A body that does not decode; the message says as what."""


def decode(coding: str, body: bytes) -> bytes:
    """Return a body without one content coding (RFC 9110, 8.4.1), its name in lower case.

    Raises:
        Undecodable: it is not of that coding, breaks off, or unpacks to more than `MAX_CONTENT`.
    """
    import brotli  # noqa: PLC0415  imported when it is needed: the command line stays fast
    import zstandard  # noqa: PLC0415  imported when it is needed: the command line stays fast

    try:
        if coding in {"gzip", "x-gzip"}:
            return _bounded(_gunzip(body))
        if coding == "deflate":
            return _bounded(_inflate(body))
        if coding == "br":
            return _bounded(_unbrotli(brotli.Decompressor(), body))
        if coding == "zstd":
            with zstandard.ZstdDecompressor().stream_reader(body) as stream:
                return _bounded(stream.read(MAX_CONTENT + 1))
    except (OSError, EOFError, zlib.error, BAD_DEFLATE, brotli.error, zstandard.ZstdError) as error:
        raise Undecodable(f"the body does not decode as {coding}: {error}") from error
    if coding in {"", "identity"}:
        return body
    raise Undecodable(f"the body has the unknown content coding {coding}")


def _bounded(content: bytes) -> bytes:
    if len(content) > MAX_CONTENT:
        raise Undecodable(f"the body unpacks to more than {MAX_CONTENT} bytes")
    return content


def _gunzip(body: bytes) -> bytes:
    decoder = zlib_ng.decompressobj(_GZIP)
    content = decoder.decompress(body, MAX_CONTENT + 1)
    if (decoder.eof and not decoder.unused_data) or len(content) > MAX_CONTENT:
        return content
    with gzip.open(
        io.BytesIO(body)
    ) as stream:  # of several members, padded, or broken: rare, and the library knows them
        return stream.read(MAX_CONTENT + 1)


def _unbrotli(decoder: Any, body: bytes) -> bytes:
    content = decoder.process(body, output_buffer_limit=MAX_CONTENT + 1)
    if not decoder.is_finished() and len(content) <= MAX_CONTENT:
        raise EOFError("the stream ends before its end")
    return bytes(content)


def _inflate(body: bytes) -> bytes:
    try:
        return _inflated(zlib_ng.decompressobj(), body)
    except BAD_DEFLATE:  # some servers leave out the zlib header
        return _inflated(zlib_ng.decompressobj(-zlib_ng.MAX_WBITS), body)


def _inflated(decoder: Any, body: bytes) -> bytes:
    content: bytes = decoder.decompress(body, MAX_CONTENT + 1)
    if not decoder.eof and len(content) <= MAX_CONTENT:
        raise EOFError("the stream ends before its end")
    return content
