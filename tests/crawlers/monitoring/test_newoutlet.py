"""`scrapy newoutlet`: what a survey of a site makes of it, held against what the site really has."""

import asyncio
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib import import_module
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest
from scrapy.http import Response

from crawlers.addresses import AddressRules, is_aside, path_of, pattern_of, shape_of
from crawlers.commands.checkall import faults
from crawlers.extraction import ExtractionError, Page
from crawlers.extraction.article import read_and_judge
from crawlers.monitoring.draft import EvidenceError, draft_spider
from crawlers.monitoring.probe import Survey, SurveySpider
from crawlers.sources import Window, listing_of
from pipelines.validation import Invalid
from tests.made_sites import Asp, Drupal, Joomla, NextShell, Plain, WordPress
from tests.replica import Replica
from tests.replica.wire.message import Request

FIELDS = (
    "headline",
    "standfirst",
    "text",
    "section",
    "tags",
    "byline",
    "credit",
    "agencies",
    "dateline",
    "published",
    "modified",
    "kind",
)
TODAY = datetime.now(UTC).date()
WINDOW = Window(TODAY - timedelta(days=14), TODAY)


class Offline(SurveySpider):
    """The survey, answered by a function instead of a socket."""

    def __init__(self, survey, answer):
        super().__init__(survey=survey)
        self.answer, self.asked = answer, []

    async def _ask(self, url):
        self.asked.append(url)
        found = fetch(self.answer, url)
        if found is None:
            self.survey.failures.append(f"{url}: not there")
        return found

    async def _named(self, root):
        found = fetch(self.answer, f"{root}/robots.txt")
        lines = found.body.decode().splitlines() if found else []
        return [line.partition(":")[2].strip() for line in lines if line.lower().startswith("sitemap:")]


def fetch(answer, url):
    for _ in range(5):
        status, headers, body = answer(url)
        if status in {301, 302}:
            url = (
                f"https://{urlsplit(url).hostname}{headers['location']}"
                if headers["location"].startswith("/")
                else headers["location"]
            )
            continue
        return Response(url, headers={"Content-Type": headers["content-type"]}, body=body) if status == 200 else None
    return None


def of_replica(site):
    def answer(url):
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        response = site.answer(Request("GET", target, parts.hostname, {}, secure=True))
        headers = {name.lower(): value for name, value in response.headers}
        return response.status, {"content-type": response.content_type, **headers}, response.body

    return answer


def of_made(site):
    def answer(url):
        parts = urlsplit(url)
        status, content_type, body = site.answer(parts.path + (f"?{parts.query}" if parts.query else ""))
        return status, {"content-type": content_type}, body

    return answer


def drafted(home, answer, name):
    survey = Survey(home)
    spider = Offline(survey, answer)

    async def look():
        assert [request async for request in spider.start()] == []

    asyncio.run(look())
    return draft_spider(survey, name), spider.asked


def spider_in(text, name):
    module = {"__name__": f"spiders.{name}"}
    exec(compile(text, name, "exec"), module)
    return module[f"{name.capitalize()}Spider"]


def announced_by(spider, answer):
    """Return the ids that the spider's sources announce, each with its best address: what a crawl would fetch."""
    found, asked = {}, set()
    for source in spider.sources:
        waiting = list(source.start(WINDOW))
        while waiting and len(asked) < 400:
            url = waiting.pop(0)
            if url in asked or (response := fetch(answer, url)) is None:
                continue
            asked.add(url)
            read = source.read(response.body, response.url, WINDOW, response.headers["Content-Type"].decode())
            waiting += read.more
            for entry in read.announcements:
                if address := spider.addresses.classify(entry.url):
                    found.setdefault(address.canonical_url, (spider.addresses.best_url(entry.url, address), entry))
    return found


def lines_of(spider, answer):
    """Return what would be published, by canonical address."""
    lines = {}
    for canonical, (url, entry) in announced_by(spider, answer).items():
        response = fetch(answer, url)
        if response is None:
            continue
        page = Page(
            url=url,
            captured=datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1),
            body=response.body,
            content_type=response.headers["Content-Type"].decode(),
            announcement=entry,
        )
        try:
            lines[canonical] = json.loads(
                read_and_judge(page, reading=spider.reading, addresses=spider.addresses).to_line()
            )
        except (ExtractionError, Invalid):
            continue
    return lines


def shares(lines, truth):
    """Return which share of the articles was found, and of their fields."""
    known = set(lines) & set(truth)
    right = Counter(
        name
        for key in known
        for name in FIELDS
        if name in truth[key] and (lines[key][name] or None) == (truth[key][name] or None)
    )
    asked = sum(name in truth[key] for key in known for name in FIELDS)
    return len(known) / len(truth), sum(right.values()) / asked, right


