"""The thinking of politeness: what an answer means, how long to wait, what a block page is."""

import errno
import random
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego
from scrapy import Request
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import HtmlResponse
from scrapy.utils.test import get_crawler
from twisted.internet.error import ConnectError

from crawlers.extraction.page_checks import block_reason
from crawlers.outlet import MetaRefresh
from crawlers.politeness.retry import Backoff, is_offline, read_retry_after
from crawlers.politeness.robots import LIMIT, Rules, delay_of, judge, readable, tells_no_letters

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, b"User-agent: *", "rules"),
        (204, b"", "rules"),
        (200, b"\xef\xbb\xbf\n <html>", "no-rules"),
        (301, b"User-agent: *", "no-rules"),
        (401, b"", "no-rules"),
        (404, b"", "no-rules"),
        (410, b"", "no-rules"),
        (429, b"", "unreachable"),
        (500, b"", "unreachable"),
        (503, b"User-agent: *", "unreachable"),
    ],
)
def test_what_an_answer_means(status, body, verdict):
    assert judge(status, body) == verdict


def test_only_whole_lines_within_the_limit_are_read():
    body = b"a" * (LIMIT - 3) + b"\nDisallow: /\n"
    assert readable(body) == b"a" * (LIMIT - 3) + b"\n"
    assert readable(b"short") == b"short"
    assert len(readable(b"x" * (LIMIT * 2))) == 0


def test_blank_lines_without_end_are_looked_through_once():
    assert len(readable(b"\r\n" * 200_000)) == 400_000
    assert readable(b"# \xd8\xae\n\nSitemap: /s.xml\n Disallow : /a\n").startswith(b"User-agent: *\n#")
    assert readable(b"User-agent: a\nDisallow: /a\n") == b"User-agent: a\nDisallow: /a\n"


CLOSED = "User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    "body",
    [
        CLOSED.encode("utf-16"),
        CLOSED.encode("utf-16-be"),
        CLOSED.encode("utf-32"),
        CLOSED.replace("\n", "\n\0").encode(),
        f"\u200b{CLOSED}".encode(),
        f"<html><body><pre>{CLOSED}</pre></body></html>".encode(),
        b"<html><body>User-agent: *<br>Disallow: /<br></body></html>",
        f"<!-- <b> -->\n{CLOSED}".encode(),
        f"<br />\n<b>Warning</b>: in <b>line 3</b><br />\n{CLOSED}".encode(),
        b"User-agent: Warraq/0.2\nDisallow: /\n",
    ],
)
def test_rules_are_obeyed_however_they_are_wrapped(body):
    text = readable(body, "text/html")
    assert judge(200, text) == "rules"
    assert not Rules("rules", Protego.parse(text.decode()), 0.0, 0.0).allows("https://h.example/a", "Warraq")


def test_a_page_in_the_place_of_robots_txt_is_none():
    page = b"<!DOCTYPE html><title>x</title><p>What a User-agent: line is</p>"
    assert judge(200, readable(page, "text/html")) == "no-rules"
    start = time.process_time()
    readable(b"<!-- >user-agent:" * 30_000)
    assert time.process_time() - start < 2


def test_the_longest_match_wins():
    parsed = Protego.parse("User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /*.pdf$\n")
    rules = Rules("rules", parsed, 0.0, 0.0)
    host = "https://www.example.org"
    assert [rules.allows(host + path, "Warraq") for path in ("/a", "/a/b/c", "/x.pdf", "/x.pdf?y", "/خبر")] == [
        False,
        True,
        False,
        True,
        True,
    ]
    assert not Rules("unreachable", None, 0.0, 0.0).allows(host, "Warraq")
    assert Rules("no-rules", None, 0.0, 0.0).allows(host, "Warraq")


PATTERNS = st.lists(st.text("/ab*$?=.- ", max_size=6).map("/{}".format), max_size=5)
PATHS = st.lists(st.sampled_from([*"/ab?=.-~$*&", "%D9", "%d9%82", "%FF", "%20", "%2F", "%61", "é"]), max_size=12)


@given(PATTERNS, PATTERNS, PATHS)
def test_one_sign_for_all_letters_that_no_rule_tells_apart_changes_no_answer(refused, allowed, path):
    lines = [*map("Disallow: {}".format, refused), *map("Allow: {}".format, allowed)]
    body = "\n".join(["User-agent: *", *lines])
    url = f"https://example.org/{''.join(path)}"
    answers = {Rules("rules", Protego.parse(body), 0, 0, is_so).allows(url, "Warraq") for is_so in (False, True)}
    assert tells_no_letters(body.encode())
    assert len(answers) == 1


@pytest.mark.parametrize("rule", ["/%D9%82", "/قرية", "/~writer"])
def test_a_rule_that_tells_letters_apart_is_asked_with_them(rule):
    body = f"User-agent: *\nDisallow: {rule}".encode()
    rules = Rules("rules", Protego.parse(body.decode()), 0, 0, tells_no_letters(body))
    assert not rules.tells_no_letters
    assert rules.allows("https://example.org/%D9%81", "Warraq")


