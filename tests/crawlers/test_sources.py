"""Sources read what outlets really send, and refuse what is something else."""

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from crawlers.sources import Feed, JsonListing, SectionPages, Sitemap, SourceError, Window
from spiders.skynewsarabia import SkynewsarabiaSpider

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


@pytest.mark.parametrize(
    ("source", "body"),
    [
        (SectionPages(("x",), links=("a",)), b""),
        (SectionPages(("x",), links=("a",)), b"\xff\xfe"),
        (LISTING, b"[" * 100_000),
    ],
)
def test_what_holds_nothing_at_all_is_refused_by_name(source, body):
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


# --- what no XML should be, and is ----------------------------------------------------------------------------------

ITEM = "<item><title>عنوان {0}</title><link>https://news.example/ar/{0}</link>{1}</item>"
RSS = '<?xml version="1.0"{0}?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{1}</channel></rss>'


def rss(*items, declared="", codec="utf-8"):
    return RSS.format(declared, "".join(items)).encode(codec)


def feed(body, content_type=None):
    return Feed(("x",)).read(body, "https://news.example/rss", WINDOW, content_type)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (rss(ITEM.format(1, ""), codec="windows-1256"), "text/xml; charset=windows-1256"),
        (rss(ITEM.format(1, ""), codec="iso-8859-6"), "application/rss+xml;charset=ISO-8859-6"),
        (rss(ITEM.format(1, ""), codec="iso-8859-6", declared=' encoding="iso-8859-6"'), "text/xml"),
        (rss(ITEM.format(1, ""), codec="windows-1256"), None),
        (rss(ITEM.format(1, ""), declared=' encoding="windows-1256"'), "text/xml; charset=windows-1256"),
        (rss(ITEM.format(1, ""), declared=' encoding="utf-16"'), None),
        (rss(ITEM.format(1, ""), declared=' encoding="utf-16"', codec="windows-1256"), None),
        (rss(ITEM.format(1, ""), codec="utf-16"), None),
        (rss(ITEM.format(1, ""), codec="utf-16-le", declared=' encoding="utf-16"'), None),
        (rss(ITEM.format(1, ""), codec="utf-16-be"), "text/xml; charset=utf-8"),
        (rss(ITEM.format(1, ""), codec="utf-8-sig"), "text/xml; charset=iso-8859-1"),
        (
            rss(ITEM.format(1, "<guid>xx</guid>")).replace(b"xx", b"\x93\x94\xed\xa0\xbd"),
            "text/xml; charset=windows-1256",
        ),
        (b"<!-- cached -->\n" + rss(ITEM.format(1, "")), None),
        (b"\xef\xbb\xbf\n" + rss(ITEM.format(1, "")), None),
        (b"Warning: line 3\n" + rss(ITEM.format(1, "")), None),
    ],
)
def test_a_feed_is_read_in_the_charset_that_it_has_whatever_it_says(body, content_type):
    found = feed(body, content_type)
    assert ([entry.title for entry in found.announcements], found.fault) == (["عنوان 1"], None)


@pytest.mark.parametrize("code", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_a_character_that_xml_forbids_is_left_out_and_nothing_else(code):
    text = f"<content:encoded><![CDATA[<p>أول &amp; ثان &nbsp; a < b</p>{code}<p>ثالث & رابع</p>]]></content:encoded>"
    found = feed(rss(ITEM.format(1, text), ITEM.format(2, "")))
    assert found.announcements[0].text == "<p>أول &amp; ثان &nbsp; a < b</p><p>ثالث & رابع</p>"
    assert [entry.title for entry in found.announcements] == ["عنوان 1", "عنوان 2"]
    assert found.fault is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("أ &#1; ب &#x1F; ج", "أ  ب  ج"),
        ("«أ»&nbsp;&laquo;ب&raquo;", "«أ»\u00a0«ب»"),
        ("أ & ب &c; 5 < 6", "أ & ب &c; 5 < 6"),
        ("أ &amp;amp; &lt;b&gt; &#1576;", "أ &amp; <b> ب"),
        ("R&D &amp; أ", "R&D & أ"),
    ],
)
def test_what_xml_wants_escaped_is_escaped_and_nothing_is_lost(written, meant):
    found = feed(rss(ITEM.format(1, f"<description>{written}</description>")))
    assert (found.announcements[0].summary, found.fault) == (meant, None)


