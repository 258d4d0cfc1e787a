"""Al-Bawaba News (Egypt): www.albawabhnews.com (an ASP.NET system of its own); an article is a number."""

from datetime import date

from crawlers.addresses import AddressRules
from crawlers.extraction import Era, ExtractionRules
from crawlers.outlet import OutletSpider
from crawlers.sources import Feed, SectionPages

SITE = "https://www.albawabhnews.com"


class AlbawabhnewsSpider(OutletSpider):
    """No JSON-LD and no offset anywhere: times are Cairo's, as shown to the reader."""

    name = "albawabhnews"
    addresses = AddressRules(
        outlet="albawabhnews",
        hosts=("www.albawabhnews.com", "albawabhnews.com", "m.albawabhnews.com"),
        kinds={
            "video": r"^/(?:videos?|tv)/(?P<id>\d{6,8})(?:/[^/]*)?$",
            "gallery": r"^/(?:albums?|gallery)/(?P<id>\d{6,8})(?:/[^/]*)?$",
            "article": r"^/(?P<id>\d{6,8})(?:/[^/]*)?$",
        },
    )
    sources = (
        Feed(tuple(f"{SITE}/rss/{number}" for number in (1, 97))),
        SectionPages(
            (f"{SITE}/", *(f"{SITE}/category/{number}" for number in (2, 3, 5, 7, 18, 19, 72, 171))),
            links=(".item-card > a", ".item-li > a", ".item-ts > a", ".item-decobe > a", ".item-r a"),
            next=("a[rel=next]", ".pagination a.next", "li.next a"),
        ),
    )
    reading = ExtractionRules(
        number=1,
        zone="Africa/Cairo",
        names=("البوابة نيوز", "البوابة", "albawabhnews"),
        body=("article.cont div.paragraph-list", "div.paragraph-list"),
        eras=(Era(until=date(2020, 1, 1), body=("div.show-parags div.ni-content", "div.show-parags")),),
        headline=("article.cont h1",),
        byline=("article.cont .writer a", "article.cont .author a", ".writer", ".author"),
        section=("article .category a", ".cat-name a", ".sec-title a"),
        tags=("article.cont .keywords a", ".tags a"),
        author_line=(".writer", ".author"),
        published=("article.cont div.publish time", "div.publish time", "div.publish"),
        image=("article.cont .img-cont img", ".main-img img", "article.cont img"),
    )
