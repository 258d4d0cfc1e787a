"""`scrapy schedule` at work: the scheduler, a table of what runs and comes next, figures for machines, the webhook."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from rich.console import Console
from rich.live import Live
from rich.logging import RichHandler
from rich.table import Table
from scrapy.spiderloader import get_spider_loader

from archive.spool.spool import Lock
from crawlers.configuration import ConfigurationError, Destination, JsonFormatter, table_of
from crawlers.monitoring.drift import Limits
from crawlers.monitoring.metrics import Newest, Notifier, event, event_of
from crawlers.monitoring.postcrawl import History
from crawlers.monitoring.report import span
from crawlers.politeness.robots import user_agent
from crawlers.scheduling.config import ScheduleEntry, read_table
from crawlers.scheduling.scheduler import RED, Memory, Past, Scheduler, due
from crawlers.signals import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from prometheus_client.core import Metric
    from scrapy.settings import BaseSettings

    from crawlers.monitoring.progress import Crawl

# --- What a running schedule says over HTTP --------------------------------------------------------------------------
# /metrics     its own figures for Prometheus, and those of the newest crawls (`crawlers.monitoring.metrics`)
# /healthz     200 while each outlet's slots are taken, 503 as soon as one has missed two in a row; which, and how many, as JSON

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

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler

    def collect(self) -> Iterator[Metric]:
        """Yield the figures; Prometheus asks."""
        families: list[GaugeMetricFamily | CounterMetricFamily] = [
            *(GaugeMetricFamily(name, description, labels=["outlet"]) for name, description in GAUGES.items()),
            *(CounterMetricFamily(name, description, labels=["outlet"]) for name, description in COUNTERS.items()),
        ]
        for outlet, values in self._values().items():
            for family, value in zip(families, values, strict=True):
                if value is not None:
                    family.add_metric([outlet], value)
        yield from families

    def _values(self) -> dict[str, tuple[float | None, ...]]:
        values: dict[str, tuple[float | None, ...]] = {}
        for outlet, entry in self.scheduler.entries.items():
            past, following = self.scheduler.memory.of(outlet), self.scheduler.following.get(outlet)
            values[outlet] = (
                float(outlet in self.scheduler.running),
                _seconds(following),
                None if entry.cron else past.every(entry).total_seconds(),
                past.code,
                past.runs,
                past.missed,
                past.retries,
                past.errors,
            )
        return values


def _seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = 10  # seconds: who connects and says nothing keeps no thread

    def log_message(self, *_: object) -> None:
        """Write nothing: a look every few seconds is no news."""


def _app(scheduler: Scheduler, registry: CollectorRegistry) -> WSGIApplication:
    metrics = make_wsgi_app(registry)

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/healthz":
            body: Iterable[bytes] = metrics(environ, start)
            return body
        is_well, message = health(scheduler)
        status = "200 OK" if is_well else "503 Service Unavailable"
        start(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
        return [json.dumps(message).encode() + b"\n"]

    return answer


def health(scheduler: Scheduler) -> tuple[bool, dict[str, object]]:
    """Say whether every outlet's slots are taken; and the slots that each has missed in a row, as it is told."""
    missed = {outlet: scheduler.missed(outlet) for outlet in scheduler.entries}
    is_well = all(count < RED for count in missed.values())
    return is_well, {"well": is_well, "missed": missed}


