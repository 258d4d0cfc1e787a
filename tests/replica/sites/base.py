"""What every site does: find the page of a path, robots.txt, 404; and remember what must not become an article."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.replica.clock import noon
from tests.replica.outlets import HOUSES
from tests.replica.wire.message import Request, Response, html, redirect

if TYPE_CHECKING:
    from tests.replica.piece import Piece

Page = Callable[[Request], Response]
ROBOTS = "text/plain; charset=utf-8"


class Site:
    """One outlet in one edition. Subclasses fill `pages` (decoded path → page) in `build`."""

    name = ""
    robots = "User-agent: *\nDisallow: /admin/\n"
    not_found = "<!doctype html><html><head><title>404</title></head><body><h1>404</h1></body></html>"

    def __init__(self, pieces: list[Piece], until: date, gone: list[Piece]) -> None:
        self.house = HOUSES[self.name]
        self.pieces = pieces  # oldest first
        self.newest = pieces[::-1]
        self.gone = gone
        self.until = until
        self.now = noon(until)
        self.pages: dict[str, Page] = {}
        self.refused: list[dict] = []
        self.build()
        for piece in gone:
            self.refuse(piece.path, "taken down: 410, 404 or a redirect to the home page")

    def build(self) -> None:
        """Fill `pages` and `refused`."""
        raise NotImplementedError

    def answer(self, request: Request) -> Response:
        if request.path == "/robots.txt":
            return Response(self.robots.encode(), content_type=ROBOTS)
        page = self.pages.get(request.path) or self.pages.get(request.path.rstrip("/") or "/")
        return page(request) if page else html(self.not_found, status=404)

    def add(self, path: str, make: Callable[[], Response]) -> None:
        """Serve a page that does not depend on the request; made on the first request, kept afterwards."""
        kept: list[Response] = []

        def page(_request: Request) -> Response:
            if not kept:
                kept.append(make())
            one = kept[0]
            return Response(one.body, one.status, one.content_type, list(one.headers), one.modified, one.validators)

        self.pages[path] = page

    def forward(self, path: str, target: str, status: int = 301) -> None:
        self.pages[path] = lambda _request: redirect(quote(target, safe="/:?&=%#"), status)

    def refuse(self, path: str, reason: str, host: str | None = None) -> str:
        """Note that a path must not become an article, and return it."""
        url = f"https://{host or self.house.hosts[0]}{quote(path, safe='/?&=')}"
        self.refused.append({"expect": "nothing", "outlet": self.name, "url": url, "reason": reason})
        return path

    def of(self, channel: str, slug: str | None = None) -> list[Piece]:
        """Return the pieces that a channel announces, newest first."""
        return [p for p in self.newest if p.announced_by(channel) and slug in (None, p.slug)]

    def related(self, piece: Piece, count: int) -> list[Piece]:
        """Return other pieces for the blocks around an article."""
        at = self.pieces.index(piece)
        others = self.pieces[at + 1 :] + self.pieces[:at]
        return others[:: max(len(others) // count, 1)][:count]

    def latest(self, pieces: list[Piece]) -> datetime:
        return max((p.stamp for p in pieces), default=datetime(2020, 1, 1, tzinfo=UTC))
