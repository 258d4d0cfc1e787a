"""Why a page is no article, and what is told before it is read: block pages and their signs, soft 404s, home pages, other languages."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from archive.text import fold_label
from crawlers.addresses import AddressRules, absolute_url, canonical_path
from crawlers.extraction.density import find_body
from crawlers.extraction.html import is_inside, links
from crawlers.extraction.jsonld import ARTICLE_TYPES, look_up, types
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from typing import Any

    from lxml.etree import _Element

    from crawlers.extraction.html import Document
    from crawlers.extraction.page_context import Page

# --- Why a page became no article: one class a reason, so that each is counted by its name ---------------------------

WITHOUT_SELECTORS = frozenset({"generic-extraction", "selectors-missed"})
"""Flags of articles whose text no selector of their outlet found: where there are many, the outlet was redesigned."""


class ExtractionError(Exception):
    """The page is no article of this outlet; ``reason`` is the counted name, the message says what was seen."""

    reason: ClassVar[str] = "unreadable"


class ErrorStatus(ExtractionError):
    """The server answered with an error."""

    reason = "error-status"


class BlockPage(ExtractionError):
    """A firewall or bot check answered in the outlet's place."""

    reason = "block-page"


class ConsentWall(ExtractionError):
    """A consent or login wall stands before the article."""

    reason = "consent-wall"


class SoftNotFound(ExtractionError):
    """A page that says "not found" under status 200."""

    reason = "soft-404"


class ServerFailure(ExtractionError):
    """A page that says under status 200 that the server failed, or is looked after: the article may be back any time."""

    reason = "server-failure"


class HomePage(ExtractionError):
    """The outlet's home page or a section page stands where an article was."""

    reason = "home-page"


class NotHtml(ExtractionError):
    """The body is no HTML at all."""

    reason = "not-html"


class NotAnArticle(ExtractionError):
    """The URL is none of the outlet's article addresses, and the page names no other."""

    reason = "not-an-article"


class Empty(ExtractionError):
    """No text in it: an empty shell, or nothing but widgets."""

    reason = "empty"


class NoHeadline(ExtractionError):
    """A text without a headline."""

    reason = "no-headline"


class OtherLanguage(ExtractionError):
    """The text is in another language than the outlet's."""

    reason = "other-language"


# --- What a block page is: the answer of a firewall or bot check in the outlet's place -------------------------------
# `SIGNS` is the one list of such pages' signs. The breaker looks for them in the bytes of an answer, the reading
# (`crawlers.extraction.page_checks`) in the page that it has parsed; a sign alone refuses no page on which an article stands.

_MARKS = (
    "cf-browser-verification",
    "cf-challenge",
    "_cf_chl_opt",  # in every language; «challenge-platform» stands in whole pages too, whose visitors are only watched
    "challenge-platform/h/b/orchestrate",
    "challenge-platform/h/g/orchestrate",
    "_incapsula_resource",
    "captcha-delivery",
    "px-captcha",
    "/_sec/cp_challenge",
    "awswafintegration",
)
"""Of the markup."""

_WORDS = (
    "the request could not be satisfied",
    "request blocked",
    "requested url was rejected",
    "attention required! | cloudflare",
    "just a moment...",
    "checking your browser",
    "checking if the site connection is secure",
    "review the security of your connection",
    "ddos protection by",
    "ddos-guard",
    "access denied",
    "access to this page has been denied",
    "access to this site has been limited",
    "access to this service has been limited",
    "you have been blocked",
    "you are being rate limited",
    "blocked by network security",
    "pardon our interruption",
    "incapsula incident",
    "are you a human",
    "are you a robot",
    "you are a human",
    "you are human",
    "you're not a robot",
    "you are not a robot",
    "human verification",
    "unusual traffic",
    "enable js and disable any ad blocker",
    "sucuri website firewall",
    "request unsuccessful",
    "error 1020",
    "bot verification",
    "enable javascript and cookies to continue",
    "403 forbidden",
)

