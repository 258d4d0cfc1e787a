"""The same outlet crawled again: nothing twice, edits become versions, what is unchanged is not written."""

from urllib.parse import unquote, urlsplit

import pytest

from tests.crawling import QUICK, lines_of, places, run
from tests.replica import Replica

FIELDS = ("headline", "text")


@pytest.fixture(scope="module")
def crawls(tmp_path_factory):
    folder = tmp_path_factory.mktemp("second-crawl")
    with Replica(seed=2, days=4) as replica:
        environment = {**places(folder), **replica.env}
        window = ("-a", f"since={replica.until.replace(day=1) if replica.until.day > 4 else replica.until}")
        first = run("scrapy", "crawl", "aljazeera", *window, *QUICK, **environment)
        before = lines_of(folder / "collection")
        asked = len(replica.log)
        second = run("scrapy", "crawl", "aljazeera", *window, *QUICK, **environment)
        again = {entry.path for entry in replica.log[asked:]}
        replica.edition = 2
        edited = [
            (entry, old)
            for entry in replica.truth_of(2)
            for old in replica.truth_of(1)
            if entry["expect"] == old["expect"] == "article"
            and entry["outlet"] == "aljazeera"
            and entry["id"] == old["id"]
            and any(entry[name] != old[name] for name in FIELDS)
        ]
        same = next(line for line in before if line["id"] not in {entry["id"] for entry, _ in edited})
        urls = " ".join([*(entry["canonical_url"] for entry, _ in edited), same["url"]])
        third = run("scrapy", "crawl", "aljazeera", "-a", f"url={urls}", *QUICK, **environment)
    return first, second, third, before, again, edited, lines_of(folder / "collection")


def test_all_three_crawls_end_well(crawls):
    assert [crawl.returncode for crawl in crawls[:3]] == [0, 0, 0], crawls[2].stderr


def test_the_second_crawl_fetches_no_article_again(crawls):
    _, second, _, before, again, _, _ = crawls
    assert before
    assert not again & {unquote(urlsplit(line["url"]).path) for line in before}
    assert "0 articles kept" in second.stderr


def test_an_edited_article_becomes_its_next_version(crawls):
    *_, before, _, edited, after = crawls
    assert edited
    old = {line["id"]: line for line in before}
    new = {line["id"]: line for line in after if line["version"] == 2}
    assert set(new) == {entry["id"] for entry, _ in edited if entry["id"] in old}
    for entry, earlier in edited:
        if (line := new.get(entry["id"])) is None:
            continue
        assert line["text"] == entry["text"]
        assert line["changes"]["previous"] == old[line["id"]]["warc"]["record_id"]
        assert line["changes"]["headline"] is (entry["headline"] != earlier["headline"])
        silent = entry["text"] != earlier["text"] and entry["modified"] == earlier["modified"]
        assert line["changes"]["silent"] is silent


def test_an_unchanged_article_writes_no_line(crawls):
    *_, before, _, edited, after = crawls
    known = {line["id"] for line in before}
    assert len(after) == len(before) + len([1 for entry, _ in edited if entry["id"] in known])
