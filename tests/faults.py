"""Add-ons and components that break, or differ, as another project's may."""

import os
import signal
from datetime import UTC, datetime, timedelta

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler

from archive.spool.segment import SegmentWriter
from crawlers import outlet
from crawlers.download import capture
from crawlers.download.wire import WireDownloadHandler
from crawlers.sources.sitemap import Sitemap


def _break(*_args, **_kwargs):
    return 1 / 0


class BrokenReading:
    def update_settings(self, _settings):
        outlet.read = _break


class BrokenEntry:
    def update_settings(self, _settings):
        whole = outlet.article_request

        def request(spider, announcement, address, url):
            return _break() if url.endswith("/two") else whole(spider, announcement, address, url)

        outlet.article_request = request


class BrokenSitemap:
    def update_settings(self, _settings):
        Sitemap.read = _break


class BrokenPipeline:
    def update_settings(self, settings):
        settings.set("ITEM_PIPELINES", {**settings.getdict("ITEM_PIPELINES"), "tests.faults.Breaking": 150}, "cmdline")


class Breaking:
    def process_item(self, _item):
        return _break()


class OtherHandler(HTTP11DownloadHandler):
    """A handler that knows nothing of captures, as a browser's; the outlet is reached through the wire handler."""

    def __init__(self, crawler):
        super().__init__(crawler)
        self._inner = WireDownloadHandler(crawler)

    async def download_request(self, request):
        inner = request.replace(meta=dict(request.meta))
        response = await self._inner.download_request(inner)
        request.meta["download_latency"] = inner.meta.get("download_latency", 0.0)
        return response


class KilledByPicture:
    """The process dies when its first picture has come: the pages are captured, their lines wait."""

    def update_settings(self, _settings):
        async def die(*_args):
            os.kill(os.getpid(), signal.SIGKILL)

        capture.Media.came = die


class SecondPerArticle:
    """By the clocks of lines that wait and of segments every article takes a second, whatever it takes on this machine."""

    def update_settings(self, _settings):
        begun, told, awaits = datetime.now(UTC), [], capture.Media.awaits

        def counted(media, article):
            told.append(article.id)
            return awaits(media, article)

        capture.Media.awaits = counted
        capture.monotonic = lambda: float(len(told))
        SegmentWriter.__init__.__kwdefaults__["clock"] = lambda: begun + timedelta(seconds=len(told))
