"""The schedule: its table, its slots, the interval that follows the outlet; then the process itself, with crawls that are stubs."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest
import time_machine
from rich.console import Console

from archive.store import open_store
from crawlers.configuration import ConfigurationError
from crawlers.monitoring import progress
from crawlers.monitoring.postcrawl import History
from crawlers.scheduling import scheduler as scheduling
from crawlers.scheduling.config import ScheduleEntry, read_table
from crawlers.scheduling.scheduler import Memory, Past, Scheduler, due, next_interval, stamp
from crawlers.scheduling.service import NAMES, health, overview, serve

OUTLETS = ("aljazeera", "skynewsarabia")
NOON = datetime(2026, 5, 11, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


# --- table -----------------------------------------------------------------------------------------------------------


def test_a_row_joins_the_one_for_all():
    table = {"*": {"every": "20m", "adapt": ["5m", "2h"], "retry": 3}, "aljazeera": {"cron": "*/10 * * * *"}}
    entries = read_table(table, OUTLETS)
    assert (entries["aljazeera"].cron, entries["aljazeera"].retry) == ("*/10 * * * *", 3)
    assert entries["skynewsarabia"].bounds == (5 * MINUTE, 120 * MINUTE)
    assert entries["skynewsarabia"].adapts
    assert not entries["aljazeera"].adapts


def test_an_outlet_can_be_left_out_and_given_arguments():
    entries = read_table({"*": {"every": "1h", "arguments": {"limit": "5"}}, "aljazeera": None}, OUTLETS)
    assert list(entries) == ["skynewsarabia"]
    assert entries["skynewsarabia"].words() == ["-a", "limit=5"]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({}, "SCHEDULE is a table such as"),
        ({"cnn": {"every": "1h"}}, "SCHEDULE names 'cnn'; there are aljazeera, skynewsarabia"),
        ({"*": {"evry": "1h"}}, "SCHEDULE: \\*: 'evry' is none of cron, every"),
        ({"*": {"every": "soon"}}, "every is a time such as 90s, 20m, 2h or 1d, not 'soon'"),
        ({"*": {"every": "99999999999d"}}, "every is a time such as 90s, 20m, 2h or 1d, not '99999999999d'"),
        ({"*": {"cron": "61 * * * *"}}, "cron '61 \\* \\* \\* \\*' cannot be read"),
        ({"*": {"cron": "* * * * *", "every": "1h"}}, "has either cron or every"),
        ({"*": {"every": "1h", "adapt": "2h"}}, "adapt names the shortest and the longest interval"),
        ({"*": {"every": "3h", "adapt": ["5m", "2h"]}}, "every lies within adapt"),
        ({"*": {"every": "1h", "retry": "often"}}, "retry is a number of times, not 'often'"),
        ({"aljazeera": None, "skynewsarabia": None}, "SCHEDULE crawls no outlet"),
        ({"aljazeera": 5}, "a row is a table of"),
        ({"*": {"every": "1h", "arguments": {"sinse": "x"}}}, "arguments are since, until, url and limit, not 'sinse'"),
    ],
)
def test_a_wrong_table_is_named_in_a_sentence(table, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        read_table(table, OUTLETS)


# --- slots -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "now", "slot", "passed", "following"),
    [
        (NOON, NOON + 5 * MINUTE, None, 0, NOON + 10 * MINUTE),
        (NOON, NOON + 10 * MINUTE, NOON + 10 * MINUTE, 1, NOON + 20 * MINUTE),
        (NOON, NOON + 61 * MINUTE, NOON + 60 * MINUTE, 6, NOON + 70 * MINUTE),
        (None, NOON + 5 * MINUTE, None, 0, NOON + 10 * MINUTE),
    ],
)
def test_slots_of_a_cron_line(last, now, slot, passed, following):
    entry = ScheduleEntry("aljazeera", cron="*/10 * * * *")
    assert due(entry, last, entry.every, now) == (slot, passed, following)


@pytest.mark.parametrize(
    ("last", "now", "slot", "passed", "following"),
    [
        (None, NOON, NOON, 1, NOON + 20 * MINUTE),
        (NOON, NOON + 19 * MINUTE, None, 0, NOON + 20 * MINUTE),
        (NOON, NOON + 65 * MINUTE, NOON + 60 * MINUTE, 3, NOON + 80 * MINUTE),
    ],
)
def test_slots_of_an_interval(last, now, slot, passed, following):
    entry = ScheduleEntry("aljazeera", every=20 * MINUTE)
    assert due(entry, last, entry.every, now) == (slot, passed, following)


def test_a_year_of_missed_minutes_is_counted_only_so_far():
    entry = ScheduleEntry("aljazeera", cron="* * * * *")
    found = due(entry, NOON - timedelta(days=365), entry.every, NOON)
    assert found.passed == 10_000
    assert found.following > NOON - MINUTE


# --- interval --------------------------------------------------------------------------------------------------------

FEED = {"kind": "feed", "announced": 25, "new": 25, "unchanged": False}
BOUNDS = (5 * MINUTE, 120 * MINUTE)


def learnt(new, **more):
    first = {"regular": True, "channels": {"feed": FEED}}
    second = {"regular": True, "channels": {"feed": {**FEED, "new": new, **more}}}
    return next_interval(20 * MINUTE, [first, second], BOUNDS)


def test_the_interval_follows_the_fullest_channel():
    assert learnt(25) == 10 * MINUTE  # all new: something may have rolled off unseen
    assert learnt(12) == pytest.approx(20.8 * MINUTE, rel=0.01)
    assert learnt(5) == 30 * MINUTE
    assert learnt(0) == learnt(0, unchanged=True) == 30 * MINUTE


def test_the_interval_stays_within_its_bounds_and_without_news_of_channels_as_it_is():
    reports = [{"regular": True, "channels": {"feed": FEED}}] * 2
    assert next_interval(6 * MINUTE, reports, BOUNDS) == 5 * MINUTE
    assert next_interval(20 * MINUTE, reports[:1], BOUNDS) == 20 * MINUTE
    assert learnt(3, kind="sitemap") == 20 * MINUTE


def test_polls_overlap_and_an_outlet_that_sleeps_is_asked_less():
    """A feed of 25 at an outlet with 40 articles an hour by day and none by night: what rolls off unseen, and how often it is asked."""
    interval, at, polls, lost, seen = 20 * MINUTE, NOON - timedelta(hours=12), [], 0, 0
    reports = []
    while at < NOON + timedelta(hours=36):
        fresh = sum(
            1
            for n in range(int(interval / timedelta(seconds=90)))
            if (at - n * timedelta(seconds=90)).hour in range(6, 20)
        )
        lost += max(fresh - 25, 0) if polls else 0
        seen += fresh
        polls.append(at)
        channel = {**FEED, "new": min(fresh, 25)}
        reports = [*reports, {"regular": True, "channels": {"feed": channel}}][-3:]
        interval = next_interval(interval, reports, (5 * MINUTE, 60 * MINUTE))
        at += interval
    by_day, by_night = (sum(poll.hour in hours for poll in polls) / len(hours) for hours in (range(8, 19), range(4)))
    assert seen > 1000
    assert lost <= 15  # in the one poll that first meets the morning
    assert by_night < by_day / 2


# --- the process -----------------------------------------------------------------------------------------------------


@pytest.fixture
def scheduler(tmp_path, monkeypatch):
    stub = Path(__file__).with_name("crawl_stub.py")
    monkeypatch.setattr(progress, "_scrapy", lambda: [sys.executable, str(stub), str(tmp_path)])
    (tmp_path / "logs").mkdir()

    def make(*plan, **entry):
        (tmp_path / "plan").write_text(" ".join(plan), encoding="utf-8")
        history = History(open_store(tmp_path / "collection"), tmp_path / "spool" / "x", 14)
        entries = {"aljazeera": ScheduleEntry("aljazeera", **{"retry": 0, "retry_after": timedelta(0), **entry})}
        memory = Memory(tmp_path / "x.schedule")
        made = Scheduler(entries, memory, history, logs=tmp_path / "logs", words=["-s", "A=1"], ended=ended)
        made.told, made.runs_file = told, tmp_path / "runs"
        return made

    told = []

    def ended(outlet, past, before):
        told.append((outlet, past.code, before))

    return make


async def _wait(holds):
    while not holds():  # noqa: ASYNC110  what another process writes sets no event
        await asyncio.sleep(0.02)


def run_until(scheduler, holds):
    """Let the schedule run until this holds of the outlet's past, then stop it; return the crawls that began."""

    async def run():
        running = asyncio.create_task(scheduler.run())
        await asyncio.wait_for(_wait(lambda: holds(scheduler.memory.of("aljazeera"))), 60)
        scheduler.stop()
        await asyncio.wait_for(running, 30)

    asyncio.run(run())
    return began(scheduler.runs_file)


