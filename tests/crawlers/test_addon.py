"""The add-on in a project of somebody else: spiders of any name, items of any form, settings that cannot be."""

import json
from datetime import UTC, datetime

import pytest

from archive.manifests.manifest import SEGMENT_ID, as_outlet, is_outlet, make_segment_id
from archive.reader.archive import open_archive
from crawlers.signals import ExitCode
from tests.crawling import ROOT, run, serving

TEXT = "قال الوراق إن الكتاب نسخ مرتين في السوق القديمة ثم باعه مع كتب أخرى كثيرة."
SPIDERS = """
from dataclasses import dataclass
from scrapy import Spider

class Named(Spider):
    name = "my_Spider"
    start_urls = ["{root}/list"]
    def item(self, number):
        return {{"title": f"عنوان {{number}}", "text": "{text}" + str(number), "url": f"/news/{{number}}"}}
    def parse(self, response):
        for number in range(2):
            yield self.item(number)
            if self.name == "my_Spider":  # the same address again
                yield {{**self.item(number), "text": f"نص آخر عن عنوان {{number}}"}}

class Arabic(Named):
    name = "خبر عربي"
    def item(self, number):
        return {{**super().item(number), "url": "javascript:void(0)", "id": f"خبر {{number}}"}}

class Urn(Named):
    name = "books"
    def item(self, number):
        return {{**super().item(number), "url": 7, "identifier": f"urn:isbn:{{number}}"}}

@dataclass
class Closed:
    title: str
    text: str

class Broken(Named):
    name = "broken"
    custom_settings = {{"ITEM_PIPELINES": {{"theirs.Pipeline": 1}}}}
    def item(self, number):
        return Closed("عنوان", "{text}")

class Pipeline:
    def process_item(self, item):
        raise KeyError("theirs")
"""
SETTINGS = """
ADDONS = {{"crawlers.addon.ArchiveAddon": 300}}
SPIDER_MODULES = ["theirs"]
ARCHIVE_URI, SPOOL_DIR = "{folder}/collection", "{folder}/spool"
"""
PROGRAM = """
import sys
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings

process = AsyncCrawlerProcess(get_project_settings())
for name in sys.argv[1:]:
    process.crawl(name)
process.start()
print(process.bootstrap_failed)
"""


@pytest.fixture(scope="module")
def root():
    with serving(lambda path: f"<html><h1>{path}</h1></html>") as address:
        yield address


@pytest.fixture
def theirs(tmp_path, root):
    """Their project: a folder, and what its commands are run with."""
    (tmp_path / "theirs.py").write_text(SPIDERS.format(root=root, text=TEXT), encoding="utf-8")
    (tmp_path / "their_settings.py").write_text(SETTINGS.format(folder=tmp_path), encoding="utf-8")
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    return tmp_path, {"PYTHONPATH": f"{tmp_path}:{ROOT}", "SCRAPY_SETTINGS_MODULE": "their_settings"}


def test_spiders_of_any_name_and_items_of_any_form(theirs, root):
    folder, environment = theirs
    done = run("program", "my_Spider", "خبر عربي", "books", "broken", **environment)
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr
    arabic = as_outlet("خبر عربي")
    assert done.stderr.count("'archive/no-line/Repeated': 2") == 1
    assert f"the archive knows the spider 'خبر عربي' as the outlet {arabic}" in done.stderr
    errors = [line for line in done.stderr.splitlines() if " ERROR: " in line or " WARNING: " in line]
    assert [line.partition(": ")[2][:23] for line in errors] == ["Error processing Closed"] * 2  # their pipeline's own
    found = {article.id: article.url for article in open_archive(str(folder / "collection")).articles()}
    numbered = {f"{arabic}:%D8%AE%D8%A8%D8%B1%20{number}": f"{root}/list" for number in range(2)}
    numbered |= {f"books:urn:isbn:{number}": f"{root}/list" for number in range(2)}
    assert numbered.items() <= found.items()
    others = found.keys() - numbered.keys()
    assert {found[name] for name in others} == {f"{root}/news/0", f"{root}/news/1"}  # a link is one of its page
    assert {name.partition(":")[0] for name in others} == {"my_spider"}
    verified = run("archive", "verify", "--chain", ARCHIVE_URI=str(folder / "collection"))
    assert (verified.returncode, verified.stderr) == (0, ""), verified.stdout


def test_a_crawl_that_the_archive_refuses_is_no_success(theirs):
    folder, environment = theirs
    done = run("program", "books", "books", **environment)
    assert done.stdout == "True\n", done.stderr  # `scrapy crawl` ends with 1 then
    assert "the crawl does not begin: another process writes" in done.stderr
    reports = [json.loads(path.read_bytes()) for path in (folder / "collection" / "reports").rglob("*.json")]
    assert sorted(report["exit_code"] for report in reports) == [ExitCode.PUBLISHED, ExitCode.BUSY]


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("ARCHIVE_ONLY=all", "ARCHIVE_ONLY is empty or warc, not 'all'"),
        ("ARCHIVE_ONYL=warc", "ARCHIVE_ONYL is no setting; did you mean ARCHIVE_ONLY?"),
        ("SEGMENT_MAX_BYTES=much", "SEGMENT_MAX_BYTES is a whole number above 0, not 'much'"),
        ("ARCHIVE_URI=ftp://x", "ARCHIVE_URI: the archive URI starts with ftp:, but only file: and s3: are known"),
    ],
)
def test_a_wrong_setting_is_a_sentence_and_exit_code_2(theirs, setting, sentence):
    folder, environment = theirs
    done = run("scrapy", "crawl", "books", "-s", setting, **environment)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, sentence)
    assert "Traceback" not in done.stderr
    assert not (folder / "collection").exists()


def test_the_older_process_ends_with_the_same_sentence(theirs):
    folder, environment = theirs
    with (folder / "their_settings.py").open("a", encoding="utf-8") as settings:
        settings.write("ARCHIVE_ONLY = 'all'\n")
    (folder / "program.py").write_text(PROGRAM.replace("AsyncCrawlerProcess", "CrawlerProcess"), encoding="utf-8")
    done = run("program", "books", **environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "ARCHIVE_ONLY is empty or warc, not 'all'\n"
    assert not (folder / "collection").exists()


@pytest.mark.parametrize(
    ("name", "outlet"),
    [("quotes", "quotes"), ("my_Spider", "my_spider"), ("news.example.com", "news.example.com"), ("a-b", "a-b")],
)
def test_a_name_that_an_outlet_can_have_stays(name, outlet):
    assert as_outlet(name) == outlet


def test_other_names_become_ones_that_differ():
    names = ["خبر عربي", "خبر", "a b", "a/b", "a_.b", "-", "", ".hidden", "é" * 300, "x" * 300 + " "]
    outlets = [as_outlet(name) for name in names]
    assert len(set(outlets)) == len(names)
    assert all(is_outlet(outlet) and len(outlet) < 80 for outlet in outlets)
    for outlet in outlets:
        match = SEGMENT_ID.fullmatch(make_segment_id("theirs", outlet, datetime(2026, 11, 30, tzinfo=UTC), 0))
        assert match is not None
        assert match["outlet"].replace("_.", "-") == outlet
