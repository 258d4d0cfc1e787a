"""Asking a source again only for what has changed: with the validators of its published answer, so that it may say 304.

    read whole in a crawl that ended well ──▶ <spool>.<outlet>.sources    url → validators, first day asked for
    asked again: the same validators are published, no earlier day is asked for ──▶ If-None-Match, If-Modified-Since
    304 ──▶ revisit record, nothing else: what the source announces was fetched

A 304 may only mean "nothing new" where nothing was left behind. So a source is asked in full unless its last answer led to no
further questions (an index of sitemaps, a listing with a next page), no article that it announced failed, and its crawl ended
by itself, without a limit that was reached and without an error. The file is a cache: without it everything is asked in full.

Where an index says when a sitemap changed last, and says what it said when that was read whole, the sitemap is not asked at all:
it cannot have changed (`Untouched`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import signals
from scrapy.exceptions import IgnoreRequest, NotConfigured

from archive.files import read_cached, write_whole
from pipelines.store import session_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from archive.catalog import Catalog
    from crawlers.sources import Window

NOT_MODIFIED = 304
HEADERS = {"If-None-Match": "etag", "If-Modified-Since": "last_modified"}


class Untouched(IgnoreRequest):
    """A source that cannot have changed since it was read whole."""

    reason: ClassVar[str] = "untouched"


class ConditionalMiddleware:
    """Puts the validators into the requests for sources.

    Args:
        crawler: the crawl; its spider says in ``read_whole`` which sources it has done with.
        catalog: knows the validators of published answers.
        path: the file with the sources that were done with.
        window: the days asked for.
    """

    def __init__(self, crawler: Crawler, catalog: Catalog, path: Path, window: Window) -> None:
        self.crawler = crawler
        self.catalog = catalog
        self.path = path
        self.window = window
        self.known: dict[str, dict[str, Any]] = read_cached(path)
        self.unchanged: set[str] = set()
        self.was_asked = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take catalog and place of the file from the session with the archive, the days from the spider's arguments."""
        session = session_of(crawler)
        arguments = getattr(crawler.spider, "arguments", None)
        if arguments is None:
            raise NotConfigured
        path = session.spool.with_name(f"{session.spool.name}.{session.outlet}.sources")
        middleware = cls(crawler, session.catalog, path, arguments.window)
        crawler.signals.connect(middleware.spider_closed, signal=signals.spider_closed)
        return middleware

    def process_request(self, request: Request) -> None:
        """Make the request conditional where a 304 would mean that there is nothing new.

        Raises:
            Untouched: the index that named it says that it has not changed.
        """
        if "source" not in request.cb_kwargs:
            return
        self.was_asked = True
        if self._is_untouched(request):
            self.unchanged.add(request.url)
            raise Untouched(request.url)
        for header in HEADERS:  # a redirect brings those of another URL along
            request.headers.pop(header, None)
        for header, value in self._conditions(request.url).items():
            request.headers[header] = value
            request.meta["handle_httpstatus_list"] = [NOT_MODIFIED]

    def process_response(self, request: Request, response: Response) -> Response:
        """Remember which sources are unchanged."""
        if "source" in request.cb_kwargs and response.status == NOT_MODIFIED:
            self.unchanged.add(request.url)
        return response

    def spider_closed(self, reason: str) -> None:
        """Note the sources that need not be read again until they change."""
        if not self.was_asked:
            return
        done = {url: self.known[url] for url in self.unchanged if url in self.known}
        if reason == "finished" and self._left_nothing():
            read: Mapping[str, dict[str, str | None]] = self.crawler.spider.read_whole  # type: ignore[union-attr]
            done |= {url: {**validators, "since": self.window.since.isoformat()} for url, validators in read.items()}
        write_whole(self.path, done, sync_name=False)

    def _is_untouched(self, request: Request) -> bool:
        known, stamp = self._known(request.url), str(request.meta.get("stamp") or "")
        is_same = (
            known is not None and "T" in stamp and known.get("stamp") == stamp
        )  # a bare date hides a day's changes
        return is_same and bool(self._conditions(request.url))

    def _known(self, url: str) -> dict[str, Any] | None:
        """Return what is known of an answer that was read whole, and of days no later than those asked for now."""
        known = self.known.get(url)
        return None if known is None or date.fromisoformat(known["since"]) > self.window.since else known

    def _conditions(self, url: str) -> dict[str, str]:
        """Return the headers that ask for changes since the answer that was read; none to ask in full."""
        known, published = self._known(url), self.catalog.validators(url)
        if known is None or published is None:
            return {}
        if (known["etag"], known["last_modified"]) != (published.etag, published.last_modified):
            return {}
        return {header: known[name] for header, name in HEADERS.items() if known[name]}

    def _left_nothing(self) -> bool:
        """Say whether the crawl went on to the present and took all that it was told of."""
        stats = self.crawler.stats
        assert stats is not None
        to_the_present = self.window.until >= datetime.now(UTC).date()
        return to_the_present and not stats.get_value("choice/over-limit") and not stats.get_value("log_count/ERROR")


def read_state(response: Response) -> dict[str, str | None]:
    """Return what an answer is known by: ``etag`` and ``last_modified`` as sent, ``stamp`` as an index said; else None."""
    sent = {
        name: response.headers.get(header) for name, header in (("etag", "ETag"), ("last_modified", "Last-Modified"))
    }
    stated = {name: value.decode("latin-1") if value else None for name, value in sent.items()}
    return {**stated, "stamp": response.meta.get("stamp")}
