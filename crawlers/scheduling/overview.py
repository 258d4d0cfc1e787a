"""What runs, what ran and what comes next, as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rich.table import Table

from crawlers.exit_codes import ExitCode
from crawlers.report_text import span
from crawlers.scheduling.slots import due

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawlers.processes import Crawl
    from crawlers.scheduling.config import Entry
    from crawlers.scheduling.memory import Memory, Past


def overview(entries: Mapping[str, Entry], memory: Memory, running: Mapping[str, Crawl], now: datetime) -> Table:
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
        found = due(entry, past.last_slot(), past.every(entry), now)
        coming = "now" if found.slot and not past.running else f"in {_span(found.following - now)}"
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


def when(entry: Entry, past: Past) -> str:
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
