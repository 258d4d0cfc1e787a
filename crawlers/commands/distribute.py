"""`scrapy distribute JOB --work URI`: a job over the whole archive, on many cores or many machines.

    ARCHIVE_URI ──▶ tasks, wherever they run ──▶ <work>/…, one result at the end

The same archive gives the same result, whatever runs it; a job that was interrupted goes on where it stopped. docs/scaling.md.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from archive.cli.common import within
from archive.reader.archive import Archive
from archive.store import StoreError, StoreRefused, StoreUnavailable, open_store
from crawlers.cluster.jobs import JOBS, JobWorkspace
from crawlers.configuration import ArchiveCommand
from crawlers.signals import ExitCode

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

_EXTRA = (
    "scrapy distribute needs the extra `cluster`: pip install 'warraq[cluster]', or what it lists in pyproject.toml"
)


class Command(ArchiveCommand):
    """A job over the whole archive."""

    def syntax(self) -> str:
        """Name the arguments."""
        return f"{{{','.join(JOBS)}}} --work URI"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Run a job over the whole archive on many cores or machines (datatrove: local, Ray, Slurm)"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the place and the engine."""
        super().add_options(parser)
        parser.add_argument(
            "--work", metavar="URI", help="where the job lies, and its result: a folder or s3://bucket/prefix"
        )
        parser.add_argument("--since", metavar="DAY", help="reread: crawled on this day or later; export: published")
        parser.add_argument("--until", metavar="DAY", help="… on this day or before")
        parser.add_argument("--outlet", metavar="NAME", help="reread and export: only this outlet")
        parser.add_argument("--anew", action="store_true", help="index: forget the one that is there")
        parser.add_argument("--executor", choices=("local", "ray", "slurm"), default="local", help="the engine (local)")
        parser.add_argument("--tasks", type=within(1), default=8, help="into how many tasks each pass is cut (8)")
        parser.add_argument("--workers", type=within(1), default=2, help="how many of them at a time (2)")
        parser.add_argument(
            "--memory",
            type=within(0.1, kind=float),
            default=2,
            metavar="GB",
            help="what a task may take, for Ray and Slurm (2)",
        )
        parser.add_argument("--address", help="of the Ray cluster (by default the one that runs on this machine)")
        parser.add_argument("--partition", help="of Slurm")
        parser.add_argument(
            "--limit", default="04:00:00", metavar="H:M:S", help="longest time of a task in Slurm (04:00:00)"
        )

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        """Run the job; what is wrong is said in one sentence."""
        try:
            self._run(args, opts)
        except (StoreRefused, ValueError) as error:
            self._fail(error, ExitCode.REFUSED)
        except StoreUnavailable as error:
            self._fail(error, ExitCode.UNPUBLISHED)
        except StoreError as error:
            self._fail(error, ExitCode.FAILED)

    def _run(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if len(args) != 1 or args[0] not in JOBS:
            raise ValueError(f"name one job: {', '.join(JOBS)}")
        if not opts.work:
            raise ValueError("say where the job may lie: --work URI")
        if opts.executor == "slurm" and not opts.partition:
            raise ValueError("say which partition of Slurm: --partition NAME")
        try:
            from crawlers.cluster import engines, recluster  # noqa: F401, PLC0415  the extra, and seconds of imports
        except ModuleNotFoundError as error:
            raise ValueError(f"{_EXTRA} ({error.name} is not installed)") from None
        endpoint = self.settings["AWS_ENDPOINT_URL"] or None
        source = open_store(str(self.settings["ARCHIVE_URI"]), options={"endpoint_url": endpoint} if endpoint else {})
        source.check(write=False)
        work = opts.work if "://" in opts.work else str(Path(opts.work).absolute())  # workers may stand elsewhere
        workspace = JobWorkspace(work, source.uri, endpoint)
        workspace.store.check()
        job, options = JOBS[args[0]], {name: getattr(opts, name) for name in ("since", "until", "outlet", "anew")}
        plan = workspace.settle(job.plan(args[0], Archive(source), opts.tasks, options))
        names = ("executor", "workers", "memory", "address", "partition", "limit")
        engine = engines.Engine(**{name: getattr(opts, name) for name in names})
        try:
            queued = ""
            for name, counts in engines.run(job, workspace, plan.tasks, engine):
                if engines.LEFT in counts:
                    queued = " (queued: squeue shows it, the same command how far it is)"
                text = ", ".join(f"{label} {value:,.0f}" for label, value in counts.items())
                sys.stderr.write(f"{name}: {text}\n")
        except engines.Unfinished as error:
            self._fail(f"{error}; the same command goes on from here", ExitCode.FAILED)
            return
        sys.stdout.write(f"{workspace.store.uri}/{job.result}{queued}\n")

    def _fail(self, reason: object, code: ExitCode) -> None:
        sys.stderr.write(f"{str(reason).rstrip('.')}.\n")
        self.exitcode = code
