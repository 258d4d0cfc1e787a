"""From a site's response to bytes on the wire: coding, validators, 304, framing.

Response ──coding()──▶ stored bytes (compressed once, so an ETag always names the same bytes)
         ──deliver()─▶ status line, headers, body framed by length or in oddly sized chunks
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

import brotli

from tests.replica.clock import http_date

if TYPE_CHECKING:
    from tests.replica.wire.message import Request, Response

ODD_CHUNKS = (1, 2, 3, 977, 13, 4099, 7, 1021)  # none of them on a UTF-8 or buffer boundary for long
BROTLI_HOSTS = ("skynewsarabia.com", "albawaba.com")
COMPRESSIBLE = 400  # bytes; below it gzip only adds


@dataclass(slots=True)
class Message:
    """Ready to send: the head, then the parts of the body, each written and flushed by itself."""

    status: int
    head: bytes
    parts: list[bytes]


class Delivery:
    """Keeps compressed bodies by digest, so that one page always has the same stored bytes."""

    def __init__(self) -> None:
        self._coded: dict[tuple[str, str], bytes] = {}

    def deliver(self, request: Request, response: Response) -> Message:
        digest = hashlib.sha256(response.body).hexdigest()[:20]
        headers = [("Date", http_date(datetime.now(UTC))), *_serving(request.host), *response.headers]
        if response.validators and response.status == 200:
            headers += _validators(digest, response)
            if _unchanged(request, digest, response):
                return _message(304, headers, [], request)
        if response.body or response.status == 200:
            headers.append(("Content-Type", response.content_type))
        coding = _coding(request, response)
        body = self._code(digest, coding, response.body)
        if coding:
            headers += [("Content-Encoding", coding), ("Vary", "Accept-Encoding")]
        if request.method != "HEAD" and int(digest[:2], 16) % 3 == 0 and len(body) > 2000:
            return _message(response.status, [*headers, ("Transfer-Encoding", "chunked")], _chunks(body), request)
        headers.append(("Content-Length", str(len(body))))
        return _message(response.status, headers, [body], request)

    def _code(self, digest: str, coding: str, body: bytes) -> bytes:
        if not coding:
            return body
        key = (digest, coding)
        if key not in self._coded:
            coder = {"gzip": lambda b: gzip.compress(b, 6, mtime=0), "br": lambda b: brotli.compress(b, quality=4)}
            self._coded[key] = coder[coding](body)
        return self._coded[key]


def _validators(digest: str, response: Response) -> list[tuple[str, str]]:
    found = [("ETag", f'W/"{digest}"')]
    return [*found, ("Last-Modified", http_date(response.modified))] if response.modified else found


def _unchanged(request: Request, digest: str, response: Response) -> bool:
    """RFC 9110 13.2.2: If-None-Match decides alone where it is sent."""
    if (tags := request.headers.get("if-none-match")) is not None:
        return f'"{digest}"' in tags or tags.strip() == "*"
    since = request.headers.get("if-modified-since")
    if since is None or response.modified is None:
        return False
    try:
        return response.modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


def _coding(request: Request, response: Response) -> str:
    if len(response.body) < COMPRESSIBLE or any(name == "Content-Encoding" for name, _ in response.headers):
        return ""
    accepted = request.headers.get("accept-encoding", "")
    if "br" in accepted and request.host.endswith(BROTLI_HOSTS):
        return "br"
    return "gzip" if "gzip" in accepted else ""


def _serving(host: str) -> list[tuple[str, str]]:
    """Return the headers by which each outlet's servers are known."""
    if host.endswith(("aljazeera.net", "ajnet.me")):
        return [
            ("Server", "nginx"),
            ("Cache-Control", "max-age=120, must-revalidate"),
            ("X-rq", "mxp2 182 249 80"),
            ("Strict-Transport-Security", "max-age=15768000"),
            ("Link", '<https://www.aljazeera.net/wp-json/>; rel="https://api.w.org/"'),
            ("Link", "<https://www.aljazeera.net/>; rel=shortlink"),
        ]
    if "albawaba." in host:
        return [("Server", "cloudflare"), ("CF-RAY", "8a2f1c0d9e3b7a64-AMM"), ("X-Drupal-Cache", "HIT")]
    if "skynewsarabia" in host:
        return [("Server", "CloudFront"), ("Via", "1.1 replica.cloudfront.net (CloudFront)"), ("X-Cache", "Hit")]
    if "albawabhnews" in host:
        return [("Server", "Microsoft-IIS/10.0"), ("X-Powered-By", "ASP.NET"), ("X-AspNet-Version", "4.0.30319")]
    cookie = "Set-Cookie"
    return [("Server", "nginx"), ("X-Generator", "Drupal 10"), (cookie, "a=1; path=/"), (cookie, "b=2; path=/")]


def _chunks(body: bytes) -> list[bytes]:
    parts, at, turn = [], 0, 0
    while at < len(body):
        piece = body[at : at + ODD_CHUNKS[turn % len(ODD_CHUNKS)]]
        extension = b";turn=1" if turn == 0 else b""
        parts.append(f"{len(piece):x}".encode() + extension + b"\r\n" + piece + b"\r\n")
        at, turn = at + len(piece), turn + 1
    return [*parts, b"0\r\n\r\n"]


def _message(status: int, headers: list[tuple[str, str]], parts: list[bytes], request: Request) -> Message:
    reason = HTTPStatus(status).phrase
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return Message(status, "\r\n".join(lines).encode("latin-1"), [] if request.method == "HEAD" else parts)
