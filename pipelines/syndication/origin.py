"""Which article of a story came first, and how much of each copy stands in it.

The origin is the earliest article that carries the story's *core*: what at least two of its articles share. An outlet that
ran three paragraphs of a dispatch an hour before another ran it in full is early, but it is not where the story came from.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from array import array
    from collections.abc import Mapping, Sequence

    from pipelines.syndication.alignment import Words

CARRIED = 0.8  # share of the core that makes an origin


def origin(members: Sequence[str], sketches: Mapping[str, array[int]]) -> str:
    """Return the id of the origin among ``members`` (in order of publication); the first where nothing is shared."""
    if len(members) == 1:
        return members[0]
    coarse = {member: {h for h in sketches[member] if not h >> 20 & 3} for member in members}
    held = Counter(h for hashes in coarse.values() for h in hashes)
    core = {h for h, count in held.items() if count > 1}
    if not core:
        return members[0]
    carried = {member: len(core & hashes) / len(core) for member, hashes in coarse.items()}
    return next((m for m in members if carried[m] >= CARRIED), max(members, key=lambda m: carried[m]))


def overlap(words: Words, source: Words) -> float:
    """Return the share (0 to 1, three decimals) of an article's words that stand in ``source``; 1 for an empty one."""
    if not words.ids or words.ids == source.ids:
        return 1.0
    return round(words.covered_by(source).count(1) / len(words.ids), 3)
