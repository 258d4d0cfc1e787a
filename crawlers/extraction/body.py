"""The text of the article: found by the outlet's selectors, by its density, by trafilatura, in this order.

embedded JSON or the outlet's selectors ─▶ lines ─▶ sift
  └─ nothing ─▶ the densest element (flag generic-extraction) ─▶ articleBody of JSON-LD ─▶ trafilatura
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.text import fold_label
from crawlers.extraction.boilerplate import sift
from crawlers.extraction.elements import ENOUGH, Body, of_elements
from crawlers.extraction.errors import Empty
from crawlers.extraction.feed_text import read_feed_text
from crawlers.extraction.generic import by_density, by_linked, by_trafilatura, is_partial
from crawlers.extraction.html import is_inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from crawlers.extraction.elements import Sift
    from crawlers.extraction.lines import Line
    from crawlers.extraction.page_context import Evidence


def read_body(evidence: Evidence, *, headline: str, standfirst: str | None) -> Body:
    """Return the article's text. Raises `Empty` where the page has none."""

    def sifted(lines: list[Line]) -> list[str]:
        return sift(lines, headline=headline, standfirst=standfirst, junk=evidence.reading.junk)

    if evidence.reading.lead and standfirst and _is_summary_only(evidence):
        return _shown(evidence, standfirst, sifted)
    for way in (_by_hint, by_density, by_linked, by_trafilatura):
        body = way(evidence, sifted)
        if body and body.is_enough:
            return _with_lead(evidence, body, standfirst)
    if evidence.address.kind in {"video", "gallery", "breaking", "live"} and standfirst:
        evidence.provenance["text"] = evidence.provenance.get("standfirst", "selector")
        return Body([standfirst])
    raise Empty("no text")


def _is_summary_only(evidence: Evidence) -> bool:
    """Say whether the JSON that the page carries has a summary and an empty body: a one-paragraph item."""
    return bool(evidence.embedded) and not str(evidence.embedded.get("body") or "").strip()


def _shown(evidence: Evidence, standfirst: str, sifted: Sift) -> Body:
    """Return the summary, and what the page shows under it after all: the JSON's body may have another name by now."""
    body = _by_hint(evidence, sifted)
    if body and body.is_enough:
        return _with_lead(evidence, body, standfirst)
    evidence.provenance["text"] = evidence.provenance["standfirst"]
    return Body([standfirst])


def _with_lead(evidence: Evidence, body: Body, standfirst: str | None) -> Body:
    """Put the standfirst before a text that goes on from it, for outlets whose first paragraph it is."""
    if evidence.reading.lead and standfirst and fold_label(standfirst) not in fold_label("\n".join(body.lines)):
        body.lines.insert(0, standfirst)
    return body


def _by_hint(evidence: Evidence, sifted: Sift) -> Body | None:
    for hint in evidence.reading.body:
        if hint.startswith("json:"):
            body = _of_json(evidence, hint, sifted)
        else:
            parts = list(_parts(evidence, hint))
            if evidence.address.kind == "live" and len(parts) > 1:  # an entry's title stands outside its text
                parts = [_common(parts)]
            body = of_elements(evidence, tuple(parts), sifted)
        if body and body.is_enough and not (evidence.reading.joined and is_partial(evidence, body, sifted)):
            evidence.provenance["text"] = "embedded-json" if hint.startswith("json:") else "selector"
            return body
    return None


def _of_json(evidence: Evidence, hint: str, sifted: Sift) -> Body | None:
    value = evidence.embedded.get(hint.partition(":")[2])
    if not isinstance(value, str) or not value.strip():
        return None
    return Body(sifted(read_feed_text(value, evidence.reading.drop)))


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
        if sum(len(text.strip()) for text in element.itertext()) < ENOUGH and not joined:
            continue
        taken.append(element)
        yield element
        if not joined:
            return
