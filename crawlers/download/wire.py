"""Wire capture: Scrapy's HTTP/1.1 handler, with a copy of every byte that was sent and received."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from cryptography.hazmat.primitives.hashes import SHA256
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _ScrapyAgent,
)
from scrapy.exceptions import ResponseDataLossError
from scrapy.utils._download_handlers import get_dataloss_msg, wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.endpoints import wrapClientTLS
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.web.client import _StandardEndpointFactory
from twisted.web.http import _DataLoss
from zope.interface import implementer  # type: ignore[import-untyped]  # published without types

from archive.warc.message import IN_MEMORY, ChunkedDecoder
from crawlers.download.connect import Connector
from crawlers.download.content_coding import check_content
from crawlers.signals import time_over

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred

# --- The bytes of one exchange, taken while they go over a connection ------------------------------------------------


class WireCapture:
    """The bytes of one exchange, as they went over one connection."""

    def __init__(self, ip_address: str | None) -> None:
        self.ip_address = ip_address
        self.certificates: tuple[str, ...] = ()  # SHA-256 of the TLS chain, the server's own first
        self._request: list[bytes] = []
        self._received: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._size = 0

    @property
    def request(self) -> bytes:
        """Return the request as sent."""
        return b"".join(self._request)

    @property
    def received(self) -> bytes | IO[bytes]:
        """Return what came back so far: bytes, or a file where it is large."""
        return self._file or b"".join(self._received)

    def send(self, piece: bytes) -> None:
        """Take a piece of the request."""
        self._request.append(piece)

    def receive(self, piece: bytes) -> None:
        """Take a piece of what came back."""
        self._size += len(piece)
        if self._file is None and self._size > IN_MEMORY:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed when the capture is forgotten
            self._file.writelines(self._received)
            self._received.clear()
        if self._file is None:
            self._received.append(piece)
        else:
            self._file.write(piece)

    def close(self) -> None:
        """Let go of the file, where there is one."""
        if self._file is not None:
            self._file.close()


# ---------------------------------------------------------------------------------------------------------------------
# The download handler that keeps what goes over the wire: the only file that uses private names of Scrapy and Twisted.
#     request.writeTo ──▶ ┌─ tee ─▶ WireCapture.request                (the request line and headers as Twisted sends them)
#     transport  ◀──────▶ │
#     dataReceived ─────▶ └─ tee ─▶ WireCapture.received               (after TLS, before any parser)
#                                      └─▶ hung on the Twisted response ─▶ request.meta["wire"] ─▶ crawlers/download/capture.py
#
# There is no pipelining, so that all bytes between two requests on a connection belong to one exchange. Where a pooled
# connection turns out dead, Twisted sends the request again on another; the capture is that of the connection that answered.
# What is used here was made private in Scrapy 2.16; `crawlers.download.handler` tells whether it still fits.

CAPTURE = "_warraq_wire"  # the attribute of the Twisted response


class WireDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler, with a tee at both ends of each connection and CONNECT_TO at its beginning."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _WireFactory  # noqa: SLF001
        self._connector = Connector.from_settings(crawler.settings)
        self._under_way: set[Deferred[Response]] = set()
        crawler.signals.connect(self._cut, signal=time_over)

    def _cut(self) -> None:
        """Break off what is under way."""
        for downloading in tuple(self._under_way):
            downloading.cancel()

    async def download_request(self, request: Request) -> Response:
        """Download as the handler of Scrapy does; ``request.meta["wire"]`` and ``["captured"]`` say what went over the wire."""
        agent = _WireAgent(
            connector=self._connector,
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )
        request.meta["captured"], request.meta["wire"] = datetime.now(UTC), None
        with wrap_twisted_exceptions():
            downloading = agent.download_request(request)
        self._under_way.add(downloading)
        try:
            with wrap_twisted_exceptions():
                response = await maybe_deferred_to_future(downloading)
            return check_content(request, response, self._default_maxsize, fail=self._fail_on_dataloss)
        except ResponseDataLossError:
            if not self._fail_on_dataloss_warned:
                self._fail_on_dataloss_warned = True
                self._crawler.spider.logger.warning(get_dataloss_msg(request.url))  # type: ignore[union-attr]
            raise
        finally:
            self._under_way.discard(downloading)


class _WireAgent(_ScrapyAgent):
    """Joins a capture to its request, and sends connections through the `Connector`."""

    def __init__(self, *, connector: Connector, **options: Any) -> None:
        super().__init__(**options)
        self._connector = connector

    def _get_agent(self, request: Request, timeout: float) -> Any:
        agent = super()._get_agent(request, timeout)
        if not request.meta.get("proxy"):
            agent._endpointFactory = _EndpointFactory.like(agent._endpointFactory, self._connector)  # noqa: SLF001
        return agent

    def _cb_bodyready(self, txresponse: Any, request: Request) -> Any:
        request.meta["wire"] = getattr(txresponse, CAPTURE, None)
        return super()._cb_bodyready(txresponse, request)


class _WireProtocol(_LenientHTTP11ClientProtocol):
    """One connection: each request begins a new capture."""

    _wire: WireCapture | None = None
    _chain: tuple[str, ...] | None = None

    def request(self, request: Any) -> Deferred[Any]:
        capture = self._wire = WireCapture(_address_of(self.transport))
        write_to = partial(type(request).writeTo, request)
        request.writeTo = lambda transport: write_to(_Tee(transport, capture.send))
        answered = super().request(request)
        assert self._parser is not None
        self._parser._transferDecoders = {b"chunked": _Unchunking}  # type: ignore[dict-item]  # noqa: SLF001
        return answered.addCallback(self._hang, capture)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  Twisted's interface
        if self._wire is not None:
            self._wire.receive(data)
        super().dataReceived(data)  # type: ignore[no-untyped-call]

    def _hang(self, response: Any, capture: WireCapture) -> Any:
        if self._chain is None:  # not known before the first answer: the request waits for the TLS handshake
            self._chain = _chain_of(self.transport)
        capture.certificates = self._chain
        setattr(response, CAPTURE, capture)
        return response


class _Unchunking:
    """The chunked coding as the archive's own decoder takes it off: with blanks behind sizes, with bare line feeds, as browsers do.

    What the crawl reads is what a reader of the record reads. Twisted's own refuses what browsers read.
    """

    def __init__(self, tell: Callable[[bytes], None], finish: Callable[[bytes], None]) -> None:
        self._decoder = ChunkedDecoder()
        self._tell, self._finish = tell, finish

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  Twisted's interface
        if content := self._decoder.feed(data):
            self._tell(content)
        if self._decoder.complete:
            self._finish(data[len(data) - self._decoder.surplus :])

    def noMoreData(self) -> None:  # noqa: N802  Twisted's interface
        if not self._decoder.complete:
            raise _DataLoss("the chunked coding ends before its last chunk")


class _WireFactory(_LenientHTTP11ClientFactory):
    """Builds the protocol of each connection of the pool."""

    def buildProtocol(self, _addr: Any) -> _WireProtocol:  # noqa: N802  Twisted's interface
        return _WireProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class _Tee:
    """A transport whose writes are also told to somebody."""

    def __init__(self, transport: Any, tell: Callable[[bytes], None]) -> None:
        self._transport, self._tell = transport, tell

    def write(self, piece: bytes) -> None:
        self._tell(piece)
        self._transport.write(piece)

    def writeSequence(self, pieces: Any) -> None:  # noqa: N802  Twisted's interface
        self.write(b"".join(pieces))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _EndpointFactory(_StandardEndpointFactory):
    """Makes endpoints through the `Connector`, only where a connection is really made."""

    connector: Connector

    @classmethod
    def like(cls, other: Any, connector: Connector) -> _EndpointFactory:
        """Return a factory with the options of Twisted's own."""
        made = cls(other._reactor, other._policyForHTTPS, other._connectTimeout, other._bindAddress)  # noqa: SLF001
        made.connector = connector
        return made

    def endpointForURI(self, uri: Any) -> Any:  # noqa: N802  Twisted's interface
        return _LateEndpoint(partial(self._endpoint, uri))

    def _endpoint(self, uri: Any) -> Any:
        options = {"timeout": self._connectTimeout, "bindAddress": self._bindAddress}
        endpoint = self.connector.endpoint(self._reactor, uri.host.decode("ascii"), uri.port, **options)
        if uri.scheme != b"https":
            return endpoint
        return wrapClientTLS(self._policyForHTTPS.creatorForNetloc(uri.host, uri.port), endpoint)


@implementer(IStreamClientEndpoint)
class _LateEndpoint:
    """An endpoint that is made where a connection is: Twisted would load the trusted roots for every request, also on a pooled one."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def connect(self, factory: Any) -> Deferred[Any]:
        connecting: Deferred[Any] = self._make().connect(factory)
        return connecting


def _address_of(transport: Any) -> str | None:
    return getattr(transport.getPeer(), "host", None)


def _chain_of(transport: Any) -> tuple[str, ...]:
    handle = getattr(transport, "getHandle", lambda: None)()
    chain = getattr(handle, "get_peer_cert_chain", None)
    certificates = chain(as_cryptography=True) if chain else None
    return tuple(certificate.fingerprint(SHA256()).hex() for certificate in certificates or ())
