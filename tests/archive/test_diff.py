from hypothesis import given, settings
from hypothesis import strategies as st

from archive.diff import Edit, compare, counts, render

TEXTS = st.lists(
    st.sampled_from(["قال", "الوزير", "أمس", "إن", "12", "\n", "الاتفاق", "«لن", "يوقع»."]), max_size=30
).map(" ".join)
OLD = "قال المتحدث إن 12 شخصا قتلوا في الهجوم على القرية.\nوأضاف أن التحقيق مستمر."
NEW = "قال المتحدث إن 15 شخصا قتلوا في الهجوم على القرية.\nوأضاف أن التحقيق انتهى أمس."


def test_counts_are_words():
    assert counts(OLD, NEW) == (3, 2)
    assert counts("", "كلمة") == (1, 0)
    assert counts(OLD, OLD) == (0, 0)


def test_a_word_between_two_changes_is_told_with_them():
    assert [edit for edit in compare("أ ب ج د", "هـ ب و د") if edit.changed] == [
        Edit(("أ", "ب", "ج"), ("هـ", "ب", "و"))
    ]


def test_each_changed_place_is_a_line_that_runs_from_the_right():
    first, second = render(compare(OLD, NEW))
    assert first == "\u200fقال المتحدث إن \u2067[-12-]\u2069 \u2067{+15+}\u2069 شخصا قتلوا في الهجوم على القرية. …"
    assert second.startswith("\u200f… ")
    assert "¶ وأضاف أن التحقيق \u2067[-مستمر.-]\u2069 \u2067{+انتهى أمس.+}\u2069" in second


def test_colour_is_never_the_only_mark():
    (line, _) = render(compare(OLD, NEW), colour=True, context=1)
    assert line == "\u200f… إن \u2067\x1b[9;31m12\x1b[0m\u2069 \u2067\x1b[4;32m15\x1b[0m\u2069 شخصا …"


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_the_edits_give_both_texts(old, new):
    edits = compare(old, new)
    assert [word for edit in edits for word in edit.removed if word != "\n"] == old.split()
    assert [word for edit in edits for word in edit.added if word != "\n"] == new.split()


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_counting_back_is_the_other_way_round(old, new):
    assert counts(old, new) == counts(new, old)[::-1]
    assert counts(old, old) == (0, 0)
    assert not any(edit.changed for edit in compare(new, new))
