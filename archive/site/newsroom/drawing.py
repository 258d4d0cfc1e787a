"""Each table of the newsroom as a picture: SVG by matplotlib, light and dark, labels in Latin (it does not shape Arabic).

The words around a picture, and its numbers as a table, stand in the page; the picture itself needs no reading aloud.
matplotlib is loaded when a picture is asked for.
"""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from archive.site.newsroom.figures import Table

_SIZE = (7.2, 3.6)  # inches
_INKS = {"light": ("#3b352b", "#d8d0c0"), "dark": ("#d9d2c3", "#4a443a")}  # text, lines
_COLOURS = ("#9c2f24", "#2f6f8f", "#b9862b", "#4f7d4a", "#7b5a94", "#c46a4a", "#5a7fb0", "#8c8c6a")
_RAMPS = {"light": ("#f3ece0", "#9c2f24"), "dark": ("#2b2721", "#e2836f")}
_turn = threading.Lock()  # matplotlib's settings belong to the process


def draw(table: Table, shade: str = "light") -> bytes:
    """Return a table as SVG; the same table gives the same bytes.

    Args:
        table: from `archive.site.newsroom.figures`.
        shade: ``light`` or ``dark``, for the page that shows it.
    """
    import matplotlib as mpl  # noqa: PLC0415  only who wants pictures waits for it
    from matplotlib.figure import Figure  # noqa: PLC0415

    ink, rule = _INKS[shade]
    settings: Any = {
        "svg.hashsalt": "warraq",
        "font.size": 9,
        **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), ink),
        "axes.edgecolor": rule,
        "grid.color": rule,
        "axes.facecolor": "none",
        "legend.frameon": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with _turn, mpl.rc_context(settings):
        figure = Figure(figsize=_SIZE, layout="constrained")
        axes = figure.add_subplot()
        _PICTURES[table.name](axes, table, shade)
        out = io.BytesIO()
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return out.getvalue()


def _numbers(table: Table, column: int) -> list[float]:
    return [float(row[column]) for row in table.rows]


def _hours(axes: Axes, table: Table, shade: str) -> None:
    del shade
    for place, outlet in enumerate(table.columns[1:], start=1):
        axes.plot(
            range(24), _numbers(table, place), label=outlet, color=_COLOURS[(place - 1) % len(_COLOURS)], linewidth=1.8
        )
    axes.set_xticks(range(0, 24, 3), [f"{hour:02}" for hour in range(0, 24, 3)])
    axes.set_xlabel("hour")
    axes.set_ylabel("articles")
    axes.grid(axis="y", linewidth=0.6)
    axes.legend(ncols=3, fontsize="small")


def _lags(axes: Axes, table: Table, shade: str) -> None:
    ink = _INKS[shade][0]
    for place, row in enumerate(table.rows):
        low, middle, high = (float(value) for value in row[2:5])
        axes.barh(place, high - low or 0.02, left=low, color=_COLOURS[place % len(_COLOURS)], height=0.5, alpha=0.85)
        axes.plot([middle, middle], [place - 0.25, place + 0.25], color=ink, linewidth=2)
    axes.set_yticks(range(len(table.rows)), [f"{row[0]} ({row[1]})" for row in table.rows])
    axes.set_xlabel("hours after the first outlet: middle half and median")
    axes.set_xlim(left=0)
    axes.grid(axis="x", linewidth=0.6)


def _matrix(axes: Axes, table: Table, shade: str) -> None:
    _heat(axes, [[float(value) for value in row[1:]] for row in table.rows], shade, numbers=True)
    axes.set_xticks(range(len(table.columns) - 1), table.columns[1:], rotation=20)
    axes.set_yticks(range(len(table.rows)), [str(row[0]) for row in table.rows])
    axes.set_xlabel("ran it later")
    axes.set_ylabel("had it first")


def _agencies(axes: Axes, table: Table, shade: str) -> None:
    del shade
    names = [str(row[0]) for row in table.rows]
    left = [0.0] * len(names)
    for place, agency in enumerate(table.columns[1:], start=1):
        widths = _numbers(table, place)
        axes.barh(names, widths, left=left, label=agency, color=_COLOURS[(place - 1) % len(_COLOURS)], height=0.55)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    axes.set_xlabel("% of articles")
    axes.legend(fontsize="small", ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1))


def _edits(axes: Axes, table: Table, shade: str) -> None:
    del shade
    for place, (label, column) in enumerate((("edited", 2), ("silently", 3), ("headline", 4))):
        spots = [row + (place - 1) * 0.26 for row in range(len(table.rows))]
        axes.bar(spots, _numbers(table, column), width=0.24, label=label, color=_COLOURS[place])
    axes.set_xticks(range(len(table.rows)), [str(row[0]) for row in table.rows])
    axes.set_ylabel("articles")
    axes.grid(axis="y", linewidth=0.6)
    axes.legend(fontsize="small")


def _calendar(axes: Axes, table: Table, shade: str) -> None:
    cells = [[float(row[place]) for row in table.rows] for place in range(1, len(table.columns))]
    _heat(axes, cells, shade, numbers=False)
    for row, values in enumerate(cells):
        for column, value in enumerate(values):
            if value < 0:
                axes.text(column, row, "×", ha="center", va="center", fontsize=7, color=_INKS[shade][0], alpha=0.5)
    step = max(1, len(table.rows) // 8)
    axes.set_xticks(
        range(0, len(table.rows), step), [str(table.rows[at][0])[5:] for at in range(0, len(table.rows), step)]
    )
    axes.set_yticks(range(len(cells)), table.columns[1:])


def _heat(axes: Axes, cells: list[list[float]], shade: str, *, numbers: bool) -> None:
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415

    most = max((max(row) for row in cells), default=0) or 1
    axes.imshow(cells, cmap=LinearSegmentedColormap.from_list("ramp", _RAMPS[shade]), vmin=0, vmax=most, aspect="auto")
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)
    if numbers:
        for row, values in enumerate(cells):
            for column, value in enumerate(values):
                is_deep = value > 0.55 * most
                colour = "#ffffff" if is_deep and shade == "light" else "#1c1914" if is_deep else _INKS[shade][0]
                axes.text(column, row, f"{value:.0f}", ha="center", va="center", color=colour)


_PICTURES: dict[str, Callable[[Axes, Table, str], None]] = {
    "hours": _hours,
    "lags": _lags,
    "matrix": _matrix,
    "agencies": _agencies,
    "edits": _edits,
    "calendar": _calendar,
}
