"""What a text says of names: its words, what is written together with them, and the names that it introduces.

    text ──tokens──▶ folded words and signs ──evidence──▶ («رستم عمروف», person, introduced, ends here) …
                                                          added up over the archive: `archive.site.topics.entries`

Pure functions over text. What one text introduces is a guess; several articles make it a name.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from archive.text import ARTICLE, fold, is_servant

if TYPE_CHECKING:
    from collections.abc import Sequence

# --- The words and signs of a text, folded, each with its spelling ---------------------------------------------------
#     «قال عبد الله، أمس»  ─▶  قال · عبدالله · ، · امس
#
# «عبد الله» and «عبدالله» are one word, wherever words are compared: here, in the index, in what is searched for.

_TOKEN = re.compile(r"[^\W_]+(?:[\u064b-\u065f\u0670\u0640\u200c\u200d]+[^\W_]*)*|[^\w\s]|\n")
_folded = lru_cache(maxsize=1 << 16)(fold)  # newspapers write few words, often


def tokens_of(text: str) -> tuple[list[str], list[str]]:
    """Return the folded words and signs of a text in order, and how it spells each of them."""
    spelled = _TOKEN.findall(text)
    folded = [_folded(each) for each in spelled]
    if "" in folded or any(" " in each for each in folded):  # nothing but marks; a ligature of several words
        pairs = [(word, each) for whole, each in zip(folded, spelled, strict=True) for word in whole.split()]
        pairs += [("\n", "\n")] if folded[-1:] == ["\n"] else []
        folded, spelled = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    places = [at for at in range(len(folded) - 1) if is_servant(folded[at], folded[at + 1])]
    for at in reversed(places):
        folded[at : at + 2] = [folded[at] + folded[at + 1]]
        spelled[at : at + 2] = [f"{spelled[at]} {spelled[at + 1]}"]
    return folded, spelled


def key_of(name: str) -> str:
    """Return the folded words of a name as one string."""
    return " ".join(token for token in tokens_of(name)[0] if token[0].isalnum())


# --- What Arabic writes together with a word: the conjunctions و and ف, the prepositions ب، ل، ك, the article ال -----
#     ولعمروف  ─▶ عمروف        وبالقاهره ─▶ القاهره        للامم ─▶ الامم
#
# Whether a stripped form is meant, only a list of known names can tell: لبنان is no «ل + بنان». So these functions offer forms, and
# the gazetteer decides.

_LEAST = 2  # letters that must be left


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
    return tuple(dict.fromkeys(form for form in forms if len(form) >= _LEAST))


# --- The lexicon, read once: sets of folded words ---------------------------------------------------------------------


class Sort:
    """What the lexicon knows of a word, as bits; plain numbers, for they are asked of every word."""

    TITLE, OFFICE, SAYS, HEAD, PLACE_CUE, GROUP_CUE, CLUB_CUE, ROYAL = (1 << bit for bit in range(8))
    GIVEN, JOIN, END, PLACE, DEFINITE, NAMED_AFTER = (1 << bit for bit in range(8, 14))
    STOP = 1 << 14  # no name goes on with it


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words by which names are introduced, and names that nobody introduces; see lexicon.toml and places.tsv.

    Attributes:
        words: the sorts of each folded word.
        organisations: known ones, each with its other names.
        places: known ones, the same.
        lands: how many of the places are lands and others that need no proof; smaller cities follow.
        doubtful: words that are a place only behind a word for one.
        sports: words of sport.
    """

    words: dict[str, int]
    organisations: tuple[tuple[str, ...], ...]
    places: tuple[tuple[str, ...], ...]
    lands: int
    doubtful: frozenset[str]
    sports: frozenset[str]


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
        ("definite", Sort.DEFINITE), ("named_after", Sort.NAMED_AFTER),
    ):  # fmt: skip
        for word in sets[name]:
            words[word] = words.get(word, 0) | sort
    lines = folder.joinpath("places.tsv").read_text(encoding="utf-8").splitlines()
    proof = next(place for place, line in enumerate(lines) if place and line.startswith("#"))
    sure, others = ([line.split("\t") for line in part] for part in (lines[1:proof], lines[proof + 1 :]))
    known = [line.split("|") for line in data["places_known"].strip().splitlines()]
    places = tuple(tuple(names) for names in [*known, *sure, *others])
    lands = len(known) + len(sure)
    doubtful = frozenset(word.replace("_", " ") for word in sets["places_doubtful"])
    for names in places:
        for name in names:
            key = fold(name)
            if " " not in key and key not in doubtful:
                words[key] = words.get(key, 0) | Sort.PLACE
    organisations = tuple(tuple(line.split("|")) for line in data["organisations_known"].strip().splitlines())
    return Lexicon(words, organisations, places, lands, doubtful, frozenset(sets["sports"]))


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