_ARABIC_WORDS = (
    "تم حظر الوصول",
    "تم حظر طلبك",
    "تم حظرك",
    "تم حظر عنوان",
    "تم حجب عنوان",
    "تم رفض الوصول",
    "تم رفض طلبك",
    "تم تقييد وصولك",
    "الوصول مرفوض",
    "ليس لديك صلاحية",
    "ليس لديك إذن",
    "غير مصرح لك",
    "لا تملك صلاحية",
    "لست روبوت",
    "لست برنامج",
    "أنك إنسان",
    "أمان اتصالك",
    "اتصالك آمن",
    "التحقق من متصفحك",
    "جار التحقق من أن",
    "من شبكتك",
    "حركة مرور غير عادية",
)
"""What is said to a visitor: news addresses nobody so."""

SIGNS = tuple(dict.fromkeys((*_MARKS, *_WORDS, *_ARABIC_WORDS, *map(fold_label, _ARABIC_WORDS))))
"""In lower case; Arabic ones also as `fold_label` writes them, for a page's words are folded before they are looked at."""

LONGEST = 64 * 1024
"""Bytes; a longer page is the outlet's own, whatever words it holds."""

_BLOCK_HEAD = 8192  # bytes; block pages are short and say so at once
_FORBIDDEN = 403
_SIGNS = tuple(sign.encode() for sign in SIGNS)  # sought one by one: a pattern of them all takes ten times as long
_ERRORS = frozenset({403, 405, 406, 429, 503})
ANSWERED = frozenset({200, 202})
_CHALLENGES = {"cf-mitigated": {"challenge"}, "x-amzn-waf-action": {"challenge", "captcha"}}


def block_reason(status: int, headers: dict[str, str], body: bytes) -> str | None:
    """Return why an answer is a block, or None.

    Under status 200 or 202 a page may bear the signs and be an article that speaks of them: whoever has the page asks
    `crawlers.extraction.page_checks.is_block_page`, too.

    Args:
        status: of the answer.
        headers: names in lower case.
        body: decoded from its content coding.
    """
    if any(headers.get(name, "").lower() in values for name, values in _CHALLENGES.items()):
        return "challenge"
    if status in _ERRORS | ANSWERED and len(body) <= LONGEST and bears_sign(body[:_BLOCK_HEAD]):
        return "block-page"
    return "forbidden" if status == _FORBIDDEN else None


def bears_sign(markup: bytes) -> bool:
    """Say whether one of the signs stands in ``markup`` (UTF-8)."""
    lowered = markup.lower()
    return any(sign in lowered for sign in _SIGNS)


# --- What is no article, told apart before anything is read ----------------------------------------------------------
# status ▸ block page ▸ no HTML ▸ not found under 200 ▸ consent wall ▸ home page
#
# Words, or one tag, refuse a page only where no article stands on it (`stands`): news has headlines such as «404 شهداء», and speaks of
# cookies and of servers that fail.

