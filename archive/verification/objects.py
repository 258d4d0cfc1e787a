"""The objects of one segment against its manifest, and the records in its WARC against their digests."""

from __future__ import annotations

import gzip
import tempfile
from typing import IO, TYPE_CHECKING

from archive.inspection import inspect
from archive.objects import copied
from archive.store.protocol import Missing, StoreError, StoreRefused, StoreUnavailable
from archive.verification.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.manifests.manifest import Item
    from archive.store import Store
    from archive.verification.finding import Tally


def fetch(store: Store, item: Item, into: IO[bytes], tally: Tally) -> Iterator[Finding]:
    """Copy an object into a local file and compare size and hash with what the manifest says.

    Raises:
        StoreUnavailable: the store fails, or gives other bytes each time; that is no finding about the archive.
    """
    try:
        size, sha256 = copied(store, item, into)
        if size != item.bytes and (there := store.stat(item.key)) is not None:
            size = there.size  # no more than one byte above what is stated was read
    except Missing:
        yield Finding("missing", item.key, "the manifest lists it, the store has no such object")
        return
    except StoreError as error:
        if isinstance(error, StoreRefused | StoreUnavailable):
            raise
        yield Finding("manifest", item.key, f"the manifest lists what can be no object: {error}")
        return
    into.seek(0)
    tally.objects += 1
    tally.bytes += size
    if size != item.bytes:
        yield Finding("size", item.key, f"it has {size} bytes, the manifest says {item.bytes}")
    elif sha256 != item.sha256:
        yield Finding("hash", item.key, f"its SHA-256 is {sha256}, the manifest says {item.sha256}")


def check_warc(item: Item, stream: IO[bytes], tally: Tally) -> Iterator[Finding]:
    """Open every record, hash block and payload again, and count."""
    found = inspect(stream, item.key.rpartition("/")[2])
    tally.records += found.records.total()
    if found.fault:
        yield Finding("record", item.key, found.fault)
    for offset in found.damaged:
        yield Finding("record", item.key, f"the record at {offset} has other bytes than its digests say")
    if dict(found.records) != item.records:
        yield Finding("count", item.key, f"it holds {dict(found.records)}, the manifest says {item.records}")


def lines_of(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a packed object; raises ``OSError`` or ``EOFError`` where it does not unpack."""
    stream.seek(0)
    with gzip.open(stream) as lines:
        yield from lines


def temporary() -> IO[bytes]:
    """Return a local file that vanishes when it is closed."""
    return tempfile.TemporaryFile()
