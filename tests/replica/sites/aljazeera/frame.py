"""What surrounds an Al Jazeera article: header, side column, footer, and the whole frame of 2019."""

from __future__ import annotations

from tests.replica.clock import zulu_clock
from tests.replica.markup import esc, scripts, styles
from tests.replica.piece import Piece

MENU = "أخبار سياسة اقتصاد رياضة صحة تكنولوجيا ثقافة علوم آراء موسوعة".split()


def around(site) -> tuple[str, str]:
    """Return the header and the footer of every page."""
    from tests.replica.sites.aljazeera import NAV  # noqa: PLC0415  the package imports this module

    links = "".join(
        f'<li class="menu__item"><a href="{path}"><span>{esc(words)}</span></a></li>' for path, words in NAV
    )
    top = (
        '<div class="bypass-block-links-container"><a href="#main-content-area">تخطي الروابط</a></div><header class="site-header">'
        f'<nav class="header-menu"><ul class="menu">{links}</ul></nav><div class="trending"><h2>رائج الآن</h2></div></header>'
    )
    bottom = (
        '<footer class="site-footer"><div class="newsletter-signup"><h3>النشرة البريدية</h3><p>اشترك لتصلك أهم الأخبار يوميا</p>'
        '<input type="email"><button>اشترك</button></div><ul><li><a href="/aboutus">من نحن</a></li><li><a href="/privacy">سياسة الخصوصية'
        f'</a></li><li><a href="https://www.aljazeera.com/">English</a></li></ul><p>جميع الحقوق محفوظة © {site.until.year} شبكة الجزيرة الاعلامية</p></footer>'
    )
    return top, bottom


def card(piece: Piece, href: str | None = None, tag: str = "h3") -> str:
    """Return a clickable card, as sections and side columns have them."""
    link = href or piece.path
    return (
        f'<article class="article-card u-clickable-card article-card--type-post"><a class="u-clickable-card__link article-card__link" href="{link}">'
        f'<{tag} class="article-card__title"><span>{esc(piece.headline)}</span></{tag}></a>'
        f'<p class="article-card__excerpt"><span>{esc(piece.standfirst or "")}</span></p></article>'
    )


def aside(site, piece: Piece) -> str:
    cards = "".join(card(other) for other in site.related(piece, 8))
    return (
        f'<div class="l-col l-col--4"><aside class="sidebar"><div class="trending-articles"><h2>الأكثر قراءة</h2>{cards}</div>'
        f'<div class="more-from"><h2>المزيد من {esc(piece.section)}</h2></div></aside></div>'
    )


def old(site, piece: Piece, body: str) -> str:
    """Return a page of the 2019 front end around ``body``."""
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
