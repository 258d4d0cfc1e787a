"""Arabic text folded to keys: what two newsrooms spell differently becomes one word.

    fold, words     keys of running text, for stories and search; `normalise` is the same for others' research
    terms_of        what is searched for, and in which forms each term may be written
    tokens_of       words and signs, of which names are made; key_of, those of a name
    fold_label      keys of labels, names and lines, for looking things up

A folded text is a key and never content: the archive keeps every text as the outlet spelled it.
"""

from __future__ import annotations

import io
import logging
import os
import re
import sys
import traceback
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from functools import cache, lru_cache
from itertools import chain, groupby, islice, product
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

# --- Folding Arabic for keys and search: what two newsrooms spell differently becomes one word -----------------------
#     «الإِمـارات تُعلن ٢٥٪»  ──fold()──▶  «الامارات تعلن 25٪»  ──words()──▶  الامارات, تعلن, 25
#
# A folded text is a key and never content: the archive keeps every text as the outlet spelled it. The order matters and is
# measured (docs/syndication.md): compatibility composition (presentation forms, ligatures, no-break spaces), then the marks
# that nobody reads (vowel signs, Koranic signs, tatweel, soft hyphen, zero-width and direction marks, the lone hamza), then
# the letters that house styles and keyboards confuse (alef seats, ya and alef maksura, ta marbuta and ha, hamza seats, the
# Persian letters), then the two families of Arabic digits, then lower case. Stemming, the article and the conjunctions are
# left alone: cutting them joins words that differ and finds no more copies.
#
# The standard library is enough: a library for this would bring a licence or a gigabyte of models for forty lines.

_MARKS = (
    "\u00ad"  # soft hyphen
    "\u0621"  # the lone hamza: سماء and سما
    "\u0640"  # tatweel
    "\u0670"  # dagger alef
    "\u061c\ufeff"  # Arabic letter mark, byte order mark
)
_MARK_RANGES = (
    (0x0610, 0x061A),  # honorific and Koranic signs
    (0x064B, 0x065F),  # vowel signs
    (0x06D6, 0x06ED),  # Koranic annotation
    (0x200B, 0x200F),  # zero-width space, joiners, direction marks
    (0x202A, 0x202E),  # embedding and override
    (0x2060, 0x2069),  # word joiner, isolates
)
_LETTERS = {
    "ا": "آأإٱ",
    "ي": "ىیېےئ",
    "و": "ؤ",
    "ه": "ةۀہھە",
    "ك": "کڪگ",
    "ف": "ڤ",
    "ب": "پ",
    "ج": "چ",
}
_WORD = re.compile(r"[^\W_]+")
ARTICLE = "ال"


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = {ord(mark): None for mark in _MARKS}
    for first, last in _MARK_RANGES:
        table.update(dict.fromkeys(range(first, last + 1)))
    for folded, variants in _LETTERS.items():
        table.update(dict.fromkeys(map(ord, variants), folded))
    for digit in range(10):
        table[0x0660 + digit] = table[0x06F0 + digit] = str(digit)  # Arabic-Indic, Extended; NFKC leaves both alone
    return table


FOLDING = _table()
"""Code point → what it is folded to, which folds to nothing else; None: left out. For `str.translate`, after NFKC."""
_USUAL = "ءأإآىئةؤ\u064b\u0651"  # what nearly all that is folded in running text is
_SHORT = 10  # letters: from there on `str.translate`, which looks up each letter, takes longer than a search for each that is folded


def _translator(table: dict[int, str | None]) -> Callable[[str], str]:
    """Return what `str.translate` does with a table whose values are none of its keys; a text takes it a third to a tenth of the time."""
    pairs = {chr(code): folded or "" for code, folded in table.items()}
    usual = [(letter, pairs.pop(letter)) for letter in _USUAL]
    has_others = re.compile(f"[{''.join(map(re.escape, pairs))}]").search

    def translated(text: str) -> str:
        if len(text) < _SHORT:
            return text.translate(table)
        for letter, folded in usual:
            if letter in text:
                text = text.replace(letter, folded)
        if has_others(text):
            for letter, folded in pairs.items():
                if letter in text:
                    text = text.replace(letter, folded)
        return text

    return translated


_folded = _translator(FOLDING)


