"""What a running schedule says over HTTP.

/metrics     its own figures for Prometheus, and those of the newest crawls (`crawlers.monitoring.metrics`)
/healthz     200 while each outlet's slots are taken, 503 as soon as one has missed two in a row; which, and how many, as JSON
"""

from __future__ import annotations

import json
import threading
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from crawlers.destination import ConfigurationError
from crawlers.monitoring.metrics import Newest
from crawlers.scheduling.scheduler import RED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from prometheus_client.core import Metric

    from crawlers.scheduling.scheduler import Desk

GAUGES = {
    "warraq_schedule_running": "1 while a crawl of the outlet runs",
    "warraq_schedule_next_timestamp_seconds": "when the next crawl is due",
    "warraq_schedule_interval_seconds": "time between two crawls, where it is an interval",
    "warraq_schedule_exit_code": "how the newest crawl of the schedule ended; below 0: killed",
}
COUNTERS = {
    "warraq_schedule_crawls": "crawls that were started",
    "warraq_schedule_missed_slots": "slots that passed without a crawl of their own",
    "warraq_schedule_retries": "crawls that were tried again",
    "warraq_schedule_errors": "slots at which the schedule itself failed",
}
NAMES = {*GAUGES, *(f"{name}_total" for name in COUNTERS)}


class Schedule(Collector):
    """The figures of a running schedule."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def collect(self) -> Iterator[Metric]:
        """Yield the figures; Prometheus asks."""
        families: list[GaugeMetricFamily | CounterMetricFamily] = [
            *(GaugeMetricFamily(name, said, labels=["outlet"]) for name, said in GAUGES.items()),
            *(CounterMetricFamily(name, said, labels=["outlet"]) for name, said in COUNTERS.items()),
        ]
        for outlet, values in self._values().items():
            for family, value in zip(families, values, strict=True):
                if value is not None:
                    family.add_metric([outlet], value)
        yield from families

    def _values(self) -> dict[str, tuple[float | None, ...]]:
        found: dict[str, tuple[float | None, ...]] = {}
        for outlet, entry in self.desk.entries.items():
            past, following = self.desk.memory.of(outlet), self.desk.following.get(outlet)
            found[outlet] = (
                float(outlet in self.desk.running),
                _seconds(following),
                None if entry.cron else past.every(entry).total_seconds(),
                past.code,
                past.runs,
                past.missed,
                past.retries,
                past.errors,
            )
        return found


def _seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = 10  # seconds: who connects and says nothing keeps no thread

    def log_message(self, *_: object) -> None:
        """Write nothing: a look every few seconds is no news."""


def _app(desk: Desk, registry: CollectorRegistry) -> WSGIApplication:
    metrics = make_wsgi_app(registry)

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/healthz":
            found: Iterable[bytes] = metrics(environ, start)
            return found
        is_well, said = health(desk)
        status = "200 OK" if is_well else "503 Service Unavailable"
        start(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
        return [json.dumps(said).encode() + b"\n"]

    return answer


def health(desk: Desk) -> tuple[bool, dict[str, object]]:
    """Say whether every outlet's slots are taken; and the slots that each has missed in a row, as it is told."""
    missed = {outlet: desk.missed(outlet) for outlet in desk.entries}
    is_well = all(count < RED for count in missed.values())
    return is_well, {"well": is_well, "missed": missed}


def serve(desk: Desk, host: str, port: int) -> Callable[[], None]:
    """Serve ``/metrics`` and ``/healthz``; return what ends it.

    Raises:
        ConfigurationError: the port cannot be had.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Schedule(desk))
    registry.register(Newest(lambda: desk.reports))
    try:
        server = make_server(host, port, _app(desk, registry), _Server, _Quiet)
    except OSError as error:
        raise ConfigurationError(f"METRICS_PORT: {host}:{port} cannot be listened on ({error.strerror})") from None

    thread = threading.Thread(target=server.serve_forever, daemon=True, name="figures")
    thread.start()

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end
