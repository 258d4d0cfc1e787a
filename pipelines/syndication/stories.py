"""Placing articles in stories, one at a time, in whatever order they come.

    article ──keys──▶ same page, same text ─┐
            ──sketch─▶ candidates ──compare─▶ links ──assemble──▶ stories ──origin──▶ placements
                                              └─▶ related (contains, contained-in)

Placing one article may teach something about earlier ones: an earlier origin, that two stories are one, another agency, an article
that contains them. `Placed.taught` says what; it is published beside the articles and never rewrites them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from archive.article import Related, Story
from pipelines.syndication.alignment import Evidence
from pipelines.syndication.assembly import WINDOW, Link
from pipelines.syndication.coverage import Words
from pipelines.syndication.fingerprints import sketch
from pipelines.syndication.formulas import as_ranges
from pipelines.syndication.index import Index, Placement, Relation, Text
from pipelines.syndication.matching import CONTAINS, Verdict, judge
from pipelines.syndication.piece import Piece
from pipelines.syndication.published import by_agency
from pipelines.syndication.settling import Settling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipelines.syndication.coverage import Marks
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
        story: for the article's own line, with the agencies of all its articles.
        related: articles that contain it or stand in it without being its story.
        formulas: which of its words are no proof of a copy, as its line tells it.
        taught: the placements that have changed through it: of earlier articles, and its own where that was told before, or where
            a line of its own must tell the story's agencies.
        told: when that was so; of two crawls that share an index, what the later one found has the later time, whoever writes first.
    """

    story: Story
    related: list[Related]
    formulas: str
    taught: list[Placement]
    told: datetime = field(compare=False)


class Stories:
    """The stories of an index.

    Args:
        index: where texts, links and placements are kept.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._settling = Settling(index)

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
                    linked, related = self._settling.component(lost), list(self._index.relations(lost))
                    self._index.remove(lost)
                    for article in linked.keys() - {lost}:
                        self._settling.settle(article)
                    self._settling.relate_anew(related)

    def untold(self) -> tuple[list[Placement], datetime]:
        """Return the placements that published articles have now and that nobody has published yet, and when that was so."""
        with self._index.transaction():
            return self._index.untold(), datetime.now(UTC)

    def _place(self, piece: Piece) -> Placed:
        own = self._index.formulas.own(piece.words, piece.at) if piece.own is None else piece.own
        words = Words(piece.words, own)
        sampled = sketch(words.grams if piece.comparable else words.grams[:0], piece.words.size)
        found = [(text.article, Evidence(words, _compared(text))) for text in self._candidates(piece, sampled)]
        judged = [(other, evidence, judge(evidence)) for other, evidence in found]
        known, twins = self._index.twins(piece)
        is_new = self._index.placement(piece.id) is None
        related = [] if known else self._learn(piece, sampled, own, twins, judged)
        moved = self._settling.settle(piece.id) + self._settling.relate_anew(related)
        return self._placed(
            piece.id, own, [each for each in moved if each.id != piece.id or each.credits or not is_new]
        )

    def _placed(self, article: str, words: Marks, taught: list[Placement]) -> Placed:
        own = self._index.placement(article)
        assert own is not None
        agencies = by_agency(self._settling.credits(self._settling.members(article)))
        story = Story(id=own.story, role=own.role, origin=own.origin, overlap=own.overlap, agencies=agencies)
        related = [Related(**each._asdict()) for each in own.related]
        return Placed(story, related, as_ranges(words), taught, datetime.now(UTC))  # within the transaction

    def placements(self) -> Iterable[Placement]:
        """Return where every article stands now, by id."""
        for article in self._index.articles():
            placement = self._index.placement(article)
            assert placement is not None
            yield placement

    def _learn(
        self,
        piece: Piece,
        sampled: Hashes,
        own: Marks,
        twins: Iterable[str],
        judged: Iterable[tuple[str, Evidence, Verdict]],
    ) -> list[str]:
        """Keep a piece and what it is to others; return the articles that it is related with."""
        self._index.add(piece, sampled, own)
        for other in twins:
            self._index.link(piece.id, other, Link.KEY)
        related = []
        for other, evidence, verdict in judged:
            if verdict in _LINKS:
                self._index.link(piece.id, other, _LINKS[verdict])
            elif verdict is Verdict.CONTAINED:
                self._index.relate(piece.id, _relation(piece.id, other, evidence))
                related.append(other)
        return related

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


@lru_cache(_COMPARED)
def _compared(text: Text) -> Words:
    return Words(text.words, text.own)


def _relation(article: str, other: str, evidence: Evidence) -> Relation:
    mine, theirs = evidence.first, evidence.second
    if evidence.larger >= CONTAINS:
        inside = (mine.coverage, article) > (theirs.coverage, other)
    else:  # a digest: whose lead is it?
        inside = (mine.lead, mine.coverage, article) > (theirs.lead, theirs.coverage, other)
    share = mine.coverage if inside else theirs.coverage
    return Relation(other, "contained-in" if inside else "contains", round(share, 3))
