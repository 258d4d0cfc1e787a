"""A server that knows nothing of HTTP: it sends exactly the bytes that a case says, and remembers those it was sent."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from typing import Self


@dataclass(frozen=True)
class Answer:
    """What the server does for one request: pieces of bytes in their own writes, pauses (seconds), then perhaps the end."""

    pieces: tuple[bytes | float, ...]
    close: bool = False


@dataclass
class RawServer:
    """Answers by request target, on a thread of its own a connection."""

    answers: Mapping[str, list[Answer]]
    tls: ssl.SSLContext | None = None
    received: dict[str, list[bytes]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            while request := _request(connection):
                target = request.split(b" ", 2)[1].decode("ascii")
                with self._lock:
                    before = self.received.setdefault(target, [])
                    before.append(request)
                    answers = self.answers[target]
                    answer = answers[min(len(before), len(answers)) - 1]
                for piece in answer.pieces:
                    if isinstance(piece, float):
                        time.sleep(piece)
                    else:
                        connection.sendall(piece)
                if answer.close:
                    return
        except OSError:  # the client went away, as some cases want it to
            return
        finally:
            connection.close()


def _request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            return b""
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.splitlines() if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
