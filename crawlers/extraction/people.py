"""Who signed an article: persons only. An editor's login, an agency and the outlet itself sign nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from archive.text import fold_label
from crawlers.extraction import rules
from crawlers.extraction.html import is_inside, text_of
from crawlers.extraction.jsonld import look_up, types
from crawlers.extraction.page_context import Testimony
from pipelines import credit
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from crawlers.extraction.page_context import Evidence

_VERB = r"(?:كتبت|كتب(?:ها|ه)?|بقلم|[اإ]عداد|تحرير|written by|by)"
_NAME = re.compile(r"[^\W\d_]{2,15}(?: [^\W\d_]{2,15}){1,3}")
_SIGNED = re.compile(rf"{_VERB}\s?[:：/|–-]?\s(?P<name>{_NAME.pattern})", re.IGNORECASE)
_SIGNS = re.compile(rf"{_VERB}\s?[:：/|–-]?", re.IGNORECASE)
_AUTHOR = re.compile(
    r"(?:^|[\s_-])(?:author|writer|byline|reporter|editor|journalist)(?:[\s_-]?name)?(?=$|[\s_-])", re.IGNORECASE
)
_MOST = 3  # more authors than that in one place are a list of columnists
_LONGEST = 120
_ORGANISATIONS = frozenset(("Organization", "NewsMediaOrganization", "Corporation"))


def read_byline(evidence: Evidence, signed: list[str], body: _Element | None = None) -> list[str]:
    """Return the persons who signed, in order.

    Args:
        evidence: the page.
        signed: persons who signed at the head of the text; they count where the page has no other place for authors.
        body: the element that holds the text. What the outlet's own hints do not name counts about the headline or in the
            text alone: a columnist in a sidebar signs nothing here.
    """
    for testimony in evidence.testimonies(evidence.reading.byline):
        if names := _names(evidence, testimony):
            return names
    for witness in rules.BYLINE:
        if witness in evidence.reading.distrust:
            continue
        said = _shown(evidence, witness, body) if ":" not in witness else evidence.ask(witness)
        if names := _names(evidence, Testimony(witness, said)):
            return names
    if signed:
        evidence.provenance["byline"] = evidence.provenance["text"]
    return signed


def _names(evidence: Evidence, testimony: Testimony) -> list[str]:
    said = _persons(evidence.linked) if testimony.witness == "ld:author" else testimony.said
    names = [name for name in credit.read_byline(said) if fold_label(name) not in evidence.reading.own]
    if names:
        evidence.provenance["byline"] = testimony.provenance
    return names


def _shown(evidence: Evidence, witness: str, body: _Element | None) -> list[str]:
    """Return what a witness common to all outlets says about the headline or in the text."""
    if witness in {rules.WROTE, rules.SIGNED}:
        if not evidence.is_generic:
            return []
        if witness == rules.WROTE:
            return list(_wrote(evidence.layout.labels(body)))
        found = [place for place in evidence.layout.head(body) if _AUTHOR.search(place.get("class") or "")]
    else:
        found = evidence.document.all(witness)
    if not found:
        return []
    head = set(evidence.layout.head(body))
    near = [place for place in found if place in head or (body is not None and is_inside(place, body))]
    near = [place for place in near if not evidence.layout.is_outside(place)]
    return [line for place in near[:_MOST] if (line := tidy(text_of(place))) and len(line) <= _LONGEST]


def _wrote(labels: list[str]) -> Iterator[str]:
    """Yield who signed in words: «كتبت أسماء سالم», or the label after a lone «كتب:»."""
    for number, label in enumerate(labels):
        if match := _SIGNED.fullmatch(label):
            yield match["name"]
            return
        if _SIGNS.fullmatch(label) and (name := next((line for line in labels[number + 1 :] if line != label), "")):
            if _NAME.fullmatch(name):
                yield name
            return


def _persons(linked: dict[str, Any]) -> list[str]:
    """Return the names of JSON-LD authors that are not declared organisations."""
    authors = linked.get("author")
    entries = authors if isinstance(authors, list) else [authors]
    return [
        name
        for entry in entries
        if not (isinstance(entry, dict) and types(entry) & _ORGANISATIONS)
        for name in look_up({"author": entry}, "author")
    ]
