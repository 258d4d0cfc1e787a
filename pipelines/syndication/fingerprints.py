"""An article's words as numbers, its word 3-grams, and the sample of them that stands in the index.

    text ──word_ids()──▶ 32-bit ids ──grams()──▶ 62-bit hashes ──sketch()──▶ those divisible by 1, 2 or 4

The sample is a fixed fraction of all hashes (FracMinHash, Irber et al. 2022): whatever two articles share is sampled the
same way in both, however different their lengths, so containment can be estimated, which MinHash cannot. Short articles
are sampled more densely, since four hashes prove nothing; a coarser sample is always a part of a denser one.
"""

from __future__ import annotations

import hashlib
from array import array
from typing import TYPE_CHECKING

from archive.arabic import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GRAM = 3  # words; measured alike with 2 and 4, worse from 5 on
_DENSE, _MEDIUM = 100, 200  # words: below the first every gram is kept, below the second one in two, above one in four
_MASK = (1 << 62) - 1
# Odd multipliers (the 64-bit golden ratio and SplitMix64's first constant): order of words matters, ids are random already.
_FIRST, _SECOND = 0x1E3779B97F4A7C15, 0x3F58476D1CE4E5B9
_CACHE_LIMIT = 1 << 20  # spellings; an Arabic newspaper year has about half as many

_cache: dict[str, tuple[int, ...]] = {}


def word_ids(text: str) -> array[int]:
    """Return the folded words of ``text`` as 32-bit ids; the lowest bit tells a number.

    The ids are the same on every machine and in every process (BLAKE2b of the folded word), so they may be stored.
    """
    ids: list[int] = []
    for chunk in text.split():  # folding never joins or changes anything across white space, so chunks may be cached
        known = _cache.get(chunk)
        ids += _learn(chunk) if known is None else known
    return array("I", ids)


def _learn(chunk: str) -> tuple[int, ...]:
    if len(_cache) >= _CACHE_LIMIT:
        _cache.clear()
    ids = _cache[chunk] = tuple(_word_id(word) for word in words(chunk))
    return ids


def _word_id(word: str) -> int:
    digest = int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "little")
    return digest | 1 if word.isdigit() else digest & ~1


def grams(ids: Sequence[int]) -> list[int]:
    """Return one 62-bit hash for each run of three words, in order; empty below three words."""
    return [(a * _FIRST + b * _SECOND + c) & _MASK for a, b, c in zip(ids, ids[1:], ids[2:], strict=False)]


def sketch(hashes: Iterable[int], size: int) -> array[int]:
    """Return the sampled hashes, sorted, for an article of ``size`` words: 40 to 100 for most."""
    low = 0 if size < _DENSE else 1 if size < _MEDIUM else 3
    return array("Q", sorted({h for h in hashes if not h >> 20 & low}))


def text_key(headline: str, ids: Sequence[int]) -> bytes:
    """Return the key of an exact copy: 12 bytes over the folded words of headline and body."""
    digest = hashlib.blake2b(word_ids(headline).tobytes(), digest_size=12)
    digest.update(b"|")
    digest.update(array("I", ids).tobytes())
    return b"t" + digest.digest()


def address_key(outlet: str, address: str) -> bytes:
    """Return the key of one page of one outlet."""
    return b"a" + hashlib.blake2b(f"{outlet} {address}".encode("utf-8", "surrogatepass"), digest_size=12).digest()