def fold(text: str) -> str:
    """Return the key form of ``text``; folding it again changes nothing.

    Punctuation and spacing stay (as NFKC leaves them); `words` drops them.
    """
    folded = _folded(unicodedata.normalize("NFKC", text)).lower()
    while not unicodedata.is_normalized("NFKC", folded):  # a deleted joiner stood between a letter and its accent
        folded = _folded(unicodedata.normalize("NFKC", folded)).lower()
    return folded


def normalise(text: str) -> str:
    """Return a text in one spelling, for counting and comparing: vowel signs and tatweel gone, alef, ya, ta marbuta and digits one.

    It is `fold`, by which stories are found and the site is searched, so that what is counted here is what is found there. The
    table of all that it changes stands in docs/for-researchers.md. Lines and punctuation stay.
    """
    return fold(text)


def words(text: str) -> list[str]:
    """Return the folded words of ``text`` in order: letters and digits, without quotes, brackets and punctuation."""
    return _WORD.findall(fold(text))


_SERVANT = re.compile(r"[وفبلك]{0,2}عبد")
_LORDS = frozenset({"ربه", "رب", "الله"})
_OF_SERVANT = re.compile(r"عبد(?=ال.|رب)")
_SERVANTS = re.compile(  # begins with letters, which are sought first, and then with what may stand before them
    r"عبد(?:(?<=(?<![^\W_])عبد)|(?<=(?<![^\W_])[وفبلك]عبد)|(?<=(?<![^\W_])[وفبلك]{2}عبد))[^\S\n]+(?=ال[^\W_]|رب(?:ه)?(?![^\W_]))"
)


def is_servant(word: str, following: str) -> bool:
    """Say whether two folded words are one name: «عبد الله» and «عبدالله», «عبد ربه» and «عبدربه»."""
    if not word.endswith("عبد") or _SERVANT.fullmatch(word) is None:
        return False
    return following in _LORDS or (following.startswith(ARTICLE) and len(following) > len(ARTICLE))


def servant_apart(word: str) -> str:
    """Return a folded word, in two where it is such a name written as one: «عبد الله»."""
    return _OF_SERVANT.sub("عبد ", word)


def searchable(text: str) -> str:
    """Return a text as it is searched: folded, «عبد الله» one word."""
    return _SERVANTS.sub("عبد", fold(text))


_SPELLED = re.compile(r"[^\W_]+(?:[\u064b-\u065f\u0670\u0640\u200c\u200d]+[^\W_]*)*")
_folded_word = lru_cache(maxsize=1 << 14)(fold)


class Word(NamedTuple):
    """A word of a text: folded, and where it stands in the original."""

    folded: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """Return the words of ``text`` in order; «عبد الله» is one."""
    words: list[Word] = []
    for match in _SPELLED.finditer(text):
        folded = _folded_word(match[0])
        if words and folded and is_servant(words[-1].folded, folded):
            words[-1] = Word(words[-1].folded + folded, words[-1].start, match.end())
        elif folded:
            words.append(Word(folded, *match.span()))
    return words


# --- Searching as people type: every word and every "phrase", in all the forms in which newspapers write them ----------
#     «وزيره الدفاع» "مجلس الامن"  ──terms_of()──▶  (مجلس, الامن), (وزيره,), (الدفاع,)  ──forms_of()──▶  والدفاع, بالدفاع, للدفاع, …
#
# The rules of the site's full text and of a reader's ``text=``: one search finds what the other does.

_SEATS = re.compile("(?<=.)(?:يو|وو)")  # inside a word; what becomes of others («مليون») is no word
_QUOTES = '"“”„‟«»‹›〝〞＂'
_PHRASE = re.compile(f"[{_QUOTES}]([^{_QUOTES}]+)[{_QUOTES}]")
_WITHOUT = re.compile(  # what stands directly behind a minus, in no phrase; but «-5», «الرياض - واس»
    rf"[{_QUOTES}][^{_QUOTES}]+[{_QUOTES}]|(?<!\S)[-\u2212]([{_QUOTES}][^{_QUOTES}]+[{_QUOTES}]|[^\W\d_]\S*)"
)
_MOST_SEATS = 4  # ways to write the words behind the first of a phrase
_BEFORE_ARTICLE = re.compile(r"(?:[وف]?[بكوف](?=ال.{3})|[وفبلك]{1,2}(?=عبدال.))(.+)")
_TWO_LAMS = re.compile(r"[وف]?ل(ل..+|له)")
# Words whose «ال» is no article, and that have one besides: «الإلكتروني»; of those that are an article and another word as well (الغاز) none.
NO_ARTICLE = frozenset(
    fold("""
إلكترون إلكتروني إلكترونية إلكترونيا إلكترونيات إليكتروني إليكترونية ألماني ألمانية ألمان ألمانيا ألبانيا ألبان ألعاب ألغام ألوان ألواح ألوية ألوف ألقاب ألفاظ ألياف ألحان
ألبوم ألبومات ألمنيوم ألومنيوم آلاف آلات آليات إلغاء إلقاء إلحاق إلحاح إلزام إلزامي إلزامية إلهي إلهية التزام التزامات التحاق التقاء التهاب التهابات التفاف التفات التماس
التباس التحام التصاق التقاط التهام
""").split()
)
Term = tuple[str, ...]
"""Folded words that stand one behind another; of a single word, it alone."""


