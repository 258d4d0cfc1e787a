"""Where on a page that nobody described the article's text stands: by the density of its paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from lxml import etree

from archive.text import fold_label
from crawlers.extraction.days import find_day
from crawlers.extraction.html import is_inside
from crawlers.extraction.jsonld import types
from crawlers.extraction.page_context import Layout, is_concealed, says_outside
from crawlers.extraction.times import find_age, find_days_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml.etree import _Element

    from crawlers.extraction.html import Document

# --- The article's place on a page nobody described: where the paragraphs are ----------------------------------------
# Each paragraph gives its letters (links not counted) to its parent, half of them to its grandparent. The element with the
# most is the body. Nothing counts that stands in a dialog, a comment form, a sidebar or a footer (`layout`), nor the summaries in
# cards of other articles; of what is left, the part of the page that holds the headline, too, goes first. The body widens while its
# parent holds notably more paragraphs and few other words (Drupal splits one text over several fields), never past that part.

_DENSE_PARAGRAPH = 40  # letters; a shorter one is a label or a heading
_SHARES = (1.0, 0.5, 0.25)
_MOST = 4000  # paragraphs looked at, _DEEPEST levels, _PIECES of text in one: what keeps a monster page bounded
_DEEPEST = 60
_PIECES = 400
_WIDER = 1.25
_A_LITTLE_WIDER = 1.05
_ROOM = 0.3  # of other words beside the paragraphs that a wider element adds
_ROOM_FOR_MORE = 1.0  # … where it adds many: entries of a live blog have titles and times
_LEFT = 0.2  # share of all paragraphs; with less left, what looks like a sidebar is the article's place after all
_MUCH = 0.4  # share of all paragraphs that the headline's part of the page holds
_LINKED = 0.5
_TOP = frozenset(("html", "body"))
_MEMBERS = ("p", "blockquote", "li", "h2", "h3")
_LOOSE = ("div", "span", "td", "section", "article", "font", "main")
_HEADS = frozenset(("h2", "h3"))
_DENSE_HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
_CARD = 8  # children of a card: picture, headline, summary, time
_HEADLINE = 20  # letters
_SUMMARIES = frozenset(("p", "div", "span"))
_ROW = 3  # cards
_INLINE = frozenset(("span", "b", "strong", "i", "em", "u", "font", "small"))
_NEVER = frozenset(("footer", "nav", "aside", "figure", "figcaption", "button", "label", "option"))


class Place(NamedTuple):
    """The element that holds the text, and what stands in it and is none: above the first paragraph, below the last, readers' comments."""

    element: _Element
    beside: frozenset[_Element]


def find_body(document: Document, layout: Layout | None = None) -> Place | None:
    """Return the place with the densest text, or None on a page without paragraphs."""
    layout = layout or Layout(document)
    if layout not in _PLACES:
        _PLACES[layout] = _densest(document, layout)
    return _PLACES[layout]


_PLACES: WeakKeyDictionary[Layout, Place | None] = WeakKeyDictionary()  # a page is asked for its own twice


def _densest(document: Document, layout: Layout) -> Place | None:
    sizes, said = _inside(document, layout)
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
    part = _part_with_headline(layout, held)
    best = max((element for element in scores if part is None or is_inside(element, part)), key=lambda e: scores[e])
    body = _widen(best, sizes, {**held, best: held.get(best, 0) + sizes.get(best, 0)}, layout, part)
    beside = frozenset() if body is best else frozenset(_beside(body, best, sizes))
    return Place(body, beside | said)


def _beside(body: _Element, best: _Element, sizes: dict[_Element, int]) -> Iterator[_Element]:
    """Yield what a wider element adds above its first paragraph and below its last: times, buttons, counts; headings stay."""
    elements = list(islice(body.iter(), _MOST))
    kept = {holder for element in elements if element in sizes for holder in (element, *element.iterancestors())}
    order = [number for number, element in enumerate(elements) if element in sizes]
    inside = set(best.iter())
    for number, element in enumerate(elements):
        is_between = order[0] < number < order[-1]
        if not is_between and element not in kept and element not in inside and element.tag not in _DENSE_HEADINGS:
            yield element


