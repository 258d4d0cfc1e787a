"""Each exchange into the archive: every attempt, redirect, error, 304 and robots.txt, and what failed before an answer.

    handler ──request.meta["wire"]──▶ CaptureMiddleware (990, nearest the wire) ──Exchange──▶ ArchiveSession ──▶ RecordPointer
                                          └─▶ request.meta["warc"], request.meta["captured"]      the callback's response.meta

At 990 a body is still content-encoded and no redirect, retry or cookie has acted. Where the session fails the crawl ends.
"""

from __future__ import annotations

import logging
from contextlib import closing, nullcontext
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import NotSupported

from crawlers.configuration import CODINGS
from crawlers.download.handler import capture_mode
from crawlers.exchanges import failed_exchange, reconstructed_exchange, wire_exchange
from pipelines.store import session_of

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.statscollectors import StatsCollector

    from archive.warc.exchange import Exchange, Mode
    from crawlers.wire_capture import WireCapture
    from pipelines.store import ArchiveSession

logger = logging.getLogger(__name__)


class CaptureMiddleware:
    """Hands each exchange to the archive and its record's place to the callback.

    Args:
        session: keeps exchanges.
        stats: of the crawl.
        mode: ``wire`` or ``reconstructed``, as the download handler can.
        keep_framing: keep the transfer coding in the records (WARC_TRANSFER_CODING ``keep``).
    """

    def __init__(self, session: ArchiveSession, stats: StatsCollector, mode: Mode, *, keep_framing: bool) -> None:
        self.session = session
        self.stats = stats
        self.mode = mode
        self.keep_framing = keep_framing
        self._chains: set[tuple[str, ...]] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Find the session among the extensions; read WARC_TRANSFER_CODING (``strip`` or ``keep``)."""
        session = session_of(crawler)
        coding = crawler.settings.get("WARC_TRANSFER_CODING", "strip")
        if coding not in CODINGS:
            raise ValueError(f"WARC_TRANSFER_CODING is {' or '.join(CODINGS)}, not {coding!r}")
        assert crawler.stats is not None
        middleware = cls(session, crawler.stats, capture_mode(), keep_framing=coding == "keep")
        if middleware.mode == "reconstructed":
            crawler.signals.connect(middleware.headers_received, signal=signals.headers_received)
        crawler.signals.connect(middleware.request_reached_downloader, signal=signals.request_reached_downloader)
        return middleware

    def process_request(self, request: Request) -> None:
        """Forget what an earlier attempt left in the meta, which retries and redirects copy."""
        _forget(request)
        request.meta.pop("download_latency", None)
        if self.mode == "reconstructed":
            request.meta["captured"], request.meta["wire"] = datetime.now(UTC), None

    def request_reached_downloader(self, request: Request) -> None:
        """Expect an exchange, whichever handler makes it: one that is not ours says nothing of what goes over the wire."""
        request.meta.setdefault("captured", datetime.now(UTC))
        request.meta.setdefault("wire", None)

    def headers_received(self, request: Request) -> None:
        """Put the start right where no handler told it: the delay of the slot is no part of the request."""
        request.meta["captured"] = datetime.now(UTC) - timedelta(seconds=request.meta.get("download_latency", 0))

    async def process_response(self, request: Request, response: Response) -> Response:
        """Keep what came back."""
        if "cached" in response.flags:  # no exchange was made, and one that a redirect brought along is another's
            _forget(request)
            self.stats.inc_value("capture/cached")
        elif "wire" in request.meta:
            await self._keep(request, self._exchange(request, response))
        return response

    async def process_exception(self, request: Request, exception: Exception) -> None:
        """Keep what there is of an exchange that failed; at least that it did, and why."""
        if "wire" not in request.meta or isinstance(exception, NotSupported):  # nobody was asked
            return
        self.stats.inc_value(f"capture/failed/{type(exception).__name__}")
        wire: WireCapture | None = request.meta.pop("wire")
        with closing(wire) if wire else nullcontext():
            exchange = failed_exchange(
                request, wire, exception, crawl=self.session.crawl, keep=self.keep_framing, mode=self.mode
            )
        await self._keep(request, exchange)

    def _exchange(self, request: Request, response: Response) -> Exchange:
        wire: WireCapture | None = request.meta.pop("wire")
        exchange = self._wire_exchange(request, response, wire) if wire else None
        if exchange is not None:
            return exchange
        if self.mode == "wire":
            logger.warning("not captured from the wire but reconstructed: %s", request.url)
            if latency := request.meta.get("download_latency"):  # the delay of the slot is no part of the request
                request.meta["captured"] = datetime.now(UTC) - timedelta(seconds=latency)
        return reconstructed_exchange(request, response, crawl=self.session.crawl)

    def _wire_exchange(self, request: Request, response: Response, wire: WireCapture) -> Exchange | None:
        with_chain = wire.certificates not in self._chains
        self._chains.add(wire.certificates)
        with closing(wire):
            return wire_exchange(
                request, response, wire, crawl=self.session.crawl, keep=self.keep_framing, with_chain=with_chain
            )

    async def _keep(self, request: Request, exchange: Exchange) -> None:
        request.meta.setdefault("captured", exchange.started)
        self.stats.inc_value(f"capture/mode/{exchange.capture}")
        if exchange.truncated:
            self.stats.inc_value(f"capture/truncated/{exchange.truncated}")
        try:
            request.meta["warc"] = await self.session.write_exchange(exchange)
        except Exception as error:
            logger.error("%s could not be kept", exchange.url)  # noqa: TRY400  the error is said by who stops the crawl
            self.session.fail(error)
            raise
        finally:
            exchange.close()


def _forget(request: Request) -> None:
    for name in ("warc", "captured", "wire"):
        request.meta.pop(name, None)
