"""Telling an article's lines from what stands around them: lines, density of text, advertisements, related links."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from lxml import etree

from archive.text import fold_label
from crawlers.extraction.days import MONTHS
from crawlers.extraction.html import Document
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator

    from lxml.etree import _Element


# --- Lines that stand among an article's paragraphs and are none: labels, invitations, players, tweets ---------------
# Patterns are over folded lines (`archive.text.fold_label`: one alef, ي for ى, ه for ة, no hamza alone, lower case), so
# that «اقرأ أيضاً», «إقرأ ايضا» and «اقرأ أيضًا» are one. A pattern holds the whole line unless it ends in ``.*``.

_SITES = r"(?:البوابه|الجزيره|العربي الجديد|سكاي نيوز|قناتنا|صفحتنا|حسابنا|موقعنا|تطبيق(?:نا| (?:الجزيره|البوابه|العربي|سكاي))|واتساب|تلغرام|فيسبوك|تويتر|يوتيوب|انستغرام)"
_OWN_PLACES = (
    r"(?:قناتنا|صفحتنا|حسابنا|موقعنا|تطبيقنا|البوابه نيوز|الجزيره نت|العربي الجديد|سكاي نيوز عربيه) (?:علي|عبر|في)\b"
)
# A line that begins so is an invitation to read something else, however it goes on.
_BEGINS = (
    r"(?:و?(?:اقرا|اقري|اقريي|طالع)|شاهد|تابع|انظر|استمع)(?:/?(?:وا|ي))? ?(?:ايضا|ايضن|المزيد|كذلك|كمان)\b",
    r"(?:اقرا|شاهد|طالع)(?:وا|ي)? ?[:：|]",
    r"اقرا(?:وا|ي)? (?:في|علي|من) .{2,24}[:：|]",
    r"(?:ذات صله|لا ?[يت]فوتكم?) ?[:：|]",
    r"لمزيد من (?:التفاصيل|الاخبار|المعلومات|القصص)\b",
    r"للمزيد ?[:：]",
    r"للمزيد (?:من|اضغط|حول|عن|تابع|اقرا|انقر)\b",
    r"للاطلاع علي (?:المزيد|النسخه|التفاصيل)\b",
    r"(?:و?قد|ربما) (?:يهمك|يهمكم|يعجبك|تهمك|تود)\b",
    r"(?:اخبار|موضوعات|مواضيع|مقالات|مواد|روابط|تقارير|قصص) (?:ذات صله|متعلقه|مرتبطه|مشابهه|اخري قد تهمكم?)\b(?! ب)",
    r"(?:انقر|اضغط|اضغطوا|انقروا) هنا\b",
    r"(?:اشترك|اشتركوا|سجل|انضم|انضموا) (?:الان )?(?:في|ب|الي|معنا) ?(?:ال)?(?:خدمه|نشره|نشرتنا|نشراتنا|قناتنا|قناه|القناه|تلغرام|واتساب|واتس)",
    rf"(?:تابعوا|تابعونا|تابعنا|حملوا|نزلوا|تابع (?:اخر|احدث|كل|جديد|اخبار)) .{{0,40}}{_SITES}",
    r"تابع(?:وا|ونا|نا)? (?:اخر|احدث|كل|جديد|اخبار).{0,40}\b(?:عبر|علي|من خلال) (?:تطبيق|جوجل|غوغل|google|قناه|صفحه)(?: نيوز| الاخبار| news)?",
    rf"(?:تابع {_OWN_PLACES}|(?:حمل|نزل)(?:وا)?(?: الان)? تطبيق\b)",
    rf"(?:ل|لل)?متابعه (?:اخبار|احدث|اخر|كل).{{0,40}}(?:علي|عبر) {_SITES}",
    r"لمتابعه (?:اخر|احدث|المزيد|كل|اخبارنا)\b",
    r"(?:ل|لل)?متابع(?:ه|ت\w{1,2}) .{2,60} (?:اضغط|انقر)(?:وا|ي)? هنا\b",
    r"(?:©|جميع (?:ال)?حقوق.{0,30}(?:محفوظ|\d{4})|حقوق (?:النشر|الطبع)(?: والنشر)? ?[:：]?.{0,3}(?:محفوظ|©|\d{4}))",
    r"مده الفيديو\b",
    r"قد يحتوي هذا الفيديو",
    r"(?:view this post on instagram|a post shared by|منشور تمت مشاركته)",
    r"(?:list \d+ of \d+|list of \d+ items?|end of list|قايمه \d+ من \d+|نهايه القايمه)",
    r"(?:sign up|subscribe) (?:to|for) ",
    r"(?:read|see|watch) (?:more|also)\s*[:：]",
    r"(?:الاراء?|المقالات?|المقال|هذا المقال|المقاله|ما ورد|ما ينشر) .{0,60}(?:لا ت?ي?عكس|لا ت?ي?عبر|تعبر عن).{0,40}(?:بالضروره|موقف|راي|وجهه نظر|سياسه)",
    r"(?:(?:ملحوظه|ملاحظه|تنويه|تنبيه)\W{1,3})?(?:مضمون|محتوي) هذ[اه] (?:ال)?(?:خبر|مقال|ماده|موضوع) (?:تم |قد تم )?(?:كتاب|نقل|نشر|منقول|لا يعبر)",
    r"(?:جار[يى]?|يتم) ?(?:ال)?تحميل\b|الرجاء الانتظار|loading\b",
    r"لن يتم نشر عنوان بريدك|الحقول (?:ال(?:ا?لزاميه|مسبوقه|مطلوبه)|التي تحمل)|your email address will not be published",
    r"(?:تم نسخ|انسخ|نسخ) (?:ال)?رابط",
    r"(?:اذا|ان|لو) (?:كنت|وجدت|لاحظت|كان لديك).{0,40}(?:المقال|الخبر|الماده|الموضوع|النص|خطا|معلومات).{0,90}(?:تصحيحا?|شكو[يى]|ا?بلغنا|اخبرنا|راسلنا|اتصل بنا|تواصل معنا|ارسل)",
    r"(?:يمنع|يحظر|لا يجوز|لا يسمح) ?(?:ب?اعاده|نسخ|نشر|اقتباس) .{0,60}(?:دون|بدون|الا) .{0,20}(?:اذن|موافقه|ذكر|اشاره)",
    r"(?:تم نشره|تم النشر)(?: يوم| بتاريخ| في)?\b.{0,14}\d",
    r"(?:(?:نشر\w{0,2} |كتب\w{0,2} |مرسله )?بواسطه|posted by) .{2,50}\W\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b",
    r"(?:تاريخ النشر|نشر في ?[:：]|اخر تحديث|تم التحديث|published|updated|last updated)\s*[:：]? *.{0,14}\d",
)
_HIJRI = r"(?:\d{1,2}[ /]\w+(?: \w+)?[ /]\d{3,4} ?ه(?: ?[-–|،,/])?(?: الموافق:?)? ?)?"
_DAY = rf"\W*(?!و?في )(?:نشر في )?(?:\w+،? )?{_HIJRI}\d{{1,2}}[ /]\w+(?: ?/ ?\w+(?: \w+)?)?[ /]\d{{4}}(?: ?م)?"
_ZONE = r"(?:بتوقيت|توقيت|gmt|غرينتش|مكه|اخر تحديث)"
# The whole line.
_LABELS = (
    r"(?:اقرا|شاهد|طالع)(?:وا|ي)?(?: ايضا| المزيد)?",
    r"(?:تعمق اكثر|التحديثات الحيه|حول هذه القصه|الاكثر (?:قراه|قراةً|قراءه|مشاهده|تداولا|شعبيه|شيوعا))",
    r"المزيد(?: من| حول| عن)?(?: [^.]{1,40})?",
    r"\W*(?:اعلان|اعلانات|advertisement|advertising|ad|sponsored|محتوي مدفوع)\W*",
    r"(?:شارك|شاركها|شاركوا|شارك القصه|شارك المقال|شارك الخبر|مشاركه|حفظ|استمع|استماع|طباعه|اطبع|نسخ|نسخ الرابط|انسخ الرابط|تعليقات?|التعليقات|اضف تعليقا?)",
    r"\+? ?الخط ?-?|حجم الخط|a ?[+-]",
    r"(?:شارك ?|مشاركه ?)?(?:(?:facebook|twitter|whatsapp|telegram|instagram|youtube|linkedin|pinterest|email|print|x|فيسبوك|تويتر|واتساب|تلغرام|انستغرام|يوتيوب)\s*)+",
    r"(?:مده|وقت|زمن) القراه ?[:：]? ?\d.{0,16}|[\w.+-]+@[\w-]+\.[\w.]+",
    r"[ا-ي]{1,2}[./][ا-ي]{1,2}\.?(?:[ ./]{1,3}[ا-ي]{1,2}[./][ا-ي]{1,2}\.?)?",  # who typed it
    r"دلالات(?: ?[:：].{0,80})?",
    r"(?:الكلمات المفتاحيه|كلمات مفتاحيه|كلمات دلاليه|الكلمات الداله|وسوم|الوسوم|تاجز|تاغات|هاشتا[جغ](?:ات)?|مواضيع المقال|tags|keywords)\s*[:：]?.{0,160}",
    r"(?:you may also like|related (?:stories|articles|news)|read (?:more|also)|view the discussion thread\.?|highlights|comments)",
    r"(?:pic\.twitter\.com/\S+|https?://\S+|@\w+|#[\w]+(?: #\w+)*)",
    r"(?:اخبار ذات صله|ذات صله|مرتبط|قصص مقترحه|اختيارات المحرر|اخترنا لك|اخترنا لكم|مقترحه لك|ننصحك ب?قراه)",
    r"(?:صوره?|الصوره|فيديو|بالفيديو|شاهد الفيديو)\s*[:：]?",
    r"(?:منذ|قبل) (?:\d+ )?\w{2,8}|\d{1,2}:\d{2}(?: [صم]| \(?(?:توقيت|بتوقيت|غرينتش|مكه).{0,16})?",
    rf"{_DAY}(?:(?: ?[-–|،:] ?| الساعه | )(?:اخر تحديث ?:? ?)?\d{{1,2}}:\d{{2}})?(?: ?[صم])? ?[(|-]? ?{_ZONE}.{{0,80}}",
    r"\W*(?:نشر في )?(?:\w+[،,]? )?(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}[/.-]\d{1,2}[/.-]\d{1,2})(?:\W{1,4}\d{1,2}:\d{2}(?::\d{2})?(?: ?[صم])?)?\W*",
    rf"{_DAY}(?: ?[-–|،:] ?| الساعه | )(?:اخر تحديث ?:? ?)?\d{{1,2}}:\d{{2}}(?: ?[صم])?",
    r"[\W_]+",
)
_WORD = re.compile(r"\w+")
_LONGEST_TIME = 100  # letters
_BARE_DAY = re.compile(rf"(?:{_DAY}|\W*(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{4}}|\d{{4}}[/.-]\d{{1,2}}[/.-]\d{{1,2}}))\W*")
_ALWAYS = re.compile(rf"(?:{'|'.join(_BEGINS)}).*|(?:{'|'.join(_LABELS)})", re.DOTALL)
_LONGEST = 40  # words; a longer line is a paragraph that merely begins like an invitation
_LETTERS = 600
# A policy on readers' comments speaks of comments and of terms, in however many words, and of nothing else.
_COMMENTS = r"(?:ب?ال?تعليقات|ب?تعليقات(?:كم|ك|هم)?|المشاركات|مشاركات(?:كم|ك|هم)?|للتعليق|ال?تعليق(?:ك|كم)?)\b"
_TERMS = r"(?:سياسه الخصوصيه|ارشادات الاستخدام|شروط الاستخدام|قواعد (?:النشر|الموقع|التعليق)|مسءوليه|مسووليه|مسيوليه|اداب (?:الحوار|النقاش|الحديث)|شروط النشر|اساءه|الاساءه|راي اصحابها|وجهه نظر|لا تعبر)"
_POLICY = re.compile(
    rf"(?=(?:(?:تنويه|ملاحظه|تنبيه)\W{{1,3}})?(?:ترحب|نرحب|ننصح|التعليقات|تعليقات|المشاركات|جميع التعليقات|الاراء|ان التعليقات|يرجي|نرجو|الرجاء|تخضع|لا ت?يتحمل|الموقع|ا?داره)\b)"
    rf"(?=.{{0,500}}{_COMMENTS})(?=.{{0,700}}{_TERMS})",
    re.DOTALL,
)
_TWEET_FOOT = re.compile(r"[—–-]{1,2} .{1,80}\(@\w{1,20}\).{0,40}$")
_TWEET_PICTURE = "pic.twitter.com/"
INVITATION = re.compile(
    r"و?(?:اقرا|اقري|طالع|شاهد|تابع|المزيد|للمزيد|لمزيد|اخبار|موضوعات|مواضيع|مقالات|مواد|روابط|تقارير|قصص|قد يهم|ذات صله|حول هذه)|read|see|related"
)
LABEL_BEFORE_LINKS = re.compile(r"(?:اقرا|شاهد|طالع|مواضيع|موضوعات|اخبار|مقالات).{0,24}[:：]?")
_PHOTO_AGENCIES = r"(?:getty(?: images)?|غيتي(?: ايميجز)?|جيتي|afp|فرانس برس|الفرنسيه|اف ب|reuters|رويترز|ap|اسوشيي?تد ?برس|اب|epa|الاوروبيه|الاناضول|شاترستوك|shutterstock|مواقع التواصل[^)]*|الجزيره|العربي الجديد|وكالات|سانا|د ب ا|شينخوا)"
# «… وفق ما ذكرت وكالة الأنباء السورية (سانا)» is a sentence: a word of reporting stands close before the brackets.
_QUOTES = re.compile(
    r"(?:^|\s)[ولبف]?(?:وكاله|الوكاله|وكالات|بحسب|حسب|حسبما|وفق|وفقا|نقلا|نقلت|نقلته|ذكرت|ذكرته|افادت|اوردت|لوكاله)\s(?:\S+\s+){0,5}$"
)
_CAPTION = re.compile(rf"[^.؟!]{{8,220}}\((?:[^()]{{0,40}}[/\\-] ?)?{_PHOTO_AGENCIES}\)")


@lru_cache(maxsize=32)
def _own(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None


_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}")
_GLUED = re.compile(r"(?<=\d)(?=[ا-ي])|(?<=[ا-ي])(?=\d)")
_OF_TIME = re.compile(
    r"\d+|ال(?:سبت|احد|اثنين|ثلاثاء|اربعاء|خميس|جمعه)|محرم|صفر|ربيع|جماد[يه]|رجب|شعبان|رمضان|شوال|ذ[يو]|القعده|الحجه|الاول[يه]?|الاخره?|الثاني[هي]?|ثان|اول|كانون|تشرين|"
    r"نشر|نشرت|تم|النشر|تاريخ|بتاريخ|اخر|تحديث|التحديث|محدث|الساعه|بعد|قبل|الظهر|gst|بتوقيت|توقيت|مكه|المكرمه|السعوديه|القاهره|ابوظبي|بيروت|غرينتش|جرينتش|gmt|utc|ه|هـ|م|مـ|ص|مساء?|صباحا|ظهرا|عصرا|"
    r"الموافق|يوم|في|علي|منذ|am|pm"
)


def _is_time(key: str) -> bool:
    """Say whether a folded line is a day with a clock and no other word: the time of the page, whatever stands between its parts."""
    if len(key) > _LONGEST_TIME or not _CLOCK.search(key):
        return False
    words = _WORD.findall(_GLUED.sub(" ", key).replace("h", " "))
    return any(len(word) == 4 and word.isdecimal() for word in words) and all(  # noqa: PLR2004  a year
        _OF_TIME.fullmatch(word) or word in MONTHS for word in words
    )


def is_boilerplate(text: str, patterns: tuple[str, ...] = ()) -> bool:
    """Say whether a line is no text of an article; ``patterns`` are the outlet's own, over the folded line."""
    if len(text) > _LETTERS:
        return False
    key = fold_label(text)
    if not key:  # a line of tatweel is a rule
        return True
    if text.count(" ") >= _LONGEST:
        return bool(_POLICY.match(key))
    own = _own(patterns)
    return bool(_ALWAYS.fullmatch(key) or _POLICY.match(key) or (own and own.fullmatch(key)) or _is_time(key))


