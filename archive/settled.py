"""Stories as they stand now: what later articles taught, applied to lines that are never rewritten.

articles/…  {"id", "story": {"id", "role": first|copy, "origin", "overlap"}, …}      as known when it was written
stories/…   {"id", "story", "role", "origin", "overlap", "related", "agencies", "told"}    what was learned later; the last wins
settled     role single (nobody else carries it), origin (others copied it) or copy

A story's agencies are those that any of its articles credits; they are told in the lines of its first article.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from archive.article import Related, Story, parse_time
from archive.objects import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from archive.article import Article
    from archive.manifests.manifest import Manifest
    from archive.store import Store


class Told:
    """What story lines say of articles: the last told line of each id, and none that was told after ``as_of``."""

    def __init__(self, store: Store, manifests: Iterable[Manifest], as_of: datetime | None = None) -> None:
        self._store, self._as_of = store, as_of
        self._last: dict[str, dict[str, Any]] = {}
        self.take(manifests)

    def take(self, manifests: Iterable[Manifest]) -> None:
        """Read the story lines of some more manifests; the same ones again change nothing."""
        for manifest in manifests:
            item = manifest.by_kind.get("stories")
            if item is not None:
                for line in lines_of(self._store, item):
                    self._take(json.loads(line))

    def _take(self, said: dict[str, Any]) -> None:
        if self._as_of is not None and parse_time(said["told"]) > self._as_of:
            return
        last = self._last.get(said["id"])
        if last is None or last["told"] <= said["told"]:
            self._last[said["id"]] = said

    def story_of(self, article_id: str) -> str | None:
        """Return the story that an article was last told to carry; None where nothing was told of it."""
        said = self._last.get(article_id)
        return None if said is None else str(said["story"])

    def apply(self, article: Article) -> Article:
        """Put the article's story and relations as they were last told in the place of what its line says."""
        said = self._last.get(article.id)
        if said is not None:
            article.story = Story(id=said["story"], role=said["role"], origin=said["origin"], overlap=said["overlap"])
            if "related" in said:  # the first lines of this kind did not tell
                article.related = [Related(**each) for each in said["related"]]
        if article.story is not None:
            first = self._last.get(article.story.id, {})
            article.story.agencies = first.get("agencies") or article.story.agencies or credited([article])
        return article


def credited(articles: Iterable[Article]) -> dict[str, dict[str, str]]:
    """Return agency → the articles that credit it → where; ``credit`` where a line does not say."""
    found: dict[str, dict[str, str]] = {}
    for article in articles:
        for agency in article.agencies:
            found.setdefault(agency, {})[article.id] = article.agency_evidence.get(agency, "credit")
    return dict(sorted(found.items()))


def settled(articles: Sequence[Article]) -> list[Article]:
    """Return the articles of one story with their settled roles and the agencies of all, the origin first, then by time."""
    agencies = credited(articles)
    found = sorted(articles, key=lambda article: (article.published or article.captured, article.id))
    for article in found:
        assert article.story is not None
        is_origin = article.story.origin == article.id
        role = "single" if len(found) == 1 else "origin" if is_origin else "copy"
        article.story = replace(article.story, role=role, agencies=agencies)
    return sorted(found, key=lambda article: article.story is not None and article.story.role == "copy")
