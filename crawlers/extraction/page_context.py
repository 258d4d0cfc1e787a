"""Everything known of one page, and the one way to ask for it: markup, JSON-LD, the announcement, headers, addresses, policy."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from archive.text import fold_label
from crawlers.addresses import absolute_url, ascii_url
from crawlers.extraction.boilerplate import is_boilerplate
from crawlers.extraction.html import LIMIT, Document, is_inside, text_of, to_utf8
from crawlers.extraction.jsonld import article_in_states, article_node, has_code, look_up, media_node, state_named
from crawlers.extraction.rules import SIGNED, WROTE
from crawlers.extraction.selectors import ANY, names_in, needles_in
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from lxml.etree import _Element
    from scrapy.http import Response

    from crawlers.addresses import Address, AddressRules, Announcement
    from crawlers.extraction.rules import ExtractionRules
    from crawlers.extraction.times import Moment

# --- Where on a page its article stands: the headline's element, and what is certainly not the article's place -------
# Every rule here is about how pages are built, not about one outlet: dialogs, comment forms, sidebars and footers are never the
# article, wherever they stand in the markup and however much text they hold; what holds the headline, too, is none of them.

_HEADINGS = ("h1", "h2", "h3", "h4")
_KICKERS = frozenset(("h1", "h2", "h3"))  # over a headline they say what kind of text it is, or what it is about
_TITLED = (*_HEADINGS, "div", "span", "p", "td", "strong", "b")
_LONGEST_HEADLINE = 300  # letters of a headline
_NAME = 300  # letters of a class that are looked at
_AUTHORS = re.compile(
    r"/(?:authors?|writers?|columnists?|reporters?|journalists?|editors?|contributors?|profiles?)/[^/]", re.IGNORECASE
)
_NAME_BLANKS = range(1, 4)
_NEAR_TOP = 3  # elements between the page and its header
_TAGS = frozenset(("footer", "nav", "aside", "dialog", "select"))
_ABOVE = 12  # elements before the headline: a picture, a line with the time, an author over an opinion
_HEAD = 200  # elements looked at
_PARAGRAPH = 80  # letters; with it the text has begun
_LABEL = 160  # letters with blanks; a longer text is a sentence
_PIECES = 30
_PARTS = 100  # elements
_ROLES = frozenset(("dialog", "alertdialog", "complementary", "contentinfo", "navigation", "search", "banner"))
_OUTSIDE = re.compile(
    r"(?:^|[\s_-])(?<!no-)(?<!with-)(?<!has-)(?<!no_)(?:modal|popup|pop-up|lightbox|dialog|overlay|offcanvas|cookies?|consent|gdpr|"
    r"comments?|respond|comment-?form\w*|disqus|replies|newsletter|subscri\w+|login|signin|signup|"
    r"side-?bar(?!-(?:grid|layout))|footer|foot|copyrights?|widget-?area|"
    r"related\w*|recommend\w*|most-?(?:read|viewed|popular|commented)|latest-?(?:news|posts)|also-?read|see-?also|read-?(?:more|also|next)|"
    r"breadcrumbs?|menu|navbar|topbar|ticker|marquee|breaking-?(?:news|bar)|share|sharing|social|tags?-?cloud|"
    r"adver\w*|banner|sponsor\w*|author-?(?:box|bio|list)\w*|authorlist\w*|next-?prev|prev-?next|post-?navigation)"
    r"(?=$|[\s_-])|(?:^|\s)(?:comments?|modal)\w*(?=$|\s)|\b\w+(?:Modal|Popup|Sidebar|Footer|Comments?)(?=$|\s)",
)  # \b: else a long name is gone through from each of its letters
_TEXT = re.compile(r"(?:^|[\s_-])(?:entry|post|article|story|news)[_-]?(?:content|body|text)(?=$|\s)", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_META = re.compile(r"(?:^|[\s_-])(?:meta|submitted|byline)(?=$|[\s_-])")
_BUTTONS = frozenset(("share", "sharing", "social"))
_ABOUT = re.compile(
    r"(?:^|[\s_-])(?:date|time|meta|info|author)(?=$|[\s_-])"
)  # the line of author and time, whatever else is in it
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN = re.compile(
    r"(?:^|[\s_-])(?:modal|popup|dialog|lightbox|overlay|offcanvas)(?=$|[\s_-])|\b\w+(?:Modal|Popup)(?=$|\s)"
)
_find_hidden = lru_cache(maxsize=4096)(_HIDDEN.search)  # an outlet's pages have the same few hundred names


class Layout:
    """The places of one page.

    Attributes:
        heading: the element that shows the headline, None where the page shows it nowhere.
    """

    def __init__(self, document: Document, headline: str | None = None) -> None:
        self._document = document
        self.heading = _heading(document, headline)
        start = self.heading if self.heading is not None else document.root
        self.around: tuple[_Element, ...] = tuple(start.iterancestors())
        self._holders = frozenset((*self.around, document.root, *document.by_tag("body")))
        self._heads: dict[_Element | None, list[_Element]] = {}
        self._known: dict[_Element, bool] = {}
        self._said = cache(_label)  # of one page, whose labels are gone through for its author, its text and its times

    def is_outside(self, element: _Element) -> bool:
        """Say whether ``element`` stands in a dialog, a comment form, a sidebar, a footer or the like."""
        passed: list[_Element] = []
        outside = False
        for place in (element, *element.iterancestors()):
            if place in self._holders:
                break
            if place in self._known:
                outside = self._known[place]
                break
            passed.append(place)
            if says_outside(place) or _is_masthead(place):
                outside = True
                break
        self._known.update(dict.fromkeys(passed, outside))
        return outside

    def head(self, body: _Element | None) -> list[_Element]:
        """Return what stands about the headline, down to the first paragraph of ``body``: picture, time, author, section.

        A page that shows its headline nowhere has none, unless its text is known: then it is what stands before that.
        """
        if body not in self._heads:
            self._heads[body] = self._head(body)
        return self._heads[body]

    def _head(self, body: _Element | None) -> list[_Element]:
        start = self.heading if self.heading is not None else body
        if start is None:
            return []
        above = self._document.before(start, _ABOVE)
        places = [place for place in above if not self.is_outside(place)]
        if start is body:
            return places
        inside = body is not None and body in self._holders
        for place in self._document.after(start, _HEAD):
            if place is body:
                inside = True
                continue
            if inside and _begins_text(place):
                break
            if not self.is_outside(place):
                places.append(place)
        return places

    def under(self, body: _Element | None) -> list[_Element]:
        """Return what stands between the headline and ``body``; nothing where the page shows its headline nowhere."""
        if self.heading is None:
            return []
        above = set(self._document.before(self.heading, _ABOVE))
        return [place for place in self.head(body) if place not in above and place is not self.heading]

    def of_article(self, body: _Element | None) -> list[_Element]:
        """Return what of `head` stands with headline and ``body`` in one element: a sidebar before the article is none of it."""
        if self.heading is None or body is None:
            return self.head(body)
        around = next((up for up in (body, *body.iterancestors()) if up in self.around), body)
        under = set(self.under(body))
        return [place for place in self.head(body) if place in under or is_inside(place, around)]

    def labels(self, body: _Element | None, *, of_article: bool = False) -> list[str]:
        """Return the short texts about the headline, those under it first; ``of_article``: only those in one element with the text."""
        near = self.head(body)
        if of_article:
            near = [place for place in self.of_article(body) if place.tag not in _KICKERS]
        above = set(self._document.before(self.heading, _ABOVE)) if self.heading is not None else set()
        texts = (self._said(place) for place in sorted(near, key=above.__contains__) if place is not self.heading)
        return [line for line in texts if line]

    def labels_under(self, body: _Element | None) -> list[str]:
        """Return the short texts between the headline and the text."""
        return [line for place in self.under(body) if place.tag not in _KICKERS and (line := self._said(place))]

    def is_hidden(self, element: _Element) -> bool:
        """Say whether a reader does not see ``element`` before pressing something."""
        places = (place for place in (element, *element.iterancestors()) if place not in self._holders)
        return any(_is_hidden(place) for place in places)


def _begins_text(place: _Element) -> bool:
    """Say whether a place is a paragraph; a line with two times may be as long."""
    if place.tag == "p":
        words = "".join(islice(place.itertext(), _PIECES))
    else:
        words = (place.text or "") if place.tag in {"div", "span"} else ""
    return len(words.strip()) >= _PARAGRAPH and not is_boilerplate(tidy(words))


def is_short(place: _Element) -> bool:
    """Say whether an element holds few others, and no more words than a label does."""
    if not len(place):  # as most are
        return len(place.text or "") < _LABEL
    if len(list(islice(place.iter(), _PARTS))) == _PARTS:
        return False
    pieces = list(islice(place.itertext(), _PIECES))
    return len(pieces) < _PIECES and sum(map(len, pieces)) < _LABEL


def _label(place: _Element) -> str:
    """Return what a short element says; of a long one that was never closed its own beginning, where that has a clock."""
    if is_short(place):
        return tidy(text_of(place))
    own = place.text or ""
    return tidy(own) if place.tag == "div" and len(own) < _LABEL and _CLOCK.search(own) else ""


def says_outside(place: _Element) -> bool:
    """Say whether tag, role, class or id of ``place`` itself says that it is no article's."""
    if (place.tag in _TAGS and not _is_meta(place)) or place.get("role") in _ROLES or _is_hidden(place):
        return True
    if place.tag == "form":
        return next(place.iter("textarea", "input"), None) is not None
    return _says_outside(f"{place.get('class', '')} {place.get('id', '')}"[:_NAME])