def is_tweet_foot(text: str) -> bool:
    """Say whether a line is the foot of an embedded tweet: «— name (@account) day», or its picture's address."""
    return _TWEET_PICTURE in text or bool(_TWEET_FOOT.match(text))


def is_day(text: str) -> bool:
    """Say whether a line is a day and nothing else: when the page is from, or what a chronicle puts over its entries."""
    return len(text) <= _LETTERS and bool(_BARE_DAY.fullmatch(fold_label(text)))


def is_caption(text: str) -> bool:
    """Say whether a line without a full stop ends in a photographer or picture agency in brackets, and quotes none."""
    key = fold_label(text) if len(text) <= _LETTERS else ""
    return key.endswith(")") and bool(_CAPTION.fullmatch(key)) and not _QUOTES.search(key[: key.rindex("(")])


# ---------------------------------------------------------------------------------------------------------------------
# The lines of a body to the text of an article: junk out, nothing said twice. Credits stay for `crawlers.extraction.credit`.
# lines ─▶ labels, links, tweets, captions out ─▶ credit line aside ─▶ headline and standfirst twice, pull-quotes out

_PARAGRAPH = 60  # letters; with the first line of that length the text has begun
_ALL_LINKED = 0.9
_LINK_WORDS = 4  # a shorter line that is all link may be a name on its own line
_REPEATED = 0.75  # share of a pull-quote's word pairs that stand in one paragraph
_QUOTE_WORDS = range(5, 60)
_LEAST_QUOTE = 9  # words of a bare line; a shorter one is a sub-heading in the words of the paragraph under it
_LONGER = 1.15
_SAME = 0.9
_ENTRY = 14  # word pairs; a line as short as this with a number in it is an entry («سعر الشراء 47.50 جنيه») and may come again
_TWIN = 0.8
_RARE = "ظغذثضطزشخجصحس0123456789"
_COMPARED = 400  # lines; comparing each with each is quadratic, and no article is longer


