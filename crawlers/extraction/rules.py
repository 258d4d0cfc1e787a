"""What is peculiar about one outlet's pages, as values, and what is common to all: where each field is looked for, best first."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from archive.text import fold_label
from crawlers.extraction.selectors import compile_selector

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

# --- The sources common to all outlets, best first; an outlet's own stand in front of them (`ExtractionRules`) -------------

HEADLINE = ("ld:headline", "meta:og:title", "meta:twitter:title", "feed:title", "title")
HEADING = ("json:headline", "h1[itemprop=headline]", "article h1", "main h1", "h1")
STANDFIRST = ("json:summary", "[itemprop=alternativeHeadline]", "feed:summary")
SECTION = (
    "json:sectionName",
    "ld:articleSection",
    "meta:article:section",
    "[itemprop=articleSection]",
    ".category-name a",  # Joomla
    "article a[rel~=category]",
    ".entry-meta a[rel~=category]",
    ".entry-header a[rel~=category]",
    ".entry-category a",
    "a.post-cat",
    "feed:section",
)
BREADCRUMBS = (
    ".breadcrumb a",
    "#breadcrumbs a",
    "ol.breadcrumb li",
    ".breadcrumbs a",
    ".breadcrumb__item a",
    "nav[aria-label=breadcrumb] a",
    "nav.nav-path a",
    "#breadcrumb a",
    ".entry-crumbs a",
)
TAGS = (
    "json:tags",
    "a[rel~=tag]:not([rel~=category])",
    "article .tags a",
    ".article-tags a",
    ".field--name-field-tags a",
    "meta[property='article:tag']@content",
    "meta:news_keywords",
    "ld:keywords",
    "meta:keywords",
    "feed:tags",
)
IDENTITY = (
    "link[rel=shortlink]@href",
    ".node--view-mode-full@data-history-node-id",
    "body@class",
    "[data-history-node-id]@data-history-node-id",
    "feed:guid",
)
"""Where Drupal (``/node/14405``) and WordPress (``/?p=1424``) state the number of a page."""
SHORT_URLS = ("shortUrl", "proxyShortUrl")  # of an embedded article, beside ``link[rel=shortlink]``
WROTE, SIGNED = "wrote", "signed"
"""No selectors, and asked of templates alone that nobody described: about the headline «كتب …», and a class that means an author."""
BYLINE = (
    ".author-name",
    "article .author",
    ".article .author",
    "[itemprop=author] [itemprop=name]",
    WROTE,
    "ld:author",
    "json:byline",
    "a[rel~=author]",
    SIGNED,
    "meta:author",
    "feed:author",
)
PUBLISHED = (
    "json:date",
    "ld:datePublished",
    "ld:uploadDate",
    "meta:article:published_time",
    "meta:publishedDate",
    "meta:datePublished",
    "meta:publishdate",
    "meta:dcterms.created",
    "meta:dc.date.issued",
    "meta:dc.date.created",
    "meta:dc.date",
    "meta:dc:date",
    "meta:dcterms.date",
    "meta:og:article:published_time",
    "meta:pubdate",
    "meta:parsely-pub-date",
    "meta:sailthru.date",
    "meta:cxenseparse:recs:publishtime",
    "[itemprop=datePublished]@content",
    "[itemprop=datePublished]@datetime",
    "article time@datetime",
    "main time@datetime",
    "time[pubdate]@datetime",
    "abbr.published@title",
)
CORRECTION = ("json:correctionText", "ld:correction", "ld:correction.text")
"""The outlet's own note of what it corrected."""
PUBLISHED_LAST = ("feed:published",)
ENTRIES = (
    "[itemprop=liveBlogUpdate]",
    ".liveblog-entry",  # WordPress
    "amp-live-list [data-sort-time]",
    ".card-live",  # all sites of Al Jazeera's front end
    "ld:liveBlogUpdate",
)
HEADINGS = "headings"
"""No selector: the headings of the text part a live blog's entries."""
MODIFIED = (
    "json:revision",
    "json:lastEditDate",
    "ld:dateModified",
    "meta:article:modified_time",
    "meta:og:updated_time",
    "meta:dateModified",
    "meta:lastDate",
    "[itemprop=dateModified]@content",
    "[itemprop=dateModified]@datetime",
    "feed:modified",
)


# --- What is peculiar about one outlet's pages, as values: the `reading` of an outlet's file -------------------------
# A field's hints are *sources*, best first, written as short strings:
#
#     h1.page-header            the text of the first element that says something        provenance ``selector``
#     img.lead@src              an attribute instead of the text                         ``selector``
#     meta:publishedDate        <meta name|property=… content=…>                         ``meta``
#     ld:articleSection         a dotted path in the article's JSON-LD                   ``json-ld``
#     json:summary              a dotted path in the JSON that the page carries          ``embedded-json``
#     feed:author               what the source announced                                ``feed``
#     url                       the day in the address                                   ``url``
#
# They stand in front of the sources common to all outlets (`crawlers.extraction.rules`), so an outlet's file names only
# what is its own. When an outlet redesigns, a selector is prepended and the old one stays.

