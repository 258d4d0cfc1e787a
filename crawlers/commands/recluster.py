"""`scrapy recluster IN.jsonl`: the stories of a pile of articles, without a crawl and without an archive.

    articles, in any order ──▶ {"id", "story", "role", "origin", "overlap"} for each article, by id

The same articles give the same lines, byte for byte, and the same stories as the crawls that brought them.

`scrapy recluster --publish` works out the stories of the whole archive by today's rules and publishes, as lines under ``stories/``, what
stands elsewhere than it was told; readers see what was told last.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from archive.files import DamagedState, Unreadable
from archive.manifests.lease import LeaseHeld
from archive.manifests.manifest import outlets_in
from archive.reader.redactions import TakenDown
from archive.spool.spool import SpoolBusy
from archive.store import StoreError, StoreUnavailable, open_store
from crawlers.configuration import ArchiveCommand, ConfigurationError, Destination, put_off
from crawlers.signals import ExitCode

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence

    from pipelines.syndication import Piece


class Command(ArchiveCommand):
    """Stories of articles in a file."""

    def syntax(self) -> str:
        """Name the arguments."""
        return "IN.jsonl [--archive URI] | --publish"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Find the stories of articles in a JSON lines file (- for standard input), or tell the archive's anew"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the archive whose take-downs hold."""
        super().add_options(parser)
        parser.add_argument("--archive", metavar="URI", help="leave out what was taken down in this archive")
        parser.add_argument(
            "--publish",
            action="store_true",
            help="tell the stories of ARCHIVE_URI anew, where today's rules say otherwise",
        )

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        """Print one line for each article; wrong input is answered with one sentence and exit code 2."""
        if opts.publish:
            self._publish(args, opts)
            return
        if len(args) != 1:
            self._refuse("recluster takes one file of articles, or - for standard input.")
            return
        try:
            pieces = read_pieces(args[0])
            hidden = TakenDown(open_store(opts.archive)).ids if opts.archive else frozenset()
        except (OSError, ValueError, StoreError) as error:
            self._refuse(f"{error}.")
            return
        sys.stdout.writelines(f"{line}\n" for line in recluster(piece for piece in pieces if piece.id not in hidden))

    def _publish(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        if args or opts.archive:
            self._refuse("recluster --publish takes neither a file nor --archive: it works on ARCHIVE_URI.")
            return
        try:
            self._relabel()
        except ConfigurationError as error:
            self._refuse(f"{str(error).rstrip('.')}.")
        except (LeaseHeld, SpoolBusy) as error:
            self._refuse(f"every outlet is being worked on, the last one so: {error}.", ExitCode.BUSY)
        except StoreUnavailable as error:
            self.exitcode = put_off(error)
        except (StoreError, Unreadable, DamagedState) as error:
            self._refuse(f"{str(error).rstrip('.')}.", ExitCode.FAILED)

    def _relabel(self) -> None:
        from crawlers.session.session import relabel  # noqa: PLC0415  a crawl's whole side of the archive, which a file needs not

        assert self.settings is not None
        destination = Destination.from_settings(self.settings)
        destination.check()
        held: Exception | None = None
        for outlet in outlets_in(destination.store):
            try:
                done = relabel(destination, outlet, self.settings)
            except (LeaseHeld, SpoolBusy) as error:  # it is being crawled: another one's turn will do
                held = error
                continue
            sys.stdout.write(f"{done.articles:,} articles stand elsewhere than was told; published with {outlet}\n")
            if done.waiting:
                self._refuse(f"{done.waiting} segments wait in the spool for the store.", ExitCode.UNPUBLISHED)
            return
        if held is not None:
            raise held
        sys.stdout.write("the archive holds no articles\n")

    def _refuse(self, sentence: str, code: ExitCode = ExitCode.REFUSED) -> None:
        sys.stderr.write(f"{sentence}\n")
        self.exitcode = code


def recluster(pieces: Iterable[Piece]) -> Iterator[str]:
    """Yield the line of each article, once all are placed.

    Args:
        pieces: in the order of their publication.
    """
    from pipelines.syndication import MemoryStoryIndex, Stories, story_line  # noqa: PLC0415  matching, which few commands need

    stories = Stories(MemoryStoryIndex())
    stories.place_all(pieces)
    yield from map(story_line, stories.placements())


def read_pieces(path: str) -> list[Piece]:
    """Return the articles of a JSON lines file (``-``: standard input) in the order of their publication.

    Raises:
        OSError: the file cannot be read.
        ValueError: a line is no article; the message says which.
    """
    if path == "-":
        return _pieces(sys.stdin.buffer, "standard input")
    try:
        with Path(path).open("rb") as lines:
            return _pieces(lines, path)
    except OSError as error:
        raise OSError(f"{path} cannot be read: {error.strerror}") from error


def _pieces(lines: Iterable[bytes], name: str) -> list[Piece]:
    from pipelines.syndication import Piece  # noqa: PLC0415  matching, which few commands need

    pieces = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            pieces.append(Piece.of_line(json.loads(line)))
        except ValueError as error:
            raise ValueError(f"{name}, line {number}, is no article: {error}") from error
    return sorted(pieces, key=lambda piece: (piece.at, piece.id, piece.version))
