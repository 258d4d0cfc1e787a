"""Who signed an article: persons only. An editor's login, an agency and the outlet itself sign nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crawlers.extraction import ladder
from crawlers.extraction.linked import look_up, types
from pipelines.credit.letters import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawlers.extraction.evidence import Evidence

_LABEL = re.compile(
    r"^\s*(?:(?:كتب|كتبت|بقلم|تحرير|إعداد|اعداد|تقرير|حوار|حاوره|حاورها|أجرى الحوار|ترجمة|الكاتب|الكاتبة|المحرر|By|Written by)\s*[:：/\-–—]?\s+|(?:كتب|كتبت|بقلم)\s*[:：])",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*[،,;؛|/+&\n]\s*|\s+(?:and|و)\s+|\s+[-–—]\s+")
_JOINED_AND = re.compile(r"(?<=\S)\s+و(?=[\u0621-\u064a]{2,}\s)")
_LATIN_LOGIN = re.compile(r"^[A-Za-z][\w.@-]*$|@|^\W*\d")
_NO_PERSON = re.compile(
    r"وكال[هات]|الوكالات|وكالات|رويترز|فرانس برس|الفرنسيه|الاناضول|اسوشيي?تد|سانا|شينخوا|سبوتنيك|بلومبرغ|د\.? ?ب\.? ?ا\b|ا\.? ?ف\.? ?ب\b|ا\.? ?ش\.? ?ا\b|"
    r"ترجمات|ترجمه|مترجم|متابعات|غرفه الاخبار|فريق|هييه التحرير|قسم|اونلاين|خاص|مواقع|صحف|صحافه|الموقع|تحرير$|محرر|مراسل[يو]ن|admin|editor|staff|"
    r"reuters|\bafp\b|\bap\b|agenc(?:y|ies)|news|anadolu|associated press|bloomberg|http|\.com|\.net"
)
_LONGEST = 5  # words of a name


def read_byline(evidence: Evidence) -> list[str]:
    """Return the persons who signed, in order."""
    for testimony in evidence.testimonies((*evidence.reading.byline, *ladder.BYLINE)):
        said = _persons(evidence.linked) if testimony.witness == "ld:author" else testimony.said
        if names := persons(said, outlet=evidence.reading.names):
            evidence.provenance["byline"] = testimony.provenance
            return names
    return []


def persons(said: Iterable[str], *, outlet: tuple[str, ...]) -> list[str]:
    """Return the names of persons in byline strings: split, labels off, everything that is no person left out."""
    own = {fold(name) for name in outlet}
    names: dict[str, str] = {}
    for line in said:
        for part in _BETWEEN.split(_JOINED_AND.sub("،", _LABEL.sub("", line))):
            name = _LABEL.sub("", part).strip(" .:،-–—")
            if is_person(name, own):
                names.setdefault(fold(name), name)
    return list(names.values())


def is_person(name: str, own: set[str]) -> bool:
    """Say whether ``name`` can be a person's: two to five words, no agency, no login, not one of the outlet's own names."""
    key = fold(name)
    size = len(key.split())
    if not 1 < size <= _LONGEST or _LATIN_LOGIN.search(name) or _NO_PERSON.search(key):
        return False
    return not any(outlet in key for outlet in own)


def _persons(linked: dict[str, Any]) -> list[str]:
    """Return the names of JSON-LD authors that are not declared organisations."""
    authors = linked.get("author")
    entries = authors if isinstance(authors, list) else [authors]
    return [
        name
        for entry in entries
        if not (isinstance(entry, dict) and types(entry) & {"Organization", "NewsMediaOrganization"})
        for name in look_up({"author": entry}, "author")
    ]
