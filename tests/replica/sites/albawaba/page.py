"""The Drupal pages of Albawaba: ``abn2024`` and ``abn2019``; a late ``<meta charset>``, a clock without am and pm."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.replica.clock import long_date, twelve_hours
from tests.replica.markup import dump, esc, paragraphs, scripts, styles

if TYPE_CHECKING:
    from tests.replica.piece import Piece

SECTIONS = [
    "أخبار",
    "أعمال",
    "ترفيه",
    "رياضة",
    "صحتكِ-وجمالكِ",
    "إختيار-المحرر",
    "أدب-وثقافة",
    "سياحة",
    "أحداث-في-صور",
    "فيديو",
]
LOGINS = ("saif", "r.haddad", "editor7")
MANAGER = (
    "<script type=\"5c2f1d9e0b-text/javascript\">(function(w,d,s,l,i){w[l]=w[l]||[];w[l].push({'gtm.start':new Date().getTime(),"
    "event:'gtm.js'});var f=d.getElementsByTagName(s)[0],j=d.createElement(s),dl=l!='dataLayer'?'&l='+l:'';j.async=true;"
    "j.src='https://www.googletagmanager.com/gtm.js?id='+i+dl;f.parentNode.insertBefore(j,f);})(window,document,'script','dataLayer','GTM-X');</script>"
) * 2
CHALLENGE = """<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body>
<h1>www.albawaba.com</h1><p>Checking if the site connection is secure</p><script>window._cf_chl_opt={};</script></body></html>"""
READ_ALSO = ("اقرأ أيضاً:", "أقرا ايضا:", "إقرأ أيضاً:", "شاهد أيضًا:", "قد يهمك:", "للمزيد من الأخبار:")


def frame(title: str, head: str, main: str, charset_late: bool = True) -> str:
    nav = "".join(f'<li><a href="/ar/{quote(s)}">{s.replace("-", " ")}</a></li>' for s in SECTIONS)
    charset = '<meta charset="utf-8">'
    return (
        f'<!DOCTYPE html>\n<html lang="ar" dir="rtl"><head>\n<title>{esc(title)} | البوابة</title>\n{"" if charset_late else charset}{MANAGER}\n{charset}'
        f'{head}<meta name="rights" content="©2026 البوابة. جميع الحقوق محفوظة.">{styles("albawaba", 70_000)}</head><body class="path-node page-node-type-article">'
        f'<header id="navbar"><nav><ul class="menu nav">{nav}</ul></nav><a href="https://www.albawaba.com/">English</a>'
        f'<form action="/ar/search"><input name="keyword"></form></header><div role="main" class="main-container container">{main}</div>'
        f'<footer class="footer"><h2>اشترك</h2><p>اشترك في النشرة الإخبارية للحصول على تحديثات حصرية ومحتوى محسن</p><p>© 2000 - 2026 البوابة</p></footer>'
        f"{scripts('albawaba', 50_000)}</body></html>"
    )


def _head(piece: Piece) -> str:
    canonical = piece.origin_url or piece.url
    twin = piece.url.replace("www.albawaba.com", "article.albawaba.net")
    author = {"@type": "Person", "name": LOGINS[piece.number % 3], "url": canonical}
    if piece.look == "abn2019":
        author = {"@type": "Organization", "name": "Al-Bawaba"}
    glued = "".join(b.text for b in piece.body if b.kind == "p")
    stamp = "%Y-%m-%dT%H:%M:%S+0000"
    article = {
        "@type": "NewsArticle",
        "headline": piece.headline,
        "description": glued,
        "image": {"@type": "ImageObject", "url": piece.pictures[0].url},
        "datePublished": piece.published.strftime(stamp),
        "dateModified": piece.stamp.strftime(stamp),
        "author": author,
        "publisher": {"@type": "Organization", "name": "البوابة", "url": canonical},
        "mainEntityOfPage": piece.url,
        "articleSection": piece.section,
    }
    crumbs = {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": 1, "name": "الرئيسية", "item": "https://www.albawaba.com/ar"}
        ],
    }
    layer = {"articleAuthor": LOGINS[piece.number % 3], "articleCategory": piece.section, "articleLanguage": "AR"}
    tags = esc(", ".join(piece.tags))
    return (
        f'<link rel="canonical" href="{canonical}"><meta name="description" content="{esc(glued[:150])}"><meta name="keywords" content="{tags}">'
        f'<meta property="og:url" content="{twin}"><meta property="og:type" content="article"><meta property="og:title" content="{esc(piece.headline)}">'
        f'<meta property="og:image" content="{piece.pictures[0].url}"><meta name="twitter:url" content="{canonical}"><link rel="shortlink" href="https://www.albawaba.com/node/{piece.number}">'
        f'<link rel="alternate" hreflang="ar-EG" href="{twin}"><link rel="alternate" hreflang="x-default" href="{piece.url}">'
        f'<link rel="amphtml" href="{piece.url.replace(".com/", ".com/amp/", 1)}"><script>window.dataLayer=[{dump(layer)}]</script>'
        f'<script type="application/ld+json">{dump({"@context": "https://schema.org", "@graph": [article, crumbs]})}</script>'
    )


def _block(name: str, inner: str) -> str:
    return f'<section class="block block-layout-builder block-field-blocknodearticle{name} clearfix">\n\n{inner}\n\n</section>\n'


def _body(site, piece: Piece) -> str:
    parts = paragraphs(piece.body)
    parts[0] = parts[0].replace("<p>", f"<p>{esc(piece.head)}", 1)
    links = site.related(piece, 3)
    also = READ_ALSO[piece.number % len(READ_ALSO)]
    if len(parts) > 2:
        parts.insert(
            2,
            f'<p>{also}</p><p><strong><a target="_blank" href="{quote(links[0].path)}">{esc(links[0].headline)}</a></strong></p>',
        )
    if len(parts) > 4:
        parts.insert(4, '<div class="block-ads-system"><h2>إعلان</h2><div id="ad-mid"></div></div>')
    if len(parts) > 6:
        parts.insert(
            6,
            '<blockquote class="instagram-media"><p>View this post on Instagram</p><p>A post shared by desk (@desk)</p></blockquote>',
        )
    listed = "".join(f'<li><a href="{quote(o.path)}">{esc(o.headline)}</a></li>' for o in links)
    parts.append(f'<div class="related_articles_block"><div class="related_articles"><ul>{listed}</ul></div></div>')
    if piece.credit and not (piece.look == "abn2019" and piece.origin_url):
        parts.append(f"<p>المصدر: {esc(piece.credit)}</p>")
    return "\n\n".join(parts)


def article(site, piece: Piece) -> str:
    picture, day = piece.pictures[0], piece.published
    shown = f"تاريخ النشر: {long_date(day)} - {twelve_hours(day, mark=False)} GMT"
    image = f'<div class="field--name-field-image-file"><img src="{picture.url}" alt="{esc(picture.caption)}"><div class="abn-image-caption">{esc(picture.caption)}</div></div>'
    gallery = "".join(
        f'<div class="slide"><img src="{p.url}"><div class="abn-image-caption">{esc(p.caption)}</div></div>'
        for p in piece.pictures[1:]
    )
    film = (
        '<div class="video"><iframe src="https://www.dailymotion.com/embed/video/x1"></iframe></div>'
        if piece.kind == "video"
        else ""
    )
    highlights = f'<div class="field field--name-field-highlights"><div class="field--label">أبرز العناوين</div><div class="field--items"><div class="field--item">{esc(piece.standfirst or "")}</div></div></div>'
    syndicated = ""
    if piece.credit and piece.look == "abn2019" and piece.origin_url:
        syndicated = f'<section class="block block-abn-misc block-syndigate-article"><p class="syndigate-link">المصدر: {esc(piece.credit)}</p></section>'
    left = (
        _block("created", f"<span>{shown}</span>")
        + '<section class="block block-addtoany"><span class="a2a_kit addtoany_list"><a class="a2a_button_facebook">مشاركة</a></span></section>'
        + _block("field-image-file", image + gallery + film)
        + _block("field-highlights", highlights)
        + _block(
            "body",
            f'<div class="field field--name-body field--type-text-with-summary field--item">{_body(site, piece)}</div>',
        )
        + syndicated
        + '<section class="block-mgid"><h2>قد يعجبك أيضا</h2><div id="M1"></div></section><div class="facetweet">غرد</div>'
    )
    crumbs = f'<ol class="breadcrumb"><li><a href="/ar">الرئيسية</a></li><li><a href="/ar/{quote(piece.slug)}">{esc(piece.section)}</a></li></ol>'
    main = (
        f'{crumbs}<h1 class="page-header"><span>{esc(piece.headline)}</span>\n</h1><article data-history-node-id="{piece.number}" role="article" class="article full">'
        f'<div class="content"><div class="row bs-2col"><div class="col-sm-8">{left}</div><div class="col-sm-4"><section><h2>الأكثر قراءة</h2></section></div></div></div></article>'
    )
    return frame(piece.headline, _head(piece), main)


def amp(piece: Piece) -> str:
    text = "".join(paragraphs(piece.body))
    return f'<!doctype html><html amp lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{esc(piece.headline)} | البوابة</title><link rel="canonical" href="{piece.url}"></head><body><h1>{esc(piece.headline)}</h1><div class="field--name-body">{text}</div></body></html>'
