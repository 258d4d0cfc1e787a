"""Topics: the people, places and organisations that articles name, found without any model.

names.py      words, and the names that a text introduces      lexicon.toml, places.tsv, words.txt  what is known before any article is read
entries.py    which phrases of an archive are names            organisations.py          the same of organisations, groups, clubs
gazetteer.py  where an article names them, and how much        tables.py                 all of that in the site's database, and what changes in it

Here stands the lexicon, which all of them ask: what a word may stand for, what is known of it,
what makes an article one about a name, and what tells which articles a change of the names may touch.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from archive.text import ARTICLE, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

# --- What Arabic writes together with a word: the conjunctions و and ف, the prepositions ب، ل، ك, the article ال -----
#     ولعمروف  ─▶ عمروف        وبالقاهره ─▶ القاهره        للامم ─▶ الامم
#
# Whether a stripped form is meant, only a list of known names can tell: لبنان is no «ل + بنان». So these functions offer forms, and
# the gazetteer decides.

LEAST_LETTERS, CLITICS = 2, frozenset("وفبلك")  # that must be left; that may be taken off


@lru_cache(maxsize=1 << 16)
def stems(word: str) -> tuple[str, ...]:
    """Return the forms that ``word`` may stand for, itself first, then those with clitics taken off."""
    forms = [word]
    for bare in (word, word[1:]) if word[:1] in {"و", "ف"} else (word,):
        forms.append(bare)
        if bare.startswith("لل"):
            forms += [ARTICLE + bare[2:], bare[1:], ARTICLE + bare[1:]]  # ل + الجنة, لجنة, اللجنة
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
    PEOPLE = 1 << 17  # of another people, before a name: «البرازيلي نيمار»
    TOWN = 1 << 18  # a place that an archive has to show first: «لاتر» is none in «بلاتر»
    FOREIGN = 1 << 19  # a first name of another tongue
    OFFICES = 1 << 20  # before a place the office there: «تعليم حائل»


class Homonym(NamedTuple):
    """Somebody or something that shares a short name: its kind, that name, its own names, and the words among which it is meant."""

    kind: str
    short: str
    names: tuple[str, ...]
    company: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words by which names are introduced, and names that nobody introduces; see lexicon.toml, places.tsv and words.txt.

    Attributes:
        words: the sorts of each folded word.
        organisations: known ones, each with its other names.
        clubs: the same of football.
        places: known ones, the same.
        lands: how many of the places are lands and others that need no proof; smaller cities follow, and behind ``cities`` small ones.
        doubtful: words that are a place only behind a word for one; those that another place beside them shows, too, are ``beside``.
        near: words behind which they are a place; ``near_clubs``, a club.
        clubs_doubtful: clubs' names that are words of sport's own reports, too.
        sports: words of sport.
        nothing: phrases that name nothing, although a name's word is in them.
        persons: who goes by a name that nobody introduces, each with other names.
        press: names of newspapers, channels and agencies that are words, too, each with the words for one that stand before it, and its whole name.
        vocabulary: words of the language that are nobody's first name; `is_vocabulary` asks for their forms, too.
        listed: other words of the lexicon, by the name of their list.
        homonyms: what shares a short name with others.
    """

    words: dict[str, int]
    organisations: tuple[tuple[str, ...], ...]
    clubs: tuple[tuple[str, ...], ...]
    places: tuple[tuple[str, ...], ...]
    lands: int
    cities: int
    doubtful: frozenset[str]
    beside: frozenset[str]
    near: frozenset[str]
    near_clubs: frozenset[str]
    clubs_doubtful: frozenset[str]
    sports: frozenset[str]
    nothing: tuple[str, ...]
    homonyms: tuple[Homonym, ...]
    persons: tuple[tuple[str, ...], ...]
    press: tuple[tuple[str, tuple[str, ...], str], ...]
    vocabulary: frozenset[str]
    listed: Mapping[str, frozenset[str]]


_BOTH = ("titles", "organisations", "nobody", "office")  # with the article and without it


