"""The passes of `reread`: today's extraction over yesterday's records, read by many, published by one for each outlet.

    days ─cut─▶ slices/<outlet>/<day> ─read─▶ read/<slice> ─publish─▶ changes/<outlet>/<day>, generations ─gather─▶ changes.json

`crawlers.reextract` does all of it, asked three times with three readers: one that notes what it would read, one that reads, and one
that has read already. So the archive gets the very lines that `scrapy reread` publishes.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import time
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from archive.maintenance.generations import LEASE_SECONDS, Slice
from archive.manifests.lease import LeaseHeld
from archive.manifests.manifest import dates_in
from archive.reader.query import end_of, start_of
from crawlers.cluster.jobs import share
from crawlers.reextract import Changes, Choice, Reader, read_slice, reread

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archive.reader.archive import Archive
    from crawlers.cluster.jobs import JobWorkspace
    from crawlers.reextract import Reading

RESULT = "changes.json"
_PATIENCE = 30  # seconds between two looks at a lease


def days_of(archive: Archive, options: Mapping[str, Any]) -> list[str]:
    """Return what is to be read again, a crawl date of an outlet each: ``outlet/yyyy-mm-dd``."""
    if not options["since"]:
        raise ValueError("say from when on: --since 2026-11-01")
    ends = start_of(options["since"]), end_of(options["until"])
    first, last = (f"{at:%Y-%m-%d}" if at else "9999" for at in ends)
    return [
        f"{outlet}/{day}"
        for outlet in archive.outlets()
        if options["outlet"] in {None, outlet}
        for day in dates_in(archive.store, outlet)
        if first <= day <= last
    ]


def cut(workspace: JobWorkspace, task: int, tasks: int) -> dict[str, int]:
    """Note the slices of a task's share of the days."""
    counts = {"days": 0, "slices": 0}
    for day in share(workspace.plan().objects, task, tasks):
        noting = _Noting()
        _reread(workspace, day, noting, Changes(), publish=False)
        body = "".join(f"{json.dumps([*astuple(each)[:4], sorted(each.revisits)])}\n" for each in noting.noted)
        workspace.put(f"slices/{day}.jsonl", body.encode())
        counts["days"] += 1
        counts["slices"] += len(noting.noted)
    return counts


def read(workspace: JobWorkspace, task: int, tasks: int) -> dict[str, int]:
    """Read a task's share of all slices again."""
    options = tuple(sorted(_options(workspace).items()))
    counts = {"pages": 0, "articles": 0, "faults": 0, "bytes": 0}
    for piece in share(list(_slices(workspace)), task, tasks):
        pages, lines, faults = read_slice(workspace.archive, options, piece)
        workspace.put(
            _key(piece), gzip.compress(json.dumps([pages, lines, faults], ensure_ascii=False).encode(), 6, mtime=0)
        )
        for name, value in zip(counts, (pages, len(lines), len(faults), piece.length), strict=True):
            counts[name] += value
    return counts


def publish(workspace: JobWorkspace, task: int, tasks: int) -> dict[str, int]:
    """Publish the next generations of a task's share of the outlets; what changed is written down before."""
    days = workspace.plan().objects
    counts = {"days": 0, "generations": 0}
    for outlet in share(sorted({day.partition("/")[0] for day in days}), task, tasks):
        for day in (day for day in days if day.startswith(f"{outlet}/")):
            key = f"changes/{day}.json"
            if workspace.store.stat(key) is None:
                before = Changes()
                _reread(workspace, day, _Remembering(workspace), before, publish=False)
                workspace.put(key, json.dumps(before.as_json(), ensure_ascii=False).encode())
            after = Changes()
            _reread(workspace, day, _Remembering(workspace), after, publish=True)
            counts["days"] += 1
            counts["generations"] += len(after.generations)
    return counts


def gather(workspace: JobWorkspace, task: int, tasks: int) -> dict[str, int]:  # noqa: ARG001  every pass is called alike
    """Add up what changed, in one task."""
    whole = added_up(json.loads(workspace.store.read(key)) for key in workspace.keys("changes/"))
    workspace.put(RESULT, (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode())
    return {name: value for name, value in whole.items() if isinstance(value, int)}


def added_up(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the sum of what changed on several days, as `crawlers.reextract.Changes.as_json` has it."""
    whole: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            if isinstance(value, dict):
                whole[name] = added_up([whole.get(name, {}), value])
            else:
                whole[name] = whole.get(name, type(value)()) + value
    if "samples" in whole:
        whole["samples"] = {name: examples[:3] for name, examples in whole["samples"].items()}
    return whole


class _Noting(Reader):
    """A reader that reads nothing and notes what it was asked for."""

    def __init__(self) -> None:
        self.noted: list[Slice] = []

    @override
    def read(self, pieces: Iterable[Slice]) -> Iterator[tuple[Slice, Reading]]:
        self.noted += pieces
        return iter(())


class _Remembering(Reader):
    """A reader that knows what was read; what is new in the archive since then it reads itself."""

    def __init__(self, workspace: JobWorkspace) -> None:
        self._desk = workspace

    @override
    def read(self, pieces: Iterable[Slice]) -> Iterator[tuple[Slice, Reading]]:
        for piece in pieces:
            key = _key(piece)
            if self._desk.store.stat(key) is None:
                yield piece, read_slice(self._desk.archive, tuple(sorted(_options(self._desk).items())), piece)
            else:
                pages, lines, faults = json.loads(gzip.decompress(self._desk.store.read(key)))
                yield piece, (pages, lines, faults)


def _reread(workspace: JobWorkspace, day: str, reader: Reader, changes: Changes, *, publish: bool) -> None:
    """Ask for one day; a lease that a killed worker left is waited for, since nobody can take it from it."""
    outlet, _, date = day.partition("/")
    choice = Choice(since=date, until=date, jobs=1, publish=publish)
    end = time.monotonic() + LEASE_SECONDS + 2 * _PATIENCE
    while True:
        try:
            list(reread(workspace.archive, _options(workspace), outlet, choice, changes, reader))
        except LeaseHeld:
            if time.monotonic() > end:
                raise
            time.sleep(_PATIENCE)
        else:
            return


def _options(workspace: JobWorkspace) -> dict[str, Any]:
    return {"endpoint_url": workspace.endpoint} if workspace.endpoint else {}


def _slices(workspace: JobWorkspace) -> Iterator[Slice]:
    for key in workspace.keys("slices/"):
        for line in workspace.store.read(key).splitlines():
            outlet, name, offset, length, revisits = json.loads(line)
            yield Slice(outlet, name, offset, length, frozenset(revisits))


def _key(piece: Slice) -> str:
    named = f"{piece.key} {piece.offset} {piece.length} {sorted(piece.revisits)}"
    return f"read/{hashlib.sha256(named.encode()).hexdigest()[:32]}.json.gz"
