"""HTML made small before it is parsed: what never holds text of the article is cut out of the bytes.

Scripts, styles and drawings are most of a modern page. Cutting them first makes parsing several times cheaper; JSON-LD is
kept aside. Menus and footers go too, unless they are short trails, or hold what an article is made of (broken markup closes them late).
The bytes are UTF-8: searching them costs half of what searching a string with Arabic in it does.
"""

from __future__ import annotations

import re

# The letters looked at first spare most tags the seven names.
_OPEN = re.compile(rb"<(?=[sntf])(script|style|svg|noscript|template|nav|footer)\b", re.IGNORECASE)
_MUST_STAY = (b"<h1", b"<H1", b"<main", b"<article", b"breadcrumb", b"articleBody")
_MENUS = frozenset({b"nav", b"footer"})
_LONGEST_TAG = 20_000  # bytes
_LONG_TAG = re.compile(rb"<([a-zA-Z][\w:-]{0,40})[^<>]{%d,}" % _LONGEST_TAG)
_MOST_ATTRIBUTES = 5000
_MOST_MENUS = 60
_FEW_LINKS = 4  # a trail of breadcrumbs; a menu has more
_XML_HEAD = re.compile(rb"\s*<\?xml[^>]*>")


def reduce(markup: bytes) -> tuple[bytes, list[str]]:
    """Return the UTF-8 markup without scripts, styles, drawings and menus, and the JSON-LD blocks it held, in order."""
    if b"\x00" in markup:
        markup = markup.replace(b"\x00", b"")
    head = _XML_HEAD.match(markup)
    kept, blocks = _cut(markup, head.end() if head else 0)
    return _without_monsters(kept), blocks


def _without_monsters(markup: bytes) -> bytes:
    """Empty the tags of thousands of attributes: libxml2 compares each with each."""
    half = _LONGEST_TAG // 2
    if all(markup.find(b"<", at, at + half) >= 0 for at in range(0, len(markup) - half, half)):
        return markup  # what is longer than a whole one would fill a half
    return _LONG_TAG.sub(
        lambda tag: b"<%b " % tag[1] if tag[0].count(b"=") > _MOST_ATTRIBUTES else tag[0],
        markup,
    )


def _cut(markup: bytes, start: int) -> tuple[bytes, list[str]]:
    """Return what stays from ``start`` on, a blank in the place of each element that goes, and the JSON-LD blocks.

    Where the next closing tag of each name is, is remembered: no tag costs a search that another has made.
    """
    kept, blocks, closings, menus = list[bytes](), list[str](), dict[bytes, int](), 0
    begin = start
    while opening := _OPEN.search(markup, start):
        name, start = opening[1].lower(), opening.end()
        spelled = name if name == opening[1] else name.upper()
        end = closings.get(spelled, 0)
        if 0 <= end < start:
            end = closings[spelled] = _find_closing(markup, spelled, start)
        if end < 0:
            continue
        if name == b"script":
            closed = markup.find(b">", start, end)
            if closed > start and b"application/ld+json" in markup[start:closed].lower():
                blocks.append(markup[closed + 1 : end].decode())
        elif name in _MENUS:
            menus += 1
            menu = markup[start:end]
            if menus > _MOST_MENUS or _stays(menu):
                continue
            blocks += _cut(menu, 0)[1] if b"ld+json" in menu else []
        kept.append(markup[begin : opening.start()])
        closed = markup.find(b">", end)
        begin = start = closed + 1 if closed >= 0 else len(markup)
    kept.append(markup[begin:])
    return b" ".join(kept), blocks


def _stays(menu: bytes) -> bool:
    return menu.count(b"<a") <= _FEW_LINKS or any(mark in menu for mark in _MUST_STAY)


def _find_closing(markup: bytes, name: bytes, start: int) -> int:
    """Return where the next closing tag begins: of a name in lower case one in lower case where there is any, of another any.

    To look for any costs more than to parse the page, and who opens in lower case closes so.
    """
    found = markup.find(b"</" + name, start) if name.islower() else -1
    if found < 0:
        match = re.compile(b"</" + name, re.IGNORECASE).search(markup, start)
        found = match.start() if match else -1
    return found
