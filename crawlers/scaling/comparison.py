"""Pass 3 of `recluster`: each piece against those before it within the window. Stateless: a block needs one other.

    block b-1  ▒▒▒▒▒▒▒▒▒▒▒▒  only posted
    block b    ████████████  posted and compared ──▶ links/block=<b>: article, article, link

The comparison is `Stories` itself, over an index that writes the links down instead of drawing conclusions from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawlers.scaling.blocks import blocks_of
from crawlers.scaling.desk import share
from crawlers.scaling.rows import pieces_from_parquet, to_parquet
from crawlers.scaling.twins import Repeats
from pipelines.syndication import MemoryIndex, Stories
from pipelines.syndication.assembly import Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crawlers.scaling.desk import Desk
    from pipelines.syndication import Piece
    from pipelines.syndication.fingerprints import Hashes
    from pipelines.syndication.index import Relation

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


def compare(desk: Desk, task: int, tasks: int) -> dict[str, int]:
    """Compare a task's share of the blocks."""
    blocks, repeats = blocks_of(desk), Repeats(desk)
    counts = {"compared": 0, "links": 0}
    before: tuple[int, list[Piece]] = (0, [])
    for block in share(blocks, task, tasks):
        if before[0] != block - 1:
            before = (block - 1, _pieces(desk, block - 1, repeats))
        pieces = _pieces(desk, block, repeats)
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


def _pieces(desk: Desk, block: int, repeats: Repeats) -> list[Piece]:
    return repeats.without(pieces_from_parquet(desk.store, desk.keys(f"pieces/block={block}/")))
