"""The wheels in environments of their own: the crawl, the reader alone, and the add-on in a project that Scrapy made."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from archive.article import VERSION
from archive.reader.archive import open_archive
from tests.archive.export.test_pywb import pywb, replayed
from tests.crawling import serving
from tests.replica.certificates import issue

pytestmark = pytest.mark.slow  # wheels are built and installed in fresh environments

ROOT = Path(__file__).parents[1]
UV = shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv")
BUILD = (UV, "build", "--quiet", "--wheel")
TEXT = "قال الوراق إن الكتاب نسخ مرتين في السوق القديمة ثم باعه مع كتب أخرى كثيرة لم يقرأها أحد."
SPIDER = """import scrapy
class FourSpider(scrapy.Spider):
    name, start_urls = "four", ["{root}/a"]
    def parse(self, response): yield {{"title": response.css("h1::text").get(), "text": response.css("p::text").get()}}
"""
SERVER = """import sys
from twisted.internet import endpoints, reactor
from twisted.web import resource, server

class Page(resource.Resource):
    isLeaf = True
    def render_GET(self, request):
        request.setHeader(b"content-type", b"text/html; charset=utf-8")
        if request.path == b"/robots.txt":
            request.setResponseCode(404)
            return b""
        return f"<html><h1>الوراق</h1><p>{sys.argv[1]}</p></html>".encode()

listening = endpoints.serverFromString(reactor, "ssl:0:interface=127.0.0.1:privateKey=leaf.pem:certKey=leaf.pem").listen(server.Site(Page()))
listening.addCallback(lambda port: print(port.getHost().port, flush=True))
reactor.run()
"""
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if name not in {"VIRTUAL_ENV", "PYTHONPATH", "ARCHIVE_URI", "SPOOL_DIR"}
    and not name.startswith("SCRAPY_")  # the settings of this project, where a test before this one asked for them
    and not name.lower().endswith("_proxy")
}


@pytest.fixture(scope="module")
def root():
    with serving(lambda _: f"<html><h1>الوراق</h1><p>{TEXT}</p></html>", **{"X-oDd-CaSe": "as sent"}) as address:
        yield address


def run(folder, *words, code=0, **more):
    answer = subprocess.run(
        [*map(str, words)], cwd=folder, env={**CLEAN, **more}, capture_output=True, text=True, check=False, timeout=170
    )
    assert answer.returncode == code, answer.stdout + answer.stderr
    return answer


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """The folder with both wheels: those that ``make release`` made, or new ones, built from a copy of the tree."""
    if made := os.environ.get("WARRAQ_DIST"):
        return ROOT / made
    tree, dist = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("dist")
    for name in ("archive", "pipelines", "crawlers", "spiders", "reader"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    both(lambda folder: run(tree, *BUILD, "--out-dir", dist, folder), (".", "reader"))
    return dist


def both(call, each):
    """Do two things at once: most of them is waiting for files."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(call, each))


def environment(folder, wheel, *others):
    run(folder, UV, "venv", "--quiet", "--python", sys.executable, folder / "venv")
    run(folder, UV, "pip", "install", "--quiet", "--python", folder / "venv" / "bin" / "python", wheel, *others)
    return folder / "venv" / "bin"


@pytest.fixture(scope="module")
def environments(tmp_path_factory, wheels):
    """Two fresh environments: the crawl's, with what Scrapy needs for HTTP/2, and that of the reader alone."""
    kinds = (("warraq-*.whl", "h2", "priority"), ("warraq_reader-*.whl",))
    return both(
        lambda kind: environment(tmp_path_factory.mktemp(kind[0][:8]), next(wheels.glob(kind[0])), *kind[1:]), kinds
    )


@pytest.fixture(scope="module")
def installed(environments):
    return environments[0]


@pytest.fixture(scope="module")
def project(tmp_path_factory, installed, root):
    """A project that Scrapy made, with a spider of four lines and two more lines of settings, crawled once."""
    folder = tmp_path_factory.mktemp("theirs")
    run(folder, installed / "scrapy", "startproject", "theirs", ".")
    (folder / "theirs" / "spiders" / "four.py").write_text(SPIDER.format(root=root), encoding="utf-8")
    with (folder / "theirs" / "settings.py").open("a", encoding="utf-8") as settings:
        settings.write(
            '\nADDONS = {"crawlers.addon.ArchiveAddon": 300}\nARCHIVE_URI = "collection"\nDOWNLOAD_DELAY = 0\n'
        )
    answer = run(folder, installed / "scrapy", "crawl", "four", "-o", "items.json")
    assert " WARNING: " not in answer.stderr
    assert " ERROR: " not in answer.stderr
    return folder


