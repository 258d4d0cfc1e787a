"""What a report says under `unusual` of earlier crawls: sources that fell silent, a changed robots.txt, a block; in real crawls."""

import json
from datetime import datetime, timedelta

import jsonschema
import pytest

from tests.crawlers.monitoring.test_report import SCHEMA
from tests.crawling import QUICK, places, run
from tests.replica import Replica
from tests.replica.sites.alaraby import feed
from tests.replica.wire.message import html

ROOT = "https://www.alaraby.co.uk"
BLOCK = "<!doctype html><html><head><title>Access Denied</title></head><body>Request blocked.</body></html>"


class Outlet(Replica):
    """A replica with a firewall."""

    blocks = False

    def _trouble(self, site, request):
        return html(BLOCK, status=403) if self.blocks and request.path != "/robots.txt" else None

    def empty(self, path):
        self.sites()["alaraby"].add(path, lambda: feed.feed(ROOT + path, []))


class Archive:
    """An archive, and the outlet of which it is."""

    def __init__(self, folder, outlet):
        self.folder, self.outlet = folder, outlet

    def crawl(self):
        """Crawl; return the report and the last line of stderr."""
        before = set(self.folder.glob("collection/reports/**/*.json"))
        environment = {**self.outlet.env, **places(self.folder)}
        answer = run("scrapy", "crawl", "alaraby", "-a", "limit=3", *QUICK, **environment)
        (path,) = set(self.folder.glob("collection/reports/**/*.json")) - before
        report = json.loads(path.read_bytes())
        jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(report)
        assert report["exit_code"] == answer.returncode
        assert "." in report["finished"]  # two crawls of one second have an order
        return report, answer.stderr.splitlines()[-1]

    def remember(self, report, times):
        """Let crawls like this one have been before."""
        for number in range(1, times + 1):
            started = datetime.fromisoformat(report["started"]) - timedelta(hours=number)
            earlier = {**report, "crawl": f"earlier-{number}", "started": started.isoformat(timespec="seconds")}
            path = self.folder / f"collection/reports/outlet=alaraby/date={started:%Y-%m-%d}/earlier-{number}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(earlier), encoding="utf-8")


@pytest.fixture
def archive(tmp_path):
    with Outlet(seed=5, days=3) as running:
        running.empty("/rss/sport")
        yield Archive(tmp_path, running)


def test_a_source_that_usually_announces_and_one_that_is_often_empty(archive):
    first, _ = archive.crawl()
    assert first["channels"][f"{ROOT}/rss/sport"]["empty"] is True
    assert first["channels"][f"{ROOT}/rss/politics"]["empty"] is False
    assert first["sources"]["empty"]["feed"] >= 1
    assert first["unusual"] == []
    archive.outlet.empty("/rss/politics")
    archive.remember(first, 2)
    assert archive.crawl()[0]["unusual"] == []  # three crawls are not enough to call anything usual
    archive.remember(first, 6)
    told, _ = archive.crawl()
    assert told["sources"]["empty"]["feed"] > first["sources"]["empty"]["feed"]
    assert told["unusual"] == []  # of eight answers one was empty


def test_a_source_that_never_was_empty_is_told(archive):
    first, _ = archive.crawl()
    archive.remember(first, 6)
    archive.outlet.empty("/rss/politics")
    assert archive.crawl()[0]["unusual"] == [
        f"sources that usually announce and announced nothing: {ROOT}/rss/politics"
    ]


def test_a_changed_robots_txt_is_told_once_and_so_is_one_that_does_not_answer(archive):
    site = archive.outlet.sites()["alaraby"]
    was = site.robots
    assert archive.crawl()[0]["unusual"] == []
    site.robots = f"# served at 12:00\n{was}"
    assert archive.crawl()[0]["unusual"] == []  # a remark is no rule
    site.robots = was.replace("Disallow: /search/\n", "Disallow: /politics/\nDisallow: /x$\n")
    sentence = f"robots.txt changed: {ROOT}, refuses now /politics/, /x$, no longer refuses /search/"
    assert archive.crawl()[0]["unusual"] == [sentence]
    assert archive.crawl()[0]["unusual"] == []
    archive.outlet.misbehave(robots_503="www.alaraby.co.uk")
    report, _ = archive.crawl()
    assert f"robots.txt did not answer, so nothing is fetched: {ROOT}" in report["unusual"]
    archive.outlet.misbehave()
    assert archive.crawl()[0]["unusual"] == []


def test_a_block_is_told_with_its_evidence(archive):
    archive.outlet.blocks = True
    report, last = archive.crawl()
    assert report["exit_code"] == 5
    assert report["blocks"]["answers"]["block-page"] >= 5
    told = next(said for said in report["unusual"] if said.startswith("the outlet blocks us: block-page "))
    assert f"the last with status 403 from {ROOT}/" in told
    assert last.endswith(f"exit 5 (blocked: {told})")
    assert not any(said.startswith("sources that did not answer") for said in report["unusual"])
    assert report["sources"]["dead"]
