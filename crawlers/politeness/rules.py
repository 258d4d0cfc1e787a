"""What an answer to robots.txt means (RFC 9309, section 2.3.1).

2xx, text        the rules in it, at most 500 KiB of them, whatever Content-Type and charset are
2xx, markup      no rules: a page that answers every address
3xx              followed by the caller, five times; then no rules
4xx but 429      no rules: everything is allowed
429, 5xx, none   nothing is allowed
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from crawlers.extraction.html import to_utf8

if TYPE_CHECKING:
    from protego import Protego

LIMIT = 500 * 1024
"""Bytes read of a robots.txt: the least that RFC 9309 asks for, and all that an honest one needs."""

Verdict = Literal["rules", "no-rules", "unreachable"]

_DISALLOW = re.compile(rb"^[ \t]*disallow[ \t]*:[ \t]*(/[^\s#]*)", re.IGNORECASE | re.MULTILINE)
_MARKUP = re.compile(rb"\A(?:\s|\xef\xbb\xbf)*<")
_GROUPLESS = re.compile(
    rb"\A(?:[ \t]*(?:#[^\r\n]*|sitemap[ \t]*:[^\r\n]*)?[\r\n])*[ \t]*(?:dis)?allow[ \t]*:", re.IGNORECASE
)
_CLIENT_ERROR, _SERVER_ERROR, _TOO_MANY = 400, 500, 429


def judge(status: int, body: bytes) -> Verdict:
    """Say what an answer means; ``status`` after redirects. Many servers send a robots.txt as text/html: its words tell."""
    if status == _TOO_MANY or status >= _SERVER_ERROR:
        return "unreachable"
    if status >= _CLIENT_ERROR or not 200 <= status < 300:  # noqa: PLR2004  the class of success
        return "no-rules"
    return "no-rules" if _MARKUP.match(body) else "rules"


def readable(body: bytes, content_type: str | None = None) -> bytes:
    """Return the part of a body that is read, in UTF-8: its first 500 KiB, without the line that is cut there.

    Rules that stand before any User-agent line are meant for all; RFC 9309 would leave them aside.
    """
    head = to_utf8(body, content_type, limit=LIMIT)
    if len(body) > LIMIT:
        head = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1]
    return b"User-agent: *\n" + head if _GROUPLESS.match(head) else head


def refusals(rules: Rules, body: bytes, root: str, agent: str) -> list[str]:
    """Return the patterns of the file that refuse something to ``agent``, in their order; each is asked as an address."""
    said = dict.fromkeys(match[1].decode("utf-8", "replace") for match in _DISALLOW.finditer(body))
    return [pattern for pattern in said if not rules.allows(f"{root}{pattern.removesuffix('$')}", agent)]


def delay_of(rules: Protego, agent: str) -> float:
    """Return the seconds between two requests that ``rules`` ask of ``agent``: the longer of Crawl-delay and Request-rate."""
    rate = rules.request_rate(agent)
    paced = rate.seconds / rate.requests if rate and rate.requests else 0.0
    return max(0.0, rules.crawl_delay(agent) or 0.0, paced)


@dataclass(frozen=True, slots=True)
class Rules:
    """What one host allows, and since when that is known.

    Attributes:
        verdict: what the answer meant.
        parsed: the rules, where there are some.
        delay: seconds between two requests, as asked by the host.
        read_at: seconds of a monotonic clock.
    """

    verdict: Verdict
    parsed: Protego | None
    delay: float
    read_at: float

    def allows(self, url: str, agent: str) -> bool:
        """Say whether ``agent`` may fetch ``url``; the longest match wins."""
        if self.verdict == "unreachable":
            return False
        return self.parsed is None or self.parsed.can_fetch(url, agent)