# Broken plurals of the news that are sure to be one word's; of two that are also something else (طالب is «demanded», «بسبب» because), only
# the one behind «>» is looked for when the one before it is asked for. None begins like the article (ألقاب), which is taken for it.
BROKEN_PLURALS = """
وزير:وزراء رئيس:رؤساء أمير:أمراء زعيم:زعماء قائد:قادة سفير:سفراء نائب:نواب شيخ:شيوخ مدير:مدراء وكيل:وكلاء خبير:خبراء عضو:أعضاء طبيب:أطباء شاعر:شعراء
شريك:شركاء حليف:حلفاء عميل:عملاء زميل:زملاء صديق:أصدقاء عدو:أعداء ناشط:نشطاء تاجر:تجار عامل:عمال ضابط:ضباط جندي:جنود حارس:حراس قاضي:قضاة أستاذ:أساتذة تلميذ:تلاميذ
طالب>طلاب طالب>طلبة راكب:ركاب سائح:سياح زائر:زوار حاج:حجاج ساكن:سكان رجل:رجال امرأة:نساء طفل:أطفال بنت:بنات شباب>شاب أجنبي:أجانب كردي:أكراد فقير:فقراء لص:لصوص بطل:أبطال نجم:نجوم
قتيل:قتلى جريح:جرحى مريض:مرضى أسير:أسرى ضحية:ضحايا رهينة:رهائن شهيد:شهداء سجين:سجناء جثة:جثث قبر:قبور
مدينة:مدن دولة:دول بلد:بلدان عاصمة:عواصم قرية:قرى منطقة:مناطق شارع:شوارع طريق>طرق جسر:جسور نفق:أنفاق بيت:بيوت منزل:منازل مبنى:مباني برج:أبراج فندق:فنادق مطعم:مطاعم مصنع:مصانع
مركز:مراكز مكتب:مكاتب فرع:فروع مقر:مقار ميناء:موانئ معبر:معابر ساحل:سواحل شاطئ:شواطئ جبل:جبال بحر:بحار نهر:أنهار سد:سدود بئر:آبار حقل:حقول منجم:مناجم حديقة:حدائق شجرة:أشجار محصول:محاصيل
مدرسة:مدارس معهد:معاهد منهج:مناهج درس>دروس مسجد:مساجد كنيسة:كنائس متحف:متاحف مسرح:مسارح ملعب:ملاعب نادي:أندية فريق>فرق مرحلة:مراحل نتيجة:نتائج هدف:أهداف جائزة:جوائز
حزب:أحزاب مجلس:مجالس لجنة:لجان دائرة:دوائر نظام:أنظمة دستور:دساتير قانون:قوانين محكمة:محاكم مقعد:مقاعد شعب:شعوب قبيلة:قبائل عائلة:عوائل طائفة:طوائف مذهب:مذاهب حق:حقوق منصب:مناصب موقف:مواقف مطلب:مطالب
جيش:جيوش حرب:حروب معركة:معارك فصيل:فصائل كتيبة:كتائب خلية:خلايا عنصر:عناصر سلاح:أسلحة صاروخ:صواريخ قنبلة:قنابل قذيفة:قذائف خندق:خنادق سفينة:سفن قارب:قوارب سجن:سجون
جريمة:جرائم تهمة:تهم حادث:حوادث حريق:حرائق زلزال:زلازل إعصار:أعاصير كارثة:كوارث خسارة:خسائر خطر:أخطار مشكلة:مشاكل قضية:قضايا مرض:أمراض دواء:أدوية
سوق:أسواق سعر:أسعار سهم:أسهم بنك:بنوك مصرف:مصارف قرض:قروض ضريبة:ضرائب مبلغ:مبالغ ربح:أرباح مورد:موارد صندوق:صناديق مشروع:مشاريع مصلحة:مصالح عقد>عقود بند:بنود شرط:شروط رقم:أرقام
صحيفة:صحف جريدة:جرائد قناة:قنوات برنامج:برامج تقرير:تقارير خبر:أخبار رسالة:رسائل وثيقة:وثائق صورة>صور عنوان:عناوين مصدر:مصادر موقع:مواقع فيلم:أفلام قصيدة:قصائد أغنية:أغاني كتب>كتاب
جهاز:أجهزة هاتف:هواتف حاسوب:حواسيب كوكب:كواكب قمر:أقمار وسيلة:وسائل خطة:خطط فكرة:أفكار تجربة:تجارب مهمة:مهام وفد:وفود سبب>أسباب شأن>شؤون جانب>جوانب طرف:أطراف دور>أدوار قسم:أقسام صوت:أصوات
"""


