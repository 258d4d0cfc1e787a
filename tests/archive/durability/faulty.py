"""A proxy in front of an S3 that goes wrong on demand.

store ──HTTP──▶ FaultyProxy ──HTTP──▶ moto
                   └─ the next requests that fit a fault's method and key meet the fault instead
"""

from __future__ import annotations

import hashlib
import http.client
import random
import re
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

ERRORS = {
    "500": (500, "InternalError"),
    "503": (503, "SlowDown"),
    "expired": (400, "ExpiredToken"),
    "denied": (403, "AccessDenied"),
    "conflict": (409, "ConditionalRequestConflict"),
    "skewed": (403, "RequestTimeTooSkewed"),
}


@dataclass
class Fault:
    """A fault that the next ``times`` fitting requests meet.

    ``kind``: 500, 503, expired, denied, conflict, skewed; ``reset`` (the connection breaks in the middle of the request's body), ``lost`` (the
    request succeeds, its answer never comes), ``corrupt`` (the body arrives with a byte changed), ``slow`` (half a second),
    ``hold`` (until the proxy's ``released`` is set), ``seen`` (nothing happens, it is counted).
    """

    kind: str
    method: str = "PUT"
    part: str = ""
    times: int = 1
    met: int = 0


LISTED = re.compile(r"/(warc|wet|cdxj|articles|stories|events)/outlet=")  # what a manifest states the hash of


@dataclass
class Stutter:
    """What reads meet: GET and HEAD, of objects and of listings.

    ``kind``: one of `ERRORS`; ``reset`` (before an answer); ``torn`` (the connection breaks in the midst of the body), ``short``
    (it is closed there), ``stalls`` (nothing more comes); ``hangs`` (no answer comes); ``changed`` (a byte of an object),
    ``another`` (a whole other object, true to itself); ``html`` and ``404`` (a gateway's own page); ``empty`` (200 and nothing
    else); ``unranged`` (the whole, where a span was asked for), ``shifted`` (a span beside it); ``chunked`` (half of it, sent
    without a length); ``surplus`` (more than the length says).

    ``first``: only the first read of each address meets it.
    """

    kind: str
    first: bool = False
    met: set[str] = field(default_factory=set)

    def meets(self, method: str, path: str, span: str) -> bool:
        """Say whether a request meets it."""
        if method not in {"GET", "HEAD"} or (self.kind in {"changed", "another"} and not self._is_object(path)):
            return False
        if self.kind in {"unranged", "shifted"} and not span:
            return False
        place = f"{method} {path}"
        is_new = place not in self.met
        self.met.add(place)
        return is_new or not self.first

    def _is_object(self, path: str) -> bool:
        return "list-type" not in path and (self.kind == "changed" or bool(LISTED.search(unquote(path))))


@dataclass
class FaultyProxy:
    """The proxy; ``address`` is what the store takes for the endpoint.

    ``refuses``: the beginning of a header's name → status and code with which a store that does not know it answers.
    """

    target: str
    faults: list[Fault] = field(default_factory=list)
    address: str = ""
    refuses: dict[str, tuple[int, str]] = field(default_factory=dict)
    stutter: Stutter | None = None
    kept: dict[tuple[str | None, ...], tuple[http.client.HTTPResponse, bytes]] = field(default_factory=dict)
    requests: int = 0
    read: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def fault_for(self, method: str, path: str) -> Fault | None:
        self.requests += 1
        for fault in self.faults:
            if fault.met < fault.times and fault.method == method and fault.part in path:
                fault.met += 1
                return fault
        return None


