"""Which phrases of an archive are names: decided from what its articles say of them, added up.

    evidence of all articles ──sums──▶ Sum(many, sure, ended) for each phrase ──names_of──▶ Entry(key, kind, names) …

A pure function of the sums and of how many articles have a word: the same archive has the same names, in whatever order it was
read, and a name that later articles contradict goes away.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from archive.site.topics import (
    NONE,
    SHARE_ENDED,
    SHARE_NO_WORD,
    SHARE_OF_WORD,
    SHARE_WITH_ARTICLE,
    SONS,
    STEPS,
    Entry,
    Sort,
    Sum,
    Usage,
    children_of,
    is_common,
    lexicon,
    sort_of,
)
from archive.site.topics.names import (
    GOD,
    LONG_VOWELS,
    agencies,
    club_ends,
    foreign_bones,
    given_in_full,
    given_names,
    grown,
    is_behind_clitic,
    is_surname,
    joined_towns,
)
from archive.site.topics.organisations import (
    NO_NAME,
    PLACES,
    Organisations,
    homonyms,
    is_grown,
    is_lineage,
    keys_of,
    known_entries,
)
from archive.text import ARTICLE, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from archive.site.topics import Sums


class Judge:
    """Decides; one for each time that an archive is caught up with.

    Args:
        sums: by kind of evidence (`archive.site.topics.names.evidence`); phrases of one article alone may be left out.
        written: in how many articles a folded word stands as it is.
    """

    def __init__(self, sums: Mapping[str, Sums], written: Callable[[str], int]) -> None:
        self._sums = sums
        self._usage = Usage(written)
        self._written = self._usage.written
        self._taken: set[str] = set()
        self._clubs = {name for names in keys_of(lexicon().clubs) for name in names}
        self._given = given_names(sums.get("person", {}))
        self._firsts: dict[str, set[str]] = defaultdict(set)
        for words in (key.split() for key in sums.get("person", {})):
            if len(words) == 2 and self._is_given(words[0]):  # noqa: PLR2004
                self._firsts[words[1]].add(words[0])

    def entries(self) -> dict[str, Entry]:
        """Return the names of the archive by key; no phrase names two."""
        entries: dict[str, Entry] = {}
        others = partial(homonyms, entries, self._written)
        organised = Organisations(self._sums, self._usage, self._is_given, self._taken)
        for find in (
            *(known_entries, self._places, others),
            *(organised.groups, organised.clubs, organised.organisations, self._persons),
        ):
            for entry in find():
                entry.names -= self._taken
                if entry.key in entry.names:
                    entries[entry.key] = entry
                    self._taken |= entry.names
                    if entry.company == "person":  # «علي صالح» is nobody else
                        self._taken.update(name for name in entry.shorts if " " in name)
        return entries

    # --- Persons -----------------------------------------------------------------------------------------------------

    def _persons(self) -> list[Entry]:
        sums = self._sums.get("person", {})
        children = children_of(sums)
        accepted = {key for key in sums if self._is_person(key, *self._cut(key, children.get(key, ())))}
        accepted = {key for key in accepted if is_surname(key.rpartition(" ")[2]) or not is_grown(key, accepted, sums)}
        entries = {key: Entry(key, "person", {key}) for key in sorted(accepted)}
        every = sorted(accepted)
        for key in sorted(accepted, key=lambda each: (len(each.split()), each)):
            self._join_longer(key, children.get(key, ()), every, entries)
        _join_middle_names(entries, sums)
        _join_behind(entries, sums)
        _join_surnames(entries, sums)
        self._join_spellings(entries)
        self._crown(entries)
        self._surnames(entries)
        entries |= self._alone(entries)
        for entry in entries.values():
            entry.names |= {name.replace(" بن ", " ابن ") for name in entry.names}
        return list(entries.values())

    def _cut(self, key: str, children: Iterable[str]) -> tuple[Sum, list[str]]:
        """Return what is said of a name and its longer forms, without those that go on with no name: «مصطفى بلجون بتشكيل» ends before."""
        sums = self._sums["person"]
        total, is_on = sums[key], key.endswith(f" {_ALI}")
        more = {child for child in children if not is_on and self._is_tailed(child.split(), sums[child])}
        ended = min(total.ended + sum(sums[child].ended for child in more), total.many)
        return total._replace(ended=ended), [child for child in children if child not in more]

    def _is_person(self, key: str, total: Sum, children: Iterable[str]) -> bool:
        """Say whether a phrase is a person's name, by how firmly its words belong together and how it is introduced."""
        words = key.split()
        first, last = words[0], words[-1]
        has_father = bool(SONS & {*words[1:-1]})
        is_plain = total.many == total.sure == total.ended or has_father
        if (
            total.many < (_ENOUGH_PLAIN if is_plain else _ENOUGH)
            or sort_of(first) & Sort.ROYAL
            or self._is_no_end(last)
        ):
            return False
        sums = self._sums["person"]
        longest = max((sums[child].many for child in children if not is_lineage(key, child)), default=0)
        fathers = [sums[child].many for child in children if is_lineage(key, child)]
        ended = total.ended + max(fathers, default=0)  # most who bear the name bear one grandfather's, too
        is_ended = ended >= SHARE_ENDED * total.many or self._bond(last, total) >= _BOND_ALONE
        is_ali = first == _ALI and words[1].startswith(ARTICLE)
        is_on = is_ali and (
            4 * total.sure < total.many or self._bond(last, total) < _BOND_ALONE or self._is_any(last)
        )  # «على الحوثي», «على المحاكاة»
        is_part = longest > _SHARE_OF_LONGER * total.many or not is_ended
        is_part |= len(words) > 2 and STEPS.isdisjoint(words) and any(map(self._is_any, words[1:]))  # noqa: PLR2004  «سلمان مقاليد الحكم»
        if is_part or is_on or self._is_more(words, total) or any(map(self._is_with_pronoun, words[:-1])):
            return False
        if not self._is_given(first):
            return self._is_strange_name(words, total)
        is_name = words[-2] == _FAMILY or words[-2] in _FATHERS or self._is_given(last) or last == GOD
        if sort_of(first) & Sort.WEAK and not has_father:
            is_shown = (2 if last == _ALI else 10) * total.sure >= max(total.many, 1) or self._is_borne(last, total)
            is_any = self._is_any(last) and (last.startswith(ARTICLE) or sort_of(first) & Sort.STOP)
            is_shown &= (
                last not in self._clubs and not is_any
            )  # «نجم الهلال», «جيل الشباب», «بدور البطولة», «بيان صادر»
            return is_shown and (is_name or self._may_end(last, total, least=_BOND_FIRM))
        if is_name:
            return 20 * total.sure >= total.many or has_father or 2 * ended >= total.many
        return self._is_borne_out(words, total, ended, has_father=has_father)

    def _is_more(self, words: Sequence[str], total: Sum) -> bool:
        """Say whether a name's first or last word is none of it: «رفيق أسامة بن لادن», «ريبيري الغائب», «آل الشيخ أولى», «تود بيان»."""
        is_behind_word = bool(sort_of(words[0]) & Sort.WEAK) and words[2:3] == ["بن"]
        rest = self._sums["person"].get(" ".join(words[1:]), NONE) if is_behind_word else NONE
        is_for_press = any(word[0] == "ل" and word[1:] in agencies() for word in words)
        if is_for_press or 2 * rest.ended >= rest.many >= _ENOUGH_PLAIN:
            return True  # «كامبل لرويترز»
        return self._is_tailed(words, total)

    def _is_tailed(self, words: Sequence[str], total: Sum) -> bool:
        """Say the same of its last word."""
        last = words[-1]
        is_foreign = _is_foreign(words[0])
        bare, vocabulary = last[:-1], lexicon().vocabulary
        is_long = len(bare) >= _LEAST_CITY
        is_tail = is_behind_clitic(last, least=_LEAST_CITY + is_foreign)
        is_tail |= is_long and last[-1] == "ت" and bare in vocabulary  # «زينب تعرضت»
        is_tail |= is_long and last[-1] == "ا" and bool(sort_of(bare) & Sort.TITLE)
        is_tail |= last.startswith(ARTICLE) and last.endswith("يه") and last.removeprefix(ARTICLE) in vocabulary
        if is_tail and not self._is_given(last):
            return True  # «رجب بقوة», «هاشم زعيما», «زيد الابتدائية»
        if len(words) == 2:  # noqa: PLR2004
            return is_foreign and bool(sort_of(last) & Sort.STOP) and last != _ALI and not total.sure
        if last.startswith(ARTICLE):
            return is_foreign and last[-1] != "ي" and not self._is_given(words[-2]) and words[-2] not in STEPS
        return self._is_any(last) and words[-2] not in STEPS

    def _is_borne_out(self, words: Sequence[str], total: Sum, ended: int, *, has_father: bool) -> bool:
        """Say the same of a first name that is nothing else and a last word that is none."""
        last = words[-1]
        is_foreign = _is_foreign(words[0])
        is_vague = not (total.sure or ended or last.startswith(ARTICLE))
        if self._is_any(last) and (is_vague or (is_foreign and last.startswith(ARTICLE))):
            return False  # «تود الإيضاح», «إلينا ثقافة», «لافي ابني», but «سلمان العودة»
        is_introduced = has_father and min(total.sure, total.ended) * 2 >= total.many  # «المهندس سليمان بن محمد السريع»
        is_whole = len(words) > 2 and total.many == total.sure == total.ended  # noqa: PLR2004
        is_introduced |= is_whole and self._is_given(words[1]) and last.startswith(ARTICLE)  # «قاسم محمد الهلال»
        is_known = has_father or 10 * total.sure >= total.many or len(self._firsts.get(last, ())) > 1
        least = _BOND_FIRM if total.sure and 2 * ended >= total.many else _BOND_ALONE
        may_end = len(words) == 2 and self._is_firm(words, total)  # noqa: PLR2004
        may_end = may_end or self._may_end(last, total, least=_BOND if is_known else least, is_known=is_known)
        return may_end or (is_introduced and not sort_of(last) & NO_NAME)

    def _is_any(self, word: str) -> bool:
        """Say whether a word is one of the language, as it is or with the article: «مقاليد», «المحاكاة», but no surname: «الشهري»."""
        return not self._is_given(word) and is_common(word)

    def _is_with_pronoun(self, word: str) -> bool:
        """Say whether a word inside a name is one with a pronoun behind it: not the first name «فوزية», though there is «فوزي»."""
        is_sure = sort_of(word) & (Sort.GIVEN | Sort.WEAK) == Sort.GIVEN
        return word not in STEPS and not is_sure and self._usage.is_inflected(word)

    def _is_firm(self, words: Sequence[str], total: Sum) -> bool:
        """Say whether a first name and a word are mostly introduced, end plainly, and are together far oftener than by chance."""
        first, last = words
        if 2 * min(total.sure, total.ended) < total.many or sort_of(first) & Sort.WEAK or last in STEPS:
            return False
        is_plain = not sort_of(last) & ~(Sort.TITLE | Sort.PEOPLE | Sort.OFFICE | Sort.STOP) and last[0] != "و"
        return (
            is_plain and not self._usage.is_joined(last) and total.many >= _SHARE_FIRM * min(map(self._written, words))
        )

    def _is_strange_name(self, words: Sequence[str], total: Sum) -> bool:
        """Say the same of a name whose first word is no first name that is known: it is introduced, and no word stands in it."""
        first, last = words[0], words[-1]
        is_introduced = total.sure >= max(_SHARE_SURE * total.many, 1)
        if not is_introduced or self._is_word(first, total.many) or self._usage.is_joined(first):
            return False
        if self._is_any(last) or self._is_of_things(words):
            return False  # «إسفنجيات عمرها»
        return self._is_given(last) or self._may_end(last, total, least=_BOND)

    def _is_of_things(self, words: Sequence[str]) -> bool:
        """Say whether a name with a strange first word is none by its other words, or by what is known of that one."""
        first, last = words[0], words[-1]
        if words[1].startswith(ARTICLE):
            is_thing = bool(lexicon().words.get(words[1].removeprefix(ARTICLE), 0) & Sort.NAMED_AFTER)
            if is_thing or not words[1].endswith("ي"):
                return True  # «بطلي الدوري», «رسالة القدم»
        if first.isascii() or first in self._clubs | joined_towns() or last in club_ends():
            return True  # «هجر فيصل الخراع», «أبوعريش محمد», «أتليتيكو مدريد»
        if last == _ALI or (first.endswith("ه") and last.endswith("ه")):
            return True  # «وافق أوباما على», «برقية تهنئة»
        return _ALI in words[1:-1] and last.startswith(ARTICLE)  # «دونيس على النواحي»

    def _is_word(self, word: str, many: int) -> bool:
        """Say whether a first word, ``many`` times in a name, is one of the language: not what is mostly a surname, as it is or with «ال»."""
        surnames, definite = self._sums.get("surname", {}), ARTICLE + word
        borne = many + surnames.get(word, NONE).sure
        if not self._usage.is_word(word, borne):
            return False
        is_surname = 2 * surnames.get(definite, NONE).sure > self._written(definite)  # «عساف», for «العساف» is one
        return not is_surname or borne < SHARE_OF_WORD * self._written(word)

    def _is_borne(self, word: str, total: Sum) -> bool:
        """Say whether a word is firmly a surname, of others, too, whose first names are nothing else: «الجديع», but not «الفطر»."""
        bond = self._bond(word, total)
        is_others = any(not sort_of(first) & (Sort.WEAK | Sort.STOP) for first in self._firsts.get(word, ()))
        is_firm = bond >= (_BOND if is_surname(word) else _BOND_FIRM)
        return is_firm and not self._is_given(word) and (is_others or is_surname(word))

    def _bond(self, last: str, total: Sum) -> float:
        """Return in which share of the articles that write a word it is the end of a person's name."""
        named = max(self._sums.get("surname", {}).get(last, NONE).sure, total.many)
        return named / max(self._written(last), 1)

    def _is_no_end(self, word: str) -> bool:
        """Say whether no name ends with a word: «بن», «ب43», a commoner word or surname behind «ل» or «ب» («الآن لبلاتر», «بمجموعتين»)."""
        if word in STEPS or not word.isalpha():
            return True
        if word[0] not in "لب" or len(word) <= _LONG or self._is_given(word):
            return False
        bare, surnames = word[1:], self._sums.get("surname", {})
        is_surname = (
            len(bare) >= _LEAST_SURNAME and surnames.get(bare, NONE).sure > _TIMES * surnames.get(word, NONE).sure
        )
        return is_surname or self._written(bare) > _TIMES * self._written(word)

    def _may_end(self, last: str, total: Sum, *, least: float, is_known: bool = True) -> bool:
        """Say whether a name may end with a word that is no first name; ``least`` is the bond of one without the article."""
        if last.startswith(ARTICLE):
            if sort_of(last) & (Sort.STOP | Sort.HEAD) and not sort_of(last) & Sort.DEMONYM:
                return False
            least = _BOND_NISBA if last.endswith("ي") else _BOND_LOOSE if is_known else least
            return self._bond(last, total) >= least
        bond, usage = self._bond(last, total), self._usage
        if last[0] == "و" and 2 * self._written(last[1:]) > self._written(last):
            return False  # «سعود وتوسعة», but «وليامسون», «والكوت»
        return bond >= least and not usage.is_inflected(last) and (bond >= _BOND_FIRM or not usage.is_joined(last))

    def _is_given(self, word: str) -> bool:
        return bool(sort_of(word) & Sort.GIVEN) or word in self._given or word == "الدين"

    def _join_longer(self, key: str, children: Iterable[str], every: Sequence[str], entries: dict[str, Entry]) -> None:
        """Join «محمد بن سلمان بن عبدالعزيز» to «محمد بن سلمان», where most who bear the short name bear the long one."""
        if key not in entries:
            return
        sums = self._sums["person"]
        fathers = [child for child in children if is_lineage(key, child)]
        total = sum(sums[child].many for child in fathers)
        for child in fathers:
            if 2 * sums[child].many > total:
                longer = grown(child, every)
                longer &= entries.keys()
                entries[key].names |= {child} | longer
                for name in longer:
                    entries.pop(name, None)

    def _join_spellings(self, entries: dict[str, Entry]) -> None:
        """Join «رستم عميروف» to «رستم عمروف», «سيب بلاتر» to «جوزيف»: other long vowels in no Arab first name, another g."""
        groups: dict[str, list[str]] = defaultdict(list)
        for key in entries:
            groups[" ".join(map(self._bones, key.split())).replace("غ", "ج")].append(key)
        sums = self._sums.get("person", {})
        for group in groups.values():
            best, *others = sorted(group, key=lambda key: (-sums[key].many, key))
            for other in others:
                entries[best].names |= entries.pop(other).names

    def _bones(self, word: str) -> str:
        """Return what all spellings of a word share: «سلمان» is not «سليمان», but «فرنسوا» «فرانسوا»."""
        word = given_in_full().get(word, word)
        sort, bones = sort_of(word), LONG_VOWELS.sub("", word)
        is_foreign = sort & Sort.GIVEN and sort & Sort.FOREIGN
        is_arab = sort & Sort.GIVEN and not is_foreign
        is_learned = not sort & Sort.GIVEN and self._is_given(word) and bones not in foreign_bones()
        least = _LEAST_FOREIGN if is_foreign else _LEAST_VARIANT
        return word if is_arab or is_learned or len(word) < least or len(bones) < _LEAST_BONES else bones

    def _crown(self, entries: dict[str, Entry]) -> None:
        """Give «الملك سلمان» to who bears that name; where several do, it is short for each of them."""
        bearers: dict[str, list[tuple[int, str]]] = defaultdict(list)
        wholes: dict[str, int] = defaultdict(int)
        named = {name: entry.key for entry in entries.values() for name in entry.names}
        for pair, total in self._sums.get("bearer", {}).items():
            royal, _, full = pair.partition("|")
            wholes[royal] += total.many
            if full in named:
                bearers[royal].append((total.many, named[full]))
        persons = self._sums.get("person", {})
        for royal in sorted(bearers.keys() | {key for key in persons if sort_of(key.split()[0]) & Sort.ROYAL}):
            of = sorted(bearers.get(royal, []), reverse=True)
            whole = sum(many for many, _ in of) if royal.startswith(_KING) else wholes.get(royal, 0)
            if of and of[0][0] >= max(_SHARE_OF_BEARER * whole, _ENOUGH):
                entries[of[0][1]].names.add(royal)
            elif of:
                for _, full in of:
                    entries[full].shorts[royal] = False
            is_prince = royal.startswith(_PRINCE)  # there are many of each name
            if (
                not of
                and not is_prince
                and (total := persons.get(royal, NONE)).many >= _ENOUGH
                and 2 * total.ended >= total.many
            ):
                entries[royal] = Entry(royal, "person", {royal})

    def _surnames(self, entries: dict[str, Entry]) -> None:
        """Make a surname short for its bearers: anywhere, where one of them is nearly always meant."""
        persons, surnames = self._sums.get("person", {}), self._sums.get("surname", {})
        bearers: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for key, entry in entries.items():
            *before, last = key.split()
            is_short = len(last) >= _LEAST_SURNAME and not self._is_given(last) and not sort_of(last) & Sort.PLACE
            is_pair = bool(before) and (before[-1] in _FATHERS or last == GOD)
            if before and (is_short or is_pair) and before[-1] != "ال":
                every = sum(persons[name].many for name in entry.names if name in persons and name.endswith(f" {last}"))
                many = max(persons[key].many if key in persons else 0, int(_SHARE_OF_NAMES * every))
                surname = f"{before[-1]} {last}" if is_pair else last  # nobody is «نيان» but «أبو نيان»
                bearers[surname].append((many, entry.key))
            if before and before[-1] in SONS and is_short:
                entry.shorts |= {f"{son} {last}": False for son in ("بن", "ابن")}
        for surname, of in bearers.items():
            many, best = max(of)
            last = surname.rpartition(" ")[2]
            total = surnames.get(last, Sum(many, many, 0))
            is_name = max(total.sure, many) >= _SHARE_OF_SURNAME_ALONE * max(self._written(last), 1)
            is_known = many >= _SHARE_OF_SURNAME_BEARER * max(total.sure, 1)
            is_common = surname == last and self._is_alone(surname, total)
            if is_common and last not in lexicon().doubtful:
                is_known = 2 * many >= total.sure  # of «تسيبراس» few write the first name
            is_alone = is_known and not self._is_given(last) and ((many >= _ENOUGH and is_name) or is_common)
            for _, key in of:
                entries[key].shorts[surname] = is_alone and key == best

    def _alone(self, entries: dict[str, Entry]) -> dict[str, Entry]:
        """Return the persons who go by one word: titles and verbs of saying stand before it, no first name does, and it is no word."""
        borne = {name for entry in entries.values() for name in (*entry.names, *entry.shorts)}
        borne |= self._taken | {word for name in self._taken for word in name.split()}
        surnames = sorted(self._sums.get("surname", {}).items())
        alone = (word for word, total in surnames if word not in borne and self._is_alone(word, total))
        return {word: Entry(word, "person", {word}) for word in alone}

    def _is_alone(self, word: str, total: Sum) -> bool:
        """Say whether somebody goes by a word: it is introduced alone, and is no word of the language."""
        lone, written = total.many - total.sure, self._written(word)
        if lone < max(_ENOUGH_ALONE, _SHARE_ALONE * written) or word.startswith(ARTICLE) or len(word) < _LEAST_SURNAME:
            return False
        is_whose = self._written(word[:-1]) > SHARE_NO_WORD * written or bool(sort_of(f"{word[:-2]}ه"))
        if word.endswith("ه") and is_whose:
            return False  # «ترشحه», «سماحته»
        is_any = sort_of(word) or word.endswith(("ها", "هم")) or self._is_given(word) or self._usage.is_joined(word)
        if is_any or self._usage.is_inflected(word) or self._usage.is_verb(word):
            return False
        return self._written(ARTICLE + word) <= SHARE_NO_WORD * written

    # --- Places ------------------------------------------------------------------------------------------------------

    def _places(self) -> list[Entry]:
        known = lexicon()
        entries: list[Entry] = []
        by_name: dict[str, Entry] = {}
        clubs = {name for names in keys_of(known.clubs) for name in names}
        called_so = set(filter(self._is_mostly_a_club, clubs))
        oftener_a_club = set(filter(self._is_oftener_a_club, clubs - called_so))
        for place, names in enumerate(keys_of(known.places)):
            is_small = place >= known.cities
            sure = [name for name in names if place < known.lands or self._is_city(name, is_small=is_small)]
            whole, _, part = names[0].rpartition(" ")
            if part in lexicon().listed["parts"] and whole in by_name and place >= known.lands:
                by_name[whole].names.add(names[0])  # «القدس القديمة»
            elif sure:
                other = {name.replace("غ", "ج") for name in sure if len(name) >= _LONG}  # «جواتيمالا»
                entries.append(Entry(sure[0], "place", {*sure, *other}))
                by_name.setdefault(sure[0], entries[-1])
        listed = {name for entry in entries for name in entry.names}
        entries += [
            Entry(word, "place", {f"{cue} {word}" for cue in _PLACE_WORDS} | {word}) for word in self._learned(listed)
        ]
        for entry in entries:
            if entry.key in oftener_a_club:
                entry.shorts, entry.names = (
                    {entry.key: True},
                    {f"{cue} {entry.key}" for cue in _PLACE_WORDS} | (entry.names - oftener_a_club),
                )
                entry.key = f"مدينه {entry.key}"
            entry.names -= oftener_a_club
            if doubtful := entry.names & (known.doubtful | called_so):
                entry.names = {f"{cue} {name}" for name in entry.names for cue in _PLACE_WORDS} | (
                    entry.names - doubtful
                )
                entry.key = min(entry.names, key=lambda name: (not name.startswith("محافظه"), name))
                beside = sorted(doubtful & (known.beside | called_so))
                entry.shorts, entry.company = dict.fromkeys(beside, True), "place"
        return entries

    def _is_mostly_a_club(self, name: str) -> bool:
        """Say whether the archive means the club far oftener than the town of that name: «برشلونة»."""
        club, town = (self._sums.get(kind, {}).get(name, NONE).many for kind in ("club", "place"))
        return club >= _ENOUGH_CALLED and club > 2 * town

    def _is_oftener_a_club(self, name: str) -> bool:
        """Say whether the archive means the club oftener than the town of that name, so that the name alone leads to the club."""
        club, town = (self._sums.get(kind, {}).get(name, NONE).many for kind in ("club", "place"))
        return club >= _ENOUGH_CALLED and club > town

    def _is_city(self, key: str, *, is_small: bool) -> bool:
        """Say whether the archive uses a listed word as a city's name; a name of several words is one."""
        if " " in key or key in lexicon().doubtful:
            return True
        if sort_of(key) & Sort.STOP or {key, key.removeprefix(ARTICLE)} & lexicon().vocabulary:
            return False  # «بيان», for «في بيان», «الحد»
        total = self._sums.get("place", {}).get(key, NONE)
        written = max(self._written(key), 1)
        if len(key) < _LEAST_CITY and total.sure < _ENOUGH:
            return False
        if self._sums.get("surname", {}).get(key, NONE).sure > total.many:
            return False  # «خوان مانويل سانتوس»
        if (
            total.many >= max(_ENOUGH, _SHARE_BEHIND * written)
            and self._written(ARTICLE + key) <= SHARE_NO_WORD * written
        ):
            return True  # «في لاهاي», but «في إطار» is no town: there is «الإطار»
        is_foreign = len(key) >= _LONG and key[0] not in "اوفبلك" and (not is_small or total.many >= _ENOUGH_PLAIN)
        return is_foreign or (total.many >= _SHARE_PLACED * written and (total.sure >= _SHARE_CUED * written))

    def _learned(self, listed: set[str]) -> list[str]:
        sums = self._sums.get("place", {})
        begun = {" ".join(name.split()[:2]) for name in listed if " " in name}  # «دير» is «دير الزور»
        firsts = {name.partition(" ")[0] for name in begun}
        learned = [
            word
            for word, total in sorted(sums.items())
            if word not in listed
            and listed.isdisjoint((f"المدينه {word}", f"مدينه {word}"))  # «المنورة» is «المدينة المنورة»
            and (word not in firsts or 2 * total.sure >= self._written(word))
            and total.sure >= _ENOUGH_PLAIN
            and self._is_learned(word, total)
        ]
        longer: dict[str, int] = defaultdict(int)
        for word in begun.union(learned):
            if " " in word and word in sums:
                longer[word.partition(" ")[0]] += sums[word].sure
        return [word for word in learned if sums[word].sure >= max(_ENOUGH, longer[word] / _SHARE_CERTAIN)]

    def _is_learned(self, word: str, total: Sum) -> bool:
        """Say whether a word for a place stands before a word so often that it is one: «مدينة الصخيرات»."""
        words = word.split()
        usage, written = self._usage, self._written
        share = total.sure / max(min(map(written, words)), 1)
        if any(
            self._is_given(each) or sort_of(each) or each in lexicon().vocabulary or usage.is_joined(each)
            for each in words
        ):
            return False
        if any(usage.is_inflected(each.removeprefix("و")) for each in words) or share < (
            _SHARE_LEARNED if total.sure >= _ENOUGH_PLACE else _SHARE_CERTAIN
        ):
            return False
        for each in words:
            bare = each.removeprefix(ARTICLE)
            if bare == each and written(ARTICLE + each) > SHARE_WITH_ARTICLE * written(each):
                return False
            if bare != each and (
                share < _SHARE_CERTAIN or len(words) > 1 or written(bare) > SHARE_NO_WORD * written(each)
            ):
                return False  # «قرية الأطفال»
        return True


