"""The moment that a text of a news page names, in UTC: clocks, zones, machine formats, and times counted back from the capture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from archive.text import fold_label
from crawlers.extraction.days import EARLIEST, LETTER, find_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# --- The time of day a text names: 14:29:21, «الساعة 4:25 م», «10:24 ص», «5 مساءً», 7:29 AM --------------------------

Precision = Literal["second", "minute", "hour", "day"]

NOON = 12
_DAY_PARTS = {
    "am": ("صباحا", "صباحاً", "فجرا", "فجراً", "قبل الظهر", "am", "a.m"),
    "pm": ("مساء", "مساءا", "مساءً", "عصرا", "عصراً", "بعد الظهر", "pm", "p.m"),
    "noon": ("ظهرا", "ظهراً"),
    "night": ("ليلا", "ليلاً"),
}
_HALVES = {fold_label(word): half for half, words in _DAY_PARTS.items() for word in words} | {"ص": "am", "م": "pm"}
_WORD = rf"(?:{'|'.join(sorted((re.escape(w) for w in _HALVES if len(w) > 1), key=len, reverse=True))})(?!{LETTER})"
_AFTER = rf"(?:\s?\(?\s?(?P<half>{_WORD}|[صم](?!{LETTER})))?"
_CLOCK = re.compile(
    r"(?P<hour>\d(?<![\d:.+]\d)\d?)(?:\s?:\s?|h)(?P<minute>\d{2})(?:\s?:\s?(?P<second>\d{2})(?:[.,]\d{1,9})?)?(?![\d:])"
    + _AFTER
)
_HOUR = re.compile(
    rf"(?:(?:الساعه|\bat)\s|(?<=\dt))(?P<hour>\d{{1,2}})(?![\d:/.\-]){_AFTER}"
    rf"|(?<![\d:/.\-])(?P<bare>\d{{1,2}})\s?(?P<word>{_WORD})"
)
_ALONE = re.compile(rf"(?<!{LETTER}){_WORD}")


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, how exact it is, whether a half of the day was said, and where it stands in the folded text."""

    value: time
    precision: Precision
    halved: bool
    start: int
    end: int


def find_clocks(text: str) -> Iterator[Clock]:
    """Yield the times of day in folded ``text``, in order; a bare hour («الساعة 5») only where no clock stands."""
    has_clock = False
    for match in _CLOCK.finditer(text):
        if clock := _clock(match, text):
            has_clock = True
            yield clock
    if not has_clock and (match_hour := _HOUR.search(text)) and (clock := _bare_hour(match_hour)):
        yield clock


def _clock(match: re.Match[str], text: str) -> Clock | None:
    half = _HALVES.get(match["half"]) if match["half"] else _said_before(text[: match.start()])
    hour = _hour(int(match["hour"]), half)
    minute, second = int(match["minute"]), min(int(match["second"] or 0), 59)  # a leap second has no datetime
    if hour is None or minute > 59:  # noqa: PLR2004  minutes of an hour
        return None
    precision: Precision = "second" if match["second"] else "minute"
    return Clock(time(hour, minute, second), precision, half is not None, match.start(), match.end())


def _bare_hour(match: re.Match[str]) -> Clock | None:
    word = match["half"] or match["word"]
    half = _HALVES[word] if word else None
    hour = _hour(int(match["hour"] or match["bare"]), half)
    return None if hour is None else Clock(time(hour), "hour", half is not None, match.start(), match.end())


def _said_before(text: str) -> str | None:
    """Return the half of the day of «مساء السبت 9:30»; a single letter there would be the era of a year (2008 م)."""
    words = _ALONE.findall(text)
    return _HALVES[words[-1]] if words else None


def _hour(hour: int, half: str | None) -> int | None:
    """Return the hour of 24, or None where there is no such hour, or the half of the day contradicts it."""
    if hour > 23 or (hour > NOON and half == "am"):  # noqa: PLR2004  hours of a day
        return None
    if half is None or hour > NOON:
        return hour
    if half == "night":
        half = "pm" if 5 < hour < NOON else "am"  # noqa: PLR2004  «2 ليلا» is after midnight
    if half == "noon":
        half = "am" if hour in {10, 11} else "pm"
    return hour % NOON + (NOON if half == "pm" else 0)


