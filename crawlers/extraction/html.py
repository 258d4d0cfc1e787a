"""A page parsed once, and asked many times.

markup ──reduce──▶ bytes ──libxml2──▶ tree ──one walk──▶ by class · by tag · metas · ld+json
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from lxml import etree

from crawlers.extraction.jsonld import read_blocks
from crawlers.extraction.markup import reduce
from crawlers.extraction.selectors import Alternative, compile_selector
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

_FEW = 4  # places or candidates; with more of both, looking up each candidate's ancestors is cheaper
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset(("div", "p", "li", "br", "ul", "ol", "dl", "dt", "dd", *_HEADINGS, "section", "header", "tr", "td"))
TAG_LIMIT = 500_000  # tags that are parsed at all; each costs memory
ELEMENT_LIMIT = 200_000  # a page of more elements is no article; the walk stays well under a second


class Document:
    """An HTML page in UTF-8, indexed.

    Attributes:
        root: the ``html`` element.
        metas: ``name`` or ``property`` in lower case → content, the first that is not empty wins.
        linked: the JSON-LD nodes, ``@graph`` opened, in page order.
        is_cut: the page has more tags than are parsed.

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
        alternatives = compile_selector(selector)
        if len(alternatives) == 1:
            return self._meant(alternatives[0])
        return [element for alternative in alternatives for element in self._meant(alternative)]

    def _meant(self, alternative: Alternative) -> list[_Element]:
        candidates = self._candidates(alternative)
        if not candidates or not self._holds(alternative.needles):
            return []
        if alternative.test is None:
            return list(candidates)
        if alternative.within is None or len(candidates) <= _FEW:
            return list(filter(alternative.test, candidates))
        places = self._meant(alternative.within)
        if len(places) > _FEW:
            return list(filter(alternative.test, candidates))
        tag = alternative.name if alternative.kind == "tag" and alternative.name != "*" else etree.Element
        inside = dict.fromkeys(element for place in places for element in place.iterdescendants(tag))
        return list(inside if alternative.inner is None else filter(alternative.inner, inside))

    def _candidates(self, alternative: Alternative) -> list[_Element]:
        """Return the elements that a selector's last part can mean. Few selectors name an id, and fewer pages have it: no index."""
        match alternative.kind:
            case "id":
                wearers = self._every if self.holds(alternative.name) else ()
                return [element for element in wearers if element.get("id") == alternative.name]
            case "class":
                return self._classes.get(alternative.name, [])
            case _:
                return self._every if alternative.name == "*" else self.by_tag(alternative.name)

    def _holds(self, needles: tuple[str, ...]) -> bool:
        """Say whether the markup holds each needle at all: most selectors of other templates end here."""
        return all(self.holds(needle) for needle in needles)

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
        for element in self.all(path):
            value = element.get(attribute) if attribute else text_of(element)
            if value and (line := tidy(value)):
                yield line

    def _index(self) -> None:
        classes, tags = self._classes, self._tags
        self._every = list(islice(self.root.iter(etree.Element), ELEMENT_LIMIT))
        for element in self._every:
            tags[element.tag].append(element)
            if names := element.get("class"):
                for name in names.split():
                    classes[name].append(element)
        for meta in self.by_tag("meta"):
            self._index_meta(meta)

    def _index_meta(self, meta: _Element) -> None:
        name = meta.get("name") or meta.get("property") or meta.get("itemprop") or meta.get("http-equiv")
        content = meta.get("content")
        if name and content and content.strip():
            self.metas.setdefault(name.strip().lower(), content.strip())


def text_of(element: _Element) -> str:
    """Return all text of ``element``, a blank between its blocks, without screen-reader twins."""
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
    return [dict(link.attrib) for link in document.all("link") if rel in (link.get("rel") or "").lower().split()]


def _parse(markup: bytes) -> _Element:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(markup, parser)
    except etree.XMLSyntaxError:  # nothing in it that is an element
        root = None
    return etree.Element("html") if root is None else root
