"""Signals by which the parts of a crawl tell one another what becomes of pages and sources.

    outlet, incremental ──page_chosen, page_ended──▶ outcomes, stats
    outlet ──source_empty──▶ stats

They are Scrapy signals: sent with ``crawler.signals.send_catch_log``, heard with ``crawler.signals.connect``. The sender
knows no listener and a listener no sender. A page is an article's id, or the address asked for where nobody knows the id
yet (`page_of_request`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
