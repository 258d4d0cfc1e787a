"""How far two readings of one page agree: ours, and trafilatura's as a second opinion."""

from __future__ import annotations

from collections import Counter

from crawlers.extraction.markup import reduce
from pipelines.cleaning import words

MOST_BYTES = 300_000  # scripts and menus left out; trafilatura is slow on monsters


def agreement(text: str, markup: str) -> float | None:
    """Return how far trafilatura's reading of a page agrees with ours (`word_f1`); None for a page too large to be read twice."""
    import trafilatura  # noqa: PLC0415  half a second, and a crawl without samples need not load it

    if len(reduce(markup.encode(errors="replace"))[0]) > MOST_BYTES:
        return None
    return word_f1(text, trafilatura.extract(markup, include_comments=False, deduplicate=False) or "")


def word_f1(one: str, other: str) -> float:
    """Return the word-level F1 (0 to 1) of two texts, order left aside; two empty texts agree."""
    ours, theirs = Counter(words(one)), Counter(words(other))
    total = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / total if total else 1.0
