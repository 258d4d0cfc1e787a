"""The jobs that write what is derived from an archive: `export` into Parquet files, `index` into the archive itself."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.export import formats
from archive.export.state import Run, State
from archive.index import build
from archive.index.build import segments_to_read
from archive.index.format import SIZE, renumbered
from archive.index.lookup import entries_of
from archive.maintenance.compaction import read_month
from archive.manifests.manifest import current_objects
from archive.reader.archive import Archive
from archive.reader.scan import StoryUpdates
from archive.store import Missing, Store
from crawlers.cluster.jobs import JobWorkspace, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archive.article import Article
    from archive.manifests.manifest import Manifest

# --- The passes of `export`: Parquet in Hive partitions, each file written by the task that read its articles --------
#     segments ─write─▶ export/outlet=<o>/month=<yyyy-mm>/task-<n>-<m>.parquet ─gather─▶ export.json
#
# Files and columns are those of `python -m archive export --format parquet --all-versions`: the same rows, in other files.

EXPORT_RESULT = "export.json"


def segments_of(archive: Archive, options: Mapping[str, Any]) -> list[str]:
    """Return the manifests whose article lines stand."""
    chosen = archive.manifests(options["outlet"])
    return [manifest.key for manifest in chosen if "articles" in manifest.by_kind]


def write(workspace: JobWorkspace, task: int, tasks: int) -> dict[str, int]:
    """Write a task's share of the segments."""
    plan = workspace.plan()
    archive = Archive(workspace.source)
    state = State(archive=workspace.archive, format="parquet", selection={})
    span = {name: plan.options[name] for name in ("since", "until")}
    counted = _Counted(articles_of(archive, share(plan.objects, task, tasks), span))
    counts = {"articles": 0, "files": 0, "bytes": 0}
    with tempfile.TemporaryDirectory() as folder:
        for name in formats.write_parquet(Run(archive, Path(folder), f"task-{task:05d}", state), counted):
            path = Path(folder) / name
            workspace.put_file(f"export/{name}", path)
            counts["files"] += 1
            counts["bytes"] += path.stat().st_size
    return counts | {"articles": counted.count}


def articles_of(archive: Archive, keys: Sequence[str], span: Mapping[str, Any]) -> Iterator[Article]:
    """Yield the articles of some segments, all versions, with their stories as they stand now."""
    told = StoryUpdates(archive.store, archive.manifests())
    month = cache(lambda outlet, name: _manifests_of(archive.store, outlet, name))
    for key in keys:
        _, outlet, date, _ = key.split("/")
        view = month(outlet.removeprefix("outlet="), date.removeprefix("date=")[: len("yyyy-mm")]).get(key)
        if view is not None:  # replaced since the plan was made: its lines stand in a segment of the next job
            yield from map(told.apply, archive.articles_of(view, settle=False, **span))


def gather(workspace: JobWorkspace, task: int, tasks: int) -> dict[str, int]:  # noqa: ARG001  every pass is called alike
    """List the files with their sizes, in one task; who reads the export waits for this."""
    files = {entry.key.removeprefix("export/"): entry.size for entry in workspace.store.listing("export/")}
    workspace.put(EXPORT_RESULT, (json.dumps({"archive": workspace.archive, "files": files}, indent=1) + "\n").encode())
    return {"files": len(files)}


def _manifests_of(store: Store, outlet: str, month: str) -> dict[str, Manifest]:
    manifests, _ = read_month(store, outlet, month)
    return {view.key: view for view in current_objects(manifests)}


class _Counted:
    """Articles, counted as they pass."""

    def __init__(self, articles: Iterator[Article]) -> None:
        self._articles, self.count = articles, 0

    def __iter__(self) -> Iterator[Article]:
        for article in self._articles:
            self.count += 1
            yield article


# --- The passes of `index`: segments read by many, one run written by one --------------------------------------------
#     segments ─read─▶ entries/<hash of what was read> ─publish─▶ index/…run, head.json, index.json
#
# `archive.index.build` does the second pass; it is given what was read, and reads itself what has changed since then. So the index
# is the one that `python -m archive index` makes, bit for bit.

INDEX_RESULT = "index.json"
_KINDS = ("cdxj", "articles")  # what has entries


def segments_to_index(archive: Archive, options: Mapping[str, Any]) -> list[str]:
    """Return the segments that the index does not know yet; with ``anew`` all there are."""
    if any(value for name, value in options.items() if name != "anew"):
        raise ValueError("index takes the whole archive; --since, --until and --outlet are for other jobs")
    return segments_to_read(archive, anew=options["anew"])


def read(workspace: JobWorkspace, task: int, tasks: int) -> dict[str, int]:
    """Read a task's share of the segments; one whose objects were replaced and removed has nothing to read."""
    archive, counts = Archive(workspace.source), {"segments": 0, "entries": 0}
    for stem in share(workspace.plan().objects, task, tasks):
        manifest = archive.listing.manifest(stem)
        try:
            entries = entries_of(workspace.source, manifest, 0)
        except Missing:
            continue
        workspace.put(_key(manifest), b"".join(entries))
        counts["segments"] += 1
        counts["entries"] += len(entries)
    return counts


def publish(workspace: JobWorkspace, task: int, tasks: int) -> dict[str, int]:  # noqa: ARG001  every pass is called alike
    """Write the index, in one task; done again it finds nothing to add."""
    if task or workspace.store.stat(INDEX_RESULT) is not None:
        return {}

    def remembered(store: Store, manifest: Manifest, number: int) -> list[bytes]:
        key = _key(manifest)
        if workspace.store.stat(key) is None:
            return entries_of(store, manifest, number)
        body = workspace.store.read(key)
        return [renumbered(body[at : at + SIZE], number) for at in range(0, len(body), SIZE)]

    built = build(Archive(workspace.source), anew=workspace.plan().options["anew"], read=remembered)
    workspace.put(INDEX_RESULT, (json.dumps(asdict(built)) + "\n").encode())
    return {"segments": built.segments, "entries": built.entries, "bytes": built.bytes}


def _key(manifest: Manifest) -> str:
    """Name what was read after it: what was erased or replaced since then has another name."""
    items = manifest.by_kind
    text = " ".join((manifest.segment, *(items[kind].sha256 for kind in _KINDS if kind in items)))
    return f"entries/{hashlib.sha256(text.encode()).hexdigest()[:32]}"