def serve(scheduler: Scheduler, host: str, port: int) -> Callable[[], None]:
    """Serve ``/metrics`` and ``/healthz``; return what ends it.

    Raises:
        ConfigurationError: the port cannot be had.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Schedule(scheduler))
    registry.register(Newest(lambda: scheduler.reports))
    try:
        server = make_server(host, port, _app(scheduler, registry), _Server, _Quiet)
    except OSError as error:
        raise ConfigurationError(f"METRICS_PORT: {host}:{port} cannot be listened on ({error.strerror})") from None

    thread = threading.Thread(target=server.serve_forever, daemon=True, name="figures")
    thread.start()

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end


# --- What runs, what ran and what comes next, as a table -------------------------------------------------------------


def overview(
    entries: Mapping[str, ScheduleEntry], memory: Memory, running: Mapping[str, Crawl], now: datetime
) -> Table:
    """Return the table.

    Args:
        entries: when each outlet is crawled.
        memory: what ran.
        running: the crawls of this process; a schedule that is only looked at has none and relies on the memory.
        now: aware.
    """
    table = Table("outlet", "runs", "ran", "next", "when", "crawls", "missed", box=None, header_style="bold")
    for column in table.columns[5:]:
        column.justify = "right"
    for outlet, entry in entries.items():
        past = memory.of(outlet)
        slot = due(entry, past.last_slot(), past.every(entry), now)
        coming = "now" if slot.slot and not past.running else f"in {_span(slot.following - now)}"
        counts = str(past.runs), str(past.missed)
        table.add_row(
            outlet, _runs(past, running.get(outlet), now), _ran(past, now), coming, when(entry, past), *counts
        )
    return table


def _runs(past: Past, crawl: Crawl | None, now: datetime) -> str:
    if not past.running:
        return "–"
    since = f"for {_span(now - datetime.fromisoformat(past.running))}"
    if crawl is None or not crawl.counts:
        return since
    return f"{since}: {crawl.counts['fetched']} of {crawl.counts['chosen']} fetched, {crawl.counts['kept']} kept"


def _ran(past: Past, now: datetime) -> str:
    if past.finished is None:
        return "–"
    return f"{_span(now - datetime.fromisoformat(past.finished))} ago, {name_of(past.code)}"


def when(entry: ScheduleEntry, past: Past) -> str:
    """Say when an outlet is crawled."""
    if entry.cron:
        return f"{entry.cron} (UTC)"
    every = f"every {_span(past.every(entry))}"
    return f"{every} ({_span(entry.bounds[0])} – {_span(entry.bounds[1])})" if entry.adapts else every


def name_of(code: int | None) -> str:
    """Return the name of an exit code; of a process that was killed, how."""
    if code is None:
        return "–"
    if code in ExitCode._value2member_map_:
        return ExitCode(code).name.lower()
    return "killed" if code < 0 else f"exit {code}"


def _span(length: timedelta) -> str:
    return span(length.total_seconds() / 60)


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


# ---------------------------------------------------------------------------------------------------------------------
# `scrapy schedule` at work: the desk that starts crawls, the table of what runs, the figures for machines, the webhook.
# SCHEDULE ─▶ table ─▶ Desk ─▶ processes
#                       ├─▶ overview, on a terminal        └─▶ figures over HTTP, words to the webhook

REFRESH = 1.0  # seconds between two looks at the crawls
FORMAT = "%(asctime)s %(levelname)s %(message)s"


class Service:
    """The schedule of one project.

    Args:
        settings: SCHEDULE and what a crawl needs.
        words: further words for each crawl's command line.

    Raises:
        ConfigurationError: a setting is wrong.
    """

    def __init__(self, settings: BaseSettings, words: Sequence[str] = ()) -> None:
        self._settings, self._words = settings, list(words)
        self._entries = read_table(table_of(settings, "SCHEDULE"), get_spider_loader(settings).list())
        self._destination = Destination.from_settings(settings)
        spool = self._destination.spool
        self._memory = Memory(spool.with_name(f"{spool.name}.schedule"))

    def show(self) -> None:
        """Print what ran and what comes next."""
        Console().print(overview(self._entries, self._memory, {}, now()))

    def run(self) -> None:
        """Crawl until SIGTERM or SIGINT.

        Raises:
            NoContact, ConfigurationError: nothing was requested.
            SpoolBusy: another schedule runs.
        """
        destination, memory, entries = self._destination, self._memory, self._entries
        destination.check()
        user_agent(self._settings)
        history = History(destination.store, destination.spool, Limits.from_settings(self._settings).days)
        logs = Path(self._settings["SPOOL_DIR"]) / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        lock = Lock(memory.path.with_name(f"{memory.path.name}.lock"))
        try:
            asyncio.run(
                self._serve(Scheduler(entries, memory, history, logs=logs, words=self._words, ended=self._teller()))
            )
        finally:
            lock.release()

    async def _serve(self, scheduler: Scheduler) -> None:
        console = Console(stderr=True)
        as_json = self._settings.getbool("LOG_JSON")
        _log_to(console, as_json=as_json)
        port = self._settings.getint("METRICS_PORT")
        end = serve(scheduler, self._settings["METRICS_HOST"], port) if port else None
        watching = asyncio.create_task(_watch(scheduler, console, as_json=as_json))
        try:
            await scheduler.run()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            if end:
                end()

    def _teller(self) -> Any:
        """Return what tells the webhook of crawls that could not tell it themselves."""
        hook = Notifier.from_settings(self._settings)

        def tell(outlet: str, past: Past, before: int | None) -> None:
            assert past.code is not None
            kind = event_of(past.code, [] if before is None else [before])
            if hook and kind:
                note = event(kind, outlet, past.code, past.words)
                asyncio.get_running_loop().run_in_executor(None, hook.post, note)

        return tell


def _log_to(console: Console, *, as_json: bool) -> None:
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if as_json else logging.Formatter(FORMAT))
    if console.is_terminal and not as_json:  # above the table
        handler = RichHandler(console=console, show_path=False, markup=False)
    root = logging.getLogger("crawlers")
    root.addHandler(handler)
    root.setLevel(logging.INFO)


async def _watch(scheduler: Scheduler, console: Console, *, as_json: bool) -> None:
    """Keep the crawls' counts fresh and, on a terminal, the table."""
    if as_json:
        return
    table = overview(scheduler.entries, scheduler.memory, scheduler.running, now())
    if not console.is_terminal:
        console.print(table)
        return
    with Live(table, console=console, auto_refresh=False) as live:
        while True:
            await asyncio.sleep(REFRESH)
            for crawl in scheduler.running.values():
                crawl.refresh()
            live.update(overview(scheduler.entries, scheduler.memory, scheduler.running, now()), refresh=True)
