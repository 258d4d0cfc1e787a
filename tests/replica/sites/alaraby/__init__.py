"""Al-Araby Al-Jadeed: Drupal; no number and no date in addresses; feeds that carry the whole text.

Body split over two fields; times in metas and JSON-LD, or only shown, in Jerusalem's time; ``/rss.xml`` and ``/rss/<section>`` with entities escaped
twice, two CDATA parts and ``+0300``; section pages.
"""

from __future__ import annotations

from tests.replica.sites.alaraby import feed, page
from tests.replica.sites.base import Site
from tests.replica.wire.message import html


class Alaraby(Site):
    """Its feeds come in three sizes: the whole site, a section, and one whose first item lost its text."""

    name = "alaraby"
    robots = (
        "User-agent: *\nDisallow: /core/\nDisallow: /admin/\nDisallow: /search/\nDisallow: /node/add/\nDisallow: /pdf/\n"
        "Disallow: /*?font=\n"
    )

    def build(self) -> None:
        for piece in self.pieces:
            self.add(piece.path, lambda p=piece: html(page.article(self, p), modified=p.stamp))
        for piece in self.gone:
            self.forward(piece.path, "/", 302)
        self.add("/rss.xml", lambda: feed.feed("https://www.alaraby.co.uk/rss.xml", self.of("site-feed")))
        self.forward("/rss", "/rss.xml")
        for slug, words in page.SECTIONS.items():
            self.add(
                f"/rss/{slug}",
                lambda s=slug: feed.feed(f"https://www.alaraby.co.uk/rss/{s}", self.of("section-feed", s)),
            )
            self.pages[f"/{slug}"] = lambda request, s=slug, w=words: html(
                page.section(self, s, w, int(request.query.get("page", 0)))
            )
        self.add("/", lambda: html(page.home(self)))
        self._others()

    def _others(self) -> None:
        lost = self.refuse("/politics/صفحة-نقلت-من-مكانها", "soft 404: status 200, says that the page does not exist")
        self.add(lost, lambda: html(page.soft_404(self)))
        pdf = self.refuse("/pdf/politics/نسخة-مطبوعة", "disallowed by robots.txt")
        self.add(pdf, lambda: html(page.soft_404(self)))
        gone = self.refuse("/economy/مادة-حذفت-نهائيا", "410")
        self.pages[gone] = lambda _request: html(page.soft_404(self), status=410)
        self.dead_links = [lost, pdf, gone]