def began(runs_file):
    return (
        [json.loads(line) for line in runs_file.read_text(encoding="utf-8").splitlines()] if runs_file.exists() else []
    )


def ended_runs(number):
    return lambda past: past.runs >= number and past.running is None and past.code is not None


def test_each_slot_is_crawled_in_a_process_of_its_own(scheduler):
    running = scheduler("0", every=timedelta(seconds=1), arguments={"limit": "3"})
    runs = run_until(running, ended_runs(2))
    assert len(runs) >= 2
    assert runs[0]["words"][:4] == ["-a", "limit=3", "-s", "A=1"]
    past = Memory(running.memory.path).of("aljazeera")
    assert (past.runs, past.code, past.words) == (len(runs), 0, "aljazeera: the stub says 0")
    assert past.running is None


def test_slots_that_pass_while_a_crawl_runs_are_made_up_for_by_one_and_counted(scheduler):
    running = scheduler("wait2.3", "0", every=timedelta(seconds=1))
    start = time.monotonic()
    runs = run_until(running, lambda past: past.missed)
    assert len(runs) >= 2
    assert 1 <= running.memory.of("aljazeera").missed <= time.monotonic() - start


def test_a_restart_makes_up_for_what_passed_meanwhile(scheduler):
    first = scheduler("0", cron="* * * * *")
    first.memory.pasts["aljazeera"] = Past(slot=stamp(datetime.now(UTC) - timedelta(minutes=10)), runs=7)
    first.memory.save()
    second = scheduler("0", cron="* * * * *")
    assert len(run_until(second, lambda past: past.missed)) >= 1
    past = Memory(second.memory.path).of("aljazeera")
    assert past.runs >= 8
    assert past.missed in {9, 10}


