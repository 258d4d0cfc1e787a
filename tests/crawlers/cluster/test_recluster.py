"""Re-clustering in tasks gives what `scrapy recluster` gives in one go, byte for byte."""

import gzip
import json

import pytest

from archive.store import Conflict
from crawlers.cluster.jobs import JOBS, share
from tests.crawlers.cluster.conftest import LATE


def run(workspace, tasks, order=list):
    for each in JOBS["recluster"].passes:
        for task in order(range(1 if each.single else tasks)):
            each.work(workspace, task, tasks)


@pytest.mark.parametrize("tasks", [1, 5])
def test_tasks_give_what_one_machine_gives(workspace_of, expected, tasks):
    workspace = workspace_of(tasks)
    run(workspace, tasks)
    assert gzip.decompress(workspace.store.read("stories.jsonl.gz")) == expected
    assert expected.count(b'"role":"copy"') > 100
    assert expected.count(b'"story":"aljazeera:late-0"') == len(LATE)


def test_tasks_in_any_order_and_done_again_change_nothing(workspace_of, expected):
    workspace = workspace_of(3)
    run(workspace, 3, lambda tasks: [*reversed(tasks), *tasks])
    assert gzip.decompress(workspace.store.read("stories.jsonl.gz")) == expected


def test_what_was_taken_down_is_left_out(workspace_of, articles):
    gone = articles[0]["id"]
    workspace = workspace_of(2, [gone])
    run(workspace, 2)
    found = [json.loads(line) for line in gzip.decompress(workspace.store.read("stories.jsonl.gz")).splitlines()]
    assert {each["id"] for each in found} == {each["id"] for each in articles} - {gone}
    assert gone not in {each["origin"] for each in found}


def test_a_task_that_gives_other_bytes_than_before_is_refused(workspace_of):
    workspace = workspace_of(1)
    (read, *_) = JOBS["recluster"].passes
    read.work(workspace, 0, 1)
    key = workspace.plan().objects[0]
    some = gzip.decompress(workspace.source.read(key)).splitlines(keepends=True)[:5]
    workspace.source.remove(key)
    workspace.source.create(key, gzip.compress(b"".join(some), mtime=0))
    with pytest.raises(Conflict):
        read.work(workspace, 0, 1)


def test_a_share_is_a_run_and_all_shares_are_everything():
    items = list(range(17))
    parts = [share(items, task, 5) for task in range(5)]
    assert [item for part in parts for item in part] == items
    assert {len(part) for part in parts} == {3, 4}