# --- Names that a text introduces ------------------------------------------------------------------------------------
#     وزير الدفاع الأوكراني رستم عمروف،   title, words of the office, name            ─▶ person, introduced, ends here
#     وقال رستم عمروف إن                  verb and name                               ─▶ person, introduced
#     عادل بن أحمد الجبير                 a first name and what goes on as names do   ─▶ person
#     الملك سلمان بن عبدالعزيز            royal title and first name                  ─▶ person «الملك سلمان», and who it is
#     مجلس الأمن الدولي                   head word and what follows                  ─▶ organisation, one for each length
#     تنظيم داعش · نادي النصر             cue and word                                ─▶ group, club
#     مدينة كسلا · في أبها                cue, or a preposition before a listed name  ─▶ place

_LONGEST_NAME, _LONGEST_OFFICE, _LONGEST_ORGANISATION = 5, 9, 6
_SONS = frozenset({"بن", "ابن", "بنت"})
_FATHERS = frozenset({"ابو", "ابي", "ابا", "ام", "دي", "فان", "فون", "ديل", "دا", "ذو", "ال", "بني", "با"})
_GOD = "الله"
_OF_GOD = frozenset({"نصر", "جار", "خلف", "عطا", "فضل", "هبه", "سعد", "ضيف", "خير", "عون", "حمد", "لطف", "ضو"})
_INTO = frozenset({"في", "الي", "من", "الى"})
_TOWNS = frozenset({"مدينه", "المدينه", "مطار", "برنامج", "جايزه", "ملعب", "استاد", "كليه", "مدرسه"})
LINKS = frozenset({"عن", "لدول", "لشوون", "لدي"})
_AFTER_TITLE = frozenset("./:")


@dataclass(slots=True)
class Evidence:
    """How a text takes a phrase for a name.

    Attributes:
        sure: it is introduced, by an office, a verb of saying, a word for a place.
        ended: the name ends here.
    """

    sure: bool = False
    ended: bool = False


Found = dict[tuple[str, str], Evidence]


def evidence(tokens: Sequence[str]) -> Found:
    """Return the names that a text introduces, by kind and key.

    Kinds: ``person``, ``organisation``, ``group``, ``club``, ``place``; ``surname`` is the last word of a person's name, ``bearer`` a
    royal name and who bears it, parted by «|».
    """
    found: Found = {}
    until = 0  # a name that begins inside another is none
    is_named_after = False  # «مكتبة الملك فهد المركزية» is no person
    for at, token in enumerate(tokens):
        sort = sort_of(token)
        if not sort:
            is_named_after = False
            continue
        if sort & Sort.ROYAL and is_named_after:
            until = at + 2
            continue
        is_named_after = bool(sort & (Sort.NAMED_AFTER | Sort.HEAD))
        until = max(until, _persons(tokens, at, sort, found, until))
        if sort & Sort.HEAD:
            _organisation(tokens, at, found)
        if sort & (Sort.GROUP_CUE | Sort.CLUB_CUE):
            _called(tokens, at, sort, found)
        if sort & Sort.PLACE_CUE:
            _place(tokens, at, found)
        if sort & Sort.PLACE and at and tokens[at - 1] in _INTO and token in lexicon().words:
            _note(found, "place", token)
    return found


def _persons(tokens: Sequence[str], at: int, sort: int, found: Found, until: int) -> int:
    """Note the person whom a word introduces, or whose first name it is; return where the name ends."""
    if sort & Sort.ROYAL:
        _royal(tokens, at, found)
    if sort & (Sort.TITLE | Sort.ROYAL):
        return _person(tokens, _behind_office(tokens, at + 1), found, sure=True)
    if sort & Sort.SAYS:
        return _person(tokens, at + 1, found, sure=True)
    if sort & Sort.GIVEN and not sort & Sort.STOP and at >= until:
        return _person(tokens, at, found, sure=False)
    return 0


def _note(found: Found, kind: str, key: str, *, sure: bool = False, ended: bool = False) -> None:
    seen = found.get((kind, key))
    if seen is None:
        found[kind, key] = Evidence(sure, ended)
    else:
        seen.sure, seen.ended = seen.sure or sure, seen.ended or ended


def _behind_office(tokens: Sequence[str], at: int) -> int:
    """Return where the words of an office end: «الدفاع الأوكراني», «منطقة الرياض», «جامعة تبوك الدكتور»."""
    last = min(at + _LONGEST_OFFICE, len(tokens))
    while at < last:
        token = tokens[at]
        if token in _AFTER_TITLE and at + 1 < last and tokens[at - 1] != token:
            at += 1
            continue
        sort = sort_of(token)
        is_office = sort & (Sort.OFFICE | Sort.TITLE | Sort.HEAD | Sort.PLACE_CUE | Sort.ROYAL)
        is_of_office = (sort & Sort.PLACE and not sort & Sort.GIVEN) or token.startswith(
            (ARTICLE, "لل", "وال", "لشوون")
        )
        if not (is_office or (is_of_office and not sort & Sort.END and len(token) > len(ARTICLE))):
            break
        at += 1
    return at


