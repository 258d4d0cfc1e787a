"""Each kind of damage is found, and said where."""

from __future__ import annotations

import gzip
import hashlib
import tracemalloc
import zlib

import pytest

from archive.warc import Damaged, WarcFile, verify
from archive.warc.cdxj import index
from archive.warc.message import read_response
from archive.warc.payload import label_of
from tests.archive.warc.samples import exchange

CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def written(tmp_path, *exchanges, name="a.warc.gz"):
    file = WarcFile(tmp_path / name, filename=name, warcinfo={})
    for one in exchanges:
        file.write(one)
    file.close()
    return tmp_path / name


def rewritten(path, old, new):
    """Write a file again with some bytes changed in its records."""
    body, members = path.read_bytes(), b""
    while body:
        inflater = zlib.decompressobj(31)
        members += gzip.compress((inflater.decompress(body) + inflater.flush()).replace(old, new), mtime=0)
        body = inflater.unused_data
    path.write_bytes(members)
    return path


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("نسخ".encode(), "نسق".encode(), "block digest"),
        (b"WARC-Block-Digest", b"WARC-Black-Digest", "no block digest"),
        (b"WARC-Payload-Digest: sha1:", b"WARC-Payload-Digest: sha1:A", "payload digest"),
        (b"WARC/1.1\r\n", b"WARC/0.9\r\n", "no WARC/1.1 record begins here"),
        (b"Content-Length", b"Content-Langth", "no Content-Length"),
        (b"\r\nContent-Length", b"\nContent-Length", "no named field"),
        (b"Content-Length: ", b"Content-Length ", "no named field"),
        (b"WARC-Type: warcinfo", b"WARC-Type: metadata", "no warcinfo"),
        (b"HTTP/1.1 200 OK", b"HTTP/1.1 2OO OK", "no status line"),
        (b"\r\n\r\n\r\n\r\n", b"\r\n\r\n\r\n\r", "two line ends"),
    ],
)
def test_damage_is_found(tmp_path, old, new, fault):
    path = rewritten(written(tmp_path, exchange()), old, new)
    assert any(fault in found for found in verify(path)), verify(path)


@pytest.mark.parametrize("letters", [b"", b'{"id": "aljazeera:1"}\n', b"\0" * (3 << 20)])
def test_what_is_no_warc_is_called_so(tmp_path, letters):
    path = tmp_path / "other.warc.gz"
    path.write_bytes(gzip.compress(letters))
    assert "no WARC/1.1 record begins here" in verify(path)[0]


def test_a_header_without_an_end_is_called_so(tmp_path):
    path = tmp_path / "other.warc.gz"
    path.write_bytes(gzip.compress(b"WARC/1.1\r\nWARC-Type: warcinfo\r\n"))
    assert "no end of the record's header" in verify(path)[0]


def test_a_good_file_has_no_fault_kept_chunks_or_not(tmp_path):
    framed = b"5\r\nabcde\r\n" * 70 + b"0\r\n\r\n"
    kept = exchange(head=CHUNKED_HEAD, body=framed, framing="kept")
    assert kept.payload_digest == exchange(body=b"abcde" * 70).payload_digest
    assert verify(written(tmp_path, exchange(), kept)) == []


@pytest.mark.parametrize(
    "body", [b"this is not chunked\n", b"5\r\nabcde and more\r\n0\r\n\r\n", b"-5\r\nabcde\r\n0\r\n\r\n"]
)
def test_the_payload_of_chunks_that_are_none_is_what_came(tmp_path, body):
    message = read_response(CHUNKED_HEAD + body, method="GET")
    assert (message.body, message.framing, message.complete) == (body, "none", False)
    path = written(tmp_path, exchange(head=message.head, body=message.body, framing=message.framing))
    assert verify(path) == []
    (entry,) = index(path)
    assert (entry.values["digest"], entry.values["sha256"]) == (label_of(body), hashlib.sha256(body).hexdigest())


def test_a_head_of_two_megabytes_is_a_head(tmp_path):
    head = b"HTTP/1.1 200 OK\r\n" + b"X-Long: %s\r\n" % (b"a" * 8000) * 250 + b"\r\n"
    assert verify(written(tmp_path, exchange(head=head))) == []


@pytest.mark.parametrize("body", [b"", b"no gzip at all"])
def test_what_is_no_warc_is_said_to_be_none(tmp_path, body):
    (tmp_path / "a.warc.gz").write_bytes(body)
    assert verify(tmp_path / "a.warc.gz")


def test_an_index_of_a_damaged_file_is_refused(tmp_path):
    path = written(tmp_path, exchange())
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Damaged, match="ends inside a record"):
        list(index(path))


@pytest.mark.slow
def test_a_gigabyte_is_written_and_verified_with_flat_memory(tmp_path):
    """Stands for it: 1 GB in the records, few bytes on the disk, and the peak measured over all of it."""
    big = tmp_path / "big"
    with big.open("wb") as stream:
        stream.truncate(128 << 20)
    path = tmp_path / "a.warc.gz"
    tracemalloc.start()
    file = WarcFile(path, filename=path.name, warcinfo={})
    with big.open("rb") as stream:
        for number in range(8):
            file.write(exchange(url=f"http://wire.example/{number}", body=stream))
    file.close()
    assert verify(path) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20
