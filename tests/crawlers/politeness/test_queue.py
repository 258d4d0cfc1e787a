"""The queue of announced pages: what comes out is what went in."""

import gc
import weakref
from datetime import date

import pytest
from scrapy import Request
from scrapy.core.scheduler import Scheduler
from scrapy.utils.project import get_project_settings
from scrapy.utils.test import get_crawler

from crawlers.addresses import Address, Announcement
from crawlers.outlet import article_request
from crawlers.politeness import queue as module
from crawlers.politeness.queue import PackedQueue
from spiders.aljazeera import AljazeeraSpider

URL = "https://www.aljazeera.net/news/2026/11/20/%d9%82%d8%b1%d9%8a%d8%a9-%d8%aa%d8%b9%d9%88%d8%af"
FACTS = (
    "url",
    "method",
    "headers",
    "body",
    "meta",
    "cb_kwargs",
    "callback",
    "errback",
    "priority",
    "dont_filter",
    "flags",
)


@pytest.fixture
def spider():
    crawler = get_crawler(AljazeeraSpider)
    crawler.spider = crawler._create_spider()
    return crawler.spider


@pytest.fixture(autouse=True)
def all_packed(monkeypatch):
    monkeypatch.setattr(module, "_AS_THEY_ARE", 0)


@pytest.fixture
def queue(spider):
    return PackedQueue.from_crawler(spider.crawler)


def asked(spider, number=0):
    announcement = Announcement(kind="sitemap", source="https://www.aljazeera.net/sitemap.xml", url=f"{URL}{number}")
    address = Address(id=f"aljazeera:{number}", kind="article", canonical_url=URL, day=date(2026, 11, 20))
    request = article_request(spider, announcement, address, f"{URL}{number}")
    request.headers["Referer"] = "https://www.aljazeera.net/sitemap.xml"
    return request


def facts(request):
    return {name: getattr(request, name) for name in FACTS}


def test_pages_come_out_as_they_went_in(spider, queue):
    requests = [asked(spider, number) for number in range(3)]
    for request in requests:
        queue.push(request)
    assert len(queue) == 3
    assert facts(queue.peek()) == facts(requests[0])
    assert [facts(queue.pop()) for _ in requests] == [facts(request) for request in requests]
    assert queue.pop() is None
    assert queue.peek() is None


@pytest.mark.parametrize("verbatim", [True, False])
def test_an_address_that_is_to_stay_as_it_is_stays_so(spider, queue, verbatim):
    url = "https://www.aljazeera.net/news/2026/11/20/قرية^تعود"
    request = asked(spider).replace(url=url, meta={"article_id": "aljazeera:1", "verbatim_url": verbatim})
    queue.push(request)
    assert facts(queue.pop()) == facts(request)


def test_few_wait_as_they_are_and_those_behind_them_packed_in_their_turn(spider, queue, monkeypatch):
    monkeypatch.setattr(module, "_AS_THEY_ARE", 2)
    requests = [asked(spider, number) for number in range(4)]
    for request in requests:
        queue.push(request)
    assert [queue.pop() is request for request in requests[:2]] == [True, True]
    queue.push(later := asked(spider, 4))
    assert [facts(queue.pop()) for _ in range(3)] == [facts(request) for request in (*requests[2:], later)]


def test_of_many_that_wait_in_a_crawl_few_requests_are_in_memory(spider, monkeypatch):
    monkeypatch.setattr(module, "_AS_THEY_ARE", 5)
    spider.crawler.settings.frozen = False
    for name, value in (
        ("SCHEDULER_MEMORY_QUEUE", get_project_settings()["SCHEDULER_MEMORY_QUEUE"]),
        ("SCHEDULER_PRIORITY_QUEUE", "scrapy.pqueues.ScrapyPriorityQueue"),  # the other one asks a running engine
    ):
        spider.crawler.settings.set(name, value, "cmdline")
    scheduler = Scheduler.from_crawler(spider.crawler)
    scheduler.open(spider)
    requests = [asked(spider, number) for number in range(20)]
    urls, alive = [request.url for request in requests], [weakref.ref(request) for request in requests]
    for request in requests:
        assert scheduler.enqueue_request(request)
    del request, requests
    gc.collect()
    assert len([reference for reference in alive if reference() is not None]) == 5
    assert [scheduler.next_request().url for _ in urls] == urls


def test_a_waiting_page_takes_little(spider, queue):
    for number in range(128):
        queue.push(asked(spider, 1000 + 7 * number))
    assert sum(map(len, queue.q)) < 128 * 130


def test_many_pages_and_what_waits_as_it_is_between_them_come_out_in_their_order(spider, queue):
    requests = [asked(spider, number) for number in range(150)]
    for number in (10, 11, 90, 149):
        requests[number].meta["retry_times"] = 1
    out = []
    for number, request in enumerate(requests, 1):
        queue.push(request)
        assert len(queue) == number - len(out)
        out += [queue.pop()] if number % 3 == 0 else []  # while others still come
    out += [queue.pop() for _ in range(len(queue))]
    assert [facts(request) for request in out] == [facts(request) for request in requests]
    assert (len(queue), queue.pop(), queue.peek()) == (0, None, None)


@pytest.mark.parametrize("meta", [{"retry_times": 1}, {"redirect_times": 1}, {"held": lambda: None}])
def test_what_is_under_way_or_cannot_be_written_waits_as_it_is(spider, queue, meta):
    request = asked(spider)
    request.meta.update(meta)
    queue.push(request)
    assert queue.pop() is request


def test_a_page_whose_answer_goes_elsewhere_than_to_the_spider_waits_as_it_is(spider, queue):
    for other in (AljazeeraSpider.parse_article.__get__(object()), lambda _: None):
        request = asked(spider).replace(callback=other)
        queue.push(request)
        assert queue.pop() is request


def test_a_source_waits_as_it_is(spider, queue):
    request = Request("https://www.aljazeera.net/sitemap.xml", cb_kwargs={"source": spider.sources[0]})
    queue.push(request)
    assert queue.pop() is request
