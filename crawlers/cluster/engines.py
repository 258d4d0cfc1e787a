"""The engines that run a pass: datatrove's executors, and what each does with a worker that dies.

    local   processes of this machine; a broken pool is made anew, and what it left undone is done again
    ray     a Ray cluster; datatrove hands the tasks of a dead worker to another one, up to three times
    slurm   job arrays, each pass after the one before; a task that dies asks for another try (slurm.py)

A task is done when its mark stands in the store; whoever starts a job again runs what has no mark.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from copy import deepcopy
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datatrove.executor import LocalPipelineExecutor, RayPipelineExecutor
from datatrove.io import DataFolder
from datatrove.utils.logging import logger
from datatrove.utils.stats import PipelineStats

from archive.warc.writer import REVISION, revision
from crawlers.scaling import slurm
from crawlers.scaling.shelf import Shelf
from crawlers.scaling.steps import PassStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawlers.cluster.jobs import Desk
    from crawlers.scaling.jobs import Job, Pass

ROOT = Path(__file__).parents[2]
_POOLS = 4  # a task that kills its worker every time shall not do so for ever; Ray's executor stops after as many
LEFT = "tasks left"
_SHIPPED = ("archive", "pipelines", "crawlers", "spiders")


class Unfinished(Exception):  # noqa: N818  reads as what happened
    """Tasks are left; the message is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Which engine, and how much of it.

    Attributes:
        executor: ``local``, ``ray`` or ``slurm``.
        workers: tasks at a time.
        memory: gigabytes a task.
        address: of the Ray cluster; None for the one that ``ray start`` made, or RAY_ADDRESS.
        partition: of Slurm.
        limit: longest time of a task in Slurm, ``hours:minutes:seconds``.
    """

    executor: str
    workers: int
    memory: float = 2
    address: str | None = None
    partition: str | None = None
    limit: str = "04:00:00"


class LocalExecutor(LocalPipelineExecutor):  # type: ignore[misc]  # datatrove has no types
    """datatrove's local executor, with a pool that notices when a worker is killed; its own waits for ever."""

    pipeline: list[Any]

    def run(self) -> None:
        """Run what is not done, and write the statistics of all tasks."""
        self.save_executor_as_json()
        for _ in range(_POOLS):
            left = self.get_incomplete_ranks()
            if not left:
                break
            try:
                for done, _rank in enumerate(self._finished(left), self.world_size - len(left) + 1):
                    logger.info(f"{done}/{self.world_size} tasks completed.")
            except BrokenProcessPool:
                logger.warning("A worker was killed; what it left undone is done again.")

    def _finished(self, ranks: list[int]) -> Iterator[int]:
        if self.workers == 1:
            steps = self.pipeline
            for rank in ranks:
                self.pipeline = deepcopy(steps)  # they count
                self._run_for_rank(rank)
                yield rank
            return
        context = get_context(
            "forkserver"
        )  # what it has imported once, every worker has; pyarrow asks for pandas where there is one
        context.set_forkserver_preload(["crawlers.cluster.engines", "crawlers.scaling.comparison", "pandas"])
        with ProcessPoolExecutor(self.workers, mp_context=context) as pool:
            running = {pool.submit(self._run_for_rank, rank, 1): rank for rank in ranks}
            for future in as_completed(running):
                future.result()
                yield running[future]


def run(job: Job, desk: Desk, tasks: int, engine: Engine) -> Iterator[tuple[str, dict[str, float]]]:
    """Run a job, pass after pass; yield each pass and what it counted, when it is finished.

    Slurm is only told, and nothing where it holds the job already: what is not finished is yielded as its tasks and its `LEFT`.

    Raises:
        Unfinished: tasks of a pass are left over; the same command takes it up again.
        ValueError: the engine does not take the job.
    """
    before: Any = None
    if engine.executor == "ray":
        _connect(engine)
    is_queued = engine.executor == "slurm" and slurm.is_queued(desk)
    for each in job.passes:
        executor = executor_of(each, desk, tasks, engine, before)
        left = executor.get_incomplete_ranks(skip_completed=True)
        if engine.executor == "slurm":
            if not is_queued:
                slurm.queue(executor)
        else:
            executor.run()
            left = executor.get_incomplete_ranks(skip_completed=True)
            if left:
                raise Unfinished(f"{len(left)} of {executor.world_size} tasks of pass {each.name} are not done")
        before = executor
        yield each.name, {"tasks": executor.world_size, LEFT: len(left)} if left else totals(executor)


def executor_of(each: Pass, desk: Desk, tasks: int, engine: Engine, before: Any) -> Any:
    """Return the executor of one pass."""
    count = 1 if each.single else tasks
    common = {
        "pipeline": [PassStep(each.name, each.work, desk, tasks)],
        "tasks": count,
        "workers": min(engine.workers, count),
    }
    if engine.executor == "slurm":
        return slurm.slurm_executor(each.name, common, desk, engine, before)
    common["logging_dir"] = DataFolder(f"shelf/{each.name}", Shelf(**asdict(desk)), auto_mkdir=False)
    if engine.executor == "local":
        return LocalExecutor(**common)
    return RayPipelineExecutor(**common, mem_per_cpu_gb=engine.memory)


def totals(executor: Any) -> dict[str, float]:
    """Return what a pass counted over all its tasks, and its seconds of work; the sum is kept beside the tasks' own."""
    parts = []
    for task in range(executor.world_size):
        with executor.logging_dir.open(f"stats/{task:05d}.json", "rt") as stream:
            parts.append(PipelineStats.from_json(json.load(stream)))
    merged = sum(parts, start=PipelineStats()).to_json()
    with executor.logging_dir.open("stats.json", "wt") as stream:
        stream.write(merged)
    (step,) = json.loads(merged)
    return {label: _total(metric) for label, metric in {**step["stats"], "seconds": step["time_stats"]}.items()}


def _total(metric: dict[str, float] | float) -> float:
    return metric["total"] if isinstance(metric, dict) else metric


def _connect(engine: Engine) -> None:
    import ray  # noqa: PLC0415  no other engine needs it

    others = [f"/{path.name}" for path in ROOT.iterdir() if path.name not in _SHIPPED]
    named = {name: os.environ[name] for name in ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION") if name in os.environ}
    environment = {
        "working_dir": str(ROOT),  # one folder: floors that were sent one by one would each lie in a place of its own
        "excludes": others,
        "env_vars": {"SCRAPY_SETTINGS_MODULE": "crawlers.settings", REVISION: revision(), **named},
    }
    ray.init(address=engine.address or "auto", runtime_env=environment, log_to_driver=True)
