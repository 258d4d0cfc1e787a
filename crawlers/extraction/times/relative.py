"""Times counted back from the capture: «منذ ساعتين», «قبل 5 ساعات», «أمس 22:10», «اليوم», 2 hours ago.

Weeks, months and years are refused: «منذ أسبوع» is anything from seven to thirteen days, and a day would be a guess.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from archive.text import fold_label
from crawlers.extraction.times.months import LETTER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawlers.extraction.times.clocks import Precision

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
_WORDS = ("واحد", "اثنين", "ثلاث", "أربع", "خمس", "ست", "سبع", "ثمان", "تسع", "عشر")
_NUMBERS = {fold_label(word + end): n for n, word in enumerate(_WORDS, 1) for end in ("", "ة", "ي")} | {"a": 1, "an": 1}
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
_LONGEST = 80
"""A label of a time is short; «قبل 5 أيام» in a longer text belongs to a sentence."""


def find_age(text: str) -> tuple[timedelta, Precision] | None:
    """Return how long before the capture folded ``text`` says it was, and how exactly."""
    label = text.strip(" .:،,()-–|")
    if len(label) > _LONGEST:
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
    if len(label) > _LONGEST:
        return None
    for back, pattern in _DAYS:
        if pattern.search(label) if clocked else pattern.fullmatch(label):
            return back
    return None


def _seconds(amount: re.Match[str]) -> float:
    unit, _precision, said = _UNITS[amount["unit"]]
    number: float = said
    if amount["number"]:
        number = int(amount["number"]) if amount["number"].isdigit() else _NUMBERS[amount["number"]]
    if amount["half"]:
        number = 0.5
    return unit * (number + (0.5 if amount["plus"] else 0))
