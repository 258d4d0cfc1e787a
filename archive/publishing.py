"""Publishing: from the spool into the archive, in the one order that a crash at any point cannot spoil.

    closed ─▶ seal ─▶ upload the objects ─▶ create the manifest ─▶ move the pointer ─▶ remember ─▶ delete from the spool
                                                  │
                                                  └─ the commit: before it nothing exists, after it everything does

Each step may be repeated: objects and manifests are created only where there are none, and compared where there are. With
several targets each has its own chain and its own mark; the segment leaves the spool when the last of them has confirmed.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from archive.article import format_time
from archive.chain import commit
from archive.durable import write_whole
from archive.sealing import Seal, seal
from archive.spool import Spool, SpoolBusy
from archive.store.protocol import Conflict, Store, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archive.catalog import Catalog
    from archive.manifest import Manifest
    from archive.spool import Segment


@dataclass(slots=True)
class Published:
    """What one round of publishing did: manifests created, segments and reports that still wait, and why."""

    manifests: list[Manifest] = field(default_factory=list)
    waiting: int = 0
    failures: list[StoreError] = field(default_factory=list)


class Publisher:
    """Brings sealed segments into one or several stores.

    Args:
        stores: the store, or several of them; the first is the one that the catalog follows.
        spool: the spool's folder.
        catalog: learns what was published; None where nobody asks it.
        software: names and versions, for the manifests.
        clock: gives the time, aware UTC.
    """

    def __init__(
        self,
        stores: Store | Sequence[Store],
        spool: Path,
        catalog: Catalog | None = None,
        *,
        software: dict[str, str] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._stores = list(stores) if isinstance(stores, Sequence) else [stores]
        self._spool = Spool(spool)
        self._catalog = catalog
        self._software = software or {}
        self._clock = clock
        self._turn = threading.Lock()

    def publish_sealed(self, outlets: Sequence[str] | None = None) -> Published:
        """Publish what waits, oldest first, outlet by outlet. May be called from a worker thread while the crawl writes.

        A store that fails ends the round for its outlet; what is left waits for the next round. The failures are returned,
        not raised, for the crawl goes on without the store.
        """
        result = Published()
        with self._turn:
            for outlet in self._spool.outlets() if outlets is None else outlets:
                self._publish_outlet(outlet, result)
        return result

    def write_report(self, report: dict[str, Any]) -> None:
        """Publish a crawl's report; it waits in the spool where the store does not answer.

        Args:
            report: JSON, with at least ``outlet``, ``crawl`` and ``started`` (ISO 8601).

        Raises:
            StoreError: the first store did not take it; `publish_sealed` tries again.
        """
        folder = self._spool.root / report["outlet"] / "reports"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{report['crawl']}.json"
        write_whole(path, report)
        with self._turn:
            self._publish_report(path)

    def waiting(self) -> int:
        """Return how many segments and reports are in the spool and not in every store."""
        count = 0
        for outlet in self._spool.outlets():
            count += sum(len(self._spool.segments(outlet, state)) for state in ("open", "closed", "sealed"))
            count += len(self._reports(outlet))
        return count

    def _publish_outlet(self, outlet: str, result: Published) -> None:
        with suppress(SpoolBusy):  # another process of this machine is at it; what it leaves is counted all the same
            lock = self._spool.publishing_lock(outlet)
            try:
                self._publish_in_order(outlet, result)
            except StoreError as error:
                result.failures.append(error)
            finally:
                lock.release()
        result.waiting += sum(len(self._spool.segments(outlet, state)) for state in ("closed", "sealed"))
        result.waiting += len(self._reports(outlet))

    def _publish_in_order(self, outlet: str, result: Published) -> None:
        self._spool.sweep(outlet)
        for closed in self._spool.segments(outlet, "closed"):
            seal(closed)
        for segment in self._spool.segments(outlet, "sealed"):
            self._publish(segment, result)
        for path in self._reports(outlet):
            self._publish_report(path)

    def _publish(self, segment: Segment, result: Published) -> None:
        failures: list[StoreError] = []
        for place, store in enumerate(self._stores):
            try:
                manifest = self._publish_to(store, segment)
            except StoreError as error:
                failures.append(error)
                continue
            if place == 0:
                if self._catalog is not None:
                    self._catalog.remember(manifest, lambda item: segment.local(item.kind).open("rb"))
                result.manifests.append(manifest)
        if failures:
            raise failures[0]
        segment.remove()

    def _publish_to(self, store: Store, segment: Segment) -> Manifest:
        sealed = Seal.read(segment)
        mark = segment.folder / f"published.{hashlib.sha256(store.uri.encode()).hexdigest()[:8]}"
        if not mark.exists():
            metadata = {"crawl": sealed.facts.crawl, "software": json.dumps(self._software), "schema": "1"}
            for item in sealed.items:
                counts = {"records": ",".join(f"{kind}={n}" for kind, n in sorted(item.records.items()))}
                digests = sealed.digests[item.kind]
                store.put_file(item.key, segment.local(item.kind), digests=digests, metadata=metadata | counts)
        manifest = commit(store, sealed.manifest(self._software, format_time(self._clock())))
        mark.touch()
        return manifest

    def _reports(self, outlet: str) -> list[Path]:
        return sorted((self._spool.root / outlet / "reports").glob("*.json"))

    def _publish_report(self, path: Path) -> None:
        report = json.loads(path.read_bytes())
        key = f"reports/outlet={report['outlet']}/date={report['started'][:10]}/{report['crawl']}.json"
        body = (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode()
        for store in self._stores:
            try:
                store.create(key, body)
            except Conflict:
                if store.read(key) != body:
                    raise
        path.unlink()
