"""The pages: what stands in the database, put before readers. Each method returns one page as HTML, or None where there is none."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from email.utils import format_datetime
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import lxml.html

from archive.article import Article, format_time
from archive.site.queries import (
    Card,
    NamedTopic,
    cards,
    comparison,
    entries,
    entry_groups,
    folded,
    folded_of,
    neighbours,
    outlets,
    story_cards,
    whole,
    with_texts,
    with_topics,
)
from archive.site.search import PAGE, Query, SearchResult, marked, search
from archive.site.statistics import newsroom, outlet_figures
from archive.site.templating import (
    Looks,
    article_path,
    link,
    outlet_name,
    outlet_path,
    render,
    story_path,
    tag_path,
    web_address,
)
from archive.store import Missing
from archive.warc.capture import CaptureFault

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from archive.reader.archive import Archive
    from archive.site.database import SiteDatabase
    from archive.warc.capture import Capture

# --- How an article is cited: what it said, where, when it was captured, and the bytes that prove it -----------------


def citation(article: Article) -> list[tuple[str, str]]:
    """Return the lines of a citation, each with its Arabic label; values are text, for machines and people alike."""
    lines = [
        ("العنوان على الشبكة", article.canonical_url),
        ("نُشر", "" if article.issued is None else article.issued.isoformat().replace("+00:00", "Z")),
        ("عُدِّل", "" if article.modified is None else format_time(article.modified)),
        ("حُفظ", format_time(article.captured)),
        ("بصمة النص SHA-256", article.text_sha256),
    ]
    if article.warc is not None:
        place = f"{article.warc.file} @ {article.warc.offset}+{article.warc.length}"
        lines += [
            ("سجل WARC", place),
            ("معرّف السجل", article.warc.record_id.strip("<>")),
            ("بصمة الصفحة", article.warc.payload_digest or ""),
        ]
    return [(label, value) for label, value in lines if value]


# ---------------------------------------------------------------------------------------------------------------------
# The pages: what stands in the index, put before readers. Each method returns one page as HTML, or None where there is
# none.

_LATEST, _OF_SECTION, _SECTIONS, _DAY_TAGS = 60, 5, 6, 24
_ALL_TAGS = 2000
_OUTLET_LATEST = 30
_DEEPEST = 16  # folders of an address that is not there; links from deeper ones would only be long
_KEPT_LISTS = 256  # of tags that are read just now


class Pages:
    """Makes pages from an index; the archive itself is asked only for replays."""

    def __init__(self, index: SiteDatabase, archive: Archive, looks: Looks) -> None:
        self.index, self.archive, self.looks = index, archive, looks
        self._lists = lru_cache(maxsize=_KEPT_LISTS)(self._list)

    @property
    def _db(self) -> sqlite3.Connection:
        return self.index.reader

    def home(self) -> str:
        """Return the front page: the latest, by section and by outlet."""
        latest = with_topics(self._db, folded(cards(self._db, "1", limit=_LATEST)))
        named = [row["outlet"] for row in outlets(self._db)]
        by_outlet = {name: cards(self._db, "outlet = ?", [name], _OF_SECTION) for name in named}
        values = {
            "latest": latest,
            "sections": self._sections(),
            "by_outlet": by_outlet,
            "tags_of_day": self._tags_of_the_day(),
        }
        return render("home.html", self.looks, "index.html", **values)

    def _sections(self) -> dict[str, Any]:
        rows = self._db.execute(
            "SELECT section FROM (SELECT section FROM article ORDER BY at DESC LIMIT 2000) WHERE section IS NOT NULL"
            " GROUP BY section ORDER BY count(*) DESC, section LIMIT ?",
            [_SECTIONS],
        )
        names = [row["section"] for row in rows]
        return {name: folded(cards(self._db, "section = ?", [name], 2 * _OF_SECTION))[:_OF_SECTION] for name in names}

    def _tags_of_the_day(self) -> list[dict[str, Any]]:
        rows = self._db.execute(
            "SELECT name, slug, kind, count(*) AS many FROM topic JOIN entry USING (e)"
            " WHERE n IN (SELECT n FROM article ORDER BY at DESC LIMIT 200) GROUP BY e ORDER BY count(*) DESC, key LIMIT ?",
            [_DAY_TAGS],
        )
        return [dict(row) for row in rows]

    def tags(self) -> str:
        """Return the list of all tags."""
        groups: dict[str, list[NamedTopic]] = {}
        for entry in entries(self._db)[:_ALL_TAGS]:
            groups.setdefault(entry.kind, []).append(entry)
        return render("tags.html", self.looks, "tags.html", groups=groups)

    def tag(self, entry: NamedTopic, page: int = 1) -> str | None:
        """Return a page of a tag: its latest articles with their whole texts."""
        lists = self._lists(entry.e, self.index.generation)
        last = -(-len(lists) // self.looks.page_size)
        if not 1 <= page <= last:
            return None
        here = lists[(page - 1) * self.looks.page_size : page * self.looks.page_size]
        shown = with_texts(self._db, folded_of(self._db, here))
        beside = neighbours(self._db, entry.e) if page == 1 else []
        values = {"entry": entry, "cards": shown, "number": page, "last": last, "beside": beside}
        return render("tag.html", self.looks, tag_path(entry.slug, page), **values)

    def tag_page_count(self, entry: NamedTopic) -> int:
        """Return how many pages a tag has."""
        return -(-len(self._lists(entry.e, self.index.generation)) // self.looks.page_size)

    def _list(self, e: int, generation: int) -> list[list[int]]:
        """Return an entry's articles by story; kept until the archive has something new, for all pages of a tag need it."""
        del generation  # part of the key
        return entry_groups(self._db, e)

    def article(self, article_id: str) -> str | None:
        """Return an article's page."""
        article = whole(self._db, article_id)
        if article is None:
            return None
        copies = [
            (card, comparison(article.article, card.article)) for card in article.story if card.article is not None
        ]
        history = [(new, comparison(old, new)) for old, new in pairwise(article.versions)]
        values = {
            "whole": article,
            "card": article.card,
            "article": article.article,
            "copies": copies,
            "history": history[::-1],
            "citation": citation(article.article),
            "replay": article_path(article_id, "replay") if article.article.warc is not None else None,
        }
        return render("article.html", self.looks, article_path(article_id), **values)

    def replay(self, article_id: str) -> str | None:
        """Return the captured page of an article in its cage; where it cannot be shown the page says why."""
        article = whole(self._db, article_id)
        if article is None:
            return None
        captured, fault = "", ""
        try:
            captured = harmless(self.archive.capture(article.article))
        except (CaptureFault, Missing) as error:
            fault = str(error)
        path = article_path(article_id, "replay")
        return render(
            "replay.html", self.looks, path, article=article.article, card=article.card, captured=captured, fault=fault
        )

    def story(self, story_id: str) -> str | None:
        """Return a story's page: who ran it, when, in which trim."""
        cards = with_texts(self._db, story_cards(self._db, story_id))
        if not cards:
            return None
        first = cards[0]
        assert first.article is not None
        rows = [(card, comparison(first.article, card.article)) for card in cards if card.article is not None]
        earliest = min(cards, key=lambda card: (card.at, card.id))  # not the origin where it ran a few paragraphs alone
        span = max(card.at for card in cards) - earliest.at
        values = {"first": first, "earliest": earliest, "rows": rows, "span": span}
        return render("story.html", self.looks, story_path(story_id), **values)

    def outlet(self, outlet: str) -> str | None:
        """Return an outlet's page: its latest, volume, sections, agencies, lag, calendar."""
        latest = with_topics(self._db, cards(self._db, "outlet = ?", [outlet], _OUTLET_LATEST))
        if not latest:
            return None
        figures = outlet_figures(self._db, outlet, self.looks.wording.zone)
        return render("outlet.html", self.looks, outlet_path(outlet), outlet=outlet, latest=latest, figures=figures)

    def newsroom(self) -> str:
        """Return the newsroom's view."""
        tables = newsroom(self._db, self.looks.wording.zone)
        return render("newsroom.html", self.looks, "newsroom.html", tables=tables)

    def search(self, query: Query) -> str:
        """Return the search page: the form, and what was found; a wrong date is said in words."""
        result, fault = SearchResult(0), ""
        query = replace(query, zone=self.looks.wording.zone)
        try:
            result = search(self._db, query)
        except ValueError as error:
            fault = str(error)
        named = [row["outlet"] for row in outlets(self._db)]
        agencies = self._db.execute("SELECT DISTINCT agencies FROM article WHERE agencies <> ''")
        codes = sorted({code for row in agencies for code in row["agencies"].split()})
        values = {"query": query, "found": result, "fault": fault, "outlets": named, "agencies": codes, "size": PAGE}
        return render(
            "search.html", self.looks, "search.html", **values, marked=marked, tags_of_day=self._tags_of_the_day()
        )

    def first_asked(self) -> list[str]:
        """Return the paths that readers of a server ask for first: the front page, and where it leads."""
        tags = [tag_path(tag["slug"]) for tag in self._tags_of_the_day()]
        of_outlets = [outlet_path(row["outlet"]) for row in outlets(self._db)]
        latest = [card.path for card in cards(self._db, "1", limit=_LATEST)]
        return ["", "newsroom.html", "search.html", "tags.html", *of_outlets, *tags, *latest]

    def missing(self, path: str | None = None) -> str:
        """Return the page that says that there is none: at ``path``, or anywhere, for a front door that shows it everywhere.

        Links from anywhere need the site's address; where it is not known they are right at the site's root alone.
        """
        if path is None and self.looks.address:
            return render("missing.html", self.looks, "404.html", root=f"{self.looks.address.rstrip('/')}/")
        is_deep = path is not None and path.count("/") > _DEEPEST
        return render("missing.html", self.looks, "404.html" if path is None or is_deep else path)


