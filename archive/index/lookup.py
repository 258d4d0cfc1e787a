"""Looking up a name: the entries of a segment, and from a name to its lines or captures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self, TypeVar

import msgspec

from archive.article import Moment  # noqa: TC001  msgspec reads the annotations
from archive.files import Unreadable
from archive.index.format import (
    CAPTURE,
    KINDS,
    LINE,
    Cache,
    FanOut,
    Head,
    IndexEntry,
    Part,
    entries_in,
    hash_of,
    micros,
    read_head,
    segments_in,
)
from archive.manifests.manifest import Manifest, manifest_key, object_key, outlet_in
from archive.reader.jsonl import Packed, lines_of_member, lines_of_object, members_of, read_object, read_span
from archive.store.protocol import Missing, NotAsPublished, StoreRefused
from archive.warc.cdxj import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from archive.store import Store

__all__ = ["ArchiveIndex", "address", "identity"]

# --- The entries of one segment: of each article line its id and addresses, of each capture its address --------------
# What is read is held against the hashes that the manifest gives: an index is made of what was published, or not at all.


class _Line(msgspec.Struct):
    id: str
    url: str
    canonical_url: str
    captured: Moment
    version: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    aliases: list[str] = []


class _Capture(msgspec.Struct):
    url: str
    date: Moment
    offset: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,18}\Z")]
    length: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}\Z")]


_Said = TypeVar("_Said", _Line, _Capture)


_LINE, _CAPTURE = msgspec.json.Decoder(_Line), msgspec.json.Decoder(_Capture)
_MOST = 0xFFFF


def identity(article_id: str) -> bytes:
    """Return the name of an article id."""
    return b"i" + article_id.encode()


def address(url: str, *, capture: bool = False) -> bytes:
    """Return the name of an address of articles, or of captures."""
    return (b"c" if capture else b"a") + key_of(url).encode()


def entries_of(store: Store, manifest: Manifest, number: int) -> list[bytes]:
    """Return the entries of a segment.

    Raises:
        Missing: an object is gone.
        NotAsPublished: an object is not the one that the manifest lists.
        StoreUnavailable: the store fails.
    """
    items = manifest.by_kind
    lines: list[bytes] = []
    keys: dict[str, bytes] = {}
    if "cdxj" in items:
        lines += (entry.to_bytes() for entry in _of_captures(lines_of_object(store, items["cdxj"]), number, keys))
    if "articles" in items:
        lines += (entry.to_bytes() for entry in _of_lines(read_object(store, items["articles"]), number, keys))
    return lines


def _of_lines(packed: Packed, number: int, keys: dict[str, bytes]) -> Iterator[IndexEntry]:
    """Yield the entries of lines; ``keys`` has SURT keys by address, which would cost more than all else."""
    for offset, length in members_of(packed):
        for row, line in enumerate(lines_of_member(packed[offset : offset + length])):
            fields = _decoded(_LINE, line)
            urls = (fields.url, fields.canonical_url, *fields.aliases)
            names = {b"a" + (keys.get(url) or key_of(url).encode()) for url in urls}
            moment, version = micros(fields.captured), min(fields.version, _MOST)
            for name in (identity(fields.id), *names):
                yield IndexEntry(hash_of(name), number, offset, length, row, moment, version, LINE)


def _of_captures(lines: Iterable[bytes], number: int, keys: dict[str, bytes]) -> Iterator[IndexEntry]:
    for line in lines:
        key, _, rest = line.partition(b" ")
        entry = _decoded(_CAPTURE, rest.partition(b" ")[2])
        keys[entry.url] = key
        yield IndexEntry(
            hash_of(b"c" + key), number, int(entry.offset), int(entry.length), 0, micros(entry.date), 0, CAPTURE
        )


def _decoded(decoder: msgspec.json.Decoder[_Said], line: bytes) -> _Said:
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Unreadable(f"a line cannot be indexed: {error}") from None


# --- Asking the index: from a name to the lines or captures of it, and which segments it does not know yet -----------


class ArchiveIndex:
    """An index, opened: what is small of it is in memory, and in the cache of this machine."""

    def __init__(self, store: Store, head: Head, cache: Cache) -> None:
        self._store = store
        self._runs = [(run, cache.kept(store, run)) for run in head.runs]
        self._fans = [FanOut.from_bytes(kept) for _, kept in self._runs]
        self._segments = [] if head.segments is None else segments_in(cache.kept(store, head.segments))
        self._keys = {_manifest_key(segment_id) for segment_id in self._segments}

    @classmethod
    def opened(cls, store: Store, cache: Cache | None = None) -> Self | None:
        """Open the index of an archive; None where there is none that can be used, or none that we may read."""
        try:
            head, tag = read_head(store)
            return None if tag is None or not head.runs else cls(store, head, cache or Cache())
        except (Unreadable, Missing, NotAsPublished, StoreRefused):
            return None

    def find(self, name: bytes) -> list[IndexEntry]:
        """Return what the index knows of a name, by at most one range request; raises ``ValueError`` where it is damaged."""
        key = hash_of(name)
        matches: list[IndexEntry] = []
        for (run, kept), fan in zip(self._runs, self._fans, strict=True):
            matches += entries_in(self._group(run, kept, fan, fan.group_of(key)), key)
        return matches

    def knows(self, manifest: str) -> bool:
        """Say whether the segment of a manifest, named by its key, is in the index."""
        return manifest in self._keys

    def segment(self, entry: IndexEntry) -> tuple[str, str]:
        """Return the outlet and the name of an entry's segment."""
        segment_id = self._segments[entry.segment]
        return outlet_in(segment_id), segment_id

    def is_current(self, entry: IndexEntry, unknown: Iterable[Manifest]) -> bool:
        """Say whether no manifest that the index does not know yet stands for an entry's object.

        Raises:
            ValueError: one of them changed that object, so that the index does not fit it.
        """
        outlet, segment_id = self.segment(entry)
        kind = KINDS[entry.kind]
        if any(item.key == object_key(kind, outlet, segment_id) for manifest in unknown for item in manifest.amends):
            raise ValueError(f"{segment_id} was changed since it was indexed")
        key = manifest_key(outlet, segment_id)
        return not any(old.key == key and kind in old.kinds for manifest in unknown for old in manifest.replaces)

    def unknown(self, heads: Iterable[str], read: Callable[[str], Manifest]) -> list[Manifest]:
        """Return the manifests behind the heads of a chain that the index does not know, newest first."""
        waiting = [key for key in heads if key not in self._keys]
        missing: dict[str, Manifest] = {}
        while waiting:
            key = waiting.pop()
            manifest = missing[key] = read(key)
            waiting += [
                link.key for link in manifest.previous if link.key not in self._keys and link.key not in missing
            ]
        return list(missing.values())

    def _group(self, run: Part, kept: bytes, fan: FanOut, group: int) -> bytes:
        offset, length = fan.span(group)

        def whole(body: bytes) -> bytes:
            if not fan.is_whole(group, body):
                raise ValueError(f"{run.key} is damaged")
            return body

        if len(kept) == run.bytes or not length:
            return whole(kept[offset : offset + length])
        return read_span(self._store, run.key, offset, length, whole)


def _manifest_key(segment_id: str) -> str:
    return manifest_key(outlet_in(segment_id), segment_id)
