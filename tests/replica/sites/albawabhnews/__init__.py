"""Al-Bawaba News (Egypt): an ASP.NET system of the house; addresses are numbers; neither JSON-LD nor zones anywhere.

Two house templates, Cairo's times in words; one page in windows-1256. ``/rss/<id>``, ``/category/<id>?page=N``, home blocks.
"""

from __future__ import annotations

from tests.replica.sites.albawabhnews import lists, page
from tests.replica.sites.base import Site
from tests.replica.wire.message import Response, html


class Albawabhnews(Site):
    """One of its pages is windows-1256, said by a meta alone."""

    name = "albawabhnews"
    robots = "User-agent: *\nCrawl-delay: 0.15\nDisallow: /search/\nDisallow: /admin/\nDisallow: /print/\n"

    def build(self) -> None:
        for piece in self.pieces:
            self.add(piece.path, lambda p=piece: self._article(p))
        for piece in self.gone:
            self.forward(piece.path, "/", 302)
        self.add("/", lambda: html(lists.home(self), modified=self.now))
        for number, words in page.CATEGORIES.items():
            self.pages[f"/category/{number}"] = lambda request, n=number, w=words: html(
                lists.category(self, n, w, int(request.query.get("page", 1)))
            )
            self.forward(f"/list/{number}/{words}", f"/category/{number}")
            if number != "2":
                self.add(f"/rss/{number}", lambda n=number: lists.feed(self, n))
        self.add("/rss/1", lambda: lists.feed(self, None))
        self.forward("/rss.aspx", "/rss/1")
        self._others()

    def _article(self, piece) -> Response:
        text = page.article(self, piece)
        if piece.charset == "utf-8":
            return html(text, modified=piece.stamp)
        body = text.encode(piece.charset, "xmlcharrefreplace")
        return Response(body, content_type="text/html", modified=piece.stamp)

    def _others(self) -> None:
        first = self.pieces[0].number
        printed = self.refuse(f"/print/{first}", "disallowed by robots.txt")
        self.add(printed, lambda: html(page.article(self, self.pieces[0])))
        empty = self.refuse(f"/{first - 40}", "empty shell: status 200, a frame without an article")
        self.add(empty, lambda: html(page.shell(self)))
        missing = self.refuse(f"/{first - 41}", "404")
        self.dead_links = [printed, empty, missing]
