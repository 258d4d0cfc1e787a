"""Lighthouse over the front, a tag and an article of the demo's archive: accessibility, best practices, search engines.

Performance is a time, and depends on what else the machine does: it is measured by hand.
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

LEAST, TRIES = 0.95, 3  # Chromium does not always come up in time
ONLY = "--only-categories=accessibility,best-practices,seo"


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
@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine")
@pytest.mark.parametrize("name", ["home", "tag", "article"])
def test_lighthouse_gives_ninety_five_of_a_hundred(server, tmp_path, name):
    address = server.url + addresses(server.index)[name]
    best = {}
    for _ in range(TRIES):
        for category, score in scores(address, tmp_path / "report.json").items():
            best[category] = max(score, best.get(category, 0))
        if best and min(best.values()) >= LEAST:
            break
    assert best.keys() == {"accessibility", "best-practices", "seo"}
    assert min(best.values()) >= LEAST, best


def scores(address, report):
    """Let Lighthouse load a page as on a phone, and return its scores."""
    flags = "--chrome-flags=--headless=new --no-sandbox --disable-gpu"
    command = [lighthouse(), address, "--quiet", ONLY, flags, "--output=json", f"--output-path={report}"]
    done = subprocess.run(
        command, env={**os.environ, "CHROME_PATH": CHROMIUM}, check=False, capture_output=True, text=True
    )
    if done.returncode:  # Chromium did not come up in time, say
        return {}
    categories = json.loads(report.read_text(encoding="utf-8"))["categories"]
    return {name: each["score"] or 0 for name, each in categories.items()}
