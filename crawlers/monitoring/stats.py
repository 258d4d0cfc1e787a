"""How the pages of a crawl were read; chapter ``quality``: counts that add up over crawls, so that a baseline can be made.

article read ──▶ fill: which fields have something      witnesses: who spoke (json-ld, selector, …)
             ──▶ words, share of Arabic letters, lag from published to captured, articles of each hour
every tenth  ──▶ agreement of our text with trafilatura's (20 in a crawl at most: it costs 30 ms a page)
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.http import TextResponse

from crawlers.extraction.article import agreement
from pipelines.versions import Unchanged

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from archive.article import Article

FIELDS = (
    "headline",
    "standfirst",
    "text",
    "section",
    "tags",
    "byline",
    "credit",
    "agencies",
    "images",
    "published",
    "modified",
)
WITNESSES = ("json-ld", "embedded-json", "meta", "selector", "feed", "trafilatura")
MOST_SAMPLES = 20
_ARABIC = re.compile("[\u0621-\u064a\u066e-\u06d3]")
_LETTER = re.compile(r"[^\W\d_]")


class Quality:
    """Measures what was read.

    Args:
        sample_every: every how manieth article is read by trafilatura, too; 0 for none.
    """

    chapter = "quality"

    def __init__(self, sample_every: int) -> None:
        self.sample_every = sample_every
        self.articles = 0
        self.fill: Counter[str] = Counter()
        self.witnesses: Counter[str] = Counter()
        self.flags: Counter[str] = Counter()
        self.words: list[int] = []
        self.arabic: list[float] = []
        self.agreements: list[float] = []
        self.lags: list[float] = []
        self.hours: Counter[str] = Counter()
        self.extractors: Counter[str] = Counter()
        self.newest: datetime | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read DRIFT_SAMPLE_EVERY."""
        extension = cls(crawler.settings.getint("DRIFT_SAMPLE_EVERY"))
        crawler.signals.connect(extension.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(extension.item_dropped, signal=signals.item_dropped)
        return extension

    def item_scraped(self, item: Article, response: Response) -> None:
        """Measure an article that was kept."""
        self._measure(item, response)
        if item.version == 1 and item.published:
            self.hours[item.published.strftime("%Y-%m-%dT%H")] += 1
            self.lags.append((item.captured - item.published).total_seconds() / 60)
            self.newest = max(self.newest or item.published, item.published)

    def item_dropped(self, item: Article, response: Response, exception: BaseException) -> None:
        """Measure one that the archive has already: it was read all the same."""
        if isinstance(exception, Unchanged):
            self._measure(item, response)

    def tell(self) -> dict[str, Any]:
        """Return the chapter; ``hours`` are UTC hours of publication, ``lag`` is in minutes."""
        return {
            "articles": self.articles,
            "fill": {name: self.fill[name] for name in FIELDS},
            "witnesses": {name: self.witnesses[name] for name in WITNESSES},
            "flags": dict(self.flags),
            "words": _words(self.words),
            "arabic": _rounded(statistics.fmean(self.arabic) if self.arabic else None),
            "agreement": {
                "sampled": len(self.agreements),
                "median": _rounded(statistics.median(self.agreements) if self.agreements else None),
                "pages": [round(each, 3) for each in self.agreements],
            },
            "extractor": self.extractors.most_common(1)[0][0] if self.extractors else None,
            "lag": lag_of(self.lags),
            "hours": dict(sorted(self.hours.items())),
            "newest": self.newest.isoformat() if self.newest else None,
        }

    def _measure(self, article: Article, response: Response) -> None:
        self.articles += 1
        self.fill.update(name for name in FIELDS if getattr(article, name))
        self.witnesses.update(set(article.provenance.values()))
        self.flags.update(article.flags)
        self.words.append(article.words)
        self.arabic.append(arabic_share(article.text))
        self.extractors[article.extractor] += 1
        is_page = article.provenance.get("text") != "feed" and isinstance(response, TextResponse)
        is_due = self.sample_every and self.articles % self.sample_every == 1 % self.sample_every
        if is_page and is_due and len(self.agreements) < MOST_SAMPLES:
            found = agreement(article.text, response.text)
            self.agreements += [] if found is None else [found]


@lru_cache(maxsize=1)  # two ask it of each article, one after the other
def arabic_share(text: str) -> float:
    """Return the share (0 to 1) of Arabic letters among the letters of a text; 0 where it has none."""
    letters = len(_LETTER.findall(text))
    return min(len(_ARABIC.findall(text)) / letters, 1.0) if letters else 0.0


def lag_of(minutes: list[float]) -> dict[str, Any]:
    """Return how long after its publication an article was captured: median, nine tenths, the longest, in minutes."""
    if not minutes:
        return {"articles": 0, "median": None, "p90": None, "longest": None}
    ordered = sorted(minutes)
    p90 = ordered[min(int(0.9 * len(ordered)), len(ordered) - 1)]
    figures = {"median": statistics.median(ordered), "p90": p90, "longest": ordered[-1]}
    return {"articles": len(ordered), **{name: round(value, 1) for name, value in figures.items()}}


def _words(words: list[int]) -> dict[str, Any]:
    if not words:
        return {"median": None, "spread": None}
    median = statistics.median(words)
    return {"median": median, "spread": round(statistics.fmean(abs(count - median) for count in words), 1)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
