"""What holds for every credit, and for every text that has none."""

import random
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.text import fold_label
from crawlers.extraction.credit import (
    AGENCIES,
    code_of,
    find,
    is_agency,
    is_outlet_name,
    read_byline,
    split_caption,
)
from tests.stopwatch import takes_under

SPELLINGS = [
    (spelling, agency.code) for agency in AGENCIES for spelling in (*agency.names, *agency.shorts, *agency.bare)
]
STORY = ["أعلنت الوزارة بدء الحملة في المحافظات الشمالية.", "وأوضح المتحدث أن الفرق ستزور القرى البعيدة."]
PIECES = [
    *(spelling for spelling, _ in SPELLINGS),
    *(
        " ",
        "\n",
        " - ",
        "/",
        ":",
        "، ",
        "(",
        ")",
        "[",
        "]",
        "«",
        "»",
        "+",
        " و",
        "و",
        ".",
        "ـــ",
        "\u200f",
        "\u0650",
        "\ud800",
        "\0",
    ),
    *(
        "المصدر:",
        "القاهرة",
        "غزة",
        "العربي الجديد",
        "الجزيرة",
        "قال",
        "لوكالة",
        "بحسب",
        "كتب",
        "@x",
        "تصوير",
        "2026",
        "12 أغسطس",
    ),
]


@given(
    st.sampled_from(SPELLINGS), st.sampled_from(["({})", "المصدر: {}", "(العربي الجديد، {})", "المصدر : الجزيرة + {}"])
)
def test_every_spelling_credits_its_agency(spelling, form):
    written, code = spelling
    found = find([*STORY, form.format(written)])
    assert (found.agencies, found.lines) == ([code], STORY)


@given(st.sampled_from(SPELLINGS))
def test_no_spelling_counts_inside_a_sentence(spelling):
    written, _ = spelling
    sentence = f"وقال المتحدث في حديث نشرته {written} أمس إن الحملة مستمرة حتى نهاية الشهر."
    assert find([sentence, *STORY, sentence]).agencies == []


@given(st.sampled_from(SPELLINGS), st.sampled_from("\u0640\u064b\u0650\u0652\u200f\u200e"), st.integers(1, 3))
def test_marks_do_not_matter(spelling, mark, at):
    written, code = spelling
    noisy = unicodedata.normalize("NFD", written[:at] + mark + written[at:])
    assert code_of(noisy) == code


@given(st.text(max_size=300))
def test_folding_twice_is_folding_once(text):
    assert fold_label(fold_label(text)) == fold_label(text)


def check(text):
    lines = text.split("\n")
    found = find(lines, author_line=text[:80], source_line=text[-80:])
    assert len(found.lines) + len(found.cut) == len(lines)
    assert len(found.agencies) == len(set(found.agencies)) == len(found.evidence)
    caption, credit = split_caption(text)
    assert len(caption) + len(credit or "") <= len(text)
    assert all(len(name.split()) > 1 for name in read_byline([text]))
    assert {is_agency(text), is_outlet_name(text)} <= {True, False}


@given(st.text(max_size=300))
def test_no_text_raises(text):
    check(text)


@example("dpa.AFP")
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_no_heap_of_credits_raises(text):
    check(text)


def test_a_long_run_of_random_text_never_raises():
    chance = random.Random(20260820)
    for _ in range(1500):
        pieces = (
            chance.choice(PIECES) if chance.random() < 0.8 else chr(chance.randrange(0x110000)) for _ in range(30)
        )
        check("".join(pieces))


@pytest.mark.parametrize(
    "piece",
    [
        "ا",
        " ",
        "(",
        "و ",
        "، ",
        "(رويترز",
        "- ",
        "ـ",
        ".",
        "المصدر:",
        "أ ",
        " و",
        "رويترز و",
        "كتب ",
        "مراسل ",
        "@a",
        "م. ",
        "ا" + " " * 50,
    ],
)
def test_time_is_bounded(piece):
    text = piece * 100_000

    def look():
        find([text, text])
        split_caption(text)
        read_byline([text])

    assert takes_under(0.5, look)
