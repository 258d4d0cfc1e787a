"""What stories are built from, and what an index of it must be able to tell. Indexes stand in memory and durable.

Text        serial · article · words · sketch            one for each version of an article
keys        page, exact text → articles
links       article ↔ article: NEAR, SAME, KEY
relations   article ↔ article: contains, contained-in
Placement   story · role · origin · overlap · …          as last told
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pipelines.syndication.piece import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from pipelines.syndication.alignment import Marks
    from pipelines.syndication.assembly import Link
    from pipelines.syndication.fingerprints import Hashes, Ids
    from pipelines.syndication.formulas import Formulas


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """One version of an article's words, which of them are its own, and the sample of its hashes. Equal is only the very same one."""

    article: str
    at: float
    words: Ids
    own: Marks
    sketch: Hashes


class Relation(NamedTuple):
    """An article that contains another (``contained-in``) or stands in it (``contains``); ``overlap``: the share of the contained one."""

    id: str
    relation: str
    overlap: float


class Credit(NamedTuple):
    """An agency, an article that credits it, and where: ``byline``, ``head``, ``tail``, ``source_line``; ``credit``: not known."""

    agency: str
    article: str
    evidence: str


@dataclass(frozen=True, slots=True, order=True)
class Placement:
    """Where an article stands: its story, the story's origin, and its own share in that. ``role``: ``first`` or ``copy``.

    ``related``: other stories' articles that contain it or stand in it. ``credits``: for the first article of a story that has
    several, the agencies of all of them; elsewhere nothing.
    """

    id: str
    story: str
    role: str
    origin: str
    overlap: float
    related: tuple[Relation, ...] = ()
    credits: tuple[Credit, ...] = ()

    def with_related(self, related: tuple[Relation, ...]) -> Placement:
        """Return the same placement with other relations."""
        return self if related == self.related else replace(self, related=related)


class StoryIndex(Protocol):
    """What `pipelines.syndication.stories.Stories` asks of an index."""

    @property
    def formulas(self) -> Formulas:
        """What the texts of the index say again and again."""

    def transaction(self) -> AbstractContextManager[object]:
        """Hold what follows together: all of it is kept, or nothing."""

    def twins(self, piece: Piece) -> tuple[bool, set[str]]:
        """Look up a piece's keys.

        Returns:
            Whether this text of this article, no later than this, is already here; and the other articles that are the same
            page or, where it is comparable, the same text.
        """

    def add(self, piece: Piece, sketch: Hashes, own: Marks) -> None:
        """Keep a text and learn its formulas; an article's moment is the earliest that any of its texts said."""

    def moment(self, article: str) -> float:
        """Return the article's moment, seconds since 1970."""

    def text(self, serial: int) -> Text | None:
        """Return a text by its serial; None where it was removed meanwhile."""

    def current(self, article: str) -> Text:
        """Return the text of an article's latest version."""

    def agencies(self, article: str) -> Mapping[str, str]:
        """Return the agencies that any version of an article credits, and where it does."""

    def shared(self, at: float, sketch: Hashes) -> Mapping[int, int]:
        """Return serial → number of shared hashes, for texts around this moment."""

    def link(self, one: str, other: str, link: Link) -> None:
        """Link two articles; the stronger link stays."""

    def links(self, article: str) -> Mapping[str, Link]:
        """Return what an article is linked with."""

    def relate(self, article: str, relation: Relation) -> None:
        """Relate two articles, both ways; the greater overlap stays."""

    def relations(self, article: str) -> Mapping[str, Relation]:
        """Return what an article is related with."""

    def placement(self, article: str) -> Placement | None:
        """Return where an article was last placed."""

    def place(self, placement: Placement) -> None:
        """Remember where an article stands."""

    def articles(self) -> Iterator[str]:
        """Return the ids of all articles, in order."""

    def remove(self, article: str) -> None:
        """Forget an article and everything that came of it."""

    def keep(self, article: str) -> None:
        """Note that an article was published."""

    def unkept(self) -> list[str]:
        """Return the articles that were placed and never seen published."""

    def tell(self, placement: Placement) -> None:
        """Note that this placement was published; where it is not the one that holds now, that one must be told."""

    def untold(self) -> list[Placement]:
        """Return the placements of published articles that hold now and were never published."""


_INVERSE = {"contains": "contained-in", "contained-in": "contains"}


def inverse(article: str, relation: Relation) -> Relation:
    """Return what ``article``'s relation is to the other one."""
    return Relation(article, _INVERSE[relation.relation], relation.overlap)


def greater(one: Relation | None, other: Relation) -> Relation:
    """Return the relation with the greater overlap, whichever came first."""
    return other if one is None else max(one, other, key=lambda each: (each.overlap, each.relation))


# --- The lines in which stories are published, and reading them back -------------------------------------------------
#     articles/…   {"id": …, "text": …, "story": {"id", "role", "origin", "overlap", "agencies"}, "related", …}    as known when written
#     stories/…    {"id", "story", "role", "origin", "overlap", "related", "agencies", "told"}                     what was learned later
#
# For each article the last told line wins. ``agencies`` are those of the whole story, and stand in the lines of its first article alone.
# What ``scrapy recluster`` prints are the first five fields.

_PLACE = ("id", "story", "role", "origin", "overlap")


def story_line(placement: Placement, told: datetime | None = None) -> str:
    """Return the JSON line that tells where an article stands.

    Args:
        placement: where it stands.
        told: when that was found out, for lines that are published: crawls side by side publish in any order.
    """
    record: dict[str, Any] = {name: getattr(placement, name) for name in _PLACE}
    if told is not None:
        record["related"] = [each._asdict() for each in placement.related]
        record["agencies"] = by_agency(placement.credits) if placement.id == placement.story else None
        record["told"] = told.isoformat(timespec="microseconds")
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def by_agency(credited: Iterable[Credit]) -> dict[str, dict[str, str]]:
    """Return agency → article that credits it → where."""
    agencies: dict[str, dict[str, str]] = {}
    for agency, article, where in credited:
        agencies.setdefault(agency, {})[article] = where
    return agencies


def from_line(line: Mapping[str, Any]) -> Iterator[Piece | Placement]:
    """Read a published line of either kind: an article is itself and what it says about its story."""
    related = tuple(sorted(Relation(**each) for each in line.get("related") or ()))
    if "text" not in line:
        agencies = line.get("agencies") or {}  # neither did the first lines of this kind tell
        credited = (Credit(agency, article, where) for agency, by in agencies.items() for article, where in by.items())
        place: dict[str, Any] = {name: line[name] for name in _PLACE}
        yield Placement(**place, related=related, credits=tuple(sorted(credited)))
        return
    yield Piece.of_line(line)
    if told := line.get("story"):
        yield Placement(line["id"], told["id"], told["role"], told["origin"], told["overlap"], related)
