"""The zone a text names beside its clock: +0400, GMT+3, «بتوقيت مكة المكرمة», «(غرينتش)», «توقيت القدس».

A place is a zone only after «توقيت» or in brackets right after the clock: «القاهرة - رويترز» is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from archive.text import fold_label
from crawlers.extraction.times.months import LETTER

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
_HOURS = {"ut": 0, "utc": 0, "gmt": 0, "z": 0, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "bst": 1}
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
    rf"(?:^|[^\w])(?:{_UTC}|utc)(?:\s?(?P<sign>[+\-])\s?(?P<hours>\d{{1,2}})(?::?(?P<minutes>\d{{2}}))?)?[\s:،,]{{1,3}}$"
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
    if match := _BESIDE.match(beside) or _SAID.search(text):
        name = _ZONES[match["place"]]
        return Zone(UTC if name == "UTC" else ZoneInfo(name), "named")
    if before := _BEFORE.search(text[:begin]):  # «GMT 17:27 17.03.2020»
        zone = _offset(before) if before["sign"] else UTC
        return Zone(zone, "named") if zone else None
    if unknown := _SAID_UNKNOWN.search(text):
        raise LookupError(unknown[0])
    return None


def _offset(match: re.Match[str]) -> timezone | None:
    hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
    if hours > _WIDEST or minutes > 59:  # noqa: PLR2004  minutes of an hour
        return None
    size = timedelta(hours=hours, minutes=minutes)
    return timezone(-size if match["sign"] == "-" else size)
