"""The whole of each record as text; only ids are not known beforehand."""

from __future__ import annotations

import gzip
import random
import re
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import pytest
from warcio.warcwriter import WARCWriter

from archive.article import RecordPointer
from archive.maintenance.erasure import patches
from archive.warc import WarcFile, profile_of, read_record, records, scan, verify
from archive.warc.capture import captures
from archive.warc.message import Original
from archive.warc.payload import EMPTY, label_of, matches
from archive.warc.writer import warc_date, warc_fields, write_wet
from tests.archive.warc.samples import BODY, HEAD, STARTED, article, exchange

ORIGINAL = Original(
    record_id="<urn:uuid:00000000-0000-4000-8000-000000000000>",
    uri="http://other.example/a",
    date="2026-01-01T00:00:00.000001Z",
    payload_digest=label_of(BODY),
)
GOLDEN = """\
WARC/1.1
WARC-Type: warcinfo
WARC-Record-ID: <id-0>
WARC-Date: <now>
WARC-Filename: a.warc.gz
WARC-Block-Digest: <digest>
Content-Type: application/warc-fields
Content-Length: 135

software: x
format: WARC File Format 1.1
conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/


WARC/1.1
WARC-Type: revisit
WARC-Record-ID: <id-1>
WARC-Date: 2026-11-23T10:11:12.345678Z
WARC-Target-URI: http://wire.example/a
WARC-Warcinfo-ID: <id-0>
WARC-IP-Address: 192.0.2.1
WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest
WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000000>
WARC-Refers-To-Target-URI: http://other.example/a
WARC-Refers-To-Date: 2026-01-01T00:00:00.000001Z
WARC-Payload-Digest: <digest>
WARC-Truncated: length
WARC-Block-Digest: <digest>
Content-Type: application/http; msgtype=response
Content-Length: 71

HTTP/1.1 200 OK
Content-Type: text/html; charset=utf-8
ETag: "v1"



WARC/1.1
WARC-Type: request
WARC-Record-ID: <id-2>
WARC-Date: 2026-11-23T10:11:12.345678Z
WARC-Target-URI: http://wire.example/a
WARC-Warcinfo-ID: <id-0>
WARC-IP-Address: 192.0.2.1
WARC-Concurrent-To: <id-1>
WARC-Block-Digest: <digest>
Content-Type: application/http; msgtype=request
Content-Length: 39

GET /a HTTP/1.1
Host: wire.example



WARC/1.1
WARC-Type: metadata
WARC-Record-ID: <id-3>
WARC-Date: 2026-11-23T10:11:12.345678Z
WARC-Target-URI: http://wire.example/a
WARC-Warcinfo-ID: <id-0>
WARC-IP-Address: 192.0.2.1
WARC-Concurrent-To: <id-1>
WARC-Block-Digest: <digest>
Content-Type: application/warc-fields
Content-Length: 75

crawl: c-1
via: http://wire.example/feed
fetchTimeMs: 12
capture: wire


"""


@pytest.fixture
def file(tmp_path):
    opened = WarcFile(tmp_path / "a.warc.gz", filename="a.warc.gz", warcinfo={"software": "x"})
    yield opened
    opened.close()


def text_of(path) -> str:
    text = gzip.decompress(path.read_bytes()).decode()
    for number, found in enumerate(dict.fromkeys(re.findall(r"WARC-Record-ID: (<urn:uuid:[0-9a-f-]+>)", text))):
        text = text.replace(found, f"<id-{number}>")
    text = re.sub(r"(-Digest: )sha1:[A-Z2-7]{32}", r"\1<digest>", text)
    return re.sub(r"(<id-0>\r\nWARC-Date: )\S+", r"\1<now>", text).replace("\r\n", "\n")


def test_the_records_are_these(file, tmp_path):
    written = file.write(exchange(), ORIGINAL)
    assert written.records == {"revisit": 1, "request": 1, "metadata": 1}
    assert text_of(tmp_path / "a.warc.gz") == GOLDEN


def test_a_pointer_leads_to_its_record_and_nothing_more(file, tmp_path):
    pointer = file.write(exchange()).pointer
    body = (tmp_path / "a.warc.gz").read_bytes()
    record, block = read_record(body[pointer.offset : pointer.offset + pointer.length])
    assert (record.id, record.type, block) == (pointer.record_id, "response", HEAD + BODY)
    assert pointer.payload_digest == record.field("WARC-Payload-Digest") == label_of(BODY)


