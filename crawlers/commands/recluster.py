"""`scrapy recluster IN.jsonl`: the stories of a pile of articles, without a crawl and without an archive.

    articles, in any order ──▶ {"id", "story", "role", "origin", "overlap"} for each article, by id

The same articles give the same lines, byte for byte, and the same stories as the crawls that brought them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from scrapy.commands import ScrapyCommand

from archive.reader.redactions import TakenDown
from archive.store import StoreError, open_store
from crawlers.exit_codes import ExitCode

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from pipelines.syndication import Piece


class Command(ScrapyCommand):
    """Stories of articles in a file."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Name the arguments."""
        return "IN.jsonl [--archive URI]"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Find the stories of articles in a JSON lines file (- for standard input)"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the archive whose take-downs hold."""
        super().add_options(parser)
        parser.add_argument("--archive", metavar="URI", help="leave out what was taken down in this archive")

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        """Print one line for each article; wrong input is answered with one sentence and exit code 2."""
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

    def _refuse(self, sentence: str) -> None:
        sys.stderr.write(f"{sentence}\n")
        self.exitcode = ExitCode.REFUSED


def recluster(pieces: Iterable[Piece]) -> Iterator[str]:
    """Yield the line of each article, once all are placed.

    Args:
        pieces: in the order of their publication.
    """
    from pipelines.syndication import MemoryStoryIndex, Stories, story_line  # noqa: PLC0415  matching, which few commands need

    stories = Stories(MemoryStoryIndex())
    for piece in pieces:
        stories.place(piece)
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
