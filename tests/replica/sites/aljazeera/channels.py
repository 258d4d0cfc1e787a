"""Where Al Jazeera announces: sitemap index and day sitemaps, the feed with its false ``+0300``, sections, GraphQL."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from tests.replica.clock import DOHA, rfc822, zulu_clock
from tests.replica.markup import dump, esc
from tests.replica.sites.aljazeera import frame
from tests.replica.sites.aljazeera.head import FEED as FEED_URL
from tests.replica.sites.aljazeera.head import encoded
from tests.replica.wire.message import Request, Response, html, xml

if TYPE_CHECKING:
    from tests.replica.piece import Piece

FEED = FEED_URL.removeprefix("https://www.aljazeera.net")
SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
DAYS_LISTED = 60
FIRST_PAGE = 40
FEED_SIZE = 25


def sitemap(site, query: dict[str, str]) -> Response:
    """Answer the index, or one Doha day (``yyyy``, ``mm``, ``dd``, padded or not)."""
    if "yyyy" in query:
        day = date(int(query["yyyy"]), int(query["mm"]), int(query["dd"]))
        return _day(site, day)
    rows = []
    for back in range(-1, DAYS_LISTED):
        day = site.until - timedelta(days=back)
        if day > site.until and not _of(site, day):
            continue
        touched = max(site.latest(_of(site, day)), datetime.combine(day, time(6), UTC)).strftime(
            "%Y-%m-%dT%H:%M:%S+00:00"
        )
        loc = f"https://www.aljazeera.net/sitemap.xml?yyyy={day.year}&amp;mm={day.month:02d}&amp;dd={day.day:02d}"
        rows.append(f"<sitemap><loc>{loc}</loc><lastmod>{touched}</lastmod></sitemap>")
    return xml(
        f'<?xml version="1.0" encoding="utf-8"?>\n<sitemapindex xmlns="{SCHEMA}">{"".join(rows)}</sitemapindex>',
        site.now,
    )


def _of(site, day: date) -> list[Piece]:
    return [p for p in site.of("sitemap") if p.published.astimezone(DOHA).date() == day]


def _day(site, day: date) -> Response:
    pieces = _of(site, day)
    rows = "".join(
        f"<url><loc>{encoded(p)}</loc><lastmod>{p.stamp:%Y-%m-%dT%H:%M:%S}+00:00</lastmod></url>" for p in pieces
    )
    return xml(f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{SCHEMA}">{rows}</urlset>', site.latest(pieces))


def news_sitemap(site) -> Response:
    """Answer the sitemap of the last two days, with exact times."""
    pieces = [p for p in site.of("sitemap") if p.published >= site.now - timedelta(days=2)]
    rows = "".join(
        f"<url><loc>{encoded(p)}</loc><news:news><news:publication><news:name>الجزيرة نت</news:name><news:language>ar</news:language>"
        f"</news:publication><news:publication_date>{zulu_clock(p.published)}</news:publication_date>"
        f"<news:title>{esc(p.headline, quote=False)}</news:title></news:news></url>"
        for p in pieces
    )
    news = "http://www.google.com/schemas/sitemap-news/0.9"
    return xml(
        f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{SCHEMA}" xmlns:news="{news}">{rows}</urlset>',
        site.now,
    )


def feed(site) -> Response:
    """The clock of ``pubDate`` is UTC, the zone beside it says ``+0300``; ``post-id`` is the same for all."""
    pieces = site.of("feed")[:FEED_SIZE]
    items = "".join(
        f"<item><link>{encoded(p)}?traffic_source=rss</link><title>{esc(p.headline, quote=False)}</title>"
        f"<description><![CDATA[{p.standfirst}]]></description><pubDate>{rfc822(p.published, '+0300')}</pubDate>"
        f'<category>{p.section}</category><guid isPermaLink="false">https://www.aljazeera.net/?t={int(p.published.timestamp()) - 640}</guid>'
        f'<post-id xmlns="com-wordpress:feed-additions:1">9576310</post-id></item>\n'
        for p in pieces
    )
    text = (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom">'
        f'<channel><atom:link href="{FEED_URL}" rel="self" type="application/rss+xml"/><title>الجزيرة نت</title>'
        f"<link>https://www.aljazeera.net</link><lastBuildDate>{rfc822(site.latest(pieces), '+0000')}</lastBuildDate>"
        f"<language>ar</language>{items}</channel></rss>"
    )
    return xml(text, site.latest(pieces), "application/rss+xml")


def section(site, slug: str, words: str) -> Response:
    """A section page (or the home page): cards, one of them AMP, one on the twin host, some to what is no article."""
    pieces = (site.of("section", slug) if slug else site.of("section"))[: FIRST_PAGE if slug else None]
    cards = [frame.card(p, tag="h2" if n == 0 else "h3") for n, p in enumerate(pieces)]
    if pieces:
        cards.append(frame.card(pieces[0], "/amp" + pieces[0].path))
        cards.append(frame.card(pieces[-1], encoded(pieces[-1]).replace("www.aljazeera.net", "www.ajnet.me")))
    if not slug:
        cards += [
            f'<article class="article-card"><a class="u-clickable-card__link" href="{link}">ملف</a></article>'
            for link in site.dead_links
        ]
    top, bottom = frame.around(site)
    rows = "".join(cards)
    return html(
        f'<!doctype html><html lang="ar" dir="rtl" class="theme-aja"><head><meta charset="utf-8"/><title>{esc(words)} | الجزيرة نت</title></head>'
        f'<body>{top}<main><h1 class="section-header__title">{esc(words)}</h1><section id="news-feed-container">{rows}</section>'
        f'<button class="show-more-button">عرض المزيد</button></main>{bottom}</body></html>',
        modified=site.latest(pieces),
    )


def graphql(site, request: Request) -> Response:
    """Answer ``ArchipelagoAjeSectionPostsQuery``; anything else is a GraphQL error with status 200."""
    query = request.query
    try:
        variables = json.loads(query["variables"])
        category, start, count = variables["category"], int(variables["offset"]), min(int(variables["quantity"]), 100)
    except (KeyError, ValueError, TypeError):
        return Response(b'{"errors":[{"message":"bad variables"}]}', content_type="application/json", validators=False)
    pieces = site.of("graphql", category)[start : start + count]
    articles = [
        {
            "id": p.number,
            "title": p.headline,
            "excerpt": p.standfirst,
            "link": p.path,
            "date": zulu_clock(p.published),
            "featuredImage": {"sourceUrl": p.pictures[0].url, "caption": p.pictures[0].shown, "alt": ""},
        }
        for p in pieces
    ]
    return Response(dump({"data": {"articles": articles}}).encode(), content_type="application/json; charset=utf-8")