def sift(lines: list[Line], *, headline: str, standfirst: str | None, boilerplate: tuple[str, ...]) -> list[str]:
    """Return what of ``lines`` is the article's text.

    Args:
        lines: as read from the page.
        headline: as published; lines on top that only repeat it are dropped.
        standfirst: as published; dropped from the top where the first paragraph repeats it.
        boilerplate: the outlet's own patterns over folded lines.
    """
    kept = _without_captions(list(_without_widgets(lines, boilerplate)))
    kept = _without_headings_of_nothing(kept)
    texts = _without_head(kept, headline, standfirst)
    return [line.text for line in _without_repeats(texts)]


def _without_widgets(lines: list[Line], boilerplate: tuple[str, ...]) -> Iterator[Line]:
    """Yield the lines that are no widgets; a line that is all link, however short, goes with the invitation above it."""
    invited = begun = False
    for line in lines:
        begun = begun or len(line.text) >= _PARAGRAPH
        if _is_widget(line, boilerplate) or (not begun and not line.heading and is_day(line.text)):
            invited = invited or bool(INVITATION.match(fold_label(line.text)))
        elif not (invited and line.linked >= _ALL_LINKED):
            invited = False
            yield line


def _is_widget(line: Line, boilerplate: tuple[str, ...]) -> bool:
    if is_boilerplate(line.text, boilerplate) or is_tweet_foot(line.text):
        return True
    return line.linked >= _ALL_LINKED and line.text.count(" ") >= _LINK_WORDS - 1 and not line.heading


