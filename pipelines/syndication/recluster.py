"""The stories of a pile of articles, as a crawl would have found them; without a crawl and without an archive."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.syndication import MemoryStoryIndex, Piece, Stories, story_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def recluster(pieces: Iterable[Piece]) -> Iterator[str]:
    """Yield the line of each article, once all are placed.

    Args:
        pieces: in the order of their publication.
    """
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
    pieces = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            pieces.append(Piece.of_line(json.loads(line)))
        except ValueError as error:
            raise ValueError(f"{name}, line {number}, is no article: {error}") from error
    return sorted(pieces, key=lambda piece: (piece.at, piece.id, piece.version))
