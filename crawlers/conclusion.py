"""The report of a crawl that is over: its stats, its extensions' chapters, its drift; and the cases that the drift leaves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crawlers.monitoring.report import build_report
from crawlers.watching import chapters_of
from crawlers.watching.symptoms import Symptoms

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawlers.watching.watch import Watch


def report_of(crawler: Crawler, crawl: str, started: datetime, *, reason: str, unpublished: int) -> dict[str, Any]:
    """Return a crawl's report as far as the crawl itself knows it.

    Args:
        crawler: the crawl.
        crawl: its id.
        started: when it began.
        reason: why it ended, as Scrapy names it.
        unpublished: segments that wait in the spool.
    """
    assert crawler.stats is not None
    return build_report(
        crawler.stats.get_stats(),
        outlet=crawler.spidercls.name,
        crawl=crawl,
        started=started,
        finished=datetime.now(UTC),
        finish_reason=reason,
        unpublished=unpublished,
        chapters=chapters_of(crawler.extensions.middlewares) if crawler.extensions else {},
        regular=is_regular(crawler.spider),
    )


def look_back(crawler: Crawler, watch: Watch, report: dict[str, Any]) -> None:
    """Judge the drift into the report and keep the pages that raised an alarm; reads the store, so it belongs into a thread."""
    earlier = watch.earlier(report["outlet"])
    report["drift"] = watch.judge(report, earlier)
    report["unusual"] += watch.unusual(report, earlier or ())
    symptoms = crawler.get_extension(Symptoms)
    report["cases"] = [path.name for path in watch.keep_cases(report, symptoms.samples if symptoms else {})]


def is_regular(spider: Any) -> bool:
    """Say whether a crawl was of what is announced now; other days and pages may well look different."""
    arguments = getattr(spider, "arguments", None)
    return arguments is not None and not (arguments.bounded or arguments.urls)
