"""Articles looked at again by their age: conditionally, edits become versions, deletions events, and none too often."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from unittest.mock import Mock
from urllib.parse import unquote, urlsplit

import pytest
from scrapy.http import Request, Response

from crawlers.addresses import AddressRules
from crawlers.frontier.pages import Schedule
from crawlers.frontier.recheck import RecheckSpiderMiddleware
from tests.crawling import QUICK, lines_of, places, run
from tests.replica import Replica

OUTLET = "aljazeera"
UNTIL = date(2026, 5, 20)
NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
AGES = ("-s", "RELOOK_AGES=1 h,6 h,24 h,7 d,30 d,35 d")


class Told:
    """What the crawls did: exit code and requests of each, and what the archive holds after them."""

    def __init__(self, folder):
        with Replica(seed=2, days=4, until=UNTIL) as replica:
            for edition in (1, 2):
                for piece in replica.sites(edition)[OUTLET].pieces:
                    piece.trouble = None  # a date in a Retry-After is of another time than the crawl's
            self.environment = {**places(folder), **replica.env}
            self.replica = replica
            self.crawls = [self.crawl(0, "-a", "since=2026-05-16"), self.crawl(8), self.crawl(8, minutes=10)]
            replica.edition = 2
            self.truth = {entry["id"]: entry for entry in replica.truth if entry["outlet"] == OUTLET and "id" in entry}
            self.gone = {piece.id for piece in replica.sites()[OUTLET].gone}
            self.crawls.append(self.crawl(31))
            replica.edition = 1
            self.crawls.append(self.crawl(36))
            self.verified = run("archive", "verify", "--deep", **self.environment)
        self.lines = lines_of(folder / "collection")
        self.events = lines_of(folder / "collection", "events")

    def crawl(self, days, *more, minutes=0):
        asked = len(self.replica.log)
        moment = NOON + timedelta(days=days, minutes=minutes)
        words = ("scrapy", "crawl", OUTLET, *more, *QUICK, *AGES, "-s", "RELOOK_BUDGET=500")
        answer = run("tests.at", moment.isoformat(), *words, **self.environment)
        return answer, self.replica.log[asked:]

    def of(self, event, since="", until="9"):
        return [line for line in self.events if line["event"] == event and since <= line["at"] < until]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return Told(tmp_path_factory.mktemp("looking"))


def test_the_crawls_and_the_archive_are_sound(told):
    assert [answer.returncode for answer, _ in told.crawls] == [0] * 5, [answer.stderr for answer, _ in told.crawls]
    assert told.verified.returncode == 0, told.verified.stdout


def test_what_is_unchanged_says_304_and_writes_no_line(told):
    looks = told.of("look", until="2026-06")
    held = {line["id"]: unquote(urlsplit(line["url"]).path) for line in told.lines if line["version"] == 1}
    assert {line["id"] for line in looks} == {line["id"] for line in told.lines if line["captured"] < "2026-06"}
    assert {line["outcome"] for line in looks} == {"unchanged"}
    statuses = Counter(entry.status for entry in told.crawls[1][1] if entry.path in held.values())
    assert statuses == {304: len(looks)}


def test_ten_minutes_later_no_page_is_asked_for(told):
    pages = {unquote(urlsplit(line["url"]).path) for line in told.events if line.get("url")}
    assert not pages & {entry.path for entry in told.crawls[2][1]}


def test_an_edit_becomes_a_version(told):
    edited = {line["id"]: line for line in told.lines if line["version"] == 2}
    assert len(edited) == 5
    assert {line["id"] for line in told.of("look", "2026-06-20", "2026-06-21") if line["outcome"] == "changed"} == set(
        edited
    )
    for article_id, line in edited.items():
        assert (line["text"], line["published"]) == tuple(
            told.truth[article_id][name] for name in ("text", "published")
        )


def test_a_deletion_becomes_an_event_and_so_does_a_return(told):
    vanished = told.of("vanished", until="2026-06-21")
    assert {line["id"] for line in vanished} == told.gone
    assert {line["reason"] for line in vanished} == {"410"}
    assert all(line["warc"]["record_id"] for line in vanished)
    assert {line["id"] for line in told.of("returned")} == told.gone


def test_every_page_of_a_crawl_has_one_outcome(told):
    sweep = told.of("sweep")[0]
    pages = [line for line in told.of("page") if line["crawl"] == sweep["crawl"]]
    assert len({line["id"] for line in pages}) == len(pages)
    kept = {line["id"] for line in told.lines if line["crawl"] == sweep["crawl"]}
    assert {line["id"] for line in pages if line["outcome"] == "kept"} == kept
    assert {line["outcome"] for line in pages} == {"kept", "refused", "failed", "unreadable"}
    assert any(len(line["channels"]) > 1 for line in pages)
    assert (sweep["since"], sweep["until"], sweep["complete"]) == ("2026-05-16", "2026-05-20", True)


@pytest.mark.parametrize("location", ["http://[", "https://x]y/", "mailto:a@b.example", "//℀.example/"])
def test_a_redirect_to_what_is_no_address_is_a_look_that_failed(location):
    outcomes, counted = Mock(**{"became.return_value": "failed"}), Mock()
    crawler = Mock(spider=Mock(addresses=AddressRules(outlet="o", hosts=("o.example",), kinds={})), stats=counted)
    rechecks = RecheckSpiderMiddleware(crawler, Mock(outcomes=outcomes), Schedule([timedelta(hours=1)]), 9)
    url, headers = "https://o.example/1", {"Location": location.encode()}
    answer = Response(url, status=301, headers=headers, request=Request(url))
    assert list(rechecks.looked(answer, Mock(id="o:1"), 0)) == []
    outcomes.became.assert_called_once_with("o:1", "failed", "redirect-elsewhere", witnesses=1)