@pytest.fixture(scope="module")
def replica():
    return Replica(seed=1)


@pytest.mark.parametrize("name", ["alaraby", "aljazeera", "albawaba", "albawabhnews", "skynewsarabia"])
def test_a_written_spider_finds_and_reads_what_the_outlet_has(replica, name):
    site = replica.sites()[name]
    answer = of_replica(site)
    draft, asked = drafted(f"https://{site.house.hosts[0]}/", answer, f"{name}new")
    assert draft.text.count("\n") <= 60
    assert len(asked) <= 90
    spider = spider_in(draft.text, f"{name}new")
    truth = {entry["canonical_url"]: entry for piece in site.pieces if (entry := piece.truth())["expect"] == "article"}
    found, fields, right = shares(lines_of(spider, answer), truth)
    assert found >= 0.95, draft.text
    assert fields >= 0.95, (right, draft.text)


@pytest.mark.parametrize("kind", [WordPress, Drupal, Plain, Joomla, NextShell, Asp])
def test_so_it_does_of_sites_as_widespread_systems_make_them(kind):
    site, name = kind(), f"{kind.__name__.lower()}like"
    draft, _ = drafted(f"https://{site.host}/", of_made(site), name)
    spider = spider_in(draft.text, name)
    truth = {
        f"https://{site.host}{quote(path, safe='/?=')}": {
            "headline": piece.headline,
            "standfirst": piece.standfirst,
            "text": "\n".join(piece.text),
            "section": piece.section,
            "tags": piece.tags,
            "byline": piece.byline,
            "published": f"{piece.published:%Y-%m-%dT%H:%M:%SZ}",
            "kind": "article",
        }
        for path, piece in site.truth.items()
    }
    truth = {url: {name: said for name, said in told.items() if name not in site.lacks} for url, told in truth.items()}
    found, fields, right = shares(lines_of(spider, of_made(site)), truth)
    assert found >= 0.95, draft.text
    assert fields >= 0.95, (right, draft.text)
    assert spider.reading.names[0] == site.name
    assert datetime.now(UTC).astimezone(ZoneInfo(spider.reading.zone)).utcoffset() == site.zone, draft.text


def test_each_line_says_how_sure_it_is(replica):
    site = replica.sites()["alaraby"]
    draft, _ = drafted(f"https://{site.house.hosts[0]}/", of_replica(site), "alarabynew")
    assert {certainty for certainty, _, _ in draft.claims} <= {"sure", "likely", "guess"}
    for certainty, line, reason in draft.claims:
        assert f"{line}  # {certainty}: {reason}" in draft.text
    told = {line.partition("=")[0] for _, line, _ in draft.claims}
    assert {"hosts", "zone", "names", "body", "headline", "byline", "published"} <= told
    assert "الجديد" in draft.text
    assert "\\u0" not in draft.text


def test_a_site_without_articles_is_no_outlet():
    def answer(url):
        return (
            (200, {"content-type": "text/html"}, b"<title>x</title><a href='/about'>about</a>")
            if url.endswith("/")
            else (404, {}, b"")
        )

    with pytest.raises(EvidenceError, match="0 articles were found"):
        drafted("https://x.example/", answer, "x")


@pytest.mark.parametrize(
    ("paths", "shape", "other"),
    [
        (
            ["/news/2026/5/20/المستشفى-يفتح-أبوابه", "/sport/2026/5/2/gaza"],
            "word/year/month/day/slug",
            "/tag/2026/5/20/x",
        ),
        (["/ar/أخبار/نداء-عاجل-1500003", "/ar/رياضة/نداء-1500103"], "word/slug/slug-id", "/ar/term/x-1500103"),
        (["/1500003", "/1500103"], "id", "/99"),
        (["/middle-east/1500003-نداء", "/world/1500013-نداء-آخر"], "word/id-slug", "/world/news"),
        (["/politics/نداء-عاجل-إلى", "/economy/نداء-آخر-إلى"], "word/slug", "/author/نداء-آخر-إلى"),
        (["/archives/12345", "/archives/12399"], "word/id", "/archives/202"),
        (["/node/12345", "/node/12346"], "word/id", "/node/add"),
        (["/?p=12", "/?p=7"], "?p", "/?cat=3"),
        (["/news.aspx?id=45", "/news.aspx?id=46"], "slug/?id", "/category.aspx?id=4"),
        (["/index.php?id=45:نداء", "/index.php?id=46:آخر"], "slug/?id", "/index.php"),
    ],
)
def test_a_pattern_is_of_the_shape_and_of_nothing_beside_it(paths, shape, other):
    assert {"/".join(shape_of(path)) for path in paths} == {shape}
    assert not any(map(is_aside, paths))
    pattern = pattern_of(shape_of(paths[0]), paths)
    assert all(re.search(pattern, path) for path in paths)
    assert re.search(pattern, other) is None


