"""Saved pages at their own addresses: a loopback server that answers for any host with what a test gives it."""

import asyncio
import tempfile
import threading
from pathlib import Path

from tests.replica.certificates import issue
from tests.replica.wire.message import Response
from tests.replica.wire.misbehaviour import Misbehaviour
from tests.replica.wire.server import Server

NOTHING = Response(b"not here\n", status=404, content_type="text/plain", validators=False)


class SavedPages:
    """Answers ``{(host, decoded path): Response}`` on two loopback ports; everything else is a 404.

    ``env`` is what a crawler needs to reach it by the pages' own names, ``asked`` the (host, path) of every request.
    """

    def __init__(self, pages):
        self.pages = pages
        self.asked = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="saved-")
        hosts = sorted({host for host, _ in self.pages})
        ca_file, self._context = issue(Path(self._folder.name), hosts)
        self._thread.start()
        self._ready.wait(10)
        tls, plain = self._ports
        self.env = {"CONNECT_TO": f":443:127.0.0.1:{tls},:80:127.0.0.1:{plain}", "SSL_CERT_FILE": str(ca_file)}
        return self

    def __exit__(self, *_exception):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._folder.cleanup()

    async def _serve(self):
        server = Server(self._answer, Misbehaviour(None))
        self._ports = await server.start(self._context, 0, 0)
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        await self._stop.wait()
        await server.stop()

    def _answer(self, request):
        self.asked.append((request.host, request.path))
        return self.pages.get((request.host, request.path), NOTHING)
