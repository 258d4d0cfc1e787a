"""Pauses that an outlet asks for: beyond the limit the host is given up; below it, one signal ends the crawl in time, two at once."""

import json
import os
import signal
import subprocess
import sys
import time
from threading import Event

import pytest

from tests import processes
from tests.crawling import QUICK, ROOT, lines_of, places
from tests.little_outlet import HOST, MAP, LittleOutlet, page, path, reports, sitemap
from tests.replica.wire.message import Response

SLUGS = ("one", "two", "three")
WINDOW = ("-a", "since=2026-05-19")


def asking(rule):
    return Response(f"User-agent: *\n{rule}\n".encode(), content_type="text/plain", validators=False)


@pytest.fixture
def outlet():
    with LittleOutlet() as little:
        little.pages = {path(slug): page(slug, f"افتتاح الميناء الجديد {slug}") for slug in SLUGS}
        little.pages[MAP] = sitemap(*SLUGS)
        yield little


@pytest.mark.parametrize("rule", ["Crawl-delay: 3600", "Request-rate: 1/1h"])
def test_a_host_that_asks_for_more_than_the_limit_is_given_up_and_told(outlet, tmp_path, rule):
    outlet.pages["/robots.txt"] = asking(rule)
    answer = outlet.crawl(tmp_path, *WINDOW, at="2026-05-20T12:00:00+00:00", timeout=100)
    assert answer.returncode == 3, answer.stderr
    assert {entry.path for entry in outlet.log} == {"/robots.txt"}
    assert f"{HOST} asks for 3600 s between two requests, more than RETRY_AFTER_MAX (300 s)" in answer.stderr
    (report,) = reports(tmp_path)
    assert any("hosts given up" in said for said in report["unusual"])


def started(folder, outlet, *words):
    """Start a crawl; return its process, and the file in which it tells how far it is."""
    progress = folder / "progress.json"
    base = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    words = ["scrapy", "crawl", "aljazeera", *WINDOW, *QUICK, *words, "-s", f"PROGRESS_FILE={progress}"]
    environment = {**base, **places(folder), **outlet.env}
    command = [sys.executable, "-m", *words]
    return processes.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True), progress


def pausing(folder, outlet, *words):
    """Start a crawl whose outlet asks for an hour between two requests, within the limit; return it in its pause, and what it told."""
    outlet.pages["/robots.txt"] = asking("Crawl-delay: 3600")
    process, progress = started(folder, outlet, "-s", "RETRY_AFTER_MAX=7200", "-s", "STOP_SECONDS=10", *words)
    deadline = time.monotonic() + 90
    told = {}
    while time.monotonic() < deadline and told.get("delay") != 3600:
        time.sleep(0.2)
        told = json.loads(progress.read_bytes()) if progress.exists() else {}
    return process, told


@pytest.mark.parametrize("times", [1, 2])
def test_a_signal_ends_a_pause_of_an_hour(outlet, tmp_path, times):
    process, told = pausing(tmp_path, outlet)
    try:
        assert told["delay"] == 3600, told
        began = time.monotonic()
        for _ in range(times):
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)  # on a quick machine the first one has ended the crawl, and the second must not change how
        said = process.communicate(timeout=60)[1]
    finally:
        process.kill()
    assert process.returncode == 7, said
    assert time.monotonic() - began < 10
    assert times == 2 or "ended at once by a second signal" not in said
    assert "stopped before the crawl began" not in said
    assert "Traceback" not in said
    assert lines_of(tmp_path / "collection") == []


def test_a_second_signal_ends_what_the_first_one_waits_for(outlet, tmp_path):
    asked, released = Event(), Event()

    def silent(_request):
        asked.set()
        released.wait(60)
        return page(SLUGS[0], "خبر تأخر")

    outlet.pages |= {path(slug): silent for slug in SLUGS}
    process, _ = started(tmp_path, outlet, "-s", "STOP_SECONDS=120")
    try:
        assert asked.wait(60)
        process.send_signal(signal.SIGTERM)
        time.sleep(1)
        assert process.poll() is None  # the page under way has its time
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        said = process.communicate(timeout=60)[1]
    finally:
        process.kill()
        released.set()
    assert time.monotonic() - began < 10
    assert process.returncode == 7, said
    assert "ended at once by a second signal" in said
