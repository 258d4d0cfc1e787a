"""What each channel announced, and how much of it was new to the archive; chapter ``channels``.

    answer of a source ──▶ announcements ──▶ known to the archive | new

A channel that rolls (a feed of 25, a section page) loses what it drops between two polls. While an answer holds something
that the archive knew, nothing can have been lost; an answer that is all new is a gap, and the next poll must come sooner
(`crawlers.scheduling.interval` draws that conclusion). Only first answers count: a second page is asked for when needed.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals

from archive.article import Article
from crawlers.signals import source_empty
from pipelines.store import session_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

NOT_MODIFIED = 304
OFTEN = 0.05  # a channel that is empty more often than that is no news when it is


class Channels:
    """Keeps the counts: URL → kind, announced, new, unchanged."""

    chapter = "channels"

    def __init__(self) -> None:
        self.channels: dict[str, dict[str, Any]] = {}
        self.met: defaultdict[str, set[str]] = defaultdict(set)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen for answers that say that nothing changed; the spider middleware below tells the rest."""
        extension = cls()
        crawler.signals.connect(extension.response_received, signal=signals.response_received)
        crawler.signals.connect(extension.source_empty, signal=source_empty)
        return extension

    def response_received(self, response: Response, request: Request) -> None:
        """Note an answered source."""
        if "source" not in request.cb_kwargs or request.meta.get("further_page"):
            return
        channel = self._channel(request)
        channel["unchanged"] = response.status == NOT_MODIFIED

    def source_empty(self, request: Request) -> None:
        """Note a source that announced nothing."""
        if not request.meta.get("further_page"):
            self._channel(request)["empty"] = True

    def announce(self, request: Request, article_id: str, *, known: bool) -> None:
        """Count an article that a channel announced, once."""
        if request.meta.get("further_page") or article_id in self.met[self._url(request)]:
            return
        self.met[self._url(request)].add(article_id)
        channel = self._channel(request)
        channel["announced"] += 1
        channel["new"] += not known

    def tell(self) -> dict[str, Any]:
        """Return the channels by address."""
        return self.channels

    def _channel(self, request: Request) -> dict[str, Any]:
        empty = {"kind": request.cb_kwargs["source"].kind, "announced": 0, "new": 0, "unchanged": False, "empty": False}
        return self.channels.setdefault(self._url(request), empty)

    def _url(self, request: Request) -> str:
        chain: list[str] = request.meta.get("redirect_urls") or [request.url]
        return chain[0]


class ChannelsSpiderMiddleware:
    """Sees what sources announce before anything is chosen from it.

    Args:
        channels: keeps the counts.
        seen: says whether the archive holds an article of this id.
    """

    def __init__(self, channels: Channels, seen: Callable[[str], bool]) -> None:
        self.channels = channels
        self.seen = seen

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the counts and the catalog from the extensions."""
        channels = crawler.get_extension(Channels)
        assert channels is not None
        return cls(channels, session_of(crawler).seen)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Count and pass on."""
        request = response.request
        is_source = request is not None and "source" in request.cb_kwargs
        async for entry in result:
            if is_source and request is not None and (article_id := _article_id(entry)):
                self.channels.announce(request, article_id, known=self.seen(article_id))
            yield entry


def fallen_silent(report: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]], least: int) -> list[str]:
    """Return the channels that announce nothing now and nearly always did.

    A section's feed that is often empty is none of them, nor the sitemap of a day that has only begun.

    Args:
        report: of the crawl.
        earlier: reports of the same outlet.
        least: answers below which nothing is called usual.
    """
    found = []
    for url, channel in report.get("channels", {}).items():
        if not channel.get("empty"):
            continue
        before = [said for other in earlier if (said := other.get("channels", {}).get(url))]
        silent = sum(bool(said.get("empty", not said["announced"] and not said["unchanged"])) for said in before)
        if len(before) >= least and silent <= OFTEN * len(before):
            found.append(url)
    return found


def _article_id(entry: object) -> str | None:
    if isinstance(entry, Article):
        return entry.id
    return entry.meta.get("article_id") if isinstance(entry, Request) else None
