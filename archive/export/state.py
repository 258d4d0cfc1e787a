"""What a folder holds already: ``_export.json``, begun before the first file and written again last, so that a run that died has not been.

    {"schema": 1, "archive", "format", "selection", "manifests": [keys done], "redactions": [keys known],
     "files": {name: bytes}, "runs": [{"at", "articles"}],
     "columns": {name: type, as DuckDB has it}}

The name begins with ``_``, so that tools which read whole folders pass it over. A run appends to files, or adds some; what a run that died left is cut off, or overwritten, by the next one.
"""

from __future__ import annotations

import hashlib
import math
import os
import shutil
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Self

from archive.files import read_whole, write_whole
from archive.text import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from archive.article import Article
    from archive.reader.archive import Archive

# --- What an export may say of an article beside its line ------------------------------------------------------------
#     --normalised            headline_normalised, text_normalised        `archive.text.normalise`
#     --split train=0.9,…     split                                       whole stories, by a seed
#
# Two texts of one story are nearly the same text. A split that draws articles puts one of them into the training half and its copy
# into the test half; here what belongs together stays together: all versions of an article, all articles of a story, and articles
# that contain one another, or have one text however many days apart, of which no story is made.

_LEAST_WORDS = 20  # of a text that makes two articles one; shorter ones are what a page of a video says
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
        self._texts: dict[bytes, str] = {}  # digest → an article that has it

    def learn(self, articles: Iterable[Article]) -> None:
        """Take in which articles belong together."""
        for article in articles:
            others = [related.id for related in article.related]
            if article.story is not None:
                others += [article.story.id, article.story.origin]
            if article.text_sha256 and article.words >= _LEAST_WORDS:
                others.append(self._texts.setdefault(bytes.fromhex(article.text_sha256), article.id))
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


SCHEMA = 1
NAME = "_export.json"
APPENDED = {name: f"articles.{name}" for name in ("jsonl", "jsonld", "csv")}
"""Format → the file that every run goes on with."""


@dataclass(slots=True, kw_only=True)
class State:
    """What a folder holds."""

    schema: int = SCHEMA
    archive: str
    format: str
    selection: dict[str, Any]
    manifests: list[str] = field(default_factory=list)
    redactions: list[str] = field(default_factory=list)
    files: dict[str, int] = field(default_factory=dict)
    runs: list[dict[str, Any]] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, *, archive: str, format: str, selection: dict[str, Any]) -> Self:  # noqa: A002  the option's name
        """Read the state of a folder; a new one where there is none.

        Raises:
            ValueError: the folder holds something else; one sentence.
        """
        fresh = cls(archive=archive, format=format, selection=selection)
        path = folder / NAME
        if not path.exists():
            if folder.is_dir() and any(folder.iterdir()):
                raise ValueError(f"{folder} is not empty and holds no export; name another folder")
            return fresh
        state = cls(**read_whole(path))
        for name in ("schema", "archive", "format", "selection"):
            if getattr(state, name) != getattr(fresh, name):
                raise ValueError(
                    f"{folder} holds an export with another {name}; name another folder, or remove this one"
                )
        return state

    @property
    def articles(self) -> int:
        """Return how many articles the runs brought."""
        return sum(run["articles"] for run in self.runs)

    def forget(self, folder: Path) -> None:
        """Begin anew: remove the files of all runs."""
        self.manifests, self.files, self.runs = [], dict.fromkeys(self.files, 0), []
        write_whole(folder / NAME, asdict(self))  # first: who is killed here has nothing but files to be removed
        self.mend(folder)
        self.files = {}

    def begin(self, folder: Path) -> None:
        """Note that a run begins: where it dies, what it left is known for its own."""
        if appended := APPENDED.get(self.format):
            self.files.setdefault(appended, 0)
        write_whole(folder / NAME, asdict(self))

    def mend(self, folder: Path) -> None:
        """Cut files back to what the last whole run left, and remove those that a run that died had begun.

        Raises:
            ValueError: a file is not there any more, or shorter than the last run left it.
        """
        for name in [name for name, size in self.files.items() if size and not (folder / name).exists()]:
            raise ValueError(f"{folder / name} is not there any more; --anew makes it again")
        for name in [name for name, size in self.files.items() if not size]:
            (folder / name).unlink(missing_ok=True)
        if size := self.files.get(APPENDED.get(self.format, "")):
            with (folder / APPENDED[self.format]).open("rb+") as stream:
                if stream.seek(0, os.SEEK_END) < size:
                    raise ValueError(f"{stream.name} is shorter than the last run left it; --anew makes it again")
                stream.truncate(size)
        for path in folder.rglob(f"*{self.prefix}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    @property
    def prefix(self) -> str:
        """Return what the names of the next run's own files begin with."""
        return f"run-{len(self.runs):05d}"

    def note(self, folder: Path, names: list[str], run: dict[str, Any]) -> None:
        """Remember a run: the commit."""
        self.files |= {name: (folder / name).stat().st_size for name in names}
        self.runs.append(run)
        write_whole(folder / NAME, asdict(self))


@dataclass(frozen=True, slots=True)
class Run:
    """What a format is told.

    Attributes:
        archive: the archive, where captures are wanted too.
        folder: where the files go.
        prefix: what the names of this run's own files begin with.
        state: what the folder holds already.
        additions: what is said of an article beside its line.
    """

    archive: Archive
    folder: Path
    prefix: str
    state: State
    additions: Additions = field(default_factory=Additions)
