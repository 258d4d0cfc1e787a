"""The end of a crawl: drift is judged, pages that show it are kept as cases, and metrics and webhook are told."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from archive.article import format_time
from archive.files import read_cached
from archive.manifests.manifest import dates_in, outlets_in, reports_in
from archive.reader.archive import Archive
from archive.store import StoreError
from archive.warc.capture import CaptureFault
from crawlers.extraction import ExtractionError, Page
from crawlers.extraction.article import read_and_judge
from crawlers.monitoring.drift import Limits, judge_drift
from crawlers.monitoring.metrics import Notifier, event, event_of, write_metrics
from crawlers.monitoring.stats import Sample, fallen_silent, robots_changes
from crawlers.reextract import page_in, spider_of
from pipelines.validation import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from scrapy.settings import BaseSettings

    from archive.article import Article
    from archive.store import Store
    from crawlers.configuration import Destination

# ---------------------------------------------------------------------------------------------------------------------
# A page as a golden case: `tests/outlets/<outlet>/<case>.html` and its `.json`, the expectation to be corrected by
# hand.
# Page ──▶ draft_of() ──▶ what is read today ──▶ save_case()

OF_THE_PAGE = ("kind", "headline", "standfirst", "text", "section", "tags", "byline", "credit", "agencies", "dateline")
OF_THE_CAPTURE = ("images", "language", "published", "modified", "published_raw", "origin_url", "flags")


def draft_of(page: Page, spider: Any) -> tuple[dict[str, Any], str | None]:
    """Return what is read of a page today, and None; or nothing, which fails until it is written by hand, and the reason."""
    try:
        article = read_and_judge(page, reading=spider.reading, addresses=spider.addresses)
    except (ExtractionError, Invalid) as error:
        return {}, error.reason
    line = line_of(article)
    return {name: line[name] for name in (*OF_THE_PAGE, *OF_THE_CAPTURE)}, None


def line_of(article: Article) -> dict[str, Any]:
    """Return an article's line as a page alone gives it: where its pictures were captured is the crawl's to say."""
    line: dict[str, Any] = json.loads(article.to_line())
    for image in line["images"]:
        del image["warc"]
    return line


def save_case(path: Path, page: Page, expect: dict[str, Any], **extra: Any) -> None:
    """Write a golden case: the page byte for byte, and its JSON, with what else is said of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if page.body:
        path.with_suffix(".html").write_bytes(page.body)
    record: dict[str, Any] = {
        "url": page.url,
        "captured": format_time(page.captured),
        "content_type": page.content_type,
        **extra,
        "expect": expect,
    }
    if page.announcement:
        record["announcement"] = {name: value for name, value in asdict(page.announcement).items() if value}
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


# --- What a crawl leaves for those who watch it, and what they make of it --------------------------------------------
#     while it runs   outcomes.py  each page in one outcome        traffic.py   requests, bytes, seconds of each host
#                     quality.py   how the pages were read         channels.py  what each channel announced, how much was new
#     afterwards      each of them a section of the report (`ReportSection`)
#
# An extension that has something to tell is a `ReportSection`: the report takes it in under its name, and nobody else knows of it.


@runtime_checkable
class ReportSection(Protocol):
    """An extension with a part of the crawl's report."""

    section: str
    """Its name in the report."""

    def report_section(self) -> Mapping[str, Any]:
        """Return the part, as JSON can hold it; asked once, when the crawl is over and its papers are written."""


def report_sections(extensions: Iterable[object]) -> dict[str, Mapping[str, Any]]:
    """Return what a crawl's extensions have to tell, by name."""
    return {
        extension.section: extension.report_section()
        for extension in extensions
        if isinstance(extension, ReportSection)
    }


# --- After the last page: is the outlet still what it was, and who has to know? --------------------------------------
# report ──▶ judge: drift against earlier reports, from the bucket ──▶ exit code
#        ──▶ keep_cases: pages that raised an alarm ──▶ cases/<outlet>/      (ready for tests/outlets)
#        ──▶ notify: METRICS_DIR, WEBHOOK_URL
#
# Nothing here may break a crawl: what fails is a warning in the log.

