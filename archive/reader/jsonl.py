"""Files of JSON lines as they lie in the archive: gzip in members that can be read one by one; and the lines of events."""

from __future__ import annotations

import hashlib
import mmap
import struct
import tempfile
from array import array
from contextlib import contextmanager, suppress
from datetime import datetime
from io import SEEK_END, BytesIO
from itertools import chain
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import msgspec
from zlib_ng import zlib_ng

from archive.article import format_time, parse_time
from archive.files import Unreadable, check_fields, parse_fields
from archive.manifests.manifest import Manifest, manifests_in
from archive.store.protocol import CHUNK, Inconsistent, Missing, NotAsPublished, StoreUnavailable
from archive.warc.payload import BAD_DEFLATE, unpacked_member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from types import UnionType

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
_GZIP = zlib_ng.MAX_WBITS + 16

LONGEST_LINE = 32 << 20
"""Bytes of a line: as many as a page may have (DOWNLOAD_MAXSIZE), of which an article is a part."""

_PIECE = 16 << 10  # bytes of input at once: they unpack to 16 MB at most, of which one piece is taken at a time
_MOST_MEMBERS = 1 << 20
_LEAST_ROOM, _RATIO = (
    64 << 20,
    200,
)  # what a file of lines may unpack to: real ones pack to a tenth, the worst text to a hundredth


_MOST_LINES = 1 << 60
_SURPLUS_LINES = 100_000  # one too many is for `verify` to find; a hundred million empty ones take minutes

Packed = bytes | mmap.mmap
"""A packed file, in memory or mapped from the disk."""


LASTING = frozenset(  # another try hardly does better
    {"404", "410", "redirect-loop", "redirect-to-known", "redirect-elsewhere", "too-large"}
)
"""Reasons for which a page failed and will fail again, so that an event with one is its last word."""


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


def members_of(packed: Packed) -> list[Member]:
    """Return the members of a file; what does not say its length is one with all that follows. Raises `Unreadable`."""
    members, at = [], 0
    while at < len(packed):
        length = _length_at(packed, at) or len(packed) - at
        members.append(Member(at, length))
        at += length
        if len(members) > _MOST_MEMBERS:
            raise Unreadable(f"it is cut into more than {_MOST_MEMBERS} members")
    return members


def unpack(member: bytes) -> bytes:
    """Return what one member, or an earlier release's file of few lines, holds. Raises `Unreadable`."""
    most = MEMBER_BYTES + LONGEST_LINE
    if (content := unpacked_member(member, most - 1)) is not None:
        return content
    inflater = zlib_ng.decompressobj(_GZIP)
    try:
        data = inflater.decompress(member, most)
    except BAD_DEFLATE as error:
        raise Unreadable(str(error)) from None
    if inflater.eof and not inflater.unused_data:
        return data
    if len(data) >= most:
        raise Unreadable(f"it unpacks to more than {most} bytes")
    return b"".join(_unpacked(BytesIO(member), most))


def lines_of(packed: Packed, *, backwards: bool = False, stated: int = _MOST_LINES) -> Iterator[bytes]:
    """Yield the lines of a file without their ends; one member at a time is unpacked.

    Args:
        packed: the file.
        backwards: the last line first.
        stated: how many lines there are said to be.

    Raises:
        Unreadable: it does not unpack, or to far more lines than stated.
    """
    members = members_of(packed)
    bodies = (packed[offset : offset + length] for offset, length in (reversed(members) if backwards else members))
    found = map(lines_of_member, bodies)
    turned = (reversed(m) if isinstance(m, list) else _turned_round(_no_more(m, stated)) for m in found)
    yield from _no_more(chain.from_iterable(turned if backwards else found), stated)


