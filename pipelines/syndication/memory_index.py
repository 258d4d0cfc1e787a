"""The index of one run, in memory; `pipelines.syndication.index.StoryIndex` says what each method is asked."""

from __future__ import annotations

from collections import defaultdict
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from pipelines.syndication.fingerprints import Postings, block_of
from pipelines.syndication.formulas import Formulas
from pipelines.syndication.index import Placement, Relation, Text, greater, inverse
from pipelines.syndication.matching import SHORTEST
from pipelines.syndication.piece import merged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipelines.syndication.alignment import Marks
    from pipelines.syndication.assembly import Link
    from pipelines.syndication.fingerprints import Hashes
    from pipelines.syndication.piece import Piece

_IN_MEMORY = 50_000  # texts whose postings are held: what comes in the order of time needs no more


class MemoryStoryIndex:
    """An index for one run."""

    def __init__(self) -> None:
        self.formulas = Formulas()
        self._texts: list[Text | None] = [None]  # serials begin with 1
        self._current: dict[
            str, tuple[int, int, Text]
        ] = {}  # article → version, the key of its text as a tie-break, text
        self._keys: defaultdict[int, list[str]] = defaultdict(list)
        self._moments: dict[str, float] = {}
        self._agencies: dict[str, dict[str, str]] = {}
        self._relations: defaultdict[str, dict[str, Relation]] = defaultdict(dict)
        self._links: defaultdict[str, dict[str, Link]] = defaultdict(dict)
        self._placements: dict[str, Placement] = {}
        self._kept: set[str] = set()
        self._told: set[Placement] = set()
        self._blocks: defaultdict[int, list[int]] = defaultdict(list)
        self._postings = Postings(self._sketches, _IN_MEMORY)

    def transaction(self) -> AbstractContextManager[object]:
        """Nothing to do: what is in memory goes with the process."""
        return nullcontext()

    def twins(self, piece: Piece) -> tuple[bool, set[str]]:
        """See `StoryIndex.twins`."""
        texts, pages = (self._keys.get(key, ()) for key in (piece.text, piece.address))
        known = piece.id in texts and self._moments[piece.id] <= piece.at
        return known, {*pages, *(texts if piece.comparable else ())} - {piece.id}

    def add(self, piece: Piece, sketch: Hashes, own: Marks) -> None:
        """See `StoryIndex.add`."""
        serial, text = len(self._texts), Text(piece.id, piece.at, piece.words, own, sketch)
        self._texts.append(text)
        latest = piece.version, piece.text
        if piece.id not in self._current or latest > self._current[piece.id][:2]:
            self._current[piece.id] = (*latest, text)
        for key in (piece.address, piece.text):
            if piece.id not in self._keys[key]:
                self._keys[key].append(piece.id)
        self._moments[piece.id] = min(piece.at, self._moments.get(piece.id, piece.at))
        self._agencies[piece.id] = merged(self._agencies.get(piece.id, {}), piece.agencies)
        self._blocks[block_of(piece.at)].append(serial)
        self._postings.add(block_of(piece.at), serial, sketch)
        if piece.comparable:
            self.formulas.learn(piece.words, piece.at)

    def moment(self, article: str) -> float:
        """See `StoryIndex.moment`."""
        return self._moments[article]

    def text(self, serial: int) -> Text | None:
        """See `StoryIndex.text`."""
        return self._texts[serial]

    def current(self, article: str) -> Text:
        """See `StoryIndex.current`."""
        return self._current[article][2]

    def agencies(self, article: str) -> Mapping[str, str]:
        """See `StoryIndex.agencies`."""
        return self._agencies[article]

    def shared(self, at: float, sketch: Hashes) -> Mapping[int, int]:
        """See `StoryIndex.shared`."""
        return self._postings.shared(block_of(at), sketch)

    def link(self, one: str, other: str, link: Link) -> None:
        """See `StoryIndex.link`."""
        stronger = max(link, self._links[one].get(other, link))
        self._links[one][other] = self._links[other][one] = stronger

    def links(self, article: str) -> Mapping[str, Link]:
        """See `StoryIndex.links`."""
        return self._links.get(article, {})

    def relate(self, article: str, relation: Relation) -> None:
        """See `StoryIndex.relate`."""
        for one, edge in ((article, relation), (relation.id, inverse(article, relation))):
            self._relations[one][edge.id] = greater(self._relations[one].get(edge.id), edge)

    def relations(self, article: str) -> Mapping[str, Relation]:
        """See `StoryIndex.relations`."""
        return self._relations.get(article, {})

    def placement(self, article: str) -> Placement | None:
        """See `StoryIndex.placement`."""
        return self._placements.get(article)

    def place(self, placement: Placement) -> None:
        """See `StoryIndex.place`."""
        self._placements[placement.id] = placement

    def articles(self) -> Iterator[str]:
        """See `StoryIndex.articles`."""
        return iter(sorted(self._moments))

    def remove(self, article: str) -> None:
        """See `StoryIndex.remove`."""
        for serial, text in enumerate(self._texts):
            if text is not None and text.article == article:
                self._texts[serial] = None
        self._learn_anew()
        for holders in self._keys.values():
            if article in holders:
                holders.remove(article)
        for table in (self._links, self._relations):
            for other in table.pop(article, {}):
                del table[other][article]
        for facts in (self._current, self._moments, self._agencies, self._placements):
            facts.pop(article, None)

    def keep(self, article: str) -> None:
        """See `StoryIndex.keep`."""
        self._kept.add(article)

    def unkept(self) -> list[str]:
        """See `StoryIndex.unkept`."""
        return sorted(self._moments.keys() - self._kept)

    def tell(self, placement: Placement) -> None:
        """See `StoryIndex.tell`."""
        self._told.discard(self._placements[placement.id])
        self._told.add(placement)

    def untold(self) -> list[Placement]:
        """See `StoryIndex.untold`."""
        return sorted(
            self._placements[article] for article in self._kept if self._placements[article] not in self._told
        )

    def _learn_anew(self) -> None:
        self.formulas = Formulas()
        for text in filter(None, self._texts):
            if text.words.size >= SHORTEST:
                self.formulas.learn(text.words, text.at)

    def _sketches(self, block: int) -> Iterator[tuple[int, Hashes]]:
        for serial in self._blocks.get(block, ()):
            text = self._texts[serial]
            if text is not None:
                yield serial, text.sketch
