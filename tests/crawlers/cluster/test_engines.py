"""The engines run passes as they are: what is done stays done, who dies is replaced, what is left over is said."""

import gzip
import json
from dataclasses import replace

import pytest

from crawlers.cluster.engines import Engine, Unfinished, run
from crawlers.cluster.jobs import JOBS, Job, Pass

JOB = JOBS["recluster"]
ONE, TWO = Engine("local", workers=1), Engine("local", workers=2)
BROKEN = Pass("compare", "tests.crawlers.cluster.dying", "break_down")


def with_pass(changed):
    return replace(JOB, passes=tuple(changed if each.name == changed.name else each for each in JOB.passes))


def test_a_killed_worker_s_task_is_done_again(workspace_of, expected):
    workspace = workspace_of(3)
    list(run(replace(JOB, passes=JOB.passes[:2]), workspace, 3, ONE))
    dying = Pass("compare", "tests.crawlers.cluster.dying", "compare_and_die")
    ((_, counts),) = run(replace(JOB, passes=(dying,)), workspace, 3, TWO)
    assert workspace.store.stat("died") is not None
    assert counts["compared"] > 200
    last = dict(run(JOB, workspace, 3, ONE))["gather"]
    assert gzip.decompress(workspace.store.read(JOB.result)) == expected
    assert last["articles"] == expected.count(b"\n")


def test_a_worker_that_dies_every_time_is_given_up(workspace_of):
    job = Job(("", ""), (Pass("compare", "tests.crawlers.cluster.dying", "die"),), "")
    with pytest.raises(Unfinished, match="2 of 2 tasks of pass compare are not done"):
        list(run(job, workspace_of(2), 2, TWO))


def test_a_job_goes_on_where_it_stopped(workspace_of, expected):
    workspace = workspace_of(2)
    with pytest.raises(AssertionError):
        list(run(with_pass(BROKEN), workspace, 2, ONE))
    marks = {name: marks_of(workspace, name) for name in ("read", "twins", "compare")}
    assert {name: sorted(found) for name, found in marks.items()} == {
        "read": ["00000", "00001"],
        "twins": ["00000", "00001"],
        "compare": ["00000"],
    }
    list(run(JOB, workspace, 2, ONE))
    assert gzip.decompress(workspace.store.read(JOB.result)) == expected
    again = {name: marks_of(workspace, name) for name in marks}
    assert all(again[name][task] == marks[name][task] for name in marks for task in marks[name])  # not done twice


def test_statistics_and_logs_lie_with_the_job(workspace_of):
    workspace = workspace_of(2)
    job = replace(JOB, passes=JOB.passes[:1])
    ((name, counts),) = run(job, workspace, 2, ONE)
    (said,) = json.loads(workspace.store.read(f"shelf/{name}/stats.json"))
    assert said["stats"]["articles"]["total"] == counts["articles"] > 200
    assert b"Processing done" in workspace.store.read(f"shelf/{name}/logs/task_00001.log")


def marks_of(workspace, name):
    folder = f"shelf/{name}/completions/"
    return {found.key.removeprefix(folder): found.modified for found in workspace.store.listing(folder)}
