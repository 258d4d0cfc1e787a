"""robots.txt, obeyed as RFC 9309 says it: what an answer means, and the middleware that holds requests to it."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self
from urllib.parse import urljoin

from scrapy import Request, signals
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.utils.httpobj import urlparse_cached

from crawlers.addresses import INVISIBLE
from crawlers.extraction.html import to_utf8
from crawlers.extraction.page_context import content_type_of
from crawlers.politeness.retry import HostGivenUp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from protego import Protego
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from scrapy.statscollectors import StatsCollector

# --- Who asks: a User-Agent with an address where an outlet reaches the operator -------------------------------------

_REACHES = re.compile(r"\S@\S|://\S")


class NoContact(Exception):  # noqa: N818  a sentence for the operator
    """The crawl would reach real outlets, and CONTACT or USER_AGENT does not say who asks."""


class ContactMiddleware:
    """Sends the User-Agent; in the place of Scrapy's own `UserAgentMiddleware`.

    Args:
        agent: the complete header value.
    """

    def __init__(self, agent: str) -> None:
        self.agent = agent

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read USER_AGENT with its ``{contact}``, CONTACT and CONNECT_TO (a crawl of a replica disturbs nobody).

        Raises:
            NoContact: a real crawl without a contact.
        """
        return cls(user_agent(crawler.settings))

    def process_request(self, request: Request) -> None:
        """Set the header where the request has none."""
        request.headers.setdefault(b"User-Agent", self.agent)


def user_agent(settings: BaseSettings) -> str:
    """Return the complete User-Agent of a crawl.

    Raises:
        NoContact: a real crawl without a contact, or one that does not say it.
    """
    contact, agent = (settings["CONTACT"] or "").strip(), str(settings["USER_AGENT"] or "")
    if not settings["CONNECT_TO"]:
        if not contact:
            raise NoContact("CONTACT is not set: say in the environment where an outlet can reach you (mail or page)")
        if not _REACHES.search(contact):
            raise NoContact(f"CONTACT is a mail address or a page where an outlet can reach you, not {contact!r}")
        if "{contact}" not in agent and contact not in agent:
            raise NoContact("USER_AGENT does not say the contact; write {contact} where it stands")
    return agent.replace("{contact}", contact or "replica")


# --- What an answer to robots.txt means (RFC 9309, section 2.3.1) ----------------------------------------------------
# 2xx, text        the rules in it, at most 500 KiB of them, whatever Content-Type and charset are
# 2xx, markup      no rules: a page that answers every address; rules that stand in it, or behind a warning of PHP, are rules
# 3xx              followed by the caller, five times; then no rules
# 4xx but 429      no rules: everything is allowed
# 429, 5xx, none   nothing is allowed

LIMIT = 500 * 1024
"""Bytes read of a robots.txt: the least that RFC 9309 asks for, and all that an honest one needs."""

Verdict = Literal["rules", "no-rules", "unreachable"]

_DISALLOW = re.compile(rb"^[ \t]*disallow[ \t]*:[ \t]*(/[^\s#]*)", re.IGNORECASE | re.MULTILINE)
_MARKUP = re.compile(rb"\A(?:\s|\xef\xbb\xbf)*<")
_GROUPLESS = re.compile(
    rb"\A(?:[ \t]*(?:#[^\r\n]*|sitemap[ \t]*:[^\r\n]*)?[\r\n])*[ \t]*(?:dis)?allow[ \t]*:", re.IGNORECASE
)
_IN_MARKUP = re.compile(rb"(?:^|>)[ \t]*+user[- ]?agent[ \t]*:", re.IGNORECASE | re.MULTILINE)
_TAG = re.compile(rb"<!--(?:(?!-->).)*+(?:-->|\Z)|<(/?(?:br|p|div|li|pre)\b)?[^<>\n]*+>", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(f"\0|^(?:{'|'.join(INVISIBLE)})+".encode(), re.MULTILINE)  # a path may have such marks
_VERSION = re.compile(rb"^([ \t]*user[- ]?agent[ \t]*:[ \t]*[\w*-]+)/[^\s#]*", re.IGNORECASE | re.MULTILINE)
_PAUSE = re.compile(
    rb"^([ \t]*crawl-?delay[ \t]*:[ \t]*\d+)(?:[.,](\d+))?[ \t]*(?:s|secs?|seconds?)?[ \t]*(?=[\r\n#]|\Z)",
    re.IGNORECASE | re.MULTILINE,
)
_CLIENT_ERROR, _SERVER_ERROR, _TOO_MANY = 400, 500, 429
_LETTERS, _LETTER = (
    re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+"),
    "~",
)  # of no ASCII, percent-encoded; what stands for them


def judge(status: int, body: bytes) -> Verdict:
    """Say what an answer means; ``status`` after redirects. Many servers send a robots.txt as text/html: its words tell."""
    if status == _TOO_MANY or status >= _SERVER_ERROR:
        return "unreachable"
    if status >= _CLIENT_ERROR or not 200 <= status < 300:  # noqa: PLR2004  the class of success
        return "no-rules"
    return "no-rules" if _MARKUP.match(body) else "rules"


def readable(body: bytes, content_type: str | None = None) -> bytes:
    """Return the part of a body that is read, in UTF-8: its first 500 KiB, without the line that is cut there.

    Rules that stand before any User-agent line are meant for all; RFC 9309 would leave them aside. What is meant is read, too, where it is
    wrapped in HTML, where an agent is named with its version, a pause with a comma or its unit.
    """
    head = to_utf8(body, content_type, limit=LIMIT)
    if len(body) > LIMIT:
        head = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1]
    head = _UNSEEN.sub(b"", head)
    if _MARKUP.match(head) and _IN_MARKUP.search(head):
        head = _TAG.sub(lambda tag: b"\n" if tag[1] else b"", head)
    head = _PAUSE.sub(lambda pause: b"%b.%b" % (pause[1], pause[2] or b"0"), _VERSION.sub(rb"\1", head))
    return b"User-agent: *\n" + head if _GROUPLESS.match(head) else head


