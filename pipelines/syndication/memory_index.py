"""The index of one run, in memory; `pipelines.syndication.index.StoryIndex` says what each method is asked."""

from __future__ import annotations

from collections import defaultdict
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from typing_extensions import override

from pipelines.syndication.alignment import SHORTEST
from pipelines.syndication.fingerprints import Postings, block_of
from pipelines.syndication.formulas import Formulas
from pipelines.syndication.index import Placement, Relation, StoryIndex, Text, Told, greater, inverse, merged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipelines.syndication.fingerprints import Hashes, Marks
    from pipelines.syndication.index import Link, Piece

_IN_MEMORY = 50_000  # texts whose postings are held: what comes in the order of time needs no more


class MemoryStoryIndex(StoryIndex):
    """An index for one run."""

    def __init__(self) -> None:
        self._formulas = Formulas()
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
        self._told: dict[str, Told] = {}
        self._blocks: defaultdict[int, list[int]] = defaultdict(list)
        self._postings = Postings(self._sketches, _IN_MEMORY)

    @property
    @override
    def formulas(self) -> Formulas:
        return self._formulas

    def transaction(self) -> AbstractContextManager[object]:
        """Nothing to do: what is in memory goes with the process."""
        return nullcontext()

    @override
    def twins(self, piece: Piece) -> tuple[bool, set[str]]:
        texts, pages = (self._keys.get(key, ()) for key in (piece.text, piece.address))
        known = piece.id in texts and self._moments[piece.id] <= piece.at
        return known, {*pages, *(texts if piece.comparable else ())} - {piece.id}

    @override
    def add(self, piece: Piece, sketch: Hashes, own: Marks) -> None:
        serial, text = len(self._texts), Text(piece.id, piece.at, piece.outlet, piece.words, own, sketch)
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

    @override
    def moment(self, article: str) -> float:
        return self._moments[article]

    @override
    def text(self, serial: int) -> Text | None:
        return self._texts[serial]

    @override
    def current(self, article: str) -> Text:
        return self._current[article][2]

    @override
    def agencies(self, article: str) -> Mapping[str, str]:
        return self._agencies[article]

    @override
    def shared(self, at: float, sketch: Hashes, least: int) -> Mapping[int, int]:
        return self._postings.shared(block_of(at), sketch, least)

    @override
    def link(self, one: str, other: str, link: Link) -> None:
        stronger = max(link, self._links[one].get(other, link))
        self._links[one][other] = self._links[other][one] = stronger

    @override
    def links(self, article: str) -> Mapping[str, Link]:
        return self._links.get(article, {})

    @override
    def relate(self, article: str, relation: Relation) -> None:
        for one, edge in ((article, relation), (relation.id, inverse(article, relation))):
            self._relations[one][edge.id] = greater(self._relations[one].get(edge.id), edge)

    @override
    def relations(self, article: str) -> Mapping[str, Relation]:
        return self._relations.get(article, {})

    @override
    def placement(self, article: str) -> Placement | None:
        return self._placements.get(article)

    @override
    def place(self, placement: Placement) -> None:
        self._placements[placement.id] = placement

    @override
    def articles(self) -> Iterator[str]:
        return iter(sorted(self._moments))

    @override
    def placements(self) -> Iterator[Placement]:
        return (self._placements[article] for article in self.articles())

    @override
    def remove(self, article: str) -> None:
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

    @override
    def keep(self, article: str) -> None:
        self._kept.add(article)

    @override
    def unkept(self) -> list[str]:
        return sorted(self._moments.keys() - self._kept)

    @override
    def tell(self, told: Told) -> None:
        last = self._told.get(told.placement.id)
        if last is None or last.at <= told.at:
            self._told[told.placement.id] = told

    @override
    def untold(self) -> list[Placement]:
        kept = (self._placements[article] for article in self._kept)
        return sorted(each for each in kept if each.id not in self._told or self._told[each.id].placement != each)

    @override
    def told_until(self) -> str:
        return max((self._told[each.id].at for each in self.untold() if each.id in self._told), default="")

    def _learn_anew(self) -> None:
        self._formulas = Formulas()
        for text in filter(None, self._texts):
            if text.words.size >= SHORTEST:
                self._formulas.learn(text.words, text.at)

    def _sketches(self, block: int) -> Iterator[tuple[int, Hashes]]:
        for serial in self._blocks.get(block, ()):
            text = self._texts[serial]
            if text is not None:
                yield serial, text.sketch
