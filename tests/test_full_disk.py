"""The local disk fills up in mid-crawl: the crawl pauses, goes on when there is room, else stops with its own code; nothing is lost."""

import contextlib
import json
import os
import sqlite3
import sys
import time
from collections import Counter

import pytest

from archive.files import is_full
from pipelines.syndication import MemoryStoryIndex, Piece, SqliteStoryIndex, Stories
from tests import processes
from tests.archive.durability.test_full_disk import small_disk
from tests.crawling import QUICK, ROOT, lines_of, run
from tests.pipelines.syndication.draws import Draw
from tests.pipelines.syndication.writing import BASES
from tests.replica import Replica

__all__ = ["small_disk"]

OUTLET = "albawabhnews"  # its robots.txt asks for a pause between two pages, so that there is time to interfere
SMALL = ("-s", "SEGMENT_MAX_BYTES=60000", "-s", "PUBLISH_EVERY=0.2")


def fill(folder):
    """Take all the room there is, whoever else is writing; return the file that takes it."""
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as stream:
        while True:
            stream.write(b"\0" * 1024)
    return ballast


class Crawl:
    """A crawl in the background, its log and its counts."""

    def __init__(self, command, environment, folder):
        self.progress, self.log = folder / "progress.json", folder / "log"
        self.progress.unlink(missing_ok=True)
        base = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        words = [sys.executable, "-m", "scrapy", *command, "-s", f"PROGRESS_FILE={self.progress}"]
        with self.log.open("wb") as log:
            self.process = processes.Popen(words, cwd=ROOT, env={**base, **environment}, stderr=log)

    def said(self):
        return self.log.read_text(errors="replace")

    def wait_for(self, condition):
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            if condition(self):
                return
            time.sleep(0.05)
        self.process.kill()
        pytest.fail(self.said())

    def has_kept(self, count):
        return self.progress.exists() and json.loads(self.progress.read_bytes())["kept"] >= count


@pytest.mark.parametrize("small_disk", ["8m"], indirect=True)
def test_a_full_disk_pauses_the_crawl_then_stops_it_and_loses_nothing(tmp_path, small_disk):
    with Replica(seed=3, days=3) as replica:
        expected = {p["id"] for p in replica.truth if p["expect"] == "article" and p["outlet"] == OUTLET}
        since = min(p["published"] for p in replica.truth if p["expect"] == "article")[:10]
        environment = {
            "ARCHIVE_URI": str(tmp_path / "collection"),
            "SPOOL_DIR": str(small_disk / "spool"),
            **replica.env,
        }
        command = ("crawl", OUTLET, "-a", f"since={since}", *QUICK, *SMALL)

        stopped = Crawl((*command, "-s", "SPOOL_PATIENCE=2"), environment, tmp_path)
        stopped.wait_for(lambda crawl: crawl.has_kept(4))
        ballast = fill(small_disk)
        code, log = stopped.process.wait(60), stopped.said()
        assert code == 9, log
        assert "full: the crawl pauses" in log or "No space left on device: the crawl pauses" in log
        assert "exit 9 (full)" in log

        ballast.unlink()
        going_on = Crawl(command, environment, tmp_path)
        going_on.wait_for(lambda crawl: crawl.has_kept(4))
        ballast = fill(small_disk)
        going_on.wait_for(lambda crawl: "the crawl pauses" in crawl.said())
        ballast.unlink()
        code, log = going_on.process.wait(90), going_on.said()
        assert code == 0, log
        assert "the disk has room again, the crawl goes on" in log
    lines = Counter(line["id"] for line in lines_of(tmp_path / "collection"))
    assert lines == Counter(expected), going_on.said()
    verified = run("archive", "verify", "--deep", "--chain", **environment)
    assert verified.returncode == 0, verified.stdout


@pytest.mark.parametrize("small_disk", ["2m"], indirect=True)
def test_a_disk_that_is_full_from_the_beginning_is_said_in_one_sentence(tmp_path, small_disk):
    fill(small_disk)
    places = {
        "ARCHIVE_URI": str(tmp_path / "collection"),
        "SPOOL_DIR": str(small_disk),
        "CONTACT": "https://warraq.example",
    }
    finished = run("scrapy", "crawl", OUTLET, **places)
    assert finished.returncode == 9, finished.stderr
    assert f"{OUTLET}: the crawl does not begin" in finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize("small_disk", ["2m"], indirect=True)
def test_a_full_disk_takes_no_placement_and_the_next_try_finds_nothing_of_it(small_disk):
    pieces = [Piece.of_line(each.line()) for each in Draw(BASES, seed=7, wires=6).articles]
    expected = Stories(MemoryStoryIndex())
    index = SqliteStoryIndex(small_disk / "stories")
    stories, refused = Stories(index), 0
    for piece in pieces:
        ballast = fill(small_disk)
        try:
            stories.place(piece)
        except sqlite3.OperationalError as error:
            refused += is_full(error)
        ballast.unlink()
        assert stories.place(piece) == expected.place(piece)
    assert refused > 10
    assert list(stories.placements()) == list(expected.placements())
    index.close()
