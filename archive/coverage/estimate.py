"""How much no channel announced: capture and recapture, as fish in a lake are counted.

    channel A announces n₁ articles, channel B n₂, m of them are the same     N̂ = (n₁+1)(n₂+1)/(m+1) − 1

This is Chapman's estimator (D. G. Chapman, Some properties of the hypergeometric distribution with applications to zoological
sample censuses, University of California Publications in Statistics 1, 1951), nearly without bias from m = 7 on (Robson and Regier,
Transactions of the American Fisheries Society 93, 1964); the interval is from Seber's variance (Biometrika 57, 1970). It takes the
channels for independent. Where both tend to leave out the same articles, more is missing than it says: a lower bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_OVERLAP = 7
_Z95 = 1.96


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many articles there were, by two channels; ``margin`` is half of the 95 % interval.

    Attributes:
        channels: the two.
        total: estimated number of articles.
        missed: of these, the number that no channel announced; never below zero.
    """

    channels: tuple[str, str]
    total: float
    margin: float
    missed: float


def estimate(pages: Iterable[frozenset[str]], pair: tuple[str, str] | None = None) -> Estimate | None:
    """Estimate from each known page's channels; None where two channels overlap in fewer than seven pages.

    Args:
        pages: for each page that any channel announced, the kinds of these channels.
        pair: the channels to compare; by default `best_pair`.
    """
    known = [channels for channels in pages if channels]
    chosen = pair or best_pair(known)
    if chosen is None:
        return None
    first, second = (sum(name in channels for channels in known) for name in chosen)
    both = sum(chosen[0] in channels and chosen[1] in channels for channels in known)
    if both < LEAST_OVERLAP:
        return None
    total = (first + 1) * (second + 1) / (both + 1) - 1
    spread = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    return Estimate(chosen, total, _Z95 * sqrt(spread), max(0.0, total - len(known)))


def best_pair(pages: Iterable[frozenset[str]]) -> tuple[str, str] | None:
    """Return the two channels of which the smaller one is largest; None where there are not two."""
    known = list(pages)
    names = sorted({name for channels in known for name in channels})
    sizes = {name: sum(name in channels for channels in known) for name in names}
    pairs = sorted(combinations(names, 2), key=lambda pair: (-min(sizes[name] for name in pair), pair))
    return pairs[0] if pairs else None
