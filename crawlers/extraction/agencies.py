"""Names that credits are made of: wire agencies and their spellings, mastheads, desks, picture sources, towns; credits taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from archive.text import fold_label

# --- The wire agencies, as Arab outlets write them, and the names that stand beside them in a credit -----------------
# Three kinds of spelling, by how far they can be trusted:
#
#     names    full names («وكالة فرانس برس»); found anywhere inside a credit
#     shorts   initials («أ ف ب», «واس»); ordinary letters elsewhere, so only as a whole part of a credit
#     bare     an adjective or an ordinary word («الفرنسية», «معا», «قنا»); likewise, and at a head only beside a place
#
# A credit only: none of them is looked for in a sentence. «قال لوكالة فرانس برس» quotes an agency, it does not credit it.


class Agency(NamedTuple):
    """An agency's published code and its spellings."""

    code: str
    names: tuple[str, ...]
    shorts: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()


UNNAMED = "agencies"
"""The code of agencies that a credit does not name: «وكالات», «ترجمات»."""

_ASSOCIATED = ("Associated Press", "أسوشيتد برس", "أسوشييتد برس", "اسوشيتيد برس", "اسوشيتدبرس", "أسوشييتدبرس")
AGENCIES: tuple[Agency, ...] = (
    Agency(
        "afp",
        ("فرانس برس", "فرانس بريس", "فرنس برس", "الصحافة الفرنسية", "الأنباء الفرنسية", "Agence France Presse"),
        ("أ ف ب", "AFP"),
        ("الفرنسية",),
    ),
    Agency("reuters", ("رويترز", "رويتر", "Reuters")),
    Agency(
        "ap", (*_ASSOCIATED, "أسوشيتد بريس", "أسوشيتدبريس", "الأسوشيتد برس"), ("أ ب", "AP"), ("أسوشيتد", "أسوشييتد")
    ),
    Agency("dpa", ("الأنباء الألمانية", "الصحافة الألمانية"), ("د ب أ", "dpa"), ("الألمانية",)),
    Agency("anadolu", ("الأناضول", "أناضول", "Anadolu", "Anadolu Agency"), ("AA",)),
    Agency("mena", ("أنباء الشرق الأوسط", "الشرق الأوسط للأنباء"), ("أ ش أ", "MENA")),
    Agency("spa", ("الأنباء السعودية",), ("واس", "SPA")),
    Agency("wam", ("أنباء الإمارات", "الأنباء الإماراتية"), ("وام", "WAM")),
    Agency("qna", ("الأنباء القطرية",), ("QNA",), ("قنا",)),
    Agency("kuna", ("الأنباء الكويتية",), ("كونا", "KUNA")),
    Agency("bna", ("أنباء البحرين", "الأنباء البحرينية"), ("BNA",), ("بنا",)),
    Agency("ona", ("الأنباء العمانية",), (), ("العمانية",)),
    Agency("petra", ("الأنباء الأردنية",), ("Petra",), ("بترا",)),
    Agency("saba", ("الأنباء اليمنية",), ("سبأ نت",), ("سبأ",)),
    Agency("wafa", ("الأنباء الفلسطينية", "المعلومات الفلسطينية"), ("وفا", "WAFA")),
    Agency("maan", ("معا الإخبارية", "معا الفلسطينية"), (), ("معا",)),
    Agency("sana", ("الأنباء السورية", "السورية للأنباء"), ("سانا", "SANA")),
    Agency("ina", ("الأنباء العراقية",), (), ("واع",)),
    Agency("nna", ("الوكالة الوطنية للإعلام", "الأنباء اللبنانية"), ("NNA",)),
    Agency("map", ("المغرب العربي للأنباء", "الأنباء المغربية"), (), ("ومع",)),
    Agency("aps", ("الأنباء الجزائرية",), (), ("واج",)),
    Agency("tap", ("تونس أفريقيا للأنباء", "الأنباء التونسية"), (), ("وات",)),
    Agency("lana", ("الأنباء الليبية",), (), ("وال",)),
    Agency("suna", ("السودان للأنباء", "الأنباء السودانية"), ("سونا",)),
    Agency("xinhua", ("شينخوا", "الصين الجديدة", "الأنباء الصينية", "Xinhua"), (), ("الصينية",)),
    Agency("tass", ("إيتار تاس", "تاس الروسية"), ("TASS",), ("تاس",)),
    Agency("ria", ("ريا نوفوستي", "نوفوستي", "RIA Novosti")),
    Agency("sputnik", ("سبوتنيك", "سبوتنك", "Sputnik")),
    Agency("interfax", ("إنترفاكس", "انترفاكس", "Interfax")),
    Agency("upi", ("يونايتد برس", "يونايتد برس إنترناشونال"), ("يو بي آي", "يو بي أي", "UPI")),
    Agency("efe", ("الأنباء الإسبانية",), ("EFE",), ("إفي", "إيفي")),
    Agency("ansa", ("الأنباء الإيطالية",), ("أنسا", "آكي", "ANSA")),
    Agency("bloomberg", ("بلومبرغ", "بلومبرج", "بلومبيرغ", "بلومبيرج", "Bloomberg")),
    Agency("yonhap", ("يونهاب", "Yonhap")),
    Agency("kyodo", ("كيودو", "Kyodo")),
    Agency("irna", ("الأنباء الإيرانية", "الجمهورية الإسلامية للأنباء"), ("إرنا", "ارنا", "IRNA")),
    Agency("tasnim", ("تسنيم", "Tasnim")),
    Agency("fars", ("أنباء فارس",), (), ("فارس",)),
    Agency("mehr", ("أنباء مهر",), (), ("مهر",)),
    Agency("isna", ("أنباء الطلبة",), ("إسنا", "ايسنا")),
    Agency(
        UNNAMED,
        ("وكالات الأنباء", "وكالات أنباء", "وكالات عالمية", "وكالات دولية"),
        ("وكالات", "الوكالات", "متابعات", "ترجمات", "agencies"),
    ),
)

