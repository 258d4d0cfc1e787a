"""A crawl that is stopped while its archive opens ends as every stopped one: in time, with its line, without a lease."""

import os
import subprocess
import sys
import time
from datetime import date

import pytest

from tests import processes
from tests.crawling import QUICK, ROOT, places, run
from tests.replica import Replica
from tests.slow_archive import OUTLET, nobody_crawls, slowly

WORDS = ("scrapy", "crawl", OUTLET, "-a", "since=2026-05-20", *QUICK, "-a", "limit=2")


@pytest.fixture
def outlet():
    with Replica(seed=2, days=2, until=date(2026, 5, 20)) as replica:
        yield replica


def stopped(folder, replica, *words, after):
    """Return a crawl that was stopped some seconds after its lease had been taken, and what it said."""
    base = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment = {**base, **places(folder), **replica.env}
    crawl = processes.Popen(
        [sys.executable, "-m", *WORDS, *words], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        lease = folder / "collection" / "leases" / f"{OUTLET}.json"
        deadline = time.monotonic() + 60
        while not lease.exists() and time.monotonic() < deadline and crawl.poll() is None:
            time.sleep(0.02)
        time.sleep(after)
        crawl.terminate()
        said = crawl.communicate(timeout=60)[1]
    finally:
        crawl.kill()
    return crawl, said


def test_it_ends_in_good_order(tmp_path, outlet):
    crawl, said = stopped(tmp_path, outlet, *slowly(3), after=1)
    assert (crawl.returncode, said.strip()[-16:]) == (7, "exit 7 (stopped)"), said
    assert "Traceback" not in said
    assert nobody_crawls(tmp_path)
    assert not outlet.log, "it asks nobody after it was told to stop"


def test_it_does_not_wait_for_ever(tmp_path, outlet):
    crawl, said = stopped(tmp_path, outlet, *slowly(100), "-s", "STOP_SECONDS=1", after=1)
    assert (crawl.returncode, said.strip()[-16:]) == (7, "exit 7 (stopped)"), said
    assert "no time is left to open the archive" in said
    again = run(*WORDS, **places(tmp_path), **outlet.env)
    assert again.returncode == 0, again.stderr  # the same machine's lease is taken up again
