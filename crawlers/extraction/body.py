"""The text of an article: from its page, by rules or by density, or from a feed that carries it whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice, takewhile
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from archive.text import fold_label
from crawlers.extraction import rules
from crawlers.extraction.boilerplate import (
    LINKED_TITLE,
    MOST_LINES,
    OWN_LINK,
    PARAGRAPH,
    TAG,
    Line,
    above_comments,
    dropped,
    is_paragraph,
    lead_above,
    read_feed_text,
    read_lines,
    sift,
    without_bio,
)
from crawlers.extraction.credit import is_source_label, read_head, signed_above, wrote
from crawlers.extraction.days import find_day
from crawlers.extraction.density import captions, find_body, is_of_cards, is_of_headings, is_of_rows, other_articles
from crawlers.extraction.html import is_inside, text_of
from crawlers.extraction.jsonld import ARTICLE_TYPES, look_up, types
from crawlers.extraction.page_checks import (
    Empty,
    NotAnArticle,
    describes_goods,
    is_about_site,
    is_of_figures,
    is_of_goods,
    says_goods,
    sells,
    shows_goods,
)
from crawlers.extraction.page_context import is_author_link, is_short, state_of
from pipelines.cleaning import tidy, tidy_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from lxml.etree import _Element

    from crawlers.extraction.density import Place
    from crawlers.extraction.page_context import PageContext

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
    body = sifted(_of_one_article(lines[:MOST_LINES], context.headline or ""))
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


def _of_one_article(lines: list[Line], headline: str) -> list[Line]:
    """Leave out what stands above the article's headline, and the next article that scrolling appended: a further ``h1`` under a paragraph.

    An ``h1`` that is a link is the headline of a card.
    """
    titles = [number for number, line in enumerate(lines) if line.title and line.linked < LINKED_TITLE]
    own = fold_label(headline)
    first = next((number for number in titles if fold_label(lines[number].text) == own), None)
    if first is None:
        first = 0 if any(map(is_paragraph, lines[: titles[0]] if titles else lines)) else (titles or [0])[0]
    begun = next((number for number in range(first, len(lines)) if is_paragraph(lines[number])), len(lines))
    end = next((number for number in titles if number > begun and lines[number].text != lines[first].text), len(lines))
    return lines[first:end]


# --- The text of a page that the outlet's selectors do not know: by density, from JSON-LD, by trafilatura ------------

_LABEL = 40
_APART = 0.2
_TRUSTED = 200  # letters; what trafilatura finds on a page without paragraphs is headers and dates
_PARTIAL = 1.03
_TRAFILATURA_LIMIT = 300_000  # characters; it is slow, and bounded time matters more than a monster page's text
_LISTS = frozenset(("CollectionPage", "SearchResultsPage", "ProfilePage", "AboutPage", "ContactPage"))
_POST_CLASSES = frozenset(("single-post", "single-format-standard"))  # … as WordPress names an article's
_LIST_CLASSES = frozenset(("archive", "search", "search-results", "search-no-results", "category", "tag"))
_BUTTON_LINK = re.compile(r"(?:^|[/?&_-])(?:share|sharer|print|comment|reply|login)(?=$|[/?&=.#_-])", re.IGNORECASE)
_FEW_HEADINGS, _MANY_HEADINGS = 5, 8
_LITTLE, _FEW_LETTERS = 300, 600  # letters
_MOST_HEADINGS = 0.8
_LOADING = re.compile(r"(?:جار[يى]?|يتم) ?(?:ال)?تحميل\b(?! (?:ال)?مزيد)|(?:content )?loading\W*$")
_ARTICLE_URL = re.compile(  # its number, its headline, a file's
    r"(?:\d{3,}|(?:[^\W_]+[-_]){2,}[^\W_]+)[^/?]*/?(?:\?.*)?$|[?&](?:p|id|\w*_?id)=\d+|\.(?:html?|aspx?)\b"
)
_FEW_WORDS, _SOME_WORDS = 20, 80  # an item of news as short has a date; one under a name alone has more
_NAME_WORDS = 3  # a section's name has no more, a headline does; nor lists of others a page that is none
_OF_ARTICLES = ("meta:article:published_time", "meta:datePublished", "meta:publishdate")
_MUCH_MORE = 1.5  # a state has so many times the text that the page shows («اقرأ المزيد»)
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


def is_partial(context: PageContext, body: Body, read_place: Callable[[Place], Body | None]) -> bool:
    """Say whether the densest element (``read_place`` gives its text) holds these lines and notably more: a selector that means only the lead."""
    place = find_body(context.document, context.layout)
    is_same = place is not None and body.elements == (place.element,) and not place.beside
    whole = read_place(place) if place and not is_same else None
    if whole is None or sum(map(len, {*body.lines} - {*whole.lines})) > _APART * sum(map(len, body.lines)):
        return False
    return sum(map(len, whole.lines)) > _PARTIAL * sum(map(len, body.lines))


def by_density(context: PageContext, sifted: Sift) -> Body | None:
    """Return the text of the densest element. Raises `NotAnArticle` where the page lists articles."""
    place = find_body(context.document, context.layout)
    if not _is_told(context):
        _check_list(context, place.element if place else None)
    known = _surroundings(context)
    at, layout = place.element if place else None, context.layout
    in_words = wrote(layout.labels(at, of_article=True), context.headline or "", layout.labels_under(at))
    linked = [text_of(each) for each in context.layout.head(place.element if place else None) if is_author_link(each)]
    signed = {fold_label(name) for name in (*in_words, *linked, *context.ask("ld:author.name"))}

    def bare(lines: list[Line]) -> list[str]:
        lines = without_bio(above_comments(lines), signed)
        return sifted(_from_first_paragraph([line for line in lines if fold_label(line.text) not in known | signed]))

    others = _none_of_text(context, place.element) if place else set()
    body = of_elements(context, (place.element,), bare, place.beside | others) if place else None
    if place and body and not context.reading.standfirst:  # else its rules say what is the summary
        body.lines = lead_above(context.layout.under(place.element), context.headline or "", body.lines)
    if not _is_told(context):
        _check_front(context, place.element if place else None, body)
    state = _of_json(context, "json:body", sifted) if body else None
    if body and state and sum(map(len, state.lines)) > _MUCH_MORE * sum(map(len, body.lines)):
        return _generic(context, replace(state, elements=body.elements, skipped=body.skipped), "embedded-json")
    return _generic(context, body, "selector")


def by_state(context: PageContext, sifted: Sift) -> Body | None:
    """Return the text of the state that a script hands to the browser: a page that is a shell shows none itself."""
    if not context.embedded and context.reading.embedded is None:
        context.carry(state_of(context))
    return _generic(context, _of_json(context, "json:body", sifted), "embedded-json")


def _none_of_text(context: PageContext, place: _Element) -> set[_Element]:
    return other_articles(place, context.layout, partial(_is_other, context)) | captions(place)


def _is_other(context: PageContext, href: str) -> bool:
    """Say whether a link leads to another page than this one: no place in it, no button."""
    if not href or href.startswith(("#", "javascript:", "mailto:", "tel:", "whatsapp:")) or OWN_LINK.search(href):
        return False
    own = {urlsplit(url).path for url in (context.page.url, context.address.canonical_url)}
    try:
        return urlsplit(urljoin(context.base, href)).path not in own
    except ValueError:
        return False


def _is_of_site(context: PageContext, href: str) -> bool:
    """Say whether a link leads to another page of the same site, and is no button: press reviews link to others."""
    if not _is_other(context, href) or _BUTTON_LINK.search(href):
        return False
    return urlsplit(urljoin(context.base, href)).hostname == urlsplit(context.page.url).hostname


def _is_told(context: PageContext) -> bool:
    """Say whether the page tells machines of its article; many articles of which none has its headline or address are a list's."""
    if context.embedded and (context.reading.embedded is not None or "date" in context.embedded):
        return True  # a state without one may be a front page's
    told = [node for node in context.document.linked if types(node) & ARTICLE_TYPES] if context.linked else []
    if len(told) < _FEW_HEADINGS:
        return bool(context.linked)
    title = fold_label(context.headline or "")
    named = (url for node in told for name in ("url", "mainEntityOfPage", "@id") for url in look_up(node, name))
    return any(title == fold_label(line) for node in told for line in look_up(node, "headline")) or not all(
        _is_other(context, url) for url in named
    )


