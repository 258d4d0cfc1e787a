"""What may not be published is dropped by name, and counted; driven through a crawler."""

import subprocess  # a reactor runs once in a process
import sys
from datetime import UTC, datetime, timedelta

import pytest
from scrapy import Spider

from pipelines import validation
from pipelines.validation import EARLIEST, faults
from tests.crawlers.extraction.pages import CAPTURED, read_page, story


def spoilt(**changes):
    article = read_page(story())
    for name, value in changes.items():
        setattr(article, name, value)
    return article


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": "other:1"}, "without-id"),
        ({"id": ""}, "without-id"),
        ({"id": "aljazeera:خبر"}, "without-id"),  # a published id is ASCII without blanks
        ({"url": "not%20a%20url"}, "without-address"),
        ({"canonical_url": "https://www.aljazeera.net/خبر"}, "without-address"),
        ({"headline": " "}, "without-headline"),
        ({"text": ""}, "without-text"),
        ({"kind": "story"}, "wrong-kind"),
        ({"text": "نص <p>وسم</p>"}, "markup-in-text"),
        ({"headline": "عنوان<br/>"}, "markup-in-text"),
        ({"published": CAPTURED + timedelta(days=1, seconds=1)}, "wrong-time"),
        ({"modified": EARLIEST - timedelta(days=1)}, "wrong-time"),
        ({"published": datetime(2026, 7, 1)}, "wrong-time"),  # noqa: DTZ001  a time without zone is the point
    ],
)
def test_fault(changes, reason):
    assert [fault.reason for fault in faults(spoilt(**changes))] == [reason]


@pytest.mark.parametrize(
    "changes", [{}, {"published": None}, {"published": CAPTURED + timedelta(hours=20)}, {"text": "5 < 6 و 7 > 3"}]
)
def test_no_fault(changes):
    assert not list(faults(spoilt(**changes)))


def test_reasons_are_distinct():
    reasons = [cls.reason for cls in validation.Invalid.__subclasses__()]
    assert len(reasons) == len(set(reasons))
    assert datetime(2026, 7, 1, tzinfo=UTC) > EARLIEST


class Giver(Spider):
    name = "giver"

    async def start(self):
        yield spoilt()
        yield spoilt(text="")
        yield spoilt(id="x")


def test_pipeline_drops_and_counts():
    script = (
        "from scrapy.crawler import CrawlerProcess\n"
        "from scrapy import signals\n"
        "from tests.pipelines.test_validation import Giver\n"
        "process = CrawlerProcess({'ITEM_PIPELINES': {'pipelines.validation.ValidationPipeline': 1}})\n"
        "crawler = process.create_crawler(Giver)\n"
        "kept = []\n"
        "crawler.signals.connect(lambda item: kept.append(item.id), signals.item_scraped, weak=False)\n"
        "process.crawl(crawler)\n"
        "process.start()\n"
        "stats = crawler.stats.get_stats()\n"
        "print(kept, stats['validation/without-text'], stats['validation/without-id'], stats['item_dropped_count'])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['paper:12345'] 1 1 2"
