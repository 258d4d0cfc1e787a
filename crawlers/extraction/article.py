"""From a page to an article: every field asked for in turn, and trafilatura as second opinion on what was read."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from archive.article import URL, Article, Discovered, Entry, Policy
from archive.text import fold_label
from crawlers.addresses import absolute_url, ascii_url
from crawlers.extraction import rules
from crawlers.extraction.body import Body, check_undated, lines_within, linked_lines, read_body
from crawlers.extraction.boilerplate import read_feed_text, sift
from crawlers.extraction.dates import read_times
from crawlers.extraction.density import find_body
from crawlers.extraction.fields import (
    credit_of,
    language_of,
    read_byline,
    read_headline,
    read_kind,
    read_section,
    read_standfirst,
    read_tags,
)
from crawlers.extraction.html import Document, is_bare, reduce, text_of
from crawlers.extraction.jsonld import look_up
from crawlers.extraction.page_checks import (
    Empty,
    NoHeadline,
    NotAnArticle,
    OtherLanguage,
    check_home,
    check_page,
    check_status,
    is_home,
)
from crawlers.extraction.page_context import Candidate, Page, PageContext, origin_url, own_urls
from crawlers.extraction.pictures import read_images
from crawlers.extraction.rules import ENTRIES, HEADINGS
from crawlers.extraction.times import read_time
from pipelines.cleaning import clean, digest, tidy, word_count, words
from pipelines.validation import faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from lxml.etree import _Element

    from crawlers.addresses import Address, AddressRules
    from crawlers.extraction.rules import ExtractionRules

# --- A captured page to the article of the published record ----------------------------------------------------------
#     Page ─▶ page_checks ─▶ Document ─▶ PageContext ─▶ fields, each from its best source ─▶ Article
#                       └── no article: a named `ExtractionError`
#
# `story`, `version`, `warc` and `crawl` are filled in later, by those who know them.

_SHORT = 50  # words
_WEB = re.compile(URL)
_OWN_NUMBER = re.compile(r"\d{4,15}")
_SYSTEM_NUMBER = re.compile(  # a shortlink or a guid, a class of the body, an attribute
    r"(?:/node/|[?&]p=|\bpostid-|\bpage-node-)(\d{1,15})(?!\d)|^(\d{1,15})$|^(\d{4,15})(?= at http|[a-z]{2}-)"
)


def read(page: Page, *, reading: ExtractionRules, addresses: AddressRules) -> Article:
    """Read a captured page, or a feed item that carries its whole text (a `Page` without body).

    Raises:
        ExtractionError: the page is no article; the subclass names the reason.
    """
    if not page.body and page.announcement and page.announcement.text:
        return _read_feed_item(page, reading.at(page.captured), addresses)
    context = context_of(page, reading=reading, addresses=addresses)
    headline = context.headline = _headline(context)
    standfirst = read_standfirst(context, headline)
    body = read_body(context, headline=headline, standfirst=standfirst)
    return _assemble(context, addresses, headline, standfirst, body)


def context_of(page: Page, *, reading: ExtractionRules, addresses: AddressRules) -> PageContext:
    """Return what may be asked of a page that is no front page, no block page and of this outlet. Raises as `read` does."""
    check_status(page)
    markup, document = _parsed(page)
    check_page(markup, document, page.url)
    is_doubtful = check_home(document, addresses, page.url)
    address = _address(page, document, addresses)
    context = PageContext(
        page=page, reading=reading.at(page.captured), address=address, document=document, markup=markup
    )
    if is_doubtful:
        context.flag("canonical-home")
    return context


def _parsed(page: Page) -> tuple[bytes, Document]:
    """Return a page's markup, and what it holds.

    Of nearly every page all that is read is UTF-8. Whether its scripts are, too, is not worth a look at a quarter of a megabyte.
    """
    if is_bare(page.body):
        with suppress(UnicodeDecodeError):
            return page.body, Document(page.body)
    markup = page.markup()
    return markup, Document(markup)


def _read_feed_item(page: Page, reading: ExtractionRules, addresses: AddressRules) -> Article:
    document = Document(b"")
    address = _address(page, document, addresses)
    context = PageContext(page=page, reading=reading, address=address, document=document)
    headline = read_headline(context)
    standfirst = read_standfirst(context, headline)
    text = page.announcement.text if page.announcement else None
    lines = read_feed_text(text or "", reading.drop)
    body = sift(lines, headline=headline, standfirst=standfirst, boilerplate=reading.boilerplate)
    if not body:
        raise Empty("a feed item without text")
    context.provenance["text"] = "feed"
    return _assemble(context, addresses, headline, standfirst, Body(body))


def _headline(context: PageContext) -> str:
    """Return the headline; a page that has neither headline nor paragraphs is an empty shell."""
    try:
        return read_headline(context)
    except NoHeadline as error:
        if find_body(context.document) is None:
            raise Empty("neither headline nor text") from error
        raise


def _address(page: Page, document: Document, addresses: AddressRules) -> Address:
    """Return the article's address: of the URL asked for, or where that is a short link, of the page's own canonical."""
    if address := addresses.classify(page.url):
        return address
    for url in own_urls(page, document):
        if address := addresses.classify(url):
            return address
    raise NotAnArticle(page.url)


def _assemble(
    context: PageContext, addresses: AddressRules, headline: str, standfirst: str | None, body: Body
) -> Article:
    credit = credit_of(context, body)
    text = "\n".join(credit.lines)
    place = body.elements[0] if body.elements else None
    section, times, count = read_section(context), read_times(context, place), word_count(text)
    if times.published is None:
        check_undated(context, count)
    kind = read_kind(context, headline, section, count)
    article = Article(
        **_identity(context, addresses),
        kind=kind,
        headline=headline,
        standfirst=standfirst,
        text=text,
        entries=read_entries(context, body, credit.lines) if kind == "live" else [],
        section=section,
        tags=read_tags(context, section, text),
        byline=read_byline(context, credit.byline, place),
        credit=credit.credit,
        agencies=credit.agencies,
        agency_evidence=dict(credit.evidence),
        dateline=credit.dateline,
        images=read_images(context, body),
        language=_language(context, text),
        published=times.published,
        modified=times.modified,
        published_raw=times.raw,
        zone=context.zone or context.reading.zone,
        words=count,
        text_sha256=digest(text),
    )
    return _with_doubts(article, context)


def _identity(context: PageContext, addresses: AddressRules) -> dict[str, Any]:
    """Return the fields that say which capture of what this is."""
    page = context.page
    return {
        "id": _id(context, addresses),
        "outlet": addresses.outlet,
        "url": ascii_url(page.url),
        "canonical_url": context.address.canonical_url,
        "origin_url": origin_url(context, addresses),
        "aliases": _aliases(context),
        "captured": page.captured,
        "discovered": _discovered(page),
        "extractor": f"{addresses.outlet}/{context.reading.number}",
        "policy": read_policy(page, context.document),
    }


def _aliases(context: PageContext) -> list[str]:
    """Return the short links that the page names, each once; none that is a front."""
    hrefs = [link.get("href") for link in context.document.all("link") if link.get("rel") == "shortlink"]
    named = [context.embedded.get(name) for name in rules.SHORT_URLS] if context.embedded else []
    urls: dict[str, None] = {}
    for value in (*hrefs, *named):
        with suppress(ValueError):  # no URL at all
            url = ascii_url(absolute_url(context.base, tidy(value))) if isinstance(value, str) else ""
            if _WEB.fullmatch(url) and not is_home(url):
                urls[url] = None
    return [url for url in urls if url not in {context.page.url, context.address.canonical_url}]


def _id(context: PageContext, addresses: AddressRules) -> str:
    """Return the article's id: the number in its address, or that the page states, which outlasts addresses; else a hash of its address.

    Of two addresses of a page without a number the one counts that it gives itself.
    """
    if context.address.is_numbered:
        return context.address.id
    for candidate in context.candidates(context.reading.identity):
        if number := _number_in(candidate):
            return f"{addresses.outlet}:{number}"
    return _own_address(context, addresses).id


def _number_in(candidate: Candidate) -> str | None:
    """Return the one number of an article that a source states; what an outlet's own meta holds is one, of other sources what systems write."""
    stated = {number for value in candidate.values if (number := _stated(candidate.source, value))}
    return stated.pop() if len(stated) == 1 else None  # teasers have theirs


