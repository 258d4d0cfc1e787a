"""The server: one TLS port (every host's 443), one plain port (every host's 80), raw streams.

connection ─▶ request ─▶ Misbehaviour.instead ─▶ trouble (429, 503) ─▶ site ─▶ Misbehaviour.bend ─▶ Delivery ─▶ bytes
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.replica.wire.delivery import Delivery
from tests.replica.wire.message import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.replica.wire.misbehaviour import Misbehaviour

IDLE = 30.0  # seconds a kept connection may stay silent
GARBAGE = b"\x00\xff\x16\x03\x01garbage instead of HTTP\r\n\r\n" * 3
ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"10000\r\n" + b"<p>0123456789</p>".ljust(0x10000) + b"\r\n"


@dataclass(slots=True)
class Entry:
    """One line of the log: monotonic times, so that a test can prove how politely it was asked."""

    start: float
    end: float
    host: str
    path: str
    target: str
    status: int
    secure: bool
    headers: dict[str, str] = field(repr=False)


class Server:
    """Answers both ports; ``answer(request)`` is asked for the response."""

    def __init__(self, answer: Callable[[Request], Response], misbehaviour: Misbehaviour) -> None:
        self.answer = answer
        self.misbehaviour = misbehaviour
        self.log: list[Entry] = []
        self._delivery = Delivery()
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task] = set()

    async def start(self, context: ssl.SSLContext, tls_port: int, plain_port: int) -> tuple[int, int]:
        """Listen on loopback and return the two ports."""
        for port, tls in ((tls_port, context), (plain_port, None)):
            serve = self._secure if tls else self._plain
            self._servers.append(await asyncio.start_server(serve, "127.0.0.1", port, ssl=tls))
        first, second = (s.sockets[0].getsockname()[1] for s in self._servers)
        return first, second

    async def stop(self) -> None:
        for server in self._servers:
            server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _secure(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._connection(reader, writer, secure=True)

    async def _plain(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._connection(reader, writer, secure=False)

    async def _connection(self, reader, writer, *, secure: bool) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            while (request := await self._read(reader, secure)) and await self._serve(request, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, TimeoutError, ssl.SSLError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError, TimeoutError, ssl.SSLError):
                await asyncio.wait_for(writer.wait_closed(), 1)

    async def _read(self, reader: asyncio.StreamReader, secure: bool) -> Request | None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return None
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        if first.count(" ") != 2:
            return None
        method, target, _version = first.split(" ")
        headers = {n.strip().lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        host = headers.get("host", "").rsplit(":", 1)[0].lower()
        return Request(method, target, host, headers, secure, body)

    async def _serve(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection lives on."""
        entry = Entry(
            time.monotonic(), 0.0, request.host, request.path, request.target, 0, request.secure, request.headers
        )
        self.log.append(entry)
        try:
            if self.misbehaviour.holds("hang", request):
                await asyncio.sleep(3600)
            if self.misbehaviour.holds("garbage", request):
                writer.write(GARBAGE)
                await writer.drain()
                return False
            if self.misbehaviour.holds("endless", request):
                await _pour(writer)
            response = self.misbehaviour.instead(request) or self.answer(request)
            message = self._delivery.deliver(request, self.misbehaviour.bend(request, response))
            entry.status = message.status
            cut = self.misbehaviour.holds("cut", request) and message.status == 200
            await self._send(writer, message.head, _half(message.parts) if cut else message.parts, entry)
            return not cut and request.headers.get("connection", "").lower() != "close"
        finally:
            entry.end = entry.end or time.monotonic()

    @staticmethod
    async def _send(writer: asyncio.StreamWriter, head: bytes, parts: list[bytes], entry: Entry) -> None:
        *before, last = filter(None, [head, *parts[:40], b"".join(parts[40:])])
        for part in before:
            writer.write(part)
            if len(parts) > 1:
                await writer.drain()
        entry.end = time.monotonic()  # before its last byte leaves: whoever has the answer finds it ended
        writer.write(last)
        await writer.drain()


async def _pour(writer: asyncio.StreamWriter) -> None:
    """Send a page that has no end, until the other side has had enough."""
    writer.write(ENDLESS)
    while not writer.is_closing():
        writer.write(CHUNK)
        await writer.drain()
        await asyncio.sleep(0)  # a lost connection is told by the loop, and drain alone need not let it run
    raise ConnectionResetError


def _half(parts: list[bytes]) -> list[bytes]:
    body = b"".join(parts)
    return [body[: len(body) // 2]]
