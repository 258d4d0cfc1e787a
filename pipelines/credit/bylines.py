"""Who signed an article: persons only, one by one.

«كتب: أحمد علي ومنى حسن»  ─▶  أحمد علي · منى حسن          «saif», «الأناضول», «قسم المتابعة»  ─▶  nobody
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archive.text import fold_label
from pipelines.credit.mastheads import is_agency, is_outlet_name
from pipelines.credit.places import place_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 200
_CONTACT = re.compile(r"\(?@\w+\)?|https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.]+")
_ROLE = re.compile(
    r"^\W*(?:(?:كَ?تَ?بَ?(?:ت|ها|ه)?|بقلم|بعدسة|[إا]عداد(?:\sو(?:تحرير|تقديم))?|تحرير|ترجمة|ترجمه|تقرير|حوار|حاوره|حاورها|أجرى الحوار|تحقيق|متابعة|"
    r"نقله إلى العربية|الكاتبة?|الصحفية?|الصحافية?|by|written by|author|من إعداد)\s*(?:[:：/|–—-]|\s)\s*)+",
    re.IGNORECASE,
)
_POST = re.compile(
    r"^(?:مراسلة?|موفدة?|مندوبة?|مبعوثة?)\s+(?:الجزيرة(?:\sنت)?|سكاي نيوز(?: عربية)?|العربي الجديد|البوابة(?: نيوز)?|[«\"].{2,20}[»\"])\s*"
    r"(?:(?:في|إلى|لدى)\s\S+(?:\s?[:،-]|$))?\s*[:،-]?\s*"
)
_JOB = re.compile(
    r"(?:^|\s)(?:كاتب|صحافي|صحفي|باحث|[إا]علامي|[أا]كاديمي|محلل|خبير|روائي|ناقد|مدون|مترجم|مفكر|[أا]ستاذ(?! دكتور)|محرر|مدير|رئيس|عضو|زميل)ة?(?=\s|$)"
)
_SEPARATOR = re.compile(r"\s*[،,/|;؛&+•\n\t\u0640]{1,3}\s+|\s*[،,/|;؛&•\n]\s*|\s+[-–—]+\s*|[-–—]+\s+|\s+(?:and|مع)\s+")
_AND = re.compile(r"\s+و(?=\S)|\s+و\s+")
_WITH_WAW = """
وائل، وليد، وسام، وفاء، وسيم، وجيه، وحيد، وحيدة، وردة، ورد، ورود، وديع، وديعة، وهيب، وهيبة، وجدي، وصفي، وداد، ولاء، وعد، وهبة، وهبي، والي، ونيس، وضاح، وجدان، وصال، وئام، وهب، وهدان، واصف، واثق، وافي، ولد، والد، وطفة، وسن، وردي، ودود، ويسي، وسوف، ولي، وزان، وثاب، وزير، ورداني، وكيل، وهاب، وائلي، ونوس، وطفاء، وضحى، وجيهة، وليدة
"""
_WAW_NAMES = frozenset(fold_label(name) for name in _WITH_WAW.split("،"))
_ASIDE = re.compile(r"\s?[(\[][^()\[\]]{0,60}[)\]]")
_MARKS = re.compile(r"[\u064b-\u065f\u0670\u0640]")
_LETTERS = r"[^\W\d_]+"
_PERSON = re.compile(rf"{_LETTERS}(?:[\s.'’`\-]+{_LETTERS}){{1,5}}\.?")


def read_byline(strings: Iterable[str]) -> list[str]:
    """Return the persons who signed, in order and once each.

    Args:
        strings: what stands where authors stand, in any form an outlet prints.

    Returns:
        Names of two to six words; a single word is a login («saif») or a desk, and is left out.
    """
    found: dict[str, str] = {}
    for text in strings:
        for name in _names(_ASIDE.sub(" ", _CONTACT.sub(" ", text[:_LONGEST]))):
            found.setdefault(fold_label(name), name)
    return list(found.values())


def _names(text: str) -> list[str]:
    unlabelled = _POST.sub("", _ROLE.sub("", text.strip()))
    pieces = [piece for part in _SEPARATOR.split(unlabelled) if part for piece in _persons(_without_job(part.strip()))]
    return [piece for piece in pieces if _is_person(piece)]


def _without_job(text: str) -> str:
    """Cut «كاتب وأكاديمي سوري» off the name before it; after a single word it may be the rest of a name."""
    job = _JOB.search(text)
    return text[: job.start()] if job and (not job.start() or " " in text[: job.start()]) else text


def _persons(text: str) -> list[str]:
    """Split «أحمد علي ومنى حسن» at «و», but leave «محمد وليد أحمد» and «علي حسن وائل سعيد» whole."""
    if is_agency(text) or is_outlet_name(text):
        return []
    names, start = [], 0
    for match in _AND.finditer(text):
        before, after = text[start : match.start()], text[match.end() :]
        joined = match[0].strip() and not match[0].endswith(" ") and fold_label(f"و{after}").split()[0] in _WAW_NAMES
        if len(before.split()) > 1 and len(after.split()) > 1 and not joined:
            names.append(before)
            start = match.end()
    return [_tidy(name) for name in (*names, text[start:])]


def _tidy(name: str) -> str:
    return " ".join(_POST.sub("", _ROLE.sub("", name)).split()).strip(" .:،,-–—\"'«»()[]")


def _is_person(name: str) -> bool:
    plain = " " in name and bool(_PERSON.fullmatch(_MARKS.sub("", name)))
    return plain and not (is_agency(name) or is_outlet_name(name) or place_of(name))