def _check_list(context: PageContext, place: _Element | None) -> None:
    """Raise `NotAnArticle` for a page of goods or of a list: by what it calls itself, or by headings that link to articles."""
    names = {name for body in context.document.by_tag("body") for name in (body.get("class") or "").split()}
    if says_goods(names, context.document.metas.get("og:type", "")):
        raise NotAnArticle("goods")
    if names & _POST_CLASSES:
        return
    root = context.document.root if place is None else place
    is_dated = any(map(context.ask, _OF_ARTICLES))
    if _says_list(context, names) or (not is_dated and is_of_headings(root, context.layout)):
        raise _refusal_of_list(context)


def _says_list(context: PageContext, names: set[str]) -> bool:
    """Say whether a page without an article's JSON-LD calls itself a list: in its JSON-LD, or as WordPress ``names`` its pages."""
    if any(types(node) & _LISTS for node in context.document.linked):
        return True
    return bool(names & _LIST_CLASSES) and not any(name.startswith("single") for name in names)


def _refusal_of_list(context: PageContext) -> NotAnArticle | Empty:
    """Return why a page of others' titles is refused: where a headline stands over words that its text is being loaded, it is an empty shell."""
    places = chain.from_iterable(islice(context.document.by_tag(tag), _MOST_ELEMENTS) for tag in ("p", "div", "span"))
    said = (each.text or "" for each in places)
    if _has_headline(context) and any(_LOADING.match(fold_label(text)) for text in said if len(text) < _LITTLE):
        return Empty("the text would have been loaded by a script")
    return NotAnArticle("a list of articles")