def tells_no_letters(body: bytes) -> bool:
    """Say whether no rule of a file can tell one percent-encoded letter of an address from another, or from a ``~``.

    Then one sign may stand for all of them, and Protego need not decode and encode again each address of Arabic words, which takes
    longer than all else that is asked of an address.
    """
    return body.isascii() and b"%" not in body and _LETTER.encode() not in body


def refusals(rules: Rules, body: bytes, root: str, agent: str) -> list[str]:
    """Return the patterns of the file that refuse something to ``agent``, in their order; each is asked as an address."""
    paths = dict.fromkeys(match[1].decode("utf-8", "replace") for match in _DISALLOW.finditer(body))
    return [pattern for pattern in paths if not rules.allows(f"{root}{pattern.removesuffix('$')}", agent)]


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
        tells_no_letters: see the function of that name.
    """

    verdict: Verdict
    parsed: Protego | None
    delay: float
    read_at: float
    tells_no_letters: bool = False

    def allows(self, url: str, agent: str) -> bool:
        """Say whether ``agent`` may fetch ``url``; the longest match wins."""
        if self.verdict == "unreachable":
            return False
        url = _LETTERS.sub(_LETTER, url) if self.tells_no_letters else url
        return self.parsed is None or self.parsed.can_fetch(url, agent)


# --- robots.txt, obeyed as RFC 9309 says it; Scrapy's own middleware lets everything pass when it gets no answer -----
# request ──▶ rules of its scheme and host, at most a day old ──▶ allowed: on, at the host's pace
#                  │ none: fetch through the downloader              └──▶ refused: RefusedByRobots, counted
#                  └── (so that every answer is archived)

logger = logging.getLogger(__name__)

robots_read = object()
"""Signal (root, verdict, body, refuses): what a host answered to robots.txt; ``refuses`` are its patterns that hold for us."""

REDIRECTS = 5
_REDIRECTING = frozenset({301, 302, 303, 307, 308})


class RefusedByRobots(IgnoreRequest):
    """The host's robots.txt refuses this address."""

    reason: ClassVar[str] = "robots"


class RobotsUnreachable(RefusedByRobots):
    """The host's robots.txt could not be read, which RFC 9309 takes for a refusal."""

    reason: ClassVar[str] = "robots-unreachable"


