"""HTML made small before it is parsed: what never holds text of the article is cut out of the string.

Scripts, styles and drawings are most of a modern page. Cutting them first makes parsing several times cheaper; JSON-LD is
kept aside. Menus and footers go too, unless they are short trails, or hold what an article is made of (broken markup closes them late).
"""

from __future__ import annotations

import re

_OPEN = re.compile(r"<(script|style|svg|noscript|template|nav|footer)\b", re.IGNORECASE)
_JSON_LD = re.compile(r"application/ld\+json", re.IGNORECASE)
_MUST_STAY = re.compile(r"<(?:h1|main|article)\b|breadcrumb|itemprop=[\"']?articleBody", re.IGNORECASE)
_MENUS = frozenset({"nav", "footer"})
_FEW_LINKS = 4  # a trail of breadcrumbs; a menu has more
_XML_HEAD = re.compile(r"^\s*<\?xml[^>]*>")


def reduce(markup: str) -> tuple[str, list[str]]:
    """Return the markup without scripts, styles, drawings and menus, and the JSON-LD blocks it held, in order."""
    markup = _XML_HEAD.sub("", markup.replace("\x00", ""))
    lower = _lower(markup)
    kept: list[str] = []
    blocks: list[str] = []
    start = 0
    unclosed: set[str] = set()
    while opening := _OPEN.search(markup, start):
        name = opening[1].lower()
        end = -1 if name in unclosed else lower.find(f"</{name}", opening.end())
        if end < 0:
            unclosed.add(name)
            kept.append(markup[start : opening.end()])
            start = opening.end()
            continue
        if name == "script":
            _keep_json_ld(markup[opening.end() : end], blocks)
        chunk = markup[opening.end() : end]
        if name in _MENUS and (_MUST_STAY.search(chunk) or chunk.count("<a") <= _FEW_LINKS):
            kept.append(markup[start : opening.end()])
            start = opening.end()
            continue
        kept.append(markup[start : opening.start()])
        close = lower.find(">", end)
        start = len(markup) if close < 0 else close + 1
    kept.append(markup[start:])
    return " ".join(kept) if len(kept) > 1 else kept[0], blocks


def _lower(markup: str) -> str:
    """Lower the ASCII letters only: lowering all could change the length, and offsets must stay."""
    lowered = markup.lower()
    return lowered if len(lowered) == len(markup) else re.sub("[A-Z]+", lambda match: match[0].lower(), markup)


def _keep_json_ld(script: str, blocks: list[str]) -> None:
    attributes, closed, content = script.partition(">")
    if closed and _JSON_LD.search(attributes):
        blocks.append(content)
