"""Al-Araby Al-Jadeed: www.alaraby.co.uk (Drupal); its feeds carry the whole text, so they come before its pages."""

from crawlers.addresses import AddressRules
from crawlers.extraction import HEADINGS, ExtractionRules
from crawlers.outlet import OutletSpider
from crawlers.sources import Feed, SectionPages

SITE = "https://www.alaraby.co.uk"
SECTIONS = ("politics", "economy", "society", "sport", "culture", "opinion", "investigations", "medianews", "news")
SLUG = r"(?:[a-z0-9_-]+/)?(?:(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})/)?[^/]*[\u0620-\u064a][^/]*$"


class AlarabySpider(OutletSpider):
    """An address has no number: a known section and a slug with an Arabic letter make an article."""

    name = "alaraby"
    addresses = AddressRules(
        outlet="alaraby",
        hosts=("www.alaraby.co.uk", "alaraby.co.uk"),
        kinds={
            "live": rf"^/(?:(?P<section>[a-z_]+)/)?live-?blog/{SLUG}",
            "video": rf"^/(?P<section>videos?|alaraby_tv)/{SLUG}",
            "gallery": rf"^/(?P<section>photos?|galler(?:y|ies)|pictures)/{SLUG}",
            "opinion": rf"^/(?P<section>opinions?|blogs)/{SLUG}",
            "article": rf"^/(?!tags?/|authors?/|writers?/|search/|podcasts?/|programs?/)(?P<section>[a-z_-]+)/{SLUG}",
        },
    )
    sources = (
        Feed((f"{SITE}/rss.xml", *(f"{SITE}/rss/{section}" for section in SECTIONS)), full_text=True),
        SectionPages(
            tuple(f"{SITE}/{section}" for section in SECTIONS),
            links=("main a", ".view-content a"),
            next=("a[rel=next]", "li.pager__item--next a"),
        ),
    )
    reading = ExtractionRules(
        number=1,
        zone="Asia/Qatar",
        names=("العربي الجديد", "AlAraby AlJadeed", "صحيفة العربي الجديد", "alaraby"),
        body=(
            ".article-body",
            "article .node__content .field--name-body",
            ".field--name-body",
            "article .node__content",
        ),
        joined=True,
        entries=(".live-item", HEADINGS),
        standfirst=(
            ".field--name-field-standfirst",
            ".field--name-field-lead",
            ".standfirst",
            "article h1 + div, article h1 + p, article h1 + h2",
        ),
        byline=(".field--name-field-author a", ".author-name", "a[href*='/author/']"),
        published=(".article-date", ".field--name-created", ".node__submitted"),
        image=(".field--name-field-media img", ".article-image img", ".field--name-field-image img"),
    )
