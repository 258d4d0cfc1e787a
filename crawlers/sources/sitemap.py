"""Sitemaps (sitemaps.org 0.9): indexes, URL sets, the news fields that Scrapy's own reader leaves out, and the bounds of an index."""

from __future__ import annotations

import logging
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from scrapy.exceptions import IgnoreRequest, NotConfigured

from crawlers.addresses import Announcement
from crawlers.signals import source_read
from crawlers.sources.base import Source, SourceAnswer, SourceError, Window, absolute, child_text, local_name, parse_xml

if TYPE_CHECKING:
    from typing import Self

    from lxml import etree
    from scrapy import Request
    from scrapy.crawler import Crawler


@dataclass(frozen=True)
class Sitemap(Source):
    """A sitemap, or an index of sitemaps.

    Args:
        url: where it is.
        day: regular expression with groups year, month, day over the URL of a sitemap in the index, where the outlet
            keeps one a day; only those of the window are asked. Without it ``lastmod`` decides.
        days: URL template with ``{day:%Y}`` and so on, to ask directly when the index is dead and for days
            long past.
        depth: the most indexes below one another, the last sitemap counted; the protocol knows two.
        most: the most sitemaps of a crawl, beside one for each day asked for.
        barren: the most sitemaps in a row that announce no article of the days asked for, beside one for each of them.
    """

    url: str
    day: str | None = None
    days: str | None = None
    depth: int = 5
    most: int = 2000
    barren: int = 100
    kind: ClassVar[str] = "sitemap"

    def start(self, window: Window) -> list[str]:  # noqa: ARG002  the index knows the days
        """Ask the sitemap itself."""
        return [self.url]

    def by_day(self, window: Window) -> list[str]:
        """Ask each day's sitemap by its known address."""
        return [self.days.format(day=day) for day in window.days()] if self.days else []

    def read(self, body: bytes, url: str, window: Window, content_type: str | None = None) -> SourceAnswer:
        """Read an index or a URL set, gzipped (as a file) or not."""
        tree = parse_xml(body, content_type)
        name = local_name(tree.root)
        if name not in {"sitemapindex", "urlset"}:
            raise SourceError(f"neither a sitemap nor an index of sitemaps: <{name}>")
        located = [
            (absolute(url, loc) if (loc := child_text(entry, "loc")) else None, entry)
            for entry in tree.root
            if local_name(entry) in {"url", "sitemap"}
        ]
        nowhere = sum(loc is None for loc, _ in located)
        entries = [(loc, entry) for loc, entry in located if loc]
        if name == "urlset":
            return SourceAnswer(
                [_announcement(loc, entry, url) for loc, entry in entries], fault=tree.fault, nowhere=nowhere
            )
        wanted = [(loc, entry) for loc, entry in entries if self._wanted(loc, entry, window)]
        stamps = {loc: stamp for loc, entry in wanted if (stamp := child_text(entry, "lastmod"))}
        return SourceAnswer(more=[loc for loc, _ in wanted], stamps=stamps, fault=tree.fault, nowhere=nowhere)

    def _wanted(self, loc: str, entry: etree._Element, window: Window) -> bool:
        if self.day and (match := re.search(self.day, loc)):
            year, month, day = (int(match[name]) for name in ("year", "month", "day"))
            return window.covers(_date(year, month, day))
        lastmod = re.match(r"(\d{4})-(\d\d)-(\d\d)", child_text(entry, "lastmod") or "")
        # what was last touched before the window cannot announce anything in it
        return not lastmod or (_date(*map(int, lastmod.groups())) or window.since) >= window.since


@dataclass(frozen=True)
class RobotsSitemap(Sitemap):
    """A sitemap that robots.txt names and the spider does not declare; within the same window and bounds."""

    kind: ClassVar[str] = "robots-sitemap"


