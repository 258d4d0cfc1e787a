"""What a crawl tells: signals to its own parts, and at its end an exit code to whoever started it.

    outlet, incremental ──page_chosen, page_ended──▶ outcomes, stats
    outlet ──source_empty──▶ stats
    crawl ──ExitCode──▶ operator; a list of docs/operations.md, which a test compares

The signals are Scrapy's: sent with ``crawler.signals.send_catch_log``, heard with ``crawler.signals.connect``. The sender
knows no listener and a listener no sender. A page is an article's id, or the address asked for where nobody knows the id
yet (`page_of_request`).
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy import Request

page_chosen = object()
"""Signal (page): it is going to be fetched."""
page_ended = object()
"""Signal (page, outcome, reason=None, response=None, url=""): the page's way ends here, but for a better one."""
source_empty = object()
"""Signal (request): the answer of a source was one, and announced nothing, not even something else to ask."""
source_read = object()
"""Signal (request, news): a source was read; ``news``: it announced an article of the days asked for that no source had announced."""

time_over = object()
"""Signal (): the crawl was stopped, and what is under way has had its time."""


def page_of_request(request: Request) -> str | None:
    """Return the page that a request asks for; None where it asks for none, but for a source."""
    announcement = request.cb_kwargs.get("announcement")
    return None if announcement is None else request.meta.get("article_id") or announcement.url


class ExitCode(IntEnum):
    """The exit code of ``scrapy crawl`` and ``scrapy crawlall`` (there the gravest of its crawls)."""

    PUBLISHED = 0
    """Finished; everything captured is in the archive."""
    FAILED = 1
    """The crawl broke: a fault in the program or in the archive's writing. The spool holds what was captured."""
    REFUSED = 2
    """A setting, an argument or the archive's address is wrong; nothing was requested."""
    SUSPECT = 3
    """Finished and published, but no source announced anything, or nothing that was fetched could be read."""
    UNAVAILABLE = 3
    """The same number, without a report: the archive did not answer when the crawl was to begin; nothing was requested."""
    UNPUBLISHED = 4
    """Finished, but the store did not take everything; the rest waits in the spool for the next start."""
    BLOCKED = 5
    """The outlet refuses us (block pages, 403 storms); the crawl stopped."""
    BUSY = 6
    """Another crawl of this outlet holds its lease, or wanted it: a back-fill gave way."""
    STOPPED = 7
    """Stopped by a signal; what was captured is published."""
    DRIFTED = 8
    """Finished and published, but the outlet is read differently than before: it has changed, or its articles have."""
    FULL = 9
    """The local disk is full and stayed so; what was captured before waits in the spool."""


# A code that asks for an operator's hand is graver than one that the next crawl mends by itself.
GRAVITY = (
    ExitCode.PUBLISHED,
    ExitCode.BUSY,
    ExitCode.STOPPED,
    ExitCode.SUSPECT,
    ExitCode.DRIFTED,
    ExitCode.UNPUBLISHED,
    ExitCode.FULL,
    ExitCode.BLOCKED,
    ExitCode.REFUSED,
    ExitCode.FAILED,
)


def gravest(codes: Iterable[int]) -> int:
    """Return the gravest exit code of several."""
    known = {code.value: rank for rank, code in enumerate(GRAVITY)}
    return max(codes, key=lambda code: known.get(code, len(GRAVITY)))
