"""The id of an article whose address has no number: the one that its page or its feed states, else a hash of the address that the page gives itself."""

from datetime import UTC, datetime

import pytest

from crawlers.addresses import AddressRules, Announcement, DomainAddresses
from crawlers.extraction import ExtractionRules, Page, read
from crawlers.extraction.rules import reading_of_any

FIRST, SECOND, OTHER = (f"https://news.example/{section}/الميناء-الجديد" for section in ("news", "economy", "sport"))
ADDRESSES = AddressRules(outlet="one", hosts=("news.example",), kinds={"article": r"^/[a-z]+/[^/]*[ء-ي]"})
READING = ExtractionRules(number=1, zone="Asia/Qatar", names=("الجريدة",), body=("div.text",))
LINES = "".join(
    f"<p>قال مدير الميناء في تقريره رقم {n} إن السفن الكبيرة ستدخل من القناة الجديدة.</p>" for n in range(4)
)
BY_ADDRESS = {url: ADDRESSES.classify(url).id for url in (FIRST, SECOND, OTHER)}


def feed_item(guid):
    return Announcement(kind="feed", source="https://news.example/rss.xml", url=FIRST, guid=guid)


def id_of(url, head="", inside="", classes="", **page):
    markup = f'<html lang="ar"><head><title>افتتاح الميناء</title>{head}</head><body class="{classes}"><h1>افتتاح الميناء الجديد</h1><div class="text">{LINES}</div>{inside}'
    captured = datetime(2026, 11, 29, tzinfo=UTC)
    return read(Page(url=url, captured=captured, body=markup.encode(), **page), reading=READING, addresses=ADDRESSES).id


@pytest.mark.parametrize(
    "parts",
    [
        {"head": '<link rel="shortlink" href="https://news.example/node/14405">'},
        {"head": '<link rel="shortlink" href="/node/14405">'},
        {"head": "<link rel=shortlink href='https://news.example/?p=14405'>"},
        {"classes": "single single-post postid-14405 single-format-standard"},
        {"classes": "html not-front page-node page-node- page-node-14405 node-type-news"},
        {"inside": '<article data-history-node-id="14405"></article>'},
        {
            "inside": '<article data-history-node-id="14405" class="node node--view-mode-full"></article><div data-history-node-id="99">آخر</div>'
        },
        {"announcement": feed_item("14405ab-cd-14405-ef-gh-14405")},
        {"announcement": feed_item("14405 at https://news.example")},
        {"announcement": feed_item("https://news.example/?p=14405")},
    ],
)
def test_the_number_that_drupal_or_wordpress_states_is_the_id(parts):
    assert id_of(FIRST, **parts) == id_of(SECOND, **parts) == "one:14405"


@pytest.mark.parametrize(
    "parts",
    [
        {"inside": '<div data-history-node-id="98">خبر</div><div data-history-node-id="99">آخر</div>'},
        {"announcement": feed_item("https://news.example/2024/07/18/port")},
        {"announcement": feed_item("https://news.example/?t=1785233700")},
        {"classes": "page-2024 theme-12345"},
        {"head": '<link rel="shortlink" href="https://x2024.example/abc">'},
    ],
)
def test_other_numbers_are_none(parts):
    assert id_of(FIRST, **parts) == BY_ADDRESS[FIRST]


def canonical(url):
    return f'<link rel="canonical" href="{url}">'


@pytest.mark.parametrize(
    ("head", "own"),
    [
        (canonical(SECOND), SECOND),
        (canonical(SECOND) + f'<meta property="og:url" content="{SECOND}">', SECOND),
        (canonical(SECOND) + f'<meta property="og:url" content="{FIRST}">', FIRST),
        (canonical(SECOND) + f'<meta property="og:url" content="{OTHER}">', FIRST),
        (canonical("https://news.example/news"), FIRST),
        (canonical("https://elsewhere.example/news/الميناء"), FIRST),
        (canonical(FIRST + "?utm_source=x"), FIRST),
    ],
    ids=[
        "canonical",
        "both",
        "og:url of the page",
        "two others",
        "a section",
        "another outlet",
        "its own with a query",
    ],
)
def test_without_a_number_the_address_that_the_page_gives_itself_counts(head, own):
    assert id_of(FIRST, head) == BY_ADDRESS[own]


def test_an_outlet_that_nobody_declared_keeps_the_hash_of_an_address():
    addresses, reading = DomainAddresses.of(FIRST), reading_of_any("news.example", "Asia/Qatar")
    markup = f'<html lang="ar"><head><title>افتتاح الميناء الجديد في المدينة</title></head><body class="postid-14405"><h1>افتتاح الميناء الجديد في المدينة</h1>{LINES}'
    page = Page(url=FIRST, captured=datetime(2026, 11, 29, tzinfo=UTC), body=markup.encode())
    assert read(page, reading=reading, addresses=addresses).id == addresses.classify(FIRST).id


@pytest.mark.parametrize(
    ("href", "aliases"),
    [
        ("https://news.example/?p=14405", ["https://news.example/?p=14405"]),
        ("/node/14405", ["https://news.example/node/14405"]),
        ("https://wp.me/pabc-12", ["https://wp.me/pabc-12"]),
        ("https://news.example/", []),
        ("javascript:void(0)", []),
        ("http://[::1", []),
    ],
)
def test_short_links_that_a_page_names_are_its_aliases(href, aliases):
    addresses, reading = DomainAddresses.of(FIRST), reading_of_any("news.example", "Asia/Qatar")
    markup = f'<html lang="ar"><head><title>افتتاح الميناء الجديد في المدينة</title><link rel="shortlink" href="{href}"></head><body><h1>افتتاح الميناء الجديد في المدينة</h1>{LINES}'
    page = Page(url=FIRST, captured=datetime(2026, 11, 29, tzinfo=UTC), body=markup.encode())
    assert read(page, reading=reading, addresses=addresses).aliases == aliases
