"""Re-clustering in tasks gives what `scrapy recluster` gives in one go, byte for byte."""

import gzip
import json

import pytest

from archive.store import Conflict
from crawlers.cluster.jobs import JOBS, share


def run(desk, tasks, order=list):
    for each in JOBS["recluster"].passes:
        for task in order(range(1 if each.single else tasks)):
            each.work(desk, task, tasks)


@pytest.mark.parametrize("tasks", [1, 5])
def test_tasks_give_what_one_machine_gives(desk_of, expected, tasks):
    desk = desk_of(tasks)
    run(desk, tasks)
    assert gzip.decompress(desk.store.read("stories.jsonl.gz")) == expected
    assert expected.count(b'"role":"copy"') > 100


def test_tasks_in_any_order_and_done_again_change_nothing(desk_of, expected):
    desk = desk_of(3)
    run(desk, 3, lambda tasks: [*reversed(tasks), *tasks])
    assert gzip.decompress(desk.store.read("stories.jsonl.gz")) == expected


def test_what_was_taken_down_is_left_out(desk_of, articles):
    gone = articles[0]["id"]
    desk = desk_of(2, [gone])
    run(desk, 2)
    found = [json.loads(line) for line in gzip.decompress(desk.store.read("stories.jsonl.gz")).splitlines()]
    assert {each["id"] for each in found} == {each["id"] for each in articles} - {gone}
    assert gone not in {each["origin"] for each in found}


def test_a_task_that_gives_other_bytes_than_before_is_refused(desk_of):
    desk = desk_of(1)
    (read, *_) = JOBS["recluster"].passes
    read.work(desk, 0, 1)
    key = desk.plan().objects[0]
    some = gzip.decompress(desk.source.read(key)).splitlines(keepends=True)[:5]
    desk.source.remove(key)
    desk.source.create(key, gzip.compress(b"".join(some), mtime=0))
    with pytest.raises(Conflict):
        read.work(desk, 0, 1)


def test_a_share_is_a_run_and_all_shares_are_everything():
    items = list(range(17))
    parts = [share(items, task, 5) for task in range(5)]
    assert [item for part in parts for item in part] == items
    assert {len(part) for part in parts} == {3, 4}
