"""Items of any type pass the pipelines and become lines of the record; through a crawl with the project's own settings."""

import csv
import json
import re
from datetime import UTC, datetime
from io import BytesIO

import pytest
from itemadapter import ItemAdapter
from scrapy import Request, Spider
from scrapy.http import TextResponse
from scrapy.utils.test import get_crawler

from archive.article import Article, Discovered
from archive.reader.archive import open_archive
from archive.verify import verify
from crawlers.items import ItemsSpiderMiddleware, LineCsvExporter
from pipelines.cleaning import CleaningPipeline
from pipelines.item import NAMES, Malformed, article_of
from tests.crawlers.others_spiders import TEXT, AttrsArticle, OthersSpider
from tests.crawling import QUICK, ROOT, lines_of, places, run, serving

TIDY = "قال الوراق إن الكتاب نسخ مرتين.\nثم باعه في السوق مع كتب أخرى كثيرة."


@pytest.fixture(scope="module")
def root():
    with serving(lambda path: f"<html><title>{path}</title></html>") as address:
        yield address


@pytest.fixture(scope="module")
def crawled(tmp_path_factory, root):
    """Two crawls of somebody else's spider; the folder and both answers."""
    folder = tmp_path_factory.mktemp("others")
    more = ("-s", "SPIDER_MODULES=tests.crawlers.others_spiders", "-s", "CONNECT_PRIVATE=127.0.0.0/8")
    contact = {"CONTACT": "desk@example.org"}
    words = ("crawl", OthersSpider.name, "-a", f"root={root}", *QUICK, *more)
    return folder, [run("scrapy", *words, **contact, **places(folder)) for _ in range(2)]


@pytest.fixture(scope="module")
def lines(crawled):
    folder, answers = crawled
    assert [answer.returncode for answer in answers] == [0, 0], answers[0].stderr
    found = sorted(lines_of(folder / "collection"), key=lambda line: line["url"])
    assert [line["url"][-4:] for line in found] == [
        "?p=1",
        "?p=2",
        "?p=3",
        "?p=4",
    ]  # each once: the second crawl knows them
    return found


def test_a_dict_with_the_names_of_schema_org(lines, root):
    line = lines[0]
    assert (line["outlet"], line["headline"], line["text"]) == ("others", "الوراق في السوق", TIDY)
    assert (line["published"], line["published_raw"]) == ("2026-03-01T07:00:00Z", "2026-03-01T10:00:00+03:00")
    assert (line["byline"], line["tags"], line["section"]) == (["ليلى", "سمير"], ["كتب", "سوق", "ورق"], "ثقافة")
    assert line["images"] == [{"url": "https://o.example/a.jpg", "caption": "كتاب", "credit": None, "warc": None}]
    assert line["url"] == line["canonical_url"] == f"{root}/%D8%AE%D8%A8%D8%B1/1?p=1"
    assert line["discovered"] == {"kind": "section", "url": root}
    assert (line["language"], line["words"], line["version"], line["extractor"]) == ("ar", 14, 1, "others/0")
    assert line["story"]["role"] == "first"


def test_a_dataclass_with_the_names_of_zyte(lines):
    line = lines[1]
    assert (line["headline"], line["standfirst"], line["byline"]) == ("الوراق والكتاب", "عن الكتاب", ["ليلى"])
    assert (line["published"], line["modified"]) == ("2026-03-01T07:30:00Z", "2026-03-01T08:00:00Z")
    assert (line["published_raw"], line["canonical_url"]) == ("١ آذار", "https://o.example/2")
    assert [image["url"] for image in line["images"]] == ["https://o.example/m.jpg", "https://o.example/n.jpg"]
    assert line["captured"] > "2026-11"  # when it was really captured, not what the item says


def test_attrs_and_scrapys_items_without_a_zone(lines):
    assert (lines[2]["id"], lines[2]["published"], lines[2]["published_raw"]) == ("others:33", None, "2026-03-01 10:00")
    assert (lines[3]["headline"], lines[3]["language"]) == ("The fourth copyist", "en")
    assert (lines[3]["published"], lines[3]["published_raw"]) == (None, "2026-03-01")
    assert len({line["id"] for line in lines}) == 4


