"""What the stories are built from: texts, keys, links and the placements made so far. Kept in memory here; on disk in durable.

Text        serial · article · words · sketch            one for each version of an article
keys        page, exact text → articles
links       article ↔ article: NEAR, SAME, KEY
Placement   story · role · origin · overlap              as last told
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pipelines.syndication.postings import Postings, block_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pipelines.syndication.assembly import Link
    from pipelines.syndication.fingerprints import Hashes, Ids
    from pipelines.syndication.piece import Piece


@dataclass(frozen=True, slots=True)
class Text:
    """One version of an article's words, and the sample of its hashes."""

    article: str
    at: float
    words: Ids
    sketch: Hashes


@dataclass(frozen=True, slots=True, order=True)
class Placement:
    """Where an article stands: its story, the story's origin, and its own share in that. ``role``: ``first`` or ``copy``."""

    id: str
    story: str
    role: str
    origin: str
    overlap: float


class Index(Protocol):
    """What `pipelines.syndication.stories.Stories` asks of an index."""

    def transaction(self) -> AbstractContextManager[object]:
        """Hold what follows together: all of it is kept, or nothing."""

    def knows(self, piece: Piece) -> bool:
        """Tell whether this text of this article, no later than this, is already here."""

    def add(self, piece: Piece, sketch: Hashes) -> None:
        """Keep a text; an article's moment is the earliest that any of its texts said."""

    def moment(self, article: str) -> float:
        """Return the article's moment, seconds since 1970."""

    def text(self, serial: int) -> Text:
        """Return a text by its serial."""

    def current(self, article: str) -> Text:
        """Return the text of an article's latest version."""

    def agencies(self, article: str) -> tuple[str, ...]:
        """Return the agencies that any version of an article credits."""

    def shared(self, at: float, sketch: Hashes) -> Mapping[int, int]:
        """Return serial → number of shared hashes, for texts around this moment."""

    def holders(self, key: bytes) -> Iterable[str]:
        """Return the articles that hold a key."""

    def link(self, one: str, other: str, link: Link) -> None:
        """Link two articles; the stronger link stays."""

    def links(self, article: str) -> Mapping[str, Link]:
        """Return what an article is linked with."""

    def placement(self, article: str) -> Placement | None:
        """Return where an article was last placed."""

    def place(self, placement: Placement) -> None:
        """Remember where an article stands."""

    def articles(self) -> Iterator[str]:
        """Return the ids of all articles, in order."""


class MemoryIndex:
    """An index for one run."""

    def __init__(self) -> None:
        self._texts: list[Text] = []
        self._current: dict[str, tuple[int, int]] = {}  # article → version, serial
        self._keys: defaultdict[bytes, list[str]] = defaultdict(list)
        self._moments: dict[str, float] = {}
        self._agencies: dict[str, tuple[str, ...]] = {}
        self._links: defaultdict[str, dict[str, Link]] = defaultdict(dict)
        self._placements: dict[str, Placement] = {}
        self._postings = Postings()

    def transaction(self) -> AbstractContextManager[object]:
        """Nothing to do: what is in memory goes with the process."""
        return nullcontext()

    def knows(self, piece: Piece) -> bool:
        """See `Index.knows`."""
        return piece.id in self._keys.get(piece.text, ()) and self._moments[piece.id] <= piece.at

    def add(self, piece: Piece, sketch: Hashes) -> None:
        """See `Index.add`."""
        serial = len(self._texts)
        self._texts.append(Text(piece.id, piece.at, piece.words, sketch))
        self._current[piece.id] = max((piece.version, serial), self._current.get(piece.id, (0, 0)))
        for key in (piece.address, piece.text):
            if piece.id not in self._keys[key]:
                self._keys[key].append(piece.id)
        self._moments[piece.id] = min(piece.at, self._moments.get(piece.id, piece.at))
        credited = {*self._agencies.get(piece.id, ()), *piece.agencies}
        self._agencies[piece.id] = tuple(sorted(credited))
        self._postings.add(block_of(piece.at), serial, sketch.tolist())

    def moment(self, article: str) -> float:
        """See `Index.moment`."""
        return self._moments[article]

    def text(self, serial: int) -> Text:
        """See `Index.text`."""
        return self._texts[serial]

    def current(self, article: str) -> Text:
        """See `Index.current`."""
        return self._texts[self._current[article][1]]

    def agencies(self, article: str) -> tuple[str, ...]:
        """See `Index.agencies`."""
        return self._agencies[article]

    def shared(self, at: float, sketch: Hashes) -> Mapping[int, int]:
        """See `Index.shared`."""
        return self._postings.shared(block_of(at), sketch.tolist())

    def holders(self, key: bytes) -> Iterable[str]:
        """See `Index.holders`."""
        return self._keys.get(key, ())

    def link(self, one: str, other: str, link: Link) -> None:
        """See `Index.link`."""
        stronger = max(link, self._links[one].get(other, link))
        self._links[one][other] = self._links[other][one] = stronger

    def links(self, article: str) -> Mapping[str, Link]:
        """See `Index.links`."""
        return self._links.get(article, {})

    def placement(self, article: str) -> Placement | None:
        """See `Index.placement`."""
        return self._placements.get(article)

    def place(self, placement: Placement) -> None:
        """See `Index.place`."""
        self._placements[placement.id] = placement

    def articles(self) -> Iterator[str]:
        """See `Index.articles`."""
        return iter(sorted(self._moments))
