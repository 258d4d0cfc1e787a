"""What a URL is, outlet by outlet: the shapes that were seen on the real sites, and those that are no articles."""

from contextlib import suppress
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings

from crawlers.addresses import DomainAddresses, absolute_url, ascii_url

SPIDERS = {
    name: SpiderLoader(get_project_settings()).load(name) for name in SpiderLoader(get_project_settings()).list()
}

ARTICLES = [
    ("aljazeera", "https://www.aljazeera.net/news/pages/0353e88a-286d-4266-82c6-6094179ea26d", "article"),
    ("aljazeera", "https://www.aljazeera.net/2004/10/03/خبر-قديم", "article"),
    (
        "aljazeera",
        "https://www.aljazeera.net/news/2026/7/28/%d8%b2%d9%84%d8%b2%d8%a7%d9%84?traffic_source=rss",
        "article",
    ),
    ("aljazeera", "https://www.aljazeera.net/news/politics/2022/3/8/روسيا-وأوكرانيا", "article"),
    ("aljazeera", "https://www.aljazeera.net/news/liveblog/2026/9/18/إيران-مباشر?update=9802083", "live"),
    ("aljazeera", "https://www.aljazeera.net/videos/2026/7/28/مقطع", "video"),
    ("aljazeera", "https://www.aljazeera.net/gallery/2026/7/28/صور", "gallery"),
    ("aljazeera", "https://www.aljazeera.net/opinions/2026/7/28/رأي", "opinion"),
    ("aljazeera", "https://www.aljazeera.net/encyclopedia/2026/7/28/من-هو", "explainer"),
    ("alaraby", "https://www.alaraby.co.uk/politics/%D8%BA%D8%B2%D8%A9-%D8%B4%D9%87%D9%8A%D8%AF", "article"),
    ("alaraby", "https://www.alaraby.co.uk/politics/2019/7/14/غزة-تحت-القصف", "article"),
    ("alaraby", "https://www.alaraby.co.uk/entertainment_media/وفاة-فنان", "article"),
    ("alaraby", "https://www.alaraby.co.uk/opinion/عن-الحرب", "opinion"),
    ("alaraby", "https://www.alaraby.co.uk/politics/liveblog/الحرب-لحظة-بلحظة", "live"),
    ("albawaba", "https://www.albawaba.com/ar/أخبار/وفاة-فنان-1578896", "article"),
    ("albawaba", "https://article.albawaba.net/ar/أخبار/وفاة-فنان-1578896", "article"),
    ("albawaba", "https://www.albawaba.com/news/sweden-drops-its-investigation-1322369", "article"),
    ("albawaba", "https://www.albawaba.com/node/1322369", "article"),
    ("albawaba", "https://www.albawaba.com/ar/أحداث-في-صور/مهرجان-1578001", "gallery"),
    ("albawabhnews", "https://www.albawabhnews.com/3000757", "article"),
    ("albawabhnews", "https://www.albawabhnews.com/5107148/", "article"),
    ("skynewsarabia", "https://www.skynewsarabia.com/middle-east/1879607-الخبر", "article"),
    ("skynewsarabia", "https://www.skynewsarabia.com/sport/football/1879607-الخبر", "article"),
    ("skynewsarabia", "https://www.skynewsarabia.com/middle-east/1879607", "article"),
    ("skynewsarabia", "https://www.skynewsarabia.com/web/article/794123/الخبر", "article"),
    ("skynewsarabia", "https://www.skynewsarabia.com/video/1879607-مقطع", "video"),
    ("skynewsarabia", "https://www.skynewsarabia.com/live-story/1879607-متابعة", "live"),
]

