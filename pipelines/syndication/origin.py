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


def overlap(text: Text, source: Text) -> float:
    """Return the share (0 to 1, three decimals) of an article's own words that stand in ``source``; 1 for an empty one.

    Of an article that is all formula, the share of all its words.
    """
    if not text.words.size or np.array_equal(text.words, source.words):
        return 1.0
    marks = np.frombuffer(covered(Words(text.words), Words(source.words))[0], np.uint8) != 0
    return round(float(marks[text.own].mean() if text.own.any() else marks.mean()), 3)
