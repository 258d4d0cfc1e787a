"""One normalisation for what people read, idempotent, and one digest of it."""

import unicodedata
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.cleaning import CleaningPipeline, clean, digest, resolve, tidy, tidy_lines, word_count, words
from tests.crawlers.extraction.pages import read_page, story

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=300)


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("  أ   ب\t ج ", "أ ب ج"),
        ("أ\nب", "أ ب"),
        ("&quot;أ&quot;", '"أ"'),
        ("&amp;quot;أ&amp;quot;", '"أ"'),
        ("ب&amp;nbsp;ج", "ب ج"),
        ("AT&T و R&D", "AT&T و R&D"),
        ("\u202bمرحبا\u202c\u200f", "مرحبا"),
        ("ا\u0654حمد", "أحمد"),
        ("مُحَمَّد", "مُحَمَّد"),
        ("٢٠٢٦", "٢٠٢٦"),
        ("می\u200cخواهد", "می\u200cخواهد"),
        ("a\u00adb\ufeff", "ab"),
    ],
)
def test_tidy(text, tidied):
    assert tidy(text) == tidied


@given(TEXTS)
def test_tidy_is_idempotent(text):
    once = tidy_lines(text)
    assert tidy_lines(once) == once
    assert tidy(text) == once.replace("\n", " ")
    assert unicodedata.is_normalized("NFC", once)
    assert all(line == line.strip() and line for line in once.split("\n")) or once == ""


@given(TEXTS)
def test_digest_is_of_the_tidied_text(text):
    assert digest(text) == digest(tidy_lines(text)) == digest(f"  {text}\u200f ")


@given(TEXTS)
def test_resolving_ends(text):
    assert len(resolve(text)) <= max(len(text), 1) * 2


@given(TEXTS)
def test_as_many_words_are_counted_as_there_are(text):
    assert word_count(text) == len(words(text))


def test_vowel_signs_part_no_word():
    text = "مُحَمَّدٌ رسولٌ، جداً أنّ ١٢٫٥ مي\u200cخواهم"
    assert words(text) == ["مُحَمَّدٌ", "رسولٌ", "جداً", "أنّ", "١٢٫٥", "مي\u200cخواهم"]


def test_words_count_hyphens_and_numbers_once():
    assert words("بلغ 6.25 بالمئة في عام 2026-2027، وفق «الهيئة»") == [
        "بلغ",
        "6.25",
        "بالمئة",
        "في",
        "عام",
        "2026-2027",
        "وفق",
        "الهيئة",
    ]


def test_what_was_read_is_clean_already():
    article = read_page(story())
    before = deepcopy(article)
    assert clean(article) == before


def test_item_of_anyone_is_cleaned():
    article = read_page(story())
    article.headline, article.tags, article.credit = " أ&amp;quot; ", ["ب ", " ب", ""], " "
    article.text = "سطر\u200f  أول\n\n \nثان"
    cleaned = CleaningPipeline().process_item(article)
    assert (cleaned.headline, cleaned.tags, cleaned.credit) == ('أ"', ["ب"], None)
    assert (cleaned.text, cleaned.words) == ("سطر أول\nثان", 3)
    assert cleaned.text_sha256 == digest("سطر أول\nثان")
