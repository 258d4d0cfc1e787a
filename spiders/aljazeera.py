"""Al Jazeera Arabic: www.aljazeera.net (WordPress VIP behind a server-rendered React front end)."""

from crawlers.addresses import AddressRules
from crawlers.extraction import ExtractionRules
from crawlers.outlet import OutletSpider
from crawlers.sources import Feed, SectionPages, Sitemap

SITE = "https://www.aljazeera.net"
OLD = r"(?:(?:[a-z]+/)+pages|home/print/[\w-]{36}|(?i:nr)/exeres)/(?P<id>[0-9A-Fa-f-]{36})(?:\.html?)?$"  # 2004 to 2014
DATED = r"(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})/[^/]+$"
DAYS = f"{SITE}/sitemap.xml?yyyy={{day:%Y}}&mm={{day:%m}}&dd={{day:%d}}"
SECTIONS = tuple(f"{SITE}/{path}" for path in ("", "news/", "politics/", "ebusiness/", "sport/", "culture/", "tech/"))
UTC = ("feed:published", "meta:publishedDate", "meta:lastDate", "json:date", "json:modified_gmt")


class AljazeeraSpider(OutletSpider):
    """Times are UTC in the page; the date in the path is Doha's."""

    name = "aljazeera"
    addresses = AddressRules(
        outlet="aljazeera",
        hosts=("www.aljazeera.net", "aljazeera.net", "www.ajnet.me", "ajnet.me"),
        short=("aja.ws", "aja.me"),
        kinds={
            "live": rf"^/(?P<section>[a-z0-9-]+)/liveblog/{DATED}",
            "video": rf"^/(?P<section>videos?)/(?:[a-z0-9-]+/)*{DATED}",
            "gallery": rf"^/(?P<section>gallery)/(?:[a-z0-9-]+/)*{DATED}",
            "opinion": rf"^/(?P<section>opinions?|blogs)/(?:[a-z0-9-]+/)*{DATED}",
            "explainer": rf"^/(?P<section>encyclopedia)/(?:[a-z0-9-]+/)*{DATED}",
            "article": rf"^/(?:(?!programs?/|podcasts?/|author/|tag/)(?:(?P<section>[a-z0-9-]+)/(?:[a-z0-9-]+/)*)?{DATED}|{OLD})",
        },
    )
    sources = (
        Sitemap(f"{SITE}/sitemap.xml", days=DAYS, day=r"yyyy=(?P<year>\d+)&mm=(?P<month>\d+)&dd=(?P<day>\d+)"),
        Sitemap(f"{SITE}/news-sitemap.xml"),
        Feed((f"{SITE}/aljazeerarss/a7c186be-1baa-4bd4-9d80-a84db769f779/73d0e1b4-532f-45ef-b135-bfdff8b8cab9",)),
        SectionPages(SECTIONS, links=("a.u-clickable-card__link", ".article-card a")),
    )
    reading = ExtractionRules(
        number=1,
        zone="Asia/Qatar",
        identity=("meta:postID",),
        names=("الجزيرة نت", "الجزيرة", "موقع الجزيرة", "Al Jazeera", "Aljazeera"),
        embedded="window.__APOLLO_STATE__#Post:{meta:postID}",
        updates=("json:children", "ChildMeta:{}#publishedTime"),
        body=("div.wysiwyg", "#DynamicContentContainer", "div.body-content", "json:content"),
        headline=("header.article-header h1", "h1.compact-featured-area__title", "json:replacementHeadline"),
        standfirst=("p.article__subhead", ".article__subhead", "ld:description", "meta:description"),
        section_leads_tags=True,
        section=("meta:primaryTopic", "meta:topics"),
        tags=("meta:keywords", "meta:taxonomyTerms", ".article-tags a"),
        byline=(".contributors-list a", ".article-author-name", "meta:displayAuthors", "meta:pageAuthors"),
        credit=("meta:source", "meta:sourceTaxonomy", ".article-source", "json:source"),
        published=("meta:publishedDate", ".article-dates .date-simple", ".article-date"),
        modified=("meta:lastDate", "json:modified_gmt", ".article-dates .date-simple"),
        image=("figure.article-featured-image", ".main-article-media-img", "json:featuredImage.sourceUrl"),
        caption=("json:featuredImage.caption", "json:featuredCaption"),
        photographer=("json:featuredImage.credit",),
        source_timezones=dict.fromkeys(UTC, "UTC"),
    )
