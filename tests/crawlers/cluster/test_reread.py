"""Reading again in tasks publishes what `scrapy reread` publishes."""

import json
import shutil

import pytest

from archive.reader.archive import Archive
from archive.store import open_store
from archive.verify import verify
from crawlers.cluster.jobs import JOBS, JobWorkspace
from crawlers.cluster.reextract import added_up
from crawlers.reextract import Changes, Choice, reread
from tests.crawlers.reextract.collection import OUTLET, fill

JOB = JOBS["reread"]
OPTIONS = {"since": "2026-11-01", "until": None, "outlet": None}


@pytest.fixture
def uris(tmp_path, monkeypatch):
    """Return two archives of the same bytes; the pages of an outlet stand in several slices and segments."""
    monkeypatch.setattr("archive.maintenance.generations.SLICE", 1)
    fill((tmp_path / "one").as_uri(), tmp_path)
    shutil.copytree(tmp_path / "one", tmp_path / "other")
    return (tmp_path / "one").as_uri(), (tmp_path / "other").as_uri()


def desk_over(uri, folder, tasks):
    workspace = JobWorkspace(str(folder / "work"), uri)
    workspace.settle(JOB.plan("reread", Archive(open_store(uri)), tasks, OPTIONS))
    return workspace


def objects(uri):
    store = open_store(uri)
    return {found.key: store.read(found.key) for kind in ("articles/", "wet/") for found in store.listing(kind)}


def test_tasks_publish_what_one_machine_publishes(uris, tmp_path):
    changes = Changes()
    list(reread(uris[0], {}, OUTLET, Choice(since="2026-11-01", jobs=1), changes))
    assert len(changes.generations) > 1
    workspace = desk_over(uris[1], tmp_path, 3)
    for each in JOB.passes:
        for task in [2, 0, 1, 2] if not each.single else [0]:  # in any order, one of them twice
            each.work(workspace, task, 3)
    assert objects(uris[1]) == objects(uris[0])
    said = json.loads(workspace.store.read(JOB.result))
    assert said | {"generations": changes.generations} == changes.as_json()
    assert list(verify(open_store(uris[1]), deep=True, chain=True)) == []


def test_a_worker_that_died_while_it_published_is_made_good(uris, tmp_path, monkeypatch):
    workspace = desk_over(uris[1], tmp_path, 1)
    cut, read, publish, gather = (each.work for each in JOB.passes)
    cut(workspace, 0, 1)
    read(workspace, 0, 1)
    commits = []

    def dying(store, manifest):
        commits.append(manifest.key)
        assert len(commits) < 3
        return commit(store, manifest)

    from archive.maintenance import generations  # noqa: PLC0415

    commit = generations.commit
    monkeypatch.setattr(generations, "commit", dying)
    with pytest.raises(AssertionError):
        publish(workspace, 0, 1)
    monkeypatch.setattr(generations, "commit", commit)
    publish(workspace, 0, 1)
    gather(workspace, 0, 1)
    list(reread(uris[0], {}, OUTLET, Choice(since="2026-11-01", jobs=1), Changes()))
    assert objects(uris[1]) == objects(uris[0])


def test_a_day_is_needed(uris):
    with pytest.raises(ValueError, match="say from when on"):
        JOB.plan("reread", Archive(open_store(uris[0])), 1, OPTIONS | {"since": None})


def test_what_changed_adds_up():
    one = {"pages": 2, "fields": {"credit": {"gained": 1}}, "samples": {"credit": [1, 2]}, "faults": ["a"]}
    other = {"pages": 3, "fields": {"credit": {"gained": 2, "lost": 1}}, "samples": {"credit": [3, 4]}, "faults": []}
    assert added_up([one, other]) == {
        "pages": 5,
        "fields": {"credit": {"gained": 3, "lost": 1}},
        "samples": {"credit": [1, 2, 3]},
        "faults": ["a"],
    }
