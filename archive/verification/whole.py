"""What only the whole of an outlet shows: objects that nobody lists, segments that are missing, the chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.keys import is_own, strays_in
from archive.manifests.chain import ancestry, read_heads
from archive.manifests.manifest import SUFFIXES, link_to, pointer_key
from archive.manifests.superseded import Places, amendments, replaced, standing
from archive.stem import serial_of
from archive.verification.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from archive.manifests.manifest import Item, Manifest
    from archive.store import Store


@dataclass(frozen=True, slots=True)
class Whole:
    """All manifests of an outlet, seen together.

    Attributes:
        listed: the keys of all objects that any of them lists.
        serials: crawl → serials of its segments; of what crawls wrote, not of what stands for it now.
        places: where joined WARCs went.
        stated: the objects by their keys, as the last manifest states them that says anything of them.
    """

    listed: set[str]
    serials: dict[str, set[int]]
    places: Places
    stated: dict[str, Item]
    _gone: set[tuple[str, str]]
    _standing: set[str]
    _amended: dict[str, Item]

    @classmethod
    def of(cls, manifests: Iterable[Manifest]) -> Whole:
        """Look at them."""
        found = list(manifests)
        serials: dict[str, set[int]] = {}
        amended = amendments(found)
        for manifest in found:
            if not manifest.replaces and not manifest.amends:
                serials.setdefault(manifest.crawl, set()).add(serial_of(manifest.segment))
        return cls(
            listed={item.key for manifest in found for item in manifest.objects},
            serials=serials,
            places=Places.of(found),
            stated={item.key: item for manifest in found for item in manifest.objects} | amended,
            _gone=replaced(found),
            _standing={item.key for view in standing(found) for item in view.objects},
            _amended=amended,
        )

    def is_read(self, manifest: Manifest, item: Item) -> bool:
        """Say whether readers read an object: no other manifest stands for it."""
        return (manifest.key, item.kind) not in self._gone

    def items(self, store: Store, manifest: Manifest) -> Iterator[Item]:
        """Yield the objects of a manifest that have to be as it says, or as an erasure left them.

        One that another manifest stands for may have been removed; where it is still there it has to be whole.
        """
        for item in manifest.objects:
            if self.is_read(manifest, item) or (item.key not in self._standing and store.stat(item.key) is not None):
                yield self._amended.get(item.key, item)


def orphans(store: Store, outlet: str, listed: set[str]) -> Iterator[Finding]:
    """Yield the objects of an outlet that no manifest lists: what a crash left, until its spool is recovered."""
    for kind in SUFFIXES:
        for found in store.listing(f"{kind}/outlet={outlet}/"):
            if found.key not in listed and is_own(found.key):
                yield Finding("orphan", found.key, "no manifest lists it", is_fault=False)


def strays(store: Store, outlets: Sequence[str] | None) -> Iterator[Finding]:
    """Yield what lies between the archive's objects and is none of them; every reader leaves it aside."""
    for key in strays_in(store, outlets):
        yield Finding("stray", key, "no key of an archive; it is left aside", is_fault=False)


def gaps(serials: dict[str, set[int]], outlet: str) -> Iterator[Finding]:
    """Yield the segments that are missing between others of the same crawl.

    Args:
        serials: crawl → serials of its published segments.
        outlet: the outlet they are of.
    """
    for crawl, found in sorted(serials.items()):
        missing = sorted(set(range(max(found) + 1)) - found)
        if missing:
            yield Finding("gap", f"manifests/outlet={outlet}/", f"the crawl {crawl} lacks its segments {missing}")


def chain_faults(store: Store, outlet: str, keys: set[str]) -> Iterator[Finding]:
    """Walk the chain from its heads: every hash must fit, and every manifest must be reached.

    Args:
        store: the archive.
        outlet: the outlet.
        keys: the keys of all its manifests.
    """
    try:
        heads, tag = read_heads(store, outlet)
    except ValueError as error:
        yield Finding("chain", pointer_key(outlet), f"it cannot be read: {error}")
        return
    if tag is None:
        if keys:
            yield Finding("chain", pointer_key(outlet), "there are manifests, but no pointer to them")
        return
    reached = set()
    for link, manifest, body in ancestry(store, heads):
        reached.add(link.key)
        if not body:
            yield Finding("chain", link.key, "the chain names it, but it is gone")
        elif link_to(link.key, body) != link:
            yield Finding("chain", link.key, "it is not what its successor had seen")
        elif manifest is not None and manifest.key != link.key:
            yield Finding("chain", link.key, f"it says that it is {manifest.key}")
    for key in sorted(keys - reached):
        yield Finding("chain", key, "it stands outside the chain: slipped in, or its pointer was never moved")
