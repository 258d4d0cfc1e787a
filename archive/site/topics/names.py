"""What a text says of names: its words, what is written together with them, and the names that it introduces.

    text ──tokens──▶ folded words and signs ──evidence──▶ («رستم عمروف», person, introduced, ends here) …
                                                          added up over the archive: `archive.site.topics.entries`

Pure functions over text. What one text introduces is a guess; several articles make it a name.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from archive.site.templating import slug_of
from archive.site.topics import (
    LEAST_LETTERS,
    SONS,
    Sort,
    given_behind,
    is_comma,
    is_vocabulary,
    lexicon,
    sort_of,
    stems,
)
from archive.site.topics.organisations import (
    NO_NAME,
    behind_quote,
    keys_of,
    note,
    note_called,
    note_organisation,
)
from archive.text import ARTICLE, key_of, tokens_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from archive.article import Article
    from archive.site.topics import Sums
    from archive.site.topics.organisations import Found

# --- An article as words ------------------------------------------------------------------------------------------------

Text = tuple[list[str], list[str]]
"""The folded words of a part of an article, and its spelling of each."""


def parts_of(article: Article) -> list[Text]:
    """Return headline, standfirst and text of an article as words."""
    return [tokens_of(article.headline), tokens_of(article.standfirst or ""), tokens_of(article.text)]


def joined(parts: Sequence[Text]) -> list[str]:
    """Return the words of all parts, each on a line of its own."""
    return [token for part, _ in parts if part for token in (*part, "\n")]


# --- What is known of names before any article is read ---------------------------------------------------------------

LONG_VOWELS = re.compile(r"(?<!^)[اوي]")
_PRESS = frozenset({"وكاله", "صحيفه"})


@cache
def foreign_bones() -> frozenset[str]:
    """Return first names of other tongues, without long vowels."""
    return frozenset(LONG_VOWELS.sub("", word) for word, sort in lexicon().words.items() if sort & Sort.FOREIGN)


@cache
def agencies() -> frozenset[str]:
    """Return the words with which the names of newspapers and agencies begin: «رويترز», «فرانس برس»."""
    known = ([key_of(name).split()[0] for name in names] for names in lexicon().organisations)
    return frozenset(
        word for words in known if not _PRESS.isdisjoint(words) for word in words if len(word) > _LONG_STRANGE
    )


@cache
def club_ends() -> frozenset[str]:
    """Return the words with which several clubs' names end: «مدريد», «سيتي»."""
    ends = Counter(
        names[0].rpartition(" ")[2] for names in keys_of(lexicon().clubs) if not names[0].startswith("نادي ")
    )
    return frozenset(word for word, many in ends.items() if many > 1) | {"سبور"}


@cache
def joined_towns() -> frozenset[str]:
    """Return the towns of two words, written as one: «أبوعريش»."""
    names = (name for names in keys_of(lexicon().places) for name in names)
    return frozenset(name.replace(" ", "") for name in names if name.startswith("ابو "))


@cache
def given_in_full() -> dict[str, str]:
    """Return the first names of other tongues for which shorter ones stand: «سيب» is «جوزيف»."""
    return dict(pair.split("_") for pair in sorted(lexicon().listed["given_short"]))


def is_behind_clitic(word: str, *, least: int) -> bool:
    """Say whether a word is one of the language behind «ب» or «ل»: «بقوة», but no «بافرج»."""
    return len(word) >= least and word[0] in "لب" and word[1] != "ا" and word[1:] in lexicon().vocabulary


def is_surname(word: str) -> bool:
    """Say whether a word has the form of a tribe's or a town's people: «الغامدي»."""
    return word.startswith(ARTICLE) and word.endswith("ي")


def grown(key: str, every: Sequence[str]) -> set[str]:
    """Return the names that are a name or begin with it, of sorted ones."""
    longer = set()
    for name in islice(every, bisect_left(every, key), None):
        if name != key and not name.startswith(f"{key} "):
            break
        longer.add(name)
    return longer


