"""HTML: bytes to text in the right charset, cut small, parsed once, indexed."""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from contextlib import suppress
from html import unescape
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from lxml import etree

from crawlers.extraction.jsonld import read_blocks
from crawlers.extraction.selectors import ANY, compile_selector
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element

    from crawlers.extraction.selectors import Alternative

# --- Bytes to UTF-8, whatever the page says of itself ----------------------------------------------------------------
#     BOM  →  UTF-16 without one  →  valid UTF-8  →  header  →  XML declaration  →  <meta charset>  →  UTF-8 with a few bad bytes
#          →  windows-1256
#
# Valid UTF-8 comes before the header because it cannot be an accident: an Arabic page in windows-1256 is never valid
# UTF-8, while servers do send a wrong charset. For the same reason a declared UTF-16 (.NET writes it above all its XML) needs
# the zero bytes of one. A declared Latin charset on an Arabic page is a lie that is tested for.

LIMIT = 10_000_000  # bytes; no article is longer, and memory stays bounded
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([\w.:-]{2,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UTF_16 = (
    (re.compile(rb"(?:[^\0]\0){2}"), "utf-16-le"),
    (re.compile(rb"(?:\0[^\0]){2}"), "utf-16-be"),
)  # two letters of ASCII
_META_WITHIN = 8192  # the standard says 1,024; Drupal's stands behind the title and the tag manager
_SAMPLE = 200_000
_ARABIC = re.compile("[\u0621-\u064a]")
_ARABIC_CHARSET = "windows-1256"
_BAD_SHARE = 0.1  # of the letters beyond ASCII; in windows-1256 read as UTF-8 nearly all are bad
_ALIASES = {"utf8": "utf-8", "x-sjis": "shift_jis", "windows-1256": "cp1256", "iso-8859-1": "cp1252"}


def is_bare(body: bytes) -> bool:
    """Say whether ``body`` is no UTF-16, has no mark of UTF-8, and is no longer than what is read of a page: UTF-8 as it stands, perhaps."""
    return len(body) <= LIMIT and not body.startswith(tuple(mark for mark, _ in _BOMS)) and b"\0" not in body[:4]


def to_utf8(body: bytes, content_type: str | None, limit: int = LIMIT) -> bytes:
    """Return the text of the first ``limit`` bytes of ``body`` as UTF-8; never fails, bad bytes become U+FFFD."""
    body = body[:limit]
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return _encoded(body[len(mark) :].decode(charset, "replace"))
    for beginning, charset in _UTF_16:
        if beginning.match(body):
            return _encoded(body.decode(charset, "replace"))
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(body) - 3 and error.start:  # cut within a letter
            return body[: error.start]
        return _encoded(_decode_legacy(body, content_type))
    return body


def _decode_legacy(body: bytes, content_type: str | None) -> str:
    lenient = body.decode("utf-8", "replace")
    sample = lenient[:_SAMPLE]
    if _bad(sample) < _BAD_SHARE * sum(letter > "\x7f" for letter in sample):
        return lenient
    if (
        0 < _bad(sample) <= len(_ARABIC.findall(sample))
    ):  # a short text with some bad bytes: no other charset gives Arabic by accident
        return lenient
    texts = [text for charset in _candidates(body, content_type) if (text := _decoded(body, charset)) is not None]
    arabic = [len(_ARABIC.findall(text[:_SAMPLE])) - _bad(text[:_SAMPLE]) for text in texts]
    if max(arabic, default=0) <= 0:
        return texts[0]
    return texts[arabic.index(max(arabic))]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")  # some codecs leave halves of surrogate pairs


def _decoded(body: bytes, charset: str) -> str | None:
    """Return None where the codec is none of texts (``hex``), or knows no way on from a bad byte (``idna``)."""
    try:
        return body.decode(charset, "replace")
    except (LookupError, ValueError):
        return None


def _candidates(body: bytes, content_type: str | None) -> list[str]:
    declared = [match[1] for match in (_HEADER.search(content_type or ""),) if match]
    declared += [match[1].decode("ascii", "replace") for match in (_XML_DECLARED.match(body),) if match]
    declared += [match[1].decode("ascii", "replace") for match in (_DECLARED.search(body[:_META_WITHIN]),) if match]
    known = [name for charset in declared if (name := _known(charset))]
    return list(dict.fromkeys([*known, _known(_ARABIC_CHARSET) or "utf-8", "utf-8"]))


def _known(charset: str) -> str | None:
    try:
        return codecs.lookup(_ALIASES.get(charset.lower(), charset.lower())).name
    except (LookupError, ValueError):
        return None


def _bad(text: str) -> int:
    return text.count("\ufffd")


# --- HTML made small before it is parsed: what never holds text of the article is cut out of the bytes ---------------
# Scripts, styles and drawings are most of a modern page. Cutting them first makes parsing several times cheaper; JSON-LD is
# kept aside. Menus, footers and sidebars go too, but for their JSON-LD, unless they are short trails, or hold what an article is made of (broken markup closes them late).
# The bytes are UTF-8: searching them costs half of what searching a string with Arabic in it does.

# The letters looked at first spare most tags the eight names. The end of a tag without < and > in its values, as nearly all are, is
# found on the way: what is looked through for it ends at the next of them.
_OPEN = re.compile(
    rb"<(?=[sntf]|as)(script|style|svg|noscript|template|nav|footer|aside)\b"
    rb"""([^<>=]*+(?:=\s*+(?:"[^"<>]*+"|'[^'<>]*+'|(?!["']))[^<>=]*+)*+>)?+""",
    re.IGNORECASE,
)
_REST_OF_TAG = rb"""[^>=]*+(?:=\s*+(?:"[^"]*+"|'[^']*+')?+[^>=]*+)*+>"""  # a quote opens a value after = alone
_TAG = re.compile(rb"<[a-zA-Z/]" + _REST_OF_TAG)
_BEGINS = re.compile(rb"<(?:!--|[a-zA-Z/])")
_MOST_UNCLOSED = 50  # tags of one page that end nowhere; more are no accident, and each costs a search
_ODD = re.compile(rb"""=\s*(?:"[^"<]*+<|'[^'<]*+<)""")
_TRAIL, _TEXT, _OF_TEXT = b"breadcrumb", b"articleBody", b"B"  # one byte that few menus hold is found ten times quicker
_HEAD_OR_MAIN = (b"<h1", b"<H1", b"<main")
_IN_MENU = re.compile(  # most menus hold none of these, and are looked through once: two letters turn nearly all tags away
    rb"<[hHmsSnNfFaA][1aAcCoOsS](?:(?<=[hH]1)|(?<=ma)in|(?<=[sS][cC])|(?<=[nN][aA])|(?<=[fF][oO])[oO]|(?<=[aA][sS]))"
)
_ARTICLE = re.compile(rb"<article")
_MENUS = frozenset({b"nav", b"footer", b"aside"})
_FEW_CARDS = 3  # a sidebar of that many ``article`` lists others
_RAW = frozenset({b"script", b"style"})  # nothing but their own closing tag ends them, in browsers either
_CLOSING = {name: b"</" + name for name in _RAW}
# Scripts stand in rows: the next one stands in nothing else, and is no JSON-LD, whose tag has a + or writes it with an &.
_ANOTHER = re.compile(rb"""\s*+<script(?:\s[^<>&+"']*+(?:"[^<>&+"]*+"[^<>&+"']*+)*+)?+>""")
_SHORTEST_TYPE = len(b" type=application/ld")
_FEW_PARAGRAPHS = 3  # a menu has fewer; what has more may be an article behind a menu that is closed late
_MOST_NESTED = 100
_NO_DRAWING = rb"p|div|h[1-6]|[uod]l|li|d[dt]|br|hr|img|span|strong|em|table|blockquote|pre|center|body|head|meta"
# Tags of HTML end a drawing, as browsers have it, but for those in a place made for them.
_IN_DRAWING = re.compile(rb"<(?:(foreignobject)|%b)\b" % _NO_DRAWING, re.IGNORECASE)
_DRAWN = re.compile(rb"[^<]*+(?:<(?!/svg|(?i:foreignobject|%b)\b)[^<]*+)*+(?=</svg)" % _NO_DRAWING)
_LONGEST_TAG = 20_000  # bytes
_HOPS = 4
_NEAR = 1000  # bytes in which most scripts and drawings end
_LONG_TAG = re.compile(rb"<([a-zA-Z][\w:-]{0,40})[^<>]{%d,}" % _LONGEST_TAG)
_MOST_ATTRIBUTES = 5000
_MOST_MENUS = 60
_SCRIPT = re.compile(rb"<script", re.IGNORECASE)
_LINK = re.compile(rb"<[aA][\s>]")
_FEW_LINKS = 4  # a trail of breadcrumbs; a menu has more
_XML_HEAD = re.compile(rb"\s*<\?xml[^>]*>")


def reduce(markup: bytes) -> tuple[bytes, list[str]]:
    """Return the markup without scripts, styles, drawings and menus, and the JSON-LD blocks that it and its menus held.

    Raises:
        UnicodeDecodeError: a block is no UTF-8.
    """
    if b"\x00" in markup:
        markup = markup.replace(b"\x00", b"")
    head = _XML_HEAD.match(markup)
    cutter = _Cutter(markup, head.end() if head else 0)
    return _without_monsters(cutter.cut()), cutter.blocks


def _without_monsters(markup: bytes) -> bytes:
    """Empty the tags of thousands of attributes: libxml2 compares each with each."""
    half = _LONGEST_TAG // 2
    if all(markup.find(b"<", at, at + half) >= 0 for at in range(0, len(markup) - half, half)):
        return markup  # what is longer than a whole one would fill a half
    return _LONG_TAG.sub(
        lambda tag: b"<%b " % tag[1] if tag[0].count(b"=") > _MOST_ATTRIBUTES else tag[0],
        markup,
    )


class _Cutter:
    """Cuts one page's markup; remembers where the next closing tag of each name is, so that no tag costs a new search."""

    def __init__(self, markup: bytes, start: int) -> None:
        self.markup = markup
        self.start = start
        self.blocks: list[str] = []
        self._closing: dict[bytes, int] = {}
        self._menus = 0
        self._is_mixed = False  # whether the menu that was looked at last holds more than links
        self._plain = start
        self._unclosed = 0
        self._undrawn = len(markup)  # from here on no HTML begins that could end a drawing

    def cut(self) -> bytes:
        """Return what stays, a blank in the place of each element that was cut."""
        markup, kept = self.markup, list[bytes]()
        begin = plain = self._plain = self.start
        search, follows, find, begins = _OPEN.search, _ANOTHER.match, markup.find, markup.startswith
        while opening := search(markup, plain):
            start, behind = opening.span()
            # where no tag has begun since, it stands in none
            if start > plain and find(b"<", plain, start) >= 0 and self._is_inside(start):
                plain = self._plain
                continue
            name, rest = opening.groups()
            end = -1
            if rest and name in _RAW:
                end = find(b"<", behind)  # one byte is found ten times quicker than several, and many scripts hold no <
                if end >= 0 and not begins(_CLOSING[name], end):
                    end = find(_CLOSING[name], end, end + _NEAR)
            elif rest and name == b"svg":
                end = self._end_of_drawing(rest, behind)
            if end >= 0:  # a script, style or drawing that is like most
                if name == b"script" and len(rest) > _SHORTEST_TYPE:
                    self._keep_json_ld(rest, behind, end)
                beyond = find(b">", end) + 1 or len(markup)
                while (tag := follows(markup, beyond)) and (
                    end := find(b"</script", tag.end(), tag.end() + _NEAR)
                ) >= 0:
                    beyond = find(b">", end) + 1 or len(markup)
                plain = self._plain = beyond
            else:
                beyond = self._beyond(opening)
                plain = self._plain
            if beyond > start:
                kept.append(markup[begin:start])
                begin = beyond
        kept.append(markup[begin:])
        return b" ".join(kept)

    def _end_of_drawing(self, rest: bytes, start: int) -> int:
        """Return where the closing tag of a drawing stands that is like most; -1 where it takes a closer look."""
        is_closed = self._closing.get(b"svg") != -1 and not rest.endswith(b"/>")
        return drawn.end() if is_closed and (drawn := _DRAWN.match(self.markup, start, start + _NEAR)) else -1

    def _beyond(self, opening: re.Match[bytes]) -> int:
        """Return where what is cut ends that begins with ``opening``: where it begins, if nothing is. Sets where to look on."""
        start, behind = opening.span()
        name, tag = opening[1].lower(), opening if opening[2] else self._tag(start)
        inside = self._plain = tag.end() if tag else behind
        end, close = self._ending(name if name == opening[1] else name.upper(), inside, tag)
        if end < 0:  # the tag alone goes: what nothing closes is no frame around the rest
            return inside if tag and name not in _RAW else start
        if name in _MENUS and self._stays(inside, end, cards=name == b"aside"):
            return start
        if name == b"script":
            self._keep_json_ld(self.markup[start:inside], inside, end)
        elif name in _MENUS and self._is_mixed and _SCRIPT.search(self.markup, inside, end):
            self.blocks += reduce(self.markup[inside:end])[1]
        self._plain = close or len(self.markup)
        return self._plain

    def _is_inside(self, start: int) -> bool:
        """Say whether ``start`` stands in a comment or an attribute's value (a script there is none), and go to where that ends.

        `_plain` is the last place that is known to be in neither. What stands in a value has that value's quote for the last one
        before it, behind a ``=``. To go through all tags one by one costs as much as to parse them, and few pages need it.
        """
        between = self.markup[self._plain : start]
        comment = between.rfind(b"<!--")
        is_open = comment >= 0 and between.find(b"-->", comment + 2) < 0
        may_be_value = any(between[: between.rfind(quote)].rstrip().endswith(b"=") for quote in (b'"', b"'"))
        if (is_open or may_be_value) and _ODD.search(self.markup, self._plain, start + 1):
            return self._is_walked_over(start)
        if is_open:
            self._plain = self._end_of_comment(self._plain + comment)
        return is_open

    def _is_walked_over(self, start: int) -> bool:
        """Go through tags and comments one by one up to ``start``; say whether it stands in one, and go to where that ends."""
        at = self._plain
        while match := _BEGINS.search(self.markup, at, start):
            if match[0] == b"<!--":
                at = self._end_of_comment(match.start())
            else:
                tag = self._tag(match.start())
                at = tag.end() if tag else match.end()
            if at > start:
                self._plain = at
                return True
        return False

    def _end_of_comment(self, start: int) -> int:
        end = self.markup.find(b"-->", start + 2)
        return len(self.markup) if end < 0 else end + len(b"-->")

    def _tag(self, start: int) -> re.Match[bytes] | None:
        """Return the whole tag that begins at ``start``; None where it does not end, and for all that follow a few such."""
        if self._unclosed >= _MOST_UNCLOSED:
            return None
        tag = _TAG.match(self.markup, start, start + _LONGEST_TAG)
        self._unclosed += tag is None
        return tag

    def _end(self, name: bytes, start: int) -> int:
        known = self._closing.get(name, 0)
        if 0 <= known < start:
            known = self._closing[name] = _find_closing(self.markup, name, start)
        return known

    def _ending(self, name: bytes, start: int, tag: re.Match[bytes] | None) -> tuple[int, int]:
        """Return where an element's content, begun at ``start``, ends, and where what follows it begins; -1 where nothing closes it."""
        kind, end = name.lower(), self._end(name, start)
        if kind == b"svg":
            if tag and tag[0].endswith(b"/>"):
                return start, start
            if (out := self._breaking_out(start, end)) >= 0:
                return out, out
        if kind in _MENUS and end >= 0:
            end = self._end_of_menu(kind, start, end)
        return end, self.markup.find(b">", end) + 1 if end >= 0 else -1

    def _end_of_menu(self, kind: bytes, start: int, end: int) -> int:
        """Return where a menu ends whose first closing tag stands at ``end``; -1 where other menus in it take the closing tags."""
        self._is_mixed = _IN_MENU.search(self.markup, start, end) is not None
        if self._is_mixed and (kind == b"aside" or self.markup.count(b"<p", start, end) >= _FEW_PARAGRAPHS):
            return _balanced(self.markup, kind, start)
        return end

    def _breaking_out(self, start: int, end: int) -> int:
        """Return where HTML begins inside a drawing; -1 where it holds none. What is never closed is looked through once."""
        if end < 0 and start >= self._undrawn:
            return -1
        found = _IN_DRAWING.search(self.markup, start, end if end >= 0 else len(self.markup))
        out = found.start() if found and not found[1] else -1
        if end < 0 and out < 0:
            self._undrawn = start
        return out

    def _stays(self, start: int, end: int, *, cards: bool) -> bool:
        """Say whether a menu is none: a short trail, or what holds an article; ``cards``: several ``article`` in it are cards of others."""
        self._menus += 1
        if self._menus > _MOST_MENUS:
            return True
        markup = self.markup
        if sum(1 for _ in islice(_LINK.finditer(markup, start, end), _FEW_LINKS + 1)) <= _FEW_LINKS:
            return True
        if markup.find(_OF_TEXT, start, end) >= 0 <= markup.find(_TEXT, start, end):
            return True
        marks = (_TRAIL, *_HEAD_OR_MAIN) if self._is_mixed else (_TRAIL,)
        if any(markup.find(mark, start, end) >= 0 for mark in marks):
            return True
        articles = islice(_ARTICLE.finditer(markup, start, end), _FEW_CARDS)
        return 0 < sum(1 for _ in articles) < (_FEW_CARDS if cards else _FEW_CARDS + 1)

    def _keep_json_ld(self, tag: bytes, start: int, end: int) -> None:
        if b"&" in tag:  # application/ld&#x2B;json, as ASP.NET writes it
            tag = unescape(tag.decode(errors="replace")).encode()
        if b"application/ld+json" in tag.lower():
            self.blocks.append(self.markup[start:end].decode())


def _balanced(markup: bytes, name: bytes, start: int) -> int:
    """Return where the closing tag stands that belongs to an element begun before ``start``; -1 where too few close, or very many follow."""
    depth = 1
    for tag in islice(re.compile(rb"<(/?)" + name + rb"\b", re.IGNORECASE).finditer(markup, start), _MOST_NESTED):
        depth += -1 if tag[1] else 1
        if not depth:
            return tag.start()
    return -1


def _hop_to(wanted: bytes, markup: bytes, start: int) -> int:
    """Return where ``wanted``, which begins with ``<``, stands: one byte is found ten times quicker than several, and scripts hold few ``<``."""
    at = markup.find(b"<", start)
    for _ in range(_HOPS):
        if at < 0 or markup.startswith(wanted, at):
            return at
        at = markup.find(b"<", at + 1)
    return markup.find(wanted, at) if at >= 0 else -1


def _find_closing(markup: bytes, name: bytes, start: int) -> int:
    """Return where the next closing tag begins: of a name in lower case one in lower case where there is any, of another any.

    To look for any costs more than to parse the page, and who opens in lower case closes so.
    """
    position = _hop_to(b"</" + name, markup, start) if name.islower() else -1
    if position < 0:
        match = re.compile(b"</" + name, re.IGNORECASE).search(markup, start)
        position = match.start() if match else -1
    return position


# --- A page parsed once, and asked many times ------------------------------------------------------------------------
# markup ──reduce──▶ bytes ──libxml2──▶ tree ──one walk──▶ by class · by tag · metas · ld+json

_FEW = 4  # places or candidates; with more of both, looking up each candidate's ancestors is cheaper
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset(("div", "p", "li", "br", "ul", "ol", "dl", "dt", "dd", *_HEADINGS, "section", "header", "tr", "td"))
TAG_LIMIT = 400_000  # tags that are parsed at all; each costs memory
ELEMENT_LIMIT = 200_000  # a page of more elements is no article; the walk stays well under a second


class Document:
    """An HTML page in UTF-8, indexed.

    Attributes:
        root: the ``html`` element.
        metas: ``name`` or ``property`` in lower case → content, the first that is not empty wins.
        names: the tags and classes that the page has, and ``*``.
        linked: the JSON-LD nodes, ``@graph`` opened, in page order.
        is_cut: the page has more tags than are parsed, or more elements than are looked at.

    Raises:
        UnicodeDecodeError: it is no UTF-8. What is cut before it is parsed (scripts, menus) is not looked at, but for JSON-LD.
    """

    def __init__(self, markup: bytes) -> None:
        self._markup, blocks = reduce(markup)
        pieces = self._markup.split(b"<", TAG_LIMIT) if self._markup.count(b"<") > TAG_LIMIT else []
        if pieces:
            self._markup = b"<".join(pieces[:-1])
        self.is_cut = bool(pieces)
        self._markup.decode()  # told before anything is made of it
        self.root = _parse(self._markup)
        self._needles: dict[str, bool] = {}
        self._every: list[_Element] = []
        self.linked = read_blocks(blocks)
        self.metas: dict[str, str] = {}
        self._classes: dict[str, list[_Element]] = defaultdict(list)
        self._tags: dict[Any, list[_Element]] = defaultdict(list)
        self._index()

    def all(self, selector: str) -> list[_Element]:
        """Return the elements that ``selector`` means, in page order within each of its alternatives."""
        found: list[_Element] = []
        names = self.names
        for alternative in compile_selector(selector):
            if alternative.sign in names and (candidates := self._candidates(alternative)):  # most are not there
                found += self._meant(alternative, candidates)
        return found

    def _meant(self, alternative: Alternative, candidates: list[_Element]) -> Iterable[_Element]:
        if alternative.test is None:
            return candidates
        if len(candidates) <= _FEW:
            return filter(alternative.test, candidates)
        if not all(map(self.holds, alternative.needles)):
            return ()
        if alternative.within is None:
            return filter(alternative.test, candidates)
        places = list(self._meant(alternative.within, self._candidates(alternative.within)))
        if len(places) > _FEW:
            return filter(alternative.test, candidates)
        tag = alternative.name if alternative.kind == "tag" and alternative.name != "*" else etree.Element
        inside = dict.fromkeys(element for place in places for element in place.iterdescendants(tag))
        return inside if alternative.inner is None else filter(alternative.inner, inside)

    def _candidates(self, alternative: Alternative) -> list[_Element]:
        """Return the elements that a selector's last part can mean. Few selectors name an id, and fewer pages have it: no index."""
        name = alternative.name
        if alternative.marks and not all(map(self._classes.__contains__, alternative.marks)):
            return []  # most that are asked for are another template's
        if alternative.kind == "class":
            return self._classes.get(name, [])
        if alternative.kind == "tag":
            return self._every if name == ANY else self._tags.get(name, [])
        return [element for element in self._every if element.get("id") == name] if self.holds(name) else []

    def holds(self, needle: str) -> bool:
        """Say whether a string stands anywhere in the page, scripts and menus left out."""
        if needle not in self._needles:
            self._needles[needle] = needle in self._classes or needle.encode() in self._markup
        return self._needles[needle]

    def by_tag(self, tag: str) -> list[_Element]:
        """Return the elements of one tag, in page order."""
        return self._tags.get(tag, [])

    def base(self, url: str) -> str:
        """Return the address against which the relative ones of a page at ``url`` are read: its ``<base href>``, or ``url``."""
        for element in self.by_tag("base"):
            if href := (element.get("href") or "").strip():
                with suppress(ValueError):
                    base = urljoin(url, href)
                    return base if base.startswith(("http://", "https://")) else url
        return url

    def after(self, element: _Element, count: int) -> Iterator[_Element]:
        """Yield up to ``count`` elements that begin after ``element`` does, in page order."""
        start = self._number(element)
        yield from self._every[start + 1 : start + 1 + count]

    def before(self, element: _Element, count: int) -> list[_Element]:
        """Return up to ``count`` elements that begin before ``element`` does and do not hold it, in page order."""
        start, around = self._number(element), set(element.iterancestors())
        return [other for other in self._every[max(0, start - count) : start] if other not in around]

    def _number(self, element: _Element) -> int:
        return next((number for number, other in enumerate(self._every) if other is element), len(self._every))

    def texts(self, selector: str) -> Iterator[str]:
        """Yield what ``selector`` says: tidy text, or with a trailing ``@attribute`` that attribute's value."""
        path, _, attribute = selector.partition("@")
        return self._said(elements, attribute) if (elements := self.all(path)) else iter(())

    @staticmethod
    def _said(elements: list[_Element], attribute: str) -> Iterator[str]:
        for element in elements:
            value = element.get(attribute) if attribute else text_of(element)
            if value and (line := tidy(value)):
                yield line

    def _index(self) -> None:
        classes, tags = self._classes, self._tags
        self._every = list(islice(self.root.iter(etree.Element), ELEMENT_LIMIT))
        self.is_cut |= len(self._every) == ELEMENT_LIMIT
        for element in self._every:
            tags[element.tag].append(element)
            if names := element.get("class"):
                for name in names.split():
                    classes[name].append(element)
        self.names = frozenset((ANY, *tags, *classes))
        for meta in self.by_tag("meta"):
            self._index_meta(meta)

    def _index_meta(self, meta: _Element) -> None:
        name = meta.get("name") or meta.get("property") or meta.get("itemprop") or meta.get("http-equiv")
        content = meta.get("content")
        if name and content and content.strip():
            self.metas.setdefault(name.strip().lower(), content.strip())


def text_of(element: _Element) -> str:
    """Return all text of ``element``, a blank between its blocks, without screen-reader twins."""
    if not len(element):
        return element.text or ""
    if not any(True for child in element if child.tag in _BLOCKS or "screen-reader" in child.get("class", "")):
        return "".join(element.itertext())
    pieces: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, part in walker:
        if event == "start":
            if "screen-reader" in part.get("class", ""):
                walker.skip_subtree()
            else:
                pieces += (" ", part.text or "") if part.tag in _BLOCKS else (part.text or "",)
        elif part is not element:
            pieces += (" ", part.tail or "") if part.tag in _BLOCKS else (part.tail or "",)
    return "".join(pieces)


def is_inside(element: _Element, ancestor: _Element) -> bool:
    """Say whether ``element`` is ``ancestor`` or stands in it."""
    return element is ancestor or any(parent is ancestor for parent in element.iterancestors())


def links(document: Document, rel: str) -> list[dict[str, Any]]:
    """Return the attributes of the head's ``<link rel=…>`` elements."""
    return [dict(link.items()) for link in document.all("link") if rel in (link.get("rel") or "").lower().split()]


def _parse(markup: bytes) -> _Element:
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False
    )
    try:
        root = etree.fromstring(markup, parser)
    except etree.XMLSyntaxError:  # nothing in it that is an element
        root = None
    return etree.Element("html") if root is None else root