_HTML = re.compile(r"html|xml|text/plain|octet-stream", re.IGNORECASE)
_BLOCKING_STATUSES = frozenset({401, 403, 429, 451, 503})
_SORRY = r"(?:عذرا|عفوا|ناسف|نعتذر|للاسف|اسفون?)\b.{0,20}?"
_PAGE = r"(?:هذه |هذا )?(?:ال)?(?:صفحه|خبر|مقال|محتوي|موضوع|رابط)(?: المطلوبه?| (?:التي|الذي) تبحث عنها?)?"
_MISSING = r" (?:غير (?:موجود|متوفر|متاح)ه?|لم (?:يعد|تعد) (?:موجود|متوفر|متاح)[ها]?)\b"
_NUMBER = r"(?:(?:error|http|خطا|الخطا)\W{0,3})?(?:404|410)(?!\d)(?:\W+(?:error|خطا))?"  # of a status; a number of people is none
_NOT_FOUND = re.compile(
    rf"^(?:{_NUMBER}\W*$|{_NUMBER}(?:\W*[|:•·–—-]|\W+(?:(?:page )?not found|gone|{_SORRY}|{_PAGE}|لم ))|(?:the )?page (?:was )?not found|"
    rf"not found|(?:oops\W+)?that page can.t be found|(?:{_SORRY})?{_PAGE}{_MISSING}|{_SORRY}{_PAGE}\b.{{0,40}}{_MISSING}|"
    r"عذرا.{0,30}(?:غير موجوده?|لم (?:يتم|نتمكن من) العثور)|لم (?:يتم|نتمكن من|نستطع) العثور علي (?:هذه )?(?:ال)?صفحه)"
)
_FAILED = re.compile(
    r"^(?:(?:error|http|خطا|الخطا)?\W{0,3}(?:50[0-4]|52\d)(?!\d)(?:\W*$|\W*[|:•·–—-]|\W+(?:error|خطا|internal|bad|service|gateway|web server))|"
    r"(?:internal )?server error|runtime error|bad gateway|gateway time-?out|service (?:is )?(?:temporarily )?unavailable|"
    r"(?:error establishing a )?database (?:connection )?error|error establishing a database|web server is down|"
    r"(?:site |down for |under )maintenance|خطا (?:داخلي )?في الخادم|خطا داخلي|(?:ال)?خدمه غير متاحه|"
    r"(?:الموقع|موقعنا) (?:تحت|قيد) الصيانه)"
)
_CONSENT = re.compile(
    r"consent|before you continue|ملفات تعريف الارتباط|سياسه الخصوصيه قبل المتابعه|نهتم بخصوصيتك|نحترم خصوصيتك|خصوصيتك تهمنا|"
    r"we value your privacy|your privacy|نقدر خصوصيتك|^قبل المتابعه"
)
_WALL = re.compile(
    r"(?:هذا )?(?:المحتوي|المقال|الخبر|التقرير) (?:متاح |حصري )?للمشتركين|"
    r"(?:اشترك|سجل|يجب|يرجي)\b.{0,40}\b(?:لمواصله|لمتابعه|لاكمال|لاستكمال|لقراءه) (?:القراءه|المقال|قراءه)"
)
_FIRST_LINES = 3
_FEW_PARAGRAPHS = 8  # a page of more is not asked what its first lines say: it is none of an excuse alone
_REFUSALS = ((_NOT_FOUND.match, SoftNotFound), (_FAILED.match, ServerFailure), (_CONSENT.search, ConsentWall))
_OF_ITSELF = re.compile(  # words of a page that speaks of itself, or to its visitor, and not of the world
    r"\b(?:هذه ال|ال)صفحه\b|الصفحه الرييسيه|\b(?:ال)?رابط\b|متصفحك|روبوت|خصوصيت[كن]|بياناتك|جهازك|موافقت|تفضيلات|نستخدم|نستعمل|"
    r"شركا[ويءا]?نا|لمواصله القراءه|حساب[كا]\b|كلمه المرور|الدخول الي|للمشتركين|بالمشتركين|اشتراكك|\bموقعنا\b|\bهذا الموقع\b|(?:مالك|صاحب|مدير) الموقع|حظر[كي]\b|طلبك|شبكتك|اتصالك|عنوان ip|بالنقر|بالضغط علي|جميع الحقوق|حقوق النشر|حاول مره|اعد المحاوله|المحاوله لاحقا|"
    r"cookies? (?:policy|settings|to)|robot|javascript|"
    r"your (?:browser|ip|privacy|data|consent|device|connection|request|choices|access|network|computer)|you have been|this (?:web)?site|"
    r"(?:site|server) (?:owner|operator)|"
    r"\bpage\b|\burl\b|permission|we use|we and our|our partners|ray id|reference #|support id|incident id|administrator|"
    r"security service|copyright|rights reserved|process data|personal data|withdraw"
)
_FEW_LETTERS = 150  # of text of a page's own: a short item has more, what a wall says beside its own matters less
_LINE = 40  # letters; a shorter line is a label
_HEADLINE = 20
_TEXT = ("p", "li", "blockquote", "td", "h2", "h3")
_LOOSE = ("div", "section", "article", "span", "main", "font")
_INLINE = frozenset(("span", "font"))
_LINES = frozenset((*_TEXT, *_LOOSE)) - _INLINE
_IN_LINES = frozenset((*_TEXT, *_INLINE, "a", "b", "strong"))
_FEW_LINKS = 30  # a front or section page has more, a block page in the outlet's frame says what it is in its headings
_HOMES = frozenset(("", "/ar", "/home", "/index.html", "/portal"))
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|ref|traffic_source")


