"""The Drupal pages: articles (``meta``: times in metas and JSON-LD; ``visible``: only as shown), sections with a pager."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.replica.clock import DOHA, JERUSALEM, long_date
from tests.replica.markup import dump, esc, paragraphs, scripts, styles

if TYPE_CHECKING:
    from tests.replica.piece import Piece

SECTIONS = {
    "politics": "سياسة",
    "economy": "اقتصاد",
    "society": "مجتمع",
    "sport": "رياضة",
    "culture": "ثقافة",
    "opinion": "آراء",
    "medianews": "ميديا",
    "news": "أخبار",
    "investigations": "تحقيقات",
}
QUOTE = '<div class="align-center"><blockquote class="pull-quote">{}</blockquote></div>'
A_PAGE = 12
FONT = '<div class="font-size-widget"><button>+</button> <span>الخط</span> <button>-</button></div>'


def frame(site, title: str, head: str, main: str) -> str:
    nav = "".join(f'<li><a href="/{slug}">{words}</a></li>' for slug, words in SECTIONS.items())
    return (
        f'<!DOCTYPE html><html lang="ar" dir="rtl" prefix="og: https://ogp.me/ns#"><head><meta charset="utf-8" /><title>{esc(title)}</title>'
        f'<meta name="Generator" content="Drupal 10 (https://www.drupal.org)" />{head}'
        f'<link rel="alternate" type="application/rss+xml" href="https://www.alaraby.co.uk/rss.xml">{styles("alaraby", 70_000)}</head>'
        f'<body class="path-node"><header role="banner"><a class="lang" href="https://www.newarab.com">English</a><nav><ul>{nav}'
        f'<li><a href="/search/node">بحث</a></li></ul></nav></header><main role="main">{main}</main><footer><div class="newsletter-block">'
        f'<h3>اشترك الآن في النشرة البريدية ليصلك كل جديد</h3><form><input type="email"></form></div><ul class="social"><li>فيسبوك</li>'
        f"<li>إكس</li><li>يوتيوب</li></ul><p>جميع حقوق النشر محفوظة {site.until.year} العربي الجديد</p></footer>{scripts('alaraby', 50_000)}</body></html>"
    )


def _head(piece: Piece) -> str:
    url, picture = piece.url, piece.pictures[0]
    rows = [
        f'<link rel="canonical" href="{url}" />',
        f'<meta name="description" content="{esc(piece.standfirst or "")}" />',
        f'<meta property="og:title" content="{esc(piece.headline)}" />',
        '<meta property="og:type" content="article" />',
        f'<meta property="og:url" content="{url}" />',
        f'<meta property="og:image" content="{esc(picture.url)}" />',
        '<meta property="og:site_name" content="العربي الجديد" />',
        f'<meta name="keywords" content="{esc("، ".join(piece.tags))}" />',
    ]
    if piece.look == "meta":
        first, last = (m.astimezone(DOHA).isoformat() for m in (piece.published, piece.stamp))
        rows += [
            f'<meta property="article:published_time" content="{first}" />',
            f'<meta property="article:modified_time" content="{last}" />',
        ]
        block = {
            "@context": "https://schema.org",
            "@graph": [
                {
                    "@type": "NewsArticle",
                    "headline": piece.headline,
                    "description": piece.standfirst,
                    "datePublished": first,
                    "dateModified": last,
                    "image": {"@type": "ImageObject", "url": picture.url},
                    "author": {"@type": "Person", "name": piece.byline[0]}
                    if piece.byline
                    else {"@type": "Organization", "name": "العربي الجديد"},
                    "articleSection": piece.section,
                }
            ],
        }
        rows.append(f'<script type="application/ld+json">{dump(block)}</script>')
    return "".join(rows)


def _time(piece: Piece) -> str:
    shown = piece.published.astimezone(JERUSALEM)
    update = piece.stamp.astimezone(JERUSALEM)
    changed = f' | <span class="updated">آخر تحديث: {update:%H:%M} (توقيت القدس)</span>' if piece.look == "meta" else ""
    return f'<div class="field field--name-created">{long_date(shown)} - {shown:%H:%M} (توقيت القدس){changed}</div>'


def article(site, piece: Piece) -> str:
    picture = piece.pictures[0]
    writers = "".join(f'<a href="/author/{len(n)}" class="author-name">{esc(n)}</a>' for n in piece.byline)
    tags = "".join(f'<a href="/tags/{quote(t)}">{esc(t)}</a>' for t in piece.tags)
    label = '<div class="live-label">التحديثات الحية</div>' if piece.kind == "live" else ""
    main = (
        f'<ol class="breadcrumb"><li><a href="/">الرئيسية</a></li><li><a href="/{piece.slug}">{esc(piece.section)}</a></li></ol>{label}'
        f'<article class="node node--type-article" data-history-node-id="{piece.number}"><h1 class="page-title"><span>{esc(piece.headline)}</span></h1>'
        f'<div class="field--name-field-subtitle">{esc(piece.standfirst or "")}</div><div class="author-block">{writers}</div>{_time(piece)}{FONT}'
        f'<figure class="main-image"><img src="{esc(picture.url)}" alt=""><figcaption>{esc(picture.shown)}</figcaption></figure>'
        f'<div class="share"><span>شارك</span><a>فيسبوك</a><a>واتساب</a></div>{_body(site, piece)}<div class="tags-block"><span>دلالات</span>{tags}</div></article>'
        f'<section class="related-articles"><h2>ذات صلة</h2><ul>{_links(site, piece, 6)}</ul></section><section class="more-read"><h2>الأكثر مشاهدة</h2></section>'
    )
    return frame(site, f"{piece.headline} | العربي الجديد", _head(piece), main)


def _links(site, piece: Piece, count: int) -> str:
    return "".join(f'<li><a href="{quote(o.path)}">{esc(o.headline)}</a></li>' for o in site.related(piece, count))


def _body(site, piece: Piece) -> str:
    """The first two paragraphs stand in ``field--name-body``, the rest in paragraphs-module fields below it."""
    parts = paragraphs(piece.body, QUOTE, "<h3>{}</h3>")
    if piece.credit:
        parts.append(f"<p>({esc(piece.credit)})</p>")
    if len(parts) > 4:
        inner = f'<div class="embedded-node"><div class="label">التحديثات الحية</div>{_links(site, piece, 1)}</div>'
        parts.insert(3, f'<div class="paragraph paragraph--type--related">{inner}</div>')
    first = f'<div class="field field--name-body">{"".join(parts[:2])}</div>'
    rest = "".join(
        f'<div class="paragraph paragraph--type--text"><div class="field--name-field-text">{p}</div></div>'
        for p in parts[2:]
    )
    return f'<div class="content-body">{first}<div class="field--name-field-paragraphs">{rest}</div></div>'


def _teaser(piece: Piece) -> str:
    return (
        f'<div class="views-row"><article class="teaser"><h3><a href="{quote(piece.path)}">{esc(piece.headline)}</a></h3>'
        f"<p>{esc(piece.standfirst or '')}</p></article></div>"
    )


def section(site, slug: str, words: str, number: int) -> str:
    """A section page, ``?page=N`` from 0, with Drupal's pager."""
    slugs = (slug, "liveblog") if slug == "politics" else (slug,)
    pieces = [p for p in site.of("section") if p.slug in slugs]
    here = pieces[number * A_PAGE : (number + 1) * A_PAGE]
    rows = "".join(_teaser(p) for p in here)
    if number == 0:
        rows += "".join(
            f'<div class="views-row"><a href="{quote(path)}">مادة سابقة</a></div>' for path in site.dead_links
        )
    more = (
        f'<li class="pager__item pager__item--next"><a href="?page={number + 1}" rel="next">التالي</a></li>'
        if len(pieces) > (number + 1) * A_PAGE
        else ""
    )
    main = f'<h1>{esc(words)}</h1><div class="view-content">{rows}</div><nav class="pager"><ul class="pager__items">{more}</ul></nav>'
    return frame(site, f"{words} | العربي الجديد", "", main)


def home(site) -> str:
    rows = "".join(_teaser(p) for p in site.of("section")[:20])
    return frame(site, "العربي الجديد | أخبار وتحليلات", "", f'<div class="view-content">{rows}</div>')


def soft_404(site) -> str:
    main = "<h1>الصفحة غير موجودة</h1><p>عذراً، الصفحة التي تبحث عنها غير موجودة أو تم نقلها. يمكنك العودة إلى الصفحة الرئيسية.</p>"
    return frame(site, "الصفحة غير موجودة | العربي الجديد", "", main)
