"""`scrapy distribute` as people call it."""

import argparse
import gzip
import subprocess
import sys

import pytest
from scrapy.settings import Settings

from crawlers.commands.distribute import Command
from tests.crawling import ROOT
from tests.pipelines.syndication.publishing import Machine
from tests.pipelines.syndication.writing import ARTICLES


@pytest.fixture
def distribute(tmp_path, capfd):
    def call(*words, **settings):
        command = Command()
        command.settings = Settings({"ARCHIVE_URI": str(tmp_path / "collection"), "AWS_ENDPOINT_URL": "", **settings})
        parser = argparse.ArgumentParser(conflict_handler="resolve")
        command.add_options(parser)
        opts, args = parser.parse_known_args(words)
        command.run(args, opts)
        return int(command.exitcode or 0), capfd.readouterr()

    return call


@pytest.fixture
def published(tmp_path):
    machine = Machine(tmp_path / "collection", tmp_path / "machine")
    text = ARTICLES["dam"][1]
    machine.crawl("alaraby", (1, text, 0, {}))
    machine.crawl("aljazeera", (2, text, 3, {}))
    return tmp_path


def test_a_job_says_what_it_counted_and_where_its_result_is(published, distribute):
    words = ("recluster", "--work", str(published / "work"), "--tasks", "2", "--workers", "1")
    code, said = distribute(*words)
    assert code == 0, said.err
    assert said.out == f"{(published / 'work').as_uri()}/stories.jsonl.gz\n"
    assert "compare: compared 2, " in said.err
    lines = gzip.decompress((published / "work" / "stories.jsonl.gz").read_bytes()).decode().splitlines()
    assert [line.partition(',"role"')[0] for line in lines] == [
        '{"id":"alaraby:1","story":"alaraby:1"',
        '{"id":"aljazeera:2","story":"alaraby:1"',
    ]
    assert distribute(*words)[0] == 0, "a job that is done is done"
    code, said = distribute(*words, "--tasks", "3")
    assert (code, said.err) == (2, f"{published / 'work'} holds a job whose tasks is 2, not 3.\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "name one job: recluster, reread, export, index."),
        (("dedup",), "name one job: recluster, reread, export, index."),
        (("recluster",), "say where the job may lie: --work URI."),
        (("recluster", "--work", "w", "--executor", "slurm"), "say which partition of Slurm: --partition NAME."),
        (("recluster", "--work", "w", "--since", "2026-11-01"), "recluster takes the whole archive; "),
        (("reread", "--work", "w"), "say from when on: --since 2026-11-01."),
        (("reread", "--work", "ftp://w", "--since", "2026-11-01"), "the archive URI starts with ftp:"),
    ],
)
def test_what_is_wrong_is_one_sentence(published, distribute, words, sentence, monkeypatch):
    monkeypatch.chdir(published)
    code, said = distribute(*words)
    assert (code, said.out) == (2, "")
    assert said.err.startswith(sentence)
    assert len(said.err.splitlines()) == 1


def test_without_the_extra_it_says_what_to_install(published, distribute, monkeypatch):
    for name in [
        name
        for name in sys.modules
        if name.startswith(("datatrove", "crawlers.cluster.engines", "crawlers.cluster.engines"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("crawlers.cluster.engines", raising=False)
    monkeypatch.setitem(sys.modules, "datatrove", None)
    code, said = distribute("recluster", "--work", str(published / "work"))
    assert code == 2
    assert said.err.startswith("scrapy distribute needs the extra `cluster`: ")
    assert not (published / "work").exists()


def test_nothing_of_the_extra_is_imported_before_a_job_runs():
    code = "import sys, crawlers.commands.distribute; print({'datatrove', 'pyarrow', 'ray'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_an_archive_that_is_not_there_is_said(tmp_path, distribute):
    code, said = distribute("recluster", "--work", str(tmp_path / "work"), ARCHIVE_URI=str(tmp_path / "nowhere"))
    assert (code, said.err) == (2, f"there is no collection at {tmp_path / 'nowhere'}.\n")
