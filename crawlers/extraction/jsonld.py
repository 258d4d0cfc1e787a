"""JSON-LD as outlets write it: several blocks, ``@graph``, entities inside the strings, now and then broken JSON."""

from __future__ import annotations

import html
import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
    return {_VOCABULARY.sub("", str(name)).strip() for name in _as_list(node.get("@type"))}


def look_up(node: Any, path: str) -> list[str]:
    """Return the strings at a dotted ``path``; lists are gone through, an object at the end gives its name or address."""
    values = _as_list(node)
    for part in path.split("."):
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
    decoder, values, at = json.JSONDecoder(strict=False), list[Any](), 0
    while at < len(text):
        value, end = decoder.raw_decode(text, at)
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
