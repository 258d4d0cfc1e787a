"""The names of the twelve months as Arab outlets write them, and in English.

Four traditions stand side by side: Egypt and the Gulf (يناير), the Levant and Iraq (كانون الثاني), Tunisia and Algeria
(جانفي), Morocco (غشت). Spelling variants of alef, ya, ta marbuta and hamza are folded away before the lookup.
"""

from __future__ import annotations

import re

from archive.text import fold_label

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
