"""Another look at articles that the archive holds: conditional, told of in events, a changed text on its way to a new version.

    catalog ─▶ ages.Schedule ─▶ request with If-None-Match ─┬─ 304                          unchanged (a revisit record)
                                                              ├─ 404, 410, redirect home      vanished, or missing
                                                              ├─ redirect elsewhere           asked there: moved, vanished, missing
                                                              └─ 200 ─▶ read ─▶ pipelines     unchanged, or the next version

That an article has vanished is told where two witnesses say so: the status, the words of the page, a redirect, the front page in
its place. One alone may be an outage; the article is ``missing`` then, and asked for again on another day.

A redirect to the home page costs no second request. One to another article's address of the outlet is ``moved``; where headline, text,
time or most words are those that the archive holds, what stands there is the article's next version, under the id of its first address.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy.exceptions import NotConfigured

from archive.article import format_time
from archive.catalog.tables import recheck_candidates
from crawlers.addresses import Announcement
from crawlers.extraction import ExtractionError, read
from crawlers.extraction.html import Document, to_utf8
from crawlers.extraction.page_checks import Empty, NoHeadline, NotAnArticle, is_home, says_not_found
from crawlers.extraction.page_context import page_of
from crawlers.frontier.conditional import HEADERS, NOT_MODIFIED
from crawlers.frontier.pages import Schedule, read_ages
from crawlers.monitoring.outcomes import GONE as GONE_PAGES
from crawlers.monitoring.outcomes import Recheck, recorded_session_of
from crawlers.outlet import RedirectLoop, reason_of, via
from crawlers.politeness.breaker import WALLS, wall_read
from crawlers.politeness.robots import RefusedByRobots
from crawlers.session.shutdown import CrawlStopped
from crawlers.sources.base import absolute
from pipelines.versions import MOVED, is_same

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from archive.article import Article
    from archive.catalog.tables import RecheckCandidate
    from crawlers.monitoring.outcomes import RecordedSession
    from crawlers.outlet import OutletSpider

NOT_FOUND, GONE = 404, 410
REDIRECTS = (301, 302, 303, 307, 308)
_NO_ARTICLE = frozenset({*GONE_PAGES, NotAnArticle.reason, Empty.reason, NoHeadline.reason})
PRIORITY = -10  # after everything that is new


class RecheckSpiderMiddleware:
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
            raise NotConfigured
        if arguments is None or arguments.urls or arguments.is_past or arguments.limit:
            raise NotConfigured
        return cls(crawler, session, schedule, budget)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Pass on the crawl's own start, then the looks."""
        async for entry in start:
            yield entry
        now = datetime.now(UTC)
        outlet = self.session.outlet
        since = now - 2 * self.schedule.ages[-1] - timedelta(days=1)
        chosen, waiting = self.schedule.choose(
            recheck_candidates(self.session.catalog, outlet, since), now, self.budget
        )
        self._count("over-budget", waiting)
        for candidate in chosen:
            missed = candidate.looked if candidate.is_missed else None
            self.session.outcomes.recheck_begun(
                candidate.id, Recheck(candidate.url, gone=candidate.gone, missed=missed)
            )
            self._count("asked")
            yield self._request(candidate, candidate.url)

    def looked(self, response: Response, candidate: RecheckCandidate, hops: int) -> Iterator[Request | Article]:
        """Say what the page has become."""
        if recheck := self.session.outcomes.rechecks.get(candidate.id):
            recheck.warc = response.meta.get("warc")
        if response.status == NOT_MODIFIED:
            self._became(candidate, "unchanged")
        elif response.status in {NOT_FOUND, GONE}:
            witnesses = 1 + bool(hops) + _says_not_found(response)
            self._became(candidate, "vanished", str(response.status), witnesses=witnesses)
        elif response.status in REDIRECTS:
            yield from self._redirected(response, candidate, hops)
        else:
            yield from self._read(response, candidate, hops)

    def failed(self, failure: Failure) -> None:
        """Count a look that came to nothing; it is not tried again before the next age."""
        error = failure.value
        if isinstance(error, CrawlStopped):
            return
        candidate: RecheckCandidate = failure.request.cb_kwargs["candidate"]  # type: ignore[attr-defined]
        self._became(candidate, "refused" if isinstance(error, RefusedByRobots) else "failed", reason_of(error))

    def _request(self, candidate: RecheckCandidate, url: str, hops: int = 0) -> Request:
        known = self.session.catalog.validators(url) if candidate.is_as_captured and not hops else None
        headers = {header: value for header, name in HEADERS.items() if known and (value := getattr(known, name))}
        announcement = Announcement(kind="argument", source=url, url=url, published=format_time(candidate.published))
        return Request(
            url,
            headers=headers,
            callback=self.looked,
            errback=self.failed,
            cb_kwargs={"candidate": candidate, "hops": hops},
            priority=PRIORITY,
            dont_filter=bool(hops),  # the address may be asked for as an article's own
            meta={
                "via": via(announcement) | {"kind": "relook"},
                "article_id": candidate.id,
                "announcement": announcement,
                "handle_httpstatus_list": [NOT_MODIFIED, NOT_FOUND, GONE, *REDIRECTS],
            },
        )

    def _redirected(self, response: Response, candidate: RecheckCandidate, hops: int) -> Iterator[Request]:
        """Follow to where the article may be now; the home page in its place means that it is gone."""
        target = absolute(response.url, (response.headers.get("Location") or b"").decode("utf-8", "replace"))
        if target is None or not self._spider.addresses.owns(target):
            self._became(candidate, "failed", "redirect-elsewhere")
            return
        if recheck := self.session.outcomes.rechecks.get(candidate.id):
            recheck.to = target
        if is_home(target):
            self._became(candidate, "vanished", "redirect-home", witnesses=2)
        elif hops < self.crawler.settings.getint("REDIRECT_MAX_TIMES"):
            yield self._request(candidate, target, hops + 1)
        else:
            self._became(candidate, "failed", RedirectLoop.reason)

    def _read(self, response: Response, candidate: RecheckCandidate, hops: int) -> Iterator[Article]:
        page = page_of(response, response.meta["announcement"], with_body=True)
        try:
            article = read(page, reading=self._spider.reading, addresses=self._spider.addresses)
        except ExtractionError as error:
            self._unreadable(response, candidate, hops, error.reason)
            return
        except Exception as error:  # noqa: BLE001  a page that breaks the reading is a counted one
            self._became(candidate, "failed", self._spider.faults.tell(error, f"{response.url} could not be read"))
            return
        identity = self.session.identity(article.id, article.canonical_url)
        known = self.session.catalog.seen(candidate.id)
        if identity == candidate.id and hops and known is not None and known.canonical_url != article.canonical_url:
            self._became(candidate, MOVED)  # the page states the number of the article that is held
        if identity != candidate.id:
            self._became(candidate, MOVED)
            held = self.session.newest(candidate.id)
            if identity != article.id or self.session.seen(identity) or held is None or not is_same(article, held):
                return  # what stands there has an id of its own
        if article.id != candidate.id:
            article.id = candidate.id
            if known is None or known.canonical_url != article.canonical_url:
                article.flags.append(MOVED)
        article.warc = response.meta.get("warc")
        yield article

    def _unreadable(self, response: Response, candidate: RecheckCandidate, hops: int, reason: str) -> None:
        if reason in WALLS:
            self.crawler.signals.send_catch_log(wall_read, response=response, reason=reason)
        if hops and reason in _NO_ARTICLE:
            self._became(candidate, "vanished", "redirect-away", witnesses=2)
        else:
            self._became(candidate, "unreadable", reason)

    def _became(
        self, candidate: RecheckCandidate, outcome: str, reason: str | None = None, *, witnesses: int = 1
    ) -> None:
        self._count(self.session.outcomes.became(candidate.id, outcome, reason, witnesses=witnesses))

    @property
    def _spider(self) -> OutletSpider:
        return self.crawler.spider  # type: ignore[return-value]

    def _count(self, name: str, count: int = 1) -> None:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(f"relook/{name}", count)


def _says_not_found(response: Response) -> bool:
    return says_not_found(Document(to_utf8(response.body, None)))
