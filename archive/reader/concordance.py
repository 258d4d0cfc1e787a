"""A word in its contexts (KWIC, key word in context): every place where it stands, with the words around it.

    «للحكومة» «والحكومة» «حكومتها»   ──▶ الحكومة       clitics folded: what Arabic writes together with a word is left aside
    ف و  +  ب ك ل  +  ال  or  س        before it
    ه ها هم … نا ك كم … ي              behind it; ta marbuta is ت then

Letters are folded as for the search (`archive.text.fold`). Only clitics are known and no roots, so a word that begins like one with a
clitic is found too (زير finds وزير); ``clitics=False`` asks for the word alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from archive.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from archive.article import Article

_SIGNS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u200c\u200d"  # vowel signs and joiners stand inside words
_TOKEN = re.compile(rf"\w[\w{_SIGNS}]*")
_BEFORE = "(?:[وف])?(?:ال|[بك](?:ال)?|لل?|س)?"
_BEHIND = "(?:هما|هم|هن|ها|ه|كما|كم|كن|ك|نا|ني|ي)?"
_SHORTEST = 3  # letters that are left of a word without its article


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One place: the words before, the word as it is written there, the words behind, and where that is.

    ``place`` counts the text's words from 0; the headline is not searched.
    """

    id: str
    outlet: str
    published: datetime | None
    left: str
    keyword: str
    right: str
    place: int
    url: str


class Pattern:
    """Finds one word, or several that follow one another.

    Args:
        text: the word or words.
        clitics: whether what is written together with a word is left aside.

    Raises:
        ValueError: there is no word in it.
    """

    def __init__(self, text: str, *, clitics: bool = True) -> None:
        tokens = _TOKEN.findall(text)
        if not tokens:
            raise ValueError(f"there is no word in {text!r}")
        self._parts = [re.compile(_with_clitics(token) if clitics else re.escape(fold(token))) for token in tokens]
        self._matches = lru_cache(maxsize=1 << 16)(self._fits)

    def lines(self, article: Article, width: int) -> Iterator[Line]:
        """Yield the places in an article's text, in their order, each with up to ``width`` words before and behind it."""
        text = article.text
        tokens = list(_TOKEN.finditer(text))
        length = len(self._parts)
        for place in range(len(tokens) - length + 1):
            if all(self._matches(number, tokens[place + number][0]) for number in range(length)):
                first, last = tokens[place].start(), tokens[place + length - 1].end()
                begin = tokens[max(0, place - width)].start() if width else first
                end = tokens[min(len(tokens), place + length + width) - 1].end() if width else last
                yield Line(
                    id=article.id,
                    outlet=article.outlet,
                    published=article.published,
                    left=_one_line(text[begin:first]),
                    keyword=_one_line(text[first:last]),
                    right=_one_line(text[last:end]),
                    place=place,
                    url=article.url,
                )

    def _fits(self, number: int, token: str) -> bool:
        return self._parts[number].fullmatch(fold(token)) is not None


def _with_clitics(token: str) -> str:
    """Return an expression for a folded word and what may be written together with it."""
    word = fold(token)
    if word.startswith("ال") and len(word) >= len("ال") + _SHORTEST:
        word = word.removeprefix("ال")
    stem = f"{re.escape(word[:-1])}[هت]" if word.endswith("ه") and len(word) >= _SHORTEST else re.escape(word)
    return f"{_BEFORE}{stem}{_BEHIND}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
