"""Content codings: what was coded comes back, what is cut or unpacks without end is refused."""

import gzip
import tracemalloc
import zlib

import brotli
import pytest
import zstandard

from archive.warc import payload
from archive.warc.payload import CutOff, Undecodable, decode, decode_all

TEXT = "خبر من الميناء ".encode() * 2000
CODED = {
    "gzip": gzip.compress(TEXT[:7000]) + gzip.compress(TEXT[7000:]),
    "x-gzip": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstandard.compress(TEXT),
    "": TEXT,
}


@pytest.mark.parametrize("coding", CODED)
def test_what_was_coded_comes_back(coding):
    assert decode(coding, CODED[coding]) == TEXT


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_refused_before_it_has_grown(coding, monkeypatch):
    monkeypatch.setattr(payload, "MAX_CONTENT", 1000)
    with pytest.raises(Undecodable, match="more than 1000 bytes"):
        decode(coding, CODED[coding])


@pytest.mark.parametrize("lost", [1, 4, 9, 12])
@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "br", "zstd"])
def test_a_cut_body_is_refused_and_what_came_of_it_is_told(coding, lost):
    with pytest.raises(CutOff, match=f"does not decode as {coding}") as caught:
        decode(coding, CODED[coding][:-lost])
    assert TEXT.startswith(caught.value.content)


@pytest.mark.parametrize("packed", [gzip.compress(TEXT, mtime=0), zstandard.compress(TEXT), zlib.compress(TEXT)])
def test_what_stands_behind_the_end_is_left_aside_and_a_further_part_is_read(packed):
    coding = {0x1F: "gzip", 0x28: "zstd", 0x78: "deflate"}[packed[0]]
    assert decode(coding, packed + b"\0\0 behind") == TEXT
    if coding != "deflate":
        assert decode(coding, packed * 3) == TEXT * 3
        with pytest.raises(CutOff):
            decode(coding, packed + packed[:20])


def test_a_member_is_unpacked_into_one_buffer_of_its_size():
    packed = gzip.compress(text := bytes(range(256)) * 3000)
    decode("gzip", packed)  # and what it imports
    tracemalloc.start()
    content = decode("gzip", packed)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert content == text
    assert most < 1.3 * len(text)  # one that grows takes twice the time and 1.6 of the room


@pytest.mark.parametrize("size", [0, 1, len(TEXT) - 1, len(TEXT) + 1, 0xFFFFFFFF])
def test_a_member_that_is_wrong_about_its_size_is_refused(size):
    with pytest.raises(Undecodable):
        decode("gzip", CODED["x-gzip"][:-4] + size.to_bytes(4, "little"))


@pytest.mark.parametrize("spoiled", [8, 4])
def test_a_body_that_is_not_what_it_was_packed_from_is_refused(spoiled):
    packed = bytearray(CODED["x-gzip"])
    packed[-spoiled] ^= 1
    with pytest.raises(Undecodable, match="does not decode as gzip"):
        decode("gzip", bytes(packed))


def test_raw_deflate_is_read_and_a_cut_one_refused():
    raw = zlib.compress(TEXT, wbits=-15)
    assert decode("deflate", raw) == TEXT
    with pytest.raises(CutOff):
        decode("deflate", raw[:-5])


def test_codings_come_off_from_the_last_to_the_first_that_is_none():
    assert decode_all("br, GZIP", gzip.compress(brotli.compress(TEXT))) == TEXT
    assert decode_all("utf-8", TEXT) == TEXT
    assert decode_all("gzip, none", gzip.compress(TEXT)) == gzip.compress(TEXT)
    assert decode_all("gzip", b"") == b""


def test_an_unknown_coding_is_refused():
    with pytest.raises(Undecodable, match="unknown content coding"):
        decode("snappy", TEXT)
