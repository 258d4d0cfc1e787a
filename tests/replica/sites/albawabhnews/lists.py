"""Where Al-Bawaba News announces: feeds by category, category pages, the home page with the blocks of 2018."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.replica.clock import CAIRO, rfc822
from tests.replica.markup import esc
from tests.replica.sites.albawabhnews.page import frame
from tests.replica.wire.message import Response, xml

if TYPE_CHECKING:
    from tests.replica.piece import Piece

A_PAGE = 15


def feed(site, category: str | None) -> Response:
    """A feed without texts; its times are Cairo's with Cairo's offset."""
    pieces = [p for p in site.of("feed") if category in (None, p.slug)]
    items = []
    for piece in pieces:
        moment = piece.published.astimezone(CAIRO)
        items.append(
            f"<item><title><![CDATA[{piece.headline}]]></title><link>{piece.url}</link><guid>{piece.url}</guid>"
            f"<description><![CDATA[{piece.body[0].text[:90]} ...]]></description><category>{esc(piece.section)}</category>"
            f"<pubDate>{rfc822(moment, f'{moment:%z}')}</pubDate></item>"
        )
    text = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>البوابة نيوز</title><link>https://www.albawabhnews.com</link>'
        f"<language>ar-eg</language>{''.join(items)}</channel></rss>"
    )
    return xml(text, site.latest(pieces), "application/rss+xml")


def _image(piece: Piece) -> str:
    path = piece.pictures[0].url.split("/upload/")[1]
    words = " ".join(piece.headline.split()[:3])
    return f'<img class=" lazy"    src="images/img.gif" data-src=" /upload/{path}" alt="{esc(words)}" wm="0" alt=""/>'


def item(piece: Piece, kind: str, heading: str = "h2") -> str:
    return (
        f'<div class="{kind} " > <a    href="/{piece.number}" >\n<div class="img-cont">\n{_image(piece)}</div>\n'
        f'<div class="txt-cont">\n<{heading}> \n                 {esc(piece.headline, quote=False)}\n</{heading}>\n</div>\n</a> </div>\n'
    )


def home(site) -> str:
    """Blocks in which the same piece comes back: a slider, the top news, one block a category."""
    pieces = site.of("home")
    slider = "".join(item(p, "item-r") for p in pieces[:4])
    blocks = []
    for slug in sorted({p.slug for p in pieces}):
        mine = [p for p in pieces if p.slug == slug]
        rest = "".join(item(p, "item-li") for p in mine[1:])
        blocks.append(
            f'<div class="block nc1 "  ord="id={slug}&top=4"><div class="title"> <a href="/category/{slug}"><h3> {esc(mine[0].section)}</h3></a> </div>'
            f'<div class="cont">{item(mine[0], "item-card")}<div class="list-wrap">{rest}</div></div></div>'
        )
    top = f'<div class="block topnews "  ord="&top=15"><div class="title"><h3> أهم الأخبار</h3></div><div class="cont">{"".join(item(p, "item-card") for p in pieces[:5])}</div></div>'
    return frame(site, "البوابة نيوز", "", f'<div class="slider">{slider}</div>{top}{"".join(blocks)}')


def category(site, slug: str, words: str, number: int) -> str:
    """A category page, ``?page=N`` from 1; links to what is no article stand on each first page."""
    pieces = site.of("category", slug)
    here = pieces[(number - 1) * A_PAGE : number * A_PAGE]
    rows = "".join(item(p, "item-ts" if n % 3 else "item-decobe", "h3") for n, p in enumerate(here))
    if number == 1:
        rows += "".join(
            f'<div class="item-li"><a href="{path}"><div class="txt-cont"><h3>مواد ذات صلة</h3></div></a></div>'
            for path in site.dead_links
        )
    more = (
        f'<li class="next"><a class="next" rel="next" href="/category/{slug}?page={number + 1}">التالي</a></li>'
        if len(pieces) > number * A_PAGE
        else ""
    )
    return frame(site, words, "", f'<h1>{words}</h1><div class="cont">{rows}</div><ul class="pagination">{more}</ul>')
