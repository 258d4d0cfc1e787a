"""Some fifty answers of outlets, good and odd: what goes over the wire, and what must stand in the record."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass, field

import brotli
import zstandard

from tests.crawlers.download.raw_server import Answer

TEXT = "<html><head><meta charset=utf-8></head><body>ورّاق ينسخ الكتب</body></html>".encode() * 20
OK = b"HTTP/1.1 200 OK\r\n"
HTML = b"Content-Type: text/html; charset=utf-8\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
MASKED = b"X-Archive-Orig-Transfer-Encoding: chunked\r\n"
LARGE = bytes(range(256)) * 24_000  # six megabytes: waits in a file
LIMIT = 8 << 20  # DOWNLOAD_MAXSIZE of the crawl


def length(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n" % len(body)


def chunks(body: bytes, *sizes: int, extension: bytes = b"", trailer: bytes = b"", upper: bool = False) -> bytes:
    framed, at = b"", 0
    for size in [*sizes, len(body)]:
        piece = body[at : at + size]
        if piece:
            framed += (b"%X" if upper else b"%x") % len(piece) + extension + b"\r\n" + piece + b"\r\n"
        at += len(piece)
    return framed + b"0\r\n" + trailer + b"\r\n"


@dataclass(frozen=True)
class Case:
    """One exchange.

    Args:
        head: as sent.
        body: the entity body.
        framed: the body as sent, where it is chunked.
        interim: 1xx responses before the head.
        kept: the head in the record, where it is another.
        pieces: all that is sent, where it is not interim, head and body in one write.
        stored: the body in the record, where less than the entity body came.
    """

    head: bytes
    body: bytes = b""
    framed: bytes | None = None
    interim: bytes = b""
    kept: bytes | None = None
    pieces: tuple[bytes | float, ...] | None = None
    stored: bytes | None = None
    close: bool = False
    method: str = "GET"
    truncated: str | None = None
    error: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def answer(self) -> Answer:
        body = self.body if self.framed is None else self.framed
        return Answer(self.pieces or (self.interim + self.head + body,), self.close)

    def block(self, *, keep: bool = False) -> bytes:
        """Return the block that the response record must have."""
        if keep:
            return self.head + (self.framed if self.framed is not None else self.stored or self.body)
        body = self.body if self.stored is None else self.stored
        return (self.head if self.kept is None else self.kept) + body


def chunked(body: bytes, framed: bytes, more: bytes = b"", **others: object) -> Case:
    """Return a case with a chunked body, its header line renamed in the record."""
    return Case(OK + HTML + more + CHUNKED + b"\r\n", body, framed, kept=OK + HTML + more + MASKED + b"\r\n", **others)


def coded(name: bytes, body: bytes) -> Case:
    return Case(OK + HTML + b"Content-Encoding: " + name + b"\r\n" + length(body) + b"\r\n", body)


def whole(head: bytes, body: bytes = TEXT, **others: object) -> Case:
    return Case(head + length(body) + b"\r\n", body, **others)


_raw = zlib.compressobj(wbits=-15)
GZIP = gzip.compress(TEXT, mtime=0)
ODD = chunks(TEXT, 1, 3, 1000, 2)
SLOW_HEAD = OK + HTML + length(TEXT) + b"\r\n"

CASES: dict[str, Case] = {
    "plain": whole(OK + HTML),
    "gzip": coded(b"gzip", GZIP),
    "x-gzip": coded(b"x-gzip", GZIP),
    "brotli": coded(b"br", brotli.compress(TEXT)),
    "deflate": coded(b"deflate", zlib.compress(TEXT)),
    "deflate-raw": coded(b"deflate", _raw.compress(TEXT) + _raw.flush()),
    "zstd": coded(b"zstd", zstandard.compress(TEXT)),
    "chunked": chunked(TEXT, chunks(TEXT)),
    "chunked-odd": chunked(TEXT, ODD),
    "chunked-gzip": chunked(GZIP, chunks(GZIP, 7, 7), b"Content-Encoding: gzip\r\n"),
    "chunked-extension": chunked(TEXT, chunks(TEXT, 40, extension=b";name=value")),
    "chunked-uppercase": chunked(TEXT, chunks(TEXT, 0xABC, upper=True)),
    "chunked-empty": chunked(b"", chunks(b"")),
    "chunked-dribble": chunked(
        TEXT,
        ODD,
        pieces=(
            OK + HTML[:5],
            HTML[5:] + CHUNKED + b"\r",
            b"\n" + ODD[:1],
            0.02,
            ODD[1:9],
            0.02,
            ODD[9:-3],
            0.02,
            ODD[-3:],
        ),
    ),
    "chunked-trailer": chunked(
        TEXT, chunks(TEXT, 9, trailer=b"X-Checksum: abc\r\nX-Done: yes\r\n"), metadata={"trailer": "X-Checksum: abc"}
    ),
    "chunked-oddly-written": Case(
        OK + b"transfer-ENCODING:   chunked\r\n\r\n",
        TEXT,
        ODD,
        kept=OK + b"X-Archive-Orig-Transfer-Encoding:   chunked\r\n\r\n",
    ),
    "chunked-and-length": Case(
        OK + length(TEXT) + CHUNKED + b"\r\n", TEXT, ODD, kept=OK + length(TEXT) + MASKED + b"\r\n"
    ),
    "repeated": whole(
        OK + b"Set-Cookie: a=1\r\nVary: Accept\r\nSet-Cookie: b=2\r\nX-A: 1\r\nX-A: 1\r\nvary: Cookie\r\n"
    ),
    "odd-case": whole(OK + b"sErVeR: nGiNx\r\nX-lower-CASE: x\r\ncontent-TYPE: text/html\r\n"),
    "odd-space": whole(OK + b"Server:nginx\r\nX-Wide:  \t a  b \t\r\nX-Empty:\r\n"),
    "eight-bit": whole(OK + b"X-Latin: caf\xe9\r\nX-Arabic: " + "ورّاق".encode() + b"\r\n"),
    "folded": whole(OK + b"X-Folded: one\r\n two\r\n\tthree\r\n" + HTML),
    "no-colon": whole(OK + b"this line has no colon\r\n" + HTML),
    "no-reason": whole(b"HTTP/1.1 200\r\n" + HTML),
    "no-reason-space": whole(b"HTTP/1.1 200 \r\n" + HTML),
    "own-reason": whole(b"HTTP/1.1 200 Fine By Me\r\n" + HTML),
    "arabic-reason": whole("HTTP/1.1 200 حسنًا\r\n".encode() + HTML),
    "bare-lf": Case(b"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: %d\n\n" % len(TEXT), TEXT),
    "no-content": Case(b"HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n"),
    "not-modified": Case(b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\nX-Cache: hit\r\n\r\n'),
    "head": Case(OK + HTML + length(TEXT) + b"\r\n", method="HEAD"),
    "early-hints": whole(
        OK + HTML,
        interim=b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n",
        metadata={"interimResponses": "1"},
    ),
    "two-interim": whole(
        OK + HTML,
        interim=b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n",
        metadata={"interimResponses": "2"},
    ),
    "http10-close": Case(b"HTTP/1.0 200 OK\r\n" + HTML + b"\r\n", TEXT, close=True),
    "close-delimited": Case(OK + HTML + b"Connection: close\r\n\r\n", TEXT, close=True),
    "keep-alive-headers": whole(OK + b"Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nUpgrade: h2c\r\n"),
    "empty": whole(OK + HTML, b""),
    "tiny": whole(OK + HTML, b"x"),
    "windows-1256": whole(OK + b"Content-Type: text/html; charset=windows-1256\r\n", "خبر عاجل".encode("cp1256") * 99),
    "large": whole(OK + b"Content-Type: application/octet-stream\r\n", LARGE),
    "large-chunked": chunked(LARGE, chunks(LARGE, 5_000_000, 17)),
    "surplus": whole(
        OK + HTML, pieces=(OK + HTML + length(TEXT) + b"\r\n" + TEXT + b"!!",), metadata={"surplusBytes": "2"}
    ),
    "missing": whole(b"HTTP/1.1 404 Not Found\r\n" + HTML),
    "gone": whole(b"HTTP/1.1 410 Gone\r\n" + HTML, b""),
    "forbidden": whole(b"HTTP/1.1 403 Forbidden\r\n" + HTML),
    "teapot": whole(b"HTTP/1.1 418 I'm a teapot\r\n" + HTML),
    "posted": whole(b"HTTP/1.1 201 Created\r\n" + HTML, method="POST"),
    "cut-body": Case(
        OK + HTML + length(TEXT) + b"\r\n",
        TEXT,
        pieces=(OK + HTML + length(TEXT) + b"\r\n" + TEXT[:500],),
        stored=TEXT[:500],
        close=True,
        truncated="disconnect",
        error="ResponseDataLossError",
    ),
    "cut-chunked": chunked(
        TEXT,
        ODD[:700],
        stored=TEXT[: 1 + 3 + 700 - len(b"1\r\nx\r\n3\r\nxxx\r\n3e8\r\n")],
        close=True,
        truncated="disconnect",
        error="ResponseDataLossError",
    ),
    "stalled": Case(
        SLOW_HEAD,
        TEXT,
        pieces=(SLOW_HEAD + TEXT[:100], 12.0),
        stored=TEXT[:100],
        truncated="time",
        error="DownloadTimeoutError",
        close=True,
    ),
}
