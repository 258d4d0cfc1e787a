"""Compaction: the many small segments of a month become few large ones; every reader sees the same."""

from __future__ import annotations

import hashlib
import heapq
import json
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from archive.article import format_time, parse_time
from archive.files import Unreadable
from archive.maintenance.generations import Made, publish, replacing, turn
from archive.manifests.manifest import (
    SUFFIXES,
    Item,
    Manifest,
    Moved,
    current_objects,
    dates_in,
    manifests_in,
    outlets_in,
    replaced,
    successor_segment_id,
)
from archive.reader.jsonl import fetch_object, lines_of_object, pack
from archive.warc.cdxj import read_entry
from archive.warc.writer import software

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from archive.store import Store

# --- Joining the objects of several segments into one of each kind ---------------------------------------------------
# warc wet            byte after byte: records are gzip members, so a joined file is a WARC, and a record keeps its bytes
# cdxj                sorted anew; each line names the joined file and the offset in it
# articles stories events   line after line, each as it was published


def join(store: Store, views: Sequence[Manifest], segment_id: str, folder: Path) -> tuple[list[Made], list[Moved]]:
    """Write the joined files of some segments into ``folder``; return them, and where each WARC stands in the new one.

    Raises:
        NotAsPublished: an object is damaged.
    """
    made: list[Made] = []
    moved: list[Moved] = []
    by_kind = {kind: [item for view in views if (item := view.by_kind.get(kind))] for kind in _KINDS}
    for kind, items in by_kind.items():
        if not items:
            continue
        path = folder / f"{segment_id}.{kind}"
        if kind in {"warc", "wet"}:
            places = _append(store, items, path)
        if kind == "warc":
            moved = [Moved(file=_name(item), at=at) for item, at in zip(items, places, strict=True)]
            moved = [*_carried(views, moved), *moved]
        elif kind == "cdxj":
            pack(_index(store, items, f"{segment_id}.warc.gz", {part.file: part.at for part in moved}), path)
        elif kind != "wet":
            pack(_lines(store, items), path)
        made.append(Made(kind=kind, path=path, records=_sum(items), first=_first(items), last=_last(items)))
    return made, moved


_KINDS = tuple(SUFFIXES)  # the WARC first: the index needs to know where it went


def _carried(views: Iterable[Manifest], moved: Sequence[Moved]) -> Iterator[Moved]:
    """Yield where WARCs are now that had been joined before: one look finds them, whatever the number of compactions."""
    places = {part.file: part.at for part in moved}
    for view in views:
        if "warc" in view.by_kind:
            at = places[_name(view.by_kind["warc"])]
            yield from (Moved(file=part.file, at=part.at + at) for part in view.moved)


def _append(store: Store, items: Iterable[Item], path: Path) -> list[int]:
    """Write objects one after the other; return where each begins."""
    places = []
    with path.open("wb") as out:
        for item in items:
            places.append(out.tell())
            fetch_object(store, item, out)
    return places


def _lines(store: Store, items: Iterable[Item]) -> Iterator[bytes]:
    for item in items:
        yield from lines_of_object(store, item)


def _index(store: Store, items: Sequence[Item], joined: str, places: dict[str, int]) -> Iterator[bytes]:
    """Yield the lines of several indexes in order, each with its new place."""
    yield from heapq.merge(*(sorted(_placed(line, joined, places) for line in _lines(store, [item])) for item in items))


def _placed(line: bytes, joined: str, places: dict[str, int]) -> bytes:
    values = read_entry(line)
    key, timestamp, _ = line.split(b" ", 2)
    if values["filename"] not in places:
        raise Unreadable(f"an index speaks of {values['filename']}, which is none of its WARCs")
    values["offset"] = str(int(values["offset"]) + places[values["filename"]])
    values["filename"] = joined
    return b" ".join((key, timestamp, json.dumps(values, ensure_ascii=False).encode())) + b"\n"


def _name(item: Item) -> str:
    return item.key.rpartition("/")[2]


def _sum(items: Iterable[Item]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for item in items:
        total.update(item.records)
    return dict(sorted(total.items()))


def _first(items: Iterable[Item]) -> str | None:
    return min((item.first for item in items if item.first), default=None)


def _last(items: Iterable[Item]) -> str | None:
    return max((item.last for item in items if item.last), default=None)


# --- Compaction: the many small segments of a month become few large ones --------------------------------------------
#     month's standing segments ─▶ groups up to a size ─▶ joined ─▶ published, with `replaces` and `moved`
#
# Nothing is rewritten: the new segment stands beside the old ones, and its manifest says that readers take it. Lines and
# records are carried over byte for byte, and a pointer into an old WARC leads to the same bytes in the new one. What was
# replaced is removed by a separate step, after a while, by who may delete.

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
    manifests, bodies = [], {}
    for key in manifests_in(store, outlet, month):
        body = store.read(key)
        manifests.append(Manifest.from_bytes(body))
        bodies[key] = hashlib.sha256(body).hexdigest()
    return manifests, bodies


def groups(store: Store, outlet: str, month: str, large: int = LARGE) -> list[Group]:
    """Return what would be joined: segments of one collection, in order, until they are ``large`` bytes together."""
    manifests, bodies = read_month(store, outlet, month)
    result = []
    for collection in sorted({manifest.collection for manifest in manifests}):
        open_group: list[Manifest] = []
        for view in current_objects(manifests):
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
    segment_id = successor_segment_id(last.segment, "compaction", *(f"{old.key} {old.kinds}" for old in replaces))
    with tempfile.TemporaryDirectory() as folder:
        made, moved = join(store, views, segment_id, Path(folder))
        manifest = Manifest(
            collection=last.collection,
            outlet=last.outlet,
            crawl=f"compaction-{last.date[:7]}",
            segment=segment_id,
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
    every = list(manifests)
    joined = [m for m in every if m.moved and parse_time(m.created) < before]
    gone = replaced(joined)
    standing_keys = {item.key for view in current_objects(every) for item in view.objects}
    return sorted(
        item.key for m in every for item in m.objects if (m.key, item.kind) in gone and item.key not in standing_keys
    )


def sweep(store: Store, outlet: str, month: str, days: int, now: datetime | None = None) -> Iterator[str]:
    """Remove what compactions replaced more than ``days`` ago; yield each key that is gone now."""
    manifests, _ = read_month(store, outlet, month)
    for key in removable(manifests, (now or datetime.now(UTC)) - timedelta(days=days)):
        if store.stat(key) is not None:
            store.remove(key)
            yield key


def size_of(manifest: Manifest) -> int:
    """Return the bytes of a manifest's objects."""
    return sum(item.bytes for item in manifest.objects)


def outlets_of(store: Store, chosen: Sequence[str] | None) -> list[str]:
    """Return the outlets that are chosen, by default all of which something is published."""
    return list(chosen) if chosen else outlets_in(store)
