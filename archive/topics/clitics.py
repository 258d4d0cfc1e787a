"""What Arabic writes together with a word: the conjunctions و and ف, the prepositions ب، ل، ك, the article ال.

    ولعمروف  ─▶ عمروف        وبالقاهره ─▶ القاهره        للامم ─▶ الامم

Words are folded ones (`archive.text.fold`). Whether a stripped form is meant, only a list of known names can tell:
لبنان is no «ل + بنان». So these functions offer forms, and the gazetteer decides.
"""

from __future__ import annotations

import re
from functools import lru_cache

_ARTICLE = "ال"
_LEAST = 2  # letters that must be left
_SEATS = re.compile("(?<=.)(?:يو|وو)")  # inside a word; what becomes of others («مليون») is no word


@lru_cache(maxsize=1 << 17)
def stems(word: str) -> tuple[str, ...]:
    """Return the forms that ``word`` may stand for, itself first, then those with clitics taken off."""
    found = [word]
    for bare in _without_conjunction(word):
        for form in (bare, *_without_preposition(bare)):
            found.append(form)
            if form.startswith(_ARTICLE):
                found.append(form[len(_ARTICLE) :])
    return tuple(dict.fromkeys(form for form in found if len(form) >= _LEAST))


def _without_conjunction(word: str) -> tuple[str, ...]:
    return (word, word[1:]) if word[:1] in {"و", "ف"} else (word,)


def _without_preposition(word: str) -> tuple[str, ...]:
    if word.startswith("لل"):
        return (_ARTICLE + word[2:], _ARTICLE + word[1:], word[1:])  # «للجنة» is «ل + اللجنة»
    return (word[1:],) if word[:1] in {"ب", "ل", "ك"} else ()


def seats(word: str) -> tuple[str, ...]:
    """Return a folded word and how it is written where a hamza before «و» sits otherwise: «مسئول», «شئون» in Egypt, «مسؤول», «شؤون» elsewhere."""
    other = _SEATS.sub(lambda found: "وو" if found[0] == "يو" else "يو", word)
    return (word,) if other == word else (word, other)


@lru_cache(maxsize=1 << 14)
def spellings(word: str) -> tuple[str, ...]:
    """Return the written forms of which ``word`` may be the stem: what to ask a full-text index for."""
    bases = [word]
    if word.startswith(_ARTICLE):
        bases += [letter + word for letter in "بك"] + ["لل" + word[len(_ARTICLE) :]]
    else:
        definite = _ARTICLE + word
        bases += [letter + word for letter in "بلك"]
        bases += [definite, "ب" + definite, "ك" + definite, "لل" + word]
    return tuple(dict.fromkeys([*bases, *("و" + base for base in bases), *("ف" + base for base in bases)]))
