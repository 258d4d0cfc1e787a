"""HTML made small before it is parsed: what never holds text of the article is cut out of the bytes.

Scripts, styles and drawings are most of a modern page. Cutting them first makes parsing several times cheaper; JSON-LD is
kept aside. Menus and footers go too, but for their JSON-LD, unless they are short trails, or hold what an article is made of (broken markup closes them late).
The bytes are UTF-8: searching them costs half of what searching a string with Arabic in it does.
"""

from __future__ import annotations

import re
from html import unescape

# The letters looked at first spare most tags the seven names.
_OPEN = re.compile(rb"<(?=[sntf])(script|style|svg|noscript|template|nav|footer)\b", re.IGNORECASE)
_REST_OF_TAG = rb"""[^>=]*+(?:=\s*+(?:"[^"]*+"|'[^']*+')?+[^>=]*+)*+>"""  # a quote opens a value after = alone
_TAG = re.compile(rb"<[a-zA-Z/]" + _REST_OF_TAG)
_BEGINS = re.compile(rb"<(?:!--|[a-zA-Z/])")
_MOST_UNCLOSED = 50  # tags of one page that end nowhere; more are no accident, and each costs a search
_ODD = re.compile(rb"""=\s*(?:"[^"<]*+<|'[^'<]*+<)""")
_MUST_STAY = (b"<h1", b"<H1", b"<main", b"<article", b"breadcrumb", b"articleBody")
_MENUS = frozenset({b"nav", b"footer"})
_LONGEST_TAG = 20_000  # bytes
_LONG_TAG = re.compile(rb"<([a-zA-Z][\w:-]{0,40})[^<>]{%d,}" % _LONGEST_TAG)
_MOST_ATTRIBUTES = 5000
_MOST_MENUS = 60
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
        self._plain = start
        self._unclosed = 0

    def cut(self) -> bytes:
        """Return what stays, a blank in the place of each element that was cut."""
        markup, kept = self.markup, list[bytes]()
        begin = look = self._plain = self.start
        while opening := _OPEN.search(markup, look):
            if (beyond := self._inside_of(opening.start())) is not None:
                look = beyond
                continue
            name, tag = opening[1].lower(), self._tag(opening.start())
            look = self._plain = tag.end() if tag else opening.end()
            if name == b"svg" and tag and tag[0].endswith(b"/>"):
                end, close = look, look
            else:
                end = self._end(name if name == opening[1] else name.upper(), look)
                if end < 0 or (name in _MENUS and self._stays(look, end)):
                    continue
                close = markup.find(b">", end) + 1
            if name == b"script":
                self._keep_json_ld(opening.start(), look, end)
            elif name in _MENUS:
                self.blocks += reduce(markup[look:end])[1]
            kept.append(markup[begin : opening.start()])
            begin = look = self._plain = close or len(markup)
        kept.append(markup[begin:])
        return b" ".join(kept)

    def _inside_of(self, start: int) -> int | None:
        """Return where the comment or the tag ends in which ``start`` stands (a script in an attribute's value is none); None in neither.

        `_plain` is the last place that is known to be in neither. Tags are gone through one by one only where an attribute's value
        holds a ``<``: few pages have one, and to go through all costs as much as to parse them.
        """
        between = self.markup[self._plain : start + 1]
        if _ODD.search(between):
            return self._walk_to(start)
        comment = between.rfind(b"<!--")
        if comment >= 0 and between.find(b"-->", comment + 2) < 0:
            self._plain = self._end_of_comment(self._plain + comment)
            return self._plain
        self._plain = start
        return None

    def _walk_to(self, start: int) -> int | None:
        """Go through tags and comments one by one up to ``start``; return where the one ends in which it stands."""
        at = self._plain
        while found := _BEGINS.search(self.markup, at, start):
            if found[0] == b"<!--":
                at = self._end_of_comment(found.start())
            else:
                tag = self._tag(found.start())
                at = tag.end() if tag else found.end()
            if at > start:
                self._plain = at
                return at
        self._plain = start
        return None

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

    def _stays(self, start: int, end: int) -> bool:
        self._menus += 1
        if self._menus > _MOST_MENUS:
            return True
        chunk = self.markup[start:end]
        return chunk.count(b"<a") <= _FEW_LINKS or any(mark in chunk for mark in _MUST_STAY)

    def _keep_json_ld(self, opened: int, start: int, end: int) -> None:
        tag = self.markup[opened:start]
        if b"&" in tag:  # application/ld&#x2B;json, as ASP.NET writes it
            tag = unescape(tag.decode(errors="replace")).encode()
        if b"application/ld+json" in tag.lower():
            self.blocks.append(self.markup[start:end].decode())


def _find_closing(markup: bytes, name: bytes, start: int) -> int:
    """Return where the next closing tag begins: of a name in lower case one in lower case where there is any, of another any.

    To look for any costs more than to parse the page, and who opens in lower case closes so.
    """
    found = markup.find(b"</" + name, start) if name.islower() else -1
    if found < 0:
        match = re.compile(b"</" + name, re.IGNORECASE).search(markup, start)
        found = match.start() if match else -1
    return found
