"""A picture of a benchmark's figures, where ``BENCH_PLOTS`` names a folder, as `make bench` does: ``<folder>/<name>.svg``.

bars     peers side by side: a bar to the median of the runs, a line from the least to the most
curves   how cost grows: a line for each of several figures over the size
"""

from __future__ import annotations

import os
import statistics
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

OURS, OTHERS, INK = "#9c2f24", "#8f8774", "#3b352b"
SETTINGS = {"svg.hashsalt": "warraq", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}


def bars(name: str, unit: str, runs: Mapping[str, Sequence[float]], ours: str = "Warraq") -> None:
    """Draw the medians with their spread; those whose label holds ``ours`` in our colour."""
    if figure := _figure(0.36 * len(runs) + 0.9):
        axes = figure.add_subplot()
        for place, (label, values) in enumerate(runs.items()):
            median = statistics.median(values)
            axes.barh(place, median, color=OURS if ours in label else OTHERS, height=0.62)
            axes.plot([min(values), max(values)], [place, place], color=INK, linewidth=1)
            axes.annotate(_short(median), (max(values), place), (4, 0), textcoords="offset points", va="center")
        axes.set_yticks(range(len(runs)), list(runs))
        axes.invert_yaxis()
        axes.set_xlabel(unit)
        axes.margins(x=0.2)
        _save(figure, name)


def curves(name: str, x_unit: str, y_unit: str, lines: Mapping[str, Sequence[tuple[float, float]]]) -> None:
    """Draw each line through its points ``(size, figure)``; the figure's axis begins at nothing."""
    if figure := _figure(3.0):
        axes = figure.add_subplot()
        for label, points in ((label, points) for label, points in lines.items() if points):
            axes.plot(*zip(*points, strict=True), marker="o", markersize=3, label=label)
        axes.set_xlabel(x_unit)
        axes.set_ylabel(y_unit)
        axes.set_ylim(bottom=0)
        axes.legend(frameon=False)
        _save(figure, name)


def _figure(height: float) -> Figure | None:
    if "BENCH_PLOTS" not in os.environ:
        return None
    import matplotlib as mpl  # noqa: PLC0415  only who wants pictures waits for it
    from matplotlib.figure import Figure  # noqa: PLC0415

    mpl.rcParams.update(SETTINGS)  # a benchmark's process draws nothing else
    return Figure(figsize=(7.2, height), layout="constrained")


def _save(figure: Figure, name: str) -> None:
    folder = Path(os.environ["BENCH_PLOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