def lines_of_member(member: bytes) -> Iterable[bytes]:
    """Return the lines of a member without their ends; as a list where it says its length and so holds few. Raises `Unreadable`."""
    if _length_at(member, 0) is None:
        return (line.removesuffix(b"\n") for line in lines_in(BytesIO(member)))
    unpacked = unpack(member)
    if unpacked.count(b"\n") > MEMBER_BYTES:  # a member is ended with the line that makes it so long
        raise Unreadable("a member has more lines than bytes should be in it")
    lines = unpacked.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def lines_in(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a packed file, from its beginning, with their ends; a piece at a time is unpacked.

    Args:
        stream: the file, seekable.

    Raises:
        Unreadable: it does not unpack, or to far more than lines do, or a line is longer than `LONGEST_LINE`.
    """
    most = max(_LEAST_ROOM, _RATIO * stream.seek(0, SEEK_END))
    stream.seek(0)
    begun, size = list[bytes](), 0
    for piece in _unpacked(stream, most):
        *lines, rest = piece.split(b"\n")
        for line in lines:
            yield b"".join([*begun, line, b"\n"])
            begun, size = [], 0
        if rest:
            begun.append(rest)
            size += len(rest)
        if size > LONGEST_LINE:
            raise Unreadable(f"a line is longer than {LONGEST_LINE} bytes")
    if begun:
        yield b"".join(begun)


def _unpacked(stream: IO[bytes], most: int) -> Iterator[bytes]:
    """Yield what the members of a gzip file hold, from where it stands; raises `Unreadable`."""
    inflater, size, left = zlib_ng.decompressobj(_GZIP), 0, stream.read(_PIECE)
    while left or not inflater.eof:
        if not left and not (left := stream.read(_PIECE)):
            raise Unreadable("it ends before its end")
        try:
            piece = inflater.decompress(left, MEMBER_BYTES)
        except BAD_DEFLATE as error:
            raise Unreadable(str(error)) from None
        size += len(piece)
        if size > most:
            raise Unreadable(f"it unpacks to more than {most} bytes")
        yield piece
        left = inflater.unconsumed_tail
        if inflater.eof:
            left = (inflater.unused_data or stream.read(_PIECE)).lstrip(b"\0")  # as gzip: zeros may follow a member
            while not left and (more := stream.read(_PIECE)):
                left = more.lstrip(b"\0")
            if left:
                inflater = zlib_ng.decompressobj(_GZIP)


def _turned_round(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines from the last to the first; they wait on the disk."""
    ends = array("Q", [0])
    with tempfile.TemporaryFile() as kept:
        for line in lines:
            kept.write(line)
            ends.append(ends[-1] + len(line))
        for at in range(len(ends) - 1, 0, -1):
            kept.seek(ends[at - 1])
            yield kept.read(ends[at] - ends[at - 1])


def _length_at(packed: Packed, at: int) -> int | None:
    if len(packed) - at < _HEAD.size:
        return None
    magic, _, _, extra, mark, size, length = _HEAD.unpack_from(packed, at)
    is_ours = magic == _MAGIC and extra == _EXTRA and mark == _OURS and size == _EXTRA - 4
    return length if is_ours and _HEAD.size < length <= len(packed) - at else None


def _write_member(raw: bytes, out: IO[bytes]) -> None:
    squeeze = zlib_ng.compressobj(_LEVEL, zlib_ng.DEFLATED, -zlib_ng.MAX_WBITS)
    body = squeeze.compress(raw) + squeeze.flush()
    length = _HEAD.size + len(body) + _TAIL.size
    out.write(_HEAD.pack(_MAGIC, 0, _UNKNOWN_SYSTEM, _EXTRA, _OURS, _EXTRA - 4, length))
    out.write(body)
    out.write(_TAIL.pack(zlib_ng.crc32(raw), len(raw) & 0xFFFFFFFF))


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
_MAPPED = 32 << 20  # bytes; a larger object is not brought into memory as a whole
_FARTHEST = 2**63 - 1
_LONGEST_SPAN = 128 << 20  # bytes; far above a page, its record, or the part of an index that readers keep

Read = TypeVar("Read")
SearchResult = tuple[int, str]
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


def read_object(store: Store, item: Stated) -> Packed:
    """Return an object whole, a large one mapped from a file without a name; raises as `fetch` does."""
    if item.bytes <= _MAPPED:
        with opened_object(store, item) as stream:
            return stream.read()
    with tempfile.TemporaryFile() as copy:
        fetch_object(store, item, copy)
        copy.flush()
        return mmap.mmap(copy.fileno(), 0, access=mmap.ACCESS_READ)


def lines_of_object(store: Store, item: Stated) -> Iterator[bytes]:
    """Yield the lines of a packed object, with their ends; raises as `fetch` does, and `Unreadable`."""
    with opened_object(store, item) as stream:
        try:
            yield from _no_more(lines_in(stream), stated_lines(item))
        except Unreadable as error:
            raise Unreadable(f"{item.key} does not unpack: {error}") from error


def stated_lines(item: Stated) -> int:
    """Return how many lines an object has, as its manifest says."""
    return sum(getattr(item, "records", {}).values())


def _no_more(lines: Iterable[bytes], stated: int) -> Iterator[bytes]:
    """Yield lines as long as there are not far more of them than were stated; raises `Unreadable` then."""
    for number, line in enumerate(lines):
        if number > stated + _SURPLUS_LINES:
            raise Unreadable(f"it has far more lines than the {stated} that its manifest says")
        yield line


def parsed_lines(store: Store, item: Stated, parse: Callable[[bytes], Read]) -> Iterator[Read]:
    """Yield what ``parse`` makes of each line of a packed object; what it cannot read is named by the object and the line."""
    for number, line in enumerate(lines_of_object(store, item), 1):
        try:
            said = parse(line)
        except Unreadable as error:
            raise Unreadable(f"{item.key}, line {number}: {error}") from error
        yield said


@contextmanager
def naming(key: str) -> Iterator[None]:
    """Name the object of which something cannot be read."""
    try:
        yield
    except Unreadable as error:
        raise Unreadable(f"{key}: {error}") from error


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


def copied(store: Store, item: Stated, into: IO[bytes] | None = None) -> SearchResult:
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
            path = _copy(store, item, into)
        except Inconsistent:
            continue
        except Missing:
            if store.stat(item.key) is None:
                raise
            continue
        if path in {(item.bytes, item.sha256), before}:
            return path
        before = path
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
    if not (0 <= offset <= _FARTHEST and 0 < length <= _LONGEST_SPAN):
        raise Unreadable(f"no {length} bytes at {offset} of {key} are read at once")
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


def _copy(store: Store, item: Stated, into: IO[bytes] | None) -> SearchResult:
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
        with suppress(Unreadable):  # what is no manifest states nothing
            manifest = Manifest.from_bytes(store.read(manifest_key))
            yield from [item for item in (*manifest.objects, *manifest.amends) if item.key == key]


# --- What became of announced pages and asked days: lines beside the articles, of what is no article -----------------
#     page      an announced article and its one outcome in a crawl: kept, seen, refused, failed, unreadable, dropped …
#     look      another look at an article that the archive holds: unchanged, changed, vanished, refused, failed …
#     moved     a redirect leads to another article's address of the outlet
#     vanished  the page of a held article is gone (404, 410, a redirect away from it, a page that says so)
#     returned  it is there again
#     sweep     the days that a crawl asked about, and whether it heard every source to the end
#
#     events/outlet=<o>/date=<crawl date>/<stem>.jsonl.gz     one JSON line each, schema in archive/schema/event-1.schema.json
#
# They are objects of a segment, listed by its manifest: published with the crawl that saw them, never rewritten. An article seen
# again is told of only where a channel announced it that had not before, so that a crawl every quarter of an hour stays small.

SCHEMA = 1
EVENTS = ("page", "look", "vanished", "moved", "returned", "sweep")


def event_line(event: str, *, outlet: str, crawl: str, at: datetime, **fields: Any) -> str:
    """Return an event as its published JSON line, without the newline.

    Args:
        event: one of `EVENTS`.
        outlet: the outlet.
        crawl: id of the crawl that saw it.
        at: when; aware.
        **fields: the event's own fields, as its schema has them; datetimes are written as ISO 8601.
    """
    head = {"schema": SCHEMA, "event": event, "outlet": outlet, "crawl": crawl, "at": format_time(at)}
    known = {name: format_time(value) if isinstance(value, datetime) else value for name, value in fields.items()}
    return msgspec.json.encode(head | known).decode()


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
            yield from (event for event in parsed_lines(store, item, event_of) if event["event"] in wanted)


_SAID: dict[str, dict[str, type | UnionType]] = {
    "page": {
        "id": str, "url": str, "channels": list, "day": str, "published": str | None, "outcome": str, "reason": str | None
    },
    "look": {"id": str, "outcome": str},
    "vanished": {"id": str},
    "returned": {"id": str},
    "sweep": {"since": str, "until": str, "complete": bool},
}  # fmt: skip
_DAYS = ("day", "since", "until")


def event_of(line: bytes) -> dict[str, Any]:
    """Return what an event line says; raises `Unreadable` where it lacks what readers go by. Kinds of later releases are let through."""
    fields = parse_fields(line, event=str, outlet=str, crawl=str, at=str)
    parse_time(fields["at"])
    if (types := _SAID.get(fields["event"])) is not None:
        check_fields(fields, **types)
        for name in _DAYS:
            if name in types:
                parse_time(f"{fields[name]}T00:00:00Z")
        if fields.get("published"):
            parse_time(fields["published"])
        if not all(isinstance(kind, str) for kind in fields.get("channels") or ()):
            raise Unreadable("its 'channels' are not as they should be")
    return fields
