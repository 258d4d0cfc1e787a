"""A project of somebody else whose pages other download handlers fetch: its archive is whole, and says how it was captured."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.crawling import ROOT, run

HANDLERS = "scrapy.core.downloader.handlers"
PAGE = "<html lang='ar'><body><h1>خبر من الميناء</h1></body></html>".encode()
SPIDER = """
from scrapy import Spider
class Plain(Spider):
    name = "plain"
    start_urls = ["{url}/a", "{url}/b"]
    def parse(self, response):
        yield {{"url": response.url, "headline": "خبر من الميناء", "articleBody": "نص الخبر كله. " * 20}}
"""
SETTINGS = """
ADDONS = {{"crawlers.addon.ArchiveAddon": 300}}
SPIDER_MODULES = ["plain_spiders"]
ARCHIVE_URI, SPOOL_DIR, CONTACT = "{folder}/collection", "{folder}/spool", "archive@example.org"
DOWNLOAD_HANDLERS = {{"http": "{handler}"}}
"""


class Pages(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path in {"/a", "/b"} else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def url():
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("handler", ["_aiohttp.AiohttpDownloadHandler", "_httpx.HttpxDownloadHandler"])
def test_its_exchanges_are_reconstructed_and_everything_holds(url, tmp_path, handler):
    (tmp_path / "plain_spiders.py").write_text(SPIDER.format(url=url), encoding="utf-8")
    (tmp_path / "plain_settings.py").write_text(SETTINGS.format(folder=tmp_path, handler=f"{HANDLERS}.{handler}"))
    project = {"PYTHONPATH": f"{tmp_path}:{ROOT}", "SCRAPY_SETTINGS_MODULE": "plain_settings"}
    crawl = run("scrapy", "crawl", "plain", **project)
    assert crawl.returncode == 0, crawl.stderr
    assert "'capture/mode/reconstructed': 2" in crawl.stderr
    archive = {"ARCHIVE_URI": str(tmp_path / "collection")}
    verified = run("archive", "verify", "--deep", "--chain", **archive)
    assert (verified.returncode, verified.stderr) == (0, ""), verified.stdout
    lines = [json.loads(line) for line in run("archive", "articles", "--json", **archive).stdout.splitlines()]
    assert {line["url"] for line in lines} == {f"{url}/a", f"{url}/b"}
    modes = {}
    for path in (tmp_path / "collection").glob("warc/**/*.warc.gz"):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "metadata":
                    body = record.content_stream().read().decode()
                    modes[record.rec_headers["WARC-Target-URI"]] = "capture: reconstructed" in body
    assert {address for address, is_so in modes.items() if is_so} == {f"{url}/a", f"{url}/b"}
