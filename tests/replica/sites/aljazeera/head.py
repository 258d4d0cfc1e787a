"""The head of an Al Jazeera page of 2026: JSON-LD blocks and the long row of metas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.replica.clock import zulu_clock
from tests.replica.markup import dump, esc

if TYPE_CHECKING:
    from tests.replica.piece import Piece

FEED = (
    "https://www.aljazeera.net/aljazeerarss/a7c186be-1baa-4bd4-9d80-a84db769f779/73d0e1b4-532f-45ef-b135-bfdff8b8cab9"
)
PUBLISHER = {
    "@type": "NewsMediaOrganization",
    "foundingDate": "1996-11-01",
    "name": "الجزيرة نت",
    "url": "https://www.aljazeera.net",
    "logo": "https://www.aljazeera.net/images/logo_aja.png",
}


def encoded(piece: Piece) -> str:
    """Return the address in the lower-case percent-encoding that this site prints."""
    host, _, path = piece.url.removeprefix("https://").partition("/")
    return f"https://{host}/{path.lower()}"


def head(piece: Piece) -> str:
    linked = "" if piece.look == "bare" else "".join(_script(block) for block in _blocks(piece))
    return (
        f'<meta charset="utf-8"/><meta name="viewport" content="width=device-width"/><title data-rh="true">'
        f"{esc(piece.headline)} | {esc(piece.section)} | الجزيرة نت</title>"
        f'<meta data-rh="true" name="description" content="{esc(piece.standfirst or "")}"/>'
        f'<meta data-rh="true" name="robots" content="max-image-preview:large"/>'
        f'<link data-rh="true" rel="canonical" href="{encoded(piece)}"/>{linked}{_metas(piece)}{_links(piece)}'
    )


def _script(block: dict) -> str:
    return f'<script data-rh="true" type="application/ld+json">{dump(block)}</script>'


def _blocks(piece: Piece) -> list[dict]:
    name = esc(piece.headline)  # the site leaves entities inside the JSON string
    people = [{"@type": "Person", "name": n, "url": "https://www.aljazeera.net/author/x"} for n in piece.byline]
    article = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": encoded(piece),
        "headline": name,
        "description": piece.standfirst,
        "author": people or [{"@type": "Organization", "name": "الجزيرة نت"}],
        "publisher": PUBLISHER,
        "image": [{"@type": "ImageObject", "url": piece.pictures[0].url, "height": 1440, "width": 1920}],
        "datePublished": zulu_clock(piece.published),
        "dateModified": zulu_clock(piece.stamp),
    }
    speak = {"@type": "SpeakableSpecification", "cssSelector": [".article-header"]}
    page = {
        "@context": "https://schema.org/",
        "@type": "WebPage",
        "name": name,
        "speakable": speak,
        "url": encoded(piece),
    }
    if piece.kind not in ("video", "live"):
        return [article, page]
    film = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": f"{name} - فيديو",
        "uploadDate": "2021-03-04T05:06:07Z",
        "description": piece.standfirst,
        "embedUrl": f"https://www.youtube.com/embed/x{piece.number}",
        "thumbnailUrl": piece.pictures[0].url,
    }
    return [article, page, film]


def _metas(piece: Piece) -> str:
    content_type = {"live": "liveblog", "video": "video", "gallery": "gallery", "opinion": "opinion"}.get(
        piece.kind, "post"
    )
    topics = ", ".join([piece.section or "", *piece.tags])
    writers = ",".join(piece.byline)
    named = {
        "pageSection": f"{content_type},{piece.section}" if piece.kind == "live" else piece.section,
        "topics": piece.section,
        "primaryTopic": piece.section,
        "keywords": topics,
        "taxonomyTerms": topics,
        "publishedDate": zulu_clock(piece.published).rstrip("Z"),
        "lastDate": zulu_clock(piece.stamp).rstrip("Z"),
        "contentType": content_type,
        "displayAuthors": writers.replace(",", ", "),
        "pageAuthors": writers,
        "author": writers,
        "source": piece.credit,
        "sourceTaxonomy": piece.credit,
        "pageTitle": piece.headline,
        "postID": str(piece.number),
        "postLink": piece.path,
        "articleSlug": piece.path.rsplit("/", 1)[1],
        "url": encoded(piece),
        "type": "article",
        "pageType": "Article Page",
        "image": piece.pictures[0].url,
    }
    if piece.kind == "breaking":
        named["postLabel"] = "عاجل"
    shared = {
        "og:title": piece.headline,
        "og:description": piece.standfirst,
        "og:url": encoded(piece),
        "og:type": "article",
        "og:image": piece.pictures[0].url,
        "og:site_name": "الجزيرة نت",
    }
    rows = [f'<meta data-rh="true" name="{k}" content="{esc(v)}"/>' for k, v in named.items() if v]
    return "".join(rows + [f'<meta data-rh="true" property="{k}" content="{esc(v)}"/>' for k, v in shared.items() if v])


def _links(piece: Piece) -> str:
    url = encoded(piece)
    amp, twin = url.replace(".net/", ".net/amp/", 1), url.replace("www.aljazeera.net", "www.ajnet.me")
    return (
        f'<link data-rh="true" rel="alternate" type="application/rss+xml" href="{FEED}"/>'
        f'<link data-rh="true" rel="amphtml" href="{amp}"/>'
        f'<link data-rh="true" rel="alternate" hreflang="ar-EG" href="{twin}"/>'
        f'<link data-rh="true" rel="alternate" hreflang="ar" href="{url}"/>'
    )
