"""What machines and people are told: webhook, figures, status."""

import json
import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from scrapy.utils.project import get_project_settings

from archive.coverage import DayCoverage
from archive.store import open_store
from crawlers.configuration import ConfigurationError
from crawlers.monitoring.metrics import LABELLED, PLAIN, TIMES, Webhook, event, event_of, write_metrics
from crawlers.monitoring.postcrawl import History
from crawlers.monitoring.status import line_of, standing_of
from tests.crawlers.monitoring.listener import listen
from tests.crawlers.monitoring.reports import Outlet
from tests.crawling import OUTLETS, places, run


def reports(count=30, **last):
    """Reports with the fields that a published one has beside those that drift needs; the last one is changed."""
    outlet = Outlet(seed=count)
    outlet.crawls(count)
    for number, report in enumerate(outlet.judged):
        finished = datetime.fromisoformat(report["started"]) + timedelta(minutes=3)
        report |= {"finished": finished.isoformat(), "outlet": "aljazeera", "crawl": f"c{number:03}", "seconds": 180.0}
        report |= {"bytes": 1000 + number, "segments_unpublished": 0}
        report["quality"] |= {"newest": report["started"], "lag": {"median": 12.0}}
    outlet.judged[-1] |= last
    return outlet.judged


# --- webhook ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "before", "expected"),
    [
        (0, [], None),
        (0, [0], None),
        (1, [], "failed"),
        (8, [0], "failed"),
        (8, [8, 0], None),
        (5, [8], "failed"),
        (0, [8], "recovered"),
        (0, [7, 6, 3], "recovered"),
        (6, [0], None),
        (7, [5], None),
    ],
)
def test_only_changes_are_told(code, before, expected):
    assert event_of(code, before) == expected


def test_a_webhook_is_tried_again_and_its_address_stays_secret(caplog):
    caplog.set_level(logging.DEBUG)
    pauses = []
    with listen() as listener:
        hook = Webhook(listener.url, pauses.append)
        listener.statuses = [500, 503, 200]
        assert hook.post(event("failed", "aljazeera", 8, "الجزيرة", alarms=["json-ld was 1 and is 0"]))
        assert pauses == [1.0, 2.0]
        listener.statuses = [404]
        assert not hook.post(event("failed", "aljazeera", 8, "again"))
    assert len(listener.posted) == 3 + TIMES
    path, body = listener.posted[2]
    assert path == "/hush-hush"
    assert body["text"] == "aljazeera: crawl drifted. الجزيرة"
    assert (body["event"], body["exit_code"], body["exit"]) == ("failed", 8, "drifted")
    assert not hook.post(event("failed", "aljazeera", 8, "nobody listens any more"))
    assert "did not take the news of aljazeera (status 404)" in caplog.text
    assert "hush" not in caplog.text


@pytest.mark.parametrize("url", ["hooks.example/hush", "file:///etc/hush", "https://", "http://[hush"])
def test_a_wrong_webhook_is_refused_without_repeating_it(url):
    settings = get_project_settings()
    settings.set("WEBHOOK_URL", url)
    with pytest.raises(ConfigurationError, match="WEBHOOK_URL is no address") as refusal:
        Webhook.from_settings(settings)
    assert "hush" not in str(refusal.value)


# --- figures ---------------------------------------------------------------------------------------------------------


def samples(folder):
    (path,) = folder.glob("*.prom")
    families = text_string_to_metric_families(path.read_text(encoding="utf-8"))
    return {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}


def test_the_text_file_is_what_prometheus_reads(tmp_path):
    known = reports()
    known[-1]["exit_code"] = 8
    alarm = {"name": "json-ld", "was": 0.9, "now": 0.0, "sample": 20, "standing": 1, "grave": True, "explains": []}
    known[-1]["drift"] = {"verdict": "failed", "alarms": [alarm]}
    write_metrics(tmp_path, "aljazeera", known)
    found = samples(tmp_path)
    assert {name for name, *_ in found} == {*PLAIN, *LABELLED}
    assert found["warraq_crawl_exit_code", "aljazeera"] == 8
    assert found["warraq_crawl_drift_alarm", "aljazeera", "json-ld"] == 2
    good = datetime.fromisoformat(known[-2]["finished"]).timestamp()
    assert found["warraq_crawl_good_timestamp_seconds", "aljazeera"] == good
    assert found["warraq_crawl_pages", "aljazeera", "kept"] == known[-1]["pages"]["outcomes"]["kept"]
    assert not list(tmp_path.glob("*.tmp*"))


# --- status ----------------------------------------------------------------------------------------------------------


def test_a_standing_says_what_to_do():
    known = reports(count=12 * 9)
    now = datetime.fromisoformat(known[-1]["finished"]) + timedelta(minutes=20)
    standing = standing_of("aljazeera", known, now)
    assert standing.advice == []
    assert json.loads(json.dumps(standing.as_json()))["last"] == known[-1]["finished"]
    assert standing.last == standing.last_good
    assert standing.usual is not None
    assert abs(standing.today - standing.usual) < 0.5 * standing.usual
    known[-1]["exit_code"] = 5
    late = standing_of("aljazeera", known, now + timedelta(hours=9))
    assert late.last_good < late.last
    assert late.advice == [
        "the outlet refuses us: pause its crawls, write to it",
        "not crawled for 9 h: is the schedule running?",
    ]


