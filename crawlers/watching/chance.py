"""How likely chance alone makes a count this small or this large: exact tails, since the samples are small."""

from __future__ import annotations

import math


def binomial_tail(hits: int, sample: int, share: float) -> float:
    """Return the probability (the nearer tail) of ``hits`` among ``sample`` where each hits with ``share`` (0 < share < 1)."""
    logs = (math.log(share), math.log1p(-share))
    is_low = hits < share * sample
    counts = range(hits + 1) if is_low else range(hits, sample + 1)
    return min(sum(math.exp(_log_choices(sample, n) + n * logs[0] + (sample - n) * logs[1]) for n in counts), 1.0)


def poisson_tail(found: int, expected: float) -> float:
    """Return the probability (the nearer tail) of ``found`` events where ``expected`` (above 0) come on average."""
    below = sum(math.exp(n * math.log(expected) - expected - math.lgamma(n + 1)) for n in range(found + 1))
    at = math.exp(found * math.log(expected) - expected - math.lgamma(found + 1))
    return max(min(below, 1 - below + at), 0.0)


def _log_choices(sample: int, hits: int) -> float:
    return math.lgamma(sample + 1) - math.lgamma(hits + 1) - math.lgamma(sample - hits + 1)