def captures(folder):
    return [path for path in (folder / "collection").glob("warc/**/*.warc.gz") if "-meta-" not in path.name]


def test_the_add_on_archives_a_project_of_somebody_else(project, installed, root):
    said = run(project, installed / "warraq", "verify", "--deep", "--chain").stdout
    assert said.startswith("no fault, ")
    (article,) = open_archive(str(project / "collection")).articles()
    assert (article.outlet, article.url, article.headline, article.text) == ("four", f"{root}/a", "الوراق", TEXT)
    assert '"title"' in (project / "items.json").read_text(encoding="utf-8")  # the project's own item is as it was


def test_readers_of_others_open_what_it_wrote(project, root):
    (warc,) = captures(project)
    with warc.open("rb") as file:
        found = [record for record in ArchiveIterator(file, check_digests=True) if record.rec_type == "response"]
        targets = {record.rec_headers.get_header("WARC-Target-URI") for record in found}
    assert targets == {f"{root}/robots.txt", f"{root}/a"}
    with warc.open("rb") as file:
        heads = [record.http_headers for record in FastIterator(file, parse_http=True) if record.http_headers]
    assert any(("X-oDd-CaSe", "as sent") in list(head) for head in heads)  # byte for byte, not as a library writes it


def test_a_look_by_hand_in_that_project_keeps_nothing(project, installed, root):
    before = sorted((project / "collection").rglob("*"))
    assert TEXT in run(project, installed / "scrapy", "fetch", "--spider", "four", f"{root}/a").stdout
    assert sorted((project / "collection").rglob("*")) == before


def test_pywb_replays_it(project, installed, root):
    run(project, installed / "warraq", "pywb", "replay")
    (captured,) = (article.captured for article in open_archive(str(project / "collection")).articles())
    with pywb(project / "replay") as address:
        moment, body = replayed(address, f"{root}/a", f"{captured:%Y%m%d%H%M%S}")
    assert TEXT in body.decode()
    assert moment == f"{captured:%a, %d %b %Y %H:%M:%S} GMT"


def test_another_handler_is_reconstructed_and_marked_and_only_exchanges_kept_where_that_is_asked_for(
    project, installed, root
):
    (project / "theirs" / "handler.py").write_text(
        "from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler\nclass Plain(HTTP11DownloadHandler): pass\n",
        encoding="utf-8",
    )
    more = ("-s", 'DOWNLOAD_HANDLERS={"http": "theirs.handler.Plain"}', "-s", "ARCHIVE_URI=plain", "-s", "SPOOL_DIR=p")
    answer = run(project, installed / "scrapy", "crawl", "four", *more, "-s", "ARCHIVE_ONLY=warc")
    assert " WARNING: " not in answer.stderr
    run(project, installed / "warraq", "verify", "--deep", "--chain", "--archive", "plain")
    assert list((project / "plain").glob("articles/**/*")) == []
    (warc,) = [path for path in (project / "plain").glob("warc/**/*.warc.gz") if "-meta-" not in path.name]
    with warc.open("rb") as file:
        notes = {
            record.rec_headers.get_header("WARC-Target-URI"): record.content_stream().read()
            for record in ArchiveIterator(file)
            if record.rec_type == "metadata"
        }
    assert b"capture: reconstructed" in notes[f"{root}/a"]