def given_names(persons: Sums) -> frozenset[str]:
    """Return the words that stand before or behind «بن» in several names: first names, whoever bears them."""
    counts: dict[str, int] = defaultdict(int)
    for key, total in persons.items():
        words = key.split()
        for place, word in enumerate(words):
            if word in SONS and 0 < place == len(words) - 2:
                counts[words[place - 1]] += total.many
                counts[words[place + 1]] += total.many
    return frozenset(word for word, many in counts.items() if many >= _ENOUGH_BORNE and not word.startswith(ARTICLE))


# --- Names that a text introduces ------------------------------------------------------------------------------------
#     وزير الدفاع الأوكراني رستم عمروف،   title, words of the office, name            ─▶ person, introduced, ends here
#     وقال رستم عمروف إن                  verb and name                               ─▶ person, introduced
#     عادل بن أحمد الجبير                 a first name and what goes on as names do   ─▶ person
#     الملك سلمان بن عبدالعزيز            royal title and first name                  ─▶ person «الملك سلمان», and who it is
#     مجلس الأمن الدولي                   head word and what follows                  ─▶ organisation, one for each length
#     تنظيم داعش · نادي النصر             cue and word                                ─▶ group, club
#     مدينة كسلا · في أبها                cue, or a preposition before a listed name  ─▶ place

_CLITICS = frozenset("ولب")
_OF_PLACE = Sort.PLACE | Sort.HEAD | Sort.PLACE_CUE
_WINDOW = 12  # words in which a name that begins behind a clitic is looked for
_ALI = "علي"
_BEGINS = (  # sorts of the words with which a name begins or behind which one stands
    Sort.TITLE | Sort.SAYS | Sort.HEAD | Sort.PLACE_CUE | Sort.GROUP_CUE | Sort.CLUB_CUE | Sort.ROYAL | Sort.GIVEN | Sort.PLACE
    | Sort.NAMED_AFTER | Sort.PEOPLE | Sort.OFFICES
)  # fmt: skip
_OTHERS = (  # … what is no person
    Sort.HEAD | Sort.OFFICES | Sort.GROUP_CUE | Sort.CLUB_CUE | Sort.PLACE_CUE | Sort.PLACE | Sort.PEOPLE
)  # fmt: skip
_LONG_STRANGE = 4
_ENOUGH_BORNE = 3  # articles
_LONGEST_SPEAKER = 5
_LONGEST_NAME, _LONGEST_OFFICE, _LONGEST_CLUB = 5, 9, 3
_FATHERS = frozenset({"ابو", "ابي", "ابا", "ام", "دي", "فان", "فون", "ديل", "دا", "ذو", "ال", "بني", "با"})
GOD = "الله"
_BEHIND_OTHERS = {GOD: "of_god", "الدين": "of_faith"}
_INTO = frozenset({"في", "الي", "من", "الى"})
_CENTRES = frozenset({"مركز", "ومركز", "بمركز", "لمركز"})
_AFTER_TITLE = frozenset("./:")


def evidence(tokens: Sequence[str]) -> Found:
    """Return the names that a text introduces, by kind and key.

    Kinds: ``person``, ``organisation``, ``group``, ``club``, ``place``; ``surname`` is the last word of a person's name, ``bearer`` a
    royal name and who bears it, parted by «|».
    """
    found: Found = {}
    _speaker(tokens, found)
    until = named = 0  # a name that begins inside another is none; where the last person's name ended
    is_named_after = False  # «مكتبة الملك فهد المركزية» is no person
    for at, token in enumerate(tokens):
        sort = sort_of(token)
        is_listed = False
        if at - 1 <= named > 0:
            is_listed = at >= until and (at == named or is_comma(tokens[named]))
        if not sort & _BEGINS:
            is_named_after = False
            if (not sort or is_listed) and token[0] in _CLITICS and at >= until:
                name = given_behind(token) or (is_listed and _given_in_list(token))
                if name:
                    until = at + _person([name, *tokens[at + 1 : at + _WINDOW]], 0, found, sure=is_listed)
                    named = until if until > at else named
            continue
        if sort & Sort.ROYAL and is_named_after:
            until = at + 2
            continue
        is_named_after = bool(sort & (Sort.NAMED_AFTER | Sort.HEAD))
        end, name_end = _persons(tokens, at, found, until, is_listed=is_listed)
        until, named = max(until, end), name_end or named
        if sort & _OTHERS:
            _others(tokens, at, sort, found)
    return found


