"""Pass 1 of `recluster`: article lines become fingerprinted pieces, by blocks of time; and their keys, by buckets.

lines ──▶ Piece ─┬─▶ pieces/block=<b>/<task>     72 hours each: what may be compared stands in two of them
                 └─▶ keys/<bucket>/<task>        page and text of each: what is alike without being compared
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from crawlers.cluster.jobs import share
from crawlers.scaling.rows import bucket_of, pieces_to_parquet, to_parquet
from pipelines.syndication import Piece
from pipelines.syndication.postings import block_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archive.reader.archive import Archive
    from crawlers.cluster.jobs import Desk

_Row = tuple[str, str, float]  # what is alike, article, moment


def objects_of(archive: Archive, options: Mapping[str, Any]) -> list[str]:
    """Return the keys of all article lines that stand; a part of them would have other stories than the whole."""
    if any(options.values()):
        raise ValueError("recluster takes the whole archive; --since, --until and --outlet are for other jobs")
    return [m.by_kind["articles"].key for m in archive.manifests() if "articles" in m.by_kind]


def read_lines(desk: Desk, task: int, tasks: int) -> dict[str, int]:
    """Read a task's share of the archive's article objects."""
    plan = desk.plan()
    hidden = frozenset(plan.hidden)
    counts = {"articles": 0, "bytes": 0}
    blocks: defaultdict[int, list[Piece]] = defaultdict(list)
    buckets: defaultdict[int, list[_Row]] = defaultdict(list)
    for key in share(plan.objects, task, tasks):
        with desk.source.open(key) as packed, gzip.open(packed) as lines:
            for line in lines:
                piece = Piece.of_line(json.loads(line))
                if piece.id in hidden:
                    continue
                blocks[block_of(piece.at)].append(piece)
                for row in keys_of(piece):
                    buckets[bucket_of(row[0], tasks)].append(row)
                counts["articles"] += 1
                counts["bytes"] += len(line)
    for block, pieces in sorted(blocks.items()):
        desk.put(f"pieces/block={block}/{task:05}.parquet", pieces_to_parquet(pieces))
    for bucket, rows in sorted(buckets.items()):
        desk.put(f"keys/{bucket:05}/{task:05}.parquet", to_parquet(_columns(rows)))
    return counts


def keys_of(piece: Piece) -> Iterator[_Row]:
    """Yield what a piece may have in common with any other one, whenever that was published.

    ``id`` finds the versions of an article, ``again`` the same text of the same article under another date.
    """
    yield f"id {piece.id}", piece.id, piece.at
    yield f"page {piece.address!r}", piece.id, piece.at
    yield f"again {piece.id} {piece.text!r}", piece.id, piece.at
    if piece.comparable:
        yield f"text {piece.text!r}", piece.id, piece.at


def blocks_of(desk: Desk) -> list[int]:
    """Return the blocks of time in which there are pieces, in order."""
    return sorted(int(name.removeprefix("block=")) for name in desk.store.folders("pieces/"))


def _columns(rows: Iterable[_Row]) -> dict[str, list[Any]]:
    alike, articles, moments = (list(column) for column in zip(*sorted(rows), strict=True))
    return {"alike": alike, "article": articles, "at": moments}