class Phrase(tuple[str, ...]):
    """What stands in quotes, a single word too: it is looked for as it is written there."""

    __slots__ = ()


def terms_of(typed: str) -> list[Term]:
    """Return what is asked for, phrases first; what stands in quotes is a `Phrase`."""
    typed = _WITHOUT.sub(lambda match: " " if match[1] else match[0], typed)
    phrases: list[Term] = [Phrase(_WORD.findall(searchable(phrase))) for phrase in _PHRASE.findall(typed)]
    single = [(word,) for word in _WORD.findall(searchable(_PHRASE.sub(" ", typed)))]
    return [term for term in [*phrases, *single] if term]


def unwanted_terms_of(typed: str) -> list[Term]:
    """Return what is asked to be left out: words and phrases directly behind a minus."""
    return [term for unwanted in _WITHOUT.findall(typed) for term in terms_of(unwanted)]


def forms_of(term: Term) -> list[str]:
    """Return the written forms of a term, with what Arabic joins to its first word and without what was joined when it was typed."""
    first = [form for base in bare(term[0]) for seated in seats(base) for form in spellings(seated)]
    if term[0] not in first:
        first.insert(0, term[0])
    rests = [" ".join(rest) for rest in islice(product(*map(seats, term[1:])), _MOST_SEATS)]
    return [f"{form} {rest}".strip() for form in first for rest in rests]


def other_forms_of(term: Term) -> list[str]:
    """Return the written forms of a word's plural, or of the singular it is the plural of; none where it stands in quotes or has no sure one."""
    if isinstance(term, Phrase) or len(term) != 1:
        return []
    others = [other for base in bare(term[0]) for other in other_numbers(base)]
    return [form for other in others for seated in seats(other) for form in spellings(seated)]


def other_numbers(word: str) -> tuple[str, ...]:
    """Return a folded word's broken plurals, or its singular, with the article where the word has it: «الوزراء» of «الوزير»."""
    pairs = numbers_of_words()
    if word in pairs or not word.startswith(ARTICLE):
        return pairs.get(word, ())
    return tuple(ARTICLE + other for other in pairs.get(word.removeprefix(ARTICLE), ()))


@cache
def numbers_of_words() -> dict[str, tuple[str, ...]]:
    """Return the broken plurals of folded singulars, and the singulars of plurals."""
    pairs: dict[str, tuple[str, ...]] = {}
    for singular, sign, plural in re.findall(r"(\w+)([:>])(\w+)", fold(BROKEN_PLURALS)):
        pairs[singular] = (*pairs.get(singular, ()), plural)
        if sign == ":":
            pairs[plural] = (*pairs.get(plural, ()), singular)
    return pairs


def bare(word: str) -> tuple[str, ...]:
    """Return what a typed word may be without what stands before its article: «بالرياض» and «وللرياض» ask for «الرياض», «لعبدالله» for him.

    Behind «ل» the article of a word that begins with «ل» is not written: «للاعب» may be «الاعب» or «اللاعب».
    """
    if match := _BEFORE_ARTICLE.fullmatch(word):
        return (match[1],)
    if match := _TWO_LAMS.fullmatch(word):
        return (f"ا{match[1]}", ARTICLE + match[1])[match[1] == "له" :]  # «لله»
    return (word,)


