"""Lighthouse over the front, a tag and an article of the demo's archive: performance, accessibility, best practices, search engines.

Performance is as of a phone on a slow network, both simulated. Lighthouse slows the processor four times, for a machine of some 1500
points in its own benchmark, which it reports: one that has fewer, or does other things meanwhile, is slowed less, so that the phone
stays the same. The first run that reaches all four counts: what else a machine does makes a page slower, never faster.
"""

import json
import os
import subprocess

import pytest

from archive import open_archive
from archive.site.database import SiteDatabase
from archive.site.pages import Pages
from archive.site.templating import Looks
from archive.site.web.app import Server
from tests.archive.warc.foreign import lighthouse
from tests.screens import CHROMIUM, addresses
from tests.site.newsstand import newsstand

LEAST, TRIES = 0.95, 5  # Chromium does not always come up in time
ONLY = "--only-categories=performance,accessibility,best-practices,seo"
SLOWED, PHONE = 4, 1500 / 4  # as Lighthouse does by default; points of the phone that this makes


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    lighthouse()  # before the archive is made for nothing
    folder = tmp_path_factory.mktemp("lighthouse")
    uri = (folder / "collection").as_uri()
    newsstand(uri, folder)
    archive, index = open_archive(uri), SiteDatabase(folder / "site.sqlite")
    index.catch_up(archive)
    with Server(Pages(index, archive, Looks(live=True)), follow_seconds=0) as running:
        running.index = index
        yield running
    index.close()


@pytest.mark.slow
@pytest.mark.timeout(900)  # three loads and more, each of which takes a busy machine a minute
@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine")
@pytest.mark.parametrize("name", ["home", "tag", "article"])
def test_lighthouse_gives_ninety_five_of_a_hundred(server, tmp_path, name):
    address = server.url + addresses(server.index)[name]
    runs, slowed = [], SLOWED
    for _ in range(TRIES):
        if found := scores(address, tmp_path / "report.json", slowed):
            slowed = min(max(found.pop("points") / PHONE, 1), SLOWED)
            runs.append(found)
            if min(found.values()) >= LEAST:
                break
    assert runs[-1].keys() == {"performance", "accessibility", "best-practices", "seo"}
    assert min(runs[-1].values()) >= LEAST, runs


def scores(address, report, slowed):
    """Let Lighthouse load a page as on a phone, and return its scores, and the machine's ``points`` just then; {} where it could not."""
    flags = ["--chrome-flags=--headless=new --no-sandbox --disable-gpu", f"--throttling.cpuSlowdownMultiplier={slowed}"]
    command = [lighthouse(), address, "--quiet", ONLY, *flags, "--output=json", f"--output-path={report}"]
    done = subprocess.run(
        command, env={**os.environ, "CHROME_PATH": CHROMIUM}, check=False, capture_output=True, text=True
    )
    if done.returncode:  # Chromium did not come up in time, say
        return {}
    told = json.loads(report.read_text(encoding="utf-8"))
    points = told["environment"]["benchmarkIndex"]
    return {name: each["score"] or 0 for name, each in told["categories"].items()} | {"points": points}