# --- Times written for machines: seconds or milliseconds since 1970, /Date(…)/ of ASP.NET, compact ISO 8601 ----------

_EPOCH = re.compile(
    r"(?P<aspnet>/date\()?(?P<digits>-?\d{10}|\d{13}|\d{16})(?:\.\d{1,9})?(?(aspnet)(?:[+\-]\d{4})?\)/)"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:t?(\d{2})(\d{2})(\d{2})?)?(?=z|[+\-]|$)")
_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?([Zz]|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])?"
)
_SECONDS = 10
_START = datetime(1970, 1, 1, tzinfo=UTC)


def read_iso(text: str, zone: tzinfo) -> tuple[datetime, ZoneSource] | None:
    """Return the time of a complete ISO 8601 stamp with seconds, as nearly all JSON-LD has it, and who named its zone; None for any other."""
    match = _ISO.fullmatch(text.strip() if text.isascii() else fold_label(text[:_LONGEST]))
    if not match:
        return None
    try:
        stamp = datetime.fromisoformat(match[1] + (match[2] or "").upper())
        source: ZoneSource = "offset" if stamp.tzinfo else "outlet"
        if stamp.year < EARLIEST:
            return None
        return (stamp if stamp.tzinfo else stamp.replace(tzinfo=zone)).astimezone(UTC), source
    except (ValueError, OverflowError):  # a 30th of February, a leap second: for those who read with patience
        return None


