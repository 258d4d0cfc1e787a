"""Al Jazeera's pages: the front end of 2026 (``aja``, and ``bare`` without JSON-LD), that of 2019 (``dynamic``), AMP."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from zlib import crc32

from tests.replica.clock import DOHA, zulu_clock
from tests.replica.markup import dump, esc, paragraphs, scripts, styles
from tests.replica.sites.aljazeera import frame, old
from tests.replica.sites.aljazeera.head import head

if TYPE_CHECKING:
    from tests.replica.piece import Piece

QUOTE = '<blockquote class="wp-block-quote is-style-pullquote"><p>{}</p></blockquote>'
SAVE = """<div class="rich-share" data-testid="rich-share"><div class="update-reading-list">
<p class="update-reading-list__button-text">حفظ</p><p>احفظ المقالات لقراءتها لاحقا وأنشئ قائمة قراءتك</p></div>
<p class="rich-share__social-text">شارِكْ</p><a href="#">facebook</a><a href="#">x</a><a href="#">whatsapp</a></div>"""
FLASH = """<div class="live-stream__three-flash-warning" role="note">قد يحتوي هذا الفيديو أنماطا ضوئية أو صورا يمكن أن تسبب
نوبات صرع أو عدم ارتياح لمن يعاني حساسيات بصرية</div><span class="screen-reader-text">مدة الفيديو 02 minutes 47 seconds</span>"""


def article(site, piece: Piece) -> str:
    """Return the page of a piece in the template that its ``look`` names."""
    if piece.look == "dynamic":
        return old.article(site, piece)
    top, bottom = frame.around(site)
    opening = _live_header(piece) if piece.kind == "live" else _header(piece)
    state = "" if piece.look == "bare" else _state(piece)
    return (
        f'<!doctype html><html lang="ar" dir="rtl" class="theme-aja"><head>{head(piece)}{styles("aja", 110_000)}</head>'
        f'<body class="post-type-{"liveblog" if piece.kind == "live" else "post"}">{top}'
        f'<main id="main-content-area"><div class="container container--grid"><div class="container__inner"><div class="l-col l-col--8">'
        f"{opening}{_body(site, piece)}</div>{frame.aside(site, piece)}</div></div></main>{bottom}{state}"
        f"{scripts('aja', 70_000)}</body></html>"
    )


def _label(piece: Piece) -> str:
    words = {"live": "تغطية مباشرة", "breaking": "عاجل", "opinion": "رأي", "video": "فيديو", "gallery": "صور"}.get(
        piece.kind
    )
    if not words:
        return ""
    return (
        f'<div class="post-label"><strong aria-hidden="true" class="post-label__text">{words}</strong>'
        f'<span class="screen-reader-text" role="heading" aria-level="2">{words}, </span></div>'
    )


def _header(piece: Piece) -> str:
    picture = piece.pictures[0]
    media = f'<figure class="article-featured-image"><div class="responsive-image"><img src="{esc(picture.url)}" alt=""></div>'
    media += f"<figcaption>{esc(picture.shown)}</figcaption></figure>"
    if piece.kind == "video":
        media += f'<div class="video-player"><iframe src="https://www.youtube.com/embed/x{piece.number}"></iframe>{FLASH}</div>'
    return (
        f'<header class="article-header">{_label(piece)}<h1>{esc(piece.headline)}</h1>'
        f'<p class="article__subhead css-1wt8oh6"><em>{esc(piece.standfirst or "")}</em></p></header>{media}{_info(piece)}'
    )


def _live_header(piece: Piece) -> str:
    return (
        f'<header class="compact-featured-area"><div class="article-header">{_label(piece)}'
        f'<h1 class="compact-featured-area__title">{esc(piece.headline)}</h1></div>'
        f'<div class="compact-featured-area__media">{FLASH}</div>{_info(piece)}</header>'
    )


def _info(piece: Piece) -> str:
    writers = " و".join(f'<a href="/author/w{len(name)}">{esc(name)}</a>' for name in piece.byline)
    day, changed = piece.published.astimezone(DOHA), piece.stamp.astimezone(DOHA)
    shown = f"{day.day}/{day.month}/{day.year}"
    update = f"آخر تحديث: {changed:%H:%M} (توقيت مكة)"
    byline = (
        f'<div class="byline"><div class="contributors-list contributors-list--byline">{writers}</div></div>'
        if writers
        else ""
    )
    return (
        f'<div class="article-info">{byline}<div class="article-dates"><div class="date-simple"><span class="screen-reader-text">'
        f'Published On {shown}</span><span aria-hidden="true">{shown}</span></div><span>|</span><div class="date-simple">'
        f'<span class="screen-reader-text">{update}</span><span aria-hidden="true">{update}</span></div></div>{SAVE}</div>'
    )


def _more(site, piece: Piece) -> str:
    items = site.related(piece, 4)
    rows = "".join(
        f'<li><span class="screen-reader-text">list {n} of 4</span><a href="{other.path}"><span>{esc(other.headline)}</span></a></li>'
        for n, other in enumerate(items, 1)
    )
    return f'<div class="more-on"><h2 class="more-on__heading">اقرأ أيضا</h2><span class="screen-reader-text">list of 4 items</span><ul class="more-on__list">{rows}</ul><span class="screen-reader-text">end of list</span></div>'


def _body(site, piece: Piece) -> str:
    """Return the text with everything that stands inside it and is not text."""
    parts = paragraphs(piece.body, QUOTE)
    if piece.kind == "gallery":
        shown = "".join(
            f'<li><img src="{esc(p.url)}"><p class="caption">{esc(p.shown)}</p></li>' for p in piece.pictures[1:]
        )
        parts.append(f'<ul class="gallery_attach_list">{shown}</ul>')
    if piece.kind == "live":
        parts = [parts[0], *_entries(piece, parts[1:])]
    elif len(parts) > 2:
        parts.insert(2, f"<div>{_more(site, piece)}</div>")
        parts.insert(1, '<div class="container--ads"><span>إعلان</span><div id="ad-slot-1"></div></div>')
    if len(parts) > 6:
        parts.insert(
            5,
            '<blockquote class="twitter-tweet"><p>من حساب المراسل على منصة إكس</p>&mdash; @reporter <a href="https://t.co/x">pic</a></blockquote>',
        )
    if len(piece.pictures) == 2:
        inside = piece.pictures[1]
        caption = f"<figcaption>{esc(inside.shown)}</figcaption>"
        parts.insert(6, f'<figure class="wp-block-image"><img src="{esc(inside.url)}">{caption}</figure>')
    source = (
        f'<div class="article-source"><span class="article-source__title">المصدر</span>: <span>{esc(piece.credit)}</span></div>'
        if piece.credit
        else ""
    )
    return f'<div class="wysiwyg wysiwyg--all-content css-ibbk12" aria-live="polite">{"".join(parts)}</div>{source}'


def _entries(piece: Piece, parts: list[str]) -> list[str]:
    """Pair headings and paragraphs into live entries, newest first, each with its time and a number of its own."""
    out = []
    for turn in range(0, len(parts), 2):
        moment = piece.entry_time(turn // 2).astimezone(DOHA)
        out.append(
            f'<div class="liveblog-entry card-live" id="update-{9_000_000 + crc32(parts[turn].encode()) % 900_000}"><div class="liveblog-entry__time" aria-hidden="true">'
            f'<time datetime="{zulu_clock(moment)}">{moment:%H:%M}</time></div>{"".join(parts[turn : turn + 2])}</div>'
        )
    return out


def _state(piece: Piece) -> str:
    """The React state: the whole article again, as base64 JSON that no reader sees."""
    post = {
        "__typename": "ArticlePost",
        "id": str(piece.number),
        "title": piece.headline,
        "content": "".join(paragraphs(piece.body)),
        "date": zulu_clock(piece.published),
        "link": piece.path,
    }
    state = base64.b64encode(
        dump({f"Post:{piece.number}": post, "ROOT_QUERY": {"__typename": "Query"}}).encode()
    ).decode()
    return f'<script>window.__APOLLO_STATE__="{state}"</script>'


def amp(site, piece: Piece) -> str:
    text = "".join(paragraphs(piece.body))
    return (
        f'<!doctype html><html amp lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{esc(piece.headline)} | الجزيرة نت</title>'
        f'<link rel="canonical" href="{piece.url}"></head><body><header class="article-header"><h1>{esc(piece.headline)}</h1></header>'
        f'<p class="article__subhead">{esc(piece.standfirst or "")}</p><div class="wysiwyg wysiwyg--all-content">{text}</div></body></html>'
    )


def programme(site) -> str:
    top, bottom = frame.around(site)
    return f'<!doctype html><html lang="ar" dir="rtl" class="theme-aja"><head><title>برامج | الجزيرة نت</title></head><body>{top}<main><h1>حلقات سابقة</h1><p>تُبث الحلقة كل خميس الساعة 20:00 بتوقيت مكة المكرمة.</p></main>{bottom}</body></html>'


def english(site) -> str:
    words = (
        "<p>The city council met on Tuesday to review the plan for the old harbour, which has been under discussion.</p>"
        * 4
    )
    return f'<!doctype html><html lang="en"><head><title>Harbour plan reviewed | Al Jazeera</title></head><body><main><header class="article-header"><h1>Harbour plan reviewed</h1></header><div class="wysiwyg">{words}</div></main></body></html>'


def missing(site) -> str:
    top, bottom = frame.around(site)
    return f'<!doctype html><html lang="ar" dir="rtl" class="theme-aja"><head><title>الصفحة غير موجودة | الجزيرة نت</title></head><body>{top}<main><h1>عذرا، الصفحة غير موجودة</h1></main>{bottom}</body></html>'
