"""Jobs: their passes by name, the plan of each, and the workspace in the store in which tasks put what they made."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from archive.store import Conflict, Missing, Store, StoreRefused, open_store
from archive.store.protocol import digests_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from archive.reader.archive import Archive

# --- Where a job lies, in a folder or a bucket: its plan, and what its tasks made ------------------------------------
# <work>/plan.json        job, archive, tasks, objects      written once; whoever comes later finds the same work cut alike
# <work>/<pass>/…         what tasks made; created, never changed
# <work>/shelf/<pass>/…   the engine's notes: which tasks are done, their statistics and logs

_Item = TypeVar("_Item")
_PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a job works on.

    Attributes:
        job: its name.
        archive: URI of the archive it reads.
        tasks: into how many tasks each of its passes is cut.
        objects: keys of what it reads.
        options: what else the job was asked for.
        hidden: articles that were taken down when it began.
    """

    job: str
    archive: str
    tasks: int
    objects: list[str]
    options: dict[str, Any]
    hidden: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class JobWorkspace:
    """A job's place, as every worker gets it: addresses alone, so that it can be sent anywhere.

    Attributes:
        work: URI of the job's folder.
        archive: URI of the archive.
        endpoint: S3 endpoint of both, None for what the environment says.
    """

    work: str
    archive: str
    endpoint: str | None = None

    @property
    def store(self) -> Store:
        """The job's folder."""
        return _store(self.work, self.endpoint)

    @property
    def source(self) -> Store:
        """The archive."""
        return _store(self.archive, self.endpoint)

    def settle(self, plan: Plan) -> Plan:
        """Write the plan, or find the one that stands here and return that.

        Raises:
            StoreRefused: what stands here is the plan of something else.
        """
        with suppress(Conflict):
            self.store.create(_PLAN, (json.dumps(asdict(plan), ensure_ascii=False, indent=1) + "\n").encode())
        standing = self.plan()
        for name in ("job", "archive", "tasks", "options"):
            was, is_now = getattr(standing, name), getattr(plan, name)
            if was != is_now:
                raise StoreRefused(f"{self.work} holds a job whose {name} is {was!r}, not {is_now!r}")
        return standing

    def plan(self) -> Plan:
        """Read the plan; raises `Missing` where there is none."""
        return Plan(**json.loads(self.store.read(_PLAN)))

    def has_plan(self) -> bool:
        """Tell whether a job was begun here."""
        try:
            return self.store.stat(_PLAN) is not None
        except Missing:
            return False

    def put(self, key: str, body: bytes) -> None:
        """Create an object; where the same bytes stand already, that is a task done again.

        Raises:
            Conflict: other bytes stand there: the inputs changed under the job, or its software.
        """
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "object"
            path.write_bytes(body)
            self.put_file(key, path)

    def put_file(self, key: str, path: Path) -> None:
        """Create an object from a file; see `put`."""
        self.store.put_file(key, path, digests=digests_of(path), metadata={})

    def keys(self, folder: str) -> list[str]:
        """Return the keys below a folder (which ends with ``/``), in order."""
        return [entry.key for entry in self.store.listing(folder)]


if TYPE_CHECKING:
    Work: TypeAlias = Callable[[JobWorkspace, int, int], Mapping[str, int]]


def share(items: Sequence[_Item], task: int, tasks: int) -> Sequence[_Item]:
    """Return a task's part of what is cut into runs of about the same length; neighbours stay together."""
    return items[len(items) * task // tasks : len(items) * (task + 1) // tasks]


@cache
def _store(uri: str, endpoint: str | None) -> Store:
    return open_store(uri, options={"endpoint_url": endpoint} if endpoint else {})


# --- What there is to do: jobs, each of them passes that follow one another ------------------------------------------
#     recluster   read ─▶ twins ─▶ compare ─▶ join ─▶ deal ─▶ assign ─▶ gather        the stories of a whole archive
#     reread      cut ─▶ read ─▶ publish ─▶ gather                                    today's extraction over its records
#     export      write ─▶ gather                                                     its articles as Parquet
#     index       read ─▶ publish                                                     the index over ids and addresses
#
# A pass is a function of (workspace, task, tasks) that returns what it counts. It sees only what earlier passes created, so its tasks may
# run in any order, anywhere, and more than once. ``single`` passes are one task.


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
        work: Work = getattr(import_module(self.module), self.function)
        return work


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
            Pass("twins", "crawlers.cluster.recluster", "find_twins"),
            Pass("compare", "crawlers.cluster.recluster", "compare"),
            Pass("join", "crawlers.cluster.recluster", "join", single=True),
            Pass("deal", "crawlers.cluster.recluster", "deal"),
            Pass("assign", "crawlers.cluster.recluster", "assign"),
            Pass("gather", "crawlers.cluster.recluster", "gather", single=True),
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
        objects=("crawlers.cluster.outputs", "segments_to_index"),
        passes=(
            Pass("read", "crawlers.cluster.outputs", "read"),
            Pass("publish", "crawlers.cluster.outputs", "publish", single=True),
        ),
        result="index.json",
    ),
}