def check_status(page: Page) -> None:
    """Raise `BlockPage` or `ErrorStatus` for an answer that is no page, `NotHtml` for one that is no HTML."""
    if page.status in _BLOCKING_STATUSES and bears_sign(page.markup()):
        raise BlockPage(f"status {page.status}")
    if not 200 <= page.status < 300:  # noqa: PLR2004  the class of success
        raise ErrorStatus(f"status {page.status}")
    if page.content_type and not _HTML.search(page.content_type.partition(";")[0]):
        raise NotHtml(page.content_type.partition(";")[0])
    start = page.body[:512].lstrip()
    if start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b")):
        raise NotHtml("binary content")


def check_page(markup: bytes, document: Document, url: str = "") -> None:
    """Raise the refusal of a page that stands where the article at ``url`` should."""
    titles, headings = _headings(document)
    title = next(iter(titles), "")
    if not markup or markup.isspace():
        raise Empty("no content")
    if is_block_page(markup, document, url):
        raise BlockPage(title or "a firewall's page")
    keys = [fold_label(line) for line in (*titles, *headings)]
    for says, refusal in _REFUSALS:
        if any(map(says, keys)) and not stands(document, url):
            raise refusal(title)
    if len(document.by_tag("p")) > _FEW_PARAGRAPHS:
        return
    lines = [fold_label(_line(element)) for tag in ("p", "h2") for element in document.by_tag(tag)[:_FIRST_LINES]]
    for says, refusal in ((_NOT_FOUND.match, SoftNotFound), (_WALL.match, ConsentWall)):
        if (said := next(filter(says, lines), None)) and not stands(document, url):
            raise refusal(said)


def is_block_page(markup: bytes, document: Document, url: str = "") -> bool:
    """Say whether a page is a firewall's: short, with one of its signs, and without an article.

    Args:
        markup: the page in UTF-8.
        document: the same, parsed.
        url: of the article that is expected; of a list of articles its own address.
    """
    if len(markup) > LONGEST:
        return False
    headings = " ".join(chain(*_headings(document)))
    if bears_sign(headings.encode()) or bears_sign(fold_label(headings).encode()):
        return not stands(document, url)
    if len(document.by_tag("a")) >= _FEW_LINKS or stands(document, url):
        return False
    return bears_sign(markup) or bears_sign(_shown_text(document).encode())


def says_not_found(document: Document) -> bool:
    """Say whether title or main heading are those of a page that is not there."""
    return any(_NOT_FOUND.match(fold_label(line)) for line in chain(*_headings(document)))


def stands(document: Document, url: str = "") -> bool:
    """Say whether an article stands on a page: its own JSON-LD is there, or a text that speaks of the world."""
    return _has_node(document, url) or sum(map(len, _own_lines(document))) >= _FEW_LETTERS


def check_home(document: Document, addresses: AddressRules, url: str = "") -> bool:
    """Say whether a page with an article on it calls itself the outlet's front or a section page; that is a doubt, no more.

    Args:
        document: the page.
        addresses: the outlet's.
        url: as asked for; a page whose own address is a folder of it («/politics») is that section's.

    Raises:
        HomePage: it calls itself so, and no article stands on it.
    """
    front = _front(document, addresses, url)
    if front and not (_has_node(document, url) or _is_one_text(document, addresses, url)):
        raise HomePage(front)
    return bool(front)


