"""When an article is looked at again: on a schedule by its age, the most overdue first, so many in a crawl.

    published ──1 h──6 h────24 h──────────7 d─────────────────30 d──▶     RELOOK_AGES
                 └── due: this age is reached, and since then nobody looked

An article that was captured shortly before an age is left alone for half of the step that leads to it, so that two looks are never
close together. What is years old when it is captured (a back-fill) is past its last age, and never due.

What was missing at a look is asked for again on another day, before it is told as vanished; what has vanished is asked for again after
as long as the last age but one, for it may return.

A page that was asked for in vain is asked for again by the same steps, counted from the last try: at once, up to three times, where the
fault may pass (a time-out, a 5xx), else after the first age, the second, …; after the last one never again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from archive.text import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from archive.catalog.tables import RecheckCandidate, Tries


def read_ages(words: Sequence[str]) -> list[timedelta]:
    """Read ages such as ``1 h``, ``30 d``. Raises ``ValueError`` with a sentence where one is none, or they do not rise."""
    ages = []
    for word in words:
        try:
            ages.append(parse_duration(word if not word.strip()[-1:].isdigit() else ""))  # a bare number is a slip here
        except ValueError:
            raise ValueError(f"RELOOK_AGES: {word!r} is no age; write 30 m, 6 h or 7 d") from None
    if any(later <= earlier for earlier, later in pairwise([timedelta(), *ages])):
        raise ValueError(f"RELOOK_AGES: each age must be greater than the one before it: {', '.join(words)}")
    return ages


_AT_ONCE = 3  # tries, where the fault may pass


def may_try(tries: Tries | None, ages: Sequence[timedelta], now: datetime) -> bool:
    """Say whether an announced page may be asked for, after so many tries in vain; without ages always."""
    if tries is None or not ages:
        return True
    waits = tries.count - (1 if tries.is_lasting else _AT_ONCE)
    return waits < 0 or (waits < len(ages) and now - tries.last >= ages[waits])


_APART = timedelta(hours=12)


def is_another_day(before: datetime, now: datetime) -> bool:
    """Say whether ``now`` is of another day (UTC) than ``before``, and not only some minutes past midnight."""
    return now.date() != before.date() and now - before >= _APART


@dataclass(frozen=True, slots=True)
class Schedule:
    """The ages at which an article is looked at again, rising."""

    ages: Sequence[timedelta]

    def overdue(self, candidate: RecheckCandidate, now: datetime) -> float | None:
        """Return how overdue a look is, as a share of the age that asks for it; None where none is due."""
        since = now - candidate.looked
        if candidate.is_missed and is_another_day(candidate.looked, now):
            return since / timedelta(days=1)
        if candidate.gone and since >= (again := self.ages[-2:][0]):
            return since / again
        age = now - candidate.published
        reached = [(before, step) for before, step in pairwise([timedelta(), *self.ages]) if step <= age]
        if not reached:
            return None
        before, step = reached[-1]
        asked_for = candidate.published + step
        if candidate.looked >= asked_for or now - candidate.looked < (step - before) / 2:
            return None
        return (now - asked_for) / step

    def choose(
        self, candidate: Iterable[RecheckCandidate], now: datetime, budget: int
    ) -> tuple[list[RecheckCandidate], int]:
        """Return the articles to look at, the most overdue first, and how many were due and have to wait."""
        late = [(share, article) for article in candidate if (share := self.overdue(article, now)) is not None]
        late.sort(key=lambda entry: (-entry[0], entry[1].id))
        return [article for _, article in late[:budget]], max(0, len(late) - budget)