@cache
def lexicon() -> Lexicon:
    """Return the lexicon."""
    folder = files("archive.site.topics")
    data = tomllib.loads(folder.joinpath("lexicon.toml").read_text(encoding="utf-8"))
    sets = {name: fold(text).split() for name, text in data.items() if "|" not in text}
    for name in _BOTH:
        sets[name] += [ARTICLE + word for word in sets[name]]
    sets["peoples_definite"] = [ARTICLE + word for word in sets["peoples"]]
    sets["says"] += ["و" + word for word in sets["says"]]
    words: dict[str, int] = {}
    for name, sort in (
        ("titles", Sort.TITLE), ("office", Sort.OFFICE), ("says", Sort.SAYS | Sort.STOP), ("organisations", Sort.HEAD),
        ("places_after", Sort.PLACE_CUE), ("groups_after", Sort.GROUP_CUE), ("clubs_after", Sort.CLUB_CUE), ("royal", Sort.ROYAL),
        ("given", Sort.GIVEN), ("joins", Sort.JOIN), ("ends", Sort.END | Sort.STOP), ("nobody", Sort.STOP),
        ("definite", Sort.DEFINITE), ("named_after", Sort.NAMED_AFTER), ("given_foreign", Sort.GIVEN | Sort.FOREIGN), ("offices", Sort.OFFICES),
        ("given_weak", Sort.WEAK), ("demonyms", Sort.DEMONYM), ("peoples", Sort.STOP), ("peoples_definite", Sort.PEOPLE | Sort.STOP),
    ):  # fmt: skip
        for word in sets[name]:
            words[word] = words.get(word, 0) | sort
    lines = folder.joinpath("places.tsv").read_text(encoding="utf-8").splitlines()
    parts: list[list[list[str]]] = []
    for line in lines:
        if line.startswith("#"):
            parts.append([])
        else:
            parts[-1].append(line.split("\t"))
    sure, others, small = parts
    known = [line.split("|") for line in data["places_known"].strip().splitlines()]
    villages = [[word.replace("_", " ")] for word in data["villages"].split()]
    places = tuple(tuple(names) for names in [*known, *sure, *villages, *others, *small])
    lands, cities = len(known) + len(sure), len(places) - len(small)
    beside = frozenset(word.replace("_", " ") for word in sets["places_beside"])
    doubtful = beside | {word.replace("_", " ") for word in sets["places_doubtful"]}
    near = frozenset(sets["places_near"] + sets["places_after"])
    for place, names in enumerate(places):
        for key in map(fold, names):
            if " " not in key and key not in doubtful:
                words[key] = words.get(key, 0) | Sort.PLACE | (Sort.TOWN if place >= lands else 0)
    organisations, clubs, persons = (
        tuple(tuple(line.split("|")) for line in data[name].strip().splitlines())
        for name in ("organisations_known", "clubs_known", "persons_known")
    )
    nothing = tuple(data["no_names"].strip().split("|"))
    near_clubs = frozenset(sets["clubs_near"] + sets["clubs_after"])
    return Lexicon(
        *(words, organisations, clubs, places, lands, cities, doubtful, beside, near),
        *(near_clubs, frozenset(sets["clubs_doubtful"]), frozenset(sets["sports"]), nothing),
        tuple(map(_homonym, data["homonyms"].strip().splitlines())),
        persons,
        tuple(
            (name, tuple(fold(cues).split()), fold("".join(whole)))
            for cues, name, *whole in _parted(data["press_known"])
        ),
        frozenset(_common_words(folder.joinpath("words.txt").read_text(encoding="utf-8"))),
        {name: frozenset(each) for name, each in sets.items()},
    )


def _common_words(text: str) -> Iterable[str]:
    return (word for line in text.splitlines() if not line.startswith("#") for word in line.split())


def _parted(lines: str) -> Iterable[list[str]]:
    return (line.split("=") for line in lines.strip().splitlines())


def _homonym(line: str) -> Homonym:
    """Read a line of the list: a word with a doubled letter or a short vowel stays as it is spelled, for it is told by that."""
    said, _, company = line.partition("=")
    kind, short, *names = said.split("|")
    words = (word.replace("_", " ") for word in company.split())
    return Homonym(kind, fold(short), tuple(names), tuple(word if is_marked(word) else fold(word) for word in words))


_MARKS = frozenset("\u064e\u064f\u0650\u0651")  # the short vowels, and of a doubled letter


def is_marked(word: str) -> bool:
    """Say whether a word is spelled with a short vowel or a doubled letter: «عُمان», «عمّان»."""
    return not _MARKS.isdisjoint(word)