def _inside(document: Document, layout: Layout) -> tuple[dict[_Element, int], set[_Element]]:
    """Return the letters of each paragraph that may be the article's; where nearly all stand outside, of all that are seen.

    Beside them readers' comments, which none is.
    """
    every = _without_teasers({**_sizes(document, _MEMBERS, own=False), **_sizes(document, _LOOSE, own=True)})
    if said := readers_comments(document, every):
        every = {
            element: size for element, size in every.items() if said.isdisjoint((element, *element.iterancestors()))
        }
    inside = {element: size for element, size in every.items() if not layout.is_outside(element)}
    if sum(inside.values()) >= _LEFT * sum(every.values()):
        return inside, said
    seen = {element: size for element, size in every.items() if not layout.is_hidden(element)}
    return seen or every, said


def _part_with_headline(layout: Layout, held: dict[_Element, int]) -> _Element | None:
    """Return the smallest part of the page that holds the headline and much of all paragraphs; None for the whole page.

    Beside a part right under ``body`` stand other things (dialogs, footers), and it may hold less than half of all; further in
    what stands beside a part may be the text, whose headline stands in a header with the summary.
    """
    part, total, least = None, max(held.values()), _LEFT
    for place in reversed(layout.around):
        if place.tag in _TOP:
            continue
        if held.get(place, 0) < least * total:
            break
        part, total, least = place, held[place], _MUCH
    return part


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
    if element.tag not in _SUMMARIES or card is None:
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
            if size >= _DENSE_PARAGRAPH and not any(
                parent.tag in _NEVER for parent in islice(element.iterancestors(), _DEEPEST)
            ):
                sizes[element] = size
    return sizes


def _own_letters(element: _Element) -> int:
    return len((element.text or "").strip()) + sum(len((child.tail or "").strip()) for child in islice(element, _MOST))


def _letters(element: _Element) -> int:
    total = sum(len(text.strip()) for text in islice(element.itertext(), _PIECES))
    if total < _DENSE_PARAGRAPH:
        return 0
    links = islice(element.iterdescendants("a"), _PIECES)
    linked = sum(len(text.strip()) for link in links for text in islice(link.itertext(), _PIECES))
    return 0 if linked > _LINKED * total else total - linked


def _widen(
    body: _Element, sizes: dict[_Element, int], held: dict[_Element, int], layout: Layout, part: _Element | None
) -> _Element:
    """Climb while a parent holds more paragraphs and next to nothing else beside them, up to ``part``."""
    if body is part:
        return body
    for parent in islice(body.iterancestors(), _DEEPEST):
        if parent.tag in _TOP:
            break
        more, now = held.get(parent, 0), held[body]
        if more >= _A_LITTLE_WIDER * now:
            room = _ROOM_FOR_MORE if more >= _WIDER * now else _ROOM
            if _is_plain_around(parent, body, sizes, layout, room):
                body = parent
        if parent is part:
            break
    return body


def _is_plain_around(parent: _Element, body: _Element, sizes: dict[_Element, int], layout: Layout, room: float) -> bool:
    """Say whether what ``parent`` adds to ``body`` is paragraphs: other words, links above all, take little ``room`` beside them."""
    paragraphs = words = 0
    walker = etree.iterwalk(parent, events=("start",))
    for number, (_, element) in enumerate(walker):
        if number > _MOST:
            break
        if element is body or element is layout.heading or (element is not parent and says_outside(element)):
            walker.skip_subtree()
        elif element in sizes:
            paragraphs += sizes[element]
            if element.tag in _MEMBERS:
                walker.skip_subtree()
        else:
            words += _own_letters(element)
    return words <= room * paragraphs


# --- What stands inside the text's own element and is none of it: cards of other articles, boxes for visitors ---------
# A heading that links to another page is the headline of another article, whatever its box is called; a link alone is one where
# several stand in a row. With what is short around it (picture, summary, time) it makes a card, and cards with no more than a label
# beside them a box. What would take half of the text with it is no box: entries of a live blog link to pages of their own, too.

