"""The schedule's own figures for Prometheus, beside those of the crawls (`crawlers.watching.metrics`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from crawlers.destination import ConfigurationError
from crawlers.watching.metrics import Newest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from prometheus_client.core import Metric

    from crawlers.scheduling.desk import Desk

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
            )
        return found


def _seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def serve(desk: Desk, host: str, port: int) -> Callable[[], None]:
    """Serve the figures of the schedule and of the newest crawls at ``/metrics``; return what ends it.

    Raises:
        ConfigurationError: the port cannot be had.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Schedule(desk))
    registry.register(Newest(lambda: desk.reports))
    try:
        server, thread = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise ConfigurationError(f"METRICS_PORT: {host}:{port} cannot be listened on ({error.strerror})") from None

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end
