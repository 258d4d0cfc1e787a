"""The passes of `export`: Parquet in Hive partitions, each file written by the task that read its articles.

    segments ─write─▶ export/outlet=<o>/month=<yyyy-mm>/task-<n>-<m>.parquet ─gather─▶ export.json

Files and columns are those of `python -m archive export --format parquet --all-versions`: the same rows, in other files.
"""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.export import formats
from archive.export.state import Run, State
from archive.maintenance.compaction import read_month
from archive.manifests.superseded import standing
from archive.reader.archive import Archive
from archive.reader.scan import Told
from crawlers.cluster.jobs import share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archive.article import Article
    from archive.manifests.manifest import Manifest
    from archive.store import Store
    from crawlers.cluster.jobs import Desk

RESULT = "export.json"


def segments_of(archive: Archive, options: Mapping[str, Any]) -> list[str]:
    """Return the manifests whose article lines stand."""
    chosen = archive.manifests(options["outlet"])
    return [manifest.key for manifest in chosen if "articles" in manifest.by_kind]


def write(desk: Desk, task: int, tasks: int) -> dict[str, int]:
    """Write a task's share of the segments."""
    plan = desk.plan()
    archive = Archive(desk.source)
    state = State(archive=desk.archive, format="parquet", selection={})
    span = {name: plan.options[name] for name in ("since", "until")}
    counted = _Counted(articles_of(archive, share(plan.objects, task, tasks), span))
    counts = {"articles": 0, "files": 0, "bytes": 0}
    with tempfile.TemporaryDirectory() as folder:
        for name in formats.write_parquet(Run(archive, Path(folder), f"task-{task:05d}", state), counted):
            path = Path(folder) / name
            desk.put_file(f"export/{name}", path)
            counts["files"] += 1
            counts["bytes"] += path.stat().st_size
    return counts | {"articles": counted.count}


def articles_of(archive: Archive, keys: Sequence[str], span: Mapping[str, Any]) -> Iterator[Article]:
    """Yield the articles of some segments, all versions, with their stories as they stand now."""
    told = Told(archive.store, archive.manifests())
    month = cache(lambda outlet, name: _standing(archive.store, outlet, name))
    for key in keys:
        _, outlet, date, _ = key.split("/")
        view = month(outlet.removeprefix("outlet="), date.removeprefix("date=")[: len("yyyy-mm")]).get(key)
        if view is not None:  # replaced since the plan was made: its lines stand in a segment of the next job
            yield from map(told.apply, archive.articles_of(view, settle=False, **span))


def gather(desk: Desk, task: int, tasks: int) -> dict[str, int]:  # noqa: ARG001  every pass is called alike
    """List the files with their sizes, in one task; who reads the export waits for this."""
    files = {found.key.removeprefix("export/"): found.size for found in desk.store.listing("export/")}
    desk.put(RESULT, (json.dumps({"archive": desk.archive, "files": files}, indent=1) + "\n").encode())
    return {"files": len(files)}


def _standing(store: Store, outlet: str, month: str) -> dict[str, Manifest]:
    found, _ = read_month(store, outlet, month)
    return {view.key: view for view in standing(found)}


class _Counted:
    """Articles, counted as they pass."""

    def __init__(self, articles: Iterator[Article]) -> None:
        self._articles, self.count = articles, 0

    def __iter__(self) -> Iterator[Article]:
        for article in self._articles:
            self.count += 1
            yield article
