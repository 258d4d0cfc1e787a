"""Figures and alarms for machines: Prometheus text files, and a webhook when an outlet's crawls begin to fail or are good again."""

from __future__ import annotations

import json
import logging
import time
import urllib.error
import urllib.request
from datetime import datetime
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive import extra_missing
from archive.text import keep_secret
from crawlers.configuration import ConfigurationError
from crawlers.signals import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from prometheus_client.core import Metric
    from scrapy.settings import BaseSettings

# ---------------------------------------------------------------------------------------------------------------------
# The figures of the newest crawls for Prometheus: a text file after each crawl, an endpoint in `scrapy schedule`.
# report (+ when the last good crawl was) ──▶ figures() ──▶ METRICS_DIR/warraq_<outlet>.prom   for node_exporter's textfile collector
#                                                      └──▶ http://127.0.0.1:METRICS_PORT/metrics
#
# `deploy/prometheus/alerts.yml` and `deploy/grafana/warraq.json` use these names; a test holds them together.

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


class Newest:
    """The figures of the newest crawl of each outlet, as a collector of Prometheus' library, which asks for no base class.

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
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415  imported when it is needed: a list of spiders needs none

    plain = {name: GaugeMetricFamily(name, description, labels=["outlet"]) for name, description in PLAIN.items()}
    labelled = {name: GaugeMetricFamily(name, s, labels=["outlet", label]) for name, (s, label) in LABELLED.items()}
    for outlet, report in reports.items():
        if not report:
            continue
        for name, value in _plain(report):
            if value is not None:
                plain[name].add_metric([outlet], value)
        for name, label, value in _labelled(report[-1]):
            labelled[name].add_metric([outlet, label], value)
    yield from plain.values()
    yield from labelled.values()


def write_metrics(folder: Path, outlet: str, reports: Sequence[Report]) -> None:
    """Write an outlet's text file, whole or not at all. Raises ``OSError``."""
    from prometheus_client import CollectorRegistry, write_to_textfile  # noqa: PLC0415  imported when it is needed: a list of spiders needs none

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


# --- Telling somebody when an outlet's crawls begin to fail, fail otherwise, and are good again ------------------------
# exit code before, exit code now ──▶ event_of() ──▶ failed | recovered | None ──▶ POST WEBHOOK_URL; NOTIFY_URLS, by apprise
#
# The body has a ``text`` that Slack, Mattermost and their kin show, beside fields for machines. The URL is a secret: neither it nor
# what the other side answers comes into a log. Nothing that goes wrong here stops a crawl.

logger = logging.getLogger(__name__)

TIMES = 4
FIRST_PAUSE = 1.0  # seconds; then twice that, and so on
TIMEOUT = 10.0  # seconds
TELL_NOTHING = {ExitCode.BUSY, ExitCode.STOPPED}
"""Neither good nor bad: somebody else crawls, somebody stopped the crawl."""


class Webhook:
    """Posts events.

    Args:
        url: where to.
        pause: waits so many seconds between two attempts.
    """

    def __init__(self, url: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._url = url
        self._pause = pause

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Webhook | None:
        """Read WEBHOOK_URL; None without one.

        Raises:
            ConfigurationError: it is no web address; the sentence does not repeat it.
        """
        url = str(settings["WEBHOOK_URL"] or "")
        if not url:
            return None
        try:
            parts = urlsplit(url)
            is_right = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            is_right = False
        if not is_right:
            raise ConfigurationError("WEBHOOK_URL is no address that begins with https:// or http://")
        return cls(url)

    def post(self, event: Mapping[str, Any]) -> bool:
        """Post an event, again after a pause where that fails; say whether it arrived."""
        body = json.dumps(event, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Warraq/0.2"}
        reason = ""
        for attempt in range(TIMES):
            if attempt:
                self._pause(FIRST_PAUSE * 2 ** (attempt - 1))
            request = urllib.request.Request(self._url, body, headers)  # noqa: S310  the scheme was checked
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT):  # noqa: S310  the scheme was checked
                    return True
            except urllib.error.HTTPError as error:
                reason = f"status {error.code}"
                error.close()
            except (OSError, HTTPException) as error:
                reason = type(error).__name__
        logger.warning("the webhook did not take the news of %s (%s)", event.get("outlet"), reason)
        return False


class Apprise:
    """Sends an event's sentence by mail, to Slack, Telegram, Matrix …, as the library apprise does.

    Args:
        urls: of services, as apprise writes them.
    """

    def __init__(self, urls: Sequence[str]) -> None:
        from apprise import Apprise as Services  # noqa: PLC0415  an extra

        keep_secret(*urls)
        for name in ("apprise", "urllib3"):  # at DEBUG they tell addresses in other forms, tokens and all
            logging.getLogger(name).setLevel(logging.INFO)
        self._services = Services()
        for place, url in enumerate(urls, 1):
            if not self._services.add(url):
                raise ConfigurationError(f"NOTIFY_URLS: number {place} is no address of a service that apprise knows")

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Apprise | None:
        """Read NOTIFY_URLS; None without one.

        Raises:
            ConfigurationError: one is none, or apprise is not installed; the sentence does not repeat it.
        """
        value = settings["NOTIFY_URLS"] or ""
        urls = value.split() if isinstance(value, str) else [str(url) for url in value]
        try:
            return cls(urls) if urls else None
        except ImportError as error:
            raise ConfigurationError(f"NOTIFY_URLS: {extra_missing(error) or error}") from None

    def post(self, event: Mapping[str, Any]) -> bool:
        """Send an event's sentence to all of them; say whether it arrived everywhere."""
        arrived = bool(self._services.notify(title=f"Warraq: {event.get('outlet')}", body=str(event.get("text"))))
        if not arrived:
            logger.warning("not every service took the news of %s", event.get("outlet"))
        return arrived


class Notifier:
    """Tells everybody who is to be told.

    Args:
        channels: each posts an event.
    """

    def __init__(self, channels: Sequence[Webhook | Apprise]) -> None:
        self._channels = channels

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Notifier | None:
        """Read WEBHOOK_URL and NOTIFY_URLS; None where nobody is to be told. Raises `ConfigurationError`."""
        channels = [kind.from_settings(settings) for kind in (Webhook, Apprise)]
        known = [channel for channel in channels if channel is not None]
        return cls(known) if known else None

    def post(self, event: Mapping[str, Any]) -> bool:
        """Tell all of them; say whether it arrived everywhere."""
        arrived = [channel.post(event) for channel in self._channels]  # each is told, whatever became of the others
        return all(arrived)


def event_of(code: int, before: Iterable[int]) -> str | None:
    """Return what is to be told of a crawl: ``failed``, ``recovered``, or None where nothing changed.

    Args:
        code: the crawl's exit code.
        before: those of the crawls before it, newest first.
    """
    if code in TELL_NOTHING:
        return None
    last = next((other for other in before if other not in TELL_NOTHING), ExitCode.PUBLISHED)
    if code == last:
        return None
    return "recovered" if code == ExitCode.PUBLISHED else "failed"


def event(kind: str, outlet: str, code: int, message: str, **more: Any) -> dict[str, Any]:
    """Return an event's body."""
    name = ExitCode(code).name.lower() if code in ExitCode._value2member_map_ else "killed"
    text = f"{outlet} is crawled well again: {message}" if kind == "recovered" else f"{outlet}: crawl {name}. {message}"
    return {"event": kind, "outlet": outlet, "exit_code": code, "exit": name, "text": text, **more}
