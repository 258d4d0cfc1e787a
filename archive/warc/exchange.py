"""One HTTP exchange as it went over the wire: what a capture hands on and what becomes WARC records.

crawlers/download/capture.py ──Exchange──▶ archive.spool.segment ──▶ archive.warc.WarcFile ──▶ response|revisit, request, metadata
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, TYPE_CHECKING, Literal

from archive.warc.digests import Digester, digest_of
from archive.warc.message import PIECE, ChunkedDecoder, Framing, header_of, status_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

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
        """Return the entity body's SHA-1 and its size."""
        return digest_of(self.payload_pieces())

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
