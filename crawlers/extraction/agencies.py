"""The wire agencies, as Arab outlets write them, and the names that stand beside them in a credit.

Three kinds of spelling, by how far they can be trusted:

    names    full names («وكالة فرانس برس»); found anywhere inside a credit
    shorts   initials («أ ف ب», «واس»); ordinary letters elsewhere, so only as a whole part of a credit
    bare     an adjective or an ordinary word («الفرنسية», «معا», «قنا»); likewise, and at a head only beside a place

A credit only: none of them is looked for in a sentence. «قال لوكالة فرانس برس» quotes an agency, it does not credit it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from archive.text import fold_label


class Agency(NamedTuple):
    """An agency's published code and its spellings."""

    code: str
    names: tuple[str, ...]
    shorts: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()


UNNAMED = "agencies"
"""The code of agencies that a credit does not name: «وكالات», «ترجمات»."""

_ASSOCIATED = ("Associated Press", "أسوشيتد برس", "أسوشييتد برس", "اسوشيتيد برس", "اسوشيتدبرس", "أسوشييتدبرس")
AGENCIES: tuple[Agency, ...] = (
    Agency(
        "afp",
        ("فرانس برس", "فرانس بريس", "فرنس برس", "الصحافة الفرنسية", "الأنباء الفرنسية", "Agence France Presse"),
        ("أ ف ب", "AFP"),
        ("الفرنسية",),
    ),
    Agency("reuters", ("رويترز", "رويتر", "Reuters")),
    Agency(
        "ap", (*_ASSOCIATED, "أسوشيتد بريس", "أسوشيتدبريس", "الأسوشيتد برس"), ("أ ب", "AP"), ("أسوشيتد", "أسوشييتد")
    ),
    Agency("dpa", ("الأنباء الألمانية", "الصحافة الألمانية"), ("د ب أ", "dpa"), ("الألمانية",)),
    Agency("anadolu", ("الأناضول", "أناضول", "Anadolu", "Anadolu Agency"), ("AA",)),
    Agency("mena", ("أنباء الشرق الأوسط", "الشرق الأوسط للأنباء"), ("أ ش أ", "MENA")),
    Agency("spa", ("الأنباء السعودية",), ("واس", "SPA")),
    Agency("wam", ("أنباء الإمارات", "الأنباء الإماراتية"), ("وام", "WAM")),
    Agency("qna", ("الأنباء القطرية",), ("QNA",), ("قنا",)),
    Agency("kuna", ("الأنباء الكويتية",), ("كونا", "KUNA")),
    Agency("bna", ("أنباء البحرين", "الأنباء البحرينية"), ("BNA",), ("بنا",)),
    Agency("ona", ("الأنباء العمانية",), (), ("العمانية",)),
    Agency("petra", ("الأنباء الأردنية",), ("Petra",), ("بترا",)),
    Agency("saba", ("الأنباء اليمنية",), ("سبأ نت",), ("سبأ",)),
    Agency("wafa", ("الأنباء الفلسطينية", "المعلومات الفلسطينية"), ("وفا", "WAFA")),
    Agency("maan", ("معا الإخبارية", "معا الفلسطينية"), (), ("معا",)),
    Agency("sana", ("الأنباء السورية", "السورية للأنباء"), ("سانا", "SANA")),
    Agency("ina", ("الأنباء العراقية",), (), ("واع",)),
    Agency("nna", ("الوكالة الوطنية للإعلام", "الأنباء اللبنانية"), ("NNA",)),
    Agency("map", ("المغرب العربي للأنباء", "الأنباء المغربية"), (), ("ومع",)),
    Agency("aps", ("الأنباء الجزائرية",), (), ("واج",)),
    Agency("tap", ("تونس أفريقيا للأنباء", "الأنباء التونسية"), (), ("وات",)),
    Agency("lana", ("الأنباء الليبية",), (), ("وال",)),
    Agency("suna", ("السودان للأنباء", "الأنباء السودانية"), ("سونا",)),
    Agency("xinhua", ("شينخوا", "الصين الجديدة", "الأنباء الصينية", "Xinhua"), (), ("الصينية",)),
    Agency("tass", ("إيتار تاس", "تاس الروسية"), ("TASS",), ("تاس",)),
    Agency("ria", ("ريا نوفوستي", "نوفوستي", "RIA Novosti")),
    Agency("sputnik", ("سبوتنيك", "سبوتنك", "Sputnik")),
    Agency("interfax", ("إنترفاكس", "انترفاكس", "Interfax")),
    Agency("upi", ("يونايتد برس", "يونايتد برس إنترناشونال"), ("يو بي آي", "يو بي أي", "UPI")),
    Agency("efe", ("الأنباء الإسبانية",), ("EFE",), ("إفي", "إيفي")),
    Agency("ansa", ("الأنباء الإيطالية",), ("أنسا", "آكي", "ANSA")),
    Agency("bloomberg", ("بلومبرغ", "بلومبرج", "بلومبيرغ", "بلومبيرج", "Bloomberg")),
    Agency("yonhap", ("يونهاب", "Yonhap")),
    Agency("kyodo", ("كيودو", "Kyodo")),
    Agency("irna", ("الأنباء الإيرانية", "الجمهورية الإسلامية للأنباء"), ("إرنا", "ارنا", "IRNA")),
    Agency("tasnim", ("تسنيم", "Tasnim")),
    Agency("fars", ("أنباء فارس",), (), ("فارس",)),
    Agency("mehr", ("أنباء مهر",), (), ("مهر",)),
    Agency("isna", ("أنباء الطلبة",), ("إسنا", "ايسنا")),
    Agency(
        UNNAMED,
        ("وكالات الأنباء", "وكالات أنباء", "وكالات عالمية", "وكالات دولية"),
        ("وكالات", "الوكالات", "متابعات", "ترجمات", "agencies"),
    ),
)