_GAPS = re.compile(r"[\s.\-\u0640_'\"«»“”‘’*·]+")
_INITIAL = 2  # letters; «د ب أ», «أف ب», «د.ب.أ» are one key
_KEY_LIMIT = 4
_OPENING = re.compile(r"^(?:(?:نقلا|نقلا عن|عن|المصدر|مصدر|خدمه|خاص|by|via)\s)*(?:و?(?:وكاله|وكالتا|وكالتي|شبكه)\s)?")
_CLOSING = re.compile(r"\s(?:للانبا|العربيه|الدوليه|الرسميه|بالعربيه|news|news agency)$")


@lru_cache(maxsize=256)  # whether it is an outlet, an agency, a picture's source is asked one after the other
def part_key(part: str) -> str:
    """Return the key of one part of a credit: folded, punctuation out, initials joined."""
    words = _GAPS.sub(" ", fold_label(part)).split()
    letters = "".join(words)
    initials = len(words) > 1 and all(len(word) <= _INITIAL for word in words) and len(letters) <= _KEY_LIMIT
    return f"={letters}" if initials else " ".join(words)


def _table() -> dict[str, str]:
    table = {}
    for agency in AGENCIES:
        for spelling in (*agency.names, *agency.shorts, *agency.bare):
            table[part_key(spelling)] = agency.code
    return table


_CODES = _table()
_ORDINARY = {part_key(spelling) for agency in AGENCIES for spelling in agency.bare}
_NAMES = {part_key(name): agency.code for agency in AGENCIES for name in agency.names}
_NAME = re.compile(
    rf"(?<![^\W\d_])(?:و|ب|ل|ال)?(?P<name>{'|'.join(sorted(map(re.escape, _NAMES), key=len, reverse=True))})(?![^\W\d_])"
)


def code_of(part: str) -> str | None:
    """Return the code of the agency that ``part`` is, as a whole; None for anything else, a sentence above all."""
    key = part_key(part)
    if key in _CODES:
        return _CODES[key]
    bare = _OPENING.sub("", key)
    unnewsed = bare.removeprefix("انبا ").removeprefix("الانبا ")  # «وكالة أنباء الأناضول»
    for candidate in dict.fromkeys((bare, _CLOSING.sub("", bare), unnewsed)):
        if candidate != key and (code := _CODES.get(candidate) or _CODES.get(part_key(candidate))):
            return code
    return None


