"""A pass as datatrove runs it: one step, which reads and writes the store by itself and hands statistics over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datatrove.pipeline.base import PipelineStep

if TYPE_CHECKING:
    from crawlers.cluster.jobs import Desk
    from crawlers.scaling.jobs import Work


class PassStep(PipelineStep):  # type: ignore[misc]  # datatrove has no types
    """One pass of a job.

    Args:
        name: the pass, as jobs call it.
        work: its function, found by its name on every worker.
        desk: where the job lies.
        tasks: into how many tasks the job is cut.
    """

    type = "Warraq"

    def __init__(self, name: str, work: Work, desk: Desk, tasks: int) -> None:
        self.name = name
        super().__init__()
        self.work, self.desk, self.tasks = work, desk, tasks

    def run(self, data: Any = None, rank: int = 0, world_size: int = 1) -> None:  # noqa: ARG002  datatrove's signature
        """Do one task; what it counts goes into the job's statistics."""
        with self.track_time("task"):
            for label, value in self.work(self.desk, rank, self.tasks).items():
                self.stat_update(label, value=value, unit="task")
