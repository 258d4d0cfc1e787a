"""When an article was published and modified: every date a page gives, weighed against the others."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from archive.text import fold_label
from crawlers.extraction import rules
from crawlers.extraction.boilerplate import is_day
from crawlers.extraction.html import text_of
from crawlers.extraction.jsonld import look_up, types
from crawlers.extraction.page_context import Candidate, is_short
from crawlers.extraction.times import Moment, read_time, read_update
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml.etree import _Element

    from crawlers.extraction.page_context import PageContext

    Labels = Callable[[], list[str]]

__all__ = ["Moment", "read_time", "read_update"]

# --- When an article was published and modified: the sources heard in order, their disagreement noted --------------
# embedded JSON ▸ JSON-LD ▸ meta ▸ visible ▸ feed ▸ URL, ▸ = better; a source that knows the minute beats one that knows the day

_EXACT = frozenset(("second", "minute"))
_ENOUGH = 2  # exact sources that are heard; a third would only agree with one of them
_SAME = timedelta(hours=1)  # an editor's touch between two sources is minutes, a wrong zone is hours
_SAME_DAYS = 1  # a path's day is the newsroom's, a clock near midnight is another's
_OFFSET = re.compile(r"\s*(?:[+-]\d{2}:?\d{2}|Z|GMT|UTC)\s*$")
_FUTURE = timedelta(days=1)
_NEAR = 40  # elements; further down stand other articles
_DAY_AND_CLOCK = re.compile(r"\d{4}.*\d{1,2}[:hH]\d{2}|\d{1,2}[:hH]\d{2}.*\d{4}")
_UPDATE = re.compile(r"\W*(?:[آا]خر تحديث|محدّ?ث|تم التحديث|تحديث)\W.*")
_DAY = re.compile(r"\d{4}")
_PAGES = frozenset(("WebPage", "ItemPage"))
_SAYS_PUBLISHED = re.compile(r"\W*(?:تاريخ النشر|تم النشر|نشر(?:ت|ه)? (?:في|بتاريخ|يوم)|تم نشره?|published|posted)\b")
_DAY_IN_PATH = re.compile(
    r"/(?P<year>(?:19|20)\d\d)(?:[/-]|/[a-z_-]+/)(?P<month>\d{1,2})[/-](?P<day>\d{1,2})(?=[/-]|$)"
)
_RANKS = {"json": 0, "ld": 1, "meta": 2, "feed": 5}
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z")  # written for machines
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:T|\s|$)")


@dataclass(frozen=True, slots=True)
class Dated:
    """A time, the words it was read from, and whose they are."""

    moment: Moment
    raw: str
    provenance: str


@dataclass(frozen=True, slots=True)
class Times:
    """When the article was published and modified, and what the best source of its publication said."""

    published: datetime | None
    modified: datetime | None
    raw: str | None


def read_times(context: PageContext, body: _Element | None = None) -> Times:
    """Read both times of the page and note their provenance, and flags where they are in doubt.

    ``body`` is the element that holds the text; on a template that nobody described the times above it are heard, too.
    """
    labels = _Labels(context, body)
    heard = list(_published(context, labels, body))
    best = next((dated for dated in heard if dated.moment.precision in _EXACT), heard[0] if heard else None)
    off = _local_as_utc(context, best, labels)
    if best and off:
        context.flag("local-time-as-utc")
        best = replace(best, moment=replace(best.moment, value=best.moment.value - off))
        heard = [best]
    published = best.moment.value if best else None
    if best:
        context.provenance["published"] = context.provenance["published_raw"] = best.provenance
        _compare(context, best, heard)
    else:
        context.flag("no-date")
    modified = _modified(context, published, labels)
    if modified and off:
        modified -= off
    return Times(published, modified, best.raw if best else None)


_UNSAID = "UTC"  # the zone of an outlet of which nobody said one
_OFFSET_OF = re.compile(r"\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?\s?([+-])(0\d|1[0-4]):?00\s*")
_WITH_OFFSET = (
    *("meta:article:published_time", "meta:article:modified_time", "meta:og:updated_time", "meta:datePublished"),
    *("meta:dateModified", "meta:pubdate", "meta:lastmod", "time@datetime"),
)


def _zone(context: PageContext) -> str:
    """Return the zone of times that name none: the outlet's, where nobody said one that of the offset which other times of the page have.

    ``+00:00`` tells nothing: software writes it behind what it computed.
    """
    zone = context.reading.zone
    if zone != _UNSAID or not context.is_generic:
        return zone
    if context.zone is None:
        linked = (raw for node in context.document.linked for key in _OF_NODES for raw in look_up(node, key))
        asked = (raw for source in context.speaking(_WITH_OFFSET) for raw in context.ask(source))
        said = {(match[1], int(match[2])) for raw in (*asked, *linked) if (match := _OFFSET_OF.search(raw))}
        offsets = {(sign, hours) for sign, hours in said if hours}
        context.zone = zone
        if len(offsets) == 1:
            sign, hours = offsets.pop()
            context.zone = f"Etc/GMT{'-' if sign == '+' else '+'}{hours}"  # POSIX counts west of Greenwich
    return context.zone


_OF_NODES = ("datePublished", "dateModified", "dateCreated", "uploadDate")


def _local_as_utc(context: PageContext, best: Dated | None, labels: Labels) -> timedelta | None:
    """Return by how much a stamp is off that ends in ``Z`` and is the newsroom's own time: the page shows the same digits.

    Only ``Z``, which some templates write behind any time: ``+00:00`` is what software computed. Only a page that is read without
    its outlet's rules: those name such clocks themselves.
    """
    if not (context.is_generic and best and _STAMP.fullmatch(best.raw.strip())):
        return None
    local = best.moment.value.replace(tzinfo=ZoneInfo(_zone(context)))
    off = local.utcoffset()
    if not off:
        return None
    shown = (_read(context, "near", label) for label in labels() if _DAY_AND_CLOCK.search(label))
    agreed = (
        moment.zone_source == "outlet" and moment.value == local.astimezone(UTC).replace(second=moment.value.second)
        for moment in shown
        if moment
    )
    return off if any(agreed) else None


def _published(context: PageContext, labels: Labels, body: _Element | None) -> Iterator[Dated]:
    reading = context.reading
    exact = 0
    for source in context.speaking(in_order((*reading.published, *rules.PUBLISHED))):
        if dated := _hear(context, source):
            exact += dated.moment.precision in _EXACT
            yield dated
        if exact == _ENOUGH:
            break
    if not (exact or context.linked) and (dated := _of_web_page(context)):
        exact += 1
        yield dated
    near = list(_near_headline(context, labels)) if not exact else []
    if not (exact or near) and context.is_generic:
        near = list(_under_text(context, body))
    yield from (dated for dated, is_update in near if not is_update)
    for source in context.speaking(rules.PUBLISHED_LAST):
        if dated := _hear(context, source):
            yield dated
    day = _day_of_address(context)
    if day:
        yield day
    yield from (
        dated
        for dated, is_update in near
        if is_update and not (day and _differ(day.moment, dated.moment, _zone(context)))
    )


def _day_of_address(context: PageContext) -> Dated | None:
    day = context.address.day or (_day_in_path(context.page.url) if context.is_generic else None)
    if day is None:
        return None
    midnight = datetime.combine(day, time(), tzinfo=ZoneInfo(_zone(context)))
    if midnight - context.page.captured > _FUTURE:
        return None
    return Dated(Moment(midnight.astimezone(UTC), "day", "outlet"), day.isoformat(), "url")


def _day_in_path(url: str) -> date | None:
    """Return the day that an address of unknown rules states: ``/2013/8/3/``, ``/2013/middle_east/8/3/``, ``/2024-07-18-``."""
    match = _DAY_IN_PATH.search(urlsplit(url).path)
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"])) if match else None
    except ValueError:
        return None


def _near_headline(context: PageContext, labels: Labels) -> Iterator[tuple[Dated, bool]]:
    """Yield the first time among the short lines about the headline, and whether it is an update's alone: such a one only where no other is.

    On a template that nobody described a day without a clock is heard where no line has both.
    """
    days: list[Dated] = []
    updates: list[Dated] = []
    for raw in labels():
        if not _DAY.search(raw) or not (moment := _read(context, "near", raw)):
            continue
        if _DAY_AND_CLOCK.search(raw):
            update = read_update(raw, zone=_zone(context), captured=context.page.captured)
            if not (update and update.value == moment.value):
                yield Dated(moment, raw, "selector"), False
                return
            updates.append(Dated(moment, raw, "selector"))
        elif not updates:
            days.append(Dated(moment, raw, "selector"))
    if updates:
        yield updates[0], True
    elif context.is_generic:
        yield from ((dated, False) for dated in days[-1:] if is_day(_UPDATE.sub("", dated.raw)))


def _of_web_page(context: PageContext) -> Dated | None:
    """Return the time that JSON-LD states of the page itself, where it has no article: WordPress writes it so below some themes."""
    for node in context.document.linked:
        for raw in look_up(node, "datePublished") if types(node) & _PAGES else ():
            moment = _read(context, "ld:datePublished", raw)
            if moment and moment.precision in _EXACT:
                return Dated(moment, raw, "json-ld")
    return None


def _under_text(context: PageContext, body: _Element | None) -> Iterator[tuple[Dated, bool]]:
    """Yield the time that the page puts under the text and calls its publication's; other times there are other articles'."""
    last = _last_of(body)
    for element in context.document.after(last, _NEAR) if last is not None else ():
        raw = tidy(text_of(element)) if is_short(element) else ""
        if not (_DAY.search(raw) and _SAYS_PUBLISHED.match(fold_label(raw))):
            continue
        if moment := _read(context, "near", raw):
            yield Dated(moment, raw, "selector"), False
            return


def _last_of(body: _Element | None) -> _Element | None:
    """Return the last element in ``body``, which the page's next one follows."""
    while body is not None and len(body):
        body = body[-1]
    return body


