"""The figures of the newest crawls for Prometheus: a text file after each crawl, an endpoint in `scrapy schedule`.

report (+ when the last good crawl was) ──▶ figures() ──▶ METRICS_DIR/warraq_<outlet>.prom   for node_exporter's textfile collector
                                                     └──▶ http://127.0.0.1:METRICS_PORT/metrics

`deploy/prometheus/alerts.yml` and `deploy/grafana/warraq.json` use these names; a test holds them together.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, write_to_textfile
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from crawlers.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from prometheus_client.core import Metric

Report = dict[str, Any]

PLAIN = {
    "warraq_crawl_finished_timestamp_seconds": "when the newest crawl ended",
    "warraq_crawl_good_timestamp_seconds": "when the newest good crawl ended (exit code 0)",
    "warraq_crawl_exit_code": "how the newest crawl ended, see docs/operations.md",
    "warraq_crawl_duration_seconds": "how long the newest crawl took",
    "warraq_crawl_received_bytes": "bytes that the newest crawl received",
    "warraq_crawl_unpublished_segments": "segments that wait in the spool",
    "warraq_article_newest_timestamp_seconds": "when the newest article of the newest good crawl with news was published",
    "warraq_article_lag_seconds": "median time from published to captured in the newest crawl",
}
LABELLED = {
    "warraq_crawl_pages": ("pages of the newest crawl by outcome", "outcome"),
    "warraq_crawl_field_ratio": ("articles of the newest crawl in which a field has something", "field"),
    "warraq_crawl_drift_alarm": ("1: the newest crawl was warned, 2: it failed by this alarm", "alarm"),
}


class Newest(Collector):
    """The figures of the newest crawl of each outlet.

    Args:
        reports: gives each outlet's reports, oldest first.
    """

    def __init__(self, reports: Callable[[], Mapping[str, Sequence[Report]]]) -> None:
        self.reports = reports

    def collect(self) -> Iterator[Metric]:
        """Yield the figures; Prometheus asks."""
        return figures(self.reports())


def figures(reports: Mapping[str, Sequence[Report]]) -> Iterator[Metric]:
    """Yield the metrics of all outlets that have a report."""
    plain = {name: GaugeMetricFamily(name, said, labels=["outlet"]) for name, said in PLAIN.items()}
    labelled = {name: GaugeMetricFamily(name, s, labels=["outlet", label]) for name, (s, label) in LABELLED.items()}
    for outlet, found in reports.items():
        if not found:
            continue
        for name, value in _plain(found):
            if value is not None:
                plain[name].add_metric([outlet], value)
        for name, label, value in _labelled(found[-1]):
            labelled[name].add_metric([outlet, label], value)
    yield from plain.values()
    yield from labelled.values()


def write_metrics(folder: Path, outlet: str, reports: Sequence[Report]) -> None:
    """Write an outlet's text file, whole or not at all. Raises ``OSError``."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Newest(lambda: {outlet: reports}))
    folder.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(folder / f"warraq_{outlet}.prom"), registry)


def _plain(reports: Sequence[Report]) -> Iterator[tuple[str, float | None]]:
    newest, quality = reports[-1], reports[-1].get("quality", {})
    good = [report for report in reports if report.get("exit_code") == ExitCode.PUBLISHED]
    told = [report["quality"]["newest"] for report in good if report.get("quality", {}).get("newest")]
    lag = quality.get("lag", {}).get("median")
    values = (
        _seconds(newest["finished"]),
        _seconds(good[-1]["finished"]) if good else None,
        float(newest.get("exit_code", ExitCode.FAILED)),
        newest.get("seconds"),
        newest.get("bytes"),
        newest.get("segments_unpublished"),
        _seconds(max(told)) if told else None,
        None if lag is None else lag * 60,
    )
    return zip(PLAIN, values, strict=True)


def _labelled(report: Report) -> Iterable[tuple[str, str, float]]:
    for outcome, count in report.get("pages", {}).get("outcomes", {}).items():
        yield "warraq_crawl_pages", outcome, count
    quality = report.get("quality", {})
    if articles := quality.get("articles"):
        for name, count in quality["fill"].items():
            yield "warraq_crawl_field_ratio", name, count / articles
    for alarm in report.get("drift", {}).get("alarms", ()):
        yield "warraq_crawl_drift_alarm", alarm["name"], 2 if alarm["grave"] else 1


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
