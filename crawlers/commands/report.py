"""`scrapy report stories [--since DAY] [--until DAY]`: how stories spread, as tables, as JSON, as pictures.

the archive's article and story lines ──▶ the settled view ──▶ most copied stories · who copies whom · agencies · edits
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from archive import extra_missing
from archive.cli.common import within
from archive.reader.archive import Archive
from archive.reader.query import end_of, start_of
from archive.store import StoreError, open_store
from crawlers.configuration import ArchiveCommand
from crawlers.signals import ExitCode

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any


class Command(ArchiveCommand):
    """Figures of an archive."""

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
        parser.add_argument("--top", type=within(0), default=20, metavar="N", help="how many stories to name (20)")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
        parser.add_argument("--pictures", metavar="FOLDER", help="draw SVG pictures into this folder, too")

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        """Print the report; what is wrong is said in one sentence with exit code 2."""
        assert self.settings is not None
        if list(args) != ["stories"]:
            self._refuse("There is one report: scrapy report stories.")
            return
        from pipelines.syndication.spread import draw, settled, show, spread, within  # noqa: PLC0415  matching and tables, which few commands need

        try:
            span = start_of(opts.since), end_of(opts.until)
            figures = spread(within(settled(self._lines()), *span), opts.top)
        except (StoreError, ValueError) as error:
            self._refuse(f"{error}".rstrip(".") + ".")
            return
        if opts.pictures:
            try:
                draw(figures, Path(opts.pictures))
            except ImportError as error:
                self._refuse(f"{extra_missing(error) or error}.")
                return
        if opts.json:
            sys.stdout.write(json.dumps(figures, ensure_ascii=False, indent=1) + "\n")
            return
        show(figures)

    def _lines(self) -> Iterator[Mapping[str, Any]]:
        from pipelines.syndication.stories import lines_of  # noqa: PLC0415  as above

        assert self.settings is not None
        endpoint = self.settings["AWS_ENDPOINT_URL"]
        store = open_store(str(self.settings["ARCHIVE_URI"]), options={"endpoint_url": endpoint} if endpoint else {})
        archive = Archive(store)
        for manifest in archive.manifests():
            yield from (line for line in lines_of(store, manifest) if line["id"] not in archive.taken_down.ids)

    def _refuse(self, sentence: str) -> None:
        sys.stderr.write(f"{sentence}\n")
        self.exitcode = ExitCode.REFUSED
