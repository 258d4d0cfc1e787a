"""The pages for each kind of reader cannot rot: every command, program and query in them is run, in their order."""

import ast
import re
import shlex
import tomllib
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from archive.article import Changes, Story
from archive.cli import main
from crawlers.settings import known
from tests.archive.samples import START, fill

DOCS = Path(__file__).parents[1] / "docs"
AT_WORK = [DOCS / f"for-{who}.md" for who in ("developers", "operators")]  # what they type, tests/test_docs.py looks at
PAGES = sorted(set(DOCS.glob("for-*.md")) - set(AT_WORK))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LONGEST = 120  # lines; a page is a page


@pytest.fixture
def collection(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARCHIVE_URI", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf" / "datasets", raising=False)
    story = Story(id="aljazeera:7", role="first", origin="aljazeera:7", overlap=1.0)
    fill("collection", tmp_path, agencies=["afp"], provenance={"text": "selector"})
    for version in (2, 3):
        moment = START + timedelta(days=version)
        silent = Changes(
            previous=f"<urn:uuid:00000000-0000-4000-8000-00000000000{version}>",
            headline=False,
            words_added=2,
            words_removed=1,
            silent=True,
        )
        later = {"text": f"نص الخبر رقم 7 بعد تحرير {version}", "changes": silent, "captured": moment}
        fill("collection", tmp_path, range(7, 8), crawl=f"c{version}", story=story, version=version, **later)


def test_there_is_a_page_for_each_kind_of_reader():
    assert [page.stem for page in PAGES] == [
        f"for-{who}" for who in ("corpus-builders", "data-engineers", "journalists", "librarians", "researchers")
    ]
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= LONGEST
        assert text.split("\n\n")[1].startswith("You want"), "it begins with what they want to do"
        assert page.name in (DOCS.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", AT_WORK, ids=lambda page: page.stem)
def test_a_page_for_who_works_here_begins_with_what_one_types(page):
    text = page.read_text(encoding="utf-8")
    assert text.split("\n\n")[1].startswith("```sh\n")
    assert len(text.splitlines()) <= LONGEST
    assert page.name in (DOCS.parent / "README.md").read_text(encoding="utf-8")
    for language, body in BLOCK.findall(text):
        if language == "python":
            compile(body, page.name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        elif language == "toml":
            assert set(tomllib.loads(body)) <= set(known)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_everything_in_it_works(page, collection, capsys):
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    assert len(blocks) > 3
    for language, body in blocks:
        if language == "console":
            for line in body.splitlines():
                assert line.startswith("$ python -m archive "), line
                assert main(shlex.split(line.removeprefix("$ python -m archive "))) == 0, line
                assert "".join(capsys.readouterr()), line
        elif language == "python":
            exec(body, {})
            assert capsys.readouterr().out.strip(), body
        elif language == "py":  # Spark's, run by `make prove-spark`
            assert "spark" in body
            compile(body, page.name, "exec")
        else:
            assert language == "sql"
            assert duckdb.sql(body).fetchall(), body