def _stated(source: str, value: str) -> str | None:
    if source.startswith(("meta:", "json:", "ld:")):
        return match[0] if (match := _OWN_NUMBER.search(value)) else None
    match = _SYSTEM_NUMBER.search(value)
    return next(filter(None, match.groups())) if match else None


def _own_address(context: PageContext, addresses: AddressRules) -> Address:
    """Return the address that the page gives itself, where it gives one and the asked one nowhere; else that."""
    linked = (look_up(context.linked, path) for path in ("url", "mainEntityOfPage", "mainEntityOfPage.@id"))
    urls = {*own_urls(context.page, context.document), *chain.from_iterable(linked)}
    if not urls or not urls.isdisjoint((context.page.url, context.address.canonical_url)):
        return context.address
    named = {address.id: address for url in urls if (address := addresses.classify(url))}
    own = next(iter(named.values()), None)
    return own if own is not None and len(named) == 1 and not own.is_numbered else context.address


def _with_doubts(article: Article, context: PageContext) -> Article:
    if context.linked.get("isAccessibleForFree") in {False, "False", "false"}:
        context.flag("paywall")
    if missing := sum(entry.text is None for entry in article.entries):
        context.flag("updates-not-captured")
        context.flag(f"updates-not-captured-{missing}")
    if any(map(context.ask, context.speaking(rules.CORRECTION))):
        context.flag("correction")
    if article.words < _SHORT:
        context.flag("short")
    article.provenance, article.flags = context.provenance, context.flags
    return article