def _check_front(context: PageContext, place: _Element | None, body: Body | None) -> None:
    """Raise `NotAnArticle` where nothing calls a page an article, and it sells, or says little itself and much of others."""
    lines, document = (body.lines if body else []), context.document
    if any(map(context.ask, context.speaking(_OF_ARTICLES))):
        return
    is_called, is_placed = _is_called_article(context), _is_placed(context, place)
    if not is_called:
        if describes_goods(document) or (not _has_headline(context) and shows_goods(document)) or sells(document):
            raise NotAnArticle("goods")
        if is_about_site(context.headline or ""):
            raise NotAnArticle("a page about the site")
        if is_of_figures(lines):
            raise NotAnArticle("figures without a sentence")
    elif is_placed or not lines:  # its text may stand elsewhere
        return
    if _is_front(context, place, lines) or (not is_placed and _is_of_others(context, lines)):
        raise _refusal_of_list(context)


def check_undated(context: PageContext, words: int) -> None:
    """Raise `NotAnArticle` for a page without a date that nothing calls an article: where it says little, or shows goods."""
    is_generic = not context.reading.body and context.provenance["text"] in {"selector", "embedded-json"}
    if not is_generic or _is_told(context) or _is_called_article(context):
        return
    document = context.document
    part = next((up for up in reversed(context.layout.around) if up.tag not in {"html", "body"}), None)
    if is_of_goods(context.address.canonical_url) or describes_goods(document) or shows_goods(document, part):
        raise NotAnArticle("goods")
    if context.provenance["text"] == "selector" and words < (_FEW_WORDS if _has_headline(context) else _SOME_WORDS):
        raise NotAnArticle("few words and no date")


def _is_called_article(context: PageContext) -> bool:
    """Say whether metas call a page an article; ``og:type`` alone is little: systems write it on every page that is no front."""
    return any(map(context.ask, context.speaking(_OF_ARTICLES))) or "article" in context.ask("meta:og:type")


def _has_headline(context: PageContext) -> bool:
    return context.layout.heading is not None and (context.headline or "").count(" ") >= _NAME_WORDS


def _is_placed(context: PageContext, place: _Element | None) -> bool:
    """Say whether a page stands at an address as articles have them, or has a day under its headline."""
    if _ARTICLE_URL.search(unquote(context.page.url)):
        return True
    under, today = takewhile(partial(_no_title, context), context.layout.under(place)), context.page.captured.date()
    return any(find_day(fold_label(text_of(each)), today=today) for each in under if is_short(each))


def _is_of_others(context: PageContext, lines: list[str]) -> bool:
    """Say whether a page has fewer words than titles of others (a section with a word about it), or a name over headings that lead elsewhere."""
    titles = _titles_of_others(context)
    others = set(titles.values())
    said = sum(len(line) for line in lines if line not in others)
    if said < _FEW_LETTERS and len(titles) >= _MANY_HEADINGS and sum(map(len, titles.values())) > said:
        return True
    leads = [] if _has_headline(context) else [_leads_elsewhere(context, each) for each in _headings_inside(context)]
    return sum(leads) >= max(_MANY_HEADINGS, _MOST_HEADINGS * len(leads))


