"""Files of JSON lines as they lie in the archive: gzip in members that can be read one by one; and the lines of events."""

from __future__ import annotations

import gzip
import hashlib
import json
import struct
import tempfile
import zlib
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from archive.article import format_time
from archive.manifests.manifest import Manifest, manifests_in
from archive.store.protocol import CHUNK, Inconsistent, Missing, NotAsPublished, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from archive.store import Store

# --- Files of lines as they lie in the archive: gzip, in members that can be read one by one -------------------------
#     articles/…jsonl.gz   = member member member …      each some 256 KB of whole lines, unpacked
#     a member             = a gzip header that says in an extra field ("WQ") how long the member is, then as ever
#
# To gzip, zcat, DuckDB and the rest it is one ordinary gzip file (RFC 1952: members may follow one another, who does not know
# an extra field skips it). We hop from header to header, so that a reader begins at the end without unpacking the whole, and
# one line costs one range request of some 80 KB. A file in a single member of unknown length, as earlier releases wrote them, is
# read too.

MEMBER_BYTES = 256 * 1024  # far above gzip's window of 32 KB, so that nothing is lost by beginning anew
_HEAD = struct.Struct("<4s4xBB H 2sHI")  # magic, deflate, FEXTRA; no time; level, system; length of the extra field, …
_MAGIC, _EXTRA, _OURS, _UNKNOWN_SYSTEM = b"\x1f\x8b\x08\x04", 8, b"WQ", 255
_TAIL = struct.Struct("<II")
_LEVEL = 6


class UnpackError(ValueError):
    """The bytes do not unpack."""


class Member(NamedTuple):
    """Where a member lies in its file, in bytes."""

    offset: int
    length: int


def pack(lines: Iterable[bytes], path: Path) -> int:
    """Write lines, each with its end, and return how many. The same lines give the same bytes: no name, no time."""
    count, waiting, size = 0, list[bytes](), 0
    with path.open("wb") as out:
        for line in lines:
            waiting.append(line)
            size += len(line)
            count += 1
            if size >= MEMBER_BYTES:
                _write_member(b"".join(waiting), out)
                waiting, size = [], 0
        if waiting or not count:
            _write_member(b"".join(waiting), out)
    return count


def members_of(packed: bytes) -> list[Member]:
    """Return the members of a file; what does not say its length is one with all that follows."""
    found, at = [], 0
    while at < len(packed):
        length = _length_at(packed, at) or len(packed) - at
        found.append(Member(at, length))
        at += length
    return found


def unpack(member: bytes) -> bytes:
    """Return what a member, or several in a row, holds. Raises `UnpackError`."""
    found, left = [], member
    while left:
        inflater = zlib.decompressobj(zlib.MAX_WBITS + 16)
        try:
            found.append(inflater.decompress(left))
        except zlib.error as error:
            raise UnpackError(str(error)) from None
        if not inflater.eof:
            raise UnpackError("it ends before its end")
        left = inflater.unused_data
    return found[0] if len(found) == 1 else b"".join(found)


def lines_of(packed: bytes, *, backwards: bool = False) -> Iterator[bytes]:
    """Yield the lines of a file without their ends; one member at a time is unpacked. Raises `UnpackError`."""
    members = members_of(packed)
    for offset, length in reversed(members) if backwards else members:
        lines = unpack(packed[offset : offset + length]).split(b"\n")
        if not lines[-1]:
            lines.pop()
        yield from reversed(lines) if backwards else lines


def _length_at(packed: bytes, at: int) -> int | None:
    if len(packed) - at < _HEAD.size:
        return None
    magic, _, _, extra, mark, size, length = _HEAD.unpack_from(packed, at)
    is_ours = magic == _MAGIC and extra == _EXTRA and mark == _OURS and size == _EXTRA - 4
    return length if is_ours and _HEAD.size < length <= len(packed) - at else None


