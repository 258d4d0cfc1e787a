"""Crawls as child processes, watched through their progress files: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from os import SEEK_END
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from crawlers.monitoring.progress import line_of

COLUMNS = ("announced", "seen", "fetched", "kept", "copies", "refused", "lost")
GRACE = 180.0  # seconds in which a crawl that is asked to stop publishes what it has
_LONGEST_LINE = 1 << 16  # bytes
PLAIN_EVERY = 10.0  # seconds between two plain lines


class Crawl:
    """One `scrapy crawl` in a process of its own.

    Args:
        outlet: the spider's name.
        arguments: further words of the command.
        folder: where its log and its progress file go.

    It stands apart: a Ctrl-C on the terminal does not reach it; who started it passes it on. Where that one is killed, the crawl goes
    on, so that another crawl of the outlet may begin beside it: no file of the one is written by the other.
    """

    def __init__(self, outlet: str, arguments: list[str], folder: Path) -> None:
        self.outlet = outlet
        self.arguments = arguments
        self.log = folder / f"{outlet}.log"
        self.progress_file = folder / f"{outlet}.{os.getpid()}.progress.json"
        self._last_words = ""
        self.code = -1
        self._process: asyncio.subprocess.Process | None = None
        self.state = "starting"
        self.counts: dict[str, Any] = {}

    async def run(self, limit: float | None = None) -> None:
        """Run the crawl to its end; its exit code is in ``code`` afterwards.

        Args:
            limit: seconds after which it is asked to stop, and after GRACE more is killed; None for as long as it takes.
        """
        words = ["crawl", self.outlet, *self.arguments, "-s", f"PROGRESS_FILE={self.progress_file}"]
        with self._new_log() as log:
            self._process = await asyncio.create_subprocess_exec(
                *_scrapy(),
                *words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            self.code = await self._end(self._process, limit)
            self._last_words = _last_line(log)
        self.refresh()
        self.progress_file.unlink(missing_ok=True)
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
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError):  # a spoiled one is overwritten by the next
            counts = json.loads(self.progress_file.read_text(encoding="utf-8"))
            self.state, self.counts = str(counts["state"]), counts

    def last_words(self) -> str:
        """Return the last line of the log: the summary, or the reason of a refusal."""
        return self._last_words or f"{self.outlet}: no word from the crawl, exit {self.code}"

    def _new_log(self) -> IO[bytes]:
        """Open a new log; the one before stands beside it, and who still writes it goes on there."""
        new = self.log.with_name(f"{self.outlet}.{os.getpid()}.log")
        new.parent.mkdir(parents=True, exist_ok=True)  # somebody may have tidied up
        log = new.open("w+b")
        with suppress(FileNotFoundError):
            self.log.replace(self.log.with_name(f"{self.outlet}.previous.log"))
        new.replace(self.log)
        return log


def _last_line(log: IO[bytes]) -> str:
    log.seek(max(0, log.seek(0, SEEK_END) - _LONGEST_LINE))
    lines = log.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""


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