OTHERS = [
    ("aljazeera", "https://www.aljazeera.net/news/"),
    ("aljazeera", "https://www.aljazeera.net/program/2026/7/28/حلقة"),
    ("aljazeera", "https://www.aljazeera.net/author/ahmed"),
    ("aljazeera", "https://www.aljazeera.com/news/2026/7/28/something"),
    ("alaraby", "https://www.alaraby.co.uk/politics"),
    ("alaraby", "https://www.alaraby.co.uk/rss/politics"),
    ("alaraby", "https://www.alaraby.co.uk/tags/غزة"),
    ("alaraby", "https://www.newarab.com/news/something"),
    ("albawaba", "https://www.albawaba.com/ar/أخبار"),
    ("albawaba", "https://www.albawaba.com/ar/term/1234567/archive/ar/1234567"),
    ("albawabhnews", "https://www.albawabhnews.com/category/72"),
    ("albawabhnews", "https://www.albawabhnews.com/list/171/reports"),
    ("skynewsarabia", "https://www.skynewsarabia.com/keyword-search?keyword=غزة"),
    ("skynewsarabia", "https://www.skynewsarabia.com/program/123456-برنامج"),
    ("skynewsarabia", "https://www.skynewsarabia.com/topic/123456-موضوع"),
    ("skynewsarabia", "ftp://www.skynewsarabia.com/middle-east/1879607-الخبر"),
    ("skynewsarabia", "https://[broken/middle-east/1879607"),
]

SAME = [
    (
        "aljazeera",
        "https://www.aljazeera.net/home/print/f6451603-4dff-4ca1-9c10-122741d17432/0353e88a-286d-4266-82c6-6094179ea26d",
        "https://www.aljazeera.net/NR/exeres/0353E88A-286D-4266-82C6-6094179EA26D.htm",
    ),
    ("aljazeera", "https://www.aljazeera.net/news/2026/7/28/%d8%b2", "https://www.ajnet.me/news/2026/7/28/%D8%B2/"),
    ("aljazeera", "https://www.aljazeera.net/news/2026/7/28/ز", "https://www.aljazeera.net/amp/news/2026/7/28/ز"),
    (
        "albawaba",
        "https://www.albawaba.com/ar/أخبار/وفاة-فنان-1578896",
        "https://article.albawaba.net/ar/أخبار/وفاة-فنان-1578896",
    ),
    (
        "skynewsarabia",
        "https://www.skynewsarabia.com/world/1879607-\u0623",
        "https://www.skynewsarabia.com/amp/world/1879607-\u0627\u0654",
    ),
]


@pytest.mark.parametrize(("outlet", "url", "kind"), ARTICLES)
def test_an_article_is_recognised_with_its_kind(outlet, url, kind):
    address = SPIDERS[outlet].addresses.classify(url)
    assert address is not None
    assert address.kind == kind
    assert address.id.startswith(f"{outlet}:")
    assert address.canonical_url.isascii()


@pytest.mark.parametrize(("outlet", "url"), OTHERS)
def test_other_pages_are_no_articles(outlet, url):
    assert SPIDERS[outlet].addresses.classify(url) is None


@pytest.mark.parametrize(("outlet", "one", "other"), SAME)
def test_twins_have_one_id(outlet, one, other):
    rules = SPIDERS[outlet].addresses
    assert rules.classify(one).id == rules.classify(other).id


def test_the_day_in_the_path_is_read():
    address = SPIDERS["aljazeera"].addresses.classify("https://www.aljazeera.net/news/2026/7/8/خبر")
    assert address.day.isoformat() == "2026-07-08"


def test_an_impossible_day_is_no_day():
    assert SPIDERS["aljazeera"].addresses.classify("https://www.aljazeera.net/news/2026/13/45/خبر").day is None


MARKS = "\u200c\u200d\u200e\u200f\u202b\u202c\u2069\u00ad\u061c\ufeff"


