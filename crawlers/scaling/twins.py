"""Pass 2 of `recluster`: what is alike however far apart: the versions of an article, the same page, the same text.

keys/<bucket>/… ─┬─▶ twins/<bucket>      pairs of articles; an article with itself, where there are several versions
                 └─▶ repeats/<bucket>    article and text, since when: the same text under a later date is no news
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from crawlers.scaling.rows import from_parquet, to_parquet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawlers.cluster.jobs import Desk
    from pipelines.syndication import Piece

Alike = dict[str, list[tuple[float, str]]]  # key → moment and article of whoever has it


def find_twins(desk: Desk, task: int, tasks: int) -> dict[str, int]:  # noqa: ARG001  every pass is called alike
    """Find what is alike in one bucket of keys."""
    alike: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for columns in from_parquet(desk.store, desk.keys(f"keys/{task:05}/")):
        for key, article, at in zip(columns["alike"], columns["article"], columns["at"], strict=True):
            alike[key].append((at, article))
    pairs = sorted(pairs_of(alike))
    desk.put(f"twins/{task:05}.parquet", to_parquet({"one": [a for a, _ in pairs], "other": [b for _, b in pairs]}))
    again = repeats_of(alike)
    desk.put(f"repeats/{task:05}.parquet", to_parquet({"alike": list(again), "since": list(again.values())}))
    return {"keys": len(alike), "twins": len(pairs), "repeats": len(again)}


def pairs_of(alike: Alike) -> set[tuple[str, str]]:
    """Return a chain of pairs for each key that several pieces have; an article with itself where they are all its own."""
    chains = (sorted(holders) for key, holders in alike.items() if len(holders) > 1 and not key.startswith("again "))
    return {(one[0][1], other) for one in chains for _, other in one[1:]}


def repeats_of(alike: Alike) -> dict[str, float]:
    """Return the texts that their article had at several moments, with the first of these."""
    moments = {key: [at for at, _ in holders] for key, holders in alike.items() if key.startswith("again ")}
    return {key: min(found) for key, found in sorted(moments.items()) if min(found) < max(found)}


class Repeats:
    """What is no news: the same text of the same article at a later moment. A crawl that knows it does not learn it again."""

    def __init__(self, desk: Desk) -> None:
        self._since: dict[str, float] = {}
        for columns in from_parquet(desk.store, desk.keys("repeats/")):
            self._since.update(zip(columns["alike"], columns["since"], strict=True))

    def without(self, pieces: Iterable[Piece]) -> list[Piece]:
        """Return the pieces that are news, in their order."""
        return [piece for piece in pieces if piece.at <= self._since.get(f"again {piece.id} {piece.text!r}", piece.at)]
