"""Real pages and feeds, where they are at hand; they are the publishers' and no part of the project."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.extraction import ExtractionError, Page, read
from crawlers.extraction.article import word_f1
from crawlers.extraction.page_checks import BlockPage, OtherLanguage
from crawlers.sources.base import read_feed
from tests.outlets.cases import spider_of

PAGES = Path("../shared/pages")
pytestmark = pytest.mark.skipif(not PAGES.exists(), reason="the real pages are not here")

FEED = "https://www.alaraby.co.uk/rss/politics"
CREDITS = ["الأناضول، العربي الجديد", None, "رويترز، أسوشييتد برس"]
AGENCIES = [["anadolu"], [], ["reuters", "ap"]]
BYLINES = [[], ["عدنان علي"], []]
TIMES = ["2026-08-15T18:56:19Z", "2026-08-15T18:52:04Z", "2026-08-15T17:44:37Z"]
PARAGRAPHS = [12, 6, 5]
PICTURES = [
    ("غارة إسرائيلية على دير البلح، 15 أغسطس 2026", "Getty"),
    ("عناصر من قوات الأمن السوري في إدلب، 27 مايو 2026", "فرانس برس"),
    ("من حادثة إطلاق نار سابقة في ولاية فرجينيا، 8 أغسطس 2026", "Getty"),
]
ALBAWABA = {"en-1322354-2019-11": "2019-11-20T07:29:39Z", "en-1322369-2019-11": "2019-11-20T07:50:10Z"}


def page_of(outlet, path, url, captured):
    spider = spider_of(outlet)
    page = Page(url=url, captured=captured, body=(PAGES / path).read_bytes())
    return read(page, reading=spider.reading, addresses=spider.addresses)


@pytest.mark.parametrize("number", range(3))
def test_item_of_the_feed_of_alaraby(number):
    body = (PAGES / "alaraby/rss-politics-2026-08-15.excerpt.rss.xml").read_bytes()
    said, spider = read_feed(body, FEED)[number], spider_of("alaraby")
    page = Page(url=said.url, captured=datetime(2026, 8, 15, 20, tzinfo=UTC), announcement=said)
    article = read(page, reading=spider.reading, addresses=spider.addresses)
    line = json.loads(article.to_line())
    assert (line["credit"], line["agencies"], line["byline"]) == (CREDITS[number], AGENCIES[number], BYLINES[number])
    assert (line["published"], line["section"], line["flags"]) == (TIMES[number], "أخبار", [])
    assert (line["standfirst"], line["headline"]) == ((said.summary or "").strip(), said.title)
    assert [(image["caption"], image["credit"]) for image in line["images"]] == [PICTURES[number]]
    lines = line["text"].split("\n")
    assert len(lines) == PARAGRAPHS[number]
    assert len(set(lines)) == len(lines)
    for scrap in ("&", "nbsp", "twitter", "VSU_1882", "(الأناضول", "<"):
        assert scrap not in line["text"]


def test_sub_headings_and_the_pull_quote_of_the_feed():
    body = (PAGES / "alaraby/rss-politics-2026-08-15.excerpt.rss.xml").read_bytes()
    said, spider = read_feed(body, FEED)[0], spider_of("alaraby")
    page = Page(url=said.url, captured=datetime(2026, 8, 15, 20, tzinfo=UTC), announcement=said)
    text = read(page, reading=spider.reading, addresses=spider.addresses).text
    assert "\nانتشال رفات 21 فلسطينياً وبدء البحث عن 40 آخرين\n" in text
    assert "\nانفجار عبوة بدبابة إسرائيلية جنوبي غزة\n" in text
    assert text.count("رفات 21 فلسطينياً من تحت أنقاض منزلين") == 1


@pytest.mark.parametrize("name", ALBAWABA)
def test_page_with_ground_truth(name):
    record = next(iter(json.loads((PAGES / f"albawaba/{name}.groundtruth.json").read_text()).values()))
    article = page_of("albawaba", f"albawaba/{name}.html", record["url"], datetime(2019, 11, 20, 12, tzinfo=UTC))
    assert word_f1(article.text, record["articleBody"]) >= 0.99
    assert json.loads(article.to_line())["published"] == ALBAWABA[name]
    assert (article.language, article.byline) == ("en", [])
    assert "not-arabic" in article.flags


@pytest.mark.parametrize("name", ALBAWABA)
def test_page_with_other_class_names(name):
    record = next(iter(json.loads((PAGES / f"albawaba/{name}.groundtruth.json").read_text()).values()))
    body = (PAGES / f"albawaba/{name}.html").read_bytes()
    for known in (b"block-field-blocknodearticlebody", b"field--name-body", b'class="content"', b"clearfix"):
        body = body.replace(known, b"q7")
    spider = spider_of("albawaba")
    page = Page(url=record["url"], captured=datetime(2019, 11, 20, 12, tzinfo=UTC), body=body)
    article = read(page, reading=spider.reading, addresses=spider.addresses)
    assert "generic-extraction" in article.flags
    assert word_f1(article.text, record["articleBody"]) >= 0.95


def test_head_of_the_live_blog():
    name = "aljazeera/liveblog-9578078-2026-07-28.excerpt.html"
    url = "https://www.aljazeera.net/news/liveblog/2026/7/28/إيران-مباشر-ترمب-يتحدث-عن-مفاوضات"
    line = json.loads(page_of("aljazeera", name, url, datetime(2026, 7, 28, 10, 25, tzinfo=UTC)).to_line())
    assert (line["kind"], line["section"], line["credit"]) == ("live", "أخبار", "الجزيرة + وكالات")
    assert line["headline"] == 'إيران مباشر.. ترمب يتحدث عن مفاوضات "ودية" وترقب للقائه مع نتنياهو'
    assert line["byline"] == ["أحمد عبد القوي", "محمد داود"]
    assert (line["published"], line["modified"]) == ("2026-07-27T21:02:32Z", "2026-07-28T10:19:02Z")
    assert line["flags"] == ["short"]


def test_block_page_of_sky():
    with pytest.raises(BlockPage):
        page_of(
            "skynewsarabia",
            "skynewsarabia/blocked-403-cloudfront.html",
            "https://www.skynewsarabia.com/world/1879607-x",
            datetime(2026, 6, 1, tzinfo=UTC),
        )


@pytest.mark.parametrize("path", sorted(p.name for p in PAGES.glob("analog-aljazeera-en/*.html")))
def test_pages_of_the_english_sister_are_another_language(path):
    with pytest.raises(ExtractionError) as refusal:
        page_of(
            "aljazeera",
            f"analog-aljazeera-en/{path}",
            "https://www.aljazeera.net/news/2019/11/20/x",
            datetime(2019, 11, 20, tzinfo=UTC),
        )
    assert refusal.type in {OtherLanguage, *ExtractionError.__subclasses__()}