def _write_member(raw: bytes, out: IO[bytes]) -> None:
    squeeze = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = squeeze.compress(raw) + squeeze.flush()
    length = _HEAD.size + len(body) + _TAIL.size
    out.write(_HEAD.pack(_MAGIC, 0, _UNKNOWN_SYSTEM, _EXTRA, _OURS, _EXTRA - 4, length))
    out.write(body)
    out.write(_TAIL.pack(zlib.crc32(raw), len(raw) & 0xFFFFFFFF))


# ---------------------------------------------------------------------------------------------------------------------
# The objects that a manifest lists, read as it states them: no longer than its size, of its SHA-256, or not at all.
#     item ─▶ copied into a local file ─▶ size and SHA-256 held ─▶ only then is a byte of it passed on
#               └─ other bytes are read again: those that come twice are what the store holds, others are its stutter
#     place in an object ─▶ one range request ─▶ read; what cannot be read is asked for again
#
# A store that fails raises `StoreUnavailable` and says nothing about the archive. Of bytes that the store does hold and no
# manifest states, `NotAsPublished` is raised: whoever rewrites has then not written.

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
def opened_object(store: Store, item: Stated) -> Iterator[IO[bytes]]:
    """Open a proven local copy of an object, at its beginning; raises as `fetch` does."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        fetch_object(store, item, copy)
        copy.seek(0)
        yield copy


def read_object(store: Store, item: Stated) -> bytes:
    """Return an object whole; raises as `fetch` does."""
    with opened_object(store, item) as stream:
        return stream.read()


def lines_of_object(store: Store, item: Stated) -> Iterator[bytes]:
    """Yield the lines of a packed object, with their ends; raises as `fetch` does, and `UnpackError`."""
    with opened_object(store, item) as stream, gzip.open(stream) as lines:
        try:
            yield from lines
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise UnpackError(f"{item.key} does not unpack: {error}") from error


def fetch_object(store: Store, item: Stated, into: IO[bytes]) -> None:
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


def read_span(store: Store, key: str, offset: int, length: int, read: Callable[[bytes], Read]) -> Read:
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


# --- What became of announced pages and asked days: lines beside the articles, of what is no article -----------------
#     page      an announced article and its one outcome in a crawl: kept, seen, refused, failed, unreadable, dropped …
#     look      another look at an article that the archive holds: unchanged, changed, vanished, refused, failed …
#     vanished  the page of a held article is gone (404, 410, a redirect away from it, a page that says so)
#     returned  it is there again
#     sweep     the days that a crawl asked about, and whether it heard every source to the end
#
#     events/outlet=<o>/date=<crawl date>/<stem>.jsonl.gz     one JSON line each, schema in archive/schema/event-1.schema.json
#
# They are objects of a segment, listed by its manifest: published with the crawl that saw them, never rewritten. An article seen
# again is told of only where a channel announced it that had not before, so that a crawl every quarter of an hour stays small.

SCHEMA = 1
EVENTS = ("page", "look", "vanished", "returned", "sweep")


def event_line(event: str, *, outlet: str, crawl: str, at: datetime, **said: Any) -> str:
    """Return an event as its published JSON line, without the newline.

    Args:
        event: one of `EVENTS`.
        outlet: the outlet.
        crawl: id of the crawl that saw it.
        at: when; aware.
        said: the event's own fields, as its schema has them; datetimes are written as ISO 8601.
    """
    head = {"schema": SCHEMA, "event": event, "outlet": outlet, "crawl": crawl, "at": format_time(at)}
    return json.dumps(head | said, ensure_ascii=False, default=format_time, separators=(",", ":"))


def read_events(
    store: Store, manifests: Iterable[Manifest], events: Iterable[str] = EVENTS
) -> Iterator[Mapping[str, Any]]:
    """Yield the published events of these kinds, in the order of the manifests.

    Args:
        store: the archive.
        manifests: as `archive.reader.archive.Archive.manifests` chooses them.
        events: the kinds that are wanted.
    """
    wanted = frozenset(events)
    for manifest in manifests:
        item = manifest.by_kind.get("events")
        if item is not None:
            yield from (said for line in lines_of_object(store, item) if (said := json.loads(line))["event"] in wanted)
