"""Markup made small before it is parsed."""

import time
from collections import Counter
from types import SimpleNamespace

import pytest

from crawlers.extraction import html
from crawlers.extraction.html import reduce

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


@pytest.mark.parametrize(
    ("page", "left"),
    [
        (
            "<p>أ</p><!-- <script async src='ads.js'> --><p>ب</p><script>x</script><p>ج</p>",
            "<p>أ</p><!-- <script async src='ads.js'> --><p>ب</p> <p>ج</p>",
        ),
        ("<p>أ</p><!-- <nav> <p>ب</p>", "<p>أ</p><!-- <nav> <p>ب</p>"),
        ('<p title="<script>">أ</p><p>ب</p><script>x</script><p>ج</p>', '<p title="<script>">أ</p><p>ب</p> <p>ج</p>'),
        (
            "<p title='a > b <style>'>أ</p><p>ب</p><style>x</style><p>ج</p>",
            "<p title='a > b <style>'>أ</p><p>ب</p> <p>ج</p>",
        ),
        ("<p>أ</p><svg class=i /><p>ب</p><svg><path/></svg><p>ج</p>", "<p>أ</p> <p>ب</p> <p>ج</p>"),
        ('<script data-a="x>y">z</script><p>أ</p>', " <p>أ</p>"),
        ('<a title="x"">أ</a><script>z</script><p>ب</p>', '<a title="x"">أ</a> <p>ب</p>'),
        ("<script>var a = '<!--';</script><p>أ</p><script>z</script>", " <p>أ</p> "),
        (
            '<p data-h="<b>x</b> <i>y</i> <script>z</script>">أ</p><script>z</script>',
            '<p data-h="<b>x</b> <i>y</i> <script>z</script>">أ</p> ',
        ),
        ("<p title = 'x > y <svg>'>أ</p><svg></svg>", "<p title = 'x > y <svg>'>أ</p> "),
        ('<a href="/?q=">أ</a> "ب" <script>z</script><p>ج</p>', '<a href="/?q=">أ</a> "ب"  <p>ج</p>'),
        ('<p title="<!-- ">أ</p><script>z</script><p>ب</p>', '<p title="<!-- ">أ</p> <p>ب</p>'),
        ('<script src="x">if (a<b) "</scrip"</script><p>أ</p>', " <p>أ</p>"),
        ("<script>" + "a<b;" * 900 + "</script><p>أ</p>", " <p>أ</p>"),
    ],
)
def test_a_tag_in_a_comment_or_an_attribute_is_none(page, left):
    assert reduce(page.encode())[0].decode() == left


LD = '<script type="application/ld+json">{"a": 1}</script>'


@pytest.mark.parametrize(
    ("between", "left", "blocks"),
    [
        ("", "", 0),
        (LD, "", 1),
        (LD.replace("type=", 'data-a=">" type='), "", 1),
        (LD.replace("+", "&#43;"), "", 1),
        ("<script>'<p>' < 1 && '<script>'</script>\n<script src=\"a.js\" async></script>\n", "", 0),
        (f"<script>{'a<b;' * 900}</script>", "", 0),
        ("<!-- <script> --><p>أ</p>", "<!-- <script> --><p>أ</p> ", 0),
        ("<script>", "", 0),
    ],
)
def test_a_script_in_a_row_is_cut_as_one_alone(between, left, blocks):
    row = "<script>x</script>\n<script async>y<1</script>"
    kept, found = reduce(f"<p>قبل</p>{row}{between}{row}<p>بعد</p>".encode())
    assert " ".join(kept.decode().split()) == f"<p>قبل</p> {left}<p>بعد</p>"
    assert len(found) == blocks


def test_scripts_in_a_row_are_sought_once(monkeypatch):
    sought = []
    opening = html._OPEN
    monkeypatch.setattr(
        html, "_OPEN", SimpleNamespace(search=lambda *where: sought.append(where) or opening.search(*where))
    )
    row = '<script>x()</script>\n<script src="a.js" async>if (a<b) {}</script>' * 50
    assert reduce(f"<p>قبل</p>{row}<p>بعد</p>".encode())[0].decode() == "<p>قبل</p> <p>بعد</p>"
    assert len(sought) == 2  # the first, and none behind them


