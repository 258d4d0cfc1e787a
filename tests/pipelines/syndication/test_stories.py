"""What a crawl, a restart, another machine and a re-run see: the same stories."""

import json
import random
import sqlite3
import tracemalloc
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from itertools import permutations
from operator import itemgetter

import numpy as np
import pytest
import time_machine

from pipelines.syndication import MemoryStoryIndex, Piece, Placement, SqliteStoryIndex, Stories, from_line, story_line
from pipelines.syndication.alignment import Evidence, Verdict, judge
from pipelines.syndication.fingerprints import Words
from pipelines.syndication.index import Credit, Relation
from tests.pipelines.syndication.draws import Draw
from tests.pipelines.syndication.writing import ARTICLES, BACKGROUND, BASES, START, line, published, settle

DAM = ARTICLES["dam"][1]
HALF = "\n".join([*DAM.split("\n")[:3], ARTICLES["chess"][1].split("\n")[1]])


@pytest.fixture
def durable(tmp_path):
    index = SqliteStoryIndex(tmp_path / "catalog" / "stories")
    yield index
    index.close()


def drawn(seed):
    return published([each.line() for each in Draw(BASES, seed, wires=6).articles])


@pytest.mark.parametrize("seed", range(3))
def test_any_order_gives_the_same_stories(seed):
    lines = drawn(seed)
    expected = settle(lines)
    for shuffle in range(3):
        random.Random(shuffle).shuffle(lines)
        assert settle(lines) == expected


def test_the_index_on_disk_agrees_with_the_one_in_memory_across_a_restart(tmp_path):
    lines = drawn(5)
    expected = settle(lines)
    random.Random(1).shuffle(lines)
    for part in (lines[:7], lines[7:20], lines[15:]):  # some are placed again, as after a crash
        index = SqliteStoryIndex(tmp_path / "stories")
        settled = settle(part, Stories(index))
        index.close()
    assert settled == expected


def test_many_articles_at_once_stand_where_they_stand_one_by_one(durable):
    days = [line(f"a:{day}", f"{DAM}\nيوم {day}", 24 * day) for day in range(6)]
    twins = [{**line(f"z:{hours}", DAM, hours), "headline": "سد"} for hours in (900, 1800)]
    lines = [*drawn(7)[:12], *days, *twins]
    expected = settle(lines)
    for stories in (Stories(MemoryStoryIndex()), Stories(durable)):
        stories.place_all(map(Piece.of_line, lines))
        assert {each.id: (each.story, each.role, each.overlap) for each in stories.placements()} == expected
    assert expected["z:1800"][0] == "z:900"  # by its key alone, weeks later


def test_an_index_holds_so_many_articles_in_memory_however_many_come(durable, monkeypatch):
    monkeypatch.setattr("pipelines.syndication.stories._COMPARED", 8)
    for bound in ("_RECENT", "_HELD"):
        monkeypatch.setattr(f"pipelines.syndication.sqlite_index.{bound}", 8)
    lines, stories = drawn(8), Stories(durable)
    assert settle(lines, stories) == settle(lines)
    held = stories._ready._words, durable._texts, durable._edges._held, durable._rows._held
    assert len(lines) > 3 * max(map(len, held)) > 0


def test_words_that_were_compared_take_little_more_than_their_numbers():
    rng = np.random.default_rng(1)
    ids = [rng.integers(0, 1 << 32, 1000, np.uint32) for _ in range(40)]
    copies = [np.concatenate([each[:600], each[:400] + np.uint32(2)]) for each in ids]
    tracemalloc.start()
    try:
        pairs = [(Words(one), Words(other)) for one, other in zip(ids, copies, strict=True)]
        assert {judge(Evidence(*pair)) for pair in pairs} == {Verdict.SAME}
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held / 80_000 < 12  # bytes a word: its 3-gram's hash; the numbers themselves belong to the text


def test_two_processes_share_an_index(tmp_path):
    lines = drawn(6)
    one, other = (Stories(SqliteStoryIndex(tmp_path / "stories")) for _ in range(2))
    for number, each in enumerate(lines):
        (one if number % 2 else other).place(Piece.of_line(each))
    assert list(one.placements()) == list(other.placements())
    assert {p.id: (p.story, p.role, p.overlap) for p in one.placements()} == settle(lines)


def test_placing_again_changes_nothing(durable):
    stories = Stories(durable)
    first = [stories.place(Piece.of_line(each)) for each in (line("a:1", DAM), line("b:1", HALF, 2))]
    again = stories.place(Piece.of_line(line("b:1", HALF, 2)))
    assert again.story == first[1].story
    assert again.taught == []


def test_an_earlier_origin_is_taught():
    stories = Stories(MemoryStoryIndex())
    stories.place(Piece.of_line(line("late:1", DAM, 9)))
    placed = stories.place(Piece.of_line(line("early:1", DAM, 1)))
    assert (placed.story.role, placed.story.origin) == ("first", "early:1")
    assert placed.taught == [Placement("late:1", "early:1", "copy", "early:1", 1.0)]


