"""Bytes to text, whatever the page says of itself."""

import codecs

import pytest

from crawlers.extraction.html import to_utf8
from tests.crawlers.extraction.pages import HEADLINE, PARAGRAPHS, read_page, story

TEXT = "قال المتحدث إن الهيئة ستعلن النتائج غدا"


def page(charset, declared):
    return f'<html><head><meta charset="{declared}"></head><body>{TEXT}</body></html>'.encode(charset)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (page("utf-8", "utf-8"), "text/html; charset=utf-8"),
        (page("utf-8", "windows-1256"), "text/html; charset=iso-8859-1"),
        (page("utf-8", "x-nonsense"), None),
        (page("cp1256", "windows-1256"), None),
        (page("cp1256", "utf-8"), "text/html; charset=windows-1256"),
        (page("cp1256", "iso-8859-1"), "text/html; charset=ISO-8859-1"),
        (page("cp1256", "utf-8"), "text/html; charset=utf-8"),
        (page("iso-8859-6", "iso-8859-6"), None),
        (codecs.BOM_UTF8 + page("utf-8", "windows-1256"), None),
        (codecs.BOM_UTF16_LE + page("utf-16-le", "utf-16"), None),
        (codecs.BOM_UTF16_BE + page("utf-16-be", "utf-16"), "text/html; charset=utf-8"),
    ],
)
def test_arabic_survives(body, content_type):
    assert TEXT in to_utf8(body, content_type).decode()


def test_charset_declared_late_in_the_head():
    markup = story(head="<script>" + "x" * 1500 + "</script>")
    assert read_page(markup.encode("cp1256").replace(b"utf-8", b"windows-1256")).headline == HEADLINE


def test_page_cut_within_a_letter():
    body = TEXT.encode()
    assert to_utf8(body[:-1], None).decode() == TEXT[:-1]


def test_a_few_bad_bytes_leave_the_rest():
    body = TEXT.encode().replace(b" ", b" \xff", 1)
    assert "المتحدث" in to_utf8(body, "text/html").decode()


@pytest.mark.parametrize(
    "charset", ["hex", "rot13", "zlib", "idna", "punycode", "undefined", "utf-7", "unicode_escape", "x-none"]
)
def test_no_charset_that_a_page_may_name_breaks_it(charset):
    body = f'<meta charset="{charset}"><p>\\ud800 +2AA- '.encode() + b"\xff\xfe\x80\xff" * 9
    assert b"<p>" in to_utf8(body, None)
    assert to_utf8(body, None).decode()


def test_nothing():
    assert to_utf8(b"", None) == b""


@pytest.mark.parametrize("charset", ["utf-8", "cp1256"])
def test_bad_bytes_where_nothing_is_read_change_nothing(charset):
    markup = story(head="<script>var a = '{}'</script><style>p{{}}</style>").encode(charset)
    article = read_page(markup.replace(b"{}", b"\xff\xfe\x81"))
    assert article.headline == HEADLINE
    assert article.text == "\n".join(PARAGRAPHS)


def test_bad_bytes_in_the_text_spoil_themselves_alone():
    article = read_page(story().encode().replace("باخرة شحن".encode(), b"\xff\xfe " + "شحن".encode()))
    assert "\ufffd\ufffd شحن رست" in article.text
    assert article.headline == HEADLINE