def _others(tokens: Sequence[str], at: int, sort: int, found: Found) -> None:
    """Note what else a word begins or introduces: an organisation, an office in a town, a group, a club, a place."""
    token = tokens[at]
    if sort & Sort.PEOPLE:
        _note_club_of_people(tokens, at, found)
    if sort & Sort.HEAD:
        note_organisation(tokens, at, found)
    if sort & Sort.OFFICES and at + 1 < len(tokens) and _is_town(tokens[at + 1]):
        note(found, "organisation", f"{token} {tokens[at + 1]}", ended=True)
    if sort & (Sort.GROUP_CUE | Sort.CLUB_CUE):
        note_called(tokens, at, sort, found)
    if sort & Sort.PLACE_CUE:
        _note_place(tokens, at, found)
    if sort & Sort.PLACE and at:
        _note_listed(tokens, at, found)


def _is_town(token: str) -> bool:
    """Say whether an office may be in a town of a name: not «تعليم الحد», where it goes on «الجنوبي»."""
    sort, words = sort_of(token), lexicon().vocabulary
    return sort & _OF_PLACE == Sort.PLACE and not (sort & Sort.TOWN and token.removeprefix(ARTICLE) in words)


def _note_listed(tokens: Sequence[str], at: int, found: Found) -> None:
    """Note a listed place behind a preposition, «مركز», or another place that «و» joins to it: «في الغاط والرويضة»."""
    before, token, words = tokens[at - 1], tokens[at], lexicon().words
    if token in words:
        if before in _INTO or before in _CENTRES:
            note(found, "place", token, sure=before in _CENTRES)
    elif token[0] == "و" and words.get(token[1:], 0) & Sort.PLACE and sort_of(before) & Sort.PLACE:
        note(found, "place", token[1:])


_BEFORE_NO_NAME = frozenset({"المدينه", "المحافظه", "المنطقه"})


def _note_club_of_people(tokens: Sequence[str], at: int, found: Found) -> None:
    """Note the club that stands between a word for one and the adjective of its people: «أمام أريس ليماسول القبرصي»."""
    teams, first = lexicon().listed["teams"], at
    while first > max(at - _LONGEST_CLUB, 0) and not sort_of(tokens[first - 1]) & ~Sort.PLACE & ~Sort.TOWN:
        if tokens[first - 1] in teams or tokens[first - 1].startswith((ARTICLE, "لل")):
            break
        first -= 1
    if 0 < first < at and tokens[first - 1] in teams:
        note(found, "club", " ".join(tokens[first:at]), ended=True)


def _note_place(tokens: Sequence[str], at: int, found: Found) -> None:
    """Note the place behind a word for one; an adjective may stand between: «العاصمة القطرية الدوحة»."""
    place = at + 1
    if place + 1 < len(tokens) and tokens[place].startswith(ARTICLE) and tokens[place].endswith(("يه", "يا")):
        following = sort_of(tokens[place + 1])
        if following & Sort.PLACE:
            place += 1
    if place < len(tokens):
        token = tokens[place]
        is_bare = tokens[at] in _BEFORE_NO_NAME or token.startswith(ARTICLE)
        if tokens[at].startswith(ARTICLE) and is_bare and not sort_of(token) & Sort.PLACE:
            return  # «العاصمة المقدسة»: an adjective; «المدينة بغرض»
        if not sort_of(token) & (Sort.STOP | Sort.TITLE | Sort.HEAD | Sort.ROYAL) and len(token) > 2:  # noqa: PLR2004
            note(found, "place", token, sure=True)
            if place + 1 < len(tokens) and not sort_of(tokens[place + 1]) & NO_NAME:
                note(found, "place", f"{token} {tokens[place + 1]}", sure=True)


