"""An element of a page to the lines of its text, in one walk.

A paragraph, a sub-heading, a list entry, a table row and what stands between two ``<br>`` are lines. Elements that hold no
text of the article (captions, players, related links, share buttons) are skipped whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from lxml import etree

from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Collection

    from lxml.etree import _Element

    from crawlers.extraction.html import Document

COMMON_DROP = (
    "figure, figcaption, aside, iframe, button, select, input, textarea, video, audio, object, embed, nav, picture, dialog,"
    "label, script, style, svg, noscript, template, canvas, blockquote.twitter-tweet, blockquote.twitter-video,"
    "blockquote.instagram-media, blockquote.tiktok-embed, .screen-reader-text, .visually-hidden, .sr-only, .noprint,"
    "sna, sna-share, sna-related-article"
)
_JUNK_CLASS = re.compile(
    r"(?:^|[\s_-])(?:related|relates?|image-?(?:desc|title)\w*|image_heading\w*|share|sharing|shares|social|advert\w*|ads?|adv|banner|newsletter|subscri\w+|promo|"
    r"recommend\w*|read-?(?:more|also|next)|also-?read|more-on|most-?(?:read|popular|viewed)|see-?also|tags|breadcrumbs?|"
    r"comments?|widget|outbrain|taboola|mgid|addtoany\w*|a2a_kit|captions?|copyrights?|sponsor\w*|popup|cookies?|toolbar|"
    r"facetweet|instagram|tweet|twitter|fb-post|facebook|screen-reader\w*|sr-only|noprint|d-none|print-only|"
    r"(?:author|writer)s?[_-]{0,2}(?:bio\w*|box|card|desc\w*|info|about)|about[_-](?:the[_-])?(?:author|writer)|syndigate\w*|disclaimer|carousel|slider|gallery|reading-list|audio-player|font-?(?:size|resize)\w*)(?=$|[\s_-])",
    re.IGNORECASE,
)
_HOLDS_ARTICLE = 0.5  # an element with more of the text than this is no junk, whatever its class says
_NAME = 500  # letters of a class that are looked at
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "h1 h2 h3 h4 h5 h6 p div li ul ol dl dt dd blockquote section article table tbody thead tr hr br pre main header "
        "footer center address details summary fieldset",
    )
)
_CELLS = frozenset(("td", "th"))
_OWN_LINK = re.compile(r"/keyword-search|/tags?/|/topic/|^#")


@dataclass(slots=True)
class Line:
    """One line of text.

    Attributes:
        heading: it stands in a heading element.
        title: it stands in an ``h1``.
        linked: share (0 to 1) of its letters that are links to other articles.
        quoted: it stands in a ``blockquote``.
    """

    text: str
    heading: bool = False
    title: bool = False
    linked: float = 0.0
    quoted: bool = False


def dropped(document: Document, root: _Element, selectors: Collection[str]) -> set[_Element]:
    """Return the elements under ``root`` that hold no text: by selector, and by what their class says."""
    found = {element for selector in (COMMON_DROP, *selectors) for element in document.all(selector)}
    suspects = _lengths_of_suspects(root)
    found.update(element for element, length in suspects.items() if length <= _HOLDS_ARTICLE * suspects[root])
    found.discard(root)
    return found


def _lengths_of_suspects(root: _Element) -> dict[_Element, int]:
    """Return the letters outside links of ``root`` and of everything in it that looks like junk, counted in one walk."""
    letters = links = 0
    begun: dict[_Element, int] = {}
    lengths: dict[_Element, int] = {}
    for event, element in etree.iterwalk(root, events=("start", "end")):
        starts = event == "start"
        if starts:
            if element is root or _is_suspect(element):
                begun[element] = letters
        elif element in begun:
            lengths[element] = letters - begun[element]
        if element.tag == "a":
            links += 1 if starts else -1
        text = element.text if starts else element.tail if element is not root else None
        if text and not links:
            letters += len(text.strip())
    return lengths


def _is_suspect(element: _Element) -> bool:
    """Say whether tag, class or id look like junk; a form may also be ASP.NET's, which wraps the whole page."""
    if element.tag == "form" or element.get("hidden") is not None or element.get("data-ng-dfp-ad") is not None:
        return True
    name = f"{element.get('class', '')} {element.get('id', '')}"
    return len(name) > 1 and _says_junk(name[:_NAME])


@lru_cache(maxsize=4096)  # an outlet's pages have the same few hundred
def _says_junk(name: str) -> bool:
    return bool(_JUNK_CLASS.search(name))


def read_lines(root: _Element, skipped: Collection[_Element]) -> list[Line]:
    """Return the lines of ``root`` in order, tidy, none empty."""
    writer = _Writer()
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        if event == "start":
            if element in skipped:
                walker.skip_subtree()
            else:
                writer.open(element)
        else:
            writer.close(element, skipped=element in skipped, last=element is root)
    writer.flush()
    return writer.lines


class _Writer:
    """Collects the text between two block borders into one line."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._parts: list[str] = []
        self._linked = 0
        self._links = 0
        self._heading = 0
        self._titles = 0
        self._quotes = 0

    def open(self, element: _Element) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self.flush()
            self._heading += tag in _HEADINGS
            self._titles += tag == "h1"
            self._quotes += tag == "blockquote"
        elif tag == "a" and not _OWN_LINK.search(element.get("href") or "#"):
            self._links += 1
        elif tag in _CELLS:
            self._parts.append(" ")
        self._add(element.text)

    def close(self, element: _Element, *, skipped: bool, last: bool) -> None:
        tag = element.tag
        if not skipped:
            if tag in _BLOCKS:
                self.flush()
                self._heading -= tag in _HEADINGS
                self._titles -= tag == "h1"
                self._quotes -= tag == "blockquote"
            elif tag == "a" and not _OWN_LINK.search(element.get("href") or "#"):
                self._links -= 1
        elif tag in _BLOCKS:
            self.flush()
        if not last:
            self._add(element.tail)

    def _add(self, text: str | None) -> None:
        if text:
            self._parts.append(text)
            if self._links:
                self._linked += len(text.strip())

    def flush(self) -> None:
        if not self._parts:
            return
        text = tidy("".join(self._parts).replace("\n", " "))
        if text:
            share = min(1.0, self._linked / len(text))
            self.lines.append(
                Line(text, heading=self._heading > 0, title=self._titles > 0, linked=share, quoted=self._quotes > 0)
            )
        self._parts.clear()
        self._linked = 0
