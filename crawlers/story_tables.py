"""How stories spread, as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

_HEADLINE = 48  # letters


def show(figures: Mapping[str, Any]) -> None:
    """Print the report."""
    console = Console()
    for table in tables(figures):
        console.print(table)


def tables(figures: Mapping[str, Any]) -> Iterator[Table]:
    """Return the report as tables for a terminal."""
    yield _stories(figures)
    yield _copies(figures)
    yield _agencies(figures)
    if figures["agencies_disagree"]:
        yield _disagreements(figures)
    yield _edits(figures)


def _stories(figures: Mapping[str, Any]) -> Table:
    found, copied = figures["articles"], figures["stories_with_copies"]
    table = Table(
        "articles",
        "outlets",
        "first",
        "last",
        "lag h",
        "length %",
        "agencies",
        Column("headline", no_wrap=True),
        title=f"{found} articles, {copied} stories with copies, {len(figures['agencies_disagree'])} name two agencies",
    )
    for story in figures["stories"]:
        first, last = (f"{story[end]['published'][:16]} {story[end]['outlet']}" for end in ("first", "last"))
        lengths = [round(100 * run["length"]) for run in story["runs"]]  # of the origin's: what each desk cut or added
        row = (str(story["articles"]), str(len(story["outlets"])), first, last, str(story["median_lag_hours"]))
        table.add_row(*row, f"{min(lengths)}–{max(lengths)}", " ".join(story["agencies"]), _headline(story))
    return table


def _copies(figures: Mapping[str, Any]) -> Table:
    outlets = sorted({*figures["copies"], *(other for row in figures["copies"].values() for other in row)})
    table = Table("origin", *outlets, title="copies")
    for outlet in outlets:
        table.add_row(outlet, *(str(figures["copies"].get(outlet, {}).get(other, 0)) for other in outlets))
    return table


def _agencies(figures: Mapping[str, Any]) -> Table:
    table = Table("outlet", "agencies", title="share of articles that credit an agency")
    for outlet, shares in figures["agencies"].items():
        table.add_row(outlet, ", ".join(f"{agency} {100 * share:.0f} %" for agency, share in shares.items()))
    return table


def _disagreements(figures: Mapping[str, Any]) -> Table:
    title = "stories that name two agencies: mixed dispatches, or a wrong match"
    table = Table("story", "agencies", "headline", title=title)
    for story in figures["agencies_disagree"]:
        said = "; ".join(f"{agency}: {' '.join(runs)}" for agency, runs in story["agencies"].items())
        table.add_row(story["story"], said, _headline(story))
    return table


def _edits(figures: Mapping[str, Any]) -> Table:
    table = Table("outlet", "articles", "edited", "versions", "silent", "headlines", title="edits after publication")
    for outlet, row in figures["edits"].items():
        table.add_row(outlet, *(str(row[name]) for name in ("articles", "edited", "versions", "silent", "headlines")))
    return table


def _headline(story: Mapping[str, Any]) -> str:
    """Return a headline that fits a line, in a direction isolate of its own: a terminal keeps the table's columns where they are."""
    headline = str(story["headline"])
    return f"\u2068{headline if len(headline) <= _HEADLINE else headline[: _HEADLINE - 1] + '…'}\u2069"
