"""One running replica: newsroom, editions, sites and server, in a thread of its own.

seed, until, days ─▶ Newsroom ─▶ Editions ─▶ Site × 5 ─▶ Server (TLS, plain)
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.replica.certificates import issue
from tests.replica.clock import http_date
from tests.replica.editions import second
from tests.replica.newsroom import Newsroom
from tests.replica.outlets import HOUSES
from tests.replica.sites.alaraby import Alaraby
from tests.replica.sites.albawaba import Albawaba
from tests.replica.sites.albawabhnews import Albawabhnews
from tests.replica.sites.aljazeera import Aljazeera
from tests.replica.sites.skynewsarabia import Sky
from tests.replica.wire.message import Request, Response, redirect
from tests.replica.wire.misbehaviour import Misbehaviour
from tests.replica.wire.server import Entry, Server

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.replica.sites.base import Site

SITES = (Alaraby, Aljazeera, Albawaba, Albawabhnews, Sky)
HOSTS = [host for house in HOUSES.values() for host in house.hosts]
RETRY_AFTER = 1  # seconds


class Replica:
    """The five outlets on two loopback ports.

    Args:
        seed: another seed, another ten days of news.
        until: the last day; without it today (UTC).
        days: how many days back the news goes.
        misbehave: switches (see `wire.misbehaviour`), each with a host, a path or several.
        tls_port, plain_port: 0 lets the kernel choose.
        folder: where ``ca.pem`` goes; without it a temporary folder.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        until: date | None = None,
        days: int = 10,
        misbehave: Mapping[str, str | Iterable[str]] | None = None,
        tls_port: int = 0,
        plain_port: int = 0,
        folder: Path | None = None,
    ) -> None:
        self.until = until or datetime.now(UTC).date()
        newsroom = Newsroom(seed, self.until, days)
        self._editions = {1: (newsroom.pieces, {}), 2: second(newsroom)}
        self._sites: dict[int, dict[str, Site]] = {}
        self._server = Server(self._answer, Misbehaviour(misbehave))
        self._wanted = (tls_port, plain_port)
        self._troubled: set[tuple[str, str]] = set()
        self._folder = folder
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True, name="replica")
        self.edition = 1

    # --- what a test asks ---------------------------------------------------------------------------------------

    @property
    def env(self) -> dict[str, str]:
        """The environment in which a crawler reaches the replica by the outlets' own names."""
        there = f":443:127.0.0.1:{self.tls_port},:80:127.0.0.1:{self.plain_port}"
        return {"CONNECT_TO": there, "SSL_CERT_FILE": str(self.ca_file)}

    @property
    def log(self) -> list[Entry]:
        """Every request so far, in the order of arrival."""
        return self._server.log

    @property
    def truth(self) -> list[dict]:
        return self.truth_of(self.edition)

    def truth_of(self, edition: int) -> list[dict]:
        """Return an edition's expected articles, then what must not become one."""
        sites = self.sites(edition).values()
        articles = [piece.truth() for site in sites for piece in site.pieces]
        return articles + [entry for site in sites for entry in site.refused]

    def misbehave(self, **switches: str | Iterable[str]) -> None:
        """Replace the switches while running; without arguments all outlets behave again."""
        self._server.misbehaviour = Misbehaviour(switches)

    def sites(self, edition: int | None = None) -> dict[str, Site]:
        """Return the sites of an edition by outlet."""
        number = edition or self.edition
        if number not in self._sites:
            pieces, gone = self._editions[number]
            self._sites[number] = {s.name: s(pieces[s.name], self.until, gone.get(s.name, [])) for s in SITES}
        return self._sites[number]

    # --- running ------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(prefix="replica-") if self._folder is None else None
        folder = self._folder or Path(self._temporary.name)
        bare = [host.removeprefix("www.") for host in HOSTS if host.startswith("www.")]
        self.ca_file, self._context = issue(folder, ["replica", *HOSTS, *bare])
        self._thread.start()
        self._ready.wait()
        if not hasattr(self, "_stop"):
            raise OSError("the replica could not listen on loopback")
        return self

    def __exit__(self, *_exception: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=10)
        if self._temporary:
            self._temporary.cleanup()

    async def _run(self) -> None:
        try:
            self.tls_port, self.plain_port = await self._server.start(self._context, *self._wanted)
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        finally:
            self._ready.set()
        await self._stop.wait()
        await self._server.stop()

    # --- answering ----------------------------------------------------------------------------------------------

    def _answer(self, request: Request) -> Response:
        if request.host == "replica":
            return self._control(request)
        if f"www.{request.host}" in HOSTS:
            return redirect(f"https://www.{request.host}{request.target}")
        site = next((s for s in self.sites().values() if request.host in s.house.hosts), None)
        if site is None:
            return Response(b"no such host here\n", status=421, content_type="text/plain", validators=False)
        if not request.secure and request.path != "/robots.txt":
            return redirect(f"https://{request.host}{request.target}")
        return self._trouble(site, request) or site.answer(request)

    def _control(self, request: Request) -> Response:
        if request.method == "POST" and request.path == "/__replica__/edition" and request.query.get("n") in ("1", "2"):
            self.edition = int(request.query["n"])
            return Response(f"edition {self.edition}\n".encode(), content_type="text/plain", validators=False)
        return Response(
            b"POST /__replica__/edition?n=1 or 2\n", status=404, content_type="text/plain", validators=False
        )

    def _trouble(self, site: Site, request: Request) -> Response | None:
        """Fail the first request for a piece that has trouble; every later one succeeds."""
        piece = next((p for p in site.pieces if p.trouble and p.path == request.path), None)
        if piece is None or (request.host, request.path) in self._troubled:
            return None
        self._troubled.add((request.host, request.path))
        later = str(RETRY_AFTER)
        if piece.trouble == "429-date":
            later = http_date(datetime.now(UTC) + timedelta(seconds=RETRY_AFTER + 1))
        status = 503 if piece.trouble == "503" else 429
        return Response(b"slow down\n", status, "text/plain", [("Retry-After", later)], validators=False)