def test_the_origin_is_the_first_that_carries_the_core():
    dam = DAM.split("\n")
    brief, full = "\n".join(dam[:2]), DAM
    for order in permutations([line("brief:1", brief, 0), line("full:1", full, 1), line("copy:1", full, 2)]):
        settled = settle(list(order))
        assert {story for story, _, _ in settled.values()} == {"brief:1"}
        assert [name for name, (_, role, _) in settled.items() if role == "first"] == ["full:1"]
        assert settled["brief:1"][2] == 1.0


def test_a_version_keeps_its_story_outside_the_window(durable):
    stories = Stories(durable)
    stories.place(Piece.of_line(line("a:1", DAM)))
    stories.place(Piece.of_line(line("b:1", DAM, 3)))
    rewritten = line("b:1", ARTICLES["museum"][1], 3, version=2, captured="2026-04-20T00:00:00Z")
    assert stories.place(Piece.of_line(rewritten)).story.id == "a:1"


def test_agencies_are_those_of_all_members_with_their_evidence():
    stories = Stories(MemoryStoryIndex())
    evidence = {"agencies": ["reuters"], "agency_evidence": {"reuters": "tail"}}
    assert stories.place(Piece.of_line(line("a:1", DAM, **evidence))).taught == []
    placed = stories.place(Piece.of_line(line("b:1", DAM, 1, agencies=["afp", "agencies"])))
    union = {"afp": {"b:1": "credit"}, "agencies": {"b:1": "credit"}, "reuters": {"a:1": "tail"}}
    assert placed.story.agencies == union
    (told,) = placed.taught
    assert json.loads(story_line(told, START))["agencies"] == union
    third = stories.place(Piece.of_line(line("c:1", DAM, 2)))
    assert (third.story.agencies, third.taught) == (union, [])


def test_a_first_article_that_comes_last_tells_the_agencies_of_its_story():
    stories = Stories(MemoryStoryIndex())
    stories.place(Piece.of_line(line("late:1", DAM, 5, agencies=["afp"])))
    placed = stories.place(Piece.of_line(line("early:1", DAM, 1)))
    told = {each.id: json.loads(story_line(each, START)) for each in placed.taught}
    assert told["early:1"]["agencies"] == {"afp": {"late:1": "credit"}}
    assert told["late:1"]["agencies"] is None


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_earlier_articles_are_told_what_contains_them(kind, tmp_path):
    index = MemoryStoryIndex() if kind == "memory" else SqliteStoryIndex(tmp_path / "stories")
    stories = Stories(index)
    names = ("dam", "museum", "strike", "vaccine")
    for number, name in enumerate(names):
        stories.place(Piece.of_line(line(f"o{number}:1", ARTICLES[name][1], number)))
    digest = line("digest:1", "\n".join(ARTICLES[name][1].split("\n")[0] for name in names), 5)
    placed = stories.place(Piece.of_line(digest))
    assert [each.id for each in placed.taught] == [each.id for each in placed.related]
    for told, mine in zip(placed.taught, placed.related, strict=True):
        assert told.related == (
            Relation("digest:1", {"contains": "contained-in", "contained-in": "contains"}[mine.relation], mine.overlap),
        )
        assert stories.place(Piece.of_line(line(told.id, ARTICLES[names[int(told.id[1])]][1], int(told.id[1])))).related
    stories.forget(lambda article: article != "digest:1")
    assert [each.related for each in stories.placements()] == [()] * 4


def test_who_joins_a_story_is_no_longer_related_with_it():
    dam = DAM.split("\n")
    lines = [line("a:1", DAM), line("b:1", "\n".join([*ARTICLES["chess"][1].split("\n"), dam[0]]), 1)]
    stories = Stories(MemoryStoryIndex())
    for each in lines:
        stories.place(Piece.of_line(each))
    assert [each.related for each in stories.placements()] != [(), ()]
    again = line("b:1", DAM, 1, version=2)
    told = {each.id: each for each in stories.place(Piece.of_line(again)).taught}
    assert (told["a:1"].related, told["b:1"].related) == ((), ())
    assert told["b:1"].story == "a:1"


def test_an_index_of_another_schema_is_emptied(tmp_path):
    path = tmp_path / "stories"
    with closing(sqlite3.connect(path)) as old, old:
        old.executescript(
            "CREATE TABLE text (serial INTEGER, article TEXT); CREATE TABLE learned (name TEXT); INSERT INTO learned VALUES ('m')"
        )
    index = SqliteStoryIndex(path)
    assert not index.learned("m")
    assert settle(drawn(1), Stories(index)) == settle(drawn(1))


