"""Machines that share a bucket, and a machine that lost what it had placed."""

import json
from argparse import Namespace
from datetime import timedelta
from io import BytesIO, TextIOWrapper
from operator import attrgetter

import pytest

from archive.reader.archive import Archive
from crawlers.commands.recluster import Command
from tests.pipelines.syndication.draws import Draw
from tests.pipelines.syndication.publishing import Machine
from tests.pipelines.syndication.writing import ARTICLES, BACKGROUND, BASES, START

DAM, MUSEUM = (ARTICLES[name][1] for name in ("dam", "museum"))


@pytest.fixture
def machines(tmp_path):
    return [Machine(tmp_path / "bucket", tmp_path / name) for name in ("one", "other")]


def test_what_another_machine_published_is_learned_once(machines):
    one, other = machines
    one.crawl("alaraby", (1, DAM, 5, {}), (2, MUSEUM, 6, {}))
    assert other.catch_up() == 1
    assert other.catch_up() == 0
    _, placed = other.place("aljazeera", 7, f"{DAM}\n{BACKGROUND[0]}", 1)
    assert placed.story.id == "aljazeera:7"
    assert [line.id for line in placed.taught] == ["alaraby:1"]


def test_machines_converge_and_then_have_nothing_to_teach(machines):
    one, other = machines
    one.crawl("alaraby", (1, DAM, 5, {}))
    other.crawl("aljazeera", (7, DAM, 1, {}))
    for machine in machines:
        machine.catch_up()
    assert next(list(machine.stories.placements()) for machine in machines) == list(other.stories.placements())
    assert [line.id for line in one.stories.untold()[0]] == ["alaraby:1"]
    one.crawl("alaraby", (3, MUSEUM, 9, {}))
    for machine in machines:
        machine.catch_up()
        assert machine.stories.untold()[0] == []


def test_what_waits_in_the_spool_is_no_loss_and_what_does_not_is_forgotten(machines):
    one, _ = machines
    one.crawl("alaraby", (1, DAM, 5, {}), publish=False)
    one.place("alaraby", 2, f"{DAM}\n{BACKGROUND[0]}", 1)
    assert one.catch_up() == 0
    assert [(line.id, line.origin) for line in one.stories.placements()] == [("alaraby:1", "alaraby:1")]


def test_a_reader_sees_what_was_told_backwards(machines):
    one, other = machines
    reuters, afp = ({"agencies": [code], "agency_evidence": {code: "tail"}} for code in ("reuters", "afp"))
    one.crawl("alaraby", (1, DAM, 5, reuters))
    other.catch_up()
    digest = "\n".join(ARTICLES[name][1].split("\n")[0] for name in ("museum", "dam", "strike", "vaccine"))
    other.crawl("aljazeera", (7, DAM, 1, afp), (8, digest, 6, {}))
    seen = {article.id: article for article in Archive(one.store).articles(settle=True)}
    union = {"afp": {"aljazeera:7": "tail"}, "reuters": {"alaraby:1": "tail"}}
    for name, role in (("alaraby:1", "copy"), ("aljazeera:7", "first")):
        story = seen[name].story
        assert (story.id, story.role, story.agencies) == ("aljazeera:7", role, union)
        (relation,) = seen[name].related
        assert (relation.id, relation.relation) == ("aljazeera:8", "contained-in")
        assert relation.overlap == {each.id: each.overlap for each in seen["aljazeera:8"].related}[name]
    assert [article.story.agencies for article in Archive(one.store).story("aljazeera:7")] == [union, union]
    for machine in machines:
        machine.catch_up()
        assert machine.stories.untold()[0] == []


DRAWN = list(enumerate(Draw(BASES, 21, wires=6).articles))


def crawled(machine, drawn, **options):
    for outlet in sorted({each.outlet for _, each in drawn}):
        runs = (
            (number, each.text, hours(each), {"headline": each.headline})
            for number, each in drawn
            if each.outlet == outlet
        )
        machine.crawl(outlet, *runs, **options)


def hours(each):
    return (each.published - START) / timedelta(hours=1)


def settled(store):
    """What a reader sees, as recluster tells it."""
    seen = sorted(Archive(store).articles(settle=True), key=attrgetter("id"))
    return {each.id: (each.story.id, each.story.role, each.story.origin, each.story.overlap) for each in seen}


def reclustered(store, monkeypatch, capsys):
    lines = [article.to_line() for article in Archive(store).articles(versions="all", settle=False)]
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO("\n".join(lines).encode())))
    Command().run(["-"], Namespace(archive=None, publish=False))
    said = map(json.loads, capsys.readouterr().out.splitlines())
    return {each["id"]: (each["story"], each["role"], each["origin"], each["overlap"]) for each in said}


def test_a_crash_in_mid_crawl_changes_nothing_and_recluster_says_the_same(tmp_path, monkeypatch, capsys):
    half = len(DRAWN) // 2
    crashing = Machine(tmp_path / "bucket", tmp_path / "machine")
    crawled(crashing, DRAWN[:half])
    crawled(crashing, DRAWN[half : half + 5], publish=False)  # they wait in the spool
    for number, each in DRAWN[half + 5 : half + 12]:  # placed; their lines were never written
        crashing.place(each.outlet, number, each.text, hours(each), headline=each.headline)
    crashing.index.close()
    again = Machine(tmp_path / "bucket", tmp_path / "machine")
    again.catch_up()
    again.publisher.publish_sealed(sorted({each.outlet for _, each in DRAWN}))
    again.catch_up()
    crawled(again, DRAWN[half + 5 :])
    again.catch_up()
    assert again.stories.untold()[0] == []
    unharmed = Machine(tmp_path / "other-bucket", tmp_path / "other")
    for part in (
        DRAWN[:half],
        DRAWN[half : half + 5],
        DRAWN[half + 5 :],
    ):  # the same crawls: what is formula is learned by day
        crawled(unharmed, part)
    assert list(again.stories.placements()) == list(unharmed.stories.placements())
    assert settled(again.store) == settled(unharmed.store) == reclustered(again.store, monkeypatch, capsys)
