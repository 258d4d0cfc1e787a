"""The canary: bytes sent by a server that knows no HTTP, and bytes in the record, are the same bytes."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from archive.warc import verify
from tests.crawlers.download.cases import CASES, LIMIT, TEXT
from tests.crawlers.download.conftest import HOST, OVER

ATTEMPTS = {"ResponseDataLossError": 2, "DownloadTimeoutError": 2}


@pytest.mark.parametrize("name", CASES)
def test_the_response_is_stored_byte_for_byte(crawled, name):
    case = CASES[name]
    stored = crawled.of(f"http://{HOST}/{name}")
    assert len(stored) >= ATTEMPTS.get(case.error, 1)
    for record in stored:
        assert record.block == case.block(keep=crawled.keep)
        assert record["WARC-Truncated"] == case.truncated
        assert record["Content-Type"] == "application/http; msgtype=response"
        assert record["WARC-IP-Address"] == "127.0.0.1"


@pytest.mark.parametrize("name", CASES)
def test_the_request_is_stored_as_the_server_got_it(crawled, name):
    stored = [record.block for record in crawled.of(f"http://{HOST}/{name}", "request")]
    sent = crawled.received[f"/{name}"]
    assert len(stored) == len(sent)
    assert set(stored) <= {re.sub(rb"(Cookie|Authorization): [^\r]*\r\n", b"", request) for request in sent}


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.metadata])
def test_what_the_record_no_longer_shows_is_said_beside_it(crawled, name):
    said = crawled.one(f"http://{HOST}/{name}", "metadata").block.decode().splitlines()
    for key, value in CASES[name].metadata.items():
        assert f"{key}: {value}" in said


@pytest.mark.parametrize("name", ["plain", "chunked-odd", "gzip"])
def test_tls_is_captured_inside(crawled, name):
    assert crawled.one(f"https://{HOST}/{name}").block == CASES[name].block(keep=crawled.keep)


def test_the_certificate_chain_is_kept_once(crawled):
    metadata = [record for record in crawled.all if record["WARC-Type"] == "metadata"]
    prints = [
        print_ for record in metadata for print_ in re.findall(r"tlsCertificateSha256: (\w{64})", record.block.decode())
    ]
    assert len(prints) == len(set(prints)) > 0


def test_a_body_over_the_limit_is_kept_as_far_as_it_came(crawled):
    announced, other = (crawled.one(f"http://{HOST}/{name}") for name in ("over-announced", "over-unannounced"))
    assert announced["WARC-Truncated"] == other["WARC-Truncated"] == "length"
    body = other.block.partition(b"\r\n\r\n")[2]
    assert len(body) > LIMIT
    assert OVER.startswith(body)
    assert announced.block.startswith(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(OVER))


def test_every_redirect_is_a_record_of_its_own(crawled):
    first = crawled.one(f"http://{HOST}/chain")
    second = crawled.of(f"http://{HOST}/chain/2?a=1&b=%D8%A7")[0]
    assert (first.block[:12], second.block[:12]) == (b"HTTP/1.1 301", b"HTTP/1.1 302")
    assert second.block.endswith(b"\r\n\r\nmoved")
    hops = [r.said for r in crawled.of(f"http://{HOST}/plain", "metadata") if r.said.get("hopsFromSeed") == "RR"]
    assert [said["via"] for said in hops] == [f"http://{HOST}/chain/2?a=1&b=%D8%A7"]
    for request in crawled.of(f"http://{HOST}/chain/2?a=1&b=%D8%A7", "request"):
        assert request.block.startswith(b"GET /chain/2?a=1&b=%D8%A7 HTTP/1.1\r\n")


def test_every_attempt_is_a_record_of_its_own(crawled):
    busy, answered = crawled.of(f"http://{HOST}/busy")
    assert busy.block == b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"
    assert answered.block.endswith(TEXT)
    assert [record.said["attempt"] for record in crawled.of(f"http://{HOST}/busy", "metadata")] == ["1", "2"]


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("https://untrusted.example/", "certificate"),
        ("http://refused.example/", "DownloadConnectionRefusedError"),
        ("http://nowhere.invalid/", "CannotResolveHostError"),
        ("http://127.0.0.1:9/", "PrivateAddress"),
        (f"http://{HOST}/silent", "DownloadFailedError"),
        (f"http://{HOST}/half-head", "DownloadFailedError"),
    ],
)
def test_a_failure_leaves_a_metadata_record(crawled, url, error):
    found = crawled.of(url, "metadata")
    assert found
    assert not crawled.of(url)
    for record in found:
        assert error in record.said["fetchError"]
        assert record["WARC-Concurrent-To"] is None


def test_no_cookie_and_no_credential_is_ever_written(crawled):
    assert any(b"Cookie: id=1" in request for request in crawled.received["/plain"])
    requests = crawled.of(f"http://{HOST}/plain", "request")
    assert any(b"X-Mine: 1\r\n" in record.block for record in requests)
    assert not any(b"id=1" in record.block or b"eDp5" in record.block for record in crawled.all)


def test_records_of_one_capture_stand_together_and_are_linked(crawled):
    warcinfo, *others = crawled.all
    assert warcinfo["WARC-Type"] == "warcinfo"
    assert warcinfo["WARC-Filename"] == crawled.path.name
    for at, record in enumerate(others):
        assert record["WARC-Warcinfo-ID"] == warcinfo["WARC-Record-ID"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", record["WARC-Date"])
        if record["WARC-Type"] == "response":
            request, metadata = others[at + 1 : at + 3]
            assert (request["WARC-Type"], metadata["WARC-Type"]) == ("request", "metadata")
            for other in (request, metadata):
                assert other["WARC-Concurrent-To"] == record["WARC-Record-ID"]
                assert other["WARC-Date"] == record["WARC-Date"]
                assert other["WARC-Target-URI"] == record["WARC-Target-URI"]


def test_the_callback_knows_its_record(crawled):
    by_id = {record["WARC-Record-ID"]: record for record in crawled.all}
    assert crawled.seen
    for seen in crawled.seen:
        record = by_id[seen["warc"]["record_id"]]
        assert (record.offset, record.length) == (seen["warc"]["offset"], seen["warc"]["length"])
        assert record["WARC-Target-URI"] == seen["url"].partition("#")[0]
        if "captured" in seen:
            assert datetime.fromisoformat(record["WARC-Date"]) == datetime.fromisoformat(seen["captured"])


def test_metadata_says_how_the_page_was_found(crawled):
    said = [r.said for r in crawled.of(f"http://{HOST}/plain", "metadata") if "discovery" in r.said]
    assert [(s["via"], s["discovery"], s["hopsFromSeed"]) for s in said] == [("http://wire.example/feed", "feed", "L")]
    assert {"crawl", "attempt", "fetchTimeMs", "capture"} <= set(said[0])


def test_every_digest_is_right(crawled):
    assert verify(crawled.path) == []


def test_only_what_has_a_payload_has_a_payload_digest(crawled):
    for record in crawled.all:
        has_payload = record["WARC-Type"] == "response" or b"\r\n\r\n" in record.block[:-4]
        assert (record["WARC-Payload-Digest"] is not None) == has_payload, record.fields
        assert record["WARC-Block-Digest"]


def test_the_crawl_says_that_it_captured_from_the_wire(crawled):
    assert crawled.stats["capture/mode/wire"] >= len(CASES)
    assert "reconstructed" not in crawled.log
