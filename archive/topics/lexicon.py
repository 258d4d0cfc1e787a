"""The lexicon, read once: sets of folded words, with and without the article where that makes no difference."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from archive.text import fold


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words by which names are introduced; see lexicon.toml."""

    titles: frozenset[str]
    office: frozenset[str]
    says: frozenset[str]
    organisations: frozenset[str]
    definite: frozenset[str]
    places_after: frozenset[str]
    ends: frozenset[str]
    nobody: frozenset[str]
    joins: frozenset[str]
    places: tuple[str, ...]


@cache
def lexicon() -> Lexicon:
    """Return the lexicon."""
    said = tomllib.loads(files("archive.topics").joinpath("lexicon.toml").read_text(encoding="utf-8"))
    sets = {name: [fold(word.replace("_", " ")) for word in text.split()] for name, text in said.items()}
    says = frozenset(sets["says"])
    return Lexicon(
        titles=_either(sets["titles"]),
        office=_either(sets["office"]),
        says=says | {"و" + word for word in says},
        organisations=_either(sets["organisations"]),
        definite=frozenset(sets["definite"]),
        places_after=frozenset(sets["places_after"]),
        ends=frozenset(sets["ends"]),
        nobody=_either(sets["nobody"]),
        joins=frozenset(sets["joins"]),
        places=tuple(word.replace("_", " ") for word in said["places"].split()),
    )


def _either(words: list[str]) -> frozenset[str]:
    return frozenset([*words, *("ال" + word for word in words)])
