"""A page as it was captured: what the reader is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawlers.extraction.charset import to_utf8

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from crawlers.announcement import Announcement


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One captured response, or, without a body, one feed item that carries its whole text.

    Args:
        url: as requested.
        captured: when the request was sent, aware.
        body: the content, transfer and content codings undone.
        content_type: the header's value, where there was one.
        status: the HTTP status.
        headers: other response headers, names in lower case (``x-robots-tag``, ``tdm-reservation`` are read).
        announcement: what the source said of the page, where a source did.
    """

    url: str
    captured: datetime
    body: bytes = b""
    content_type: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    announcement: Announcement | None = None

    def markup(self) -> bytes:
        """Return the body in UTF-8, read in the charset that it really has."""
        return to_utf8(self.body, self.content_type)
