"""A picture of the days: a row of weeks for each outlet, a square for each day, as dark as the day is complete.

aljazeera   Mon ▪▪▪▪▪▪▪▪▪▪     share of what was announced and not refused that the archive has
            …                  a cross: pages are missing that might still be had
            Sun ▪▪▪▪▪▪▪▪▪▪     empty: nothing is known of the day
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archive.coverage.days import DayCoverage

_GREENS = (
    "#f7e0c4",
    "#d9e8b6",
    "#97cc8d",
    "#3f9b63",
    "#14573a",
)  # a half, three quarters, nine tenths, all but a few, all
_STEPS = (0.5, 0.75, 0.9, 0.99)
_WORDS = ("under 50 %", "50 %", "75 %", "90 %", "99 % and more")


def draw_calendar(days: Sequence[DayCoverage], path: Path) -> None:
    """Write the calendar as SVG (or whatever the path's suffix says). Raises ``ValueError`` where there is no day."""
    from matplotlib.figure import Figure  # noqa: PLC0415  half a second that only a picture needs

    if not days:
        raise ValueError("there is no day to draw")
    outlets = sorted({day.outlet for day in days})
    first = min(day.day for day in days)
    monday = first - timedelta(days=first.weekday())
    weeks = (max(day.day for day in days) - monday).days // 7 + 1
    figure = Figure(figsize=(max(6.0, 2.2 + 0.24 * weeks), 0.9 + 2.0 * len(outlets)), layout="constrained")
    for number, outlet in enumerate(outlets, 1):
        axes = figure.add_subplot(len(outlets), 1, number)
        _draw_outlet(axes, [day for day in days if day.outlet == outlet], monday, weeks)
        axes.set_title(outlet, loc="left", fontsize=10)
    _legend(figure)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def shade(day: DayCoverage) -> str:
    """Return the colour of a day: of the share of what could be had that the archive has."""
    wanted = day.announced - day.refused
    share = day.captured / wanted if wanted else 1.0
    return _GREENS[sum(share >= step for step in _STEPS)]


def _draw_outlet(axes: Any, days: Sequence[DayCoverage], monday: date, weeks: int) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415  with the figure

    for day in days:
        week, weekday = divmod((day.day - monday).days, 7)
        edge = "#444444" if day.state == "complete" else "#c9c9c9"
        axes.add_patch(
            Rectangle((week + 0.08, weekday + 0.08), 0.84, 0.84, facecolor=shade(day), edgecolor=edge, lw=0.6)
        )
        if day.state == "gaps":
            axes.plot(week + 0.5, weekday + 0.5, marker="x", color="#a02020", markersize=4)
    axes.set(xlim=(0, weeks), ylim=(7, 0), aspect="equal")
    axes.set_yticks([0.5, 2.5, 4.5, 6.5], ["Mon", "Wed", "Fri", "Sun"], fontsize=7)
    firsts = [n for n in range(weeks) if (monday + timedelta(weeks=n)).day <= 7]  # noqa: PLR2004  a month's first week
    axes.set_xticks([n + 0.5 for n in firsts], [f"{monday + timedelta(weeks=n):%Y-%m}" for n in firsts], fontsize=7)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _legend(figure: Any) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415  with the figure
    from matplotlib.patches import Patch  # noqa: PLC0415  with the figure

    marks: list[Any] = [Patch(facecolor=colour, edgecolor="#c9c9c9") for colour in _GREENS]
    marks.append(Patch(facecolor="white", edgecolor="#444444"))
    marks.append(Line2D([], [], marker="x", color="#a02020", linestyle="none", markersize=5))
    names = [*_WORDS, "complete (dark edge)", "pages to be had are missing"]
    figure.legend(marks, names, loc="outside lower left", ncols=4, fontsize=7, frameon=False)