_BESIDE_LINK = 400  # letters outside links of a card: a summary, a time, a name
_LABEL = 80  # letters beside the cards of a box: «اقرأ أيضاً»
_AROUND_FORM = 300
_HALF = 0.5
_LIST, _LONG_LIST = 5, 8  # cards
_A_GOOD_PART = 0.4
_MOSTLY = 0.6
_NEARLY = 0.8
_ROW_TAGS = frozenset(("a", "div", "li", "article", "section", "tr", "dt"))
_LEAST_TEXT = 200  # letters that are left of a text without what says of itself that it is none
_REST = re.compile(
    r"more|rest|full|continu|body|content|text|paywall|premium|locked|subscri", re.IGNORECASE
)  # what a button shows of a text
_LINKS = 500  # of one text
_LONGEST_WALK = 40_000  # beginnings and ends of elements
_NAME = 300  # letters of a class that are looked at
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FOR_VISITORS = re.compile(
    r"(?:^|[\s_-])(?:teasers?|tooltips?|pay-?wall-?(?:box|message|banner|offer)|sign-?in|log-?in|sign-?up|register|registration|"
    r"recirculation|tag-?(?:box|list)|print-?(?:box|info)|dont-?miss|read(?:ing)?-?time|time-?to-?read|news-?letters?|"
    r"related|recommend\w*|captions?|comments?|comments?-?(?:list|area|section|form|box)|respond|promo|advert\w*|author-?bio|share|sharing|prev|previous|consent|whatsapp|telegram|"
    r"google-?news)(?=$|[\s_-])",
    re.IGNORECASE,
)


def other_articles(body: _Element, layout: Layout, is_other: Callable[[str], bool]) -> set[_Element]:
    """Return the elements under ``body`` that speak of other articles or to visitors; ``is_other``: a link leads to another page."""
    sizes = _measured(body)
    if not sizes:
        return set()
    holders = {body, layout.heading, *layout.around}
    named = _outermost({element for element in sizes if _is_for_visitors(element)} - holders) | _asking(sizes) - holders
    if sizes[body].outside - sum(sizes[box].outside for box in _outermost(named)) < _LEAST_TEXT:
        named = set()
    cards = _boxes(_cards(body, sizes, is_other), body, sizes) - holders
    if sum(sizes[box].outside for box in _outermost(cards)) > _HALF * sizes[body].outside:
        cards = set()
    return named | cards


def is_of_cards(
    body: _Element, is_other: Callable[[str], bool], *, is_headed: bool = True, is_read: bool = True
) -> bool:
    """Say whether ``body`` is for the most part cards of other articles: a section, results of a search.

    Args:
        body: where the text would be.
        is_other: a link leads to another page.
        is_headed: the page has a headline; fewer cards make a list of one that has but a section's name.
        is_read: lines were read there; else the text may stand elsewhere.
    """
    sizes = _measured(body)
    if not sizes:
        return False
    cards = _outermost(set(_cards(body, sizes, is_other)))
    outside, letters = sum(sizes[card].outside for card in cards), sum(sizes[card].letters for card in cards)
    is_linked = is_read and letters > _NEARLY * sizes[body].letters
    if len(cards) >= _LIST and (outside > _HALF * sizes[body].outside or is_linked):
        return True
    if is_headed:
        return False
    is_long = len(cards) >= _LONG_LIST and letters > _A_GOOD_PART * sizes[body].letters
    return is_long or (len(cards) >= _ROW and outside > _NEARLY * sizes[body].outside)


def is_of_headings(body: _Element, layout: Layout) -> bool:
    """Say whether ``body`` holds headings that link, nearly half as many as paragraphs or more; those of a box of related articles are none."""
    every = (each for each in islice(body.iter("h2", "h3", "h4"), _MOST) if not layout.is_outside(each))
    headings = sum(next(each.iterancestors("a"), each.find(".//a[@href]")) is not None for each in every)
    return headings >= _LIST and 2 * headings >= sum(1 for _ in islice(body.iter("p"), _MOST))


