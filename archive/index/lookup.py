"""Asking the index: from a name to the lines or captures of it, and which segments it does not know yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from archive.index.entries import address, identity
from archive.index.format import KINDS, Entry, FanOut, entries_in, hash_of
from archive.index.head import Cache, Part, read_head, segments_in
from archive.manifests.manifest import manifest_key, object_key
from archive.objects import read_at
from archive.stem import outlet_in
from archive.store.protocol import Missing, StoreRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from archive.index.head import Head
    from archive.manifests.manifest import Manifest
    from archive.store import Store

__all__ = ["Index", "address", "identity"]


class Index:
    """An index, opened: what is small of it is in memory, and in the cache of this machine."""

    def __init__(self, store: Store, head: Head, cache: Cache) -> None:
        self._store = store
        self._runs = [(run, cache.kept(store, run)) for run in head.runs]
        self._fans = [FanOut.from_bytes(kept) for _, kept in self._runs]
        self._segments = [] if head.segments is None else segments_in(cache.kept(store, head.segments))
        self._keys = {_manifest_key(stem) for stem in self._segments}

    @classmethod
    def opened(cls, store: Store, cache: Cache | None = None) -> Self | None:
        """Open the index of an archive; None where there is none that can be used, or none that we may read."""
        try:
            head, tag = read_head(store)
            return None if tag is None or not head.runs else cls(store, head, cache or Cache())
        except (ValueError, KeyError, Missing, StoreRefused):
            return None

    def find(self, name: bytes) -> list[Entry]:
        """Return what the index knows of a name, by at most one range request; raises ``ValueError`` where it is damaged."""
        key = hash_of(name)
        found: list[Entry] = []
        for (run, kept), fan in zip(self._runs, self._fans, strict=True):
            found += entries_in(self._group(run, kept, fan, fan.group_of(key)), key)
        return found

    def segment(self, entry: Entry) -> tuple[str, str]:
        """Return the outlet and the name of an entry's segment."""
        stem = self._segments[entry.segment]
        return outlet_in(stem), stem

    def is_current(self, entry: Entry, unknown: Iterable[Manifest]) -> bool:
        """Say whether no manifest that the index does not know yet stands for an entry's object.

        Raises:
            ValueError: one of them changed that object, so that the index does not fit it.
        """
        outlet, stem = self.segment(entry)
        kind = KINDS[entry.kind]
        if any(item.key == object_key(kind, outlet, stem) for manifest in unknown for item in manifest.amends):
            raise ValueError(f"{stem} was changed since it was indexed")
        key = manifest_key(outlet, stem)
        return not any(old.key == key and kind in old.kinds for manifest in unknown for old in manifest.replaces)

    def unknown(self, heads: Iterable[str], read: Callable[[str], Manifest]) -> list[Manifest]:
        """Return the manifests behind the heads of a chain that the index does not know, newest first."""
        waiting = [key for key in heads if key not in self._keys]
        found: dict[str, Manifest] = {}
        while waiting:
            key = waiting.pop()
            manifest = found[key] = read(key)
            waiting += [link.key for link in manifest.previous if link.key not in self._keys and link.key not in found]
        return list(found.values())

    def _group(self, run: Part, kept: bytes, fan: FanOut, group: int) -> bytes:
        offset, length = fan.span(group)

        def whole(body: bytes) -> bytes:
            if not fan.is_whole(group, body):
                raise ValueError(f"{run.key} is damaged")
            return body

        if len(kept) == run.bytes or not length:
            return whole(kept[offset : offset + length])
        return read_at(self._store, run.key, offset, length, whole)


def _manifest_key(stem: str) -> str:
    return manifest_key(outlet_in(stem), stem)
