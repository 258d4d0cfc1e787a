from __future__ import annotations

import gzip
import io
import json
import os
import re
import shutil
import struct
import subprocess
import threading
import zipfile
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from archive.warc import WarcFile
from archive.warc.cdxj import index, sorted_lines
from archive.warc.wacz import Page, pack
from tests.archive.warc.foreign import clean_environment, replaywebpage, tool
from tests.archive.warc.samples import STARTED, exchange
from tests.screens import CHROMIUM, chromium

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


def extras(packed):
    """Return name → extra field of the local and of the central header."""
    found = {}
    with zipfile.ZipFile(packed) as archive, packed.open("rb") as stream:
        for entry in archive.infolist():
            stream.seek(entry.header_offset + 26)
            name, extra = struct.unpack("<HH", stream.read(4))
            stream.seek(name, 1)
            found[entry.filename] = (stream.read(extra), entry.extra)
    return found


def test_headers_speak_of_zip64_only_where_a_size_needs_it(wacz):
    assert set(extras(wacz).values()) == {(b"", b"")}


def test_the_headers_of_a_large_warc_agree(wacz, monkeypatch):
    warc = wacz.parent / "a.warc.gz"
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", warc.stat().st_size - 1)  # as if these were gigabytes
    packed = wacz.parent / "large.wacz"
    with warc.open("rb") as stream, packed.open("wb") as out:
        pack(out, warcs=[(warc.name, stream)], index=[], pages=PAGES[:1], about=ABOUT)
    monkeypatch.undo()
    found = extras(packed)
    local, central = found.pop("archive/a.warc.gz")
    assert (local[:2], central[:2]) == (b"\1\0", b"\1\0")
    assert len(local) == len(central)
    with zipfile.ZipFile(packed) as archive:
        assert archive.read("archive/a.warc.gz") == warc.read_bytes()


def test_pages_have_title_time_and_text_and_say_so(wacz):
    with zipfile.ZipFile(wacz) as archive:
        head, *pages = map(json.loads, archive.read("pages/pages.jsonl").decode().splitlines())
    assert head["hasText"] is True
    assert len(pages) == len(PAGES)
    assert (pages[0]["title"], pages[0]["text"], pages[0]["ts"]) == ("عنوان", "نص", "2026-11-23T10:11:12.345678Z")


class Player(SimpleHTTPRequestHandler):
    """Serves a folder, parts of a file too, as a replay asks for them."""

    def do_GET(self):
        part = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if part is None:
            super().do_GET()
            return
        body = Path(self.translate_path(self.path)).read_bytes()
        begin, end = int(part[1]), int(part[2] or len(body) - 1)
        piece = body[begin : end + 1]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {begin}-{begin + len(piece) - 1}/{len(body)}")
        self.send_header("Content-Length", str(len(piece)))
        self.end_headers()
        self.wfile.write(piece)

    def log_message(self, *_):
        pass


@contextmanager
def played(wacz, folder, url):
    """Serve ReplayWeb.page with a WACZ and one of its pages open; yield the address."""
    player = replaywebpage()
    (folder / "replay").mkdir()
    shutil.copy(player / "sw.js", folder / "replay" / "sw.js")
    shutil.copy(player / "ui.js", folder / "ui.js")
    shutil.copy(wacz, folder / "a.wacz")
    (folder / "index.html").write_text(
        "<!doctype html><style>html, body, replay-web-page { margin: 0; height: 100%; display: block }</style>"
        f'<script src="/ui.js"></script><replay-web-page source="/a.wacz" url="{url}"></replay-web-page>'
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Player, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine")
def test_replayweb_page_opens_it_and_shows_a_page(wacz, tmp_path):
    url = PAGES[650].url
    folder = tmp_path / "served"
    folder.mkdir()
    with played(wacz, folder, url) as root, chromium() as browser:
        page = browser.new_page()
        for tries in range(6):
            page.goto(f"{root}?{tries}")  # anew where the service worker came too late for the first load
            for _ in range(80):
                shown = [frame for frame in page.frames if frame.url.endswith(f"mp_/{url}")]
                if shown and "نسخ الورّاق الكتاب" in (shown[0].text_content("body") or ""):
                    return
                page.wait_for_timeout(250)
        raise AssertionError([frame.url for frame in page.frames])
