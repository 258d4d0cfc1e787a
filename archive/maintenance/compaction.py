"""Compaction: the many small segments of a month become few large ones.

    month's standing segments ─▶ groups up to a size ─▶ joined ─▶ published, with `replaces` and `moved`

Nothing is rewritten: the new segment stands beside the old ones, and its manifest says that readers take it. Lines and
records are carried over byte for byte, and a pointer into an old WARC leads to the same bytes in the new one. What was
replaced is removed by a separate step, after a while, by who may delete.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from archive.article import format_time, parse_time
from archive.keys import dates_in, manifests_in, outlets_in
from archive.maintenance.replacement import publish, replacing, turn
from archive.manifests.manifest import Manifest
from archive.manifests.superseded import replaced, standing
from archive.rewriting.joining import join
from archive.software import software
from archive.stem import successor_stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from archive.store import Store

LARGE = 1_000_000_000  # bytes; as the largest segment that a crawl writes


@dataclass(frozen=True, slots=True)
class Group:
    """Segments that become one: their standing parts, and the SHA-256 of their manifests by key."""

    views: list[Manifest]
    bodies: dict[str, str]

    @property
    def bytes(self) -> int:
        """Return the size of all objects."""
        return sum(size_of(view) for view in self.views)


def months(store: Store, outlet: str) -> list[str]:
    """Return the crawl months (``yyyy-mm``) of an outlet."""
    return sorted({date[: len("yyyy-mm")] for date in dates_in(store, outlet)})


def read_month(store: Store, outlet: str, month: str) -> tuple[list[Manifest], dict[str, str]]:
    """Return all manifests of an outlet's month, replaced ones too, and the SHA-256 of their bytes by key."""
    found, bodies = [], {}
    for key in manifests_in(store, outlet, month):
        body = store.read(key)
        found.append(Manifest.from_bytes(body))
        bodies[key] = hashlib.sha256(body).hexdigest()
    return found, bodies


def groups(store: Store, outlet: str, month: str, large: int = LARGE) -> list[Group]:
    """Return what would be joined: segments of one collection, in order, until they are ``large`` bytes together."""
    found, bodies = read_month(store, outlet, month)
    result = []
    for collection in sorted({manifest.collection for manifest in found}):
        open_group: list[Manifest] = []
        for view in standing(found):
            if view.collection != collection or size_of(view) * 2 > large:
                continue
            if open_group and sum(map(size_of, open_group)) + size_of(view) > large:
                result.append(Group(open_group, bodies))
                open_group = []
            open_group.append(view)
        result.append(Group(open_group, bodies))
    return [group for group in result if len(group.views) > 1]


def compact(store: Store, outlet: str, month: str, *, large: int = LARGE) -> Iterator[Manifest]:
    """Compact one month of one outlet; yield each new segment's manifest when it is published.

    Raises:
        LeaseHeld: somebody else rewrites this outlet.
        NotAsPublished: an object is damaged; nothing of its group is replaced.
    """
    with turn(store, outlet) as held:
        for group in groups(store, outlet, month, large):
            held.renew()
            yield _publish(store, group)


def _publish(store: Store, group: Group) -> Manifest:
    views = group.views
    last = max(views, key=lambda view: view.segment.split("-")[-3])
    replaces = replacing(views, group.bodies)
    stem = successor_stem(last.segment, "compaction", *(f"{old.key} {old.kinds}" for old in replaces))
    with tempfile.TemporaryDirectory() as folder:
        made, moved = join(store, views, stem, Path(folder))
        manifest = Manifest(
            collection=last.collection,
            outlet=last.outlet,
            crawl=f"compaction-{last.date[:7]}",
            segment=stem,
            date=last.date,
            created=format_time(datetime.now(UTC)),
            software=software(),
            objects=[],
            generation=max(view.generation for view in views),
            replaces=replaces,
            moved=moved,
        )
        return publish(store, manifest, made)


def removable(manifests: Iterable[Manifest], before: datetime) -> list[str]:
    """Return the keys of objects that a compaction of before that time replaced.

    Those that were read again stay: they are what was understood then. So does what another manifest still lists.
    """
    found = list(manifests)
    joined = [m for m in found if m.moved and parse_time(m.created) < before]
    gone = replaced(joined)
    standing_keys = {item.key for view in standing(found) for item in view.objects}
    return sorted(
        item.key for m in found for item in m.objects if (m.key, item.kind) in gone and item.key not in standing_keys
    )


def sweep(store: Store, outlet: str, month: str, days: int, now: datetime | None = None) -> Iterator[str]:
    """Remove what compactions replaced more than ``days`` ago; yield each key that is gone now."""
    found, _ = read_month(store, outlet, month)
    for key in removable(found, (now or datetime.now(UTC)) - timedelta(days=days)):
        if store.stat(key) is not None:
            store.remove(key)
            yield key


def size_of(manifest: Manifest) -> int:
    """Return the bytes of a manifest's objects."""
    return sum(item.bytes for item in manifest.objects)


def outlets_of(store: Store, chosen: Sequence[str] | None) -> list[str]:
    """Return the outlets that are chosen, by default all of which something is published."""
    return list(chosen) if chosen else outlets_in(store)
