"""Crawls as child processes, watched through their progress files: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from crawlers.progress import line_of

COLUMNS = ("announced", "seen", "fetched", "kept", "copies", "refused", "lost")
GRACE = 180.0  # seconds in which a crawl that is asked to stop publishes what it has
PLAIN_EVERY = 10.0  # seconds between two plain lines


class Crawl:
    """One `scrapy crawl` in a process of its own.

    Args:
        outlet: the spider's name.
        arguments: further words of the command.
        folder: where its log and its progress file go.
        apart: a Ctrl-C on the terminal does not reach it; who started it passes it on.
    """

    def __init__(self, outlet: str, arguments: list[str], folder: Path, *, apart: bool = False) -> None:
        self.outlet = outlet
        self.apart = apart
        self.arguments = arguments
        self.log = folder / f"{outlet}.log"
        self.progress_file = folder / f"{outlet}.progress.json"
        self.code = -1
        self._process: asyncio.subprocess.Process | None = None
        self.state = "starting"
        self.counts: dict[str, Any] = {}

    async def run(self, limit: float | None = None) -> None:
        """Run the crawl to its end; its exit code is in ``code`` afterwards.

        Args:
            limit: seconds after which it is asked to stop, and after GRACE more is killed; None for as long as it takes.
        """
        self.progress_file.unlink(missing_ok=True)
        words = ["crawl", self.outlet, *self.arguments, "-s", f"PROGRESS_FILE={self.progress_file}"]
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *_scrapy(),
                *words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=self.apart,
            )
            self.code = await self._end(self._process, limit)
        self.refresh()
        self.state = "done" if self.code == 0 else f"exit {self.code}"

    async def _end(self, process: asyncio.subprocess.Process, limit: float | None) -> int:
        for seconds, stop in ((limit, process.terminate), (GRACE, process.kill)):
            try:
                return await asyncio.wait_for(process.wait(), seconds)
            except TimeoutError:
                stop()
        return await process.wait()

    def stop(self) -> None:
        """Ask the crawl to stop: it publishes what it has. Asked again, it stops at once."""
        if self._process and self._process.returncode is None:
            self._process.terminate()

    def refresh(self) -> None:
        """Read the latest counts, where there are some."""
        if self.progress_file.exists():
            self.counts = json.loads(self.progress_file.read_text(encoding="utf-8"))
            self.state = self.counts["state"]

    def last_words(self) -> str:
        """Return the last line of the log: the summary, or the reason of a refusal."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else f"{self.outlet}: no word from the crawl, exit {self.code}"


def _scrapy() -> list[str]:
    """Return the command `scrapy` of this environment."""
    script = Path(sys.executable).with_name("scrapy")
    return [str(script)] if script.exists() else [sys.executable, "-m", "scrapy"]


async def run_crawls(crawls: list[Crawl]) -> None:
    """Run crawls side by side and show how they go on; SIGINT and SIGTERM are passed on to those that are apart."""
    console = Console(stderr=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _stop, crawls)
    running = asyncio.gather(*(crawl.run() for crawl in crawls))
    watching = asyncio.create_task(
        _watch_live(crawls, console) if console.is_terminal else _watch_plainly(crawls, console)
    )
    try:
        await running
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def _stop(crawls: list[Crawl]) -> None:
    for crawl in crawls:
        crawl.stop()


async def _watch_live(crawls: list[Crawl], console: Console) -> None:
    with Live(_table(crawls), console=console, auto_refresh=False) as live:
        try:
            while True:
                await asyncio.sleep(0.5)
                live.update(_refreshed_table(crawls), refresh=True)
        finally:
            live.update(_table(crawls), refresh=True)


async def _watch_plainly(crawls: list[Crawl], console: Console) -> None:
    while True:
        await asyncio.sleep(PLAIN_EVERY)
        _refresh(crawls)
        for crawl in crawls:
            if crawl.code < 0:
                console.print(f"{line_of(crawl.outlet, crawl.counts)} ({crawl.state})", soft_wrap=True, highlight=False)


def _refresh(crawls: list[Crawl]) -> None:
    for crawl in crawls:
        if crawl.code < 0:
            crawl.refresh()


def _refreshed_table(crawls: list[Crawl]) -> Table:
    _refresh(crawls)
    return _table(crawls)


def _table(crawls: list[Crawl]) -> Table:
    table = Table("outlet", *COLUMNS, "rate", "delay", "state", box=None, header_style="bold")
    for column in table.columns[1:-1]:
        column.justify = "right"
    for crawl in crawls:
        counts = crawl.counts
        pace = (f"{counts['rate']:.1f}/s", f"{counts['delay']:.1f} s") if counts else ("", "")
        table.add_row(crawl.outlet, *(str(counts.get(name, "")) for name in COLUMNS), *pace, crawl.state)
    return table
