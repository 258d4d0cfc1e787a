import re
import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.text import FOLDING, fold, parse_duration, spelled_of, tokens_of, words

TEXT = st.text(st.characters(codec="utf-8")) | st.text(
    "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيٱپچڤکگیەھ٠١٢۳۴ـًٌٍَُِّْٰ\u200c\u200f\u0654 ﻻ،؛«».\n"
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("الإِمَارات", "الامارات"),
        ("مــوسـكو", "موسكو"),
        ("آسيا أسيا إسيا ٱسيا", "اسيا اسيا اسيا اسيا"),
        ("مدرسة مدرسه", "مدرسه مدرسه"),
        ("على علي علی", "علي علي علي"),
        ("مسؤول شؤون رئيس", "مسوول شوون رييس"),
        ("سماء", "سما"),
        ("ﻻﺟﺌﻮﻥ", "لاجيون"),
        ("کرة پاریس چاد ڤيينا گاز", "كره باريس جاد فيينا كاز"),
        ("٢٥٪ ۲۵", "25٪ 25"),
        ("\u200fرويترز\u200e\u00a0قالت\ufeff", "رويترز قالت"),
        ("BBC", "bbc"),
    ],
)
def test_what_two_newsrooms_spell_differently(written, folded):
    assert fold(written) == folded


def test_words_leave_punctuation_behind():
    assert words("قال: «إنّها ٣٫٥ ملايين» (أ ف ب)…") == ["قال", "انها", "3", "5", "ملايين", "ا", "ف", "ب"]


@settings(deadline=None)
@given(TEXT)
def test_folding_again_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@settings(deadline=None)
@given(TEXT)
def test_a_long_text_is_folded_as_a_short_one(text):
    rest = "\n" + "." * 60
    assert fold(text + rest) == fold(text) + rest


@pytest.mark.parametrize("place", [0, 5, 30])
def test_each_letter_that_is_folded_is_folded_in_a_line_of_any_length(place):
    for code, folded in FOLDING.items():
        if unicodedata.is_normalized("NFKC", line := "." * place + chr(code) + "." * 20):
            assert fold(line) == line.replace(chr(code), folded or "")


def test_what_a_letter_is_folded_to_is_folded_no_further():
    assert not {ord(letter) for folded in FOLDING.values() for letter in folded or ""} & FOLDING.keys()


@settings(deadline=None)
@given(TEXT)
def test_white_space_keeps_words_apart_before_and_after_folding(text):
    assert words(text) == [word for chunk in text.split() for word in words(chunk)]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("1.5 h", 5400), (" 20m ", 1200), ("7d", 604_800), ("2w", 1_209_600), ("0", 0)],
)
def test_a_length_of_time_as_people_write_it(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "h", "-1h", "1 year", "1h30m", "1e3s", "inf", "nan", "36526d", "9" * 400 + "d"])
def test_what_is_no_length_of_time_is_refused(text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        parse_duration(text)


@pytest.mark.parametrize(
    "text",
    [
        "قال عبد الله، أمس: «لا» ثم عاد عبد الرحمن إلى بيته في المدينة.",
        "صلى ﷺ ثم قالَ محمّدٌ ــ نعم\nوعاد إلى البيت",
        "كلمة واحدة",
    ],
)
def test_a_text_is_read_only_as_far_as_its_spelling_is_asked_for(text):
    folded, spelled = tokens_of(text)
    for end in range(len(folded) + 1):
        assert spelled_of(text, folded, end)[:end] == spelled[:end]


def test_of_a_long_text_only_the_beginning_is_spelled():
    text = "قالَ المدير إن الجسر مفتوح. " * 50
    assert spelled_of(text, tokens_of(text)[0], 3) == ["قالَ", "المدير", "إن"]