def is_of_rows(body: _Element, is_other: Callable[[str], bool], *, is_headed: bool) -> bool:
    """Say whether siblings that each lead to a page of their own, by whatever link, hold most letters of ``body``; as `is_of_cards`."""
    sizes = _measured(body)
    targets: dict[_Element, str] = {}
    every = (link for link in _links_in(body, sizes) if is_other((link.get("href") or "").strip()))
    for link in islice(every, _LINKS):
        for holder in (link, *islice(link.iterancestors(), _CARD)):
            if holder is body or sizes[holder].outside > _BESIDE_LINK:
                break
            if holder.tag in _ROW_TAGS and not _is_prose(holder, link, sizes):
                targets.setdefault(holder, link.get("href") or "")
    rows: dict[_Element | None, list[_Element]] = {}
    for holder in targets:
        rows.setdefault(holder.getparent(), []).append(holder)
    return any(
        len({targets[card] for card in row}) >= _LIST
        and sum(sizes[card].letters for card in row) > (_NEARLY if is_headed else _MOSTLY) * sizes[body].letters
        for row in rows.values()
    )


def _is_prose(holder: _Element, link: _Element, sizes: dict[_Element, _Size]) -> bool:
    """Say whether a link stands amid the words of ``holder`` itself, and is no headline before them."""
    if holder is link or _own_letters(holder) < _DENSE_PARAGRAPH:
        return False
    first = next(holder.iterdescendants("a"), None)
    return bool((holder.text or "").strip()) or first is not link or sizes[link].letters < _HEADLINE


def _outermost(boxes: set[_Element]) -> set[_Element]:
    return {box for box in boxes if not any(holder in boxes for holder in box.iterancestors())}


def _asking(sizes: dict[_Element, _Size]) -> set[_Element]:
    """Return the small boxes about a form: an invitation to subscribe, a poll, a search."""
    boxes = set()
    for form in (element for element in sizes if element.tag == "form"):
        box = form
        for holder in islice(form.iterancestors(), _CARD):
            if holder not in sizes or sizes[holder].letters > _AROUND_FORM:
                break
            box = holder
        if sizes[box].letters <= _AROUND_FORM:
            boxes.add(box)
    return boxes


class _Size(NamedTuple):
    """Letters of an element, and those of them outside links."""

    letters: int
    outside: int


def _measured(body: _Element) -> dict[_Element, _Size]:
    """Return the sizes of ``body`` and of all in it, counted in one walk; none of a body too large for a text."""
    begun: dict[_Element, _Size] = {}
    sizes: dict[_Element, _Size] = {}
    letters = outside = links = 0
    for step, (event, element) in enumerate(etree.iterwalk(body, events=("start", "end"))):
        if step > _LONGEST_WALK:
            return {}
        starts = event == "start"
        if starts:
            begun[element] = _Size(letters, outside)
            links += element.tag == "a"
        text = element.text if starts else None
        if not starts:
            sizes[element] = _Size(letters - begun[element].letters, outside - begun[element].outside)
            links -= element.tag == "a"
            text = element.tail if element is not body else None
        if text and (size := len(text.strip())):
            letters += size
            outside += 0 if links else size
    return sizes


def _is_for_visitors(element: _Element) -> bool:
    name = f"{element.get('class', '')} {element.get('id', '')}"[:_NAME]
    return (len(name) > 1 and _names_other(name)) or (is_concealed(element) and not _REST.search(name))


@lru_cache(maxsize=4096)
def _names_other(name: str) -> bool:
    return bool(_FOR_VISITORS.search(_HUMP.sub("-", name)))


def _cards(body: _Element, sizes: dict[_Element, _Size], is_other: Callable[[str], bool]) -> list[_Element]:
    """Return the cards of a text: those with a heading that links, and where several stand in a row those with a link alone."""
    cards: dict[_Element, bool] = {}
    every = (link for link in _links_in(body, sizes) if sizes[link].letters >= _HEADLINE)
    links = [link for link in islice(every, _LINKS) if is_other((link.get("href") or "").strip())]
    targets: dict[_Element, set[str | None]] = {}
    for link in links:
        for holder in islice(link.iterancestors(), _CARD):
            targets.setdefault(holder, set()).add(link.get("href"))
    for link in links:
        is_headed = _is_heading(link, sizes) or _is_in_article(link, sizes)
        if is_headed or _stands_alone(link, sizes):
            card = _card_of(link, body, sizes, targets)
            cards[card] = cards.get(card, False) or is_headed
    rows = Counter(card.getparent() for card in cards)
    return [card for card, is_headed in cards.items() if is_headed or rows[card.getparent()] >= _ROW]


