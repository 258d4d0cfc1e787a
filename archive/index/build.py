"""Making the index from the bucket: the segments that it does not know yet are read, and the small run is made anew.

    large run ─────────────────┐ only once the small one has outgrown what a reader likes to keep
    small run ──────────┐      │
    new segments ──▶ entries ──▶ sorted on disk ──▶ index/<sha256>.run ──▶ head.json, by compare-and-swap

Memory does not grow with the archive; a reader meanwhile uses the old index. Old parts stay until `sweep`.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias

from archive.index.format import (
    KEY,
    SIZE,
    FanOut,
    Head,
    Part,
    Sorter,
    known_segments,
    move_head,
    object_of,
    put_part,
    read_head,
    segments_to_bytes,
)
from archive.index.lookup import entries_of
from archive.manifests.manifest import SUFFIXES, Item, Manifest, amendments, manifests_in
from archive.reader.jsonl import opened_object
from archive.store.protocol import NotAsPublished, digests_of, fetched

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from archive.manifests.listing import Listing
    from archive.store import Store

    Read: TypeAlias = Callable[[Store, Manifest, int], list[bytes]]

# ---------------------------------------------------------------------------------------------------------------------
# What manifests that the index does not know yet say of objects that it knows: replaced, or changed by an erasure.


@dataclass(slots=True)
class Later:
    """What becomes of the entries of known segments.

    Attributes:
        replaced: segments' numbers and kinds whose objects are read no more.
        gone: segments' numbers and kinds whose entries, as they are, are to be forgotten: those, and what was changed.
        amended: objects as an erasure left them, by key.
        changed: the segments of those, which are to be read again.
    """

    replaced: set[tuple[int, str]] = field(default_factory=set)
    gone: set[tuple[int, str]] = field(default_factory=set)
    amended: dict[str, Item] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, manifest_of: Callable[[str], Manifest], segment_ids: list[str], order: dict[str, int]) -> Self:
        """Learn it from the manifests of some segments; ``order`` numbers these and the known ones."""
        later = cls()
        speaking = [m for segment_id in segment_ids if (m := manifest_of(segment_id)).replaces or m.amends]
        for manifest in speaking:
            for old in manifest.replaces:
                segment_id = old.key.rpartition("/")[2].removesuffix(".json")
                later.replaced |= {(order[segment_id], kind) for kind in old.kinds if segment_id in order}
        later.amended = amendments(speaking)
        for key, item in later.amended.items():
            segment_id = key.rpartition("/")[2].removesuffix(SUFFIXES[item.kind])
            if segment_id in order and segment_id not in segment_ids:
                later.gone |= {(order[segment_id], kind) for kind in ("articles", "cdxj")}
                later.changed.append(segment_id)
        later.changed = sorted(set(later.changed))
        later.gone |= later.replaced
        return later

    def view(self, manifest: Manifest, number: int) -> Manifest:
        """Return a manifest with its standing objects."""
        left = (item for item in manifest.objects if (number, item.kind) not in self.replaced)
        return replace(manifest, objects=[self.amended.get(item.key, item) for item in left])


# ---------------------------------------------------------------------------------------------------------------------
# Making the index from the bucket: the segments that it does not know yet are read, and the small run is made anew.

_AT_ONCE = 8192  # entries
SMALL = 4 << 20  # bytes of a run that a reader keeps as a whole


class Indexed(Protocol):
    """What the index is made from; `archive.reader.archive.Archive` is one."""

    @property
    def store(self) -> Store:
        """Return where the archive lies."""

    @property
    def listing(self) -> Listing:
        """Return its manifests."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a round did: segments read, entries in all, bytes of the index."""

    segments: int
    known: int
    entries: int
    bytes: int


def build(
    archive: Indexed,
    *,
    anew: bool = False,
    small: int = SMALL,
    on_progress: Callable[[str], None] = lambda _: None,
    read: Read = entries_of,
) -> Built:
    """Bring the index up to date.

    Args:
        archive: the archive; it must be writable.
        anew: forget the index that is there.
        small: bytes up to which the small run may grow.
        on_progress: is told the name of each segment that was read.
        read: gives the entries of a segment; who has read it elsewhere remembers them.

    Raises:
        StoreUnavailable: somebody else was faster.
        NotAsPublished: an object is not the one that its manifest lists, or a part not the one of the index's head.
    """
    store = archive.store
    head, tag = read_head(store)
    before = Head() if anew else head
    names = known_segments(store, before)
    new = _unknown(archive, names)
    if not new and not anew:
        return _built(0, len(names), before)
    with ExitStack() as stack:
        sorter = Sorter(stack)
        later = _add_segments(archive, names, new, sorter, read=read, on_progress=on_progress)
        large = _left_alone(before, sorter, small, later)
        for run in before.runs:
            if run not in large:
                _add_run(store, run, sorter, later.gone)
        made = _write(store, sorter, small)
    segments = put_part(store, "segments.gz", segments_to_bytes([*names, *new]))
    after = Head(runs=[*large, made], segments=segments)
    move_head(store, after, tag)
    return _built(len(new), len(names), after)


