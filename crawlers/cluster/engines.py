"""Engines: datatrove's executors (local, Ray, Slurm) for the passes of a job, and their notes in the job's store."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from copy import deepcopy
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from datatrove.executor import LocalPipelineExecutor, RayPipelineExecutor, SlurmPipelineExecutor
from datatrove.io import DataFolder
from datatrove.pipeline.base import PipelineStep
from datatrove.utils.logging import logger
from datatrove.utils.stats import PipelineStats
from fsspec import AbstractFileSystem

from archive.store import Conflict, Missing, Store
from archive.store.file import FileStore
from archive.warc.writer import REVISION, revision
from crawlers.cluster.jobs import Job, JobWorkspace, Pass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawlers.cluster.jobs import Work

# --- The engine's notes in the job's own store: which tasks are done, their statistics and logs ----------------------
# datatrove keeps them through fsspec. Its S3 needs another botocore than ours and says nothing of a conditional write, so this is our
# store as fsspec sees it: whole small files, read and replaced. No shared disk is needed, whatever the cluster.


class StoreFileSystem(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """A store as a file system of small files; the arguments are those of `JobWorkspace`."""

    protocol = "warraq"
    cachable = False

    def __init__(self, work: str, archive: str, endpoint: str | None = None) -> None:
        super().__init__()
        self._workspace = JobWorkspace(work, archive, endpoint)

    @property
    def store(self) -> Store:
        """Where the files stand."""
        return self._workspace.store

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:  # noqa: FBT001, FBT002  fsspec's signature
        """List a folder, or name a file."""
        base = path.strip("/")
        below = f"{base}/" if base else ""
        names = {f"{below}{name}": "directory" for name in self.store.folders(below)}
        sizes = {
            entry.key: entry.size for entry in self.store.listing(base) if entry.key == base or _is_in(entry.key, below)
        }
        if not names and not sizes:
            raise FileNotFoundError(path)
        entry = [{"name": name, "size": 0, "type": kind} for name, kind in names.items()]
        entry += [{"name": name, "size": size, "type": "file"} for name, size in sizes.items()]
        return entry if detail else [each["name"] for each in entry]

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Tell what stands at a path."""
        name = path.strip("/")
        stat = self.store.stat(name)
        if stat is not None:
            return {"name": name, "size": stat.size, "type": "file"}
        if next(iter(self.store.listing(f"{name}/")), None) is None:
            raise FileNotFoundError(path)
        return {"name": name, "size": 0, "type": "directory"}

    def makedirs(self, path: str, exist_ok: bool = False) -> None:  # noqa: FBT001, FBT002  fsspec's signature
        """Do nothing: a store has no folders of its own."""

    def _open(self, path: str, mode: str = "rb", **_: Any) -> io.BytesIO:
        name = path.strip("/")
        if "r" in mode:
            try:
                return io.BytesIO(self.store.read(name))
            except Missing:
                raise FileNotFoundError(path) from None
        return _Sheet(self.store, name)


class _Sheet(io.BytesIO):
    """A file that is put in its place when it is closed; whoever closes last has written it."""

    def __init__(self, store: Store, key: str) -> None:
        super().__init__()
        self._store, self._key = store, key

    def close(self) -> None:
        """Put it in its place."""
        if not self.closed:
            _replace(self._store, self._key, self.getvalue())
        super().close()


def _replace(store: Store, key: str, body: bytes) -> None:
    while True:
        try:
            tag: str | None = store.read_tagged(key)[1]
        except Missing:
            tag = None
        try:
            store.replace(key, body, tag=tag)
        except Conflict:  # two workers at one task; either's notes will do
            continue
        return


def _is_in(key: str, folder: str) -> bool:
    return key.startswith(folder) and "/" not in key[len(folder) :]


# --- Slurm: the passes of a job as job arrays, each after the one before, and what becomes of a task that dies -------
#     a task's process is killed   its script asks Slurm for another try, three times at most
#     a node is lost               Slurm gives its tasks to another one
#     a task is given up           Slurm cancels the passes that wait for it; the same command queues what is left
#
# Nobody waits: the command queues and ends. Said again while the job is queued it queues nothing and tells how far it is.

ROOT = Path(__file__).parents[2]
_QUEUE = ("squeue", "--noheader", "--format=%k")  # the comments of all jobs
_TRIES_MORE = 3  # as datatrove gives a task on Ray
_AGAIN = (
    f'trap \'[ $? = 0 ] || [ "${{SLURM_RESTART_COUNT:-0}}" -ge {_TRIES_MORE} ]'
    ' || scontrol requeue "$SLURM_JOB_ID"\' EXIT'
)


def slurm_executor(
    name: str, steps: dict[str, Any], workspace: JobWorkspace, engine: Engine, before: Any
) -> SlurmPipelineExecutor:
    """Return the executor of one pass.

    Args:
        name: of the pass.
        steps: what every executor of datatrove takes: pipeline, tasks, workers.
        workspace: where the job lies.
        engine: partition, memory and longest time of a task.
        before: executor of the pass that has to be done first, or None.

    Raises:
        ValueError: Slurm's scripts cannot name the folder.
    """
    folder = _notes(workspace) / name
    environment = (
        f"PATH={quote(str(Path(sys.executable).parent))}:$PATH PYTHONPATH={quote(str(ROOT))} "
        f"SCRAPY_SETTINGS_MODULE=crawlers.settings {REVISION}={quote(revision())}"
    )
    return SlurmPipelineExecutor(
        **steps,
        logging_dir=DataFolder(str(folder)),
        time=engine.limit,
        partition=engine.partition,
        job_name=f"warraq-{name}",
        max_array_size=-1,  # of several arrays the next pass would wait for the last alone; sbatch says if one is too large
        env_command=f"export {environment}\n{_AGAIN}",
        qos=None,
        depends=before,
        sbatch_args={
            "mem-per-cpu": f"{max(1, round(engine.memory * 1024))}M",  # sbatch takes no fraction
            "kill-on-invalid-dep": "yes",  # or what waits for a task that was given up would wait for ever
            "comment": workspace.store.uri,
        },
    )


