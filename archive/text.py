"""Folding Arabic for keys and search: what two newsrooms spell differently becomes one word.

    «الإِمـارات تُعلن ٢٥٪»  ──fold()──▶  «الامارات تعلن 25%»  ──words()──▶  الامارات, تعلن, 25

A folded text is a key and never content: the archive keeps every text as the outlet spelled it. The order matters and is
measured (docs/syndication.md): compatibility composition (presentation forms, ligatures, no-break spaces), then the marks
that nobody reads (vowel signs, Koranic signs, tatweel, soft hyphen, zero-width and direction marks, the lone hamza), then
the letters that house styles and keyboards confuse (alef seats, ya and alef maksura, ta marbuta and ha, hamza seats, the
Persian letters), then the two families of Arabic digits, then lower case. Stemming, the article and the conjunctions are
left alone: cutting them joins words that differ and finds no more copies.

The standard library is enough: a library for this would bring a licence or a gigabyte of models for forty lines.
"""

from __future__ import annotations

import re
import unicodedata

_MARKS = (
    "\u00ad"  # soft hyphen
    "\u0621"  # the lone hamza: سماء and سما
    "\u0640"  # tatweel
    "\u0670"  # dagger alef
    "\u061c\ufeff"  # Arabic letter mark, byte order mark
)
_MARK_RANGES = (
    (0x0610, 0x061A),  # honorific and Koranic signs
    (0x064B, 0x065F),  # vowel signs
    (0x06D6, 0x06ED),  # Koranic annotation
    (0x200B, 0x200F),  # zero-width space, joiners, direction marks
    (0x202A, 0x202E),  # embedding and override
    (0x2060, 0x2069),  # word joiner, isolates
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
}
_WORD = re.compile(r"[^\W_]+")


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = {ord(mark): None for mark in _MARKS}
    for first, last in _MARK_RANGES:
        table.update(dict.fromkeys(range(first, last + 1)))
    for folded, variants in _LETTERS.items():
        table.update(dict.fromkeys(map(ord, variants), folded))
    for digit in range(10):
        table[0x0660 + digit] = table[0x06F0 + digit] = str(digit)  # Arabic-Indic, Extended; NFKC leaves both alone
    return table


FOLDING = _table()
"""Code point → what it is folded to; None: left out. For `str.translate`, after NFKC."""


def fold(text: str) -> str:
    """Return the key form of ``text``; folding it again changes nothing.

    Punctuation and spacing stay (as NFKC leaves them); `words` drops them.
    """
    folded = unicodedata.normalize("NFKC", text).translate(FOLDING).lower()
    while not unicodedata.is_normalized("NFKC", folded):  # a deleted joiner stood between a letter and its accent
        folded = unicodedata.normalize("NFKC", folded).translate(FOLDING).lower()
    return folded


def words(text: str) -> list[str]:
    """Return the folded words of ``text`` in order: letters and digits, without quotes, brackets and punctuation."""
    return _WORD.findall(fold(text))
