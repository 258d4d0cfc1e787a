"""The lines of a segment: against their schema, and articles' pointers against the index of captures."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from archive.article import RecordPointer
from archive.finding import original_of
from archive.manifests.manifest import object_key, warc_key
from archive.manifests.superseded import Places
from archive.newest import Table
from archive.objects import lines_of, read_at
from archive.reader.archive import Archive
from archive.schema import line_checker
from archive.store.protocol import Missing, NotAsPublished
from archive.verification.finding import Finding
from archive.warc.capture import CaptureFault, read_capture

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archive.manifests.manifest import Item, Manifest
    from archive.store import Store

Place = tuple[int, int, str]


class LineChecker:
    """Checks article lines; keeps the indexes of the WARCs that were pointed at last.

    ``places`` says where joined WARCs went; a pointer is followed to where its record lies now. ``stated`` holds what the
    manifests say of the outlet's objects, by key.

    Args:
        store: the archive.
        deep: open each record by its pointer too, by a range request of its own, and read its content.
    """

    def __init__(self, store: Store, *, deep: bool) -> None:
        self._store = store
        self._deep = deep
        self.places = Places({})
        self.stated: dict[str, Item] = {}
        self._archive = Archive(store)
        self._taken_down = self._archive.taken_down
        self._versions = Table()
        self._read = lru_cache(maxsize=8)(self._read_places)

    def begin(self, places: Places, stated: dict[str, Item]) -> None:
        """Begin with an outlet: where its joined WARCs went, and what its manifests state of each object."""
        self.places, self.stated, self._versions = places, stated, Table()

    def check(
        self, manifest: Manifest, item: Item, lines: Iterable[bytes], *, is_read: bool = True
    ) -> Iterator[Finding]:
        """Yield what is wrong with the lines of one ``articles`` object; ``is_read``: nothing stands for it by now."""
        count = 0
        for number, line in enumerate(lines, 1):
            count += 1
            for what in self._faults(manifest, line, is_read=is_read):
                yield Finding(what[0], item.key, f"line {number}: {what[1]}")
        if {"article": count} != item.records:
            yield Finding("count", item.key, f"it holds {count} lines, the manifest says {item.records}")

    def _faults(self, manifest: Manifest, line: bytes, *, is_read: bool) -> Iterator[tuple[str, str]]:
        try:
            said: dict[str, Any] = json.loads(line)
        except ValueError as error:
            yield "line", f"no JSON: {error}"
            return
        fault = line_checker()(said)
        if fault is not None:
            yield "line", fault
            return
        if said["outlet"] != manifest.outlet or not said["id"].startswith(manifest.outlet + ":"):
            yield "line", f"{said['id']} stands in an object of {manifest.outlet}"
        if is_read and not self._versions.add(f"{said['version']} {said['id']}".encode()):
            yield "version", f"{said['id']} has another line of version {said['version']}"
        if said["warc"] is not None:
            yield from self._pointer_faults(said["outlet"], RecordPointer(**said["warc"]))

    def _pointer_faults(self, outlet: str, pointer: RecordPointer) -> Iterator[tuple[str, str]]:
        if pointer.record_id in self._taken_down.records:
            return  # a feed's record that had to go for the sake of another article in it
        pointer = self.places.resolve(pointer)
        place = (pointer.offset, pointer.length, pointer.record_id.strip("<>"))
        if place not in self._read(outlet, pointer.file):
            yield "pointer", f"the index of {pointer.file} has no record {pointer.record_id} at {pointer.offset}"
        elif self._deep:
            try:
                self._prove(outlet, pointer)
            except (CaptureFault, Missing, ValueError) as error:
                yield "pointer", str(error)

    def _prove(self, outlet: str, pointer: RecordPointer) -> None:
        """Do with a line's record what proves a citation of it: payload and digest fit, and the content can be read."""
        key = warc_key(outlet, pointer.file)
        found = read_at(self._store, key, pointer.offset, pointer.length, lambda body: read_capture(body, pointer))
        found.check()
        if found.kind == "revisit":
            found.take_body(original_of(self._archive, found, outlet))
        found.content()

    def _read_places(self, outlet: str, file: str) -> frozenset[Place]:
        """Return the places of a WARC's captures, none where no manifest lists its index, or it cannot be read."""
        try:
            item = self.stated[object_key("cdxj", outlet, file.removesuffix(".warc.gz"))]
            entries = [json.loads(line.split(b" ", 2)[2]) for line in lines_of(self._store, item)]
        except (Missing, NotAsPublished, ValueError, LookupError):
            return frozenset()
        return frozenset((int(e["offset"]), int(e["length"]), e["record_id"].strip("<>")) for e in entries)


def event_faults(manifest: Manifest, item: Item, lines: Iterable[bytes]) -> Iterator[Finding]:
    """Yield what is wrong with the lines of one ``events`` object."""
    for number, line in enumerate(lines, 1):
        try:
            said: dict[str, Any] = json.loads(line)
        except ValueError as error:
            yield Finding("line", item.key, f"line {number}: no JSON: {error}")
            continue
        fault = line_checker("event")(said)
        if fault is None and said["outlet"] != manifest.outlet:
            fault = f"an event of {said['outlet']} stands in an object of {manifest.outlet}"
        if fault is not None:
            yield Finding("line", item.key, f"line {number}: {fault}")
