"""JSON in pages: JSON-LD as outlets write it (several blocks, ``@graph``, entities, now and then broken), and states for the browser."""

from __future__ import annotations

import base64
import html
import json
import re
import sys
from contextlib import suppress
from functools import lru_cache
from heapq import merge
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
        *("Report", "AdvertiserContentArticle", "SatiricalArticle", "ScholarlyArticle", "TechArticle"),
    }
)
MEDIA_TYPES = frozenset({"VideoObject", "ImageGallery", "MediaGallery", "PhotoGallery"})
_VOCABULARY = re.compile(r".*[/#:]")  # https://schema.org/NewsArticle, schema:NewsArticle
_CASED = {name.lower(): name for name in ARTICLE_TYPES | MEDIA_TYPES}
_PREFIX = re.compile(r'"(?:(?:schema|schema-org|sdo):(?=[@\w])|https?://schema\.org/(?=\w+"\s*:))')
_ASIDE = re.compile(r'("(?:[^"\\]|\\.)*+")|/\*.*?\*/|//[^\n]*|<!--.*?-->', re.DOTALL)
_OPENS = re.compile(r"[\s\ufeff]*(?:<!--(?:[^{\[]{0,200}?-->)?|//<!\[CDATA\[|<!\[CDATA\[)")
_CLOSES = re.compile(r"(?:-->|//\]\]>|\]\]>)?[\s;]*$")
_FOOT = 60  # letters at the end of a block in which it closes
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = re.compile(r"\s*[\[{]\s*[{]?\s*&(?:quot|#34|#x22);", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,;]*")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_SALVAGE = re.compile(r'"(@type|datePublished|dateModified)"\s*:\s*"([^"\\]{4,60})"')
_SALVAGED_AUTHOR = re.compile(
    r'"author"\s*:\s*\[?\s*(?:\{[^{}"]*(?:"@?(?:type|id|url)"\s*:\s*"(?!Org)[^"]{0,200}"[^{}"]*)*"name"\s*:\s*)?"([^"\\]{4,60})"'
)
_DECODER = json.JSONDecoder(strict=False)
_BLOCK_LIMIT = 1_000_000
_MOST_BLOCKS = 1000
_NAMES = ("name", "displayName", "title", "tag", "label", "@value", "url", "@id")
_DEPTH = 6
_MOST_REFERENCES = 100


def read_blocks(blocks: Iterable[str]) -> list[dict[str, Any]]:
    """Return the nodes of the JSON-LD ``blocks``; of a block that is no JSON even after mending times and author alone are kept."""
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
    bare = _VOCABULARY.sub("", name).strip()
    return _CASED.get(bare.lower(), bare)


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
    for read in (_parsed, lambda said: _parsed(_mended(said)), read_script):
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
    """Return type, times and author of the article in broken JSON (a quote in a headline breaks it), where they are unambiguous."""
    salvaged: dict[str, set[str]] = {}
    for name, value in _SALVAGE.findall(text):
        if name != "@type" or value.rpartition("/")[2] in ARTICLE_TYPES:
            salvaged.setdefault(name, set()).add(value)
    sure = {name: values.pop() for name, values in salvaged.items() if len(values) == 1}
    if len(names := set(_SALVAGED_AUTHOR.findall(text))) == 1:
        sure["author"] = names.pop()
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
        page = value.get("mainEntityOfPage")  # the page an article is of; turned round, the article that a page is of
        if isinstance(page, dict) and types(page) & ARTICLE_TYPES:
            yield from _nodes(page, depth + 1)


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


# --- The state that a script hands to the browser: Next.js, Nuxt, Gatsby, Redux, Apollo -------------------------------
# <script type="application/json">…</script>, window.__NAME__ = {…}, = JSON.parse("…"), = "<base64>"  ─▶ values ─▶ objects with a
# headline and a text ─▶ the one whose headline the page bears, under the names that `json:` sources ask for
# Places in a state stand for other values of it: numbers (Nuxt 3), «$7» (Next's stream), {"__ref": …} (Apollo).

_STATE_TYPED = re.compile(rb"type=[\"']?application/json\b")  # patterns that begin with letters are sought in no time
_STATE_SET = re.compile(rb"__\w{1,40}__(?:[\"']\])?\s*=\s*(?:JSON\.parse\(\s*)?")
_SETS = tuple(f"{name}{mark}".encode() for name in ("window", "self", "globalThis") for mark in (".", '["', "['"))
_STATE_OF_CODE = re.compile(rb"__(?:[\"']\])?\s*=\s*\(?\s*(?:function\b|\()")
_STATE_NAMED = rb"\bwindow(?:\.|\[[\"'])%b(?:[\"']\])?\s*=\s*(?:JSON\.parse\(\s*)?"
_BASE64 = 4  # letters of a group
_STREAM = re.compile(rb"\b__next_f\.push\(\[\s*1\s*,\s*(?=\")")
_MOST_PIECES, _MOST_VALUES = 2000, 100_000  # of a stream, of a state
_REFERENCE = re.compile(r"\$[L@]?([0-9a-f]{1,6})")
_LARGEST_STATE = 4_000_000  # bytes; a front page's has a tenth, and JSON takes twenty times its length in memory
_MOST_STATES, _BLOCK_DEPTH = 8, 8
_LONGEST_SCRIPT_TAG = 500  # bytes behind its type
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
    objects = (each for state in islice(_states(markup), _MOST_STATES) for each in _Values(state).objects())
    found = [article for each in objects if (article := _stated_article(each, titles, path))]
    return max(found, key=lambda article: len(article["body"]), default={})


def _state_places(markup: bytes) -> Iterator[re.Match[bytes]]:
    """Yield where a state begins: behind the type of its script's tag, or where one is set."""
    sets = (each for each in _STATE_SET.finditer(markup) if markup.endswith(_SETS, 0, each.start()))
    return merge(_STATE_TYPED.finditer(markup), sets, key=lambda place: place.start())


def has_code(markup: bytes) -> bool:
    """Say whether a state of the page is no data but a script that would have to be run: nobody here does."""
    if not _STATE_OF_CODE.search(markup):  # sought in no time
        return False
    for match in islice(_state_places(markup), 4 * _MOST_STATES):
        if is_code(packed := _packed(markup, match)):
            try:
                read_script(packed)
            except (ValueError, RecursionError):
                return True
    return False


def state_named(markup: bytes, name: str) -> Any:
    """Return the state ``window.<name>`` of a page; None where it has none. Raises `ValueError` where it cannot be read."""
    at = markup.find(name.encode())  # a pattern that begins with a word's border goes through every letter before
    pattern = _STATE_NAMED % re.escape(name.encode())
    match = re.compile(pattern).search(markup, max(0, at - len('window["'))) if at >= 0 else None
    return None if match is None else read_state(_packed(markup, match))


def read_state(packed: str) -> Any:
    """Return the value with which a script begins: JSON, plain data, or a string of JSON or of base64. Raises `ValueError`."""
    try:
        state, _ = _DECODER.raw_decode(packed)
    except ValueError:
        state = read_script(packed)
    if isinstance(state, str):
        bare = state.lstrip()
        padding = "=" * (-len(bare) % _BASE64)
        text = bare if bare[:1] in {"{", "["} else base64.b64decode(bare + padding, validate=True)
        state = json.loads(text, strict=False)
    return state


def _packed(markup: bytes, match: re.Match[bytes]) -> str:
    begin = match.end()
    if match[0].startswith(b"type"):  # of a script's own tag: what it holds
        begin = markup.find(b">", begin, begin + _LONGEST_SCRIPT_TAG) + 1
    return _script_at(markup, begin).lstrip().decode(errors="replace") if begin else ""


def _script_at(markup: bytes, begin: int) -> bytes:
    end = markup.find(b"</script", begin, begin + _LARGEST_STATE)  # what stands behind it is not copied
    return markup[begin : end if end >= 0 else begin + _LARGEST_STATE]


def _states(markup: bytes) -> Iterator[Any]:
    for match in islice(_state_places(markup), 4 * _MOST_STATES):
        with suppress(ValueError, RecursionError):
            yield read_state(_packed(markup, match))
    if b"__next_f" in markup:
        yield _rows(markup)


def _rows(markup: bytes) -> dict[str, Any]:
    """Return the rows of Next's stream: «7:{…}» a line, or «7:T1f,» and as many bytes (hexadecimal) of a text."""
    pieces, size = list[str](), 0
    for match in islice(_STREAM.finditer(markup), _MOST_PIECES):
        with suppress(ValueError):
            piece = _DECODER.raw_decode(_script_at(markup, match.end()).decode(errors="replace"))[0]
            pieces.append(piece)
            size += len(piece)
        if size > _LARGEST_STATE:
            break
    stream, at = "".join(pieces).encode(errors="replace"), 0
    rows: dict[str, Any] = {_STREAMED: True}
    while (match_row := _ROW.match(stream, at)) and len(rows) < _MOST_VALUES:
        begin = match_row.end()
        if match_row["size"]:
            at = begin + int(match_row["size"], 16)
            rows[match_row["name"].decode()] = stream[begin:at].decode(errors="replace")
            continue
        end = stream.find(b"\n", begin)
        end = len(stream) if end < 0 else end
        if stream[begin : begin + 1] in (b"[", b"{", b'"'):
            with suppress(ValueError, RecursionError):
                rows[match_row["name"].decode()] = json.loads(stream[begin:end], strict=False)
        at = end + 1
    return rows


_STREAMED = "__next_f"
_ROW = re.compile(rb"(?P<name>[0-9a-f]{1,6}):(?:T(?P<size>[0-9a-f]{1,6}),)?")


class _Values:
    """The values of a state, with what stands elsewhere in it put in its place."""

    def __init__(self, state: Any) -> None:
        self._state = state
        self._entries: dict[str, Any] = {}  # of Apollo's cache
        self._left = _MOST_VALUES
        self._is_flat = isinstance(state, list) and any(
            isinstance(value, dict) and value and all(type(inner) is int for inner in value.values())
            for value in state[:20]
        )
        self._is_stream = isinstance(state, dict) and _STREAMED in state

    def objects(self) -> Iterator[dict[str, Any]]:
        """Yield the objects of the state that have a headline and a text."""
        queue, looked_at = [self._state], 0
        while queue and looked_at < _MOST_VALUES:
            value = queue.pop()
            looked_at += 1
            if isinstance(value, dict):
                if "ROOT_QUERY" in value:
                    self._entries.update(value)
                if _may_be_article(value):
                    yield {key: self._filled(inner) for key, inner in value.items()}
            if isinstance(value, dict | list):
                queue += value.values() if isinstance(value, dict) else value

    def _filled(self, value: Any, depth: int = 0) -> Any:
        found = self._meant(value)
        self._left -= 1
        if depth > _BLOCK_DEPTH or self._left < 0:
            return found
        if isinstance(found, list):
            return [self._filled(inner, depth + 1) for inner in found[:_MOST_REFERENCES]]
        if isinstance(found, dict):
            return {key: self._filled(inner, depth + 1) for key, inner in islice(found.items(), _MOST_REFERENCES)}
        return found

    def _meant(self, value: Any) -> Any:
        """Return what a value of the state stands for: nearly always itself."""
        if self._is_flat:
            return self._state[value] if type(value) is int and 0 <= value < len(self._state) else value
        if self._is_stream and isinstance(value, str) and (reference := _REFERENCE.fullmatch(value)):
            return self._state.get(reference[1], value)
        if self._entries and isinstance(value, dict):
            name = value.get("__ref") or (value.get("id") if value.get("type") == "id" else None)
            return self._entries.get(name, value) if isinstance(name, str) else value
        return value


def _may_be_article(value: dict[str, Any]) -> bool:
    names = {_bare_key(key) for key in islice(value, _MOST_REFERENCES)}
    return not (names.isdisjoint(_TITLES) or names.isdisjoint(_TEXTS))


@lru_cache(maxsize=4096)
def _bare_key(key: str) -> str:
    """Return a key in small letters alone; Apollo writes what was asked behind a name: «content({"format":"HTML"})»."""
    return re.sub(r"[^a-z]", "", key.partition("(")[0].lower())


def _stated_article(each: dict[str, Any], titles: Collection[str], path: str) -> dict[str, Any]:
    """Return an object of a state as an article; ``{}`` where it has no headline or text, or is another page's."""
    named = {_bare_key(key): value for key, value in each.items()}
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


# --- Values as JavaScript writes them: keys without quotes, 'single quotes', !0, void 0, names of arguments -----------
# A function counts that returns data at once: its arguments' values stand behind it, and take the places of their names. One that
# first computes would have to be run, and is refused.

_FUNCTION = re.compile(r"\(?\s*(?:function\s*\((?P<names>[\w$,\s]*)\)|\((?P<more>[\w$,\s]*)\)\s*=>)\s*\{\s*return\b")
_CODE = re.compile(r"\(?\s*(?:function\b|\([\w$,\s]*\)\s*=>)")
_CALL = re.compile(r"[\s;]*\}\s*\)?\s*\(")
_BLANK = re.compile(r"(?:\s|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|`(?:[^`\\$]|\\.|\$(?!\{))*+`", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?(?![\w$])")
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_VOID = re.compile(r"void\s+0\b|![01](?![\w$])")
_DATE = re.compile(r"new\s+Date\(\s*(?=[\"'\d])")
_ESCAPE_OF_SCRIPT = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r?\n|.)", re.DOTALL)
_CHARACTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "", "\n": "", "\r\n": ""}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_WORDS = {"true": True, "false": False, "null": None, "undefined": None, "NaN": None, "Infinity": None}
_DEEPEST = 100
_MOST_OF_SCRIPT = 200_000
_LONGEST_NUMBER = 30


def is_code(text: str) -> bool:
    """Say whether ``text`` begins with a function."""
    return bool(_CODE.match(text))


def read_script(text: str) -> Any:
    """Return the value that ``text`` begins with. Raises `ValueError` where it is no plain data."""
    function = _FUNCTION.match(text)
    if function is None:
        return _Reader(text).value()
    names = [name.strip() for name in (function["names"] or function["more"] or "").split(",") if name.strip()]
    reader = _Reader(text, function.end(), frozenset(names))
    returned = reader.value()
    if not (call := _CALL.match(text, reader.at)):
        raise ValueError("a function that does more than return")
    values = _Reader(text, call.end()).values(")")
    return _placed(returned, dict(zip(names, values, strict=False)))


class _Argument(str):
    """The name of an argument in the place of its value."""

    __slots__ = ()


def _placed(value: Any, given: dict[str, Any]) -> Any:
    """Return ``value`` with the arguments' values in the places of their names."""
    if isinstance(value, _Argument):
        return given.get(value)
    if isinstance(value, dict):
        return {key: _placed(inner, given) for key, inner in value.items()}
    return [_placed(inner, given) for inner in value] if isinstance(value, list) else value


class _Reader:
    """Reads values one behind the other from ``at``; ``names`` are those of arguments."""

    def __init__(self, text: str, at: int = 0, names: frozenset[str] = frozenset()) -> None:
        self.at = at
        self._text, self._names = text, names
        self._left = _MOST_OF_SCRIPT

    def value(self, depth: int = 0) -> Any:
        """Return the next value."""
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            raise ValueError("more than any article's state")
        first = self._next()
        if first in {"{", "["}:
            self.at += 1
            return self._object(depth) if first == "{" else self.values("]", depth)
        return self._simple()

    def values(self, end: str, depth: int = 0) -> list[Any]:
        """Return the values up to ``end``, which is passed."""
        found: list[Any] = []
        while self._next() != end:
            found.append(self.value(depth + 1))
            self._comma(end)
        self.at += 1
        return found

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self._next() != "}":
            key = self._match(_STRING) or self._match(_IDENTIFIER) or self._match(_NUMBER)
            if key is None or self._next() != ":":
                raise ValueError("no plain data")
            self.at += 1
            found[_unquoted(key[0]) if key.re is _STRING else key[0]] = self.value(depth + 1)
            self._comma("}")
        self.at += 1
        return found

    def _simple(self) -> Any:
        if match := self._match(_STRING):
            return _unquoted(match[0])
        if match := self._match(_NUMBER):
            if len(match[0]) > _LONGEST_NUMBER:
                raise ValueError("no number of any state")
            number = float(match[0].replace("_", ""))
            return int(number) if number.is_integer() and "e" not in match[0].lower() else number
        if match := self._match(_VOID):
            return {"!0": True, "!1": False}.get(match[0])
        if self._match(_DATE):
            return self.values(")")[0]
        match = self._match(_IDENTIFIER)
        if match is None or not (match[0] in self._names or match[0] in _WORDS):
            raise ValueError("no plain data")
        return _Argument(match[0]) if match[0] in self._names else _WORDS[match[0]]

    def _comma(self, end: str) -> None:
        following = self._next()
        if following == ",":
            self.at += 1
        elif following != end:
            raise ValueError("no plain data")

    def _next(self) -> str:
        self.at = _BLANK.match(self._text, self.at).end()  # type: ignore[union-attr]  # it matches nothing, too
        if self.at >= len(self._text):
            raise ValueError("data without an end")
        return self._text[self.at]

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._text, self.at)
        if match:
            self.at = match.end()
        return match


def _unquoted(written: str) -> str:
    """Return the text of a string as JavaScript writes it."""
    if "\\" not in written:
        return written[1:-1]
    text = _ESCAPE_OF_SCRIPT.sub(_character, written[1:-1])
    return _SURROGATES.sub(lambda pair: json.loads(json.dumps(pair[0])), text)


def _character(escape: re.Match[str]) -> str:
    said = escape[1]
    if said[0] in "ux" and len(said) > 1:
        code = int(said[1:].strip("{}"), 16)
        return chr(code) if code <= sys.maxunicode else ""
    return _CHARACTERS.get(said, said)