_VERB_LONGEST = 7
_LEAST_BEHIND = 4  # letters of a name behind «ل», «ب»: «لجان» is no «جان»; one less behind «و»
_GIVEN_SORTS = Sort.GIVEN | Sort.WEAK | Sort.STOP | Sort.PLACE | Sort.TITLE
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
    | Sort.PEOPLE
)


@lru_cache(maxsize=1 << 16)
def given_behind(token: str) -> str:
    """Return the first name that stands in a word behind «و», «ل», «ب»: «وأحمد», «لمحمد»; none of those that are words, too."""
    known = lexicon().words
    if known.get(token, 0):
        return ""
    least = _LEAST_BEHIND - (token[0] == "و")
    names = (
        stem for stem in stems(token)[1:] if known.get(stem, 0) & _GIVEN_SORTS == Sort.GIVEN and len(stem) >= least
    )
    return next(names, "")


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
        inner = known.get(stem, 0)
        if inner & Sort.TOWN and not stem.startswith(ARTICLE):
            inner &= ~Sort.PLACE
        if inner & _NOUN_SORTS:
            # «ووزير», «بمنطقة»: a name behind it begins, none goes on with it
            return (inner & _NOUN_SORTS) | Sort.STOP
    return Sort.STOP if _looks_like_verb(token) else 0


def _looks_like_verb(word: str) -> bool:
    """Say whether a word has the shape of «يبحث», «تعتزم»: most names that begin so are listed or have a long vowel second."""
    is_formed = len(word) > 3 and word[0] in "يت" and word[1] not in "اوي"  # noqa: PLR2004
    return is_formed and not word.endswith(("ي", "ه", "ن")) and len(word) < _VERB_LONGEST


@lru_cache(maxsize=1 << 16)
def is_vocabulary(token: str) -> bool:
    """Say whether a word is one of the language that is nobody's first name, as it is or inflected: «خيار», «بتسديد», «سيخضع», «جيلها»."""
    words = lexicon().vocabulary
    forms = [stem for stem in stems(token) if stem == token or len(stem) > _LEAST_BARE]
    if token[:1] == "س" and token[1:2] in _OF_FUTURE:
        forms += (token[1:], token[2:])  # «سيعود»
    return any(form in words or any(bare in words for bare in _without_ending(form)) for form in forms)


def is_common(word: str) -> bool:
    """Say the same of a word or of what stands behind its article, but not of what may be a surname: «المحاكاة», no «الشهري»."""
    is_definite = word.startswith(ARTICLE) and not word.endswith("ي")
    bare = word[len(ARTICLE) :] if is_definite else ""
    known, words = lexicon().vocabulary, lexicon().words
    is_formed = (
        len(word) > _LEAST_FORMED
        and (
            (
                word[-1] == "ه" and (word[:-1] in known or (word[-2] == "ت" and f"{word[:-2]}ه" in known))
            )  # «تحذيره», «استقالته»
            or (word[-1] == "ا" and words.get(word[:-1], 0) & (Sort.TITLE | Sort.GIVEN) == Sort.TITLE)  # «زعيما»
        )
    )
    return is_formed or is_vocabulary(word) or bare in known or bool(words.get(bare, 0) & _OF_THINGS)


_OF_THINGS = Sort.NAMED_AFTER | Sort.HEAD | Sort.PLACE_CUE
_LEAST_FORMED = 4  # letters


def _without_ending(word: str) -> Iterable[str]:
    """Return what a word may be without a pronoun or the ending of a number behind it; «ته» is «ة» and «ه»."""
    for ending in _ENDINGS:
        bare = word.removesuffix(ending)
        if bare != word and len(bare) >= _LEAST_BARE + (ending not in _ONLY_PRONOUNS):
            yield from (bare, f"{bare}ه", f"{bare[:-1]}ه" if bare[-1] == "ت" else bare)


