"""Organisations, groups and clubs: what is known of them before any article is read, and which phrases of an archive name one.

وزارة الحج · هيئة الأمر بالمعروف     but no «شرطة الضرائب الإيطالية نصف المال», «صندوق لحماية الودائع»
تنظيم داعش · أريس ليماسول القبرصي · البرلمان الفرنسي · جامعة هارفارد
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING

from archive.site.topics import (
    LINEAGE,
    LINKS,
    NONE,
    QUOTES,
    SHARE_ENDED,
    SHARE_OF_WORD,
    SHARE_WITH_ARTICLE,
    STEPS,
    Entry,
    Sort,
    Sum,
    Usage,
    children_of,
    is_common,
    is_nationality,
    is_nisba,
    is_vocabulary,
    lexicon,
    sort_of,
    stems,
)
from archive.text import ARTICLE, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from archive.site.topics import Sums

# --- What is known -------------------------------------------------------------------------------------------------------


def known_entries() -> list[Entry]:
    """Return the organisations, clubs and persons of the lexicon, in other spellings, too."""
    entries = list(map(_known_entry, lexicon().organisations))
    by_name = {name: entry for entry in entries for name in entry.names}
    for name, cues, whole in lexicon().press:
        called = [f"{cue} {key_of(name)}" for cue in cues]
        if whole not in by_name:
            entries.append(Entry(called[0], "organisation"))
        entry = by_name.get(whole, entries[-1])
        entry.names.update(called)
        entry.shorts[key_of(name)], entry.company = True, "press"
    for names in keys_of(lexicon().clubs):
        words = {word for word in names if names[0].startswith(_CLUB) and " " not in word}
        calls = {f"{cue} {word}" for cue in CLUB_WORDS for word in words}
        calls |= {f"النادي {name.removeprefix(_CLUB)}" for name in names if name.startswith(f"{_CLUB}{ARTICLE}")}
        calls |= {f"{_CLUB}{name}" for name in names if not names[0].startswith(_CLUB) and " " not in name}
        shorts = dict.fromkeys(sorted(words), True)
        company = "club" if words & lexicon().clubs_doubtful else "sport" if words else ""
        entries.append(Entry(names[0], "organisation", {*names} - words | calls, shorts, company))
    for entry in entries:
        if entry.key.startswith(_ARRANGED) and entry.key.count(" ") == 1:
            # «القاعدة» is a base where the group is not named in full
            entry.shorts[entry.key.removeprefix(_ARRANGED)], entry.company = False, "group"
            entry.near = tuple(sorted(lexicon().listed["groups_near"]))
    entries += [
        Entry(f"شركه {share}", "organisation", {f"شركه {share}"}, {share: True}, "market")
        for share in sorted(lexicon().listed["shares_known"])
    ]
    entries += [Entry(names[0], "person", {*names}) for names in keys_of(lexicon().persons)]
    for entry in entries:
        entry.names |= {name.replace("غ", "ج") for name in entry.names if len(name) >= _LONG}  # «مورجان ستانلي»
    return entries


def _known_entry(names: tuple[str, ...]) -> Entry:
    """Return a listed organisation; what begins with «~» names it only where the article names it in full, too."""
    full = [key_of(name) for name in names if name[0] != "~"]
    full += [ARTICLE + name for name in full if name in lexicon().listed["with_article"]]
    return Entry(full[0], "organisation", set(full), {key_of(name): False for name in names if name[0] == "~"})


def homonyms(entries: Mapping[str, Entry], written: Callable[[str], int]) -> list[Entry]:
    """Return what shares a short name with others.

    Where no company tells, an entry that has the name already is meant, else the one whose company the archive writes most of.
    """
    others: dict[str, Entry] = {}
    usual: dict[str, tuple[tuple[bool, int], Entry]] = {}
    for kind, short, names, near in lexicon().homonyms:
        keys = list(map(key_of, names))
        is_club = kind == "organisation" and " " not in short  # «الهلال الأحمر» is none
        is_doubtful = key_of(short) in lexicon().clubs_doubtful
        company = ("club" if is_doubtful else "sport") if is_club else kind if kind in {"group", "person"} else ""
        if kind == "place" and is_nisba(key_of(short)):
            company = "place"  # «الشرقية» is mostly an adjective
        shorts = [short, *(f"{cue} {short}" for cue in CLUB_WORDS if is_club)]
        entry = entries.get(keys[0])
        if entry is None:
            entry = others[keys[0]] = Entry(keys[0], _KINDS.get(kind, kind), set(keys), company=company)
        entry.near, entry.company = near, entry.company or company
        if kind == "person" and keys[0].count(" ") > 1:
            shorts.append(f"{keys[0].partition(' ')[0]} {short}")  # «علي صالح»
        for name in {*shorts} - entry.names:
            entry.shorts.setdefault(name, False)
        many = (short in entry.names or entry.shorts[short], sum(map(written, near)))
        usual[short] = max(usual.get(short, ((False, -1), entry)), (many, entry), key=itemgetter(0))
    for short, (_, entry) in usual.items():
        entry.shorts |= {name: True for name in entry.shorts if name.endswith(short)}
    return list(others.values())


_KINDS = {"group": "organisation"}  # what a homonym is, by what it is listed as


@cache
def spelled_homonyms() -> dict[str, str]:
    """Return how the names are spelled that articles mostly write in short, by their words folded: «صحيفة الحياة», «محافظة الجوف»."""
    known = lexicon()
    spelled = [name for names in (*known.clubs, *known.organisations) for name in names]
    spelled += [
        f"{cue} {name}" for names in known.places for name in names if key_of(name) in known.doubtful for cue in PLACES
    ]
    spelled += [
        f"{cue} {name}" for name, _, _ in known.press for cue in ("صحيفة", "جريدة", "قناة", "شبكة", "وكالة", "مجلة")
    ]
    return {key_of(name): name for name in (*spelled, *(each.names[0] for each in known.homonyms))}


PLACES = ("محافظة", "مدينة", "بلدة", "قرية", "ولاية")


@cache
def known_keys() -> frozenset[str]:
    """Return the keys of what is known before any article is read."""
    return frozenset(entry.key for entry in known_entries())


# --- What a text says of them --------------------------------------------------------------------------------------------

NO_NAME = Sort.STOP | Sort.TITLE | Sort.HEAD | Sort.SAYS | Sort.OFFICE | Sort.PLACE_CUE | Sort.GROUP_CUE
_TOWNS = frozenset({"مدينه", "المدينه", "برنامج", "جايزه", "ملعب", "استاد", "كليه", "مدرسه"})
_LONGEST_ORGANISATION = 6  # words


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


def note(found: Found, kind: str, key: str, *, sure: bool = False, ended: bool = False) -> None:
    """Note that a text takes a phrase for a name of a kind."""
    seen = found.get((kind, key))
    if seen is None:
        found[kind, key] = Evidence(sure, ended)
    else:
        seen.sure, seen.ended = seen.sure or sure, seen.ended or ended


def behind_quote(tokens: Sequence[str], at: int) -> int:
    """Return the place behind a quotation mark, if one stands here."""
    return at + (at < len(tokens) and tokens[at] in QUOTES)


def note_organisation(tokens: Sequence[str], at: int, found: Found) -> None:
    """Note the organisation that begins here, in each length that its name may have."""
    words = lexicon().words
    head = next((form for form in stems(tokens[at]) if words.get(form, 0) & Sort.HEAD), tokens[at])
    if head.startswith(ARTICLE) and at and tokens[at - 1].startswith(ARTICLE):
        return  # «الشؤون البلدية والقروية»
    if head in _TOWNS and not (at + 1 < len(tokens) and sort_of(tokens[at + 1]) & Sort.ROYAL):
        return  # «مدينة الملك عبدالعزيز للعلوم», but no town
    key, place, is_whole = head, behind_quote(tokens, at + 1), False
    is_quoted = place > at + 1
    for _ in range(_LONGEST_ORGANISATION):
        if place >= len(tokens):
            is_whole = True
            break
        token = tokens[place]
        sort = sort_of(token)
        is_definite = token.startswith((ARTICLE, "لل", "وال", "بال")) and len(token) > 3  # noqa: PLR2004
        is_link = token in LINKS and place + 1 < len(tokens) and tokens[place + 1].startswith(ARTICLE)
        is_stop = sort & Sort.STOP and not is_definite and token not in lexicon().listed["nations"]
        if not is_link and (sort & (Sort.END | Sort.SAYS) or is_stop):
            is_whole = True
            break
        if sort & Sort.TITLE and not sort & (Sort.ROYAL | Sort.GIVEN) and place > at + 1:
            is_whole = True
            break
        key = f"{key} {token}"
        place += 1
        if not is_link:
            note(found, "organisation", key)
    if is_whole and key != head:
        note(found, "organisation", key, sure=is_quoted, ended=True)


_ARMED = tuple("تنظيم جماعه مسلحي ميليشيا ميليشيات مليشيا مليشيات متمردي مقاتلي".split())  # noqa: SIM905  «حركة الرياح» is none


def note_called(tokens: Sequence[str], at: int, sort: int, found: Found) -> None:
    """Note the group or the club that a cue names."""
    place = at + 1
    while place < len(tokens) and tokens[place] in QUOTES:
        place += 1
    if place >= len(tokens):
        return
    token = tokens[place]
    of = sort_of(token)
    if len(token) <= 2 or of & (NO_NAME | Sort.CLUB_CUE | Sort.GIVEN) or token.startswith(("لل", "وال")):  # noqa: PLR2004
        return
    is_any = token.startswith(ARTICLE) and place == at + 1 and not tokens[at].endswith(_ARMED)
    following = tokens[place + 1] if place + 1 < len(tokens) else "."
    is_cut = not tokens[at].endswith(_ARMED) and not following.startswith(ARTICLE) and not sort_of(following)
    if is_cut and sort & Sort.GROUP_CUE:
        return  # «شركة رويال داتش شل»
    if sort & Sort.GROUP_CUE and not of & Sort.PLACE and not is_any:
        note(found, "group", token, sure=place > at + 1)
    if sort & Sort.CLUB_CUE:
        note(found, "club", token, sure=bool(sort & Sort.HEAD))


# --- What an archive shows -----------------------------------------------------------------------------------------------


class Organisations:
    """Decides which phrases name one; see `archive.site.topics.entries.Judge`.

    Args:
        sums: what articles say of phrases, by kind of evidence.
        usage: how the archive uses words.
        is_given: whether a word is a first name.
        taken: the names that others have already.
    """

    def __init__(
        self, sums: Mapping[str, Sums], usage: Usage, is_given: Callable[[str], bool], taken: AbstractSet[str]
    ) -> None:
        self._sums, self._usage, self._is_given, self._taken = sums, usage, is_given, taken
        self._written = usage.written

    def organisations(self) -> list[Entry]:
        """Return what begins with a word for an organisation, in the longest form that is its name."""
        sums = {key: total for key, total in self._sums.get("organisation", {}).items() if total.many >= _ENOUGH}
        children = children_of(sums)
        whole: dict[str, str] = {}
        entries: dict[str, Entry] = {}
        for key in sorted(
            sums, key=lambda each: (-len(each.split()), each)
        ):  # the longest first: a cut leads to what it is cut from
            best = max(children.get(key, ()), key=lambda child: (sums[child].many, child), default=None)
            if best in whole and sums[best].many > _SHARE_OF_LONGER_ORGANISATION * sums[key].many:
                whole[key] = whole[best]
                if self._may_be_short(key) or self._is_site_of(whole[best], key):
                    entries[whole[best]].names.add(key)
            elif _is_quoted(key.split(), sums[key]) or (
                (sums[key].sure or not key.startswith(_ARRANGED))
                and is_organisation(key.split(), sums[key].many, sums[key].ended / sums[key].many, self._usage)
            ):
                whole[key] = key
                is_site = key.partition(" ")[0].removeprefix(ARTICLE) in lexicon().listed["sites"]
                entries[key] = entry = Entry(key, "place" if is_site else "organisation", {key})
                head, _, rest = key.partition(" ")
                if head in lexicon().listed["named_by_a_word"] and not rest.startswith(ARTICLE):
                    self._name_alone(entry, rest, sums[key])
        for key in [each for each in entries if "اميرك" in each]:
            if (other := key.replace("اميرك", "امريك")) in entries:
                entries[other].names |= entries.pop(key).names
        named = entries.keys() | self._taken
        _join_own(entries, self._written)
        kept = {key: entry for key, entry in entries.items() if self._is_of_its_own(key, named, sums)}
        for key in [*kept]:
            first, second, *others = key.split()
            shorter = " ".join([first, *others]) if second in _REGIONS else key.rpartition(" ")[0]
            if shorter in kept and (second in _REGIONS or self._is_site_of(key, shorter)):
                kept[shorter].names |= kept.pop(key).names  # «أمانة منطقة الرياض»
        return list(kept.values())

    def _is_of_its_own(self, key: str, named: AbstractSet[str], sums: Mapping[str, Sum]) -> bool:
        """Say whether an organisation is none that has a name already, with a word more: «داعش الإرهابي», «شركة سوني»."""
        if _is_another(key):
            return True
        known, shorter, behind_head = _known_names(), key.rpartition(" ")[0], key.partition(" ")[2]
        is_known = behind_head in known and " " not in behind_head
        is_known |= shorter in self._taken or key.removeprefix(_ARRANGED) in known
        return not is_known and not is_grown(key, named, sums)

    @staticmethod
    def _name_alone(entry: Entry, name: str, total: Sum) -> None:
        """Let an organisation be named without its head, too, by two words, or by one between quotation marks: «فوكوس»."""
        if " " in name and not any(sort_of(word) or word.startswith(ARTICLE) for word in name.split()):
            entry.names.add(name)
        elif " " not in name and total.sure and not sort_of(name):
            entry.shorts, entry.company = {name: True}, "press"

    @staticmethod
    def _is_site_of(key: str, shorter: str) -> bool:
        """Say whether a shorter name is all that tells a site from others: «مطار عدن الدولي», «منتزه الردف العام»."""
        is_site = key.partition(" ")[0] in lexicon().listed["sites"] and " " in shorter
        return is_site and key in {f"{shorter} {word}" for word in _OF_SITES}

    @staticmethod
    def _may_be_short(key: str) -> bool:
        """Say whether a cut name names the whole: «هيئة الأمر» does, «وكالة الأنباء» is any country's."""
        words = key.split()
        return len(words) > 1 and words[0] in ALWAYS_NAMES and not sort_of(words[-1]) & (Sort.ROYAL | Sort.OFFICE)

    def groups(self) -> list[Entry]:
        """Return the groups and companies that a word for one names: «تنظيم داعش»."""
        entries = []
        begun = {name.partition(" ")[0] for names in keys_of(lexicon().organisations) for name in names if " " in name}
        begun |= {each.short for each in lexicon().homonyms}  # «بحماس» is of no group
        for word, total in sorted(self._sums.get("group", {}).items()):
            if word in begun or sort_of(word) or self._is_given(word) or len(word) < _LEAST_GROUP:
                continue
            written = max(sum(map(self._written, (word, f"و{word}", f"ب{word}", f"ل{word}"))), 1)
            is_plain = total.sure > 1 and 2 * total.sure >= written >= _ENOUGH  # twice in quotes, and hardly elsewhere
            if total.many < _ENOUGH and not is_plain:
                continue
            least = _SHARE_OF_GROUP_DEFINITE if word.startswith(ARTICLE) else _SHARE_OF_GROUP
            is_quoted = total.sure * 10 >= total.many
            is_noun = not word.startswith(ARTICLE) and self._written(ARTICLE + word) > SHARE_WITH_ARTICLE * written
            is_noun |= is_common(word) and 2 * total.sure < written
            if (
                total.many < least * written
                or not (is_quoted or word.startswith(ARTICLE))
                or word.endswith("ه")
                or is_noun
            ):
                continue
            names = {word, *(f"{cue} {word}" for cue in _GROUP_WORDS)}
            if word.startswith(ARTICLE) and word.endswith("ي"):
                names |= {f"{word}ين", f"{word}ون", f"{word}ه"}
            entries.append(Entry(word, "organisation", names))
        return entries

    def clubs(self) -> list[Entry]:
        """Return the clubs that «نادي» names, and those whose people is said."""
        entries = self._clubs_abroad()
        clubs, places = self._sums.get("organisation", {}), self._sums.get("place", {})
        children = children_of(clubs)
        by_themselves = _clubs_by_themselves()
        for word, total in sorted(self._sums.get("club", {}).items()):
            key = f"نادي {word}"
            of_club = clubs.get(key)
            if total.many < _ENOUGH_CLUB or total.sure < _ENOUGH or of_club is None or of_club.many < _ENOUGH:
                continue
            if total.many < SHARE_OF_WORD * self._written(word) or word in by_themselves:
                continue  # «نادي تشيلسي» is «تشيلسي»
            longest = max((clubs[child].many for child in children.get(key, ())), default=0)
            if longest > _SHARE_OF_LONGER_ORGANISATION * of_club.many:
                continue  # «نادي ريال» is «نادي ريال مدريد»
            names = {key, f"النادي {word}", f"فريق {word}"} if word.startswith(ARTICLE) else {key, f"فريق {word}"}
            place = places.get(word, NONE)
            shorts = {word: True} if total.many >= _SHARE_OF_CLUB * place.many else {}
            entries.append(Entry(key, "organisation", names, shorts, "sport" if shorts else ""))
        return entries

    def _clubs_abroad(self) -> list[Entry]:
        """Return the clubs that the adjective of their people follows: «أريس ليماسول القبرصي»; a word alone is one among words of sport."""
        entries = []
        by_themselves = _clubs_by_themselves()
        tails = {name.partition(" ")[2] for names in keys_of(lexicon().clubs) for name in names}  # of «أريس ليماسول»
        for key, total in sorted(self._sums.get("club", {}).items()):
            words = key.split()
            if key in tails or key in by_themselves:
                continue
            rarest = max(min(map(self._written, words)), 1)
            if total.ended < _ENOUGH or total.ended < _SHARE_OF_CLUB_ABROAD * rarest or self._is_given(words[0]):
                continue
            usage = self._usage
            if any(is_vocabulary(word) or usage.is_inflected(word) or usage.is_joined(word) for word in words):
                continue  # «على حساب فيورنتينا الإيطالي»
            names = {f"{cue} {key}" for cue in CLUB_WORDS}
            entry = Entry(f"{_CLUB}{key}", "organisation", names)
            if len(words) == 1:
                entry.shorts, entry.company = {key: True}, "club" if sort_of(key) & Sort.PLACE else "sport"
            else:
                entry.names.add(key)
            entries.append(entry)
        return entries