def _speaker(tokens: Sequence[str], found: Found) -> None:
    """Note who speaks in a headline: «ناصر الجديع: …»."""
    colon = next((at for at, token in enumerate(tokens[:_LONGEST_SPEAKER]) if token == ":"), 0)  # noqa: S105  a word
    steps, _ = _chain(tokens, 0, sure=True) if colon else ([], False)
    if steps and steps[-1] == colon:
        _person(tokens, 0, found, sure=True)


def _persons(tokens: Sequence[str], at: int, found: Found, until: int, *, is_listed: bool) -> tuple[int, int]:
    """Note the person whom a word introduces, or whose first name it is; return where what was read ends, and where a name does."""
    sort, sure = sort_of(tokens[at]), True
    if sort & Sort.ROYAL:
        _royal(tokens, at, found)
    if is_listed and _is_given_in_list(tokens, at, sort):
        start = at
    elif sort & (Sort.TITLE | Sort.ROYAL) and not _has_father(tokens, at, sort):
        start = behind_quote(tokens, _behind_office(tokens, at + 1))
    elif sort & Sort.PEOPLE and _stands_for_a_man(tokens, at):
        start = behind_quote(tokens, at + 1)
    elif sort & Sort.SAYS:
        start = at + 1
    elif sort & Sort.GIVEN and at >= until and (not sort & Sort.STOP or _is_ali_somebody(tokens, at)):
        start, sure = at, False
    else:
        return 0, 0
    end = _person(tokens, start, found, sure=sure)
    return end, end if end > start else 0


def _given_in_list(token: str) -> str:
    """Return the first name behind «و» that goes on with a list of names, though it is a word, too: «وعيد سعود», «وعلي الوادعي»."""
    is_given = token[0] == "و" and lexicon().words.get(token[1:], 0) & (Sort.GIVEN | Sort.PLACE) == Sort.GIVEN
    return token[1:] if is_given else ""


def _is_given_in_list(tokens: Sequence[str], at: int, sort: int) -> bool:
    """Say whether a word behind a name and a comma is the next one's first: «صالح العمري، أمير كردي», but no «أمير منطقة القصيم»."""
    if not sort & Sort.GIVEN or at + 1 >= len(tokens):
        return False
    following = sort_of(tokens[at + 1])
    return not sort & (Sort.TITLE | Sort.WEAK) or not (following & Sort.PLACE or tokens[at + 1].startswith(ARTICLE))


def _has_father(tokens: Sequence[str], at: int, sort: int) -> bool:
    """Say whether a title is a first name here: «سلطان بن سلمان»."""
    return bool(sort & Sort.GIVEN) and at + 1 < len(tokens) and tokens[at + 1] in SONS


def _stands_for_a_man(tokens: Sequence[str], at: int) -> bool:
    """Say whether a name may follow an adjective of a people: «والبرازيلي نيمار», but no «الفريق السويسري», «المغربية السعودي»."""
    if at + 1 >= len(tokens) or sort_of(tokens[at + 1]) & (Sort.PLACE | Sort.TOWN) == Sort.PLACE:
        return False
    before = tokens[at - 1] if at else "."
    return not before.startswith((ARTICLE, "لل", "وال", "بال")) and not sort_of(before) & (Sort.HEAD | Sort.CLUB_CUE)


