"""Content codings taken off as every reader of the archive takes them off, and a body that ends inside one is lost data.

    handler ──check_content──▶ CutOff: ResponseDataLossError    as a short Content-Length is: kept truncated, tried again
                     └─▶ request.meta["content"]                what was unpacked, so that it is done once
    590     ──ContentCodingMiddleware──▶ the response with its content

Scrapy's own middleware hands on what it can read of a broken stream; then a line could be published that its record does not prove.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from scrapy.exceptions import IgnoreRequest, NotConfigured, ResponseDataLossError
from scrapy.responsetypes import responsetypes

from archive.warc.payload import CutOff, TooLarge, Undecodable, decode_all, split_codings

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


_TELL_THE_KIND = (b"Content-Type", b"Content-Disposition")  # headers by which Scrapy chooses the class of a response


class ContentCodingError(IgnoreRequest):
    """The body is not of the coding that its header names, or spoiled."""

    reason: ClassVar[str] = "content-coding"


class ContentTooLargeError(ContentCodingError):
    """The body unpacks to more than DOWNLOAD_MAXSIZE."""

    reason: ClassVar[str] = "too-large"


def check_content(request: Request, response: Response, most: int, *, fail: bool) -> Response:
    """Unpack a response's body and keep the content for `ContentCodingMiddleware`; any other fault is told there.

    Args:
        request: what was asked; its meta may say ``download_maxsize`` and ``download_fail_on_dataloss``.
        response: as it came.
        most: DOWNLOAD_MAXSIZE.
        fail: DOWNLOAD_FAIL_ON_DATALOSS; without it the response is flagged ``dataloss``, as Scrapy flags a short one.

    Raises:
        ResponseDataLossError: the body ends before its coding does.
    """
    request.meta.pop("content", None)
    codings = _codings(response)
    if not split_codings(codings)[1] or request.method == "HEAD" or "download_stopped" in response.flags:
        return response
    try:
        content = decode_all(codings, response.body, request.meta.get("download_maxsize", most) or None)
    except CutOff as error:
        if request.meta.get("download_fail_on_dataloss", fail):
            raise ResponseDataLossError(str(error)) from error
        content, response = error.content, response.replace(flags=[*response.flags, "dataloss"])
    except Undecodable:
        return response
    request.meta["content"] = (response.body, content)
    return response


class ContentCodingMiddleware:
    """Gives callbacks the content of a response, without its codings.

    Args:
        most: bytes that a body may unpack to; 0 for as many as the archive's readers take.
    """

    def __init__(self, most: int) -> None:
        self.most = most

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read COMPRESSION_ENABLED and DOWNLOAD_MAXSIZE."""
        if not crawler.settings.getbool("COMPRESSION_ENABLED"):
            raise NotConfigured
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_request(self, request: Request) -> None:
        """Ask for gzip, where nobody said what may come."""
        request.headers.setdefault("Accept-Encoding", "gzip")

    def process_response(self, request: Request, response: Response) -> Response:
        """Take the codings off that are known.

        Raises:
            ContentCodingError: the body does not decode, or to too much.
        """
        body, content = request.meta.pop("content", (None, b""))
        codings = _codings(response)
        kept, taken = split_codings(codings)
        if not taken or request.method == "HEAD":
            return response
        if body is not response.body:  # from a cache, or through another handler
            content = self._decoded(request, response, codings)
        named = {name: value for name in _TELL_THE_KIND if (value := response.headers.get(name)) is not None}
        plain: Response = response.replace(
            cls=responsetypes.from_args(headers=named, url=response.url, body=content), body=content
        )
        del plain.headers["Content-Encoding"]
        if kept:
            plain.headers["Content-Encoding"] = ", ".join(kept)
        return plain

    def _decoded(self, request: Request, response: Response, codings: str) -> bytes:
        try:
            return decode_all(codings, response.body, request.meta.get("download_maxsize", self.most) or None)
        except CutOff as error:
            if "dataloss" in response.flags:
                return error.content
            raise ContentCodingError(str(error)) from error
        except TooLarge as error:
            raise ContentTooLargeError(str(error)) from error
        except Undecodable as error:
            raise ContentCodingError(str(error)) from error


def _codings(response: Response) -> str:
    """Return the values of Content-Encoding, joined."""
    return ",".join(value.decode("latin-1") for value in response.headers.getlist("Content-Encoding"))
