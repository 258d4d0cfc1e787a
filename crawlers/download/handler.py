"""The download handler of a crawl: wire capture where the protocol allows it, reconstruction elsewhere."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import CannotResolveHostError

from crawlers.download.connect import Connector, PrivateAddress, guard_names
from crawlers.download.content_coding import check_content

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response

    from archive.warc.message import Mode

# ---------------------------------------------------------------------------------------------------------------------
# Which download handler a crawl captures with: the wire-exact one where it fits this Scrapy, else Scrapy's own, aloud.
# crawlers.download.wire imports ──yes──▶ WireDownloadHandler       capture: wire
#                       └─no───▶ ReconstructingHandler     capture: reconstructed, a warning, a word in each warcinfo
#
# The second knows public names alone. It cannot lead a connection elsewhere, so that a crawl with CONNECT_TO does not begin; the
# guard against private addresses stands in the reactor's name resolution instead.

logger = logging.getLogger(__name__)

NO_ROUTES = "CONNECT_TO: this Scrapy or Twisted does not fit the wire capture, and without it no connection can be led elsewhere"


@cache
def wire_handler() -> type[HTTP11DownloadHandler] | None:
    """Return the wire-exact handler, None where the private names it uses are gone."""
    try:
        from crawlers.download.wire import WireDownloadHandler  # noqa: PLC0415  what it imports may be missing
    except ImportError as error:
        logger.warning("captures are reconstructed, not wire-exact: this Scrapy or Twisted does not fit (%s)", error)
        return None
    return WireDownloadHandler


def capture_mode() -> Mode:
    """Return ``wire`` or ``reconstructed``, for the warcinfo."""
    return "wire" if wire_handler() else "reconstructed"


class CaptureDownloadHandler(HTTP11DownloadHandler):
    """What DOWNLOAD_HANDLERS names for http and https."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HTTP11DownloadHandler:  # type: ignore[override]  # it is a choice
        """Return the best handler that fits."""
        return (wire_handler() or ReconstructingHandler)(crawler)


class ReconstructingHandler(HTTP11DownloadHandler):
    """Scrapy's own handler, shown public addresses only.

    Raises:
        ValueError: CONNECT_TO is set, and would be without effect.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._most = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._fail = crawler.settings.getbool("DOWNLOAD_FAIL_ON_DATALOSS")
        connector = Connector.from_settings(crawler.settings)
        if connector.routes:
            raise ValueError(NO_ROUTES)
        from twisted.internet import reactor  # noqa: PLC0415  there is one by now; an import above would choose it

        self._guard = guard_names(reactor, connector)

    async def download_request(self, request: Request) -> Response:
        """Download as the handler of Scrapy does; raises `PrivateAddress` for what is not of the public net."""
        try:
            response = await super().download_request(request)
        except CannotResolveHostError as error:
            host = urlsplit(request.url).hostname or ""
            if refused := self._guard.refused.get(host):
                raise PrivateAddress.of(host, refused) from error
            raise
        return check_content(request, response, self._most, fail=self._fail)


# --- Messages put together again from what Scrapy parsed, where the bytes themselves were not to be had --------------
# What is lost stays lost and is not invented: the reason phrase, the case and order of headers, the transfer coding. Records
# made this way say ``capture: reconstructed``.

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
    spoken = response.protocol or ""
    protocol = (
        spoken if spoken.startswith("HTTP/1") else "HTTP/1.1"
    )  # of a frame's fields, a head that every reader knows
    status = f"{protocol} {response.status} ".encode("ascii")
    return b"\r\n".join([status, *_lines(headers), b"", b""])


def _lines(headers: Headers) -> list[bytes]:
    return [name + b": " + value for name, values in headers.items() for value in values]
