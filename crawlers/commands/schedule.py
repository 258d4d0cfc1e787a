"""`scrapy schedule`: crawls the outlets at the times that SCHEDULE names, until it is stopped."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.console import Console
from rich.live import Live
from rich.logging import RichHandler
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from archive.spool import Lock, SpoolBusy
from crawlers.destination import ConfigurationError, Destination, table_of
from crawlers.politeness.contact import NoContact, user_agent
from crawlers.scheduling import overview
from crawlers.scheduling.desk import Desk
from crawlers.scheduling.figures import serve
from crawlers.scheduling.memory import Memory
from crawlers.scheduling.table import read_table
from crawlers.watching.history import History
from crawlers.watching.limits import Limits
from crawlers.watching.webhook import Webhook, event, event_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

    from crawlers.scheduling.memory import Past

REFRESH = 1.0  # seconds between two looks at the crawls
FORMAT = "%(asctime)s %(levelname)s %(message)s"


class Command(ScrapyCommand):
    """The schedule."""

    requires_project = True
    requires_crawler_process = False  # each crawl is a process, with a log, of its own
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Name the arguments."""
        return "[--show]"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Crawl the outlets at the times that SCHEDULE names"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the choice between looking and running."""
        super().add_options(parser)
        parser.add_argument("--show", action="store_true", help="print what runs, ran and comes next, and end")

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        """Run the schedule until SIGTERM or SIGINT.

        Raises:
            UsageError: a setting is wrong, or another schedule runs; nothing was requested.
        """
        if args:
            raise UsageError("the outlets and their times stand in SCHEDULE", print_help=False)
        assert self.settings is not None
        try:
            self._run(opts)
        except (ConfigurationError, NoContact, SpoolBusy) as error:
            raise UsageError(str(error), print_help=False) from error

    def _run(self, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        entries = read_table(table_of(self.settings, "SCHEDULE"), get_spider_loader(self.settings).list())
        destination = Destination.from_settings(self.settings)
        memory = Memory(destination.spool.with_name(f"{destination.spool.name}.schedule"))
        if opts.show:
            Console().print(overview.overview(entries, memory, {}, overview.now()))
            return
        destination.check()
        user_agent(self.settings)
        history = History(destination.store, destination.spool, Limits.from_settings(self.settings).days)
        logs = Path(self.settings["SPOOL_DIR"]) / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        words = [part for setting in opts.set for part in ("-s", setting)]
        lock = Lock(memory.path.with_name(f"{memory.path.name}.lock"))
        try:
            asyncio.run(self._serve(Desk(entries, memory, history, logs=logs, words=words, ended=self._teller())))
        finally:
            lock.release()

    async def _serve(self, desk: Desk) -> None:
        assert self.settings is not None
        console = Console(stderr=True)
        _log_to(console)
        port = self.settings.getint("METRICS_PORT")
        end = serve(desk, self.settings["METRICS_HOST"], port) if port else None
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
        assert self.settings is not None
        hook = Webhook.from_settings(self.settings)

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