_ENOUGH, _ENOUGH_PLAIN, _ENOUGH_PLACE = 3, 2, 5  # articles
_ENOUGH_CALLED = 20  # articles that call a club by the name of its town
_SHARE_SURE = 0.1
# of a surname's bearers, among all that write it
_BOND, _BOND_LOOSE, _BOND_FIRM, _BOND_ALONE, _BOND_NISBA = 0.12, 0.04, 0.2, 0.3, 0.02
_SHARE_OF_LONGER = 0.75
_SHARE_OF_SURNAME_ALONE = 0.4
_SHARE_OF_BEARER, _SHARE_OF_SURNAME_BEARER = 0.6, 0.75
_SHARE_FIRM = 0.02  # of the articles that write the rarer of two words
_ENOUGH_ALONE, _SHARE_ALONE = 4, 0.1
_SHARE_OF_NAMES = 0.85  # of the articles with one of somebody's names; some have two of them
_SHARE_PLACED, _SHARE_CUED, _SHARE_BEHIND, _SHARE_LEARNED, _SHARE_CERTAIN = 0.2, 0.04, 0.5, 0.3, 0.5
_LEAST_SURNAME, _LEAST_CITY, _LEAST_VARIANT, _LONG = 4, 4, 5, 6  # letters
# letters of a first name of another tongue: «جوزف»; that are left: «ماريو» is not «ماري»
_LEAST_FOREIGN, _LEAST_BONES = 4, 3
_FATHERS = STEPS - SONS
_ALI, _FAMILY = "علي", "ال"  # «على», «آل»
_TIMES = 5  # how much commoner a word is without the letter before it
_KING, _PRINCE = "الملك ", "الامير"
_PLACE_WORDS = tuple(map(key_of, PLACES))


