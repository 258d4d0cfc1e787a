"""The chunked transfer coding of RFC 9112, taken off piece by piece."""

from __future__ import annotations

import re

LONGEST_LINE = 1 << 16
"""Bytes of a size line, of a trailer line, and of all trailer lines together; what has more of them is no chunked coding."""

_SIZE = re.compile(rb"[0-9A-Fa-f]+")  # int() would also take a sign, and read what follows a negative size as trailer


class ChunkedDecoder:
    """Takes the chunked transfer coding off, whatever the pieces it comes in."""

    def __init__(self) -> None:
        self.complete = False
        self.trailer = b""
        self.surplus = 0
        self._waiting = b""
        self._left = -1  # bytes of the chunk still to come; -1: a size line is next; -2: the trailer
        self._chunk_ended = False

    def feed(self, piece: bytes) -> bytes:
        """Return what of the entity body is in the next piece. Raises ``ValueError`` where it is no chunked coding."""
        received, at, found = self._waiting + piece, 0, []
        while not self.complete:
            if self._left > 0:
                data = received[at : at + self._left]
                found.append(data)
                at += len(data)
                self._left -= len(data)
                self._chunk_ended = not self._left
            end = received.find(b"\n", at)
            if self._left > 0 or end < 0:
                break
            if end - at > LONGEST_LINE or len(self.trailer) > LONGEST_LINE:
                raise ValueError("a line without end stands where a chunk's size belongs")
            self._line(received[at : end + 1])
            at = end + 1
        if self.complete:
            self.surplus += len(received) - at
            at = len(received)
        self._waiting = received[at:]
        if len(self._waiting) > LONGEST_LINE:
            raise ValueError("a line without end stands where a chunk's size belongs")
        return b"".join(found)

    def _line(self, line: bytes) -> None:
        if self._chunk_ended:
            if line.strip():
                raise ValueError(f"a chunk is longer than its size line says: {line[:40]!r}")
            self._chunk_ended, self._left = False, -1
        elif self._left == -1:
            size = line.split(b";", 1)[0].strip()
            if not _SIZE.fullmatch(size):
                raise ValueError(f"no size of a chunk: {size[:40]!r}")
            self._left = int(size, 16) or -2
        elif line.strip(b"\r\n"):
            self.trailer += line
        else:
            self.complete = True
