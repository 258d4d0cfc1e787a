"""Finding the response that a revisit refers to: in the indexes of the day it was captured on."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import TYPE_CHECKING

from archive.article import RecordPointer, parse_time
from archive.store.protocol import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.capture import Capture
    from archive.manifest import Manifest
    from archive.reader import Archive


def original_of(archive: Archive, revisit: Capture, outlet: str) -> Capture:
    """Return the response with the body of a revisit.

    Args:
        archive: the archive.
        revisit: a capture of kind ``revisit``.
        outlet: where it was captured; the original is looked for there first, then at the other outlets.

    Raises:
        Missing: the archive does not hold it.
    """
    if revisit.refers_to is None or revisit.refers_to_date is None:
        raise Missing(f"the revisit {revisit.pointer.record_id} does not say what it refers to")
    outlets = [outlet, *(name for name in archive.outlets() if name != outlet)]
    for name in outlets:
        for manifest in _around(archive, name, revisit.refers_to_date):
            if found := _find(archive, manifest, revisit.refers_to):
                return archive.capture_at(name, found)
    raise Missing(f"the archive does not hold {revisit.refers_to}, which a revisit refers to")


def _around(archive: Archive, outlet: str, date: str) -> Iterator[Manifest]:
    """Yield the manifests of the day and of the day before: a segment bears the date on which it was opened."""
    day = parse_time(date).date()
    yield from archive.manifests(outlet, since=day - timedelta(days=1), until=day, newest_first=True)


def _find(archive: Archive, manifest: Manifest, record_id: str) -> RecordPointer | None:
    item = manifest.by_kind.get("cdxj")
    if item is None:
        return None
    mark = record_id.encode()
    with archive.store.open(item.key) as stream, gzip.open(stream) as lines:
        for line in lines:
            if mark in line and (said := json.loads(line.split(b" ", 2)[2]))["record_id"] == record_id:
                return RecordPointer(
                    file=said["filename"],
                    offset=int(said["offset"]),
                    length=int(said["length"]),
                    record_id=record_id,
                    payload_digest=said["digest"],
                )
    return None