# --- The captured page, shown without giving it any power: three walls, each of which would do --------------------------
#     1  what runs, loads or leads elsewhere is taken out: scripts, frames, links to styles, refreshes, handlers
#     2  it stands in an iframe with an empty sandbox, as ``srcdoc``: no script, no form, no navigation, an origin of its own
#     3  the page around it has a policy that the frame inherits: nothing is loaded from anywhere
#
# Pages are archived without pictures and styles, so what is shown is bare; the WARC keeps every byte for a replay tool.

_GONE = "script iframe frame frameset object embed applet base link meta portal fencedframe audio video source track noscript template"
_CHARSET = re.compile(r"charset=[\"']?([\w-]+)", re.IGNORECASE)
_ADDRESSES = frozenset(
    {"href", "src", "srcset", "action", "formaction", "data", "ping", "poster", "background", "xlink:href"}
)
_LOADS = re.compile(
    r"@import|url\s*\(|image-set\s*\(", re.IGNORECASE
)  # in styles; what is disguised runs into the policy
_SNIFFED = 2048  # bytes in which a page says its charset


def harmless(capture: Capture) -> str:
    """Return the captured page without what runs, loads or leads elsewhere.

    Raises:
        CaptureFault: the body cannot be decoded.
    """
    text = _text_of(capture.content(), capture.header("content-type") or "")
    document = lxml.html.document_fromstring(text or "<p></p>", parser=lxml.html.HTMLParser(huge_tree=True))
    for element in list(document.iter()):
        if not isinstance(element.tag, str):
            _drop(element)  # comments, processing instructions: some become markup for old browsers
        elif element.tag in _GONE.split():
            _drop(element)
        else:
            _disarm(element)
    return lxml.html.tostring(document, encoding="unicode", doctype="<!doctype html>")


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _disarm(element: HtmlElement) -> None:
    for name in list(element.attrib):
        if name.lower().startswith("on") or name.lower() in _ADDRESSES or _LOADS.search(element.attrib[name]):
            del element.attrib[name]
    if element.tag == "style" and element.text:
        element.text = _LOADS.sub("/**/none(", element.text)


