"""Bytes to UTF-8, whatever the page says of itself.

    BOM  →  UTF-16 without one  →  valid UTF-8  →  header  →  XML declaration  →  <meta charset>  →  UTF-8 with a few bad bytes
         →  windows-1256

Valid UTF-8 comes before the header because it cannot be an accident: an Arabic page in windows-1256 is never valid
UTF-8, while servers do send a wrong charset. For the same reason a declared UTF-16 (.NET writes it above all its XML) needs
the zero bytes of one. A declared Latin charset on an Arabic page is a lie that is tested for.
"""

from __future__ import annotations

import codecs
import re

LIMIT = 10_000_000  # bytes; no article is longer, and memory stays bounded
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([\w.:-]{2,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
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
