"""The last step of an article's way: its line goes into the segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from archive.article import Article


@runtime_checkable
class ArticleKeeper(Protocol):
    """The extension that keeps articles."""

    async def keep(self, article: Article) -> None:
        """Write an article's line; raises ``OSError`` where it cannot be."""

    def fail(self, reason: str | Exception) -> None:
        """Stop the crawl: what it reads cannot be kept."""


class KeepPipeline:
    """Keeps articles.

    Args:
        keeper: writes their lines.
    """

    def __init__(self, keeper: ArticleKeeper) -> None:
        self.keeper = keeper

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Find the keeper among the extensions."""
        keeper = crawler.get_extension(ArticleKeeper)  # type: ignore[type-abstract]  # any extension that is one
        if keeper is None:
            raise NotConfigured("no extension keeps articles")
        return cls(keeper)

    async def process_item(self, item: Article) -> Article:
        """Write the line. Raises what the disk raises, after the crawl was told to stop."""
        try:
            await self.keeper.keep(item)
        except OSError as error:
            self.keeper.fail(error)
            raise
        return item
