"""How crawls go on, while they do: progress files, a live line or table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from collections import deque
from contextlib import suppress
from itertools import count
from os import SEEK_END
from pathlib import Path
from time import monotonic
from typing import IO, TYPE_CHECKING, Any

from scrapy import signals

from crawlers.configuration import spare_unheard
from crawlers.monitoring.outcomes import Outcomes
from crawlers.monitoring.stats import Traffic

if TYPE_CHECKING:
    from typing import Self

    from rich.console import Console
    from rich.table import Table
    from scrapy.crawler import Crawler

# --- A line that stays at the foot of the terminal while the log runs above it ---------------------------------------


class LiveLine:
    """One line of progress on the terminal.

    While it is shown, log handlers that write to the terminal write above it.
    """

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415  only where a terminal is, here and below
        from rich.live import Live  # noqa: PLC0415  as above

        self._terminal = sys.stderr
        self._live = Live(console=Console(stderr=True), auto_refresh=False, transient=True)
        self._moved: list[logging.StreamHandler[Any]] = []

    def start(self) -> None:
        """Show it."""
        self._live.start()
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is self._terminal:
                handler.setStream(sys.stderr)  # what rich put there prints above the line
                self._moved.append(handler)

    def show(self, line: str) -> None:
        """Change it."""
        from rich.text import Text  # noqa: PLC0415  as above

        self._live.update(Text(line, style="bold", overflow="ellipsis", no_wrap=True), refresh=True)

    def stop(self) -> None:
        """Take it away."""
        self._live.stop()
        for handler in self._moved:
            handler.setStream(self._terminal)


# --- How a crawl goes on, while it does ------------------------------------------------------------------------------
# counts ─┬─ PROGRESS_FILE                    written each second for `scrapy crawlall` and `scrapy schedule`, who show it
#         ├─ a terminal                       a live line below the log
#         └─ anything else                    a plain line in the log, every PROGRESS_EVERY seconds

logger = logging.getLogger(__name__)

TICK = 0.5  # seconds
RATE_OVER = 20.0  # seconds over which the rate is taken
LOST = ("article/unreadable/", "item_dropped_reasons_count/", "article/failed/")


class Progress:
    """The counts that people watch.

    Args:
        outcomes: knows each page's outcome.
        traffic: knows what was asked, and the delay.
    """

    def __init__(self, outcomes: Outcomes, traffic: Traffic) -> None:
        self.outcomes = outcomes
        self.traffic = traffic
        self._asked: deque[tuple[float, int]] = deque()

    def snapshot(self, stats: dict[str, Any]) -> dict[str, Any]:
        """Return the counts, requests a second over the last seconds, the delay, and the reasons of what was lost."""
        steps, outcomes = self.outcomes.steps(), self.outcomes.report_section()["outcomes"]
        reasons = {
            key.split("/", 1)[1]: n
            for key, n in stats.items()
            if key.startswith(LOST) and not key.endswith("Unchanged")
        }
        return {
            **steps,
            "seen": outcomes.get("seen", 0),
            "copies": stats.get("archive/copies", 0),
            "refused": outcomes.get("refused", 0),
            "lost": sum(reasons.values()),
            "requests": stats.get("downloader/request_count", 0),
            "bytes": stats.get("downloader/response_bytes", 0),
            "rate": round(self._rate(stats.get("downloader/request_count", 0)), 2),
            "delay": round(self.traffic.slowest_delay(), 2),
            "reasons": reasons,
        }

    def _rate(self, asked: int) -> float:
        now = monotonic()
        self._asked.append((now, asked))
        while self._asked[0][0] < now - RATE_OVER:
            self._asked.popleft()
        since, before = self._asked[0]
        return (asked - before) / (now - since) if now > since else 0.0


class ProgressExtension:
    """Shows the counts where somebody looks.

    Args:
        crawler: the crawl.
        path: the file for a process that watches several crawls, None without one.
        every: seconds between two plain lines; 0 for none.
    """

    def __init__(self, crawler: Crawler, path: Path | None, every: float) -> None:
        self.crawler = crawler
        self.path = path
        self.every = every
        self.live = LiveLine() if path is None and sys.stderr.isatty() and not crawler.settings["LOG_FILE"] else None
        self.task: asyncio.Task[None] | None = None
        self.progress: Progress | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read PROGRESS_FILE, which `scrapy crawlall` sets, and PROGRESS_EVERY."""
        path = crawler.settings.get("PROGRESS_FILE")
        extension = cls(crawler, Path(path) if path else None, crawler.settings.getfloat("PROGRESS_EVERY"))
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_opened(self) -> None:
        """Begin to show; the log's handlers are made by now."""
        spare_unheard()
        outcomes, traffic = self.crawler.get_extension(Outcomes), self.crawler.get_extension(Traffic)
        assert outcomes is not None
        assert traffic is not None
        self.progress = Progress(outcomes, traffic)
        if self.live:
            self.live.start()
        self.task = asyncio.create_task(self._tick())

    def spider_closed(self) -> None:
        """Show the last state."""
        if self.task:
            self.task.cancel()
        if self.progress:
            self._show("publishing", plainly=False)
        if self.live:
            self.live.stop()

    async def _tick(self) -> None:
        for ticks in count(1):
            plainly = bool(self.every) and ticks % max(round(self.every / TICK), 1) == 0
            self._show("crawling", plainly=plainly and self.live is None)
            await asyncio.sleep(TICK)

    def _show(self, state: str, *, plainly: bool) -> None:
        assert self.crawler.stats is not None
        assert self.progress is not None
        counts = {"state": state, **self.progress.snapshot(self.crawler.stats.get_stats())}
        if self.path:
            _tell(self.path, counts)
        if self.live:
            self.live.show(line_of(self.crawler.spidercls.name, counts))
        if plainly:
            logger.info("%s", line_of(self.crawler.spidercls.name, counts))


def _tell(path: Path, counts: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    with suppress(OSError):  # no room on the disk: the next tick tries again, and nobody else would tick
        part.write_text(json.dumps(counts), encoding="utf-8")
        part.replace(path)


def line_of(outlet: str, counts: dict[str, Any]) -> str:
    """Return the counts as one line for people."""
    names = ("announced", "seen", "fetched", "kept", "refused", "lost")
    text = ", ".join(f"{counts.get(name, 0)} {name}" for name in names)
    return f"{outlet}: {text} · {counts.get('rate', 0):.1f} requests/s, delay {counts.get('delay', 0):.1f} s"


# ---------------------------------------------------------------------------------------------------------------------
# Crawls as child processes, watched through their progress files: a live table on a terminal, plain lines elsewhere.

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
    from rich.console import Console  # noqa: PLC0415  as above

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
    from rich.live import Live  # noqa: PLC0415  as above

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
    from rich.table import Table  # noqa: PLC0415  as above

    table = Table("outlet", *COLUMNS, "rate", "delay", "state", box=None, header_style="bold")
    for column in table.columns[1:-1]:
        column.justify = "right"
    for crawl in crawls:
        counts = crawl.counts
        pace = (f"{counts['rate']:.1f}/s", f"{counts['delay']:.1f} s") if counts else ("", "")
        table.add_row(crawl.outlet, *(str(counts.get(name, "")) for name in COLUMNS), *pace, crawl.state)
    return table
