"""The Scrapy component of syndication: each article gets its story, and two agencies in one story raise an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pipelines.item import article_of
from pipelines.store import ArchiveSession, session_of
from pipelines.syndication.index import Piece, story_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

    from archive.article import Article, Story
    from pipelines.syndication.stories import Placed

# ---------------------------------------------------------------------------------------------------------------------
# The alarm of a wrong match: a story that names two agencies. One dispatch has one; else an outlet mixed two, or a
# match is wrong.

UNNAMED = "agencies"


def named(agencies: Iterable[str]) -> list[str]:
    """Return the agencies that have a name: «وكالات» contradicts none."""
    return sorted(set(agencies) - {UNNAMED})


def is_disagreement(story: Story, article: str) -> bool:
    """Tell whether it is this article through which a story names two agencies. One dispatch has one: look at this story."""
    others = {agency for agency, by in story.agencies.items() if by.keys() - {article}}
    return len(named(story.agencies)) > 1 >= len(named(others))


# --- The Scrapy component: gives each article its story and hands on what that teaches about earlier ones ------------


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
