"""Each page in exactly one outcome.

    announced ─┬─ seen · over-limit · …     not chosen, and why (crawlers.frontier.incremental)
               └─ chosen ─┬─ refused · failed                not fetched
                          ├─ unreadable                      fetched, no article
                          ├─ dropped · outside-window        read, not published
                          ├─ unchanged                       read, the archive has it word for word
                          ├─ kept                            its line is in the archive
                          └─ not-reached                     the crawl ended before

A page is an article's id, or the address asked for where nobody knows the id yet. What is said later of a page counts, for a
page may fail through one channel and arrive through another; only what the archive has stays what it is.

Who decides on a page sends one of two signals (`crawlers.signals`); the counts by step follow from the outcomes, so they always add up.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from scrapy import signals

from crawlers.signals import page_chosen, page_ended, page_of_request
from pipelines.versions import Unchanged

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from archive.article import Article

PENDING = "not-reached"
SETTLED = frozenset(("kept", "unchanged"))
NOT_FETCHED = frozenset(("refused", "failed", PENDING))
READ = frozenset(("dropped", "outside-window", "unchanged", "kept"))
ASKED = READ | {"unreadable"}


class Ending(NamedTuple):
    """A page's outcome, its reason, and whether the page was chosen."""

    outcome: str
    reason: str | None
    chosen: bool

    @property
    def asked(self) -> bool:
        """Say whether the page is one of those that were asked for; a feed's items are read and never chosen."""
        return self.chosen or self.outcome in ASKED


class Outcomes:
    """Keeps the outcome of each page of a crawl; chapter ``pages``.

    The counts are kept along, for they are asked for twice a second however many pages there are.
    """

    chapter = "pages"

    def __init__(self) -> None:
        self.pages: dict[str, Ending] = {}
        self._endings: dict[Ending, Ending] = {}  # one of each, shared by all its pages
        self._counts: Counter[Ending] = Counter()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to those who decide on pages."""
        extension = cls()
        crawler.signals.connect(extension.choose, signal=page_chosen)
        crawler.signals.connect(extension.end, signal=page_ended)
        crawler.signals.connect(extension.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(extension.item_dropped, signal=signals.item_dropped)
        crawler.signals.connect(extension.item_error, signal=signals.item_error)
        crawler.signals.connect(extension.spider_error, signal=signals.spider_error)
        return extension

    def choose(self, page: str) -> None:
        """Expect a page."""
        before = self.pages.get(page)
        if before is None or before.outcome not in SETTLED:
            before = Ending(PENDING, None, chosen=True)
        self._put(page, before._replace(chosen=True))

    def end(self, page: str, outcome: str, reason: str | None = None) -> None:
        """Note how a page's way ended."""
        before = self.pages.get(page)
        if before is None or outcome in SETTLED or before.outcome not in SETTLED:
            self._put(page, Ending(outcome, reason, chosen=before is not None and before.chosen))

    def item_scraped(self, item: Article, response: Response) -> None:
        """Note a page that was kept."""
        self.end(_page(item, response), "kept")

    def item_dropped(self, item: Article, response: Response, exception: BaseException) -> None:
        """Note a page whose article may not be published, or is published already."""
        unchanged = isinstance(exception, Unchanged)
        self.end(_page(item, response), "unchanged" if unchanged else "dropped", type(exception).__name__)

    def item_error(self, item: Article, response: Response, failure: Failure) -> None:
        """Note a page on which a pipeline broke."""
        self.end(_page(item, response), "dropped", type(failure.value).__name__)

    def spider_error(self, response: Response, failure: Failure) -> None:
        """Note a page on which a callback, or what its output passes through, broke."""
        page = page_of_request(response.request) if response.request is not None else None
        if page is not None:
            self.end(page, "failed", type(failure.value).__name__)

    def tell(self) -> dict[str, Any]:
        """Return the steps, the outcomes and the reasons."""
        outcomes, reasons = Counter[str](), Counter[str]()
        for ending, count in self._counts.items():
            outcomes[ending.outcome] += count
            if ending.reason:
                reasons[f"{ending.outcome}/{ending.reason}"] += count
        return {"steps": self.steps(), "outcomes": dict(+outcomes), "reasons": dict(+reasons)}

    def steps(self) -> dict[str, int]:
        """Return how many pages reached each step of the way."""
        ways = Counter[str]()
        for ending, count in self._counts.items():
            if ending.asked:
                ways[ending.outcome] += count
        return {
            "announced": len(self.pages),
            "chosen": ways.total(),
            "fetched": ways.total() - sum(ways[name] for name in NOT_FETCHED),
            "read": sum(ways[name] for name in READ),
            "kept": ways["kept"],
        }

    def _put(self, page: str, ending: Ending) -> None:
        if page in self.pages:
            self._counts[self.pages[page]] -= 1
        self.pages[page] = self._endings.setdefault(ending, ending)
        self._counts[ending] += 1


def _page(item: Article, response: Response) -> str:
    request = response.request
    return (page_of_request(request) if request is not None else None) or item.id