def test_what_nobody_answered_is_not_told_of_the_capture_before_it(file, tmp_path):
    file.write(exchange(metadata={"via": "http://wire.example/feed"}))
    file.write(exchange(url="http://wire.example/b", head=b"", body=b"", error="CannotResolveHostError: wire.example"))
    with (tmp_path / "a.warc.gz").open("rb") as stream:
        (capture,) = captures(stream, "a.warc.gz")
    assert capture.metadata["via"] == "http://wire.example/feed"
    assert "fetchError" not in capture.metadata


def test_a_failure_is_a_metadata_record_alone(file, tmp_path):
    written = file.write(exchange(head=b"", body=b"", error="CannotResolveHostError: wire.example"))
    assert written.records == {"metadata": 1}
    assert written.pointer.payload_digest is None
    assert "fetchError: CannotResolveHostError: wire.example" in text_of(tmp_path / "a.warc.gz")


@pytest.mark.parametrize(
    ("others", "profile"),
    [
        ({}, "identical-payload-digest"),
        ({"head": b"HTTP/1.1 304 Not Modified\r\n\r\n", "body": b""}, "server-not-modified"),
        ({"body": b""}, None),
        ({"body": b"x" * 255}, None),
        ({"head": b"HTTP/1.1 404 Not Found\r\n\r\n"}, None),
        ({"head": b"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n"}, None),
        ({"url": "http://wire.example/robots.txt"}, None),
        ({"truncated": "disconnect"}, None),
    ],
)
def test_only_some_exchanges_may_be_revisits(file, others, profile):
    found = profile_of(exchange(**others))
    assert (found and found.rpartition("/")[2]) == profile
    if profile is None:
        with pytest.raises(ValueError, match="kept as a response"):
            file.write(exchange(**others), ORIGINAL)


def test_a_revisit_of_another_payload_is_refused(file):
    size = file.size
    with pytest.raises(ValueError, match="another payload"):
        file.write(exchange(body=BODY + b"!"), ORIGINAL)
    assert file.size == size


def test_the_digest_of_a_304_is_never_that_of_nothing(file, tmp_path):
    file.write(exchange(head=b"HTTP/1.1 304 Not Modified\r\n\r\n", body=b""), ORIGINAL)
    assert EMPTY not in gzip.decompress((tmp_path / "a.warc.gz").read_bytes()).decode()


def test_a_304_may_confirm_a_response_whose_digest_is_unknown(file, tmp_path):
    file.write(exchange(head=b"HTTP/1.1 304 Not Modified\r\n\r\n", body=b""), replace(ORIGINAL, payload_digest=None))
    assert "WARC-Payload-Digest" not in text_of(tmp_path / "a.warc.gz")
    assert verify(tmp_path / "a.warc.gz") == []


def test_a_file_is_never_written_over(file, tmp_path):
    with pytest.raises(FileExistsError):
        WarcFile(tmp_path / "a.warc.gz", filename="a.warc.gz", warcinfo={})


def test_other_records_stand_under_the_warcinfo_too(file, tmp_path):
    file.write_resource("urn:warraq:settings", '{"ا": 1}'.encode(), "application/json")
    file.write_metadata("urn:warraq:crawl", [("crawl", "c-1")])
    file.flush()
    with (tmp_path / "a.warc.gz").open("rb") as stream:
        found = [
            (r.type, r.field("WARC-Warcinfo-ID"), r.field("WARC-Payload-Digest") is not None) for r in records(stream)
        ]
    assert found[1:] == [("resource", file.warcinfo_id, True), ("metadata", file.warcinfo_id, False)]
    assert verify(tmp_path / "a.warc.gz") == []


def test_a_cut_takes_back_what_came_after(file, tmp_path):
    file.write(exchange())
    size = file.size
    file.write(exchange(url="http://wire.example/b"))
    file.cut(size)
    file.write(exchange(url="http://wire.example/c"))
    assert verify(tmp_path / "a.warc.gz") == []
    assert "wire.example/b" not in text_of(tmp_path / "a.warc.gz")


