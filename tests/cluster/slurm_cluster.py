"""Slurm on this machine, over loopback: a controller and two nodes of one core, each a daemon of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cluster.running import TASKS, say, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PARTITION, NODES = "news", ("one", "two")
CONFIGURATION = """
ClusterName=proof
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
AuthType=auth/none
CredType=cred/none
AuthInfo=cred_expire=5
SlurmUser={user}
SlurmdUser={user}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SlurmdTimeout=10
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/controller.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/controller.log
SlurmdLogFile={folder}/%n.log
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=2
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
PartitionName={partition} Nodes=ALL MaxTime=INFINITE State=UP
"""
NODE = "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=1 RealMemory=2000\n"


@contextmanager
def machines(folder: Path) -> Iterator[SlurmMachines]:
    """Start the daemons, and end them with all that they run."""
    if missing := [name for name in ("slurmctld", "slurmd", "sbatch") if shutil.which(name) is None]:
        sys.exit(f"make prove-slurm needs Slurm, here is no {missing[0]}: apt-get install slurm-wlm, as root")
    found = SlurmMachines(folder / "slurmd")
    try:
        found.start()
        yield found
    finally:
        found.end()


class SlurmMachines:
    """Two nodes; one is killed, and before that a single task on the other. See `Machines`."""

    words = ("--executor", "slurm", "--partition", PARTITION)

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._notes = folder.parent / "slurm" / "news" / "jobs"
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start controller and nodes; return when they are idle."""
        for name in ("state", *NODES):
            (self._folder / name).mkdir(parents=True)
        values = {"host": socket.gethostname(), "user": getpass.getuser(), "folder": self._folder}
        ports = _free_ports(1 + len(NODES))
        lines = [NODE.format(name=name, port=ports.pop(), **values) for name in NODES]
        path = self._folder / "slurm.conf"
        path.write_text(CONFIGURATION.format(port=ports.pop(), partition=PARTITION, **values) + "".join(lines))
        os.environ["SLURM_CONF"] = str(path)
        self._run("slurmctld", "-D")
        for name in NODES:
            self._run("slurmd", "-D", "-N", name)
        until(lambda: asked("sinfo", "-h", "-o%T %D") == "idle 2", "Slurm does not come up")
        version = asked("sinfo", "--version")
        say(f"{version} with two nodes")

    def strike(self, job: str, after: str, running: subprocess.Popen[str]) -> None:
        """See `Machines`; a process is killed in the pass before."""
        running.wait()
        self._kill_a_process(after)
        until(lambda: len(list((self._notes / job / after / "completions").glob("0*"))) >= TASKS, f"{after} hangs")
        until(lambda: _at_work(NODES[0], without=after) != "", "the job does not get on")
        number = _at_work(NODES[0], without=after)
        self._daemons.pop(NODES[0]).kill()
        for process in _processes(number):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        say(f"killed one node with all its processes in the pass after {after}")

    def _kill_a_process(self, name: str) -> None:
        until(lambda: name in asked("squeue", "-h", "-tR", "-o%j"), f"{name} does not begin")
        until(lambda: bool(_named(f"/{name}/executor.pik")), f"{name} does not begin")
        for process in _named(f"/{name}/executor.pik"):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        say(f"killed the processes of tasks of pass {name}")

    def lost(self, printed: str) -> bool:
        """See `Machines`."""
        said = (self._folder / "controller.log").read_text()
        say("".join(f"  {line[:160]}\n" for line in said.splitlines() if "equeu" in line).rstrip())
        return "Requeuing JobId" in said and f"due to failure of node {NODES[0]}" in said

    def mend(self) -> None:
        """See `Machines`."""
        self._run("slurmd", "-D", "-N", NODES[0])
        until(lambda: asked("sinfo", "-h", "-o%T %D") == "idle 2", "the node does not come back")

    def wait(self, command: Callable[[], str]) -> str:
        """See `Machines`: the command only queues; said once more it tells what was counted."""
        command()
        until(lambda: asked("squeue", "-h") == "", "the queue does not end")
        return command()

    def end(self) -> None:
        """End every daemon, and what is left of their jobs."""
        for number in asked("squeue", "-h", "-tR", "-o%A").split():
            for process in _processes(number):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        for daemon in self._daemons.values():
            daemon.kill()
            daemon.wait()

    def _run(self, *command: str) -> None:
        name = command[-1]
        with (self._folder / f"{name.strip('-')}.out").open("ab") as output:
            self._daemons[name] = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)


def asked(*command: str) -> str:
    """Return what one of Slurm's commands prints."""
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()


def _at_work(node: str, without: str) -> str:
    """Return the number of a job that runs on a node, one of another pass than ``without``; empty if there is none."""
    for line in asked("squeue", "-h", "-tR", f"-w{node}", "-o%A %j").splitlines():
        number, _, name = line.partition(" ")
        if name != f"warraq-{without}" and _processes(number):
            return number
    return ""


def _processes(job: str) -> list[int]:
    """Return the processes of a Slurm job, its keepers before what they keep."""
    keepers = _named(f"slurmstepd: [{job}.")
    mine = f"SLURM_JOB_ID={job}".encode()
    return keepers + [process for process, variables in _each("environ") if mine in variables.split(b"\0")]


def _named(words: str) -> list[int]:
    mine = words.encode()
    return [
        process for process, line in _each("cmdline") if mine in line.replace(b"\0", b" ") and process != os.getpid()
    ]


def _each(what: str) -> Iterator[tuple[int, bytes]]:
    for path in Path("/proc").glob(f"[0-9]*/{what}"):
        with suppress(OSError):  # it is no more
            yield int(path.parent.name), path.read_bytes()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
