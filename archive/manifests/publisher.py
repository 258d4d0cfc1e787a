"""Publishing: from the spool into the archive, in the one order that a crash at any point cannot spoil.

    sealed segment ──▶ objects ──▶ manifest, created once ──▶ pointer ──▶ catalog ──▶ deleted from the spool

Each step may be repeated. Copies of the archive are served the same way, each with its own state; reports wait and follow likewise.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Unpack

from archive.article import format_time
from archive.files import make_folder, read_whole, set_file_aside, write_whole
from archive.manifests.chain import Committing, Overtaken, commit
from archive.manifests.placement import Placement
from archive.reader.archive import Archive
from archive.spool.sealing import Seal, seal
from archive.spool.spool import Segment, Spool, SpoolBusy, holder_of
from archive.store.protocol import Conflict, Store, StoreError, StoreUnavailable
from archive.text import masked_all
from archive.warc.writer import software as own

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archive.catalog import Catalog
    from archive.manifests.manifest import Manifest

# --- One sealed segment, or one report, into one store: each step may be repeated ------------------------------------
# upload the objects ─▶ create the manifest ─▶ move the pointer ─▶ mark      the mark stays in the segment's folder


def deliver(
    store: Store,
    segment: Segment,
    software: dict[str, str],
    created: str,
    **committing: Unpack[Committing],
) -> Manifest:
    """Publish a segment in a store and return its manifest as it stands there.

    Args:
        store: where to.
        segment: sealed.
        software: names and versions, for the manifest.
        created: ISO 8601, UTC, for the manifest.
        committing: ``knows`` and ``holder`` of `archive.manifests.chain.commit`.

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
    manifest = commit(store, sealed.manifest(software, created), **committing)
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


# --- Publishing: from the spool into the archive, in the one order that a crash at any point cannot spoil ------------
#     closed ─▶ seal ─▶ upload the objects ─▶ create the manifest ─▶ move the pointer ─▶ remember ─▶ delete from the spool
#                                                   │
#                                                   └─ the commit: before it nothing exists, after it everything does
#
# Each step may be repeated: objects and manifests are created only where there are none, and compared where there are. With
# several targets each has its own chain, its own mark and its own failures; a segment leaves the spool when the last of them has
# confirmed. With a catalog, a segment's lines are placed against what others published meanwhile before it is committed to the first
# store (`archive.manifests.placement`), and once more where somebody was faster than the commit.

logger = logging.getLogger(__name__)

_TRIES = 10


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
        software: names and versions, for the manifests; by default those of what packs the texts.
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
        self._software = own() if software is None else software
        self._clock = clock
        self._turn = threading.Lock()
        self._done = set[tuple[str, str]]()  # place of a store, segment_id: published there by this process

    def publish_sealed(self, outlets: Sequence[str] | None = None) -> Published:
        """Publish what waits, oldest first, outlet by outlet. May be called from a worker thread while the crawl writes.

        A store that fails ends its own round for the outlet, not that of the others; what is left waits for the next round.
        The failures are returned, not raised, for the crawl goes on without the store.
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
            StoreError: a store did not take it; `publish_sealed` tries again.
        """
        folder = self._spool.root / report["outlet"] / "reports"
        make_folder(folder)
        path = folder / f"{report['crawl']}.json"
        write_whole(path, masked_all(report))
        with self._turn:
            failures = self._bring_report(path)
        if failures:
            raise failures[0]

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
            finally:
                lock.release()
        result.waiting += sum(len(self._spool.segments(outlet, state)) for state in ("closed", "sealed"))
        result.waiting += len(self._reports(outlet))

    def _publish_in_order(self, outlet: str, result: Published) -> None:
        self._spool.sweep(outlet)
        unsealed = self._seal(outlet)
        if self._bring(outlet, result) and unsealed:  # the local disk was full, and has room now
            unsealed = self._seal(outlet)
            self._bring(outlet, result)
        result.failures += unsealed

    def _seal(self, outlet: str) -> list[StoreError]:
        """Seal what is closed, and again what has lost its seal; return why it could not be."""
        for sealed in self._spool.segments(outlet, "sealed"):
            try:
                Seal.read(sealed)
            except (ValueError, FileNotFoundError) as error:
                logger.warning("the seal of %s is spoiled (%s); it is sealed again", sealed.segment_id, error)
                sealed.move("closed")
        try:
            for closed in self._spool.segments(outlet, "closed"):
                seal(closed)
        except StoreError as error:
            return [error]
        return []

    def _bring(self, outlet: str, result: Published) -> int:
        """Bring what is sealed into every store, as far as each takes it; return how many segments left the spool."""
        for store in self._stores:
            try:
                for segment in self._spool.segments(outlet, "sealed"):
                    if (store.place, segment.segment_id) not in self._done:
                        self._publish(store, segment, result)
            except StoreError as error:
                result.failures.append(error)
        segments = self._spool.segments(outlet, "sealed")
        gone = [one for one in segments if all((store.place, one.segment_id) in self._done for store in self._stores)]
        for segment in gone:
            segment.remove()
            self._done.difference_update((store.place, segment.segment_id) for store in self._stores)
        for path in self._reports(outlet):
            result.failures += self._bring_report(path)
        return len(gone)

    def _publish(self, store: Store, segment: Segment, result: Published) -> None:
        """Bring one segment into one store; into the first with its lines placed, which may make two segments of it."""
        catalog = self._catalog if store is self._stores[0] else None
        if catalog is None:
            manifest = deliver(store, segment, self._software, format_time(self._clock()))
            if store is self._stores[0]:
                result.manifests.append(manifest)
            self._done.add((store.place, segment.segment_id))
            return
        placement, waiting = Placement(Archive(store), catalog, self._spool), [segment]
        for _ in range(_TRIES):
            try:
                while waiting:
                    waiting[:1] = placement.place(waiting[0])
                    self._commit(catalog, waiting[0], result)
                    del waiting[0]
            except Overtaken:
                catalog.learn_heads(store, segment.facts().outlet)
            else:
                return
        raise StoreUnavailable(f"too many publish at once beside {segment.segment_id}")

    def _commit(self, catalog: Catalog, segment: Segment, result: Published) -> None:
        store = self._stores[0]
        manifest = deliver(
            store,
            segment,
            self._software,
            format_time(self._clock()),
            knows=catalog.knows,
            holder=holder_of(self._spool.root),
        )
        catalog.remember(manifest, lambda item: segment.local(item.kind).open("rb"))
        result.manifests.append(manifest)
        self._done.add((store.place, segment.segment_id))

    def _reports(self, outlet: str) -> list[Path]:
        return sorted((self._spool.root / outlet / "reports").glob("*.json"))

    def _bring_report(self, path: Path) -> list[StoreError]:
        """Publish a report in every store; return why one of them did not take it: it waits then."""
        failures: list[StoreError] = []
        for store in self._stores:
            try:
                deliver_report(store, path)
            except FileNotFoundError:
                return []  # another process of this machine has published it meanwhile
            except (ValueError, KeyError, TypeError) as error:
                logger.warning("%s is no report (%s); it stands at %s", path, error, set_file_aside(path))
                return failures
            except StoreError as error:
                failures.append(error)
        if not failures:
            path.unlink(missing_ok=True)
        return failures
