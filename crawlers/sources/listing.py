"""Sources that are lists: home and section pages, page after page, and listing APIs in JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urldefrag

from lxml import etree, html
from lxml.cssselect import CSSSelector
from w3lib.url import add_or_replace_parameter, url_query_parameter

from crawlers.addresses import Announcement
from crawlers.extraction.html import to_utf8
from crawlers.sources.base import Source, SourceAnswer, SourceError, Window, absolute

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# --- JSON listings: an API that names its articles, page after page --------------------------------------------------


@dataclass(frozen=True)
class JsonListing(Source):
    """A listing API.

    Args:
        urls: the first pages.
        items: dotted path to the list of articles in the answer; "" where the answer is the list.
        link: template of an article's URL, with the fields of its entry in braces.
        fields: which field of an entry, by dotted path, is which of `Announcement`'s (``{"title": "headline"}``).
        token: field of the answer that holds the next page's token; it is sent back as a query field of the same name.
        page: the query field that counts pages, from 1; the next is asked for where this one has articles.
        next: dotted path to the next page's address in the answer.
        pages: the most pages of one listing that are read in a crawl.
    """

    urls: tuple[str, ...]
    items: str
    link: str
    fields: Mapping[str, str] = field(default_factory=dict)
    token: str | None = None
    page: str | None = None
    next: str | None = None
    pages: int = 20
    kind: ClassVar[str] = "api"

    def start(self, window: Window) -> list[str]:  # noqa: ARG002  a listing shows what is newest, whatever is asked
        """Ask the first page of each listing."""
        return list(self.urls)

    def read(self, body: bytes, url: str, window: Window, content_type: str | None = None) -> SourceAnswer:  # noqa: ARG002
        """Read the entries of an answer; an entry without the fields of the link is passed over."""
        try:
            answer = json.loads(to_utf8(body, content_type))
        except (ValueError, RecursionError) as error:
            raise SourceError(f"no JSON: {error}") from error
        entries = _descend(answer, self.items)
        if not isinstance(entries, list):
            raise SourceError(f"no list at {self.items!r}")
        entries_read = [self._announcement(entry, url) for entry in entries if isinstance(entry, dict)]
        announcements = [announcement for announcement in entries_read if announcement]
        more = self._more(answer, url) if announcements else None
        return SourceAnswer(announcements, [more] if more else [], nowhere=len(entries) - len(announcements))

    def _more(self, answer: Any, url: str) -> str | None:
        """Return the address of the next page, where the answer or the count of pages names one."""
        if self.next:
            following = _descend(answer, self.next)
            return absolute(url, following) if isinstance(following, str) else None
        if self.page:
            number = url_query_parameter(url, self.page) or "1"
            return add_or_replace_parameter(url, self.page, str(int(number) + 1)) if number.isdecimal() else None
        token = _descend(answer, self.token) if self.token else None
        return add_or_replace_parameter(url, str(self.token), str(token)) if token else None

    def _announcement(self, entry: dict[str, Any], url: str) -> Announcement | None:
        try:
            address = absolute(url, self.link.format_map(entry))
        except (LookupError, ValueError, AttributeError, TypeError):  # a field is missing, or no text
            return None
        if address is None:
            return None
        values = {name: str(value) for name, key in self.fields.items() if (value := _descend(entry, key))}
        return Announcement(kind="api", source=url, url=address, **values)  # type: ignore[arg-type]


def _descend(answer: Any, path: str) -> Any:
    for name in path.split(".") if path else ():
        if not isinstance(answer, dict):
            return None
        answer = answer.get(name)
    return answer


# ---------------------------------------------------------------------------------------------------------------------
# Of an API that nobody described: which of an answer's lists is that of the articles, and which field of an entry says what.

_LINKS = ("link", "url", "permalink", "href", "path", "alias", "canonical_url", "share_url")
_FIELDS = {
    "title": ("title", "headline", "name"),
    "published": (
        "date",
        "published",
        "published_at",
        "publish_date",
        "publishDate",
        "created",
        "created_at",
        "pubDate",
    ),
    "summary": ("summary", "description", "excerpt"),
}
_COUNTERS = ("page", "p", "pageno", "pageNumber")
_LEAST, _DEPTH = 3, 4  # entries of a list, levels above it


def listing_of(body: bytes, url: str) -> JsonListing | None:
    """Return how the articles of an API's answer are read: the first list of objects that each have an address; None where it has none."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    for path, entries in _lists(answer, "", _DEPTH):
        links = Counter(key for entry in entries for key in entry if key in _LINKS and _is_address(entry[key]))
        if links and links.most_common(1)[0][1] == len(entries):
            link = min(links, key=_LINKS.index)
            fields = {name: key for name, keys in _FIELDS.items() if (key := _key_of(entries[0], keys))}
            page = next((name for name in _COUNTERS if re.search(rf"[?&]{name}=\d", url)), None)
            is_wordpress = "/wp/v2/" in url
            return JsonListing((url,), path, f"{{{link}}}", fields, page="page" if is_wordpress else page)
    return None


