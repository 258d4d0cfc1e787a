"""Albawaba (Jordan): Drupal theme ``abn``; host twin article.albawaba.net; much of it bought from elsewhere.

Meta charset a kilobyte in; canonical to another publisher; twelve-hour clock; an editor's login; AMP. Sitemap index with a news sitemap, feed, section pages.
"""

from __future__ import annotations

from tests.replica.sites.albawaba import channels, lists, page
from tests.replica.sites.base import Site
from tests.replica.wire.message import html


class Albawaba(Site):
    """A node answers under its long address; ``/node/<id>`` redirects to it, and the old ``/ar/node/<id>`` to that."""

    name = "albawaba"
    robots = (
        "User-agent: *\nCrawl-delay: 0.1\nDisallow: /core/\nDisallow: /search\nDisallow: /ar/search\nDisallow: /user/\n"
        "Disallow: /ar/term/\n\nSitemap: https://www.albawaba.com/sitemap.xml\n"
    )

    def build(self) -> None:
        for piece in self.pieces:
            self.add(piece.path, lambda p=piece: html(page.article(self, p), modified=p.stamp))
            self.add("/amp" + piece.path, lambda p=piece: html(page.amp(p), modified=p.stamp))
            self.forward(f"/node/{piece.number}", piece.path)
            self.forward(f"/ar/node/{piece.number}", f"/node/{piece.number}", 302)
        for piece in self.gone:
            self.pages[piece.path] = lambda _request: html(lists.missing(self), status=410)
        for words in page.SECTIONS:
            path = f"/ar/{words}"
            self.pages[path] = lambda request, w=words: html(lists.section(self, w, int(request.query.get("page", 0))))
        self.add("/ar", lambda: html(lists.home(self)))
        self.forward("/", "/ar", 302)
        self.add("/rss/ar-all", lambda: channels.feed(self))
        self.add("/sitemap.xml", lambda: channels.index(self))
        self.add("/sitemap-news.xml", lambda: channels.news(self))
        self.add("/sitemap-pages.xml", lambda: channels.pages(self))
        self._others()

    def _others(self) -> None:
        french = self.refuse("/news/le-conseil-examine-le-projet-du-port-1322999", "other language")
        self.add(french, lambda: html(lists.french()))
        wall = self.refuse("/ar/أخبار/خبر-خلف-الجدار-1500003", "403 challenge page")
        self.pages[wall] = lambda _request: html(page.CHALLENGE, status=403, validators=False)
        term = self.refuse("/ar/term/5512/archive/ar/أخبار-قديمة-1500001", "disallowed by robots.txt")
        self.add(term, lambda: html(lists.home(self)))
        missing = self.refuse("/ar/أخبار/خبر-لم-يعد-موجودا-1500002", "404")
        self.dead_links = [french, wall, term, missing]

    @property
    def not_found(self) -> str:
        return lists.missing(self)