def test_every_line_points_at_its_record(crawled, lines):
    archive = open_archive(str(crawled[0] / "collection"))
    for line in lines:
        capture = archive.capture(archive.article(line["id"]))
        assert (capture.url, capture.pointer.record_id) == (line["url"], line["warc"]["record_id"])
    assert list(verify(archive.store, deep=True, chain=True)) == []


def test_what_is_no_article_is_named_and_counted(crawled):
    report = min(crawled[0].rglob("collection/reports/*/*/*.json"))
    said = json.loads(report.read_bytes())
    assert said["articles"]["dropped"] == {"WithoutHeadline": 1, "WithoutText": 1, "Malformed": 1}
    assert said["pages"]["reasons"] == {"dropped/WithoutHeadline": 1, "dropped/WithoutText": 1, "dropped/Malformed": 1}
    assert "no article (malformed): " in crawled[1][0].stderr


def test_each_pipeline_takes_any_item():
    cleaned = CleaningPipeline().process_item({"title": " عنوان\u200f ", "articleBody": TEXT})
    assert (cleaned.headline, cleaned.text, cleaned.words) == ("عنوان", TIDY, 14)
    assert CleaningPipeline().process_item(AttrsArticle("1", "ع", TEXT)).text == TIDY
    own = Article(id="a:1", outlet="a", url="https://a.example/u", canonical_url="https://a.example/u", headline="h", text="t", captured=datetime.now(UTC),
        extractor="a/1", discovered=Discovered(kind="feed", url="f"))  # fmt: skip
    assert article_of(own) is own
    again = article_of(json.loads(own.to_line()))
    assert again == own


@pytest.mark.parametrize("flags", [[], ["cached"]])
def test_an_answer_out_of_a_cache_marks_any_item(flags):
    reader = ItemsSpiderMiddleware.from_crawler(get_crawler(type("Plain", (Spider,), {"name": "a"})))
    response = TextResponse("https://a.example/u", body=b"", flags=flags, request=Request("https://a.example/u"))
    article = reader.article_of({"title": "عنوان", "text": TEXT}, response)
    assert article.flags == flags


def test_a_table_has_the_parts_of_any_item_as_json():
    file = BytesIO()
    exporter = LineCsvExporter(file)
    exporter.start_exporting()
    of_others = AttrsArticle("1", "ع", "ن")
    parts = {"title": None, "parts": {"a": [1, None, True]}, "list": ["غزة", of_others], "n": 5}
    exporter.export_item(parts)
    exporter.finish_exporting()
    row, *others = csv.DictReader(file.getvalue().decode().splitlines())
    assert (row["title"], row["n"], others) == ("", "5", [])
    assert row["parts"] == '{"a": [1, null, true]}'
    assert row["list"].startswith('["غزة", {')
    assert json.loads(row["list"])[1] == ItemAdapter(of_others).asdict()


@pytest.mark.parametrize("item", ["text", 7, {"changes": 7}, {"flags": "x"}])
def test_what_can_be_no_record_is_malformed(item):
    with pytest.raises(Malformed):
        article_of(item)


def test_the_names_stand_in_the_documents():
    text = (ROOT / "docs" / "record.md").read_text(encoding="utf-8").partition("## Items of other spiders")[2]
    rows = {
        name: tuple(re.findall(r"`(\w+)`", others))
        for name, others in re.findall(r"^- `(\w+)`: (.+)$", text, re.MULTILINE)
    }
    assert rows == NAMES


@pytest.mark.parametrize("name", ["url", "canonical_url"])
def test_an_address_that_is_none_is_not_taken(name):
    otherwise = {"id": "o:1", "outlet": "o", "url": "https://o.example/1", "canonical_url": "https://o.example/1"}
    more = {"headline": "ع", "text": "ن", "captured": "2026-05-01T00:00:00Z", "extractor": "o/0"}
    said = {"discovered": {"kind": "argument", "url": "https://o.example/1"}, **otherwise, **more}
    assert getattr(article_of({name: "http://[1"}, otherwise=said), name) == "https://o.example/1"
