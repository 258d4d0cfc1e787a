"""What every test shares: the catalogs and indexes that a test opens are closed when it ends."""

import gc
import sys
from functools import wraps
from pathlib import Path

import pytest
import scrapy.core.downloader.handlers.http11  # noqa: F401  first: it looks through all that is loaded, for two seconds at the end
from hypothesis import HealthCheck, settings

from archive.catalog import Catalog
from archive.site.database import SiteDatabase
from pipelines.syndication import SqliteStoryIndex
from tests.processes import spare_the_disk

TESTS = str(Path(__file__).parent)
# Files that take longest, begun first, so that no worker sits over one when the others are done: by turns one that waits for
# clocks and one that computes, so that neither the processors nor the workers stand idle.
LONGEST = (
    "archive/durability/test_read_faults.py", "archive/durability/test_kill.py", "month/test_month.py", "test_first_crawl.py",
    "test_interrupted.py", "crawlers/extraction/test_hostile.py", "archive/test_placement.py", "site/test_browser.py",
    "archive/durability/test_faulty_store.py", "crawlers/test_politeness.py", "test_wheels.py", "site/test_lighthouse.py",
    "test_backfill.py", "pipelines/syndication/test_accuracy.py", "test_full_disk.py", "crawlers/test_embedding.py",
    "test_store_outage.py", "crawlers/test_settings.py", "test_copies.py", "test_media.py", "test_second_crawl.py",
    "crawlers/monitoring/test_unusual.py", "test_recheck.py", "test_conditional.py", "test_own_number.py", "test_hostile.py",
    "test_own_faults.py", "test_provenance.py", "test_no_stall.py", "test_vanished_home.py", "archive/test_followers.py",
    "test_odd_sources.py", "archive/test_fuzz.py", "test_newoutlet_command.py", "archive/warc/test_verification.py",
    "archive/export/test_pywb.py", "test_memory.py", "deploy/test_scrapyd.py",
)  # fmt: skip
_opened = []


spare_the_disk()
# No test is about how fast this machine is while others work on it.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def _note_opened_by_tests(kind):
    """Have a class tell which of its instances tests made; what the product opens it has to close itself."""
    begin = kind.__init__

    @wraps(begin)
    def init(self, *args, **named):
        begin(self, *args, **named)
        if sys._getframe(1).f_code.co_filename.startswith(TESTS):
            _opened.append(self)

    kind.__init__ = init


for _kind in (Catalog, SiteDatabase, SqliteStoryIndex):
    _note_opened_by_tests(_kind)


def pytest_collection_modifyitems(items):
    """Order the files by how long they take; within a file the order stays."""
    ranks = {f"{TESTS}/{name}": rank for rank, name in enumerate(LONGEST)}
    if gone := [path for path in ranks if not Path(path).exists()]:
        raise pytest.UsageError(f"tests/conftest.py: LONGEST names {', '.join(gone)}")
    items.sort(key=lambda item: ranks.get(str(item.path), len(ranks)))


def pytest_collection_finish():
    """Spare the collector what stays to the end: libraries, and thousands of tests."""
    gc.freeze()


def _close_those_after(count):
    while len(_opened) > count:
        _opened.pop().close()


@pytest.fixture(autouse=True)
def _closed_at_the_end_of_a_test():
    before = len(_opened)  # those of a module's fixtures, which outlive the test
    yield
    _close_those_after(before)


@pytest.fixture(scope="session", autouse=True)
def _closed_at_the_end_of_all():
    yield
    _close_those_after(0)