def test_two_machines_converge_after_catching_up(tmp_path):
    lines = drawn(7)
    machines = [Stories(SqliteStoryIndex(tmp_path / name)) for name in ("one", "other")]
    bucket: list[dict[str, object]] = []
    for number, each in enumerate(lines):
        placed = machines[number % 2].place(Piece.of_line(each))
        story, related = asdict(placed.story), [asdict(relation) for relation in placed.related]
        bucket.append({**each, "story": story, "related": related})
        bucket += map(told_line, placed.taught)
    for machine in machines:
        machine.catch_up(part for each in bucket for part in from_line(each))
    assert list(machines[0].placements()) == list(machines[1].placements())
    assert {p.id: (p.story, p.role, p.overlap) for p in machines[0].placements()} == settle(lines)
    bucket += map(told_line, machines[0].untold()[0])
    for machine in machines:
        machine.catch_up(part for each in bucket for part in from_line(each))
        assert machine.untold()[0] == []
    told = {each["id"]: each["story"] for each in bucket if "text" not in each}
    for placement in machines[0].placements():
        own = next(each["story"]["id"] for each in bucket if each["id"] == placement.id and "text" in each)
        assert told.get(placement.id, own) == placement.story


def test_what_two_crawls_teach_at_once_is_told_in_the_order_in_which_it_was_found(tmp_path):
    one, other = (Stories(SqliteStoryIndex(tmp_path / "stories")) for _ in range(2))
    with time_machine.travel(START, tick=False) as clock:
        one.place(Piece.of_line(line("albawaba:1", DAM, 5)))
        earlier = one.place(Piece.of_line(line("alaraby:1", DAM, 3)))
        clock.shift(timedelta(microseconds=1))
        later = other.place(Piece.of_line(line("aljazeera:1", DAM, 1)))
    assert later.told - earlier.told == timedelta(microseconds=1)
    written = [  # the slower crawl writes last what it found first
        json.loads(story_line(placement, placed.told)) for placed in (later, earlier) for placement in placed.taught
    ]
    about = [each for each in written if each["id"] == "albawaba:1"]
    assert [each["story"] for each in about] == ["aljazeera:1", "alaraby:1"]
    assert max(about, key=itemgetter("told"))["story"] == "aljazeera:1"


def told_line(placement):
    return json.loads(story_line(placement, START))


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_what_was_never_published_is_forgotten(kind, tmp_path):
    stories = Stories(MemoryStoryIndex() if kind == "memory" else SqliteStoryIndex(tmp_path / "stories"))
    stories.place(Piece.of_line(line("lost:1", DAM)))
    stories.place(Piece.of_line(line("spooled:1", f"{DAM}\n{BACKGROUND[0]}", 1)))
    stories.catch_up([Piece.of_line(line("kept:1", HALF, 2))])
    stories.forget(lambda article: article == "spooled:1")
    assert {p.id: p.origin for p in stories.placements()} == {"kept:1": "spooled:1", "spooled:1": "spooled:1"}
    assert [each.id for each in stories.untold()[0]] == ["kept:1"]
    assert stories.place(Piece.of_line(line("new:1", DAM, 3))).story.id == "spooled:1"


def test_all_versions_of_a_forgotten_article_go_with_it(tmp_path):
    stories = Stories(SqliteStoryIndex(tmp_path / "stories"))
    stories.catch_up([Piece.of_line(line("kept:1", ARTICLES["solar"][1]))])
    stories.place(Piece.of_line(line("lost:1", DAM)))
    stories.catch_up([Piece.of_line(line("kept:2", ARTICLES["strike"][1], 1))])
    stories.place(Piece.of_line(line("lost:1", HALF, 2, version=2)))
    stories.forget(lambda _: False)
    with closing(sqlite3.connect(tmp_path / "stories")) as database:
        rows = database.execute("SELECT (SELECT count(*) FROM text), count(*), count(DISTINCT article) FROM holding")
        assert rows.fetchone() == (2, 6, 2)
    assert stories.place(Piece.of_line(line("new:1", DAM, 3))).story.id == "new:1"


def test_a_failure_in_the_middle_leaves_nothing_behind(durable, monkeypatch):
    stories = Stories(durable)
    stories.place(Piece.of_line(line("a:1", DAM)))
    with monkeypatch.context() as patched:
        patched.setattr(durable, "place", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            stories.place(Piece.of_line(line("b:1", DAM, 1)))
    assert list(durable.articles()) == ["a:1"]
    assert stories.place(Piece.of_line(line("b:1", DAM, 1))).story.id == "a:1"


def test_a_story_line_is_arabic_and_reads_back():
    related = (Relation("a:9", "contains", 0.4), Relation("b:9", "contained-in", 0.9))
    placement = Placement("موقع:١", "موقع:١", "first", "موقع:١", 1.0, related, (Credit("afp", "a:2", "tail"),))
    written = story_line(placement, START)
    assert "موقع" in written
    assert [each.placement for each in from_line(json.loads(written))] == [placement]
    assert json.loads(story_line(placement)).keys() == {"id", "story", "role", "origin", "overlap"}


def test_lines_of_before_relations_and_agencies_were_told_are_read():
    told = from_line({"id": "a:2", "story": "a:1", "role": "copy", "origin": "a:1", "overlap": 0.5})
    assert [each.placement for each in told] == [Placement("a:2", "a:1", "copy", "a:1", 0.5)]
