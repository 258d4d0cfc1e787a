"""How far two readings of one text agree."""

from __future__ import annotations

from collections import Counter

from pipelines.cleaning import words


def word_f1(one: str, other: str) -> float:
    """Return the word-level F1 (0 to 1) of two texts, order left aside; two empty texts agree."""
    ours, theirs = Counter(words(one)), Counter(words(other))
    total = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / total if total else 1.0
