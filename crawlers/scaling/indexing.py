"""The passes of `index`: segments read by many, one run written by one.

    segments ─read─▶ entries/<hash of what was read> ─publish─▶ index/…run, head.json, index.json

`archive.index.build` does the second pass; it is given what was read, and reads itself what has changed since then. So the index
is the one that `python -m archive index` makes, bit for bit.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from archive.index import build
from archive.index.build import segments_to_read
from archive.index.format import SIZE, renumbered
from archive.index.lookup import entries_of
from archive.reader.archive import Archive
from archive.store import Missing
from crawlers.cluster.jobs import share

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archive.manifests.manifest import Manifest
    from archive.store import Store
    from crawlers.cluster.jobs import Desk

RESULT = "index.json"
_KINDS = ("cdxj", "articles")  # what has entries


def segments_of(archive: Archive, options: Mapping[str, Any]) -> list[str]:
    """Return the segments that the index does not know yet; with ``anew`` all there are."""
    if any(value for name, value in options.items() if name != "anew"):
        raise ValueError("index takes the whole archive; --since, --until and --outlet are for other jobs")
    return segments_to_read(archive, anew=options["anew"])


def read(desk: Desk, task: int, tasks: int) -> dict[str, int]:
    """Read a task's share of the segments; one whose objects were replaced and removed has nothing to read."""
    archive, counts = Archive(desk.source), {"segments": 0, "entries": 0}
    for stem in share(desk.plan().objects, task, tasks):
        manifest = archive.listing.manifest(stem)
        try:
            entries = entries_of(desk.source, manifest, 0)
        except Missing:
            continue
        desk.put(_key(manifest), b"".join(entries))
        counts["segments"] += 1
        counts["entries"] += len(entries)
    return counts


def publish(desk: Desk, task: int, tasks: int) -> dict[str, int]:  # noqa: ARG001  every pass is called alike
    """Write the index, in one task; done again it finds nothing to add."""
    if task or desk.store.stat(RESULT) is not None:
        return {}

    def remembered(store: Store, manifest: Manifest, number: int) -> list[bytes]:
        key = _key(manifest)
        if desk.store.stat(key) is None:
            return entries_of(store, manifest, number)
        body = desk.store.read(key)
        return [renumbered(body[at : at + SIZE], number) for at in range(0, len(body), SIZE)]

    built = build(Archive(desk.source), anew=desk.plan().options["anew"], read=remembered)
    desk.put(RESULT, (json.dumps(asdict(built)) + "\n").encode())
    return {"segments": built.segments, "entries": built.entries, "bytes": built.bytes}


def _key(manifest: Manifest) -> str:
    """Name what was read after it: what was erased or replaced since then has another name."""
    items = manifest.by_kind
    said = " ".join((manifest.segment, *(items[kind].sha256 for kind in _KINDS if kind in items)))
    return f"entries/{hashlib.sha256(said.encode()).hexdigest()[:32]}"
