"""Reports and drift of real crawls: one of a healthy replica, then one for each fault, judged against crawls like the first.

The reports before are copies of the first crawl's, moved into the days before: ten crawls of a replica would say no more.
"""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path

import jsonschema
import pytest

from tests.crawlers.monitoring.listener import listen
from tests.crawling import QUICK, lines_of, places, run
from tests.outlets import cases as golden
from tests.replica import Replica

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "archive/schema/report-1.schema.json").read_text(encoding="utf-8"))
LIMIT = ("-a", "limit=12")
PAGES = "/20"  # aljazeera's articles have their date in their path, its sources have none
FAULTS = {
    "body-selectors": {"changed_body_class": PAGES},
    "json-ld": {"lost_jsonld": PAGES},
    "consent-wall": {"consent_wall": PAGES},
    "other-language": {"english": PAGES},
    "text-length": {"half_empty": PAGES},
}


def report_of(folder):
    """Return the newest report of an archive, held against its schema."""
    reports = [json.loads(path.read_bytes()) for path in folder.glob("collection/reports/**/*.json")]
    report = max(reports, key=itemgetter("started", "finished"))  # two may have begun in one second
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(report)
    assert sum(report["pages"]["outcomes"].values()) == report["pages"]["steps"]["announced"]
    return report


def with_earlier(folder, report):
    """Write an archive in which eight crawls like ``report`` went before."""
    for number in range(1, 9):
        started = datetime.now(UTC) - timedelta(hours=7 * number)
        crawl = f"aljazeera-earlier-{number}"
        earlier = {**report, "crawl": crawl, "started": started.isoformat(timespec="seconds")}
        path = folder / f"collection/reports/outlet=aljazeera/date={started:%Y-%m-%d}/{crawl}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(earlier), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def replica():
    yesterday = datetime.now(UTC).date() - timedelta(days=1)  # early in a day, most of its news is still to come
    with Replica(seed=5, days=3, until=yesterday) as running:
        yield running


@pytest.fixture(scope="module")
def healthy(replica, tmp_path_factory):
    folder = tmp_path_factory.mktemp("healthy")
    nowhere = folder / "gone" / "progress.json"  # what cannot be written there ends no progress
    often = ("-s", "PROGRESS_EVERY=0.5", "-s", f"PROGRESS_FILE={nowhere}")
    answer = run("scrapy", "crawl", "aljazeera", *LIMIT, *QUICK, *often, **replica.env, **places(folder))
    return answer, report_of(folder), folder, Counter(entry.host for entry in replica.log)


def test_each_page_is_in_one_outcome_and_the_steps_add_up(healthy):
    _, report, folder, _ = healthy
    steps = report["pages"]["steps"]
    assert report["pages"]["outcomes"]["kept"] == steps["kept"] == len(lines_of(folder / "collection")) == 12
    assert report["pages"]["outcomes"]["over-limit"] == steps["announced"] - steps["chosen"]
    assert report["exit_code"] == 0
    assert report["drift"]["verdict"] == "learning"


def test_requests_are_counted_by_host_as_the_host_counted_them(healthy):
    _, report, _, asked = healthy
    assert {name: host["requests"] for name, host in report["traffic"]["hosts"].items()} == asked
    assert report["quality"]["articles"] == report["quality"]["fill"]["headline"] == 12
    assert report["quality"]["agreement"]["sampled"] == 2
    assert 0 < report["quality"]["lag"]["median"] <= report["quality"]["lag"]["longest"]


def test_the_terminal_says_what_the_report_says(healthy):
    answer, report, *_ = healthy
    said = answer.stderr
    assert f"{report['pages']['steps']['announced']} announced → 12 chosen → 12 fetched → 12 read → 12 kept" in said
    assert "headline 100 %" in said
    assert "exit 0 (published)" in said.splitlines()[-1]


def test_without_a_terminal_progress_is_plain_lines(healthy):
    lines = [line for line in healthy[0].stderr.splitlines() if "[crawlers.monitoring.progress]" in line]
    assert len(lines) >= 2
    pattern = r"aljazeera: \d+ announced, 0 seen, \d+ fetched, \d+ kept, 0 refused, 0 lost · [\d.]+ requests/s, delay [\d.]+ s$"
    assert all(re.search(pattern, line) for line in lines)
    assert "\x1b" not in healthy[0].stderr


@pytest.mark.parametrize("name", FAULTS)
def test_a_changed_outlet_raises_exactly_its_alarm_and_leaves_cases(healthy, replica, tmp_path, monkeypatch, name):
    folder = with_earlier(tmp_path, healthy[1])
    replica.misbehave(**FAULTS[name])
    with listen() as listener:
        told = {"WEBHOOK_URL": listener.url, "METRICS_DIR": str(folder / "metrics")}
        answer = run("scrapy", "crawl", "aljazeera", *LIMIT, *QUICK, **replica.env, **places(folder), **told)
    replica.misbehave()
    report = report_of(folder)
    assert [alarm["name"] for alarm in report["drift"]["alarms"]] == [name], answer.stderr
    assert answer.returncode == report["exit_code"] == (0 if report["drift"]["verdict"] == "warned" else 8)
    assert f"drift: {name} was" in answer.stderr
    cases = sorted((folder / "spool" / "cases" / "aljazeera").glob("*.json"))
    assert [path.name for path in cases] == report["cases"]
    monkeypatch.setattr(golden, "ROOT", folder / "spool" / "cases")
    for path in cases:
        case = json.loads(path.read_text(encoding="utf-8"))
        assert case["alarm"] == name
        assert case["url"].startswith("https://www.aljazeera.net/")
        assert path.with_suffix(".html").stat().st_size > 300
        assert bool(case["expect"]) == (case["unreadable"] is None)
        if case["expect"]:  # a golden case as it is: what it expects is what is read from it
            line = golden.read_case(golden.Case("aljazeera", path.stem))
            assert {field: line[field] for field in case["expect"]} == case["expect"]
    assert cases
    assert [said["event"] for _, said in listener.posted] == (["failed"] if answer.returncode else [])
    assert "hush" not in answer.stderr
    figures = (folder / "metrics" / "warraq_aljazeera.prom").read_text(encoding="utf-8")
    assert f'warraq_crawl_drift_alarm{{alarm="{name}",outlet="aljazeera"}}' in figures


def test_a_day_like_the_days_before_raises_none(healthy, replica, tmp_path):
    folder = with_earlier(tmp_path, healthy[1])
    answer = run("scrapy", "crawl", "aljazeera", *LIMIT, *QUICK, **replica.env, **places(folder))
    report = report_of(folder)
    assert (report["drift"]["verdict"], answer.returncode) == ("quiet", 0), answer.stderr
    assert not (folder / "spool" / "cases").exists()


def test_a_wrong_setting_is_refused_before_the_first_request(tmp_path):
    environment = {"CONTACT": "https://archive.example/", **places(tmp_path)}
    answer = run("scrapy", "crawl", "aljazeera", "-s", "DRIFT_PATIENCE=0", **environment)
    assert answer.returncode == 2
    assert "DRIFT_PATIENCE is a number above 0" in answer.stderr