def is_home(url: str) -> bool:
    """Say whether an address is a site's front: the path of one, and no query but of those that count visitors («/?p=12» is a page)."""
    parts = urlsplit(url)
    if parts.path.rstrip("/") not in _HOMES:
        return False
    return all(_TRACKING.fullmatch(name) for name, _ in parse_qsl(parts.query, keep_blank_values=True))


def _front(document: Document, addresses: AddressRules, url: str) -> str:
    """Return the words with which a page calls itself a front or section page, "" where it does not."""
    kind = document.metas.get("pagetype", "").lower()
    if kind in {"home page", "section page", "homepage"}:
        return kind
    for link in links(document, "canonical"):
        href = _absolute(url, tidy(link.get("href") or ""))
        if href and addresses.owns(href) and (is_home(href) or _is_folder(href, url, addresses)):
            return href
    return ""


def _absolute(url: str, href: str) -> str:
    try:
        return absolute_url(url, href) if href else ""
    except ValueError:  # no URL at all
        return ""


def _is_one_text(document: Document, addresses: AddressRules, url: str) -> bool:
    """Say whether a page has a main heading and under it one text, not the summaries of many articles."""
    lines, place = _own_lines(document), find_body(document)
    if place is None or not any(document.texts("h1")) or sum(map(len, lines)) < _FEW_LETTERS:
        return False
    others = {_absolute(url, link.get("href") or "") for link in place.element.iter("a")}
    return 2 * sum(addresses.classify(other) is not None for other in others) <= len(lines)


def _is_folder(href: str, url: str, addresses: AddressRules) -> bool:
    """Say whether ``href`` is a section in which the article at ``url`` would stand."""
    if href.lower() == url.lower() or not addresses.owns(url) or urlsplit(href).query:
        return False
    is_above = canonical_path(urlsplit(url).path).startswith(f"{canonical_path(urlsplit(href).path)}/")
    return is_above and addresses.classify(href) is None


def _headings(document: Document) -> tuple[list[str], list[str]]:
    """Return what titles and main headings say; of a page without any ``h1`` its first ``h2``."""
    return list(document.texts("title")), list(document.texts("h1")) or list(document.texts("h2"))[:1]


def _shown_text(document: Document) -> str:
    """Return the beginning of what a page says in its paragraphs, folded: no block page has many."""
    words = " ".join("".join(element.itertext()) for element in document.by_tag("p")[:20])
    return fold_label(words[:4000])


def _has_node(document: Document, url: str) -> bool:
    headings = {fold_label(line) for line in document.texts("h1")}
    return any(_is_own(node, url, headings) for node in document.linked)


def _is_own(node: dict[str, Any], url: str, headings: set[str]) -> bool:
    """Say whether a JSON-LD node is of the article at ``url`` (where it names no address: with its heading), and no error page's."""
    said = [fold_label(line) for line in look_up(node, "headline")]
    if not types(node) & ARTICLE_TYPES or any(_NOT_FOUND.match(line) or _FAILED.match(line) for line in said):
        return False
    path = canonical_path(urlsplit(url).path)
    named = [*look_up(node, "url"), *look_up(node, "mainEntityOfPage"), *look_up(node, "mainEntityOfPage.@id")]
    if not named:
        return "datePublished" in node and not headings.isdisjoint(said)
    return path != "/" and any(canonical_path(_path(name)) == path for name in named)


def _path(url: str) -> str:
    try:
        return urlsplit(unquote(url)).path
    except ValueError:
        return ""