@pytest.mark.parametrize("mark", MARKS)
def test_an_invisible_mark_makes_no_other_article(mark):
    rules = SPIDERS["aljazeera"].addresses
    plain = rules.classify("https://www.aljazeera.net/news/2026/11/28/من-الميناء")
    encoded = "".join(f"%{octet:02x}" for octet in mark.encode())
    for path in (f"{mark}من-الميناء", f"من-{mark}الميناء", f"من-الميناء{encoded}", f"من-الميناء/{mark}"):
        assert rules.classify(f"https://www.aljazeera.net/news/2026/11/28/{path}") == plain
    assert rules.classify(f" {mark}https://www.aljazeera.net/news/2026/11/28/من-الميناء{mark}") == plain


def test_a_tatweel_is_a_letter_and_what_is_seen_is_another_article():
    rules = SPIDERS["aljazeera"].addresses
    addresses = [
        rules.classify(f"https://www.aljazeera.net/news/2026/11/28/{slug}") for slug in ("من", "مـن", "مِن", "من-")
    ]
    assert len({address.id for address in addresses}) == 4


@pytest.mark.parametrize(
    ("url", "outlet"),
    [
        ("https://www.bbc.com/arabic/articles/x", "bbc.com"),
        ("https://news.bbc.co.uk/x", "bbc.co.uk"),
        ("http://al-akhbar.com/Arab/1", "al-akhbar.com"),
        ("https://paper.blogspot.com/2013/1/x", "paper.blogspot.com"),
        ("https://www.خبر.com/x", "xn--ngblk.com"),
        ("https://www.news.example/x", "news.example"),
        ("http://127.0.0.1:8000/x", "127.0.0.1"),
    ],
)
def test_an_outlet_that_nobody_declared_is_its_registered_domain(url, outlet):
    rules = DomainAddresses.of(url)
    assert rules.outlet == outlet
    assert rules.classify(url).id.startswith(f"{outlet}:")
    assert rules.classify(url).canonical_url.isascii()


def test_one_page_of_any_outlet_has_one_id_and_another_page_another():
    rules = DomainAddresses.of("https://www.news.example/?p=12")
    known = rules.classify("https://www.news.example/?p=12&utm_source=x&fbclid=y#top")
    assert known == rules.classify("http://WWW.news.example/?p=12")
    assert known.id != rules.classify("https://www.news.example/?p=13").id
    assert rules.classify("https://www.news.example/?utm_source=x") is None
    assert rules.classify("https://other.example/?p=12") is None
    assert rules.classify("https://www.news.example/%D8%A3").id == rules.classify("https://www.news.example/%d8%a3/").id


URLS = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["https://", "http://", "HTTPS://", "//", "", "/", "https:", "javascript:", "https:///"]),
        st.sampled_from(["a.example", "a.example:80", "A.example", "أ.example", "u@a.example", "[::1]", "[", ""]),
        st.lists(
            st.sampled_from(
                [
                    *"/?#;:&=%@[]()'~\"\\|^`{} \t\n\r\x00\x1f\u00a0\u2028",
                    "..",
                    ".",
                    "%d8",
                    "أخبار",
                    "a",
                    "A",
                    "1",
                    "\u200f",
                ]
            )
        ).map("".join),
    ),
)


@given(URLS)
@example("https://a.example/b;?c#")
@example("https://a.example/b;c?d;e#f")
@example("https://a.example/../b/./c")
@example("https://a.example?b")
def test_an_address_is_made_absolute_as_the_standard_library_does(href):
    base = "https://www.paper.example/news/1?a=b"
    try:
        wanted = urljoin(base, href)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            absolute_url(base, href)
    else:
        assert absolute_url(base, href) == wanted


@given(URLS)
@example("https://a.example/b?c=d#e")
@example("https://a.example/b?")
def test_an_address_in_ascii_is_as_if_it_were_encoded(url):
    with suppress(ValueError):
        parts = urlsplit(url.strip())
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
        safe = "!#$%&'()*+,/:;=?@[]~"
        wanted = urlunsplit((parts.scheme, host, quote(parts.path, safe=safe), quote(parts.query, safe=safe), ""))
        assert ascii_url(url) == wanted
