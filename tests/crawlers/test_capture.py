"""The capture's joints: the fallback without the private names, an archive that fails, proxies, private addresses."""

from __future__ import annotations

import gzip
import os
import socket
import subprocess
import sys
import threading
import zlib

import brotli
import pytest
import zstandard

from archive.warc import verify
from crawlers.download.connect import Connector, Route
from tests.crawlers.download.cases import CHUNKED, HTML, OK, TEXT, chunks, length
from tests.crawlers.download.conftest import crawl
from tests.crawlers.download.crawl import run
from tests.crawlers.download.raw_server import Answer, RawServer
from tests.crawling import ROOT
from tests.replica.certificates import issue

ANSWERS = {
    "/plain?a=1": [Answer((OK + b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n" + HTML + length(TEXT) + b"\r\n" + TEXT,))],
    "/chunked": [Answer((OK + CHUNKED + b"\r\n" + chunks(TEXT, 9),))],
    "/none": [Answer((b"HTTP/1.1 204 No Content\r\n\r\n",))],
}


@pytest.fixture(scope="module")
def server():
    with RawServer(ANSWERS) as running:
        yield running


def test_the_fallback_is_announced_and_says_so_in_each_record(tmp_path, server, monkeypatch):
    urls = [{"url": f"http://127.0.0.1:{server.port}{path}"} for path in ANSWERS]
    crawled = crawl(tmp_path / "a.warc.gz", urls, {}, misfit=True, settings={"CONNECT_PRIVATE": ["127.0.0.0/8"]})
    assert "captures are reconstructed" in crawled.log
    assert crawled.stats["capture/mode/reconstructed"] == len(ANSWERS)
    plain = crawled.one(urls[0]["url"])
    assert plain.block.startswith(b"HTTP/1.1 200 \r\n")
    assert b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n" in plain.block
    assert plain.block.endswith(b"\r\n\r\n" + TEXT)
    assert crawled.one(urls[0]["url"], "request").block.startswith(b"GET /plain?a=1 HTTP/1.1\r\n")
    assert crawled.one(urls[1]["url"]).block.endswith(b"\r\n\r\n" + TEXT)
    assert b"Content-Length" not in crawled.one(urls[2]["url"]).block
    assert {r.said["capture"] for r in crawled.all if r["WARC-Type"] == "metadata"} == {"reconstructed"}
    assert verify(crawled.path) == []


@pytest.mark.parametrize("status", [b"20", b"000", b"2000"])
def test_a_status_that_is_none_is_a_failure_and_stops_no_crawl(tmp_path, status):
    odd = Answer((b"HTTP/1.1 " + status + b" OK\r\n" + HTML + length(TEXT) + b"\r\n" + TEXT,))
    with RawServer({"/odd": [odd], **ANSWERS}) as server:
        urls = [{"url": f"http://wire.example/{name}"} for name in ("odd", "chunked")]
        settings = {"CONNECT_TO": f"wire.example::127.0.0.1:{server.port}", "CONCURRENT_REQUESTS": 1}
        crawled = crawl(tmp_path / "a.warc.gz", urls, {}, settings=settings)
    assert not crawled.of(urls[0]["url"])
    assert "status" in crawled.one(urls[0]["url"], "metadata").said["fetchError"]
    assert crawled.one(urls[1]["url"]).block.endswith(TEXT)


def test_an_archive_that_fails_stops_the_crawl(tmp_path, server):
    urls = [f"http://wire.example/{name}" for name in ("plain?a=1", "chunked", *["plain?a=1"] * 40)]
    job = {
        "warc": str(tmp_path / "a.warc.gz"),
        "requests": [{"url": url} for url in urls],
        "settings": {
            "FULL_AT": "/chunked",
            "CONCURRENT_REQUESTS": 1,
            "CONNECT_TO": f"wire.example::127.0.0.1:{server.port}",
        },
    }
    done = run(job, dict(os.environ))
    assert done["stats"]["finish_reason"] == "archive-error"
    assert done["stats"]["downloader/request_count"] < len(urls)
    assert {"url": urls[1], "error": "OSError", "warc": None} in done["seen"]


def test_without_the_wire_capture_a_crawl_with_routes_does_not_begin(tmp_path):
    begin = "import sys; sys.modules['crawlers.download.wire'] = None; from scrapy.cmdline import execute; execute()"
    words = ["crawl", "aljazeera", "-s", "CONNECT_TO=:443:127.0.0.1:1", "-s", "CONTACT=https://example.org"]
    places = ["-s", f"ARCHIVE_URI={tmp_path}/collection", "-s", f"SPOOL_DIR={tmp_path}/spool"]
    done = subprocess.run(
        [sys.executable, "-c", begin, *words, *places],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert "CONNECT_TO: this Scrapy or Twisted does not fit" in done.stderr


@pytest.mark.parametrize("misfit", [False, True])
def test_a_link_to_a_private_address_is_refused(tmp_path, server, misfit):
    urls = [{"url": f"http://{host}:{server.port}/chunked"} for host in ("127.0.0.1", "localhost")]
    crawled = crawl(tmp_path / "a.warc.gz", urls, {}, misfit=misfit)
    assert [seen["error"] for seen in crawled.seen] == ["PrivateAddress"] * len(urls)
    assert not [record for record in crawled.all if record["WARC-Type"] == "response"]


def test_a_private_network_may_be_allowed(tmp_path, server):
    urls = [{"url": f"http://127.0.0.1:{server.port}/chunked"}]
    crawled = crawl(tmp_path / "a.warc.gz", urls, {}, settings={"CONNECT_PRIVATE": ["127.0.0.0/8"]})
    assert crawled.seen[0]["status"] == 200


@pytest.mark.parametrize(
    ("text", "host", "port", "covered"),
    [
        ("a.example:443:127.0.0.1:9", "A.example", 443, True),
        ("a.example:443:127.0.0.1:9", "a.example", 80, False),
        (":443:127.0.0.1:9", "b.example", 443, True),
        ("a.example::127.0.0.1:9", "a.example", 81, True),
        ("a.example::127.0.0.1:9", "b.a.example", 81, False),
    ],
)
def test_connect_to_is_read_as_curl_reads_it(text, host, port, covered):
    assert Route.parse(text).covers(host, port) == covered


@pytest.mark.parametrize("text", ["", "a:1:b", "a:1::2", "a:x:b:2", "a:1:b:c"])
def test_a_wrong_connect_to_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="CONNECT_TO needs"):
        Route.parse(text)


@pytest.mark.parametrize(
    ("address", "permitted"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_only_the_public_net_may_be_contacted(address, permitted):
    assert Connector().permits(address) == permitted


class Proxy:
    """An HTTP proxy of the simplest kind: tunnels with CONNECT, and forwards plain requests, to one place each."""

    def __init__(self, plain: int, tls: int) -> None:
        self.ports = {"plain": plain, "tls": tls}
        self.asked: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        head = client.recv(65536)
        self.asked.append(head)
        tunnel = head.startswith(b"CONNECT")
        with client, socket.create_connection(("127.0.0.1", self.ports["tls" if tunnel else "plain"])) as upstream:
            (client if tunnel else upstream).sendall(b"HTTP/1.1 200 Tunnel\r\n\r\n" if tunnel else head)
            pump = threading.Thread(target=_copy, args=(upstream, client), daemon=True)
            pump.start()
            _copy(client, upstream)
            pump.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_behind_a_proxy_no_address_is_claimed(tmp_path):
    certificate, context = issue(tmp_path, ["wire.example"])
    answers = ANSWERS | {f"http://wire.example{path}": answer for path, answer in ANSWERS.items()}
    with RawServer(answers) as plain, RawServer(answers, context) as tls:
        proxy = Proxy(plain.port, tls.port)
        said = f"http://user:word@127.0.0.1:{proxy.port}"
        env = {"http_proxy": said, "https_proxy": said, "no_proxy": "", "SSL_CERT_FILE": str(certificate)}
        urls = ["http://wire.example/chunked", "https://wire.example/chunked"]
        crawled = crawl(tmp_path / "a.warc.gz", [{"url": url} for url in urls], env)
        proxy.listener.close()
    for url in urls:
        assert crawled.one(url).block.endswith(b"\r\n\r\n" + TEXT)
        assert crawled.one(url)["WARC-IP-Address"] is None
        assert crawled.one(url, "metadata").said["proxy"] == f"http://127.0.0.1:{proxy.port}"
        assert b"authorization" not in crawled.one(url, "request").block.lower()
    assert any(head.startswith(b"CONNECT wire.example:443") for head in proxy.asked)
    assert any(b"Proxy-Authorization" in head for head in proxy.asked)


PAGE = "<html><body>قال مسؤول إن العمل في الميناء يبدأ غدا</body></html>".encode() * 40
CODED = {
    "gzip": gzip.compress(PAGE),
    "deflate": zlib.compress(PAGE),
    "br": brotli.compress(PAGE),
    "zstd": zstandard.compress(PAGE),
}


def coded(coding: str, body: bytes, *, chunked: bool = False) -> Answer:
    head = OK + HTML + b"Content-Encoding: " + coding.encode() + b"\r\n"
    return Answer((head + (CHUNKED + b"\r\n" + chunks(body, 7) if chunked else length(body) + b"\r\n" + body),))


@pytest.mark.parametrize("misfit", [False, True])
def test_a_content_coding_that_ends_early_is_lost_data_and_another_one_is_read_whole(tmp_path, misfit):
    answers = {f"/cut/{name}": [coded(name, body[:-6])] for name, body in CODED.items()}
    answers |= {f"/cut-chunked/{name}": [coded(name, body[:-6], chunked=True)] for name, body in CODED.items()}
    answers |= {f"/whole/{name}": [coded(name, body)] for name, body in CODED.items()}
    answers["/mended"] = [coded("gzip", CODED["gzip"][:-9]), coded("gzip", CODED["gzip"])]
    answers["/members"] = [coded("gzip", gzip.compress(PAGE[:500]) + gzip.compress(PAGE[500:]))]
    answers["/both"] = [coded("gzip, br", brotli.compress(CODED["gzip"]))]
    answers["/none"] = [coded("utf-8", PAGE)]
    answers["/lie"] = [coded("gzip", PAGE)]
    answers["/empty"] = [coded("gzip", b"")]
    middlewares = {
        "crawlers.download.capture.CaptureMiddleware": 990,
        "crawlers.download.content_coding.ContentCodingMiddleware": 590,
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    }
    with RawServer(answers) as server:
        root = f"http://127.0.0.1:{server.port}"
        settings = {"CONNECT_PRIVATE": ["127.0.0.0/8"], "DOWNLOADER_MIDDLEWARES": middlewares}
        urls = [{"url": root + path} for path in answers]
        crawled = crawl(tmp_path / "a.warc.gz", urls, {}, misfit=misfit, settings=settings)
    came = {entry["url"].removeprefix(root): entry.get("size", entry.get("error")) for entry in crawled.seen}
    cut = [path for path in answers if path.startswith("/cut")]
    assert {came[path] for path in cut} == {"ResponseDataLossError"}
    read = [*(path for path in answers if path.startswith("/whole")), "/mended", "/members", "/both", "/none"]
    assert {came[path] for path in read} == {len(PAGE)}
    assert (came["/lie"], came["/empty"]) == ("ContentCodingError", 0)
    for path in cut:
        tries = crawled.of(root + path, "metadata")
        assert [record.said["attempt"] for record in tries] == ["1", "2"]
        assert all("ends before its end" in record.said["fetchError"] for record in tries)
        if not misfit:
            assert [record["WARC-Truncated"] for record in crawled.of(root + path)] == ["disconnect"] * 2
    assert not any(record["WARC-Truncated"] for path in read for record in crawled.of(root + path)[-1:])
    assert verify(crawled.path) == []


@pytest.mark.parametrize(
    "framed",
    [
        b"5 \r\nhello\r\n0 \r\n\r\n",
        b"5  ; name=value\r\nhello\r\n0;last\r\n\r\n",
        b'05;a="b;c"\r\nhello\r\n000\t\r\nX-Trailer: 1\r\n\r\n',
        b"2\nhe\n3\nllo\n0\n\n",
        b"5;" + b"x" * 5000 + b"\r\nhello\r\n0\r\n\r\n",
    ],
)
def test_chunks_are_read_as_browsers_read_them(tmp_path, framed):
    pieces = [framed[at : at + 3] for at in range(0, 60, 3)] + [framed[60:]]
    head = OK + HTML + CHUNKED + b"\r\n"
    answers = {"/whole": [Answer((head + framed,))], "/pieces": [Answer((head, *filter(None, pieces)))]}
    answers["/cut"] = [Answer((head + framed[:-4],), close=True)]
    answers["/endless"] = [Answer((head + b"5;" + b"x" * 200_000,), close=True)]
    with RawServer(answers) as server:
        root = f"http://127.0.0.1:{server.port}"
        settings = {"CONNECT_PRIVATE": ["127.0.0.0/8"], "CONCURRENT_REQUESTS": 1}
        crawled = crawl(tmp_path / "a.warc.gz", [{"url": root + path} for path in answers], {}, settings=settings)
    came = {entry["url"].removeprefix(root): entry.get("size", entry.get("error")) for entry in crawled.seen}
    lost = "ResponseDataLossError"
    assert came == {"/whole": 5, "/pieces": 5, "/cut": lost, "/endless": lost}
    for path in ("/whole", "/pieces"):
        assert crawled.one(root + path).block.endswith(b"\r\n\r\nhello")
    assert {record["WARC-Truncated"] for record in crawled.of(root + "/cut")} == {"disconnect"}
    assert verify(crawled.path) == []
