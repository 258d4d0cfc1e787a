"""How the outlets stand, for people: one line an outlet from its reports, and what to do about it."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from crawlers.monitoring.postcrawl import alarm_sentence
from crawlers.monitoring.report import span
from crawlers.signals import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from archive.coverage import DayCoverage

# --- How the outlets stand, for people: reports ──▶ one line an outlet, and what to do about it ----------------------
# last good crawl · how old the newest article is · backlog · today against the usual day so far · what to do

Report = dict[str, Any]

PATIENCE = timedelta(hours=3)  # a crawl that is missing for less than this is no news
DAY = ("announced", "captured", "refused", "late", "state")
ADVICE = {
    ExitCode.FAILED: "read the log's last error; the next start mends the spool",
    ExitCode.REFUSED: "mend the setting that the log names",
    ExitCode.SUSPECT: "look at the outlet: nothing was announced, or nothing could be read",
    ExitCode.UNPUBLISHED: "mend the store; the next crawl publishes what waits",
    ExitCode.FULL: "make room on the disk of the spool; the next crawl publishes what waits",
    ExitCode.BLOCKED: "the outlet refuses us: pause its crawls, write to it",
    ExitCode.DRIFTED: "look at the cases in the spool; mend the reading and raise its extractor",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One outlet's line.

    ``today`` and ``usual`` count articles published since midnight UTC: today, and on an average day of the last two weeks until
    this hour (None without a week of reports). ``yesterday`` is what is known of that day; None: nothing. ``backlog`` counts pages that the last crawl chose and did not get, ``waiting``
    segments in the spool.
    """

    outlet: str
    last: datetime | None = None
    last_code: int | None = None
    last_good: datetime | None = None
    newest: datetime | None = None
    backlog: int = 0
    waiting: int = 0
    today: int = 0
    usual: float | None = None
    yesterday: DayCoverage | None = None
    advice: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it for machines; times as ISO 8601."""
        times = {
            name: moment.isoformat() if (moment := getattr(self, name)) else None
            for name in ("last", "last_good", "newest")
        }
        counts = {name: getattr(self, name) for name in ("last_code", "backlog", "waiting", "today", "usual", "advice")}
        yesterday = self.yesterday and {name: getattr(self.yesterday, name) for name in DAY}
        return {"outlet": self.outlet, **times, **counts, "yesterday": yesterday}


def standing_of(
    outlet: str, reports: Sequence[Report], now: datetime, yesterday: DayCoverage | None = None
) -> Standing:
    """Return how an outlet stands.

    Args:
        outlet: its name.
        reports: its reports, oldest first.
        now: aware.
        yesterday: what is known of the day before (UTC).
    """
    if not reports:
        return Standing(outlet, advice=["never crawled: scrapy crawl " + outlet])
    last = reports[-1]
    good = [report for report in reports if report.get("exit_code") == ExitCode.PUBLISHED]
    newest = [report["quality"]["newest"] for report in reports if report.get("quality", {}).get("newest")]
    outcomes = last.get("pages", {}).get("outcomes", {})
    today, usual = _today(reports, now)
    return Standing(
        outlet,
        last=datetime.fromisoformat(last["finished"]),
        last_code=last.get("exit_code"),
        last_good=datetime.fromisoformat(good[-1]["finished"]) if good else None,
        newest=datetime.fromisoformat(max(newest)) if newest else None,
        backlog=sum(outcomes.get(name, 0) for name in ("failed", "not-reached", "over-limit")),
        waiting=last.get("segments_unpublished", 0),
        today=today,
        usual=usual,
        yesterday=yesterday,
        advice=[*_advice(reports, now), *_gaps(outlet, yesterday)],
    )


def _gaps(outlet: str, yesterday: DayCoverage | None) -> Iterator[str]:
    if yesterday and yesterday.state == "gaps":
        yield (
            f"{missing(yesterday)} pages of {yesterday.day} are missing and might be had: "
            f"scrapy crawl {outlet} -a since={yesterday.day} -a until={yesterday.day}"
        )


def missing(day: DayCoverage) -> int:
    """Return how many announced pages of a day the archive has not, but for those that it may not have."""
    return day.announced - day.captured - day.refused


def line_of(standings: Sequence[Standing], day: date) -> str:
    """Say in one line whether a day is complete."""
    known = {standing.outlet: standing.yesterday for standing in standings}
    whole = [
        outlet for outlet, coverage_of_day in known.items() if coverage_of_day and coverage_of_day.state == "complete"
    ]
    states = [f"{outlet} {_state(coverage_of_day)}" for outlet, coverage_of_day in known.items() if outlet not in whole]
    return f"{day}: complete at {len(whole)} of {len(known)} outlets" + (f"; {', '.join(states)}" if states else "")


def _state(day: DayCoverage | None) -> str:
    if day is None:
        return "was not crawled"
    lacks = f"lacks {missing(day)} of {day.announced} pages"
    return lacks if day.state == "gaps" else f"was not asked to the end yet ({day.captured} pages)"


def _today(reports: Sequence[Report], now: datetime) -> tuple[int, float | None]:
    hours: Counter[str] = Counter()
    for report in reports:
        hours.update(report.get("quality", {}).get("hours", {}))
    first = datetime.fromisoformat(reports[0]["started"]).date()
    days = [now.date() - timedelta(days=back) for back in range(1, 15) if now.date() - timedelta(days=back) > first]
    until = f"T{now:%H}"
    counts = {
        day: sum(n for hour, n in hours.items() if hour.startswith(f"{day}T") and hour[10:] <= until)
        for day in [now.date(), *days]
    }
    usual = statistics.fmean(counts[day] for day in days) if len(days) >= 6 else None  # noqa: PLR2004  a week, with its quiet days
    return counts[now.date()], usual


def _advice(reports: Sequence[Report], now: datetime) -> Iterator[str]:
    last = reports[-1]
    code = last.get("exit_code")
    if code in ADVICE:
        yield ADVICE[ExitCode(code)]
    yield from (alarm_sentence(alarm) for alarm in last.get("drift", {}).get("alarms", ()))
    since = now - datetime.fromisoformat(last["finished"])
    if since > max(PATIENCE, 3 * usual_pause(reports)):
        yield f"not crawled for {since / timedelta(hours=1):.0f} h: is the schedule running?"


def usual_pause(reports: Sequence[Mapping[str, Any]]) -> timedelta:
    """Return the usual time between the beginnings of two crawls; nothing where there was one only."""
    begun = [datetime.fromisoformat(report["started"]) for report in reports]
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(begun)]
    return timedelta(seconds=statistics.median(pauses) if pauses else 0)


# --- How the outlets stand, as a table for people, and below it what to do -------------------------------------------


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
