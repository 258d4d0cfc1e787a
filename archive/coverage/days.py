"""The sums: what every day of every outlet has, and whether it is complete.

complete   a crawl asked about the day after it was over, heard every source to the end, and nothing that it was told of is missing
gaps       the same, but something is missing that might still be had: the next back-fill asks for it
open       no crawl asked so
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from archive.coverage.estimate import Estimate, best_pair, estimate
from archive.coverage.facts import read_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from archive.coverage.facts import Fact, Sweep
    from archive.reader.archive import Archive

OVER = timedelta(
    hours=3
)  # after midnight UTC: an outlet's day, east of Greenwich, is over; what is announced late comes by then
LATE = timedelta(hours=6)  # from publication to capture


@dataclass(frozen=True, slots=True)
class DayCoverage:
    """One day of one outlet.

    Attributes:
        announced: pages that any channel announced, or that were asked for by address.
        captured: those that the archive has.
        refused: those that robots.txt or a reservation closes.
        failed: reason → how many could not be had or read.
        late: captured more than six hours after their publication.
        estimate: how many there were, by two channels; None where they say too little.
        state: ``complete``, ``gaps`` or ``open``.
    """

    outlet: str
    day: date
    announced: int
    captured: int
    refused: int
    failed: dict[str, int]
    late: int
    estimate: Estimate | None
    state: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """An archive's completeness: its days in order, an estimate for each outlet over all of them, and the gaps."""

    days: list[DayCoverage]
    outlets: dict[str, Estimate | None]
    gaps: list[Fact]


def coverage(archive: Archive, outlets: Sequence[str] | None, since: date, until: date) -> Coverage:
    """Look at the days from ``since`` to ``until``, last included; ``outlets`` None for all."""
    days: list[DayCoverage] = []
    estimates: dict[str, Estimate | None] = {}
    gaps: list[Fact] = []
    for outlet in archive.outlets() if outlets is None else outlets:
        # a day's pages may have been captured in any crawl since, and their outlet's clock may be ahead of ours
        facts, sweeps = read_facts(archive.store, list(archive.manifests(outlet, since=since - timedelta(days=1))))
        here = [fact for fact in facts if since <= fact.day <= until]
        days += days_of(outlet, here, sweeps, since, until)
        estimates[outlet] = estimate(frozenset(fact.channels) for fact in here)
        gaps += sorted((fact for fact in here if fact.is_gap), key=lambda fact: (fact.day, fact.id))
    return Coverage(sorted(days, key=lambda day: (day.day, day.outlet)), estimates, gaps)


def days_of(
    outlet: str, facts: Iterable[Fact], sweeps: Sequence[Sweep], since: date, until: date
) -> Iterator[DayCoverage]:
    """Yield the days of one outlet on which something is known."""
    by_day: defaultdict[date, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_day[fact.day].append(fact)
    pair = best_pair(frozenset(fact.channels) for found in by_day.values() for fact in found)
    known = [*by_day, *(day for sweep in sweeps for day in (sweep.since, sweep.until))]
    day, until = max(since, min(known, default=until)), min(until, max(known, default=since))
    while day <= until:
        found, is_swept = by_day.get(day, []), _is_swept(day, sweeps)
        if found or is_swept:
            yield _day(outlet, day, found, pair, is_swept=is_swept)
        day += timedelta(days=1)


def _is_swept(day: date, sweeps: Iterable[Sweep]) -> bool:
    over = datetime.combine(day + timedelta(days=1), time(), UTC) + OVER
    return any(sweep.complete and sweep.since <= day <= sweep.until and sweep.at >= over for sweep in sweeps)


def _day(outlet: str, day: date, facts: Sequence[Fact], pair: tuple[str, str] | None, *, is_swept: bool) -> DayCoverage:
    lost = [fact for fact in facts if not fact.is_captured and fact.outcome != "refused"]
    state = "open" if not is_swept else "gaps" if any(fact.is_gap for fact in facts) else "complete"
    return DayCoverage(
        outlet=outlet,
        day=day,
        announced=len(facts),
        captured=sum(fact.is_captured for fact in facts),
        refused=sum(fact.outcome == "refused" for fact in facts),
        failed=dict(sorted(Counter(fact.reason or fact.outcome for fact in lost).items())),
        late=sum(bool(f.captured and f.published and f.captured - f.published > LATE) for f in facts),
        estimate=estimate((frozenset(fact.channels) for fact in facts), pair) if pair else None,
        state=state,
    )
