"""From a page to an article: every field asked for in turn, and the second opinion on what was read."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from archive.article import Article, Discovered
from crawlers.extraction.body import Body, find_body, read_body, read_feed_text
from crawlers.extraction.boilerplate import sift
from crawlers.extraction.dates import read_times
from crawlers.extraction.errors import Empty, NoHeadline, NotAnArticle, OtherLanguage
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
from crawlers.extraction.html import Document, is_bare, reduce
from crawlers.extraction.page_checks import check_home, check_page, check_status
from crawlers.extraction.page_context import Page, PageContext, ascii_url, origin_url, own_urls, read_policy
from crawlers.extraction.pictures import read_images
from pipelines.cleaning import clean, digest, word_count, words
from pipelines.validation import faults

if TYPE_CHECKING:
    from crawlers.addresses import Address, AddressRules
    from crawlers.extraction.rules import ExtractionRules

# --- A captured page to the article of the published record ----------------------------------------------------------
#     Page ─▶ page_checks ─▶ Document ─▶ PageContext ─▶ fields, each from its best source ─▶ Article
#                       └── no article: a named `ExtractionError`
#
# `story`, `version`, `warc` and `crawl` are filled in later, by those who know them.

_SHORT = 50  # words
_OWN_NUMBER = re.compile(r"\d{4,15}")


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
    article = Article(
        **_identity(context, addresses),
        kind=read_kind(context, headline, section, count),
        headline=headline,
        standfirst=standfirst,
        text=text,
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
        zone=context.reading.zone,
        words=count,
        text_sha256=digest(text),
    )
    return _with_doubts(article, context)


def _identity(context: PageContext, addresses: AddressRules) -> dict[str, Any]:
    """Return the fields that say which capture of what this is."""
    page = context.page
    return {
        "id": _id(context, addresses.outlet),
        "outlet": addresses.outlet,
        "url": ascii_url(page.url),
        "canonical_url": context.address.canonical_url,
        "origin_url": origin_url(context, addresses),
        "captured": page.captured,
        "discovered": _discovered(page),
        "extractor": f"{addresses.outlet}/{context.reading.number}",
        "policy": read_policy(page, context.document),
    }


def _id(context: PageContext, outlet: str) -> str:
    """Return the article's id: its address's, unless that is a hash and the page states the outlet's own number, which outlasts addresses."""
    if not context.address.is_numbered:
        for candidate in context.candidates(context.reading.identity):
            if match := _OWN_NUMBER.search(candidate.values[0]):
                return f"{outlet}:{match[0]}"
    return context.address.id


def _with_doubts(article: Article, context: PageContext) -> Article:
    if context.linked.get("isAccessibleForFree") in {False, "False", "false"}:
        context.flag("paywall")
    if article.kind == "live" and context.reading.updates and (missing := context.ask(context.reading.updates)):
        context.flag("updates-not-captured")
        context.flag(f"updates-not-captured-{len(missing)}")
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


# --- How far two readings of one page agree: ours, and trafilatura's as a second opinion -----------------------------

MOST_BYTES = 300_000  # scripts and menus left out; trafilatura is slow on monsters


def agreement(text: str, markup: str) -> float | None:
    """Return how far trafilatura's reading of a page agrees with ours (`word_f1`); None for a page too large to be read twice."""
    import trafilatura  # noqa: PLC0415  half a second, and a crawl without samples need not load it

    if len(reduce(markup.encode(errors="replace"))[0]) > MOST_BYTES:
        return None
    return word_f1(text, trafilatura.extract(markup, include_comments=False, deduplicate=False) or "")


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
