"""The article's place on a page nobody described: where the paragraphs are.

Each paragraph gives its letters (links not counted) to its parent, half of them to its grandparent. The element with the
most is the body (summaries in cards of other articles count nothing); it widens while its parent holds notably more paragraphs and few links (Drupal splits one text over
several fields).
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

    from crawlers.extraction.document import Document

_PARAGRAPH = 40  # letters; a shorter one is a label or a heading
_SHARES = (1.0, 0.5, 0.25)
_MOST = 4000  # paragraphs looked at, _DEEPEST levels, _PIECES of text in one: what keeps a monster page bounded
_DEEPEST = 60
_PIECES = 400
_WIDER = 1.25
_A_LITTLE_WIDER = 1.05
_FEW = 0.3
_LINKED = 0.5
_TOP = frozenset(("html", "body"))
_MEMBERS = ("p", "blockquote", "li", "h2", "h3")
_LOOSE = ("div", "span", "td", "section", "article", "font", "main")
_HEADS = frozenset(("h2", "h3"))
_CARD = 8  # children of a card: picture, headline, summary, time
_HEADLINE = 20  # letters
_ROW = 3  # cards
_NEVER = frozenset(("footer", "nav", "aside", "figure", "figcaption", "button", "label", "option"))


def find_body(document: Document) -> _Element | None:
    """Return the element with the densest text, or None on a page without paragraphs."""
    sizes = _without_teasers({**_sizes(document, _MEMBERS, own=False), **_sizes(document, _LOOSE, own=True)})
    scores: dict[_Element, float] = {}
    held: dict[_Element, int] = {}
    for paragraph, size in islice(sizes.items(), _MOST):
        holders = [element for element in islice(paragraph.iterancestors(), _DEEPEST) if element.tag != "html"]
        near = [paragraph, *holders] if paragraph.tag in _LOOSE else holders
        for holder, share in zip(near, _SHARES, strict=False):
            scores[holder] = scores.get(holder, 0.0) + share * size
        for holder in holders:
            held[holder] = held.get(holder, 0) + size
    if not scores:
        return None
    best = max(scores, key=lambda element: scores[element])
    return _widen(best, sizes, {**held, best: held.get(best, 0) + sizes.get(best, 0)})


def _without_teasers(sizes: dict[_Element, int]) -> dict[_Element, int]:
    """Leave out headings that are links, and in rows of cards the paragraph in each: other articles and their summaries."""
    sizes = {element: size for element, size in sizes.items() if not (element.tag in _HEADS and _is_linked(element))}
    members = Counter(element.getparent() for element in sizes)
    alone = [element for element in sizes if members[element.getparent()] == 1 and _is_summary(element)]
    rows = Counter(row for element in alone for row in _rows(element))
    teasers = {element for element in alone if any(rows[row] >= _ROW for row in _rows(element))}
    return {element: size for element, size in sizes.items() if element not in teasers}


def _rows(summary: _Element) -> list[_Element]:
    """Return what may hold a row of cards like this paragraph's: the card's parent and grandparent."""
    return [row for row in islice(summary.iterancestors(), 1, 3) if row.tag not in _TOP]


def _is_linked(heading: _Element) -> bool:
    return any(parent.tag == "a" for parent in islice(heading.iterancestors(), _CARD))


def _is_summary(element: _Element) -> bool:
    card = element.getparent()
    if element.tag != "p" or card is None:
        return False
    return card.tag == "a" or _is_card(card, element)


def _is_card(card: _Element, summary: _Element) -> bool:
    """Say whether ``card`` is short and holds a link of a headline's length besides the summary."""
    if card.tag in _TOP or len(card) > _CARD:
        return False
    links = islice(card.iterdescendants("a"), _CARD)
    outside = [link for link in links if not any(parent is summary for parent in link.iterancestors())]
    return sum(_own_letters(link) + sum(map(_own_letters, link)) for link in outside) >= _HEADLINE


def _sizes(document: Document, tags: tuple[str, ...], *, own: bool) -> dict[_Element, int]:
    """Return the letters outside links of each candidate; ``own``: of its own text alone, its children's tails included."""
    sizes: dict[_Element, int] = {}
    for tag in tags:
        for element in islice(document.by_tag(tag), _MOST):
            size = _own_letters(element) if own else _letters(element)
            if size >= _PARAGRAPH and not any(
                parent.tag in _NEVER for parent in islice(element.iterancestors(), _DEEPEST)
            ):
                sizes[element] = size
    return sizes


def _own_letters(element: _Element) -> int:
    return len((element.text or "").strip()) + sum(len((child.tail or "").strip()) for child in islice(element, _MOST))


def _letters(element: _Element) -> int:
    total = sum(len(text.strip()) for text in islice(element.itertext(), _PIECES))
    if total < _PARAGRAPH:
        return 0
    links = islice(element.iterdescendants("a"), _PIECES)
    linked = sum(len(text.strip()) for link in links for text in islice(link.itertext(), _PIECES))
    return 0 if linked > _LINKED * total else total - linked


def _widen(body: _Element, sizes: dict[_Element, int], held: dict[_Element, int]) -> _Element:
    """Climb while a parent holds notably more paragraphs, or a few more and next to no links beside them."""
    for parent in islice(body.iterancestors(), _DEEPEST):
        if parent.tag in _TOP:
            break
        more, now = held.get(parent, 0), held[body]
        if more >= _WIDER * now or (more >= _A_LITTLE_WIDER * now and _is_plain_around(parent, body, sizes)):
            body = parent
    return body


def _is_plain_around(parent: _Element, body: _Element, sizes: dict[_Element, int]) -> bool:
    """Say whether what ``parent`` adds to ``body`` is paragraphs, not a list of links to other articles."""
    inside = set(islice(body.iter(), _MOST))
    added = [element for element in islice(parent.iter(), _MOST) if element not in inside]
    links = sum(len("".join(link.itertext()).strip()) for link in added if link.tag == "a")
    paragraphs = [element for element in added if element in sizes]
    return all(element.tag == "p" for element in paragraphs) and links <= _FEW * sum(sizes[p] for p in paragraphs)
