"""Arabic as a newspaper writes it: numbers, counted nouns, relative times, dates, and Latin names kept in their direction.

    2 hours   ─▶ منذ ساعتين          6 days  ─▶ منذ 6 أيام          later ─▶ ١٦-٠٥-٢٠٢٥

digits    relative times and counts    dates
mixed     6                            ١٦-٠٥-٢٠٢٥      as Arabic aggregators do
arab      ٦                            ١٦-٠٥-٢٠٢٥
latn      6                            16-05-2025
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, TypeAlias

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    Day: TypeAlias = date

DIGITS = ("mixed", "arab", "latn")
_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_LETTERS = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ"  # those with accents too: a name cut at its «é» would be read from its end
_LATIN = re.compile(rf"[{_LETTERS}](?:[{_LETTERS}\u0300-\u036f0-9_ .,&'’+/@:#-]*[{_LETTERS}\u0300-\u036f0-9])?")
_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86400, 7 * 86400
_FEW, _MANY = 10, 11

FORMS = {  # one, two, three to ten, eleven and more
    "minute": ("دقيقة", "دقيقتين", "دقائق", "دقيقة"),
    "hour": ("ساعة", "ساعتين", "ساعات", "ساعة"),
    "day": ("يوم", "يومين", "أيام", "يوما"),
    "article": ("مادة واحدة", "مادتان", "مواد", "مادة"),
    "outlet": ("صحيفة واحدة", "صحيفتان", "صحف", "صحيفة"),
    "word": ("كلمة واحدة", "كلمتان", "كلمات", "كلمة"),
    "version": ("صيغة واحدة", "صيغتان", "صيغ", "صيغة"),
    "copy": ("نسخة واحدة", "نسختان", "نسخ", "نسخة"),
    "edit": ("تعديل واحد", "تعديلان", "تعديلات", "تعديلا"),
}
MONTHS = ("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر")
DAYS = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")


@dataclass(frozen=True, slots=True)
class Wording:
    """How numbers and times are written.

    Attributes:
        digits: ``mixed``, ``arab`` or ``latn``.
        zone: the readers' time zone.
        clock: gives the time to which relative times refer, aware; None writes dates alone, for pages that are read later.
    """

    digits: str = "mixed"
    zone: tzinfo = UTC
    clock: Callable[[], datetime] | None = None

    def number(self, value: float | str) -> str:
        """Write a number as counts are written."""
        text = value if isinstance(value, str) else f"{value:,}".replace(",", "٬" if self.digits == "arab" else ",")
        return text.translate(_ARABIC_DIGITS) if self.digits == "arab" else text

    def counted(self, value: int, noun: str) -> str:
        """Write a number with its noun: «مادتان», «5 مواد», «20 مادة»; ``noun`` is a name of `FORMS`."""
        one, two, few, many = FORMS[noun]
        if value in {1, 2}:
            return (one, two)[value - 1]
        rest = value % 100
        return f"{self.number(value)} {few if 3 <= rest <= _FEW else many}"  # noqa: PLR2004  three to ten is grammar

    def ago(self, seconds: int) -> str:
        """Write a time as people say it, up to a week; a date from there on, or where no clock runs."""
        now = None if self.clock is None else self.clock()
        age = -1 if now is None else int(now.timestamp()) - seconds
        if age < 0 or age >= _WEEK:
            return self.date(seconds)
        if age < _MINUTE:
            return "الآن"
        for size, noun in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
            if age >= size:
                return f"منذ {self.counted(age // size, noun)}"
        return self.date(seconds)

    def lag(self, seconds: int) -> str:
        """Write a span between two articles."""
        for size, noun in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
            if abs(seconds) >= size:
                return self.counted(abs(seconds) // size, noun)
        return "أقل من دقيقة"

    def date(self, seconds: int) -> str:
        """Write the day: ١٦-٠٥-٢٠٢٥."""
        return self._dated(f"{self._local(seconds):%d-%m-%Y}")

    def moment(self, seconds: int | datetime) -> str:
        """Write day and minute: «السبت ١٦ مايو ٢٠٢٥، ١٤:٣٠»."""
        when = self._local(int(seconds.timestamp()) if isinstance(seconds, datetime) else seconds)
        return f"{self.day(when)}، {self._dated(f'{when:%H:%M}')}"

    def day(self, day: Day) -> str:
        """Write a day: «السبت ١٦ مايو ٢٠٢٥»."""
        return self._dated(f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}")

    def iso(self, seconds: int) -> str:
        """Write a time for machines."""
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"

    def _local(self, seconds: int) -> datetime:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(self.zone)

    def _dated(self, text: str) -> str:
        return text if self.digits == "latn" else text.translate(_ARABIC_DIGITS)


def isolated(text: str | None) -> Markup:
    """Return text as markup: escaped, with each Latin run in a direction isolate of its own."""
    if not _LATIN.search(text or ""):
        return escape(text or "")
    whole, end = Markup(), 0
    for match in _LATIN.finditer(text or ""):
        whole += (
            escape((text or "")[end : match.start()]) + Markup('<bdi dir="ltr">') + escape(match[0]) + Markup("</bdi>")
        )
        end = match.end()
    return whole + escape((text or "")[end:])
