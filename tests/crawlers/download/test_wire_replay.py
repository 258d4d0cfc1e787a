"""pywb as a real server replays a page and a revisit from our files by our index, and a browser shows them.

two crawls ─▶ two WARCs + our CDXJ, merged ─▶ wayback (127.0.0.1) ─▶ headless Chromium
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from urllib.error import URLError

import pytest

from archive.warc.cdxj import index, merged, sorted_lines
from tests.archive.warc.foreign import clean_environment, tool
from tests.crawlers.download.cases import CHUNKED, HTML, OK, chunks
from tests.crawlers.download.conftest import crawl
from tests.crawlers.download.raw_server import Answer, RawServer

URL = "http://wire.example/%D8%AE%D8%A8%D8%B1?id=1"
PAGE = (
    "<!DOCTYPE html><html dir=rtl><meta charset=utf-8><title>خبر</title><h1>نسخ الورّاق الكتاب</h1></html>".encode() * 5
)
TAKES = [OK + HTML + b"X-Take: %d\r\n" % take + CHUNKED + b"\r\n" + chunks(PAGE, take, 10 * take) for take in (1, 2)]


@pytest.fixture(scope="module")
def replay(tmp_path_factory):
    wayback = tool("wayback")
    folder = tmp_path_factory.mktemp("replay")
    warcs, files = folder / "warcs", []
    warcs.mkdir()
    for number, take in enumerate(TAKES):
        time.sleep(1.1 * number)  # a replay's time has seconds: two captures in one second would be one
        with RawServer({"/%D8%AE%D8%A8%D8%B1?id=1": [Answer((take,))]}) as server:
            job = {"published": [str(file) for file in files], "settings": {"CONNECT_TO": f"::127.0.0.1:{server.port}"}}
            files.append(crawl(warcs / f"{number}.warc.gz", [{"url": URL}], {}, **job).path)
    indexes = [[line.encode() + b"\n" for line in sorted_lines(index(file))] for file in files]
    (folder / "index.cdxj").write_bytes(b"".join(merged(indexes)))
    (folder / "config.yaml").write_text(
        "framed_replay: false\nenable_auto_fetch: false\ncollections:\n"
        "  ours:\n    index_paths: ./index.cdxj\n    archive_paths: ./warcs/\n"
    )
    with _serving(wayback, folder) as root:
        yield root, [line for lines in indexes for line in lines]


@contextlib.contextmanager
def _serving(wayback, folder):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [wayback, "--bind", "127.0.0.1", "--port", str(port), "--directory", str(folder)]
    with (folder / "pywb.log").open("wb") as log:
        server = subprocess.Popen(command, env=clean_environment(), stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{port}/", server, folder / "pywb.log")
        yield f"http://127.0.0.1:{port}/ours"
    finally:
        server.terminate()
        server.wait(10)


def _wait(url, server, log):
    for _ in range(240):
        assert server.poll() is None, log.read_text()
        with contextlib.suppress(URLError, ConnectionError):
            _open(url).close()
            return
        time.sleep(0.25)
    raise AssertionError(log.read_text())


def _open(url):
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=20)


def _captures(lines):
    return [(line.split()[1].decode(), b"warc/revisit" in line) for line in lines]


def test_pywb_replays_the_page_and_the_revisit(replay):
    root, lines = replay
    captures = _captures(lines)
    assert [revisit for _, revisit in captures] == [False, True]
    for take, (timestamp, _) in enumerate(captures, start=1):
        with _open(f"{root}/{timestamp}id_/{URL}") as answer:
            assert answer.read() == PAGE
            assert answer.headers["X-Archive-Orig-X-Take"] == str(take) or answer.headers["X-Take"] == str(take)


def test_the_page_and_the_revisit_are_seen_in_a_browser(replay, tmp_path):
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    root, lines = replay
    for timestamp, _ in _captures(lines):
        command = [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-proxy-server",
            "--virtual-time-budget=5000",
        ]
        command += [f"--user-data-dir={tmp_path / timestamp}", "--dump-dom", f"{root}/{timestamp}mp_/{URL}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
        assert "نسخ الورّاق الكتاب" in done.stdout, done.stderr
