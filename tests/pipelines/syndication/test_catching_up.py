"""Machines that share a bucket, and a machine that lost what it had placed."""

import pytest

from tests.pipelines.syndication.publishing import Machine
from tests.pipelines.syndication.writing import ARTICLES, BACKGROUND

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
    assert [line.id for line in one.stories.untold()] == ["alaraby:1"]
    one.crawl("alaraby", (3, MUSEUM, 9, {}))
    for machine in machines:
        machine.catch_up()
        assert machine.stories.untold() == []


def test_what_waits_in_the_spool_is_no_loss_and_what_does_not_is_forgotten(machines):
    one, _ = machines
    one.crawl("alaraby", (1, DAM, 5, {}), publish=False)
    one.place("alaraby", 2, f"{DAM}\n{BACKGROUND[0]}", 1)
    assert one.catch_up() == 0
    assert [(line.id, line.origin) for line in one.stories.placements()] == [("alaraby:1", "alaraby:1")]
