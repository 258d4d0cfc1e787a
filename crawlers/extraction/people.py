"""Who signed an article: persons only. An editor's login, an agency and the outlet itself sign nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawlers.extraction import ladder
from crawlers.extraction.linked import look_up, types
from pipelines import credit
from pipelines.credit.letters import fold

if TYPE_CHECKING:
    from crawlers.extraction.evidence import Evidence

_ORGANISATIONS = frozenset(("Organization", "NewsMediaOrganization", "Corporation"))


def read_byline(evidence: Evidence, signed: list[str]) -> list[str]:
    """Return the persons who signed, in order.

    Args:
        evidence: the page.
        signed: persons who signed at the head of the text; they count where the page has no other place for authors.
    """
    for testimony in evidence.testimonies((*evidence.reading.byline, *ladder.BYLINE)):
        said = _persons(evidence.linked) if testimony.witness == "ld:author" else testimony.said
        if names := [name for name in credit.read_byline(said) if fold(name) not in evidence.reading.own]:
            evidence.provenance["byline"] = testimony.provenance
            return names
    if signed:
        evidence.provenance["byline"] = evidence.provenance["text"]
    return signed


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
