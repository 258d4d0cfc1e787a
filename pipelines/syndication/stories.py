"""Placing articles in stories, one at a time, in whatever order they come.

    article ──keys──▶ same page, same text ─┐
            ──sketch─▶ candidates ──compare─▶ links ──assemble──▶ stories ──origin──▶ placements
                                              └─▶ related (contains, contained-in)

Placing one article may teach something about earlier ones: an earlier origin, or that two stories are one. `Placed.taught`
says what; it is published beside the articles and never rewrites them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from archive.article import Related, Story
from pipelines.syndication.alignment import Evidence
from pipelines.syndication.assembly import WINDOW, Link, assemble
from pipelines.syndication.coverage import Words
from pipelines.syndication.fingerprints import sketch
from pipelines.syndication.index import Index, Placement, Text
from pipelines.syndication.matching import CONTAINS, Verdict, judge
from pipelines.syndication.origin import origin, overlap
from pipelines.syndication.piece import Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipelines.syndication.fingerprints import Hashes

_CANDIDATES = 96  # texts compared word by word; a background paragraph may bring dozens that are settled at a glance
_COMPARED = 4096  # texts held ready to be compared: those of the last days are asked for again and again; 16 MB
_BATCH = 500  # articles a transaction when catching up
_SHARED, _SHARE = 3, 0.1  # hashes: fewer are chance
_LINKS = {Verdict.SAME: Link.SAME, Verdict.NEAR: Link.NEAR}


@dataclass(frozen=True, slots=True)
class Placed:
    """What came of placing an article.

    Attributes:
        story: for the article's own line.
        related: articles that contain it or stand in it without being its story.
        taught: the placements of earlier articles that have changed through it.
        agencies: agency → the articles of the story that credit it.
    """

    story: Story
    related: list[Related] = field(default_factory=list)
    taught: list[Placement] = field(default_factory=list)
    agencies: dict[str, list[str]] = field(default_factory=dict)


class Stories:
    """The stories of an index.

    Args:
        index: where texts, links and placements are kept.
    """

    def __init__(self, index: Index) -> None:
        self._index = index

    def place(self, piece: Piece) -> Placed:
        """Place an article (or another version of one) and say what that changes. Placing it again changes nothing."""
        with self._index.transaction():
            return self._place(piece)

    def catch_up(self, published: Iterable[Piece | Placement]) -> None:
        """Learn what was published, here or by another machine: articles, and the placements told of them, in order."""
        waiting = iter(published)
        while batch := list(islice(waiting, _BATCH)):
            with self._index.transaction():
                for each in batch:
                    if isinstance(each, Piece):
                        self._place(each)
                        self._index.keep(each.id)
                    elif self._index.placement(each.id) is not None:
                        self._index.tell(each)

    def forget(self, known: Callable[[str], bool]) -> None:
        """Forget articles that were placed and never published, so that no origin points at what is not there.

        Args:
            known: tells whether an article is on its way after all: in the spool, or in a crawl that is running.
        """
        with self._index.transaction():
            for lost in self._index.unkept():
                if not known(lost):
                    component = self._component(lost)
                    self._index.remove(lost)
                    for article in component.keys() - {lost}:
                        self._settle(self._component(article), article)

    def untold(self) -> list[Placement]:
        """Return the placements that published articles have now and that nobody has published yet."""
        return self._index.untold()

    def _place(self, piece: Piece) -> Placed:
        words = Words(piece.words)
        sampled = sketch(words.grams if piece.comparable else words.grams[:0], piece.words.size)
        found = [(text.article, Evidence(words, _compared(text))) for text in self._candidates(piece, sampled)]
        judged = [(other, evidence, judge(evidence)) for other, evidence in found]
        known, twins = self._index.twins(piece)
        if not known:
            self._learn(piece, sampled, twins, judged)
        standing, moved = self._settle(self._component(piece.id), piece.id)
        own = standing.pop(piece.id)
        story = Story(id=own.story, role=own.role, origin=own.origin, overlap=own.overlap)
        members = sorted({piece.id, *(other for other, placement in standing.items() if placement.story == own.story)})
        related = [
            _related(other, evidence)
            for other, evidence, verdict in judged
            if verdict is Verdict.CONTAINED and other not in members
        ]
        return Placed(story, related, [line for line in moved if line.id != piece.id], self._credits(members))

    def placements(self) -> Iterable[Placement]:
        """Return where every article stands now, by id."""
        for article in self._index.articles():
            placement = self._index.placement(article)
            assert placement is not None
            yield placement

    def _learn(
        self, piece: Piece, sampled: Hashes, twins: Iterable[str], judged: Iterable[tuple[str, Evidence, Verdict]]
    ) -> None:
        self._index.add(piece, sampled)
        for other in twins:
            self._index.link(piece.id, other, Link.KEY)
        for other, _, verdict in judged:
            if verdict in _LINKS:
                self._index.link(piece.id, other, _LINKS[verdict])

    def _candidates(self, piece: Piece, sampled: Hashes) -> list[Text]:
        ranked = []
        for serial, shared in self._index.shared(piece.at, sampled).items():
            if shared < _SHARED:
                continue
            text = self._index.text(serial)
            if text is None:
                continue
            share = shared / min(len(sampled), len(text.sketch))
            if share >= _SHARE and text.article != piece.id and abs(text.at - piece.at) <= WINDOW:
                ranked.append((-share, serial, text))
        return [text for *_, text in sorted(ranked, key=lambda each: each[:2])[:_CANDIDATES]]

    def _component(self, article: str) -> dict[str, float]:
        moments: dict[str, float] = {}
        waiting = [article]
        while waiting:
            each = waiting.pop()
            if each not in moments:
                moments[each] = self._index.moment(each)
                waiting += (other for other, link in self._index.links(each).items() if link > Link.NEAR)
        return moments

    def _settle(self, moments: dict[str, float], placed: str) -> tuple[dict[str, Placement], list[Placement]]:
        """Place the articles of a component anew; return where each stands, and which of them moved."""
        links = {article: self._index.links(article) for article in moments} if len(moments) > 1 else {}
        standing, moved = {}, []
        for members in assemble(moments, links):
            texts = {member: self._index.current(member) for member in members}
            source = origin(members, texts)
            for member in members:
                before = now = self._index.placement(member)
                if now is None or (now.story, now.origin) != (members[0], source) or placed in (member, source):
                    share = 1.0 if member == source else overlap(texts[member].words, texts[source].words)
                    now = Placement(member, members[0], "first" if member == source else "copy", source, share)
                if now != before:
                    self._index.place(now)
                    moved.append(now)
                standing[member] = now
        return standing, moved

    def _credits(self, members: Iterable[str]) -> dict[str, list[str]]:
        agencies: dict[str, list[str]] = {}
        for member in members:
            for agency in self._index.agencies(member):
                agencies.setdefault(agency, []).append(member)
        return agencies


@lru_cache(_COMPARED)
def _compared(text: Text) -> Words:
    return Words(text.words)


def _related(other: str, evidence: Evidence) -> Related:
    mine, theirs = evidence.first, evidence.second
    if evidence.larger >= CONTAINS:
        inside = mine.coverage > theirs.coverage
    else:  # a digest: whose lead is it?
        inside = (mine.lead, mine.coverage) > (theirs.lead, theirs.coverage)
    share = mine.coverage if inside else theirs.coverage
    return Related(id=other, relation="contained-in" if inside else "contains", overlap=round(share, 3))