def test_a_broken_crawl_is_tried_again_and_a_refused_one_is_not(scheduler):
    broken = scheduler("1", "4", "0", every=timedelta(hours=1), retry=2)
    assert len(run_until(broken, lambda past: past.slot)) == 3
    assert broken.told == [("aljazeera", 1, None), ("aljazeera", 4, 1), ("aljazeera", 0, 4)]
    assert broken.memory.of("aljazeera").retries == 2
    broken.runs_file.unlink()
    broken.memory.path.unlink()
    refused = scheduler("2", every=timedelta(hours=1), retry=2)
    assert len(run_until(refused, lambda past: past.slot)) == 1


def test_a_crawl_over_its_limit_is_asked_to_stop(scheduler):
    running = scheduler("hang", every=timedelta(hours=1), limit=timedelta(seconds=3))
    start = time.monotonic()
    run_until(running, lambda past: past.slot)
    assert running.memory.of("aljazeera").code == 7
    assert running.told == []
    assert time.monotonic() - start < 45  # the stub would hang for a minute


def test_a_schedule_that_is_stopped_takes_its_slot_again_when_it_is_back(scheduler):
    stopped = scheduler("hang", every=timedelta(hours=1))
    run_until(stopped, lambda _: began(stopped.runs_file))
    past = Memory(stopped.memory.path).of("aljazeera")
    assert (past.code, past.slot) == (7, None)
    again = scheduler("hang", "0", every=timedelta(hours=1))
    assert len(run_until(again, lambda past: past.slot)) == 2
    assert Memory(again.memory.path).of("aljazeera").slot is not None


def test_the_overview_says_what_runs_ran_and_comes_next(tmp_path):
    memory = Memory(tmp_path / "x")
    memory.pasts["aljazeera"] = Past(slot=stamp(NOON), runs=3, missed=2, code=8, finished=stamp(NOON), interval=900)
    memory.pasts["skynewsarabia"] = Past(slot=stamp(NOON), running=stamp(NOON))
    table = {"*": {"cron": "*/10 * * * *"}, "aljazeera": {"every": "20m", "adapt": ["5m", "2h"]}}
    console = Console(width=140)
    with console.capture() as said:
        console.print(overview(read_table(table, OUTLETS), memory, {}, NOON + 5 * MINUTE))
    jazeera, sky = said.get().splitlines()[1:]
    assert jazeera.split("  ")[0].strip() == "aljazeera"
    for part in ("5 min ago, drifted", "in 10 min", "every 15 min (5 min – 2.0 h)", "3", "2"):
        assert part in jazeera
    assert "for 5 min" in sky
    assert "*/10 * * * * (UTC)" in sky


def test_a_port_that_is_taken_is_refused(scheduler):
    idle = scheduler("0", every=timedelta(hours=1))
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigurationError, match="METRICS_PORT"):
        serve(idle, "127.0.0.1", taken.getsockname()[1])
    assert "warraq_schedule_missed_slots_total" in NAMES


