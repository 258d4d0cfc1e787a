"""Each exchange into the archive: every attempt, redirect, error, 304 and robots.txt, and what failed before an answer; and pictures."""

from __future__ import annotations

import logging
import re
from collections import deque
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urlsplit

from scrapy import Request, signals
from scrapy.exceptions import (
    DontCloseSpider,
    DownloadCancelledError,
    DownloadTimeoutError,
    NotConfigured,
    NotSupported,
    StopDownload,
)
from scrapy.http import TextResponse

from archive.article import Article
from archive.text import masked
from archive.warc.message import Exchange, Mode, ResponseMessage, Truncation, read_response
from crawlers.download.handler import capture_mode, request_bytes, response_head
from crawlers.extraction.html import to_utf8
from crawlers.extraction.pictures import PICTURE_FILE, is_film, page_needs, style_needs
from crawlers.settings import known
from pipelines.store import ArchiveSession, heeded, session_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from scrapy.statscollectors import StatsCollector
    from twisted.python.failure import Failure

    from archive.article import RecordPointer
    from crawlers.download.wire import WireCapture
    from crawlers.extraction.pictures import Needs

# ---------------------------------------------------------------------------------------------------------------------
# A Scrapy request, what came of it, and the bytes of the wire, made into the `Exchange` that the archive keeps.

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
    reason = f"{type(error).__name__}: {error}".removesuffix(": ")
    message = read_response(wire.received, method=request.method, keep=keep) if wire else None
    if wire is not None and message is not None:
        return _of_wire(request, wire, message, crawl, truncated=_cut_by(error), with_chain=True, error=reason)
    return _unanswered(request, reason, crawl=crawl, mode=mode)


def reconstructed_exchange(request: Request, response: Response, *, crawl: str) -> Exchange:
    """Return the exchange as far as Scrapy's parsed request and response still tell it.

    A status that is none of three digits begins no record: the exchange has failed, as one without a whole head has.
    """
    if response.status not in _STATUSES:
        reason = f"the answer's status is {response.status}, which is none"
        return _unanswered(request, reason, crawl=crawl, mode="reconstructed")
    started = request.meta["captured"]
    if response.protocol and not response.protocol.startswith("HTTP/1"):
        request.meta["protocol"] = response.protocol  # the record's head is written as HTTP/1.1, which readers know
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
    metadata: dict[str, str | None] = {
        "crawl": crawl,
        "via": redirects[-1] if redirects else via.get("url"),
        "hopsFromSeed": (via.get("hops") or ("P" if is_robots else "")) + "R" * len(redirects),
        "discovery": via.get("kind"),
        "announcement": via.get("announcement"),
        "tdmReservation": request.meta.get("tdm"),
        "attempt": str(1 + request.meta.get("retry_times", 0)),
        "protocol": request.meta.get("protocol"),
        "proxy": _USERINFO.sub("", request.meta.get("proxy") or ""),
    }
    return {name: value for name, value in metadata.items() if value}


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


