"""A Ray cluster on this machine, over loopback, and `scrapy distribute` run on it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ray.cluster_utils import Cluster

from archive.store import open_store
from tests.crawling import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STARTS = 6  # tries
GIVEN_UP = 600  # seconds
SUMMED = re.compile(r"[a-z]+: .*seconds \d+")  # what a pass did
TASKS = 4
AT_WORK = "ray::RankWorker.run_for_rank"  # the title of a process while it runs a task of datatrove's


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a head that works at nothing."""
    found = patiently(lambda: Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False}))
    try:
        yield found
    finally:
        found.shutdown()


def add_worker(to: Cluster) -> Any:
    """Add a worker of one core; return its node."""
    return patiently(lambda: to.add_node(num_cpus=1))


def patiently(start: Callable[[], Any]) -> Any:
    """Start something of Ray's, which gives a node thirty seconds to come up, however busy the machine."""
    for attempt in range(STARTS):
        try:
            return start()
        except Exception as error:  # Ray raises no narrower one here
            if attempt == STARTS - 1:
                raise
            say(f"Ray did not come up in time, trying again ({error})")
    return None


def distribute(
    job: str, *words: str, archive: str, address: str, meanwhile: Callable[[subprocess.Popen[str]], None] | None = None
) -> str:
    """Run a job on the cluster to its end; return what it said.

    Args:
        job: its name; it lies below ``s3://news/jobs/``.
        words: further arguments.
        archive: URI of the archive.
        address: of the cluster.
        meanwhile: what is done while it runs.
    """
    place = ("--work", f"s3://news/jobs/{job}", "--address", address, "--tasks", str(TASKS), "--workers", "2")
    command = ["scrapy", "distribute", job, "--executor", "ray", "--memory", "0.5", *place, *words]
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        running = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env={**os.environ, "ARCHIVE_URI": archive},
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if meanwhile is not None:
            meanwhile(running)
        code = running.wait(GIVEN_UP)
        output.seek(0)
        printed = output.read()
    say(f"{job} ended with exit code {code} after {time.monotonic() - began:.0f} s")
    if code:
        say(printed[-8000:])
    for line in printed.splitlines():
        if "RayActorError" in line or SUMMED.fullmatch(line) or line.startswith("s3:"):
            say(f"  {line[:200]}")
    return printed


def wait_for_task(job: str, after: str, node: Any, running: subprocess.Popen[str]) -> None:
    """Wait until a node begins a task of the pass that comes after another, or the job has ended.

    A task that has run for a while may end before its process notices that its node is gone.
    """
    store = open_store(f"s3://news/jobs/{job}")

    def is_over() -> bool:
        return len(list(store.listing(f"shelf/{after}/completions/"))) >= TASKS

    for is_so in (is_over, lambda: not is_at_work(node), lambda: is_at_work(node)):
        end = time.monotonic() + GIVEN_UP
        while not is_so() and running.poll() is None:
            if time.monotonic() > end:
                raise TimeoutError("the job does not get on")
            time.sleep(0.05)


def is_at_work(node: Any) -> bool:
    """Say whether a process that a node's raylet started runs a task now, as its title tells."""
    raylet = node.all_processes["raylet"][0].process.pid
    children = Path(f"/proc/{raylet}/task/{raylet}/children").read_text(encoding="ascii").split()
    return any(_title(child).startswith(AT_WORK) for child in children)


def _title(process: str) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:  # it is no more
        return ""


def say(sentence: str) -> None:
    """Tell it at once."""
    print(sentence, flush=True)  # noqa: T201  it is a program