def _without_captions(lines: list[Line]) -> list[Line]:
    """Drop captions that stand as bare lines; the last line may be a paragraph that ends with its agency."""
    return [line for line in lines[:-1] if line.heading or not is_caption(line.text)] + lines[-1:]


def _without_headings_of_nothing(lines: list[Line]) -> list[Line]:
    """Drop headings and days at the end, and labels before links that are gone."""
    while lines and (
        lines[-1].heading or is_day(lines[-1].text) or LABEL_BEFORE_LINKS.fullmatch(fold_label(lines[-1].text))
    ):
        lines = lines[:-1]
    return lines


def _without_head(lines: list[Line], headline: str, standfirst: str | None) -> list[Line]:
    """Drop the headline where it is repeated on top, and the standfirst where the first paragraph repeats it."""
    title = fold_label(headline)
    most = 2 * len(headline)  # a longer line is no headline, with whatever marks; over it may stand a kicker
    top = [line for line in lines[:3] if len(line.text) > most or fold_label(line.text) != title]
    lines = [*top, *lines[3:]]
    if len(lines) > 1 and standfirst:
        first, second = fold_label(lines[0].text), fold_label(lines[1].text)
        summary = fold_label(standfirst)
        if (first == summary or overlap(summary, first) >= _TWIN) and overlap(first, second) >= _TWIN:
            return lines[1:]
    return lines


