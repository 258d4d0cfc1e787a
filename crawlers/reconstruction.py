"""Messages put together again from what Scrapy parsed, where the bytes themselves were not to be had.

What is lost stays lost and is not invented: the reason phrase, the case and order of headers, the transfer coding. Records
made this way say ``capture: reconstructed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Headers, Response

_BODILESS = {204, 304}


def request_bytes(request: Request) -> bytes:
    """Return the request, its target with path and query, ``Host`` last as Twisted sends it."""
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{request.method} {target} HTTP/1.1".encode("ascii"), *_lines(request.headers)]
    if b"Host" not in request.headers:
        lines.append(b"Host: " + parts.netloc.rpartition("@")[2].encode("ascii"))
    return b"\r\n".join([*lines, b"", b""]) + request.body


def response_head(response: Response) -> bytes:
    """Return status line, headers and blank line. The Content-Length that Twisted adds to a 204 or 304 is left out."""
    headers = response.headers.copy()
    if response.status in _BODILESS and headers.get(b"Content-Length") == b"0":
        del headers[b"Content-Length"]
    status = f"{response.protocol or 'HTTP/1.1'} {response.status} ".encode("ascii")
    return b"\r\n".join([status, *_lines(headers), b"", b""])


def _lines(headers: Headers) -> list[bytes]:
    return [name + b": " + value for name, values in headers.items() for value in values]
