"""What an outlet's article addresses look like, learned from addresses that it announces.

/news/2026/5/20/المستشفى-يفتح     ──shape_of──▶ word / year / month / day / slug
/ar/أخبار/نداء-عاجل-1500003       ──shape_of──▶ word / slug / slug-id
shapes, each with its addresses   ──pattern_of──▶ the regular expression of `crawlers.addresses.AddressRules`
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS_ASIDE = (
    "tags?|topics?|terms?|keywords?|search|authors?|writers?|users?|profiles?|categor(?:y|ies)|sections?|pages?|programs?|podcasts?|episodes?|"
    "archives?|rss|feeds?|api|amp|print|pdf|comments?|login|register|about(?:-?us)?|contact(?:-?us)?|privacy|terms-of-use|polic(?:y|ies)|"
    "advertise|newsletters?|subscribe|sitemap|wp-[a-z-]+|node|cdn-cgi|static[a-z]*|keyword-search|schedule|live-?stream"
)
ASIDE = f"(?!(?:[a-z]{{2}}/)?(?:{_WORDS_ASIDE})(?:[/.]|$))"
"""What stands at the head of a pattern of addresses: the first words of paths that are no article's, at whatever outlet."""

_ASIDE = re.compile(rf"^/(?:[a-z]{{2}}/)?(?:{_WORDS_ASIDE})(?:[/.]|$)", re.IGNORECASE)
_NUMBERED = re.compile(r"^/(?:[a-z]{2}/)?(?:archives?|node|pages?)/(?:[^/]+-)?\d{4,}", re.IGNORECASE)
_YEAR, _MONTH = re.compile(r"(?:19|20)\d\d"), re.compile(r"\d{1,2}")
_NUMBER, _HEAD, _TAIL = re.compile(r"\d{4,}"), re.compile(r"\d{5,}[-_].+"), re.compile(r".*[-_]\d{5,}")
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,23}")
_HYPHENS = 3  # in a slug of Latin letters; fewer are a section's name
KINDS = {
    "live": ("live", "liveblog", "live-blog", "live-story"),
    "video": ("video", "videos", "فيديو"),
    "gallery": ("gallery", "galleries", "photos", "image_gallery", "infographic", "أحداث-في-صور", "صور"),
    "opinion": ("opinion", "opinions", "blogs", "مقالات", "رأي"),
    "explainer": ("encyclopedia", "موسوعة"),
}
"""Kind of article → the words in an address that say so."""


def is_aside(path: str) -> bool:
    """Say whether a decoded path begins as no article's does; ``/node/15432`` may be one."""
    return _ASIDE.match(path) is not None and _NUMBERED.match(path) is None


def shape_of(path: str) -> tuple[str, ...]:
    """Return what the parts of a decoded path are: ``year``, ``month``, ``day``, ``id``, ``id-slug``, ``slug-id``, ``slug``, ``word``."""
    parts = [part for part in path.split("/") if part]
    shape: list[str] = []
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        before = shape[-1] if shape else ""
        if _YEAR.fullmatch(part) and not last:
            shape.append("year")
        elif before in {"year", "month"} and _MONTH.fullmatch(part):
            shape.append("month" if before == "year" else "day")
        else:
            shape.append(_part(part, last=last))
    if shape[-1:] == ["word"] and "year" in shape:
        shape[-1] = "slug"
    return tuple(shape)


def _part(part: str, *, last: bool) -> str:
    if _NUMBER.fullmatch(part):
        return "id"
    if _HEAD.fullmatch(part):
        return "id-slug"
    if _TAIL.fullmatch(part):
        return "slug-id"
    is_word = _WORD.fullmatch(part) and part.count("-") < _HYPHENS
    return "word" if is_word and not (last and "-" in part) else "slug"


def pattern_of(shape: Sequence[str], paths: Sequence[str], *, named: bool = True) -> str:
    """Return the regular expression of a shape.

    Args:
        shape: of all the paths.
        paths: decoded.
        named: with the groups that `AddressRules` reads; without them as an alternative beside another pattern.
    """
    rows = [[part for part in path.split("/") if part] for path in paths]
    prefix = "" if any(map(_ASIDE.match, paths)) else ASIDE
    if "year" in shape:
        at = shape.index("year")
        head = "(?:(?P<section>[^/]+)/)?(?:[^/]+/)*?" if at else ""
        date = "".join(
            {"year": r"(?P<year>\d{4})/", "month": r"(?P<month>\d{1,2})/", "day": r"(?P<day>\d{1,2})/"}.get(part, "")
            for part in shape
        )
        body = (
            head
            + date
            + "/".join(_piece(part, column, None) for part, column in _columns(shape, rows)[at + date.count("(?P<") :])
        )
    else:
        columns = _columns(shape, rows)
        section = next((n for n, (_, column) in enumerate(columns[:-1]) if len(set(column)) > 1), None)
        body = "/".join(_piece(part, column, n if n == section else None) for n, (part, column) in enumerate(columns))
    pattern = f"^/{prefix}{body}$"
    return pattern if named else re.sub(r"\(\?P<\w+>", "(?:", pattern)


def _columns(shape: Sequence[str], rows: Sequence[Sequence[str]]) -> list[tuple[str, list[str]]]:
    return [(part, [row[number] for row in rows]) for number, part in enumerate(shape)]


def _piece(part: str, column: Sequence[str], section: int | None) -> str:  # noqa: PLR0911  one return for each kind of part
    """Return the expression of one part of the path; a word that all have stands as it is."""
    digits = [len(match[0]) for value in column for match in re.finditer(r"\d{4,}", value)]
    number = rf"(?P<id>\d{{{max(4, min(digits, default=5) - 1)},}})"
    if part == "id":
        return rf"{number}"
    if part == "id-slug":
        return rf"{number}(?:[-_][^/]*)?"
    if part == "slug-id":
        return rf"[^/]*?[-_]?{number}"
    if section is not None:
        return "(?P<section>[^/]+)"
    if part == "word" and len(set(column)) == 1 and len(column) > 1:
        return re.escape(column[0]).replace(r"\-", "-")
    if part == "slug" and min(value.count("-") for value in column) >= _HYPHENS - 1:
        return "[^/]+-[^/]+-[^/]+"
    arabic = sum(bool(re.search("[ء-ي]", value)) for value in column)
    if part == "slug" and arabic == len(column):
        return "[^/]*[ء-ي][^/]*"
    return "[^/]+"


def kinds_of(paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the kinds of article that some addresses name, each with the words by which they do."""
    words = Counter(part for path in paths for part in path.split("/")[1:4])
    found = {kind: tuple(word for word in names if words[word]) for kind, names in KINDS.items()}
    return {kind: names for kind, names in found.items() if names}
