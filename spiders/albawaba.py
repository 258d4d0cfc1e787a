"""Albawaba (Jordan): www.albawaba.com/ar (Drupal), also served from article.albawaba.net."""

from crawlers.addresses import AddressRules
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
