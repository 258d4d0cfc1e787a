"""Content codings: what was coded comes back, what is cut or unpacks without end is refused."""

import gzip
import zlib

import brotli
import pytest
import zstandard

from archive import codings
from archive.codings import Undecodable, decode

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
    monkeypatch.setattr(codings, "MAX_CONTENT", 1000)
    with pytest.raises(Undecodable, match="more than 1000 bytes"):
        decode(coding, CODED[coding])


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "br"])
def test_a_cut_body_is_refused(coding):
    with pytest.raises(Undecodable, match=f"does not decode as {coding}"):
        decode(coding, CODED[coding][:-9])


def test_an_unknown_coding_is_refused():
    with pytest.raises(Undecodable, match="unknown content coding"):
        decode("snappy", TEXT)
