"""Which article of a story came first, and how much of each copy stands in it.

The origin is the earliest article that carries the story's *core*: what at least two of its articles share. An outlet that
ran three paragraphs of a dispatch an hour before another ran it in full is early, but it is not where the story came from.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from pipelines.syndication.coverage import Words, covered
from pipelines.syndication.fingerprints import coarseness, thin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.syndication.index import Text
    from pipelines.syndication.spelling import Ids

CARRIED = 0.8  # share of the core that makes an origin


def origin(members: Sequence[str], texts: Mapping[str, Text]) -> str:
    """Return the id of the origin among ``members`` (in order of publication); the first where nothing is shared."""
    if len(members) == 1:
        return members[0]
    halvings = max(coarseness(texts[member].words.size) for member in members)
    sampled = {member: set(thin(texts[member].sketch, halvings).tolist()) for member in members}
    held = Counter(value for hashes in sampled.values() for value in hashes)
    core = {value for value, count in held.items() if count > 1}
    if not core:
        return members[0]
    carried = {member: len(core & hashes) / len(core) for member, hashes in sampled.items()}
    return next((m for m in members if carried[m] >= CARRIED), max(members, key=lambda m: carried[m]))


def overlap(words: Ids, source: Ids) -> float:
    """Return the share (0 to 1, three decimals) of an article's words that stand in ``source``; 1 for an empty one."""
    if not words.size or np.array_equal(words, source):
        return 1.0
    return round(1 - covered(Words(words), Words(source))[0].count(0) / words.size, 3)
