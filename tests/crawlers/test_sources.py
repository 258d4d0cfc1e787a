"""Sources read what outlets really send, and refuse what is something else."""

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from crawlers.sources import Feed, JsonListing, SectionPages, Sitemap, SourceError, Window

WINDOW = Window(date(2026, 7, 20), date(2026, 7, 22))
REAL = Path(__file__).parents[3] / "shared" / "pages"
needs_real_pages = pytest.mark.skipif(not REAL.is_dir(), reason="the saved pages of real outlets are not here")
DAILY = r"yyyy=(?P<year>\d+)&mm=(?P<month>\d+)&dd=(?P<day>\d+)"

NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
        xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
 <url><loc>https://news.example/ar/1234567</loc><lastmod>2026-07-21T10:00:00+03:00</lastmod>
  <news:news><news:publication><news:name>مثال</news:name><news:language>ar</news:language></news:publication>
   <news:publication_date>2026-07-21T09:30:00+03:00</news:publication_date><news:title>عنوان &amp; خبر</news:title>
   <news:keywords>سياسة، اقتصاد, رياضة</news:keywords></news:news>
  <image:image><image:loc>https://news.example/1.jpg</image:loc></image:image></url>
 <url><loc>https://news.example/ar/1234568</loc></url>
</urlset>"""

INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
 <sitemap><loc>https://news.example/new.xml</loc><lastmod>2026-07-21</lastmod></sitemap>
 <sitemap><loc>https://news.example/old.xml</loc><lastmod>2026-01-01T00:00:00Z</lastmod></sitemap>
 <sitemap><loc>https://news.example/unknown.xml</loc></sitemap>
</sitemapindex>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"><entry>
 <id>7</id><title>خبر</title><link rel="self" href="/self"/><link href="/ar/7"/><updated>2026-07-21T10:00:00Z</updated>
 <media:content url="https://news.example/7.jpg"><media:description>صورة</media:description></media:content>
</entry></feed>"""


def test_news_sitemap_fields_are_kept():
    first, second = Sitemap("x").read(NEWS.encode(), "https://news.example/news.xml", WINDOW).announcements
    assert (first.kind, second.kind) == ("news-sitemap", "sitemap")
    assert first.title == "عنوان & خبر"
    assert first.published == "2026-07-21T09:30:00+03:00"
    assert first.modified == "2026-07-21T10:00:00+03:00"
    assert first.tags == ("سياسة", "اقتصاد", "رياضة")
    assert (first.language, first.image) == ("ar", "https://news.example/1.jpg")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_index_leads_to_the_sitemaps_that_can_hold_the_window(pack):
    more = Sitemap("x").read(pack(INDEX.encode()), "x", WINDOW).more
    assert more == ["https://news.example/new.xml", "https://news.example/unknown.xml"]


def test_dead_index_falls_back_to_the_known_address_of_each_day():
    source = Sitemap("x", days="https://news.example/{day:%Y-%m-%d}.xml")
    assert source.by_day(WINDOW)[0] == "https://news.example/2026-07-22.xml"
    assert len(source.by_day(WINDOW)) == 3


def test_atom_entries_are_read_and_a_picture_is_no_text():
    (entry,) = Feed(("x",)).read(ATOM.encode(), "https://news.example/atom", WINDOW).announcements
    assert entry.url == "https://news.example/ar/7"
    assert entry.text is None
    assert (entry.image, entry.caption) == ("https://news.example/7.jpg", "صورة")


def test_section_page_falls_back_to_every_link_when_its_cards_are_gone():
    page = '<div class="new-card"><a href="/ar/1#top">خبر <b>أول</b></a><a href="/ar/1"></a><a href="mailto:x@y">x</a></div>'
    (only,) = SectionPages(("x",), links=("a.card",)).read(page.encode(), "https://news.example/", WINDOW).announcements
    assert (only.url, only.title) == ("https://news.example/ar/1", "خبر أول")


