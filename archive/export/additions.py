"""What an export may say of an article beside its line: the normalised text, and on which side of a split it stands.

    --normalised            headline_normalised, text_normalised        `archive.text.normalise`
    --split train=0.9,…     split                                       whole stories, by a seed

Two texts of one story are nearly the same text. A split that draws articles puts one of them into the training half and its copy
into the test half; here what belongs together stays together: all versions of an article, all articles of a story, and articles
that contain one another.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from archive.text import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archive.article import Article

_TOLERANCE = 1e-9  # of a sum of shares: 0.7 + 0.2 + 0.1 is not quite one


def shares_of(text: str) -> dict[str, float]:
    """Read ``train=0.9,test=0.1``: names and the shares that they are to have.

    Raises:
        ValueError: it is written otherwise, a name comes twice, or the shares are not one together.
    """
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        try:
            share = float(number)
        except ValueError:
            share = math.nan
        if not (equals and name.isidentifier() and 0 < share < 1) or name in shares:
            raise ValueError(f"a split is written train=0.9,test=0.1, not {text!r}")
        shares[name] = share
    if abs(sum(shares.values()) - 1) > _TOLERANCE:
        raise ValueError(f"the shares of a split are 1 together, not {sum(shares.values()):g}")
    return shares


class Split:
    """Puts articles on the sides of a split, those that belong together on one.

    A group's side follows from the seed and from the group's smallest id alone: it stays where it is while an archive grows,
    unless something joins two groups.

    Args:
        shares: name → share of the groups.
        seed: another one draws another split.
    """

    def __init__(self, shares: Mapping[str, float], seed: int = 0) -> None:
        self.names = list(shares)
        self._bounds = list(accumulate(shares.values()))
        self._seed = seed
        self._parents: dict[str, str] = {}

    def learn(self, articles: Iterable[Article]) -> None:
        """Take in which articles belong together."""
        for article in articles:
            others = [related.id for related in article.related]
            if article.story is not None:
                others += [article.story.id, article.story.origin]
            self._root(article.id)
            for other in others:
                self._join(article.id, other)

    def side_of(self, article: Article) -> str:
        """Return the side on which an article stands."""
        key = hashlib.sha256(f"{self._seed} {self._root(article.id)}".encode()).digest()
        place = int.from_bytes(key[:8]) / 2**64
        return next(
            (name for name, bound in zip(self.names, self._bounds, strict=True) if place < bound), self.names[-1]
        )

    def _root(self, name: str) -> str:
        while (parent := self._parents.setdefault(name, name)) != name:
            self._parents[name] = self._parents[parent]
            name = parent
        return name

    def _join(self, one: str, other: str) -> None:
        first, second = sorted((self._root(one), self._root(other)))
        self._parents[second] = first


@dataclass(frozen=True, slots=True)
class Additions:
    """The fields that this export adds to a line."""

    normalised: bool = False
    split: Split | None = field(default=None, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the fields' names, in their order."""
        spelled = ("headline_normalised", "text_normalised") if self.normalised else ()
        return (*spelled, "split") if self.split is not None else spelled

    def of(self, article: Article) -> dict[str, str]:
        """Return the fields of an article."""
        values: dict[str, str] = {}
        if self.normalised:
            values |= {
                "headline_normalised": normalise(article.headline),
                "text_normalised": normalise(article.text),
            }
        if self.split is not None:
            values["split"] = self.split.side_of(article)
        return values
