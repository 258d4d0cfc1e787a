"""The bytes of one exchange, taken while they go over a connection."""

from __future__ import annotations

import tempfile
from typing import IO

from archive.warc.message import IN_MEMORY


class WireCapture:
    """The bytes of one exchange, as they went over one connection."""

    def __init__(self, ip_address: str | None) -> None:
        self.ip_address = ip_address
        self.certificates: tuple[str, ...] = ()  # SHA-256 of the TLS chain, the server's own first
        self._request: list[bytes] = []
        self._received: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._size = 0

    @property
    def request(self) -> bytes:
        """Return the request as sent."""
        return b"".join(self._request)

    @property
    def received(self) -> bytes | IO[bytes]:
        """Return what came back so far: bytes, or a file where it is large."""
        return self._file or b"".join(self._received)

    def send(self, piece: bytes) -> None:
        """Take a piece of the request."""
        self._request.append(piece)

    def receive(self, piece: bytes) -> None:
        """Take a piece of what came back."""
        self._size += len(piece)
        if self._file is None and self._size > IN_MEMORY:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed when the capture is forgotten
            self._file.writelines(self._received)
            self._received.clear()
        if self._file is None:
            self._received.append(piece)
        else:
            self._file.write(piece)

    def close(self) -> None:
        """Let go of the file, where there is one."""
        if self._file is not None:
            self._file.close()
