"""How many articles an outlet publishes at which hour of the day, and whether the last hours are like that.

baseline: articles of each hour of the day (UTC), a day ──▶ expected for the last 6, 12, 24 or 48 hours, the shortest span for
which twenty are expected ──▶ many fewer, or many more, than chance explains
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from crawlers.watching.chance import poisson_tail

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SPANS = (6, 12, 24, 48)  # hours
LEAST_EXPECTED = 20
LEAST_DAYS = 3
UNLIKELY = 1e-3
SETTLING = timedelta(hours=1)  # what was published just now may not be announced yet


class Rhythm(NamedTuple):
    """Articles expected and found in the last ``hours`` hours."""

    hours: int
    expected: float
    found: int


def rhythm(report: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> Rhythm | None:
    """Compare the last hours with what is usual at this time of the day; None where too little is known.

    All earlier reports count, however their crawls ended: what was published when does not depend on how it was read. A silence
    that lasts as long as the baseline becomes what is usual.

    Args:
        report: of the crawl that is judged.
        earlier: earlier reports, oldest first.
    """
    if not earlier:
        return None
    end = datetime.fromisoformat(report["started"]).astimezone(UTC) - SETTLING
    begin = datetime.fromisoformat(earlier[0]["started"]).astimezone(UTC)
    until = min(end - timedelta(hours=SPANS[0]), datetime.fromisoformat(earlier[-1]["started"]).astimezone(UTC))
    days = (until - begin) / timedelta(days=1)
    if days < LEAST_DAYS:
        return None
    usual: Counter[int] = Counter()
    for hour, count in _hours(earlier).items():
        if begin <= hour <= until:
            usual[hour.hour] += count
    published = _hours([*earlier, report])
    for span in SPANS:
        hours = [
            (end - timedelta(hours=back)).replace(minute=0, second=0, microsecond=0) for back in range(1, span + 1)
        ]
        expected = sum(usual[hour.hour] for hour in hours) / days
        if expected >= LEAST_EXPECTED:
            return Rhythm(span, expected, sum(published[hour] for hour in hours))
    return None


def is_unlikely(found: Rhythm) -> bool:
    """Say whether chance hardly gives this few, or this many, where each article comes by itself."""
    return poisson_tail(found.found, found.expected) < UNLIKELY


def _hours(reports: Iterable[Mapping[str, Any]]) -> Counter[datetime]:
    total: Counter[datetime] = Counter()
    for report in reports:
        for hour, count in report["quality"]["hours"].items():
            total[datetime.fromisoformat(f"{hour}:00+00:00")] += count
    return total
