"""HTML made small before it is parsed: what never holds text of the article is cut out of the string.

Scripts, styles and drawings are most of a modern page. Cutting them first makes parsing several times cheaper; JSON-LD is
kept aside. Menus and footers go too, unless they are short trails, or hold what an article is made of (broken markup closes them late).
"""

from __future__ import annotations

import re

_OPEN = re.compile(r"<(script|style|svg|noscript|template|nav|footer)\b", re.IGNORECASE)
_JSON_LD = re.compile(r"application/ld\+json", re.IGNORECASE)
_MUST_STAY = ("<h1", "<H1", "<main", "<article", "breadcrumb", "articleBody")
_MENUS = frozenset({"nav", "footer"})
_LONG_TAG = re.compile(r"<([a-zA-Z][\w:-]{0,40})[^<>]{20000,}")
_MOST_ATTRIBUTES = 5000
_MOST_MENUS = 60
_FEW_LINKS = 4  # a trail of breadcrumbs; a menu has more
_XML_HEAD = re.compile(r"^\s*<\?xml[^>]*>")


def reduce(markup: str) -> tuple[str, list[str]]:
    """Return the markup without scripts, styles, drawings and menus, and the JSON-LD blocks it held, in order."""
    markup = _XML_HEAD.sub("", markup.replace("\x00", ""))
    cutter = _Cutter(markup)
    start = 0
    while opening := _OPEN.search(markup, start):
        start = cutter.cut(opening)
    return _LONG_TAG.sub(_without_attributes, cutter.rest()), cutter.blocks


def _without_attributes(tag: re.Match[str]) -> str:
    """Empty a tag of thousands of attributes: libxml2 compares each with each."""
    return f"<{tag[1]} " if tag[0].count("=") > _MOST_ATTRIBUTES else tag[0]


class _Cutter:
    """Cuts one markup string; remembers where the next closing tag of each name is, so that no tag costs a new search."""

    def __init__(self, markup: str) -> None:
        self.markup = markup
        self.blocks: list[str] = []
        self._kept: list[str] = []
        self._from = 0
        self._closing: dict[str, int] = {}
        self._menus = 0

    def cut(self, opening: re.Match[str]) -> int:
        """Cut the element that opens here, unless it must stay; return where to look on."""
        name = opening[1].lower()
        end = self._end(name, opening.end())
        if end < 0 or (name in _MENUS and self._stays(opening.end(), end)):
            return opening.end()
        if name == "script":
            _keep_json_ld(self.markup[opening.end() : end], self.blocks)
        self._kept.append(self.markup[self._from : opening.start()])
        close = self.markup.find(">", end)
        self._from = len(self.markup) if close < 0 else close + 1
        return self._from

    def rest(self) -> str:
        """Return what was kept, and everything after the last cut."""
        self._kept.append(self.markup[self._from :])
        return " ".join(self._kept)

    def _end(self, name: str, start: int) -> int:
        known = self._closing.get(name, 0)
        if known >= 0 and known < start:
            known = self._closing[name] = _find_closing(self.markup, name, start)
        return known

    def _stays(self, start: int, end: int) -> bool:
        self._menus += 1
        if self._menus > _MOST_MENUS:
            return True
        chunk = self.markup[start:end]
        return chunk.count("<a") <= _FEW_LINKS or any(mark in chunk for mark in _MUST_STAY)


def _find_closing(markup: str, name: str, start: int) -> int:
    """Return where the next closing tag begins; in lower case first, because lowering a whole page costs more than parsing it."""
    found = markup.find(f"</{name}", start)
    if found < 0:
        match = re.compile(f"</{name}", re.IGNORECASE).search(markup, start)
        found = match.start() if match else -1
    return found


def _keep_json_ld(script: str, blocks: list[str]) -> None:
    attributes, closed, content = script.partition(">")
    if closed and _JSON_LD.search(attributes):
        blocks.append(content)
