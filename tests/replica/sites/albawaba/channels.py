"""Where Albawaba announces: a sitemap index with a news sitemap, a feed."""

from __future__ import annotations

from urllib.parse import quote

from tests.replica.clock import rfc822, zulu_clock
from tests.replica.markup import esc
from tests.replica.wire.message import Response, xml

SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
TOP = '<?xml version="1.0" encoding="UTF-8"?>\n'


def index(site) -> Response:
    stamp = zulu_clock(site.latest(site.pieces))
    rows = "".join(
        f"<sitemap><loc>https://www.albawaba.com/{name}</loc><lastmod>{stamp}</lastmod></sitemap>"
        for name in ("sitemap-news.xml", "sitemap-pages.xml")
    )
    return xml(f'{TOP}<sitemapindex xmlns="{SCHEMA}">{rows}</sitemapindex>', site.latest(site.pieces))


def news(site) -> Response:
    """Every address by way of the host twin for each fifth piece: the crawler must know them for one."""
    pieces = site.of("news-sitemap")
    rows = []
    for turn, piece in enumerate(pieces):
        url = piece.url.replace("www.albawaba.com", "article.albawaba.net") if turn % 5 == 4 else piece.url
        rows.append(
            f"<url><loc>{url}</loc><news:news><news:publication><news:name>البوابة</news:name><news:language>ar</news:language>"
            f"</news:publication><news:publication_date>{zulu_clock(piece.published)}</news:publication_date>"
            f"<news:title>{esc(piece.headline)}</news:title><news:keywords>{esc(', '.join(piece.tags))}</news:keywords></news:news></url>"
        )
    text = f'{TOP}<urlset xmlns="{SCHEMA}" xmlns:news="{NEWS}">{"".join(rows)}</urlset>'
    return xml(text, site.latest(pieces))


def pages(site) -> Response:
    rows = "".join(
        f"<url><loc>https://www.albawaba.com{quote(path)}</loc></url>" for path in ("/ar", "/ar/أخبار", "/ar/about")
    )
    return xml(f'{TOP}<urlset xmlns="{SCHEMA}">{rows}</urlset>', site.latest([]))


def feed(site) -> Response:
    pieces = site.of("feed")
    items = "".join(
        f"<item><title>{esc(p.headline, quote=False)}</title><link>{p.url}</link><description>{esc(p.body[0].text, quote=False)}</description>"
        f"<pubDate>{rfc822(p.published, '+0000')}</pubDate><dc:creator>saif</dc:creator>"
        f'<guid isPermaLink="false">{p.number} at https://www.albawaba.com</guid></item>\n'
        for p in pieces
    )
    text = (
        f'{TOP}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xml:base="https://www.albawaba.com/ar">'
        f"<channel><title>البوابة</title><link>https://www.albawaba.com/ar</link><language>ar</language>{items}</channel></rss>"
    )
    return xml(text, site.latest(pieces), "application/rss+xml")