def _links_in(body: _Element, sizes: dict[_Element, _Size]) -> Iterator[_Element]:
    """Yield the links in ``body``; broken markup may make a link of the whole text, which is no card in it."""
    return (element for element in sizes if element.tag == "a" and element is not body)


def _is_heading(link: _Element, sizes: dict[_Element, _Size]) -> bool:
    """Say whether a link is a heading's text, or holds one."""
    heading = next((up for up in islice(link.iterancestors(), 3) if up.tag in _DENSE_HEADINGS), None)
    if heading is not None and heading in sizes:
        return 2 * sizes[heading].outside <= sizes[heading].letters
    return any(True for _ in link.iter(*_DENSE_HEADINGS))


def _is_in_article(link: _Element, sizes: dict[_Element, _Size]) -> bool:
    """Say whether a link stands in a short ``article`` inside the text: a card, whatever its headline's tag is."""
    return any(
        up.tag == "article" and sizes[up].outside <= _BESIDE_LINK
        for up in islice(link.iterancestors(), _CARD)
        if up in sizes
    )


def _stands_alone(link: _Element, sizes: dict[_Element, _Size]) -> bool:
    """Say whether a link has no words beside it in its own block."""
    block = next((up for up in link.iterancestors() if up.tag not in _INLINE), None)
    return block in sizes and sizes[block].outside == 0


def _card_of(
    link: _Element, body: _Element, sizes: dict[_Element, _Size], targets: dict[_Element, set[str | None]]
) -> _Element:
    """Return the largest element around a link, under ``body``, that holds little besides, and no other headline that links."""
    card = link
    for holder in islice(link.iterancestors(), _CARD):
        if holder is body or sizes[holder].outside > _BESIDE_LINK or len(targets[holder]) > 1:
            break
        card = holder
    return card


def _boxes(cards: list[_Element], body: _Element, sizes: dict[_Element, _Size]) -> set[_Element]:
    """Return the cards, and the elements that hold no more than a label beside their cards."""
    covered: Counter[_Element] = Counter()
    for card in cards:
        for holder in islice(card.iterancestors(), _DEEPEST):
            if holder is body or holder not in sizes:
                break
            covered[holder] += sizes[card].letters
    return {*cards, *(box for box, letters in covered.items() if sizes[box].letters - letters <= _LABEL)}


# --- Readers' comments in a box whose class says nothing: repeated siblings under the text, each with a name, a time, few words ---

