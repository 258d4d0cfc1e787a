"""Slurm: the passes of a job as job arrays, each after the one before, and what becomes of a task that dies.

    a task's process is killed   its script asks Slurm for another try, three times at most
    a node is lost               Slurm gives its tasks to another one
    a task is given up           Slurm cancels the passes that wait for it; the same command queues what is left

Nobody waits: the command queues and ends. Said again while the job is queued it queues nothing and tells how far it is.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from datatrove.executor import SlurmPipelineExecutor
from datatrove.io import DataFolder

from archive.store.file import FileStore
from archive.warc.writer import REVISION, revision

if TYPE_CHECKING:
    from crawlers.cluster.engines import Engine
    from crawlers.cluster.jobs import Desk

ROOT = Path(__file__).parents[2]
_QUEUE = ("squeue", "--noheader", "--format=%k")  # the comments of all jobs
_TRIES_MORE = 3  # as datatrove gives a task on Ray
_AGAIN = (
    f'trap \'[ $? = 0 ] || [ "${{SLURM_RESTART_COUNT:-0}}" -ge {_TRIES_MORE} ]'
    ' || scontrol requeue "$SLURM_JOB_ID"\' EXIT'
)


def slurm_executor(name: str, steps: dict[str, Any], desk: Desk, engine: Engine, before: Any) -> SlurmPipelineExecutor:
    """Return the executor of one pass.

    Args:
        name: of the pass.
        steps: what every executor of datatrove takes: pipeline, tasks, workers.
        desk: where the job lies.
        engine: partition, memory and longest time of a task.
        before: executor of the pass that has to be done first, or None.

    Raises:
        ValueError: Slurm's scripts cannot name the folder.
    """
    folder = _notes(desk) / name
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
            "comment": desk.store.uri,
        },
    )


def is_queued(desk: Desk) -> bool:
    """Say whether Slurm holds a part of this job.

    Raises:
        ValueError: Slurm does not answer, or is not here.
    """
    try:
        found = subprocess.run(_QUEUE, check=True, capture_output=True, text=True)  # noqa: S603  fixed words
    except FileNotFoundError:
        raise ValueError("squeue is not found: a job for Slurm is started on a machine of its cluster") from None
    except subprocess.CalledProcessError as error:
        raise ValueError(f"Slurm does not answer: {error.stderr.strip()}") from None
    return desk.store.uri in found.stdout.split()


def queue(executor: SlurmPipelineExecutor) -> None:
    """Queue what is left of a pass.

    Raises:
        ValueError: sbatch refuses it; it has said why.
    """
    try:
        executor.run()
    except subprocess.CalledProcessError as error:
        raise ValueError(f"sbatch refuses {executor.job_name} with exit code {error.returncode}, see above") from None


def _notes(desk: Desk) -> Path:
    """Return where Slurm's jobs find their notes, by a path that all nodes share.

    In the job's folder, where every engine keeps them; for a job in a bucket, below the folder in which it is started.
    """
    store = desk.store
    folder = store.root / "shelf" if isinstance(store, FileStore) else Path("slurm", store.uri.partition("://")[2])
    if len(str(folder).split()) > 1:
        raise ValueError(f"Slurm's scripts take no path with a blank: {folder}")
    return folder.absolute()
