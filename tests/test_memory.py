"""Memory grows neither with the length of a crawl nor with the size of a segment. A gigabyte: `make bench-segment`."""

import json
import os

import pytest

from tests.crawlers.download.cases import HTML, OK, length
from tests.crawlers.download.crawl import run as crawl
from tests.crawlers.download.raw_server import Answer, RawServer
from tests.crawling import run

pytestmark = pytest.mark.slow  # many pages, so that growth shows

BODY = os.urandom(60_000)
SLACK = 15  # MB; what is compared would be 30 MB and more if bodies were kept


def test_a_long_crawl_takes_no_more_than_a_short_one(tmp_path):
    with RawServer({"/page": [Answer((OK + HTML + length(BODY) + b"\r\n" + BODY,))]}) as server:
        url = f"http://127.0.0.1:{server.port}/page"
        peaks = []
        for count in (60, 600):
            warc = tmp_path / f"{count}.warc.gz"
            settings = {"CONNECT_PRIVATE": ["127.0.0.0/8"], "LOG_LEVEL": "ERROR"}
            done = crawl(
                {"warc": str(warc), "requests": [{"url": url}] * count, "settings": settings}, dict(os.environ)
            )
            assert done["stats"]["capture/mode/wire"] == count
            assert warc.stat().st_size > count * len(BODY)
            peaks.append(done["peak_mb"])
    assert peaks[1] - peaks[0] < SLACK


@pytest.fixture(scope="module")
def heavy(tmp_path_factory):
    answers = [run("tests.archive.heavy_segment", mb, tmp_path_factory.mktemp("heavy")) for mb in (6, 60)]
    assert [answer.returncode for answer in answers] == [0, 0], answers[1].stderr
    return [json.loads(answer.stdout) for answer in answers]


def test_a_large_segment_is_written_published_and_verified_with_the_memory_of_a_small_one(heavy):
    small, large = heavy
    assert (large["segments"], large["records"]) == (1, 2 + 4 * 1500)
    assert large["megabytes"] > 9 * small["megabytes"]
    assert large["peak_mb"] - small["peak_mb"] < SLACK
