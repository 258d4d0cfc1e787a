"""What a page needs to look like itself: as Chromium chooses among the pictures of a srcset, and what a style sheet asks for."""

import os

import pytest

from crawlers.extraction.pictures import page_needs, style_needs
from tests.screens import CHROMIUM, chromium

BASE = "https://a.example/news/1"
PICTURES = [
    '<img src="/plain.png">',
    '<img src="/1x.png" srcset="/2x.png 2x, /3x.png 3x">',
    '<img srcset="/b2.png 2x, /b15.png 1.5x">',
    '<img src="/c.png" srcset="/c100.png 100w, /c600.png 600w, /c1400.png 1400w, /c2000.png 2000w">',
    '<img src="/d.png" srcset="/d100.png 100w, /d600.png 600w, /d1400.png 1400w" sizes="(max-width: 600px) 100vw, 320px">',
    '<img src="/e.png" srcset="/e100.png 100w, /e600.png 600w, /e1400.png 1400w" sizes="(min-width: 80em) 50vw, 100px">',
    '<img src="/f.png" srcset="/f100.png 100w, /f600.png 600w" sizes="(min-width: 81em) 90vw, 5rem">',
    '<img src="/g.png" srcset="/g,w_100.png 100w,/g,w_900.png 900w" sizes="50vw">',
    '<picture><source media="(max-width: 700px)" srcset="/h-small.png"><source media="(min-width: 701px)" srcset="/h-wide.png 1x, /h-wide2.png 2x"><img src="/h.png"></picture>',
    '<picture><source type="image/jp2" srcset="/i.jp2"><source type="image/webp" srcset="/i.webp"><img src="/i.png"></picture>',
    '<picture><source media="print" srcset="/j-print.png"><img src="/j.png" srcset="/j640.png 640w, /j1280.png 1280w"></picture>',
    '<img src="/k.png" srcset="">',
    '<img srcset="/l300.png 300w, /l400.png 400w" sizes="1000px">',
]


@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine")
def test_of_a_srcset_the_one_that_chromium_takes():
    markup = f"<!doctype html><base href='{BASE}'><body>{''.join(PICTURES)}"
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.route("**/*", lambda route: route.abort())
        page.set_content(markup)
        theirs = page.evaluate("[...document.images].map(image => image.currentSrc)")
    assert len(theirs) == len(PICTURES)
    assert [next(iter(page_needs(picture.encode(), BASE))) for picture in PICTURES] == theirs


def test_a_page_asks_for_what_it_shows_and_for_no_film():
    markup = """<html><head><base href="/files/"><link rel="stylesheet alternate" href="other.css"><link rel="Stylesheet" href="site.css">
      <link rel="shortcut icon" href="/icon.png"><link rel="preload" as="font" href="font.woff2"><link rel="preload" as="script" href="a.js">
      <style>@import url("more.css"); .x { background: url(x.png) }</style></head><body background="/wall.png">
      <div style="background-image: url('y.png'), URL( z.png )"></div><noscript><img src="never.png"></noscript>
      <video src="a.mp4" poster="poster.jpg"></video><audio src="a.mp3"></audio><img src="film.mp4"><img src="data:image/png;base64,AA">
      <svg><image href="drawn.png"/><use xlink:href="icons.svg#search"/><use href="#here"/></svg><input type="image" src="button.png"><script src="b.js"></script><iframe src="c.html"></iframe>
      <a href="d.png"></a><img src="http://[broken"><img src="javascript:1"></body></html>"""
    needs = page_needs(markup.encode(), "https://a.example/news/1?x=2")
    root = "https://a.example"
    assert needs == {
        f"{root}/files/site.css": "style",
        f"{root}/icon.png": "picture",
        f"{root}/files/font.woff2": "font",
        f"{root}/files/more.css": "style",
        f"{root}/files/x.png": "picture",
        f"{root}/wall.png": "picture",
        f"{root}/files/y.png": "picture",
        f"{root}/files/z.png": "picture",
        f"{root}/files/poster.jpg": "picture",
        f"{root}/files/drawn.png": "picture",
        f"{root}/files/icons.svg": "picture",
        f"{root}/files/button.png": "picture",
    }
    assert page_needs(b"", BASE) == page_needs(b"\x00\xff<", BASE) == {}


def test_of_a_font_the_first_file_that_a_browser_reads_and_nothing_of_a_comment():
    text = """@charset "utf-8"; @import 'a.css' screen; @import url(b.css);
      @font-face { src: url(c.eot); src: url("c.eot?#iefix") format("embedded-opentype"), url(c.woff2) format("woff2"), url(c.woff) }
      /* url(never.png) */ .a { background: url( "d e.png" ) } .b { cursor: url(f.cur), auto } @namespace url(http://www.w3.org/1999/xhtml);"""
    needs = style_needs(text, "https://a.example/css/site.css")
    assert needs == {
        "https://a.example/css/a.css": "style",
        "https://a.example/css/b.css": "style",
        "https://a.example/css/c.woff2": "font",
        "https://a.example/css/d e.png": "picture",
        "https://a.example/css/f.cur": "picture",
    }
    assert style_needs("url(" * 100_000, BASE) == {}
