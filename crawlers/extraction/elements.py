"""Elements of a page to the lines of its text: junk and the page's furniture skipped, other articles cut off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawlers.extraction.html import is_inside
from crawlers.extraction.lines import Line, dropped, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from crawlers.extraction.page_context import Evidence

Sift = Callable[[list[Line]], list[str]]
"""Lines as they stand on the page to lines of the text."""

ENOUGH = 25  # letters; less is a label, not even a breaking line
_MOST_LINES = 20_000  # no article has more; a page that does is cut, and flagged


@dataclass(slots=True)
class Body:
    """The lines of the text, credits still among them, and the elements they were read from (none from JSON or a feed).

    ``skipped`` are the elements inside those that hold none of the text.
    """

    lines: list[str]
    elements: tuple[_Element, ...] = ()
    skipped: frozenset[_Element] = frozenset()

    @property
    def is_enough(self) -> bool:
        """Say whether there is more than a label."""
        return sum(map(len, self.lines)) >= ENOUGH


def of_elements(
    evidence: Evidence, elements: tuple[_Element, ...], sifted: Sift, beside: frozenset[_Element] = frozenset()
) -> Body | None:
    """Return the text of ``elements`` without what stands ``beside`` it, None where they hold none."""
    lines: list[Line] = []
    skipped: set[_Element] = set(beside)
    for element in elements:
        skipped |= _without(evidence, element)
        lines += read_lines(element, skipped - {element})
    if len(lines) > _MOST_LINES:
        evidence.flag("truncated")
    found = sifted(_of_one_article(lines[:_MOST_LINES]))
    return Body(found, elements, frozenset(skipped)) if found else None


def _without(evidence: Evidence, root: _Element) -> set[_Element]:
    """Return what is skipped under ``root``: junk, and the page's furniture where the body selector means more than text."""
    skipped = dropped(evidence.document, root, evidence.reading.drop)
    for selector in evidence.reading.furniture:
        furniture = (element for element in evidence.document.all(selector) if not is_inside(root, element))
        skipped.update(element for element in furniture if not ("+" in selector and _runs_on(element)))
    skipped.update(_bylines(evidence))
    return skipped


def _runs_on(element: _Element) -> bool:
    """Say whether what stands under the headline is a paragraph with another after it: the text itself, no summary."""
    following = element.getnext()
    return element.tag == "p" and following is not None and following.tag == "p"


def _bylines(evidence: Evidence) -> Iterator[_Element]:
    """Yield author elements that are alone in their place; an author's name inside a sentence is text."""
    for selector in evidence.reading.byline:
        if ":" not in selector:
            for element in evidence.document.all(selector):
                parent = element.getparent()
                if parent is None or parent.tag != "p":
                    yield element


def _of_one_article(lines: list[Line]) -> list[Line]:
    """Leave out what stands above the article's headline, and the next article that scrolling appended."""
    titles = [number for number, line in enumerate(lines) if line.title]
    if not titles:
        return lines
    end = next(
        (number for number in titles if number > titles[0] and lines[number].text != lines[titles[0]].text), len(lines)
    )
    return lines[titles[0] : end]
