"""The day that a text names, in Arabic or English, with Gregorian, Levantine or Hijri months."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from archive.text import fold_label

if TYPE_CHECKING:
    from collections.abc import Iterator

# --- The names of the twelve months as Arab outlets write them, and in English ---------------------------------------
# Four traditions stand side by side: Egypt and the Gulf (يناير), the Levant and Iraq (كانون الثاني), Tunisia and Algeria
# (جانفي), Morocco (غشت). Spelling variants of alef, ya, ta marbuta and hamza are folded away before the lookup.

_NAMES = (
    ("يناير", "كانون الثاني", "كانون ثاني", "جانفي", "january", "jan"),
    ("فبراير", "شباط", "فيفري", "february", "feb"),
    ("مارس", "آذار", "مارت", "march", "mar"),
    ("أبريل", "نيسان", "أفريل", "april", "apr"),
    ("مايو", "أيار", "ماي", "may"),
    ("يونيو", "يونيه", "حزيران", "جوان", "june", "jun"),
    ("يوليو", "يوليه", "تموز", "جويلية", "يوليوز", "july", "jul"),
    ("أغسطس", "أغسطوس", "آب", "أوت", "غشت", "august", "aug"),
    ("سبتمبر", "سيبتمبر", "أيلول", "شتنبر", "سبتنبر", "september", "sept", "sep"),
    ("أكتوبر", "أوكتوبر", "تشرين الأول", "تشرين أول", "october", "oct"),
    ("نوفمبر", "تشرين الثاني", "تشرين ثاني", "نونبر", "نوفنبر", "november", "nov"),
    ("ديسمبر", "دسمبر", "كانون الأول", "كانون أول", "دجنبر", "december", "dec"),
)
MONTHS: dict[str, int] = {fold_label(name): number for number, names in enumerate(_NAMES, 1) for name in names}
"""Folded name → number of the month."""

LETTER = r"[^\W\d_]"
MONTH = rf"(?<!{LETTER})(?:{'|'.join(sorted(map(re.escape, MONTHS), key=len, reverse=True))})(?!{LETTER})"
"""A pattern over folded text that matches one name of a month, standing alone."""


# ---------------------------------------------------------------------------------------------------------------------
# The Gregorian day a text names: 7/7/2026, 2026-07-07, «10 أغسطس/آب 2026», «19/مارس/2018», November 20th, 2019.
# A Hijri or Persian day beside it is passed over, because its year is out of range; alone it is no day (their months begin
# by sighting, so the Gregorian day would be a guess). A pair of month names that contradict each other is no day either.

EARLIEST = 1990
"""No outlet was on the web before; a smaller year is another calendar, or an empty value such as 0001-01-01."""

_GAP = r"[\s/\-–—.,،]{0,4}"
_TWIN = rf"(?:(?:\s?[/(\-–]\s?|\s)(?P<twin>{MONTH})\s?\)?)?"
_YEAR = r"(?P<year>\d{4}(?!\d)|\d{2}(?=\s\d{1,2}:))"  # RFC 822 allowed two digits, before the clock
_LONE_YEAR = re.compile(r"(?<![\d:/.\-])(?:19|20)\d{2}(?![\d:/.\-])")
# A number begins where no digit stands before it; said behind its first digit, a search hops from digit to digit.
_PATTERNS = (
    re.compile(r"(?P<year>\d(?<!\d\d)\d{3})\s?[/\-.]\s?(?P<month>\d{1,2})\s?[/\-.]\s?(?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?P<day>\d(?<!\d\d)\d?)\s?[/\-.]\s?(?P<month>\d{1,2})\s?[/\-.]\s?(?P<year>\d{4})(?!\d)"),
    re.compile(
        rf"(?P<day>\d(?<!\d\d)\d?)(?:st|nd|rd|th)?{_GAP}(?:من )?(?:شهر )?(?P<month>{MONTH}){_TWIN}"
        rf"(?:{_GAP}(?:ل?عام |سنه )?{_YEAR})?"
    ),
)  # the last holds the name of a month
_MONTH_FIRST = re.compile(
    rf"(?P<month>{MONTH}){_TWIN}{_GAP}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:{_GAP}{_YEAR})?"
)
_MONTH_WORDS = frozenset(name.split()[0] for name in MONTHS)
_WORD = re.compile(rf"{LETTER}+")


@dataclass(frozen=True, slots=True)
class Day:
    """A day and where it stands in the text (offsets into the folded text)."""

    value: date
    start: int
    end: int


_WEEK = (  # Monday first, as datetime counts
    ("الاثنين", "monday", "mon"),
    ("الثلاثاء", "tuesday", "tue", "tues"),
    ("الأربعاء", "wednesday", "wed"),
    ("الخميس", "thursday", "thu", "thur", "thurs"),
    ("الجمعة", "friday", "fri"),
    ("السبت", "saturday", "sat"),
    ("الأحد", "sunday", "sun"),
)
_WEEKDAYS = {fold_label(name): number for number, names in enumerate(_WEEK) for name in names}
_WEEKDAY = re.compile(rf"(?<!{LETTER})(?:{'|'.join(sorted(_WEEKDAYS, key=len, reverse=True))})(?!{LETTER})")


def find_day(text: str, *, today: date, month_first: bool = False) -> Day | None:
    """Return the first Gregorian day in folded ``text``.

    Args:
        text: folded text.
        today: the day of capture; a day without a year is the latest such day that is not past tomorrow.
        month_first: read 7/8/2026 as July 8th. Where only one reading exists (7/28/2026), or the weekday beside it
            leaves one (Fri, 05/12/2023), it is taken either way.
    """
    months = [word.start() for word in _WORD.finditer(text) if word[0] in _MONTH_WORDS]
    patterns = _PATTERNS if months else _PATTERNS[:-1]
    matches = [match for pattern in patterns for match in pattern.finditer(text)] + list(_month_first(text, months))
    found = ((match, _value(match, today, month_first=month_first)) for match in matches)
    days = [Day(value, match.start(), match.end()) for match, value in found if value]
    return min(days, key=lambda day: (day.start, -day.end), default=None)


def _month_first(text: str, months: list[int]) -> Iterator[re.Match[str]]:
    """Yield what begins with the name of a month, as a search would find it; it is tried where one may stand alone (``months``)."""
    end = 0
    for start in months:
        if start >= end and (match := _MONTH_FIRST.match(text, start)):
            end = match.end()
            yield match


def _value(match: re.Match[str], today: date, *, month_first: bool) -> date | None:
    groups = match.groupdict()
    twin = groups.get("twin")
    day, month = int(groups["day"]), _month(groups["month"])
    if twin and MONTHS[twin] != month:
        return None
    if groups["month"].isdigit() and match.start("day") < match.start("month"):
        day, month = _day_first(day, month, month_first=month_first)
        if _is_of_the_week(match.string, int(groups["year"]), day, month):
            day, month = month, day
    if not groups["year"]:
        elsewhere = set(_LONE_YEAR.findall(match.string))  # «Tue Jul 7 10:29:21 UTC 2020»
        return _date(int(elsewhere.pop()), month, day, today) if len(elsewhere) == 1 else _latest(day, month, today)
    year = groups["year"] if len(groups["year"]) > len("26") else f"20{groups['year']}"
    return _date(int(year), month, day, today)


def _month(name: str) -> int:
    return int(name) if name.isdigit() else MONTHS[name]


def _day_first(first: int, second: int, *, month_first: bool) -> tuple[int, int]:
    """Return (day, month) of the two numbers before a year."""
    months = 12
    if month_first and first <= months:
        return second, first
    return (second, first) if second > months >= first else (first, second)


def _is_of_the_week(text: str, year: int, month: int, day: int) -> bool:
    """Say whether the one weekday in ``text`` is that day's and not that of month and day exchanged: Fri, 05/12/2023."""
    weekdays = set(_WEEKDAY.findall(text))
    if len(weekdays) != 1 or day == month:
        return False
    weekday = _WEEKDAYS[weekdays.pop()]
    try:
        return date(year, month, day).weekday() == weekday != date(year, day, month).weekday()
    except ValueError:
        return False


def _latest(day: int, month: int, today: date) -> date | None:
    for year in (today.year + 1, today.year, today.year - 1):
        value = _date(year, month, day, today)
        if value and (value - today).days <= 1:
            return value
    return None


def _date(year: int, month: int, day: int, today: date) -> date | None:
    if not EARLIEST <= year <= today.year + 1:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
