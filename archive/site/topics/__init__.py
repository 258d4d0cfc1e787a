"""Topics: the people, places and organisations that articles name, found without any model.

names.py      words, and the names that a text introduces      lexicon.toml, places.tsv  what is known before any article is read
entries.py    which phrases of an archive are names            gazetteer.py              where an article names them, and how much

Here stands the lexicon, which all of them ask: what a word may stand for, and what is known of it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from archive.text import ARTICLE, fold

if TYPE_CHECKING:
    from collections.abc import Callable

# --- What Arabic writes together with a word: the conjunctions و and ف, the prepositions ب، ل، ك, the article ال -----
#     ولعمروف  ─▶ عمروف        وبالقاهره ─▶ القاهره        للامم ─▶ الامم
#
# Whether a stripped form is meant, only a list of known names can tell: لبنان is no «ل + بنان». So these functions offer forms, and
# the gazetteer decides.

LEAST_LETTERS = 2  # letters that must be left


@lru_cache(maxsize=1 << 16)
def stems(word: str) -> tuple[str, ...]:
    """Return the forms that ``word`` may stand for, itself first, then those with clitics taken off."""
    forms = [word]
    for bare in (word, word[1:]) if word[:1] in {"و", "ف"} else (word,):
        forms.append(bare)
        if bare.startswith("لل"):
            forms += [ARTICLE + bare[2:], bare[1:]]  # «للجنة» is «ل + لجنة» or «ل + الجنة»
        elif bare[:1] in {"ب", "ل", "ك"}:
            forms.append(bare[1:])
    return tuple(dict.fromkeys(form for form in forms if len(form) >= LEAST_LETTERS))


# --- The lexicon, read once: sets of folded words ---------------------------------------------------------------------


class Sort:
    """What the lexicon knows of a word, as bits; plain numbers, for they are asked of every word."""

    TITLE, OFFICE, SAYS, HEAD, PLACE_CUE, GROUP_CUE, CLUB_CUE, ROYAL = (1 << bit for bit in range(8))
    GIVEN, JOIN, END, PLACE, DEFINITE, NAMED_AFTER = (1 << bit for bit in range(8, 14))
    STOP = 1 << 14  # no name goes on with it
    WEAK = 1 << 15  # a first name that is a word of the language, too
    DEMONYM = 1 << 16  # of a people, and a surname


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words by which names are introduced, and names that nobody introduces; see lexicon.toml and places.tsv.

    Attributes:
        words: the sorts of each folded word.
        organisations: known ones, each with its other names.
        clubs: the same of football.
        places: known ones, the same.
        lands: how many of the places are lands and others that need no proof; smaller cities follow.
        doubtful: words that are a place only behind a word for one; those that another place beside them shows, too, are ``beside``.
        near: words behind which they are a place; ``near_clubs``, a club.
        clubs_doubtful: clubs' names that are words of sport's own reports, too.
        sports: words of sport.
        nothing: phrases that name nothing, although a name's word is in them.
    """

    words: dict[str, int]
    organisations: tuple[tuple[str, ...], ...]
    clubs: tuple[tuple[str, ...], ...]
    places: tuple[tuple[str, ...], ...]
    lands: int
    doubtful: frozenset[str]
    beside: frozenset[str]
    near: frozenset[str]
    near_clubs: frozenset[str]
    clubs_doubtful: frozenset[str]
    sports: frozenset[str]
    nothing: tuple[str, ...]


_BOTH = ("titles", "organisations", "nobody", "office")  # with the article and without it


@cache
def lexicon() -> Lexicon:
    """Return the lexicon."""
    folder = files("archive.site.topics")
    data = tomllib.loads(folder.joinpath("lexicon.toml").read_text(encoding="utf-8"))
    sets = {name: fold(text).split() for name, text in data.items() if "|" not in text}
    for name in _BOTH:
        sets[name] += [ARTICLE + word for word in sets[name]]
    sets["says"] += ["و" + word for word in sets["says"]]
    words: dict[str, int] = {}
    for name, sort in (
        ("titles", Sort.TITLE), ("office", Sort.OFFICE), ("says", Sort.SAYS | Sort.STOP), ("organisations", Sort.HEAD),
        ("places_after", Sort.PLACE_CUE), ("groups_after", Sort.GROUP_CUE), ("clubs_after", Sort.CLUB_CUE), ("royal", Sort.ROYAL),
        ("given", Sort.GIVEN), ("joins", Sort.JOIN), ("ends", Sort.END | Sort.STOP), ("nobody", Sort.STOP),
        ("definite", Sort.DEFINITE), ("named_after", Sort.NAMED_AFTER), ("given_foreign", Sort.GIVEN),
        ("given_weak", Sort.WEAK), ("demonyms", Sort.DEMONYM),
    ):  # fmt: skip
        for word in sets[name]:
            words[word] = words.get(word, 0) | sort
    lines = folder.joinpath("places.tsv").read_text(encoding="utf-8").splitlines()
    proof = next(place for place, line in enumerate(lines) if place and line.startswith("#"))
    sure, others = ([line.split("\t") for line in part] for part in (lines[1:proof], lines[proof + 1 :]))
    known = [line.split("|") for line in data["places_known"].strip().splitlines()]
    places = tuple(tuple(names) for names in [*known, *sure, *others])
    lands = len(known) + len(sure)
    beside = frozenset(word.replace("_", " ") for word in sets["places_beside"])
    doubtful = beside | {word.replace("_", " ") for word in sets["places_doubtful"]}
    near = frozenset(sets["places_near"] + sets["places_after"])
    for names in places:
        for name in names:
            key = fold(name)
            if " " not in key and key not in doubtful:
                words[key] = words.get(key, 0) | Sort.PLACE
    organisations, clubs = (
        tuple(tuple(line.split("|")) for line in data[name].strip().splitlines())
        for name in ("organisations_known", "clubs_known")
    )
    nothing = tuple(data["no_names"].strip().split("|"))
    near_clubs = frozenset(sets["clubs_near"] + sets["clubs_after"])
    return Lexicon(
        *(words, organisations, clubs, places, lands, doubtful, beside, near),
        *(near_clubs, frozenset(sets["clubs_doubtful"]), frozenset(sets["sports"]), nothing),
    )


