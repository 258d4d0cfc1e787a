"""A back-fill over days long past: in order, giving way to a regular crawl, going on where the bucket says, never twice."""

import os
import re
import sys
import time
from datetime import date
from itertools import pairwise

import pytest

from tests import processes
from tests.crawling import QUICK, ROOT, lines_of, places, run
from tests.little_outlet import MAP, LittleOutlet, page, path, sitemap
from tests.replica import Replica
from tests.replica.wire.message import xml

OUTLET = "aljazeera"
WORDS = ("backfill", OUTLET, "-a", "since=2026-05-18", "-a", "until=2026-05-20", "--days", "2", "--pause", "1", *QUICK)


class Filled:
    """A back-fill that a regular crawl interrupts, and the same back-fill again."""

    def __init__(self, folder):
        self.folder = folder
        with Replica(seed=2, days=4, until=date(2026, 5, 20)) as replica:
            environment = {**places(folder), **replica.env}
            with (folder / "said").open("w") as said:
                base = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
                words = [sys.executable, "-m", "scrapy", *WORDS, "-s", "DOWNLOAD_DELAY=0.4"]
                first = processes.Popen(words, cwd=ROOT, env={**base, **environment}, stderr=said)
                self.wait(lambda: sum("/2026/5/1" in entry.path for entry in replica.log) > 1)
                elsewhere = {**environment, "SPOOL_DIR": str(folder / "another host")}
                self.regular = run("scrapy", "crawl", OUTLET, *QUICK, "-s", "DOWNLOAD_DELAY=0.1", **elsewhere)
                self.code = first.wait(150)
            self.log = list(replica.log)
            self.again = run("scrapy", *WORDS, **environment)
            self.asked_again = replica.log[len(self.log) :]
            self.truth = {
                entry["id"] for entry in replica.truth if entry["expect"] == "article" and entry["outlet"] == OUTLET
            }
            self.by_sitemap = {
                piece.id
                for piece in replica.sites()[OUTLET].pieces
                if piece.announced_by("sitemap") and piece.published.day > 17
            }
        self.said = (folder / "said").read_text(encoding="utf-8")

    @staticmethod
    def wait(condition):
        for _ in range(600):
            if condition():
                return
            time.sleep(0.1)
        raise AssertionError("the back-fill did not begin")


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    return Filled(tmp_path_factory.mktemp("backfill"))


def test_both_end_well(filled):
    assert (filled.code, filled.regular.returncode) == (0, 0), filled.said + filled.regular.stderr


def test_it_gave_way_and_went_on(filled):
    assert "exit 6 (busy)" in filled.said
    progress = re.findall(r"(\S+) to (\S+) done, (\d+) of 3 days, about (.+) left", filled.said)
    assert [row[:3] for row in progress] == [("2026-05-18", "2026-05-19", "2"), ("2026-05-20", "2026-05-20", "3")]


def test_nobody_was_asked_by_two_at_once(filled):
    ordered = sorted(
        (entry for entry in filled.log if entry.host == "www.aljazeera.net"), key=lambda entry: entry.start
    )
    assert all(later.start >= earlier.end for earlier, later in pairwise(ordered))


def test_everything_that_the_days_announce_is_there_once(filled):
    ids = [line["id"] for line in lines_of(filled.folder / "collection")]
    assert len(ids) == len(set(ids))
    assert filled.by_sitemap <= set(ids) <= filled.truth


def test_what_is_complete_is_not_asked_for_again(filled):
    assert filled.again.returncode == 0
    assert "3 of 3 days are complete or asked for, 0 crawls to do" in filled.again.stderr
    assert not filled.asked_again


def test_a_day_whose_sitemap_was_cut_is_asked_for_again(tmp_path):
    words = ("backfill", OUTLET, "-a", "since=2026-05-20", "-a", "until=2026-05-20", *QUICK, "-s", "RETRY_TIMES=0")
    with LittleOutlet() as outlet:
        outlet.pages = {path(slug): page(slug, f"افتتاح الميناء الجديد {slug}") for slug in ("one", "two")}
        whole = sitemap("one", "two")
        cut = xml(whole.body.decode()[:-60])
        told = []
        for answer in (cut, whole, whole):
            outlet.pages[MAP] = answer
            asked = len(outlet.log)
            done = run("scrapy", *words, **places(tmp_path), **outlet.env)
            told.append((done.returncode, len(lines_of(tmp_path / "collection")), len(outlet.log) > asked))
    sweeps = [event["complete"] for event in lines_of(tmp_path / "collection", "events") if event["event"] == "sweep"]
    assert told == [(0, 1, True), (0, 2, True), (0, 2, False)], done.stderr
    assert sweeps == [False, True]
