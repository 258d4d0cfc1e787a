"""The time of day a text names: 14:29:21, «الساعة 4:25 م», «10:24 ص», «5 مساءً», 7:29 AM."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, Literal

from archive.text import fold_label
from crawlers.extraction.times.months import LETTER

if TYPE_CHECKING:
    from collections.abc import Iterator

Precision = Literal["second", "minute", "hour", "day"]

NOON = 12
_WORDS = {
    "am": ("صباحا", "صباحاً", "فجرا", "فجراً", "am", "a.m"),
    "pm": ("مساء", "مساءا", "مساءً", "عصرا", "عصراً", "pm", "p.m"),
    "noon": ("ظهرا", "ظهراً"),
    "night": ("ليلا", "ليلاً"),
}
_HALVES = {fold_label(word): half for half, words in _WORDS.items() for word in words} | {"ص": "am", "م": "pm"}
_WORD = rf"(?:{'|'.join(sorted((re.escape(w) for w in _HALVES if len(w) > 1), key=len, reverse=True))})(?!{LETTER})"
_AFTER = rf"(?:\s?\(?\s?(?P<half>{_WORD}|[صم](?!{LETTER})))?"
_CLOCK = re.compile(
    r"(?<![\d:.+])(?P<hour>\d{1,2})\s?:\s?(?P<minute>\d{2})(?:\s?:\s?(?P<second>\d{2})(?:[.,]\d{1,9})?)?(?![\d:])"
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
    found = False
    for match in _CLOCK.finditer(text):
        if clock := _clock(match, text):
            found = True
            yield clock
    if not found and (match_hour := _HOUR.search(text)) and (clock := _bare_hour(match_hour)):
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