_VERB_LONGEST = 7
_NOUN_SORTS = (
    Sort.NAMED_AFTER
    | Sort.TITLE
    | Sort.HEAD
    | Sort.PLACE
    | Sort.OFFICE
    | Sort.PLACE_CUE
    | Sort.GROUP_CUE
    | Sort.CLUB_CUE
    | Sort.ROYAL
)


@lru_cache(maxsize=1 << 16)
def sort_of(token: str) -> int:
    """Return what is known of a word, with what it has of itself: signs, numbers and verbs end a name."""
    known = lexicon().words
    if not token[0].isalpha():
        return Sort.END | Sort.STOP
    sort = known.get(token, 0)
    if sort:
        return sort
    for stem in stems(token)[1:]:
        if (inner := known.get(stem, 0)) & _NOUN_SORTS:
            # «ووزير», «بمنطقة»: a name behind it begins, none goes on with it
            return (inner & _NOUN_SORTS) | Sort.STOP
    return Sort.STOP if _looks_like_verb(token) else 0


def _looks_like_verb(word: str) -> bool:
    """Say whether a word has the shape of «يبحث», «تعتزم»: most names that begin so are listed or have a long vowel second."""
    is_formed = len(word) > 3 and word[0] in "يت" and word[1] not in "اوي"  # noqa: PLR2004
    return is_formed and not word.endswith(("ي", "ه", "ن")) and len(word) < _VERB_LONGEST


# --- What the archive's own usage tells of a word ---------------------------------------------------------------------


class Usage:
    """How an archive uses words.

    Args:
        written: in how many articles a folded word stands as it is.
    """

    def __init__(self, written: Callable[[str], int]) -> None:
        self.written = lru_cache(maxsize=None)(written)

    def is_joined(self, word: str) -> bool:
        """Say whether a word is a commoner one behind a letter that Arabic joins to it: «لكرة», «ومحافظاتها»."""
        return word[0] in "وفبلك" and self.written(word[1:]) > SHARE_WITH_ARTICLE * self.written(word)

    def is_word(self, word: str, many: int) -> bool:
        """Say whether a word that is ``many`` times in a name is one of the language: it stands alone too, or with the article."""
        written = self.written(word)
        return many < _SHARE_OF_WORD * written or self.written(ARTICLE + word) > SHARE_WITH_ARTICLE * written

    def is_inflected(self, word: str) -> bool:
        """Say whether a word is a commoner one with a pronoun behind it, or in the accusative: «سموه», «هويته», «اتصالا»."""
        ending = next((each for each in _PRONOUNS if word.endswith(each) and len(word) > len(each) + 1), "")
        stem, written = word[: -len(ending)], self.written(word)
        if not ending:
            return False
        is_feminine = len(stem) > _LEAST_FEMININE and stem[-1] == "ت" and self.written(f"{stem[:-1]}ه") > written
        return is_feminine or self.written(stem) > written or self._is_anybodys(stem, ending, written)

    def _is_anybodys(self, stem: str, ending: str, written: int) -> bool:
        """Say whether a word takes other pronouns, too, as no name does: «ترشحه» and «ترشحها», «ترشحهم»."""
        others = sum(self.written(stem + each) for each in ("ها", "هم"))
        return (
            ending == "ه" and len(stem) > _LEAST_FEMININE and others > max(_SHARE_OF_PRONOUNS * written, _FEW_PRONOUNS)
        )

    def is_verb(self, word: str) -> bool:
        """Say whether a word is a verb: it takes the ending of the feminine, or the letter of the future."""
        written = max(self.written(word), 1)
        is_future = word[0] == "س" and self.written(word[1:]) > written
        return is_future or self.written(f"{word}ت") > SHARE_NO_WORD * written


SHARE_WITH_ARTICLE, SHARE_NO_WORD, _SHARE_OF_PRONOUNS, _SHARE_OF_WORD = 0.3, 0.05, 0.2, 0.15
_LEAST_FEMININE, _FEW_PRONOUNS = 2, 2  # letters, articles
_PRONOUNS = ("هما", "هم", "ها", "نا", "ه", "ا")
