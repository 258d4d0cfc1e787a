"""The text of a page that the outlet's selectors do not know: by density, from JSON-LD, by trafilatura."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from archive.text import fold_label
from crawlers.extraction import rules
from crawlers.extraction.density import find_body
from crawlers.extraction.elements import Body, of_elements
from crawlers.extraction.errors import NotAnArticle
from crawlers.extraction.jsonld import types
from crawlers.extraction.lines import Line
from pipelines.cleaning import tidy_lines

if TYPE_CHECKING:
    from lxml.etree import _Element

    from crawlers.extraction.elements import Sift
    from crawlers.extraction.page_context import Evidence

_PARAGRAPH = 80  # letters
_LABEL = 40
_APART = 0.2
_TRUSTED = 200  # letters; what trafilatura finds on a page without paragraphs is headers and dates
_PARTIAL = 1.03
_TRAFILATURA_LIMIT = 300_000  # characters; it is slow, and bounded time matters more than a monster page's text
_LISTS = frozenset(("CollectionPage", "SearchResultsPage"))
_LIST_CLASSES = frozenset(("archive", "search", "search-results", "search-no-results", "category", "tag"))
_FEW_HEADINGS = 5
_MOST = 1000
_COMMA = re.compile(r"\s*[,،;]\s*")
_NAMED = (
    "ld:author.name",
    "meta:author",
    "ld:articleSection",
    "meta:article:section",
    "meta:news_keywords",
    "meta:keywords",
)


def is_partial(evidence: Evidence, body: Body, sifted: Sift) -> bool:
    """Say whether the densest element holds these lines and notably more: a selector that means only the lead."""
    place = find_body(evidence.document, evidence.layout)
    whole = of_elements(evidence, (place.element,), sifted, place.beside) if place else None
    if whole is None:
        return False
    apart = set(body.lines) - set(whole.lines)
    if sum(map(len, apart)) > _APART * sum(map(len, body.lines)):
        return False
    return sum(map(len, whole.lines)) > _PARTIAL * sum(map(len, body.lines))


def by_density(evidence: Evidence, sifted: Sift) -> Body | None:
    """Return the text of the densest element. Raises `NotAnArticle` where the page lists articles."""
    place = find_body(evidence.document, evidence.layout)
    if not evidence.linked and (_says_list(evidence) or _is_list(place.element if place else evidence.document.root)):
        raise NotAnArticle("a list of articles")
    known = _furniture(evidence)

    def bare(lines: list[Line]) -> list[str]:
        return sifted(_from_first_paragraph([line for line in lines if fold_label(line.text) not in known]))

    body = of_elements(evidence, (place.element,), bare, place.beside) if place else None
    return _generic(evidence, body, "selector")


def _says_list(evidence: Evidence) -> bool:
    """Say whether a page without an article's JSON-LD calls itself a list: in its JSON-LD, or as WordPress names its pages."""
    if any(types(node) & _LISTS for node in evidence.document.linked):
        return True
    names = {name for body in evidence.document.by_tag("body") for name in (body.get("class") or "").split()}
    return bool(names & _LIST_CLASSES) and not any(name.startswith("single") for name in names)


def _is_list(element: _Element) -> bool:
    """Say whether an element holds headings that link to articles, nearly as many as paragraphs: results of a search, a section."""
    headings = [heading for heading in islice(element.iter("h2", "h3", "h4"), _MOST) if _is_linked(heading)]
    return len(headings) >= _FEW_HEADINGS and 2 * len(headings) >= sum(1 for _ in islice(element.iter("p"), _MOST))


def _is_linked(heading: _Element) -> bool:
    parent = heading.getparent()
    return heading.find(".//a[@href]") is not None or (parent is not None and parent.tag == "a")


def by_linked(evidence: Evidence, sifted: Sift) -> Body | None:
    """Return the ``articleBody`` of JSON-LD."""
    value = evidence.linked.get("articleBody")
    if not isinstance(value, str):
        return None
    return _generic(evidence, Body(sifted([Line(line) for line in tidy_lines(value).split("\n") if line])), "json-ld")


def by_trafilatura(evidence: Evidence, sifted: Sift) -> Body | None:
    """Return what trafilatura finds, without its stateful ``deduplicate``."""
    markup = evidence.markup.decode(errors="replace")
    if len(markup) > _TRAFILATURA_LIMIT:
        return None
    import trafilatura  # noqa: PLC0415  the last resort; half a second that few commands need

    text = trafilatura.extract(markup, include_comments=False, include_tables=True, deduplicate=False)
    lines = [Line(line) for line in tidy_lines(text or "").split("\n") if line]
    body = Body(sifted(lines))
    return _generic(evidence, body, "trafilatura") if sum(map(len, body.lines)) >= _TRUSTED else None


def _generic(evidence: Evidence, body: Body | None, provenance: str) -> Body | None:
    if body is None or not body.is_enough:
        return None
    evidence.flag("generic-extraction")
    evidence.provenance["text"] = provenance
    return body


def _from_first_paragraph(lines: list[Line]) -> list[Line]:
    """Leave out names, places and labels between the headline and the first paragraph."""
    first = next((number for number, line in enumerate(lines) if len(line.text) >= _PARAGRAPH and not line.title), 0)
    return [line for number, line in enumerate(lines) if number >= first or line.title or not _is_label(line)]


def _is_label(line: Line) -> bool:
    return len(line.text) < _LABEL and not line.heading and not line.text.endswith((".", ":", "؟", "!"))


def _furniture(evidence: Evidence) -> set[str]:
    """Return what the page says elsewhere of its author, section, tags and summary: such a line is no paragraph."""
    summary = [] if evidence.reading.lead else ["ld:description", "meta:description"]
    asked = [*_NAMED, *rules.BREADCRUMBS, *(hint for hint in evidence.reading.standfirst if hint in summary)]
    said = [line for testimony in evidence.testimonies(asked) for line in testimony.said]
    return {fold_label(part) for line in said for part in (line, *_COMMA.split(line))}
