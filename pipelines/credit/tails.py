"""The foot of a text: «(رويترز، العربي الجديد)», «المصدر : الجزيرة + وكالات», «… في بيان. (أ ف ب)»."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.text import fold_label
from pipelines.credit.parts import Part, is_credit, split

if TYPE_CHECKING:
    from collections.abc import Sequence

_WITHIN = 6  # lines from the end: under a credit there may be a label or a newsletter
_WORDS = 6  # a labelled line of unknown names is a credit up to this length, a longer one a sentence
_LONGEST = 120  # letters of a line that is a credit
_STRANGERS = 3  # sources beside an agency that are in no table: papers, ministries
_LABELLED = re.compile(
    r"^[\W_]{0,3}(?:(?:المصدر|المصادر|مصدر الخبر|source)\s?[:：/]|نقلا عن\s?[:：])\s?(?P<names>\S.{0,89})$"
)
_LABEL = re.compile(r"^[\W_]{0,3}(?:المصدر|المصادر|مصدر الخبر|source)\s?[:：]?$")
_BRACKETS = re.compile(r"^[(\[]\s?([^()\[\]]{2,90}|[^()\[\]]{2,60}[(\[][^()\[\]]{2,20}[)\]])\s?[)\]]\s?\.?$")
_END = re.compile(r"\s?[(\[]\s?(?P<names>[^()\[\].!؟]{2,80}(?:\.[^()\[\].!؟]{1,3}){0,3})[)\]]\s?\.?$")
_CLOSED = tuple('.!؟?…»”"')
_QUOTED = re.compile(
    r"(?:^|\s)(?:و|ل|ب|ف)?(?:وكاله|وكالات|الوكاله|لوكاله|بحسب|حسب|وفق|وفقا|نقلا|نقلت|ذكرت|افادت|قالت|اوردت|عن|صحيفه|قناه|موقع|شبكه|انبا|الانبا|مراسل)\b"
)
_BEFORE = 8  # words before the brackets that may say who is quoted


@dataclass(slots=True)
class Tail:
    """A credit at the foot: as written, its parts, the lines it takes away, the last line without it."""

    text: str
    parts: list[Part]
    cut: list[int] = field(default_factory=list)
    last: str | None = None


def read_tail(lines: Sequence[str]) -> Tail | None:
    """Return the credit at the foot of ``lines``; None where the text just ends."""
    for number in range(len(lines) - 1, max(-1, len(lines) - 1 - _WITHIN), -1):
        if tail := _labelled(lines, number) or _bracketed(lines[number], number):
            return tail
    if not lines:
        return None
    return _unmarked(lines) or _closing(lines[-1])


def unlabelled(text: str) -> str:
    """Return a credit without its label and the brackets around it."""
    names = text.partition(_separator(text))[2] if _LABELLED.match(fold_label(text)) else text
    bare = names.strip(" .،,:-–—|")
    brackets = _BRACKETS.match(bare)
    return brackets[1].strip() if brackets else bare


def _separator(text: str) -> str:
    return min((mark for mark in ":：/" if mark in text), key=text.index)


def _labelled(lines: Sequence[str], number: int) -> Tail | None:
    if len(lines[number]) > _LONGEST:
        return None
    line = fold_label(lines[number])
    if match := _LABELLED.match(line):
        text, cut = lines[number].partition(_separator(lines[number]))[2], [number]
        known = match["names"]
    elif _LABEL.match(line) and number + 1 < len(lines):
        text, cut = lines[number + 1], [number, number + 1]
        known = text
    else:
        return None
    text = unlabelled(text)
    parts = split(text)
    credited = len(text.split()) <= _WORDS or is_credit(parts, strangers=_STRANGERS)
    return Tail(text, parts, cut) if text and len(known) <= _LONGEST and credited else None


def _bracketed(line: str, number: int) -> Tail | None:
    match = _BRACKETS.match(line.strip())
    if not match or not is_credit(parts := split(match[1]), strangers=_STRANGERS):
        return None
    return Tail(match[1].strip(), parts, [number])


def _unmarked(lines: Sequence[str]) -> Tail | None:
    """Read a last line that is nothing but agencies, without brackets: «الأناضول», «رويترز + وكالات»."""
    text = lines[-1].strip(" .")
    if len(lines) < 2 or len(text) > _LONGEST or len(text.split()) > _WORDS:  # noqa: PLR2004  a text of one line is its own credit never
        return None
    parts = split(text)
    return Tail(text, parts, [len(lines) - 1]) if is_credit(parts) and any(part.code for part in parts) else None


def _closing(line: str) -> Tail | None:
    """Read «… في بيان. (أ ف ب)»; after «بحسب وكالة …» brackets abbreviate a name and quote."""
    tail = line.strip()[-120:]
    match = _END.search(tail)
    if not match:
        return None
    body = line.strip()[: len(line.strip()) - len(match[0])].rstrip()
    parts = split(match["names"])
    quoted = not body.endswith(_CLOSED) and _QUOTED.search(" ".join(fold_label(body[-200:]).split()[-_BEFORE:]))
    if not body or quoted or not is_credit(parts) or not any(part.code for part in parts):
        return None
    return Tail(match["names"].strip(), parts, last=body)