# letters of a word before what is only a pronoun; of others one more: «لاين» is no «ل + أين», «نوفان» a name
_LEAST_BARE = 3
_ONLY_PRONOUNS = ("هما", "هم", "ها")
_OF_FUTURE = frozenset("يتن")  # behind «س»
_ENDINGS = ("هما", "هم", "ها", "نا", "ات", "ان", "ين", "ون", "وا", "ا")

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
        return many < SHARE_OF_WORD * written or self.written(ARTICLE + word) > SHARE_WITH_ARTICLE * written

    def is_inflected(self, word: str) -> bool:
        """Say whether a word is a commoner one with a pronoun behind it, or in the accusative: «سموه», «هويته», «اتصالا»."""
        ending = next((each for each in _PRONOUNS if word.endswith(each) and len(word) > len(each) + 1), "")
        stem, written = word[: -len(ending)], self.written(word)
        if not ending:
            return False
        is_feminine = len(stem) > _LEAST_FEMININE and stem[-1] == "ت" and self.written(f"{stem[:-1]}ه") > written
        is_of_ya = stem[-1] == "ا" and self.written(f"{stem[:-1]}ي") > written  # «مرماه» is «مرمى» and «ه»
        return is_feminine or is_of_ya or self.written(stem) > written or self._is_anybodys(stem, ending, written)

    def _is_anybodys(self, stem: str, ending: str, written: int) -> bool:
        """Say whether a word takes other pronouns, too, as no name does: «ترشحه» and «ترشحها», «ترشحهم»."""
        others = sum(self.written(stem + each) for each in ("ها", "هم"))
        return (
            ending == "ه" and len(stem) > _LEAST_FEMININE and others > max(_SHARE_OF_PRONOUNS * written, _FEW_PRONOUNS)
        )

    def is_verb(self, word: str) -> bool:
        """Say whether a word is a verb: it takes the ending of the feminine, its first letter («يلتقي», «تلتقي»), or that of the future."""
        written = max(self.written(word), 1)
        is_future = word[0] == "س" and self.written(word[1:]) > written
        is_of_both = (
            word[0] in "يت" and self.written(("ت" if word[0] == "ي" else "ي") + word[1:]) > SHARE_NO_WORD * written
        )
        return is_future or is_of_both or self.written(f"{word}ت") > SHARE_NO_WORD * written


SHARE_WITH_ARTICLE, SHARE_NO_WORD, SHARE_OF_WORD, SHARE_ENDED, _SHARE_OF_PRONOUNS = 0.3, 0.05, 0.15, 0.2, 0.2
_LEAST_FEMININE, _FEW_PRONOUNS = 2, 2  # letters, articles
_PRONOUNS = ("هما", "هم", "ها", "نا", "ه", "ا")


# --- Words inside names ------------------------------------------------------------------------------------------------

SONS = frozenset({"بن", "ابن", "بنت"})
LINEAGE = SONS | {"ال"}
STEPS = LINEAGE | {"ابو", "ابي", "ابا", "ام"}
LINKS = frozenset({"عن", "لدول", "لشوون", "لدي"})


def is_nationality(word: str) -> bool:
    """Say whether a word is the definite adjective of a people: «الفرنسي», «الفرنسية»."""
    forms = {word, word.removesuffix("ه")} - {""}
    return any(sort_of(form) & (Sort.PEOPLE | Sort.DEMONYM) for form in forms)


def is_nisba(word: str) -> bool:
    """Say whether a word may be a definite adjective of the feminine: «الشرقية»."""
    return word.startswith(ARTICLE) and word.endswith("يه")


# --- What is found of a name over all articles -----------------------------------------------------------------------


class Sum(NamedTuple):
    """In how many articles a phrase is taken for a name, is introduced as one, and plainly ends as one."""

    many: int
    sure: int
    ended: int


NONE = Sum(0, 0, 0)
Sums = dict[str, Sum]
"""Of one kind: phrase → how often."""


def children_of(sums: Mapping[str, Sum]) -> dict[str, list[str]]:
    """Return for each phrase the phrases that are one step longer."""
    children: dict[str, list[str]] = {}
    for key in sorted(sums):
        shorter = key.rpartition(" ")[0]
        while shorter.rpartition(" ")[2] in STEPS:
            shorter = shorter.rpartition(" ")[0]
        if shorter in sums:
            children.setdefault(shorter, []).append(key)
    return children