def is_ordinary(part: str) -> bool:
    """Say whether ``part`` is a spelling that is also an everyday word: alone it credits nobody."""
    return part_key(part) in _ORDINARY


def codes_inside(credit: str) -> list[str]:
    """Return the codes of the full names inside ``credit``, in order. For text known to be a credit, never a sentence."""
    return list(dict.fromkeys(_NAMES[match["name"]] for match in _NAME.finditer(_GAPS.sub(" ", fold_label(credit)))))


# --- Names that sign an article and are neither a person nor a wire agency: outlets, desks, picture sources ----------

_OUTLETS = """
العربي الجديد، alaraby aljadeed، al araby al jadeed، alaraby، the new arab، العربي، الجزيرة، الجزيرة نت، الجزيرة.نت، شبكة الجزيرة، موقع الجزيرة، قناة الجزيرة، الجزيرة مباشر، الجزيرة الإنجليزية، al jazeera، aljazeera، aljazeera net، al jazeera staff،
سكاي نيوز عربية، سكاي نيوز، sky news arabia، sky news، البوابة، البوابة نيوز، موقع البوابة، al bawaba، albawaba، al bawaba news، albawaba news، البوابة العربية، بوابة البوابة نيوز،
سبق، عين اليوم، اليوم السابع، المصري اليوم، الشروق، الأهرام، بوابة الأهرام، الوطن، الدستور، عكاظ، الرياض اليوم، الشرق الأوسط، الحياة، العربية، العربية نت، العربية.نت، الحدث، الشرق، اقتصاد الشرق، روسيا اليوم، آر تي عربي، آر تي، بي بي سي، بي بي سي عربي، bbc، bbc arabic، سي إن إن، سي إن إن بالعربية، cnn، cnn arabic، دويتشه فيله، dw، فرانس 24، france 24، يورونيوز، الحرة، مونت كارلو، القدس العربي، رأي اليوم، عربي21، عربي 21، إرم نيوز، الميادين، المنار، النهار، الأخبار، الغد، الرأي، الخليج، البيان، الاتحاد، الإمارات اليوم، الراية، القبس، الأنباء، الراي، الجريدة،
فرانس24، france24، عنب بلدي، هسبريس، رووداو، رووداو ديجيتال، كوردستان 24، كوردستان24، شفق نيوز، السومرية نيوز، بغداد اليوم، موازين نيوز، عمون نيوز، خبرني، سرايا، رؤيا الإخباري، جو 24، المدن، النشرة، لبنان 24، لبنان24، ليبانون ديبايت، ليبانون فايلز، النهار العربي، تلفزيون سوريا، موقع تلفزيون سوريا، أورينت نت، شبكة شام، السورية نت، جسر، العين الإخبارية، موقع 24، 24.ae، الرؤية الإماراتية، أخبار 24، أخبار24، صحيفة سبق، صحيفة عكاظ، صحيفة عاجل، صحيفة المواطن، مصراوي، صدى البلد، القاهرة 24، القاهرة24، بوابة الفجر، بوابة الشروق، بوابة الوفد، بوابة أخبار اليوم، أخبار اليوم، فيتو، دوت مصر، المال نيوز، هبة بريس، العمق المغربي، اليوم 24، اليوم24، لكم، الشروق أونلاين، النهار أونلاين، الخبر، موزاييك، موزاييك أف أم، بوابة الوسط، بوابة إفريقيا الإخبارية، عين ليبيا، سبوتنيك عربي، ارفع صوتك، رصيف22، رصيف 22، عرب 48، عرب48، دنيا الوطن، الرسالة نت، فلسطين اليوم، قدس برس، عدن الغد، المصدر أونلاين، يمن مونيتور، المشهد اليمني، independent عربية، اندبندنت عربية، إندبندنت عربية، ميدل إيست آي، الحرة نت، syndigate، syndigate.info
"""
_DESKS = re.compile(
    r"(?:(?:قسم|هييه|فريق|اداره|مكتب|وحده|شبكه|غرفه|ديسك)\s(?:ال)?(?:تحرير|متابعه|ترجمه|اخبار|رياضه|رياضي|اقتصاد|سوشيال|تحقق|مراسلين|مراسلون|برامج|انباء|انبا|فيديو|ويب|موقع|جزيره|شوون|تحقيقات|سياس|دولي|محليات).*"
    r"|التحرير|المحرر(?: .{2,14})?|محرر(?: .{2,14})?|تحرير|كتاب|خاص|خاص .{2,20}|مراسلون|مراسلونا|مراسلو .{2,20}|مراسل(?:نا|تنا)"
    r"|editor|editors|admin|administrator|staff|news desk|webmaster|newsroom|desk|staff writer|author|unknown|null|none|غير معروف)"
)
_PICTURES = """
غيتي، غيتي إيميجز، غيتي ايميجز، غيتي إيمجز، جيتي، جيتي إيميجز، getty، getty images، gettyimages، شترستوك، شاترستوك، شتر ستوك، shutterstock، الأوروبية، الصحافة الأوروبية، وكالة الأنباء الأوروبية، epa، أي بي إيه، istock، flickr، فليكر، ويكيبيديا، ويكيميديا، wikimedia، unsplash، pixabay، أنسبلاش، imago، zuma، zuma press، nurphoto، sipa،
مواقع التواصل، مواقع التواصل الاجتماعي، وسائل التواصل، وسائل التواصل الاجتماعي، منصات التواصل، منصات التواصل الاجتماعي، التواصل الاجتماعي، ناشطون، نشطاء، تويتر، منصة إكس، إكس، فيسبوك، فيس بوك، إنستغرام، انستغرام، انستقرام، يوتيوب، تيك توك، تلغرام، تليغرام، twitter، facebook، instagram، youtube، tiktok، telegram، x،
أرشيف، أرشيفية، صورة أرشيفية، من الأرشيف، الأرشيف، archive، صورة متداولة، صور متداولة، متداولة، مواقع إلكترونية، الإنترنت، إنترنت، مواقع سورية، صحافة محلية، الإعلام الحربي، التلفزيون السوري، التلفزيون الإيراني، free، free/، مولدة بالذكاء الاصطناعي، الذكاء الاصطناعي
"""