def _left_alone(before: Head, sorter: Sorter, small: int, later: Later) -> list[Part]:
    """Return the large runs that stay as they are: all, unless the small one outgrows ``small`` or something is gone."""
    large = [run for run in before.runs if run.kept < run.bytes]
    beside = sorter.count * SIZE + sum(run.bytes for run in before.runs if run not in large)
    return [] if beside > small or later.gone else large


def check(archive: Indexed, *, on_progress: Callable[[str], None] = lambda _: None) -> tuple[int, bool]:
    """Make the index of the same segments again and say how many entries that are, and whether they are the same."""
    head, _ = read_head(archive.store)
    with ExitStack() as stack:
        sorter = Sorter(stack)
        names = known_segments(archive.store, head)
        _add_segments(archive, [], names, sorter, read=entries_of, on_progress=on_progress)
        entries, again = sorter.count, _sum(sorter)
    with ExitStack() as stack:
        sorter = Sorter(stack)
        try:
            for run in head.runs:
                _add_run(archive.store, run, sorter, frozenset())
        except NotAsPublished:
            return entries, False
        return entries, _sum(sorter) == again


def _sum(sorter: Sorter) -> bytes:
    digest = hashlib.sha256()
    for body in sorter.in_order():
        digest.update(body)
    return digest.digest()


def segments_to_read(archive: Indexed, *, anew: bool = False) -> list[str]:
    """Return the names of the segments that `build` would read, in order."""
    head, _ = read_head(archive.store)
    return _unknown(archive, [] if anew else known_segments(archive.store, head))


def _unknown(archive: Indexed, names: list[str]) -> list[str]:
    keys = manifests_in(archive.store)
    return sorted({key.rpartition("/")[2].removesuffix(".json") for key in keys} - set(names))


def _add_segments(  # noqa: PLR0913  each is a fact of its own
    archive: Indexed,
    known: list[str],
    new: list[str],
    sorter: Sorter,
    *,
    read: Read,
    on_progress: Callable[[str], None],
) -> Later:
    """Take the entries of new segments, and of the known ones that these change; return what becomes of the others'."""
    order = {segment_id: number for number, segment_id in enumerate([*known, *new])}
    later = Later.of(archive.listing.manifest, new, order)
    for manifest, entries in _read(archive, [*later.changed, *new], order, later, read):
        sorter.add(entries)
        on_progress(manifest.segment)
    return later


def _read(
    archive: Indexed, segment_ids: list[str], order: dict[str, int], later: Later, entries: Read
) -> Iterator[tuple[Manifest, list[bytes]]]:
    """Yield each segment's manifest and the entries of its standing objects, the next ones being fetched meanwhile."""

    def read(segment_id: str) -> tuple[Manifest, list[bytes]]:
        manifest = later.view(archive.listing.manifest(segment_id), order[segment_id])
        return manifest, entries(archive.store, manifest, order[segment_id])

    for _, triples in fetched(segment_ids, read, at_once=4):
        if isinstance(triples, Exception):
            raise triples
        yield triples


def _add_run(store: Store, run: Part, sorter: Sorter, gone: Collection[tuple[int, str]]) -> None:
    """Take the entries of a run, piece by piece, but those of objects that another one stands for now."""
    with opened_object(store, run) as stream:
        stream.seek(FanOut.from_bytes(stream.read(run.kept)).size)
        while piece := stream.read(SIZE * _AT_ONCE):
            whole = (piece[at : at + SIZE] for at in range(0, len(piece), SIZE))
            sorter.add(entry for entry in whole if not gone or object_of(entry) not in gone)


def _write(store: Store, sorter: Sorter, small: int) -> Part:
    with tempfile.NamedTemporaryFile() as out:
        fan_out = sorter.write(out.file)
        out.flush()
        path = Path(out.name)
        digests = digests_of(path)
        key = f"index/{digests.sha256[:16]}-{os.urandom(4).hex()}.run"  # a damaged one may stand there
        store.put_file(key, path, digests=digests, metadata={"entries": str(fan_out.count)})
        kept = digests.size if digests.size <= small else fan_out.size
        with path.open("rb") as again:
            kept_sha256 = hashlib.sha256(again.read(kept)).hexdigest()
    size, count = digests.size, fan_out.count
    return Part(key=key, bytes=size, sha256=digests.sha256, kept=kept, kept_sha256=kept_sha256, entries=count)


def _built(segments: int, known: int, head: Head) -> Built:
    return Built(segments, known, sum(run.entries for run in head.runs), sum(run.bytes for run in head.runs))


# ---------------------------------------------------------------------------------------------------------------------
# Removing the parts of former indexes, for a role that may delete; whoever still reads by them has a day to end.

GRACE = timedelta(days=1)


def sweep(store: Store, now: datetime | None = None) -> Iterator[str]:
    """Remove what the index's head does not name and is older than a day; yield each key that is gone now."""
    head, _ = read_head(store)
    named = {KEY, *(run.key for run in head.runs)} | ({head.segments.key} if head.segments else set())
    before = (now or datetime.now(UTC)) - GRACE
    for entry in list(store.listing("index/")):
        if entry.key not in named and entry.modified < before:
            store.remove(entry.key)
            yield entry.key
