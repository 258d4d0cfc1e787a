"""The crawl's session with the archive, as its parts ask for it, and the last step of an article: its line goes into the segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from scrapy.exceptions import NotConfigured

from pipelines.item import article_of

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.crawler import Crawler

    from archive.article import Article, RecordPointer
    from archive.catalog import Catalog
    from archive.store import Store
    from archive.warc.exchange import Exchange
    from pipelines.syndication import Piece, Placed


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

    def fail(self, reason: str | Exception) -> None:
        """Stop the crawl: what it fetches and reads cannot be kept."""


def session_of(crawler: Crawler) -> ArchiveSession:
    """Return the crawl's session with the archive. Raises ``NotConfigured`` where no extension is one."""
    session = crawler.get_extension(ArchiveSession)  # type: ignore[type-abstract]  # any extension that is one
    if session is None:
        raise NotConfigured("no extension keeps what is crawled")
    return session


class KeepPipeline:
    """Keeps articles.

    Args:
        session: writes their lines.
    """

    def __init__(self, session: ArchiveSession) -> None:
        self.session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Find the session among the extensions."""
        return cls(session_of(crawler))

    async def process_item(self, item: Any) -> Article:
        """Write the line. Raises what the disk raises, after the crawl was told to stop."""
        article = article_of(item)
        try:
            await self.session.keep(article)
        except OSError as error:
            self.session.fail(error)
            raise
        return article
