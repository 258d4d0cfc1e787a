"""When an article was published and modified: the witnesses heard in order, their disagreement noted.

embedded JSON ▸ JSON-LD ▸ meta ▸ visible ▸ feed ▸ URL, ▸ = better; a witness that knows the minute beats one that knows the day
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crawlers.extraction import ladder
from crawlers.extraction.dates import Moment, read_time, read_update
from crawlers.extraction.document import text_of
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from crawlers.extraction.evidence import Evidence

_EXACT = frozenset(("second", "minute"))
_ENOUGH = 2  # exact witnesses that are heard; a third would only agree with one of them
_SAME = timedelta(hours=1)  # an editor's touch between two witnesses is minutes, a wrong zone is hours
_SAME_DAYS = 1  # a path's day is the newsroom's, a clock near midnight is another's
_OFFSET = re.compile(r"\s*(?:[+-]\d{2}:?\d{2}|Z|GMT|UTC)\s*$")
_FUTURE = timedelta(days=1)
_LABEL = 160  # letters with blanks; a longer text is a sentence that names a date
_PIECES = 30
_NEAR = 40  # elements; further down stand other articles
_DAY_AND_CLOCK = re.compile(r"\d{4}.*\d{1,2}:\d{2}|\d{1,2}:\d{2}.*\d{4}")
_RANKS = {"json": 0, "ld": 1, "meta": 2, "feed": 5}
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:T|\s|$)")


@dataclass(frozen=True, slots=True)
class Dated:
    """A time, the words it was read from, and whose they are."""

    moment: Moment
    raw: str
    provenance: str


@dataclass(frozen=True, slots=True)
class Times:
    """When the article was published and modified, and what the best witness of its publication said."""

    published: datetime | None
    modified: datetime | None
    raw: str | None


def read_times(evidence: Evidence) -> Times:
    """Read both times of the page and note their provenance, and flags where they are in doubt."""
    heard = list(_published(evidence))
    best = next((dated for dated in heard if dated.moment.precision in _EXACT), heard[0] if heard else None)
    published = best.moment.value if best else None
    if best:
        evidence.provenance["published"] = evidence.provenance["published_raw"] = best.provenance
        _compare(evidence, best, heard)
    else:
        evidence.flag("no-date")
    modified = _modified(evidence, published)
    return Times(published, modified, best.raw if best else None)


def _published(evidence: Evidence) -> Iterator[Dated]:
    reading = evidence.reading
    exact = 0
    for witness in in_order((*reading.published, *ladder.PUBLISHED)):
        if dated := _hear(evidence, witness):
            exact += dated.moment.precision in _EXACT
            yield dated
        if exact == _ENOUGH:
            break
    if not exact:
        yield from _near_headline(evidence)
    for witness in ladder.PUBLISHED_LAST:
        if dated := _hear(evidence, witness):
            yield dated
    if evidence.address.day:
        midnight = datetime.combine(evidence.address.day, time(), tzinfo=ZoneInfo(reading.zone))
        if midnight - evidence.page.captured <= _FUTURE:
            yield Dated(Moment(midnight.astimezone(UTC), "day", "outlet"), evidence.address.day.isoformat(), "url")


def _near_headline(evidence: Evidence) -> Iterator[Dated]:
    """Yield the first time among the short lines after the headline, for templates that nobody described."""
    for raw in _lines_after_headline(evidence):
        if _DAY_AND_CLOCK.search(raw) and (moment := _read(evidence, "near", raw)):
            yield Dated(moment, raw, "selector")
            return


def _lines_after_headline(evidence: Evidence) -> Iterator[str]:
    for heading in evidence.document.by_tag("h1")[:1]:
        for element in evidence.document.after(heading, _NEAR):
            if _is_label(element) and (raw := tidy(text_of(element))):
                yield raw


def _is_label(element: _Element) -> bool:
    pieces = list(islice(element.itertext(), _PIECES))
    return len(pieces) < _PIECES and sum(map(len, pieces)) < _LABEL


@lru_cache(maxsize=64)
def in_order(hints: tuple[str, ...]) -> tuple[str, ...]:
    """Sort date witnesses: embedded JSON, JSON-LD, meta, machine-readable attributes, visible words, the feed."""
    return tuple(sorted(hints, key=lambda hint: _RANKS.get(hint.partition(":")[0], 3 if "@" in hint else 4)))


def _hear(evidence: Evidence, witness: str) -> Dated | None:
    for testimony in evidence.testimonies((witness,)):
        for raw in testimony.said:
            if moment := _read(evidence, witness, raw):
                return Dated(moment, raw, testimony.provenance)
        evidence.flag("unreadable-date")
    return None


def _read(evidence: Evidence, witness: str, raw: str) -> Moment | None:
    """Read a witness's time, in the zone that its clock really runs in."""
    zone = evidence.reading.zone
    if witness in evidence.reading.clocks:
        zone, raw = evidence.reading.clocks[witness], _OFFSET.sub("", raw)
    spoken = not (":" in witness or _ISO.match(raw))
    return read_time(
        raw, zone=zone, captured=evidence.page.captured, twelve_hour=spoken and evidence.reading.twelve_hour
    )


def _compare(evidence: Evidence, best: Dated, heard: list[Dated]) -> None:
    """Flag a witness that says another time, and a day that is known from the address alone."""
    if best.provenance == "url":
        evidence.flag("date-from-url")
    elif best.moment.precision not in _EXACT:
        evidence.flag("date-without-time")
    if any(_differ(best.moment, other.moment, evidence.reading.zone) for other in heard):
        evidence.flag("date-disagreement")


def _differ(one: Moment, other: Moment, zone: str) -> bool:
    if one.precision in _EXACT and other.precision in _EXACT:
        return abs(one.value - other.value) > _SAME
    place = ZoneInfo(zone)
    days = one.value.astimezone(place).date() - other.value.astimezone(place).date()
    return abs(days.days) > _SAME_DAYS


def _modified(evidence: Evidence, published: datetime | None) -> datetime | None:
    reading = evidence.reading
    ordered = in_order((*reading.modified, *ladder.MODIFIED))
    machine = [hint for hint in ordered if ":" in hint or "@" in hint]
    for witness in machine:
        if dated := _hear(evidence, witness):
            evidence.provenance["modified"] = dated.provenance
            return dated.moment.value
    day = published.astimezone(ZoneInfo(reading.zone)).date() if published else None
    for testimony in evidence.testimonies(hint for hint in ordered if hint not in machine):
        for raw in testimony.said:
            update = read_update(raw, zone=reading.zone, captured=evidence.page.captured, day=day)
            if update and update.precision in _EXACT:
                evidence.provenance["modified"] = testimony.provenance
                return update.value
    return _update_near_headline(evidence, day)


def _update_near_headline(evidence: Evidence, day: date | None) -> datetime | None:
    if not evidence.document.holds("تحديث"):
        return None
    for raw in _lines_after_headline(evidence):
        update = read_update(raw, zone=evidence.reading.zone, captured=evidence.page.captured, day=day)
        if update and update.precision in _EXACT and not evidence.reading.twelve_hour:
            evidence.provenance["modified"] = "selector"
            return update.value
    return None