def seats(word: str) -> tuple[str, ...]:
    """Return a folded word and how it is written where a hamza before «و» sits otherwise: «مسئول», «شئون» in Egypt, «مسؤول», «شؤون» elsewhere."""
    other = _SEATS.sub(lambda match: "وو" if match[0] == "يو" else "يو", word)
    return (word,) if other == word else (word, other)


def unrepeated(word: str) -> str:
    """Return a word with each letter once that stands there several times, one behind the other: «مبرووك»."""
    return "".join(letter for letter, _ in groupby(word))


@lru_cache(maxsize=1 << 10)  # of 2 KB each
def spellings(word: str) -> tuple[str, ...]:
    """Return the written forms of which ``word`` may be the stem: what to ask a full-text index for; a letter is no other's («ن», «بن»)."""
    if len(word) == 1 and word.isalpha():
        return (word,)
    bases = [word]
    if word.startswith(ARTICLE) and word not in NO_ARTICLE:
        bases += [*(letter + word for letter in "بكل"), to_definite(word)]  # «لأليكس», who is no «ليكس»
    else:
        definite = ARTICLE + word
        bases += [letter + word for letter in "بلك"]
        bases += [definite, "ب" + definite, "ك" + definite, to_definite(definite)]
    return tuple(dict.fromkeys([*bases, *("و" + base for base in bases), *("ف" + base for base in bases)]))


def to_definite(word: str) -> str:
    """Return «to» and a folded word with the article as one: «للرياض» of «الرياض», but «للجنة» of «اللجنة», whose own ل is not doubled."""
    noun = word.removeprefix(ARTICLE)
    return f"ل{noun}" if noun.startswith("ل") else f"لل{noun}"


def pattern_of(term: Term) -> re.Pattern[str]:
    """Return what finds a term's forms, whole words, in a `searchable` text."""
    written = [*forms_of(term), *other_forms_of(term)]
    forms = "|".join(re.escape(form).replace(r"\ ", r"[\W_]+") for form in written)
    return re.compile(rf"(?<![^\W_])(?:{forms})(?![^\W_])")


# --- The words and signs of a text, folded, each with its spelling ---------------------------------------------------
#     «قال عبد الله، أمس»  ─▶  قال · عبدالله · ، · امس
#
# «عبد الله» and «عبدالله» are one word, wherever words are compared: here, in the index, in what is searched for.

# A hyphen inside a name is none of its words: «جان-إيف» is «جان إيف»; nor are the points of «إم.تي.في».
_HYPHEN = r"(?<=[^\W\d_])-(?=(?!ال)[^\W\d_])"
_POINT = r"(?:(?<=\b[^\W\d_])|(?<=\b[^\W\d_]{2}))\.(?=[^\W\d_]{1,2}\b)"
_TOKEN = re.compile(rf"[^\W_]+(?:[\u064b-\u065f\u0670\u0640\u200c\u200d]+[^\W_]*)*|(?!{_HYPHEN}|{_POINT})[^\w\s]|\n")
_folded_once = lru_cache(maxsize=1 << 16)(fold)  # newspapers write few words, often


def tokens_of(text: str) -> tuple[list[str], list[str]]:
    """Return the folded words and signs of a text in order, and how it spells each of them."""
    spelled = _TOKEN.findall(text)
    folded = [_folded_once(each) for each in spelled]
    if "" in folded or " " in "".join(folded):  # nothing but marks; a ligature of several words
        pairs = [(word, each) for whole, each in zip(folded, spelled, strict=True) for word in whole.split()]
        pairs += [("\n", "\n")] if folded[-1:] == ["\n"] else []
        folded, spelled = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    places = [at for at, word in enumerate(folded[:-1]) if word[-3:] == "عبد" and is_servant(word, folded[at + 1])]
    for at in reversed(places):
        folded[at : at + 2] = [folded[at] + folded[at + 1]]
        spelled[at : at + 2] = [f"{spelled[at]} {spelled[at + 1]}"]
    return folded, spelled


def spelled_of(text: str, folded: Sequence[str], end: int) -> list[str]:
    """Return how a text spells its folded words, at least those before a place: it is read to there, or whole where that is far."""
    if 2 * end < len(folded):
        spelled = [match[0] for match in islice(_TOKEN.finditer(text), end)]
        if list(map(_folded_once, spelled)) == folded[:end]:
            return spelled
    spelled = _TOKEN.findall(text)
    return spelled if len(spelled) == len(folded) else tokens_of(text)[1]  # none of them are two, or half of one


