"""The thinking of conditional requests: when a 304, or no request at all, would mean that there is nothing new."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.http import Response

from archive.files import write_whole
from crawlers.frontier.conditional import ConditionalMiddleware, Untouched, read_state
from crawlers.sources import Window

URL, STAMP = "https://www.aljazeera.net/sitemap.xml", "2026-05-20T10:00:00Z"
TODAY = datetime.now(UTC).date()
READ = {"etag": '"v1"', "last_modified": "Wed, 20 May 2026 10:00:00 GMT", "stamp": STAMP, "since": "2026-05-18"}
HEADERS = {"If-None-Match": READ["etag"], "If-Modified-Since": READ["last_modified"]}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sources"


def middleware(path, known=READ, *, published=READ, since="2026-05-18", until=TODAY, **stats):
    """Return one of a crawl of these days, whose machine knows this of the source and whose archive holds that answer."""
    if known is not None:
        write_whole(path, {URL: known})
    answer = published and SimpleNamespace(etag=published["etag"], last_modified=published["last_modified"])
    crawler = SimpleNamespace(
        stats=SimpleNamespace(get_value=lambda name: stats.get(name.rpartition("/")[2].replace("-", "_"))),
        spider=SimpleNamespace(read_whole={}),
    )
    catalog = SimpleNamespace(validators=lambda url: answer if url == URL else None)
    return ConditionalMiddleware(crawler, catalog, path, Window(date.fromisoformat(since), until))


def asked(middleware, **meta):
    """Return the conditional headers of a request for the source; those that a redirect brought along are another URL's."""
    request = Request(URL, cb_kwargs={"source": "sitemap"}, headers={"If-None-Match": '"another"'}, meta=meta)
    middleware.process_request(request)
    found = {name: request.headers[name].decode() for name in HEADERS if name in request.headers}
    assert request.meta.get("handle_httpstatus_list") == ([304] if found else None)
    return found


def test_an_answer_that_was_read_whole_is_asked_for_changes(path):
    assert asked(middleware(path)) == HEADERS
    assert asked(middleware(path, since="2026-05-19")) == HEADERS
    assert asked(middleware(path, READ | {"last_modified": None}, published=READ | {"last_modified": None})) == {
        "If-None-Match": '"v1"'
    }


@pytest.mark.parametrize(
    "differs",
    [
        {"known": None},
        {"published": None},
        {"since": "2026-05-17"},
        {"published": READ | {"etag": '"v2"'}},
        {"published": READ | {"last_modified": "Thu, 21 May 2026 10:00:00 GMT"}},
    ],
)
def test_it_is_asked_in_full_where_304_could_hide_something(path, differs):
    assert asked(middleware(path, **differs)) == {}


def test_only_what_the_index_says_to_the_minute_is_not_asked_at_all(path):
    with pytest.raises(Untouched):
        asked(middleware(path), stamp=STAMP)
    for stamp in ("2026-05-20T10:00:01Z", "2026-05-20", None):
        assert asked(middleware(path), stamp=stamp) == HEADERS
    assert asked(middleware(path, READ | {"stamp": "2026-05-20"}), stamp="2026-05-20") == HEADERS
    assert asked(middleware(path, published=None), stamp=STAMP) == {}
    assert asked(middleware(path, since="2026-05-17"), stamp=STAMP) == {}


def test_a_page_of_an_article_is_left_alone(path):
    one, request = middleware(path), Request(URL, headers={"If-None-Match": '"x"'})
    one.process_request(request)
    assert request.headers["If-None-Match"] == b'"x"'
    one.process_response(request, Response(URL, status=304))
    assert not one.unchanged
    one.spider_closed("finished")
    assert one.known == {URL: READ}  # nothing was asked, nothing is noted
    assert ConditionalMiddleware(one.crawler, one.catalog, path, one.window).known == {URL: READ}


@pytest.mark.parametrize(
    ("reason", "others", "is_noted"),
    [
        ("finished", {}, True),
        ("shutdown", {}, False),
        ("finished", {"over_limit": 1}, False),
        ("finished", {"ERROR": 1}, False),
        ("finished", {"until": date(2026, 5, 21)}, False),
    ],
)
def test_what_was_read_is_noted_where_nothing_was_left_behind(path, reason, others, is_noted):
    one = middleware(path, None, **others)
    asked(one)
    one.crawler.spider.read_whole[URL] = {name: READ[name] for name in ("etag", "last_modified", "stamp")}
    one.spider_closed(reason)
    assert ConditionalMiddleware(None, None, path, None).known == ({URL: READ} if is_noted else {})


def test_what_is_unchanged_stays_noted_however_the_crawl_ends(path):
    one = middleware(path)
    request = Request(URL, cb_kwargs={"source": "sitemap"})
    one.process_request(request)
    one.process_response(request, Response(URL, status=304))
    one.spider_closed("shutdown")
    assert ConditionalMiddleware(None, None, path, None).known == {URL: READ}
    two = middleware(path)
    two.process_request(request)
    two.process_response(request, Response(URL, status=200))
    two.spider_closed("shutdown")
    assert ConditionalMiddleware(None, None, path, None).known == {}


def test_an_answer_is_known_by_what_it_says(path):
    headers = {"ETag": '"v1"', "Last-Modified": READ["last_modified"]}
    response = Response(URL, headers=headers, request=Request(URL, meta={"stamp": STAMP}))
    assert read_state(response) == {name: READ[name] for name in ("etag", "last_modified", "stamp")}
    assert read_state(Response(URL, request=Request(URL))) == dict.fromkeys(("etag", "last_modified", "stamp"))
