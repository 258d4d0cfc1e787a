"""Arabic letters folded to one spelling, so that a word is recognised however an outlet writes it.

    «الأناضُول» · «الاناضول» · «الأنـــاضول»  ──fold()──▶  «الاناضول»

The folded form is a key for looking things up; it is never published. Order as measured for syndication: compatibility
forms (NFKC), then marks, then letters, then digits, then case.
"""

from __future__ import annotations

import unicodedata
from itertools import chain

_MARKS = (
    *range(0x0610, 0x061B),  # honorific signs
    *range(0x064B, 0x0660),  # tashkeel and the combining hamza
    0x0670,  # dagger alef
    *range(0x06D6, 0x06EE),  # signs of recitation
    0x0640,  # tatweel
    0x0621,  # the lone hamza, left out as often as written
    0x061C,
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    0x00AD,
    0,
)
_LETTERS = {
    "ا": "آأإٱ",
    "ي": "ىیېےئ",
    "و": "ؤ",
    "ه": "ةۀہھە",
    "ك": "کڪگ",
    "ف": "ڤ",
    "ب": "پ",
    "ج": "چ",
    "-": "\u2010\u2011\u2212",  # hyphens and the minus sign; dashes separate words and stay
}
_DIGITS = {chr(start + value): str(value) for start in (0x0660, 0x06F0) for value in range(10)}
_TABLE: dict[int, str | None] = {
    **dict.fromkeys(_MARKS),
    **{ord(variant): letter for letter, variants in _LETTERS.items() for variant in variants},
    **{ord(digit): value for digit, value in _DIGITS.items()},
}
ARABIC = frozenset(map(chr, chain(range(0x0621, 0x064B), range(0x066E, 0x06D4))))
"""The letters an Arabic word is made of, before folding."""


def fold(text: str) -> str:
    """Return the key of ``text``: one spelling for every variant of its letters, ASCII digits, lower case, single blanks."""
    plain = unicodedata.normalize("NFKC", text).translate(_TABLE).lower()
    return " ".join(plain.split())
