"""Albawaba (Jordan): www.albawaba.com/ar (Drupal), also served from article.albawaba.net."""

from crawlers.addresses import AddressRules
from crawlers.extraction import ExtractionRules
from crawlers.outlet import OutletSpider
from crawlers.sources import Feed, SectionPages, Sitemap

SITE = "https://www.albawaba.com"
SECTIONS = ("أخبار", "أعمال", "ترفيه", "رياضة", "صحتكِ-وجمالكِ", "إختيار-المحرر", "أدب-وثقافة", "سياحة")
SLUG = r"[^/]*?-?(?P<id>\d{6,})$"


class AlbawabaSpider(OutletSpider):
    """Much is bought: an aggregated page's canonical link names another publisher, and its author is an editor's login."""

    name = "albawaba"
    addresses = AddressRules(
        outlet="albawaba",
        hosts=("www.albawaba.com", "albawaba.com", "article.albawaba.net"),
        kinds={
            "video": rf"^/(?:ar/)?(?P<section>فيديو|videos?)/{SLUG}",
            "gallery": rf"^/(?:ar/)?(?P<section>أحداث-في-صور|slideshow|photos?)/{SLUG}",
            "opinion": rf"^/(?:ar/)?(?P<section>رأي|opinion|blogs?)/{SLUG}",
            "article": rf"^/(?!(?:ar/)?(?:term|author|user|search)/)(?:ar/)?(?:(?P<section>[^/]+)/)?{SLUG}",
        },
    )
    sources = (
        Sitemap(f"{SITE}/sitemap.xml"),
        Feed((f"{SITE}/rss/ar-all",)),
        SectionPages(
            tuple(f"{SITE}/ar/{section}" for section in SECTIONS),
            links=(".field--name-node-title h3 > a", ".field--name-node-title a"),
            next=('a.button[title="الذهاب إلى الصفحة التالية"]', "a[rel=next]", "li.pager__item--next a"),
        ),
    )
    reading = ExtractionRules(
        number=1,
        zone="UTC",
        twelve_hour=True,
        names=("البوابة", "Al Bawaba", "Al-Bawaba", "Albawaba"),
        languages=("ar", "en"),
        body=(
            ".block-field-blocknodearticlebody .field--name-body",
            "article .field--name-body",
            "div.content.clearfix",
        ),
        headline=("h1.page-header",),
        standfirst=(".field--name-field-highlights .field--items",),
        drop=(".field--name-field-highlights", ".related_articles", ".related_articles_block", ".block-ads-system"),
        credit=(".syndigate-link",),
        byline=("article a[href*='/author/']",),
        published=(".block-field-blocknodearticlecreated",),
        image=(".block-field-blocknodearticlefield-image-file img",),
        ignore=("ld:author", "meta:author", "feed:author", "a[rel~=author]"),
    )
