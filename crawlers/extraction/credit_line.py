"""The credit line: where a text says whose it is, so that it is no paragraph.

المصدر: الجزيرة + وكالات        a labelled line among the last, or the label alone and the names on the next line
(رويترز، العربي الجديد)          a last line wholly in brackets
… في بيان لاحق. (فرانس برس)      brackets after the last full stop
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from crawlers.extraction.lines import Line

_LABELLED = re.compile(r"^\W{0,3}(?:المصدر|المصادر|مصدر الخبر|نقلا عن|Source)\s*[:：]\s*(.{0,80})$")
_LABEL = re.compile(r"^\W{0,3}(?:المصدر|المصادر)\s*[:：]?\s*$")
_BRACKETS = re.compile(r"^[(\[]\s*([^()\[\]]{2,80}?)\s*[)\]]\s*[.]?$")
_TAIL = re.compile(r"(?<=[.!؟»”\"])\s*[(\[]\s*([^()\[\].!؟]{2,60}?)\s*[)\]]\s*[.]?$")
_WITHIN = 6  # lines from the end; what stands behind a credit is a label or a newsletter
_NAMES = re.compile(
    r"رويترز|فرانس برس|الفرنسية|أ\.? ?ف\.? ?ب|الأناضول|[أا]سوشيي?تد ?برس|أ\.? ?ب\b|د\.? ?ب\.? ?[أا]|[أا]\.? ?ش\.? ?[أا]|وام|قنا|واس|بترا|وفا|سانا|تاس|"
    r"سبوتنيك|نوفوستي|شينخوا|بلومبرغ|بلومبرج|وكالات|العربي الجديد|الجزيرة|Reuters|AFP|AP\b|Getty",
)


def split_credit(lines: list[Line]) -> tuple[str | None, list[Line]]:
    """Return the credit, its label and brackets off, and the lines without it."""
    for number in range(len(lines) - 1, max(-1, len(lines) - 1 - _WITHIN), -1):
        text = lines[number].text
        if match := _LABELLED.match(text):
            return clean_credit(match[1]), lines[:number] + lines[number + 1 :]
        if _LABEL.match(text) and number + 1 < len(lines):
            return clean_credit(lines[number + 1].text), lines[:number] + lines[number + 2 :]
    if lines and (match := _BRACKETS.match(lines[-1].text)):
        return clean_credit(match[1]), lines[:-1]
    if lines and (match := _TAIL.search(lines[-1].text)) and _NAMES.search(match[1]):
        text = lines[-1].text[: match.start()].rstrip()
        return clean_credit(match[1]), [*lines[:-1], replace(lines[-1], text=text)]
    return None, lines


def clean_credit(text: str) -> str | None:
    """Return a credit without label, brackets and closing stop; None where nothing is left."""
    match = _LABELLED.match(tidy(text))
    bare = match[1] if match else tidy(text)
    bracketed = _BRACKETS.match(bare)
    return (bracketed[1] if bracketed else bare).strip(" .،,:-–—|") or None
