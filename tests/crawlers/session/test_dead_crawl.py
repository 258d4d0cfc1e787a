"""What a crawl that died had captured and not written: new articles and further versions, each by the next start, once."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest

from archive import open_archive
from crawlers.extraction.article import read_and_judge
from tests.archive.samples import START
from tests.crawlers.reextract.collection import cases, exchange_of, page_of
from tests.crawlers.test_two_starts import archive_of, begin, closed, destination, end  # noqa: F401  a fixture
from tests.little_outlet import HOST, page, path
from tests.outlets.cases import spider_of

LINE = "وأضاف البيان أن الأعمال ستنتهي قبل نهاية العام."


@pytest.fixture
def case():
    return next(case for case in cases() if case.name == "own-story")


def captured(archive, case, hours, body=None, url=None):
    """Capture a golden page, so many hours later than the first time; return what a crawl reads of it."""
    spider, found = spider_of(case.outlet), page_of(case)
    found = replace(found, captured=START + timedelta(hours=hours), body=body or found.body)
    found = replace(found, url=url or found.url)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(found.body)}\r\n\r\n"
    exchange = replace(exchange_of(case, found), head=head.encode(), body=found.body)
    pointer = archive.writer.write_exchange(exchange, None)
    article = read_and_judge(found, reading=spider.reading, addresses=spider.addresses)
    article.warc, article.crawl, article.version = pointer, "c", 1
    return article


def edited(case):
    """Return the page with a further paragraph behind its last one."""
    last = case.record["expect"]["text"].split("\n")[-1]
    at = case.body.index(b"</p>", case.body.rindex(last[:30].encode())) + len(b"</p>")
    return case.body[:at] + f"<p>{LINE}</p>".encode() + case.body[at:]


def die(place, act):
    """Crawl in a process of its own that ends as a killed one does, after ``act``."""
    if not (child := os.fork()):
        code = 1
        try:
            archive = archive_of(place)
            begin(archive)
            act(archive)
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0


def versions(folder):
    return [
        (article.version, LINE in article.text)
        for article in open_archive(folder / "collection").articles(versions="all", newest_first=False)
    ]


def test_of_a_dead_crawl_s_records_each_further_version_has_its_line_and_the_same_words_have_none(tmp_path, case):
    first = archive_of(destination(tmp_path))
    begin(first)
    written = captured(first, case, 0)
    first.writer.write_article(written)
    end(first)

    def work(dead):
        captured(dead, case, 1)  # unchanged: the crawl would have written no line
        captured(dead, case, 2, edited(case))

    die(destination(tmp_path), work)
    again = archive_of(destination(tmp_path))
    begin(again)
    end(again)
    assert versions(tmp_path) == [(1, False), (2, True)]
    newest = open_archive(tmp_path / "collection").article(written.id)
    assert newest.captured == START + timedelta(hours=2)
    assert (newest.changes.previous, newest.changes.words_added) == (written.warc.record_id, len(LINE.split()))

    once_more = archive_of(destination(tmp_path))
    begin(once_more)
    end(once_more)
    assert versions(tmp_path) == [(1, False), (2, True)]


def test_what_a_dead_crawl_captured_under_another_s_number_is_an_article_of_its_own(tmp_path):
    case = next(case for case in cases() if case.outlet == "aljazeera" and case.name == "own-story")
    number = '<meta name="postID" content="9578001">'
    texts = [
        "دخلت السفن الكبيرة من القناة الجديدة قبل نهاية العام.",
        "هطلت أمطار غزيرة مساء اليوم فأغلقت البلدية شوارع كثيرة.",
    ]
    pages = [
        page(f"p{n}", f"عنوان الخبر رقم {n}", *[f"{text} {line}" for line in range(5)], head=number)
        for n, text in enumerate(texts)
    ]
    urls = [f"https://{HOST}{path(f'p{n}')}" for n in range(2)]
    first = archive_of(destination(tmp_path))
    begin(first)
    first.writer.write_article(captured(first, case, 0, pages[0].body, urls[0]))
    end(first)
    die(destination(tmp_path), lambda dead: captured(dead, case, 1, pages[1].body, urls[1]))
    again = archive_of(destination(tmp_path))
    begin(again)
    end(again)
    found = {
        article.canonical_url: (article.id, article.version)
        for article in open_archive(tmp_path / "collection").articles()
    }
    by_address = spider_of("aljazeera").addresses.classify(urls[1]).id
    assert found == {urls[0]: ("aljazeera:9578001", 1), urls[1]: (by_address, 1)}