class _Labels:
    """The short lines about the headline, read when they are first asked for: of a known template those after it, of another all that are there."""

    def __init__(self, context: PageContext, body: _Element | None) -> None:
        self._context, self._body = context, body
        self._lines: list[str] | None = None

    def __call__(self) -> list[str]:
        if self._lines is None:
            is_generic = self._context.is_generic
            self._lines = (
                self._context.layout.labels(self._body) if is_generic else list(_lines_after_headline(self._context))
            )
        return self._lines


def _lines_after_headline(context: PageContext) -> Iterator[str]:
    for heading in context.document.by_tag("h1")[:1]:
        for element in context.document.after(heading, _NEAR):
            if is_short(element) and (raw := tidy(text_of(element))):
                yield raw


@lru_cache(maxsize=64)
def in_order(hints: tuple[str, ...]) -> tuple[str, ...]:
    """Sort date sources: embedded JSON, JSON-LD, meta, machine-readable attributes, visible words, the feed."""
    return tuple(sorted(hints, key=lambda hint: _RANKS.get(hint.partition(":")[0], 3 if "@" in hint else 4)))


def _hear(context: PageContext, source: str) -> Dated | None:
    values = context.ask(source) if source not in context.reading.ignore else []
    for raw in values:
        if moment := _read(context, source, raw):
            return Dated(moment, raw, Candidate(source, values).provenance)
    if values:
        context.flag("unreadable-date")
    return None