def _own_lines(document: Document) -> list[str]:
    """Return the lines in the page's densest element that speak of the world; links are none of them."""
    place = find_body(document)
    body = place.element if place is not None else None
    elements = body.iter(*_TEXT, *_LOOSE) if body is not None else ()
    lines = (_line(element) for element in elements if element is body or not _is_teaser(element, body))
    return [line for line in lines if len(line) >= _LINE and not _OF_ITSELF.search(fold_label(line))]


def _is_teaser(element: _Element, body: _Element | None) -> bool:
    """Say whether an element is what a card says of another article: alone beside a link as long as a headline."""
    card = element.getparent()
    if card is None or card is body or sum(child.tag == element.tag for child in card) > 1:
        return False
    links = (
        link for link in card.iterdescendants("a") if not any(parent is element for parent in link.iterancestors())
    )
    return card.tag == "a" or any(len(tidy("".join(link.itertext()))) >= _HEADLINE for link in links)


def _line(element: _Element) -> str:
    """Return what an element says itself; nothing where a link says most of it, or where it is a piece of a line."""
    parent = element.getparent()
    if element.tag in _INLINE and parent is not None and parent.tag in _IN_LINES:
        return ""
    if element.tag in _LOOSE or any(child.tag in _LINES for child in element):
        return tidy(" ".join([element.text or "", *(child.tail or "" for child in element)]))
    whole = tidy("".join(element.itertext()))
    linked = sum(len("".join(link.itertext())) for link in element.iterdescendants("a"))
    return "" if 2 * linked > len(whole) else whole


# --- Goods, pages about the site, figures: what a page is of which nothing says that it is an article ------------------

_GOODS = re.compile(r"(?:^|[.:_-])product(?![a-z])|^ebay-objects:")
_GOODS_CLASSES = frozenset(  # as shop systems name their pages
    (
        "single-product",
        "product-template-default",
        "tax-product_cat",
        "tax-product_tag",
        "post-type-archive-product",
        "catalog-product-view",
        "catalog-category-view",
        "page-products",
        "template-product",
        "template-collection",
    )
)
_GOODS_TYPES = frozenset(
    ("Product", "ProductGroup", "ProductModel", "IndividualProduct", "SomeProducts", "OfferCatalog", "JobPosting")
)
_PRICE_TAGS = ("span", "bdi", "div", "p", "strong", "b", "ins")
_CURRENCY = r"(?:[$€£₹₪﷼]|usd|eur|gbp|s\.?a\.?r|aed|egp|qar|kwd|jod|kr|ر\.?س|ج\.?م|د\.[إكأت]|ل\.ل|ريال|جنيه|درهم|دينار|دولار)\.?(?: \w+)?"
_PRICE = re.compile(
    rf"(?:from|was|now|من|السعر)?:?\s?(?:{_CURRENCY}\s?[\d٠-٩][\d٠-٩.,٬٫]*|[\d٠-٩][\d٠-٩.,٬٫]*\s?{_CURRENCY})",
    re.IGNORECASE,
)
_CART = re.compile(
    r"(?:add|move) (?:\w+ )?to (?:\w+ )?(?:cart|bag|basket|trolley)|out of stock|sold out|"
    r"(?:اضف|اضافه) (?:المنتج )?(?:الي )?(?:ال|لل)?(?:سله|عربه)(?: (?:التسوق|المشتريات|الشراء))?|نفدت الكميه"
)
_BUTTONS = ("button", "a", "input", "span", "div")
_GOODS_PATH = re.compile(
    r"/(?:products?|shop|store|collections|departments|pdp|dp|منتج(?:ات)?|المنتجات|متجر|المتجر)/[^/]"
)
_LONGEST_PRICE = 40  # letters, of a button too
_AROUND_PRICE = 6  # elements between a price and its card
_ABOUT_SITE = re.compile(
    r"من نحن|عن (?:الموقع|الصحيفه|الجريده)|(?:اتصل|اتصلوا|تواصل|تواصلوا) (?:بنا|معنا)|سياسه الخصوصيه(?: .{0,30})?|"
    r"(?:شروط|اتفاقيه|احكام) (?:و?شروط |و?احكام )?(?:الاستخدام|الخدمه)|سياسه (?:ملفات|الكوكيز|التحرير|الاستخدام).{0,30}|"
    r"(?:تسجيل|سجل) (?:ال)?دخول|(?:انشاء|افتح) حسابا?(?: جديدا?)?|نتايج البحث(?: .{0,80})?|(?:اشتركوا?|الاشتراك) (?:الان|معنا|في (?:النشره|الموقع|الصحيفه|الجريده|خدمه)).{0,30}|(?:باقات )?الاشتراكات?|خريطه الموقع|استطلاعا?ت? (?:ال)?را[يء]|النشره (?:البريديه|الاخباريه)|البث (?:المباشر|الحي)|(?:جميع )?الوسوم|"
    r"about us|contact us|privacy policy|terms (?:of|and) .{0,20}|(?:sign|log) in|search results.{0,80}"
)
_MOST = 1000  # elements of a kind
_FEW_GOODS = 5
_LEAST_SENTENCE = 40  # letters; a shorter line is one with its full stop


