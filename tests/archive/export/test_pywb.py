"""A pywb over the whole archive: folder and bucket, a revisit, an Arabic address, and what is published while it runs."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import contextmanager
from datetime import timedelta
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from archive.cli import main
from archive.maintenance.compaction import compact
from archive.reader.archive import open_archive
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from archive.warc.message import Exchange, Original
from tests.archive.samples import OUTLET, START, clock, exchange_of, fill, url_of
from tests.archive.warc.foreign import clean_environment, tool

pytestmark = pytest.mark.slow  # another project's server starts over a whole archive

ARABIC = "https://www.aljazeera.net/أخبار/غزة?صفحة=2"


@contextmanager
def pywb(folder, collection="warraq"):
    """Serve the folder; yield the address of a collection in it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = clean_environment() | {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    command = [tool("wayback"), "-d", str(folder), "-b", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                urlopen(f"http://127.0.0.1:{port}/").close()
                break
            except HTTPError:
                break
            except URLError:
                assert process.poll() is None, "pywb ended"
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/{collection}"
    finally:
        process.terminate()
        process.wait()


def replayed(root, url, moment="2026"):
    with urlopen(f"{root}/{moment}id_/{quote(url, safe=':/?=%')}") as answer:
        return answer.headers["Memento-Datetime"], answer.read()


def publish_more(uri, folder):
    """Publish, in a segment of its own, a revisit of the first page an hour later, and a page at an Arabic address."""
    writer = SegmentWriter(folder / "spool", collection="warraq", outlet=OUTLET, crawl="c2", warcinfo={}, clock=clock)
    first = open_archive(uri).capture(url_of(1))
    original = Original(
        record_id=first.pointer.record_id,
        uri=first.url,
        date="2026-11-23T10:00:01.000000Z",
        payload_digest=first.pointer.payload_digest,
    )
    later = exchange_of(1)
    writer.write_exchange(Exchange(**{**vars_of(later), "started": START + timedelta(hours=1)}), original)
    arabic = {**vars_of(exchange_of(7)), "url": quote(ARABIC, safe=":/?="), "started": START + timedelta(hours=2)}
    writer.write_exchange(Exchange(**arabic))
    writer.close()
    fill(uri, folder, range(0), crawl="c2")


def vars_of(exchange):
    return {name: getattr(exchange, name) for name in exchange.__dataclass_fields__}


def test_pywb_serves_the_whole_archive_and_sees_what_is_new(filled_anywhere, tmp_path, capsys):
    uri, folder = filled_anywhere, tmp_path / "خادم pywb"
    command = ["pywb", "--archive", uri, str(folder)]
    assert main(command) == 0
    segments = len(list(open_archive(uri).manifests()))
    assert f"{segments} new indexes, {segments} WARCs" in capsys.readouterr().out
    (folder / "config.yaml").write_text((folder / "config.yaml").read_text() + "debug: false\n")
    with pywb(folder) as root:
        for number in (0, 17, 29):  # of several WARCs
            assert f"نص الخبر رقم {number}".encode() in replayed(root, url_of(number))[1]
        publish_more(uri, tmp_path)
        assert main(command) == 0
        assert "1 new indexes" in capsys.readouterr().out
        moment, body = replayed(root, url_of(1), "20261123110001")
        assert (moment, "نص الخبر رقم 1<".encode() in body) == ("Mon, 23 Nov 2026 11:00:00 GMT", True)
        assert "نص الخبر رقم 7".encode() in replayed(root, ARABIC)[1]
        assert len(list(compact(open_store(uri), OUTLET, "2026-11"))) == 1
        assert main(command) == 0
        assert "نص الخبر رقم 29".encode() in replayed(root, url_of(29))[1]
        assert "نص الخبر رقم 1<".encode() in replayed(root, url_of(1), "20261123110001")[1]
        said = ["--who", "w", "--basis", "b", "--reason", "r"]
        assert main(["redact", "--archive", uri, "--id", f"{OUTLET}:29", *said]) == 0
        assert main(command) == 0
        with pytest.raises(HTTPError, match="404"):
            replayed(root, url_of(29))
    assert (folder / "config.yaml").read_text().endswith("debug: false\n")


def test_the_folder_of_another_archive_is_left_alone(filled, tmp_path, capsys):
    folder = tmp_path / "pywb"
    assert main(["pywb", "--archive", filled, str(folder)]) == 0
    before = (folder / "path-index.txt").read_bytes()
    other = (tmp_path / "other").as_uri()
    fill(other, tmp_path / "more", range(2))
    assert main(["pywb", "--archive", other, str(folder)]) == 2
    assert "holds the index of" in capsys.readouterr().err
    assert (folder / "path-index.txt").read_bytes() == before


def test_pywb_takes_a_wacz(filled, tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir()
    assert main(["wacz", "--archive", filled, str(tmp_path / "a.wacz")]) == 0
    for words in (["init", "packed"], ["add", "--unpack-wacz", "packed", str(tmp_path / "a.wacz")]):
        command = [tool("wb-manager"), *words]
        done = subprocess.run(command, cwd=folder, env=clean_environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    with pywb(folder, "packed") as root:
        assert "نص الخبر رقم 17".encode() in replayed(root, url_of(17))[1]