def _behind_office(tokens: Sequence[str], at: int) -> int:
    """Return where the words of an office end: «الدفاع الأوكراني», «منطقة الرياض», «جامعة تبوك الدكتور»."""
    last = min(at + _LONGEST_OFFICE, len(tokens))
    while at < last:
        token = tokens[at]
        if token in _AFTER_TITLE and at + 1 < last and tokens[at - 1] != token:
            at += 1
            continue
        sort = sort_of(token)
        if _has_father(tokens, at, sort):
            break  # «الأمير سلطان بن سلمان»
        if token == "في" and at + 1 < last and sort_of(tokens[at + 1]) & (Sort.PLACE | Sort.GIVEN) == Sort.PLACE:  # noqa: S105  a word
            at += 2  # «وزير الإدارة المحلية في اليمن عبدالرقيب فتح»
            continue
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
    if at < len(tokens) and not sort_of(tokens[at]) & Sort.GIVEN and is_vocabulary(tokens[at]):
        return at  # «خيار قاس»
    steps, is_whole = _chain(tokens, at, sure=sure)
    if len(steps) < 2:  # noqa: PLR2004  one word alone: of use where it is a surname that speaks
        if sure and steps and is_whole and len(tokens[at]) > LEAST_LETTERS + 1:
            note(found, "surname", tokens[at])
        return at
    if not sure and not _goes_on_as_names_do(tokens, at, steps):
        if sort_of(tokens[at]) & Sort.WEAK or len(tokens[steps[0]]) <= LEAST_LETTERS:
            return at
        steps, is_whole = steps[:2], is_whole and len(steps) == 2  # noqa: PLR2004  «أسامة هوساوي»: many such make a name
    for place, end in enumerate(steps[1:], start=1):
        key = " ".join([tokens[at], *("بن" if word == "ابن" else word for word in tokens[at + 1 : end])])
        note(found, "person", key, sure=sure, ended=is_whole and place == len(steps) - 1)
    last = tokens[steps[-1] - 1]
    if not sort_of(last) & Sort.GIVEN:
        note(found, "surname", last, sure=True)
    return steps[-1]


def _chain(tokens: Sequence[str], at: int, *, sure: bool = False) -> tuple[list[int], bool]:
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
            if token in _BEHIND_OTHERS:
                steps[-1] = at
            else:
                steps.append(at)
            continue
        if steps and _ends_name(tokens, at, sort, len(steps)):
            return [*steps, at + 1], True
        is_name = _may_be_name(token, sort) and not (_is_prayed(tokens, at) if steps else _begins_no_name(token))
        if not is_name and len(steps) == 1 and _may_be_strange_surname(tokens, at, sort):
            return [*steps, at + 1], at + 1 >= size or bool(sort_of(tokens[at + 1]) & Sort.STOP)
        if not is_name or (sort & Sort.END and not _is_ali(tokens, at, len(steps), sure=sure)):
            break
        at += 1
        steps.append(at)
        if token.startswith(ARTICLE) and len(token) > 3 and len(steps) > 1:  # noqa: PLR2004
            if at < size and (tokens[at] in SONS or _is_surname_like(tokens[at])):
                continue
            return steps, True
        strange += not sort & Sort.GIVEN
        if strange > 2:  # noqa: PLR2004  three words that nobody knows are hardly all of them a name
            break
    is_whole = at >= size or bool(sort_of(tokens[at]) & Sort.STOP) or bool(given_behind(tokens[at]))
    return steps, is_whole or _is_prayed(tokens, at)


def _joined(tokens: Sequence[str], at: int, *, is_first: bool) -> int:
    """Return how many words from here are one part of a name: «بن أبي طالب», «أبو مازن», «الله» behind «نصر»; 0: none."""
    word = tokens[at]
    if word in _BEHIND_OTHERS and not is_first and tokens[at - 1] in lexicon().listed[_BEHIND_OTHERS[word]]:
        return 1
    if at + 1 >= len(tokens) or (sort_of(tokens[at + 1]) & Sort.STOP and tokens[at + 1] != _ALI):
        return 0
    if word in SONS and not is_first:
        return 3 if tokens[at + 1] in _FATHERS and at + 2 < len(tokens) else 2
    return 2 if word in _FATHERS else 0


