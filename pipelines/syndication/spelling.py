"""A text's words as numbers: what two newsrooms spell differently has one number.

    «الإِمـارات 25»  ─table of 65,536 letters, with NFKC─▶ ا ل ا م ا ر ا ت · 2 5  ─running sum─▶ [4119415180, 4196041389]

The words are those of `archive.text.words`, and the table is made of its `FOLDING`. But a whole text is read at once, in a
dozen steps of numpy, instead of word by word: the time is the same for a word that was never met, and nothing is remembered.

A word's number is a polynomial of its letters modulo 2⁶⁴: with the running sum of letter · B^position, any word is the difference
of two sums, shifted back to position 1 by the inverse of B^beginning. Its upper 32 bits are kept.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from archive.text import FOLDING

Ids: TypeAlias = npt.NDArray[np.uint32]
_Wide: TypeAlias = npt.NDArray[np.uint64]

_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse; otherwise arbitrary
_LEFT_OUT, _COMPOSED = (
    0xFFFF,
    0xFFFE,
)  # in the table: a mark that nobody reads; what NFKC must look at with its neighbours
_SHORTEST_TABLE = 14  # bits: powers for texts up to 16,384 letters; longer ones have tables of their own
_SURROGATES = range(0xD800, 0xE000)
_AS_THEY_ARE = (range(0x3400, 0x4DC0), range(0x4E00, 0xA48D), range(0xAC00, 0xD7A4), _SURROGATES)  # Han, Yi, Hangul
_WIDE_LETTER = re.compile("[^\\x00-\\uffff]")


def word_ids(text: str) -> Ids:
    """Return the folded words of ``text`` as 32-bit ids; the lowest bit tells a number (begins and ends with a digit).

    The ids are the same on every machine and in every process, so they may be stored.
    """
    letters = _letters(text)
    is_letter = letters != 0
    edges = np.flatnonzero(is_letter[1:] != is_letter[:-1])
    begins, ends = edges[::2] + 1, edges[1::2]  # first and last letter
    powers, inverses = _powers(max(_SHORTEST_TABLE, letters.size.bit_length()))
    sums = (letters * powers[: letters.size]).cumsum()
    hashed = (sums[ends] - sums[begins - 1]) * inverses[
        begins - 1
    ]  # a word alone has B¹, so that one letter is mixed, too
    digits = _alphabet()[1]
    ids: Ids = (hashed >> np.uint64(32)).astype("<u4") & ~np.uint32(1)
    return ids | (digits[letters[begins]] & digits[letters[ends]])


def _letters(text: str) -> npt.NDArray[np.uint16]:
    """Return the folded letters, 0 for what separates words, with a separator at both ends."""
    table = _alphabet()[0]
    folded = table[_units(text)]
    if (folded >> np.uint16(11) == _SURROGATES.start >> 11).any():  # an emoji separates words, a letter does not
        text = _WIDE_LETTER.sub(lambda found: found[0] if found[0].isalnum() else " ", text)
        folded = table[_units(unicodedata.normalize("NFKC", text))]
    elif (folded == _COMPOSED).any():
        folded = table[_units(unicodedata.normalize("NFKC", text))]
    folded[folded == _COMPOSED] = 0
    letters: npt.NDArray[np.uint16] = folded[folded != _LEFT_OUT]
    return letters


def _units(text: str) -> npt.NDArray[np.uint16]:
    return np.frombuffer(f" {text} ".encode("utf-16-le", "surrogatepass"), dtype="<u2")


@cache
def _alphabet() -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.bool_]]:
    """Return for each UTF-16 unit its folded letter (0: none), and which of these are digits."""
    table = np.arange(0x10000, dtype=np.uint16)
    digits = np.zeros(0x10000, dtype=np.bool_)
    for code in set(range(0x10000)).difference(*_AS_THEY_ARE):
        table[code], digits[code] = _letter(code), chr(code).isdigit()
    return table, digits


def _letter(code: int) -> int:
    if FOLDING.get(code, "") is None:
        return _LEFT_OUT
    plain = unicodedata.normalize("NFKC", chr(code))
    is_mark, is_wide = unicodedata.category(chr(code))[0] == "M", plain[0] > "\uffff"
    if is_mark or is_wide or (len(plain) > 1 and any(map(str.isalnum, plain))):
        return _COMPOSED
    letter = str(FOLDING.get(ord(plain[0]), plain[0])).lower()[0]
    return ord(letter) if letter.isalnum() else 0


@lru_cache(4)
def _powers(bits: int) -> tuple[_Wide, _Wide]:
    """Return the powers of the base and those of its inverse, 2^bits of them."""
    tables = []
    for base in (_BASE, pow(_BASE, -1, 1 << 64)):
        factors = np.full(1 << bits, base, dtype=np.uint64)
        factors[0] = 1
        tables.append(np.multiply.accumulate(factors))
    return tables[0], tables[1]
