"""Al Jazeera Arabic: WordPress behind a server-rendered React front end; host twin ajnet.me; AMP pages.

JSON-LD with entities inside, metas, Apollo state; VideoObject with another date; the front end of 2019. Sitemap index and day sitemaps by Doha's day,
a feed of 25 with UTC clocks marked ``+0300``, section cards, GraphQL.
"""

from __future__ import annotations

from urllib.parse import quote

from tests.replica.sites.aljazeera import channels, frame, page
from tests.replica.sites.base import Site
from tests.replica.wire.message import Request, Response, html


class Aljazeera(Site):
    """Half of its links come with a tracking query, in lower-case percent-encoding, or as AMP; all are one article."""

    name = "aljazeera"
    robots = (
        "User-agent: *\nDisallow: /search/\nDisallow: /api/\nDisallow: /wp-admin/\nDisallow: /print/\n\n"
        "User-agent: GPTBot\nDisallow: /\n\nSitemap: https://www.aljazeera.net/sitemap.xml\n"
        "Sitemap: https://www.aljazeera.net/news-sitemap.xml \n"
    )

    def build(self) -> None:
        for piece in self.pieces:
            self.add(piece.path, lambda p=piece: html(page.article(self, p), modified=p.stamp))
            self.add("/amp" + piece.path, lambda p=piece: html(page.amp(self, p), modified=p.stamp))
        for piece in self.gone:
            self.pages[piece.path] = lambda _request: html(self.not_found, status=410)
        self.pages["/sitemap.xml"] = lambda request: channels.sitemap(self, request.query)
        self.pages["/news-sitemap.xml"] = lambda _request: channels.news_sitemap(self)
        self.add(channels.FEED, lambda: channels.feed(self))
        self.pages["/graphql"] = lambda request: channels.graphql(self, request)
        for path, words in frame.NAV:
            if not path.startswith(("/search", "/where")):
                self.add(path.rstrip("/"), lambda p=path, w=words: channels.section(self, p.strip("/"), w))
        self.add("/", lambda: channels.section(self, "", "الرئيسية"))
        self._others()

    def _others(self) -> None:
        program = self.refuse(f"/programs/{self.until.year}/1/5/من-الأرشيف-حلقة-خاصة", "programme page")
        self.add(program, lambda: html(page.programme(self)))
        english = self.refuse(
            f"/news/{self.until.year}/{self.until.month}/{self.until.day}/harbour-plan-reviewed", "other language"
        )
        self.add(english, lambda: html(page.english(self)))
        printed = self.refuse("/print/" + self.pieces[-1].path.strip("/"), "disallowed by robots.txt")
        self.add(printed, lambda: html(page.article(self, self.pieces[-1])))
        self.refuse("/search/القدس", "disallowed by robots.txt")
        self.add("/search/القدس", lambda: html(page.programme(self)))
        missing = self.refuse(f"/politics/{self.until.year}/{self.until.month}/{self.until.day}/صفحة-محذوفة", "404")
        self.dead_links = [program, english, printed, missing]

    @property
    def not_found(self) -> str:
        return page.missing(self)

    def answer(self, request: Request) -> Response:
        response = super().answer(request)
        if request.host == "www.ajnet.me" and request.path == "/robots.txt":
            return Response(b"User-agent: *\nDisallow: /search/\n", content_type="text/plain")
        return response


def lower(path: str) -> str:
    """Percent-encode in lower case, as this outlet's feed does."""
    return "".join(c if c.isascii() else quote(c).lower() for c in path)
