"""When an article was published and modified: every date a page gives, weighed against the others."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawlers.extraction import rules
from crawlers.extraction.boilerplate import is_day
from crawlers.extraction.html import text_of
from crawlers.extraction.times import Moment, read_time, read_update
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml.etree import _Element

    from crawlers.extraction.page_context import Evidence

    Labels = Callable[[], list[str]]

__all__ = ["Moment", "read_time", "read_update"]

# --- When an article was published and modified: the witnesses heard in order, their disagreement noted --------------
# embedded JSON ▸ JSON-LD ▸ meta ▸ visible ▸ feed ▸ URL, ▸ = better; a witness that knows the minute beats one that knows the day

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
_DAY = re.compile(r"\d{4}")
_DAY_IN_PATH = re.compile(
    r"/(?P<year>(?:19|20)\d\d)(?:[/-]|/[a-z_-]+/)(?P<month>\d{1,2})[/-](?P<day>\d{1,2})(?=[/-]|$)"
)
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


def read_times(evidence: Evidence, body: _Element | None = None) -> Times:
    """Read both times of the page and note their provenance, and flags where they are in doubt.

    ``body`` is the element that holds the text; on a template that nobody described the times above it are heard, too.
    """
    labels = cache(partial(_labels, evidence, body))
    heard = list(_published(evidence, labels))
    best = next((dated for dated in heard if dated.moment.precision in _EXACT), heard[0] if heard else None)
    off = _local_as_utc(evidence, best, labels)
    if best and off:
        evidence.flag("local-time-as-utc")
        best = replace(best, moment=replace(best.moment, value=best.moment.value - off))
        heard = [best]
    published = best.moment.value if best else None
    if best:
        evidence.provenance["published"] = evidence.provenance["published_raw"] = best.provenance
        _compare(evidence, best, heard)
    else:
        evidence.flag("no-date")
    modified = _modified(evidence, published, labels)
    if modified and off:
        modified -= off
    return Times(published, modified, best.raw if best else None)


def _local_as_utc(evidence: Evidence, best: Dated | None, labels: Labels) -> timedelta | None:
    """Return by how much a stamp is off that ends in ``Z`` and is the newsroom's own time: the page shows the same digits.

    Only ``Z``, which some templates write behind any time: ``+00:00`` is what software computed. Only a page that is read without
    its outlet's rules: those name such clocks themselves.
    """
    if not (evidence.is_generic and best and best.raw.rstrip().endswith("Z") and best.provenance != "selector"):
        return None
    local = best.moment.value.replace(tzinfo=ZoneInfo(evidence.reading.zone))
    off = local.utcoffset()
    if not off:
        return None
    shown = (_read(evidence, "near", label) for label in labels() if _DAY_AND_CLOCK.search(label))
    agreed = (
        moment.zone_source == "outlet" and moment.value == local.astimezone(UTC).replace(second=moment.value.second)
        for moment in shown
        if moment
    )
    return off if any(agreed) else None


def _published(evidence: Evidence, labels: Labels) -> Iterator[Dated]:
    reading = evidence.reading
    exact = 0
    for witness in in_order((*reading.published, *rules.PUBLISHED)):
        if dated := _hear(evidence, witness):
            exact += dated.moment.precision in _EXACT
            yield dated
        if exact == _ENOUGH:
            break
    near = list(_near_headline(evidence, labels)) if not exact else []
    yield from (dated for dated, is_update in near if not is_update)
    for witness in rules.PUBLISHED_LAST:
        if dated := _hear(evidence, witness):
            yield dated
    day = _day_of_address(evidence)
    if day:
        yield day
    yield from (
        dated
        for dated, is_update in near
        if is_update and not (day and _differ(day.moment, dated.moment, reading.zone))
    )


def _day_of_address(evidence: Evidence) -> Dated | None:
    day = evidence.address.day or (_day_in_path(evidence.page.url) if evidence.is_generic else None)
    if day is None:
        return None
    midnight = datetime.combine(day, time(), tzinfo=ZoneInfo(evidence.reading.zone))
    if midnight - evidence.page.captured > _FUTURE:
        return None
    return Dated(Moment(midnight.astimezone(UTC), "day", "outlet"), day.isoformat(), "url")


def _day_in_path(url: str) -> date | None:
    """Return the day that an address of unknown rules states: ``/2013/8/3/``, ``/2013/middle_east/8/3/``, ``/2024-07-18-``."""
    match = _DAY_IN_PATH.search(urlsplit(url).path)
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"])) if match else None
    except ValueError:
        return None


def _near_headline(evidence: Evidence, labels: Labels) -> Iterator[tuple[Dated, bool]]:
    """Yield the first time among the short lines about the headline, and whether it is an update's alone.

    On a template that nobody described a day without a clock is heard where no line has both.
    """
    days: list[Dated] = []
    for raw in labels():
        if not _DAY.search(raw) or not (moment := _read(evidence, "near", raw)):
            continue
        if _DAY_AND_CLOCK.search(raw):
            update = read_update(raw, zone=evidence.reading.zone, captured=evidence.page.captured)
            yield Dated(moment, raw, "selector"), bool(update and update.value == moment.value)
            return
        days.append(Dated(moment, raw, "selector"))
    if evidence.is_generic:
        yield from ((dated, False) for dated in days[-1:] if is_day(dated.raw))


def _labels(evidence: Evidence, body: _Element | None) -> list[str]:
    """Return the short lines about the headline: of a known template those after it, of another all that are there."""
    return evidence.layout.labels(body) if evidence.is_generic else list(_lines_after_headline(evidence))


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


def _modified(evidence: Evidence, published: datetime | None, labels: Labels) -> datetime | None:
    reading = evidence.reading
    ordered = in_order((*reading.modified, *rules.MODIFIED))
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
    return _update_near_headline(evidence, day, labels)


def _update_near_headline(evidence: Evidence, day: date | None, labels: Labels) -> datetime | None:
    if not evidence.document.holds("تحديث"):
        return None
    for raw in labels():
        update = read_update(raw, zone=evidence.reading.zone, captured=evidence.page.captured, day=day)
        if update and update.precision in _EXACT and not evidence.reading.twelve_hour:
            evidence.provenance["modified"] = "selector"
            return update.value
    return None
