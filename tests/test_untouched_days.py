"""Day sitemaps that cannot have changed are not asked: the index says when each was touched last, and only what was touched is read."""

import re

import pytest

from tests.crawling import QUICK, lines_of, places, run
from tests.replica import Replica
from tests.replica.sites.aljazeera.channels import sitemap

OUTLET = "aljazeera"
ENTRY = re.compile(r"<loc>[^<]*?(\?[^<]*)</loc><lastmod>([^<]*)</lastmod>")


class Told:
    """Three crawls: the first, one straight after it, one after the outlet wrote, changed and removed pieces."""

    def __init__(self, folder):
        with Replica(seed=2, days=6) as replica:
            for edition in (1, 2):
                for piece in replica.sites(edition)[OUTLET].pieces:
                    piece.trouble = None
            self.replica, self.environment = replica, {**places(folder), **replica.env}
            self.codes, self.asked = [], []
            self.crawl()
            self.crawl()
            replica.edition = 2
            self.crawl()
            before, after = (self.stamps(edition) for edition in (1, 2))
            self.touched = {day for day in after if after[day] != before.get(day)} & self.asked[0]
        self.sweeps = [
            line["sources"]["sitemap"] for line in lines_of(folder / "collection", "events") if line["event"] == "sweep"
        ]
        self.ids = {line["id"] for line in lines_of(folder / "collection")}
        new = {
            piece.id: piece
            for piece in replica.sites(2)[OUTLET].pieces
            if piece.edition == 2 and piece.kind == "article"
        }
        self.new = {key for key in new if key not in {piece.id for piece in replica.sites(1)[OUTLET].pieces}}

    def crawl(self):
        before = len(self.replica.log)
        since = ("-a", f"since={self.replica.until}")
        self.codes.append(run("scrapy", "crawl", OUTLET, *since, *QUICK, **self.environment).returncode)
        targets = [entry.target for entry in self.replica.log[before:] if entry.path == "/sitemap.xml"]
        assert targets.count("/sitemap.xml") == 1
        self.asked.append({target.removeprefix("/sitemap.xml") for target in targets if "yyyy" in target})

    def stamps(self, edition):
        """Return the query of each day's sitemap → when it was touched last, as the index says."""
        index = sitemap(self.replica.sites(edition)[OUTLET], {}).body.decode()
        return {query.replace("&amp;", "&"): stamp for query, stamp in ENTRY.findall(index)}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return Told(tmp_path_factory.mktemp("untouched"))


def test_the_crawls_end_well(told):
    assert told.codes == [0, 0, 0]


def test_no_day_is_asked_again_that_was_not_touched(told):
    assert len(told.asked[0]) > 1
    assert told.asked[1] == set()
    assert told.sweeps[1]["untouched"] == len(told.asked[0])


def test_a_day_that_was_touched_is_asked_and_no_other(told):
    assert told.touched
    assert told.touched < told.asked[0]
    assert told.asked[2] == told.touched
    assert told.sweeps[2]["untouched"] == len(told.asked[0]) - len(told.touched)


def test_nothing_is_missed_by_that(told):
    assert told.new
    assert told.new <= told.ids
