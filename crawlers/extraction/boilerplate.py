"""The lines of a body to the text of an article: junk out, nothing said twice. Credits stay for `pipelines.credit`.

lines ─▶ labels, links, tweets, captions out ─▶ credit line aside ─▶ headline and standfirst twice, pull-quotes out
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from archive.text import fold_label
from crawlers.extraction.junk import INVITATION, LABEL_BEFORE_LINKS, is_caption, is_day, is_junk, is_tweet_foot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawlers.extraction.lines import Line

_PARAGRAPH = 60  # letters; with the first line of that length the text has begun
_ALL_LINKED = 0.9
_LINK_WORDS = 4  # a shorter line that is all link may be a name on its own line
_REPEATED = 0.75  # share of a pull-quote's word pairs that stand in one paragraph
_QUOTE_WORDS = range(5, 60)
_LEAST_QUOTE = 9  # words of a bare line; a shorter one is a sub-heading in the words of the paragraph under it
_LONGER = 1.15
_SAME = 0.9
_ENTRY = 14  # word pairs; a line as short as this with a number in it is an entry («سعر الشراء 47.50 جنيه») and may come again
_TWIN = 0.8
_COMPARED = 400  # lines; comparing each with each is quadratic, and no article is longer
_WORD = re.compile(r"\w+")


def sift(lines: list[Line], *, headline: str, standfirst: str | None, junk: tuple[str, ...]) -> list[str]:
    """Return what of ``lines`` is the article's text.

    Args:
        lines: as read from the page.
        headline: as published; lines on top that only repeat it are dropped.
        standfirst: as published; dropped from the top where the first paragraph repeats it.
        junk: the outlet's own patterns over folded lines.
    """
    kept = _without_captions(list(_without_widgets(lines, junk)))
    kept = _without_headings_of_nothing(kept)
    texts = _without_head(kept, headline, standfirst)
    return [line.text for line in _without_repeats(texts)]


def _without_widgets(lines: list[Line], junk: tuple[str, ...]) -> Iterator[Line]:
    """Yield the lines that are no widgets; a line that is all link, however short, goes with the invitation above it."""
    invited = begun = False
    for line in lines:
        begun = begun or len(line.text) >= _PARAGRAPH
        if _is_widget(line, junk) or (not begun and not line.heading and is_day(line.text)):
            invited = invited or bool(INVITATION.match(fold_label(line.text)))
        elif not (invited and line.linked >= _ALL_LINKED):
            invited = False
            yield line


def _is_widget(line: Line, junk: tuple[str, ...]) -> bool:
    if is_junk(line.text, junk) or is_tweet_foot(line.text):
        return True
    return line.linked >= _ALL_LINKED and line.text.count(" ") >= _LINK_WORDS - 1 and not line.heading


def _without_captions(lines: list[Line]) -> list[Line]:
    """Drop captions that stand as bare lines; the last line may be a paragraph that ends with its agency."""
    return [line for line in lines[:-1] if line.heading or not is_caption(line.text)] + lines[-1:]


def _without_headings_of_nothing(lines: list[Line]) -> list[Line]:
    """Drop headings and days at the end, and labels before links that are gone."""
    while lines and (
        lines[-1].heading or is_day(lines[-1].text) or LABEL_BEFORE_LINKS.fullmatch(fold_label(lines[-1].text))
    ):
        lines = lines[:-1]
    return lines


def _without_head(lines: list[Line], headline: str, standfirst: str | None) -> list[Line]:
    """Drop the headline where it is repeated on top, and the standfirst where the first paragraph repeats it."""
    title = fold_label(headline)
    while lines and (fold_label(lines[0].text) == title):
        lines = lines[1:]
    if len(lines) > 1 and standfirst:
        first, second = fold_label(lines[0].text), fold_label(lines[1].text)
        summary = fold_label(standfirst)
        if (first == summary or overlap(summary, first) >= _TWIN) and overlap(first, second) >= _TWIN:
            return lines[1:]
    return lines


def _without_repeats(lines: list[Line]) -> list[Line]:
    """Drop lines said before, and pull-quotes: bare lines whose word pairs nearly all stand in one other paragraph."""
    if len(lines) > _COMPARED:
        return list({fold_label(line.text): line for line in reversed(lines)}.values())[::-1]
    keys = [fold_label(line.text) for line in lines]
    pairs = [_pairs(key) for key in keys]
    entries = [len(mine) <= _ENTRY and any(map(str.isdigit, key)) for mine, key in zip(pairs, keys, strict=True)]
    quotable = [_may_be_quote(line) for line in lines]
    return [
        line
        for number, line in enumerate(lines)
        if not _stands_elsewhere(pairs, quotable, number, again=entries[number])
    ]


def _may_be_quote(line: Line) -> bool:
    size = line.text.count(" ") + 1
    if line.heading or (not line.quoted and size < _LEAST_QUOTE):
        return False
    return size in _QUOTE_WORDS and (line.quoted or not line.text.rstrip("»”\"'").endswith((".", ":", "؛")))


def _stands_elsewhere(pairs: list[set[tuple[str, str]]], quotable: list[bool], number: int, *, again: bool) -> bool:
    """Say whether a line only repeats another: a quote in a paragraph, or the second of two equal lines (not ``again``)."""
    mine = pairs[number]
    if len(mine) < _QUOTE_WORDS.start - 1:
        return False
    for other, theirs in enumerate(pairs):
        if other == number:
            continue
        if quotable[number] and _is_taken_from(mine, theirs):
            if len(theirs) > len(mine) or not quotable[other] or other < number:
                return True
        elif not again and mine == theirs and other < number and quotable[other] == quotable[number]:
            return True
    return False


def _is_taken_from(mine: set[tuple[str, str]], theirs: set[tuple[str, str]]) -> bool:
    """Say whether a quote stands in a paragraph; lines of one size that only resemble each other are a list's."""
    least = _REPEATED if len(theirs) >= _LONGER * len(mine) else _SAME
    return len(theirs) >= len(mine) and len(mine & theirs) >= least * len(mine)


def overlap(part: str, whole: str) -> float:
    """Return the share (0 to 1) of the word pairs of ``part`` that stand in ``whole``; both folded."""
    wanted = _pairs(part)
    return len(wanted & _pairs(whole)) / len(wanted) if wanted else float(part == whole)


def _pairs(key: str) -> set[tuple[str, str]]:
    return set(pairwise(_WORD.findall(key)))