def _is_ali(tokens: Sequence[str], at: int, steps: int, *, sure: bool) -> bool:
    """Say whether a word that folds to «على» is the name: behind one first name, before another, or a surname where one is introduced."""
    following = tokens[at + 1] if at + 1 < len(tokens) else "."
    if not steps and tokens[at] == _ALI and (_is_surname_like(following) if sure else _is_ali_somebody(tokens, at)):
        return True
    is_addressed = not steps and at > 0 and tokens[at] == _ALI and bool(sort_of(tokens[at - 1]) & Sort.TITLE)
    if is_addressed and following.startswith(ARTICLE) and not sort_of(following):
        return True  # «الدكتور علي السواط»; whether it is «على الجهود», the archive tells
    return steps == 1 or (not steps and (following in SONS or sort_of(following) & Sort.GIVEN == Sort.GIVEN))


def _is_ali_somebody(tokens: Sequence[str], at: int) -> bool:
    """Say whether «علي» may be the name where nobody is introduced: a surname with the article ends behind it, «علي العلياني»."""
    following = tokens[at + 1 : at + 3]
    return (
        tokens[at] == _ALI
        and len(following) > 1
        and _is_surname_like(following[0])
        and not sort_of(following[0])
        and not following[1].startswith(ARTICLE)
    )


def is_anybodys(tokens: Sequence[str], at: int, name: str) -> bool:
    """Say whether a first name is not that of who goes by it: «لصالح», «وصالح القميزي», «عمر صالح»."""
    behind = sort_of(tokens[at + 1]) if at + 1 < len(tokens) else Sort.STOP
    is_behind_name = at > 0 and bool(sort_of(tokens[at - 1]) & Sort.GIVEN)
    return tokens[at] not in {name, f"و{name}"} or not behind & Sort.STOP or is_behind_name


def acts_first(tokens: Sequence[str], end: int) -> bool:
    """Say whether a verb stands behind the words that begin a headline or text: «الفتح يبدأ تدريباته»."""
    return end < len(tokens) and tokens[end][0] in "يت" and sort_of(tokens[end]) == Sort.STOP


def _is_prayed(tokens: Sequence[str], at: int) -> bool:
    """Say whether a word behind a name begins a prayer for who bears it: «عبدالعزيز طيب الله ثراه»."""
    is_weak = bool(sort_of(tokens[at]) & Sort.WEAK)
    return is_weak and tokens[at + 1 : at + 2] == [GOD] and tokens[at] not in lexicon().listed["of_god"]


def _begins_no_name(token: str) -> bool:
    is_definite = token.startswith(ARTICLE) and token not in _DEFINITE_NAMES
    return token in SONS or (is_definite and not sort_of(token) & Sort.GIVEN)


_DEFINITE_NAMES = frozenset({"الوليد", "البرا", "الحسن", "الحسين", "الجوهره", "العنود", "الملا", "الفيس"})


def _may_be_name(token: str, sort: int) -> bool:
    if sort & Sort.GIVEN:
        return True
    return not sort & NO_NAME and len(token) > LEAST_LETTERS - 1 and not token.startswith(("لل", "و", "بال", "فال"))


def _may_be_strange_surname(tokens: Sequence[str], at: int, sort: int) -> bool:
    """Say whether a word behind a first name that looks like a verb, or like «و» and a word, may be a surname: «ترامب», «وليامز»."""
    token = tokens[at]
    if sort_of(tokens[at - 1]) & (Sort.GIVEN | Sort.WEAK | Sort.STOP) != Sort.GIVEN or len(token) < _LONG_STRANGE:
        return False
    if sort == Sort.STOP:
        return token not in lexicon().words and token[0] in "يت"
    if token.startswith(("وال", "فال")):  # «راداميل فالكاو», «ثيو والكوت»
        return not sort and bool(sort_of(tokens[at - 1]) & Sort.FOREIGN) and len(token) > _LONG_STRANGE + 1
    return not sort and token[0] == "و" and not given_behind(token)


_TITLED = Sort.TITLE | Sort.PEOPLE | Sort.OFFICE


