"""Where Sky announces: section pages, the REST listing with its page token, a sitemap."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from urllib.parse import quote

from tests.replica.clock import zulu_clock
from tests.replica.markup import dump, esc
from tests.replica.sites.skynewsarabia import page
from tests.replica.wire.message import Response, xml

SECTION_IDS = {
    "2": ("middle-east", "world", "varieties", "culture", "video", "image_gallery"),
    "4": ("business", "technology", "sport"),
}


def section(site, slug: str | None, words: str) -> str:
    """A section's links: most long, some short, one decomposed, one AMP; and the dead ones."""
    pieces = [p for p in site.of("section") if slug in (None, p.slug)]
    links = []
    for turn, piece in enumerate(pieces):
        path = piece.path
        if turn % 7 == 3:
            path = f"/{piece.slug}/{piece.number}"
        elif turn % 7 == 5:
            path = unicodedata.normalize("NFD", path)
        links.append((path, piece.headline))
    if pieces:
        links.append(("/amp" + pieces[0].path, pieces[0].headline))
        links.append((f"/web/article/{pieces[-1].number}/{page.suffix(pieces[-1])}", pieces[-1].headline))
    if slug in (None, "middle-east"):
        links += [(path, "المزيد") for path in site.dead_links]
    rows = "".join(
        f'<div class="item"><a class="item-wrapper" href="{quote(path, safe="/?=")}"><div class="item-info"><h2 class="item-title">{esc(title)}</h2></div></a></div>'
        for path, title in links
    )
    return page.frame(words, "", f'<div class="sna-section"><h1>{esc(words)}</h1>{rows}</div>', "", site)


def latest(site, query: dict[str, str]) -> Response:
    """One page of the listing of a section's articles, films or pictures; ``nextPageToken`` is the time in milliseconds of the last item, absent on the last page."""
    slugs, kind = SECTION_IDS.get(query.get("defaultSectionId", "2"), ()), query.get("types", "ARTICLE")
    size = min(int(query.get("pageSize", "20")), 50)
    before = int(query.get("nextPageToken") or 10**15)
    mine = [p for p in site.of("api") if p.slug in slugs and page.type_of(p) == kind]
    pieces = [p for p in mine if _millis(p.published) < before]
    here = pieces[:size]
    items = [
        {
            "id": str(p.number),
            "type": page.type_of(p),
            "headline": p.headline,
            "summary": p.standfirst,
            "date": zulu_clock(p.published),
            "sectionUrl": f"/{p.slug}",
            "urlFriendlySuffix": page.suffix(p),
            "category": p.section,
        }
        for p in here
    ]
    answer: dict = {"contentItems": items}
    if len(pieces) > size:
        answer["nextPageToken"] = str(_millis(here[-1].published))
    return Response(dump(answer).encode(), content_type="application/json;charset=UTF-8", modified=site.latest(here))


def _millis(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1000)


def sitemap(site) -> Response:
    pieces = site.of("sitemap")
    rows = "".join(f"<url><loc>{p.url}</loc><lastmod>{zulu_clock(p.stamp)}</lastmod></url>" for p in pieces)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'
    return xml(text, site.latest(pieces))