def test_one_line_says_whether_yesterday_is_complete():
    day = date(2026, 5, 10)

    def known(outlet, captured, state):
        return DayCoverage(outlet, day, 120, captured, 2, {}, 0, None, state)

    states = {
        "alaraby": known("alaraby", 118, "complete"),
        "albawaba": known("albawaba", 115, "gaps"),
        "aljazeera": known("aljazeera", 80, "open"),
        "skynewsarabia": None,
    }
    reported = reports(count=12 * 9)
    now = datetime.fromisoformat(reported[-1]["finished"])
    standings = [standing_of(outlet, reported, now, found) for outlet, found in states.items()]
    assert line_of(standings, day) == (
        "2026-05-10: complete at 1 of 4 outlets; albawaba lacks 3 of 120 pages, "
        "aljazeera was not asked to the end yet (80 pages), skynewsarabia was not crawled"
    )
    assert standings[1].advice == [
        (
            "3 pages of 2026-05-10 are missing and might be had: "
            "scrapy crawl albawaba -a since=2026-05-10 -a until=2026-05-10"
        )
    ]
    assert json.loads(json.dumps(standings[1].as_json()))["yesterday"]["captured"] == 115


def written(collection, known):
    for report in known:
        path = Path(collection, f"reports/outlet=aljazeera/date={report['started'][:10]}/{report['crawl']}.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(report), encoding="utf-8")


def moved(known):
    """Return the reports as if the last crawl had ended just now."""
    shift = datetime.now(UTC) - datetime.fromisoformat(known[-1]["finished"])
    for report in known:
        for name in ("started", "finished"):
            report[name] = (datetime.fromisoformat(report[name]) + shift).isoformat()
    return known


def test_scrapy_status_prints_a_line_an_outlet_and_what_to_do(tmp_path):
    written(tmp_path / "collection", moved(reports(exit_code=4, segments_unpublished=2)))
    answer = run("scrapy", "status", "--check", **places(tmp_path), COLUMNS="120")
    assert answer.returncode == 3
    (line,) = [line for line in answer.stdout.splitlines() if line.startswith(" aljazeera ")]
    assert "ago (unpublished)" in line
    assert "2 segments" in line
    assert "aljazeera: mend the store; the next crawl publishes what waits" in answer.stdout
    assert "alaraby: never crawled: scrapy crawl alaraby" in answer.stdout
    assert f": complete at 0 of {len(OUTLETS)} outlets; alaraby was not crawled, " in answer.stdout


def test_a_history_reads_each_report_once(tmp_path, monkeypatch):
    known = moved(reports(count=8))
    written(tmp_path / "collection", known)
    store = open_store(tmp_path / "collection")
    history = History(store, tmp_path / "spool" / "x", days=14)
    assert [report["crawl"] for report in history.reports("aljazeera")] == [report["crawl"] for report in known]
    reads = []
    monkeypatch.setattr(store, "read", lambda key: reads.append(key) or b"{}")
    assert len(history.reports("aljazeera")) == 8
    assert reads == []
    (tmp_path / "spool" / "x.aljazeera.history").write_text("{", encoding="utf-8")
    monkeypatch.undo()
    assert len(history.reports("aljazeera")) == 8


@pytest.mark.parametrize("after", [timedelta(seconds=1), timedelta(milliseconds=1)], ids=str)
def test_of_two_crawls_of_one_second_the_one_that_ended_later_is_the_newest(tmp_path, after):
    (known,) = moved(reports(count=1))
    later = (datetime.fromisoformat(known["finished"]) + after).isoformat()
    twins = [{**known, "crawl": "aljazeera-b"}, {**known, "crawl": "aljazeera-a", "finished": later}]
    written(tmp_path / "collection", twins)
    history = History(open_store(tmp_path / "collection"), tmp_path / "spool" / "x", days=14)
    assert [report["crawl"] for report in history.reports("aljazeera")] == ["aljazeera-b", "aljazeera-a"]


@pytest.mark.parametrize("body", ["{", "[]", "{}", "null", '{"started": "yesterday"}'])
def test_what_is_no_report_is_left_out_of_a_history(tmp_path, body, caplog):
    known = moved(reports(count=3))
    written(tmp_path / "collection", known)
    day = next((tmp_path / "collection" / "reports" / "outlet=aljazeera").iterdir())
    (day / "stray.json").write_text(body, encoding="utf-8")
    history = History(open_store(tmp_path / "collection"), tmp_path / "spool" / "x", days=14)
    for _ in range(2):
        assert len(history.reports("aljazeera")) == 3
    assert "stray.json is no report of a crawl; it is left out" in caplog.text