def _person(tokens: Sequence[str], at: int, found: Found, *, sure: bool) -> int:
    """Note the name that begins here, in each length that it may have; return where it ends."""
    steps, is_whole = _chain(tokens, at)
    if len(steps) < 2:  # noqa: PLR2004  one word alone: of use where it is a surname that speaks
        if sure and steps and is_whole and len(tokens[at]) > _LEAST + 1:
            _note(found, "surname", tokens[at])
        return at
    if not sure and not _goes_on_as_names_do(tokens, at, steps):
        return at
    for place, end in enumerate(steps[1:], start=1):
        key = " ".join(tokens[at:end])
        _note(found, "person", key, sure=sure, ended=is_whole and place == len(steps) - 1)
    last = tokens[steps[-1] - 1]
    if not sort_of(last) & Sort.GIVEN:
        _note(found, "surname", last, sure=True)
    return steps[-1]


def _chain(tokens: Sequence[str], at: int) -> tuple[list[int], bool]:
    """Return where each part of the name at a place ends, and whether the text says plainly that it ends there."""
    steps: list[int] = []
    strange = 0
    size = len(tokens)
    while at < size and len(steps) < _LONGEST_NAME:
        token = tokens[at]
        sort = sort_of(token)
        joined = _joined(tokens, at, is_first=not steps)
        if joined:
            at += joined
            if token == _GOD:
                steps[-1] = at
            else:
                steps.append(at)
            continue
        if not _may_be_name(token, sort) or (not steps and _begins_no_name(token)):
            break
        if sort & Sort.END and not _is_ali(tokens, at, len(steps)):
            break
        at += 1
        steps.append(at)
        if token.startswith(ARTICLE) and len(token) > 3 and len(steps) > 1:  # noqa: PLR2004
            if at < size and (tokens[at] in _SONS or _is_surname_like(tokens[at])):
                continue
            return steps, True
        if not sort & Sort.GIVEN:
            strange += 1
            if strange > 2:  # noqa: PLR2004  three words that nobody knows are hardly all of them a name
                break
    is_whole = at >= size or bool(sort_of(tokens[at]) & Sort.STOP)
    return steps, is_whole


def _joined(tokens: Sequence[str], at: int, *, is_first: bool) -> int:
    """Return how many words from here are one part of a name: «بن أبي طالب», «أبو مازن», «الله» behind «نصر»; 0: none."""
    word = tokens[at]
    if word == _GOD and not is_first and tokens[at - 1] in _OF_GOD:
        return 1
    if at + 1 >= len(tokens) or sort_of(tokens[at + 1]) & Sort.STOP:
        return 0
    if word in _SONS and not is_first:
        return 3 if tokens[at + 1] in _FATHERS and at + 2 < len(tokens) else 2
    return 2 if word in _FATHERS else 0


def _is_ali(tokens: Sequence[str], at: int, steps: int) -> bool:
    """Say whether a word that folds to «على» is the name: behind one first name, or before another."""
    following = tokens[at + 1] if at + 1 < len(tokens) else "."
    return steps == 1 or (not steps and (following in _SONS or sort_of(following) & Sort.GIVEN == Sort.GIVEN))


def _begins_no_name(token: str) -> bool:
    return token in _SONS or (token.startswith(ARTICLE) and token not in _DEFINITE_NAMES)


_DEFINITE_NAMES = frozenset({"الوليد", "البرا", "الحسن", "الحسين", "الجوهره", "العنود", "الملا", "الفيس"})
_NO_NAME = Sort.STOP | Sort.TITLE | Sort.HEAD | Sort.SAYS | Sort.OFFICE | Sort.PLACE_CUE | Sort.GROUP_CUE


def _may_be_name(token: str, sort: int) -> bool:
    if sort & Sort.GIVEN:
        return True
    return not sort & _NO_NAME and len(token) > _LEAST - 1 and not token.startswith(("لل", "و", "بال", "فال"))


def _is_surname_like(token: str) -> bool:
    return token.startswith(ARTICLE) and token.endswith("ي") and len(token) > 4 and not sort_of(token) & _NO_NAME  # noqa: PLR2004


def _goes_on_as_names_do(tokens: Sequence[str], at: int, steps: Sequence[int]) -> bool:
    """Say whether what follows a first name is a name's: «بن», another first name, a surname with the article."""
    following = tokens[steps[0]]
    if following in _SONS or following in _FATHERS or sort_of(following) & Sort.GIVEN:
        return True
    before = sort_of(tokens[at - 1]) if at else Sort.STOP
    return following.startswith(ARTICLE) and len(following) > 4 and not before & Sort.HEAD  # noqa: PLR2004