def _keys(names: str) -> frozenset[str]:
    return frozenset(part_key(name.strip()) for name in names.replace("\n", " ").split("،") if name.strip())


OUTLETS = _keys(_OUTLETS)
PICTURES = _keys(_PICTURES)


def is_outlet_name(name: str) -> bool:
    """Say whether ``name`` is a newspaper, channel or site, or one of its desks; not a person."""
    key = part_key(name)
    return key in OUTLETS or bool(_DESKS.fullmatch(key))


def is_picture_source(name: str) -> bool:
    """Say whether ``name`` credits a picture without being a wire agency: a picture agency, an archive, social media."""
    return part_key(name) in PICTURES


def is_agency(name: str) -> bool:
    """Say whether ``name`` as a whole is a wire or picture agency, named or not («وكالات»); never a person."""
    return code_of(name) is not None or is_picture_source(name)


# --- Places that stand at the head of a report: capitals, and the towns that wire agencies write from ----------------
# Towns only. A country before a colon is a speaker («إيران: لن نتفاوض»), not a dateline.

_PLACES = """
أبوظبي، أبو ظبي، دبي، الشارقة، عجمان، العين، الرياض، جدة، مكة، مكة المكرمة، المدينة المنورة، الدمام، أبها، تبوك، جازان، نجران، الطائف، حائل، بريدة، الخبر،
الدوحة، المنامة، الكويت، مدينة الكويت، مسقط، صلالة، صنعاء، عدن، الحديدة، تعز، مأرب، المكلا، بغداد، البصرة، الموصل، أربيل، كركوك، النجف، كربلاء، السليمانية، دهوك، الأنبار، الفلوجة، الرمادي، تكريت،
دمشق، حلب، حمص، حماة، اللاذقية، طرطوس، إدلب، درعا، السويداء، القامشلي، الحسكة، الرقة، دير الزور، القنيطرة، بيروت، طرابلس، صيدا، صور، بعلبك، النبطية، زحلة، مرجعيون، جنوب لبنان، شتورة،
عمّان، الزرقاء، إربد، العقبة، المفرق، القدس، القدس المحتلة، غزة، قطاع غزة، مدينة غزة، خان يونس، خانيونس، رفح، دير البلح، جباليا، بيت لاهيا، رام الله، نابلس، جنين، طولكرم، قلقيلية، الخليل، بيت لحم، أريحا، الضفة الغربية، تل أبيب، حيفا، الناصرة، الجليل،
القاهرة، الإسكندرية، الجيزة، السويس، الإسماعيلية، بورسعيد، الأقصر، أسوان، المنصورة، طنطا، أسيوط، سوهاج، العريش، شرم الشيخ، الغردقة، دمياط، المنيا، الفيوم، بني سويف، الزقازيق، كفر الشيخ، العلمين، مرسى مطروح، الخرطوم، أم درمان، بورتسودان، بورت سودان، الفاشر، نيالا، كسلا، الأبيض، ود مدني، جوبا،
طرابلس الغرب، بنغازي، مصراتة، سرت، سبها، درنة، تونس، صفاقس، سوسة، القيروان، بنزرت، الجزائر، الجزائر العاصمة، وهران، قسنطينة، عنابة، الرباط، الدار البيضاء، مراكش، فاس، طنجة، أغادير، العيون، نواكشوط، نواذيبو، مقديشو، هرجيسا، جيبوتي، موروني،
أنقرة، إسطنبول، اسطنبول، إزمير، ديار بكر، غازي عنتاب، أنطاكيا، هاتاي، طهران، مشهد، أصفهان، شيراز، تبريز، كابل، كابول، قندهار، إسلام آباد، إسلام أباد، كراتشي، لاهور، بيشاور، نيودلهي، مومباي، سريناغار، دكا، كولومبو، كاتماندو،
بكين، شنغهاي، هونغ كونغ، تايبيه، طوكيو، أوساكا، سول، سيول، بيونغ يانغ، بيونغيانغ، هانوي، بانكوك، مانيلا، جاكرتا، كوالالمبور، سنغافورة، رانغون، سيدني، ملبورن، كانبيرا، ولينغتون،
موسكو، سان بطرسبرغ، كييف، خاركيف، أوديسا، لفيف، دونيتسك، مينسك، تبليسي، باكو، يريفان، أستانا، طشقند، بيشكك، دوشنبه، عشق آباد،
لندن، مانشستر، إدنبرة، دبلن، باريس، مرسيليا، ليون، ستراسبورغ، بروكسل، لاهاي، أمستردام، روتردام، برلين، ميونخ، ميونيخ، فرانكفورت، هامبورغ، كولونيا، بون، فيينا، جنيف، زيورخ، برن، بيرن، دافوس، لوزان، روما، ميلانو، نابولي، الفاتيكان، تورينو، مدريد، برشلونة، إشبيلية، لشبونة، أثينا، نيقوسيا، صوفيا، بوخارست، بودابست، وارسو، براغ، براتيسلافا، بلغراد، سراييفو، زغرب، بريشتينا، تيرانا، سكوبيه، ستوكهولم، أوسلو، كوبنهاغن، هلسنكي، فيلنيوس، ريغا، تالين، ريكيافيك، لوكسمبورغ، فاليتا، موناكو،
واشنطن، نيويورك، الأمم المتحدة، لوس أنجلوس، شيكاغو، ميامي، هيوستن، سان فرانسيسكو، بوسطن، تكساس، فلوريدا، أوتاوا، مونتريال، تورنتو، مكسيكو، مكسيكو سيتي، هافانا، بوغوتا، كراكاس، ليما، كيتو، لاباز، سانتياغو، بوينس آيرس، بوينوس آيرس، مونتيفيديو، برازيليا، ساو باولو، ريو دي جانيرو، بورت أو برنس،
أديس أبابا، أسمرة، نيروبي، كمبالا، كيغالي، كينشاسا، برازافيل، لواندا، لوساكا، هراري، بريتوريا، جوهانسبرغ، كيب تاون، مابوتو، دار السلام، لاغوس، أبوجا، نيامي، أنجمينا، نجامينا، باماكو، واغادوغو، دكار، أبيدجان، أكرا، لومي، كوتونو، مونروفيا، فريتاون، كوناكري، بانغي، ليبرفيل، ياوندي، تمبكتو
"""
PLACES = frozenset(fold_label(place) for place in _PLACES.replace("\n", " ").split("،"))
"""Folded names of towns."""

