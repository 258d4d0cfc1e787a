"""What the page asks of machines: robots directives, ``noai``, the TDM reservation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archive.article import Policy
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from crawlers.extraction.html import Document
    from crawlers.extraction.page import Page

_NOAI = re.compile(r"\bno(?:image)?ai\b", re.IGNORECASE)


def read_policy(page: Page, document: Document) -> Policy:
    """Return the directives of headers and metas, verbatim; None where neither says anything."""
    said = [page.headers.get("x-robots-tag"), document.metas.get("robots")]
    robots = ", ".join(dict.fromkeys(line for value in said if value and (line := tidy(value)))) or None
    by_page = page.headers.get("tdm-reservation") or document.metas.get("tdm-reservation")
    tdm = by_page or page.headers.get("tdm-reservation-of-host")  # from tdmrep.json: no server sends a header so named
    return Policy(
        robots=robots, noai=(True if robots and _NOAI.search(robots) else None), tdm=tidy(tdm) if tdm else None
    )
