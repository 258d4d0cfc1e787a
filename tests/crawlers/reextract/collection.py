"""An archive of golden pages, whose lines yesterday's extraction wrote: one that knew less than today's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from archive.catalog import Catalog
from archive.manifests.publisher import Publisher
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from archive.warc.message import Exchange
from crawlers.addresses import Announcement, write_announcement
from crawlers.extraction import ExtractionError, Page
from crawlers.extraction.article import read_and_judge
from tests.archive.samples import START, clock
from tests.outlets.cases import all_cases, spider_of

OUTLET = "aljazeera"


def cases(outlet=OUTLET):
    return [case for case in all_cases() if case.outlet == outlet and case.body]


def exchange_of(case, found: Page) -> Exchange:
    kind = case.record.get("content_type") or "text/html; charset=utf-8"
    said = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(case.body)}\r\n\r\n"
    return Exchange(
        url=found.url,
        started=found.captured,
        duration_ms=1,
        request=f"GET / HTTP/1.1\r\nHost: {found.url.split('/')[2]}\r\n\r\n".encode(),
        head=said.encode(),
        body=case.body,
        metadata={"announcement": write_announcement(found.announcement)},
    )


def page_of(case) -> Page:
    """Return the page as a crawl has it: announced, if only by an argument."""
    found = case.page()
    if found.announcement is None:
        found = replace(found, announcement=Announcement(kind="argument", source=found.url, url=found.url))
    return replace(
        found, captured=START, content_type=case.record.get("content_type") or "text/html; charset=utf-8", status=200
    )


def fill(uri, folder, *, older=True, skip=(), outlet=OUTLET, crawl="c1", original=None, day=0, part=slice(None)):
    """Publish an outlet's golden pages, or a ``part`` of them, captured a ``day`` later; ``skip`` names the cases of which no line is written."""
    later = timedelta(days=day)
    spider = spider_of(outlet)
    reading = replace(spider.reading, number=0, credit=()) if older else spider.reading
    writer = SegmentWriter(
        folder / "spool",
        collection="warraq",
        outlet=outlet,
        crawl=crawl,
        warcinfo={},
        clock=lambda: clock() + later,
        max_bytes=12_000,
    )
    for case in cases(outlet)[part]:
        found = replace(page_of(case), captured=START + later)
        pointer = writer.write_exchange(exchange_of(case, found), original and original(case))
        try:
            article = read_and_judge(found, reading=reading, addresses=spider.addresses)
        except ExtractionError:
            continue
        if case.name not in skip:
            article.warc, article.crawl, article.version = pointer, crawl, 2 if original else 1
            writer.write_article(article)
    writer.close()
    publisher = Publisher(open_store(uri), folder / "spool", Catalog(folder / "catalog"))
    assert not publisher.publish_sealed().waiting
