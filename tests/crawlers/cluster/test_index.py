"""An index made in tasks is the one that one machine makes, bit for bit, and knows what changed while it was made."""

import json
from dataclasses import replace

import pytest

from archive.index import build, check
from archive.index.format import read_head
from archive.reader.archive import Archive
from archive.store import open_store
from crawlers.cluster import outputs
from crawlers.cluster.jobs import JOBS, JobWorkspace
from tests.archive.samples import fill

JOB = JOBS["index"]
OPTIONS = {"since": None, "until": None, "outlet": None, "anew": False}


@pytest.fixture
def archive(tmp_path):
    uri = (tmp_path / "collection").as_uri()
    for number in range(5):
        fill(uri, tmp_path, range(10 * number, 10 * number + 4), crawl=f"c{number}")
    return Archive(open_store(uri))


def told(store):
    """Return what an index is, but for the random part of a run's name."""
    head, _ = read_head(store)
    return [replace(run, key="") for run in head.runs], head.segments


def work(workspace, each, *tasks):
    return [each.work(workspace, task, 2) for task in tasks]


def distributed(archive, folder, **options):
    workspace = JobWorkspace(str(folder), archive.store.uri)
    workspace.settle(JOB.plan("index", archive, 2, {**OPTIONS, **options}))
    work(workspace, JOB.passes[0], 1, 0, 1)
    work(workspace, JOB.passes[1], 0, 0)
    return workspace


def test_it_is_the_index_of_one_machine(archive, tmp_path, monkeypatch):
    build(archive)
    expected = told(archive.store)
    workspace = distributed(archive, tmp_path / "anew", anew=True)
    assert told(archive.store) == expected
    assert check(archive)[1]
    said = json.loads(workspace.store.read(JOB.result))
    assert (said["segments"], said["entries"]) == (5, expected[0][0].entries)


def test_what_tasks_have_read_is_not_read_again(archive, tmp_path, monkeypatch):
    workspace = JobWorkspace(str(tmp_path / "work"), archive.store.uri)
    workspace.settle(JOB.plan("index", archive, 2, OPTIONS))
    counted = work(workspace, JOB.passes[0], 0, 1)
    assert sum(each["segments"] for each in counted) == 5
    monkeypatch.setattr(outputs, "entries_of", lambda *_: pytest.fail("a segment was read by the pass that publishes"))
    (found,) = work(workspace, JOB.passes[1], 0)
    assert found["entries"] == sum(each["entries"] for each in counted)
    assert check(archive)[1]


def test_only_what_is_new_is_read_and_what_came_meanwhile_is_there(archive, tmp_path):
    build(archive)
    fill(archive.store.uri, tmp_path, range(60, 64), crawl="c6")
    archive = Archive(archive.store)
    workspace = JobWorkspace(str(tmp_path / "work"), archive.store.uri)
    plan = workspace.settle(JOB.plan("index", archive, 2, OPTIONS))
    assert len(plan.objects) == 1
    work(workspace, JOB.passes[0], 0, 1)
    fill(archive.store.uri, tmp_path, range(70, 74), crawl="c7")
    work(workspace, JOB.passes[1], 0)
    archive = Archive(archive.store)
    made = told(archive.store)
    assert check(archive)[1]
    build(archive, anew=True)
    assert told(archive.store)[0] == made[0]


@pytest.mark.parametrize("given", [{"since": "2026-11-23"}, {"outlet": "aljazeera"}])
def test_a_part_of_an_archive_has_no_index(archive, given):
    with pytest.raises(ValueError, match="index takes the whole archive"):
        outputs.segments_to_index(archive, {**OPTIONS, **given})
