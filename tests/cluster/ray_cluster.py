"""A Ray cluster on this machine, over loopback."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ray.cluster_utils import Cluster

from archive.store import open_store
from tests.cluster.running import TASKS, say, until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

STARTS = 6  # tries
AT_WORK = "ray::RankWorker.run_for_rank"  # the title of a process while it runs a task of datatrove's


@contextmanager
def machines(_: Path) -> Iterator[RayMachines]:
    """Start a head that works at nothing, and two workers."""
    found = patiently(lambda: Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False}))
    try:
        yield RayMachines(found)
    finally:
        found.shutdown()


class RayMachines:
    """Two raylets of one core; see `Machines`."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._doomed, _ = self._add(), self._add()
        self.words = ("--executor", "ray", "--address", cluster.address)
        say(f"a Ray cluster of two workers at {cluster.address}")

    def strike(self, job: str, after: str, running: subprocess.Popen[str]) -> None:
        """See `Machines`. A task that has run for a while may end before its process notices that its node is gone."""
        store = open_store(f"s3://news/jobs/{job}")

        def is_over() -> bool:
            return len(list(store.listing(f"shelf/{after}/completions/"))) >= TASKS

        for is_so in (is_over, lambda: not is_at_work(self._doomed), lambda: is_at_work(self._doomed)):
            until(lambda so=is_so: so() or running.poll() is not None, "the job does not get on")  # type: ignore[misc]
        self._cluster.remove_node(self._doomed, allow_graceful=False)
        say(f"killed one worker in the pass after {after}")

    def lost(self, printed: str) -> bool:
        """See `Machines`."""
        return "RayActorError" in printed

    def mend(self) -> None:
        """See `Machines`."""
        self._add()

    def wait(self, command: Callable[[], str]) -> str:
        """See `Machines`: the command waits itself."""
        return command()

    def _add(self) -> Any:
        return patiently(lambda: self._cluster.add_node(num_cpus=1))


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
