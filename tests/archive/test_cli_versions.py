"""Versions, their differences and stories, on the archive's command line."""

import json
import subprocess
import sys
from datetime import timedelta

import jsonschema
import pytest

from archive.article import Changes, Story
from archive.cli import main
from archive.schema import article_schema
from tests.archive.samples import OUTLET, START, fill, url_of

ID = f"{OUTLET}:7"
FIRST, SECOND = "نص الخبر رقم 7", "نص الخبر رقم 9\nأُضيف أمس"


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    """The command line on an archive with two versions of one article, the second silent, and a story of three."""
    uri = (tmp_path / "collection").as_uri()
    story = Story(id="s1", role="first", origin=f"{OUTLET}:2", overlap=1.0)
    fill(uri, tmp_path, range(7, 8), published=START)
    changes = Changes(
        previous="<urn:uuid:00000000-0000-4000-8000-000000000001>",
        headline=True,
        words_added=3,
        words_removed=1,
        silent=True,
    )
    second = {"version": 2, "headline": "عنوان معدَّل", "text": SECOND, "words": 6, "changes": changes}
    fill(uri, tmp_path, range(7, 8), crawl="c2", published=START, captured=START + timedelta(hours=1), **second)
    fill(uri, tmp_path, range(1, 2), crawl="c3", story=Story(id="s1", role="copy", origin=f"{OUTLET}:2", overlap=0.4))
    fill(uri, tmp_path, range(2, 3), crawl="c4", story=story, agencies=["afp", "reuters"])
    fill(uri, tmp_path, range(3, 4), crawl="c5", story=Story(id="s1", role="copy", origin=f"{OUTLET}:2", overlap=0.95))
    monkeypatch.setenv("ARCHIVE_URI", uri)

    def call(*words):
        code = main(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_versions_are_a_table_oldest_first(run, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "140")
    code, out, _ = run("versions", ID)
    head, first, second = out.splitlines()
    assert code == 0
    assert " ".join(head.split()) == "version captured published modified words added removed silent headline"
    assert first.split("  ")[0].strip() == "1"
    assert "2026-11-23 10:00  2026-11-23 10:00  –" in first
    assert first.endswith("4      –      –        –       \u2068عنوان 7\u2069")
    assert "2026-11-23 11:00  2026-11-23 10:00  –" in second
    assert second.endswith("6      +3     -1       silent  \u2068عنوان معدَّل\u2069")
    assert len({line.index("\u2068") for line in (first, second)} | {head.index("headline")}) == 1


def test_versions_for_machines_are_the_lines(run):
    lines = [json.loads(line) for line in run("versions", ID, "--json")[1].splitlines()]
    assert [(line["version"], line["text"]) for line in lines] == [(1, FIRST), (2, SECOND)]
    for line in lines:
        jsonschema.validate(line, json.loads(article_schema()))


def test_the_last_two_versions_are_compared(run):
    code, out, _ = run("diff", ID)
    assert code == 0
    assert out.splitlines() == [
        f"{ID}  version 1 (2026-11-23 10:00) → version 2 (2026-11-23 11:00)  +3 -1 words",
        "",
        "headline",
        "عنوان [-7-] {+معدَّل+}",
        "",
        "text",
        "نص الخبر رقم [-7-] {+9 ¶ أُضيف أمس+}",
    ]
    assert run("diff", ID, "--from", "1", "--to", "2")[1] == out


def test_a_diff_may_go_back_or_find_nothing(run):
    assert "+1 -3 words" in run("diff", ID, "--from", "2", "--to", "1")[1]
    assert run("diff", ID, "--from", "2")[1].splitlines()[-1] == "headline and text are the same"


def test_a_diff_goes_by_the_time_of_capture_where_an_import_took_in_an_older_one(run, tmp_path):
    uri, older = (tmp_path / "collection").as_uri(), START - timedelta(days=900)
    fill(uri, tmp_path, range(7, 8), crawl="c6", published=START, captured=older, version=3, text="نص قديم")
    assert "version 1 (2026-11-23 10:00) → version 2" in run("diff", ID)[1]
    assert "version 3 (2024-06-06 10:00) → version 1" in run("diff", ID, "--to", "1")[1]
    assert "no version before 3" in run("diff", ID, "--to", "3")[2]


def test_the_edits_for_machines_give_both_texts(run):
    said = json.loads(run("diff", ID, "--json")[1])
    assert (said["id"], said["from"], said["to"], said["words_added"], said["words_removed"]) == (ID, 1, 2, 3, 1)
    for side, text in (("removed", FIRST), ("added", SECOND)):
        words = [word for edit in said["text"] for word in edit[side]]
        assert " ".join(words).replace(" \n ", "\n") == text
    assert said["headline"][-1] == {"removed": ["7"], "added": ["معدَّل"]}


def test_colour_is_for_terminals_that_want_it(run, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b" not in run("diff", ID)[1]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    out = run("diff", ID)[1]
    assert "\x1b[9;31m7\x1b[0m" in out
    assert "[-" not in out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("diff", ID)[1]


@pytest.mark.parametrize("asked", ["s1", f"{OUTLET}:3", "3", url_of(1)])
def test_a_story_is_its_articles_oldest_first(run, monkeypatch, asked):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "140")
    code, out, _ = run("story", asked)
    assert code == 0
    assert [" ".join(line.split()) for line in out.splitlines()] == [
        "published outlet role overlap agencies id headline",
        f"2026-11-23 10:00 {OUTLET} copy 40 % – {OUTLET}:1 \u2068عنوان 1\u2069",
        f"2026-11-23 10:00 {OUTLET} origin 100 % afp,reuters {OUTLET}:2 \u2068عنوان 2\u2069",
        f"2026-11-23 10:00 {OUTLET} copy 95 % – {OUTLET}:3 \u2068عنوان 3\u2069",
        f"afp: {OUTLET}:2 (credit)",
        f"reuters: {OUTLET}:2 (credit)",
    ]


def test_a_story_for_machines(run):
    out = run("story", "s1", "--json")[1]
    first, second, _ = map(json.loads, out.splitlines())
    assert first["story"] == {
        "id": "s1",
        "role": "copy",
        "origin": f"{OUTLET}:2",
        "overlap": 0.4,
        "agencies": {"afp": {f"{OUTLET}:2": "credit"}, "reuters": {f"{OUTLET}:2": "credit"}},
    }
    assert (second["story"]["role"], second["agencies"]) == ("origin", ["afp", "reuters"])
    assert second["published"] == "2026-11-23T10:00:02Z"
    assert "عنوان" in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("versions", f"{OUTLET}:99"), f"holds no article {OUTLET}:99\n"),
        (("diff", "nowhere:1"), "holds no article nowhere:1\n"),
        (("diff", ID, "--to", "3"), f"{ID} has no version 3; there are 1, 2\n"),
        (("diff", ID, "--from", "0"), f"{ID} has no version 0; there are 1, 2\n"),
        (("diff", ID, "--to", "1"), f"{ID} has no version before 1 to compare with\n"),
        (("diff", f"{OUTLET}:1"), f"{OUTLET}:1 has no version before 1 to compare with\n"),
        (("diff", f"{OUTLET}:1", "--from", "2"), f"{OUTLET}:1 has no version 2; there is 1\n"),
        (("story", "s2"), "holds no story s2\n"),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(run, words, sentence):
    code, out, err = run(*words)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.endswith(sentence)


def test_the_help_needs_no_comparison():
    program = "import sys; from archive.cli import make_parser; make_parser().format_help(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"rapidfuzz", "archive.diff", "archive.reader.archive"} & set(loaded)
