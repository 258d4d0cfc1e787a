"""An article whose page leads to the home page now is recorded as vanished, once, with the redirect as evidence and no further request."""

from datetime import UTC, date, datetime, timedelta

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.crawling import QUICK, lines_of, places, run
from tests.little_outlet import MAP, LittleOutlet, page, path, sitemap
from tests.replica import Replica
from tests.replica.wire.message import redirect

OUTLET, HOME = "alaraby", "https://www.alaraby.co.uk/"
NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)


class Told:
    """Three crawls: the first, one eight days later when two pieces were taken down, one when another look is due."""

    def __init__(self, folder):
        with Replica(seed=2, days=4, until=date(2026, 5, 20)) as replica:
            for edition in (1, 2):
                for piece in replica.sites(edition)[OUTLET].pieces:
                    piece.trouble = None  # a date in a Retry-After is of another time than the crawl's
            self.gone = {piece.id: piece for piece in replica.sites(2)[OUTLET].gone}
            environment = {**places(folder), **replica.env}
            self.codes = []
            for edition, days, window in ((1, 0, ("-a", "since=2026-05-16")), (2, 8, ()), (2, 31, ())):
                replica.edition, asked = edition, len(replica.log)
                moment = (NOON + timedelta(days=days)).isoformat()
                words = ("scrapy", "crawl", OUTLET, *window, *QUICK, "-s", "RELOOK_BUDGET=500")
                self.codes.append(run("tests.at", moment, *words, **environment).returncode)
                if days:
                    paths = [entry.path for entry in replica.log[asked:]]
                    assert {piece.path for piece in self.gone.values()} <= set(paths)
                    assert "/" not in paths  # the home page is no source of this outlet, and nobody follows there
        self.collection = folder / "collection"
        self.events = lines_of(self.collection, "events")
        self.ids = {line["id"] for line in lines_of(self.collection)}

    def of(self, event):
        return [line for line in self.events if line["event"] == event]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return Told(tmp_path_factory.mktemp("vanished-home"))


def test_the_crawls_end_well(told):
    assert told.codes == [0, 0, 0]


def test_it_is_recorded_as_vanished_once(told):
    assert told.gone.keys() <= told.ids
    vanished = told.of("vanished")
    assert sorted(line["id"] for line in vanished) == sorted(told.gone)
    assert {(line["reason"], line["to"]) for line in vanished} == {("redirect-home", HOME)}
    looks = [line["outcome"] for line in told.of("look") if line["id"] in told.gone]
    assert looks == ["vanished"] * 4


def test_the_event_points_at_the_redirect(told):
    for line in told.of("vanished"):
        with next(told.collection.glob(f"warc/**/{line['warc']['file']}")).open("rb") as stream:
            stream.seek(line["warc"]["offset"])
            record = next(iter(ArchiveIterator(stream)))
        assert record.rec_headers["WARC-Record-ID"] == line["warc"]["record_id"]
        assert record.http_headers.get_statuscode() == "302"
        assert record.http_headers.get_header("Location") == "/"


STATUSES = (301, 302, 303, 307, 308)


def test_a_second_look_follows_no_redirect_blindly(tmp_path):
    """Each status of a redirect: to the home page it is gone, to another address of the same article it has moved."""
    slugs = [f"{kind}{status}" for status in STATUSES for kind in ("gone", "moved")]
    with LittleOutlet() as outlet:
        pages = {slug: page(slug, f"عنوان الخبر {slug}") for slug in slugs}
        outlet.pages = {MAP: sitemap(*slugs), **{path(slug): found for slug, found in pages.items()}}
        codes = [outlet.crawl(tmp_path, "-a", "since=2026-05-20", at=NOON.isoformat()).returncode]
        for status in STATUSES:
            outlet.pages[path(f"gone{status}")] = redirect("/", status)
            outlet.pages[path(f"moved{status}")] = redirect(path(f"new{status}"), status)
            outlet.pages[path(f"new{status}")] = pages[f"moved{status}"]
        outlet.pages[MAP] = sitemap()
        later = (NOON + timedelta(days=8)).isoformat()
        codes.append(outlet.crawl(tmp_path, "-s", "RELOOK_BUDGET=500", at=later).returncode)
    looks = [line for line in lines_of(tmp_path / "collection", "events") if line["event"] == "look"]
    found = {line["url"].rpartition("/")[2]: (line["outcome"], line["reason"]) for line in looks}
    assert {slug: said for slug, said in found.items() if "gone" in slug} == {
        f"gone{status}": ("vanished", "redirect-home") for status in STATUSES
    }, codes
    assert {slug: said[0] for slug, said in found.items() if "moved" in slug} == {
        f"moved{status}": "moved" for status in STATUSES
    }