PREFIXES = ("meta:", "ld:", "json:", "feed:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Era:
    """Selectors of an older template, tried first on pages captured before ``until`` and last on later ones."""

    until: date
    body: tuple[str, ...] = ()
    headline: tuple[str, ...] = ()
    standfirst: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(fold_label, names))


@lru_cache(maxsize=64)
def _selectors(hints: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(hint for hint in hints if hint != "url" and ":" not in hint and "@" not in hint)


_OF_AN_ERA = ("body", "headline", "standfirst", "byline", "published", "tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionRules:
    """Hints for one outlet.

    Args:
        number: the extractor's number, raised whenever this outlet's reading changes.
        zone: IANA zone of times that name none.
        identity: sources of the outlet's own number of an article, which is its id where its address has none; by default where
            Drupal and WordPress state it.
        names: what the outlet calls itself; never a byline, cut off the end of titles.
        body: where the text stands, best first; the first that holds text wins.
        joined: all matches of the body selector are parts of one article, not only the first.
        lead: the standfirst is the article's first paragraph and belongs to the text.
        drop: elements inside the body that are no text, besides those common to all outlets.
        boilerplate: patterns over folded lines that are no text, besides those common to all outlets.
        author_line: where an agency may stand in the author's place («وكالات - أبوظبي»).
        headline, standfirst, section, tags, byline, credit, published, modified, image: sources, best first.
        caption, photographer: sources of the first picture's, where it shows none itself.
        ignore: common sources never to be asked.
        source_timezones: source → zone that its clock really runs in, whatever offset it writes.
        twelve_hour: visible clocks have twelve hours and no half of the day, so they are never trusted.
        section_leads_tags: the first keyword is the section.
        embedded: selector with ``@attribute`` of an element that carries the article as JSON; or ``window.NAME#KEY``, the entry
            ``KEY`` (witnesses in braces) of the state that a script sets as base64 of JSON.
        entries: what holds one entry of a live blog each: selectors, best first, or `HEADINGS`.
        updates: witness of the entries of a live blog that the page names and does not carry; and where the state of ``embedded``
            tells when one was published: ``KEY#FIELD``, braces for the entry's id.
        languages: BCP 47 primary tags read; the first is the outlet's own, another is flagged.
        eras: older templates.
    """

    number: int
    zone: str
    names: tuple[str, ...]
    body: tuple[str, ...]
    identity: tuple[str, ...] = IDENTITY
    joined: bool = False
    lead: bool = False
    drop: tuple[str, ...] = ()
    boilerplate: tuple[str, ...] = ()
    headline: tuple[str, ...] = ()
    standfirst: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()
    credit: tuple[str, ...] = ()
    author_line: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    image: tuple[str, ...] = ()
    caption: tuple[str, ...] = ()
    photographer: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    source_timezones: Mapping[str, str] = field(default_factory=dict)
    twelve_hour: bool = False
    section_leads_tags: bool = False
    embedded: str | None = None
    entries: tuple[str, ...] = ()
    updates: tuple[str, str] | None = None
    languages: tuple[str, ...] = ("ar",)
    eras: tuple[Era, ...] = ()
    _at: dict[tuple[bool, ...], ExtractionRules] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def own(self) -> frozenset[str]:
        """Return the outlet's names, folded."""
        return _folded(self.names)

    @property
    def surroundings(self) -> tuple[str, ...]:
        """Return the selectors of what stands around the text: standfirst, dates, author's line, tags."""
        return _selectors((*self.standfirst, *self.published, *self.modified, *self.author_line, *self.tags))

    def __post_init__(self) -> None:
        for name in (*_OF_AN_ERA, "drop", "section", "credit", "author_line", "modified", "image", "entries"):
            for hint in getattr(self, name):
                if hint not in {"url", HEADINGS} and not hint.startswith(PREFIXES):
                    compile_selector(hint.partition("@")[0])

    def at(self, captured: datetime) -> ExtractionRules:
        """Return the reading for a page captured then: its era's selectors first, the other eras' last."""
        if not self.eras:
            return self
        day = captured.date()
        current = tuple(day < era.until for era in self.eras)
        if current not in self._at:
            self._at[current] = self._of(current)
        return self._at[current]

    def _of(self, eras: tuple[bool, ...]) -> ExtractionRules:
        reading = self
        for era, current in zip(self.eras, eras, strict=True):
            changes: dict[str, Any] = {
                name: (*old, *new) if current else (*new, *old)
                for name in _OF_AN_ERA
                if (old := getattr(era, name)) or current
                for new in (getattr(reading, name),)
            }
            reading = replace(reading, **changes)
        return reading


def reading_of_any(domain: str, zone: str) -> ExtractionRules:
    """Return the hints for an outlet that nobody declared: none but its domain, for a name, and the zone of times that name none."""
    return ExtractionRules(
        number=1, zone=zone, names=(domain, domain.partition(".")[0]), body=(), languages=("ar", "en"), identity=()
    )
