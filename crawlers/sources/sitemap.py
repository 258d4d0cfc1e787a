"""Sitemaps (sitemaps.org 0.9): indexes, URL sets, and the news fields that Scrapy's own reader leaves out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from crawlers.addresses import Announcement
from crawlers.sources.base import Source, SourceAnswer, SourceError, Window, absolute, child_text, local_name, parse_xml

if TYPE_CHECKING:
    from lxml import etree


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
        located = [(absolute(url, loc), entry) for entry in tree.root if (loc := child_text(entry, "loc"))]
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
