"""What pages and hosts reserve is recorded in ``policy``, and refused where the operator says so."""

import json
from urllib.parse import unquote, urlsplit

import pytest

from archive.article import Policy
from crawlers.politeness.tdmrep import ADDRESS, read_tdmrep, reservation_of
from pipelines.store import reserved
from tests.crawling import QUICK, lines_of, places, run
from tests.replica import Replica
from tests.replica.wire.message import Response

SAID = [{"location": "/", "tdm-reservation": 0}, {"location": "/politics/*", "tdm-reservation": 1}]


@pytest.fixture(scope="module")
def crawls(tmp_path_factory):
    """Two crawls of one outlet: what is reserved is recorded, then refused; with what each asked for."""
    found = []
    with Replica(seed=2, days=3) as replica:
        site = replica.sites()["aljazeera"]
        site.pages[ADDRESS] = lambda _: Response(json.dumps(SAID).encode(), content_type="application/json")
        noai = next(piece for piece in site.pieces if piece.slug == "sport" and piece.kind == "article")
        page = site.pages[noai.path]

        def with_header(request):
            response = page(request)
            response.headers.append(("X-Robots-Tag", "max-image-preview:large, noimageai"))
            return response

        site.pages[noai.path] = with_header
        first = min(piece.published for piece in site.pieces).date()
        for respect in ("", "noai,tdm"):
            folder = tmp_path_factory.mktemp("reserved")
            asked = len(replica.log)
            words = ("-a", f"since={first}", *QUICK, "-s", f"RESPECT_RESERVATIONS={respect}")
            environment = {**places(folder), **replica.env}
            answers = [run("scrapy", "crawl", "aljazeera", *words, **environment) for _ in range(2)]
            assert [answer.returncode for answer in answers] == [0, 0], answers[0].stderr
            found.append((folder / "collection", [entry.path for entry in replica.log[asked:]]))
    return noai.id, found


def test_reservations_are_recorded(crawls):
    noai, ((collection, _), _) = crawls
    for line in lines_of(collection):
        assert line["policy"]["tdm"] == ("1" if urlsplit(line["url"]).path.startswith("/politics/") else "0")
        assert line["policy"]["noai"] is (True if line["id"] == noai else None)


def test_what_is_reserved_is_refused_where_that_is_set(crawls):
    noai, ((before, _), (after, asked)) = crawls
    left = {line["id"] for line in lines_of(before) if line["policy"]["tdm"] == "0"} - {noai}
    assert {line["id"] for line in lines_of(after)} == left
    pages = {unquote(urlsplit(line["url"]).path) for line in lines_of(before) if line["policy"]["tdm"] == "1"}
    assert len(pages) > 2
    assert not pages & set(asked)
    told = {line["id"]: line for line in lines_of(after, "events") if line["event"] == "page"}
    assert {line["reason"] for line in told.values() if line["outcome"] == "refused"} >= {"tdm-reserved", "Reserved"}
    assert told[noai]["outcome"] == "refused"


def test_a_host_is_asked_once_a_day(crawls):
    assert [asked.count(ADDRESS) for _, asked in crawls[1]] == [1, 1]


def test_the_longest_location_wins():
    locations = read_tdmrep(json.dumps(SAID).encode())
    assert reservation_of(locations, "https://a.example/politics/x") == "1"
    assert reservation_of(locations, "https://a.example/sport/x") == "0"
    assert reservation_of([("/politics/*", 1)], "https://a.example/sport/x") is None
    assert reservation_of([], "https://a.example/") is None


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b"[1]", b'[{"location": "x"}]', b'[{"location": "/", "tdm-reservation": "1"}]']
)
def test_what_is_no_such_list_says_nothing(body):
    assert read_tdmrep(body) == []


@pytest.mark.parametrize(
    ("policy", "wish"),
    [
        (Policy(robots="noindex, follow"), "noindex"),
        (Policy(robots="none"), "noindex"),
        (Policy(robots="googlebot: NOARCHIVE"), "noarchive"),
        (Policy(robots="noai", noai=True), "noai"),
        (Policy(tdm="1"), "tdm"),
        (Policy(tdm="0", robots="index, follow, max-snippet:-1"), None),
        (Policy(), None),
    ],
)
def test_a_policy_is_read(policy, wish):
    assert reserved(policy, {"noindex", "noarchive", "noai", "tdm"}) == wish
    assert reserved(policy, ()) is None