def key_of(name: str) -> str:
    """Return the folded words of a name as one string."""
    return " ".join(token for token in tokens_of(name)[0] if token[0].isalnum())


# --- The one mask for what must not be read again: in logs, reports, a crawl's papers, errors ------------------------
#     masked(text)     userinfo of addresses, signatures, tokens, key ids; and every value that was named a secret
#     keep_secret(…)   names one: the credentials that boto3 found, the settings and variables that are called so
#     mask_logs()      every record of this process, its exception too
#
# Masks, and does not refuse: what a library says of an error is worth keeping without its secret.

MASK = "***"
SECRET = re.compile(r"KEY|WEBHOOK|NOTIFY_URLS|SECRET|TOKEN|PASSW|CREDENTIAL", re.IGNORECASE)
_HEADERS = {"authorization", "proxy-authorization", "cookie", "set-cookie"}
_SHORTEST = 5  # letters of a value that is masked wherever it stands; shorter ones are words
_LONG_LISTS = {"", "None", "True", "False"}
_FORMS = re.compile(
    r"""(?<=//)[^/?\#@\s"'<>\\]+(?=@)                                                 # userinfo
    | (?<=Credential=)[^\s,;&"']+ | (?<=Signature=)[^\s,;&"']+                       # of signatures, in headers and addresses
    | (?<=Security-Token=)[^\s,;&"']+ | (?<=security-token:)[^\s,;&"']+
    | \b(?:AKIA|ASIA)[A-Z0-9]{12,}\b                                                 # key ids
    | (?<=Authorization:\ )\S[^\r\n"']*""",
    re.VERBOSE | re.IGNORECASE,
)
_named: set[str] = set()


def keep_secret(*values: str | None) -> None:
    """Name values that are masked from now on, wherever they stand."""
    new = {value for value in values if value and len(value) >= _SHORTEST and value not in _LONG_LISTS}
    if not new <= _named:
        _named.update(new)
        _values.cache_clear()


def keep_named_secrets(pairs: Mapping[str, object]) -> None:
    """Name the values of all variables or settings whose names say that they are secrets."""
    keep_secret(*(value for name, value in pairs.items() if SECRET.search(name) and isinstance(value, str)))


def masked(text: str) -> str:
    """Return a text without secrets."""
    if (values := _values()) is not None:
        text = values.sub(MASK, text)
    return _FORMS.sub(MASK, text)


def masked_all(value: Any) -> Any:
    """Return a value of JSON with every text in it masked, and with what a secret's name names; keys stay, and become text where one is none (Scrapy's settings may name a component by its class)."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {f"{name}": MASK if is_secret(name, inner) else masked_all(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked_all(one) for one in value]
    return value


def is_secret(name: object, value: object) -> bool:
    """Say whether a setting, a variable or a header is one, by its name."""
    is_named = bool(SECRET.search(str(name))) or str(name).lower() in _HEADERS
    return is_named and isinstance(value, str | bytes) and bool(value)


def mask_logs() -> None:
    """Mask every log record that is made in this process from now on; and what the environment calls secret."""
    keep_named_secrets(os.environ)
    logging.setLogRecordFactory(_MaskedRecord)


class _MaskedRecord(logging.LogRecord):
    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # as `logging.makeRecord` gives them
        if self.exc_info and self.exc_info[0] is not None:
            self.exc_text = masked("".join(traceback.format_exception(*self.exc_info)).rstrip("\n"))

    def getMessage(self) -> str:  # noqa: N802  logging's own name
        return masked(super().getMessage())


@lru_cache(maxsize=1)
def _values() -> re.Pattern[str] | None:
    """Return what finds the named values, the longest first."""
    return _any_of(sorted(_named, key=len, reverse=True)) if _named else None


def _any_of(values: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, values)))


# --- A length of time as people write it, for settings and the command line -------------------------------------------

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST_DURATION = 36_525 * 86_400  # a century: longer ones are slips, and dates cannot be reckoned with all of them


def parse_duration(text: str) -> timedelta:
    """Return a length of time such as ``90s``, ``20m``, ``1.5 h``, ``7d`` or ``2w``; a number alone is seconds.

    Raises:
        ValueError: it is none, or longer than a century; without a sentence, who asks says what may be written.
    """
    match = _DURATION.fullmatch(text.strip())
    seconds = float(match[1]) * _SECONDS[match[2]] if match else -1
    if not 0 <= seconds <= _LONGEST_DURATION:
        raise ValueError(text)
    return timedelta(seconds=seconds)


# --- What must not reach a terminal: a page, a line or a file name that commands it -----------------------------------
# A terminal obeys what stands among the letters: it renames its window, answers with keys, hides lines. What a command prints may
# come from any page, so on a terminal control characters are shown by their pictures (U+2400 …); in a pipe or a file nothing changes.

_CONTROLS = {code: 0x2400 + code for code in range(0x20) if code not in {0x09, 0x0A}}
_CONTROLS |= {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


def harmless(text: str) -> str:
    """Return a text with pictures in the place of what a terminal would obey; its lines and tabs stay."""
    return text.translate(_CONTROLS)


def guard_terminal() -> None:
    """Let nothing through to a terminal, from now on, that it would obey; what goes to a pipe or a file is not touched."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and stream.isatty() and not isinstance(stream, Terminal):
            setattr(sys, name, Terminal(stream))


