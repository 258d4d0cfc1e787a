"""What programs read: the JSON API and its description, sitemaps, feeds. Documented in docs/site.md."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from email.utils import format_datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import msgspec

from archive.article import format_time
from archive.reader.query import end_of, start_of
from archive.site.lists import days, facets_of, sections
from archive.site.queries import (
    LEAST_TAG,
    Card,
    NamedTopic,
    cards,
    entries,
    entry_groups,
    entry_of,
    folded,
    folded_of,
    outlets,
    story_cards,
    topics_of,
    whole,
    with_texts,
    with_topics,
)
from archive.site.search import Query, search
from archive.site.statistics import neighbours
from archive.site.templating import (
    Looks,
    Wording,
    agency_name,
    article_path,
    day_path,
    link,
    outlet_name,
    outlet_path,
    section_path,
    tag_path,
    web_address,
    whole_address,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping, Sequence

_PAGE, _MOST = 50, 200
KINDS = ("person", "organisation", "place", "tag")
ORDERS = ("best", "newest")
SORTS = ("newest", "oldest")
_iso = Wording().iso


def answer(connection: sqlite3.Connection, path: str, asked: Mapping[str, str]) -> Any:
    """Return what ``/api/<path>`` says; None where there is nothing.

    Raises:
        ValueError: an argument is wrong; the message is one sentence.
    """
    if path in {"", "openapi.json"}:
        return openapi()
    name, _, rest = path.partition("/")
    if rest:
        one = _ONE.get(name)
        return None if one is None else one(connection, rest)
    many = _MANY.get(name)
    return None if many is None else many(connection, asked)


def _articles(connection: sqlite3.Connection, asked: Mapping[str, str]) -> Any:
    parts, values = ["1"], []
    _known(connection, asked)
    since, until = start_of(asked.get("since") or None), end_of(asked.get("until") or None)
    entry = entry_of(connection, asked["tag"]) if asked.get("tag") else None
    if asked.get("tag") and entry is None:
        raise ValueError(f"there is no tag {asked['tag']!r}")
    is_about = " AND about" if _one_of("about", asked, ("true", "false")) == "true" else ""
    for condition, value in (
        ("outlet = ?", asked.get("outlet")),
        ("agencies LIKE ?", f"% {asked['agency']} %" if asked.get("agency") else None),
        ("at >= ?", None if since is None else int(since.timestamp())),
        ("at <= ?", None if until is None else int(until.timestamp())),
        (f"n IN (SELECT n FROM topic WHERE e = ?{is_about})", entry.e if entry else None),  # noqa: S608  our own words
    ):
        if value is not None and value != "":
            parts.append(condition)
            values.append(value)
    limit, page = _number(asked, "limit", _PAGE, _MOST), _number(asked, "page", 1, 10_000)
    condition, is_oldest = " AND ".join(parts), _one_of("sort", asked, SORTS) == "oldest"
    page_cards = cards(connection, condition, values, limit, limit * (page - 1), oldest_first=is_oldest)
    response = {"page": page, "articles": [_brief(connection, card) for card in page_cards]}
    return response | _facets(asked, lambda: facets_of(connection, condition, values, table="article"))


def _facets(asked: Mapping[str, str], count: Callable[[], dict[str, list[tuple[str, int]]]]) -> dict[str, Any]:
    """Return the facets of an answer where they are asked for: by name, each value with how many articles have it."""
    if _one_of("facets", asked, ("true", "false")) != "true":
        return {}
    counted = count()
    return {
        "facets": {name: [{"value": value, "many": many} for value, many in each] for name, each in counted.items()}
    }


def _article(connection: sqlite3.Connection, article_id: str) -> Any:
    article = whole(connection, article_id)
    if article is None:
        return None
    versions = [
        {
            "version": version.version,
            "captured": format_time(version.captured),
            "changes": version.changes and asdict(version.changes),
        }
        for version in article.versions
    ]
    return {
        "article": json.loads(article.article.to_line()),
        "topics": article.topics,
        "versions": versions,
        "story": [_brief(connection, card) for card in (article.card, *article.story)],
        "related": [_brief(connection, card) for card in article.related],
    }


def _topics(connection: sqlite3.Connection, asked: Mapping[str, str]) -> Any:
    limit, page = _number(asked, "limit", _PAGE, _MOST), _number(asked, "page", 1, 10_000)
    kind = _one_of("kind", asked, KINDS)
    topics = [entry for entry in entries(connection) if not kind or entry.kind == kind]
    shown = [
        {"name": e.name, "slug": e.slug, "kind": e.kind, "many": e.many}
        for e in topics[limit * (page - 1) : limit * page]
    ]
    return {"page": page, "total": len(topics), "topics": shown}


def _topic(connection: sqlite3.Connection, slug: str) -> Any:
    entry = entry_of(connection, slug)
    if entry is None:
        return None
    record = {"name": entry.name, "slug": entry.slug, "kind": entry.kind, "many": entry.many}
    return record | {"beside": neighbours(connection, entry.e)}


def _story(connection: sqlite3.Connection, story_id: str) -> Any:
    cards = story_cards(connection, story_id)
    return {"story": story_id, "articles": [_brief(connection, card) for card in cards]} if cards else None


def _search(connection: sqlite3.Connection, asked: Mapping[str, str]) -> Any:
    _known(connection, asked)
    _one_of("order", asked, ORDERS)
    query = query_of(asked)
    limit, facets = _number(asked, "limit", 20, _MOST), asked.get("facets") == "true"
    result = search(connection, query, limit, facets=facets, texts=False)
    response = {
        "total": result.total,
        "page": query.page,
        "articles": [_brief(connection, card) for card in result.cards],
    }
    response |= {"meant": result.meant} if result.meant else {}
    return response | _facets(asked, lambda: result.facets)


def _outlets(connection: sqlite3.Connection, asked: Mapping[str, str]) -> Any:
    del asked
    rows = [
        row | {"name": outlet_name(row["outlet"]), "first": _iso(row["first"]), "last": _iso(row["last"])}
        for row in outlets(connection)
    ]
    return {"outlets": rows}


def query_of(asked: Mapping[str, str]) -> Query:
    """Return the query of a request's arguments: ``q, outlet, agency, since, until, order, page``."""
    same: dict[str, Any] = {name: asked.get(name, "") for name in ("outlet", "agency", "since", "until")}
    order = "newest" if asked.get("order") == "newest" else "best"
    return Query(text=asked.get("q", ""), order=order, page=_number(asked, "page", 1, 10_000), **same)