logger = logging.getLogger(__name__)


class PostCrawlChecks:
    """Looks back on a crawl.

    Args:
        destination: the archive.
        limits: what is tolerated.
        cases: the folder for pages that raised an alarm.
        metrics: the folder for figures, None without one.
        webhook: whom to tell, None for nobody.
    """

    def __init__(
        self, destination: Destination, limits: Limits, cases: Path, metrics: Path | None, webhook: Notifier | None
    ) -> None:
        self.destination, self.limits, self.cases = destination, limits, cases
        self.metrics, self.webhook = metrics, webhook
        self.history = History(destination.store, destination.spool, limits.days)

    @classmethod
    def from_settings(cls, settings: BaseSettings, destination: Destination) -> PostCrawlChecks:
        """Read the settings that begin with DRIFT_, METRICS_DIR, WEBHOOK_URL."""
        cases = Path(settings["DRIFT_CASES"] or Path(settings["SPOOL_DIR"]) / "cases")
        metrics = Path(settings["METRICS_DIR"]) if settings["METRICS_DIR"] else None
        return cls(destination, Limits.from_settings(settings), cases, metrics, Notifier.from_settings(settings))

    def earlier(self, outlet: str) -> list[dict[str, Any]] | None:
        """Return the outlet's earlier reports, oldest first; None where the archive does not answer."""
        try:
            return self.history.reports(outlet)
        except StoreError as error:
            logger.warning("drift is not judged, earlier reports cannot be read: %s", error)
            return None

    def judge(self, report: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
        """Return the report's section ``drift``; ``unknown`` where earlier reports cannot be read."""
        if earlier is None:
            return {"verdict": "unknown", "crawls": 0, "sample": 0, "alarms": []}
        measure = [other for other in earlier if other["started"] >= self.limits.since]
        drift = judge_drift(report, measure, self.limits)
        for alarm in drift["alarms"]:
            logger.log(logging.ERROR if alarm["grave"] else logging.WARNING, "drift: %s", alarm_sentence(alarm))
        return drift

    def unusual(self, report: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Yield a sentence for each thing that only a look at earlier crawls shows to be out of the ordinary."""
        yield from robots_changes(report, earlier)
        usual = [other for other in earlier if other.get("regular")]
        if report.get("regular") and (silent := fallen_silent(report, usual, self.limits.crawls)):
            more = f" and {len(silent) - 1} more" if len(silent) > 1 else ""
            yield f"sources that usually announce and announced nothing: {silent[0]}{more}"

    def keep_cases(self, report: Mapping[str, Any], samples: Mapping[str, Sequence[Sample]]) -> list[Path]:
        """Write the pages that show the alarms' symptoms as golden cases; return their JSON files."""
        written: list[Path] = []
        for alarm in report["drift"]["alarms"]:
            for number, sample in enumerate(samples.get(alarm["name"], ()), 1):
                name = f"{report['started'][:10]}-{alarm['name'].replace(' ', '-').lower()}-{number}"
                written += self._keep(self.cases / report["outlet"] / f"{name}.json", report["outlet"], sample, alarm)
        if written:
            logger.warning("%d pages that raised an alarm are kept as cases in %s", len(written), written[0].parent)
        return written

    def notify(self, report: dict[str, Any], summary: str) -> None:
        """Write the figures and call the webhook. Nothing is raised: the crawl is over, and its report is published."""
        outlet = report["outlet"]
        try:
            earlier = [other for other in self.history.reports(outlet) if other["crawl"] != report["crawl"]]
        except StoreError as error:
            logger.warning("earlier reports cannot be read: %s", error)
            earlier = []
        try:
            if self.metrics:
                write_metrics(self.metrics, outlet, [*earlier, report])
        except OSError as error:
            logger.warning("METRICS_DIR: %s cannot be written (%s)", self.metrics, error.strerror)
        kind = event_of(report["exit_code"], (other.get("exit_code", 0) for other in reversed(earlier)))
        if self.webhook and kind:
            alarms = [alarm_sentence(alarm) for alarm in report["drift"]["alarms"]]
            self.webhook.post(event(kind, outlet, report["exit_code"], summary, crawl=report["crawl"], alarms=alarms))

    def _keep(self, path: Path, outlet: str, sample: Sample, alarm: Mapping[str, Any]) -> Iterator[Path]:
        try:
            capture = Archive(self.destination.store).capture_at(outlet, sample.record)
            page = page_in(capture, sample.announcement)
            draft, reason = draft_of(page, spider_of(capture.url, sample.announcement))
            save_case(path, page, draft, alarm=alarm["name"], unreadable=reason)
        except (StoreError, CaptureFault, OSError) as error:
            logger.warning("a page that raised an alarm could not be kept: %s", error)
            return
        yield path


def alarm_sentence(alarm: Mapping[str, Any]) -> str:
    """Say an alarm in words."""
    more = f"; it explains {', '.join(alarm['explains'])}" if alarm["explains"] else ""
    often = f", {alarm['standing']} crawls in a row" if alarm["standing"] > 1 else ""
    if alarm["name"] == "rhythm":
        return f"{alarm['now']} articles in {alarm['sample']} hours where {alarm['was']} are usual{often}{more}"
    return f"{alarm['name']} was {alarm['was']:g} and is {alarm['now']:g} ({alarm['sample']} pages){often}{more}"


# --- The reports of earlier crawls: read from the bucket once, then from a file beside the spool ----------------------
#     reports/outlet=<o>/date=…/*.json ──▶ what later crawls ask of them ──▶ <spool>.<outlet>.history (a cache; may be deleted)
#
# A report is immutable, so a key that was read is never read again. An outlet that is polled every ten minutes has two thousand
# reports in a fortnight; asking the bucket for each of them after each crawl would cost more than the crawl.

Report = dict[str, Any]
KEPT = (
    "outlet",
    "crawl",
    "started",
    "finished",
    "finish_reason",
    "exit_code",
    "regular",
    "pages",
    "channels",
    "robots",
    "quality",
    "drift",
    "bytes",
    "seconds",
    "segments_unpublished",
    "unusual",
    "coverage",
)


class History:
    """An archive's reports of the last days.

    Args:
        store: the archive.
        spool: the spool's folder; the caches stand beside it.
        days: how far back.
        today: gives the day (UTC).
    """

    def __init__(
        self, store: Store, spool: Path, days: int, today: Callable[[], date] = lambda: datetime.now(UTC).date()
    ) -> None:
        self.store, self.spool, self.days, self.today = store, spool, days, today

    def outlets(self) -> list[str]:
        """Return the outlets that have reports."""
        return outlets_in(self.store, "reports")

    def reports(self, outlet: str) -> list[Report]:
        """Return an outlet's reports, oldest first, with the fields of `KEPT`.

        Raises:
            StoreError: the archive does not answer.
        """
        cache = self.spool.with_name(f"{self.spool.name}.{outlet}.history")
        known = read_cached(cache)
        read = ((key, known[key] if key in known else self._read(key)) for key in self._keys(outlet))
        by_key = {key: report for key, report in read if report is not None}
        if by_key.keys() != known.keys():
            _write(cache, by_key)
        # Crawls begin in whole seconds; of two of one second the one that ended first was first.
        return sorted(by_key.values(), key=lambda report: (report["started"], str(report.get("finished", ""))))

    def _keys(self, outlet: str) -> Iterator[str]:
        first = str(self.today() - timedelta(days=self.days))
        for day in dates_in(self.store, outlet, "reports"):
            if day >= first:
                yield from reports_in(self.store, outlet, day)

    def _read(self, key: str) -> Report | None:
        try:
            report = json.loads(self.store.read(key))
            datetime.fromisoformat(report["started"])
        except (ValueError, TypeError, KeyError):
            logger.warning("%s is no report of a crawl; it is left out", key)
            return None
        return {name: report[name] for name in KEPT if name in report}


def _write(path: Path, reports: dict[str, Report]) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")  # a crawl and `scrapy status` may write at once
    path.parent.mkdir(parents=True, exist_ok=True)
    part.write_text(json.dumps(reports, ensure_ascii=False), encoding="utf-8")
    part.replace(path)
