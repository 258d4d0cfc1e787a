"""A credit taken apart: who stands in it, in order.

«القاهرة - رويترز»              ─▶  place القاهرة, agency reuters
«الجزيرة + وكالات»              ─▶  outlet, agency agencies
«رويترز وفرانس برس»             ─▶  agency reuters, agency afp
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from crawlers.extraction.agencies import UNNAMED, code_of
from pipelines.credit.mastheads import is_outlet_name, is_picture_source
from pipelines.credit.places import place_of

Kind = Literal["agency", "outlet", "picture", "place", "unknown"]

_SEPARATOR = re.compile(r"\s*(?:[+،,/\\|&؛;()\[\]{}•]|\u0640{2,}|(?<=\s)\u0640(?=\s)|[-–—]+)\s*")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DAY = re.compile(r"(?<!\d)\d{1,2}\s?[-/]\s?\d{1,2}\s?[-/]\s?\d{4}(?!\d)")
_AND = re.compile(r"\s+و\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Part:
    """One name in a credit: as written, what it is, the agency's code."""

    text: str
    kind: Kind
    code: str | None = None

    @property
    def named(self) -> bool:
        """Say whether it is an agency called by its name."""
        return self.kind == "agency" and self.code != UNNAMED


def split(credit: str) -> list[Part]:
    """Return the parts of ``credit``, days in numbers left out («رام الله 12-5-2024 وفا», «الكويت - 12 - 5 (كونا)»)."""
    undated = _DAY.sub(" - ", _INVISIBLE.sub("", credit))
    names = [text.strip() for text in _SEPARATOR.split(undated) if text.strip(" .:*\"'«»")]
    return [part for name in names if not name.isdigit() for part in _classify(name)]


def _classify(text: str) -> list[Part]:
    if part := _known(text):
        return [part]
    pieces = _conjoined(text)
    return pieces or [Part(text, "unknown")]


@lru_cache(maxsize=4096)  # the same few names stand in the credits of all pages
def _known(text: str) -> Part | None:
    name = text.strip(" .:*\"'«»“”")
    if place := place_of(name):
        return Part(place, "place")
    if is_outlet_name(name):
        return Part(name, "outlet")
    if code := code_of(name):
        return Part(name, "agency", code)
    return Part(name, "picture") if is_picture_source(name) else None


def _conjoined(text: str) -> list[Part] | None:
    """Split «رويترز ووكالات» where every piece is known; the «و» may belong to the name («واس»)."""
    cuts = [match.span() for match in _AND.finditer(text)]
    if not cuts:
        return None
    first = _known(text[: cuts[0][0]])
    pieces = [first]
    for (_, start), (end, _) in zip(cuts, [*cuts[1:], (len(text), 0)], strict=True):
        pieces.append(_known(text[start:end]) or _known(f"و{text[start:end]}"))
    return [piece for piece in pieces if piece] if all(pieces) else None


def is_credit(parts: list[Part], *, strangers: int = 0) -> bool:
    """Say whether ``parts`` credit an agency or an outlet and hold at most ``strangers`` unknown short names."""
    unknown = [part for part in parts if part.kind == "unknown"]
    credited = any(part.kind in {"agency", "outlet"} for part in parts)
    return credited and len(unknown) <= strangers and all(is_short_name(part.text) for part in unknown)


_BRACKETED = re.compile(r"[(\[]\s?([^()\[\]]+)\s?[)\]]")
_NAME_WORDS = 4
_NAME_LETTERS = 40


def is_short_name(text: str) -> bool:
    """Say whether ``text`` could be a name: up to four words of letters."""
    return len(text) <= _NAME_LETTERS and len(text.split()) <= _NAME_WORDS and not any(c.isdigit() for c in text)


def dateline(parts: list[Part]) -> str | None:
    """Return the place in ``parts``: a known town, or a short unknown name right before an agency called by name."""
    for part in parts:
        if part.kind == "place":
            return part.text
    for before, after in pairwise(parts):
        if before.kind == "unknown" and after.named and len(before.text.split()) <= _NAME_WORDS // 2:
            return before.text
    return None


def without_brackets(text: str) -> str:
    """Return ``text`` without the brackets that enclose it as a whole."""
    bare = text.strip()
    enclosed = _BRACKETED.fullmatch(bare)
    return enclosed[1].strip() if enclosed else bare
