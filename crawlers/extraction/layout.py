"""Where on a page its article stands: the headline's element, and what is certainly not the article's place.

Every rule here is about how pages are built, not about one outlet: dialogs, comment forms, sidebars and footers are never the
article, wherever they stand in the markup and however much text they hold; what holds the headline, too, is none of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from archive.text import fold_label
from crawlers.extraction.html import text_of
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from lxml.etree import _Element

    from crawlers.extraction.html import Document

_HEADINGS = ("h1", "h2", "h3", "h4")
_TITLED = (*_HEADINGS, "div", "span", "p", "td", "strong", "b")
_LONGEST = 300  # letters of a headline
_NAME = 300  # letters of a class that are looked at
_TAGS = frozenset(("footer", "nav", "aside", "dialog", "select"))
_ABOVE = 12  # elements before the headline: a picture, a line with the time, an author over an opinion
_HEAD = 200  # elements looked at
_PARAGRAPH = 80  # letters; with it the text has begun
_LABEL = 160  # letters with blanks; a longer text is a sentence
_PIECES = 30
_ROLES = frozenset(("dialog", "alertdialog", "complementary", "contentinfo", "navigation", "search", "banner"))
_OUTSIDE = re.compile(
    r"(?:^|[\s_-])(?<!no-)(?<!with-)(?<!has-)(?<!no_)(?:modal|popup|pop-up|lightbox|dialog|overlay|offcanvas|cookies?|consent|gdpr|"
    r"comments?|respond|comment-?form\w*|disqus|replies|newsletter|subscri\w+|login|signin|signup|"
    r"side-?bar|footer|foot|copyrights?|widget-?area|"
    r"related\w*|recommend\w*|most-?(?:read|viewed|popular|commented)|latest-?(?:news|posts)|also-?read|see-?also|read-?(?:more|also|next)|"
    r"breadcrumbs?|menu|navbar|topbar|ticker|marquee|breaking-?(?:news|bar)|share|sharing|social|tags?-?cloud|"
    r"adver\w*|banner|sponsor\w*|author-?(?:box|bio|list)\w*|authorlist\w*|next-?prev|prev-?next|post-?navigation)"
    r"(?=$|[\s_-])|(?:^|\s)(?:comments?|modal)\w*(?=$|\s)|\w+(?:Modal|Popup|Sidebar|Footer|Comments?)(?=$|\s)",
)
_TEXT = re.compile(r"(?:^|[\s_-])(?:entry|post|article|story|news)[_-]?(?:content|body|text)(?=$|\s)", re.IGNORECASE)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN = re.compile(
    r"(?:^|[\s_-])(?:modal|popup|dialog|lightbox|overlay|offcanvas)(?=$|[\s_-])|\w+(?:Modal|Popup)(?=$|\s)"
)


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
            if says_outside(place):
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
            if (place is body and not inside) or (inside and _begins_text(place)):
                break
            if not self.is_outside(place):
                places.append(place)
        return places

    def labels(self, body: _Element | None) -> list[str]:
        """Return the short texts about the headline, in page order, each part of a longer one by itself, too."""
        found = (tidy(text_of(place)) for place in self.head(body) if place is not self.heading and _is_label(place))
        return [line for line in found if line]

    def is_hidden(self, element: _Element) -> bool:
        """Say whether a reader does not see ``element`` before pressing something."""
        places = (place for place in (element, *element.iterancestors()) if place not in self._holders)
        return any(_is_hidden(place) for place in places)


def _begins_text(place: _Element) -> bool:
    return place.tag in {"p", "div", "span"} and len((place.text or "").strip()) >= _PARAGRAPH


def _is_label(place: _Element) -> bool:
    pieces = list(islice(place.itertext(), _PIECES))
    return len(pieces) < _PIECES and sum(map(len, pieces)) < _LABEL


def says_outside(place: _Element) -> bool:
    """Say whether tag, role, class or id of ``place`` itself says that it is no article's."""
    if place.tag in _TAGS or place.get("role") in _ROLES or _is_hidden(place):
        return True
    if place.tag == "form":
        return next(place.iter("textarea", "input"), None) is not None
    return _says_outside(f"{place.get('class', '')} {place.get('id', '')}"[:_NAME])


def _is_hidden(place: _Element) -> bool:
    if place.get("hidden") is not None or place.get("aria-hidden") == "true":
        return True
    style = place.get("style")
    return bool(style and _HIDDEN_STYLE.search(style)) or bool(_HIDDEN.search(place.get("class", "")[:_NAME]))


@lru_cache(maxsize=4096)
def _says_outside(name: str) -> bool:
    return len(name) > 1 and bool(_OUTSIDE.search(name)) and not _TEXT.search(name)


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
        return text_of(element)[:_LONGEST]
    own = element.text or ""
    return own if len(own) <= _LONGEST else ""
