"""Pass 3 of `recluster`: each piece against those before it within the window. Stateless: a block needs those before it.

    blocks b-12 … b-2  ░░░░  only learned: what 32 days say again and again is formula
    block b-1  ▒▒▒▒▒▒▒▒▒▒▒▒  only posted
    block b    ████████████  posted and compared ──▶ links/block=<b>: article, article, link

The comparison is `Stories` itself, over an index that writes the links down instead of drawing conclusions from them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crawlers.cluster.jobs import share
from crawlers.cluster.recluster import blocks_of
from crawlers.scaling.rows import pieces_from_parquet, to_parquet
from crawlers.scaling.twins import Repeats
from pipelines.syndication import MemoryIndex, Stories
from pipelines.syndication.assembly import WINDOW, Link
from pipelines.syndication.formulas import DAYS, Formulas

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crawlers.cluster.jobs import Desk
    from pipelines.syndication import Piece
    from pipelines.syndication.fingerprints import Hashes
    from pipelines.syndication.index import Relation

_LEARNED = int(DAYS * 24 * 3600 // WINDOW) + 2  # blocks, the first and the last one begun
Links = dict[tuple[str, str], int]  # two articles in alphabetical order → the strongest link


class _Noting(MemoryIndex):
    """An index that notes links and keeps none, so that no stories are assembled here."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: Links = {}
        self.comparing = False

    def shared(self, at: float, sketch: Hashes) -> Mapping[int, int]:
        """Find nothing to compare with while the block before is posted."""
        return super().shared(at, sketch) if self.comparing else {}

    def link(self, one: str, other: str, link: Link) -> None:
        """Note a link; those by key are found elsewhere, without window."""
        if link is not Link.KEY:
            pair = (min(one, other), max(one, other))
            self.noted[pair] = max(self.noted.get(pair, 0), int(link))

    def relate(self, article: str, relation: Relation) -> None:
        """Forget a relation: `scrapy recluster` prints none."""


def links_of(before: Iterable[Piece], block: Iterable[Piece]) -> Links:
    """Return the links of a block's pieces with one another and with those of the block before; both in order."""
    index = _Noting()
    stories = Stories(index)
    for piece in before:
        stories.place(piece)
    index.comparing = True
    for piece in block:
        stories.place(piece)
    return index.noted


class OwnWords:
    """Reads the pieces of blocks, each with which of its words are its own, as a crawl finds them when it places it.

    Args:
        desk: where the job lies.
        repeats: what is left out.
    """

    def __init__(self, desk: Desk, repeats: Repeats) -> None:
        self._desk, self._repeats = desk, repeats
        self._blocks = blocks_of(desk)
        self._formulas, self._last = Formulas(), 0

    def pieces(self, block: int) -> list[Piece]:
        """Return a block's pieces in order of publication. Blocks are asked for in ascending order, each once."""
        for earlier in self._blocks:
            if max(self._last, block - _LEARNED) < earlier < block:
                for piece in self._read(earlier):
                    self._learn(piece)
        found = []
        for piece in self._read(block):
            found.append(replace(piece, own=self._formulas.own(piece.words, piece.at)))
            self._learn(piece)
        self._last = block
        return found

    def _read(self, block: int) -> list[Piece]:
        return self._repeats.without(pieces_from_parquet(self._desk.store, self._desk.keys(f"pieces/block={block}/")))

    def _learn(self, piece: Piece) -> None:
        if piece.comparable:
            self._formulas.learn(piece.words, piece.at)


def compare(desk: Desk, task: int, tasks: int) -> dict[str, int]:
    """Compare a task's share of the blocks."""
    blocks, own = blocks_of(desk), OwnWords(desk, Repeats(desk))
    counts = {"compared": 0, "links": 0}
    before: tuple[int, list[Piece]] = (0, [])
    for block in share(blocks, task, tasks):
        if before[0] != block - 1:
            before = (block - 1, own.pieces(block - 1))
        pieces = own.pieces(block)
        found = sorted(links_of(before[1], pieces).items())
        columns: dict[str, list[Any]] = {
            "one": [one for (one, _), _ in found],
            "other": [other for (_, other), _ in found],
            "link": [link for _, link in found],
        }
        desk.put(f"links/block={block}.parquet", to_parquet(columns))
        counts["compared"] += len(pieces)
        counts["links"] += len(found)
        before = (block, pieces)
    return counts
