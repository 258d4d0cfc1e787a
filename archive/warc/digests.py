"""Digests as web archives write them: ``sha1:`` Base32 inside a WARC, SHA-256 in hexadecimal in an index and a line.

Heritrix, warcio, Common Crawl and every CDX server look captures up by the Base32 SHA-1; nobody attacks an archive's
deduplication by SHA-1 there without the SHA-256 beside it telling.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

EMPTY = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"


class Digester:
    """SHA-1 and, where asked for, SHA-256 of bytes that come piece by piece."""

    def __init__(self, *, sha256: bool = False) -> None:
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256() if sha256 else None
        self.size = 0

    def update(self, piece: bytes) -> None:
        """Take the next bytes."""
        self._sha1.update(piece)
        if self._sha256:
            self._sha256.update(piece)
        self.size += len(piece)

    @property
    def label(self) -> str:
        """Return the labelled SHA-1, ``sha1:`` and 32 Base32 letters."""
        return "sha1:" + base64.b32encode(self._sha1.digest()).decode("ascii")

    @property
    def sha256(self) -> str:
        """Return the SHA-256 in hexadecimal; a `ValueError` where it was not asked for."""
        if self._sha256 is None:
            raise ValueError("this digester was made without SHA-256")
        return self._sha256.hexdigest()


def digest_of(pieces: Iterable[bytes]) -> Digester:
    """Digest all pieces."""
    digester = Digester()
    for piece in pieces:
        digester.update(piece)
    return digester


def label_of(content: bytes) -> str:
    """Return the labelled SHA-1 of some bytes."""
    return digest_of((content,)).label


def matches(label: str, content: Iterable[bytes]) -> bool:
    """Say whether a labelled digest, SHA-1 or SHA-256, Base32 or hexadecimal in any case, is that of the content."""
    algorithm, _, value = label.partition(":")
    digest = hashlib.new(algorithm.lower().replace("-", ""))
    for piece in content:
        digest.update(piece)
    base32 = base64.b32encode(digest.digest()).decode("ascii").rstrip("=")
    return value.upper().rstrip("=") == base32 or value.lower() == digest.hexdigest()