MOST_NAMED = 100
"""Sitemaps that are taken from one robots.txt; the files of large outlets name a dozen."""


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _announcement(loc: str, entry: etree._Element, source: str) -> Announcement:
    if len(entry) == 1:  # its address alone, as most have it
        return Announcement(kind="sitemap", source=source, url=loc)
    news = next((child for child in entry if local_name(child) == "news"), None)
    image = next((child for child in entry if local_name(child) == "image"), None)
    publication = None if news is None else next((c for c in news if local_name(c) == "publication"), None)
    keywords = None if news is None else child_text(news, "keywords")
    return Announcement(
        kind="sitemap" if news is None else "news-sitemap",
        source=source,
        url=loc,
        title=None if news is None else child_text(news, "title"),
        published=None if news is None else child_text(news, "publication_date"),
        modified=child_text(entry, "lastmod"),
        tags=tuple(tag.strip() for tag in re.split("[,،]", keywords or "") if tag.strip()),
        image=None if image is None else child_text(image, "loc"),
        caption=None if image is None else child_text(image, "caption", "title"),
        language=None if publication is None else child_text(publication, "language"),
    )


# --- How far an index of sitemaps is followed: an endless one would keep a crawl asking for ever, and in silence -----
# request for a sitemap ──▶ too deep, too many, or too many in a row without an article ──▶ `SourceCut`
#                                                                  └─▶ source/cut/sitemap, once a warning, no complete sweep
#
# What the sitemaps announce is told by who chooses among it (`source_read`). A window of many days, or one of days long past, may ask for more.

logger = logging.getLogger(__name__)

PAST = 10  # times as many sitemaps without news may come where days long past are asked for


class SourceCut(IgnoreRequest):
    """A sitemap beyond the bounds of its index."""

    reason: ClassVar[str] = "source-cut"


class SitemapBoundsMiddleware:
    """Refuses what lies beyond the bounds that a `Sitemap` sets.

    Args:
        crawler: for its stats.
        days: that the crawl asks for; each may have a sitemap of its own.
        is_past: they are long past.
    """

    def __init__(self, crawler: Crawler, days: int, *, is_past: bool) -> None:
        self.crawler = crawler
        self.days = days
        self.patience = PAST if is_past else 1
        self.asked: Counter[Sitemap] = Counter()
        self.barren: Counter[Sitemap] = Counter()
        self.cut: set[Sitemap] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to what sources bring; a spider without arguments asks none."""
        arguments = getattr(crawler.spider, "arguments", None)
        if arguments is None:
            raise NotConfigured
        middleware = cls(crawler, len(arguments.window.days()), is_past=arguments.is_past)
        crawler.signals.connect(middleware.source_read, signal=source_read)
        return middleware

    def process_request(self, request: Request) -> None:
        """Let a sitemap pass that is within the bounds. Raises `SourceCut` for another."""
        source = request.cb_kwargs.get("source")
        if not isinstance(source, Sitemap):
            return
        if request.cb_kwargs["page"] > 1 and (why := self._beyond(source, request.cb_kwargs["page"])):
            self._tell(source, why)
            raise SourceCut(f"{why}: {request.url}")
        self.asked[source] += "retry_times" not in request.meta

    def source_read(self, request: Request, news: bool) -> None:  # noqa: FBT001  as signals call it
        """Count the sitemaps of an index that bring nothing, one after another."""
        source = request.cb_kwargs["source"]
        if isinstance(source, Sitemap):
            self.barren[source] = 0 if news else self.barren[source] + 1

    def _beyond(self, source: Sitemap, depth: int) -> str | None:
        if depth > source.depth:
            return f"more than {source.depth} indexes below one another"
        if self.asked[source] >= source.most + self.days:
            return f"more than {source.most + self.days} sitemaps"
        if self.barren[source] >= (source.barren + self.days) * self.patience:
            return f"{self.barren[source]} sitemaps in a row without news"
        return None

    def _tell(self, source: Sitemap, why: str) -> None:
        if source in self.cut:
            return
        self.cut.add(source)
        logger.warning("the sitemaps of %s are left at their bound: %s", source.url, why)
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(f"source/cut/{source.kind}")
