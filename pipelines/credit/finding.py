"""Whose an article is: the credit line, the agencies in it, the place it was written from.

    source        <meta name="source">                                     source_line
    author line   «وكالات - أبوظبي»                                        byline
    foot          «(رويترز، العربي الجديد)», «المصدر : الجزيرة + وكالات»   tail
    head          «القاهرة - رويترز: قال …», «(أ ف ب) - …»                 head

Only these places credit. An agency inside a sentence is quoted, however often it is named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from crawlers.extraction.agencies import codes_inside
from pipelines.credit.heads import Head, read_head
from pipelines.credit.parts import Part, dateline, is_credit, split
from pipelines.credit.tails import read_tail, unlabelled

if TYPE_CHECKING:
    from collections.abc import Sequence

Evidence = Literal["source_line", "byline", "tail", "head"]
_LONGEST = 120


@dataclass(slots=True)
class Credit:
    """What the credits of an article say.

    Attributes:
        credit: the credit line as written, without its label and the brackets around it.
        agencies: codes, in the order in which the credits name them.
        dateline: the place at the head.
        evidence: code → where it was found first.
        byline: persons who signed inside a credit at the head.
        lines: the text without its credits.
        cut: indexes of the lines that were credits as a whole.
    """

    credit: str | None = None
    agencies: list[str] = field(default_factory=list)
    dateline: str | None = None
    evidence: dict[str, Evidence] = field(default_factory=dict)
    byline: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    cut: list[int] = field(default_factory=list)

    def add(self, text: str, parts: list[Part], evidence: Evidence) -> None:
        """Add a credit: the first is published, the agencies of all are kept."""
        self.credit = self.credit or text
        codes = [part.code for part in parts if part.code]
        if evidence in {"source_line", "tail"}:
            codes = codes or codes_inside(text)
        for code in codes:
            if code not in self.evidence:
                self.agencies.append(code)
                self.evidence[code] = evidence


def find(lines: Sequence[str], *, author_line: str | None = None, source_line: str | None = None) -> Credit:
    """Find the credits of an article. Never raises on any text.

    Args:
        lines: the paragraphs of its text, one a string.
        author_line: what stands where the author's name stands; a person alone there is no credit.
        source_line: the outlet's own field for the source.
    """
    found = Credit(lines=list(lines))
    if source_line and (text := unlabelled(source_line[:_LONGEST])):
        found.add(text, split(text), "source_line")
    if author_line:
        _add_author(found, author_line[:_LONGEST].strip())
    _add_tail(found)
    if found.lines and 0 not in found.cut and (head := read_head(found.lines[0])):
        _add_head(found, head)
    found.lines = [line for number, line in enumerate(found.lines) if number not in found.cut]
    return found


def _add_author(found: Credit, text: str) -> None:
    parts = split(text)
    if is_credit(parts, strangers=2):
        found.add(text, parts, "byline")
        found.dateline = dateline(parts)


def _add_tail(found: Credit) -> None:
    tail = read_tail(found.lines)
    if tail is None:
        return
    found.add(tail.text, tail.parts, "tail")
    found.cut += tail.cut
    if tail.last is not None:
        found.lines[-1] = tail.last


def _add_head(found: Credit, head: Head) -> None:
    if head.text:
        found.add(head.text, head.parts, "head")
    found.dateline = found.dateline or head.dateline
    found.byline = head.byline
    found.lines[0] = head.rest
    if not head.rest:
        found.cut.insert(0, 0)
