"""`scrapy recluster --publish`: an archive that earlier rules labelled is told anew, and readers see what was told last."""

import argparse
import subprocess
import sys

import pytest
from scrapy.settings import Settings

from archive.manifests.lease import Lease
from archive.reader.archive import Archive
from archive.store import open_store
from crawlers.commands.recluster import Command
from pipelines.syndication import index, stories
from pipelines.syndication.alignment import Verdict
from tests.pipelines.syndication.publishing import Machine
from tests.pipelines.syndication.writing import ARTICLES, read

EVENTS = read("formulaic.txt")
TUNIS, TONGA, DAM = EVENTS["telegram-1"][1], EVENTS["telegram-3"][1], ARTICLES["dam"][1]
EARLIER = {
    "alaraby:1": "alaraby:1",
    "alaraby:2": "alaraby:1",
    "aljazeera:3": "aljazeera:3",
    "aljazeera:4": "aljazeera:3",
}


@pytest.fixture
def labelled(tmp_path, monkeypatch):
    """An archive from when everything that shares a formula was one story."""
    with monkeypatch.context() as rules:
        rules.setattr(stories, "judge", lambda _: Verdict.SAME)
        machine = Machine(tmp_path / "collection", tmp_path / "machine")
        machine.crawl("alaraby", (1, TUNIS, 0, {}), (2, TONGA, 20, {}))
        machine.crawl("aljazeera", (3, DAM, 200, {}), (4, DAM, 203, {}))
    assert told(tmp_path) == EARLIER
    return tmp_path


def told(folder):
    archive = Archive(open_store(str(folder / "collection")))
    return {article.id: article.story.id for article in archive.articles()}


def settings(folder):
    return {"ARCHIVE_URI": str(folder / "collection"), "SPOOL_DIR": str(folder / "spool"), "AWS_ENDPOINT_URL": ""}


def publish(folder, capsys, *words, **changed):
    command = Command()
    command.settings = Settings({"COLLECTION": "warraq", "CONTACT": "", "SEGMENT_MAX_BYTES": 10**9, "SEGMENT_MAX_SECONDS": 3600, **settings(folder), **changed})  # fmt: skip
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    command.add_options(parser)
    opts, args = parser.parse_known_args(["--publish", *words])
    command.run(args, opts)
    return int(command.exitcode or 0), capsys.readouterr()


def test_readers_see_the_stories_of_today_and_a_second_time_nothing_is_told(labelled, capsys):
    command = [sys.executable, "-m", "scrapy", "recluster", "--publish"]
    command += [word for name, value in settings(labelled).items() for word in ("-s", f"{name}={value}")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "2 articles stand elsewhere than was told; published with alaraby\n"
    assert told(labelled) == EARLIER | {"alaraby:2": "alaraby:2"}
    code, said = publish(labelled, capsys)
    assert (code, said.out) == (0, "0 articles stand elsewhere than was told; published with alaraby\n")
    assert sorted(path.name for path in labelled.glob("stories-*")) == []


def test_an_archive_of_before_the_rule_on_late_copies_is_told_that_they_are(tmp_path, capsys, monkeypatch):
    runs = [(number, f"{DAM}\nالعدد {number}", hours, {}) for number, hours in enumerate((0, 60, 110), 1)]
    with monkeypatch.context() as rules:
        rules.setattr(index, "_is_late_copy", lambda *_: False)
        Machine(tmp_path / "collection", tmp_path / "machine").crawl("alaraby", *runs)
    assert told(tmp_path)["alaraby:3"] == "alaraby:3"
    code, said = publish(tmp_path, capsys)
    assert (code, said.out) == (0, "1 articles stand elsewhere than was told; published with alaraby\n")
    assert set(told(tmp_path).values()) == {"alaraby:1"}


def test_a_machine_that_catches_up_afterwards_has_nothing_to_tell(labelled, capsys):
    assert publish(labelled, capsys)[0] == 0
    machine = Machine(labelled / "collection", labelled / "another")
    machine.catch_up()
    assert machine.stories.untold()[0] == []
    assert {each.id: each.story for each in machine.stories.placements()} == told(labelled)


def test_an_outlet_that_is_crawled_leaves_the_turn_to_another_and_all_of_them_are_busy(labelled, capsys):
    store = open_store(str(labelled / "collection"))
    Lease(store, "alaraby", holder="somebody").acquire()
    code, said = publish(labelled, capsys)
    assert (code, said.out) == (0, "2 articles stand elsewhere than was told; published with aljazeera\n")
    Lease(store, "aljazeera", holder="somebody").acquire()
    code, said = publish(labelled, capsys)
    assert code == 6
    assert said.err.startswith("every outlet is being worked on, the last one so: ")
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "changed", "sentence"),
    [
        (["in.jsonl"], {}, "recluster --publish takes neither a file nor --archive: it works on ARCHIVE_URI.\n"),
        (["--archive", "x"], {}, "recluster --publish takes neither a file nor --archive: it works on ARCHIVE_URI.\n"),
        ([], {"ARCHIVE_URI": "gopher://x"}, "ARCHIVE_URI: "),
    ],
)
def test_wrong_use_is_one_sentence(tmp_path, capsys, words, changed, sentence):
    code, said = publish(tmp_path, capsys, *words, **changed)
    assert (code, said.out) == (2, "")
    assert said.err.startswith(sentence)
    assert len(said.err.splitlines()) == 1


def test_an_empty_archive_has_nothing_to_tell(tmp_path, capsys):
    assert publish(tmp_path, capsys)[1].out == "the archive holds no articles\n"
