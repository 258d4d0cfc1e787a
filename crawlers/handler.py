"""Which download handler a crawl captures with: the wire-exact one where it fits this Scrapy, else Scrapy's own, aloud.

crawlers.wire imports ──yes──▶ WireDownloadHandler       capture: wire
                      └─no───▶ HTTP11DownloadHandler     capture: reconstructed, a warning, a word in each warcinfo
"""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from archive.exchange import Mode

logger = logging.getLogger(__name__)


@cache
def wire_handler() -> type[HTTP11DownloadHandler] | None:
    """Return the wire-exact handler, None where the private names it uses are gone."""
    try:
        from crawlers.wire import WireDownloadHandler  # noqa: PLC0415  what it imports may be missing
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
        return (wire_handler() or HTTP11DownloadHandler)(crawler)