def _language(context: PageContext, text: str) -> str:
    language = language_of(text, context.document.root.get("lang"))
    if language not in context.reading.languages:
        raise OtherLanguage(language)
    if language != "ar":
        context.flag("not-arabic")
    return language


def _discovered(page: Page) -> Discovered:
    if page.announcement:
        return Discovered(kind=page.announcement.kind, url=page.announcement.source)
    return Discovered(kind="argument", url=ascii_url(page.url))


# --- What the page asks of machines: robots directives, ``noai``, the TDM reservation --------------------------------

_NOAI = re.compile(r"\bno(?:image)?ai\b", re.IGNORECASE)


def read_policy(page: Page, document: Document) -> Policy:
    """Return the directives of headers and metas, verbatim; None where neither says anything."""
    policies = [page.headers.get("x-robots-tag"), document.metas.get("robots")]
    robots = ", ".join(dict.fromkeys(line for value in policies if value and (line := tidy(value)))) or None
    by_page = page.headers.get("tdm-reservation") or document.metas.get("tdm-reservation")
    tdm = by_page or page.headers.get("tdm-reservation-of-host")  # from tdmrep.json: no server sends a header so named
    return Policy(
        robots=robots, noai=(True if robots and _NOAI.search(robots) else None), tdm=tidy(tdm) if tdm else None
    )


# --- The entries of a live blog: elements of the page, nodes of its JSON-LD, or what stands between the text's headings ----
# Those that the page names and does not carry follow with their ids and times alone. An outlet's number outlasts an edit and a
# new entry above; without one the entry's time is its name, where two have the same its heading, then its text.

