"""Passes that go wrong."""

import os
import signal

from crawlers.cluster.recluster import compare


def compare_and_die(workspace, task, tasks):
    """Be killed once, after everything was written and before anybody is told."""
    counts = compare(workspace, task, tasks)
    if task == 1 and workspace.store.stat("died") is None:
        workspace.put("died", str(os.getpid()).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    return counts


def die(workspace, task, tasks):
    os.kill(os.getpid(), signal.SIGKILL)


def break_down(workspace, task, tasks):
    assert task != 1
    return compare(workspace, task, tasks)