@contextmanager
def faulty_proxy(target: str):
    """Run a proxy in front of ``target``."""
    proxy = FaultyProxy(target)
    server = _Server(proxy)
    proxy.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, proxy: FaultyProxy):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.proxy = proxy

    def handle_error(self, *_):
        """A client that has heard enough goes; that is no word for the standard error, where a test reads its command's."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __getattr__(self, name):
        if name.startswith("do_"):  # every method is served alike
            return self._serve
        raise AttributeError(name)

    def _serve(self):
        fault = self.server.proxy.fault_for(self.command, self.path)
        kind = fault.kind if fault else None
        length = int(self.headers.get("Content-Length", 0))
        if kind == "reset":
            self.rfile.read(length // 2)
            return self._break()
        if self.headers.get("Expect"):
            self.send_response_only(100)
            self.end_headers()
        body = self.rfile.read(length)
        stutter = self.server.proxy.stutter
        if stutter and stutter.meets(self.command, self.path, self.headers.get("Range", "")):
            return self._stutter(stutter.kind, body)
        for name, answer in self.server.proxy.refuses.items():
            if any(header.lower().startswith(name) for header in self.headers):
                return self._refuse(*answer)
        if kind in ERRORS:
            return self._refuse(*ERRORS[kind])
        if kind == "corrupt":
            body = bytes([body[0] ^ 1]) + body[1:]
        if kind == "hold":
            self.server.proxy.released.wait(150)
        if kind == "slow":
            time.sleep(0.5)
        answer, content = self._forward(body)
        return self._break() if kind == "lost" else self._pass_on(answer, content)

    def handle_expect_100(self):
        return True

    def _stutter(self, kind, body):
        if kind in ERRORS:
            return self._refuse(*ERRORS[kind])
        if kind in {"html", "404"}:
            return self._answer(200 if kind == "html" else 404, b"<html><p>Sign in to this network</p></html>")
        if kind == "empty":
            return self._answer(200, b"")
        if kind == "hangs":
            self.server.proxy.released.wait(30)
        if kind in {"hangs", "reset"}:
            return self._break()
        if kind == "unranged":
            del self.headers["Range"]
        if kind == "shifted":
            first, last = re.findall(r"\d+", self.headers["Range"] + "0")[:2]
            self.headers.replace_header("Range", f"bytes={int(first) + 1}-{last}")
        return self._spoiled(kind, *self._forward(body))

    def _spoiled(self, kind, answer, content):
        if self.command == "HEAD" or not content or kind in {"unranged", "shifted"}:
            return self._pass_on(answer, content)
        half = content[: len(content) // 2]
        if kind == "changed":
            at = random.randrange(len(content))
            return self._pass_on(answer, content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        if kind == "another":
            tag = hashlib.md5(half, usedforsecurity=False).hexdigest()
            return self._pass_on(answer, half, ETag=f'"{tag}"', without={"content-range", "x-amz-checksum-crc32"})
        if kind == "chunked":
            return self._pass_on(answer, b"%x\r\n%b\r\n0\r\n\r\n" % (len(half), half), {"Transfer-Encoding": "chunked"})
        if kind == "surplus":
            return self._pass_on(answer, content + b"and more", {"Content-Length": str(len(content))})
        self._pass_on(answer, half, {"Content-Length": str(len(content))})
        self.wfile.flush()
        if kind == "stalls":
            self.server.proxy.released.wait(30)
        return self._break() if kind == "torn" else self._close()

    def _answer(self, status, content):
        self.send_response_only(status)
        self.send_header("Content-Type", "text/html")
        self._end(content)

    def _forward(self, body):
        """Ask the target; what was read is remembered until something is written, for a target that takes its time."""
        kept, asked = self.server.proxy.kept, (self.command, self.path, self.headers["Range"], self.headers["If-Match"])
        if self.command not in {"GET", "HEAD"}:
            kept.clear()
            return self._ask(body)
        if asked not in kept:
            kept[asked] = self._ask(body)
        return kept[asked]

    def _ask(self, body):
        connection = http.client.HTTPConnection(urlsplit(self.server.proxy.target).netloc, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {"expect", "connection"}}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content

    def _pass_on(self, answer, content, framing=None, without=(), **others):
        self.server.proxy.read += len(content) if self.command == "GET" else 0
        self.send_response_only(answer.status, answer.reason)
        ours = {"transfer-encoding", "connection", *without, *map(str.lower, others)}
        ours |= {"content-length"} if self.command != "HEAD" else set()
        for name, value in [*answer.getheaders(), *others.items()]:
            if name.lower() not in ours or name in others:
                self.send_header(name, value)
        self._end(content, framing)

    def _refuse(self, status, code):
        self.send_response_only(status)
        self.send_header("Content-Type", "application/xml")
        self._end(f"<Error><Code>{code}</Code><Message>on demand</Message></Error>".encode())

    def _end(self, content, framing=None):
        if self.command != "HEAD":
            for name, value in (framing or {"Content-Length": str(len(content))}).items():
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _break(self):
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.shutdown(socket.SHUT_RDWR)

    def _close(self):
        self.close_connection = True

    def log_message(self, *_):
        pass