# ---------------------------------------------------------------------------------------------------------------------
# Each exchange into the archive: every attempt, redirect, error, 304 and robots.txt, and what failed before an answer.
#     handler ──request.meta["wire"]──▶ CaptureMiddleware (990, nearest the wire) ──Exchange──▶ ArchiveSession ──▶ RecordPointer
#                                           └─▶ request.meta["warc"], request.meta["captured"]      the callback's response.meta
#
# At 990 a body is still content-encoded and no redirect, retry or cookie has acted. Where the session fails the crawl ends.

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
        self._told = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Find the session among the extensions; read WARC_TRANSFER_CODING (``strip`` or ``keep``)."""
        session = session_of(crawler)
        coding = crawler.settings.get("WARC_TRANSFER_CODING", "strip")
        setting = known["WARC_TRANSFER_CODING"]
        if coding not in setting.one_of:
            raise ValueError(f"WARC_TRANSFER_CODING is {setting.bounds}, not {coding!r}")
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
        is_refused = "media" in request.meta and isinstance(exception, DownloadCancelledError | StopDownload)
        with closing(wire) if wire else nullcontext():
            exchange = failed_exchange(
                request,
                None if is_refused else wire,
                exception,
                crawl=self.session.crawl,
                keep=self.keep_framing,
                mode=self.mode,
            )
        await self._keep(request, exchange)

    def _exchange(self, request: Request, response: Response) -> Exchange:
        wire: WireCapture | None = request.meta.pop("wire")
        exchange = self._wire_exchange(request, response, wire) if wire else None
        if exchange is not None:
            return exchange
        if self.mode == "wire":
            self._tell_once()
            if latency := request.meta.get("download_latency"):  # the delay of the slot is no part of the request
                request.meta["captured"] = datetime.now(UTC) - timedelta(seconds=latency)
        return reconstructed_exchange(request, response, crawl=self.session.crawl)

    def _tell_once(self) -> None:
        """Say that a download handler is not ours, or had no bytes of the wire; each record says so of itself."""
        level = logging.DEBUG if self._told else logging.INFO
        self._told = True
        logger.log(level, "an exchange is reconstructed: its download handler keeps no bytes of the wire")

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


# ---------------------------------------------------------------------------------------------------------------------
# Pictures of articles, and what pages need to look like themselves: asked for when no page is left to ask for.
#     page ──MediaSpiderMiddleware──▶ what it needs ──StorePipeline, the article is kept──▶ Media.awaits: its line is held
#     idle ──▶ some requests ──▶ captured as any exchange, via its page ──▶ the line names the picture's record, and is written
#
# They are requests like others: robots.txt of their host, its delay, the networks that are refused. A crawl that ends before has
# written the lines without them (`archive.spool.segment`), and one that is killed reads the captured pages when it is recovered.
# Where pages take long, what the oldest lines wait for is asked for before them: a line is written when the segment behind that of its
# record closes.
# Of what is too large or another kind no byte is kept, but a metadata record says so: a replay would wait for the rest of it.

_TOGETHER = 32  # requests that wait in the scheduler at a time: a budget that is spent stops the next ones
_PRIORITY, _IN_TIME = -100, 100  # after all pages, and before them
_SHARE = 0.05  # of SEGMENT_MAX_SECONDS, after which a line has waited long enough
_ACCEPTED = {
    "picture": "image/webp,image/png,image/jpeg,image/gif,image/svg+xml,image/*;q=0.8",
    "style": "text/css,*/*;q=0.1",
    "font": "font/woff2,font/woff,*/*;q=0.1",
}
_TYPES = {
    "picture": re.compile(rb"image/", re.IGNORECASE),
    "style": re.compile(rb"text/css|text/plain|$", re.IGNORECASE),
    "font": re.compile(
        rb"font/|application/(?:x-)?font|application/vnd\.ms-fontobject|application/octet-stream|binary/|$",
        re.IGNORECASE,
    ),
}  # a film under a picture's address is stopped at its head
_UNNAMED = re.compile(rb"(?:application|binary)/octet-stream|$", re.IGNORECASE)  # as buckets answer; browsers show it
_FILM = re.compile(rb"video/|audio/", re.IGNORECASE)
_OK = 200
_DEEPEST = 4  # style sheets that import one another


class NotMedia(StopDownload):
    """What came is of another kind than was asked for."""

    def __init__(self, why: str) -> None:
        super().__init__(fail=True)
        self.args = (why,)


@dataclass(slots=True)
class _Page:
    """What a page needs, how it was reached, since when it waits (monotonic), and the article whose line waits, if one does."""

    url: str
    hops: str
    needs: Needs
    since: float
    article: Article | None = None
    missing: set[str] = field(default_factory=set)


class Media:
    """Captures pictures, and with ``page`` styles and fonts, after the pages.

    Args:
        crawler: for its engine and its session with the archive.
        settings: MEDIA and its bounds.
    """

    def __init__(self, crawler: Crawler, settings: BaseSettings) -> None:
        self.crawler = crawler
        self.with_pages = settings["MEDIA"] == "page"
        self.largest = settings.getint("MEDIA_MAXSIZE")
        self.most = settings.getint("MEDIA_PER_PAGE")
        self.requests, self.bytes = settings.getint("MEDIA_BUDGET"), settings.getint("MEDIA_BUDGET_BYTES")
        self.needs: dict[str, tuple[str, Needs]] = {}  # by record id, of pages whose article is not kept yet
        self.captured: dict[str, RecordPointer | None] = {}  # by address; None: asked for, and not there (yet)
        self._patience = settings.getfloat("SEGMENT_MAX_SECONDS") * _SHARE
        self._is_heeded = "tdm" in heeded(settings)
        self._asked = 0  # requests that are under way
        self._waiting: deque[tuple[_Page, str, str, int]] = deque()
        self._pages: dict[str, list[_Page]] = {}  # by address, those whose line waits for it

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read MEDIA, MEDIA_MAXSIZE, MEDIA_PER_PAGE, MEDIA_BUDGET and MEDIA_BUDGET_BYTES."""
        setting, wanted = known["MEDIA"], crawler.settings.get("MEDIA", "none")
        if wanted not in setting.one_of:
            raise ValueError(f"MEDIA is {setting.bounds}, not {wanted!r}")
        if wanted == "none":
            raise NotConfigured
        media = cls(crawler, crawler.settings)
        crawler.signals.connect(media.idle, signal=signals.spider_idle)
        crawler.signals.connect(media.headers_received, signal=signals.headers_received)
        return media

    def note_page(self, article: Article, response: Response) -> None:
        """Note how an article's page was reached and what it needs, until it is known whether the article is kept."""
        if article.warc is None:
            return
        hops, needs = (response.meta.get("via") or {}).get("hops", ""), {}
        if self.with_pages and response.url == article.url:
            markup = to_utf8(response.body, (response.headers.get("Content-Type") or b"").decode("latin-1") or None)
            needs = page_needs(markup, response.url)
        self.needs[article.warc.record_id] = (hops, needs)

    def awaits(self, article: Article) -> bool:
        """Note what is to be asked for; say whether the line is to wait for pictures of the article."""
        if article.warc is None:
            return False
        hops, needs = self.needs.pop(article.warc.record_id, ("", {}))
        own = {image.url: "picture" for image in article.images if not is_film(image.url)}
        page = _Page(article.url, hops, dict(islice({**own, **needs}.items(), self.most)), monotonic(), article)
        page.missing = {url for url in own if url in page.needs and url not in self.captured}
        for url in page.missing:
            self._pages.setdefault(url, []).append(page)
        self._waiting.extend((page, url, kind, 0) for url, kind in page.needs.items())
        self._point(article)
        if self._waiting and monotonic() - self._waiting[0][0].since > self._patience:
            self._ask(_IN_TIME)
        return bool(page.missing)

    def idle(self) -> None:
        """Ask for some of what is waiting, as long as the budget lasts."""
        self.needs.clear()
        self._asked = 0  # nothing is under way
        self._ask(_PRIORITY)
        if self._asked:
            raise DontCloseSpider
        if self._waiting:
            self._count("over-budget", len({url for _, url, _, _ in self._waiting} - self.captured.keys()))
            self._waiting.clear()

    def _ask(self, priority: int) -> None:
        assert self.crawler.engine is not None
        while self._waiting and self._asked < _TOGETHER and self.requests > 0 and self._has_bytes():
            page, url, kind, depth = self._waiting.popleft()
            if url not in self.captured:
                self.captured[url] = None
                self.requests -= 1
                self._asked += 1
                self.crawler.engine.crawl(self._request(page, url, kind, depth).replace(priority=priority))

    def _has_bytes(self) -> bool:
        """Say whether one more may be asked for: close to the end of the budget one at a time."""
        return self.bytes > 0 and (not self._asked or (self._asked + 1) * self.largest <= self.bytes)

    def headers_received(self, headers: Any, request: Request) -> None:
        """Stop what is no picture, style or font before its body comes: no film and no sound is ever kept, nor what is reserved."""
        kind = request.meta.get("media")
        if kind and self._is_heeded and (headers.get("Tdm-Reservation") or b"").strip() == b"1":
            raise NotMedia("reserved")
        content_type = headers.get("Content-Type") or b""
        if headers.get("Location") and not _FILM.match(content_type.strip()):
            return  # a redirect, whose page is HTML
        if kind == "picture" and _UNNAMED.match(content_type.strip()) and PICTURE_FILE.search(request.url):
            return
        if kind and not _TYPES[kind].match(content_type.strip()):
            raise NotMedia(f"{content_type.decode('latin-1').strip() or 'nothing'} is no {kind}")

    async def came(self, response: Response, page: _Page, depth: int) -> None:
        """Take in what was captured: its place for the lines that wait, and what a style sheet needs in its turn."""
        request, pointer = response.request, response.meta.get("warc")
        assert request is not None
        url = (response.meta.get("redirect_urls") or [request.url])[0]
        self.bytes -= len(response.body)
        kind = response.meta["media"]
        self._count(kind)
        if response.status == _OK and kind == "picture":
            self.captured[url] = pointer
        if kind == "style" and depth < _DEEPEST:
            text = response.text if isinstance(response, TextResponse) else response.body.decode(errors="replace")
            needs = style_needs(text, response.url)
            sheet = _Page(response.url, f"{page.hops}E", needs, monotonic())
            self._waiting.extend(
                (sheet, address, each, depth + 1) for address, each in islice(needs.items(), self.most)
            )
        await self._settle(url)

    async def failed(self, failure: Failure) -> None:
        """Count what did not come; its line is written without it."""
        request: Request = failure.request  # type: ignore[attr-defined]
        self._count("failed")
        await self._settle((request.meta.get("redirect_urls") or [request.url])[0])

    async def _settle(self, url: str) -> None:
        """Note a picture's place in the lines that waited for it, and write those that waited for nothing else."""
        self._asked -= 1
        for page in self._pages.pop(url, ()):
            page.missing.discard(url)
            if page.article is None:
                continue
            self._point(page.article)  # a segment may be closed, and the line written, before the others come
            if not page.missing:
                await session_of(self.crawler).let_go(page.article)

    def _point(self, article: Article) -> None:
        for image in article.images:
            image.warc = self.captured.get(image.url) or image.warc

    def _request(self, page: _Page, url: str, kind: str, depth: int) -> Request:
        async def came(response: Response) -> None:
            await self.came(response, page, depth)

        return Request(
            url,
            callback=came,
            errback=self.failed,
            headers={"Accept": _ACCEPTED[kind]},
            priority=_PRIORITY,
            dont_filter=True,  # an address may be asked for as a page, too; here each is asked for once
            meta={
                "media": kind,
                "via": {"kind": "embed", "url": page.url, "hops": f"{page.hops}E"},
                "download_maxsize": self.largest,
                "max_retry_times": 1,
            },
        )

    def _count(self, name: str, many: int = 1) -> None:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(f"media/{name}", many)


class MediaSpiderMiddleware:
    """Shows each article together with its page to `Media`.

    Args:
        media: notes what the page needs.
    """

    def __init__(self, media: Media) -> None:
        self.media = media

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Find who captures pictures."""
        media = crawler.get_extension(Media)
        if media is None:
            raise NotConfigured
        return cls(media)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Pass everything on."""
        async for entry in result:
            if isinstance(entry, Article):
                self.media.note_page(entry, response)
            yield entry
