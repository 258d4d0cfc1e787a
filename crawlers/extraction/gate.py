"""What is no article, told apart before anything is read.

status ▸ block page ▸ no HTML ▸ not found under 200 ▸ consent wall ▸ home page
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawlers.addresses import canonical_path
from crawlers.extraction.refusals import BlockPage, ConsentWall, Empty, ErrorStatus, HomePage, NotHtml, SoftNotFound
from pipelines.cleaning import tidy
from pipelines.credit.letters import fold

if TYPE_CHECKING:
    from crawlers.addresses import AddressRules
    from crawlers.extraction.document import Document
    from crawlers.extraction.page import Page

_HTML = re.compile(r"html|xml|text/plain|octet-stream", re.IGNORECASE)
_BLOCKED = (
    "the request could not be satisfied",
    "request blocked",
    "attention required! | cloudflare",
    "just a moment...",
    "checking your browser",
    "cf-browser-verification",
    "cf-challenge",
    "_cf_chl_opt",  # in every language; «challenge-platform» stands in whole pages too, whose visitors are only watched
    "challenge-platform/h/b/orchestrate",
    "challenge-platform/h/g/orchestrate",
    "ddos protection by",
    "access denied",
    "pardon our interruption",
    "incapsula incident",
    "are you a human",
    "are you a robot",
    "verify you are human",
    "verify that you're not a robot",
    "unusual traffic",
    "sucuri website firewall",
    "request unsuccessful",
    "error 1020",
    "bot verification",
    "captcha-delivery",
    "enable javascript and cookies to continue",
    "403 forbidden",
    "تم حظر الوصول",
    "تأكد من أنك لست روبوت",
    "التحقق من أنك إنسان",
    "مراجعة أمان اتصالك",
)
_SORRY = r"(?:عذرا|عفوا|ناسف|نعتذر|للاسف|اسفون?)\b.{0,20}?"
_PAGE = r"(?:هذه |هذا )?(?:ال)?(?:صفحه|خبر|مقال|محتوي|موضوع|رابط)(?: المطلوبه?| (?:التي|الذي) تبحث عنها?)?"
_MISSING = r" (?:غير (?:موجود|متوفر|متاح)ه?|لم (?:يعد|تعد) (?:موجود|متوفر|متاح)[ها]?)\b"
_NOT_FOUND = re.compile(
    rf"^(?:404|خطا 404|error 404|page not found|not found|(?:{_SORRY})?{_PAGE}{_MISSING}|{_SORRY}{_PAGE}\b.{{0,40}}{_MISSING}|"
    r"عذرا.{0,30}(?:غير موجوده?|لم (?:يتم|نتمكن من) العثور)|لم يتم العثور علي الصفحه|server error|runtime error|خطا في الخادم)"
)
_CONSENT = re.compile(
    r"consent|before you continue|ملفات تعريف الارتباط|سياسه الخصوصيه قبل المتابعه|نهتم بخصوصيتك|we value your privacy|"
    r"نقدر خصوصيتك|^قبل المتابعه"
)
_SMALL = 12_000  # characters of markup; block pages are small, and a long article may speak of captchas
_LETTER = 4  # bytes of a character, at most
_FEW_LETTERS = 600
_HOMES = frozenset(("", "/ar", "/home", "/index.html", "/portal"))


def check_status(page: Page) -> None:
    """Raise `BlockPage` or `ErrorStatus` for an answer that is no page, `NotHtml` for one that is no HTML."""
    if page.status in {401, 403, 429, 451, 503} and _is_blocked(page.markup().decode()):
        raise BlockPage(f"status {page.status}")
    if not 200 <= page.status < 300:  # noqa: PLR2004  the class of success
        raise ErrorStatus(f"status {page.status}")
    if page.content_type and not _HTML.search(page.content_type.partition(";")[0]):
        raise NotHtml(page.content_type.partition(";")[0])
    start = page.body[:512].lstrip()
    if start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b")):
        raise NotHtml("binary content")


def _is_blocked(markup: str) -> bool:
    lowered = markup.lower()
    return any(mark in lowered for mark in _BLOCKED)


def check_page(markup: bytes, document: Document) -> None:
    """Raise the refusal of a page that stands where an article should."""
    title = next(document.texts("title"), "")
    if not markup.strip():
        raise Empty("no content")
    if len(markup) <= _SMALL * _LETTER and len(text := markup.decode(errors="replace")) <= _SMALL and _is_blocked(text):
        raise BlockPage(title or "a firewall's page")
    headings = (title, *document.texts("h1"))
    if any(_NOT_FOUND.match(fold(line)) for line in headings):
        raise SoftNotFound(title)
    if any(_CONSENT.search(fold(line)) for line in headings) and _letters(document) < _FEW_LETTERS:
        raise ConsentWall(title)


def check_home(document: Document, addresses: AddressRules, url: str = "") -> None:
    """Raise `HomePage` where the page says that it is the outlet's front or a section page.

    Args:
        document: the page.
        addresses: the outlet's.
        url: as asked for; a page whose own address is a folder of it («/politics») is that section's.
    """
    kind = document.metas.get("pagetype", "").lower()
    if kind in {"home page", "section page", "homepage"}:
        raise HomePage(kind)
    for link in document.all("link"):
        href = tidy(link.get("href") or "") if link.get("rel") == "canonical" else ""
        if href and addresses.owns(href) and (_is_home(href) or _is_folder(href, url, addresses)):
            raise HomePage(href)


def _is_home(href: str) -> bool:
    return urlsplit(href).path.rstrip("/") in _HOMES


def _is_folder(href: str, url: str, addresses: AddressRules) -> bool:
    """Say whether ``href`` is a section in which the article at ``url`` would stand."""
    if not addresses.owns(url) or addresses.classify(href):
        return False
    return canonical_path(urlsplit(url).path).startswith(f"{canonical_path(urlsplit(href).path)}/")


def _letters(document: Document) -> int:
    return sum(len("".join(element.itertext()).strip()) for element in document.by_tag("p"))
