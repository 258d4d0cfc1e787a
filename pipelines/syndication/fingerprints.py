"""An article's word 3-grams, the sample of them that stands in the index, and the keys of whole texts and pages.

    text ──word_ids()──▶ 32-bit ids ──grams()──▶ 64-bit hashes, in order ──sketch()──▶ all, or one in 2, 4, 8 of them

The sample is a fixed fraction of all hashes (FracMinHash, Irber et al. 2022): whatever two articles share is sampled the
same way in both, however different their lengths, so containment can be estimated, which MinHash cannot. Short articles
are sampled more densely, since four hashes prove nothing; a coarser sample is always a part of a denser one.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from archive.text import words

if TYPE_CHECKING:
    from pipelines.syndication.spelling import Ids

Hashes: TypeAlias = npt.NDArray[np.uint64]

GRAM = 3  # words; measured alike with 2 and 4, worse from 5 on
_FIRST, _SECOND = (
    np.uint64(0x9E3779B97F4A7C15),
    np.uint64(0xBF58476D1CE4E5B9),
)  # odd; the ids are random, this tells order
_SAMPLED = 64  # words: up to here all hashes are sampled, one in two up to twice as many, and so on
_COARSEST = 3  # halvings
_SAMPLE_SHIFT = np.uint64(20)  # the lowest bits tell numbers from words


def grams(ids: Ids) -> Hashes:
    """Return one hash for each run of three words, in order; none below three words."""
    wide = ids.astype(np.uint64)
    return wide[:-2] * _FIRST + wide[1:-1] * _SECOND + wide[2:]


def sketch(hashes: Hashes, size: int) -> Hashes:
    """Return the sampled ones of an article's hashes, sorted, each once: 30 to 60 for most. ``size``: its words."""
    sampled = np.sort(thin(hashes, coarseness(size)))
    is_new = np.ones(sampled.size, dtype=bool)
    np.not_equal(sampled[1:], sampled[:-1], out=is_new[1:])
    return sampled[is_new]


def coarseness(size: int) -> int:
    """Return how often an article of ``size`` words has its hashes halved."""
    return min(_COARSEST, max(0, (size - 1) // _SAMPLED).bit_length())


def thin(hashes: Hashes, halvings: int) -> Hashes:
    """Return those hashes that a sample of this coarseness holds."""
    sampled: Hashes = hashes[hashes >> _SAMPLE_SHIFT & np.uint64((1 << halvings) - 1) == 0]
    return sampled


def text_key(headline: str, ids: Ids) -> int:
    """Return the key of an exact copy: over the folded words of headline and body."""
    return _key(b"text", " ".join(words(headline)).encode("utf-8", "surrogatepass") + b"|" + ids.tobytes())


def address_key(outlet: str, address: str) -> int:
    """Return the key of one page of one outlet."""
    return _key(b"page", f"{outlet} {address}".encode("utf-8", "surrogatepass"))


def id_key(article: str) -> int:
    """Return the key of an article's id."""
    return _key(b"id", article.encode("utf-8", "surrogatepass"))


def _key(kind: bytes, what: bytes) -> int:
    """Return 64 bits, signed as SQLite has them: among ten million keys two are alike with a chance of 1 in 400,000."""
    return int.from_bytes(hashlib.blake2b(what, digest_size=8, person=kind).digest(), "little", signed=True)