_DATE = re.compile(r"\s(?:في\s)?\d{1,2}\s\D{2,24}(?:\s\d{4}\s?م?)?$")


def place_of(part: str) -> str | None:
    """Return the town that ``part`` names, as written and without a date behind it; None where it names none."""
    name = part.strip(" .،,:()[]")
    if fold_label(name) in PLACES:
        return name
    undated = _DATE.sub("", name).strip()
    return undated if undated != name and fold_label(undated) in PLACES else None


# --- A credit taken apart: who stands in it, in order ----------------------------------------------------------------
# «القاهرة - رويترز»              ─▶  place القاهرة, agency reuters
# «الجزيرة + وكالات»              ─▶  outlet, agency agencies
# «رويترز وفرانس برس»             ─▶  agency reuters, agency afp

Kind = Literal["agency", "outlet", "picture", "place", "unknown"]

_PART_SEPARATOR = re.compile(r"\s*(?:[+،,/\\|&؛;()\[\]{}•]|\u0640{2,}|(?<=\s)\u0640(?=\s)|[-–—]+)\s*")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DAY = re.compile(r"(?<!\d)\d{1,2}\s?[-/]\s?\d{1,2}\s?[-/]\s?\d{4}(?!\d)")
_PART_AND = re.compile(r"\s+و\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Part:
    """One name in a credit: as written, what it is, the agency's code."""

    text: str
    kind: Kind
    code: str | None = None

    @property
    def named(self) -> bool:
        """Say whether it is an agency called by its name."""
        return self.kind == "agency" and self.code != UNNAMED


def split(credit: str) -> list[Part]:
    """Return the parts of ``credit``, days in numbers left out («رام الله 12-5-2024 وفا», «الكويت - 12 - 5 (كونا)»)."""
    undated = _DAY.sub(" - ", _INVISIBLE.sub("", credit))
    names = [text.strip() for text in _PART_SEPARATOR.split(undated) if text.strip(" .:*\"'«»")]
    return [part for name in names if not name.isdigit() for part in _classify(name)]


def _classify(text: str) -> list[Part]:
    if part := _known(text):
        return [part]
    pieces = _conjoined(text)
    return pieces or [Part(text, "unknown")]


@lru_cache(maxsize=4096)  # the same few names stand in the credits of all pages
def _known(text: str) -> Part | None:
    name = text.strip(" .:*\"'«»“”")
    if place := place_of(name):
        return Part(place, "place")
    if is_outlet_name(name):
        return Part(name, "outlet")
    if code := code_of(name):
        return Part(name, "agency", code)
    return Part(name, "picture") if is_picture_source(name) else None


def _conjoined(text: str) -> list[Part] | None:
    """Split «رويترز ووكالات» where every piece is known; the «و» may belong to the name («واس»)."""
    cuts = [match.span() for match in _PART_AND.finditer(text)]
    if not cuts:
        return None
    first = _known(text[: cuts[0][0]])
    pieces = [first]
    for (_, start), (end, _) in zip(cuts, [*cuts[1:], (len(text), 0)], strict=True):
        pieces.append(_known(text[start:end]) or _known(f"و{text[start:end]}"))
    return [piece for piece in pieces if piece] if all(pieces) else None