def is_author_link(place: _Element) -> bool:
    """Say whether a place is a link to what an author wrote; one of more words is no name."""
    if place.tag != "a" or not _AUTHORS.search(place.get("href") or ""):
        return False
    return text_of(place).strip().count(" ") in _NAME_BLANKS


def _is_masthead(place: _Element) -> bool:
    """Say whether a ``header`` is the page's, over all else: today's date, the logo, a menu."""
    parent = place.getparent() if place.tag == "header" else None
    for _ in range(_NEAR_TOP):
        if parent is None or parent.tag in {"article", "main", "section"}:
            return False
        if parent.tag == "body":
            return True
        parent = parent.getparent()
    return False


def _is_meta(place: _Element) -> bool:
    """Say whether a ``footer`` is the line of author and time that Drupal puts above a text."""
    return place.tag == "footer" and bool(_META.search(place.get("class") or ""))


def _is_hidden(place: _Element) -> bool:
    return is_concealed(place) or bool(_find_hidden(place.get("class", "")[:_NAME]))


def is_concealed(place: _Element) -> bool:
    """Say whether markup or style of ``place`` itself hides it."""
    if place.get("hidden") is not None or place.get("aria-hidden") == "true":
        return True
    style = place.get("style")
    return bool(style and _HIDDEN_STYLE.search(style))


