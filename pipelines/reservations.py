"""What a page asks of machines, heeded where the operator wants it: no line is written of an article that is reserved.

    policy.robots  noindex, noarchive, nosnippet, none      policy.noai  noai, noimageai      policy.tdm  1
                              └──────────── named in RESPECT_RESERVATIONS ──▶ `Reserved`

A page says so only when it is fetched: its capture stays in the WARC, as evidence of what it asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import DropItem, NotConfigured

from pipelines.item import article_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from archive.article import Article, Policy

KNOWN = frozenset({"noindex", "noarchive", "nosnippet", "noai", "tdm"})


class Reserved(DropItem):
    """The page asks not to be used so, and RESPECT_RESERVATIONS says to heed it."""


def reserved(policy: Policy, heeded: Collection[str]) -> str | None:
    """Return the first of the heeded wishes that a page's policy has, None where it has none.

    A directive that is meant for one crawler alone (``googlebot: noindex``) is taken for all: better once too often.
    """
    said = set(re.findall(r"[a-z]+", (policy.robots or "").lower()))
    if "none" in said:  # stands for noindex and nofollow
        said.add("noindex")
    if policy.noai:
        said.add("noai")
    if (policy.tdm or "").strip() == "1":
        said.add("tdm")
    return next((wish for wish in sorted(heeded) if wish in said), None)


def heeded(settings: BaseSettings) -> frozenset[str]:
    """Read RESPECT_RESERVATIONS. Raises ``ValueError`` for a wish that nobody knows."""
    named = frozenset(settings.getlist("RESPECT_RESERVATIONS"))
    if unknown := sorted(named - KNOWN):
        raise ValueError(f"RESPECT_RESERVATIONS: {unknown[0]!r} is none of {', '.join(sorted(KNOWN))}")
    return named


class ReservationsPipeline:
    """Drops what is reserved.

    Args:
        wishes: those that are heeded.
    """

    def __init__(self, wishes: Collection[str]) -> None:
        self.heeded = wishes

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read RESPECT_RESERVATIONS. Raises ``ValueError`` for a wish that nobody knows."""
        if not (wishes := heeded(crawler.settings)):
            raise NotConfigured("RESPECT_RESERVATIONS is not set")
        return cls(wishes)

    def process_item(self, item: Any) -> Article:
        """Pass on what is not reserved.

        Raises:
            Reserved: it is.
        """
        article = article_of(item)
        if wish := reserved(article.policy, self.heeded):
            raise Reserved(f"{article.id}: {wish}")
        return article
