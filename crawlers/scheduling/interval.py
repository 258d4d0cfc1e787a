"""How long to wait for the next poll, learnt from what the last one found.

    the fullest channel: new / announced ─┬─ all new     a gap: something may have rolled off unseen ──▶ half the time
                                          ├─ some new    ──▶ the time in which half of the channel would be new
                                          └─ nothing new ──▶ half as long again

So consecutive polls of a channel overlap, and an outlet that sleeps is asked less. Sitemaps of a day only grow, they say nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

ROLLING = frozenset(("feed", "section", "api", "news-sitemap"))
TARGET = 0.5  # of a channel may be new: as many again stand between us and a gap
SLOWER = 1.5
FASTER = 0.5
LEAST_ANNOUNCED = 5  # a shorter list is all new too easily


def next_interval(
    current: timedelta, reports: Sequence[Mapping[str, Any]], bounds: tuple[timedelta, timedelta]
) -> timedelta:
    """Return the next interval.

    Args:
        current: the interval that led to the newest report.
        reports: of the outlet, oldest first.
        bounds: the shortest and the longest.
    """
    shares = _new_shares(reports)
    if not shares:
        return current
    fullest = max(shares)
    factor = min(max(TARGET / fullest, FASTER), SLOWER) if fullest else SLOWER
    return min(max(current * factor, bounds[0]), bounds[1])


def _new_shares(reports: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return the share of news in each rolling channel of the newest crawl that an earlier one has read, too."""
    told = [report for report in reports if report.get("regular") and report.get("channels")]
    if len(told) < 2:  # noqa: PLR2004  the first look at a channel finds everything new
        return []
    before = {url for report in told[:-1] for url, channel in report["channels"].items() if channel["announced"]}
    shares = []
    for url, channel in told[-1]["channels"].items():
        if channel["kind"] not in ROLLING or url not in before:
            continue
        if channel["unchanged"]:
            shares.append(0.0)
        elif channel["announced"] >= LEAST_ANNOUNCED:
            shares.append(channel["new"] / channel["announced"])
    return shares
