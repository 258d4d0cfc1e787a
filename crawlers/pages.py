"""What the reader is given of a response: a whole page, or the item of a feed that carries the whole text."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from crawlers.extraction import Page

if TYPE_CHECKING:
    from scrapy.http import Response

    from crawlers.announcement import Announcement


def page_of(response: Response, announcement: Announcement, *, with_body: bool) -> Page:
    """Return the page; without its body where ``announcement`` is a feed's item that carries the whole text."""
    headers = {name.decode("latin-1").lower(): b",".join(v).decode("latin-1") for name, v in response.headers.items()}
    if said := response.meta.get("tdm"):  # by the host; the page's own word stands before it
        headers.setdefault("tdm-reservation-of-host", said)
    return Page(
        url=response.url if with_body else announcement.url,
        captured=response.meta.get("captured") or _answered(response),
        body=response.body if with_body else b"",
        content_type=headers.get("content-type"),
        status=response.status,
        headers=headers,
        announcement=announcement,
    )


def content_type_of(response: Response) -> str | None:
    """Return the header's value, None where it was not sent."""
    value = response.headers.get("Content-Type")
    return None if value is None else value.decode("latin-1")


def _answered(response: Response) -> datetime:
    """Return when a server answered what a cache gives now: by its own ``Date``, where that can be read."""
    try:
        moment = parsedate_to_datetime((response.headers.get("Date") or b"").decode("latin-1"))
    except ValueError:
        return datetime.now(UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
