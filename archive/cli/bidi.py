"""Text that runs from right to left, among text that runs the other way (Unicode's bidirectional algorithm, UAX 9).

    FSI headline PDI    isolated: a name or headline in a line of other things leaves these in their places
    RLM line            a line that begins with a Latin word or a number runs from right to left all the same

The marks are for eyes: running text has them on a terminal alone.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ISOLATE, _END, _RTL = "\u2068", "\u2069", "\u200f"
_FROM_RIGHT = {"ar", "fa", "he", "ku", "ur"}


def isolated(text: str) -> str:
    """Return text whose direction is its own, whatever stands around it."""
    return f"{_ISOLATE}{text}{_END}"


def page_of(text: str, language: str, *, width: int, marked: bool) -> Iterator[str]:
    """Yield a text's paragraphs, wrapped, for a terminal that knows directions.

    Args:
        text: paragraphs, one a line.
        language: BCP 47.
        width: columns.
        marked: begin each line of a language that is written from the right with a mark that says so.
    """
    mark = _RTL if marked and language.partition("-")[0] in _FROM_RIGHT else ""
    for paragraph in text.split("\n"):
        lines = textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=False)
        yield "\n".join(mark + line for line in lines)
