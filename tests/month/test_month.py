"""A week of the month, of two outlets with ten faults of eight kinds, two hosts that share a bucket, edits and removals; the whole
is `python -m tests.month`.
"""

import json

import pytest

from tests.crawling import run

pytestmark = pytest.mark.slow  # a month of an outlet, crawl by crawl


@pytest.fixture(scope="module")
def figures():
    answer = run("tests.month", "--days", "7", "--every", "8", "aljazeera", "alaraby", timeout=800)
    assert answer.returncode == 0, answer.stderr[-3000:]
    return json.loads(answer.stdout)


@pytest.mark.timeout(900)
def test_nothing_was_fetched_twice_within_its_interval_and_nothing_is_missing(figures):
    assert figures["fetched twice within their interval"] == figures["announced and missing"] == 0
    assert figures["articles"] > 50
    assert figures["events"]["look"] > 50


def test_no_host_saw_two_requests_at_once_or_too_close(figures):
    assert figures["two requests at once"] == 0
    assert figures["shortest time of three requests in a row"] >= figures["delay"] - 0.01


def test_edits_and_removals_were_noticed(figures):
    assert figures["edits without a version"] == figures["removals without an event"] == 0
    assert figures["versions"] >= 1
    assert figures["events"]["vanished"] >= 1


def test_the_outage_was_there_and_so_were_two_hosts(figures):
    assert figures["answers"]["502"] > 50
    assert {"0", "3", "6"} <= set(figures["exit codes"])


def test_each_fault_raised_its_alarms_and_quiet_crawls_none(figures):
    assert len(figures["faults"]) == 10
    assert figures["crawls without a fault"] > 20
    assert figures["false alarms"] == figures["missed alarms"] == []


def test_the_webhook_was_told_of_each_failure_once_and_of_each_recovery(figures):
    assert figures["told wrong"] == figures["faults not told once"] == []
    assert figures["told to the webhook"] == {"failed": 6, "recovered": 6}