@lru_cache(maxsize=4096)
def _says_outside(name: str) -> bool:
    said = _OUTSIDE.search(name) if len(name) > 1 else None
    if said is None or _TEXT.search(name):
        return False
    return not (said[0].strip(" _-") in _BUTTONS and _ABOUT.search(name))


def _heading(document: Document, headline: str | None) -> _Element | None:
    """Return the element that shows the headline: an ``h1`` before any other, the first without a headline to compare."""
    titles = document.by_tag("h1")
    if headline is None:
        return titles[0] if titles else None
    key = fold_label(headline)
    for tag in _TITLED:
        for element in document.by_tag(tag):
            if fold_label(tidy(_shown(element))) == key:
                return element
    return titles[0] if titles else None


def _shown(element: _Element) -> str:
    """Return what a heading shows; of other elements their own text alone, so that no wrapper is read for each of its parts."""
    if element.tag in _HEADINGS:
        return text_of(element)[:_LONGEST_HEADLINE]
    own = element.text or ""
    return own if len(own) <= _LONGEST_HEADLINE else ""


# --- Everything known of one page, and the one way to ask for it: by source -----------------------------------------
# PageContext.ask("ld:headline") ─▶ strings            first() of some sources ─▶ the first that speaks, with its provenance

_PROVENANCE = {"meta": "meta", "ld": "json-ld", "json": "embedded-json", "feed": "feed"}
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)  # summaries of feeds may be HTML
_EMBEDDED_DEPTH = 4
_WINDOW, _FED, _CARRIED = "window.", "feed:", "json:"
_MOST = 200  # answers of one source, and _LONGEST letters of each: no field needs more
_LONGEST = 5000


