"""One measure, now and before: whether they differ by more than is tolerated, and by more than chance explains.

share of pages        an exact tail of the binomial distribution
level (a median)      four mean deviations of the crawls before, and six of a median of so many pages
agreement             both: few pages are read twice, so the pages that agree badly are counted as a share is
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log
from statistics import median
from typing import TYPE_CHECKING

from crawlers.watching.chance import binomial_tail

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawlers.watching.limits import Limits
    from crawlers.watching.tally import Tally

UNLIKELY = 1e-6  # an outlet polled every two hours is compared seven thousand times a month
DEVIATIONS = 4.0  # of a level, from what it usually is
OF_A_MEDIAN = 6 * 1.25  # mean deviations: that of the median of n pages is 1.25 of that of a page, by the root of n


@dataclass(slots=True)
class Alarm:
    """One difference: what is measured, how it was, how it is, on how many pages.

    ``excess`` is the difference in tolerances; ``explains`` names what follows from it.
    """

    name: str
    was: float
    now: float
    sample: int
    excess: float
    standing: int = 1
    grave: bool = False
    explains: list[str] = field(default_factory=list)


def share_alarm(name: str, now: tuple[int, int], was: tuple[int, int], limits: Limits) -> Alarm | None:
    """Return the alarm of a share of pages: hits and sample now, hits and sample before."""
    (hits, sample), (before, of) = now, was
    if sample < limits.sample or of < limits.sample:
        return None
    share, usual = hits / sample, before / of
    tolerance = limits.tolerance["share"]
    chance = binomial_tail(hits, sample, (before + 1) / (of + 2))  # what was never seen may come all the same
    if abs(share - usual) <= tolerance or chance > UNLIKELY:
        return None
    return Alarm(name, round(usual, 3), round(share, 3), sample, abs(share - usual) / tolerance)


def level_alarm(name: str, now: Tally, baseline: Tally, limits: Limits, kind: str) -> Iterator[Alarm]:
    """Yield the alarm of a level, if it is one."""
    level, usual = now.level(name), baseline.level(name)
    if level is None or usual is None or not usual[0] or min(level[1], usual[1]) < limits.sample:
        return
    change, tolerance = abs(level[0] - usual[0]) / usual[0], limits.tolerance[kind]
    spread = sum(abs(value - usual[0]) * size for value, size in baseline.levels[name]) / usual[1] / usual[0]
    is_worse = level[0] < usual[0] or name == "text-length"
    by_pages = OF_A_MEDIAN * baseline.page_spread(name) / level[1] ** 0.5 / usual[0]
    is_chance = (
        level[0] > 0 and abs(log(level[0] / usual[0])) <= by_pages
    )  # lengths are skewed, their logarithms less so
    if is_worse and change > max(tolerance, DEVIATIONS * spread) and not is_chance:
        yield Alarm(name, usual[0], level[0], level[1], change / tolerance)


def agreement_alarm(now: Sequence[float], before: Sequence[float], limits: Limits) -> Iterator[Alarm]:
    """Yield the alarm of the agreement, if half of the pages fall below what is tolerated, and chance does not make it so.

    A tenth of the pages is sampled, so a median is often one of three pages, and a page may well agree badly without any fault.

    Args:
        now: the agreement of each page sampled lately.
        before: of each page sampled before.
        limits: what is tolerated; half of its sample is enough, for each page counts by itself.
    """
    if min(len(now), len(before)) < limits.sample / 2 or not (usual := median(before)):
        return
    floor = usual * (1 - limits.tolerance["agreement"])
    low, was_low = (sum(page < floor for page in pages) for pages in (now, before))
    if median(now) >= floor or binomial_tail(low, len(now), (was_low + 1) / (len(before) + 2)) > UNLIKELY:
        return
    change = (usual - median(now)) / usual
    yield Alarm("agreement", round(usual, 3), round(median(now), 3), len(now), change / limits.tolerance["agreement"])
