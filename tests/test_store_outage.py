"""A store that goes away in mid-crawl: the crawl goes on, pauses at the spool's limit, stops with its own code, loses nothing."""

import re
import time
from collections import Counter

import pytest

from tests.crawling import QUICK, lines_of, places, run
from tests.replica import Replica

SMALL = ("-s", "SEGMENT_MAX_BYTES=60000", "-s", "PUBLISH_EVERY=0.3")


@pytest.fixture(scope="module")
def outage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outage")
    with Replica(seed=4, days=3) as replica:
        environment = {**places(folder), **replica.env}
        window = ("-a", f"since={min(p['published'] for p in replica.truth if p['expect'] == 'article')[:10]}")
        command = ("scrapy", "crawl", "albawabhnews", *window, *QUICK, *SMALL)
        collection = folder / "collection"
        (collection / "manifests").mkdir(parents=True)
        (collection / "warc").write_text("no folder: the store cannot take any WARC")
        limits = ("-s", "SPOOL_MAX_BYTES=300000", "-s", "SPOOL_PATIENCE=1")
        begun = time.monotonic()
        first = run(*command, *limits, **environment)
        seconds = time.monotonic() - begun
        during = lines_of(collection)
        (collection / "warc").unlink()
        second = run(*command, **environment)
        verified = run("archive", "verify", "--deep", **environment)
        expected = {p["id"] for p in replica.truth if p["expect"] == "article" and p["outlet"] == "albawabhnews"}
    return first, seconds, during, second, verified, expected, lines_of(collection)


def test_the_crawl_pauses_and_stops_with_its_own_code(outage):
    first, seconds, during, *_ = outage
    assert first.returncode == 4, first.stderr
    assert "the crawl pauses" in first.stderr
    assert "the crawl stops" in first.stderr
    assert seconds < 120
    assert during == []


def test_the_next_start_publishes_what_waited_and_goes_on(outage):
    first, _, _, second, verified, expected, lines = outage
    assert second.returncode == 0, second.stderr
    kept = [int(re.search(r"(\d+) articles kept", crawl.stderr)[1]) for crawl in (first, second)]
    assert kept[0] > 0
    assert sum(kept) == len(expected)
    assert Counter(line["id"] for line in lines) == Counter(expected)
    assert verified.returncode == 0, verified.stdout
