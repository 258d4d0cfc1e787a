"""WARCs in slices that can be read side by side: whole captures, a few megabytes, one range request each."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.objects import lines_of, read_at
from archive.warc.capture import CaptureFault, captures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.manifests.manifest import Manifest
    from archive.store import Store
    from archive.warc.capture import Capture

SLICE = 8 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Slice:
    """A span of a WARC that begins and ends with a capture's records; ``revisits`` are those in it that are wanted."""

    outlet: str
    key: str
    offset: int
    length: int
    revisits: frozenset[str] = frozenset()


def slices(store: Store, view: Manifest, wanted: frozenset[str] = frozenset()) -> Iterator[Slice]:
    """Yield the slices of a segment's WARC, in order, by its index; none where it has none.

    Args:
        store: the archive.
        view: the standing part of the segment's manifest.
        wanted: record ids; a revisit that is not among them need not be completed.
    """
    warc, index = view.by_kind.get("warc"), view.by_kind.get("cdxj")
    if warc is None or index is None:
        return
    said = [json.loads(line.split(b" ", 2)[2]) for line in lines_of(store, index)]
    revisits = frozenset(one["record_id"] for one in said if one["mime"] == "warc/revisit") & wanted
    starts = sorted(int(one["offset"]) for one in said)
    while starts:
        begin = starts[0]
        starts = [start for start in starts if start >= begin + SLICE]
        end = starts[0] if starts else warc.bytes
        yield Slice(view.outlet, warc.key, begin, end - begin, revisits)


def captures_of(store: Store, piece: Slice) -> Iterator[Capture]:
    """Yield the captures of a slice, with their places in the WARC; each of its records has been read to its end.

    Raises:
        CaptureFault: a record cannot be read.
        StoreUnavailable: the store fails.
    """
    name = piece.key.rpartition("/")[2]
    for capture in read_at(store, piece.key, piece.offset, piece.length, lambda body: _whole(body, piece, name)):
        capture.pointer.offset += piece.offset
        yield capture


def _whole(body: bytes, piece: Slice, name: str) -> list[Capture]:
    if len(body) < piece.length:
        raise CaptureFault(f"{name} ends before {piece.offset + piece.length}")
    return list(captures(io.BytesIO(body), name))
