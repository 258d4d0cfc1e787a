"""The maintainers' commands, run as a person runs them."""

import argparse
import json
import os
import re
import sys
from pathlib import Path

import pytest
from scrapy.utils.project import get_project_settings

from crawlers.commands.checkall import faults
from crawlers.commands.checklive import examine
from crawlers.commands.extract import Command as Extract
from crawlers.extraction import ExtractionRules
from crawlers.outlet import OutletSpider
from tests import processes
from tests.crawling import OUTLETS
from tests.outlets.cases import Case, all_cases, spider_of
from tests.replica import Replica

ROOT = Path(__file__).parents[3]


def scrapy(*arguments, cwd=ROOT, env=None, stdin=None):
    environment = {**os.environ, "SCRAPY_SETTINGS_MODULE": "crawlers.settings", "PYTHONPATH": str(ROOT), **(env or {})}
    return processes.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=cwd, env=environment, input=stdin, capture_output=True, check=False, timeout=120,
    )  # fmt: skip


SETTINGS = ("-s", "DOWNLOAD_DELAY=0", "-s", "CONTACT=tests@example.org")
CASE = Case("aljazeera", "agency-copy")
OLD = str(Case("aljazeera", "old-template").path.with_suffix(".html"))  # names no canonical address
PAGE = str(CASE.path.with_suffix(".html"))


def line_in(stdout):
    """Return the line of a page: where its pictures were captured is the crawl's to say."""
    line = json.loads(stdout)
    for image in line["images"]:
        del image["warc"]
    return line


def test_extract_prints_one_line_of_arabic_and_nothing_else():
    record = CASE.record
    done = scrapy("extract", "aljazeera", PAGE, "--url", record["url"], "--captured", record["captured"])
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.count(b"\n") == 1
    assert "ميناء طرطوس" in done.stdout.decode()
    assert b"\\u06" not in done.stdout
    line = line_in(done.stdout)
    assert {name: line[name] for name in record["expect"]} == record["expect"]
    assert line["captured"] == record["captured"]
    assert done.stderr == b""


def test_extract_reads_stdin():
    done = scrapy("extract", "aljazeera", "-", "--url", CASE.record["url"], stdin=CASE.body)
    assert json.loads(done.stdout)["headline"] == CASE.record["expect"]["headline"]


def test_extract_any_reads_a_page_of_an_outlet_that_nobody_declared():
    lines = [
        f"قال المتحدث رقم {n} إن الجسر الجديد سيفتح أمام السيارات قبل نهاية العام بعد ثلاث سنوات من العمل."
        for n in range(1, 6)
    ]
    page = (
        '<html lang="ar"><head><title>افتتاح الجسر الجديد</title><meta property="article:published_time" content="2024-07-01T10:00:00">'
        f"</head><body><article><h1>افتتاح الجسر الجديد</h1>{''.join(f'<p>{line}</p>' for line in lines)}</article></body></html>"
    )
    url = ("--url", "https://www.al-jisr.example/?p=7&utm_source=x")
    done = scrapy("extract", "any", "-", *url, "--zone", "Asia/Riyadh", stdin=page.encode())
    assert done.returncode == 0, done.stderr.decode()
    line = json.loads(done.stdout)
    assert (line["outlet"], line["canonical_url"]) == ("al-jisr.example", "https://www.al-jisr.example/?p=7")
    assert line["text"].split("\n") == lines
    assert (line["published"], line["zone"]) == ("2024-07-01T07:00:00Z", "Asia/Riyadh")
    said = json.loads((ROOT / "archive/schema/article-1.schema.json").read_text())["properties"]
    assert all(re.search(said[name]["pattern"], line[name]) for name in ("id", "outlet", "extractor"))


def test_extract_any_reads_a_declared_outlets_page_by_its_rules():
    record = CASE.record
    done = scrapy("extract", "any", PAGE, "--url", record["url"], "--captured", record["captured"])
    line = line_in(done.stdout)
    assert {name: line[name] for name in record["expect"]} == record["expect"]
    assert line["outlet"] == "aljazeera"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["any", PAGE, "--url", "ftp://x.example/a"], 2, "is not a web address"),
        (["any", PAGE, "--url", "https://x.example/a", "--zone", "Mars/Olympus"], 2, "is no time zone"),
        (["any", PAGE, "--url", "https://x.example/"], 1, "no article"),
        (["aljazeera", PAGE, "--url", CASE.record["url"], "--zone", "UTC"], 2, "--zone is for any"),
        (["nowhere", PAGE, "--url", "https://x.example/"], 2, "unknown outlet 'nowhere'"),
        (["aljazeera", "/no/such/file", "--url", CASE.record["url"]], 2, "cannot read /no/such/file"),
        (["aljazeera", PAGE], 2, "--url"),
        (["aljazeera"], 2, "name an outlet and a file"),
        (["aljazeera", PAGE, "--url", CASE.record["url"], "--captured", "yesterday"], 2, "is no time"),
        (["aljazeera", OLD, "--url", "https://www.aljazeera.net/author/x"], 1, "no article (not-an-article)"),
        (["skynewsarabia", "-", "--url", "https://www.skynewsarabia.com/world/1879607-x"], 1, "no article (empty)"),
    ],
)
def test_extract_says_no_with_one_sentence(arguments, code, sentence):
    done = scrapy("extract", *arguments, stdin=b"")
    assert (done.returncode, done.stdout) == (code, b"")
    assert sentence in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