class Candidate(NamedTuple):
    """What a source said, and who it was."""

    source: str
    values: list[str]

    @property
    def provenance(self) -> str:
        """Return the published name of the kind of source."""
        prefix, colon, _ = self.source.partition(":")
        return _PROVENANCE.get(prefix, "selector") if colon else ("url" if self.source == "url" else "selector")


@dataclass(slots=True)
class PageContext:
    """One page under one outlet's reading.

    Attributes:
        markup: the page, scripts, menus and all; UTF-8, but for bad bytes in what `Document` cuts.
        linked: the article's JSON-LD node; on a video or gallery page without one, the film's or the pictures'.
        embedded: the article's JSON that the page carries; ``state``: what stands beside it, by key.
        headline: as it will be published, once it is known.
        zone: of times that name none, where the page tells it.
        moments: the times that were read, by text, zone and whether its clock has twelve hours: sources say the same.
        provenance, flags: filled while the fields are read.
    """

    page: Page
    reading: ExtractionRules
    address: Address
    document: Document
    markup: bytes = b""
    linked: dict[str, Any] = field(default_factory=dict)
    embedded: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    headline: str | None = None
    zone: str | None = None
    moments: dict[tuple[str, str, bool], Moment | None] = field(default_factory=dict)
    _layout: Layout | None = None
    _names: frozenset[str] = frozenset()
    provenance: dict[str, str] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.document.is_cut or len(self.page.body) > LIMIT:
            self.flag("truncated")
        nodes = self.document.linked
        self.linked = article_node(nodes, self.address.canonical_url) or media_node(nodes, self.address.kind)
        fed = (_FED,) if self.page.announcement else ()
        self._names = self.document.names.union(fed, self.document.metas, self.linked)
        self.carry(_embedded(self))

    def carry(self, article: dict[str, Any]) -> None:
        """Take ``article`` for the one that the page carries as JSON."""
        self.embedded = article
        self._names |= {f"{_CARRIED}{key}" for key in article}

    @property
    def base(self) -> str:
        """Return the address against which the page's relative ones are read."""
        return self.document.base(self.page.url)

    @property
    def is_generic(self) -> bool:
        """Say whether the text was found without the outlet's selectors: its template is one that nobody described."""
        return "generic-extraction" in self.flags

    @property
    def layout(self) -> Layout:
        """Return where on the page the article with this headline stands; made once, when it is first asked for."""
        if self._layout is None:
            self._layout = Layout(self.document, self.headline)
        return self._layout

    def ask(self, source: str) -> list[str]:
        """Return the tidy strings that ``source`` has; none is an empty list."""
        answer, path = _way_to(source)
        return answer(self, path)

    def speaking(self, sources: Iterable[str]) -> list[str]:
        """Return those of some sources that may say something: most name what is not on a page, and are not asked one by one."""
        return [
            source
            for source, names, needles in _named_by(tuple(sources))
            if not names.isdisjoint(self._names) and (not needles or all(map(self.document.holds, needles)))
        ]

    def candidates(self, sources: Iterable[str]) -> Iterator[Candidate]:
        """Yield what each source said, those that are silent or ignored left out."""
        for source in self.speaking(sources):
            if source not in self.reading.ignore and (values := self.ask(source)):
                yield Candidate(source, values)

    def first(self, name: str, sources: Iterable[str], accept: Callable[[str], str | None] = str) -> str | None:
        """Return the first string of the sources that ``accept`` lets through, and note where field ``name`` is from."""
        for candidate in self.candidates(sources):
            for line in candidate.values:
                if value := accept(line):
                    self.provenance[name] = candidate.provenance
                    return value
        return None

    def flag(self, name: str) -> None:
        """Note a doubt, once."""
        if name not in self.flags:
            self.flags.append(name)


