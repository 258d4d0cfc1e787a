"""The text of the article: found by the outlet's selectors, by its density, by trafilatura, in this order.

embedded JSON or the outlet's selectors ─▶ lines ─▶ sift
  └─ nothing ─▶ the densest element (flag generic-extraction) ─▶ articleBody of JSON-LD ─▶ trafilatura
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import trafilatura

from crawlers.extraction.density import find_body
from crawlers.extraction.document import Document, is_inside
from crawlers.extraction.lines import Line, dropped, read_lines
from crawlers.extraction.refusals import Empty
from crawlers.extraction.sieve import sift
from pipelines.cleaning import tidy_lines
from pipelines.credit.letters import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml.etree import _Element

    from crawlers.extraction.evidence import Evidence

_ENOUGH = 25  # letters; less is a label, not even a breaking line
_TRUSTED = 200  # letters; what trafilatura finds on a page without paragraphs is headers and dates
_MOST_LINES = 20_000  # no article has more; a page that does is cut, and flagged
_APART = 0.2
_PARTIAL = 1.03
_TRAFILATURA_LIMIT = 300_000  # characters; it is slow, and bounded time matters more than a monster page's text


@dataclass(slots=True)
class Body:
    """The lines of the text, credits still among them, and the elements they were read from (none from JSON or a feed)."""

    lines: list[str]
    elements: tuple[_Element, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Say whether there is more than a label."""
        return sum(map(len, self.lines)) >= _ENOUGH


def read_body(evidence: Evidence, markup: str, *, headline: str, standfirst: str | None) -> Body:
    """Return the article's text. Raises `Empty` where the page has none."""

    def sifted(lines: list[Line]) -> list[str]:
        return sift(lines, headline=headline, standfirst=standfirst, junk=evidence.reading.junk)

    for way in (_by_hint, _by_density, _by_linked, _by_trafilatura):
        body = way(evidence, markup, sifted)
        if body and body.is_enough:
            return _with_lead(evidence, body, standfirst)
    if evidence.address.kind in {"video", "gallery", "breaking", "live"} and standfirst:
        evidence.provenance["text"] = evidence.provenance.get("standfirst", "selector")
        return Body([standfirst])
    raise Empty("no text")


def _with_lead(evidence: Evidence, body: Body, standfirst: str | None) -> Body:
    """Put the standfirst before a text that goes on from it, for outlets whose first paragraph it is."""
    if evidence.reading.lead and standfirst and fold(standfirst) not in fold("\n".join(body.lines)):
        body.lines.insert(0, standfirst)
    return body


def _by_hint(evidence: Evidence, _markup: str, sifted: Callable[[list[Line]], list[str]]) -> Body | None:
    for hint in evidence.reading.body:
        if hint.startswith("json:"):
            body = _of_json(evidence, hint, sifted)
        else:
            parts = list(_parts(evidence, hint))
            if evidence.address.kind == "live" and len(parts) > 1:  # an entry's title stands outside its text
                parts = [_common(parts)]
            body = _of_elements(evidence, tuple(parts), sifted)
        if body and body.is_enough and not (evidence.reading.joined and _is_partial(evidence, body, sifted)):
            evidence.provenance["text"] = "embedded-json" if hint.startswith("json:") else "selector"
            return body
    return None


def _is_partial(evidence: Evidence, body: Body, sifted: Callable[[list[Line]], list[str]]) -> bool:
    """Say whether the densest element holds these lines and notably more: a selector that means only the lead."""
    element = find_body(evidence.document)
    whole = _of_elements(evidence, (element,), sifted) if element is not None else None
    if whole is None:
        return False
    apart = set(body.lines) - set(whole.lines)
    if sum(map(len, apart)) > _APART * sum(map(len, body.lines)):
        return False
    return sum(map(len, whole.lines)) > _PARTIAL * sum(map(len, body.lines))


def _of_json(evidence: Evidence, hint: str, sifted: Callable[[list[Line]], list[str]]) -> Body | None:
    value = evidence.embedded.get(hint.partition(":")[2])
    if not isinstance(value, str) or not value.strip():
        return None
    fragment = Document(f"<html><body>{value}</body></html>")
    return Body(sifted(read_lines(fragment.root, dropped(fragment, fragment.root, evidence.reading.drop))))


def _of_elements(
    evidence: Evidence, elements: tuple[_Element, ...], sifted: Callable[[list[Line]], list[str]]
) -> Body | None:
    lines: list[Line] = []
    for element in elements:
        lines += read_lines(element, _without(evidence, element))
    if len(lines) > _MOST_LINES:
        evidence.flag("truncated")
    return Body(found, elements) if (found := sifted(lines[:_MOST_LINES])) else None


def _without(evidence: Evidence, root: _Element) -> set[_Element]:
    """Return what is skipped under ``root``: junk, and the page's furniture where the body selector means more than text."""
    skipped = dropped(evidence.document, root, evidence.reading.drop)
    for selector in evidence.reading.furniture:
        skipped.update(element for element in evidence.document.all(selector) if not is_inside(root, element))
    skipped.update(_bylines(evidence))
    return skipped


def _bylines(evidence: Evidence) -> Iterator[_Element]:
    """Yield author elements that are alone in their place; an author's name inside a sentence is text."""
    for selector in evidence.reading.byline:
        if ":" not in selector:
            for element in evidence.document.all(selector):
                parent = element.getparent()
                if parent is None or parent.tag != "p":
                    yield element


def _common(elements: list[_Element]) -> _Element:
    """Return the closest element that holds all of ``elements``."""
    first, *others = elements
    return next(
        (
            ancestor
            for ancestor in first.iterancestors()
            if all(is_inside(element, ancestor) for element in others) and ancestor.tag not in {"html", "body"}
        ),
        first,
    )


def _parts(evidence: Evidence, hint: str) -> Iterator[_Element]:
    """Yield the elements that hold the text: the first with any, or all that are not inside one another."""
    taken: list[_Element] = []
    joined = evidence.reading.joined or evidence.address.kind == "live"
    for element in evidence.document.all(hint):
        if any(is_inside(element, other) for other in taken):
            continue
        if sum(len(text.strip()) for text in element.itertext()) < _ENOUGH and not joined:
            continue
        taken.append(element)
        yield element
        if not joined:
            return


def _by_density(evidence: Evidence, _markup: str, sifted: Callable[[list[Line]], list[str]]) -> Body | None:
    element = find_body(evidence.document)
    body = _of_elements(evidence, (element,), sifted) if element is not None else None
    return _generic(evidence, body, "selector")


def _by_linked(evidence: Evidence, _markup: str, sifted: Callable[[list[Line]], list[str]]) -> Body | None:
    value = evidence.linked.get("articleBody")
    if not isinstance(value, str):
        return None
    return _generic(evidence, Body(sifted([Line(line) for line in tidy_lines(value).split("\n") if line])), "json-ld")


def _by_trafilatura(evidence: Evidence, markup: str, sifted: Callable[[list[Line]], list[str]]) -> Body | None:
    if len(markup) > _TRAFILATURA_LIMIT:
        return None
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
