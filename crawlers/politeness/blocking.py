"""What a block page is: the answer of a firewall or bot check in the outlet's place."""

from __future__ import annotations

import re

_HEAD = 8192  # bytes; block pages are short and say so at once
_LONGEST = 64 * 1024  # a longer page is the outlet's own, whatever words it holds
_FORBIDDEN = 403
_SIGNS = re.compile(
    rb"Request blocked|The request could not be satisfied|cf-browser-verification|challenge-platform|cdn-cgi/challenge|"
    rb"<title>Just a moment\.\.\.|Attention Required! \| Cloudflare|_Incapsula_Resource|captcha-delivery\.com|"
    rb"<title>Access Denied</title>|px-captcha|Checking your browser before|Pardon Our Interruption|/_sec/cp_challenge"
)
_ERRORS = frozenset({403, 405, 406, 429, 503})


def block_reason(status: int, headers: dict[str, str], body: bytes) -> str | None:
    """Return why an answer is a block, or None.

    Args:
        status: of the answer.
        headers: names in lower case.
        body: decoded from its content coding.
    """
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return "challenge"
    if status in _ERRORS | {200, 202} and len(body) <= _LONGEST and _SIGNS.search(body[:_HEAD]):
        return "block-page"
    return "forbidden" if status == _FORBIDDEN else None
