"""What an outlet changed in a text, word by word, and how to show it where Arabic runs from right to left.

    compare(old, new) ──▶ [Edit, …] ──render()──▶ one line for each changed place, with the words around it
                                   ──counts()──▶ words added, words removed

Words are compared as the outlet spelled them: a corrected hamza is a change. What is shown without colour is marked as
``wdiff`` marks it: ``[-removed-]`` and ``{+added+}``. Each marked run stands in a direction isolate of its own, so that numbers
and Latin names stay where they belong, and each line begins with a right-to-left mark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.article import EntryChanges
from archive.text import harmless

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archive.article import Article, Entry

_TOKEN = re.compile(r"\S+|\n")
_RTL, _ISOLATE, _END = "\u200f", "\u2067", "\u2069"
_RED, _GREEN, _PLAIN = "\x1b[9;31m", "\x1b[4;32m", "\x1b[0m"  # struck out; underlined: not by colour alone
_PARAGRAPH = "¶"


@dataclass(frozen=True, slots=True)
class Edit:
    """A run of words: where ``removed == added`` it is unchanged; a line break counts as a word."""

    removed: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether something happened here."""
        return self.removed != self.added


def compare(old: str, new: str) -> list[Edit]:
    """Return the edits that lead from one text to another; their runs, joined, give both texts word by word.

    A single word that stayed between two changes is counted among them, as a reader would.
    """
    from rapidfuzz.distance import LCSseq  # noqa: PLC0415  imported when texts differ: most crawls and commands see none

    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    edits: list[Edit] = []
    for op in LCSseq.opcodes(before, after):
        edit = Edit(tuple(before[op.src_start : op.src_end]), tuple(after[op.dest_start : op.dest_end]))
        if edits and edits[-1].changed and (edit.changed or _is_island(edit)):
            last = edits.pop()
            edit = Edit(last.removed + edit.removed, last.added + edit.added)
        edits.append(edit)
    return [whole for edit in edits for whole in _without_ends(edit)]


def counts(old: str, new: str) -> tuple[int, int]:
    """Return how many words were added and how many removed; a moved word is both."""
    from rapidfuzz.distance import LCSseq  # noqa: PLC0415  as above

    before, after = (text.split() for text in (old, new))
    kept = LCSseq.similarity(before, after)
    return len(after) - kept, len(before) - kept


def compare_entries(old: Sequence[Entry], new: Sequence[Entry]) -> EntryChanges | None:
    """Return which entries of a live blog came, went and changed; None where nothing did, or one of the two tells no entries.

    An entry whose text one of the two does not carry has not changed: that is not known. One that has no number of the outlet's own may
    get another id, where its time was corrected or a second one came in its minute: the same text neither came nor went.
    """
    before, after = ({entry.id: entry.text for entry in entries} for entries in (old, new))
    if not before or not after:
        return None
    came, went = [name for name in after if name not in before], [name for name in before if name not in after]
    for name in went[:]:
        text = (before[name] or "").split()
        if text and (same := next((other for other in came if (after[other] or "").split() == text), None)):
            went.remove(name)
            came.remove(same)
    changes = EntryChanges(
        came=came,
        went=went,
        changed=[
            name for name, text in after.items() if text and (held := before.get(name)) and held.split() != text.split()
        ],
    )
    return changes if changes.came or changes.went or changes.changed else None


def render(edits: Sequence[Edit], *, colour: bool = False, context: int = 6) -> Iterator[str]:
    """Return one line for each changed place.

    Args:
        edits: from `compare`.
        colour: mark with ANSI styles instead of brackets; the words are then `archive.text.harmless`.
        context: words shown before and after.
    """
    for place, edit in enumerate(edits):
        if edit.changed:
            before = edits[place - 1].added if place else ()
            after = edits[place + 1].added if place + 1 < len(edits) else ()
            shown = [
                "…" if len(before) > context else "",
                _words(before[-context:] if context else (), styled=colour),
                _mark(edit.removed, "[-", "-]", _RED if colour else ""),
                _mark(edit.added, "{+", "+}", _GREEN if colour else ""),
                _words(after[:context], styled=colour),
                "…" if len(after) > context else "",
            ]
            yield _RTL + " ".join(part for part in shown if part)


def _is_island(edit: Edit) -> bool:
    return len(edit.removed) == 1 and edit.removed != ("\n",)


def _without_ends(edit: Edit) -> Iterator[Edit]:
    """Give back the words at the end of a change that did not change: an island with no change after it."""
    if not edit.changed:
        yield edit
        return
    removed, added, same = list(edit.removed), list(edit.added), []
    while removed and added and removed[-1] == added[-1]:
        same.append(removed.pop())
        added.pop()
    yield Edit(tuple(removed), tuple(added))
    if same:
        yield Edit(tuple(reversed(same)), tuple(reversed(same)))


def _words(words: Sequence[str], *, styled: bool = False) -> str:
    text = " ".join(_PARAGRAPH if word == "\n" else word for word in words)
    return harmless(text) if styled else text


def _mark(words: Sequence[str], opening: str, closing: str, style: str) -> str:
    if not words:
        return ""
    marked = f"{style}{_words(words, styled=True)}{_PLAIN}" if style else f"{opening}{_words(words)}{closing}"
    return f"{_ISOLATE}{marked}{_END}"


# --- Two texts side by side for people: runs of words that stayed, came and went, long stays cut short ---------------

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
                Run(kind, _words(words)) for kind, words in (("removed", edit.removed), ("added", edit.added)) if words
            ]
        else:
            runs += _stay(edit.added, is_first=place == 0, is_last=place == len(edits) - 1)
    return runs


def _stay(words: tuple[str, ...], *, is_first: bool, is_last: bool) -> Iterator[Run]:
    head, tail = (0 if is_first else _CONTEXT), (0 if is_last else _CONTEXT)
    if len(words) <= head + tail + 2:
        yield Run("same", _words(words))
        return
    if head:
        yield Run("same", _words(words[:head]))
    yield Run("gap", "…")
    if tail:
        yield Run("same", _words(words[-tail:]))
