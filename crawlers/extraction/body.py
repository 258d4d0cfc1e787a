"""The text of an article: from its page, by rules or by density, or from a feed that carries it whole."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from archive.text import fold_label
from crawlers.extraction import rules
from crawlers.extraction.boilerplate import MOST_LINES, Line, dropped, is_tweet_foot, lead_above, read_lines, sift
from crawlers.extraction.credit import wrote
from crawlers.extraction.errors import Empty, NotAnArticle
from crawlers.extraction.html import Document, is_inside
from crawlers.extraction.jsonld import types
from crawlers.extraction.page_context import Layout, PageContext, says_outside
from pipelines.cleaning import tidy, tidy_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

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
_NEVER = frozenset(("footer", "nav", "aside", "figure", "figcaption", "button", "label", "option"))


class Place(NamedTuple):
    """The element that holds the text, and what stands in it above the first paragraph and below the last (the page's boilerplate)."""

    element: _Element
    beside: frozenset[_Element]


def find_body(document: Document, layout: Layout | None = None) -> Place | None:
    """Return the place with the densest text, or None on a page without paragraphs."""
    layout = layout or Layout(document)
    sizes = _inside(document, layout)
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
    return Place(body, frozenset() if body is best else frozenset(_beside(body, best, sizes)))


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


def _inside(document: Document, layout: Layout) -> dict[_Element, int]:
    """Return the letters of each paragraph that may be the article's; where nearly all stand outside, of all that are seen."""
    every = _without_teasers({**_sizes(document, _MEMBERS, own=False), **_sizes(document, _LOOSE, own=True)})
    inside = {element: size for element, size in every.items() if not layout.is_outside(element)}
    if sum(inside.values()) >= _LEFT * sum(every.values()):
        return inside
    seen = {element: size for element, size in every.items() if not layout.is_hidden(element)}
    return seen or every


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


# --- Elements of a page to the lines of its text: boilerplate skipped, other articles cut off ------

Sift = Callable[[list[Line]], list[str]]
"""Lines as they stand on the page to lines of the text."""

ENOUGH = 25  # letters; less is a label, not even a breaking line


@dataclass(slots=True)
class Body:
    """The lines of the text, credits still among them, and the elements they were read from (none from JSON or a feed).

    ``skipped`` are the elements inside those that hold none of the text, ``headings`` the lines that stand in a heading.
    """

    lines: list[str]
    elements: tuple[_Element, ...] = ()
    skipped: frozenset[_Element] = frozenset()
    headings: frozenset[str] = frozenset()

    @property
    def is_enough(self) -> bool:
        """Say whether there is more than a label."""
        return sum(map(len, self.lines)) >= ENOUGH


def of_elements(
    context: PageContext, elements: tuple[_Element, ...], sifted: Sift, beside: frozenset[_Element] = frozenset()
) -> Body | None:
    """Return the text of ``elements`` without what stands ``beside`` it, None where they hold none."""
    lines: list[Line] = []
    skipped: set[_Element] = set(beside)
    for element in elements:
        skipped |= _without(context, element)
        lines += read_lines(element, skipped - {element})
    if len(lines) > MOST_LINES:
        context.flag("truncated")
    body = sifted(_of_one_article(lines[:MOST_LINES]))
    return Body(body, elements, frozenset(skipped), _headings(lines)) if body else None


def lines_within(context: PageContext, body: Body, elements: list[_Element]) -> list[list[str]]:
    """Return the lines of each of ``elements``, without what holds no text, where the article's text was read or beside it."""
    skipped = body.skipped or _without(context, _common(elements))
    return [[line.text for line in read_lines(element, skipped - {element})] for element in elements]


def _headings(lines: list[Line]) -> frozenset[str]:
    return frozenset(line.text for line in lines if line.heading)


def _without(context: PageContext, root: _Element) -> set[_Element]:
    """Return what is skipped under ``root``: boilerplate, and the surroundings where the body selector means more than text."""
    skipped = dropped(context.document, root, context.reading.drop)
    for selector in context.reading.surroundings:
        surroundings = (element for element in context.document.all(selector) if not is_inside(root, element))
        skipped.update(element for element in surroundings if not ("+" in selector and _runs_on(element)))
    skipped.update(_bylines(context))
    return skipped


def _runs_on(element: _Element) -> bool:
    """Say whether what stands under the headline is a paragraph with another after it: the text itself, no summary."""
    following = element.getnext()
    return element.tag == "p" and following is not None and following.tag == "p"


def _bylines(context: PageContext) -> Iterator[_Element]:
    """Yield author elements that are alone in their place; an author's name inside a sentence is text."""
    for selector in context.reading.byline:
        if ":" not in selector:
            for element in context.document.all(selector):
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


# ---------------------------------------------------------------------------------------------------------------------
# The full text of a feed item: HTML, or plain text with entities that are escaped twice and lines for paragraphs.

_BLOCK_TAG = re.compile(r"<(?:p|br|h[1-6]|ul|ol|li|table|blockquote)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[a-z/!][^<>]*>", re.IGNORECASE)
_ESCAPED_TAG = re.compile(r"&lt;(?:p|br|h[1-6]|ul|ol|li|blockquote)\b", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_SET_APART = re.compile(r"^\s*(?:&(?:amp;)*nbsp;|\u00a0)")  # what a pull-quote of Al-Araby begins with


def read_feed_text(text: str, drop: tuple[str, ...]) -> list[Line]:
    """Return the lines of a feed item's text; ``drop`` as in `Reading`."""
    if _ESCAPED_TAG.search(text) and not _BLOCK_TAG.search(text):
        text = html.unescape(text)
    if _BLOCK_TAG.search(text):
        document = Document(f"<html><body>{text}</body></html>".encode("utf-8", "replace"))
        return read_lines(document.root, dropped(document, document.root, drop))
    return [line for block in _BLANK_LINE.split(_TAG.sub("\n", text)) for line in _plain(block)]


def _plain(block: str) -> list[Line]:
    """Return the lines of one plain block; an embedded tweet, words and signature, is one block."""
    if is_tweet_foot(tidy(block)) or any(is_tweet_foot(tidy(line)) for line in block.split("\n")):
        return []
    return [Line(line, quoted=bool(_SET_APART.match(raw))) for raw in block.split("\n") if (line := tidy(raw))]


# --- The text of a page that the outlet's selectors do not know: by density, from JSON-LD, by trafilatura ------------

_PARAGRAPH = 80  # letters
_LABEL = 40
_APART = 0.2
_TRUSTED = 200  # letters; what trafilatura finds on a page without paragraphs is headers and dates
_PARTIAL = 1.03
_TRAFILATURA_LIMIT = 300_000  # characters; it is slow, and bounded time matters more than a monster page's text
_LISTS = frozenset(("CollectionPage", "SearchResultsPage"))
_LIST_CLASSES = frozenset(("archive", "search", "search-results", "search-no-results", "category", "tag"))
_FEW_HEADINGS = 5
_BIO = 3  # lines under the text, the author's name first
_MOST_ELEMENTS = 1000
_COMMA = re.compile(r"\s*[,،;]\s*")
_NAMED = (
    "ld:author.name",
    "meta:author",
    "ld:articleSection",
    "meta:article:section",
    "meta:news_keywords",
    "meta:keywords",
)


def is_partial(context: PageContext, body: Body, sifted: Sift) -> bool:
    """Say whether the densest element holds these lines and notably more: a selector that means only the lead."""
    place = find_body(context.document, context.layout)
    whole = of_elements(context, (place.element,), sifted, place.beside) if place else None
    if whole is None:
        return False
    apart = set(body.lines) - set(whole.lines)
    if sum(map(len, apart)) > _APART * sum(map(len, body.lines)):
        return False
    return sum(map(len, whole.lines)) > _PARTIAL * sum(map(len, body.lines))


def by_density(context: PageContext, sifted: Sift) -> Body | None:
    """Return the text of the densest element. Raises `NotAnArticle` where the page lists articles."""
    place = find_body(context.document, context.layout)
    if not context.linked and (
        _says_list(context) or _is_list(place.element if place else context.document.root, context.layout)
    ):
        raise NotAnArticle("a list of articles")
    known = _surroundings(context)
    labels = context.layout.labels(place.element if place else None)
    signed = {fold_label(name) for name in (*wrote(labels), *context.ask("ld:author.name"))}

    def bare(lines: list[Line]) -> list[str]:
        lines = _without_bio(lines, signed)
        return sifted(_from_first_paragraph([line for line in lines if fold_label(line.text) not in known | signed]))

    body = of_elements(context, (place.element,), bare, place.beside) if place else None
    if place and body and not context.reading.standfirst:  # else its rules say what is the summary
        body.lines = lead_above(context.layout.under(place.element), context.headline or "", body.lines)
    return _generic(context, body, "selector")


def _without_bio(lines: list[Line], signed: set[str]) -> list[Line]:
    """Leave out what follows a line under the text that is the author's name alone: a word about him."""
    for number in range(len(lines) - 1, max(1, len(lines) - 1 - _BIO), -1):
        if fold_label(lines[number].text) in signed:
            return lines[:number]
    return lines


def _says_list(context: PageContext) -> bool:
    """Say whether a page without an article's JSON-LD calls itself a list: in its JSON-LD, or as WordPress names its pages."""
    if any(types(node) & _LISTS for node in context.document.linked):
        return True
    names = {name for body in context.document.by_tag("body") for name in (body.get("class") or "").split()}
    return bool(names & _LIST_CLASSES) and not any(name.startswith("single") for name in names)


def _is_list(element: _Element, layout: Layout) -> bool:
    """Say whether an element holds headings that link to articles, nearly as many as paragraphs: results of a search, a section.

    Those of a box of related articles under a text make no list of it.
    """
    headings = [
        heading
        for heading in islice(element.iter("h2", "h3", "h4"), _MOST_ELEMENTS)
        if _is_linked_heading(heading) and not layout.is_outside(heading)
    ]
    return len(headings) >= _FEW_HEADINGS and 2 * len(headings) >= sum(
        1 for _ in islice(element.iter("p"), _MOST_ELEMENTS)
    )


def _is_linked_heading(heading: _Element) -> bool:
    parent = heading.getparent()
    return heading.find(".//a[@href]") is not None or (parent is not None and parent.tag == "a")


def by_linked(context: PageContext, sifted: Sift) -> Body | None:
    """Return the ``articleBody`` of JSON-LD."""
    value = context.linked.get("articleBody")
    if not isinstance(value, str):
        return None
    return _generic(context, Body(sifted([Line(line) for line in tidy_lines(value).split("\n") if line])), "json-ld")


def by_trafilatura(context: PageContext, sifted: Sift) -> Body | None:
    """Return what trafilatura finds, without its stateful ``deduplicate``."""
    markup = context.markup.decode(errors="replace")
    if len(markup) > _TRAFILATURA_LIMIT:
        return None
    import trafilatura  # noqa: PLC0415  the last resort; half a second that few commands need

    text = trafilatura.extract(markup, include_comments=False, include_tables=True, deduplicate=False)
    lines = [Line(line) for line in tidy_lines(text or "").split("\n") if line]
    body = Body(sifted(lines))
    return _generic(context, body, "trafilatura") if sum(map(len, body.lines)) >= _TRUSTED else None


def _generic(context: PageContext, body: Body | None, provenance: str) -> Body | None:
    if body is None or not body.is_enough:
        return None
    context.flag("generic-extraction")
    context.provenance["text"] = provenance
    return body


def _from_first_paragraph(lines: list[Line]) -> list[Line]:
    """Leave out names, places and labels between the headline and the first paragraph."""
    first = next((number for number, line in enumerate(lines) if len(line.text) >= _PARAGRAPH and not line.title), 0)
    return [line for number, line in enumerate(lines) if number >= first or line.title or not _is_label(line)]


def _is_label(line: Line) -> bool:
    return len(line.text) < _LABEL and not line.heading and not line.text.endswith((".", ":", "؟", "!"))


def _surroundings(context: PageContext) -> set[str]:
    """Return what the page says elsewhere of its author, section, tags and summary: such a line is no paragraph."""
    summary = [] if context.reading.lead else ["ld:description", "meta:description"]
    asked = [*_NAMED, *rules.BREADCRUMBS, *(hint for hint in context.reading.standfirst if hint in summary)]
    lines = [line for candidate in context.candidates(asked) for line in candidate.values]
    return {fold_label(part) for line in lines for part in (line, *_COMMA.split(line))}


# --- The text of the article: found by the outlet's selectors, by its density, by trafilatura, in this order ---------
# embedded JSON or the outlet's selectors ─▶ lines ─▶ sift      (JSON named behind selectors: where the page shows a part of it)
#   └─ nothing ─▶ the densest element (flag generic-extraction) ─▶ articleBody of JSON-LD ─▶ trafilatura


_MORE = (
    1.1  # JSON has so many times the letters that the page shows before it is read: entities and blanks differ by less
)


def read_body(context: PageContext, *, headline: str, standfirst: str | None) -> Body:
    """Return the article's text. Raises `Empty` where the page has none."""

    def sifted(lines: list[Line]) -> list[str]:
        return sift(lines, headline=headline, standfirst=standfirst, boilerplate=context.reading.boilerplate)

    if context.reading.lead and standfirst and _is_summary_only(context):
        return _shown(context, standfirst, sifted)
    for way in (_by_hint, by_density, by_linked, by_trafilatura):
        body = way(context, sifted)
        if body and body.is_enough:
            return _with_lead(context, body, standfirst)
    if context.address.kind in {"video", "gallery", "breaking", "live"} and standfirst:
        context.provenance["text"] = context.provenance.get("standfirst", "selector")
        return Body([standfirst])
    raise Empty("no text")


def _is_summary_only(context: PageContext) -> bool:
    """Say whether the JSON that the page carries has a summary and an empty body: a one-paragraph item."""
    return bool(context.embedded) and not str(context.embedded.get("body") or "").strip()


def _shown(context: PageContext, standfirst: str, sifted: Sift) -> Body:
    """Return the summary, and what the page shows under it after all: the JSON's body may have another name by now."""
    body = _by_hint(context, sifted)
    if body and body.is_enough:
        return _with_lead(context, body, standfirst)
    context.provenance["text"] = context.provenance["standfirst"]
    return Body([standfirst])


def _with_lead(context: PageContext, body: Body, standfirst: str | None) -> Body:
    """Put the standfirst before a text that goes on from it, for outlets whose first paragraph it is."""
    if context.reading.lead and standfirst and fold_label(standfirst) not in fold_label("\n".join(body.lines)):
        body.lines.insert(0, standfirst)
    return body


def _by_hint(context: PageContext, sifted: Sift) -> Body | None:
    for hint in context.reading.body:
        if hint.startswith("json:"):
            body = _of_json(context, hint, sifted)
        else:
            parts = list(_parts(context, hint))
            if context.address.kind == "live" and len(parts) > 1:  # an entry's title stands outside its text
                parts = [_common(parts)]
            body = of_elements(context, tuple(parts), sifted)
        if body and body.is_enough and not (context.reading.joined and is_partial(context, body, sifted)):
            if not hint.startswith("json:") and (whole := _embedded_whole(context, body, sifted)):
                return whole
            context.provenance["text"] = "embedded-json" if hint.startswith("json:") else "selector"
            if (
                hint.startswith("json:") and hint != context.reading.body[0]
            ):  # JSON behind selectors is for what they show in part
                context.flag("selectors-missed")
            return body
    return None


def _of_json(context: PageContext, hint: str, sifted: Sift) -> Body | None:
    value = context.embedded.get(hint.partition(":")[2])
    if not isinstance(value, str) or not value.strip():
        return None
    lines = read_feed_text(value, context.reading.drop)
    return Body(sifted(lines), headings=_headings(lines))


def _embedded_whole(context: PageContext, shown: Body, sifted: Sift) -> Body | None:
    """Return the text of the JSON that the page carries where the page shows a part of it («اقرأ المزيد»), else None.

    It is parsed where it has clearly more letters than the elements shown: a whole page and its JSON tell the same.
    """
    letters = sum(len(text) for element in shown.elements for text in element.itertext())
    for hint in context.reading.body:
        value = context.embedded.get(hint.partition(":")[2]) if hint.startswith("json:") else None
        if not isinstance(value, str) or len(_TAG.sub("", value)) <= _MORE * letters:
            continue
        body = _of_json(context, hint, sifted)
        if body and sum(map(len, body.lines)) > sum(map(len, shown.lines)):
            context.provenance["text"] = "embedded-json"
            return Body(body.lines, shown.elements, shown.skipped, body.headings)
    return None


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


def _parts(context: PageContext, hint: str) -> Iterator[_Element]:
    """Yield the elements that hold the text: the first with any, or all that are not inside one another."""
    taken: list[_Element] = []
    joined = context.reading.joined or context.address.kind == "live"
    for element in context.document.all(hint):
        if any(is_inside(element, other) for other in taken):
            continue
        if sum(len(text.strip()) for text in element.itertext()) < ENOUGH and not joined:
            continue
        taken.append(element)
        yield element
        if not joined:
            return