class RobotsMiddleware:
    """Obeys robots.txt.

    Args:
        crawler: for its engine, stats and signals.
        agent: the product token that rules are looked up for.
        max_age: seconds that rules are kept; RFC 9309 allows a day.
        unreachable_age: seconds after which a host without an answer is asked again.
        longest: seconds between two requests; a host that asks for more is given up for this crawl.
        clock: a monotonic clock, for tests.
    """

    PRIORITY = 1000

    def __init__(  # noqa: PLR0913, PLR0917  each is a fact of its own
        self,
        crawler: Crawler,
        agent: str,
        max_age: float,
        unreachable_age: float,
        longest: float,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.crawler = crawler
        self.agent = agent
        self.max_age = {"rules": max_age, "no-rules": max_age, "unreachable": unreachable_age}
        self.longest = longest
        self.clock = clock
        self._rules: dict[str, asyncio.Task[Rules]] = {}
        self._delays: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read ROBOTSTXT_OBEY, ROBOTSTXT_USER_AGENT, ROBOTSTXT_MAX_AGE, ROBOTSTXT_UNREACHABLE_AGE and RETRY_AFTER_MAX."""
        settings = crawler.settings
        if not settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        agent = settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"]
        middleware = cls(
            crawler,
            agent,
            settings.getfloat("ROBOTSTXT_MAX_AGE", 24 * 3600),
            settings.getfloat("ROBOTSTXT_UNREACHABLE_AGE", 600),
            settings.getfloat("RETRY_AFTER_MAX", 300.0),
        )
        crawler.signals.connect(middleware.keep_pace, signal=signals.request_reached_downloader)
        crawler.signals.connect(
            middleware.keep_pace, signal=signals.response_downloaded
        )  # AutoThrottle sets a pace then
        return middleware

    async def process_request(self, request: Request) -> None:
        """Let an allowed request pass; raise `RefusedByRobots` for another."""
        if request.meta.get("dont_obey_robotstxt") or urlparse_cached(request).scheme not in {"http", "https"}:
            return
        rules = await self._rules_for(request)
        if rules.allows(request.url, self.agent):
            if rules.delay > self.longest:
                self._stats.inc_value("retry_after/refused")
                raise HostGivenUp(
                    f"{urlparse_cached(request).netloc} asks for {rules.delay:.0f} s between two requests"
                )
            return
        refusal = RefusedByRobots(f"robots.txt refuses {request.url}")
        if rules.verdict == "unreachable":
            refusal = RobotsUnreachable(f"robots.txt of {urlparse_cached(request).netloc} did not answer")
        self._count("forbidden")
        self._count(f"forbidden/{refusal.reason}")
        raise refusal

    async def sitemaps(self, root: str) -> list[str]:
        """Return the values of the ``Sitemap`` lines of a host's robots.txt, which is read where it is not known yet.

        Args:
            root: scheme and host, as ``https://host``.
        """
        rules = await self._rules_for(Request(f"{root}/"))
        return [] if rules.parsed is None else list(dict.fromkeys(rules.parsed.sitemaps))

    def keep_pace(self, request: Request) -> None:
        """Set the pace of the host before its queue is looked at; slots are forgotten when idle, so each time."""
        delay = self._delays.get(urlparse_cached(request).hostname or "", 0.0)
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        slot = downloader.slots.get(request.meta.get(downloader.DOWNLOAD_SLOT, ""))
        if slot and delay > slot.delay:
            slot.delay, slot.jitter = delay, 0.0  # a pace that was asked for is never undercut

    async def _rules_for(self, request: Request) -> Rules:
        url = urlparse_cached(request)
        root = f"{url.scheme}://{url.netloc}"
        task = self._rules.get(root)
        if task is None or (task.done() and self._is_stale(task.result())):
            task = self._rules[root] = asyncio.ensure_future(self._read(root, request))
        return await asyncio.shield(task)  # whoever waits may be cancelled; the others still want the answer

    def _is_stale(self, rules: Rules) -> bool:
        return self.clock() - rules.read_at >= self.max_age[rules.verdict]

    async def _read(self, root: str, request: Request) -> Rules:
        try:
            response = await self._fetch(f"{root}/robots.txt")
        except Exception as error:  # noqa: BLE001  whatever kept the answer away, there is none
            self._count(f"exception_count/{type(error)}")
            logger.warning("No robots.txt from %s, so nothing is fetched there: %s", root, error)
            self._tell(root, "unreachable")
            return Rules("unreachable", None, 0.0, self.clock())
        body = readable(response.body, content_type_of(response))
        rules = await self._understand(response.status, body, request)
        self._count(f"verdict/{rules.verdict}")
        self._tell(root, rules.verdict, body, refusals(rules, body, root, self.agent))
        host = urlparse_cached(request).hostname or ""
        if rules.delay > self.longest:
            self._stats.inc_value("retry_after/given_up")
            message = (
                "%s asks for %.0f s between two requests, more than RETRY_AFTER_MAX (%.0f s): given up for this crawl"
            )
            logger.warning(message, root, rules.delay, self.longest)
        else:
            self._delays[host] = rules.delay
        return rules

    async def _fetch(self, url: str) -> Response:
        """Fetch through every downloader middleware, so that each answer is archived, and follow redirects here."""
        assert self.crawler.engine is not None
        for _ in range(REDIRECTS + 1):
            self._count("request_count")
            response = await self.crawler.engine.download_async(self._request(url))
            self._count("response_count")
            self._count(f"response_status_count/{response.status}")
            location = response.headers.get("Location")
            if response.status not in _REDIRECTING or not location:
                break
            url = urljoin(url, location.decode("utf-8", "replace"))
        return response

    def _request(self, url: str) -> Request:
        meta: dict[str, Any] = {"dont_obey_robotstxt": True, "dont_redirect": True, "allow_offsite": True}
        return Request(url, priority=self.PRIORITY, meta=meta, callback=NO_CALLBACK, dont_filter=True)

    async def _understand(self, status: int, body: bytes, request: Request) -> Rules:
        verdict = judge(status, body)
        if verdict != "rules":
            return Rules(verdict, None, 0.0, self.clock())
        parser = ProtegoRobotParser(body, self.crawler.spider)
        await self.crawler.signals.send_catch_log_async(signals.robots_parsed, robotparser=parser, request=request)
        return Rules(verdict, parser.rp, delay_of(parser.rp, self.agent), self.clock(), tells_no_letters(body))

    def _tell(self, root: str, verdict: str, body: bytes = b"", refuses: Sequence[str] = ()) -> None:
        self.crawler.signals.send_catch_log(robots_read, root=root, verdict=verdict, body=body, refuses=refuses)

    @property
    def _stats(self) -> StatsCollector:
        assert self.crawler.stats is not None
        return self.crawler.stats

    def _count(self, name: str) -> None:
        self._stats.inc_value(f"robotstxt/{name}")