def _is_front(context: PageContext, place: _Element | None, lines: list[str]) -> bool:
    """Say whether a page says little itself and much of others, or its text is cards of others, or of no paragraph of its own it has a name alone."""
    is_headline = _has_headline(context)
    if not is_headline and any(map(_lists, context.document.linked)):
        return True
    whole = next(iter(context.document.by_tag("body")), None) if place is None else place
    if whole is not None and (
        is_of_cards(
            whole, partial(_is_other, context), is_headed=is_headline, is_read=bool(place is not None and lines)
        )
        or is_of_rows(whole, partial(_is_of_site, context), is_headed=is_headline)
    ):
        return True
    if is_headline:
        return False
    if place is None and len(_titles_of_others(context)) > _NAME_WORDS:
        return True
    if sum(map(len, lines)) >= _LITTLE:
        return False
    return sum(_leads_elsewhere(context, each) for each in _headings_inside(context)) >= _MANY_HEADINGS


def _headings_inside(context: PageContext) -> Iterator[_Element]:
    every = (each for tag in ("h2", "h3", "h4") for each in islice(context.document.by_tag(tag), _MOST_ELEMENTS))
    return (each for each in every if not context.layout.is_outside(each))


def _no_title(context: PageContext, place: _Element) -> bool:
    link = place if place.tag == "a" else place.find(".//a[@href]")
    return link is None or len(text_of(link)) < ENOUGH or not _is_other(context, link.get("href") or "")


def _leads_elsewhere(context: PageContext, heading: _Element) -> bool:
    link = next(heading.iterancestors("a"), heading.find(".//a[@href]"))
    return link is not None and _is_other(context, link.get("href") or "")


def _lists(node: dict[str, Any]) -> bool:
    items = node.get("itemListElement") if "ItemList" in types(node) else None
    named = (item for item in items or () if isinstance(item, dict) and "ListItem" in types(item) and "url" in item)
    return sum(1 for _ in islice(named, _FEW_HEADINGS)) == _FEW_HEADINGS


def _titles_of_others(context: PageContext) -> dict[str, str]:
    """Return where the links lead that are as long as a headline and stand in no menu and no sidebar, with what they say."""
    links = ((link, tidy(text_of(link))) for link in islice(context.document.by_tag("a"), _MOST_ELEMENTS))
    long = ((link.get("href") or "", link, text) for link, text in links if len(text) >= ENOUGH)
    return {href: text for href, link, text in long if _is_other(context, href) and not context.layout.is_outside(link)}


def by_linked(context: PageContext, sifted: Sift) -> Body | None:
    """Return the ``articleBody`` of JSON-LD."""
    value = context.linked.get("articleBody")
    if not isinstance(value, str):
        return None
    return _generic(context, Body(sifted(linked_lines(value))), "json-ld")


def linked_lines(value: str) -> list[Line]:
    """Return the lines of a text in JSON-LD; many a template leaves its tags in it."""
    has_tags = "<" in value or "&lt;" in value
    return read_feed_text(value, ()) if has_tags else [Line(line) for line in tidy_lines(value).split("\n") if line]


def by_trafilatura(context: PageContext, sifted: Sift) -> Body | None:
    """Return what trafilatura finds, without its stateful ``deduplicate``."""
    markup = context.markup.decode(errors="replace")
    if len(markup) > _TRAFILATURA_LIMIT:
        return None
    import trafilatura  # noqa: PLC0415  the last resort; half a second that few commands need

    text = trafilatura.extract(markup, include_comments=False, include_tables=True, deduplicate=False)
    lines = [Line(line) for line in tidy_lines(text or "").split("\n") if line]
    body = Body(sifted(lines))
    if not _is_told(context):
        _check_front(context, None, body)
    return _generic(context, body, "trafilatura") if sum(map(len, body.lines)) >= _TRUSTED else None


def _generic(context: PageContext, body: Body | None, provenance: str) -> Body | None:
    if body is None or not body.is_enough:
        return None
    context.flag("generic-extraction")
    context.provenance["text"] = provenance
    return body


