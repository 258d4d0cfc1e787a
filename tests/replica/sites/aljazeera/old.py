"""Al Jazeera's front end of 2019: ``#DynamicContentContainer``, JSON-LD dates in words, no metas of today's kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.replica.clock import LATIN_MONTHS, zulu_clock
from tests.replica.markup import dump, esc, paragraphs, scripts, styles

if TYPE_CHECKING:
    from tests.replica.piece import Piece

MENU = ["أخبار", "سياسة", "اقتصاد", "رياضة", "صحة", "تكنولوجيا", "ثقافة", "علوم", "آراء", "موسوعة"]


def article(site, piece: Piece) -> str:
    body = _body(site, piece)
    links = "".join(f'<li><a href="/{n}">{name}</a></li>' for n, name in enumerate(MENU))
    most = "".join(f'<li><a href="{o.path}">{esc(o.headline)}</a></li>' for o in site.related(piece, 6))
    return (
        '<!DOCTYPE html><html lang="ar" dir="rtl" class="no-js"><head><meta charset="utf-8" />'
        f'<title>{esc(piece.headline)} | الجزيرة نت</title><meta property="og:title" content="{esc(piece.headline)}" />'
        f'<meta property="og:type" content="article" /><meta property="og:image" content="{esc(piece.pictures[0].url)}" />'
        f'<meta name="LastModifiedDate" content="{zulu_clock(piece.stamp)}" /><meta name="description" content="{esc(piece.standfirst or "")}" />'
        f'<link rel="canonical" href="{piece.url}" />{styles("aj2019", 30_000)}</head><body class="article-page">'
        f'<div id="header"><ul class="top-nav">{links}</ul></div><div class="main-article-body">{body}</div>'
        f'<div class="most-viewed"><h4>الأكثر مشاهدة</h4><ol>{most}</ol></div><div id="footer">© شبكة الجزيرة</div>{scripts("aj2019", 20_000)}</body></html>'
    )


def _body(site, piece: Piece) -> str:
    day = piece.published
    shown = f"{day.day:02d} {LATIN_MONTHS[day.month - 1]} {day.year} {day:%H:%M} GMT"
    block = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": esc(piece.headline),
        "datePublished": shown,
    }
    changed = piece.stamp
    block["dateModified"] = f"{changed.day:02d} {LATIN_MONTHS[changed.month - 1]} {changed.year} {changed:%H:%M} GMT"
    text = "".join(paragraphs(piece.body))
    links = "".join(f'<li><a href="{o.path}">{esc(o.headline)}</a></li>' for o in site.related(piece, 3))
    tags = "".join(f'<a href="/tag/{t}">{esc(t)}</a>' for t in piece.tags)
    writers = "".join(f'<a class="article-author-name" href="/author/x">{esc(n)}</a>' for n in piece.byline)
    picture = piece.pictures[0]
    source = f"<p><strong>المصدر : {esc(piece.credit)}</strong></p>" if piece.credit else ""
    return (
        f'<script type="application/ld+json">{dump(block)}</script><nav class="nav-path"><a href="/">الرئيسية</a> / '
        f'<a href="/{piece.slug}/">{esc(piece.section)}</a></nav><h1 class="heading-story">{esc(piece.headline)}</h1>'
        f'<div class="article-heading-author-name">{writers}</div>'
        f'<img class="main-article-media-img" src="{esc(picture.url)}" alt="{esc(picture.shown)}">'
        f'<div class="main-article-caption">{esc(picture.shown)}</div>'
        f'<div id="DynamicContentContainer"><div class="body-content"><p class="article__subhead">{esc(piece.standfirst or "")}</p>'
        f'{text}{source}</div></div><div class="article-tags">{tags}</div><div class="related-story"><h4>حول هذه القصة</h4><ul>{links}</ul></div>'
    )