def _ends_name(tokens: Sequence[str], at: int, sort: int, steps: int) -> bool:
    """Say whether a word is a surname that is a word, too: a people's, or behind one first name a title with which nothing goes on.

    «منصور التركي», «عثمان الصيني», «إبراهيم النقيب».
    """
    if sort & Sort.DEMONYM and sort_of(tokens[at - 1]) & Sort.GIVEN:
        return True
    if steps > 1 or not sort & _TITLED or not tokens[at].startswith(ARTICLE):
        return False
    first = sort_of(tokens[at - 1])
    following = tokens[at + 1] if at + 1 < len(tokens) else "."
    is_end = bool(sort_of(following) & (Sort.END | Sort.SAYS)) or bool(given_behind(following))
    return is_end and first & (Sort.GIVEN | Sort.WEAK | Sort.STOP | Sort.TITLE) == Sort.GIVEN


def _is_surname_like(token: str) -> bool:
    return token.startswith(ARTICLE) and token.endswith("ي") and len(token) > 4 and not sort_of(token) & NO_NAME  # noqa: PLR2004


def _goes_on_as_names_do(tokens: Sequence[str], at: int, steps: Sequence[int]) -> bool:
    """Say whether what follows a first name is a name's: «بن», another first name, a surname with the article."""
    following = tokens[steps[0]]
    if following in SONS or following in _FATHERS or sort_of(following) & Sort.GIVEN:
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
            note(found, "bearer", f"{' '.join(_CUSTODIAN)}|{' '.join(tokens[at + 1 : end])}")
    note(found, "person", key, sure=True, ended=len(steps) == 1 and is_whole)
    for end in steps[1:2]:
        note(found, "bearer", f"{key}|{' '.join(tokens[at + 1 : end])}")


# --- What the articles that are read now say of names, added to what earlier ones said ---------------------------------

_AT_ONCE = 30_000  # phrases that are added up before they are written


class Reading:
    """What the articles that are read now say of names; `add` each, then `write`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._sums: dict[tuple[str, str], list[int]] = {}
        self._words: Counter[str] = Counter()
        self._is_less = False

    def add(self, article: Article, number: int, before: Sequence[str] | None) -> list[Text]:
        """Note what an article says, in the place of the words that it had ``before``; return its words."""
        parts = parts_of(article)
        if before is not None:
            self._count(before, -1)
        self._count(joined(parts), 1)
        self._connection.execute("DELETE FROM own WHERE n = ?", [number])
        own = {key_of(tag): " ".join(tag.split()) for tag in article.tags if slug_of(tag)}
        rows = [(key, number, shown) for key, shown in own.items() if key]
        self._connection.executemany("INSERT INTO own VALUES (?, ?, ?)", rows)
        if len(self._sums) > _AT_ONCE:
            self.write()
        return parts

    def _count(self, tokens: Sequence[str], sign: int) -> None:
        sums = self._sums
        if sign > 0:
            self._words.update(set(tokens))
        else:
            self._words.subtract(set(tokens))
            self._is_less = True
        for key, seen in evidence(tokens).items():
            total = sums.get(key)
            if total is None:
                total = sums[key] = [0, 0, 0]
            total[0] += sign
            total[1] += sign * seen.sure
            total[2] += sign * seen.ended

    def write(self) -> None:
        """Add what was noted to what earlier articles said."""
        rows = [(*key, *total) for key, total in sorted(self._sums.items()) if any(total)]
        self._connection.executemany(
            "INSERT INTO phrase VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET many = many + excluded.many,"
            " sure = sure + excluded.sure, ended = ended + excluded.ended",
            rows,
        )
        words = [(word, many) for word, many in sorted(self._words.items()) if many and word[0].isalnum()]
        self._connection.executemany(
            "INSERT INTO word VALUES (?, ?) ON CONFLICT DO UPDATE SET many = many + excluded.many", words
        )
        if self._is_less:  # an article was edited
            self._connection.execute("DELETE FROM phrase WHERE many <= 0")
            self._connection.execute("DELETE FROM word WHERE many <= 0")
        self._sums.clear()
        self._words.clear()
        self._is_less = False
