"""The moment that a text of a news page names, in UTC.

    a whole ISO 8601 stamp  ────────────────────────────────────────────▶ Moment
    text ──fold──▶ seconds since 1970?  ────────────────────────────────▶ Moment
                   day (days) + clock (clocks) + zone (zones) ──────────▶ Moment
                   no day: «منذ ساعتين», «أمس 22:10» (relative) ────────▶ Moment, against the capture

Every step is a scan of at most 300 folded characters by patterns without nested repetition, so any text costs linear time;
none raises. What cannot be known is left out (a clock in an unknown zone) or refused (`None`), never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from archive.text import fold_label
from crawlers.extraction.days import EARLIEST, find_day
from crawlers.extraction.times.clocks import NOON, Clock, Precision, find_clocks
from crawlers.extraction.times.machine import read_epoch, read_iso, spread
from crawlers.extraction.times.relative import find_age, find_days_back
from crawlers.extraction.times.zones import Zone, ZoneSource, find_zone

_LONGEST = 300
_UPDATED = re.compile(r"اخر تحديث|تم التحديث|تاريخ التحديث|حدث في|last update[d]?|updated|modified")
_TOLERANCE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time a text named.

    Attributes:
        value: aware, UTC, whole seconds; of a day without clock its midnight in the outlet's zone.
        precision: the smallest unit the text gave.
        zone_source: ``offset`` or ``named`` in the text, ``outlet`` by default, ``captured`` where it was counted back.
    """

    value: datetime
    precision: Precision
    zone_source: ZoneSource


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """What the caller knows: the outlet's zone, when the page was captured, how the outlet writes."""

    zone: ZoneInfo
    captured: datetime
    twelve_hour: bool
    month_first: bool
    day: date | None

    @property
    def today(self) -> date:
        return self.captured.astimezone(self.zone).date()


def read_time(  # noqa: PLR0913  each argument is a fact about the outlet
    text: str,
    *,
    zone: str,
    captured: datetime,
    twelve_hour: bool = False,
    month_first: bool = False,
    day: date | None = None,
) -> Moment | None:
    """Read the time that ``text`` names; where it tells publication and update apart, the publication.

    Args:
        text: a machine time, a visible label, or a line that holds one. Never raises on any text.
        zone: IANA name of the outlet's zone, for times without one.
        captured: when the page was requested (aware); relative times count back from it.
        twelve_hour: the outlet prints 12-hour clocks, so a clock without «ص/م» is not trusted: its day alone is read.
        month_first: the outlet writes 7/8/2026 for July 8th.
        day: the day where the text has only a clock.

    Returns:
        The moment, or None where no time is named, it is before 1990, or more than a day after ``captured``.
    """
    frame = _frame(zone, captured, twelve_hour, month_first, day)
    if not twelve_hour and (stamp := read_iso(text.strip())):
        return _accept(Moment(stamp, "second", "offset"), frame)
    return _read(_published_part(_prepare(text)), frame)


def read_update(  # noqa: PLR0913  as read_time
    text: str,
    *,
    zone: str,
    captured: datetime,
    twelve_hour: bool = False,
    month_first: bool = False,
    day: date | None = None,
) -> Moment | None:
    """Read the time after «آخر تحديث» in ``text``; its day may stand before the label. Arguments as `read_time`."""
    before, label, after = _split_update(_prepare(text))
    if not label:
        return None
    frame = _frame(zone, captured, twelve_hour, month_first, day)
    said = find_day(before, today=frame.today, month_first=month_first)
    return _read(after, _frame(zone, captured, twelve_hour, month_first, said.value if said else day))


def _frame(zone: str, captured: datetime, twelve_hour: bool, month_first: bool, day: date | None) -> _Frame:  # noqa: FBT001
    if captured.tzinfo is None:
        raise ValueError(f"a capture time without zone: {captured}")
    return _Frame(zone=ZoneInfo(zone), captured=captured, twelve_hour=twelve_hour, month_first=month_first, day=day)


def _prepare(text: str) -> str:
    return spread(fold_label(text[:_LONGEST])[:_LONGEST])


def _split_update(text: str) -> tuple[str, str, str]:
    match = _UPDATED.search(text)
    return (text[: match.start()], match[0], text[match.end() :]) if match else (text, "", "")


def _published_part(text: str) -> str:
    """Leave an update time out, unless it is the only one, or the clock that a lone day needs."""
    before, label, after = _split_update(text)
    if not label:
        return text
    today = date.max.replace(year=date.max.year - 1)
    if not find_day(before, today=today):
        return text
    if any(find_clocks(before)) or find_day(after, today=today):
        return before
    return text


def _read(text: str, frame: _Frame) -> Moment | None:
    if stamp := read_epoch(text):
        return _accept(Moment(stamp, "second", "offset"), frame)
    clock = next(find_clocks(text), None)
    named = find_day(text, today=frame.today, month_first=frame.month_first)
    if named is None and (age := find_age(text)):
        return _accept(Moment(_whole(frame.captured - age[0]), age[1], "captured"), frame)
    day = named.value if named else _implied_day(text, frame, clocked=clock is not None)
    if day is None:
        return None
    zone = _zone(text, clock, frame)
    if clock is None or zone is None or (frame.twelve_hour and not clock.halved and clock.value.hour <= NOON):
        return _accept(_moment(day, time(), "day", Zone(frame.zone, "outlet")), frame)
    return _accept(_moment(day, clock.value, clock.precision, zone), frame)


def _implied_day(text: str, frame: _Frame, *, clocked: bool) -> date | None:
    back = find_days_back(text, clocked=clocked)
    if back is not None:
        return frame.today - timedelta(days=back)
    return frame.day if clocked else None


def _zone(text: str, clock: Clock | None, frame: _Frame) -> Zone | None:
    """Return the zone of the clock; None where the text names one that is not known."""
    try:
        named = find_zone(text, clock.end, clock.start) if clock else None
    except LookupError:
        return None
    return named or Zone(frame.zone, "outlet")


def _moment(day: date, clock: time, precision: Precision, zone: Zone) -> Moment:
    local = datetime.combine(day, clock, tzinfo=zone.value)
    return Moment(local.astimezone(UTC), precision, zone.source)


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _accept(moment: Moment, frame: _Frame) -> Moment | None:
    in_range = moment.value.year >= EARLIEST and moment.value - frame.captured <= _TOLERANCE
    return moment if in_range else None
