"""The crawl's session with the archive, as its parts ask for it; reservations that are heeded; an article's line into the segment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from scrapy.exceptions import DropItem, NotConfigured

from pipelines.item import article_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from archive.article import Article, Policy, RecordPointer
    from archive.catalog import Catalog
    from archive.store import Store
    from archive.warc.message import Exchange
    from pipelines.syndication import Piece, Placed

# ---------------------------------------------------------------------------------------------------------------------
# The crawl's session with the archive, as its parts ask for it, and the last step of an article: its line goes into the
# segment.


@runtime_checkable
class ArchiveSession(Protocol):
    """One crawl's side of the archive: what it holds already, and where what is new goes. An extension of the crawl is one.

    Attributes:
        crawl: id of the crawl.
    """

    crawl: str

    @property
    def outlet(self) -> str:
        """Return the outlet that is crawled."""

    @property
    def store(self) -> Store:
        """Return the archive's store."""

    @property
    def spool(self) -> Path:
        """Return the folder in front of the archive; the crawl's caches lie beside it, named after it."""

    @property
    def catalog(self) -> Catalog:
        """Return what the archive holds, as this machine remembers it."""

    def seen(self, article_id: str) -> bool:
        """Say whether the archive holds an article of this id."""

    def identity(self, article_id: str, canonical_url: str) -> str:
        """Return the id under which the archive holds the article of this address: its own, or that of its first address."""

    def newest(self, article_id: str) -> Article | None:
        """Return the newest version of an article that the archive holds; may read from the store."""

    def last_version(self, article_id: str) -> int:
        """Return the highest number of a version that it holds: of two hosts at a time, the later capture may have the lower one."""

    async def write_exchange(self, exchange: Exchange) -> RecordPointer:
        """Write an exchange and say where it stands; raises ``OSError`` where it cannot be."""

    async def place(self, piece: Piece) -> Placed:
        """Place an article among the stories."""

    async def write_story(self, line: str) -> None:
        """Write what an article taught about an earlier one: one JSON line."""

    async def keep(self, article: Article) -> None:
        """Write an article's line; raises ``OSError`` where it cannot be."""

    def hold(self, article: Article) -> None:
        """Write an article's line later: when it is let go, at the latest before the segment of its record is closed."""

    async def let_go(self, article: Article) -> None:
        """Write the line of an article that is held, as it is now; raises ``OSError`` where it cannot be."""

    def fail(self, reason: str | Exception) -> None:
        """Stop the crawl: what it fetches and reads cannot be kept."""


@runtime_checkable
class MediaSession(Protocol):
    """Who captures the pictures of a crawl's articles, after its pages. An extension of the crawl may be one."""

    def awaits(self, article: Article) -> bool:
        """Note what an article that is to be kept needs; say whether its line is to name pictures that come later."""


def session_of(crawler: Crawler) -> ArchiveSession:
    """Return the crawl's session with the archive.

    Raises:
        NotConfigured: no extension is one. It gives no reason, here as elsewhere: Scrapy would warn of a normal state.
    """
    session = crawler.get_extension(ArchiveSession)  # type: ignore[type-abstract]  # any extension that is one
    if session is None:
        raise NotConfigured
    return session


class StorePipeline:
    """Keeps articles.

    Args:
        session: writes their lines.
        media: captures their pictures; None where nobody does.
    """

    def __init__(self, session: ArchiveSession, media: MediaSession | None = None) -> None:
        self.session, self.media = session, media

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Find the session among the extensions."""
        return cls(session_of(crawler), crawler.get_extension(MediaSession))  # type: ignore[type-abstract]  # any that is one

    async def process_item(self, item: Any) -> Article:
        """Write the line, or have it wait for its pictures. Raises what the disk raises, after the crawl was told to stop."""
        article = article_of(item)
        try:
            if self.media is not None and self.media.awaits(article):
                self.session.hold(article)
            else:
                await self.session.keep(article)
        except OSError as error:
            self.session.fail(error)
            raise
        return article


# ---------------------------------------------------------------------------------------------------------------------
# What a page asks of machines, heeded where the operator wants it: no line is written of an article that is reserved.
#     policy.robots  noindex, noarchive, nosnippet, none      policy.noai  noai, noimageai      policy.tdm  1
#                               └──────────── named in RESPECT_RESERVATIONS ──▶ `Reserved`
#
# A page says so only when it is fetched: its capture stays in the WARC, as evidence of what it asked.

KNOWN = frozenset({"noindex", "noarchive", "nosnippet", "noai", "tdm"})


class Reserved(DropItem):
    """The page asks not to be used so, and RESPECT_RESERVATIONS says to heed it."""


def reserved(policy: Policy, heeded: Collection[str]) -> str | None:
    """Return the first of the heeded wishes that a page's policy has, None where it has none.

    A directive that is meant for one crawler alone (``googlebot: noindex``) is taken for all: better once too often.
    """
    directives = set(re.findall(r"[a-z]+", (policy.robots or "").lower()))
    if "none" in directives:  # stands for noindex and nofollow
        directives.add("noindex")
    if policy.noai:
        directives.add("noai")
    if (policy.tdm or "").strip() == "1":
        directives.add("tdm")
    return next((wish for wish in sorted(heeded) if wish in directives), None)


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
            raise NotConfigured
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
