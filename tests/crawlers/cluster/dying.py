"""Passes that go wrong."""

import os
import signal

from crawlers.cluster.recluster import compare


def compare_and_die(desk, task, tasks):
    """Be killed once, after everything was written and before anybody is told."""
    counts = compare(desk, task, tasks)
    if task == 1 and desk.store.stat("died") is None:
        desk.put("died", str(os.getpid()).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    return counts


def die(desk, task, tasks):
    os.kill(os.getpid(), signal.SIGKILL)


def break_down(desk, task, tasks):
    assert task != 1
    return compare(desk, task, tasks)