@cache
def _known_names() -> frozenset[str]:
    """Return the names of known organisations, and of known clubs that need no word for one."""
    organisations = {name for names in keys_of(lexicon().organisations) for name in names}
    return frozenset(organisations | _clubs_by_themselves())


def _clubs_by_themselves() -> set[str]:
    """Return the known clubs that need no word for one: «تشيلسي»."""
    return {name for names in keys_of(lexicon().clubs) if not names[0].startswith(_CLUB) for name in names}


_FEDERATION = "الاتحاد"
_ARRANGED = "تنظيم "  # a group, or that somebody arranges something: «تنظيم فعاليات العيد»
_ENOUGH, _ENOUGH_CLUB = 3, 5  # articles
_SHARE_OF_LONGER_ORGANISATION = 0.6
_SHARE_OF_CLUB = 0.3  # of the articles that name the town of the same name
_SHARE_OF_CLUB_ABROAD = 0.2  # of the articles that have its rarest word
_SHARE_OF_GROUP, _SHARE_OF_GROUP_DEFINITE = 0.1, 0.25
_LEAST_GROUP, _LONG = 4, 6  # letters
_CLUB = "نادي "
CLUB_WORDS = ("نادي", "فريق", "النادي")
_GROUP_WORDS = ("تنظيم", "مجموعه", "حركه", "جماعه", "شركه", "ميليشيا", "ميليشيات", "مليشيات", "مليشيا", "حزب")


