"""Arabic letters folded to one spelling, so that a word is recognised however an outlet writes it.

    «الأناضُول» · «الاناضول» · «الأنـــاضول»  ──fold()──▶  «الاناضول»

The folded form is a key for looking things up; it is never published. Letters are folded as for stories and search
(`archive.text`), and hyphens and blanks besides.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import chain

from archive.text import FOLDING

_HYPHENS = "\u2010\u2011\u2212"  # and the minus sign; dashes separate words and stay
_TABLE: dict[int, str | None] = {**FOLDING, **dict.fromkeys(map(ord, _HYPHENS), "-"), 0: None}
ARABIC = frozenset(map(chr, chain(range(0x0621, 0x064B), range(0x066E, 0x06D4))))
"""The letters an Arabic word is made of, before folding."""


_LABEL = 400  # letters; what is shorter (headline, name, label, line) is folded again and again while a page is read


def fold(text: str) -> str:
    """Return the key of ``text``: one spelling for every variant of its letters, ASCII digits, lower case, single blanks."""
    return _remembered(text) if len(text) <= _LABEL else _fold(text)


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).translate(_TABLE).lower()
    return " ".join(plain.split())


_remembered = lru_cache(maxsize=4096)(_fold)
