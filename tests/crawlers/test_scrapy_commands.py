"""Scrapy's own commands in the project: they work as anywhere, write to no archive, and warn of nothing that is normal."""

import csv
import json
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from tests.crawling import QUICK, ROOT, lines_of, places, run, serving

TEXT = "قال الوراق إن الكتاب نسخ مرتين في السوق القديمة. ثم باعه مع كتب أخرى كثيرة لم يقرأها أحد منذ سنين طويلة جدا."
PAGE = f"""<html lang=ar><head><title>الوراق في السوق</title><meta property="article:published_time" content="2026-11-02T10:00:00Z"></head>
<body><article><h1>الوراق في السوق</h1><p>{TEXT}</p><p>{TEXT}</p></article></body></html>"""
PLAIN = """
import scrapy

class PlainSpider(scrapy.Spider):
    name = "plain"

    def parse(self, response):
        yield {"title": response.css("h1::text").get(), "text": " ".join(response.css("p::text").getall()), "tags": ["أ", "ب"]}
"""


@pytest.fixture(scope="module")
def root():
    with serving(lambda _: PAGE) as address:
        yield address


def look(folder, *words):
    """Run a command that only looks; say what it printed. It left nothing, and nothing was worth a warning."""
    answer = run("scrapy", *words, "-s", "RETRY_TIMES=0", CONTACT="", **places(folder))
    assert answer.returncode == 0, answer.stderr
    assert [line for line in answer.stderr.splitlines() if " WARNING: " in line or " ERROR: " in line] == []
    assert "Traceback" not in answer.stderr
    assert not (folder / "collection").exists()
    assert not (folder / "spool").exists()
    return answer.stdout


def test_fetch_shows_a_page(tmp_path, root):
    assert look(tmp_path, "fetch", f"{root}/a").strip() == PAGE


def test_fetch_with_the_spider_of_an_outlet_keeps_nothing(tmp_path, root):
    assert look(tmp_path, "fetch", "--spider", "aljazeera", f"{root}/a").strip() == PAGE


def test_the_shell_opens_an_address_and_a_file(tmp_path, root):
    assert (
        look(tmp_path, "shell", f"{root}/a", "-c", "response.css('h1::text').get()").split("\n")[-2]
        == "الوراق في السوق"
    )
    saved = tmp_path / "page.html"
    saved.write_text(PAGE, encoding="utf-8")
    assert look(tmp_path, "shell", saved, "-c", "response.status").split("\n")[-2] == "200"


def test_parse_prints_an_article_as_its_line(tmp_path, root):
    words = ("-s", "CONNECT_TO=www.aljazeera.net::127.0.0.1:" + root.rpartition(":")[2])
    printed = look(tmp_path, "parse", "http://www.aljazeera.net/news/2026/11/2/al-warraq", *words)
    line = json.loads(printed)
    assert (line["outlet"], line["headline"]) == ("aljazeera", "الوراق في السوق")
    assert line["text"] == TEXT  # a paragraph that is there twice is read once
    assert printed.startswith('{"')
    assert "\\u" not in printed


def test_a_page_that_nobody_reads_is_exit_code_1(tmp_path):
    answer = run("scrapy", "parse", "http://nobody.example/", **places(tmp_path))
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "Unable to find spider for: http://nobody.example/" in answer.stderr


def test_runspider_and_its_feeds(tmp_path, root):
    (tmp_path / "plain.py").write_text(
        PLAIN.replace("name =", f"start_urls = ['{root}/a']\n    name ="), encoding="utf-8"
    )
    with (tmp_path / "plain.py").open("a", encoding="utf-8") as spider:
        spider.write('        yield {"title": "no text", "price": 7}\n')  # no article, and an item all the same
    look(tmp_path, "runspider", tmp_path / "plain.py", *QUICK, "-o", tmp_path / "items.jsonl")
    line, item = map(json.loads, (tmp_path / "items.jsonl").read_text(encoding="utf-8").splitlines())
    assert item == {"title": "no text", "price": 7}
    assert (line["headline"], line["tags"]) == ("الوراق في السوق", ["أ", "ب"])


