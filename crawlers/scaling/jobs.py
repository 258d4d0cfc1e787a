"""What there is to do: jobs, each of them passes that follow one another.

    recluster   read ─▶ twins ─▶ compare ─▶ join ─▶ deal ─▶ assign ─▶ gather        the stories of a whole archive

A pass is a function of (desk, task, tasks) that returns what it counts. It sees only what earlier passes created, so its tasks may
run in any order, anywhere, and more than once. ``single`` passes are one task.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from crawlers.scaling.desk import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from archive.reader import Archive
    from crawlers.scaling.desk import Desk

    Work: TypeAlias = Callable[[Desk, int, int], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass of a job: its name, and where its function stands."""

    name: str
    module: str
    function: str
    single: bool = False

    @property
    def work(self) -> Work:
        """The function; its module is imported only now."""
        found: Work = getattr(import_module(self.module), self.function)
        return found


@dataclass(frozen=True, slots=True)
class Job:
    """A job: which objects of each manifest it reads, its passes, and what it leaves."""

    kind: str
    passes: tuple[Pass, ...]
    result: str


JOBS = {
    "recluster": Job(
        kind="articles",
        passes=(
            Pass("read", "crawlers.scaling.blocks", "read_lines"),
            Pass("twins", "crawlers.scaling.twins", "find_twins"),
            Pass("compare", "crawlers.scaling.comparison", "compare"),
            Pass("join", "crawlers.scaling.components", "join", single=True),
            Pass("deal", "crawlers.scaling.components", "deal"),
            Pass("assign", "crawlers.scaling.assignment", "assign"),
            Pass("gather", "crawlers.scaling.assignment", "gather", single=True),
        ),
        result="stories.jsonl.gz",
    ),
}


def plan_of(name: str, archive: Archive, tasks: int) -> Plan:
    """Return the plan of a job over everything that stands in an archive now."""
    objects = list(_objects(archive, JOBS[name].kind))
    return Plan(job=name, archive=archive.store.uri, tasks=tasks, objects=objects, options={})


def _objects(archive: Archive, kind: str) -> Iterator[str]:
    for manifest in archive.manifests():
        if kind in manifest.by_kind:
            yield manifest.by_kind[kind].key
