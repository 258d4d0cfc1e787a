"""One sealed segment, or one report, into one store: each step may be repeated.

upload the objects ─▶ create the manifest ─▶ move the pointer ─▶ mark      the mark stays in the segment's folder
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from archive.durable import read_whole
from archive.manifests.chain import commit
from archive.spool.sealing import Seal
from archive.store.protocol import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archive.manifests.manifest import Manifest
    from archive.spool.spool import Segment
    from archive.store import Store


def deliver(
    store: Store,
    segment: Segment,
    software: dict[str, str],
    created: str,
    knows: Callable[[str], bool] | None = None,
) -> Manifest:
    """Publish a segment in a store and return its manifest as it stands there.

    Args:
        store: where to.
        segment: sealed.
        software: names and versions, for the manifest.
        created: ISO 8601, UTC, for the manifest.
        knows: see `archive.manifests.chain.commit`.

    Raises:
        StoreError: the store did not take all of it; what it took need not be sent again.
        Overtaken: the chain has gone on; see `archive.manifests.chain.commit`.
    """
    sealed = Seal.read(segment)
    mark = segment.folder / f"published.{hashlib.sha256(store.place.encode()).hexdigest()[:8]}"
    if not mark.exists():
        metadata = {"crawl": sealed.facts.crawl, "software": json.dumps(software), "schema": "1"}
        for item in sealed.items:
            counts = {"records": ",".join(f"{kind}={n}" for kind, n in sorted(item.records.items()))}
            store.put_file(
                item.key, segment.local(item.kind), digests=sealed.digests[item.kind], metadata=metadata | counts
            )
    manifest = commit(store, sealed.manifest(software, created), knows=knows)
    mark.touch()
    return manifest


def deliver_report(store: Store, path: Path) -> None:
    """Publish a crawl's report that waits in a file; finding the same one there is a success.

    Raises:
        StoreError: the store did not take it, or has another one of this crawl.
    """
    report = read_whole(path)
    key = f"reports/outlet={report['outlet']}/date={report['started'][:10]}/{report['crawl']}.json"
    body = (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode()
    try:
        store.create(key, body)
    except Conflict:
        if store.read(key) != body:
            raise