def _without_repeats(lines: list[Line]) -> list[Line]:
    """Drop lines said before, and pull-quotes: bare lines whose word pairs nearly all stand in one other paragraph."""
    if len(lines) > _COMPARED:
        return list({fold_label(line.text): line for line in reversed(lines)}.values())[::-1]
    keys = [fold_label(line.text) for line in lines]
    quotable = [_may_be_quote(line) for line in lines]
    if not any(quotable) and (_are_unlike(map(_rare_letters, keys)) or _are_unlike(map(_words, keys))):
        return lines  # no quote, and no two of the same words
    pairs = [_pairs(key) for key in keys]
    entries = [len(mine) <= _ENTRY and any(map(str.isdigit, key)) for mine, key in zip(pairs, keys, strict=True)]
    return [
        line
        for number, line in enumerate(lines)
        if not _stands_elsewhere(pairs, quotable, number, again=entries[number])
    ]


def _are_unlike(signs: Iterable[Hashable]) -> bool:
    known = list(signs)
    return len(set(known)) == len(known)


def _rare_letters(key: str) -> tuple[bool, ...]:
    """Return which of some rare letters a line has: lines of the same words have the same."""
    return tuple(map(key.__contains__, _RARE))


def _words(key: str) -> frozenset[str]:
    return frozenset(_WORD.findall(key))


def _may_be_quote(line: Line) -> bool:
    size = line.text.count(" ") + 1
    if line.heading or (not line.quoted and size < _LEAST_QUOTE):
        return False
    return size in _QUOTE_WORDS and (line.quoted or not line.text.rstrip("»”\"'").endswith((".", ":", "؛")))


