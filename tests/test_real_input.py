"""Real feeds and pages, served at their own addresses, through the real commands."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.crawling import QUICK, lines_of, places, run
from tests.replica.wire.message import Response
from tests.saved_pages import SavedPages

REAL = Path(__file__).parents[2] / "shared" / "pages"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the saved pages of real outlets are not here")


def f1(one, other):
    ours, theirs = Counter(one.split()), Counter(other.split())
    return 2 * (ours & theirs).total() / (ours.total() + theirs.total())


def crawl(outlet, pages, folder, *arguments):
    with SavedPages(pages) as server:
        answer = run("scrapy", "crawl", outlet, *arguments, *QUICK, **places(folder), **server.env)
    return answer, lines_of(folder / "collection"), server.asked


def test_the_real_feed_of_al_araby_gives_its_three_articles(tmp_path):
    feed = Response(
        (REAL / "alaraby/rss-politics-2026-08-15.excerpt.rss.xml").read_bytes(), content_type="application/rss+xml"
    )
    pages = {("www.alaraby.co.uk", "/rss/politics"): feed}
    answer, lines, _ = crawl("alaraby", pages, tmp_path, "-a", "since=2026-08-14", "-a", "until=2026-08-16")
    assert answer.returncode == 0, answer.stderr
    found = {line["headline"]: line for line in lines}
    assert [(line["published"], line["byline"], line["agencies"]) for line in found.values()] == [
        ("2026-08-15T18:56:19Z", [], ["anadolu"]),
        ("2026-08-15T18:52:04Z", ["عدنان علي"], []),
        ("2026-08-15T17:44:37Z", [], ["reuters", "ap"]),
    ]
    assert all(line["provenance"]["text"] == "feed" and "&" not in line["text"] for line in lines)
    assert [line["words"] > 190 for line in lines] == [True] * 3


@pytest.mark.parametrize(
    ("name", "published", "modified"),
    [
        ("en-1322354-2019-11", "2019-11-20T07:29:39Z", "2019-11-20T07:52:08Z"),
        ("en-1322369-2019-11", "2019-11-20T07:50:10Z", "2019-11-20T07:59:50Z"),
    ],
)
def test_the_real_pages_of_albawaba_are_read_exactly(tmp_path, name, published, modified):
    body = (REAL / "albawaba" / f"{name}.html").read_bytes()
    url = json.loads((REAL / "albawaba" / f"{name}.html.json").read_bytes())["original_url"]
    (truth,) = json.loads((REAL / "albawaba" / f"{name}.groundtruth.json").read_bytes()).values()
    pages = {("www.albawaba.com", url.removeprefix("https://www.albawaba.com")): Response(body)}
    answer, lines, _ = crawl("albawaba", pages, tmp_path, "-a", f"url={url}")
    assert answer.returncode == 0, answer.stderr
    (line,) = lines
    assert f1(line["text"], truth["articleBody"]) >= 0.98
    assert (line["published"], line["modified"]) == (published, modified)
    assert (line["url"], line["discovered"]["kind"]) == (url, "argument")


def test_the_real_channels_of_al_jazeera_lead_to_exactly_their_articles(tmp_path):
    feed = "/aljazeerarss/a7c186be-1baa-4bd4-9d80-a84db769f779/73d0e1b4-532f-45ef-b135-bfdff8b8cab9"
    host = "www.aljazeera.net"
    pages = {
        (host, "/sitemap.xml"): Response((REAL / "aljazeera/sitemap-index-2026-07-28.excerpt.xml").read_bytes()),
        (host, feed): Response((REAL / "aljazeera/feed-2026-07-28.excerpt.rss.xml").read_bytes()),
        (host, "/"): Response((REAL / "aljazeera/home-2026-09-18.excerpt.html").read_bytes()),
    }
    days = ("-a", "since=2026-07-26", "-a", "until=2026-09-18")
    _, lines, asked = crawl("aljazeera", pages, tmp_path, *days)
    assert lines == []
    articles = Counter(path for _, path in asked if path.startswith("/news/2026/") or "/2026/" in path)
    assert len(articles) == 10
    assert set(articles.values()) == {1}
    assert sum(path.startswith("/news/liveblog/2026/9/18/") for path in articles) == 2
    assert Counter(path for _, path in asked)["/sitemap.xml"] == 1 + 4
