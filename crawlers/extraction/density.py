"""The article's place on a page nobody described: where the paragraphs are.

Each paragraph gives its letters (links not counted) to its parent, half of them to its grandparent. The element with the
most is the body; it widens while its parent holds notably more paragraphs and few links (Drupal splits one text over
several fields).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawlers.extraction.document import is_inside

if TYPE_CHECKING:
    from lxml.etree import _Element

    from crawlers.extraction.document import Document

_PARAGRAPH = 40  # letters; a shorter one is a label or a heading
_WIDER = 1.25
_A_LITTLE_WIDER = 1.05
_FEW = 0.3
_LINKED = 0.5
_TOP = frozenset(("html", "body"))
_MEMBERS = ("p", "blockquote", "li", "h2", "h3")
_LOOSE = ("div", "span", "td", "section", "article", "font", "main")
_NEVER = frozenset(("footer", "nav", "aside", "figure", "figcaption", "button", "label", "option"))


def find_body(document: Document) -> _Element | None:
    """Return the element with the densest text, or None on a page without paragraphs."""
    scores: dict[_Element, float] = {}
    sizes = {**_sizes(document, _MEMBERS, own=False), **_sizes(document, _LOOSE, own=True)}
    for paragraph, size in sizes.items():
        holder = paragraph if paragraph.tag in _LOOSE else paragraph.getparent()
        for share in (1.0, 0.5, 0.25):
            if holder is None or holder.tag in _TOP:
                break
            scores[holder] = scores.get(holder, 0.0) + share * size
            holder = holder.getparent()
    if not scores:
        return None
    return _widen(max(scores, key=lambda element: scores[element]), sizes)


def _sizes(document: Document, tags: tuple[str, ...], *, own: bool) -> dict[_Element, int]:
    """Return the letters outside links of each candidate; ``own``: of its own text alone, its children's tails included."""
    sizes: dict[_Element, int] = {}
    for tag in tags:
        for element in document.by_tag(tag):
            size = _own_letters(element) if own else _letters(element)
            if size >= _PARAGRAPH and not any(parent.tag in _NEVER for parent in element.iterancestors()):
                sizes[element] = size
    return sizes


def _own_letters(element: _Element) -> int:
    return len((element.text or "").strip()) + sum(len((child.tail or "").strip()) for child in element)


def _letters(element: _Element) -> int:
    total = sum(len(text.strip()) for text in element.itertext())
    linked = sum(len(text.strip()) for link in element.iterdescendants("a") for text in link.itertext())
    return 0 if linked > _LINKED * total else total - linked


def _widen(body: _Element, sizes: dict[_Element, int]) -> _Element:
    """Climb while a parent holds notably more paragraphs, or a few more and next to no links beside them."""
    held = _held(body, sizes)
    current = body
    while (parent := current.getparent()) is not None and parent.tag not in _TOP:
        more = _held(parent, sizes)
        if more >= _WIDER * held or (more >= _A_LITTLE_WIDER * held and _is_plain_around(parent, body, sizes)):
            body, held = parent, more
        current = parent
    return body


def _is_plain_around(parent: _Element, body: _Element, sizes: dict[_Element, int]) -> bool:
    """Say whether what ``parent`` adds to ``body`` is paragraphs, not a list of links to other articles."""
    added = [element for element in sizes if is_inside(element, parent) and not is_inside(element, body)]
    links = [link for link in parent.iterdescendants("a") if not is_inside(link, body)]
    linked = sum(len("".join(link.itertext()).strip()) for link in links)
    return all(element.tag == "p" for element in added) and linked <= _FEW * sum(sizes[element] for element in added)


def _held(element: _Element, sizes: dict[_Element, int]) -> int:
    return sum(size for paragraph, size in sizes.items() if is_inside(paragraph, element) and paragraph is not element)