def test_crawlall_passes_a_signal_on_and_waits_for_its_crawls(tmp_path, monkeypatch, capsys):
    stub = Path(__file__).with_name("crawl_stub.py")
    monkeypatch.setattr(progress, "_scrapy", lambda: [sys.executable, str(stub), str(tmp_path)])
    (tmp_path / "plan").write_text("hang", encoding="utf-8")
    crawls = [progress.Crawl(outlet, [], tmp_path) for outlet in OUTLETS]

    async def run():
        running = asyncio.create_task(progress.run_crawls(crawls))
        await asyncio.wait_for(_wait(lambda: len(began(tmp_path / "runs")) == 2), 60)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, 30)

    asyncio.run(run())
    assert [crawl.code for crawl in crawls] == [7, 7]


def test_crawls_of_one_outlet_side_by_side_leave_each_other_s_log_alone(tmp_path, monkeypatch):
    """As where `crawlall` is killed and started again, or started beside a schedule."""
    stub = Path(__file__).with_name("crawl_stub.py")
    monkeypatch.setattr(progress, "_scrapy", lambda: [sys.executable, str(stub), str(tmp_path)])
    (tmp_path / "plan").write_text("wait2\n6", encoding="utf-8")
    first, second = (progress.Crawl("aljazeera", [], tmp_path) for _ in range(2))

    async def run():
        running = asyncio.create_task(first.run())
        await asyncio.wait_for(_wait(lambda: len(began(tmp_path / "runs")) == 1), 60)
        await second.run()
        assert not running.done()
        await running

    asyncio.run(run())
    assert [crawl.code for crawl in (first, second)] == [0, 6]
    assert [crawl.last_words() for crawl in (first, second)] == [
        f"aljazeera: the stub says {n}" for n in ("wait2", "6")
    ]
    assert (tmp_path / "aljazeera.log").read_text(encoding="utf-8") == "aljazeera: the stub says 6\n"
    assert (tmp_path / "aljazeera.previous.log").read_text(encoding="utf-8") == "aljazeera: the stub says wait2\n"
    assert not list(tmp_path.glob("*.progress.json"))


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "7", "\x00" * 40, "[" * 100_000])
def test_a_spoiled_memory_is_set_aside_and_empty(tmp_path, body, caplog):
    (tmp_path / "x").write_text(body, encoding="utf-8")
    assert Memory(tmp_path / "x").pasts == {}
    assert (tmp_path / "x.spoiled").read_text(encoding="utf-8") == body
    assert f"{tmp_path / 'x'} is spoiled" in caplog.text


@pytest.mark.parametrize(
    "past",
    [7, None, [], {"slot": 7}, {"slot": "soon"}, {"slot": "2026-05-11T12:00:00"}, {"runs": "3"}, {"interval": -1}, {"interval": 1e300}],
)  # fmt: skip
def test_a_spoiled_part_of_the_memory_is_forgotten_and_the_others_stay(tmp_path, past, caplog):
    (tmp_path / "x").write_text(json.dumps({"aljazeera": past, "albawaba": {"runs": 3}}), encoding="utf-8")
    assert Memory(tmp_path / "x").pasts == {"albawaba": Past(runs=3)}
    assert "what it says of aljazeera is spoiled" in caplog.text


# --- what goes wrong in the schedule itself ----------------------------------------------------------------------------


def test_a_log_that_cannot_be_written_costs_a_slot_and_not_the_outlet(scheduler, tmp_path, caplog):
    running = scheduler("0", every=timedelta(seconds=1))
    logs = tmp_path / "logs"
    logs.rmdir()
    logs.write_text("no folder")

    def holds(past):
        if past.errors == 2 and logs.is_file():
            assert past.broken == 2
            assert not health(running)[0]
            logs.unlink()  # and the folder is made again
        return past.runs > past.errors and past.code == 0

    assert run_until(running, holds)
    past = running.memory.of("aljazeera")
    assert past.errors >= 2
    assert past.broken == 0
    assert health(running) == (True, {"well": True, "missed": {"aljazeera": 0}})
    assert "came to nothing; the next one comes" in caplog.text


def test_a_memory_that_cannot_be_kept_stops_nothing(scheduler, tmp_path, caplog):
    running = scheduler("0", every=timedelta(seconds=1))
    (tmp_path / "x.schedule.part").mkdir()
    assert len(run_until(running, ended_runs(2))) >= 2
    assert "the schedule goes on from memory" in caplog.text


