"""`scrapy recluster` as people call it."""

import argparse
import io
import json
import random
import sys
from operator import itemgetter

import pytest

from crawlers.commands.recluster import Command
from tests import processes
from tests.pipelines.syndication.draws import Draw
from tests.pipelines.syndication.writing import ARTICLES, BASES, line, settle


def recluster(argument, given=""):
    command = [sys.executable, "-m", "scrapy", "recluster", *argument]
    return processes.run(command, input=given, capture_output=True, text=True, check=False, timeout=60)


def inside(arguments, monkeypatch, capsys, given=""):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
    command = Command()
    command.run(arguments, argparse.Namespace(archive=None, publish=False))
    return int(command.exitcode or 0), capsys.readouterr()


def as_lines(articles):
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in articles)


def test_any_order_prints_the_same_lines(tmp_path):
    articles = [each.line() for each in Draw(BASES, 11, wires=6).articles]
    path = tmp_path / "in.jsonl"
    path.write_text(as_lines(articles) + "\n", "utf-8")
    first = recluster([str(path)])
    random.Random(2).shuffle(articles)
    again = recluster(["-"], as_lines(articles))
    assert first.returncode == again.returncode == 0
    assert first.stdout == again.stdout
    printed = [json.loads(each) for each in first.stdout.splitlines()]
    assert {each["id"]: (each["story"], each["role"], each["overlap"]) for each in printed} == settle(
        sorted(articles, key=itemgetter("published", "id"))
    )
    assert all(list(each) == ["id", "story", "role", "origin", "overlap"] for each in printed)


def test_a_published_line_will_do_and_versions_are_one_article():
    first = line("a:1", ARTICLES["dam"][1], canonical_url="https://a/1", captured="2026-03-10T07:00:00Z", version=1)
    second = {**first, "text": ARTICLES["dam"][1] + "\nجملة جديدة.", "version": 2}
    unknown = {**line("b:1", ARTICLES["dam"][1]), "published": None, "captured": "2026-03-10T09:00:00Z"}
    done = recluster(["-"], as_lines([second, unknown, first]))
    assert [json.loads(each)["id"] for each in done.stdout.splitlines()] == ["a:1", "b:1"]
    assert {json.loads(each)["story"] for each in done.stdout.splitlines()} == {"a:1"}


GOOD = line("a:1", "نص")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("not json\n", "standard input, line 1, is no article: Expecting value"),
        ("[]\n", "standard input, line 1, is no article: not a JSON object."),
        (as_lines([GOOD]) + as_lines([{**GOOD, "text": None}]), "standard input, line 2, is no article: text is missing."),
        (as_lines([{**GOOD, "id": 7}]), "standard input, line 1, is no article: id is not a string."),
        (as_lines([{**GOOD, "published": None}]), "neither published nor captured says when the article appeared."),
        (as_lines([{**GOOD, "published": "2026-03-10"}]), "a time without zone: 2026-03-10."),
        (as_lines([{**GOOD, "published": "gestern"}]), "no time: 'gestern'."),
    ],
)  # fmt: skip
def test_wrong_input_is_one_sentence(given, sentence, monkeypatch, capsys):
    code, said = inside(["-"], monkeypatch, capsys, given)
    assert (code, said.out) == (2, "")
    assert sentence in said.err
    assert len(said.err.splitlines()) == 1


def test_wrong_arguments_are_one_sentence(monkeypatch, capsys):
    code, said = inside(["/nowhere.jsonl"], monkeypatch, capsys)
    assert (code, said.err) == (2, "/nowhere.jsonl cannot be read: No such file or directory.\n")
    assert inside([], monkeypatch, capsys)[0] == 2


def test_nothing_in_nothing_out(monkeypatch, capsys):
    assert inside(["-"], monkeypatch, capsys, "\n") == (0, ("", ""))
