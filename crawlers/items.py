"""Items of any type become articles while it is still known from which response they were read.

    callback ──dict, dataclass, another project's article──▶ pipelines.item.article_of ──▶ Article ──▶ middlewares, pipelines, signals
                                                                  ▲
    response ── captured, record, outlet; where the item says nothing: address, id, language, how the page was found

An outlet's own spider yields articles, which pass untouched. What can be no article is counted by name and not passed on.
`scrapy crawl -o FILE` writes the same values as the published line, in Scrapy's formats; the exporters stand here, too.
"""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from itemadapter import ItemAdapter
from scrapy import Request
from scrapy.exporters import CsvItemExporter, JsonItemExporter, JsonLinesItemExporter, XmlItemExporter
from scrapy.utils.serialize import ScrapyJSONEncoder
from typing_extensions import override

from archive.article import Article
from archive.manifests.manifest import as_outlet
from crawlers.addresses import canonical_path
from crawlers.extraction.fields import language_of
from crawlers.signals import page_ended
from pipelines.cleaning import clean
from pipelines.item import Malformed, article_of
from pipelines.validation import faults

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawlers.addresses import AddressRules

logger = logging.getLogger(__name__)


class ItemsSpiderMiddleware:
    """Hands on articles, whatever a spider's callbacks yield.

    Args:
        crawler: the crawl; its spider's name is the outlet, its ``addresses``, where it has such, read addresses.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.outlet = as_outlet(crawler.spidercls.name)
        self.addresses: AddressRules | None = getattr(crawler.spidercls, "addresses", None)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it; it has no settings."""
        return cls(crawler)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Pass on requests, and items as articles."""
        async for entry in result:
            if (passed := self._passed(entry, response)) is not None:
                yield passed

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Pass on the same of a spider's start."""
        async for entry in start:
            if (passed := self._passed(entry, None)) is not None:
                yield passed

    def _passed(self, entry: Any, response: Response | None) -> Any:
        if isinstance(entry, Request) and response is not None:
            return _followed(entry, response)
        if isinstance(entry, Request | Article) or not ItemAdapter.is_item(entry):
            return entry
        try:
            return self.article_of(entry, response)
        except Malformed as error:
            logger.warning("no article (%s): %s", error.reason, error)
            assert self.crawler.stats is not None
            self.crawler.stats.inc_value(f"validation/{error.reason}")
            self.crawler.stats.inc_value(
                f"item_dropped_reasons_count/{type(error).__name__}"
            )  # as Scrapy counts the others
            page = response.url if response else self.outlet
            ending = {"outcome": "dropped", "reason": type(error).__name__, "response": response}
            self.crawler.signals.send_catch_log(page_ended, page=page, **ending)
            return None

    def article_of(self, entry: Any, response: Response | None) -> Article:
        """Return an item as the record, with what its answer tells. Raises `Malformed` where it can be none."""
        known: dict[str, Any] = {"outlet": self.outlet}
        otherwise: dict[str, Any] = {"language": ""}
        if response is not None:
            known |= {name: response.meta[name] for name in ("captured", "warc") if response.meta.get(name)}
            otherwise |= {"url": response.url, "discovered": _discovered(response)}
        article = article_of(entry, known=known, otherwise=otherwise)
        address = self.addresses.classify(article.url) if self.addresses else None
        if address is not None and article.canonical_url == article.url:
            article.canonical_url = address.canonical_url
        if not article.id and article.url:
            article.id = address.id if address else f"{self.outlet}:{_digest(article.url)}"
        if response is not None and "cached" in response.flags and "cached" not in article.flags:
            article.flags.append("cached")
        article.language = article.language or language_of(article.text, None)
        return article


class LookItemsSpiderMiddleware(ItemsSpiderMiddleware):
    """Hands on items of a plain spider of which nothing is kept: as the article that they can be, else as they are.

    It stands in the place of the pipelines, too, which know articles alone.
    """

    @override
    def _passed(self, entry: Any, response: Response | None) -> Any:
        if isinstance(entry, Request | Article) or not ItemAdapter.is_item(entry):
            return super()._passed(entry, response)
        try:
            article = clean(self.article_of(entry, response))
        except Malformed:
            return entry
        return entry if any(faults(article)) else article


def _discovered(response: Response) -> dict[str, str]:
    """Return how the page was found: by the page that linked to it, or because it was asked for."""
    via = response.meta.get("via") or {}
    return {"kind": via["kind"], "url": via["url"]} if "url" in via else {"kind": "argument", "url": response.url}


def _followed(request: Request, response: Response) -> Request:
    """Note on what page a link stood, where the spider says nothing of it; the capture's metadata tell it, too."""
    before = response.meta.get("via") or {}
    request.meta.setdefault("via", {"kind": "section", "url": response.url, "hops": before.get("hops", "") + "L"})
    return request


def _digest(url: str) -> str:
    """Return the id of an address of which nothing else is known: of its path and, unlike an outlet's, its query."""
    parts = urlsplit(url)
    key = canonical_path(parts.path) + (f"?{parts.query}" if parts.query else "")
    return hashlib.sha256(key.encode()).hexdigest()[:16]


# --- An article in the formats of Scrapy's feed exports: the values of its published line ------------------------------
#     json, jsonlines, xml   the line's values as they are          csv   lists and objects as JSON in their cell


def line_values(item: Any) -> Any:
    """Return the values of an article's published line, by field; an item of another kind as it is."""
    return json.loads(item.to_line()) if isinstance(item, Article) else item


def _plain(value: Any) -> Any:
    """Return a value as text formats have it: nothing is empty, what has parts is JSON."""
    if value is None:
        return ""
    has_parts = isinstance(value, bool | dict | list | tuple)
    return json.dumps(value, ensure_ascii=False, cls=ScrapyJSONEncoder) if has_parts else value


class LineJsonLinesExporter(JsonLinesItemExporter):
    """JSON lines."""

    def export_item(self, item: Any) -> None:
        """Write one item."""
        super().export_item(line_values(item))


class LineJsonExporter(JsonItemExporter):
    """One JSON list."""

    def export_item(self, item: Any) -> None:
        """Write one item."""
        super().export_item(line_values(item))


class LineCsvExporter(CsvItemExporter):
    """CSV with a row of names."""

    def export_item(self, item: Any) -> None:
        """Write one row."""
        values = line_values(item)
        super().export_item({name: _plain(value) for name, value in values.items()} if values is not item else item)

    @override
    def serialize_field(self, field: Any, name: str, value: Any) -> Any:  # also of items that are no articles
        value = super().serialize_field(field, name, value)
        return _plain(ItemAdapter(value).asdict() if ItemAdapter.is_item(value) else value)


class LineXmlExporter(XmlItemExporter):
    """XML, an element for each value."""

    def export_item(self, item: Any) -> None:
        """Write one element."""
        super().export_item(line_values(item))

    def _export_xml_field(self, name: str, serialized_value: Any, depth: int) -> None:
        simple = serialized_value is None or isinstance(serialized_value, bool)
        super()._export_xml_field(name, _plain(serialized_value) if simple else serialized_value, depth)
