"""Whose the text is: `pipelines.credit` asked with what the page says in its own places for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.text import fold_label
from pipelines.credit import Credit, find

if TYPE_CHECKING:
    from crawlers.extraction.elements import Body
    from crawlers.extraction.page_context import Evidence


def credit_of(evidence: Evidence, body: Body) -> Credit:
    """Find the credit in the page's source field, in the author's line, at the head and foot of the text.

    The outlet's own name alone in the author's line credits nobody. Notes the provenance of what was found.
    """
    own = evidence.reading.own
    source = evidence.first("source_line", evidence.reading.credit)
    author = evidence.first(
        "author_line", evidence.reading.author_line, lambda line: "" if fold_label(line) in own else line
    )
    found = find(body.lines, source_line=source, author_line=author)
    if not found.lines:
        found.lines = body.lines
    from_source, from_author = (evidence.provenance.pop(name, "") for name in ("source_line", "author_line"))
    from_text = evidence.provenance["text"]
    if found.credit:
        place = from_source if source else from_author if found.credit == author else from_text
        evidence.provenance["credit"] = place
    if found.agencies:
        places = {"source_line": from_source, "byline": from_author, "tail": from_text, "head": from_text}
        evidence.provenance["agencies"] = places[found.evidence[found.agencies[0]]]
    if found.dateline:
        evidence.provenance["dateline"] = from_author if author and found.dateline in author else from_text
    return found
