"""A file that ends anywhere is cut to what is whole, and no further."""

import json
import os
from dataclasses import replace

import pytest

from archive.spool.sealing import Seal, cut, seal
from archive.spool.segment import SegmentWriter
from archive.spool.spool import Spool
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