def _stands_elsewhere(pairs: list[set[tuple[str, str]]], quotable: list[bool], number: int, *, again: bool) -> bool:
    """Say whether a line only repeats another: a quote in a paragraph, or the second of two equal lines (not ``again``)."""
    mine = pairs[number]
    if len(mine) < _QUOTE_WORDS.start - 1:
        return False
    for other, theirs in enumerate(pairs):
        if other == number:
            continue
        if quotable[number] and _is_taken_from(mine, theirs):
            if len(theirs) > len(mine) or not quotable[other] or other < number:
                return True
        elif not again and mine == theirs and other < number and quotable[other] == quotable[number]:
            return True
    return False


def _is_taken_from(mine: set[tuple[str, str]], theirs: set[tuple[str, str]]) -> bool:
    """Say whether a quote stands in a paragraph; lines of one size that only resemble each other are a list's."""
    least = _REPEATED if len(theirs) >= _LONGER * len(mine) else _SAME
    return len(theirs) >= len(mine) and len(mine & theirs) >= least * len(mine)


def overlap(part: str, whole: str) -> float:
    """Return the share (0 to 1) of the word pairs of ``part`` that stand in ``whole``; both folded."""
    wanted = _pairs(part)
    return len(wanted & _pairs(whole)) / len(wanted) if wanted else float(part == whole)


def _pairs(key: str) -> set[tuple[str, str]]:
    return set(pairwise(_WORD.findall(key)))


# --- The lead of a template that nobody described: a paragraph under the headline, apart from the text ----------------

_LEAD = re.compile(
    r"(?:^|[\s_-])(?:lead|lede|summary|standfirst|excerpt|intro|deck|sapo|teaser|subtitle|brief)(?=$|[\s_-])"
)
_NO_LEAD = re.compile(r"caption|image|img|photo|author|bio|meta|source", re.IGNORECASE)
_LEAD_WORDS, _LEAD_LETTERS = 10, 600
_LINKED_LEAD = 0.5
_LEADS = frozenset(("p", "div", "h2", "h3", "section"))
_PICTURED = frozenset(("figure", "figcaption", "a", "li", "ul"))


def lead_above(places: Iterable[_Element], headline: str, lines: list[str]) -> list[str]:
    """Return the lines of a text, first the lead that stands between it and the headline: a paragraph, or what is called a summary.

    Args:
        places: what stands there, in page order.
        headline: as published.
        lines: of the text.
    """
    text = fold_label("\n".join(lines))
    for place in places:
        name = place.get("class") or ""
        if place.tag not in _LEADS or _NO_LEAD.search(name) or not (place.tag == "p" or _LEAD.search(name)):
            continue
        if any(
            holder.tag in _PICTURED or _NO_LEAD.search(holder.get("class") or "")
            for holder in islice(place.iterancestors(), 2)
        ):
            continue
        own = read_lines(place, set())
        if len(own) != 1 or not own[0].text.count(" ") + 1 >= _LEAD_WORDS or len(own[0].text) > _LEAD_LETTERS:
            continue
        key = fold_label(own[0].text)
        if own[0].linked < _LINKED_LEAD and not is_boilerplate(own[0].text) and not is_caption(own[0].text):
            is_said = key in text or key == fold_label(headline) or overlap(key, text) >= _TWIN
            return lines if is_said else [own[0].text, *lines]
    return lines


# --- An element of a page to the lines of its text, in one walk ------------------------------------------------------
# A paragraph, a sub-heading, a list entry, a table row and what stands between two ``<br>`` are lines. Elements that hold no
# text of the article (captions, players, related links, share buttons) are skipped whole.

