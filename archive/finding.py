"""Finding a capture in the indexes (CDXJ) of the segments: by its record id, or by its address.

A segment bears the date on which it was opened, so a capture is looked for there first: in the segments of its day and of the
day before. Where a segment was open for longer, the dates that its manifest gives for its captures say so.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from archive import objects
from archive.article import RecordPointer, parse_time
from archive.index.entries import address
from archive.index.format import micros
from archive.manifests.manifest import SUFFIXES
from archive.manifests.superseded import Places, standing
from archive.stem import date_of
from archive.store.protocol import Missing
from archive.warc.capture import read_capture
from archive.warc.cdxj import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from archive.index import Index
    from archive.index.format import Entry
    from archive.manifests.manifest import Item, Manifest
    from archive.reader.archive import Archive
    from archive.warc.capture import Capture

Found = tuple[str, RecordPointer]
"""The outlet, and where the record lies."""


def read_at(archive: Archive, outlet: str, pointer: RecordPointer) -> Capture:
    """Read the capture at a pointer, its payload held against its digest; see `archive.reader.archive.Archive.capture`."""
    try:
        found = _read(archive, outlet, pointer)
    except Missing:
        moved = whereabouts(archive, outlet, pointer)
        if moved == pointer:
            raise
        found = _read(archive, outlet, moved)
    if archive.lens.hides_capture(outlet, found):
        raise Missing(f"the capture {found.pointer.record_id} was taken down")
    found.check()
    return found


def _read(archive: Archive, outlet: str, pointer: RecordPointer) -> Capture:
    place = archive.lens.place(outlet, pointer)
    return objects.read_at(archive.store, *place, lambda body: read_capture(body, pointer))


def whereabouts(archive: Archive, outlet: str, pointer: RecordPointer) -> RecordPointer:
    """Return where the record of a pointer lies, should a compaction have joined its WARC with others."""
    month = date_of(pointer.file.removesuffix(SUFFIXES["warc"]))[:7]
    return Places.of(archive.manifests(outlet, since=f"{month}-01", until=f"{month}-31")).resolve(pointer)


def find_record(archive: Archive, record_id: str, date: str, *, first: str | None = None) -> Found:
    """Find a capture by its record id.

    Args:
        archive: the archive.
        record_id: with or without its ``<>``.
        date: its WARC-Date.
        first: the outlet where it is looked for first.

    Raises:
        Missing: no published index names it.
    """
    mark = record_id.strip("<>").encode()
    for manifest in _holding(archive, parse_time(date), first):
        for said in _entries(archive, manifest, mark):
            if said["record_id"].strip("<>") == record_id.strip("<>"):
                return manifest.outlet, _pointer(said)
    raise Missing(f"the archive does not hold {record_id} of {date}")


def find_capture(archive: Archive, url: str, at: datetime | None, outlet: str | None) -> Found:
    """Find the newest capture of an address, or the newest one not after ``at``.

    Raises:
        Missing: it was never captured, or not by then.
    """
    if archive.index is not None:
        with suppress(Missing, ValueError, LookupError):  # an index that is wrong, or does not know it, is none
            return _indexed_capture(archive, archive.index, url, at)
    key, newest, found = f"{key_of(url)} ".encode(), "", None
    until = None if at is None else at.date()
    for manifest in archive.manifests(outlet, until=until, newest_first=True):
        item = manifest.by_kind.get("cdxj")
        if item is None or (item.last is not None and found and parse_time(item.last) < parse_time(newest)):
            continue
        for said in _entries(archive, manifest, key):
            if said["date"] > newest and (at is None or parse_time(said["date"]) <= at):
                newest, found = said["date"], (manifest.outlet, _pointer(said))
    if found is None:
        raise Missing(f"the archive holds no capture of {url}" + (f" from before {at:%Y-%m-%d %H:%M}" if at else ""))
    return found


def original_of(archive: Archive, revisit: Capture, outlet: str) -> Capture:
    """Return the response that a revisit refers to.

    Args:
        archive: the archive.
        revisit: a capture of kind ``revisit``.
        outlet: where it was captured; the original is looked for there first.

    Raises:
        Missing: the archive does not hold it.
    """
    if revisit.refers_to is None or revisit.refers_to_date is None:
        raise Missing(f"the revisit {revisit.pointer.record_id} does not say what it refers to")
    if archive.index is not None and revisit.refers_to_uri:
        with suppress(Missing, ValueError, LookupError):  # an index that is wrong is none
            return _indexed_original(archive, archive.index, revisit)
    return archive.capture_at(*find_record(archive, revisit.refers_to, revisit.refers_to_date, first=outlet))


def _indexed_original(archive: Archive, index: Index, revisit: Capture) -> Capture:
    date = micros(parse_time(revisit.refers_to_date or ""))
    for entry in index.find(address(revisit.refers_to_uri or "", capture=True)):
        if entry.moment == date:
            found = archive.capture_at(*_place(index, entry))
            if found.pointer.record_id == revisit.refers_to:
                return found
    raise Missing(f"the index does not know {revisit.refers_to}")


def _indexed_capture(archive: Archive, index: Index, url: str, at: datetime | None) -> Found:
    """Find what `find_capture` finds; raises ``ValueError`` where the index knows of no such capture."""
    last = None if at is None else micros(at)
    entries = [entry for entry in index.find(address(url, capture=True)) if last is None or entry.moment <= last]
    outlet = index.segment(max(entries, key=lambda entry: entry.moment))[0]
    unknown = index.unknown(archive.listing.heads(outlet), archive.listing.read)
    newest = max((e for e in entries if index.is_current(e, unknown)), key=lambda entry: entry.moment)
    key = f"{key_of(url)} ".encode()
    fresh = [
        (said["date"], (outlet, _pointer(said)))
        for manifest in standing(unknown)
        for said in _entries(archive, manifest, key)
        if at is None or parse_time(said["date"]) <= at
    ]
    return max(fresh)[1] if fresh else _place(index, newest)


def _place(index: Index, entry: Entry) -> Found:
    outlet, stem = index.segment(entry)
    file = stem + SUFFIXES["warc"]
    pointer = RecordPointer(file=file, offset=entry.offset, length=entry.length, record_id="", payload_digest=None)
    return outlet, pointer


def _holding(archive: Archive, date: datetime, first: str | None) -> Iterator[Manifest]:
    """Yield the manifests whose segments may hold a capture of this time, the likeliest first."""
    day, seen = date.date(), set()
    outlets = sorted(archive.outlets(), key=lambda name: name != first)
    for outlet in outlets:
        for manifest in archive.manifests(outlet, since=day - timedelta(days=1), until=day, newest_first=True):
            seen.add(manifest.key)
            yield manifest
    for outlet in outlets:
        others = archive.manifests(outlet, until=day, newest_first=True)
        yield from (manifest for manifest in others if manifest.key not in seen and _spans(manifest, date))


def _spans(manifest: Manifest, date: datetime) -> bool:
    item: Item | None = manifest.by_kind.get("cdxj")
    if item is None or item.first is None or item.last is None:
        return item is not None
    return parse_time(item.first) <= date <= parse_time(item.last)


def _entries(archive: Archive, manifest: Manifest, mark: bytes) -> Iterable[dict[str, Any]]:
    """Yield what the lines of a segment's index say that have ``mark`` in them."""
    item = manifest.by_kind.get("cdxj")
    if item is None:
        return
    for line in objects.lines_of(archive.store, item):
        if mark in line:
            key, _, rest = line.partition(b" ")
            if not mark.endswith(b" ") or key == mark[:-1]:
                yield json.loads(rest.split(b" ", 1)[1])


def _pointer(said: dict[str, Any]) -> RecordPointer:
    return RecordPointer(
        file=said["filename"],
        offset=int(said["offset"]),
        length=int(said["length"]),
        record_id=said["record_id"],
        payload_digest=said.get("digest"),
    )