def _text_of(body: bytes, content_type: str) -> str:
    declared = _CHARSET.search(content_type) or _CHARSET.search(body[:_SNIFFED].decode("latin-1"))
    for charset in ("utf-8", declared[1] if declared else "windows-1256"):
        try:
            return _without_declaration(body.decode(charset))
        except (UnicodeDecodeError, LookupError):
            continue
    return _without_declaration(body.decode("utf-8", errors="replace"))


def _without_declaration(text: str) -> str:
    """Return the text without XML declaration and zeros: lxml takes no declared encoding in a string."""
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\0", ""))


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
    items = folded(cards(connection, "1", limit=2 * FEED_ITEMS))[:FEED_ITEMS]
    return Listing(looks.title, "feed", "index.html", with_texts(connection, items))


def of_tag(connection: sqlite3.Connection, entry: NamedTopic) -> Listing:
    """Return the latest about an entry."""
    items = folded_of(connection, entry_groups(connection, entry.e)[:FEED_ITEMS])
    path = tag_path(entry.slug)
    return Listing(f"#{entry.name}", path.removesuffix(".html"), path, with_texts(connection, items))


def of_outlet(connection: sqlite3.Connection, outlet: str) -> Listing:
    """Return the latest of an outlet."""
    items = cards(connection, "outlet = ?", [outlet], FEED_ITEMS)
    path = outlet_path(outlet)
    return Listing(outlet_name(outlet), path.removesuffix(".html"), path, with_texts(connection, items))


def of_search(connection: sqlite3.Connection, query: Query) -> Listing:
    """Return the newest that a query finds; raises ``ValueError`` for a wrong date."""
    items = search(connection, query, FEED_ITEMS).cards
    return Listing(f"بحث: {query.text}", "search", "search.html", with_topics(connection, items))
