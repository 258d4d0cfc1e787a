"""Sky News Arabia: www.skynewsarabia.com (AngularJS over server-made pages, Abu Dhabi)."""

from crawlers.addresses import AddressRules
from crawlers.extraction import HEADINGS, ExtractionRules
from crawlers.outlet import OutletSpider
from crawlers.sources import JsonListing, SectionPages, Sitemap

SITE = "https://www.skynewsarabia.com"
LATEST = "https://api.skynewsarabia.com/rest/v2/latest.json?pageSize=20&types={}&defaultSectionId={}"
SECTIONS = ("middle-east", "world", "business", "sport", "technology", "varieties", "culture")
NUMBER = r"(?P<id>\d{5,})(?:-[^/]*)?$"


class SkynewsarabiaSpider(OutletSpider):
    """The page carries the whole article as JSON in its body element; JSON-LD dates have Arabic-Indic digits."""

    name = "skynewsarabia"
    addresses = AddressRules(
        outlet="skynewsarabia",
        hosts=("www.skynewsarabia.com", "skynewsarabia.com"),
        kinds={
            "live": rf"^/(?P<section>live-story)/{NUMBER}",
            "video": rf"^/(?P<section>video)/{NUMBER}",
            "gallery": rf"^/(?P<section>image_gallery|infographic)/{NUMBER}",
            "opinion": rf"^/(?P<section>blog|opinion)/{NUMBER}",
            "article": r"^/(?!programs?/|topic/|staticpage/|live/|keyword-search|web/rss)"
            r"(?:web/article|(?P<section>[a-z_-]+)(?:/[a-z_-]+)?)/(?P<id>\d{5,})(?:[-/][^/]*)?$",
        },
    )
    sources = (
        JsonListing(
            tuple(LATEST.format(kind, number) for number in (2, 4) for kind in ("ARTICLE", "VIDEO", "IMAGE_GALLERY")),
            items="contentItems",
            link=f"{SITE}{{sectionUrl}}/{{id}}-{{urlFriendlySuffix}}",
            fields={"title": "headline", "published": "date", "modified": "lastEditDate", "section": "category"},
            token="nextPageToken",  # noqa: S106  a page's number, not a password
        ),
        SectionPages(tuple(f"{SITE}/{section}" for section in SECTIONS), links=("a.item-wrapper",)),
        Sitemap(f"{SITE}/sitemaps/sitemap.xml"),
    )
    reading = ExtractionRules(
        number=1,
        zone="Asia/Dubai",
        names=("سكاي نيوز عربية", "Sky News Arabia"),
        embedded="body[data-sna-init]@data-sna-init",
        lead=True,
        body=("json:body", "#firstBodyDiv", "div.article-body"),
        entries=(HEADINGS,),
        headline=("h1.sna_content_heading",),
        standfirst=("p.article-summary", ".article-summary"),
        section=("json:section", "json:category"),
        tags=("div.article-tags a", ".article-tags .tags"),
        published=(".sna_content_head_date", ".article .date"),
        image=(".article-media img", ".article_image img", "json:mediaAsset.imageUrl", "json:mediaAsset.url"),
        caption=("json:mediaAsset.caption",),
        photographer=("json:mediaAsset.source",),
        author_line=("json:author", "p.article-sub-heading", ".article-sub-heading"),
        byline=("json:author", "p.article-sub-heading", ".article-sub-heading"),
        ignore=("json:createdBy",),
    )
