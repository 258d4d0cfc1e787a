"""A word in its contexts, by the function and by the command; its CSV read by pandas."""

import io
import json
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.cli import main
from archive.reader.query import Pattern
from tests.archive.samples import OUTLET, article_of, fill

TEXT = "قالت الحكومة إن للحكومة خططا، والحكومةُ تنفذها.\nوفي حكومتها وزيران من حكومات سابقة؛ وبحكومتنا ولِحُكومةٍ أخرى."


def keywords(word, text=TEXT, **options):
    return [line.keyword for line in Pattern(word, **options).lines(article_of(1, None, text=text), 3)]


def test_what_is_written_together_with_a_word_is_left_aside():
    forms = ["الحكومة", "للحكومة", "والحكومةُ", "حكومتها", "وبحكومتنا", "ولِحُكومةٍ"]
    assert keywords("حكومة") == keywords("الحكومة") == keywords("الحُكومه") == forms
    assert keywords("الحكومة", clitics=False) == ["الحكومة"]
    assert keywords("حكومات") == ["حكومات"]


@pytest.mark.parametrize(
    ("word", "text", "expected"),
    [
        ("كتاب", "بالكتاب وكتابه فكتابي سكتاب كتابان كاتب الكتّاب كتابَهم", ["بالكتاب", "وكتابه", "فكتابي", "سكتاب", "الكتّاب", "كتابَهم"]),
        ("أمين عام", "الأمين العام للأمم وأمينها العام والأمين المساعد العام", ["الأمين العام", "وأمينها العام"]),
        ("٢٥", "بلغ 25 وبلغ ٢٥ و٢٥٠", ["25", "٢٥"]),
        ("NATO", "قال nato إن NATO", ["nato", "NATO"]),
        ("الله", "الله والله لله", ["الله", "والله", "لله"]),
        ("الحق", "الحق للحق وللحق حق", ["الحق", "للحق", "وللحق"]),
        ("خبر", "خبره خبرة الخبرةِ خبرته خبرهم", ["خبره", "خبرهم"]),
        ("خبرة", "خبرة وخبرته خبره", ["خبرة", "وخبرته", "خبره"]),
        ("و", "و لو وهم سوى", ["و"]),
        ("عبد الله الجابر", "قال عبد الله الجابر وعبدالله الجابر وعبد", ["عبد الله الجابر", "وعبدالله الجابر"]),
        ("عبدالله", "عبد الله وعبدالله وعبد اللطيف", ["عبد الله", "وعبدالله"]),
        ("مصر", "مصر ومصرنا المصري والمصري بمصر", ["مصر", "ومصرنا", "بمصر"]),
    ],
)  # fmt: skip
def test_words_of_all_kinds(word, text, expected):
    assert keywords(word, text) == expected


def test_the_words_around_it_stand_as_they_are_written():
    lines = list(Pattern("حكومة").lines(article_of(1, None, text=TEXT), 3))
    second = lines[1]
    assert (second.left, second.keyword, second.right) == ("قالت الحكومة إن", "للحكومة", "خططا، والحكومةُ تنفذها")
    assert (lines[0].left, lines[0].place, second.place) == ("قالت", 1, 3)
    bare = next(Pattern("خططا").lines(article_of(1, None, text=TEXT), 0))
    assert (bare.left, bare.right) == ("", "")


@given(st.text(max_size=60), st.text(max_size=8))
def test_any_text_can_be_searched_for_any_word(text, word):
    try:
        pattern = Pattern(word)
    except ValueError:
        return
    for line in pattern.lines(article_of(1, None, text=text), 2):
        assert line.keyword in " ".join(text.split())


@pytest.fixture
def archive(tmp_path):
    uri = (tmp_path / "collection").as_uri()
    fill(uri, tmp_path, range(2), text=TEXT)
    fill(uri, tmp_path, range(5, 6), crawl="c2", text="=الحكومة\nتقول")
    return uri


def test_a_csv_is_read_by_pandas(archive, capsys):
    assert main(["kwic", "--archive", archive, "حكومة", "--csv", "--oldest-first"]) == 0
    pd = import_module("pandas")
    frame = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert list(frame.columns) == ["id", "outlet", "published", "left", "keyword", "right", "place", "url"]
    assert frame["keyword"].value_counts()["للحكومة"] == 2
    assert len(frame) == 13
    assert str(pd.to_datetime(frame["published"]).dt.tz) == "UTC"


def test_the_choice_and_the_limit_are_those_of_other_commands(archive, capsys):
    assert main(["kwic", "--archive", archive, "تقول", "--json"]) == 0
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["id"], line["left"]) == (f"{OUTLET}:5", "=الحكومة"[1:])
    assert main(["kwic", "--archive", archive, "حكومة", "--limit", "2"]) == 0
    assert [row.count("\t") for row in capsys.readouterr().out.splitlines()] == [3, 3]


def test_nothing_and_no_word_are_said(archive, capsys):
    assert main(["kwic", "--archive", archive, "زرافة"]) == 1
    assert "stands nowhere" in capsys.readouterr().err
    assert main(["kwic", "--archive", archive, "؟!"]) == 2
    assert "there is no word" in capsys.readouterr().err