def _ask_feed(context: PageContext, path: str) -> list[str]:
    announcement = context.page.announcement
    value = getattr(announcement, path) if announcement else None
    values = value if isinstance(value, tuple) else (value,)
    return [line for entry in values if entry and (line := tidy(_TAG.sub(" ", entry)))]


def _ask_meta(context: PageContext, path: str) -> list[str]:
    content = context.document.metas.get(path)
    return [line] if content and (line := tidy(content[:_LONGEST])) else []


def _ask_document(context: PageContext, selector: str) -> list[str]:
    return [line[:_LONGEST] for line in islice(context.document.texts(selector), _MOST)]


_ASK: dict[str, Callable[[PageContext, str], list[str]]] = {
    "meta": _ask_meta,
    "ld": lambda context, path: look_up(context.linked, path),
    "json": lambda context, path: look_up(context.embedded, path),
    "feed": _ask_feed,
}


@lru_cache(maxsize=1024)
def _way_to(source: str) -> tuple[Callable[[PageContext, str], list[str]], str]:
    """Return who answers for a source, and what that one is asked: the path behind its prefix, or all of it as a selector."""
    prefix, colon, path = source.partition(":")
    if not (colon and prefix in _ASK):
        return _ask_document, source
    return _ASK[prefix], path.lower() if prefix == "meta" else path


@lru_cache(maxsize=1024)
def _named_by(sources: tuple[str, ...]) -> tuple[tuple[str, frozenset[str], tuple[str, ...]], ...]:
    """Return of each source the names (tags, classes, metas, keys of JSON) of which a page has one where it speaks, and what its markup holds, too."""
    return tuple((source, *_named(source)) for source in sources)


def _named(source: str) -> tuple[frozenset[str], tuple[str, ...]]:
    answer, path = _way_to(source)
    if answer is not _ask_document:
        key = path.partition(".")[0]
        names = {_ask_meta: path, _ask_feed: _FED, _ASK["ld"]: key}
        return frozenset((names.get(answer, f"{_CARRIED}{key}"),)), ()
    if path in {WROTE, SIGNED}:
        return frozenset((ANY,)), ()
    selector = path.partition("@")[0]
    return names_in(selector), needles_in(selector)


def _embedded(context: PageContext) -> dict[str, Any]:
    """Return the article's object in the JSON that the page carries where the reading says; ``{}`` where there is none."""
    hint = context.reading.embedded
    if hint is None:
        return state_of(context) if all(each.startswith("json:") for each in context.reading.body) else {}
    if hint.startswith(_WINDOW):
        return _of_state(context, *hint.removeprefix(_WINDOW).split("#"))
    path, _, attribute = hint.partition("@")
    for element in context.document.all(path):
        try:
            data = _search(json.loads(element.get(attribute) or "null", strict=False), _EMBEDDED_DEPTH)
        except (ValueError, RecursionError):
            context.flag("embedded-unreadable")
            continue
        if data:
            return data
    return {}


def state_of(context: PageContext) -> dict[str, Any]:
    """Return what a widespread system hands to the browser of this page's article, under the names that ``json:`` sources ask for."""
    if b"application/json" not in context.markup and b"__" not in context.markup:
        return {}
    asked = ("meta:og:title", "meta:twitter:title", "ld:headline", "title", "h1")
    titles = {fold_label(line) for source in asked for line in context.ask(source)}
    paths = (unquote(urlsplit(url).path) for url in (context.page.url, *own_urls(context.page, context.document)))
    article = article_in_states(context.markup, titles, " ".join(paths))
    if not article and has_code(context.markup):
        context.flag("embedded-unreadable")
    return article


