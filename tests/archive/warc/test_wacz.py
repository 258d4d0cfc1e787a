from __future__ import annotations

import gzip
import io
import json
import subprocess
import zipfile

import pytest

from archive.cdxj import index, sorted_lines
from archive.wacz import Page, pack
from archive.warc import WarcFile
from tests.archive.warc.foreign import clean_environment, tool
from tests.archive.warc.samples import STARTED, exchange

PAGES = [Page(url=f"http://wire.example/{number}", captured=STARTED, title="عنوان", text="نص") for number in range(700)]
ABOUT = {"title": "مجموعة", "created": "2026-11-23T10:00:00Z", "software": "warraq/0.1.0"}


@pytest.fixture
def wacz(tmp_path):
    warc = tmp_path / "a.warc.gz"
    file = WarcFile(warc, filename=warc.name, warcinfo={})
    for page in PAGES:
        file.write(exchange(url=page.url))
    file.close()
    lines = [line.encode() for line in sorted_lines(index(warc))]
    packed = tmp_path / "a.wacz"
    with warc.open("rb") as stream, packed.open("wb") as out:
        pack(out, warcs=[(warc.name, stream)], index=lines, pages=PAGES, about=ABOUT)
    return packed


def test_py_wacz_finds_it_valid(wacz):
    command = [tool("wacz"), "validate", "-f", str(wacz)]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the passed WACZ is valid" in done.stdout


def test_warcs_are_stored_as_they_are(wacz):
    with zipfile.ZipFile(wacz) as archive:
        stored = {entry.filename: entry.compress_type for entry in archive.infolist()}
        assert stored["archive/a.warc.gz"] == stored["indexes/index.cdx.gz"] == zipfile.ZIP_STORED
        assert archive.read("archive/a.warc.gz") == (wacz.parent / "a.warc.gz").read_bytes()


def test_each_block_of_the_index_lies_where_it_is_said_to(wacz):
    with zipfile.ZipFile(wacz) as archive:
        blocks = archive.read("indexes/index.cdx.gz")
        meta, *entries = archive.read("indexes/index.idx").decode().splitlines()
    assert meta.startswith("!meta 0 ")
    found = []
    for entry in entries:
        key, time, said = entry.split(" ", 2)
        place = json.loads(said)
        lines = gzip.decompress(blocks[place["offset"] : place["offset"] + place["length"]]).splitlines()
        assert lines[0].startswith(f"{key} {time} ".encode())
        found += lines
    assert len(found) == len(PAGES)
    assert found == sorted(found)


def test_it_can_be_written_to_a_pipe(tmp_path):
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.taken = bytearray()

        def writable(self):
            return True

        def write(self, piece):
            self.taken += piece
            return len(piece)

    pipe = Pipe()
    pack(pipe, warcs=[("a.warc.gz", io.BytesIO(b"bytes"))], index=[], pages=[], about=ABOUT)
    assert zipfile.ZipFile(io.BytesIO(bytes(pipe.taken))).read("archive/a.warc.gz") == b"bytes"