LINKS = '<a href="/x">رابط</a>' * 9
TEXT = "<p>أ</p><p>ب</p><p>ج</p>"
CARDS = '<article><a href="/x">رابط</a><a href="/x">رابط</a></article>' * 4


@pytest.mark.parametrize(
    ("page", "left"),
    [
        (f'<svg class=i><path d="x">{TEXT}', f" {TEXT}"),
        (f"<svg><path>{TEXT}<svg><path/></svg><p>د</p>", f" {TEXT} <p>د</p>"),
        (f"<svg><title><b>س</b></title>{TEXT}</svg>", f" {TEXT}</svg>"),
        (f"<svg><foreignObject><p>س</p></foreignObject><path/></svg>{TEXT}", f" {TEXT}"),
        (f"<noscript><img src=x>{TEXT}", f" <img src=x>{TEXT}"),
        (f"<template>{TEXT}", f" {TEXT}"),
        (f"<nav>{LINKS}{TEXT}", f" {LINKS}{TEXT}"),
        (f"<nav>{LINKS}{TEXT}<footer><nav>{LINKS}</nav>{LINKS}</footer>", f" {LINKS}{TEXT} "),
        (f"<nav>{LINKS}<nav>{LINKS}</nav></nav>{TEXT}", f" </nav>{TEXT}"),
        (f"<aside>{LINKS}<p>س</p></aside>{TEXT}", f" {TEXT}"),
        (f"<aside>{CARDS}</aside>{TEXT}", f" {TEXT}"),
        (f"<aside>{LINKS}{TEXT}", f" {LINKS}{TEXT}"),
        (f"<aside>{LINKS}{TEXT}<aside>{LINKS}</aside>", f" {LINKS}{TEXT} "),
        (f"<aside>{LINKS}<article>{TEXT}</article></aside>", f"<aside>{LINKS}<article>{TEXT}</article></aside>"),
        (f"<aside><img src=x>{TEXT}</aside>", f"<aside><img src=x>{TEXT}</aside>"),
    ],
)
def test_what_is_closed_late_or_never_takes_no_text_with_it(page, left):
    assert reduce(page.encode())[0].decode() == left


@pytest.mark.parametrize("kind", ["application/ld&#x2B;json", "application/ld&#43;json", "application/ld&plus;json"])
def test_json_ld_whose_type_is_written_with_an_entity(kind):
    assert reduce(f"<script type='{kind}'>{{}}</script>".encode())[1] == ["{}"]


def test_what_is_cut_of_a_plain_page_takes_no_second_look(monkeypatch):
    looks = Counter()

    def counted(name):
        look = getattr(html._Cutter, name)

        def wrapper(self, *args, **kwargs):
            looks[name] += 1
            return look(self, *args, **kwargs)

        return wrapper

    for name in ("_is_walked_over", "_end", "_tag", "_stays"):
        monkeypatch.setattr(html._Cutter, name, counted(name))
    script = '<script type="text/javascript" async>for (i=0;i<9;i++) {}</script><script src="a.js"></script>'
    drawing = '<svg viewBox="0 0 1 1"><path d="M1 1"/></svg>'
    piece = f'{script}<style>p {{}}</style>{drawing}<p class="x"><a href="/?a=b">أ</a> "ب"</p><!-- <nav> -->'
    assert reduce((piece * 50 + f"<nav>{LINKS}</nav>").encode())[0].decode().count("<p") == 50
    assert looks == {"_end": 1, "_stays": 1}  # of the menu


def test_hostile_quotes_cost_no_more_than_their_length():
    start = time.process_time()
    for piece in (
        b'<a b="',
        b"<a b='<",
        b"<!--",
        b'<svg a="<svg ',
        b"<svg>",
        b"<svg><title>",
        b"<nav><p>",
        b'<p ="<script>',
    ):
        reduce(piece * 200_000)
    assert time.process_time() - start < 10
