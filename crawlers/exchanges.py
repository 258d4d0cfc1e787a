"""A Scrapy request, what came of it, and the bytes of the wire, made into the `Exchange` that the archive keeps."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urlsplit

from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, StopDownload

from archive.text import masked
from archive.warc.exchange import Exchange
from archive.warc.message import read_response
from crawlers.reconstruction import request_bytes, response_head

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from archive.warc.exchange import Mode, Truncation
    from archive.warc.message import ResponseMessage
    from crawlers.wire_capture import WireCapture

_SECRET_LINES = re.compile(
    rb"^(?:Cookie|Authorization|Proxy-Authorization)[ \t]*:[^\n]*\n", re.IGNORECASE | re.MULTILINE
)
_STATUSES = range(100, 1000)
_USERINFO = re.compile(r"(?<=//)[^/?#@]*@")

Metadata = dict[str, "str | tuple[str, ...]"]


def wire_exchange(  # noqa: PLR0913  each is a fact of its own
    request: Request, response: Response, wire: WireCapture, *, crawl: str, keep: bool, with_chain: bool
) -> Exchange | None:
    """Return the exchange as it went over the wire; None where the capture has no whole head of a response."""
    message = read_response(wire.received, method=request.method, keep=keep)
    if message is None:
        return None
    reason: Truncation = "length" if "download_stopped" in response.flags else "disconnect"
    incomplete = not message.complete or {"dataloss", "download_stopped"} & set(response.flags)
    return _of_wire(request, wire, message, crawl, truncated=reason if incomplete else None, with_chain=with_chain)


def failed_exchange(  # noqa: PLR0913  each is a fact of its own
    request: Request, wire: WireCapture | None, error: Exception, *, crawl: str, keep: bool, mode: Mode
) -> Exchange:
    """Return an exchange that ended with an exception: what came until then, or the bare fact of the failure."""
    said = f"{type(error).__name__}: {error}".removesuffix(": ")
    message = read_response(wire.received, method=request.method, keep=keep) if wire else None
    if wire is not None and message is not None:
        return _of_wire(request, wire, message, crawl, truncated=_cut_by(error), with_chain=True, error=said)
    return _unanswered(request, said, crawl=crawl, mode=mode)


def reconstructed_exchange(request: Request, response: Response, *, crawl: str) -> Exchange:
    """Return the exchange as far as Scrapy's parsed request and response still tell it.

    A status that is none of three digits begins no record: the exchange has failed, as one without a whole head has.
    """
    if response.status not in _STATUSES:
        said = f"the answer's status is {response.status}, which is none"
        return _unanswered(request, said, crawl=crawl, mode="reconstructed")
    started = request.meta["captured"]
    cut: Truncation | None = "disconnect" if "dataloss" in response.flags else None
    return Exchange(
        url=target_uri(request.url),
        started=started,
        duration_ms=_since(started),
        request=without_secrets(request_bytes(request)),
        head=response_head(response),
        body=response.body,
        ip_address=None if request.meta.get("proxy") or not response.ip_address else str(response.ip_address),
        truncated="length" if "download_stopped" in response.flags else cut,
        capture="reconstructed",
        metadata=metadata_of(request, crawl),
    )


def metadata_of(request: Request, crawl: str) -> Metadata:
    """Return how the page was found, in which crawl, at which attempt.

    ``hopsFromSeed`` is written as Heritrix does: L a link, R a redirect, P a prerequisite such as robots.txt.
    """
    via: dict[str, str] = request.meta.get("via") or {}
    redirects: list[str] = request.meta.get("redirect_urls") or []
    is_robots = urlsplit(request.url).path == "/robots.txt" and not via
    found: dict[str, str | None] = {
        "crawl": crawl,
        "via": redirects[-1] if redirects else via.get("url"),
        "hopsFromSeed": (via.get("hops") or ("P" if is_robots else "")) + "R" * len(redirects),
        "discovery": via.get("kind"),
        "announcement": via.get("announcement"),
        "tdmReservation": request.meta.get("tdm"),
        "attempt": str(1 + request.meta.get("retry_times", 0)),
        "proxy": _USERINFO.sub("", request.meta.get("proxy") or ""),
    }
    return {name: value for name, value in found.items() if value}


def target_uri(url: str) -> str:
    """Return a URL as a record names it: percent-encoded by Scrapy, without fragment and credentials."""
    return _USERINFO.sub("", urldefrag(url).url)


def without_secrets(message: bytes) -> bytes:
    """Return a request without the lines that carry cookies or credentials."""
    head, end, body = message.partition(b"\r\n\r\n")
    return _SECRET_LINES.sub(b"", head + b"\r\n")[:-2] + end + body


def _unanswered(request: Request, error: str, *, crawl: str, mode: Mode) -> Exchange:
    started = request.meta.get("captured") or datetime.now(UTC)
    return Exchange(
        url=target_uri(request.url),
        started=started,
        duration_ms=_since(started),
        capture=mode,
        error=masked(error),
        metadata=metadata_of(request, crawl),
    )


def _of_wire(  # noqa: PLR0913  each is a fact of its own
    request: Request,
    wire: WireCapture,
    message: ResponseMessage,
    crawl: str,
    *,
    truncated: Truncation | None,
    with_chain: bool,
    error: str | None = None,
) -> Exchange:
    started = request.meta["captured"]
    return Exchange(
        url=target_uri(request.url),
        started=started,
        duration_ms=_since(started),
        request=without_secrets(wire.request),
        head=message.head,
        body=message.body,
        framing=message.framing,
        ip_address=None if request.meta.get("proxy") else wire.ip_address,
        truncated=truncated,
        error=error,
        certificates=wire.certificates if with_chain else (),
        metadata=metadata_of(request, crawl) | _framing_notes(message),
    )


def _framing_notes(message: ResponseMessage) -> dict[str, Any]:
    """Return what the response record no longer shows: 1xx responses, trailer lines, bytes after the end."""
    notes: dict[str, Any] = {}
    if message.interim:
        notes["interimResponses"] = str(message.interim)
    if message.trailer:
        notes["trailer"] = tuple(line.decode("latin-1") for line in message.trailer.splitlines())
    if message.surplus:
        notes["surplusBytes"] = str(message.surplus)
    return notes


def _cut_by(error: Exception) -> Truncation:
    if isinstance(error, DownloadTimeoutError):
        return "time"
    return "length" if isinstance(error, DownloadCancelledError | StopDownload) else "disconnect"


def _since(started: datetime) -> int:
    return round((datetime.now(UTC) - started).total_seconds() * 1000)
