"""Lists that have a feed, and their feeds: RSS 2.0 and JSON Feed 1.1, the same items in both."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from archive.article import format_time
from archive.site.paths import link, outlet_path, tag_path
from archive.site.queries import Card, NamedTopic, cards, entry_groups, folded, folded_of, with_texts, with_topics
from archive.site.search import Query, search
from archive.site.templating import Looks, outlet_name, web_address

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

# --- Feeds of a list of articles: RSS 2.0 and JSON Feed 1.1, the same items in both ----------------------------------
# A feed needs whole addresses. Where the site's own is not known, an item links to the outlet's page.

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


# --- The lists that have a feed: which articles, under which title, beside which page --------------------------------


@dataclass(frozen=True, slots=True)
class Listing:
    """A list with feeds; ``stem`` is the path of its feeds without ``.rss`` and ``.json``."""

    title: str
    stem: str
    page: str
    cards: Sequence[Card]

    def feed(self, suffix: str, looks: Looks) -> bytes:
        """Return the feed: ``rss`` or ``json``."""
        make = rss if suffix == "rss" else json_feed
        return make(self.title, f"{self.stem}.{suffix}", self.page, self.cards, looks)


def latest(connection: sqlite3.Connection, looks: Looks) -> Listing:
    """Return the latest of all outlets."""
    found = folded(cards(connection, "1", limit=2 * FEED_ITEMS))[:FEED_ITEMS]
    return Listing(looks.title, "feed", "index.html", with_texts(connection, found))


def of_tag(connection: sqlite3.Connection, entry: NamedTopic) -> Listing:
    """Return the latest about an entry."""
    found = folded_of(connection, entry_groups(connection, entry.e)[:FEED_ITEMS])
    path = tag_path(entry.slug)
    return Listing(f"#{entry.name}", path.removesuffix(".html"), path, with_texts(connection, found))


def of_outlet(connection: sqlite3.Connection, outlet: str) -> Listing:
    """Return the latest of an outlet."""
    found = cards(connection, "outlet = ?", [outlet], FEED_ITEMS)
    path = outlet_path(outlet)
    return Listing(outlet_name(outlet), path.removesuffix(".html"), path, with_texts(connection, found))


def of_search(connection: sqlite3.Connection, query: Query) -> Listing:
    """Return the newest that a query finds; raises ``ValueError`` for a wrong date."""
    found = search(connection, query, FEED_ITEMS).cards
    return Listing(f"بحث: {query.text}", "search", "search.html", with_topics(connection, found))