_MOST_ENTRIES = 1000
_ELEMENTS = 300  # looked at for an entry's time
_NUMBER = re.compile(
    r"(?:^|[^0-9])(\d{5,15})$"
)  # fewer digits count the entries of the page, anew with each that comes
_OWN_IDS = ("data-id", "data-update-id", "data-entry-id", "data-post-id", "data-nid", "id", "itemid")
_CLOCKS = ("datetime", "data-time", "data-timestamp", "data-datetime", "data-published", "data-sort-time")
_DATED = re.compile(r"(?:^|[\s_-])(?:time|date|timestamp)(?=$|[\s_-])")
_BODIES = ("articleBody", "text", "description")  # of an entry of JSON-LD, the first that it has
_KEY = 16  # hex digits
_PER_MINUTE = frozenset(("second", "minute"))
_LONGEST_CLOCK = 60  # letters


class _Carried(NamedTuple):
    number: str | None
    published: datetime | None
    lines: list[str]


def read_entries(context: PageContext, body: Body, text: Sequence[str]) -> list[Entry]:
    """Return the entries of a live blog in the order of the page, then those that it names and does not carry.

    Args:
        context: the page.
        body: where its text was read.
        text: the lines of the article's text; what is none of them is in no entry.
    """
    carried: list[_Carried] = []
    for source in (*context.reading.entries, *ENTRIES):
        if carried := [entry for entry in _carried(context, source, body, text) if entry.lines]:
            context.provenance["entries"] = "json-ld" if source.startswith("ld:") else context.provenance["text"]
            break
    keys = _keys(carried)
    entries = {
        key: Entry(id=key, published=entry.published, text="\n".join(entry.lines))
        for key, entry in zip(keys, carried, strict=True)
    }
    if context.reading.updates:
        names, times = context.reading.updates
        for number in context.ask(names):
            if number not in entries:
                context.provenance.setdefault("entries", "embedded-json")
                entries[number] = Entry(id=number, published=_told_time(context, times, number))
    return list(entries.values())


def _carried(context: PageContext, source: str, body: Body, text: Sequence[str]) -> Iterator[_Carried]:
    if source == HEADINGS:
        yield from (_Carried(None, None, lines) for lines in _between_headings(text, body.headings))
    elif source.startswith("ld:"):
        nodes = context.linked.get(source.removeprefix("ld:"))
        yield from (
            _linked(context, node) for node in islice(nodes if isinstance(nodes, list) else [nodes], _MOST_ENTRIES)
        )
    elif elements := context.document.all(source)[:_MOST_ENTRIES]:
        for element, lines in zip(elements, lines_within(context, body, elements), strict=True):
            yield _Carried(_number_of(element), _time_within(context, element), _published_lines(lines, text))


def _between_headings(text: Sequence[str], headings: frozenset[str]) -> Iterator[list[str]]:
    starts = [number for number, line in enumerate(text) if line in headings][:_MOST_ENTRIES]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=False):
        yield list(text[start:end])


def _published_lines(lines: list[str], text: Sequence[str]) -> list[str]:
    """Return an entry's lines as the article has them: some lost a dateline or a credit, some are no text at all."""
    kept = frozenset(text)
    return [
        shown
        for line in lines
        if (
            shown := line
            if line in kept
            else next((each for each in text if len(each) > len(line) / 2 and each in line), "")
        )
    ]


def _linked(context: PageContext, node: Any) -> _Carried:
    """Return an entry of JSON-LD (schema.org's ``liveBlogUpdate``)."""
    texts = [_plain(node, "headline"), next(filter(None, (_plain(node, name) for name in _BODIES)), "")]
    raw = next(iter(look_up(node, "datePublished")), "")
    addresses = [address for name in ("@id", "url", "identifier") for address in look_up(node, name)]
    number = next((match[1] for address in addresses if (match := _NUMBER.search(address))), None)
    return _Carried(number, _exact_time(context, raw), [line.text for text in texts for line in linked_lines(text)])


def _plain(node: Any, name: str) -> str:
    value = node.get(name) if isinstance(node, dict) else None
    return value if isinstance(value, str) else ""


