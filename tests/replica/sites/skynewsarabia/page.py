"""Sky's pages: ``init`` (the whole article as JSON in the body element) and ``plain`` (the same DOM without it)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.replica.clock import DUBAI, INDIC, ago, long_date, weekday, zulu_clock
from tests.replica.markup import dump, esc, paragraphs, scripts, styles

if TYPE_CHECKING:
    from tests.replica.piece import Piece

SECTIONS = {
    "middle-east": "الشرق الأوسط",
    "world": "عالم",
    "business": "اقتصاد",
    "sport": "رياضة",
    "technology": "تكنولوجيا",
    "varieties": "منوعات",
    "culture": "ثقافة",
}
SUFFIX = " | سكاي نيوز عربية"


TYPES = {"live": "LIVE_STORY", "video": "VIDEO", "gallery": "IMAGE_GALLERY"}


def type_of(piece: Piece) -> str:
    return TYPES.get(piece.kind, "ARTICLE")


def suffix(piece: Piece) -> str:
    return piece.path.rsplit("/", 1)[1].split("-", 1)[1]


def _indic(moment) -> str:
    return f"{moment.astimezone(DUBAI):%Y-%m-%dT%H:%M:%S%z}".translate(INDIC).replace("٠٤٠٠", "0400")


def frame(title: str, head: str, main: str, init: str, site) -> str:
    today = f"{weekday(site.now)} {long_date(site.now)}"
    nav = "".join(f'<li><a href="/{slug}">{words}</a></li>' for slug, words in SECTIONS.items())
    attribute = f" data-sna-init='{init}'" if init else ""
    return (
        f'<!DOCTYPE html><html lang="ar" dir="rtl" data-ng-app="sna"><head><meta charset="utf-8"><title>{esc(title)}{SUFFIX}</title>{head}'
        f'{styles("sky", 90_000)}</head><body{attribute}><header class="sna-header"><div class="date">{today}</div><nav><ul>{nav}<li><a href="/video">فيديو</a></li></ul></nav>'
        f'<div class="noprint">اشترك في خدمة الإشعارات</div></header><div class="breaking_news_list"></div>{main}'
        f"<footer><p>جميع الحقوق محفوظة - سكاي نيوز عربية {site.until.year}</p></footer>{scripts('sky', 60_000)}</body></html>"
    )


def _keywords(text: str, piece: Piece) -> str:
    """Link the first tag where it stands in the text, as the site does, to what robots.txt closes."""
    safe = esc(text)
    for tag in piece.tags[:1]:
        link = f'<a href="/keyword-search?keyword={quote(tag)}">{esc(tag)}</a>'
        safe = safe.replace(f" {tag} ", f" {link} ", 1)
    return safe


def _html(piece: Piece) -> list[str]:
    return [
        f"<p>{_keywords(block.text, piece)}</p>" if block.kind == "p" else paragraphs([block], heading="<h3>{}</h3>")[0]
        for block in piece.body
    ]


def _init(site, piece: Piece) -> str:
    parts = _html(piece)
    if len(parts) > 2:
        ids = ",".join(str(o.number) for o in site.related(piece, 2))
        parts.insert(2, f'<sna relatedids="{ids}" reftype="articleGroup"></sna>')
    picture = piece.pictures[0]
    data = {
        "id": str(piece.number),
        "type": type_of(piece),
        "section": piece.section,
        "sectionUrl": f"/{piece.slug}",
        "headline": piece.headline,
        "socialHeadline": piece.headline[:60],
        "summary": piece.standfirst,
        "body": "".join(parts),
        "date": zulu_clock(piece.published),
        "revision": zulu_clock(piece.stamp),
        "author": piece.credit,
        "createdBy": "Mona Saleh",
        "tags": [{"id": n, "displayName": t} for n, t in enumerate(piece.tags)],
        "mediaAsset": {
            "type": "IMAGE",
            "caption": picture.caption,
            "source": picture.credit,
            "url": picture.url.replace("/1200/630/", "/{width}/{height}/"),
        },
        "inlineItems": [],
        "moreNews": [
            {"id": str(o.number), "headline": o.headline, "date": zulu_clock(o.published)}
            for o in site.related(piece, 3)
        ],
        "related-stories": [],
        "shareUrl": f"https://www.skynewsarabia.com/{piece.slug}/{piece.number}",
        "canonicalURL": piece.url,
        "urlFriendlySuffix": suffix(piece),
        "self": f"https://api.skynewsarabia.com/rest/v2/article/{piece.number}.json",
    }
    return esc(dump({"initData": data}))


def _head(piece: Piece) -> str:
    news = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "url": piece.url,
        "name": piece.headline,
        "headline": piece.headline,
        "description": piece.standfirst,
        "thumbnailUrl": piece.pictures[0].url,
        "image": piece.pictures[0].url,
        "publisher": {"@type": "Organization", "name": "سكاي نيوز عربية"},
        "datePublished": _indic(piece.published),
        "dateModified": _indic(piece.stamp),
    }
    blocks = ({"@context": "https://schema.org", "@type": "WebPage", "url": piece.url}, news)
    words = esc(",".join(piece.tags))
    return (
        f'<link rel="canonical" href="{piece.url}"><link rel="amphtml" href="{piece.url.replace(".com/", ".com/amp/", 1)}">'
        f'<meta name="description" content="{esc(piece.standfirst or "")}"><meta name="keywords" content="{words}"><meta name="news_keywords" content="{words}">'
        f'<meta property="og:title" content="{esc(piece.headline)}"><meta property="og:type" content="article"><meta property="og:url" content="{piece.url}">'
        f'<meta property="og:image" content="{piece.pictures[0].url}">'
        + "".join(f'<script type="application/ld+json">{dump(b)}</script>' for b in blocks)
    )


def article(site, piece: Piece) -> str:
    parts, others = _html(piece), site.related(piece, 4)
    group = "".join(f'<a class="rel_article_link" href="{quote(o.path)}">{esc(o.headline)}</a>' for o in others[:2])
    if len(parts) > 2:
        parts.insert(
            2,
            f'<div class="rel_article_group_cont"><div class="rel_article_group_title">أخبار ذات صلة</div>{group}</div>',
        )
    if len(parts) > 4:
        parts.insert(4, '<div class="dfp-inread-article noprint"><div data-ng-dfp-ad="inread">إعلان</div></div>')
    tags = "".join(f'<a href="/keyword-search?keyword={quote(t)}">{esc(t)}</a>' for t in piece.tags)
    most = "".join(f'<a href="{quote(o.path)}"><h3>{esc(o.headline)}</h3></a>' for o in others)
    picture = piece.pictures[0]
    main = (
        f'<div class="sna_content"><a class="section-name" href="/{piece.slug}">{esc(piece.section)}</a><h1 class="sna_content_heading">{esc(piece.headline)}</h1><div class="sna_content_head_date">{ago(piece.published, site.now)}</div>'
        f'<p class="article-sub-heading">{esc(piece.credit or "")}</p><div class="share-social-container">شارك</div>'
        f'<div class="article_image"><img src="{picture.url}" alt=""><div class="article_image_heading_bg">{esc(picture.caption)}</div></div>'
        f'<p class="article-summary">{esc(piece.standfirst or "")}</p><div class="article-body"><div id="firstBodyDiv">{"".join(parts)}</div></div>'
        f'<div class="article-tags noprint">{tags}</div><div class="related_contents_cont"><h2>الأكثر قراءة</h2>{most}</div>{_next(others[-1])}</div>'
    )
    return frame(piece.headline, _head(piece), main, _init(site, piece) if piece.look == "init" else "", site)


def _next(other: Piece) -> str:
    """The infinite scroll: the next article stands below the first, whole."""
    return (
        f'<div class="sna_content next-article"><h2 class="sna_content_heading">{esc(other.headline)}</h2>'
        f'<div class="article-body"><div><p>{esc(other.standfirst or "")}</p>{"".join(_html(other)[:2])}</div></div></div>'
    )


def amp(piece: Piece) -> str:
    text = "".join(paragraphs(piece.body))
    return f'<!doctype html><html amp lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{esc(piece.headline)}{SUFFIX}</title><link rel="canonical" href="{piece.url}"></head><body><h1>{esc(piece.headline)}</h1><p>{esc(piece.standfirst or "")}</p>{text}</body></html>'


def programme(site) -> str:
    return frame(
        "برامج", "", "<h1>غرفة الأخبار</h1><p>يأتيكم البرنامج يوميا في الثامنة مساء بتوقيت أبوظبي.</p>", "", site
    )
