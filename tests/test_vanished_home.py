"""An article whose page leads to the home page now is recorded as vanished, once, with the redirect as evidence and no further request."""

from datetime import UTC, date, datetime, timedelta

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.crawling import QUICK, lines_of, places, run
from tests.replica import Replica

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
