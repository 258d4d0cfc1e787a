"""Spiders as others write them: they know nothing of this project and yield items of their own kinds."""

from __future__ import annotations

from dataclasses import dataclass, field

import attrs
import scrapy

TEXT = "قال الوراق\u200f إن الكتاب&nbsp;نسخ مرتين.\n\n\nثم باعه في السوق مع كتب أخرى كثيرة."


@dataclass
class Author:
    name: str
    nameRaw: str | None = None  # noqa: N815  their names


@dataclass
class Image:
    url: str


@dataclass
class Metadata:
    dateDownloaded: str  # noqa: N815


@dataclass
class ZyteArticle:
    """Fields as zyte-common-items names them."""

    url: str
    headline: str | None = None
    datePublished: str | None = None  # noqa: N815
    datePublishedRaw: str | None = None  # noqa: N815
    dateModified: str | None = None  # noqa: N815
    authors: list[Author] | None = None
    inLanguage: str | None = None  # noqa: N815
    mainImage: Image | None = None  # noqa: N815
    images: list[Image] | None = None
    description: str | None = None
    articleBody: str | None = None  # noqa: N815
    canonicalUrl: str | None = None  # noqa: N815
    metadata: Metadata | None = field(default=None)


@attrs.define
class AttrsArticle:
    id: str
    title: str
    text: str
    published: str | None = None


class ScrapyArticle(scrapy.Item):
    name = scrapy.Field()
    articleBody = scrapy.Field()  # noqa: N815
    datePublished = scrapy.Field()  # noqa: N815


class OthersSpider(scrapy.Spider):
    name = "others"

    async def start(self):
        yield scrapy.Request(self.root, self.parse)

    def parse(self, response):
        for number in range(1, 8):
            yield response.follow(f"/خبر/{number}?p={number}", self.parse_page, cb_kwargs={"number": number})

    def parse_page(self, response, number):
        yield getattr(self, f"item_{number}")(response)

    def item_1(self, response):
        return {
            "headline": " الوراق  في السوق ", "articleBody": TEXT, "datePublished": "2026-03-01T10:00:00+03:00",
            "author": [{"@type": "Person", "name": "ليلى"}, {"@type": "Person", "name": "سمير"}], "keywords": "كتب، سوق,ورق",
            "articleSection": "ثقافة", "image": [{"@type": "ImageObject", "url": "https://o.example/a.jpg", "caption": "كتاب"}],
        }  # fmt: skip

    def item_2(self, response):
        return ZyteArticle(
            url=response.url, headline="الوراق والكتاب", datePublished="2026-03-01T07:30:00Z", datePublishedRaw="١ آذار",
            dateModified="2026-03-01T08:00:00Z", authors=[Author("ليلى")], inLanguage="ar", description="عن الكتاب",
            mainImage=Image("https://o.example/m.jpg"), images=[Image("https://o.example/m.jpg"), Image("https://o.example/n.jpg")],
            articleBody=TEXT, canonicalUrl="https://o.example/2", metadata=Metadata("2020-01-01T00:00:00Z"),
        )  # fmt: skip

    def item_3(self, response):
        return AttrsArticle(id="33", title="الوراق الثالث", text=TEXT, published="2026-03-01 10:00")

    def item_4(self, response):
        item = ScrapyArticle(
            name="The fourth copyist", articleBody="He copied the book twice, and sold it in the market."
        )
        item["datePublished"] = "2026-03-01"
        return item

    def item_5(self, response):
        return {"headline": "بلا نص"}

    def item_6(self, response):
        return {"headline": "سادس", "text": TEXT, "version": "ثالثة"}

    def item_7(self, response):
        return {"pages": 7}
