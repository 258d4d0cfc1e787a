"""What there is to do: jobs, each of them passes that follow one another.

    recluster   read ─▶ twins ─▶ compare ─▶ join ─▶ deal ─▶ assign ─▶ gather        the stories of a whole archive
    reread      cut ─▶ read ─▶ publish ─▶ gather                                    today's extraction over its records
    export      write ─▶ gather                                                     its articles as Parquet
    index       read ─▶ publish                                                     the index over ids and addresses

A pass is a function of (desk, task, tasks) that returns what it counts. It sees only what earlier passes created, so its tasks may
run in any order, anywhere, and more than once. ``single`` passes are one task.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from crawlers.cluster.jobs import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archive.reader.archive import Archive
    from crawlers.cluster.jobs import Desk

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
    """A job: what it works on (a function of archive and options), its passes, and what it leaves."""

    objects: tuple[str, str]
    passes: tuple[Pass, ...]
    result: str

    def plan(self, name: str, archive: Archive, tasks: int, options: Mapping[str, Any]) -> Plan:
        """Return the plan over everything that stands in an archive now; raises ``ValueError`` on wrong options."""
        module, function = self.objects
        objects = getattr(import_module(module), function)(archive, options)
        hidden = sorted(archive.taken_down.ids)
        return Plan(name, archive.store.uri, tasks, objects, dict(options), hidden)


JOBS = {
    "recluster": Job(
        objects=("crawlers.cluster.recluster", "objects_of"),
        passes=(
            Pass("read", "crawlers.cluster.recluster", "read_lines"),
            Pass("twins", "crawlers.scaling.twins", "find_twins"),
            Pass("compare", "crawlers.scaling.comparison", "compare"),
            Pass("join", "crawlers.scaling.components", "join", single=True),
            Pass("deal", "crawlers.scaling.components", "deal"),
            Pass("assign", "crawlers.scaling.assignment", "assign"),
            Pass("gather", "crawlers.scaling.assignment", "gather", single=True),
        ),
        result="stories.jsonl.gz",
    ),
    "reread": Job(
        objects=("crawlers.cluster.reextract", "days_of"),
        passes=(
            Pass("cut", "crawlers.cluster.reextract", "cut"),
            Pass("read", "crawlers.cluster.reextract", "read"),
            Pass("publish", "crawlers.cluster.reextract", "publish"),
            Pass("gather", "crawlers.cluster.reextract", "gather", single=True),
        ),
        result="changes.json",
    ),
    "export": Job(
        objects=("crawlers.cluster.outputs", "segments_of"),
        passes=(
            Pass("write", "crawlers.cluster.outputs", "write"),
            Pass("gather", "crawlers.cluster.outputs", "gather", single=True),
        ),
        result="export.json",
    ),
    "index": Job(
        objects=("crawlers.scaling.indexing", "segments_of"),
        passes=(
            Pass("read", "crawlers.scaling.indexing", "read"),
            Pass("publish", "crawlers.scaling.indexing", "publish", single=True),
        ),
        result="index.json",
    ),
}
