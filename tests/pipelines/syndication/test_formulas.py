"""What the archive says again and again proves no copy: what is learned, from which days, and how a line tells it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.syndication import MemoryStoryIndex, Piece, SqliteStoryIndex, Stories
from pipelines.syndication.fingerprints import word_ids
from pipelines.syndication.formulas import DAYS, Formulas, as_ranges, from_ranges
from tests.pipelines.syndication.writing import line

DAY = 24 * 3600.0
OATH = "أعلن المتحدث باسم الهيئة الوطنية للمياه والسدود في مؤتمره الأسبوعي المعتاد"
NEWS = "بدأ العمال اليوم تركيب مضخة جديدة في محطة القرية الشمالية بعد عطل دام أسبوعين"


def learned(days, text=OATH):
    formulas = Formulas()
    for day in days:
        formulas.learn(word_ids(text), day * DAY)
    return formulas


def own(formulas, text, day):
    return formulas.own(word_ids(text), day * DAY).tolist()


def test_what_four_earlier_days_say_is_formula_and_what_follows_it_is_not():
    words = len(OATH.split())
    assert not any(own(learned([1, 2, 5, 9]), OATH, 10))
    assert own(learned([1, 2, 5, 9]), f"{OATH} {NEWS}", 10) == [False] * words + [True] * len(NEWS.split())


def test_one_day_counts_once_and_the_articles_own_day_not_at_all():
    assert all(own(learned([1, 1, 1, 1, 2, 3]), OATH, 4))
    assert all(own(learned([1, 2, 3, 4]), OATH, 4))
    assert not any(own(learned([1, 2, 3, 4]), OATH, 5))


def test_a_day_is_forgotten_after_a_month():
    formulas = learned([1, 2, 3, 4])
    formulas.learn(word_ids(NEWS), (1 + DAYS - 1) * DAY)
    assert not any(own(formulas, OATH, DAYS))
    assert all(own(formulas, OATH, DAYS + 1))
    formulas.learn(word_ids(NEWS), (1 + DAYS) * DAY)
    assert all(own(formulas, OATH, DAYS + 2))
    formulas.learn(word_ids(OATH), 1 * DAY)  # too long ago to teach anything
    assert all(own(formulas, OATH, DAYS + 2))


def test_after_a_year_of_silence_nothing_is_formula():
    assert all(own(learned([1, 2, 3, 4]), OATH, 400))


def test_the_order_of_a_days_articles_does_not_matter():
    one, other = Formulas(), Formulas()
    texts = [OATH, NEWS, f"{NEWS} {OATH}"]
    for formulas, arrival in ((one, texts), (other, texts[::-1])):
        for day in range(6):
            for text in arrival:
                formulas.learn(word_ids(text), day * DAY)
    assert own(one, texts[2], 6) == own(other, texts[2], 6)


def test_titles_are_known_to_an_empty_archive():
    text = "استقبل صاحب السمو الشيخ محمد بن راشد آل مكتوم نائب رئيس الدولة رئيس مجلس الوزراء حاكم دبي وفدا من المهندسين"
    marks = own(Formulas(), text, 1)
    assert not any(marks[1:17])
    assert all(marks[-3:])


@given(st.lists(st.booleans(), max_size=60))
def test_a_line_tells_the_words_as_they_were(marks):
    found = as_ranges(np.array(marks, dtype=np.bool_))
    assert from_ranges(found, len(marks)).tolist() == marks


@pytest.mark.parametrize("ranges", ["x", "1", "1-", "-3", "4-x 1-2"])
def test_what_is_no_range_is_refused(ranges):
    with pytest.raises(ValueError, match="formulas"):
        Piece.of_line({**line("a:1", OATH), "formulas": ranges})


def test_the_index_on_disk_knows_the_formulas_of_its_texts_after_a_restart(tmp_path):
    text = f"{OATH} {NEWS} " * 3
    lines = [line(f"a:{day}", text.replace("اليوم", f"يوم {day}"), 24 * day) for day in range(6)]
    memory, folder = Stories(MemoryStoryIndex()), tmp_path / "stories"
    for each in lines:
        index = SqliteStoryIndex(folder)
        told = Stories(index).place(Piece.of_line(each)).formulas
        index.close()
        assert told == memory.place(Piece.of_line(each)).formulas
    assert told.startswith("0-")
