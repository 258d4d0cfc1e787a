"""Text as it is published, and as it is compared: the one place where a string of a page is normalised.

    tidy     what people read      NFC, entities resolved, invisible marks out, blanks collapsed; spelling untouched
    digest   what "unchanged" is   SHA-256 over the tidied lines

What patterns match is folded further, by `archive.text.fold_label`.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from functools import lru_cache
from itertools import filterfalse
from typing import TYPE_CHECKING, Any

from pipelines.item import article_of

if TYPE_CHECKING:
    from archive.article import Article

# Controls but tab and newline; soft hyphen, zero-width space, bidi marks and isolates, word joiner, BOM, surrogates.
# U+200C and U+200D stay: they shape Persian and Kurdish names.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_SIGNS = (
    r"\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u200c\u200d"  # signs and joiners are no letters, and part no word
)
_LETTERS = rf"\w+(?:[{_SIGNS}]+\w*)*"  # quicker than one set of letters and signs
_WORD = re.compile(rf"{_LETTERS}(?:[.,:/'’\u066b\u066c-]{_LETTERS})*")
_UNTIDY = ("  ", "\n\n", " \n", "\n ")
_ENTITY_DEPTH = 3  # feeds escape twice, now and then three times


def tidy(text: str) -> str:
    """Return one line of text as people read it; line breaks become blanks."""
    if "&" not in text and text.isprintable():  # one line, as most of what is asked is, without entities and marks
        line = unicodedata.normalize("NFC", text).strip()
        return " ".join(line.split()) if "  " in line else line
    return tidy_lines(text).replace("\n", " ")


def tidy_lines(text: str) -> str:
    """Return ``text`` normalised, its lines stripped, empty lines dropped; idempotent."""
    is_plain = "&" not in text and text.replace("\n", "").isprintable()
    if not is_plain:  # most of what is asked has neither entities nor marks
        text = _INVISIBLE.sub("", resolve(text))
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = unicodedata.normalize("NFC", text)
    if is_plain and text == text.strip() and not any(map(text.__contains__, _UNTIDY)):  # tidy already
        return text
    if "\n" not in text:
        return " ".join(text.split())
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def resolve(text: str) -> str:
    """Resolve HTML entities that are still there after parsing, however often they were escaped."""
    for _ in range(_ENTITY_DEPTH):
        if "&" not in text or not _ENTITY.search(text):
            break
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return text


def words(text: str) -> list[str]:
    """Split into words: letters and digits of any script, with their vowel signs, and with inner hyphens, points and apostrophes."""
    return _WORD.findall(text)


@lru_cache(maxsize=8)  # the reader asks, and who cleans asks again
def word_count(text: str) -> int:
    """Return how many words there are; most stand between blanks, and need no pattern."""
    pieces = text.split()
    others = list(filterfalse(str.isalnum, pieces))
    return len(pieces) - len(others) + len(words(" ".join(others)))


@lru_cache(maxsize=8)
def digest(text: str) -> str:
    """Return the SHA-256 (hex) of the tidied text: equal means unchanged."""
    return hashlib.sha256(_tidied(text).encode()).hexdigest()


_tidied = lru_cache(maxsize=8)(tidy_lines)


def clean(article: Article) -> Article:
    """Tidy every published string of ``article`` in place and count its words.

    What the reader left is tidy already, so this changes nothing there; it holds for any item that reaches the
    pipelines, whoever made it.
    """
    article.headline = tidy(article.headline)
    article.text = _tidied(article.text)
    for name in ("standfirst", "section", "credit", "dateline"):
        value = getattr(article, name)
        setattr(article, name, (tidy(value) or None) if value else None)
    for entry in article.entries:
        entry.text = tidy_lines(entry.text) or None if entry.text else None
    article.tags = _tidy_all(article.tags)
    article.byline = _tidy_all(article.byline)
    for image in article.images:
        image.caption = tidy(image.caption) or None if image.caption else None
        image.credit = tidy(image.credit) or None if image.credit else None
    article.words = word_count(article.text)
    article.text_sha256 = digest(article.text)
    return article


def _tidy_all(values: list[str]) -> list[str]:
    return list(dict.fromkeys(line for value in values if (line := tidy(value))))


class CleaningPipeline:
    """Hands every article on tidied and counted."""

    def process_item(self, item: Any) -> Article:
        """Clean ``item``, whatever its type is; what leaves is the record."""
        return clean(article_of(item))