def read_epoch(text: str) -> datetime | None:
    """Return the time that folded ``text`` counts from 1970: 10 digits are seconds, 13 milliseconds, 16 microseconds."""
    match = _EPOCH.fullmatch(text)
    if not match:
        return None
    digits = match["digits"]
    return _START + timedelta(seconds=int(digits) // 10 ** max(len(digits) - _SECONDS, 0))


def spread(text: str) -> str:
    """Write compact ISO 8601 (20260707T142921Z) with its separators; any other text comes back as it is."""
    match = _COMPACT.match(text)
    if not match:
        return text
    year, month, day, hour, minute, second = match.groups()
    clock = f"t{hour}:{minute}:{second or '00'}" if hour else ""
    return f"{year}-{month}-{day}{clock}{text[match.end() :]}"


# --- Times counted back from the capture: «منذ ساعتين», «قبل 5 ساعات», «أمس 22:10», «اليوم», 2 hours ago -------------
# Weeks, months and years are refused: «منذ أسبوع» is anything from seven to thirteen days, and a day would be a guess.

_SPELLINGS: tuple[
    tuple[int, Precision, int, tuple[str, ...]], ...
] = (  # seconds, how exact, how many it says by itself
    (1, "second", 1, ("ثانية", "ثواني", "ثوان", "ث", "seconds", "second", "secs", "sec", "s")),
    (1, "second", 2, ("ثانيتين", "ثانيتان")),
    (60, "minute", 1, ("دقيقة", "دقائق", "د", "minutes", "minute", "mins", "min", "m")),
    (60, "minute", 2, ("دقيقتين", "دقيقتان")),
    (3600, "hour", 1, ("ساعة", "ساعات", "س", "hours", "hour", "hrs", "hr", "h")),
    (3600, "hour", 2, ("ساعتين", "ساعتان")),
    (86400, "day", 1, ("يوم", "يوما", "أيام", "ي", "days", "day", "d")),
    (86400, "day", 2, ("يومين", "يومان")),
)
_UNITS = {
    fold_label(spelling): (seconds, precision, number)
    for seconds, precision, number, spellings in _SPELLINGS
    for spelling in spellings
}
_NUMBER_WORDS = ("واحد", "اثنين", "ثلاث", "أربع", "خمس", "ست", "سبع", "ثمان", "تسع", "عشر")
_NUMBERS = {fold_label(word + end): n for n, word in enumerate(_NUMBER_WORDS, 1) for end in ("", "ة", "ي")} | {
    "a": 1,
    "an": 1,
}
_ORDER = ("second", "minute", "hour", "day")


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_AMOUNT = (
    rf"(?:(?P<half>نصف)\s|(?P<number>\d{{1,4}}|{_any(_NUMBERS)})\s?)?"
    rf"(?P<unit>{_any(_UNITS)})(?!{LETTER})(?:\s(?:واحد|واحده)(?!{LETTER}))?(?P<plus>\s?و\s?نصف(?!{LETTER}))?"
)
_ONE = re.compile(_AMOUNT)
_BARE = re.sub(r"\?P<\w+>", "", _AMOUNT)
_PAST = re.compile(
    rf"(?<!{LETTER})(?:منذ|قبل|مضي|مضت)\s(?:حوالي\s|نحو\s)?(?P<span>{_BARE}(?:\s?(?:و|,|،)\s?{_BARE}){{0,2}})(?=$|\s?[|•·–—()-])"
)
_AGO = re.compile(rf"(?<!{LETTER})(?P<span>{_BARE}(?:\s?(?:and|,)?\s{_BARE}){{0,2}})\sago(?!{LETTER})")
_NOW = re.compile(r"^(?:الان|منذ لحظات|قبل لحظات|منذ قليل|قبل قليل|just now|now)$")
_DAYS = (
    (2, re.compile(rf"(?<!{LETTER})(?:امس الاول|اول (?:من )?امس|قبل امس)(?!{LETTER})")),
    (1, re.compile(rf"(?<!{LETTER})(?:امس|البارحه|yesterday)(?!{LETTER})")),
    (0, re.compile(rf"(?<!{LETTER})(?:اليوم(?! السابع)|today)(?!{LETTER})")),  # «اليوم السابع» is a newspaper
)
_LONGEST_AGE = 80
"""A label of a time is short; «قبل 5 أيام» in a longer text belongs to a sentence."""


def find_age(text: str) -> tuple[timedelta, Precision] | None:
    """Return how long before the capture folded ``text`` says it was, and how exactly."""
    label = text.strip(" .:،,()-–|")
    if len(label) > _LONGEST_AGE:
        return None
    if _NOW.match(label):
        return timedelta(), "minute"
    match = _PAST.search(label) or _AGO.search(label)
    if not match:
        return None
    amounts = list(_ONE.finditer(match["span"]))
    seconds = sum(map(_seconds, amounts))
    return timedelta(seconds=seconds), min((_UNITS[a["unit"]][1] for a in amounts), key=_ORDER.index)


def find_days_back(text: str, *, clocked: bool) -> int | None:
    """Return 0 for «اليوم», 1 for «أمس», 2 for «أول أمس»; without a clock beside it the word must stand alone."""
    label = text.strip(" .:،,()-–|")
    if len(label) > _LONGEST_AGE:
        return None
    for back, pattern in _DAYS:
        if pattern.search(label) if clocked else pattern.fullmatch(label):
            return back
    return None


def _seconds(amount: re.Match[str]) -> float:
    unit, _precision, word = _UNITS[amount["unit"]]
    number: float = word
    if amount["number"]:
        number = int(amount["number"]) if amount["number"].isdigit() else _NUMBERS[amount["number"]]
    if amount["half"]:
        number = 0.5
    return unit * (number + (0.5 if amount["plus"] else 0))


# --- The zone a text names beside its clock: +0400, GMT+3, «بتوقيت مكة المكرمة», «(غرينتش)», «توقيت القدس» -----------
# A place is a zone only after «توقيت» or in brackets right after the clock: «القاهرة - رويترز» is none.

ZoneSource = Literal["offset", "named", "outlet", "captured"]

_PLACES = {
    "Asia/Riyadh": ("مكة المكرمة", "مكة", "السعودية", "الرياض", "المدينة المنورة", "mecca", "makkah"),
    "Asia/Dubai": ("أبوظبي", "أبو ظبي", "الإمارات", "دبي", "abu dhabi", "dubai"),
    "Africa/Cairo": ("القاهرة", "مصر", "cairo"),
    "Asia/Qatar": ("الدوحة", "قطر", "doha"),
    "Asia/Beirut": ("بيروت", "لبنان", "beirut"),
    "Asia/Jerusalem": ("القدس المحتلة", "القدس", "فلسطين المحتلة", "إسرائيل", "jerusalem"),
    "Asia/Gaza": ("غزة", "فلسطين", "رام الله"),
    "Asia/Damascus": ("دمشق", "سوريا", "سورية"),
    "Asia/Amman": ("عمّان", "الأردن", "amman"),
    "Asia/Muscat": ("مسقط", "سلطنة عمان"),
    "Asia/Baghdad": ("بغداد", "العراق"),
    "Asia/Kuwait": ("الكويت",),
    "Asia/Bahrain": ("المنامة", "البحرين"),
    "Asia/Aden": ("صنعاء", "عدن", "اليمن"),
    "Africa/Khartoum": ("الخرطوم", "السودان"),
    "Africa/Tripoli": ("طرابلس", "ليبيا"),
    "Africa/Tunis": ("تونس",),
    "Africa/Algiers": ("الجزائر",),
    "Africa/Casablanca": ("الرباط", "المغرب", "الدار البيضاء"),
    "Africa/Nouakchott": ("نواكشوط", "موريتانيا"),
    "Europe/Istanbul": ("إسطنبول", "اسطنبول", "أنقرة", "تركيا"),
    "Europe/London": ("لندن", "بريطانيا"),
    "Europe/Paris": ("باريس", "فرنسا", "وسط أوروبا"),
    "Europe/Moscow": ("موسكو", "روسيا"),
    "Asia/Tehran": ("طهران", "إيران"),
    "America/New_York": ("نيويورك", "واشنطن", "شرق أميركا", "شرق أمريكا"),
    "UTC": ("غرينتش", "جرينتش", "غرينيتش", "جرينيتش", "غرينتش الموحد", "العالمي الموحد", "العالمي", "ت غ", "ت.غ"),
}
_ZONES = {fold_label(place): zone for zone, places in _PLACES.items() for place in places}
_HOURS = {"ut": 0, "utc": 0, "gmt": 0, "z": 0, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "bst": 1, "gst": 4}
_HOURS |= {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}  # RFC 822

_PLACE = rf"(?:{'|'.join(sorted(map(re.escape, _ZONES), key=len, reverse=True))})(?!{LETTER})"
_UTC = r"(?:gmt|utc|[غج]رين?ي?تش)"
_SIGNED = r"(?P<sign>[+\-])\s?(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?"
_END = r"(?![\d/.:\-])"  # «-10/8/2026» is a day
_OFFSETS = (
    re.compile(rf"\s?(?P<sign>[+\-])(?P<hours>\d{{2}}):?(?P<minutes>\d{{2}}){_END}"),
    re.compile(rf"(?P<sign>[+\-])(?P<hours>\d{{2}})(?P<minutes>){_END}"),
    re.compile(rf"\s?\(?\s?(?:ب?توقيت\s)?{_UTC}\s?{_SIGNED}{_END}"),
    re.compile(rf"\s?\(?\s?{_SIGNED}\s(?:ب?توقيت\s)?{_UTC}(?!{LETTER})"),
)
_ABBREVIATION = re.compile(rf"\s?\(?\s?(?P<name>{'|'.join(_HOURS)})(?!{LETTER})")
_BESIDE = re.compile(rf"[\s,،]{{0,2}}(?:\(\s?(?:ب?توقيت\s)?|ب?توقيت\s|(?=[غج]رين|ت\.? ?غ))(?P<place>{_PLACE})")
_SAID = re.compile(rf"(?<!{LETTER})(?:بال|ال|ب|ل)?توقيت\s(?:ال?محلي\s)?(?:ل?مدينه\s|ل)?(?P<place>{_PLACE})")
_SAID_UNKNOWN = re.compile(rf"(?<!{LETTER})ب?توقيت\s(?!ال?محلي){LETTER}")
_BEFORE = re.compile(
    rf"(?:^|[^\w])(?:{_UTC}|utc)(?:\s?(?P<sign>[+\-])\s?(?P<hours>\d{{1,2}})(?::?(?P<minutes>\d{{2}}))?)?(?:[\s:،,]{{1,3}}|\s?[-–—|•]\s?)$"
)
_WIDEST = 14  # hours; Kiribati


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone and who named it."""

    value: tzinfo
    source: ZoneSource


def find_zone(text: str, start: int, begin: int = 0) -> Zone | None:
    """Return the zone of the clock that stands from ``begin`` to ``start`` in folded ``text``.

    Raises:
        LookupError: the text names a zone that is not in the table, so the clock cannot be trusted.
    """
    beside = text[start:]
    for pattern in _OFFSETS:
        if (match := pattern.match(beside)) and (zone := _offset(match)):
            return Zone(zone, "offset")
    if match := _ABBREVIATION.match(beside):
        return Zone(timezone(timedelta(hours=_HOURS[match["name"]])), "offset" if match["name"] == "z" else "named")
    is_said = "توقيت" in text  # as in few
    if match := _BESIDE.match(beside) or (_SAID.search(text) if is_said else None):
        name = _ZONES[match["place"]]
        return Zone(UTC if name == "UTC" else ZoneInfo(name), "named")
    if before := _BEFORE.search(text[:begin]):  # «GMT 17:27 17.03.2020»
        zone = _offset(before) if before["sign"] else UTC
        return Zone(zone, "named") if zone else None
    if is_said and (unknown := _SAID_UNKNOWN.search(text)):
        raise LookupError(unknown[0])
    return None


def _offset(match: re.Match[str]) -> timezone | None:
    hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
    if hours > _WIDEST or minutes > 59:  # noqa: PLR2004  minutes of an hour
        return None
    size = timedelta(hours=hours, minutes=minutes)
    return timezone(-size if match["sign"] == "-" else size)


# --- The moment that a text of a news page names, in UTC -------------------------------------------------------------
#     a whole ISO 8601 stamp  ────────────────────────────────────────────▶ Moment
#     text ──fold──▶ seconds since 1970?  ────────────────────────────────▶ Moment
#                    day (days) + clock (clocks) + zone (zones) ──────────▶ Moment
#                    no day: «منذ ساعتين», «أمس 22:10» (relative) ────────▶ Moment, against the capture
#
# Every step is a scan of at most 300 folded characters by patterns without nested repetition, so any text costs linear time;
# none raises. What cannot be known is left out (a clock in an unknown zone) or refused (`None`), never guessed.

_LONGEST = 300
_UPDATED = re.compile(r"اخر تحديث|تم التحديث|محدث|تاريخ التحديث|حدث في|last update[d]?|updated|modified")
_PUBLISHED = re.compile(r"(?:تاريخ ال)?\bنشرت?\b|\bpublished\b")
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
    if not twelve_hour and (stamp := read_iso(text, ZoneInfo(zone))):
        return _accept(Moment(stamp[0], "second", stamp[1]), captured)
    frame = _frame(zone, captured, twelve_hour, month_first, day)
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
    update = find_day(before, today=frame.today, month_first=month_first)
    return _read(after, _frame(zone, captured, twelve_hour, month_first, update.value if update else day))


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
        first = _PUBLISHED.search(after)  # «آخر تحديث: … - نشر: …»
        return after[first.end() :] if first and find_day(after[first.end() :], today=today) else text
    if any(find_clocks(before)) or find_day(after, today=today):
        return before
    return text


def _read(text: str, frame: _Frame) -> Moment | None:
    if stamp := read_epoch(text):
        return _accept(Moment(stamp, "second", "offset"), frame.captured)
    clock = next(find_clocks(text), None)
    named = find_day(text, today=frame.today, month_first=frame.month_first)
    if named is None and (age := find_age(text)):
        return _accept(Moment(_whole(frame.captured - age[0]), age[1], "captured"), frame.captured)
    day = named.value if named else _implied_day(text, frame, clocked=clock is not None)
    if day is None:
        return None
    zone = _zone(text, clock, frame)
    if clock is None or zone is None or (frame.twelve_hour and not clock.halved and clock.value.hour <= NOON):
        return _accept(_moment(day, time(), "day", Zone(frame.zone, "outlet")), frame.captured)
    return _accept(_moment(day, clock.value, clock.precision, zone), frame.captured)


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


def _accept(moment: Moment, captured: datetime) -> Moment | None:
    if captured.tzinfo is None:
        raise ValueError(f"a capture time without zone: {captured}")
    in_range = moment.value.year >= EARLIEST and moment.value - captured <= _TOLERANCE
    return moment if in_range else None