def test_section_page_names_its_next_page_once():
    page = '<a class="card" href="/1">x</a><a rel="next" href="?page=1">2</a><a rel="next" href="?page=9">10</a>'
    found = SectionPages(("x",), links=("a.card",), next=("a[rel=next]",)).read(
        page.encode(), "https://news.example/s", WINDOW
    )
    assert found.more == ["https://news.example/s?page=1"]


LISTING = JsonListing(
    ("x",), items="data.items", link="https://news.example{path}/{id}", fields={"title": "headline"}, token="next"
)


def test_json_listing_builds_links_and_the_next_page():
    body = json.dumps({"data": {"items": [{"path": "/a", "id": 5, "headline": "خبر"}, {"id": 6}]}, "next": 99}).encode()
    found = LISTING.read(body, "https://api.example/latest?size=2", WINDOW)
    assert [(a.url, a.title) for a in found.announcements] == [("https://news.example/a/5", "خبر")]
    assert found.more == ["https://api.example/latest?size=2&next=99"]


def test_json_listing_without_entries_ends():
    assert LISTING.read(b'{"data": {"items": []}, "next": 99}', "x", WINDOW).more == []


BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<urlset><url><loc>https://news.example/&b;</loc></url></urlset>"""


def test_entities_are_not_expanded_and_files_not_read():
    for announcement in Sitemap("x").read(BOMB, "x", WINDOW).announcements:
        assert "aaaa" not in announcement.url
    external = (
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><urlset><url><loc>http://h/&e;</loc></url></urlset>'
    )
    assert [a.url for a in Sitemap("x").read(external, "x", WINDOW).announcements] == ["http://h/&e;"]


def test_gzip_bomb_is_refused():
    with pytest.raises(SourceError, match="more than"):
        Sitemap("x").read(gzip.compress(b" " * 60_000_000), "x", WINDOW)


@pytest.mark.parametrize(
    "body", [b"", b"\x00\x01garbage", b"<html><body>blocked</body></html>", b"{}", b"\x1f\x8bbroken"]
)
@pytest.mark.parametrize("source", [Sitemap("x"), Feed(("x",)), LISTING], ids=lambda s: s.kind)
def test_something_else_is_refused_by_name(source, body):
    with pytest.raises(SourceError):
        source.read(body, "https://news.example/x", WINDOW)


@needs_real_pages
def test_real_al_jazeera_channels_yield_exactly_their_links():
    def read(source, name, url):
        found = source.read((REAL / "aljazeera" / name).read_bytes(), url, WINDOW)
        return found.more + [a.url.partition("?")[0] for a in found.announcements]

    feed = read(Feed(("x",)), "feed-2026-07-28.excerpt.rss.xml", "https://www.aljazeera.net/feed")
    assert len(feed) == len(set(feed)) == 8
    days = read(
        Sitemap("x", day=DAILY), "sitemap-index-2026-07-28.excerpt.xml", "https://www.aljazeera.net/sitemap.xml"
    )
    assert [url[-5:] for url in days] == ["dd=23", "dd=22", "dd=21", "dd=20", "dd=19"]
    cards = read(
        SectionPages(("x",), ("a.u-clickable-card__link",)),
        "home-2026-09-18.excerpt.html",
        "https://www.aljazeera.net/",
    )
    assert set(cards) == {
        "https://www.aljazeera.net/news/liveblog/2026/9/18/إيران-مباشر-ترمب-يلوح-باستئناف-هجمات",
        "https://www.aljazeera.net/news/liveblog/2026/9/18/اليمن-مباشر-إدانات-للهجمات-الحوثية",
    }


@needs_real_pages
def test_real_al_bawaba_news_home_yields_each_article_once():
    body = (REAL / "albawabhnews" / "home-2018-03-19.excerpt.html").read_bytes()
    found = SectionPages(("x",), (".item-card > a", ".item-li > a")).read(body, "https://www.albawabhnews.com/", WINDOW)
    assert sorted(a.url[-7:] for a in found.announcements) == ["3000384", "3000434", "3000723", "3000757", "3000759"]
