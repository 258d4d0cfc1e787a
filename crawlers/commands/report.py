"""`scrapy report stories [--since DAY] [--until DAY]`: how stories spread, as tables, as JSON, as pictures.

the archive's article and story lines ──▶ the settled view ──▶ most copied stories · who copies whom · agencies · edits
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.console import Console
from rich.table import Column, Table
from scrapy.commands import ScrapyCommand

from archive.reader import Archive
from archive.selection import end_of, start_of
from archive.store import StoreError, open_store
from crawlers.exit_codes import ExitCode
from crawlers.pictures import draw
from pipelines.syndication.catching_up import lines_of
from pipelines.syndication.runs import settled, within
from pipelines.syndication.spread import spread

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

_HEADLINE = 48  # letters


class Command(ScrapyCommand):
    """Figures of an archive."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Name the arguments."""
        return "stories [--since DAY] [--until DAY] [--top N] [--json] [--pictures FOLDER]"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Report how stories spread between the outlets of the archive"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the span and the form."""
        super().add_options(parser)
        parser.add_argument("--since", metavar="DAY", help="articles published from this day on")
        parser.add_argument("--until", metavar="DAY", help="articles published until the end of this day")
        parser.add_argument("--top", type=int, default=20, metavar="N", help="how many stories to name (20)")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
        parser.add_argument("--pictures", metavar="FOLDER", help="draw SVG pictures into this folder, too")

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        """Print the report; what is wrong is said in one sentence with exit code 2."""
        assert self.settings is not None
        if list(args) != ["stories"]:
            self._refuse("There is one report: scrapy report stories.")
            return
        try:
            span = start_of(opts.since), end_of(opts.until)
            figures = spread(within(settled(self._lines()), *span), opts.top)
        except (StoreError, ValueError) as error:
            self._refuse(f"{error}".rstrip(".") + ".")
            return
        if opts.pictures:
            draw(figures, Path(opts.pictures))
        if opts.json:
            sys.stdout.write(json.dumps(figures, ensure_ascii=False, indent=1) + "\n")
            return
        console = Console()
        for table in tables(figures):
            console.print(table)

    def _lines(self) -> Iterator[Mapping[str, Any]]:
        assert self.settings is not None
        endpoint = self.settings["AWS_ENDPOINT_URL"]
        store = open_store(str(self.settings["ARCHIVE_URI"]), options={"endpoint_url": endpoint} if endpoint else {})
        archive = Archive(store)
        for manifest in archive.manifests():
            yield from (line for line in lines_of(store, manifest) if line["id"] not in archive.taken_down.ids)

    def _refuse(self, sentence: str) -> None:
        sys.stderr.write(f"{sentence}\n")
        self.exitcode = ExitCode.REFUSED


def tables(figures: Mapping[str, Any]) -> Iterator[Table]:
    """Return the report as tables for a terminal."""
    found, copied = figures["articles"], figures["stories_with_copies"]
    stories = Table(
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
        stories.add_row(*row, f"{min(lengths)}–{max(lengths)}", " ".join(story["agencies"]), _headline(story))
    yield stories
    outlets = sorted({*figures["copies"], *(other for row in figures["copies"].values() for other in row)})
    copies = Table("origin", *outlets, title="copies")
    for outlet in outlets:
        copies.add_row(outlet, *(str(figures["copies"].get(outlet, {}).get(other, 0)) for other in outlets))
    yield copies
    agencies = Table("outlet", "agencies", title="share of articles that credit an agency")
    for outlet, shares in figures["agencies"].items():
        agencies.add_row(outlet, ", ".join(f"{agency} {100 * share:.0f} %" for agency, share in shares.items()))
    yield agencies
    if figures["agencies_disagree"]:
        disagree = Table(
            "story", "agencies", "headline", title="stories that name two agencies: mixed dispatches, or a wrong match"
        )
        for story in figures["agencies_disagree"]:
            said = "; ".join(f"{agency}: {' '.join(runs)}" for agency, runs in story["agencies"].items())
            disagree.add_row(story["story"], said, _headline(story))
        yield disagree
    edits = Table("outlet", "articles", "edited", "versions", "silent", "headlines", title="edits after publication")
    for outlet, row in figures["edits"].items():
        edits.add_row(outlet, *(str(row[name]) for name in ("articles", "edited", "versions", "silent", "headlines")))
    yield edits


def _headline(story: Mapping[str, Any]) -> str:
    """Return a headline that fits a line, in a direction isolate of its own: a terminal keeps the table's columns where they are."""
    headline = str(story["headline"])
    return f"\u2068{headline if len(headline) <= _HEADLINE else headline[: _HEADLINE - 1] + '…'}\u2069"
