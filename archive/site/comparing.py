"""Two texts side by side for people: runs of words that stayed, came and went, long stays cut short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.diff import compare, counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.article import Article

_CONTEXT = 14  # words shown before and after a change


@dataclass(frozen=True, slots=True)
class Run:
    """A run of words: ``kind`` is ``same``, ``removed``, ``added`` or ``gap``."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one text has that another has not: words added and removed, and the runs, of the headline and of the text."""

    added: int
    removed: int
    headline: list[Run]
    text: list[Run]

    @property
    def is_same(self) -> bool:
        """Whether nothing changed."""
        return not (self.headline or self.text)


def comparison(old: Article, new: Article) -> Comparison:
    """Compare two articles or versions."""
    added, removed = counts(old.text, new.text)
    return Comparison(added, removed, _runs(old.headline, new.headline), _runs(old.text, new.text))


def _runs(old: str, new: str) -> list[Run]:
    edits = compare(old, new)
    if not any(edit.changed for edit in edits):
        return []
    runs: list[Run] = []
    for place, edit in enumerate(edits):
        if edit.changed:
            runs += [
                Run(kind, _text(said)) for kind, said in (("removed", edit.removed), ("added", edit.added)) if said
            ]
        else:
            runs += _stay(edit.added, is_first=place == 0, is_last=place == len(edits) - 1)
    return runs


def _stay(said: tuple[str, ...], *, is_first: bool, is_last: bool) -> Iterator[Run]:
    head, tail = (0 if is_first else _CONTEXT), (0 if is_last else _CONTEXT)
    if len(said) <= head + tail + 2:
        yield Run("same", _text(said))
        return
    if head:
        yield Run("same", _text(said[:head]))
    yield Run("gap", "…")
    if tail:
        yield Run("same", _text(said[-tail:]))


def _text(said: tuple[str, ...]) -> str:
    return " ".join("¶" if word == "\n" else word for word in said)
