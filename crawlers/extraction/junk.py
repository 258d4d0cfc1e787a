"""Lines that stand among an article's paragraphs and are none: labels, invitations, players, tweets.

Patterns are over folded lines (`archive.text.fold_label`: one alef, ي for ى, ه for ة, no hamza alone, lower case), so
that «اقرأ أيضاً», «إقرأ ايضا» and «اقرأ أيضًا» are one. A pattern holds the whole line unless it ends in ``.*``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from archive.text import fold_label

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
    r"للمزيد (?:من|اضغط|حول|عن|تابع|اقرا|انقر)\b",
    r"للاطلاع علي (?:المزيد|النسخه|التفاصيل)\b",
    r"(?:و?قد|ربما) (?:يهمك|يهمكم|يعجبك|تهمك|تود)\b",
    r"(?:اخبار|موضوعات|مواضيع|مقالات|مواد|روابط|تقارير|قصص) (?:ذات صله|متعلقه|مرتبطه|مشابهه|اخري قد تهمكم?)\b(?! ب)",
    r"(?:انقر|اضغط|اضغطوا|انقروا) هنا\b",
    r"(?:اشترك|اشتركوا|سجل|انضم|انضموا) (?:الان )?(?:في|ب|الي|معنا) ?(?:ال)?(?:خدمه|نشره|نشرتنا|نشراتنا|قناتنا|قناه|القناه|تلغرام|واتساب|واتس)",
    rf"(?:تابعوا|تابعونا|تابعنا|حملوا|نزلوا|تابع (?:اخر|احدث|كل|جديد|اخبار)) .{{0,40}}{_SITES}",
    r"تابع(?:وا|ونا|نا)? (?:اخر|احدث|كل|جديد|اخبار).{0,40}\b(?:عبر|علي|من خلال) (?:تطبيق|جوجل|غوغل|google|قناه|صفحه)(?: نيوز| الاخبار| news)?",
    rf"(?:تابع {_OWN_PLACES}|(?:حمل|نزل)(?:وا)?(?: الان)? تطبيق\b)",
    r"لمتابعه (?:اخر|احدث|المزيد|كل|اخبارنا)\b",
    r"(?:©|جميع (?:ال)?حقوق.{0,30}(?:محفوظ|\d{4})|حقوق (?:النشر|الطبع)(?: والنشر)? ?[:：]?.{0,3}(?:محفوظ|©|\d{4}))",
    r"مده الفيديو\b",
    r"قد يحتوي هذا الفيديو",
    r"(?:view this post on instagram|a post shared by|منشور تمت مشاركته)",
    r"(?:list \d+ of \d+|list of \d+ items?|end of list|قايمه \d+ من \d+|نهايه القايمه)",
    r"(?:sign up|subscribe) (?:to|for) ",
    r"(?:read|see|watch) (?:more|also)\s*[:：]",
    r"(?:الاراء?|المقالات?|هذا المقال|ما ورد) .{0,60}(?:لا ت?ي?عكس|لا ت?ي?عبر|تعبر عن).{0,40}(?:بالضروره|موقف|راي|وجهه نظر|سياسه)",
    r"(?:جار[يى]?|يتم) ?(?:ال)?تحميل\b|الرجاء الانتظار|loading\b",
    r"لن يتم نشر عنوان بريدك|الحقول (?:ال(?:ا?لزاميه|مسبوقه|مطلوبه)|التي تحمل)|your email address will not be published",
    r"(?:تم نسخ|انسخ|نسخ) (?:ال)?رابط",
    r"(?:يمنع|يحظر|لا يجوز|لا يسمح) ?(?:ب?اعاده|نسخ|نشر|اقتباس) .{0,60}(?:دون|بدون|الا) .{0,20}(?:اذن|موافقه|ذكر|اشاره)",
    r"(?:تم نشره|تم النشر)(?: يوم| بتاريخ| في)?\b.{0,14}\d",
    r"(?:تاريخ النشر|نشر في ?[:：]|اخر تحديث|تم التحديث|published|updated|last updated)\s*[:：]? *.{0,14}\d",
)
_DAY = r"\W*(?!و?في )(?:نشر في )?(?:\w+،? )?\d{1,2}[ /]\w+(?: ?/ ?\w+(?: \w+)?)?[ /]\d{4}(?: ?م)?"
_ZONE = r"(?:بتوقيت|توقيت|gmt|غرينتش|مكه|اخر تحديث)"
# The whole line.
_LABELS = (
    r"(?:اقرا|شاهد|طالع)(?:وا|ي)?(?: ايضا| المزيد)?",
    r"(?:تعمق اكثر|التحديثات الحيه|حول هذه القصه|الاكثر (?:قراه|قراةً|قراءه|مشاهده|تداولا|شعبيه|شيوعا))",
    r"المزيد(?: من| حول| عن)?(?: [^.]{1,40})?",
    r"(?:اعلان|اعلانات|advertisement|advertising|ad|sponsored|محتوي مدفوع)",
    r"(?:شارك|شاركها|شاركوا|شارك القصه|شارك المقال|شارك الخبر|مشاركه|حفظ|استمع|استماع|طباعه|اطبع|نسخ|نسخ الرابط|انسخ الرابط|تعليقات?|التعليقات|اضف تعليقا?)",
    r"\+? ?الخط ?-?|حجم الخط|a ?[+-]",
    r"(?:شارك ?|مشاركه ?)?(?:(?:facebook|twitter|whatsapp|telegram|instagram|youtube|linkedin|pinterest|email|print|x|فيسبوك|تويتر|واتساب|تلغرام|انستغرام|يوتيوب)\s*)+",
    r"(?:مده|وقت|زمن) القراه ?[:：]? ?\d.{0,16}|[\w.+-]+@[\w-]+\.[\w.]+",
    r"دلالات(?: ?[:：].{0,80})?",
    r"(?:الكلمات المفتاحيه|كلمات مفتاحيه|كلمات دلاليه|الكلمات الداله|وسوم|الوسوم|مواضيع المقال|tags|keywords)\s*[:：]?.{0,80}",
    r"(?:you may also like|related (?:stories|articles|news)|read (?:more|also)|view the discussion thread\.?|highlights|comments)",
    r"(?:pic\.twitter\.com/\S+|https?://\S+|@\w+|#[\w]+(?: #\w+)*)",
    r"(?:اخبار ذات صله|ذات صله|قصص مقترحه|اختيارات المحرر|اخترنا لك|اخترنا لكم|مقترحه لك|ننصحك ب?قراه)",
    r"(?:صوره?|الصوره|فيديو|بالفيديو|شاهد الفيديو)\s*[:：]?",
    r"(?:منذ|قبل) (?:\d+ )?\w{2,8}|\d{1,2}:\d{2}(?: [صم]| \(?(?:توقيت|بتوقيت|غرينتش|مكه).{0,16})?",
    rf"{_DAY}(?:(?: ?[-–|،:] ?| الساعه | )(?:اخر تحديث ?:? ?)?\d{{1,2}}:\d{{2}})?(?: ?[صم])? ?[(|-]? ?{_ZONE}.{{0,80}}",
    r"\W*(?:نشر في )?(?:\w+،? )?\d{1,2}[/.-]\d{1,2}[/.-]\d{4}\W*",
    rf"{_DAY}(?: ?[-–|،:] ?| الساعه | )(?:اخر تحديث ?:? ?)?\d{{1,2}}:\d{{2}}(?: ?[صم])?",
    r"[\W_]+",
)
_BARE_DAY = re.compile(rf"{_DAY}\W*")
_ALWAYS = re.compile(rf"(?:{'|'.join(_BEGINS)}).*|(?:{'|'.join(_LABELS)})", re.DOTALL)
_LONGEST = 40  # words; a longer line is a paragraph that merely begins like an invitation
_LETTERS = 600
# A policy on readers' comments speaks of comments and of terms, in however many words, and of nothing else.
_COMMENTS = r"(?:التعليقات|تعليقات(?:كم|ك|هم)?|المشاركات|مشاركات(?:كم|ك|هم)?|للتعليق)\b"
_TERMS = r"(?:سياسه الخصوصيه|ارشادات الاستخدام|شروط الاستخدام|قواعد (?:النشر|الموقع|التعليق)|مسءوليه|مسووليه|مسيوليه|راي اصحابها|وجهه نظر|لا تعبر)"
_POLICY = re.compile(
    rf"(?=.{{0,500}}{_COMMENTS})(?=.{{0,700}}{_TERMS})(?:ترحب|نرحب|ننصح|التعليقات|تعليقات|المشاركات|جميع التعليقات|الاراء|ان التعليقات|يرجي|نرجو|الرجاء|تخضع|لا ت?يتحمل|الموقع|ا?داره)\b.*",
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


def is_junk(text: str, patterns: tuple[str, ...] = ()) -> bool:
    """Say whether a line is no text of an article; ``patterns`` are the outlet's own, over the folded line."""
    if len(text) > _LETTERS:
        return False
    key = fold_label(text)
    if text.count(" ") >= _LONGEST:
        return bool(_POLICY.match(key))
    own = _own(patterns)
    return bool(_ALWAYS.fullmatch(key) or _POLICY.match(key) or (own and own.fullmatch(key)))


def is_tweet_foot(text: str) -> bool:
    """Say whether a line is the foot of an embedded tweet: «— name (@account) day», or its picture's address."""
    return _TWEET_PICTURE in text or bool(_TWEET_FOOT.match(text))


def is_day(text: str) -> bool:
    """Say whether a line is a day and nothing else: when the page is from, or what a chronicle puts over its entries."""
    return len(text) <= _LETTERS and bool(_BARE_DAY.fullmatch(fold_label(text)))


def is_caption(text: str) -> bool:
    """Say whether a line without a full stop ends in a photographer or picture agency in brackets, and quotes none."""
    key = fold_label(text) if len(text) <= _LETTERS else ""
    return bool(_CAPTION.fullmatch(key)) and not _QUOTES.search(key[: key.rindex("(")])
