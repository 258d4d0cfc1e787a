"""The Scrapy component: gives each article its story and hands on what that teaches about earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

from scrapy.exceptions import NotConfigured

from pipelines.syndication.alarm import is_disagreement
from pipelines.syndication.piece import Piece
from pipelines.syndication.published import story_line

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

    from archive.article import Article
    from pipelines.syndication.stories import Placed


@runtime_checkable
class StoryKeeper(Protocol):
    """An extension that keeps a crawl's stories: the index, level with the archive, and the lines that are published."""

    async def place(self, piece: Piece) -> Placed:
        """Place an article among the stories."""

    async def write_story(self, line: str) -> None:
        """Publish what an article taught about an earlier one: one JSON line."""


class SyndicationPipeline:
    """Labels articles; drops none.

    Args:
        keeper: keeps the stories.
        stats: of the crawl; everything is counted under ``syndication/``.
    """

    def __init__(self, keeper: StoryKeeper, stats: StatsCollector) -> None:
        self.keeper = keeper
        self.stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Find the keeper among the extensions."""
        keeper = crawler.get_extension(StoryKeeper)  # type: ignore[type-abstract]  # any extension that is one
        if keeper is None:
            raise NotConfigured("no extension keeps stories")
        assert crawler.stats is not None
        return cls(keeper, crawler.stats)

    async def process_item(self, item: Article) -> Article:
        """Place an article; write what it teaches."""
        placed = await self.keeper.place(Piece.of(item))
        item.story, item.related = placed.story, placed.related
        for placement in placed.taught:
            await self.keeper.write_story(story_line(placement, placed.told))
        self._count(item, placed)
        return item

    def _count(self, item: Article, placed: Placed) -> None:
        self.stats.inc_value(f"syndication/{placed.story.role}")
        for name, many in (("related", len(placed.related)), ("taught", len(placed.taught))):
            if many:
                self.stats.inc_value(f"syndication/{name}", many)
        if is_disagreement(placed.story, item.id):
            self.stats.inc_value("syndication/agencies-disagree")
