"""The head of a text: «القاهرة - رويترز: قال …», «غزة/الأناضول:», «(أ ف ب) - …», «سكاي نيوز عربية - تونس» on a line of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archive.text import fold_label
from crawlers.extraction.agencies import is_ordinary
from pipelines.credit.bylines import read_byline
from pipelines.credit.parts import Part, dateline, is_credit, split, without_brackets
from pipelines.credit.places import place_of

_REACH = 70  # letters; a head is shorter
_DELIMITER = re.compile(
    r"\)\s?[-–—:/]{0,2}\s?|\s?[:：]\s?|\s?[-–—]{1,2}\s|\s[-–—]{1,2}\s?|\s?\u0640{2,4}\s?|\s\u0640\s|\s?/\s?"
)
_DASH = re.compile(r"\s?(?:[-–—]{1,2}|\u0640{2,4})\s$|\s\u0640\s$|\s?/\s?$")
_SIGNED = re.compile(r"^(?:كتبت?|بقلم|اعداد|تقرير)\s?[:/–—-]")


@dataclass(slots=True)
class Head:
    """What a first line begins with: the credit as written, its parts, the place, who signed, the line without it."""

    text: str | None
    parts: list[Part]
    dateline: str | None
    rest: str
    byline: list[str] = field(default_factory=list)


def read_head(line: str) -> Head | None:
    """Return the head of a text's first ``line``; None where it begins with its first sentence."""
    bare = line.strip()
    if len(bare) <= _REACH and (head := _whole(bare)):
        return head
    best = None
    for delimiter in _DELIMITER.finditer(bare, 0, _REACH):
        end = delimiter.start() + (delimiter[0].startswith(")"))
        parts = split(bare[:end])
        if _opens(parts) or (without_brackets(bare[:end]) != bare[:end] and is_credit(parts)):
            rest = bare[delimiter.end() :].lstrip(" -–—:/")
            best = Head(without_brackets(bare[:end]), parts, dateline(parts), rest, _signed(parts))
    return best or _place_alone(bare)


def _whole(line: str) -> Head | None:
    text = line.strip(" .:-–—")
    if _SIGNED.match(fold_label(text)):
        return Head(None, [], None, "", read_byline([text]))
    parts = split(text)
    if not _opens(parts, strangers=1):
        return None
    return Head(without_brackets(text), parts, dateline(parts), "", _signed(parts))


def _signed(parts: list[Part]) -> list[str]:
    """Return the person of «داليا أبو العيش – عين اليوم»."""
    place = dateline(parts)
    return read_byline([part.text for part in parts if part.kind == "unknown" and part.text != place])


def _opens(parts: list[Part], *, strangers: int = 0) -> bool:
    """Say whether ``parts`` are a head: an agency, or an outlet beside a place or a name.

    A stranger is a town that is not in the table, right before an agency, or a person on the line of the credit.
    """
    if not parts or not is_credit(parts, strangers=max(strangers, 1)):
        return False
    if [part.kind for part in parts] == ["place", "unknown", "agency"] and _signed(parts):
        return True  # «غزة/ محمد ماجد/ الأناضول: …»
    unknown = [part for part in parts if part.kind == "unknown"]
    if unknown and dateline(parts) != unknown[0].text and not (strangers and " " in unknown[0].text):
        return False
    agencies = [part for part in parts if part.kind == "agency"]
    if len(parts) == 1:
        return bool(agencies) and not is_ordinary(parts[0].text)
    others = [part for part in parts if part.kind in {"place", "outlet", "unknown"}]
    return any(not is_ordinary(part.text) for part in agencies) or len(others) > 1 or bool(agencies and others)


def _place_alone(line: str) -> Head | None:
    """Read «واشنطن - قال …»: a place and a dash; before a colon a town is a speaker («واشنطن: لن نسمح»)."""
    delimiter = _DELIMITER.search(line, 0, _REACH)
    if delimiter and _DASH.search(delimiter[0]) and (place := place_of(line[: delimiter.start()])):
        return Head(None, [], place, line)
    return None
