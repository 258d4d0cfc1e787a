"""Passes 6 and 7 of `recluster`: stories are assembled by the very rules of a crawl; then all lines become one file.

dealt/<bucket>, linked/<bucket> ──▶ Stories, with the links as found ──▶ placed/<bucket>
placed/… ──▶ stories.jsonl.gz, by id: byte for byte what `scrapy recluster` prints
"""

from __future__ import annotations

import gzip
import heapq
import json
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from crawlers.scaling.rows import from_parquet, pieces_from_parquet
from pipelines.syndication import MemoryIndex, Stories, story_line
from pipelines.syndication.assembly import Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crawlers.cluster.jobs import Desk
    from pipelines.syndication import Piece, Placement
    from pipelines.syndication.coverage import Marks
    from pipelines.syndication.fingerprints import Hashes

RESULT = "stories.jsonl.gz"


class _Linked(MemoryIndex):
    """An index that is told the links beforehand, and draws each as soon as both of its ends are there."""

    def __init__(self, links: Iterable[tuple[str, str, int]]) -> None:
        super().__init__()
        self._waiting: defaultdict[str, dict[str, Link]] = defaultdict(dict)
        self._here: set[str] = set()
        for one, other, link in links:
            strongest = Link(max(link, self._waiting[one].get(other, 0)))
            self._waiting[one][other] = self._waiting[other][one] = strongest

    def shared(self, at: float, sketch: Hashes) -> Mapping[int, int]:  # noqa: ARG002  as `Index.shared`
        """Find nothing to compare with: that was done."""
        return {}

    def add(self, piece: Piece, sketch: Hashes, own: Marks) -> None:
        """Keep a text, and draw its links."""
        super().add(piece, sketch, own)
        self._here.add(piece.id)
        for other, link in self._waiting[piece.id].items():
            if other in self._here:
                self.link(piece.id, other, link)


def place_all(pieces: Iterable[Piece], links: Iterable[tuple[str, str, int]]) -> Iterable[Placement]:
    """Return where articles stand, by id.

    Args:
        pieces: in order of publication; all of a component, or none.
        links: among these, as they were compared.
    """
    stories = Stories(_Linked(links))
    for piece in pieces:
        stories.place(piece)
    return stories.placements()


def assign(desk: Desk, task: int, tasks: int) -> dict[str, int]:  # noqa: ARG001  every pass is called alike
    """Assemble the stories of one bucket."""
    pieces = pieces_from_parquet(desk.store, desk.keys(f"dealt/{task:05}/"))
    links = [
        row
        for columns in from_parquet(desk.store, desk.keys(f"linked/{task:05}.parquet"))
        for row in zip(columns["one"], columns["other"], columns["link"], strict=True)
    ]
    placed = list(place_all(pieces, links))
    desk.put(f"placed/{task:05}.jsonl", "".join(f"{story_line(each)}\n" for each in placed).encode())
    return {"placed": len(placed), "stories": len({each.story for each in placed})}


def gather(desk: Desk, task: int, tasks: int) -> dict[str, int]:  # noqa: ARG001  every pass is called alike
    """Merge what all tasks placed, in one task, as a stream."""
    if task:
        return {}
    articles = 0
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        parts = [stack.enter_context(desk.store.open(key)) for key in desk.keys("placed/")]
        path = Path(folder) / RESULT
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
            for line in heapq.merge(*parts, key=_id):
                packed.write(line)
                articles += 1
        desk.put_file(RESULT, path)
    return {"articles": articles}


def _id(line: bytes) -> str:
    return str(json.loads(line)["id"])