_GAPS = re.compile(r"[\s.\-\u0640_'\"«»“”‘’*·]+")
_INITIAL = 2  # letters; «د ب أ», «أف ب», «د.ب.أ» are one key
_KEY_LIMIT = 4
_OPENING = re.compile(r"^(?:(?:نقلا|نقلا عن|عن|المصدر|مصدر|خدمه|خاص|by|via)\s)*(?:و?(?:وكاله|وكالتا|وكالتي|شبكه)\s)?")
_CLOSING = re.compile(r"\s(?:للانبا|العربيه|الدوليه|الرسميه|بالعربيه|news|news agency)$")


def part_key(part: str) -> str:
    """Return the key of one part of a credit: folded, punctuation out, initials joined."""
    words = _GAPS.sub(" ", fold_label(part)).split()
    letters = "".join(words)
    initials = len(words) > 1 and all(len(word) <= _INITIAL for word in words) and len(letters) <= _KEY_LIMIT
    return f"={letters}" if initials else " ".join(words)


def _table() -> dict[str, str]:
    table = {}
    for agency in AGENCIES:
        for spelling in (*agency.names, *agency.shorts, *agency.bare):
            table[part_key(spelling)] = agency.code
    return table


_CODES = _table()
_ORDINARY = {part_key(spelling) for agency in AGENCIES for spelling in agency.bare}
_NAMES = {part_key(name): agency.code for agency in AGENCIES for name in agency.names}
_NAME = re.compile(
    rf"(?<![^\W\d_])(?:و|ب|ل|ال)?(?P<name>{'|'.join(sorted(map(re.escape, _NAMES), key=len, reverse=True))})(?![^\W\d_])"
)


def code_of(part: str) -> str | None:
    """Return the code of the agency that ``part`` is, as a whole; None for anything else, a sentence above all."""
    key = part_key(part)
    if key in _CODES:
        return _CODES[key]
    bare = _OPENING.sub("", key)
    unnewsed = bare.removeprefix("انبا ").removeprefix("الانبا ")  # «وكالة أنباء الأناضول»
    for candidate in (bare, _CLOSING.sub("", bare), unnewsed):
        if code := _CODES.get(candidate) or _CODES.get(part_key(candidate)):
            return code
    return None


def is_ordinary(part: str) -> bool:
    """Say whether ``part`` is a spelling that is also an everyday word: alone it credits nobody."""
    return part_key(part) in _ORDINARY


def codes_inside(credit: str) -> list[str]:
    """Return the codes of the full names inside ``credit``, in order. For text known to be a credit, never a sentence."""
    return list(dict.fromkeys(_NAMES[match["name"]] for match in _NAME.finditer(_GAPS.sub(" ", fold_label(credit)))))
