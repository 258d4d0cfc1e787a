"""The crawl's signals, turned into outcomes (`crawlers.outcomes`), and the outcomes into lines of the last segment.

item_scraped ─▶ kept        item_dropped ─▶ unchanged, dropped       item_error, spider_error ─▶ failed
page_ended   ─▶ seen, tried, over-limit, refused, failed, unreadable, outside-window
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from scrapy import signals

from archive.catalog import channels_of, is_gone
from crawlers.outcomes import Outcomes
from crawlers.signals import page_ended
from pipelines.reservations import Reserved
from pipelines.versions import Unchanged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from archive.article import Article
    from crawlers.session.session import LocalArchive

PASSED_OVER = frozenset(("seen", "tried", "over-limit"))
SOURCES = ("answered", "unchanged", "untouched", "dead", "cut", "incomplete")
_HALF = frozenset(("dead", "cut", "incomplete"))


class CrawlOutcomes(Outcomes):
    """The outcomes of a crawl; the chapter ``coverage`` of its report.

    Args:
        crawler: the crawl.
        archive: takes the lines; its catalog knows the channels that were heard to announce an article.
        crawl: id of the crawl.
    """

    def __init__(self, crawler: Crawler, archive: LocalArchive, crawl: str) -> None:
        super().__init__(archive.outlet, crawl, archive.write_event)
        self.crawler, self.archive = crawler, archive
        for handler, signal in (
            (self.item_scraped, signals.item_scraped),
            (self.item_dropped, signals.item_dropped),
            (self.item_error, signals.item_error),
            (self.spider_error, signals.spider_error),
            (self.page_ended, page_ended),
        ):
            crawler.signals.connect(handler, signal=signal)

    def item_scraped(self, item: Article) -> None:
        """It is in the segment."""
        self._stands(item)
        self.became(item.id, "kept", published=item.published)

    def item_dropped(self, item: Article, exception: Exception) -> None:
        """A pipeline dropped it, by name."""
        outcome = "refused" if isinstance(exception, Reserved) else "dropped"
        outcome = "unchanged" if isinstance(exception, Unchanged) else outcome
        reason = None if outcome == "unchanged" else type(exception).__name__
        if outcome == "unchanged":
            self._stands(item)
        self.became(item.id, outcome, reason, published=item.published)

    def _stands(self, item: Article) -> None:
        """Tell what was told as vanished, and was read although nobody looked after it; a look tells it itself."""
        if item.id not in self.looks and is_gone(self.archive.catalog, item.id):
            self.returned(item.id, item.url, item.warc)

    def item_error(self, item: Article, failure: Failure) -> None:
        """A pipeline broke over it."""
        self.became(item.id, "failed", self._fault(failure))

    def spider_error(self, failure: Failure, response: Response) -> None:
        """A callback, or what its output passes through, broke over it."""
        name = self._fault(failure)
        if article_id := response.meta.get("article_id"):
            self.became(article_id, "failed", name)

    def _fault(self, failure: Failure) -> str:
        """Count a fault that Scrapy has logged with its traceback, and return its name."""
        name = type(failure.value).__name__
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(f"faults/{name}")
        self.crawler.stats.inc_value(f"article/failed/{name}")
        return name

    def page_ended(self, page: str, outcome: str, reason: str | None = None, url: str = "") -> None:
        """It is not chosen, or there is no article in it; an address of which nobody knows the article is passed over."""
        if outcome in PASSED_OVER:
            self.passed_over(page, outcome)
        elif "://" not in page:
            self.became(page, outcome, reason)
            if url and not self.pages[page].url:
                self.pages[page].url = url

    def close(self, reason: str) -> None:
        """Write the lines that end a crawl: its pages, and the days that it asked about where it asked sources."""
        for line in self.lines(partial(channels_of, self.archive.catalog)):
            self.emit(line)
        arguments = getattr(self.crawler.spider, "arguments", None)
        assert self.crawler.stats is not None
        if arguments is not None and not arguments.urls:
            stats = self.crawler.stats.get_stats()
            sources = sources_of(stats)
            is_whole = reason == "finished" and heard_to_the_end(sources) and not stats.get("choice/over-limit")
            self.emit(self.sweep_line(arguments.window, sources, complete=is_whole))


def heard_to_the_end(sources: Mapping[str, Mapping[str, int]]) -> bool:
    """Say whether some source answered, none was dead, left at its limit of pages, or itself not whole."""
    said = {name for counts in sources.values() for name in counts}
    return bool(said) and not said & _HALF


def sources_of(stats: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Return kind of source → how often it answered, was unchanged, untouched, dead, cut at its limit of pages, or not whole."""
    found: dict[str, dict[str, int]] = {}
    for name in SOURCES:
        prefix = f"source/{name}/"
        for key, count in sorted(stats.items()):
            if key.startswith(prefix):
                found.setdefault(key.removeprefix(prefix), {})[name] = count
    return found
