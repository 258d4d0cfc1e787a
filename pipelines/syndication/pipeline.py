"""The Scrapy component: gives each article its story and hands on what that teaches about earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pipelines.item import article_of
from pipelines.store import session_of
from pipelines.syndication.alarm import is_disagreement
from pipelines.syndication.piece import Piece
from pipelines.syndication.published import story_line

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

    from archive.article import Article
    from pipelines.store import ArchiveSession
    from pipelines.syndication.stories import Placed


class SyndicationPipeline:
    """Labels articles; drops none.

    Args:
        session: keeps the stories.
        stats: of the crawl; everything is counted under ``syndication/``.
    """

    def __init__(self, session: ArchiveSession, stats: StatsCollector) -> None:
        self.session = session
        self.stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Find the session among the extensions."""
        session = session_of(crawler)
        assert crawler.stats is not None
        return cls(session, crawler.stats)

    async def process_item(self, item: Any) -> Article:
        """Place an article; write what it teaches."""
        article = article_of(item)
        placed = await self.session.place(Piece.of(article))
        article.story, article.related, article.formulas = placed.story, placed.related, placed.formulas
        for placement in placed.taught:
            await self.session.write_story(story_line(placement, placed.told))
        self._count(article, placed)
        return article

    def _count(self, item: Article, placed: Placed) -> None:
        self.stats.inc_value(f"syndication/{placed.story.role}")
        for name, many in (("related", len(placed.related)), ("taught", len(placed.taught))):
            if many:
                self.stats.inc_value(f"syndication/{name}", many)
        if is_disagreement(placed.story, item.id):
            self.stats.inc_value("syndication/agencies-disagree")
