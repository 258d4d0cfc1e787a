"""`scrapy distribute` run on machines that lose one of them meanwhile."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Protocol

from tests.crawling import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GIVEN_UP = 600  # seconds
SUMMED = re.compile(r"[a-z]+: .*seconds \d+")  # what a pass did
TASKS = 4


class Machines(Protocol):
    """An engine's machines, two of them.

    Attributes:
        words: what `scrapy distribute` is told of them.
    """

    words: tuple[str, ...]

    def strike(self, job: str, after: str, running: subprocess.Popen[str]) -> None:
        """Kill a machine while it runs a task of the pass that comes after another, or do nothing if the job ends."""

    def lost(self, printed: str) -> bool:
        """Say whether a task was lost with it, and done again."""

    def mend(self) -> None:
        """Bring up another one in its place."""

    def wait(self, command: Callable[[], str]) -> str:
        """Wait until a job is done that nobody waits for; return what the same command says then."""


def distribute(job: str, *words: str, archive: str, machines: Machines, folder: Path, strike_after: str = "") -> str:
    """Run a job to its end; return what it said.

    Args:
        job: its name; it lies below ``s3://news/jobs/``.
        words: further arguments.
        archive: URI of the archive.
        machines: where it runs.
        folder: in which it is started.
        strike_after: the pass after which a machine is killed.
    """
    place = ("--work", f"s3://news/jobs/{job}", "--tasks", str(TASKS), "--workers", "2", "--memory", "0.5")
    command = [sys.executable, "-m", "scrapy", "distribute", job, *place, *machines.words, *words]
    paths = {"PYTHONPATH": str(ROOT), "SCRAPY_SETTINGS_MODULE": "crawlers.settings"}
    environment = {**os.environ, **paths, "ARCHIVE_URI": archive}
    codes = []

    def call() -> str:
        with tempfile.TemporaryFile("w+") as output:
            running = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT, text=True
            )
            if strike_after and not codes:
                machines.strike(job, strike_after, running)
            codes.append(running.wait(GIVEN_UP))
            output.seek(0)
            return output.read()

    began = time.monotonic()
    printed = machines.wait(call)
    say(f"{job} ended with exit code {codes[-1]} after {time.monotonic() - began:.0f} s")
    if any(codes):
        say(printed[-8000:])
    for line in printed.splitlines():
        if "RayActorError" in line or SUMMED.fullmatch(line) or line.startswith("s3:"):
            say(f"  {line[:200]}")
    return printed


def until(is_so: Callable[[], bool], what: str) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it does not come, within ten minutes.
    """
    end = time.monotonic() + GIVEN_UP
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.05)


def say(sentence: str) -> None:
    """Tell it at once."""
    print(sentence, flush=True)  # noqa: T201  it is a program
