"""Feeds of a list of articles: RSS 2.0 and JSON Feed 1.1, the same items in both.

A feed needs whole addresses. Where the site's own is not known, an item links to the outlet's page.
"""

from __future__ import annotations

import json
import re
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from archive.article import format_time
from archive.site.paths import link
from archive.site.templating import outlet_name, web_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.site.queries import Card
    from archive.site.templating import Looks

FEED_ITEMS = 30
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def rss(title: str, path: str, page: str, cards: Sequence[Card], looks: Looks) -> bytes:
    """Return a feed as RSS.

    Args:
        title: of the feed.
        path: where the feed stands in the site.
        page: the page whose articles it carries.
        cards: with their articles.
        looks: the site's address among them.
    """
    root = ET.Element("rss", {"version": "2.0", "xmlns:atom": "http://www.w3.org/2005/Atom"})
    channel = ET.SubElement(root, "channel")
    _say(
        channel,
        title=title,
        link=_address(looks, page) or "about:blank",
        description=f"{looks.title}: {title}",
        language="ar",
    )
    if looks.address:
        ET.SubElement(
            channel, "atom:link", {"rel": "self", "type": "application/rss+xml", "href": _address(looks, path)}
        )
    for card in cards:
        assert card.article is not None
        item = ET.SubElement(channel, "item")
        moment = card.article.published or card.article.captured
        text = f"{outlet_name(card.outlet)}. {card.standfirst or card.article.text.partition(chr(10))[0]}"
        _say(
            item,
            title=card.headline,
            link=_item_address(looks, card),
            description=text,
            pubDate=format_datetime(moment),
        )
        for topic in card.topics:
            _say(item, category=topic["name"])
        ET.SubElement(item, "guid", {"isPermaLink": "false"}).text = _clean(card.id)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + bytes(ET.tostring(root, encoding="utf-8"))


def json_feed(title: str, path: str, page: str, cards: Sequence[Card], looks: Looks) -> bytes:
    """Return the same as JSON Feed."""
    feed: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": title, "language": "ar"}
    if looks.address:
        feed |= {"home_page_url": _address(looks, page), "feed_url": _address(looks, path)}
    feed["items"] = [_json_item(looks, card) for card in cards]
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def _json_item(looks: Looks, card: Card) -> dict[str, Any]:
    article = card.article
    assert article is not None
    item = {
        "id": card.id,
        "url": _item_address(looks, card),
        "external_url": web_address(article.canonical_url) or None,
        "title": card.headline,
        "summary": card.standfirst,
        "content_text": article.text,
        "date_published": format_time(article.published or article.captured),
        "authors": [{"name": outlet_name(card.outlet)}],
        "tags": [topic["name"] for topic in card.topics],
    }
    return {name: value for name, value in item.items() if value is not None}


def _address(looks: Looks, path: str) -> str:
    return f"{looks.address.rstrip('/')}/{link(path)}" if looks.address else ""


def _item_address(looks: Looks, card: Card) -> str:
    assert card.article is not None
    return _address(looks, card.path) or web_address(card.article.canonical_url)


def _say(parent: ET.Element, **values: str) -> None:
    for name, value in values.items():
        ET.SubElement(parent, name).text = _clean(value)


def _clean(text: str) -> str:
    """Return text without the characters that XML does not know."""
    return _NOT_XML.sub("", text)
