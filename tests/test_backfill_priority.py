"""A back-fill that is wanted before it has begun gives way in good order; who wanted to begin and has begun wants no more."""

from datetime import date, timedelta

import pytest

from archive.manifests.lease import LeaseHeld
from archive.store import open_store
from crawlers.frontier.backfill import Mark, patiently
from tests.crawling import QUICK, places, run
from tests.replica import Replica
from tests.slow_archive import nobody_crawls, slowly

OUTLET = "aljazeera"


@pytest.fixture
def wanted(tmp_path):
    """Return where a crawl goes whose outlet somebody else wants."""
    Mark(open_store(str(tmp_path / "collection")), OUTLET, "wanted").put(timedelta(seconds=300))
    return tmp_path


def test_it_ends_as_one_that_is_busy_and_leaves_no_lease(wanted):
    with Replica(seed=2, days=4, until=date(2026, 5, 20)) as replica:
        words = ("-a", "since=2026-05-18", "-a", "until=2026-05-19", *QUICK, "-s", "YIELDS=True", *slowly(2))
        done = run("scrapy", "crawl", OUTLET, *words, **places(wanted), **replica.env)
    assert done.returncode == 6, done.stderr
    assert done.stderr.strip().endswith("exit 6 (busy)")
    assert nobody_crawls(wanted)


def test_who_has_begun_wants_no_more(tmp_path):
    store, tries = open_store(str(tmp_path)), []

    def begin():
        tries.append(Mark(store, OUTLET, "wanted").stands())
        if len(tries) == 1:
            raise LeaseHeld("somebody")

    Mark(store, OUTLET, "yields").put()
    patiently(begin, store, OUTLET, 30)
    assert tries == [False, True]
    assert not Mark(store, OUTLET, "wanted").stands()
