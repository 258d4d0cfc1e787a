"""Stories as they stand now: what later articles taught, applied to lines that are never rewritten.

articles/…  {"id", "story": {"id", "role": first|copy, "origin", "overlap"}, …}      as known when it was written
stories/…   {"id", "story", "role", "origin", "overlap", "told"}                     what was learned later; the last wins
settled     role single (nobody else carries it), origin (others copied it) or copy
"""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from archive.article import Story, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from archive.article import Article
    from archive.manifest import Manifest
    from archive.store import Store


class Told:
    """What story lines say of articles: the last told line of each id, and none that was told after ``as_of``."""

    def __init__(self, store: Store, manifests: Iterable[Manifest], as_of: datetime | None = None) -> None:
        self._last: dict[str, dict[str, Any]] = {}
        for manifest in manifests:
            item = manifest.by_kind.get("stories")
            if item is not None:
                with store.open(item.key) as stream, gzip.open(stream) as lines:
                    for line in lines:
                        self._take(json.loads(line), as_of)

    def _take(self, said: dict[str, Any], as_of: datetime | None) -> None:
        if as_of is not None and parse_time(said["told"]) > as_of:
            return
        last = self._last.get(said["id"])
        if last is None or last["told"] <= said["told"]:
            self._last[said["id"]] = said

    def apply(self, article: Article) -> Article:
        """Put the article's story as it was last told in the place of what its line says."""
        said = self._last.get(article.id)
        if said is not None:
            article.story = Story(id=said["story"], role=said["role"], origin=said["origin"], overlap=said["overlap"])
        return article


def settled(articles: Sequence[Article]) -> list[Article]:
    """Return the articles of one story with their settled roles, the origin first, then by time."""
    found = sorted(articles, key=lambda article: (article.published or article.captured, article.id))
    for article in found:
        assert article.story is not None
        is_origin = article.story.origin == article.id
        role = "single" if len(found) == 1 else "origin" if is_origin else "copy"
        article.story = replace(article.story, role=role)
    return sorted(found, key=lambda article: article.story is not None and article.story.role == "copy")
