"""Where articles stand, worked out anew when one of them was learned or lost: story, origin, overlap, relations, credits.

article ──links──▶ component ──assemble──▶ stories ──origin──▶ placements, and which of them moved
        ──relations──▶ articles of other stories: what they contain, or stand in, has changed, too
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.syndication.assembly import Link, assemble
from pipelines.syndication.index import Credit, Placement
from pipelines.syndication.origin import origin, overlap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from pipelines.syndication.index import Index, Relation, Text


class Settling:
    """Settles the articles of an index.

    Args:
        index: where links, relations and placements are kept.
    """

    def __init__(self, index: Index) -> None:
        self._index = index

    def component(self, article: str) -> dict[str, float]:
        """Return the articles that stories of this one may reach, with their moments."""
        moments: dict[str, float] = {}
        waiting = [article]
        while waiting:
            each = waiting.pop()
            if each not in moments:
                moments[each] = self._index.moment(each)
                waiting += (other for other, link in self._index.links(each).items() if link > Link.NEAR)
        return moments

    def settle(self, article: str) -> list[Placement]:
        """Place the articles of a component anew; return the placements that changed.

        Args:
            article: the one whose text, or whose neighbour, is new: what depends on it is measured again.
        """
        moments = self.component(article)
        links = {each: self._index.links(each) for each in moments} if len(moments) > 1 else {}
        moved = []
        for members in assemble(moments, links):
            texts = {member: self._index.current(member) for member in members}
            source = origin(members, texts)
            credited = self.credits(members) if len(members) > 1 else ()
            for member in members:
                before = self._index.placement(member)
                share = self._share(member, source, texts, None if article in {member, source} else before)
                role = "first" if member == source else "copy"
                related = _others(self._index.relations(member), members)
                own = credited if member == members[0] else ()
                now = Placement(member, members[0], role, source, share, related, own)
                if now != before:
                    self._index.place(now)
                    moved.append(now)
        return moved

    def relate_anew(self, articles: Iterable[str]) -> list[Placement]:
        """Say again what articles contain and stand in; return the placements that changed."""
        moved = []
        for article in sorted(articles):
            before = self._index.placement(article)
            assert before is not None
            relations = self._index.relations(article)
            placed = {other: self._index.placement(other) for other in relations}
            members = {other for other, place in placed.items() if place and place.story == before.story}
            now = before.with_related(_others(relations, members))
            if now != before:
                self._index.place(now)
                moved.append(now)
        return moved

    def members(self, article: str) -> list[str]:
        """Return the articles of an article's story, by id."""
        component = self.component(article)
        if len(component) == 1:  # most of all articles
            return [article]
        placed = {each: self._index.placement(each) for each in component}
        own = placed[article]
        return sorted(each for each, place in placed.items() if place and own and place.story == own.story)

    def credits(self, members: Iterable[str]) -> tuple[Credit, ...]:
        """Return which of a story's articles credit which agency."""
        found = (
            Credit(agency, member, where)
            for member in members
            for agency, where in self._index.agencies(member).items()
        )
        return tuple(sorted(found))

    @staticmethod
    def _share(member: str, source: str, texts: Mapping[str, Text], before: Placement | None) -> float:
        if member == source:
            return 1.0
        if before is not None and before.origin == source:
            return before.overlap
        return overlap(texts[member], texts[source])


def _others(relations: Mapping[str, Relation], members: Collection[str] | Sequence[str]) -> tuple[Relation, ...]:
    return tuple(sorted(each for each in relations.values() if each.id not in members)) if relations else ()