def holds_job(workspace: JobWorkspace) -> bool:
    """Say whether Slurm holds a part of this job.

    Raises:
        ValueError: Slurm does not answer, or is not here.
    """
    try:
        queue = subprocess.run(_QUEUE, check=True, capture_output=True, text=True)  # noqa: S603  fixed words
    except FileNotFoundError:
        raise ValueError("squeue is not found: a job for Slurm is started on a machine of its cluster") from None
    except subprocess.CalledProcessError as error:
        raise ValueError(f"Slurm does not answer: {error.stderr.strip()}") from None
    return workspace.store.uri in queue.stdout.split()


def queue(executor: SlurmPipelineExecutor) -> None:
    """Queue what is left of a pass.

    Raises:
        ValueError: sbatch refuses it; it has said why.
    """
    try:
        executor.run()
    except subprocess.CalledProcessError as error:
        raise ValueError(f"sbatch refuses {executor.job_name} with exit code {error.returncode}, see above") from None


def _notes(workspace: JobWorkspace) -> Path:
    """Return where Slurm's jobs find their notes, by a path that all nodes share.

    In the job's folder, where every engine keeps them; for a job in a bucket, below the folder in which it is started.
    """
    store = workspace.store
    folder = store.root / "shelf" if isinstance(store, FileStore) else Path("slurm", store.uri.partition("://")[2])
    if len(str(folder).split()) > 1:
        raise ValueError(f"Slurm's scripts take no path with a blank: {folder}")
    return folder.absolute()


# --- A pass as datatrove runs it: one step, which reads and writes the store by itself and hands statistics over -----


class PassStep(PipelineStep):  # type: ignore[misc]  # datatrove has no types
    """One pass of a job.

    Args:
        name: the pass, as jobs call it.
        work: its function, found by its name on every worker.
        workspace: where the job lies.
        tasks: into how many tasks the job is cut.
    """

    type = "Warraq"

    def __init__(self, name: str, work: Work, workspace: JobWorkspace, tasks: int) -> None:
        self.name = name
        super().__init__()
        self.work, self.workspace, self.tasks = work, workspace, tasks

    def run(self, data: Any = None, rank: int = 0, world_size: int = 1) -> None:  # noqa: ARG002  datatrove's signature
        """Do one task; what it counts goes into the job's statistics."""
        with self.track_time("task"):
            for label, value in self.work(self.workspace, rank, self.tasks).items():
                self.stat_update(label, value=value, unit="task")


# --- The engines that run a pass: datatrove's executors, and what each does with a worker that dies ------------------
#     local   processes of this machine; a broken pool is made anew, and what it left undone is done again
#     ray     a Ray cluster; datatrove hands the tasks of a dead worker to another one, up to three times
#     slurm   job arrays, each pass after the one before; a task that dies asks for another try (slurm.py)
#
# A task is done when its mark stands in the store; whoever starts a job again runs what has no mark.

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
        context.set_forkserver_preload(["crawlers.cluster.engines", "crawlers.cluster.recluster", "pandas"])
        with ProcessPoolExecutor(self.workers, mp_context=context) as pool:
            running = {pool.submit(self._run_for_rank, rank, 1): rank for rank in ranks}
            for future in as_completed(running):
                future.result()
                yield running[future]


def run(job: Job, workspace: JobWorkspace, tasks: int, engine: Engine) -> Iterator[tuple[str, dict[str, float]]]:
    """Run a job, pass after pass; yield each pass and what it counted, when it is finished.

    Slurm is only told, and nothing where it holds the job already: what is not finished is yielded as its tasks and its `LEFT`.

    Raises:
        Unfinished: tasks of a pass are left over; the same command takes it up again.
        ValueError: the engine does not take the job.
    """
    before: Any = None
    if engine.executor == "ray":
        _connect(engine)
    is_queued = engine.executor == "slurm" and holds_job(workspace)
    for each in job.passes:
        executor = executor_of(each, workspace, tasks, engine, before)
        left = executor.get_incomplete_ranks(skip_completed=True)
        if engine.executor == "slurm":
            if not is_queued:
                queue(executor)
        else:
            executor.run()
            left = executor.get_incomplete_ranks(skip_completed=True)
            if left:
                raise Unfinished(f"{len(left)} of {executor.world_size} tasks of pass {each.name} are not done")
        before = executor
        yield each.name, {"tasks": executor.world_size, LEFT: len(left)} if left else totals(executor)


def executor_of(each: Pass, workspace: JobWorkspace, tasks: int, engine: Engine, before: Any) -> Any:
    """Return the executor of one pass."""
    count = 1 if each.single else tasks
    common = {
        "pipeline": [PassStep(each.name, each.work, workspace, tasks)],
        "tasks": count,
        "workers": min(engine.workers, count),
    }
    if engine.executor == "slurm":
        return slurm_executor(each.name, common, workspace, engine, before)
    common["logging_dir"] = DataFolder(f"shelf/{each.name}", StoreFileSystem(**asdict(workspace)), auto_mkdir=False)
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
