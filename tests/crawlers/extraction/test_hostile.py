"""Whatever a server sends: an article or a named refusal, within two seconds and bounded memory."""

import random
from collections import Counter
from contextlib import suppress
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlers.extraction import ExtractionError, html
from tests.crawlers.extraction.pages import HEADLINE, PARAGRAPHS, read_page, story
from tests.outlets.cases import all_cases, spider_of
from tests.stopwatch import takes_under

SECONDS = 2.0
P = "".join(f"<p>{line}</p>" for line in PARAGRAPHS)
H = f"<html><body><h1>{HEADLINE}</h1>"
MONSTERS = {
    "five megabytes": H + "<main>" + "".join(f"<p>{n} {PARAGRAPHS[n % 3]}</p>" for n in range(27_000)) + "</main>",
    "one paragraph of five megabytes": H + "<p>" + "كلمة " * 600_000 + "</p>",
    "nested ten thousand deep": H + "<div>" * 10_000 + P + "</div>" * 10_000,
    "nested with text at every level": H + ("<div>" + P) * 2000,
    "inline nesting": H + "<b><i><p>" * 10_000 + P,
    "nested lists": H + "<ul><li>نص بند من القائمة الطويلة جدا في هذا المقال" * 5000,
    "fifty thousand links": H + "<main>" + "".join(f'<a href="/x{n}">رابط {n}</a>' for n in range(50_000)) + P,
    "fifty thousand junk items": H
    + "<main>"
    + "<li class='related'><a href='/x'>رابط في القائمة</a></li>" * 50_000
    + P,
    "a hundred thousand attributes": "<html><body " + " ".join(f'a{n}="x"' for n in range(100_000)) + ">" + H + P,
    "a class of a megabyte": H + '<div class="' + "ad-" * 400_000 + '">' + P + "</div>",
    "unclosed menus": "<html><body>" + "<nav>" * 20_000 + H + P,
    "unclosed comments": H + "<!-- x" * 100_000 + P,
    "nothing but angle brackets": "<" * 1_000_000,
    "nothing but ampersands": "&" * 1_000_000,
    "entities of entities": H + "<p>" + "&amp;amp;amp;quot;" * 200_000 + "</p>" + P,
    "deep JSON-LD": f'<html><head><script type="application/ld+json">{"[" * 100_000}</script></head>' + H + P,
    "long JSON-LD": '<html><head><script type="application/ld+json">{"@type":"NewsArticle","headline":"'
    + "x" * 3_000_000
    + '"}</script></head>'
    + H
    + P,
    "a title of bars": "<html><head><title>" + "أ | " * 100_000 + "</title></head>" + H + P,
    "brackets": H + "<p>" + "(" * 300_000 + "</p>" + P,
    "a date of slashes": H + "<time>" + "1/" * 200_000 + "</time>" + P,
    "thirty megabytes": H + P * 60_000,
    "a million line breaks": H + P + "<br>" * 1_000_000,
    "a million elements": H + "<p>ا" * 1_000_000 + P,
    "three hundred thousand pictures": H + "<div>" + P + '<img src="/a.jpg">' * 300_000,
    "two hundred thousand dialogs": H + P + '<div class="modal"><p>نص قصير</p></div>' * 100_000,
    "cards without end": H
    + f'<div><h3><a href="/x">عنوان خبر آخر في القسم</a></h3><p>{PARAGRAPHS[0]}</p></div>' * 20_000,
    "scripts in comments": H + "<!-- <script> -->" * 200_000 + P,
    "scripts in attributes": H + '<p title="<script>">' * 200_000 + P,
    "quotes that never end": H + '<p title="<script>' * 200_000 + P,
    "a graph of references": '<script type="application/ld+json">{"@graph": ['
    + ",".join(f'{{"@type": "Thing", "@id": "{n}", "x": {{"@id": "{n + 1}"}}}}' for n in range(15_000))
    + "]}</script>"
    + H
    + P,
    "quotes without stops": H + "".join(f"<p>قال مدير الميناء إن الفرق {n} انتهت من العمل</p>" for n in range(30_000)),
}


@pytest.mark.parametrize("name", MONSTERS)
def test_monster_is_bounded(name):
    body = MONSTERS[name].encode()

    def read_it():
        with suppress(ExtractionError):
            assert read_page(body).headline

    assert takes_under(SECONDS, read_it)


UNCLOSED = {
    "in one spelling": ["script"] * 50_000,
    "in every spelling": ["".join(letters) for letters in product(*((letter, letter.upper()) for letter in "noscript"))]
    * 3,
}


@pytest.mark.parametrize("names", UNCLOSED.values(), ids=UNCLOSED)
def test_scripts_that_never_end_cost_one_search_for_each_spelling_that_counts(names, monkeypatch):
    searches, search = [], html._find_closing

    def counted(markup, name, start):
        searches.append(name)
        return search(markup, name, start)

    monkeypatch.setattr(html, "_find_closing", counted)
    with suppress(ExtractionError):
        read_page(H + "".join(f"<{name}>" for name in names) + P)
    sought = Counter(searches)
    assert sought.keys() <= {names[0].lower().encode(), names[0].upper().encode()}
    assert set(sought.values()) == {1}


def test_nul_bytes():
    assert read_page(story().replace("<p>", "<p>\0\0")).text == "\n".join(PARAGRAPHS)


def test_bidi_controls_and_invisible_marks():
    markup = story().replace("الميناء", "\u202bالميناء\u202c\u200f\u2066\u2069\ufeff")
    assert read_page(markup).text == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize("case", [case for case in all_cases() if case.body], ids=lambda case: case.id)
def test_golden_page_cut_anywhere(case):
    spider, page = spider_of(case.outlet), case.page()
    for share in (0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
        try:
            article = read_page(
                case.body[: int(len(case.body) * share)],
                url=page.url,
                captured=page.captured,
                reading=spider.reading,
                addresses=spider.addresses,
            )
        except ExtractionError:
            continue
        assert article.headline
        assert article.text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=3000))
def test_random_bytes(body):
    with pytest.raises(ExtractionError):
        read_page(body)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**9), st.integers(1, 300))
def test_mutated_page(seed, count):
    rng = random.Random(seed)
    body = bytearray(story(head='<meta name="contentType" content="liveblog">').encode())
    for _ in range(count):
        body[rng.randrange(len(body))] = rng.randrange(256)
    try:
        article = read_page(bytes(body))
    except ExtractionError:
        return
    assert article.to_line()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=200), max_size=12), st.text(max_size=80))
def test_any_text_in_the_paragraphs(lines, headline):
    escaped = [f"<p>{line.replace('&', '&amp;').replace('<', '&lt;')}</p>" for line in lines]
    markup = story(*escaped, *PARAGRAPHS, headline=headline.replace("&", "&amp;").replace("<", "&lt;"))
    try:
        article = read_page(markup.encode("utf-8", "replace"))
    except ExtractionError:
        return
    assert PARAGRAPHS[1] in article.text
    assert "\0" not in article.to_line()