_LONGEST_COMMENT = 700  # letters
_LONGEST_NAME = 30
_COMMENT_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?: [\w.'’-]+){0,3}")
_COMMENT_PIECES = 24
_LATEST_NAME = 3  # pieces before it
_LONGEST_TIME = 60
_OF_COMMENT = 5  # elements between a comment and its words
_ANSWER = re.compile(r"(?:ال)?رد|اضف ردا?|ابلاغ|ابلغ عن .{0,20}|اعجبني|لا يعجبني|reply|report|like")
_DAY_AND_CLOCK = re.compile(r"\d{4}.*\d{1,2}:\d{2}|\d{1,2}:\d{2}.*\d{4}")
_WHEN = ("منذ", "قبل", "مضي", "مضت", "ago", "now", "الان", "امس", "البارحه", "اليوم", "yesterday", "today")
_DIGIT = re.compile(r"\d")
_PARTED = re.compile(r"\s[-–—|•·]\s")
_NO_COMMENTS = frozenset(("p", "html", "body", "main", "table", "tbody", "h2", "h3", "h4"))
_AROUND_DAY = date.max.replace(year=date.max.year - 1)


def readers_comments(document: Document, sizes: dict[_Element, int]) -> set[_Element]:
    """Return the comments of a page, where text enough stands outside them and a paragraph of it above the first.

    Entries of a live blog and of a chronology have times, too: a comment counts whose time is counted back, or a day with a clock, or
    that can be answered.
    """
    if any("LiveBlogPosting" in types(node) for node in document.linked):
        return set()
    comments: set[_Element] = set()
    looked_at: set[_Element] = set()
    rows: set[_Element] = set()
    for paragraph in islice(sizes, _MOST):
        for item in (paragraph, *islice(paragraph.iterancestors(), _OF_COMMENT)):
            row = item.getparent()
            if item in looked_at or row in rows:
                break
            if row is None or item.tag in _NO_COMMENTS or not len(item):
                continue
            looked_at.add(item)
            if _is_comment(item):
                rows.add(row)
                comments |= _row_of_comments(row, item.tag)
                break
    if not comments:
        return set()
    outside = {each: size for each, size in sizes.items() if comments.isdisjoint((each, *each.iterancestors()))}
    first = next(each for each in document.root.iter() if each in comments or outside.get(each, 0) >= _LABEL)
    return comments if sum(outside.values()) >= _LEAST_TEXT and first not in comments else set()


def _row_of_comments(row: _Element, tag: object) -> set[_Element]:
    """Return the comments among the children of ``row``: from the first on all of one kind, if most are; some may have a day alone."""
    children = [child for child in islice(row, _MOST) if child.tag == tag]
    said = [_is_comment(child, days=True) for child in children]
    first = said.index(True)
    return set(children[first:]) if sum(said) > 1 and 2 * sum(said) >= len(children) - first else set()


def _is_comment(item: _Element, *, days: bool = False) -> bool:
    pieces = [piece for text in islice(item.itertext(), _COMMENT_PIECES + 1) if (piece := " ".join(text.split()))]
    if not 1 < len(pieces) <= _COMMENT_PIECES or sum(map(len, pieces)) > _LONGEST_COMMENT:
        return False
    if any(_own_letters(link) >= _HEADLINE for link in item.iter("a")):
        return False
    is_answered = days or any(_ANSWER.fullmatch(fold_label(piece)) for piece in pieces if len(piece) < _LONGEST_NAME)
    pieces = [part for piece in pieces for part in (_PARTED.split(piece) if len(piece) < _LONGEST_TIME else [piece])]
    times = [number for number, piece in enumerate(pieces) if _is_when(piece, is_answered=is_answered)]
    if not times:
        return False
    names = (n for n, piece in enumerate(pieces[:_LATEST_NAME]) if n not in times and len(piece) <= _LONGEST_NAME)
    return len(pieces) > 2 and any(_COMMENT_NAME.fullmatch(pieces[number]) for number in names)  # noqa: PLR2004  name, time, words


def _is_when(piece: str, *, is_answered: bool) -> bool:
    if len(piece) >= _LONGEST_TIME:
        return False
    key = fold_label(piece)
    if not (any(map(key.__contains__, _WHEN)) or _DIGIT.search(key)):
        return False  # as most
    if find_age(key) or find_days_back(key, clocked=False) is not None:
        return True
    return bool(is_answered or _DAY_AND_CLOCK.search(key)) and find_day(key, today=_AROUND_DAY) is not None


# --- Captions whose class says nothing: the only words beside a picture in a box of its own ---------------------------

_LONGEST_CAPTION = 160  # letters
_LARGE = frozenset(("body", "article", "main", "section", "td", "p"))
_PICTURES = ("img", "amp-img")
_NEAR = 4  # how far above a picture its box may be


def captions(body: _Element) -> set[_Element]:
    """Return the elements under ``body`` that hold the words of a picture and end in no full stop."""
    found: set[_Element] = set()
    for image in islice(body.iter(*_PICTURES), _LINKS):
        for box in islice(image.iterancestors(), _NEAR):
            if box is body or box.tag in _LARGE or sum(1 for _ in islice(box.iter(*_PICTURES), 2)) > 1:
                break
            words = " ".join("".join(islice(box.itertext(), _PIECES)).split())
            if words:
                if len(words) <= _LONGEST_CAPTION and not words.endswith((".", "!", "؟", "?", ":", "»")):
                    found.update(part for part in box if next(part.iter(*_PICTURES), None) is None)
                break
    return found
