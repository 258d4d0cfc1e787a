"""JSON in pages: JSON-LD as outlets write it (several blocks, ``@graph``, entities, now and then broken), and states for the browser."""

from __future__ import annotations

import base64
import html
import json
import re
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from archive.text import fold_label
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

ARTICLE_TYPES = frozenset(
    {
        "NewsArticle",
        "Article",
        "ReportageNewsArticle",
        "AnalysisNewsArticle",
        "BackgroundNewsArticle",
        "OpinionNewsArticle",
        "AskPublicNewsArticle",
        "ReviewNewsArticle",
        "LiveBlogPosting",
        "BlogPosting",
        "SocialMediaPosting",
        "Report",
    }
)
MEDIA_TYPES = frozenset({"VideoObject", "ImageGallery", "MediaGallery", "PhotoGallery"})
_VOCABULARY = re.compile(r".*[/#:]")  # https://schema.org/NewsArticle, schema:NewsArticle
_PREFIX = re.compile(r'"(?:(?:schema|schema-org|sdo):(?=[@\w])|https?://schema\.org/(?=\w+"\s*:))')
_ASIDE = re.compile(r'("(?:[^"\\]|\\.)*+")|/\*.*?\*/|//[^\n]*|<!--.*?-->', re.DOTALL)
_OPENS = re.compile(r"[\s\ufeff]*(?:<!--|//<!\[CDATA\[|<!\[CDATA\[)")
_CLOSES = re.compile(r"(?:-->|//\]\]>|\]\]>)?[\s;]*$")
_FOOT = 60  # letters at the end of a block in which it closes
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = re.compile(r"\s*[\[{]\s*[{]?\s*&(?:quot|#34|#x22);", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,;]*")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_SALVAGE = re.compile(r'"(@type|datePublished|dateModified)"\s*:\s*"([^"\\]{4,60})"')
_DECODER = json.JSONDecoder(strict=False)
_BLOCK_LIMIT = 1_000_000
_MOST_BLOCKS = 1000
_NAMES = ("name", "displayName", "title", "tag", "label", "@value", "url", "@id")
_DEPTH = 6
_MOST_REFERENCES = 100


def read_blocks(blocks: Iterable[str]) -> list[dict[str, Any]]:
    """Return the nodes of the JSON-LD ``blocks``; of a block that is no JSON even after mending the times alone are kept."""
    read = (block for block in islice(blocks, _MOST_BLOCKS) if len(block) <= _BLOCK_LIMIT)
    nodes = [node for block in read for node in _nodes(_load(block))]
    named = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    return [_with_references(node, named) for node in nodes] if named else nodes


def _with_references(node: dict[str, Any], named: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Put in the place of ``{"@id": …}`` the node of that name, where a graph keeps authors and pictures apart; one level deep."""

    def resolved(value: Any) -> Any:
        if isinstance(value, list):
            return [resolved(entry) for entry in value[:_MOST_REFERENCES]]
        name = value.get("@id") if isinstance(value, dict) and len(value) == 1 else None
        return named.get(name, value) if isinstance(name, str) else value

    return {key: resolved(value) if isinstance(value, list | dict) else value for key, value in node.items()}


def article_node(nodes: list[dict[str, Any]], url: str = "") -> dict[str, Any]:
    """Return the node of the article at ``url``: the one that says so, else the richest; ``{}`` without one."""
    articles = [node for node in nodes if types(node) & ARTICLE_TYPES]
    if len(articles) > 1:
        path = unquote(urlsplit(url).path)
        named = [node for node in articles if any(path in unquote(address) for address in _addresses(node))]
        articles = named or articles
    return max(articles, key=lambda node: ("datePublished" in node) * 100 + len(node), default={})


def media_node(nodes: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """Return the film or the pictures that a page of ``kind`` consists of; ``{}`` where it has none, or several."""
    of_kind = {"video": frozenset({"VideoObject"}), "gallery": MEDIA_TYPES - {"VideoObject"}}.get(kind, frozenset())
    media = [node for node in nodes if types(node) & of_kind]
    return media[0] if len(media) == 1 else {}


def _addresses(node: dict[str, Any]) -> list[str]:
    return [*look_up(node, "url"), *look_up(node, "mainEntityOfPage"), *look_up(node, "mainEntityOfPage.@id")]


def types(node: dict[str, Any]) -> set[str]:
    """Return the node's types, without a vocabulary prefix."""
    return {_bare(str(name)) for name in _as_list(node.get("@type"))}


@lru_cache(maxsize=256)
def _bare(name: str) -> str:
    return _VOCABULARY.sub("", name).strip()


def look_up(node: Any, path: str) -> list[str]:
    """Return the strings at a dotted ``path``; lists are gone through, an object at the end gives its name or address."""
    parts = path.split(".")
    if isinstance(node, dict) and parts[0] not in node:  # most that are asked for
        return []
    values = _as_list(node)
    for part in parts:
        values = [inner for value in values if isinstance(value, dict) for inner in _as_list(value.get(part))]
    return [line for value in values if (line := _string(value))]


def _string(value: Any, depth: int = 0) -> str:
    if isinstance(value, dict):
        value = next((value[key] for key in _NAMES if value.get(key)), "")
        if isinstance(value, dict | list) and depth < _DEPTH:  # {"name": {"@value": …}}
            return next((text for inner in _as_list(value) if (text := _string(inner, depth + 1))), "")
    return tidy(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _load(block: str) -> Any:
    opened = _OPENS.match(block)
    text = _PREFIX.sub('"', (block[opened.end() :] if opened else block).lstrip("\ufeff \t\r\n"))
    if not text.endswith(("}", "]")):
        text = text[:-_FOOT] + _CLOSES.sub("", text[-_FOOT:])
    if _ESCAPED.match(text):
        text = html.unescape(text)
    for read in (_parsed, lambda said: _parsed(_mended(said))):
        try:
            return read(text)
        except (ValueError, RecursionError):
            continue
    return _salvaged(text)


def _parsed(text: str) -> Any:
    """Return the value in ``text``, or a list of several that stand one behind the other."""
    values, at = list[Any](), 0
    while at < len(text):
        value, end = _DECODER.raw_decode(text, at)
        at = _BETWEEN.match(text, end).end()  # type: ignore[union-attr]  # it matches nothing, too
        values.append(value)
    return values[0] if len(values) == 1 else values


def _mended(text: str) -> str:
    """Return ``text`` without what JavaScript allows and JSON does not: comments between values, commas behind the last, other escapes."""
    plain = _TRAILING_COMMA.sub("", _ASIDE.sub(lambda piece: piece[1] or "", text))
    return _ESCAPE.sub(lambda escape: escape[0] if escape[1] in '"\\/bfnrtu' else escape[1], plain).lstrip()


def _salvaged(text: str) -> dict[str, str]:
    """Return type and times of the article in broken JSON (a quote in a headline breaks it), where they are unambiguous."""
    salvaged: dict[str, set[str]] = {}
    for name, value in _SALVAGE.findall(text):
        if name != "@type" or value.rpartition("/")[2] in ARTICLE_TYPES:
            salvaged.setdefault(name, set()).add(value)
    sure = {name: values.pop() for name, values in salvaged.items() if len(values) == 1}
    return sure if "datePublished" in sure else {}


def _nodes(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _nodes(entry, depth + 1)
    elif isinstance(value, dict):
        if "@type" not in value and isinstance(value.get("type"), str) and value["type"] in ARTICLE_TYPES | MEDIA_TYPES:
            value = {**value, "@type": value["type"]}  # JSON-LD 1.1 renames keywords; nearly all write "type" then
        if "@type" in value:
            yield value
        yield from _nodes(value.get("@graph"), depth + 1)
        yield from _nodes(value.get("mainEntity"), depth + 1)


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


# --- The state that a script hands to the browser: Next.js, Nuxt, Gatsby, Redux, Apollo -------------------------------
# <script type="application/json">…</script>, window.__NAME__ = {…}, = JSON.parse("…"), = "<base64>"  ─▶ values ─▶ objects with a
# headline and a text ─▶ the one whose headline the page bears, under the names that `json:` sources ask for

_STATE = re.compile(
    rb"\btype=[\"']?application/json\b|"
    rb"\b(?:window|self|globalThis)(?:\.|\[[\"'])__\w{1,40}__(?:[\"']\])?\s*=\s*(?:JSON\.parse\(\s*)?"
)
_LARGEST_STATE = 4_000_000  # bytes; a front page's has a tenth, and JSON takes twenty times its length in memory
_MOST_STATES = 8
_LONGEST_SCRIPT_TAG = 500  # bytes behind its type
_MOST_VALUES = 100_000
_BLOCK_DEPTH = 8
_LEAST_TEXT, _LONGEST_TITLE, _LEAST_TITLE, _LEAST_NUMBER = 150, 300, 10, 5  # letters
_STATE_TAG = re.compile(r"<[a-z/][^<>]*>", re.IGNORECASE)
_NO_WORDS = re.compile(r"image|photo|video|embed|advert|related|gallery|script|iframe|(?:^|_)ads?$", re.IGNORECASE)
_INNER = ("rendered", "html", "processed", "text", "value", "content", "body", "data", "items", "blocks", "children")
_TITLES = ("headline", "title", "articletitle", "newstitle", "posttitle", "maintitle", "name")
_TEXTS = (
    *("articlebody", "body", "content", "bodyhtml", "contenthtml", "html", "text", "fulltext", "details", "story"),
    *("blocks", "paragraphs", "articletext", "newsbody", "description"),
)
_STATED = {
    "summary": ("summary", "excerpt", "subtitle", "standfirst", "lead", "abstract", "brief", "description"),
    "date": (
        *("datepublished", "publishedat", "publishdate", "publisheddate", "publishedtime", "publicationdate"),
        *("firstpublished", "published", "pubdate", "date", "createdat", "created"),
    ),
    "revision": ("datemodified", "modifiedat", "updatedat", "updated", "modified", "modifieddate", "lastmodified"),
    "sectionName": ("section", "articlesection", "sectionname", "category", "categoryname", "categories"),
    "tags": ("tags", "keywords", "topics"),
    "byline": ("author", "authors", "byline", "authorname", "writer"),
}


def article_in_states(markup: bytes, titles: Collection[str], path: str) -> dict[str, Any]:
    """Return what the states of a page say of its article: ``headline``, ``body`` (HTML or plain), ``date``, …; ``{}`` where none does.

    Args:
        markup: the page, scripts and all.
        titles: its headings and titles, folded: of several articles in a state the page's own is the one that bears one of them.
        path: of its address, decoded; an object whose number or slug stands in it is the page's, too.
    """
    objects = (each for state in islice(_states(markup), _MOST_STATES) for each in _objects(state))
    found = [article for each in objects if (article := _stated_article(each, titles, path))]
    return max(found, key=lambda article: len(article["body"]), default={})


def _states(markup: bytes) -> Iterator[Any]:
    for match in islice(_STATE.finditer(markup), 4 * _MOST_STATES):
        begin = match.end()
        if match[0].startswith(b"type"):  # of a script's own tag: what it holds
            begin = markup.find(b">", begin, begin + _LONGEST_SCRIPT_TAG) + 1
        packed = markup[begin : begin + _LARGEST_STATE].partition(b"</script")[0].lstrip() if begin else b""
        with suppress(ValueError, RecursionError):
            state, _ = json.JSONDecoder(strict=False).raw_decode(packed.decode(errors="replace"))
            if isinstance(state, str):  # a value of JSON.parse, or base64
                text = state if state[:1] in {"{", "["} else base64.b64decode(state, validate=True)
                state = json.loads(text, strict=False)
            yield state


def _objects(state: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a state; in Nuxt's list of values, where numbers stand for places in it, with these values."""
    is_flat = isinstance(state, list) and any(
        isinstance(value, dict) and value and all(type(inner) is int for inner in value.values())
        for value in state[:20]
    )
    queue, looked_at = [state], 0
    while queue and looked_at < _MOST_VALUES:
        value = queue.pop()
        looked_at += 1
        if isinstance(value, dict) and len(value) > 1:  # a headline and a text
            yield {key: _revived(inner, state, 0) for key, inner in value.items()} if is_flat else value
        if isinstance(value, dict | list):
            queue += value.values() if isinstance(value, dict) else value


def _revived(value: Any, state: list[Any], depth: int) -> Any:
    """Return what a number stands for in a list of values."""
    if type(value) is not int or not 0 <= value < len(state) or depth > _BLOCK_DEPTH:
        return value
    found = state[value]
    if isinstance(found, list):
        return [_revived(inner, state, depth + 1) for inner in found[:_MOST_REFERENCES]]
    if isinstance(found, dict):
        return {key: _revived(inner, state, depth + 1) for key, inner in islice(found.items(), _MOST_REFERENCES)}
    return found


def _stated_article(each: dict[str, Any], titles: Collection[str], path: str) -> dict[str, Any]:
    """Return an object of a state as an article; ``{}`` where it has no headline or text, or is another page's."""
    named = {re.sub(r"[^a-z]", "", str(key).lower()): value for key, value in each.items()}
    title = next((line for name in _TITLES if (line := _plain_title(named.get(name)))), "")
    if not title or not _is_of_page(fold_label(title), titles, each, path):
        return {}
    texts = [_words_of(named[name]) for name in _TEXTS if name in named]
    body = max(texts, key=len, default="")
    if len(_STATE_TAG.sub("", body)) < _LEAST_TEXT:
        return {}
    said = {name: next((named[key] for key in keys if named.get(key)), None) for name, keys in _STATED.items()}
    if said["summary"] and _words_of(said["summary"]) == body:
        del said["summary"]
    return {"headline": title, "body": body, **{name: value for name, value in said.items() if value}}


def _plain_title(value: Any) -> str:
    line = tidy(html.unescape(_STATE_TAG.sub("", _words_of(value)))) if isinstance(value, str | dict) else ""
    return line if _LEAST_TITLE <= len(line) <= _LONGEST_TITLE else ""


def _is_of_page(title: str, titles: Collection[str], each: dict[str, Any], path: str) -> bool:
    if any(title in known or (len(known) >= _LEAST_TITLE and known in title) for known in titles):
        return True
    names = {str(each.get(key) or "") for key in ("id", "slug", "nid", "postId", "articleId")}
    return any(len(name) >= _LEAST_NUMBER and name in path for name in names)


def _words_of(value: Any, depth: int = 0) -> str:
    """Return the text of a value as CMSs keep it: HTML, a list of paragraphs, blocks of an editor."""
    if isinstance(value, str):
        return value
    if depth > _BLOCK_DEPTH:
        return ""
    if isinstance(value, list):
        if value and all(
            isinstance(part, dict) and isinstance(part.get("text"), str) and not part.get("data") for part in value
        ):
            is_inline = any(part["text"] != part["text"].strip() for part in value) or depth > 1
            return ("" if is_inline else "\n\n").join(part["text"] for part in value)
        parts = [part for inner in value if (part := _words_of(inner, depth + 1).strip())]
        return "".join(f"<p>{part}</p>" for part in parts) if any("<" in part for part in parts) else "\n\n".join(parts)
    if isinstance(value, dict) and not _NO_WORDS.search(str(value.get("type") or value.get("_type") or "")):
        return next((text for key in _INNER if (text := _words_of(value.get(key), depth + 1))), "")
    return ""
