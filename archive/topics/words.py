"""The words of a text, folded, each with its place in the original, so that what is found can be shown as it was spelled."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from archive.text import fold

_folded = lru_cache(maxsize=1 << 17)(fold)  # newspapers write few words, often
_WORD = re.compile(r"[^\W_]+(?:[\u064b-\u065f\u0670\u0640\u200c\u200d]+[^\W_]*)*")


class Word(NamedTuple):
    """A word: its folded form, where it stands in the original, and whether nothing but blanks parts it from the next.

    Attributes:
        folded: the key form; empty where the word is nothing but marks.
        start: offset of its first character in the text.
        end: offset behind its last character.
        joined: the next word follows without punctuation or line break.
    """

    folded: str
    start: int
    end: int
    joined: bool


def words_of(text: str) -> list[Word]:
    """Return the words of ``text`` in order."""
    spans = [match.span() for match in _WORD.finditer(text)]
    found = []
    for place, (start, end) in enumerate(spans):
        following = spans[place + 1][0] if place + 1 < len(spans) else None
        gap = "\n" if following is None else text[end:following]
        folded = _folded(text[start:end])
        if folded:
            found.append(Word(folded, start, end, gap.strip(" \u00a0\u200f\u200e") == "" and "\n" not in gap))
    return found