def test_a_date_without_utc_is_refused():
    with pytest.raises(ValueError, match="in UTC"):
        warc_date(datetime(2026, 1, 1))  # noqa: DTZ001  that is what is refused
    assert warc_date(STARTED.replace(microsecond=0)) == "2026-11-23T10:11:12.000000Z"


def test_a_value_can_not_break_out_of_its_line():
    assert warc_fields([("via", "a\r\nfetchError: no")]) == b"via: a fetchError: no\r\n"


@pytest.mark.parametrize("label", [label_of(BODY), "sha1:" + "0" * 40])
def test_a_label_is_compared_in_every_spelling(label):
    assert matches(label, [BODY]) == (label == label_of(BODY))


def test_after_a_kill_all_but_the_last_record_is_whole(file, tmp_path):
    file.write(exchange())
    whole, path = file.size, tmp_path / "a.warc.gz"
    file.write(exchange(url="http://wire.example/b"))
    body = path.read_bytes()
    for end in range(whole, len(body), 7):
        cut = tmp_path / "cut.warc.gz"
        cut.write_bytes(body[:end])
        found = scan(cut)
        assert whole <= found.whole <= end
        assert (found.fault is None) == (found.whole == end)


def test_the_writer_is_warcios_for_every_kind_of_record(tmp_path, monkeypatch):
    written, serialised = [], WARCWriter._write_warc_record

    def noting(writer, out, record):
        written.append(record.rec_type)
        serialised(writer, out, record)

    monkeypatch.setattr(WARCWriter, "_write_warc_record", noting)
    file = WarcFile(tmp_path / "a.warc.gz", filename="a.warc.gz", warcinfo={"software": "x"})
    file.write(exchange())
    file.write(exchange(), ORIGINAL)
    file.write_resource("urn:x", b"{}", "application/json")
    file.close()
    pointer = RecordPointer(file="a", offset=0, length=1, record_id="<urn:uuid:x>", payload_digest=None)
    write_wet(BytesIO(), [article(pointer)], filename="a.wet", warcinfo={}, opened=STARTED)
    with (tmp_path / "a.warc.gz").open("rb") as stream:
        list(patches(stream, lambda record: record.type == "response", "r-1"))
    first = ["warcinfo", "response", "request", "metadata", "revisit", "request", "metadata", "resource"]
    assert written == [*first, "warcinfo", "conversion", "metadata", "metadata", "metadata"]


def test_a_head_is_written_as_it_was_received(tmp_path):
    head = (
        "HTTP/1.1 200 OK\nx-TITLE:عنوان\r\nSet-Cookie: a\r\n folded\r\nno colon\r\n\r\n".encode()
        + b"\xff: \xff\r\n\r\n"
    )
    for original in (None, ORIGINAL):
        path = tmp_path / f"{original is None}.warc.gz"
        file = WarcFile(path, filename=path.name, warcinfo={})
        pointer = file.write(exchange(head=head), original).pointer
        file.close()
        body = path.read_bytes()[pointer.offset : pointer.offset + pointer.length]
        assert read_record(body)[1] == head + (BODY if original is None else b"")


def test_a_body_in_a_file_is_written_like_one_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("archive.warc.writer.PIECE", 100)
    with (tmp_path / "body").open("w+b") as stream:
        stream.write(BODY)
        blocks = []
        for body in (BODY, stream):
            path = tmp_path / f"{len(blocks)}.warc.gz"
            file = WarcFile(path, filename=path.name, warcinfo={})
            pointer = file.write(exchange(body=body)).pointer
            file.close()
            assert verify(path) == []
            blocks.append(read_record(path.read_bytes()[pointer.offset : pointer.offset + pointer.length])[1])
    assert blocks == [HEAD + BODY] * 2


def test_a_body_that_is_compressed_is_stored_as_it_is(tmp_path):
    coded = gzip.compress(random.Random(1).randbytes(9000), mtime=0)
    head = HEAD.replace(b"ETag", b"Content-Encoding: gzip\r\nETag")
    file = WarcFile(tmp_path / "a.warc.gz", filename="a.warc.gz", warcinfo={})
    file.write(exchange(head=head, body=coded))
    file.close()
    assert coded[:4000] in (tmp_path / "a.warc.gz").read_bytes()
