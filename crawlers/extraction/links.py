"""The addresses a page gives itself, and the publisher it came from."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from crawlers.addresses import AddressRules
    from crawlers.extraction.html import Document
    from crawlers.extraction.page import Page
    from crawlers.extraction.page_context import Evidence

_PRINTABLE = "!#$%&'()*+,/:;=?@[]~"


def own_urls(page: Page, document: Document) -> list[str]:
    """Return the addresses that the page gives itself, absolute: its canonical link, then ``og:url``."""
    hrefs = [link.get("href") for link in document.all("link") if link.get("rel") == "canonical"]
    base = document.base(page.url)
    urls = []
    for href in (*hrefs, document.metas.get("og:url")):
        with suppress(ValueError):  # no URL at all
            urls += [urljoin(base, tidy(href))] if href else []
    return urls


def origin_url(evidence: Evidence, addresses: AddressRules) -> str | None:
    """Return the canonical address where it is another publisher's."""
    for url in own_urls(evidence.page, evidence.document):
        if url.startswith(("http://", "https://")) and not addresses.owns(url):
            with suppress(ValueError):
                origin = ascii_url(url)
                evidence.provenance["origin_url"] = "selector"
                return origin
    return None


def ascii_url(url: str) -> str:
    """Return ``url`` percent-encoded, what is encoded already left as it is. Raises `ValueError` where it is no URL."""
    parts = urlsplit(url.strip())
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    return urlunsplit((parts.scheme, host, quote(parts.path, safe=_PRINTABLE), quote(parts.query, safe=_PRINTABLE), ""))
