"""How the outlets stand, as a table for people, and below it what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from crawlers.exit_codes import ExitCode
from crawlers.monitoring.status import line_of
from crawlers.report_text import span

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawlers.monitoring.status import Standing


def show(standings: Sequence[Standing], now: datetime) -> None:
    """Print the table, and below it what to do, a line each."""
    console = Console()
    table = Table("outlet", "last crawl", "last good", "newest article", "backlog", "today", "usual", box=None)
    table.header_style = "bold"
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.overflow = "fold"
    for column in table.columns[4:]:
        column.justify = "right"
    for standing in standings:
        table.add_row(*_row(standing, now))
    console.print(table)
    console.print(line_of(standings, now.date() - timedelta(days=1)), highlight=False, soft_wrap=True)
    for standing in standings:
        for advice in standing.advice:
            console.print(f"{standing.outlet}: {advice}", highlight=False, soft_wrap=True, markup=False)
    if not any(standing.advice for standing in standings):
        console.print("Nothing to do.")


def _row(standing: Standing, now: datetime) -> tuple[str, ...]:
    code = standing.last_code
    how = "" if code is None else f" ({ExitCode(code).name.lower()})"
    backlog = f"{standing.backlog} pages" + (f", {standing.waiting} segments" if standing.waiting else "")
    return (
        standing.outlet,
        _ago(standing.last, now) + how,
        _ago(standing.last_good, now),
        _ago(standing.newest, now),
        backlog if standing.last else "–",
        str(standing.today),
        "?" if standing.usual is None else f"{standing.usual:.0f}",
    )


def _ago(moment: datetime | None, now: datetime) -> str:
    return "never" if moment is None else f"{span((now - moment).total_seconds() / 60)} ago"
