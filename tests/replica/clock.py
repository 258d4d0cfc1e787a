"""Dates as Arab newsrooms write them, and the one fixed "now" of a replica.

The pages never look at the machine's clock: the same seed and end date give the same bytes on every day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DOHA = ZoneInfo("Asia/Qatar")
CAIRO = ZoneInfo("Africa/Cairo")
DUBAI = ZoneInfo("Asia/Dubai")
JERUSALEM = ZoneInfo("Asia/Jerusalem")

GULF = ["يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"]
LEVANT = [
    "كانون الثاني",
    "شباط",
    "آذار",
    "نيسان",
    "أيار",
    "حزيران",
    "تموز",
    "آب",
    "أيلول",
    "تشرين الأول",
    "تشرين الثاني",
    "كانون الأول",
]
DAYS = ["الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"]
LATIN_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
LATIN_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def noon(until: date) -> datetime:
    """Return the moment at which the sites were "rendered": noon UTC of the last day."""
    return datetime.combine(until, time(12), UTC)


def month(moment: datetime, style: str = "gulf") -> str:
    """Name a month: ``gulf`` (مايو), ``pair`` (مايو/أيار), ``spaced`` (مايو/ أيار)."""
    gulf, levant = GULF[moment.month - 1], LEVANT[moment.month - 1]
    return {"gulf": gulf, "pair": f"{gulf}/{levant}", "spaced": f"{gulf}/ {levant}"}[style]


def weekday(moment: datetime) -> str:
    return DAYS[moment.weekday()]


def long_date(moment: datetime, style: str = "gulf") -> str:
    return f"{moment.day} {month(moment, style)} {moment.year}"


def rfc822(moment: datetime, zone: str) -> str:
    """Write RFC 822 with whatever zone the outlet claims; the clock is taken from ``moment`` as it stands."""
    day = f"{LATIN_DAYS[moment.weekday()]}, {moment.day:02d} {LATIN_MONTHS[moment.month - 1]} {moment.year}"
    return f"{day} {moment:%H:%M:%S} {zone}"


def http_date(moment: datetime) -> str:
    return rfc822(moment.astimezone(UTC), "GMT")


def twelve_hours(moment: datetime, mark: bool = True) -> str:
    """Write a clock with ص/م, or (as one outlet does) without: then nobody can tell morning from evening."""
    hour = moment.hour % 12 or 12
    half = (" م" if moment.hour >= 12 else " ص") if mark else ""
    return f"{hour:02d}:{moment.minute:02d}{half}"


def ago(moment: datetime, now: datetime) -> str:
    """Say how long ago, as Sky's pages do."""
    passed = now - moment
    if passed < timedelta(hours=1):
        return f"قبل {max(passed.seconds // 60, 1)} دقيقة"
    if passed < timedelta(hours=24):
        return f"قبل {passed.seconds // 3600} ساعات"
    return f"قبل {passed.days} أيام"


def zulu_clock(moment: datetime) -> str:
    """Write ISO 8601 in UTC with ``Z``."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
