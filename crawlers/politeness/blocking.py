"""What a block page is: the answer of a firewall or bot check in the outlet's place.

`SIGNS` is the one list of such pages' signs. The breaker looks for them in the bytes of an answer, the reading
(`crawlers.extraction.page_checks`) in the page that it has parsed; a sign alone refuses no page on which an article stands.
"""

from __future__ import annotations

import re

SIGNS = (
    # of the markup
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
    # of the words
    "the request could not be satisfied",
    "request blocked",
    "attention required! | cloudflare",
    "just a moment...",
    "checking your browser",
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
    "enable javascript and cookies to continue",
    "403 forbidden",
    "تم حظر الوصول",
    "تم حظر طلبك",
    "تم رفض الوصول",
    "الوصول مرفوض",
    "لست روبوت",
    "التحقق من انك انسان",
    "التحقق من أنك إنسان",
    "امان اتصالك",
    "أمان اتصالك",
    "حركه مرور غير عاديه",
    "حركة مرور غير عادية",
)
"""In lower case; Arabic ones also as `fold` writes them, for a page's words are folded before they are looked at."""

LONGEST = 64 * 1024
"""Bytes; a longer page is the outlet's own, whatever words it holds."""

_HEAD = 8192  # bytes; block pages are short and say so at once
_FORBIDDEN = 403
_SIGNS = re.compile(b"|".join(re.escape(sign.encode()) for sign in SIGNS))
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
    if status in _ERRORS | ANSWERED and len(body) <= LONGEST and bears_sign(body[:_HEAD]):
        return "block-page"
    return "forbidden" if status == _FORBIDDEN else None


def bears_sign(markup: bytes) -> bool:
    """Say whether one of the signs stands in ``markup`` (UTF-8)."""
    return _SIGNS.search(markup.lower()) is not None