@pytest.fixture
def over_http2(installed, tmp_path):
    """A server that speaks HTTP/2 over TLS, of the installed Twisted; returns its address."""
    issue(tmp_path, ["localhost"], keep=True)
    (tmp_path / "server.py").write_text(SERVER, encoding="utf-8")
    with subprocess.Popen(
        [installed / "python", "server.py", TEXT], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as server:
        yield f"https://localhost:{server.stdout.readline().strip()}"
        server.terminate()


def test_scrapys_handler_of_http2_is_reconstructed_and_everybody_reads_it(project, installed, over_http2):
    (project / "theirs" / "spiders" / "two.py").write_text(
        SPIDER.format(root=over_http2)
        .replace("Four", "Two")
        .replace('"four"', '"two"')
        .replace("yield {", 'yield {"proto": response.protocol, '),
        encoding="utf-8",
    )
    handler = 'DOWNLOAD_HANDLERS={"https": "scrapy.core.downloader.handlers.http2.H2DownloadHandler"}'
    place = ("-s", "ARCHIVE_URI=http2", "-s", "SPOOL_DIR=h2")
    answer = run(project, installed / "scrapy", "crawl", "two", "-s", handler, *place, "-o", "two.json")
    assert " WARNING: " not in answer.stderr
    assert '"proto": "h2"' in (project / "two.json").read_text(encoding="utf-8")
    assert run(project, installed / "warraq", "verify", "--deep", "--chain", "--archive", "http2").stdout.startswith(
        "no fault"
    )
    (warc,) = [path for path in (project / "http2").glob("warc/**/*.warc.gz") if "-meta-" not in path.name]
    with warc.open("rb") as file:
        records = [
            (record.rec_type, record.content_stream().read()) for record in ArchiveIterator(file, check_digests="raise")
        ]
    assert [kind for kind, body in records if TEXT.encode() in body] == ["response"]
    assert sum(b"capture: reconstructed" in body for kind, body in records if kind == "metadata") == 2
    with warc.open("rb") as file:
        assert all(record.verify_block_digest() for record in FastIterator(file, parse_http=False))


def test_the_crawl_runs_from_its_wheel(installed, tmp_path):
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = crawlers.settings\n", encoding="utf-8")
    assert "aljazeera" in run(tmp_path, installed / "scrapy", "list").stdout.split()
    assert run(tmp_path, installed / "warraq", "--version").stdout == f"warraq {VERSION}\n"
    assert run(tmp_path, installed / "python", "-m", "archive", "--version").stdout == f"warraq {VERSION}\n"


@pytest.mark.parametrize(
    "words", [("genspider", "-t", "outlet", "sabq", "sabq.example"), ("newoutlet", "https://sabq.example/")]
)
def test_nothing_is_written_among_installed_files(installed, tmp_path, words):
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = crawlers.settings\n", encoding="utf-8")
    answer = run(tmp_path, installed / "scrapy", *words, code=2)
    assert "scrapy: error: the package 'spiders' is installed, and nothing is written there" in answer.stderr


def test_an_outlet_of_its_own_beside_the_installed_ones(installed, tmp_path):
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = crawlers.settings\n", encoding="utf-8")
    (tmp_path / "warraq.toml").write_text('SPIDER_MODULES = ["spiders", "mine"]\nNEWSPIDER_MODULE = "mine"\n')
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "__init__.py").write_text("")
    run(tmp_path, installed / "scrapy", "genspider", "-t", "outlet", "sabq", "sabq.example")
    assert (tmp_path / "mine" / "sabq.py").exists()
    assert {"aljazeera", "sabq"} <= set(run(tmp_path, installed / "scrapy", "list").stdout.split())


def test_what_an_extra_is_needed_for_is_said_by_its_name(project, installed):
    answer = run(project, installed / "warraq", "site", "out", code=2)
    assert re.fullmatch(
        r"This needs \w+, which comes with the extra site: pip install 'warraq\[site\]'\n", answer.stderr
    )


def test_a_stray_package_called_spiders_is_said(installed, tmp_path):
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = crawlers.settings\n", encoding="utf-8")
    (tmp_path / "spiders").mkdir()
    (tmp_path / "spiders" / "__init__.py").write_text("", encoding="utf-8")
    answer = run(tmp_path, installed / "scrapy", "crawl", "aljazeera", code=1, PYTHONPATH=str(tmp_path))
    assert "a stray package of that name is installed" in answer.stderr


def test_the_reader_alone(tmp_path, environments, project):
    bin_ = environments[1]
    program = "import importlib.util as u; print([n for n in ('scrapy', 'twisted', 'matplotlib', 'numpy', 'crawlers') if u.find_spec(n)])"
    assert run(tmp_path, bin_ / "python", "-c", program).stdout == "[]\n"
    assert "الوراق" in run(tmp_path, bin_ / "warraq", "articles", "--archive", project / "collection").stdout
    assert run(tmp_path, bin_ / "warraq", "verify", "--deep", "--archive", project / "collection").stdout.startswith(
        "no fault"
    )
    assert run(tmp_path, bin_ / "warraq", "--version").stdout == f"warraq {VERSION}\n"
    place = {"ARCHIVE_URI": str(project / "collection"), "XDG_CACHE_HOME": str(tmp_path)}
    assert "الوراق" in run(tmp_path, bin_ / "warraq", "search", "وراق", **place).stdout
    for words, extra in ((["site", "out"], "site"), (["export", "--format", "parquet", "out"], "export")):
        answer = run(tmp_path, bin_ / "warraq", *words, code=2, **place)
        assert re.fullmatch(rf"This needs \w+, which .* pip install 'warraq-reader\[{extra}\]'\n", answer.stderr)


def test_both_distributions_say_the_same_of_themselves():
    crawl, reader = (
        tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8")) for folder in (".", "reader")
    )
    assert crawl["project"]["version"] == reader["project"]["version"] == VERSION
    assert reader["project"]["dependencies"] == crawl["dependency-groups"]["reader"]
    extras = crawl["project"]["optional-dependencies"]
    assert reader["project"]["optional-dependencies"].items() <= extras.items()
    assert crawl["project"]["scripts"] == reader["project"]["scripts"]
