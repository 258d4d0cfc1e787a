"""Publishing: from the spool into the archive, in the one order that a crash at any point cannot spoil.

    closed ─▶ seal ─▶ upload the objects ─▶ create the manifest ─▶ move the pointer ─▶ remember ─▶ delete from the spool
                                                  │
                                                  └─ the commit: before it nothing exists, after it everything does

Each step may be repeated: objects and manifests are created only where there are none, and compared where there are. With
several targets each has its own chain, its own mark and its own failures; a segment leaves the spool when the last of them has
confirmed. With a catalog, a segment's lines are placed against what others published meanwhile before it is committed to the first
store (`archive.manifests.placement`), and once more where somebody was faster than the commit.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from archive.article import format_time
from archive.delivery import deliver, deliver_report
from archive.durable import set_file_aside, write_whole
from archive.manifests.chain import Overtaken
from archive.manifests.placement import Placement
from archive.mask import masked_all
from archive.reader.archive import Archive
from archive.software import software as own
from archive.spool.sealing import Seal, seal
from archive.spool.spool import Spool, SpoolBusy
from archive.store.protocol import Store, StoreError, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archive.catalog import Catalog
    from archive.manifests.manifest import Manifest
    from archive.spool.spool import Segment

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
        self._done = set[tuple[str, str]]()  # place of a store, stem: published there by this process

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
        folder.mkdir(parents=True, exist_ok=True)
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
                logger.warning("the seal of %s is spoiled (%s); it is sealed again", sealed.stem, error)
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
                    if (store.place, segment.stem) not in self._done:
                        self._publish(store, segment, result)
            except StoreError as error:
                result.failures.append(error)
        segments = self._spool.segments(outlet, "sealed")
        gone = [one for one in segments if all((store.place, one.stem) in self._done for store in self._stores)]
        for segment in gone:
            segment.remove()
            self._done.difference_update((store.place, segment.stem) for store in self._stores)
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
            self._done.add((store.place, segment.stem))
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
        raise StoreUnavailable(f"too many publish at once beside {segment.stem}")

    def _commit(self, catalog: Catalog, segment: Segment, result: Published) -> None:
        store = self._stores[0]
        manifest = deliver(store, segment, self._software, format_time(self._clock()), catalog.knows)
        catalog.remember(manifest, lambda item: segment.local(item.kind).open("rb"))
        result.manifests.append(manifest)
        self._done.add((store.place, segment.stem))

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