def test_extract_says_in_its_last_line_that_the_reading_broke(monkeypatch, capsys):
    def broken(*_, **__):
        raise ZeroDivisionError("nobody foresaw it")

    monkeypatch.setattr("crawlers.commands.extract.read_and_judge", broken)
    command = Extract()
    command.settings = get_project_settings()
    command.run(
        ["aljazeera", PAGE], argparse.Namespace(url=CASE.record["url"], captured=None, content_type=None, zone=None)
    )
    assert command.exitcode == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[-1] == "no article (ZeroDivisionError): the reading broke: nobody foresaw it"


def test_checkall_finds_no_fault():
    done = scrapy("checkall")
    assert done.returncode == 0, done.stdout.decode()
    assert f"{len(OUTLETS)} outlets, 0 faults" in done.stdout.decode()


def test_checkall_names_each_fault(tmp_path):
    class Odd(OutletSpider):
        name = "odd"
        addresses = spider_of("aljazeera").addresses
        sources = ()
        reading = ExtractionRules(number=1, zone="UTC", names=(), body=())
        colour = "red"

        def parse_article(self, response, announcement):
            yield from ()

    (tmp_path / "empty.json").write_text('{"expect": {}}')
    (tmp_path / "lonely.html").write_text("x")
    found = "\n".join(faults(Odd, tmp_path))
    for sentence in (
        "class has no docstring", "declares colour", "overrides parse_article", "belong to aljazeera", "one source only",
        "expects nothing", "has no page", "has no expectation", "are the least", "class is called Odd",
    ):  # fmt: skip
        assert sentence in found


def pages(outlet):
    return [case.page() for case in all_cases() if case.outlet == outlet and case.body]


def test_checklive_says_who_answered():
    lines, drifts = examine(pages("aljazeera"), [], spider_of("aljazeera"))
    assert drifts == []
    assert any(line.startswith("published") and "json-ld" in line for line in lines)
    assert sum("trafilatura agrees" in line for line in lines) == len(pages("aljazeera"))


def test_checklive_sees_a_redesign():
    redesigned = [case for case in all_cases() if case.name == "changed-classes" and case.outlet == "aljazeera"]
    _, drifts = examine([case.page() for case in redesigned], [], spider_of("aljazeera"))
    assert any("body selectors" in drift for drift in drifts)


def test_checklive_of_silence():
    assert examine([], [], spider_of("aljazeera"))[1] == ["no source announced an article"]


def test_checklive_judges_nothing_where_nothing_arrives():
    done = scrapy("checklive", "aljazeera", *SETTINGS, "-s", "RETRY_TIMES=0", env={"CONNECT_TO": "*:443:127.0.0.1:1"})
    assert (done.returncode, b"DRIFT" in done.stdout) == (3, False), done.stderr.decode()[-2000:]
    assert b"robots.txt of www.aljazeera.net did not answer" in done.stdout
    assert done.stdout.endswith(b"NOT JUDGED: no page arrived\n")


@pytest.mark.parametrize(
    "command", [("checklive", "aljazeera"), ("savefixture", "aljazeera", CASE.record["url"], "a-case")]
)
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-s", "CONTACT="), b"CONTACT is not set"),
        (("-s", "DOWNLOAD_DELAY=soon"), b"DOWNLOAD_DELAY is a number from 0 on, not 'soon'"),
    ],
)
def test_a_wrong_setting_is_no_drift(command, words, said):
    done = scrapy(*command, *words, env={"CONNECT_TO": ""})
    assert (done.returncode, done.stdout.count(b"DRIFT")) == (2, 0)
    assert said in done.stderr.splitlines()[-1]


@pytest.fixture(scope="module")
def replica():
    with Replica(seed=3) as running:
        yield running


def test_checklive_on_the_replica(replica):
    done = scrapy("checklive", "aljazeera", "-n", "3", *SETTINGS, env=replica.env)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()[-2000:]
    assert done.stdout.decode().count("trafilatura agrees") == 3


def test_savefixture_writes_a_case_to_correct(replica, tmp_path):
    url = next(
        entry["canonical_url"]
        for entry in replica.truth
        if entry["outlet"] == "aljazeera" and entry["kind"] == "article"
    )
    done = scrapy("savefixture", "aljazeera", url, "new-case", *SETTINGS, cwd=tmp_path, env=replica.env)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    folder = tmp_path / "tests/outlets/aljazeera"
    record = json.loads((folder / "new-case.json").read_text())
    assert record["url"] == url
    assert record["expect"]["headline"]
    assert b"<html" in (folder / "new-case.html").read_bytes()
    again = scrapy("savefixture", "aljazeera", url, "new-case", *SETTINGS, cwd=tmp_path, env=replica.env)
    assert again.returncode == 2
    assert b"exists" in again.stderr