def _of_state(context: PageContext, name: str, key: str) -> dict[str, Any]:
    """Return one entry of the state ``window.<name>`` that a script hands to the browser, in whichever form.

    ``key`` is the entry's, with sources in braces (``Post:{meta:postID}``). The entries that it refers to stand in it. A state that
    cannot be read, or that is larger than any article's, is flagged and passed over.
    """
    try:
        state = state_named(context.markup, name)
        if state is None:
            return {}
    except (ValueError, RecursionError):
        state = None
    if not isinstance(state, dict):
        context.flag("embedded-unreadable")
        return {}
    context.state = state
    path = re.sub(r"\{([^{}]+)\}", lambda source: next(iter(context.ask(source[1])), ""), key)
    entry = state.get(path)
    return {part: _resolved(value, state) for part, value in entry.items()} if isinstance(entry, dict) else {}


def _resolved(value: Any, state: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_resolved(part, state) for part in value]
    return state.get(str(value["__ref"]), {}) if isinstance(value, dict) and "__ref" in value else value


def _search(value: Any, depth: int) -> dict[str, Any]:
    if not isinstance(value, dict) or depth == 0:
        return {}
    if isinstance(value.get("headline"), str) and ("body" in value or "summary" in value):
        return value
    return next((result for inner in value.values() if (result := _search(inner, depth - 1))), {})


# --- The addresses a page gives itself, and the publisher it came from -----------------------------------------------


def own_urls(page: Page, document: Document) -> list[str]:
    """Return the addresses that the page gives itself, absolute: its canonical link, then ``og:url``."""
    hrefs = [link.get("href") for link in document.all("link") if link.get("rel") == "canonical"]
    base = document.base(page.url)
    urls = []
    for href in (*hrefs, document.metas.get("og:url")):
        with suppress(ValueError):  # no URL at all
            urls += [absolute_url(base, tidy(href))] if href else []
    return list(dict.fromkeys(urls))


def origin_url(context: PageContext, addresses: AddressRules) -> str | None:
    """Return the canonical address where it is another publisher's."""
    for url in own_urls(context.page, context.document):
        if url.startswith(("http://", "https://")) and not addresses.owns(url):
            with suppress(ValueError):
                origin = ascii_url(url)
                context.provenance["origin_url"] = "selector"
                return origin
    return None


# --- A page as it was captured: what the reader is given -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One captured response, or, without a body, one feed item that carries its whole text.

    Args:
        url: as requested.
        captured: when the request was sent, aware.
        body: the content, transfer and content codings undone.
        content_type: the header's value, where there was one.
        status: the HTTP status.
        headers: other response headers, names in lower case (``x-robots-tag``, ``tdm-reservation`` are read).
        announcement: what the source said of the page, where a source did.
    """

    url: str
    captured: datetime
    body: bytes = b""
    content_type: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    announcement: Announcement | None = None

    def markup(self) -> bytes:
        """Return the body in UTF-8, read in the charset that it really has."""
        return to_utf8(self.body, self.content_type)


# --- What the reader is given of a response: a whole page, or the item of a feed that carries the whole text ---------


def page_of(response: Response, announcement: Announcement, *, with_body: bool) -> Page:
    """Return the page; without its body where ``announcement`` is a feed's item that carries the whole text."""
    headers = {name.decode("latin-1").lower(): b",".join(v).decode("latin-1") for name, v in response.headers.items()}
    if tdm := response.meta.get("tdm"):  # by the host; the page's own word stands before it
        headers.setdefault("tdm-reservation-of-host", tdm)
    return Page(
        url=response.url if with_body else announcement.url,
        captured=response.meta.get("captured") or _answered(response),
        body=response.body if with_body else b"",
        content_type=headers.get("content-type"),
        status=response.status,
        headers=headers,
        announcement=announcement,
    )


def content_type_of(response: Response) -> str | None:
    """Return the header's value, None where it was not sent."""
    value = response.headers.get("Content-Type")
    return None if value is None else value.decode("latin-1")


def _answered(response: Response) -> datetime:
    """Return when a server answered what a cache gives now: by its own ``Date``, where that can be read."""
    try:
        moment = parsedate_to_datetime((response.headers.get("Date") or b"").decode("latin-1"))
    except ValueError:
        return datetime.now(UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