_CUSTODIAN = ("خادم", "الحرمين", "الشريفين")


def _royal(tokens: Sequence[str], at: int, found: Found) -> None:
    """Note «الملك سلمان», and whose name it is where the rest of it follows."""
    if at + 1 >= len(tokens) or not sort_of(tokens[at + 1]) & Sort.GIVEN:
        return
    title = next((form for form in stems(tokens[at]) if lexicon().words.get(form, 0) & Sort.ROYAL), tokens[at])
    key = f"{title} {tokens[at + 1]}"
    steps, is_whole = _chain(tokens, at + 1)
    if tuple(tokens[max(at - 2, 0) : at]) == _CUSTODIAN[1:]:
        for end in steps[1:2]:
            _note(found, "bearer", f"{' '.join(_CUSTODIAN)}|{' '.join(tokens[at + 1 : end])}")
    _note(found, "person", key, sure=True, ended=len(steps) == 1 and is_whole)
    for end in steps[1:2]:
        _note(found, "bearer", f"{key}|{' '.join(tokens[at + 1 : end])}")


def _organisation(tokens: Sequence[str], at: int, found: Found) -> None:
    """Note the organisation that begins here, in each length that its name may have."""
    words = lexicon().words
    head = next((form for form in stems(tokens[at]) if words.get(form, 0) & Sort.HEAD), tokens[at])
    if head.startswith(ARTICLE) and at and tokens[at - 1].startswith(ARTICLE):
        return  # «الشؤون البلدية والقروية»
    if head in _TOWNS and not (at + 1 < len(tokens) and sort_of(tokens[at + 1]) & Sort.ROYAL):
        return  # «مدينة الملك عبدالعزيز للعلوم», but no town
    key, place, is_whole = head, at + 1, False
    for _ in range(_LONGEST_ORGANISATION):
        if place >= len(tokens):
            is_whole = True
            break
        token = tokens[place]
        sort = sort_of(token)
        is_definite = token.startswith((ARTICLE, "لل", "وال", "بال")) and len(token) > 3  # noqa: PLR2004
        is_link = token in LINKS and place + 1 < len(tokens) and tokens[place + 1].startswith(ARTICLE)
        if not is_link and (sort & (Sort.END | Sort.SAYS) or (sort & Sort.STOP and not is_definite)):
            is_whole = True
            break
        if sort & Sort.TITLE and not sort & (Sort.ROYAL | Sort.GIVEN) and place > at + 1:
            is_whole = True
            break
        key = f"{key} {token}"
        place += 1
        if not is_link:
            _note(found, "organisation", key)
    if is_whole and place > at + 1:
        _note(found, "organisation", key, ended=True)


_ARMED = (
    "تنظيم",
    "جماعه",
    "ميليشيا",
    "ميليشيات",
    "مليشيا",
    "مليشيات",
    "متمردي",
    "مسلحي",
    "مقاتلي",
)  # «حركة الرياح» is none


def _called(tokens: Sequence[str], at: int, sort: int, found: Found) -> None:
    """Note the group or the club that a cue names."""
    place = at + 1
    while place < len(tokens) and tokens[place] in {'"', "«", "“", "”", "'", "("}:
        place += 1
    if place >= len(tokens):
        return
    token = tokens[place]
    of = sort_of(token)
    if len(token) <= 2 or of & (_NO_NAME | Sort.CLUB_CUE | Sort.GIVEN) or token.startswith(("لل", "وال")):  # noqa: PLR2004
        return
    is_any = token.startswith(ARTICLE) and place == at + 1 and not tokens[at].endswith(_ARMED)
    if sort & Sort.GROUP_CUE and not of & Sort.PLACE and not is_any:
        _note(found, "group", token, sure=place > at + 1)
    if sort & Sort.CLUB_CUE:
        _note(found, "club", token, sure=bool(sort & Sort.HEAD))


def _place(tokens: Sequence[str], at: int, found: Found) -> None:
    """Note the place behind a word for one; an adjective may stand between: «العاصمة القطرية الدوحة»."""
    place = at + 1
    if place + 1 < len(tokens) and tokens[place].startswith(ARTICLE) and tokens[place].endswith(("يه", "يا")):
        following = sort_of(tokens[place + 1])
        if following & Sort.PLACE:
            place += 1
    if place < len(tokens):
        token = tokens[place]
        if not sort_of(token) & (Sort.STOP | Sort.TITLE | Sort.HEAD | Sort.ROYAL) and len(token) > 2:  # noqa: PLR2004
            _note(found, "place", token, sure=True)
            if place + 1 < len(tokens) and not sort_of(tokens[place + 1]) & _NO_NAME:
                _note(found, "place", f"{token} {tokens[place + 1]}", sure=True)
