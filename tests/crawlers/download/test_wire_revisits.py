"""Two crawls: what the second sees again becomes a revisit of what the first one published, and nothing else does."""

from __future__ import annotations

import pytest

from archive.warc import verify
from archive.warc.cdxj import index
from tests.crawlers.download.cases import CHUNKED, HTML, MASKED, OK, TEXT, chunks, length
from tests.crawlers.download.conftest import crawl
from tests.crawlers.download.raw_server import Answer, RawServer

FIRST = {
    "/same": Answer((OK + b"X-Take: 1\r\n" + CHUNKED + b"\r\n" + chunks(TEXT, 100),)),
    "/later": Answer((OK + b'ETag: "v1"\r\n' + length(TEXT + b"2") + b"\r\n" + TEXT + b"2",)),
    "/empty": Answer((OK + b"Content-Length: 0\r\n\r\n",)),
    "/robots.txt": Answer((OK + length(TEXT + b"r") + b"\r\n" + TEXT + b"r",)),
    "/error": Answer((b"HTTP/1.1 404 Not Found\r\n" + length(TEXT) + b"\r\n" + TEXT,)),
}
SECOND = FIRST | {
    "/same": Answer((OK + b"X-Take: 2\r\n" + HTML + CHUNKED + b"\r\n" + chunks(TEXT, 1, 7, 77),)),
    "/later": Answer((b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n',)),
    "/never-seen": Answer((b'HTTP/1.1 304 Not Modified\r\nETag: "v9"\r\n\r\n',)),
}


@pytest.fixture(scope="module")
def crawls(tmp_path_factory):
    folder = tmp_path_factory.mktemp("revisits")
    with RawServer({path: [answer] for path, answer in FIRST.items()}) as server:
        first = _crawl(folder / "first.warc.gz", server, [f"http://one.example{path}" for path in FIRST])
    with RawServer({path: [answer] for path, answer in SECOND.items()}) as server:
        urls = [f"http://one.example{path}" for path in SECOND] + ["http://twin.example/same"]
        second = _crawl(folder / "second.warc.gz", server, urls, published=[str(first.path)])
    return first, second


def _crawl(path, server, urls, **job):
    settings = {"CONNECT_TO": f":80:127.0.0.1:{server.port}"}
    return crawl(path, [{"url": url} for url in urls], {}, settings=settings, **job)


@pytest.mark.parametrize("host", ["one.example", "twin.example"])
def test_the_same_entity_in_other_chunks_is_a_revisit(crawls, host):
    first, second = crawls
    original, revisit = first.one("http://one.example/same"), second.one(f"http://{host}/same", "revisit")
    assert revisit["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    assert revisit["WARC-Refers-To"] == original["WARC-Record-ID"]
    assert revisit["WARC-Refers-To-Target-URI"] == "http://one.example/same"
    assert revisit["WARC-Refers-To-Date"] == original["WARC-Date"]
    assert revisit["WARC-Payload-Digest"] == original["WARC-Payload-Digest"]
    assert revisit["WARC-Truncated"] == "length"
    assert revisit.block == OK + b"X-Take: 2\r\n" + HTML + MASKED + b"\r\n"
    assert not second.of(f"http://{host}/same")


def test_a_304_is_a_revisit_of_the_response_it_confirms(crawls):
    first, second = crawls
    original, revisit = first.one("http://one.example/later"), second.one("http://one.example/later", "revisit")
    assert revisit["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    assert revisit["WARC-Refers-To"] == original["WARC-Record-ID"]
    assert revisit["WARC-Refers-To-Date"] == original["WARC-Date"]
    assert revisit["WARC-Payload-Digest"] == original["WARC-Payload-Digest"]
    assert revisit["WARC-Truncated"] is None
    assert revisit.block == SECOND["/later"].pieces[0]


@pytest.mark.parametrize("path", ["/empty", "/robots.txt", "/error", "/never-seen"])
def test_everything_else_stays_a_response(crawls, path):
    _, second = crawls
    assert second.one(f"http://one.example{path}").block
    assert not second.of(f"http://one.example{path}", "revisit")


def test_request_and_metadata_are_linked_to_the_revisit(crawls):
    _, second = crawls
    revisit = second.one("http://twin.example/same", "revisit")
    for kind in ("request", "metadata"):
        assert second.one("http://twin.example/same", kind)["WARC-Concurrent-To"] == revisit["WARC-Record-ID"]


def test_the_index_says_what_a_revisit_refers_to(crawls):
    first, second = crawls
    said = next(e.values for e in index(second.path) if e.values["url"] == "http://twin.example/same")
    original = first.one("http://one.example/same")
    assert said["mime"] == "warc/revisit"
    assert said["refers_to"] == original["WARC-Record-ID"]
    assert said["refers_to_date"] == original["WARC-Date"]
    assert said["digest"] == original["WARC-Payload-Digest"]


def test_both_files_are_right(crawls):
    assert [verify(crawled.path) for crawled in crawls] == [[], []]
