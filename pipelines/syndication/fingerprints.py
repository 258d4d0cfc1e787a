"""An article's words as numbers, its word 3-grams, and the sample of them that stands in the index.

    text ──word_ids()──▶ 32-bit ids ──grams()──▶ 64-bit hashes, in order ──sketch()──▶ all, or one in 2, 4, 8 of them

The sample is a fixed fraction of all hashes (FracMinHash, Irber et al. 2022): whatever two articles share is sampled the
same way in both, however different their lengths, so containment can be estimated, which MinHash cannot. Short articles
are sampled more densely, since four hashes prove nothing; a coarser sample is always a part of a denser one.
"""

from __future__ import annotations

import hashlib
from typing import TypeAlias
from zlib import crc32

import numpy as np
import numpy.typing as npt

from archive.arabic import words

Ids: TypeAlias = npt.NDArray[np.uint32]
Hashes: TypeAlias = npt.NDArray[np.uint64]

GRAM = 3  # words; measured alike with 2 and 4, worse from 5 on
_FIRST, _SECOND = (
    np.uint64(0x9E3779B97F4A7C15),
    np.uint64(0xBF58476D1CE4E5B9),
)  # odd; the ids are random, this tells order
_SAMPLED = 64  # words: up to here all hashes are sampled, one in two up to twice as many, and so on
_COARSEST = 3  # halvings
_SAMPLE_SHIFT = np.uint64(20)  # the lowest bits tell numbers from words
_LIMIT = 1 << 20  # spellings; an Arabic newspaper year has about half as many


class _Spellings(dict[str, bytes]):
    """Chunk of text between white space → ids of its words, packed. Folding never reaches across white space."""

    def __missing__(self, chunk: str) -> bytes:
        if len(self) >= _LIMIT:
            self.clear()
        packed = self[chunk] = b"".join(map(_word_id, words(chunk)))
        return packed


_spellings = _Spellings()


def word_ids(text: str) -> Ids:
    """Return the folded words of ``text`` as 32-bit ids; the lowest bit tells a number.

    The ids are the same on every machine and in every process (CRC-32 of the folded word), so they may be stored.
    """
    return np.frombuffer(b"".join(map(_spellings.__getitem__, text.split())), dtype="<u4")


def _word_id(word: str) -> bytes:
    checksum = crc32(word.encode("utf-8", "surrogatepass"))
    return (checksum | 1 if word.isdigit() else checksum & ~1).to_bytes(4, "little")


def grams(ids: Ids) -> Hashes:
    """Return one hash for each run of three words, in order; none below three words."""
    wide = ids.astype(np.uint64)
    return wide[:-2] * _FIRST + wide[1:-1] * _SECOND + wide[2:]


def sketch(known: Hashes, size: int) -> Hashes:
    """Return the sampled ones of an article's sorted hashes, each once: 30 to 60 for most. ``size``: its words."""
    sampled = thin(known, coarseness(size))
    return sampled[np.flatnonzero(np.diff(sampled, prepend=~sampled[:1]))]


def coarseness(size: int) -> int:
    """Return how often an article of ``size`` words has its hashes halved."""
    return min(_COARSEST, max(0, (size - 1) // _SAMPLED).bit_length())


def thin(hashes: Hashes, halvings: int) -> Hashes:
    """Return those hashes that a sample of this coarseness holds."""
    sampled: Hashes = hashes[hashes >> _SAMPLE_SHIFT & np.uint64((1 << halvings) - 1) == 0]
    return sampled


def text_key(headline: str, ids: Ids) -> bytes:
    """Return the key of an exact copy: over the folded words of headline and body."""
    return b"t" + hashlib.blake2b(word_ids(headline).tobytes() + b"|" + ids.tobytes(), digest_size=12).digest()


def address_key(outlet: str, address: str) -> bytes:
    """Return the key of one page of one outlet."""
    page = f"{outlet} {address}".encode("utf-8", "surrogatepass")
    return b"a" + hashlib.blake2b(page, digest_size=12).digest()