@dataclass(slots=True)
class Entry:
    """A name.

    Attributes:
        key: its folded words.
        kind: ``person``, ``organisation`` or ``place``.
        names: all phrases that name it, its key among them.
        shorts: what names it only where the article names it in full too, or where nobody else is called so: surnames.
        company: its short names are words of the language, too: they name it among words of sport alone (``sport``), beside another
            place or behind a word for one (``place``), or among words of sport and so (``club``).
        near: words among which it is meant by a short name that others have, too.
    """

    key: str
    kind: str
    names: set[str] = field(default_factory=set)
    shorts: dict[str, bool] = field(default_factory=dict)
    company: str = ""
    near: tuple[str, ...] = ()


# --- What the words around a name tell of it --------------------------------------------------------------------------
#     «محمد بن سلمان الحربي» is not «محمد بن سلمان»    «الحكومة السعودية», «جنديا تركيا»: adjectives


def is_named_after(tokens: Sequence[str], at: int, kind: str) -> bool:
    """Say whether a word before a name tells that something is only called so: «شركة ميسي فرانكفورت», «دار عنيزة»."""
    words = lexicon().listed["nobodys" if kind == "person" else "no_towns"]
    return at > 0 and any(stem in words for stem in stems(tokens[at - 1]))


_COMMA = frozenset("،,-–/")
# «ضحايا سوريا», but «جنديا تركيا»: a Turkish soldier
_OF_ITSELF = ("ايا", "ها", "نا", "ما", "لا", "ذا", "وا", "كا", "تا")
_LONG_PLACE, _LONG_NOUN, _LONG_SURNAME = 4, 4, 5


def is_linked(tokens: Sequence[str], at: int) -> bool:
    """Say whether a word is linked to the one before: «وصعدة», «، صعدة»."""
    return at > 0 and (tokens[at][0] == "و" or tokens[at - 1] in _COMMA)


def is_comma(token: str) -> bool:
    """Say whether a sign stands between the parts of a list."""
    return token in _COMMA


def is_dateline(tokens: Sequence[str], start: int, end: int) -> bool:
    """Say whether words are the place from which an article reports, at its beginning: «سبق - الجوف:»."""
    is_first = 0 < start < _LONGEST_DATELINE and end < len(tokens)
    return is_first and is_comma(tokens[start - 1]) and (tokens[end] in {":", "\n"} or is_comma(tokens[end]))


_LONGEST_DATELINE = 8  # words

QUOTES = frozenset("\"'«»“”()")


def is_quoted(tokens: Sequence[str], start: int, end: int) -> bool:
    """Say whether words stand by themselves between quotation marks: «قال لـ«الحياة»»."""
    before, behind = tokens[start - 1] if start else "", tokens[end] if end < len(tokens) else ""
    return (before in QUOTES and behind in QUOTES) or before == "ل"  # «لـ عكاظ»


def is_fathers(tokens: Sequence[str], at: int) -> bool:
    """Say whether a person's name at a place is that of somebody's father."""
    return at > 0 and tokens[at - 1] in SONS


def is_somebody_else(tokens: Sequence[str], at: int, name: str, names: Iterable[str]) -> bool:
    """Say whether a surname stands behind the first name of somebody else: «ميشيل أوباما», but not «سان مارتن وزوكالا»."""
    if (
        not at
        or tokens[at] != name.partition(" ")[0]
        or sort_of(tokens[at - 1]) & (Sort.GIVEN | Sort.WEAK) != Sort.GIVEN
    ):
        return False
    known = {word for name in names for word in name.split()}
    return known.isdisjoint(tokens[max(at - 2, 0) : at])


def is_named_inside(kind: str, longer: str) -> bool:
    """Say whether a name inside a longer one is named there: the town of «شرطة جدة», but no city by its club."""
    if kind == "person":
        return False  # a father inside his son's name, the king of «مطار الملك خالد»
    return kind == "organisation" or longer.partition(" ")[0].removeprefix(ARTICLE) in lexicon().listed["local"]


def is_side_of(longer: str, name: str, before: str) -> bool:
    """Say whether a name is that of a side of what stands inside it: «شمال سيناء», but no «جنوب السودان», nor «بطولة غرب آسيا»."""
    listed, rest = lexicon().listed, longer
    while rest.partition(" ")[0] in listed["sides"]:
        rest = rest.partition(" ")[2]
    is_side = rest == name != longer and longer.replace(" ", "_") not in listed["no_sides"]
    return is_side and listed["competitions"].isdisjoint(stems(before))