def write_styled(text: str, stream: TextIO | None = None) -> None:
    """Write to a stream, by default standard output, what holds styles of our own, and else nothing that is not `harmless`."""
    stream = sys.stdout if stream is None else stream
    getattr(stream, "styled", stream).write(text)


class Terminal(io.TextIOBase):
    """A terminal that is written to; ``styled`` takes what our own code makes, with colours and a moving cursor."""

    def __init__(self, styled: TextIO) -> None:
        self.styled = styled
        # where rich writes its tables and bars; what is put into them is the archive's own names
        self.rich_proxied_file = getattr(styled, "rich_proxied_file", styled)
        while (inner := getattr(self.rich_proxied_file, "rich_proxied_file", None)) is not None:
            self.rich_proxied_file = inner  # while a bar is shown, rich stands before a terminal of ours
        self.buffer = _Bytes(self)

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a file's own is an attribute
        """Return the terminal's encoding."""
        return self.styled.encoding

    def isatty(self) -> bool:
        """Say that it is one."""
        return True

    def fileno(self) -> int:
        """Return its number."""
        return self.styled.fileno()

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def flush(self) -> None:
        """Write what waits; to a stream that was closed first nothing can, and nobody is left to be told."""
        if not self.styled.closed:
            self.styled.flush()

    def write(self, text: str) -> int:
        """Write a text, without what it could command."""
        self.styled.write(harmless(text))
        return len(text)


class _Bytes:
    """What a page's bytes are written to."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def write(self, body: bytes) -> int:
        """Write bytes as text."""
        self._terminal.write(body.decode(errors="replace"))
        return len(body)

    def flush(self) -> None:
        """Write what waits."""
        self._terminal.flush()


# --- Arabic letters folded to one spelling, so that a word is recognised however an outlet writes it -----------------
#     «الأناضُول» · «الاناضول» · «الأنـــاضول»  ──fold()──▶  «الاناضول»
#
# The folded form is a key for looking things up; it is never published. Letters are folded as for stories and search
# (`archive.text`), and hyphens and blanks besides.

_HYPHENS = "\u2010\u2011\u2212"  # and the minus sign; dashes separate words and stay
_label = _translator({**FOLDING, **dict.fromkeys(map(ord, _HYPHENS), "-"), 0: None})
ARABIC = frozenset(map(chr, chain(range(0x0621, 0x064B), range(0x066E, 0x06D4))))
"""The letters an Arabic word is made of, before folding."""


_LABEL = 400  # letters; what is shorter (headline, name, label, line) is folded again and again while a page is read
_ENORMOUS = 1 << 17  # letters; a page has one such line at most; all rules ask for it in turn


def fold_label(text: str) -> str:
    """Return the key of ``text``: one spelling for every variant of its letters, ASCII digits, lower case, single blanks."""
    if len(text) <= _LABEL:
        return _remembered(text)
    return _last_enormous(text) if len(text) > _ENORMOUS else _fold_label(text)


def _fold_label(text: str) -> str:
    plain = _label(unicodedata.normalize("NFKC", text)).lower()
    return " ".join(plain.split())


_remembered = lru_cache(maxsize=4096)(_fold_label)
_last_enormous = lru_cache(maxsize=1)(_fold_label)