def _known(connection: sqlite3.Connection, asked: Mapping[str, str]) -> None:
    """See that the archive has the outlet, and that there is such an agency. Raises ``ValueError``."""
    if asked.get("outlet"):
        _one_of("outlet", asked, [row["outlet"] for row in outlets(connection)])
    agency = asked.get("agency", "")
    if not agency or agency_name(agency) != agency:
        return
    credited = "SELECT 1 FROM article WHERE agencies LIKE ? LIMIT 1"
    if not agency.isalnum() or connection.execute(credited, [f"% {agency} %"]).fetchone() is None:
        raise ValueError(f"there is no agency {agency!r}; codes are such as afp")


def _one_of(name: str, asked: Mapping[str, str], known: Iterable[str]) -> str:
    """Return an argument that is one of some words, or empty. Raises ``ValueError``."""
    text, words = asked.get(name, ""), list(known)
    if text and text not in words:
        raise ValueError(f"{name} is one of {', '.join(words)}, not {text!r}")
    return text


def _number(asked: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = asked.get(name, "") or str(default)
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= most:
        raise ValueError(f"{name} is a number from 1 to {most}")
    return int(text)


def _brief(connection: sqlite3.Connection, card: Card) -> dict[str, Any]:
    names = (
        "id",
        "outlet",
        "headline",
        "standfirst",
        "section",
        "kind",
        "agencies",
        "story",
        "origin",
        "overlap",
        "versions",
        "silent",
    )
    record = {name: getattr(card, name) for name in names}
    topics = [topic["name"] for topic in topics_of(connection, card.n)]
    return record | {"at": _iso(card.at), "page": card.path, "topics": topics}


_MANY: dict[str, Callable[[sqlite3.Connection, Mapping[str, str]], Any]] = {
    "articles": _articles,
    "topics": _topics,
    "search": _search,
    "outlets": _outlets,
}
_ONE: dict[str, Callable[[sqlite3.Connection, str], Any]] = {"articles": _article, "topics": _topic, "stories": _story}


# --- The API described: OpenAPI 3.1, from which the tests ask it and docs/site.md has its table ------------------------

_ARGUMENTS: dict[str, tuple[dict[str, Any], str]] = {
    "q": ({"type": "string"}, "words as people type them; what stands in quotes is a phrase"),
    "outlet": ({"type": "string"}, "only this outlet, by its code"),
    "tag": ({"type": "string"}, "only what names this, however it is spelled"),
    "about": ({"type": "boolean", "default": False}, "only what is about the tag, not what names it in passing"),
    "agency": ({"type": "string"}, "only what is credited to this agency, by its code"),
    "since": ({"type": "string"}, "published on or after it: 2026-11-23, 2026-11, yesterday, 7d, 2026-11-23T10:00:00Z"),
    "until": ({"type": "string"}, "published on or before it"),
    "kind": ({"type": "string", "enum": [*KINDS]}, "only names of this kind"),
    "sort": ({"type": "string", "enum": [*SORTS], "default": "newest"}, "which come first"),
    "order": ({"type": "string", "enum": [*ORDERS], "default": "best"}, "which come first"),
    "facets": ({"type": "boolean", "default": False}, "say also how many there are by outlet, agency and month"),
    "limit": ({"type": "integer", "minimum": 1, "maximum": _MOST}, "at most so many"),
    "page": ({"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1}, "which page of so many"),
    "id": ({"type": "string"}, "of an article"),
    "name": ({"type": "string"}, "of a tag, however it is spelled"),
}
OPERATIONS = {  # path: what it says, the arguments, the fields of the answer
    "/api/articles": (
        "the newest articles in brief",
        "outlet tag about agency since until sort facets limit page",
        "page articles",
    ),
    "/api/articles/{id}": (
        "an article: its published line, its versions, its story (itself first), what is related",
        "",
        "article topics versions story related",
    ),
    "/api/topics": ("names, the greatest first", "kind limit page", "page total topics"),
    "/api/topics/{name}": ("a name, and what stands beside it", "", "name slug kind many beside"),
    "/api/stories/{id}": ("the articles of a story, its origin first", "", "story articles"),
    "/api/search": (
        "what a search finds",
        "q outlet agency since until order facets limit page",
        "total page articles",
    ),
    "/api/outlets": ("the outlets: how many articles, from when to when", "", "outlets"),
}


def openapi() -> dict[str, Any]:
    """Return the description of the API."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Warraq",
            "version": "1",
            "description": "Reading alone; JSON in UTF-8. A wrong argument is 400 with one sentence.",
        },
        "paths": {path: {"get": _operation(path, *parts)} for path, parts in OPERATIONS.items()},
        "components": {"schemas": {"Error": _object("error")}},
    }


def _operation(path: str, summary: str, arguments: str, fields: str) -> dict[str, Any]:
    in_path = re.findall(r"{(\w+)}", path)
    parameters = [_parameter(name, "path") for name in in_path] + [
        _parameter(name, "query") for name in arguments.split()
    ]
    errors = {"400": "an argument is wrong"} if arguments else {}
    errors |= {"404": "there is nothing of this name"} if in_path else {}
    return {
        "summary": summary,
        "operationId": path.removeprefix("/api/").replace("/", "_").replace("{", "by_").replace("}", ""),
        "parameters": parameters,
        "responses": {
            "200": {"description": summary, "content": {"application/json": {"schema": _object(fields)}}},
            **{
                code: {
                    "description": why,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
                }
                for code, why in errors.items()
            },
        },
    }


def _parameter(name: str, place: str) -> dict[str, Any]:
    schema, sentence = _ARGUMENTS[name]
    return {"name": name, "in": place, "required": place == "path", "schema": schema, "description": sentence}


def _object(fields: str) -> dict[str, Any]:
    return {"type": "object", "required": fields.split(), "properties": {name: {} for name in fields.split()}}


# --- What search engines and browsers ask for: sitemaps, robots.txt, the manifest, OpenSearch ------------------------
# A sitemap needs whole addresses: where the site's own is not known there is none. Articles stand in files of `_SITEMAP` by their number
# in the index, so that what comes in changes the last one alone.

_SITEMAP, _NEWS_ITEMS, _NEWS_SECONDS = 5000, 1000, 2 * 86400
_SITEMAP_SPACE, _NEWS_SPACE = (
    "http://www.sitemaps.org/schemas/sitemap/0.9",
    "http://www.google.com/schemas/sitemap-news/0.9",
)


def machine_files(connection: sqlite3.Connection, looks: Looks, since: int = 0) -> dict[str, Callable[[], bytes]]:
    """Return what makes each file for machines, by path; of the sitemaps of articles those that changed after a generation."""
    files: dict[str, Callable[[], bytes]] = {
        "robots.txt": partial(_robots, looks),
        "manifest.webmanifest": partial(_manifest, looks),
    }
    if not looks.address:
        return files
    blocks = [row[0] for row in connection.execute("SELECT DISTINCT n / ? FROM article ORDER BY 1", [_SITEMAP])]
    changed = "SELECT DISTINCT n / ? FROM article WHERE changed > ?"
    fresh = {row[0] for row in connection.execute(changed, [_SITEMAP, since])}
    return files | {
        "opensearch.xml": partial(_opensearch, looks),
        "sitemap.xml": partial(_sitemap_index, looks, blocks),
        "sitemap-lists.xml": partial(_list_sitemap, connection, looks),
        "sitemap-news.xml": partial(_news_sitemap, connection, looks),
        **{
            f"sitemap-{block}.xml": partial(_article_sitemap, connection, looks, block)
            for block in blocks
            if block in fresh
        },
    }


def _robots(looks: Looks) -> bytes:
    lines = ["User-agent: *", "Disallow: /replay/", "Disallow: /api/", "Disallow: /web/", "Disallow: /search.html?"]
    if looks.address:
        lines += [
            "",
            f"Sitemap: {whole_address(looks, 'sitemap.xml')}",
            f"Sitemap: {whole_address(looks, 'sitemap-news.xml')}",
        ]
    return "\n".join([*lines, ""]).encode()


def _manifest(looks: Looks) -> bytes:
    icons = [{"src": f"static/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"} for size in (192, 512)]
    values = {
        "name": looks.title, "short_name": looks.title, "lang": "ar", "dir": "rtl", "start_url": "./", "display": "minimal-ui",
        "background_color": "#fdfbf6", "theme_color": "#8c1d18", "icons": [*icons, {"src": "static/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
    }  # fmt: skip
    return json.dumps(values, ensure_ascii=False, indent=1).encode()


def _opensearch(looks: Looks) -> bytes:
    root = ET.Element("OpenSearchDescription", {"xmlns": "http://a9.com/-/spec/opensearch/1.1/"})
    _say(root, ShortName=looks.title[:16], Description=f"{looks.title}: بحث", InputEncoding="UTF-8", Language="ar")
    ET.SubElement(root, "Image", {"width": "192", "height": "192", "type": "image/png"}).text = whole_address(
        looks, "static/icon-192.png"
    )
    template = f"{whole_address(looks, 'search.html')}?q={{searchTerms}}"
    ET.SubElement(root, "Url", {"type": "text/html", "template": template})
    return _xml(root)


def _xml(root: ET.Element) -> bytes:
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + bytes(ET.tostring(root, encoding="utf-8"))


def _sitemap_index(looks: Looks, blocks: list[int]) -> bytes:
    root = ET.Element("sitemapindex", {"xmlns": _SITEMAP_SPACE})
    for name in ("sitemap-lists.xml", *(f"sitemap-{block}.xml" for block in blocks)):
        _say(ET.SubElement(root, "sitemap"), loc=whole_address(looks, name))
    return _xml(root)


def _list_sitemap(connection: sqlite3.Connection, looks: Looks) -> bytes:
    root = ET.Element("urlset", {"xmlns": _SITEMAP_SPACE})
    lists = ("index", "stories", "sections", "outlets", "days", "tags", "newsroom")
    paths = [f"{name}.html" for name in lists] + [outlet_path(row["outlet"]) for row in outlets(connection)]
    paths += [section_path(section.slug) for section in sections(connection)]
    paths += [day_path(day) for day in days(connection, looks.wording.zone)]
    paths += [tag_path(entry.slug) for entry in entries(connection, least=LEAST_TAG)]
    for path in paths[:50_000]:
        _say(ET.SubElement(root, "url"), loc=whole_address(looks, path))
    return _xml(root)


def _article_sitemap(connection: sqlite3.Connection, looks: Looks, block: int) -> bytes:
    root = ET.Element("urlset", {"xmlns": _SITEMAP_SPACE})
    asked = "SELECT id, captured FROM article WHERE n >= ? AND n < ? ORDER BY n"
    for row in connection.execute(asked, [block * _SITEMAP, (block + 1) * _SITEMAP]):
        _say(ET.SubElement(root, "url"), loc=whole_address(looks, article_path(row["id"])), lastmod=row["captured"])
    return _xml(root)


def _news_sitemap(connection: sqlite3.Connection, looks: Looks) -> bytes:
    root = ET.Element("urlset", {"xmlns": _SITEMAP_SPACE, "xmlns:news": _NEWS_SPACE})
    newest = connection.execute("SELECT max(at) FROM article").fetchone()[0] or 0
    for card in cards(connection, "at > ?", [newest - _NEWS_SECONDS], _NEWS_ITEMS):
        url = ET.SubElement(root, "url")
        _say(url, loc=whole_address(looks, card.path))
        news = ET.SubElement(url, "news:news")
        _say(ET.SubElement(news, "news:publication"), **{"news:name": looks.title, "news:language": "ar"})
        _say(news, **{"news:publication_date": _iso(card.at), "news:title": card.headline})
    return _xml(root)


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
        link=whole_address(looks, page) or link(page, path),
        description=f"{looks.title}: {title}",
        language="ar",
    )
    if looks.address:
        ET.SubElement(
            channel, "atom:link", {"rel": "self", "type": "application/rss+xml", "href": whole_address(looks, path)}
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
    return _xml(root)


def json_feed(title: str, path: str, page: str, cards: Sequence[Card], looks: Looks) -> bytes:
    """Return the same as JSON Feed."""
    feed: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": title, "language": "ar"}
    if looks.address:
        feed |= {"home_page_url": whole_address(looks, page), "feed_url": whole_address(looks, path)}
    feed["items"] = [_json_item(looks, card) for card in cards]
    return msgspec.json.format(json.dumps(feed, ensure_ascii=False).encode(), indent=1)


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


def _item_address(looks: Looks, card: Card) -> str:
    assert card.article is not None
    return whole_address(looks, card.path) or web_address(card.article.canonical_url)


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
    items = search(connection, query, FEED_ITEMS, folded=True).cards
    return Listing(f"بحث: {query.text}", "search", "search.html", with_topics(connection, items))