def test_bench_runs(tmp_path):
    look(tmp_path, "bench", "-s", "CLOSESPIDER_TIMEOUT=1")


def test_check_has_no_contracts(tmp_path):
    answer = run("scrapy", "check", **places(tmp_path))
    assert answer.returncode == 0
    assert "Ran 0 contracts" in answer.stderr


@pytest.fixture(scope="module")
def exported(tmp_path_factory, root):
    """A plain spider beside ours, crawled into an archive and four feeds."""
    folder = tmp_path_factory.mktemp("feeds")
    (folder / "desk").mkdir()
    (folder / "desk" / "__init__.py").write_text("", encoding="utf-8")
    spider = PLAIN.replace("name =", f"start_urls = ['{root}/a', '{root}/b']\n    name =").replace(
        '["أ", "ب"]', '"أ،ب"'
    )
    (folder / "desk" / "plain.py").write_text(spider, encoding="utf-8")
    outputs = [word for kind in ("csv", "xml", "jsonl", "json") for word in ("-o", folder / f"items.{kind}")]
    more = ("-s", "SPIDER_MODULES=spiders,desk", "-s", "CONNECT_PRIVATE=127.0.0.0/8")
    environment = {"CONTACT": "desk@example.org", "PYTHONPATH": str(folder), **places(folder)}
    answer = run("scrapy", "crawl", "plain", *QUICK, *more, *outputs, **environment)
    assert "Traceback" not in answer.stderr
    assert " WARNING: " not in answer.stderr
    lines = lines_of(folder / "collection")
    assert len(lines) == 2
    return folder, sorted(lines, key=lambda line: line["url"])


def in_order(items):
    return sorted(items, key=lambda item: item["url"])


def test_json_has_the_published_lines(exported):
    folder, lines = exported
    text = (folder / "items.jsonl").read_text(encoding="utf-8")
    assert in_order(map(json.loads, text.splitlines())) == lines
    assert in_order(json.loads((folder / "items.json").read_text(encoding="utf-8"))) == lines
    assert "الوراق" in text


def test_csv_has_their_values(exported):
    folder, lines = exported
    with (folder / "items.csv").open(encoding="utf-8", newline="") as file:
        rows = in_order(csv.DictReader(file))
    for row, line in zip(rows, lines, strict=True):
        assert row["tags"] == '["أ", "ب"]'
        for name, value in line.items():
            as_text = isinstance(value, bool | dict | list)
            assert row[name] == (
                json.dumps(value, ensure_ascii=False) if as_text else "" if value is None else str(value)
            )


def test_xml_has_their_values(exported):
    folder, lines = exported
    found = [{part.tag: part for part in item} for item in ET.parse(folder / "items.xml").getroot().iter("item")]
    for item, line in zip(sorted(found, key=lambda item: item["url"].text), lines, strict=True):
        assert item["published"].text is None
        assert item["headline"].text == line["headline"]
        assert [value.text for value in item["tags"]] == ["أ", "ب"]
        assert item["warc"].find("offset").text == str(line["warc"]["offset"])
        assert not any("None" in (part.text or "") for part in item.values())


def test_genspider_begins_an_outlet(tmp_path):
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "__init__.py").write_text("", encoding="utf-8")
    more = ("-s", "NEWSPIDER_MODULE=desk", "-s", "SPIDER_MODULES=spiders,desk")
    environment = {"PYTHONPATH": str(tmp_path)}
    made = run("scrapy", "genspider", "-t", "outlet", "warraqnews", "www.warraq.example", *more, **environment)
    assert made.returncode == 0, made.stdout + made.stderr
    listed = run("scrapy", "list", *more, **environment).stdout.split()
    assert "warraqnews" in listed
    program = "from desk.warraqnews import *; s = WarraqnewsSpider; print(s.addresses.classify(SITE + '/news/7').id)"
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env={"PYTHONPATH": f"{tmp_path}:{ROOT}"},
                            capture_output=True, text=True, check=False)  # fmt: skip
    assert answer.stdout.strip() == "warraqnews:7", answer.stderr
    templates = run("scrapy", "genspider", "-l").stdout.split()
    assert {"outlet", "basic", "crawl"} <= set(templates)