def _number_of(element: _Element) -> str | None:
    """Return the outlet's own number of an entry, where the element bears one."""
    names = (element.get(name) or "" for name in _OWN_IDS)
    return next((match[1] for name in names if (match := _NUMBER.search(name))), None)


def _time_within(context: PageContext, element: _Element) -> datetime | None:
    """Return when an entry says that it was published: by an attribute for machines, else in words that name the day, too."""
    places = list(islice(element.iter("*"), _ELEMENTS))
    attributes = (raw for place in places for name in _CLOCKS if (raw := place.get(name)))
    metas = (place.get("content") or "" for place in places if place.get("itemprop") == "datePublished")
    labels = (text_of(place) for place in places if place.tag == "time" or _DATED.search(place.get("class") or ""))
    short = (label for label in labels if len(label) <= _LONGEST_CLOCK)
    return next((time for raw in (*attributes, *metas, *short) if (time := _exact_time(context, raw))), None)


def _exact_time(context: PageContext, raw: str) -> datetime | None:
    reading = context.reading
    moment = read_time(raw, zone=reading.zone, captured=context.page.captured, twelve_hour=reading.twelve_hour)
    return moment.value if moment and moment.precision in _PER_MINUTE and moment.zone_source != "captured" else None


def _told_time(context: PageContext, path: str, number: str) -> datetime | None:
    """Return when an entry was published that the page's state alone knows, at ``path`` (`ExtractionRules`)."""
    key, _, name = path.partition("#")
    told = context.state.get(key.format(number))
    return _exact_time(context, str(told.get(name) or "")) if isinstance(told, dict) else None


def _keys(carried: Sequence[_Carried]) -> list[str]:
    """Return a name for each entry, none twice."""
    ways = [
        [entry.published.isoformat() if entry.published else "" for entry in carried],
        [fold_label(entry.lines[0]) if len(entry.lines) > 1 else "" for entry in carried],
        [fold_label("\n".join(entry.lines)) for entry in carried],
    ]
    often = [Counter(way) for way in ways]
    keys: dict[str, None] = {}
    for place, entry in enumerate(carried):
        own = next(
            (way[place] for way, many in zip(ways, often, strict=True) if way[place] and many[way[place]] == 1), ""
        )
        seed = own or f"{ways[-1][place]} {place}"
        key = entry.number or hashlib.sha256(seed.encode()).hexdigest()[:_KEY]
        keys[key if key not in keys else f"{key}-{place}"] = None
    return list(keys)


# --- How far two readings of one page agree: ours, and trafilatura's as a second opinion -----------------------------

MOST_BYTES = 300_000  # scripts and menus left out; trafilatura is slow on monsters


def agreement(text: str, markup: str) -> float | None:
    """Return how far trafilatura's reading of a page agrees with ours (`word_f1`); None for a page too large to be read twice."""
    import trafilatura  # noqa: PLC0415  half a second, and a crawl without samples need not load it

    reduced = reduce(markup.encode(errors="replace"))[
        0
    ]  # of which it reads the same text in little more than half the time
    if len(reduced) > MOST_BYTES:
        return None
    read = trafilatura.extract(reduced.decode(errors="replace"), include_comments=False, deduplicate=False)
    return word_f1(text, read or "")


def word_f1(one: str, other: str) -> float:
    """Return the word-level F1 (0 to 1) of two texts, order left aside; two empty texts agree."""
    ours, theirs = Counter(words(one)), Counter(words(other))
    total = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / total if total else 1.0


# --- Reading and judging in one step, as the crawl does it page by page, for those who hold a single page ------------


def read_and_judge(page: Page, *, reading: ExtractionRules, addresses: AddressRules) -> Article:
    """Read ``page``, clean it, and look for faults; nothing that needs other articles is filled in.

    Raises:
        ExtractionError: it is no article.
        Invalid: it may not be published.
    """
    article = clean(read(page, reading=reading, addresses=addresses))
    for fault in faults(article):
        raise fault
    return article
