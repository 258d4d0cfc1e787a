"""The full text of a feed item: HTML, or plain text with entities that are escaped twice and lines for paragraphs."""

from __future__ import annotations

import html
import re

from crawlers.extraction.html import Document
from crawlers.extraction.junk import is_tweet_foot
from crawlers.extraction.lines import Line, dropped, read_lines
from pipelines.cleaning import tidy

_BLOCK_TAG = re.compile(r"<(?:p|br|h[1-6]|ul|ol|li|table|blockquote)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[a-z/!][^<>]*>", re.IGNORECASE)
_ESCAPED_TAG = re.compile(r"&lt;(?:p|br|h[1-6]|ul|ol|li|blockquote)\b", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_SET_APART = re.compile(r"^\s*(?:&(?:amp;)*nbsp;|\u00a0)")  # what a pull-quote of Al-Araby begins with


def read_feed_text(text: str, drop: tuple[str, ...]) -> list[Line]:
    """Return the lines of a feed item's text; ``drop`` as in `Reading`."""
    if _ESCAPED_TAG.search(text) and not _BLOCK_TAG.search(text):
        text = html.unescape(text)
    if _BLOCK_TAG.search(text):
        document = Document(f"<html><body>{text}</body></html>".encode("utf-8", "replace"))
        return read_lines(document.root, dropped(document, document.root, drop))
    return [line for block in _BLANK_LINE.split(_TAG.sub("\n", text)) for line in _plain(block)]


def _plain(block: str) -> list[Line]:
    """Return the lines of one plain block; an embedded tweet, words and signature, is one block."""
    if is_tweet_foot(tidy(block)) or any(is_tweet_foot(tidy(line)) for line in block.split("\n")):
        return []
    return [Line(line, quoted=bool(_SET_APART.match(raw))) for raw in block.split("\n") if (line := tidy(raw))]
