"""A file that ends anywhere is cut to what is whole, and no further."""

import json
import os
import shutil
from dataclasses import replace

import pytest

from archive.spool import sealing
from archive.spool.sealing import Seal, cut, seal
from archive.spool.segment import SegmentWriter
from archive.spool.spool import Segment, Spool
from archive.warc.message import Original
from archive.warc.writer import ResourceRecord
from tests.archive.samples import OUTLET, article_of, exchange_of


@pytest.fixture
def segment(tmp_path):
    writer = SegmentWriter(tmp_path, collection="warraq", outlet=OUTLET, crawl="c1", warcinfo={})
    for number in range(3):
        writer.write_article(article_of(number, writer.write_exchange(exchange_of(number, size=200))))
    writer.close()
    (segment,) = Spool(tmp_path).segments(OUTLET, "closed")
    return segment


def test_the_warc_at_every_fifth_byte(segment):
    whole, lines = segment.warc.read_bytes(), segment.articles.read_bytes()
    ends = [json.loads(line)["warc"]["offset"] + json.loads(line)["warc"]["length"] for line in lines.splitlines()]
    for end in range(len(whole), 0, -5):
        segment.warc.write_bytes(whole[:end])
        segment.articles.write_bytes(lines)
        inspection, recovered = cut(segment)
        kept = segment.warc.read_bytes()
        assert kept == whole[: inspection.whole]
        assert recovered.get("warc_bytes", 0) == end - inspection.whole
        assert inspection.records["response"] == sum(place <= end for place in ends)
        assert len(segment.articles.read_bytes().splitlines()) == sum(place <= end for place in ends)
        assert cut(segment)[1] == {}


def test_the_lines_at_every_byte(segment):
    lines = segment.articles.read_bytes()
    for end in range(len(lines), -1, -7):
        segment.articles.write_bytes(lines[:end])
        cut(segment)
        assert segment.articles.read_bytes() == lines[: lines.rfind(b"\n", 0, end) + 1]


def test_a_file_of_nothing(segment):
    os.truncate(segment.warc, 0)
    inspection, recovered = cut(segment)
    assert (inspection.whole, recovered) == (0, {"article_lines": 3})


def test_a_body_that_only_says_chunked_stops_no_segment(tmp_path):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer = SegmentWriter(tmp_path, collection="warraq", outlet=OUTLET, crawl="c1", warcinfo={})
    writer.write_exchange(replace(exchange_of(0), head=head, body=b"<html>no chunks</html>\n", truncated="disconnect"))
    writer.close()
    (closed,) = Spool(tmp_path).segments(OUTLET, "closed")
    sealed = seal(closed)
    assert Seal.read(sealed).recovered == {}


def test_what_was_cut_before_is_counted_with_what_is_cut_now(segment):
    with segment.articles.open("ab") as lines:
        lines.write(b'{"cut')
    sealed = seal(segment, {"article_lines": 2, "lines_said_again": 1})
    assert Seal.read(sealed).recovered == {"article_lines": 3, "lines_said_again": 1}


ORIGINAL = Original(
    record_id="<urn:uuid:1>",
    uri="https://a.example/",
    date="2026-11-01T00:00:00Z",
    payload_digest=exchange_of(2).payload_digest,
)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def kinds_of_exchanges():
    """Yield an exchange of each kind, and the original of a revisit."""
    page = exchange_of(0)
    yield page, None
    yield exchange_of(1, size=-70_000), None
    yield exchange_of(2), ORIGINAL
    yield replace(page, head=b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", body=b""), ORIGINAL
    yield replace(page, head=b"", body=b"", error="no route"), None
    yield replace(page, head=CHUNKED, body=b"3\r\nabc\r\n0\r\n\r\n", framing="kept"), None
    yield replace(page, head=CHUNKED, body=b"no chunks", truncated="disconnect"), None
    yield replace(page, head=page.head.replace(b"OK", "تم".encode()), body=b""), None


@pytest.fixture
def of_all_kinds(tmp_path):
    """Return a closed segment, and the same one without its writer's notes."""
    writer = SegmentWriter(tmp_path, collection="warraq", outlet=OUTLET, crawl="c1", warcinfo={"software": "x"})
    for exchange, original in kinds_of_exchanges():
        writer.write_exchange(exchange, original)
    writer.write_article(article_of(0, None))
    writer.close()
    (noted,) = Spool(tmp_path).segments(OUTLET, "closed")
    other = Segment(tmp_path / "other" / OUTLET / "closed" / noted.segment_id)
    shutil.copytree(noted.folder, other.folder)
    other.noted.unlink()
    return noted, other


def test_what_the_writer_noted_is_what_reading_the_records_again_finds(of_all_kinds, monkeypatch):
    noted, other = of_all_kinds
    read = seal(other)
    monkeypatch.setattr(sealing, "inspect", None)  # nothing is read again
    taken = seal(noted)
    assert Seal.read(taken) == Seal.read(read)
    assert taken.local("cdxj").read_bytes() == read.local("cdxj").read_bytes()
    assert {item.kind: item.records for item in Seal.read(taken).items}["cdxj"] == {"capture": 7}


@pytest.mark.parametrize("name", ["warc", "captures", "noted"])
def test_notes_of_other_bytes_count_for_nothing(of_all_kinds, name):
    noted, other = of_all_kinds
    path = getattr(noted, name)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    if name == "warc":
        other.warc.write_bytes(data)
    assert cut(noted)[1] == cut(other)[1]
    assert Seal.read(seal(noted)) == Seal.read(seal(other))


def test_a_crawls_resources_need_no_second_reading_either(tmp_path, monkeypatch):
    writer = SegmentWriter(tmp_path, collection="warraq", outlet=OUTLET, crawl="c1", warcinfo={})
    writer.write_resource_records([ResourceRecord("urn:x:settings", b"{}", "application/json")])
    writer.close()
    (closed,) = Spool(tmp_path).segments(OUTLET, "closed")
    monkeypatch.setattr(sealing, "inspect", None)
    (item,) = Seal.read(seal(closed)).items
    assert item.records == {"resource": 1, "warcinfo": 1}


def test_a_full_disk_that_takes_no_notes_loses_nothing_else(tmp_path, monkeypatch):
    writer = SegmentWriter(tmp_path, collection="warraq", outlet=OUTLET, crawl="c1", warcinfo={})
    writer.write_exchange(exchange_of(0))
    monkeypatch.setattr(type(writer._open.segment), "noted", property(lambda self: self.folder / "none" / "noted.json"))
    writer.close()
    monkeypatch.undo()
    (closed,) = Spool(tmp_path).segments(OUTLET, "closed")
    assert not closed.captures.exists()
    assert {item.kind for item in Seal.read(seal(closed)).items} == {"warc", "cdxj"}


def test_a_line_that_is_held_goes_on_to_the_next_segment_and_no_further(tmp_path):
    writer = SegmentWriter(tmp_path, collection="warraq", outlet=OUTLET, crawl="c1", warcinfo={}, max_bytes=1)
    held = [article_of(number, writer.write_exchange(exchange_of(number))) for number in range(3)]
    for article in held[:2]:
        writer.hold_article(article)
    writer.roll_if_due()
    writer.let_go(held[1])
    writer.hold_article(held[2])
    writer.roll_if_due()
    writer.close()  # no segment is open, and a line is held
    written = [
        [json.loads(line)["id"] for line in each.articles.read_bytes().splitlines()]
        for each in Spool(tmp_path).segments(OUTLET, "closed")
    ]
    ids = [article.id for article in held]
    assert [each for each in written if each] == [[ids[1], ids[0]], [ids[2]]]
