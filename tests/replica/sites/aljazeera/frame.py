"""What surrounds an Al Jazeera article: header, side column, footer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.replica.markup import esc

if TYPE_CHECKING:
    from tests.replica.piece import Piece

NAV = (
    ("/news/", "أخبار"),
    ("/politics/", "سياسة"),
    ("/ebusiness/", "اقتصاد"),
    ("/sport/", "رياضة"),
    ("/health/", "صحة"),
    ("/tech/", "تكنولوجيا"),
    ("/culture/", "ثقافة"),
    ("/science/", "علوم"),
    ("/opinions/", "آراء"),
    ("/encyclopedia/", "موسوعة"),
    ("/videos/", "فيديو"),
    ("/gallery/", "صور"),
    ("/where/mideast/arab/palestine/", "فلسطين"),
    ("/search/القدس", "بحث"),
)


def around(site) -> tuple[str, str]:
    """Return the header and the footer of every page."""
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