def _join_own(entries: dict[str, Entry], written: Callable[[str], int]) -> None:
    """Join «وزارة العمل السعودية» to «وزارة العمل» where most of the archive is written in that land."""
    peoples = {f"{word}ه" for word in lexicon().listed["peoples_definite"]}
    own = max(sorted(peoples), key=written)
    for key in [each for each in entries if each.startswith("وزاره ") and each.endswith(f" {own}")]:
        if (shorter := key.rpartition(" ")[0]) in entries:
            entries[shorter].names |= entries.pop(key).names


def _is_another(key: str) -> bool:
    """Say whether it is another body than the one of a part of its name: «وزارة الدفاع الأميركية», «الاتحاد السعودي للرياضات الجوية»."""
    head, second, *rest = key.split()
    if head == _FEDERATION:
        return is_nationality(second) and "".join(rest[:1]).startswith("لل")
    return head == "وزاره" and key.endswith("يه") and is_nationality((second, *rest)[-1])


# --- Longer and shorter phrases -------------------------------------------------------------------------------------------


@cache
def keys_of(lists: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """Return the folded words of listed names."""
    return tuple(tuple(map(key_of, names)) for names in lists)


def is_grown(key: str, accepted: AbstractSet[str], sums: Mapping[str, Sum]) -> bool:
    """Say whether a name is a far commoner one with a word more: «داعش الإرهابي»; «آل سعود» and a surname are more than that."""
    shorter = key.rpartition(" ")[0]
    while " " in shorter:
        if shorter in accepted and sums.get(shorter, NONE).many > _TIMES_SHORTER * sums[key].many:
            return not is_lineage(shorter, key)
        shorter = shorter.rpartition(" ")[0]
    return False


def is_lineage(key: str, longer: str) -> bool:
    """Say whether a longer name goes on with a father or «آل»."""
    return longer[len(key) + 1 :].split(maxsplit=1)[0] in LINEAGE


_TIMES_SHORTER = 3


# --- Where the name of an organisation ends -------------------------------------------------------------------------------

ALWAYS_NAMES = frozenset(
    "وزاره هييه جامعه منظمه حزب رابطه اماره امانه جمعيه موسسه ديوان حلف تيار ايتلاف حرس".split()  # noqa: SIM905
)
_OF_NAMES = frozenset({"بالمعروف", "الامام", "الشيخ", "العلما", "علما", "الخبرا", "الاطبا", "ذوي"})
_REGIONS = frozenset({"منطقه", "محافظه", "مدينه", "ولايه"})  # «إمارة منطقة نجران»
_DEFINITE, _JOINED = (ARTICLE, "لل", "وال"), ("وال", "بال", "لل")
_NO_ARTICLE = frozenset({"الماني", "المانيه", "العاب", "الكترونيه", "الكتروني", "الفين"})  # «ألماني»
_OF_SITES = ("الدولي", "العام", "الكبير", "الشريف")
_OF_STATE = frozenset({"وزاره", "امانه", "اماره", "بلديه", "شرطه"})
_SEVERAL = frozenset({"الخطوط", "الامم", "المحاكم"})
_SHORT = 4  # letters of «الحج», which ends a name directly behind its head alone
_SHARE_OF_PROPER, _LEAST_PROPER, _SHARE_ENDED_PROPER = 0.3, 4, 0.4
_FEW_NOUNS, _SHARE_ENDED_NOUN, _SHARE_ENDED_SITE = 4, 0.75, 0.5


def is_organisation(words: Sequence[str], many: int, ended: float, usage: Usage) -> bool:
    """Say whether a phrase that begins with a word for one is an organisation's name; ``ended``: in which share of its articles it ends so."""
    head, last, listed = words[0], words[-1], lexicon().listed
    bare = head.removeprefix(ARTICLE)
    if ended < SHARE_ENDED or _is_more(words, bare):
        return False
    is_told = len(words) == 2 and _is_told_by_its_last(words, many, ended)  # noqa: PLR2004
    if is_told or _is_proper(words, many, ended, usage):
        return True
    if head in listed["national_only"] or not _is_definite(last, len(words)):
        return False
    is_part = all(_is_part(words, place, usage) for place in range(1, len(words)))
    if not is_part or sort_of(last) & (Sort.HEAD | Sort.PLACE_CUE) or not _may_follow(head, bare, words[1]):
        return False
    if len(words) > 2:  # noqa: PLR2004
        return head == bare or words[1].startswith(ARTICLE)
    is_definite = bool(sort_of(head) & Sort.DEFINITE) and last.startswith(ARTICLE)
    return (
        is_definite
        if head != bare
        else bare in ALWAYS_NAMES or (bare not in {"مركز", "مديريه"} and bool(sort_of(last) & Sort.PLACE))
    )


def _is_more(words: Sequence[str], bare: str) -> bool:
    """Say whether a phrase has a word that is no part of the name, or only begins one; ``bare``: its head without the article."""
    head, *names, last = words
    listed = lexicon().listed
    if bare in listed["sites"] and any(word.startswith(_JOINED) for word in words[1:]):
        return True  # «حي البجيري والدرعية»
    if head in _OF_STATE and any(word.startswith("لل") for word in words):
        return True  # «وكيل وزارة الصحة للخدمات العلاجية»
    is_title = not names and last in _OF_NAMES and bool(sort_of(last) & Sort.TITLE)  # «جامع الإمام»
    return is_title or not listed["no_part"].isdisjoint(words[1:]) or last in listed["no_last"] | STEPS


def _is_quoted(words: Sequence[str], total: Sum) -> bool:
    """Say whether a word between quotation marks names what stands before it, mostly: «جمعية «كفى»»."""
    is_named = len(words) == 2 and words[0] in lexicon().listed["named_by_a_word"]  # noqa: PLR2004
    return is_named and 2 * min(total.sure, total.ended) >= total.many


def _is_told_by_its_last(words: Sequence[str], many: int, ended: float) -> bool:
    """Say whether it is the body of a nation, «البرلمان الفرنسي», an office in a town, or ends with a noun: «مستشفى العيون»."""
    (head, last), listed = words, lexicon().listed
    if head in listed["national"] and is_nationality(last):
        return True
    if head in listed["national_only"] or head in listed["offices"]:
        return bool(sort_of(last) & Sort.PLACE)
    if not last.startswith(ARTICLE):
        return False
    if head in listed["sites"]:
        return ended >= _SHARE_ENDED_SITE  # «حي السفارات»
    return head in listed["named_by_a_noun"] and many > _FEW_NOUNS and ended >= _SHARE_ENDED_NOUN


def _is_proper(words: Sequence[str], many: int, ended: float, usage: Usage) -> bool:
    """Say whether the words behind a head hardly stand elsewhere: «جامعة هارفارد», «شركة برايس ووترهاوس»."""
    head, *names = words
    if head not in lexicon().listed["named_by_a_word"] or ended < _SHARE_ENDED_PROPER or not names:
        return False
    if any(
        sort_of(name) or is_common(name) or name.startswith(_DEFINITE) or usage.is_inflected(name) for name in names
    ):
        return False
    if len(names[-1]) < _LEAST_PROPER or names[-1].endswith(("ه", "ات", "ين", "ون", "يا")):
        return False
    return many >= _SHARE_OF_PROPER * min(map(usage.written, names)) and not any(map(usage.is_joined, names))


def _may_follow(head: str, bare: str, second: str) -> bool:
    """Say whether a name goes on so behind its head: not «مجموعة متخصصة», «صندوق للخدمة», «الجيش والشرطة», any «إدارة»."""
    is_described = head.endswith("ه") and second.endswith(("ه", "ها")) and not second.startswith((ARTICLE, "لل"))
    if is_described and second not in _REGIONS and not sort_of(second) & (Sort.PLACE | Sort.HEAD):
        return False
    is_administration = second == "اداره" or (bare == "اداره" and not second.startswith("العام"))
    is_interest = head == "مصلحه" and not second.startswith(ARTICLE)  # «لمصلحة كندا»
    is_interest |= head == "حركه" and second in lexicon().listed["moved"]
    if head != bare and (
        sort_of(second) & Sort.TITLE or (head not in _SEVERAL and not head.endswith(("ه", "ات")) and second[-1] == "ه")
    ):
        return False  # «نائب رئيس الديوان الشيخ», «الصندوق الثقة الملكية»
    return not is_administration and not is_interest and not second.startswith(("لل", "وال"))


def _is_part(words: Sequence[str], place: int, usage: Usage) -> bool:
    """Say whether a word may stand in an organisation's name: no verb, no person but a king, no noun behind an adjective."""
    before, word = words[place - 1], words[place]
    sort = sort_of(word)
    if sort & (Sort.END | Sort.SAYS) and word not in LINKS:
        return False
    if sort & Sort.TITLE and not sort & (Sort.ROYAL | Sort.OFFICE | Sort.GIVEN) and word not in _OF_NAMES:
        return False
    is_member = sort & Sort.ROYAL and before.startswith(ARTICLE) and place > 1  # «النادي المستقيل الأمير فهد»
    if is_member or (word.startswith("و") and not word.startswith("وال") and not sort & Sort.GIVEN):
        return False
    if word.startswith("ب") and not sort and word not in _OF_NAMES:
        return False
    if not sort and not word.startswith(_DEFINITE) and word not in LINKS | _OF_NAMES:
        is_for = word[0] == "ل" and usage.is_joined(word)
        is_behind = before.startswith(_DEFINITE) and not sort_of(before) & Sort.ROYAL
        may_be_for = is_behind or bool(sort_of(before) & (Sort.GIVEN | Sort.PLACE))
        may_follow = may_be_for and words[0] not in lexicon().listed["for_nothing"] if is_for else not is_behind
        if not may_follow or usage.is_inflected(word):
            return False  # «صندوق لحماية», «الضرائب الإيطالية نصف», «قوات صالح إمداداتهم»
    is_person = sort & Sort.GIVEN and not sort & Sort.PLACE
    is_behind_title = bool(sort_of(before) & (Sort.ROYAL | Sort.TITLE | Sort.GIVEN | Sort.HEAD)) or before in STEPS
    return not is_person or is_behind_title


def _is_definite(word: str, size: int) -> bool:
    """Say whether a name of so many words can end with a word: one with the article, a name, or a word that hardly stands elsewhere."""
    if word.startswith(_DEFINITE) and word not in _NO_ARTICLE:
        return len(word) > _SHORT or (len(word) == _SHORT and size == 2)  # noqa: PLR2004
    return bool(sort_of(word) & (Sort.GIVEN | Sort.PLACE)) and not sort_of(word) & Sort.STOP
