"""Live blogs: their entries, as each outlet that runs them shows them, and what a later version says of them."""

import copy
import json
from datetime import UTC, date, datetime

import pytest

from archive.article import Article, Entry, format_time
from archive.cli.read import _as_text as diff_of
from archive.cli.read import as_text
from archive.diff import compare_entries
from archive.export.formats import newsarticle_of
from crawlers.addresses import DomainAddresses
from crawlers.extraction import Page
from crawlers.extraction.article import read_and_judge
from crawlers.extraction.rules import reading_of_any
from pipelines.versions import Earlier, number
from tests.outlets.cases import spider_of
from tests.replica.newsroom import Newsroom
from tests.replica.piece import Block
from tests.replica.replica import SITES
from tests.replica.wire.message import Request

UNTIL = date(2026, 5, 20)
CAPTURED = datetime(2026, 5, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def blogs():
    """Every live blog of the replica, by outlet, with the pieces that stand around it."""
    pieces = Newsroom(7, UNTIL, 10).pieces
    return {name: ([piece for piece in mine if piece.kind == "live"], mine[:9]) for name, mine in pieces.items()}


def read(piece, others):
    make = next(make for make in SITES if make.name == piece.outlet)
    host, _, target = piece.url.removeprefix("https://").partition("/")
    body = make([*others, piece], UNTIL, []).answer(Request("GET", f"/{target}", host, {}, secure=True)).body
    spider = spider_of(piece.outlet)
    page = Page(url=piece.url, captured=CAPTURED, body=body)
    return read_and_judge(page, reading=spider.reading, addresses=spider.addresses)


def shown(article):
    return [{"published": e.published and format_time(e.published), "text": e.text} for e in article.entries]


def test_the_entries_of_each_outlet_that_runs_live_blogs(blogs):
    assert [name for name, (live, _) in blogs.items() if live] == ["alaraby", "aljazeera", "skynewsarabia"]
    for piece, others in ((piece, others) for live, others in blogs.values() for piece in live):
        article = read(piece, others)
        assert len(piece.entries) == 6
        assert shown(article) == piece.entries, piece.id
        assert len({entry.id for entry in article.entries}) == 6
        assert article.text == piece.text
        assert {"entries", "text"} <= set(article.provenance)
        assert Article.from_line(article.to_line()).entries == article.entries
        posting = newsarticle_of(article)
        assert posting["@type"] == ["NewsArticle", "LiveBlogPosting"]
        assert [update["articleBody"] for update in posting["liveBlogUpdate"]] == [
            entry["text"] for entry in piece.entries
        ]
        printed = " ".join(as_text(article, marked=False).split())
        assert all(" ".join(line.split()) in printed for line in piece.text.split("\n"))
        timed = sum(entry.published is not None for entry in article.entries)
        assert printed.count(f" {article.zone}") == 1 + timed  # under the headline, and over each entry that has a time


@pytest.mark.parametrize("outlet", ["alaraby", "aljazeera", "skynewsarabia"])
def test_a_version_tells_which_entries_came_went_and_changed(blogs, outlet):
    (piece, *_), others = blogs[outlet]
    before = read(piece, others)
    later = copy.deepcopy(piece)
    opening, entries = later.body[:1], later.body[1:-2]
    entries[3] = Block("p", f"{entries[3].text} وأكد المتحدث ذلك لاحقا.")
    later.body = [*opening, Block("h", "تحديث أخير"), Block("p", "وصل الوفد إلى مقر المحادثات قبل قليل."), *entries]
    after = read(later, others)
    assert number(after, Earlier.of(before))
    changes = after.changes.entries
    assert changes.came == [after.entries[0].id]
    assert changes.changed == [before.entries[1].id] == [after.entries[2].id]
    assert changes.went == [before.entries[-1].id]
    assert not number(copy.deepcopy(after), Earlier.of(after))
    lines = list(diff_of(before, after))
    at = lines.index("entries")
    assert [line.split("  ")[:2] for line in lines[at + 1 :]] == [
        ["came", changes.came[0]],
        ["changed", changes.changed[0]],
        ["went", changes.went[0]],
    ]


def test_entries_that_are_only_named_make_a_version_and_never_one_against_a_line_without_entries(blogs):
    (piece, *_), others = blogs["skynewsarabia"]
    one = read(piece, others)
    one.entries = [Entry(id="9579426")]
    two = copy.deepcopy(one)
    two.entries = [Entry(id="9579526", published=CAPTURED), *one.entries]
    assert number(two, Earlier.of(one))
    assert (two.changes.entries.came, two.changes.words_added, two.changes.silent) == (["9579526"], 0, False)
    one.entries = []  # as lines were before there were entries
    assert not number(two, Earlier.of(one))
    assert (
        compare_entries([Entry(id="1", text="نص")], [Entry(id="1")]) is None
    )  # the page no longer carries it: no change


def page_of(*updates):
    node = {
        "@type": "LiveBlogPosting",
        "headline": "مباشر: مؤتمر باريس",
        "datePublished": "2026-05-20T08:00:00Z",
        "liveBlogUpdate": list(updates),
    }
    body = "".join(f"<p>{update.get('articleBody', '')}</p>" for update in updates if isinstance(update, dict))
    return (
        f'<html lang="ar"><head><script type="application/ld+json">{json.dumps(node)}</script></head><body><main>'
        f"<h1>مباشر: مؤتمر باريس</h1><div class='live'>{body}</div></main></body></html>"
    ).encode()


def test_the_standard_vocabulary_is_read_of_any_outlet():
    texts = [f"وقال المشارك رقم {n} في المؤتمر إن الاتفاق سيوقع قبل نهاية الأسبوع المقبل." for n in range(3)]
    body = page_of(
        {
            "@id": "https://b.example/live#post-771201",
            "datePublished": "2026-05-20T11:05:00+03:00",
            "articleBody": texts[0],
        },
        {"headline": "عاجل", "articleBody": texts[1]},
        {"headline": "عاجل", "articleBody": texts[2]},
        {"headline": "ما لا نص له", "datePublished": "2026-05-20"},
        5,
    )
    url = "https://b.example/news/paris-2026"
    page = Page(url=url, captured=CAPTURED, body=body)
    article = read_and_judge(page, reading=reading_of_any("b.example", "UTC"), addresses=DomainAddresses.of(url))
    assert article.kind == "live"
    assert [entry.text for entry in article.entries] == [
        texts[0],
        f"عاجل\n{texts[1]}",
        f"عاجل\n{texts[2]}",
        "ما لا نص له",
    ]
    assert article.entries[0] == Entry(id="771201", published=datetime(2026, 5, 20, 8, 5, tzinfo=UTC), text=texts[0])
    assert {entry.published for entry in article.entries[1:]} == {None}
    assert len({entry.id for entry in article.entries}) == 4
    assert article.provenance["entries"] == "json-ld"


SENTENCES = [f"وقال المشارك رقم {n} في المؤتمر إن الاتفاق سيوقع قبل نهاية الأسبوع المقبل." for n in range(4)]


def read_any(body):
    url = "https://b.example/news/paris-2026"
    page = Page(url=url, captured=CAPTURED, body=body)
    return read_and_judge(page, reading=reading_of_any("b.example", "UTC"), addresses=DomainAddresses.of(url))


@pytest.mark.parametrize(
    "update",
    [
        lambda text: {"articleBody": f"<p>{text}</p><p>ثم <b>انصرفوا</b>.</p>"},
        lambda text: {"articleBody": f"&lt;p&gt;{text}&lt;/p&gt;&lt;p&gt;ثم انصرفوا.&lt;/p&gt;"},
        lambda text: {"text": f"{text}\nثم انصرفوا."},
        lambda text: {"articleBody": None, "description": f"{text}\r\nثم انصرفوا."},
    ],
)
def test_an_entry_of_the_vocabulary_is_its_words_however_it_holds_them(update):
    page = page_of(*({"articleBody": text} for text in SENTENCES))
    own = json.dumps([{"articleBody": text} for text in SENTENCES])
    assert own.encode() in page
    article = read_any(page.replace(own.encode(), json.dumps([update(text) for text in SENTENCES]).encode()))
    assert [entry.text for entry in article.entries] == [f"{text}\nثم انصرفوا." for text in SENTENCES]


def test_a_live_list_of_amp():
    items = "".join(
        f'<div id="post-77120{n}" data-sort-time="{1779264000 + n}"><p>{text}</p></div>'
        for n, text in enumerate(SENTENCES)
    )
    plain = page_of().replace(
        b"<div class='live'>", f"<amp-live-list><div items>{items}</div></amp-live-list><div>".encode()
    )
    entries = read_any(plain).entries
    assert [(entry.id, entry.text) for entry in entries] == [(f"77120{n}", text) for n, text in enumerate(SENTENCES)]
    assert entries[0].published == datetime(2026, 5, 20, 8, tzinfo=UTC)


def test_an_entry_without_number_is_itself_under_another_id():
    """Its time names it until a second one comes in that minute, or the outlet corrects it."""

    def blog(*updates):
        timed = ({"datePublished": f"2026-05-20T{at}:00Z", "articleBody": text} for at, text in updates)
        return read_any(page_of(*timed))

    one, two, three, four = SENTENCES
    before = blog(("10:05", one), ("10:07", two), ("10:09", three))
    after = blog(("10:05", four), ("10:05", one), ("10:08", two), ("10:09", three))
    assert number(after, Earlier.of(before))
    assert (after.changes.entries.came, after.changes.entries.went) == ([after.entries[0].id], [])
    assert not number(blog(("10:05", one), ("10:08", two), ("10:09", three)), Earlier.of(before))