@pytest.mark.parametrize("entry", [{"cron": "* * * * *"}, {"every": timedelta(seconds=1)}])
def test_a_slot_of_an_impossible_future_is_reckoned_anew(scheduler, entry, caplog):
    running = scheduler("0", **entry)
    ahead = datetime.now(UTC) + timedelta(days=364)
    running.memory.pasts["aljazeera"] = Past(slot=stamp(ahead), started=stamp(ahead), runs=7)
    seen = run_until(running, lambda past: past.slot and past.last_slot() < ahead - timedelta(days=1))
    assert "is yet to come; slots are reckoned anew" in caplog.text
    assert running.following["aljazeera"] <= datetime.now(UTC) + timedelta(minutes=1)
    assert bool(seen) == ("every" in entry)


def test_a_clock_that_is_set_right_while_the_schedule_runs_moves_the_slots(scheduler, monkeypatch):
    monkeypatch.setattr(scheduling, "LOOK_EVERY", 0.1)
    running = scheduler("0", every=timedelta(hours=1))
    with time_machine.travel(datetime.now(UTC) + timedelta(days=364), tick=True) as clock:

        async def run():
            at_work = asyncio.create_task(running.run())
            past = running.memory.of("aljazeera")
            await asyncio.wait_for(_wait(lambda: past.slot and past.running is None), 60)
            clock.move_to(datetime.now(UTC) - timedelta(days=364))
            await asyncio.wait_for(_wait(lambda: past.runs == 2 and past.running is None), 60)
            running.stop()
            await asyncio.wait_for(at_work, 30)

        asyncio.run(run())


def test_an_archive_that_does_not_answer_is_tried_again_ever_later_and_a_suspect_crawl_is_not(scheduler, monkeypatch):
    pauses = []

    async def pause(self, seconds):
        pauses.append(seconds)
        await asyncio.sleep(0)

    away = scheduler("3", "3", "3", "0", every=timedelta(hours=1), retry=3, retry_after=timedelta(minutes=5))
    with monkeypatch.context() as patched:
        patched.setattr(Scheduler, "_pause", pause)
        assert len(run_until(away, lambda past: past.slot)) == 4
    assert [seconds for seconds in pauses if seconds > 60] == [300, 600, 1200]
    away.runs_file.unlink()
    away.memory.path.unlink()
    suspect = scheduler("3", "0", every=timedelta(hours=1), retry=3)
    monkeypatch.setattr(Scheduler, "_has_report", lambda *_: True)
    assert len(run_until(suspect, lambda past: past.slot)) == 1


# --- health ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("past", "missed"),
    [
        (Past(), 0),
        (Past(slot=stamp(NOON)), 0),
        (Past(slot=stamp(NOON - 20 * MINUTE)), 1),
        (Past(slot=stamp(NOON - 40 * MINUTE)), 2),
        (Past(slot=stamp(NOON - 40 * MINUTE), started=stamp(NOON - 5 * MINUTE)), 0),  # it is being tried again
        (Past(slot=stamp(NOON), broken=2), 2),
        (Past(slot=stamp(NOON + timedelta(days=364)), broken=1), 1),
    ],
)
def test_an_outlet_is_unwell_when_two_slots_came_to_nothing(scheduler, past, missed):
    watched = scheduler("0", every=20 * MINUTE)
    watched.memory.pasts["aljazeera"] = past
    assert watched.missed("aljazeera", NOON + MINUTE) == missed


def test_a_long_crawl_is_not_late_until_it_is_over_its_limit(scheduler):
    watched = scheduler("0", every=MINUTE, limit=timedelta(hours=1))
    watched.memory.pasts["aljazeera"] = Past(slot=stamp(NOON - 30 * MINUTE), running=stamp(NOON - 30 * MINUTE))
    watched.running["aljazeera"] = None
    assert watched.missed("aljazeera", NOON) == 0
    assert watched.missed("aljazeera", NOON + 40 * MINUTE) == 2


def test_the_endpoint_turns_red_and_green_again(scheduler):
    watched = scheduler("0", every=20 * MINUTE)
    client = build_opener(ProxyHandler({}))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    end = serve(watched, "127.0.0.1", port)
    try:

        def asked():
            try:
                answer = client.open(f"http://127.0.0.1:{port}/healthz", timeout=10)
            except HTTPError as error:
                answer = error
            with answer:
                return answer.status, json.loads(answer.read())

        assert asked() == (200, {"well": True, "missed": {"aljazeera": 0}})
        watched.memory.of("aljazeera").broken = 2
        assert asked() == (503, {"well": False, "missed": {"aljazeera": 2}})
        watched.memory.of("aljazeera").broken = 0
        assert asked()[0] == 200
        with client.open(f"http://127.0.0.1:{port}/metrics", timeout=10) as figures:
            assert b"warraq_schedule_errors_total" in figures.read()
    finally:
        end()
