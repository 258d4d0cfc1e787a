"""docs/reading.md cannot rot: every command and query of it is run."""

import re
import shlex
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from archive import cli
from archive.article import Story
from archive.cli import COMMANDS, main, make_parser
from tests.archive.samples import START, fill

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reading.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


COMMAND_LINES = [
    line.removeprefix("$ python -m archive ") for block in blocks("console") for line in block.splitlines()
]


@pytest.fixture
def collection(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARCHIVE_URI", raising=False)
    story = Story(id="aljazeera:7", role="first", origin="aljazeera:7", overlap=1.0)
    fill("collection", tmp_path)
    for version in (2, 3):
        moment = START + timedelta(days=version)
        fill("collection", tmp_path, range(7, 8), crawl=f"c{version}", story=story, version=version, captured=moment)


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_a_command(collection, line, capsys):
    assert main(shlex.split(line)) == 0
    assert "".join(capsys.readouterr())


@pytest.mark.parametrize("query", blocks("sql"))
def test_a_query(collection, query):
    assert duckdb.sql(query).fetchall()


def test_the_exit_codes_are_those_of_the_help():
    page = (DOCS / "archive.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^- (\d): (.+)$", page, re.MULTILINE))
    assert documented == dict(re.findall(r"^ *(\d) +(.+)$", cli.__doc__, re.MULTILINE))
    assert "Exit codes: 0 done" in " ".join(make_parser().format_help().split())


def test_every_command_that_reads_is_shown():
    shown = {line.split()[0] for line in COMMAND_LINES}
    assert {"ls", "articles", "get", "verify", "catalog", "schema"} <= shown <= set(COMMANDS)
