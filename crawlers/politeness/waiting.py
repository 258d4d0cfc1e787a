"""How long a host is left alone after it said 429 or 503.

Retry-After: 120                              as long as it says
Retry-After: Mon, 23 Nov 2026 12:00:00 GMT    until then
nothing, or nonsense                          base · 2ⁿ, n the times in a row, at most the longest, half of it by chance
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

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
class Patience:
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
