"""`scrapy schedule` at work: the desk that starts crawls, the table of what runs, the figures for machines, the webhook.

SCHEDULE ─▶ table ─▶ Desk ─▶ processes
                      ├─▶ overview, on a terminal        └─▶ figures over HTTP, words to the webhook
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.live import Live
from rich.logging import RichHandler
from scrapy.spiderloader import get_spider_loader

from archive.spool.spool import Lock
from crawlers.destination import Destination, table_of
from crawlers.monitoring.history import History
from crawlers.politeness.user_agent import user_agent
from crawlers.scheduling import overview
from crawlers.scheduling.config import read_table
from crawlers.scheduling.figures import serve
from crawlers.scheduling.memory import Memory
from crawlers.scheduling.scheduler import Desk
from crawlers.watching.limits import Limits
from crawlers.watching.webhook import Webhook, event, event_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.settings import BaseSettings

    from crawlers.scheduling.memory import Past

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
        Console().print(overview.overview(self._entries, self._memory, {}, overview.now()))

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
            asyncio.run(self._serve(Desk(entries, memory, history, logs=logs, words=self._words, ended=self._teller())))
        finally:
            lock.release()

    async def _serve(self, desk: Desk) -> None:
        console = Console(stderr=True)
        _log_to(console)
        port = self._settings.getint("METRICS_PORT")
        end = serve(desk, self._settings["METRICS_HOST"], port) if port else None
        watching = asyncio.create_task(_watch(desk, console))
        try:
            await desk.run()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            if end:
                end()

    def _teller(self) -> Any:
        """Return what tells the webhook of crawls that could not tell it themselves."""
        hook = Webhook.from_settings(self._settings)

        def tell(outlet: str, past: Past, before: int | None) -> None:
            assert past.code is not None
            kind = event_of(past.code, [] if before is None else [before])
            if hook and kind:
                said = event(kind, outlet, past.code, past.words)
                asyncio.get_running_loop().run_in_executor(None, hook.post, said)

        return tell


def _log_to(console: Console) -> None:
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(FORMAT))
    if console.is_terminal:  # above the table
        handler = RichHandler(console=console, show_path=False, markup=False)
    root = logging.getLogger("crawlers")
    root.addHandler(handler)
    root.setLevel(logging.INFO)


async def _watch(desk: Desk, console: Console) -> None:
    """Keep the crawls' counts fresh and, on a terminal, the table."""
    table = overview.overview(desk.entries, desk.memory, desk.running, overview.now())
    if not console.is_terminal:
        console.print(table)
        return
    with Live(table, console=console, auto_refresh=False) as live:
        while True:
            await asyncio.sleep(REFRESH)
            for crawl in desk.running.values():
                crawl.refresh()
            live.update(overview.overview(desk.entries, desk.memory, desk.running, overview.now()), refresh=True)
