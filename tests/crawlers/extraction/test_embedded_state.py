"""The state that a page hands to the browser: what it holds of the article, and what becomes of one that cannot be read."""

import base64
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.article import Entry
from crawlers.extraction import Page
from crawlers.extraction.article import read_and_judge
from spiders.aljazeera import AljazeeraSpider
from tests.stopwatch import takes_under

REAL = Path(__file__).parents[4] / "shared/pages/aljazeera/liveblog-9578078-2026-07-28.with-state.html"
URL = "https://www.aljazeera.net/news/liveblog/2026/7/28/%D8%AA%D8%BA%D8%B7%D9%8A%D8%A9"
FIRST = "في اليوم الأول من التغطية المباشرة للمؤتمر المنعقد في العاصمة:"
POINTS = [f"وقال المتحدث رقم {n} إن الاتفاق سيوقع قبل نهاية الأسبوع المقبل." for n in range(1, 4)]
POST = {
    "content": f"<p>{FIRST}</p><ul>{''.join(f'<li>{point}</li>' for point in POINTS)}</ul>",
    "date": "2026-07-27T21:02:32",
    "modified_gmt": "2026-07-28T10:19:02",
    "children": [11, 12, 13],
    "featuredImage": {"__ref": "Media:/a.jpg"},
    "source": [{"name": "الجزيرة + رويترز"}],
}
MEDIA = {"credit": "الفرنسية", "caption": "وصف الصورة (الفرنسية)", "sourceUrl": "/wp-content/uploads/a.jpg"}
UPDATE = {"id": "12", "publishedTime": "1785233700", "embeds": []}
STATE = {
    "Post:7": POST,
    "ChildMeta:12": UPDATE,
    "ChildMeta:13": 5,
    "Post:8": {**POST, "content": "<p>مقال آخر</p>"},
    "Media:/a.jpg": MEDIA,
}


def packed(state):
    return base64.b64encode(json.dumps(state).encode())


def page(state, url=URL, kind="liveblog"):
    """Return a page that shows the first line alone, and hands ``state`` (bytes, None for no state) to the browser."""
    script = b"" if state is None else b'<script>window.__APOLLO_STATE__="%b";</script>' % state
    body = f'<main><h1>تغطية مباشرة للمؤتمر</h1><div class="wysiwyg wysiwyg--all-content"><p>{FIRST}</p></div></main>'
    head = f'<meta name="postID" content="7"><meta name="contentType" content="{kind}">'
    markup = f'<html lang="ar"><head>{head}</head><body>{body}'.encode() + script + b"</body></html>"
    return Page(url=url, captured=datetime(2026, 7, 28, 11, tzinfo=UTC), body=markup)


def read(*words, **named):
    return read_and_judge(page(*words, **named), reading=AljazeeraSpider.reading, addresses=AljazeeraSpider.addresses)


def test_the_post_of_the_state_is_read_whole():
    article = read(packed(STATE))
    assert article.text.split("\n") == [FIRST, *POINTS]
    assert article.provenance["text"] == article.provenance["published"] == "embedded-json"
    assert article.published == datetime(2026, 7, 27, 21, 2, 32, tzinfo=UTC)
    assert article.modified == datetime(2026, 7, 28, 10, 19, 2, tzinfo=UTC)
    (image,) = article.images
    assert (image.url, image.caption, image.credit) == (
        "https://www.aljazeera.net/wp-content/uploads/a.jpg",
        "وصف الصورة",
        "الفرنسية",
    )
    assert article.agencies == ["reuters"]
    assert {"updates-not-captured", "updates-not-captured-3"} <= set(article.flags)
    assert article.entries == [
        Entry(id="11"),
        Entry(id="12", published=datetime(2026, 7, 28, 10, 15, tzinfo=UTC)),
        Entry(id="13"),
    ]


