"""Another look at articles that the archive holds: conditional, told of in events, a changed text on its way to a new version.

    catalog ─▶ relook.Schedule ─▶ request with If-None-Match ─┬─ 304                          unchanged (a revisit record)
                                                              ├─ 404, 410, redirect away      vanished
                                                              ├─ redirect to its new address  asked there
                                                              └─ 200 ─▶ read ─▶ pipelines     unchanged, or the next version

A redirect is not followed blindly: one that leads to the home page tells that the article is gone, and costs no second request.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.exceptions import NotConfigured

from archive.article import format_time
from archive.catalog_events import held as held_since
from crawlers.announcement import Announcement
from crawlers.conditional import HEADERS, NOT_MODIFIED
from crawlers.extraction import Unreadable, read
from crawlers.losses import reason_of
from crawlers.outcomes import Look, recorded_session_of
from crawlers.pages import page_of
from crawlers.politeness.robots import RefusedByRobots
from crawlers.relook import Schedule, read_ages
from crawlers.requests import via

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from archive.article import Article
    from archive.catalog_events import Held
    from crawlers.outcomes import RecordedSession
    from crawlers.outlet import OutletSpider

NOT_FOUND, GONE = 404, 410
REDIRECTS = (301, 302, 303, 307, 308)
PRIORITY = -10  # after everything that is new


class LookingSpiderMiddleware:
    """Adds the looks that are due to the end of a crawl's start.

    Args:
        crawler: the crawl.
        session: its session with the archive: catalog and outcomes.
        schedule: the ages.
        budget: the most looks of a crawl.
    """

    def __init__(self, crawler: Crawler, session: RecordedSession, schedule: Schedule, budget: int) -> None:
        self.crawler, self.session = crawler, session
        self.schedule, self.budget = schedule, budget

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read RELOOK_AGES (``1 h``, ``6 h`` …) and RELOOK_BUDGET. Raises ``ValueError`` where an age is none."""
        schedule = Schedule(read_ages(crawler.settings.getlist("RELOOK_AGES")))
        budget = crawler.settings.getint("RELOOK_BUDGET")
        session = recorded_session_of(crawler)
        arguments = getattr(crawler.spider, "arguments", None)
        if not (schedule.ages and budget):
            raise NotConfigured("RELOOK_AGES or RELOOK_BUDGET is not set")
        if arguments is None or arguments.urls or arguments.is_past or arguments.limit:
            raise NotConfigured("no regular crawl of an outlet into an archive")
        return cls(crawler, session, schedule, budget)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Pass on the crawl's own start, then the looks."""
        async for entry in start:
            yield entry
        now = datetime.now(UTC)
        outlet = self.session.outlet
        since = now - 2 * self.schedule.ages[-1] - timedelta(days=1)
        chosen, waiting = self.schedule.choose(held_since(self.session.catalog, outlet, since), now, self.budget)
        self._count("over-budget", waiting)
        for held in chosen:
            self.session.outcomes.looking(held.id, Look(held.url, gone=held.gone))
            self._count("asked")
            yield self._request(held, held.url)

    def looked(self, response: Response, held: Held, hops: int) -> Iterator[Request | Article]:
        """Say what the page has become."""
        if look := self.session.outcomes.looks.get(held.id):
            look.warc = response.meta.get("warc")
        if response.status == NOT_MODIFIED:
            self._became(held, "unchanged")
        elif response.status in {NOT_FOUND, GONE}:
            self._became(held, "vanished", str(response.status))
        elif response.status in REDIRECTS:
            yield from self._redirected(response, held, hops)
        else:
            yield from self._read(response, held)

    def failed(self, failure: Failure) -> None:
        """Count a look that came to nothing; it is not tried again before the next age."""
        error = failure.value
        held: Held = failure.request.cb_kwargs["held"]  # type: ignore[attr-defined]
        self._became(held, "refused" if isinstance(error, RefusedByRobots) else "failed", reason_of(error))

    def _request(self, held: Held, url: str, hops: int = 0) -> Request:
        known = self.session.catalog.validators(url)
        said = {header: value for header, name in HEADERS.items() if known and (value := getattr(known, name))}
        announcement = Announcement(kind="argument", source=url, url=url, published=format_time(held.published))
        return Request(
            url,
            headers=said,
            callback=self.looked,
            errback=self.failed,
            cb_kwargs={"held": held, "hops": hops},
            priority=PRIORITY,
            meta={
                "via": via(announcement) | {"kind": "relook"},
                "article_id": held.id,
                "announcement": announcement,
                "handle_httpstatus_list": [NOT_MODIFIED, NOT_FOUND, GONE, *REDIRECTS],
            },
        )

    def _redirected(self, response: Response, held: Held, hops: int) -> Iterator[Request]:
        """Follow to the article's new address; anything else of the outlet's in its place means that it is gone."""
        target = urljoin(response.url, (response.headers.get("Location") or b"").decode("utf-8", "replace"))
        addresses = self._spider.addresses
        address = addresses.classify(target)
        if address is not None and address.id == held.id and hops < self.crawler.settings.getint("REDIRECT_MAX_TIMES"):
            yield self._request(held, target, hops + 1)
            return
        if not addresses.owns(target):
            self._became(held, "failed", "redirect-elsewhere")
            return
        if look := self.session.outcomes.looks.get(held.id):
            look.to = target
        is_home = urlsplit(target).path.strip("/") in {"", "ar", "home"}
        self._became(held, "vanished", "redirect-home" if is_home else "redirect-away")

    def _read(self, response: Response, held: Held) -> Iterator[Article]:
        page = page_of(response, response.meta["announcement"], with_body=True)
        try:
            article = read(page, reading=self._spider.reading, addresses=self._spider.addresses)
        except Unreadable as error:
            self._became(held, "unreadable", error.reason)
            return
        article.warc = response.meta["warc"]
        yield article

    def _became(self, held: Held, outcome: str, reason: str | None = None) -> None:
        self._count(outcome)
        self.session.outcomes.became(held.id, outcome, reason)

    @property
    def _spider(self) -> OutletSpider:
        return self.crawler.spider  # type: ignore[return-value]

    def _count(self, name: str, count: int = 1) -> None:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(f"relook/{name}", count)
