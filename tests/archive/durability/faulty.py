"""A proxy in front of an S3 that goes wrong on demand.

store ──HTTP──▶ FaultyProxy ──HTTP──▶ moto
                   └─ the next requests that fit a fault's method and key meet the fault instead
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

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
    ``hold`` (until the proxy's ``released`` is set).
    """

    kind: str
    method: str = "PUT"
    part: str = ""
    times: int = 1
    met: int = 0


@dataclass
class FaultyProxy:
    """The proxy; ``address`` is what the store takes for the endpoint.

    ``refuses``: the beginning of a header's name → status and code with which a store that does not know it answers.
    """

    target: str
    faults: list[Fault] = field(default_factory=list)
    address: str = ""
    refuses: dict[str, tuple[int, str]] = field(default_factory=dict)
    requests: int = 0
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

    def _forward(self, body):
        connection = http.client.HTTPConnection(urlsplit(self.server.proxy.target).netloc, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {"expect", "connection"}}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content

    def _pass_on(self, answer, content):
        self.send_response_only(answer.status, answer.reason)
        ours = {"transfer-encoding", "connection"} | ({"content-length"} if self.command != "HEAD" else set())
        for name, value in answer.getheaders():
            if name.lower() not in ours:
                self.send_header(name, value)
        self._end(content)

    def _refuse(self, status, code):
        self.send_response_only(status)
        self.send_header("Content-Type", "application/xml")
        self._end(f"<Error><Code>{code}</Code><Message>on demand</Message></Error>".encode())

    def _end(self, content):
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _break(self):
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_):
        pass
