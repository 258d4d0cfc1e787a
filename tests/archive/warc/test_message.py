from __future__ import annotations

import tempfile
from base64 import b32encode
from datetime import UTC, datetime
from hashlib import sha1
from io import BytesIO
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.warc.message import ChunkedDecoder, Exchange, end_of_head, header_of, headers_of, read_response, status_of
from tests.crawlers.download.cases import CHUNKED, OK, chunks, length


@given(st.binary(max_size=400), st.lists(st.integers(1, 50)), st.lists(st.integers(1, 40)), st.binary(max_size=5))
def test_chunks_come_off_however_they_arrive(body, sizes, cuts, surplus):
    framed = chunks(body, *sizes, trailer=b"X-T: 1\r\n") + surplus
    decoder, at, found = ChunkedDecoder(), 0, b""
    for cut in [*cuts, len(framed)]:
        found += decoder.feed(framed[at : at + cut])
        at += cut
    assert found == body
    assert (decoder.complete, decoder.trailer, decoder.surplus) == (True, b"X-T: 1\r\n", len(surplus))


@pytest.mark.parametrize("step", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("size", "is_read"),
    [(b"5 \t", True), (b" 5", True), (b"005", True), (b'5 ; a="x;y"', True), (b"5\r", True), (b"5\x0c", False), (b"0x5", False), (b"5,", False)],
)  # fmt: skip
def test_what_a_size_line_may_hold_does_not_depend_on_the_pieces(size, is_read, step):
    framed = size + b"\r\nhello\r\n0\r\n\r\n"
    decoder = ChunkedDecoder()
    try:
        found = b"".join(decoder.feed(framed[at : at + step]) for at in range(0, len(framed), step))
    except ValueError:
        found = None
    assert found == (b"hello" if is_read else None)


def test_blanks_without_end_are_told_at_once():
    started = process_time()
    with pytest.raises(ValueError, match="chunk"):
        ChunkedDecoder().feed(b" " * 60_000 + b"x")
    assert process_time() - started < 0.5


@pytest.mark.parametrize(
    "framed", [b"zz\r\nabc\r\n", b"3\r\nabcd\r\n0\r\n\r\n", b"\r\nabc", b"-5\r\nab\r\n", b"+2\r\nab\r\n"]
)
def test_what_is_no_chunked_coding_is_said_to_be_none(framed):
    with pytest.raises(ValueError, match="chunk"):
        ChunkedDecoder().feed(framed)


@pytest.mark.parametrize("as_file", [False, True])
def test_the_payload_of_a_kept_framing_is_the_body_without_it(as_file):
    framed = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    kept = Exchange(
        url="https://a.example/", started=datetime(2026, 5, 20, tzinfo=UTC), duration_ms=1, request=b"",
        head=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", body=BytesIO(framed) if as_file else framed, framing="kept",
    )  # fmt: skip
    assert b"".join(kept.payload_pieces()) == b"abcde"
    assert kept.payload.size == 5
    assert kept.payload_digest == f"sha1:{b32encode(sha1(b'abcde').digest()).decode()}"


@pytest.mark.parametrize("body", [b"not chunked at all\n", b"<html>one line, and no end of it</html>"])
def test_a_body_that_only_says_chunked_stays_as_it_came(body):
    message = read_response(OK + CHUNKED + b"\r\n" + body, method="GET")
    assert (message.body, message.framing, message.complete) == (body, "none", False)
    assert CHUNKED in message.head


@pytest.mark.parametrize("keep", [False, True])
def test_a_file_is_read_like_bytes(keep):
    body = bytes(range(256)) * 20_000
    received = OK + CHUNKED + b"\r\n" + chunks(body, 70_000)
    with tempfile.TemporaryFile() as stream:
        stream.write(received)
        message = read_response(stream, method="GET", keep=keep)
        assert isinstance(message.body, bytes) is False
        message.body.seek(0)
        assert message.body.read() == (chunks(body, 70_000) if keep else body)
        message.body.close()


@pytest.mark.parametrize(
    "received", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 103 Hints\r\n\r\n", OK + b"A: b\r\n", b"ICY 200 OK\r\n\r\n"]
)
def test_without_a_whole_head_there_is_no_message(received):
    assert read_response(received, method="GET") is None


def test_a_short_body_is_incomplete_and_a_long_one_has_surplus():
    short = read_response(OK + length(b"12345") + b"\r\n123", method="GET")
    long = read_response(OK + length(b"123") + b"\r\n12345", method="GET")
    assert (short.body, short.complete, short.surplus) == (b"123", False, 0)
    assert (long.body, long.complete, long.surplus) == (b"123", True, 2)


def test_a_header_is_found_whatever_its_case_and_never_inside_another():
    head = b"HTTP/1.1 200 OK\r\nX-ETag: no\r\neTAG :  yes \r\nETag: second\r\n\r\n"
    assert header_of(head, "ETag") == "yes"
    assert header_of(head, "Tag") is None


def test_a_line_that_is_no_status_line_is_refused():
    with pytest.raises(ValueError, match="no status line"):
        status_of(b"ICY 200 OK\r\n\r\n")


def test_a_header_line_ends_with_a_line_feed_and_with_nothing_else():
    head = "HTTP/1.1 200 OK\r\nX-Title: مصر اليوم\r\nX-Long: a\r\n Content-Encoding: gzip\nServer: b\n\n".encode()
    found = dict(headers_of(head))
    assert (
        found["X-Title"].encode("latin-1").decode() == "مصر اليوم"
    )  # in UTF-8 it has the byte 0x85, a line end to str
    assert header_of(head, "X-Title") == found["X-Title"]
    assert (found["X-Long"], found["Server"]) == ("a Content-Encoding: gzip", "b")
    assert set(found) == {"X-Title", "X-Long", "Server"}


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\n", b"\n\r\n"])
def test_a_head_ends_with_an_empty_line_wherever_it_is_cut(end):
    whole = b"HTTP/1.1 200 OK\r\nA: b" + end
    assert end_of_head(whole + b"body\r\n\r\n") == len(whole)
    assert [end_of_head(whole, known) for known in range(len(whole))] == [len(whole)] * len(whole)
    assert end_of_head(whole[:-1]) == 0
