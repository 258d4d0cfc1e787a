"""Which pages show what an alarm may be about: a few captures for each symptom, so that they can be kept when it is raised.

Nothing is copied while the crawl runs: only the places of the records are remembered, the pages lie in the archive.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

from scrapy import signals

from crawlers.monitoring.stats import FIELDS, arabic_share
from crawlers.signals import page_ended
from crawlers.watching.tally import WATCHED_WITNESSES
from pipelines.versions import Unchanged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from archive.article import Article, RecordPointer
    from crawlers.announcement import Announcement

MOST = 3  # pages for each symptom


class Sample(NamedTuple):
    """A page that shows a symptom: how weakly (the strongest are kept), its address, its record, what announced it."""

    weakness: float
    url: str
    record: RecordPointer
    announcement: Announcement | None


class Symptoms:
    """Remembers the places of the pages that show a symptom."""

    def __init__(self) -> None:
        self.samples: dict[str, list[Sample]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to what becomes of pages."""
        extension = cls()
        crawler.signals.connect(extension.page_ended, signal=page_ended)
        crawler.signals.connect(extension.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(extension.item_dropped, signal=signals.item_dropped)
        return extension

    def page_ended(self, reason: str | None = None, response: Response | None = None) -> None:
        """Remember a page that became no article."""
        if reason and response is not None:
            self._remember(reason, 0.0, response)

    def item_scraped(self, item: Article, response: Response) -> None:
        """Remember what an article lacks; a feed's item has no page."""
        if item.provenance.get("text") != "feed":
            for symptom, weakness in symptoms_of(item):
                self._remember(symptom, weakness, response)

    def item_dropped(self, item: Article, response: Response, exception: BaseException) -> None:
        """Remember an article that may not be published; one that the archive has is looked at as one that was kept."""
        if isinstance(exception, Unchanged):
            self.item_scraped(item, response)
        else:
            self._remember(type(exception).__name__, 0.0, response)

    def _remember(self, symptom: str, weakness: float, response: Response) -> None:
        announcement = response.request.cb_kwargs.get("announcement") if response.request else None
        if announcement is None or not response.meta.get("warc"):
            return
        told = announcement if announcement.kind != "argument" else None
        samples = [*self.samples.get(symptom, ()), Sample(weakness, response.url, response.meta["warc"], told)]
        self.samples[symptom] = heapq.nsmallest(MOST, samples, key=lambda sample: sample[:2])


def symptoms_of(article: Article) -> Iterator[tuple[str, float]]:
    """Yield the alarms that an article would speak for, with how weakly it does."""
    yield from ((f"field {name}", 0.0) for name in FIELDS if not getattr(article, name))
    yield from ((name, 0.0) for name in WATCHED_WITNESSES if name not in article.provenance.values())
    if "generic-extraction" in article.flags:
        yield "body-selectors", 0.0
    yield "text-length", float(article.words)
    yield "arabic", arabic_share(article.text)