@pytest.mark.parametrize(
    "written",
    [
        "window.__APOLLO_STATE__ = '{base}'",
        'window["__APOLLO_STATE__"]="{base}"',
        'window.__APOLLO_STATE__="{bare}"',
        'window.__APOLLO_STATE__="{slashes}"',
        "window.__APOLLO_STATE__={plain};window.x=1",
        "window.__APOLLO_STATE__=JSON.parse({quoted})",
    ],
)
def test_a_state_is_read_in_whichever_form_it_is_handed_over(written):
    base, plain = packed(STATE).decode(), json.dumps(STATE, ensure_ascii=False)
    forms = {"bare": base.rstrip("="), "slashes": base.replace("/", "\\/"), "plain": plain, "quoted": json.dumps(plain)}
    script = re.sub(r"\{(\w+)\}", lambda name: {**forms, "base": base}[name[1]], written)
    shown = page(None)
    whole = replace(shown, body=shown.body.replace(b"</body>", f"<script>{script}</script></body>".encode()))
    article = read_and_judge(whole, reading=AljazeeraSpider.reading, addresses=AljazeeraSpider.addresses)
    assert article.text.split("\n") == [FIRST, *POINTS]
    assert article.images[0].credit == "الفرنسية"


def test_the_outlet_s_note_of_a_correction_is_flagged():
    assert (
        "correction" in read(packed({"Post:7": {**POST, "correctionText": "صححنا في نسخة سابقة اسم المدينة."}})).flags
    )
    assert "correction" not in read(packed({"Post:7": {**POST, "correctionText": None}})).flags


def test_a_headline_that_replaces_another_counts_where_the_page_shows_none():
    shown = page(packed({"Post:7": {**POST, "replacementHeadline": "عنوان جديد للخبر"}}))
    shown = replace(shown, body=shown.body.replace(b"<h1>", b'<h1 class="compact-featured-area__title">'))
    bare = replace(shown, body=re.sub(rb"<h1.*?</h1>", b"", shown.body))
    for each, headline in ((shown, "تغطية مباشرة للمؤتمر"), (bare, "عنوان جديد للخبر")):
        article = read_and_judge(each, reading=AljazeeraSpider.reading, addresses=AljazeeraSpider.addresses)
        assert article.headline == headline


def test_what_the_page_shows_whole_is_read_from_the_page():
    article = read(packed({"Post:7": {**POST, "content": f"<p>{FIRST}</p>", "children": []}}))
    assert (article.text, article.provenance["text"]) == (FIRST, "selector")
    assert not any(flag.startswith("updates") for flag in article.flags)


@pytest.mark.parametrize(
    "state",
    [
        b"*** no base64 ***",
        base64.b64encode(b"no JSON"),
        packed([1, 2]),
        base64.b64encode(b"[" * 1_000_000),
        base64.b64encode(b'{"a":' * 300_000),
        b"QUFB" * 2_000_000,
        base64.b64encode(b'{"a": "\xff\xfe\x00"}'),
    ],
    ids=["letters", "text", "list", "deep", "deep-objects", "eight-megabytes", "charset"],
)
def test_a_state_that_cannot_be_read_is_named_and_the_page_is_read_without_it(state):
    found = []
    assert takes_under(2, lambda: found.append(read(state)))
    article = found[-1]
    assert article.text == FIRST
    assert "embedded-unreadable" in article.flags


@pytest.mark.parametrize(
    "state",
    [None, packed({"Post:9": POST}), packed({"Post:7": None}), packed({"Post:7": {"content": 5, "children": 3}})],
)
def test_a_state_without_the_post_says_nothing(state):
    article = read(state)
    assert article.text == FIRST
    assert "embedded-unreadable" not in article.flags


@pytest.mark.skipif(not REAL.is_file(), reason="the saved pages of real outlets are not here")
def test_the_real_live_blog_is_read_whole():
    real = Page(url=URL, captured=datetime(2026, 7, 28, 11, tzinfo=UTC), body=REAL.read_bytes())
    article = read_and_judge(real, reading=AljazeeraSpider.reading, addresses=AljazeeraSpider.addresses)
    assert len(article.text.split()) == 224
    assert article.aliases == ["https://aja.ws/r8d0xl", "https://aja.ws/xatf5a"]
    assert "updates-not-captured-39" in article.flags
    first, *others = article.entries
    assert (first.id, first.published, first.text) == ("9579526", datetime(2026, 7, 28, 10, 15, tzinfo=UTC), None)
    assert len(others) == 38
    assert article.published == datetime(2026, 7, 27, 21, 2, 32, tzinfo=UTC)