COMMON_DROP = (
    "figure, figcaption, aside, iframe, button, select, input, textarea, video, audio, object, embed, nav, picture, dialog,"
    "label, script, style, svg, noscript, template, canvas, blockquote.twitter-tweet, blockquote.twitter-video,"
    "blockquote.instagram-media, blockquote.tiktok-embed, .screen-reader-text, .visually-hidden, .sr-only, .noprint,"
    "sna, sna-share, sna-related-article"
)
_JUNK_CLASS = re.compile(
    r"(?:^|[\s_-])(?:related|relates?|sharedaddy|relatedposts|image-?(?:desc|title)\w*|image_heading\w*|share|sharing|shares|social|advert\w*|ads?|adv|banner|newsletter|subscri\w+|promo|"
    r"recommend\w*|read-?(?:more|also|next)|also-?read|more-on|most-?(?:read|popular|viewed)|see-?also|tags|breadcrumbs?|"
    r"comments?|(?<!elementor-)widget|outbrain|taboola|mgid|addtoany\w*|a2a_kit|captions?|copyrights?|sponsor\w*|popup|cookies?|toolbar|"
    r"facetweet|instagram|tweet|twitter|fb-post|facebook|screen-reader\w*|sr-only|noprint|d-none|print-only|"
    r"(?:author|writer)s?[_-]{0,2}(?:bio\w*|box|card|desc\w*|info|about)|about[_-](?:the[_-])?(?:author|writer)|syndigate\w*|disclaimer|carousel|slider|gallery|reading-list|audio-player|font-?(?:size|resize)\w*)(?=$|[\s_-])",
    re.IGNORECASE,
)
_HOLDS_ARTICLE = 0.5  # an element with more of the text than this is no junk, whatever its class says
_NAME = 500  # letters of a class that are looked at
_LINE_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "h1 h2 h3 h4 h5 h6 p div li ul ol dl dt dd blockquote section article table tbody thead tr hr br pre main header "
        "footer center address details summary fieldset",
    )
)
_NAMED_BLOCKS = _LINE_HEADINGS | {"blockquote"}
_CELLS = frozenset(("td", "th"))
OWN_LINK = re.compile(r"/keyword-search|/tags?/|/topic/|^#")


@dataclass(slots=True)
class Line:
    """One line of text.

    Attributes:
        heading: it stands in a heading element.
        title: it stands in an ``h1``.
        linked: share (0 to 1) of its letters that are links to other articles.
        quoted: it stands in a ``blockquote``.
    """

    text: str
    heading: bool = False
    title: bool = False
    linked: float = 0.0
    quoted: bool = False


MOST_LINES = 20_000  # no article has more; a page that does is cut, and flagged
_MOST_STEPS = (
    400_000  # beginnings and ends of elements that are walked over: of a text with more no reader sees the end
)


def dropped(document: Document, root: _Element, selectors: Collection[str]) -> set[_Element]:
    """Return the elements under ``root`` that hold no text: by selector, and by what their class says."""
    elements = {element for selector in (COMMON_DROP, *selectors) for element in document.all(selector)}
    if any(map(_is_suspect, islice(root.iterdescendants(etree.Element), _MOST_STEPS))):
        suspects = _lengths_of_suspects(root)
        elements.update(element for element, length in suspects.items() if length <= _HOLDS_ARTICLE * suspects[root])
    elements.discard(root)
    return elements


def _lengths_of_suspects(root: _Element) -> dict[_Element, int]:
    """Return the letters outside links of ``root`` and of everything in it that looks like junk, counted in one walk."""
    letters = links = 0
    begun: dict[_Element, int] = {}
    lengths: dict[_Element, int] = {}
    for event, element in islice(etree.iterwalk(root, events=("start", "end")), _MOST_STEPS):
        starts = event == "start"
        if starts:
            if element is root or _is_suspect(element):
                begun[element] = letters
        elif element in begun:
            lengths[element] = letters - begun[element]
        if element.tag == "a":
            links += 1 if starts else -1
        text = element.text if starts else element.tail if element is not root else None
        if text and not links:
            letters += len(text.strip())
    return {element: letters - before for element, before in begun.items()} | lengths


def _is_suspect(element: _Element) -> bool:
    """Say whether tag, class or id look like junk; a form may also be ASP.NET's, which wraps the whole page."""
    if not element.attrib:
        return element.tag == "form"
    if element.tag == "form" or element.get("hidden") is not None or element.get("data-ng-dfp-ad") is not None:
        return True
    name = f"{element.get('class', '')} {element.get('id', '')}"
    return len(name) > 1 and _names_boilerplate(name[:_NAME])


@lru_cache(maxsize=4096)  # an outlet's pages have the same few hundred
def _names_boilerplate(name: str) -> bool:
    return bool(_JUNK_CLASS.search(name))


def read_lines(root: _Element, skipped: Collection[_Element]) -> list[Line]:
    """Return the lines of ``root`` in order, tidy, none empty: one more than ``MOST_LINES`` where there are more."""
    writer = _Writer()
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in islice(walker, _MOST_STEPS):
        if len(writer.lines) > MOST_LINES:
            break
        if event == "start":
            if element in skipped:
                walker.skip_subtree()
            else:
                writer.open(element)
        else:
            writer.close(element, skipped=element in skipped, last=element is root)
    writer.flush()
    return writer.lines