def says_goods(names: set[str], kind: str) -> bool:
    """Say whether the classes of a page's body, or its ``og:type``, name goods."""
    return bool(names & _GOODS_CLASSES or _GOODS.search(kind.lower()))


def describes_goods(document: Document) -> bool:
    """Say whether a page describes goods to machines, and no article."""
    described = {name for node in document.linked for name in types(node)}
    marked = {(each.get("itemtype") or "").rpartition("/")[2] for each in document.all("[itemtype]")}
    return not marked & ARTICLE_TYPES and bool((described | marked) & _GOODS_TYPES)


def shows_goods(document: Document, part: _Element | None = None) -> bool:
    """Say whether a page, or a ``part`` of it, shows cards with a picture, a link and a price."""
    cards = set()
    for each in chain(*(islice(document.by_tag(tag), _MOST) for tag in _PRICE_TAGS)):
        text = each.text or ""
        if 1 < len(text) <= _LONGEST_PRICE and _PRICE.fullmatch(text.strip()):
            above = islice(each.iterancestors(), _AROUND_PRICE)
            cards.add(next((up for up in above if up.find(".//img") is not None and up.find(".//a") is not None), None))
    if part is not None:
        cards = {card for card in cards if card is not None and is_inside(card, part)}
    return len(cards - {None}) >= _FEW_GOODS


def sells(document: Document) -> bool:
    """Say whether a page has a button that puts goods into a cart, or says in its place that there are none."""
    for each in chain(*(islice(document.by_tag(tag), _MOST) for tag in _BUTTONS)):
        text = (each.get("value") if each.tag == "input" else each.text) or ""
        if len(text) <= _LONGEST_PRICE and _CART.fullmatch(fold_label(text)):
            return True
    return False


def is_of_goods(url: str) -> bool:
    """Say whether an address stands below a shop's goods."""
    return bool(_GOODS_PATH.search(_path(url).lower()))


def is_about_site(headline: str) -> bool:
    """Say whether a headline is the name of a page of the site's own: who they are, what they ask of a visitor, a search."""
    return bool(_ABOUT_SITE.fullmatch(fold_label(headline)))


def is_of_figures(lines: list[str]) -> bool:
    """Say whether lines are for a good part cells and figures, and none is a sentence: prices, times of prayer, fixtures."""
    return bool(lines) and 3 * sum(map(_is_figures, lines)) >= len(lines) and not any(map(_is_sentence, lines))


def _is_figures(line: str) -> bool:
    return line.startswith("|") or any(letter.isdigit() for letter in line[:_LEAST_SENTENCE])


def _is_sentence(line: str) -> bool:
    return not line.startswith("|") and (len(line) >= _LEAST_SENTENCE or line.endswith((".", "!", "؟", ":", "»", "…")))
