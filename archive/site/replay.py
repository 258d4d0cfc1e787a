"""The captured page, shown without giving it any power: three walls, each of which would do.

    1  what runs, loads or leads elsewhere is taken out: scripts, frames, links to styles, refreshes, handlers
    2  it stands in an iframe with an empty sandbox, as ``srcdoc``: no script, no form, no navigation, an origin of its own
    3  the page around it has a policy that the frame inherits: nothing is loaded from anywhere

Pages are archived without pictures and styles, so what is shown is bare; the WARC keeps every byte for a replay tool.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import lxml.html

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from archive.warc.capture import Capture

_GONE = "script iframe frame frameset object embed applet base link meta portal fencedframe audio video source track noscript template"
_CHARSET = re.compile(r"charset=[\"']?([\w-]+)", re.IGNORECASE)
_ADDRESSES = frozenset(
    {"href", "src", "srcset", "action", "formaction", "data", "ping", "poster", "background", "xlink:href"}
)
_LOADS = re.compile(
    r"@import|url\s*\(|image-set\s*\(", re.IGNORECASE
)  # in styles; what is disguised runs into the policy
_SNIFFED = 2048  # bytes in which a page says its charset


def harmless(capture: Capture) -> str:
    """Return the captured page without what runs, loads or leads elsewhere.

    Raises:
        CaptureFault: the body cannot be decoded.
    """
    text = _text_of(capture.content(), capture.header("content-type") or "")
    document = lxml.html.document_fromstring(text or "<p></p>", parser=lxml.html.HTMLParser(huge_tree=True))
    for element in list(document.iter()):
        if not isinstance(element.tag, str):
            _drop(element)  # comments, processing instructions: some become markup for old browsers
        elif element.tag in _GONE.split():
            _drop(element)
        else:
            _disarm(element)
    return lxml.html.tostring(document, encoding="unicode", doctype="<!doctype html>")


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _disarm(element: HtmlElement) -> None:
    for name in list(element.attrib):
        if name.lower().startswith("on") or name.lower() in _ADDRESSES or _LOADS.search(element.attrib[name]):
            del element.attrib[name]
    if element.tag == "style" and element.text:
        element.text = _LOADS.sub("/**/none(", element.text)


def _text_of(body: bytes, content_type: str) -> str:
    said = _CHARSET.search(content_type) or _CHARSET.search(body[:_SNIFFED].decode("latin-1"))
    for charset in ("utf-8", said[1] if said else "windows-1256"):
        try:
            return _without_declaration(body.decode(charset))
        except (UnicodeDecodeError, LookupError):
            continue
    return _without_declaration(body.decode("utf-8", errors="replace"))


def _without_declaration(text: str) -> str:
    """Return the text without XML declaration and zeros: lxml takes no declared encoding in a string."""
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\0", ""))