def _join_middle_names(entries: dict[str, Entry], sums: Sums) -> None:
    """Join «عادل بن أحمد الجبير» to «عادل الجبير»: first and last name are the same, and what is between is in one alone."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key in entries:
        words = key.split()
        if not sort_of(words[-1]) & Sort.GIVEN:
            groups[words[0], words[-1]].append(key)
    for group in groups.values():
        if len(group) < 2:  # noqa: PLR2004
            continue
        best, *others = sorted(group, key=lambda key: (-sums[key].many, key))
        for other in others:
            if _is_within(best.split(), other.split()) or _is_within(other.split(), best.split()):
                entries[best].names |= entries.pop(other).names


def _join_behind(entries: dict[str, Entry], sums: Sums) -> None:
    """Join «داود أوغلو» to «أحمد داود أوغلو», where most who bear the one bear the other."""
    for key in sorted(entries, key=lambda each: (-len(each.split()), each)):
        shorter = key.partition(" ")[2]
        if key not in entries or shorter not in entries or " " not in shorter:
            continue
        if 2 * sums[key].many >= sums[shorter].many and shorter.split()[0] not in STEPS:
            entries[key].names |= entries.pop(shorter).names


def _join_surnames(entries: dict[str, Entry], sums: Sums) -> None:
    """Join «أحمد الخازم الغامدي» to «أحمد الخازم», one man's family and his tribe, and «مسعود البارزاني» to «مسعود بارزاني»."""
    for key in [each for each in entries if is_surname(each.rpartition(" ")[2])]:
        shorter, _, surname = key.rpartition(" ")
        last, other = shorter.rpartition(" ")[2], f"{shorter} {surname.removeprefix(ARTICLE)}"
        if shorter in entries and last.startswith(ARTICLE) and not sort_of(last) & Sort.GIVEN:
            entries[shorter].names |= entries.pop(key).names
        elif shorter and other in entries and not sort_of(other.rpartition(" ")[2]):
            best, more = (key, other) if sums[key].many > sums[other].many else (other, key)
            entries[best].names |= entries.pop(more).names


def _is_foreign(first: str) -> bool:
    """Say whether a first name is of another tongue alone: «تود», but not «سلمان», whom Indians are called, too."""
    return bool(sort_of(first) & Sort.FOREIGN) and first not in lexicon().listed["given"]


def _is_within(short: list[str], long: list[str]) -> bool:
    rest = iter(long)
    return all(word in rest for word in short)