def test_a_written_spider_is_of_the_house_s_form(replica, tmp_path, monkeypatch):
    site = replica.sites()["albawabhnews"]
    draft, _ = drafted(f"https://{site.house.hosts[0]}/", of_replica(site), "newsite")
    (tmp_path / "newsite.py").write_text(draft.text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    newsite = import_module("newsite")
    wrong = list(faults(newsite.NewsiteSpider, tmp_path))
    assert wrong == [f"has 0 golden cases in {tmp_path}, 8 are the least"]
    assert unquote(newsite.SITE) == "https://www.albawabhnews.com"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://x.example/?p=12&utm_source=rss", "/?p=12"),
        ("https://x.example/news.aspx?cat=3&id=45", "/news.aspx?id=45"),
        ("https://x.example/index.php?option=com_content&id=45:x&Itemid=9", "/index.php?id=45:x"),
        ("https://x.example/?cat=3", "/"),
        ("https://x.example/story-12345?id=3", "/story-12345"),
        ("https://x.example/news/نداء-عاجل?ref=5", "/news/نداء-عاجل"),
        ("https://x.example/a-b-c/?page=2", "/a-b-c"),
    ],
)
def test_a_parameter_counts_where_the_path_is_no_article_s(url, path):
    assert path_of(url) == path


def test_a_declared_parameter_is_a_part_of_the_address():
    rules = AddressRules(
        outlet="x", hosts=("x.example",), kinds={"article": r"^/news\.aspx\?id=(?P<id>\d+)$"}, query=("id", "nid")
    )
    asked = "http://x.example/news.aspx?utm_source=z&id=45"
    address = rules.classify(asked)
    assert (address.id, address.canonical_url) == ("x:45", "https://x.example/news.aspx?id=45")
    assert rules.best_url(asked, address) == "http://x.example/news.aspx?id=45"
    assert rules.classify("http://x.example/news.aspx") is None
    assert rules.classify("http://x.example/news.aspx?id=") is None


DRUPAL = {
    "data": [
        {"attributes": {"title": f"خبر {n}", "created": "2026-05-20T09:00:00+00:00", "path": {"alias": f"/news/{n}"}}}
        for n in range(3)
    ],
    "links": {"next": {"href": "https://x.example/jsonapi/node/article?page[offset]=20"}},
}
MORE = {
    "ok": True,
    "result": {"items": [{"url": f"/news/{n}", "headline": f"خبر {n}", "created_at": "2026-05-20"} for n in range(3)]},
}


def test_the_listing_apis_of_systems_are_read():
    head = '<meta name="Generator" content="Drupal 10 (https://www.drupal.org)">'
    more = '<button data-url="/ajax/latest?page=1">المزيد</button>'
    answers = {
        "https://x.example/": f"<html><head>{head}</head><body>{more}</body></html>",
        "https://x.example/jsonapi/node/article?sort=-created&page[limit]=20": json.dumps(DRUPAL),
        "https://x.example/ajax/latest?page=1": json.dumps(MORE),
    }

    def answer(url):
        body = answers.get(url)
        return (200, {"content-type": "text/html"}, body.encode()) if body else (404, {}, b"")

    survey = Survey("https://x.example/")
    spider = Offline(survey, answer)

    async def look():
        return [request async for request in spider.start()]

    assert asyncio.run(look()) == []
    assert [[entry.url for entry in entries] for _, entries in survey.listings] == [
        [f"https://x.example/news/{n}" for n in range(3)]
    ] * 2
    drupal, button = (listing for listing, _ in survey.listings)
    (following,) = drupal.read(json.dumps(DRUPAL).encode(), drupal.urls[0], WINDOW).more
    assert following == "https://x.example/jsonapi/node/article?page[offset]=20"
    assert (button.items, button.link, button.page) == ("result.items", "{url}", "page")
    (following,) = button.read(json.dumps(MORE).encode(), button.urls[0], WINDOW).more
    assert following == "https://x.example/ajax/latest?page=2"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"[1, 2, 3]", b'{"a": {"b": [{"id": 1}, {"id": 2}, {"id": 3}]}}', b"[" * 100_000]
)
def test_an_answer_without_articles_is_no_listing(body):
    assert listing_of(body, "https://x.example/api?page=1") is None