class _Writer:
    """Collects the text between two block borders into one line."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._parts: list[str] = []
        self._linked = 0
        self._links = 0
        self._heading = 0
        self._titles = 0
        self._quotes = 0

    def open(self, element: _Element) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._border(tag, 1)
        elif tag == "a" and not OWN_LINK.search(element.get("href") or "#"):
            self._links += 1
        elif tag in _CELLS:
            self._parts.append(" ")
        if text := element.text:
            self._add(text)

    def close(self, element: _Element, *, skipped: bool, last: bool) -> None:
        tag = element.tag
        if not skipped:
            if tag in _BLOCKS:
                self._border(tag, -1)
            elif tag == "a" and not OWN_LINK.search(element.get("href") or "#"):
                self._links -= 1
        elif tag in _BLOCKS:
            self.flush()
        if not last and (text := element.tail):
            self._add(text)

    def _border(self, tag: object, step: int) -> None:
        if self._parts:
            self.flush()
        if tag in _NAMED_BLOCKS:
            self._heading += step * (tag in _LINE_HEADINGS)
            self._titles += step * (tag == "h1")
            self._quotes += step * (tag == "blockquote")

    def _add(self, text: str) -> None:
        self._parts.append(text)
        if self._links:
            self._linked += len(text.strip())

    def flush(self) -> None:
        if not self._parts:
            return
        text = tidy("".join(self._parts).replace("\n", " "))
        if text:
            share = min(1.0, self._linked / len(text)) if self._linked else 0.0
            self.lines.append(Line(text, self._heading > 0, self._titles > 0, share, self._quotes > 0))
        self._parts.clear()
        self._linked = 0


# --- What stands under a text and is none: readers' comments, a word about the author ---------------------------------

PARAGRAPH = 80  # letters
LINKED_TITLE = 0.9
_COMMENTS_TITLE = re.compile(
    r"\W*(?:\d+ )?(?:ال)?تعليقات?(?: (?:الزوار|القراء|الفيسبوك|فيسبوك))?\W*\d*\W*|(?:اترك|اضف|اكتب|شارك ب?)(?:وا)? ?(?:تعليقا?ك?|رايك|ردا?)\W*|(?:\d+ )?comments?\W*\d*\W*"
)
_BIO = 3  # lines under the text, the author's name first


def is_paragraph(line: Line) -> bool:
    """Say whether a line is a sentence's length, no title and no link."""
    return len(line.text) >= PARAGRAPH and not line.title and line.linked < LINKED_TITLE


def above_comments(lines: list[Line]) -> list[Line]:
    """Leave out what follows the heading of readers' comments under a text."""
    begun = next((number for number, line in enumerate(lines) if is_paragraph(line)), len(lines))
    return lines[
        : next((n for n in range(begun, len(lines)) if _COMMENTS_TITLE.fullmatch(fold_label(lines[n].text))), None)
    ]


def without_bio(lines: list[Line], signed: set[str]) -> list[Line]:
    """Leave out what follows a line under the text that is the author's name alone: a word about him."""
    for number in range(len(lines) - 1, max(1, len(lines) - 1 - _BIO), -1):
        if fold_label(lines[number].text) in signed:
            return lines[:number]
    return lines


# --- The full text of a feed item: HTML, or plain text with entities that are escaped twice and lines for paragraphs.

_BLOCK_TAG = re.compile(r"<(?:p|br|h[1-6]|ul|ol|li|table|blockquote)\b[^>]*>", re.IGNORECASE)
TAG = re.compile(r"<[a-z/!][^<>]*>", re.IGNORECASE)
_ESCAPED_TAG = re.compile(r"&lt;(?:p|br|h[1-6]|ul|ol|li|blockquote)\b", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_SET_APART = re.compile(r"^\s*(?:&(?:amp;)*nbsp;|\u00a0)")  # what a pull-quote of Al-Araby begins with


def read_feed_text(text: str, drop: tuple[str, ...]) -> list[Line]:
    """Return the lines of a feed item's text; ``drop`` as in `Reading`."""
    if _ESCAPED_TAG.search(text) and not _BLOCK_TAG.search(text):
        text = html.unescape(text)
    if _BLOCK_TAG.search(text):
        document = Document(f"<html><body>{text}</body></html>".encode("utf-8", "replace"))
        return read_lines(document.root, dropped(document, document.root, drop))
    return [line for block in _BLANK_LINE.split(TAG.sub("\n", text)) for line in _plain(block)]


def _plain(block: str) -> list[Line]:
    """Return the lines of one plain block; an embedded tweet, words and signature, is one block."""
    if is_tweet_foot(tidy(block)) or any(is_tweet_foot(tidy(line)) for line in block.split("\n")):
        return []
    return [Line(line, quoted=bool(_SET_APART.match(raw))) for raw in block.split("\n") if (line := tidy(raw))]
