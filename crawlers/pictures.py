"""The pictures of `scrapy report stories`, as SVG: who copies whom, whose agencies, when copies appear.

Outlets and agencies stand in them by their codes, in Latin letters: matplotlib neither joins Arabic letters nor turns their direction.
It is loaded when pictures are asked for, since no crawl needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

_WIDTH, _HEIGHT = 7.0, 4.5  # inches
_MOST_AGENCIES = 8
_BAR = 0.27  # of the space between two outlets: three bars and a gap


def draw(figures: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw the pictures of a span's figures into ``folder``; return their paths, of those that have something to show."""
    from matplotlib.figure import Figure  # noqa: PLC0415  only who wants pictures waits for it

    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for name, title, picture in (
        ("copies", "Copies: origin (row) → outlet that ran it (column)", _copies),
        ("agencies", "Share of articles that credit an agency", _agencies),
        ("lags", "Hours from a story's first run to each later one", _lags),
        ("edits", "Articles edited after publication", _edits),
    ):
        figure = Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(title)
        if picture(axes, figures):
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None})  # the same figures give the same file
            drawn.append(folder / f"{name}.svg")
    return drawn


def _copies(axes: Axes, figures: Mapping[str, Any]) -> bool:
    table = figures["copies"]
    outlets = sorted({*table, *(other for row in table.values() for other in row)})
    return _matrix(axes, outlets, outlets, [[table.get(one, {}).get(other, 0) for other in outlets] for one in outlets])


def _agencies(axes: Axes, figures: Mapping[str, Any]) -> bool:
    table: Mapping[str, Mapping[str, float]] = figures["agencies"]
    totals: dict[str, float] = {}
    for shares in table.values():
        for agency, share in shares.items():
            totals[agency] = totals.get(agency, 0) + share
    most = sorted(totals, key=lambda each: (-totals[each], each))[:_MOST_AGENCIES]
    percents = [[round(100 * shares.get(agency, 0)) for agency in most] for shares in table.values()]
    axes.set_xlabel("% of the outlet's articles; one may credit several")
    return _matrix(axes, list(table), most, percents)


def _lags(axes: Axes, figures: Mapping[str, Any]) -> bool:
    lags = figures["lags_hours"]
    axes.hist(lags, bins=24)
    axes.set_xlabel("hours")
    axes.set_ylabel("copies")
    return bool(lags)


def _edits(axes: Axes, figures: Mapping[str, Any]) -> bool:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415  as above

    table = figures["edits"]
    kinds = (("versions", "later versions"), ("silent", "silent"), ("headlines", "headline changed"))
    for place, (kind, label) in enumerate(kinds):
        at = [outlet + (place - 1) * _BAR for outlet in range(len(table))]
        axes.bar(at, [row[kind] for row in table.values()], width=_BAR, label=label)
    axes.set_xticks(range(len(table)), list(table))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(fontsize="small")
    return any(row["versions"] for row in table.values())


def _matrix(axes: Axes, rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[int]]) -> bool:
    if not (rows and columns):
        return False
    axes.imshow(cells, cmap="Blues", aspect="auto")
    axes.set_xticks(range(len(columns)), columns, rotation=30, ha="right")
    axes.set_yticks(range(len(rows)), rows)
    darkest = max(map(max, cells))
    for row, values in enumerate(cells):
        for column, many in enumerate(values):
            colour = "white" if 2 * many > darkest else "black"
            axes.text(column, row, str(many), ha="center", va="center", color=colour)
    return True