def _lists(value: Any, path: str, depth: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the lists of objects in an answer, each with its dotted path."""
    if isinstance(value, list) and len(value) >= _LEAST and all(isinstance(entry, dict) for entry in value):
        yield path, value
    elif isinstance(value, dict) and depth:
        for name, inner in value.items():
            yield from _lists(inner, f"{path}.{name}".lstrip("."), depth - 1)


def _is_address(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://", "/")) and len(value) > 1


def _key_of(entry: dict[str, Any], keys: Sequence[str]) -> str | None:
    """Return the dotted path of the first of ``keys`` under which an entry has words."""
    for key in keys:
        value = entry.get(key)
        if isinstance(value, str) and value:
            return key
        if isinstance(value, dict) and isinstance(value.get("rendered"), str):
            return f"{key}.rendered"
    return None


# --- Home and section pages: cards with links, page after page -------------------------------------------------------

MAX_LINKS = 5_000  # a page with more is a trap, not a section


@dataclass(frozen=True)
class SectionPages(Source):
    """Pages that list articles.

    Args:
        urls: the first page of each section.
        links: CSS selectors of the links; where none of them meets anything (a redesign) every link of the page counts,
            because the outlet's address rules tell articles from the rest anyway.
        next: CSS selectors of the link to the next page.
        pages: the most pages of one section that are read in a crawl.
    """

    urls: tuple[str, ...]
    links: tuple[str, ...] = ("a",)
    next: tuple[str, ...] = ()
    pages: int = 20
    kind: ClassVar[str] = "section"

    def start(self, window: Window) -> list[str]:  # noqa: ARG002  a section shows what is newest, whatever is asked
        """Ask the first page of each section."""
        return list(self.urls)

    def read(self, body: bytes, url: str, window: Window, content_type: str | None = None) -> SourceAnswer:  # noqa: ARG002
        """Read the links of a page, each once, in their order; ``<base href>`` says what they are relative to."""
        parser = html.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True)
        try:
            root = html.document_fromstring(to_utf8(body, content_type), parser=parser, ensure_head_body=True)
        except etree.ParserError as error:  # nothing in it that is an element
            raise SourceError(f"an empty page: {error}") from error
        base = _base(root, url)
        elements = self._select(root, self.links) or self._select(root, ("a",))
        announcements: dict[str, Announcement] = {}
        for element in elements[:MAX_LINKS]:
            if address := _address(element, base):
                title = " ".join("".join(element.itertext()).split()) or None
                if address not in announcements or (title and not announcements[address].title):
                    announcements[address] = Announcement(kind="section", source=url, url=address, title=title)
        more = [address for element in self._select(root, self.next) if (address := _address(element, base))]
        return SourceAnswer(list(announcements.values()), list(dict.fromkeys(more))[:1])

    @staticmethod
    def _select(root: html.HtmlElement, selectors: tuple[str, ...]) -> list[html.HtmlElement]:
        return [e for css in selectors for e in CSSSelector(css, translator="html")(root)]


def _base(root: html.HtmlElement, url: str) -> str:
    """Return what the page's links are relative to: its first ``<base href>``, itself relative to the page's address."""
    return next((base for href in root.xpath("//base/@href") if (base := absolute(url, href))), url)


def _address(element: html.HtmlElement, base: str) -> str | None:
    href = (element.get("href") or "").strip()
    if not href or href.startswith("#"):
        return None
    address = absolute(base, href)
    return urldefrag(address).url if address else None
