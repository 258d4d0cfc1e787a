"""The pictures of `scrapy report stories`, as SVG: who copies whom, whose agencies, when copies appear.

matplotlib is loaded when pictures are asked for, since no crawl needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes

_WIDTH, _HEIGHT = 7.0, 4.5  # inches
_MOST_AGENCIES = 8


def draw(figures: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw the pictures of a span's figures into ``folder``; return their paths, of those that have something to show."""
    from matplotlib.figure import Figure  # noqa: PLC0415  only who wants pictures waits for it

    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for name, title, picture in (
        ("copies", "Copies: origin (row) → outlet that ran it (column)", _copies),
        ("agencies", "Share of articles that credit an agency", _agencies),
        ("lags", "Hours from the origin to each copy", _lags),
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
    cells = [[table.get(one, {}).get(other, 0) for other in outlets] for one in outlets]
    if not outlets:
        return False
    axes.imshow(cells, cmap="Blues")
    axes.set_xticks(range(len(outlets)), outlets, rotation=30, ha="right")
    axes.set_yticks(range(len(outlets)), outlets)
    darkest = max(map(max, cells))
    for row, values in enumerate(cells):
        for column, many in enumerate(values):
            axes.text(
                column, row, str(many), ha="center", va="center", color="white" if 2 * many > darkest else "black"
            )
    return True


def _agencies(axes: Axes, figures: Mapping[str, Any]) -> bool:
    table: Mapping[str, Mapping[str, float]] = figures["agencies"]
    totals: dict[str, float] = {}
    for shares in table.values():
        for agency, share in shares.items():
            totals[agency] = totals.get(agency, 0) + share
    left = [0.0] * len(table)
    for agency in sorted(totals, key=lambda each: (-totals[each], each))[:_MOST_AGENCIES]:
        widths = [100 * shares.get(agency, 0) for shares in table.values()]
        axes.barh(list(table), widths, left=left, label=agency)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    if totals:
        axes.set_xlabel("% of articles")
        axes.legend(fontsize="small")
    return bool(totals)


def _lags(axes: Axes, figures: Mapping[str, Any]) -> bool:
    lags = [lag for story in figures["stories"] for lag in story["lags_hours"]]
    axes.hist(lags, bins=24)
    axes.set_xlabel("hours")
    axes.set_ylabel("copies")
    return bool(lags)


def _edits(axes: Axes, figures: Mapping[str, Any]) -> bool:
    table = figures["edits"]
    for kind, label in (("versions", "later versions"), ("silent", "silent"), ("headlines", "headline changed")):
        axes.plot(list(table), [row[kind] for row in table.values()], marker="o", linestyle="", label=label)
    axes.legend(fontsize="small")
    return any(row["versions"] for row in table.values())
