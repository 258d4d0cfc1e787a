"""429 and 503: the host rests as long as it asks for, or longer and longer, and no other host waits. Without any network the crawl says so first."""

from __future__ import annotations

import errno
import logging
import math
import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from scrapy.statscollectors import StatsCollector

# --- How long a host is left alone after it said 429 or 503 ----------------------------------------------------------
# Retry-After: 120                              as long as it says
# Retry-After: Mon, 23 Nov 2026 12:00:00 GMT    until then
# nothing, or nonsense                          base · 2ⁿ, n the times in a row, at most the longest, half of it by chance

_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?")
_LONGEST_DOUBLING = 30


def read_retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, never below zero; None for nothing or nonsense.

    Args:
        value: the header: seconds, or an HTTP date (RFC 9110, 10.2.3).
        now: the present, aware.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # "-0000" is UTC without a place
    return max(0.0, (aware - now).total_seconds())


@dataclass(slots=True)
class Backoff:
    """How often in a row each host asked for a rest, and how long the next one is.

    Attributes:
        base: seconds of the first rest where the host names none.
        longest: a rest that would be longer ends the dealings with the host for this crawl.
        chance: 0 to 1, for the jitter.
    """

    base: float
    longest: float
    chance: random.Random = field(default_factory=random.Random)
    _times: dict[str, int] = field(default_factory=dict)

    def rest(self, host: str, asked: float | None) -> float:
        """Return the seconds that ``host`` is left alone, ``asked`` being what it named; may exceed ``longest``."""
        times = self._times[host] = self._times.get(host, 0) + 1
        if asked is not None:
            return asked + self.chance.uniform(0, min(self.base, 1.0))  # not all at the same second
        backed_off: float = min(self.longest, self.base * 2.0 ** min(times - 1, _LONGEST_DOUBLING))
        return backed_off * self.chance.uniform(0.5, 1.0)

    def content(self, host: str) -> None:
        """Forget the rests of a host that answered as usual."""
        self._times.pop(host, None)


# --- 429 and 503: the host rests, all its requests with it, and no other host waits ----------------------------------
# 429 ──▶ response_downloaded   the host's slot waits; the scheduler's queue (`queue`) gives none of its requests
#     ──▶ process_response      the request goes back to the scheduler, as Scrapy's own retry does it
# a rest longer than RETRY_AFTER_MAX: the host is given up for this crawl, each of its requests refused and counted

logger = logging.getLogger(__name__)

RESTING_STATUSES = frozenset({429, 503})
_LEAST_DELAY = 0.001  # seconds; Scrapy's slot asks the clock only where there is a delay
_FOR_EVER = float("inf")


class HostGivenUp(IgnoreRequest):
    """The host asked to be left alone for longer than this crawl waits."""

    reason: ClassVar[str] = "host-given-up"


class RetryAfterMiddleware(RetryMiddleware):
    """Scrapy's retry, with patience.

    Args:
        settings: RETRY_AFTER_BASE and RETRY_AFTER_MAX in seconds, besides those of Scrapy's retry.
    """

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.backoff = Backoff(settings.getfloat("RETRY_AFTER_BASE", 5.0), settings.getfloat("RETRY_AFTER_MAX", 300.0))
        self._until: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Watch the answers themselves too: a middleware hears of them after the next request of the host is on its way."""
        middleware = super().from_crawler(crawler)
        crawler.signals.connect(middleware.response_downloaded, signal=signals.response_downloaded)
        return middleware

    def is_resting(self, host: str) -> bool:
        """Say whether ``host`` (a downloader slot) is left alone just now; a host given up is not, its requests are refused."""
        until = self._until.get(host, 0.0)
        return until != _FOR_EVER and until > monotonic()

    def process_request(self, request: Request) -> None:
        """Refuse what would go to a host that was given up."""
        if self._until.get(self._host(request)) == _FOR_EVER:
            self._count("refused")
            raise HostGivenUp(f"{self._host(request)} asked to be left alone")

    def response_downloaded(self, response: Response, request: Request) -> None:
        """Let the host rest before the downloader looks for its next request."""
        host = self._host(request)
        if response.status not in RESTING_STATUSES:
            self.backoff.content(host)
            return
        header = response.headers.get("Retry-After")
        asked = read_retry_after(header.decode("latin-1") if header else None, datetime.now(UTC))
        seconds = self.backoff.rest(host, asked)
        self._count(f"asked/{'header' if asked is not None else 'nothing'}")
        if seconds > self.backoff.longest:
            logger.warning("%s asks to be left alone for %.0f s: given up for this crawl", host, seconds)
            self._count("given_up")
            self._until[host] = _FOR_EVER
            return
        logger.info("%s answered %s: left alone for %.1f s", host, response.status, seconds)
        self._rest(host, seconds)

    def _rest(self, host: str, seconds: float) -> None:
        """Hold back what is already in the host's slot: the next request goes out as if the last one were still to come."""
        until = max(self._until.get(host, 0.0), monotonic() + seconds)
        self._until[host] = until
        assert self.crawler.engine is not None
        if slot := self.crawler.engine.downloader.slots.get(host):
            slot.delay = slot.delay or _LEAST_DELAY
            slot.lastseen = max(slot.lastseen, until - slot.delay * (1 - min(slot.jitter, 1.0)))
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value("retry_after/rests")
        self.crawler.stats.inc_value("retry_after/seconds", math.ceil(seconds))

    def _retry(self, request: Request, reason: str | Exception | type[Exception]) -> Request | None:
        """Try again, but never a host that was given up."""
        given_up = self._until.get(self._host(request)) == _FOR_EVER
        return None if given_up else super()._retry(request, reason)

    def _host(self, request: Request) -> str:
        assert self.crawler.engine is not None
        return str(self.crawler.engine.downloader.get_slot_key(request))

    def _count(self, name: str) -> None:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(f"retry_after/{name}")


# --- No network: said in the first sentence, before what follows from it ---------------------------------------------------
# Nothing has answered yet, and the first failure is that names have no addresses or that no way leads out: the machine is offline.

_NO_WAY = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN}
OFFLINE = "network/offline"
"""The counter of crawls that began without a network: 1."""


class NetworkMiddleware:
    """Says once that there is no network, it seems.

    Args:
        stats: of the crawl.
    """

    def __init__(self, stats: StatsCollector) -> None:
        self.stats = stats
        self._is_known = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Find the stats."""
        assert crawler.stats is not None
        return cls(crawler.stats)

    def process_response(self, request: Request, response: Response) -> Response:  # noqa: ARG002  Scrapy's signature
        """Learn that something answers."""
        self._is_known = True
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Look at the first failure."""
        if not self._is_known and is_offline(exception):
            self.stats.set_value(OFFLINE, 1)
            logger.warning("no network, it seems: %s cannot be reached (%s)", urlsplit(request.url).hostname, exception)
        self._is_known = True


def is_offline(exception: BaseException | None) -> bool:
    """Say whether a name has no address, or no way leads out; the reason may stand behind what Scrapy makes of it."""
    while exception is not None:
        reason = getattr(exception, "osError", None)  # Twisted's: what the system raised, or its number alone
        if isinstance(exception, CannotResolveHostError) or {getattr(exception, "errno", None), reason} & _NO_WAY:
            return True
        exception = reason if isinstance(reason, BaseException) else exception.__cause__
    return False
