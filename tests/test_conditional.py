"""Sources asked again: what has not changed says 304, is archived as such, and costs no article."""

import json
from operator import itemgetter

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.crawling import QUICK, lines_of, places, run
from tests.little_outlet import MAP, LittleOutlet, page, sitemap
from tests.little_outlet import path as path_of
from tests.replica import Replica
from tests.replica.wire.message import Response

NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


@pytest.fixture(scope="module")
def crawls(tmp_path_factory):
    """A crawl that is cut short, a whole one, one with nothing new, one that looks further back, and the verification."""
    folder = tmp_path_factory.mktemp("conditional")
    with Replica(seed=2, days=4) as replica:
        environment = {**places(folder), **replica.env}
        days = sorted(p["published"][:10] for p in replica.truth if p["expect"] == "article")
        wide, narrow = (("-a", f"since={day}") for day in (days[0], days[-1]))
        crawls = []
        for arguments in ((*narrow, "-a", "limit=2"), narrow, narrow, wide):
            asked = len(replica.log)
            answer = run("scrapy", "crawl", "aljazeera", *arguments, *QUICK, **environment)
            crawls.append(
                (answer, [entry.status for entry in replica.log[asked:]], len(lines_of(folder / "collection")))
            )
        verified = run("archive", "verify", "--deep", **environment)
    return crawls, verified, folder / "collection"


def records_of(collection):
    for path in sorted(collection.glob("warc/**/*.warc.gz")):
        with path.open("rb") as stream:
            yield from (
                (record.rec_type, record.rec_headers, record.http_headers) for record in ArchiveIterator(stream)
            )


def test_every_crawl_ends_well(crawls):
    assert [answer.returncode for answer, _, _ in crawls[0]] == [0] * 4, [answer.stderr for answer, _, _ in crawls[0]]


def test_only_sources_that_were_read_whole_are_asked_conditionally(crawls):
    assert [304 in statuses for _, statuses, _ in crawls[0]] == [False, False, True, False]


def test_a_cut_crawl_and_a_narrower_one_lose_no_article(crawls):
    cut, whole, again, wide = (count for _, _, count in crawls[0])
    assert cut == 2 < whole == again < wide


def test_an_unchanged_source_is_no_dead_one(crawls):
    _, _, (answer, statuses, _), _ = crawls[0]
    reports = [json.loads(path.read_bytes()) for path in crawls[2].glob("reports/**/*.json")]
    reports.sort(key=itemgetter("finished"))  # two crawls may have begun in one second
    assert sum(reports[2]["sources"]["unchanged"].values()) == statuses.count(304)
    assert not reports[2]["sources"]["dead"]
    assert "does not answer as one" not in answer.stderr


def test_a_304_refers_to_the_published_response(crawls):
    found = list(records_of(crawls[2]))
    responses = {headers["WARC-Record-ID"]: headers for kind, headers, _ in found if kind == "response"}
    revisits = [
        (headers, http)
        for kind, headers, http in found
        if kind == "revisit" and headers["WARC-Profile"] == NOT_MODIFIED
    ]
    assert len(revisits) == crawls[0][2][1].count(304) > 2
    for headers, http in revisits:
        original = responses[headers["WARC-Refers-To"]]
        assert http.get_statuscode() == "304"
        assert headers["WARC-Refers-To-Target-URI"] == original["WARC-Target-URI"] == headers["WARC-Target-URI"]
        assert headers["WARC-Refers-To-Date"] == original["WARC-Date"]
        assert headers["WARC-Payload-Digest"] == original["WARC-Payload-Digest"]


def test_verify_finds_no_fault(crawls):
    assert crawls[1].returncode == 0, crawls[1].stdout + crawls[1].stderr


NOON = "2026-05-20T12:00:00+00:00"


def test_a_source_is_asked_in_full_while_one_of_its_articles_failed(tmp_path):
    with LittleOutlet() as outlet:
        outlet.pages = {MAP: sitemap("one", "two"), path_of("one"): page("one", "عنوان أول")}
        statuses = []
        for second in (Response(b"", status=410), page("two", "عنوان ثان")):
            outlet.pages[path_of("two")] = second
            asked = len(outlet.log)
            done = outlet.crawl(tmp_path, "-a", "since=2026-05-20", at=NOON)
            assert done.returncode in {0, 1}, done.stderr
            statuses += [entry.status for entry in outlet.log[asked:] if entry.path == MAP]
    assert statuses == [200, 200]
