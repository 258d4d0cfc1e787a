"""The article pages of Al-Bawaba News: ``cms2022`` (article.cont) and ``cms2018`` (div.show-parags), Cairo's time in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.replica.clock import CAIRO, month, twelve_hours, weekday
from tests.replica.markup import esc, paragraphs, scripts, styles

if TYPE_CHECKING:
    from tests.replica.piece import Piece

CATEGORIES = {
    "2": "أخبار",
    "3": "حوادث",
    "5": "محافظات",
    "6": "رياضة",
    "7": "بروفايل",
    "18": "اقتصاد",
    "19": "عالم",
    "24": "ثقافة",
    "41": "تكنولوجيا",
    "72": "سياسة",
    "97": "صحة ومرأة",
    "171": "تقارير وتحقيقات",
}
VIEWSTATE = "/wEPDwUKMTU5MTA2ODYwOWRkc2VydmVyc3RhdGU" * 60


def frame(site, title: str, head: str, main: str, charset: str = "utf-8") -> str:
    nav = "".join(f'<li><a href="/category/{n}">{w}</a></li>' for n, w in CATEGORIES.items())
    told = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}" />'
    return (
        f'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
        f'<html xmlns="http://www.w3.org/1999/xhtml" dir="rtl"><head id="ctl00_Head1">{told}<title>\n\t{esc(title)}\n</title>{head}{styles("bawabhnews", 55_000)}</head>'
        f'<body><form method="post" action="./" id="aspnetForm"><input type="hidden" name="__VIEWSTATE" value="{VIEWSTATE}" />'
        f'<div class="header"><ul class="menu">{nav}</ul><div class="editors">رئيس مجلس الإدارة ورئيس التحرير</div><a href="/search/term?w=">بحث</a></div>'
        f'<div id="ctl00_main" class="container">{main}</div><div class="footer"><p>جميع الحقوق محفوظة لموقع البوابة نيوز {site.until.year}</p>'
        f"<a>من نحن</a><a>اتصل بنا</a></div></form>{scripts('bawabhnews', 40_000)}</body></html>"
    )


def _head(piece: Piece) -> str:
    return (
        f'<meta property="og:title" content="{esc(piece.headline)}" /><meta property="og:type" content="article" />'
        f'<meta property="og:image" content="{esc(piece.pictures[0].url)}" /><meta property="og:url" content="{piece.url}" />'
        f'<meta name="keywords" content="{esc(",".join(piece.tags))}" />'
    )


def article(site, piece: Piece) -> str:
    make = _new if piece.look == "cms2022" else _old
    return frame(site, f"البوابة نيوز: {piece.headline}", _head(piece), make(site, piece), piece.charset)


def _also(site, piece: Piece) -> str:
    rows = "".join(f'<li><a href="/{o.number}">{esc(o.headline)}</a></li>' for o in site.related(piece, 3))
    return f'<div class="related-in"><h4>اقرأ أيضا</h4><ul>{rows}</ul></div>'


def _new(site, piece: Piece) -> str:
    day = piece.published.astimezone(CAIRO)
    shown = f"{weekday(day)} {day:%d}/{month(day)}/{day.year} - {twelve_hours(day)}"
    writer = f'<div class="writer"><a href="/author/{len(piece.headline)}">{esc(" - ".join(piece.byline) or piece.credit or "البوابة نيوز")}</a></div>'
    tags = "".join(f'<a href="/keyword/{n}">{esc(t)}</a>' for n, t in enumerate(piece.tags))
    parts = paragraphs(piece.body)
    if len(parts) > 2:
        parts.insert(2, _also(site, piece))
    picture = piece.pictures[0]
    return (
        f'<div class="breadcrumb"><a href="/">الرئيسية</a><a class="cat" href="/category/{piece.slug}">{esc(piece.section)}</a></div>'
        f'<article class="cont"><h1>{esc(piece.headline)}</h1><div class="publish"><time>{shown}</time></div>{writer}'
        f'<div class="img-cont"><img src="{esc(picture.url)}" alt=""><span class="caption">{esc(picture.caption)}</span></div>'
        f'<div class="share">شارك <a>facebook</a><a>twitter</a></div><div class="paragraph-list">{"".join(parts)}</div>'
        f'<div class="tags"><h4>الكلمات المفتاحية</h4>{tags}</div></article><div class="most-read"><h3>الأكثر قراءة</h3>{_also(site, piece)}</div>'
    )


def _old(site, piece: Piece) -> str:
    day = piece.published.astimezone(CAIRO)
    shown = f"{weekday(day)} {day:%d-%m-%Y}| {twelve_hours(day)}"
    parts = []
    for block in piece.body:
        for line in block.text.split("\n"):
            text = f"<strong>{esc(line)}</strong>" if block.kind == "h" else esc(line)
            parts.append(
                "" if block.kind == "q" else f"<div><span>{text}{'' if piece.number % 5 == 0 else '</span>'}</div>"
            )
    if len(parts) > 2:
        parts.insert(2, _also(site, piece))
    picture = piece.pictures[0]
    return (
        f'<div class="news-page"><div class="cat-name"><a class="cat" href="/list/{piece.slug}/{esc(piece.section)}">{esc(piece.section)}</a></div>'
        f'<div class="title"><h1>{esc(piece.headline)}</h1></div><div class="pub-date publish">{shown}</div>'
        f'<div class="writer">{esc(" - ".join(piece.byline) or piece.credit or "البوابة نيوز")}</div>'
        f'<div class="main-img"><img src="{esc(picture.url)}" alt=""/><p class="caption">{esc(picture.caption)}</p></div>'
        f'<div class="show-parags"><div class="ni-content">{"".join(parts)}</div></div><div class="fb-comments"></div></div>'
    )


def shell(site) -> str:
    main = '<article class="cont"><h1></h1><div class="publish"><time></time></div><div class="paragraph-list"></div></article>'
    return frame(site, "البوابة نيوز", "", main)
