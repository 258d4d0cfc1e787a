"""The objects that a manifest lists, read as it states them: no longer than its size, of its SHA-256, or not at all.

    item ─▶ copied into a local file ─▶ size and SHA-256 held ─▶ only then is a byte of it passed on
              └─ other bytes are read again: those that come twice are what the store holds, others are its stutter
    place in an object ─▶ one range request ─▶ read; what cannot be read is asked for again

A store that fails raises `StoreUnavailable` and says nothing about the archive. Of bytes that the store does hold and no
manifest states, `NotAsPublished` is raised: whoever rewrites has then not written.
"""

from __future__ import annotations

import gzip
import hashlib
import tempfile
import zlib
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Protocol, TypeVar

from archive.keys import manifests_in
from archive.manifests.manifest import Manifest
from archive.reader.jsonl import Unreadable
from archive.store.protocol import CHUNK, Inconsistent, Missing, NotAsPublished, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.store import Store

_TRIES = 3
_IN_MEMORY = 4 << 20  # bytes; a larger copy lies on the disk

Read = TypeVar("Read")
Found = tuple[int, str]
"""Size and SHA-256 of what came; a size above the stated one says no more than that it is larger."""


class Stated(Protocol):
    """What is said of an object before it is read: by a manifest, or by an index's head."""

    @property
    def key(self) -> str:
        """Where it lies."""

    @property
    def bytes(self) -> int:
        """Its size."""

    @property
    def sha256(self) -> str:
        """Its hash, hex."""


@contextmanager
def opened(store: Store, item: Stated) -> Iterator[IO[bytes]]:
    """Open a proven local copy of an object, at its beginning; raises as `fetch` does."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        fetch(store, item, copy)
        copy.seek(0)
        yield copy


def read(store: Store, item: Stated) -> bytes:
    """Return an object whole; raises as `fetch` does."""
    with opened(store, item) as stream:
        return stream.read()


def lines_of(store: Store, item: Stated) -> Iterator[bytes]:
    """Yield the lines of a packed object, with their ends; raises as `fetch` does, and `Unreadable`."""
    with opened(store, item) as stream, gzip.open(stream) as lines:
        try:
            yield from lines
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise Unreadable(f"{item.key} does not unpack: {error}") from error


def fetch(store: Store, item: Stated, into: IO[bytes]) -> None:
    """Copy an object to the end of a local file, as it is stated.

    An erasure says how an object will be before it overwrites it, and who opened the archive before goes by what was said
    then: either is as stated, so the manifests of its month are asked where the bytes are others.

    Raises:
        Missing: there is no such object.
        NotAsPublished: the store holds other bytes.
        StoreUnavailable: the store fails, or gives other bytes each time.
    """
    start = into.tell()
    if copied(store, item, into) == (item.bytes, item.sha256):
        return
    for other in _stated(store, item.key):
        into.seek(start)
        if other != item and copied(store, other, into) == (other.bytes, other.sha256):
            return
    raise NotAsPublished(f"{item.key} has other bytes than its manifest says; run verify")


def copied(store: Store, item: Stated, into: IO[bytes] | None = None) -> Found:
    """Copy an object to the end of a local file, or nowhere, and return what came: what is stated, or else what came twice.

    Raises:
        Missing: there is no such object.
        StoreUnavailable: the store fails, or gives other bytes each time.
    """
    start, before = 0 if into is None else into.tell(), None
    for _ in range(_TRIES):
        if into is not None:
            into.seek(start)
            into.truncate()
        try:
            found = _copy(store, item, into)
        except Inconsistent:
            continue
        except Missing:
            if store.stat(item.key) is None:
                raise
            continue
        if found in {(item.bytes, item.sha256), before}:
            return found
        before = found
    raise StoreUnavailable(f"the store gives other bytes of {item.key} each time")


def read_at(store: Store, key: str, offset: int, length: int, read: Callable[[bytes], Read]) -> Read:
    """Return what ``read`` makes of a span of an object; what it cannot read is asked for again.

    Args:
        store: the archive.
        key: the object.
        offset: where the span begins.
        length: its bytes.
        read: reads them whole, and raises ``ValueError`` where they are not what they should be.

    Raises:
        ValueError: what ``read`` raised, of bytes that came twice.
        StoreUnavailable: the store fails, or gives other bytes each time.
    """
    before = None
    for _ in range(_TRIES):
        body = store.read_range(key, offset, length)
        try:
            return read(body)
        except ValueError:
            if body == before:
                raise
            before = body
    raise StoreUnavailable(f"the store gives other bytes of {key} at {offset} each time")


def _copy(store: Store, item: Stated, into: IO[bytes] | None) -> Found:
    digest, size = hashlib.sha256(), 0
    with store.open(item.key) as stream:
        while size <= item.bytes and (chunk := stream.read(min(CHUNK, item.bytes + 1 - size))):
            digest.update(chunk)
            size += len(chunk)
            if into is not None:
                into.write(chunk)
    return size, digest.hexdigest()


def _stated(store: Store, key: str) -> Iterator[Stated]:
    """Yield what the manifests of an object's month say of it; nothing of what is no segment's object."""
    _, outlet, date, *_ = [*key.split("/"), "", "", ""]
    if not (outlet.startswith("outlet=") and date.startswith("date=")):
        return
    for manifest_key in manifests_in(store, outlet.removeprefix("outlet="), date[len("date=") :][: len("yyyy-mm")]):
        with suppress(ValueError, KeyError, TypeError):  # what is no manifest states nothing
            manifest = Manifest.from_bytes(store.read(manifest_key))
            yield from [item for item in (*manifest.objects, *manifest.amends) if item.key == key]