def test_a_prefix_that_nobody_declared_costs_nothing():
    found = feed(
        rss(ITEM.format(1, "<dc:creator>سالم</dc:creator><media:thumbnail url='https://news.example/1.jpg'/>"))
    )
    (entry,) = found.announcements
    assert (entry.author, entry.image, found.fault) == ("سالم", "https://news.example/1.jpg", None)


def test_a_bare_ampersand_in_an_address_is_one():
    index = INDEX.replace("new.xml", "sitemap.xml?yyyy=2026&mm=07&dd=21&copy=1&lang;=x")
    found = Sitemap("x", day=DAILY).read(index.encode(), "https://news.example/sitemap.xml", WINDOW)
    assert found.more[0] == "https://news.example/sitemap.xml?yyyy=2026&mm=07&dd=21&copy=1&lang;=x".replace(
        "&lang;", "⟨"
    )
    assert found.fault is None


@pytest.mark.parametrize("where", ["https://news.example/ar/12", "</loc>", "<url>", "</url>"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_sitemap_that_is_cut_says_so_and_half_an_entry_is_none(where, pack):
    whole = NEWS.encode()
    cut = whole[: whole.rindex(where.encode()) + len(where)]
    found = Sitemap("x").read(pack(cut), "https://news.example/news.xml", WINDOW)
    assert found.fault
    ids = [entry.url.rpartition("/")[2] for entry in found.announcements]
    assert ids == ["1234567", "1234568"] if where == "</url>" else ["1234567"]


def test_a_gzipped_sitemap_that_is_cut_is_read_as_far_as_it_goes():
    many = NEWS.replace(
        "</urlset>", "".join(f"<url><loc>https://news.example/{n * n}</loc></url>" for n in range(9999))
    )
    packed = gzip.compress((many + "</urlset>").encode())
    found = Sitemap("x").read(packed[: len(packed) // 2], "https://news.example/news.xml.gz", WINDOW)
    assert found.fault == "the gzip file ends before its end"
    assert 2 < len(found.announcements) < 10001
    assert Sitemap("x").read(packed[:-3], "x", WINDOW).fault
    members = gzip.compress(NEWS[:900].encode()) + gzip.compress(NEWS[900:].encode())
    whole = Sitemap("x").read(members, "https://news.example/news.xml.gz", WINDOW)
    assert (len(whole.announcements), whole.fault) == (2, None)


def test_a_feed_whose_end_is_missing_or_whose_tags_cross_is_not_whole():
    assert feed(rss(ITEM.format(1, ""))[:-6]).fault
    crossed = feed(rss(ITEM.format(1, "<description><b>أ</description></b>"), ITEM.format(2, "")))
    assert crossed.fault
    assert feed(b"Notice: x\n" + rss(ITEM.format(1, ""))).fault is None


# --- addresses ------------------------------------------------------------------------------------------------------


def test_links_are_found_in_every_form_that_feeds_give_them():
    found = feed(
        rss(
            '<item><guid isPermaLink="True">https://news.example/ar/1</guid></item>',
            "<item><guid> https://news.example/ar/2 \n</guid></item>",
            "<item><link><!-- c --><![CDATA[ https://news.example/ar/3 ]]></link></item>",
            "<item><link>/ar/4</link></item>",
            "<item><link>https://news.example/ar/\n5</link></item>",
            '<item><guid isPermaLink="false">https://news.example/ar/6</guid></item>',
            "<item><link>\u200fhttps://news.example/ar/7\ufeff</link></item>",
            "<item><link>http://[رابط]/</link></item>",
            "<item><link>javascript:void(0)</link></item>",
            "<item><link>https://news.example:port/ar/8</link></item>",
            "<item><link>https://news. example/ar/8</link></item>",
            "<item><link>#</link></item>",
            "<item><title>بلا عنوان</title></item>",
            '<item><link rel="self" href="/self"/><link>/ar/9</link></item>',
            '<item><link href="https://hub.example/"/><link>/ar/a</link></item>',
            "<item><link>javascript:;</link><guid>HTTPS://news.example/ar/b</guid></item>",
            '<item><link>#</link><orig:origLink xmlns:orig="x">/ar/c</orig:origLink></item>',
            '<item><guid ispermalink="no">https://news.example/ar/6</guid><link/></item>',
            "<entry><id>https://news.example/ar/d</id></entry>",
        )
    )
    assert [entry.url.removeprefix("https://news.example/ar/") for entry in found.announcements] == list("1234579abcd")
    assert found.nowhere == 8


def test_atom_and_rss_1_say_where_their_entries_are():
    atom = ATOM.replace("<feed ", '<feed xml:base="https://news.example/base/" ').replace("/ar/7", "ar/7")
    assert feed(atom.encode()).announcements[0].url == "https://news.example/base/ar/7"
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel/>'
        '<item rdf:about="https://news.example/ar/9"><title>خبر</title></item></rdf:RDF>'
    )
    (entry,) = feed(rdf.encode()).announcements
    assert (entry.url, entry.title) == ("https://news.example/ar/9", "خبر")


def test_a_relative_and_a_bogus_loc_decide_over_themselves_alone():
    body = "<urlset><url><loc>/ar/1</loc></url><url><loc>http://[x</loc></url><url><loc> https://news.example/ar/2\n</loc></url><url><loc/></url></urlset>"
    found = Sitemap("x").read(body.encode(), "https://news.example/news.xml", WINDOW)
    assert [entry.url for entry in found.announcements] == ["https://news.example/ar/1", "https://news.example/ar/2"]
    assert (found.nowhere, found.fault) == (2, None)


def test_a_section_page_says_what_its_links_are_relative_to_and_in_which_charset():
    page = '<head><base target="_top"><base href="/ar/"></head><a class="card" href="أخبار/1">خبر</a><a rel="next" href="?page=1">2</a>'
    source = SectionPages(("x",), links=("a.card",), next=("a[rel=next]",))
    found = source.read(page.encode("cp1256"), "https://news.example/s", WINDOW, "text/html; charset=windows-1256")
    assert [(entry.url, entry.title) for entry in found.announcements] == [("https://news.example/ar/أخبار/1", "خبر")]
    assert found.more == ["https://news.example/ar/?page=1"]


def test_an_entry_of_a_listing_without_an_address_is_passed_over():
    source = JsonListing(("x",), items="items", link="{base}/{id}")
    body = json.dumps(
        {"items": [{"base": "http://[x", "id": 1}, {"base": "https://news.example", "id": 2}, {"id": 3}, 4]}
    )
    found = source.read(body.encode("utf-16"), "https://news.example/api", WINDOW)
    assert ([entry.url for entry in found.announcements], found.nowhere) == (["https://news.example/2"], 3)


def test_sky_s_listing_says_when_an_article_was_last_edited():
    listing = next(source for source in SkynewsarabiaSpider.sources if isinstance(source, JsonListing))
    entry = {
        "id": 1879607,
        "headline": "عنوان",
        "date": "2026-07-21T10:29:21Z",
        "lastEditDate": "2026-07-21T11:00:00Z",
        "sectionUrl": "/middle-east",
        "urlFriendlySuffix": "عنوان",
        "category": "شرق أوسط",
    }
    answer = json.dumps({"contentItems": [entry], "nextPageToken": 17}).encode()
    read = listing.read(answer, listing.urls[0], WINDOW)
    (found,) = read.announcements
    assert found.url == "https://www.skynewsarabia.com/middle-east/1879607-عنوان"
    assert (found.published, found.modified) == (entry["date"], entry["lastEditDate"])
    assert read.more == [f"{listing.urls[0]}&nextPageToken=17"]