def _from_first_paragraph(lines: list[Line]) -> list[Line]:
    """Leave out names, places and labels between the headline and the first paragraph; a credit stays («عنب بلدي – جنى العيسى»)."""
    first = next((number for number, line in enumerate(lines) if len(line.text) >= PARAGRAPH and not line.title), 0)
    kept = first - bool(first and signed_above(lines[first - 1].text, lines[first].text))
    return [line for number, line in enumerate(lines) if number >= kept or line.title or not _is_label(line)]


def _is_label(line: Line) -> bool:
    if is_source_label(line.text):
        return True
    is_short = len(line.text) < _LABEL and not line.heading and not line.text.endswith((".", ":", "؟", "!"))
    return is_short and read_head(line.text) is None


def _surroundings(context: PageContext) -> set[str]:
    """Return what the page says elsewhere of its author, section, tags and summary: such a line is no paragraph."""
    summary = [] if context.reading.lead else ["ld:description", "meta:description"]
    asked = [*_NAMED, *rules.BREADCRUMBS, *(hint for hint in context.reading.standfirst if hint in summary)]
    lines = [line for candidate in context.candidates(asked) for line in candidate.values]
    return {fold_label(part) for line in lines for part in (line, *_COMMA.split(line))}


# --- The text of the article: found by the outlet's selectors, by its density, by trafilatura, in this order ---------
# embedded JSON or the outlet's selectors ─▶ lines ─▶ sift      (JSON named behind selectors: where the page shows a part of it)
#   └─ nothing ─▶ the densest element (flag generic-extraction) ─▶ articleBody of JSON-LD ─▶ trafilatura


_MORE = 1.1  # JSON with so many times the page's letters is read before it: entities and blanks differ by less


def read_body(context: PageContext, *, headline: str, standfirst: str | None) -> Body:
    """Return the article's text. Raises `Empty` where the page has none."""

    def sifted(lines: list[Line]) -> list[str]:
        return sift(lines, headline=headline, standfirst=standfirst, boilerplate=context.reading.boilerplate)

    if context.reading.lead and standfirst and _is_summary_only(context):
        return _shown(context, standfirst, sifted)
    for way in (_by_hint, by_density, by_linked, by_state, by_trafilatura):
        body = way(context, sifted)
        if body and body.is_enough:
            return _with_lead(context, body, standfirst)
    if context.address.kind in {"video", "gallery", "breaking", "live"} and standfirst:
        context.provenance["text"] = context.provenance.get("standfirst", "selector")
        return Body([standfirst])
    if "embedded-unreadable" in context.flags:
        raise Empty("no text that the page shows, and its state cannot be read")
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
    tried: set[tuple[_Element, ...]] = set()  # several selectors may mean the same elements
    places: dict[Place, Body | None] = {}

    def read_place(place: Place) -> Body | None:
        if place not in places:
            places[place] = of_elements(context, (place.element,), sifted, place.beside)
        return places[place]

    for hint in context.reading.body:
        if hint.startswith("json:"):
            body = _of_json(context, hint, sifted)
        else:
            parts = tuple(_parts(context, hint))
            if context.address.kind == "live" and len(parts) > 1:  # an entry's title stands outside its text
                parts = (_common(parts),)
            if parts in tried:
                continue
            tried.add(parts)
            body = of_elements(context, parts, sifted)
        if body and body.is_enough and not (context.reading.joined and is_partial(context, body, read_place)):
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
    elements = shown.elements if context.embedded else ()
    letters = sum(len(text) for element in elements for text in element.itertext())
    for hint in context.reading.body:
        value = context.embedded.get(hint.partition(":")[2]) if hint.startswith("json:") else None
        if not isinstance(value, str) or len(TAG.sub("", value)) <= _MORE * letters:
            continue
        body = _of_json(context, hint, sifted)
        if body and sum(map(len, body.lines)) > sum(map(len, shown.lines)):
            context.provenance["text"] = "embedded-json"
            return Body(body.lines, shown.elements, shown.skipped, body.headings)
    return None


def _common(elements: Sequence[_Element]) -> _Element:
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
        if not (joined or _says_enough(element)):
            continue
        taken.append(element)
        yield element
        if not joined:
            return


def _says_enough(element: _Element) -> bool:
    letters = 0
    return any((letters := letters + len(text.strip())) >= ENOUGH for text in element.itertext())
