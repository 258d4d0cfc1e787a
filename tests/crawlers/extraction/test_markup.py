"""Markup made small before it is parsed."""

import pytest

from crawlers.extraction.markup import reduce

ATTRIBUTES = b" ".join(b"a%d=1" % number for number in range(5001))  # 38 KB


@pytest.mark.parametrize("before", [0, 1, 9_999, 10_000, 10_001, 19_999, 20_000, 123_456])
@pytest.mark.parametrize("after", [0, 1, 9_999, 10_000, 30_000])
def test_a_tag_of_thousands_of_attributes_is_emptied_wherever_it_stands(before, after):
    around = b"<p>" + b"x" * before, b"y" * after + b"</p>"
    assert reduce(around[0] + b"<div " + ATTRIBUTES + b">" + around[1])[0] == around[0] + b"<div >" + around[1]


@pytest.mark.parametrize("name", ["script", "style", "svg", "noscript", "template"])
@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_what_never_holds_text_is_cut_however_it_is_written(name, case):
    written = case(name)
    page = f"<p>قبل</p><{written} a=1>وسط</{written}><p>بعد</p><scripted>نص</scripted>".encode()
    assert reduce(page)[0].decode() == "<p>قبل</p> <p>بعد</p><scripted>نص</scripted>"


def test_a_script_in_capitals_ends_where_it_ends_and_not_with_the_next_one():
    page = "<SCRIPT>ads()</SCRIPT><p>نص</p><script>x()</script><p>آخر</p><Style>p{}</STYLE><p>ختام</p>"
    assert reduce(page.encode())[0].decode() == " <p>نص</p> <p>آخر</p> <p>ختام</p>"


def test_json_ld_is_kept_aside():
    page = '<script type="application/ld+json">{"@type": "NewsArticle"}</script><p>نص</p>'.encode()
    assert reduce(page) == (" <p>نص</p>".encode(), ['{"@type": "NewsArticle"}'])


@pytest.mark.parametrize("kind", ["application/ld+json", "APPLICATION/LD+JSON"])
def test_json_ld_in_a_footer_is_kept_aside(kind):
    block = f'<script type="{kind}">{{"@type": "NewsArticle"}}</script>'
    page = "<p>نص</p><footer>" + '<a href="/x">رابط</a>' * 9 + block + "</footer>"
    assert reduce(page.encode()) == ("<p>نص</p> ".encode(), ['{"@type": "NewsArticle"}'])
