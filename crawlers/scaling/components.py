"""Passes 4 and 5 of `recluster`: what hangs together comes into one bucket; what stands alone is done.

    twins, links ──▶ components ─┬─▶ linked/<bucket>       the links among a bucket's articles
                                 └─▶ buckets               hash of an article → its bucket
    pieces/block=<b> ─┬─ in no component ─▶ placed/alone-<task>
                      └─ in one ──────────▶ dealt/<bucket>/<task>

Articles are told apart by 64-bit hashes here. Two that had the same one would come into one bucket, which changes nothing: the
rules look at links, and these name articles in full.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from crawlers.cluster.jobs import share
from crawlers.cluster.recluster import blocks_of
from crawlers.scaling.comparison import OwnWords
from crawlers.scaling.rows import arrays_from_parquet, from_parquet, pieces_to_parquet, to_parquet
from crawlers.scaling.twins import Repeats
from pipelines.syndication import Piece, Placement, story_line
from pipelines.syndication.assembly import Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crawlers.cluster.jobs import Desk

Places: TypeAlias = npt.NDArray[np.int64]
Hashes: TypeAlias = npt.NDArray[np.uint64]


def hash_of(article: str) -> int:
    """Return 64 bits of an article's id."""
    digest = hashlib.blake2b(article.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def join(desk: Desk, task: int, tasks: int) -> dict[str, int]:
    """Find the components of the whole graph, in one task: numbers alone, 16 bytes an edge."""
    if task:
        return {}
    edges = list(_edges(desk))
    ends = np.array(list(chain.from_iterable(edges)), dtype=np.uint64).reshape(-1, 2)
    articles, labels = components(ends)
    buckets = articles[labels] % np.uint64(tasks)
    desk.put("buckets.parquet", to_parquet({"article": articles, "bucket": buckets}))
    linked: defaultdict[int, list[tuple[str, str, int]]] = defaultdict(list)
    of = Buckets(articles, buckets)
    for row in _links(desk):
        mine, theirs = of.find([row[0], row[1]])
        if mine == theirs and mine is not None:
            linked[mine].append(row)
    for bucket, rows in sorted(linked.items()):
        one, other, link = (list(column) for column in zip(*sorted(rows), strict=True))
        desk.put(f"linked/{bucket:05}.parquet", to_parquet({"one": one, "other": other, "link": link}))
    return {"edges": len(edges), "components": np.unique(labels).size, "joined": articles.size}


def components(ends: Hashes) -> tuple[Hashes, Places]:
    """Return the nodes of a graph in order, and for each the place of the first one of its component.

    Args:
        ends: the edges, a row of two nodes each.
    """
    nodes, places = np.unique(ends, return_inverse=True)
    one, other = places.reshape(-1, 2).T
    labels = np.arange(nodes.size)
    while True:
        lower = np.minimum(labels[one], labels[other])
        renewed = labels.copy()
        for side in (one, other):
            np.minimum.at(renewed, side, lower)
        renewed = renewed[renewed]
        if (renewed == labels).all():
            return nodes, labels
        labels = renewed


class Buckets:
    """Which bucket an article was dealt to."""

    def __init__(self, articles: Hashes, buckets: Hashes) -> None:
        self._articles, self._buckets = articles, buckets

    @classmethod
    def of(cls, desk: Desk) -> Buckets:
        """Read it: 16 bytes for each article that is linked with another one."""
        arrays = arrays_from_parquet(desk.store, "buckets.parquet")
        return cls(arrays["article"], arrays["bucket"])

    def find(self, articles: Sequence[str]) -> list[int | None]:
        """Return the bucket of each article, None for one that hangs together with none."""
        if not self._articles.size:
            return [None] * len(articles)
        wanted = np.array([hash_of(article) for article in articles], dtype=np.uint64)
        places = np.minimum(self._articles.searchsorted(wanted), self._articles.size - 1)
        found = self._articles[places] == wanted
        return [int(self._buckets[at]) if here else None for at, here in zip(places, found, strict=True)]


def deal(desk: Desk, task: int, tasks: int) -> dict[str, int]:
    """Deal the pieces of a task's share of the blocks."""
    own, buckets = OwnWords(desk, Repeats(desk)), Buckets.of(desk)
    dealt: defaultdict[int, list[Piece]] = defaultdict(list)
    alone: list[str] = []
    for block in share(blocks_of(desk), task, tasks):
        pieces = own.pieces(block)
        for piece, bucket in zip(pieces, buckets.find([piece.id for piece in pieces]), strict=True):
            if bucket is None:
                alone.append(piece.id)
            else:
                dealt[bucket].append(piece)
    for bucket, pieces in sorted(dealt.items()):
        desk.put(f"dealt/{bucket:05}/{task:05}.parquet", pieces_to_parquet(pieces))
    lines = "".join(f"{story_line(Placement(each, each, 'first', each, 1.0))}\n" for each in sorted(alone))
    desk.put(f"placed/alone-{task:05}.jsonl", lines.encode())
    return {"alone": len(alone), "dealt": sum(map(len, dealt.values()))}


def _links(desk: Desk) -> Iterable[tuple[str, str, int]]:
    for columns in from_parquet(desk.store, desk.keys("links/")):
        yield from zip(columns["one"], columns["other"], columns["link"], strict=True)


def _edges(desk: Desk) -> Iterable[tuple[int, int]]:
    columns: dict[str, Any]
    for columns in from_parquet(desk.store, desk.keys("twins/")):
        yield from zip(map(hash_of, columns["one"]), map(hash_of, columns["other"]), strict=True)
    yield from ((hash_of(one), hash_of(other)) for one, other, link in _links(desk) if link > Link.NEAR)
