"""Completeness: facts of several crawls become one word a page; what no channel announced is estimated, days have a state."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from archive.cli import main
from archive.coverage import coverage, estimate
from archive.manifests.publisher import Publisher
from archive.reader.archive import open_archive
from archive.reader.jsonl import event_line
from archive.spool.segment import SegmentWriter
from archive.store import open_store

NOON = datetime(2026, 5, 10, 12, tzinfo=UTC)
DAY = date(2026, 5, 10)


def publish(folder, crawl, at, *events):
    """Publish a crawl that tells these events: ``(kind, fields)``."""
    store = open_store((folder / "collection").as_uri())
    words = {"collection": "warraq", "outlet": "aljazeera", "crawl": crawl, "warcinfo": {}, "clock": lambda: at}
    writer = SegmentWriter(folder / "spool", **words)
    for kind, said in events:
        writer.write_event(event_line(kind, outlet="aljazeera", crawl=crawl, at=at, **said))
    writer.close()
    assert not Publisher(store, folder / "spool").publish_sealed().waiting


def page(number, outcome, *channels, reason=None, published=None):
    said = {"channels": list(channels), "day": f"{DAY}", "published": published, "outcome": outcome, "reason": reason}
    return "page", {"id": f"aljazeera:{number}", "url": f"https://www.aljazeera.net/{number}", **said}


def sweep(complete=True):
    return "sweep", {"since": f"{DAY}", "until": f"{DAY}", "complete": complete, "sources": {"feed": {"answered": 1}}}


@pytest.fixture
def told(tmp_path):
    late = page(6, "kept", "feed", published=NOON - timedelta(hours=9))
    publish(
        tmp_path,
        "c1",
        NOON,
        page(1, "kept", "feed", published=NOON - timedelta(hours=1)),
        page(2, "failed", "feed", reason="503"),
        page(3, "refused", "sitemap", reason="robots"),
        page(4, "failed", "sitemap", reason="404"),
        page(5, "failed", "feed", reason="DownloadTimeoutError"),
        late,
        sweep(),
    )
    publish(
        tmp_path,
        "c2",
        NOON + timedelta(days=2),
        page(1, "seen", "sitemap"),
        page(2, "kept", "feed"),
        page(5, "tried", "section"),
        sweep(),
    )
    return tmp_path


def test_each_page_has_the_last_word_of_all_crawls(told):
    (day,) = coverage(open_archive((told / "collection").as_uri()), None, DAY, DAY).days
    assert (day.announced, day.captured, day.refused, day.late) == (6, 3, 1, 1)
    assert day.failed == {"404": 1, "DownloadTimeoutError": 1}


def test_a_day_is_complete_when_nothing_that_might_be_had_is_missing(told):
    archive = open_archive((told / "collection").as_uri())
    found = coverage(archive, ["aljazeera"], DAY, DAY)
    assert found.days[0].state == "gaps"
    assert [fact.id for fact in found.gaps] == ["aljazeera:5"]
    publish(told, "c3", NOON + timedelta(days=3), page(5, "kept"))
    assert coverage(open_archive(archive.store.uri), None, DAY, DAY).days[0].state == "complete"


@pytest.mark.parametrize(
    ("after", "complete", "state"), [(14, True, "open"), (16, False, "open"), (16, True, "complete")]
)
def test_a_day_must_be_over_and_every_source_heard(tmp_path, after, complete, state):
    publish(tmp_path, "c1", NOON + timedelta(hours=after), page(1, "kept", "feed"), sweep(complete))
    assert coverage(open_archive((tmp_path / "collection").as_uri()), None, DAY, DAY).days[0].state == state


def test_days_of_which_nothing_is_known_are_not_walked_through(told):
    archive = open_archive((told / "collection").as_uri())
    assert [day.day for day in coverage(archive, None, date(1, 1, 2), date.max).days] == [DAY]


def test_the_estimate_finds_what_no_channel_announced():
    chance, errors = random.Random(7), []
    for _ in range(200):
        shares = {"feed": chance.uniform(0.5, 0.9), "sitemap": chance.uniform(0.5, 0.9)}
        pages = [frozenset(name for name, share in shares.items() if chance.random() < share) for _ in range(300)]
        found = estimate(pages)
        errors.append(found.missed - sum(not channels for channels in pages))
    assert abs(sum(errors) / len(errors)) < 1.5  # without bias, where the channels are independent
    assert sum(abs(error) < 25 for error in errors) > 190


def test_too_little_overlap_says_nothing():
    assert estimate([frozenset({"feed"})] * 50 + [frozenset({"feed", "sitemap"})] * 6) is None
    assert estimate([frozenset({"feed"})] * 50) is None
    assert estimate([]) is None


def test_the_command_prints_a_table_the_gaps_and_a_picture(told, tmp_path, capsys):
    span = ["coverage", "--archive", (told / "collection").as_uri(), "--since", f"{DAY}", "--until", f"{DAY}"]
    assert main([*span, "--calendar", str(tmp_path / "calendar.svg")]) == 0
    assert "aljazeera\t2026-05-10\t6\t3\t1\t2\t1\t\tgaps\t" in capsys.readouterr().out
    assert (tmp_path / "calendar.svg").read_text(encoding="utf-8").count("<path") > 5
    assert main([*span, "--gaps"]) == 0
    assert capsys.readouterr().out == "https://www.aljazeera.net/5\n"
    assert main([*span[:-1], "gestern"]) == 2