@pytest.mark.parametrize(
    ("lines", "delay"),
    [
        ("Crawl-delay: 10", 10),
        ("Crawl-delay: 0.5", 0.5),
        ("Request-rate: 1/5", 5),
        ("Crawl-delay: 2\nRequest-rate: 1/5", 5),
        ("Crawl-delay: soon", 0),
        ("Crawl-delay: 1,5", 1.5),
        ("Crawl-delay: 10 sec # please", 10),
        ("Crawl-delay: -3", 0),
        ("Disallow: /a", 0),
    ],
)
def test_the_pace_is_the_slower_of_both(lines, delay):
    assert delay_of(Protego.parse(readable(f"User-agent: *\n{lines}\n".encode()).decode()), "Warraq") == delay


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("1.5", 1.5),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        ("Mon, 23 Nov 2026 15:01:00 +0300", 60),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("1" * 4000, None),
        ("Mon, 99 Nov 2026 99:99:99 GMT", None),
    ],
)
def test_both_forms_of_retry_after(value, seconds):
    assert read_retry_after(value, NOW) == seconds


@given(st.text(max_size=80))
def test_no_header_raises(value):
    seconds = read_retry_after(value, NOW)
    assert seconds is None or seconds >= 0


@given(st.integers(1, 40), st.integers())
def test_rests_double_up_to_the_longest(times, seed):
    backoff = Backoff(base=2.0, longest=60.0, chance=random.Random(seed))
    rests = [backoff.rest("a.example", None) for _ in range(times)]
    for number, rest in enumerate(rests):
        full = min(60.0, 2.0 * 2**number)
        assert full / 2 <= rest <= full
    assert backoff.rest("b.example", None) <= 2.0
    backoff.content("a.example")
    assert backoff.rest("a.example", None) <= 2.0


def test_a_named_rest_is_never_shortened():
    backoff = Backoff(base=2.0, longest=60.0)
    assert 100 <= backoff.rest("a.example", 100.0) <= 101


@pytest.mark.parametrize(
    ("status", "headers", "body", "reason"),
    [
        (200, {}, b"<p>\xd8\xae\xd8\xa8\xd8\xb1", None),
        (403, {}, b"", "forbidden"),
        (403, {}, b"<TITLE>ERROR: The request could not be satisfied</TITLE> Request blocked.", "block-page"),
        (503, {}, b"<title>Just a moment...</title>", "block-page"),
        (503, {}, b"maintenance", None),
        (200, {"cf-mitigated": "challenge"}, b"", "challenge"),
        (404, {}, b"Request blocked", None),
        (500, {}, b"", None),
        (200, {}, b"x" * 9000 + b"Request blocked", None),
    ],
)
def test_what_a_block_page_is(status, headers, body, reason):
    assert block_reason(status, headers, body) == reason


def test_the_stored_block_page_is_one(request):
    page = request.config.rootpath.parent / "shared/pages/skynewsarabia/blocked-403-cloudfront.html"
    if not page.exists():
        pytest.skip("the folder of real pages is not here")
    assert block_reason(403, {}, page.read_bytes()) == "block-page"


@pytest.mark.parametrize(
    ("failure", "is_so"),
    [
        (CannotResolveHostError("no name"), True),
        (ConnectError(osError=errno.ENETUNREACH), True),  # Twisted gives the number alone, or what was raised
        (ConnectError(osError=OSError(errno.ENETUNREACH, "unreachable")), True),
        (ConnectError(osError=errno.ECONNREFUSED), False),
        (OSError(errno.EHOSTUNREACH, "unreachable"), True),
        (TimeoutError(), False),
    ],
)
def test_an_address_that_refuses_is_no_missing_network(failure, is_so):
    assert is_offline(failure) is is_so


def meta_refresh():
    crawler = get_crawler()
    crawler.spider = crawler._create_spider("example")
    return MetaRefresh.from_crawler(crawler)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "windows-1256"])
@pytest.mark.parametrize("before", ["خبر " * 100, ""])
def test_a_page_that_says_where_to_go_on_is_followed_in_every_encoding(encoding, before):
    page = f'<html><head><title>{before}</title><META HTTP-EQUIV="Refresh" content="1; url=/next"></head></html>'
    response = HtmlResponse("https://example.com/a", body=page.encode(encoding), encoding=encoding)
    followed = meta_refresh().process_response(Request(response.url), response)
    assert followed.url == "https://example.com/next"


def test_a_page_that_says_nothing_of_the_kind_is_not_decoded():
    response = HtmlResponse("https://example.com/a", body="<title>خبر</title>".encode(), encoding="no such encoding")
    assert meta_refresh().process_response(Request(response.url), response) is response