def _read(context: PageContext, source: str, raw: str) -> Moment | None:
    """Read a source's time, in the zone that its clock really runs in."""
    zone = _zone(context)
    if source in context.reading.source_timezones:
        zone, raw = context.reading.source_timezones[source], _OFFSET.sub("", raw)
    spoken = not (":" in source or _ISO.match(raw))
    key = raw, zone, spoken and context.reading.twelve_hour
    if key not in context.moments:
        context.moments[key] = read_time(raw, zone=zone, captured=context.page.captured, twelve_hour=key[2])
    return context.moments[key]


def _compare(context: PageContext, best: Dated, heard: list[Dated]) -> None:
    """Flag a source that says another time, and a day that is known from the address alone."""
    if best.provenance == "url":
        context.flag("date-from-url")
    elif best.moment.precision not in _EXACT:
        context.flag("date-without-time")
    if any(_differ(best.moment, other.moment, _zone(context)) for other in heard):
        context.flag("date-disagreement")


def _differ(one: Moment, other: Moment, zone: str) -> bool:
    if one.precision in _EXACT and other.precision in _EXACT:
        return abs(one.value - other.value) > _SAME
    place = ZoneInfo(zone)
    days = one.value.astimezone(place).date() - other.value.astimezone(place).date()
    return abs(days.days) > _SAME_DAYS


def _modified(context: PageContext, published: datetime | None, labels: Labels) -> datetime | None:
    reading = context.reading
    ordered = in_order((*reading.modified, *rules.MODIFIED))
    machine = [hint for hint in ordered if ":" in hint or "@" in hint]
    for source in context.speaking(machine):
        if dated := _hear(context, source):
            context.provenance["modified"] = dated.provenance
            return dated.moment.value
    zone = _zone(context)
    day = published.astimezone(ZoneInfo(zone)).date() if published else None
    for candidate in context.candidates(hint for hint in ordered if hint not in machine):
        for raw in candidate.values:
            update = read_update(raw, zone=zone, captured=context.page.captured, day=day)
            if update and update.precision in _EXACT:
                context.provenance["modified"] = candidate.provenance
                return update.value
    return _update_near_headline(context, day, labels)


def _update_near_headline(context: PageContext, day: date | None, labels: Labels) -> datetime | None:
    if not context.document.holds("تحديث"):
        return None
    for raw in labels():
        update = read_update(raw, zone=_zone(context), captured=context.page.captured, day=day)
        if update and update.precision in _EXACT and not context.reading.twelve_hour:
            context.provenance["modified"] = "selector"
            return update.value
    return None