def is_adjective(tokens: Sequence[str], at: int, name: str) -> bool:
    """Say whether a country's name is an adjective here: «الحكومة السعودية», «قوات سورية», «جنديا تركيا»."""
    if name.endswith("ا") and at + 1 < len(tokens) and tokens[at] == name and tokens[at + 1][0] != "و":
        land = tokens[at + 1].removesuffix("يا")
        if (
            land
            and land != tokens[at + 1]
            and any(sort_of(form) & Sort.PLACE for form in (land, f"{land}يا", ARTICLE + land))
        ):
            return True  # «صبيا فلسطينيا», but «كينيا وتنزانيا»
    if tokens[at] != name or len(name) <= _LONG_PLACE or not at:
        return False
    before = tokens[at - 1]
    if name.endswith("يه") and not sort_of(before) & Sort.END:
        is_definite = before.startswith((ARTICLE, "لل", "وال", "بال", "فال", "كال"))
        return is_definite if name.startswith(ARTICLE) else before.endswith(("ه", "ات"))
    is_noun = before.endswith("ا") and len(before) >= _LONG_NOUN and not before.endswith(_OF_ITSELF)
    is_noun = is_noun and lexicon().listed["with_hamza"].isdisjoint(stems(before))  # «أنحاء بريطانيا»
    return name.endswith("يا") and is_noun and not sort_of(before) & (Sort.PLACE | Sort.STOP)


def is_other_place(tokens: Sequence[str], at: int, short: str, names: Iterable[str]) -> bool:
    """Say whether what a place is called in short goes on otherwise here: «الضفة الآسيوية» is not «الضفة الغربية»."""
    following = tokens[at + 1] if at + 1 < len(tokens) else ""
    if not following.startswith(ARTICLE) or not following.endswith(("يه", "ي")):
        return False
    if sort_of(following) & Sort.END:
        return False  # «روسيا التي», «من مكة إلى»
    return any(name.startswith(f"{short} {ARTICLE}") for name in names)


def goes_on(tokens: Sequence[str], end: int, name: Sequence[str], *, is_short: bool) -> bool:
    """Say whether the text goes on to somebody else's name behind a person's: «محمد بن سلمان الحربي» is not «محمد بن سلمان»."""
    if len(name) < 2 or end >= len(tokens):  # noqa: PLR2004
        return False
    following = tokens[end]
    if following in SONS:
        return True
    if is_short or not sort_of(name[-1]) & Sort.GIVEN or len(following) < _LONG_SURNAME:
        return False
    is_royal = len(name) == 2 and bool(sort_of(name[0]) & Sort.ROYAL)  # noqa: PLR2004
    is_surname = following.startswith(ARTICLE) and (is_royal or following.endswith("ي"))
    return is_surname and not sort_of(following)


# --- What an article is about, among all that it names ---------------------------------------------------------------
# A newspaper puts first what matters: a name in the headline weighs most, then the standfirst, then the first paragraph; below
# that, only repetition counts. What the outlet itself tagged is about the article by its own word.
#
#     headline 4 · standfirst 2 · first paragraph 2 · text log2(1 + times) · the outlet's own tag 3        about: 3 and more

ABOUT = 3.0
_HEADLINE, _STANDFIRST, _LEAD, _OWN_TAG = 4.0, 2.0, 2.0, 3.0
LONGEST_LEAD = 60  # words; some outlets write one paragraph


@dataclass(slots=True)
class Places:
    """Where an article names something: in the headline, the standfirst, the first paragraph, and how often in all of it."""

    headline: int = 0
    standfirst: int = 0
    lead: int = 0
    text: int = 0
    own_tag: bool = False


def weight_of(places: Places) -> float:
    """Return how much an article is about what it names there; `ABOUT` and more is a topic."""
    return (
        _HEADLINE * bool(places.headline)
        + _STANDFIRST * bool(places.standfirst)
        + _LEAD * bool(places.lead)
        + math.log2(1 + places.text)
        + _OWN_TAG * places.own_tag
    )


class Topic(NamedTuple):
    """What an article names.

    Attributes:
        weight: how much it is about it.
        own: whether by the outlet's own tag.
        shown: how it spells the name.
        is_full: whether it names it in full.
        span: where that spelling stands, as one number; -1: nowhere.
    """

    weight: float
    own: bool
    shown: str
    is_full: bool
    span: int
