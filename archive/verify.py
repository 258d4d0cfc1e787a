"""Verifying an archive: every object, record, line and pointer against what its manifest says.

    verify(archive) ─▶ manifests and pointers ─▶ objects by digest ─▶ records, lines, index ─▶ Finding, Finding, …

Each finding names the object and says in one sentence what is wrong with it; nothing is repaired here.
"""

from __future__ import annotations

import random
import tempfile
import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice, zip_longest
from typing import IO, TYPE_CHECKING, Any

from archive.article import Article, RecordPointer
from archive.files import Unreadable, parse_json
from archive.manifests.chain import CHAIN, ancestry, read_heads
from archive.manifests.manifest import (
    SUFFIXES,
    Item,
    Manifest,
    Relocations,
    amendments,
    current_objects,
    is_own,
    link_to,
    manifests_in,
    object_key,
    outlets_in,
    pointer_key,
    replaced,
    serial_of,
    strays_in,
    tombstones_in,
    warc_key,
)
from archive.reader.archive import Archive, original_of
from archive.reader.jsonl import copied, event_of, lines_in, lines_of_object, read_span
from archive.reader.redactions import Redaction
from archive.reader.scan import Table, told_of
from archive.schema import line_checker
from archive.spool.sealing import inspect
from archive.store.protocol import Missing, NotAsPublished, StoreError, StoreRefused, StoreUnavailable
from archive.warc.capture import CaptureFault, read_capture
from archive.warc.cdxj import read_entry
from archive.warc.reading import records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from archive.store import Store

__all__ = ["Finding", "Tally", "verify"]

# --- What a verification says: single findings, and how much it looked at --------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        kind: ``manifest``, ``missing``, ``size``, ``hash``, ``record``, ``count``, ``line``, ``version``, ``pointer``, ``gap``, ``chain``,
            ``redaction``, ``orphan``, ``stray``.
        key: the object it was found at.
        what: one sentence.
        is_fault: False for what harms no reader, such as an object that a crash left behind and no manifest lists.
    """

    kind: str
    key: str
    what: str
    is_fault: bool = True


@dataclass(slots=True)
class Tally:
    """How much was looked at."""

    manifests: int = 0
    objects: int = 0
    bytes: int = 0
    records: int = 0
    lines: int = 0
    faults: int = 0
    notes: int = 0


# --- The lines of a segment: against their schema, and articles' pointers against the index of captures --------------

_MORE_LINES = 10_000  # than a manifest says are counted
_MOST_FAULTS = 100  # that are told of one object


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
        self.places = Relocations({})
        self.stated: dict[str, Item] = {}
        self._left_behind: set[str] = set()
        self._archive = Archive(store)
        self._versions = Table()
        self._read = lru_cache(maxsize=8)(self._read_places)

    @cached_property
    def _hidden(self) -> frozenset[str]:
        """Return the ids of records that were taken down; none where the tombstones cannot be read, which is told of elsewhere."""
        try:
            return self._archive.taken_down.records
        except Unreadable:
            return frozenset()

    def begin(self, places: Relocations, stated: dict[str, Item], left_behind: set[str]) -> None:
        """Begin with an outlet: where its joined WARCs went, what its manifests state of each object, which objects part of an archive left behind."""
        self.places, self.stated, self._left_behind, self._versions = places, stated, left_behind, Table()

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
            record: dict[str, Any] = parse_json(line)
            fault = line_checker()(record)
        except Unreadable as error:
            fault = str(error)
        if fault is not None:
            yield "line", fault
            return
        if record["outlet"] != manifest.outlet or not record["id"].startswith(manifest.outlet + ":"):
            yield "line", f"{record['id']} stands in an object of {manifest.outlet}"
        else:
            try:
                Article.from_line(line)
            except Unreadable as error:
                yield "line", str(error)
                return
        if is_read and not self._versions.add(f"{record['version']} {record['id']}".encode()):
            yield "version", f"{record['id']} has another line of version {record['version']}"
        for pointer in (record["warc"], *(image.get("warc") for image in record["images"])):
            if pointer is not None:
                yield from self._pointer_faults(record["outlet"], RecordPointer(**pointer))

    def _pointer_faults(self, outlet: str, pointer: RecordPointer) -> Iterator[tuple[str, str]]:
        if pointer.record_id in self._hidden:
            return  # a feed's record that had to go for the sake of another article in it
        try:
            pointer = self.places.resolve(pointer)
        except Unreadable as error:
            yield "pointer", str(error)
            return
        if object_key("cdxj", outlet, pointer.file.removesuffix(SUFFIXES["warc"])) in self._left_behind:
            return  # a line may point into the segment before its own
        place = _place(pointer.offset, pointer.length, pointer.record_id)
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
        capture = read_span(self._store, key, pointer.offset, pointer.length, lambda body: read_capture(body, pointer))
        capture.check()
        if capture.kind == "revisit":
            capture.take_body(original_of(self._archive, capture, outlet))
        capture.content()

    def _read_places(self, outlet: str, file: str) -> Table:
        """Return the places of a WARC's captures, none where no manifest lists its index, or it cannot be read."""
        places = Table()  # a gigabyte of pages has 40,000: as a set of tuples, 12 MB each
        try:
            item = self.stated[object_key("cdxj", outlet, file.removesuffix(".warc.gz"))]
            for line in lines_of_object(self._store, item):
                entry = read_entry(line)
                places.add(_place(int(entry["offset"]), int(entry["length"]), entry["record_id"]))
        except (Missing, NotAsPublished, Unreadable, KeyError):
            return Table()
        return places


def _place(offset: int, length: int, record_id: str) -> str:
    return f"{offset} {length} {record_id.strip('<>')}"


def event_faults(manifest: Manifest, item: Item, lines: Iterable[bytes]) -> Iterator[Finding]:
    """Yield what is wrong with the lines of one ``events`` object."""
    for number, line in enumerate(lines, 1):
        try:
            event: dict[str, Any] = parse_json(line)
            fault = line_checker("event")(event)
            if fault is None and event_of(line)["outlet"] != manifest.outlet:
                fault = f"an event of {event['outlet']} stands in an object of {manifest.outlet}"
        except Unreadable as error:
            fault = str(error)
        if fault is not None:
            yield Finding("line", item.key, f"line {number}: {fault}")


# --- The objects of one segment against its manifest, and the records in its WARC against their digests --------------


def other_faults(item: Item, lines: Iterable[bytes]) -> Iterator[Finding]:
    """Yield what is wrong with the lines of one ``stories`` or ``cdxj`` object: no reader could go by them."""
    read = told_of if item.kind == "stories" else read_entry
    for number, line in enumerate(lines, 1):
        try:
            read(line)
        except Unreadable as error:
            yield Finding("line", item.key, f"line {number}: {error}")


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
    inspection = inspect(stream, item.key.rpartition("/")[2])
    tally.records += inspection.records.total()
    if inspection.fault:
        yield Finding("record", item.key, inspection.fault)
    for offset in inspection.damaged:
        yield Finding("record", item.key, f"the record at {offset} has other bytes than its digests say")
    if dict(inspection.records) != item.records:
        yield Finding("count", item.key, f"it holds {dict(inspection.records)}, the manifest says {item.records}")


def temporary() -> IO[bytes]:
    """Return a local file that vanishes when it is closed."""
    return tempfile.TemporaryFile()


# ---------------------------------------------------------------------------------------------------------------------
# What a reader that we did not write says of a WARC: warcio has to find the same records at the same places, with right
# digests.
#     our reader ──▶ offset, length, type, id  ─┐
#                                               ├─ the same, one after the other
#     warcio     ──▶ offset, length, type, id  ─┘   and its digests of block and payload agree
#
# One thing is known beforehand: where a record keeps the chunks as received, warcio takes the framing for payload.

RecordPlace = tuple[int, int, str, str]


def second_opinion(item: Item, stream: IO[bytes]) -> Iterator[Finding]:
    """Yield what warcio finds wrong with, or reads otherwise in, a WARC in which our reader found no fault.

    Args:
        item: the object.
        stream: its bytes, seekable.
    """
    from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415  imported when it is needed: the command line stays fast

    ours = list(_ours(stream))
    try:
        for mine, theirs in zip_longest(ours, _theirs(stream)):
            place, problems = theirs or (None, [])
            for problem in problems:
                yield Finding("record", item.key, f"warcio on the record at {mine and mine[0]}: {problem}")
            if mine != place:
                yield Finding("record", item.key, f"warcio reads {place}, our reader {mine}")
                return
    except (ArchiveLoadFailed, EOFError, ValueError, zlib.error) as error:
        yield Finding("record", item.key, f"warcio cannot read it: {error}")


def _ours(stream: IO[bytes]) -> Iterator[RecordPlace]:
    for record in records(stream):
        record.finish()
        yield record.offset, record.length, record.type, record.id


def _theirs(stream: IO[bytes]) -> Iterator[tuple[RecordPlace, list[str]]]:
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415  as above

    stream.seek(0)
    reader = ArchiveIterator(stream, check_digests=True)
    for record in reader:
        reader.read_to_end()
        header = record.rec_headers.get_header
        place = (reader.get_record_offset(), reader.get_record_length(), record.rec_type, header("WARC-Record-ID"))
        yield place, [problem for problem in record.digest_checker.problems if not _is_framing(record, problem)]


def _is_framing(record: Any, problem: str) -> bool:
    """Say whether warcio hashed chunks, which are no payload (WARC 1.1, 5.9); our own reader took them off."""
    head = record.http_headers
    return problem.startswith("payload") and head is not None and head.get_header("Transfer-Encoding") is not None


# --- What only the whole of an outlet shows: objects that nobody lists, segments that are missing, the chain ---------


@dataclass(frozen=True, slots=True)
class Whole:
    """All manifests of an outlet, seen together.

    Attributes:
        listed: the keys of all objects that any of them lists.
        serials: crawl → serials of its segments; of what crawls wrote, not of what stands for it now.
        places: where joined WARCs went.
        stated: the objects by their keys, as the last manifest states them that says anything of them.
    """

    listed: set[str]
    serials: dict[str, set[int]]
    places: Relocations
    stated: dict[str, Item]
    _gone: set[tuple[str, str]]
    _standing: set[str]
    _amended: dict[str, Item]

    @classmethod
    def of(cls, manifests: Iterable[Manifest], aside: Iterable[Manifest] = ()) -> Whole:
        """Look at them, and in part of an archive at those whose objects were left behind."""
        every = list(manifests)
        serials: dict[str, set[int]] = {}
        amended = amendments(every)
        for manifest in (*every, *aside):
            if not manifest.replaces and not manifest.amends:
                serials.setdefault(manifest.crawl, set()).add(serial_of(manifest.segment))
        return cls(
            listed={item.key for manifest in every for item in manifest.objects},
            serials=serials,
            places=Relocations.of(every),
            stated={item.key: item for manifest in every for item in manifest.objects} | amended,
            _gone=replaced(every),
            _standing={item.key for view in current_objects(every) for item in view.objects},
            _amended=amended,
        )

    def is_read(self, manifest: Manifest, item: Item) -> bool:
        """Say whether readers read an object: no other manifest stands for it."""
        return (manifest.key, item.kind) not in self._gone

    def items(self, store: Store, manifest: Manifest) -> Iterator[Item]:
        """Yield the objects of a manifest that have to be as it says, or as an erasure left them.

        One that another manifest stands for may have been removed; where it is still there it has to be whole.
        """
        for item in manifest.objects:
            if self.is_read(manifest, item) or (item.key not in self._standing and store.stat(item.key) is not None):
                yield self._amended.get(item.key, item)


def _aside(store: Store, outlet: str) -> Iterator[Manifest]:
    """Yield the manifests that part of an archive keeps for the sake of the chain; one that cannot be read the chain names."""
    for entry in store.listing(f"{CHAIN}manifests/outlet={outlet}/"):
        try:
            yield Manifest.from_bytes(store.read(entry.key))
        except Unreadable:
            continue


def orphans(store: Store, outlet: str, listed: set[str]) -> Iterator[Finding]:
    """Yield the objects of an outlet that no manifest lists: what a crash left, until its spool is recovered."""
    for kind in SUFFIXES:
        for entry in store.listing(f"{kind}/outlet={outlet}/"):
            if entry.key not in listed and is_own(entry.key):
                yield Finding("orphan", entry.key, "no manifest lists it", is_fault=False)


def strays(store: Store, outlets: Sequence[str] | None) -> Iterator[Finding]:
    """Yield what lies between the archive's objects and is none of them; every reader leaves it aside."""
    for key in strays_in(store, outlets):
        yield Finding("stray", key, "no key of an archive; it is left aside", is_fault=False)


def gaps(serials: dict[str, set[int]], outlet: str) -> Iterator[Finding]:
    """Yield the segments that are missing between others of the same crawl.

    Args:
        serials: crawl → serials of its published segments.
        outlet: the outlet they are of.
    """
    for crawl, numbers in sorted(serials.items()):
        missing = sorted(set(range(max(numbers) + 1)) - numbers)
        if missing:
            yield Finding("gap", f"manifests/outlet={outlet}/", f"the crawl {crawl} lacks its segments {missing}")


def chain_faults(store: Store, outlet: str, keys: set[str]) -> Iterator[Finding]:
    """Walk the chain from its heads: every hash must fit, and every manifest must be reached.

    Args:
        store: the archive.
        outlet: the outlet.
        keys: the keys of all its manifests.
    """
    try:
        heads, tag = read_heads(store, outlet)
    except ValueError as error:
        yield Finding("chain", pointer_key(outlet), f"it cannot be read: {error}")
        return
    if tag is None:
        if keys:
            yield Finding("chain", pointer_key(outlet), "there are manifests, but no pointer to them")
        return
    reached = set()
    for link, manifest, body in ancestry(store, heads):
        reached.add(link.key)
        if not body:
            yield Finding("chain", link.key, "the chain names it, but it is gone")
        elif link_to(link.key, body) != link:
            yield Finding("chain", link.key, "it is not what its successor had seen")
        elif manifest is not None and manifest.key != link.key:
            yield Finding("chain", link.key, f"it says that it is {manifest.key}")
    for key in sorted(keys - reached):
        yield Finding("chain", key, "it stands outside the chain: slipped in, or its pointer was never moved")


# --- One verification from end to end --------------------------------------------------------------------------------


def verify(  # noqa: PLR0913  each is a choice of its own
    store: Store,
    *,
    outlets: Sequence[str] | None = None,
    deep: bool = False,
    chain: bool = False,
    sample: int | None = None,
    tally: Tally | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Iterator[Finding]:
    """Yield everything that is not as it should be.

    Args:
        store: the archive.
        outlets: only these.
        deep: also open each article's record by its pointer, and have warcio read every WARC.
        chain: also follow the chain of manifests.
        sample: look into the objects of so many manifests only, chosen at random; orphans, gaps and the chain stay whole.
        tally: is told how much was looked at.
        on_progress: is told the key of each manifest that is looked into.
    """
    names = outlets_in(store) if outlets is None else outlets
    run = _Run(store, LineChecker(store, deep=deep), tally or Tally(), on_progress, deep)
    for outlet in names:
        keys = list(manifests_in(store, outlet))
        chosen = set(keys if sample is None else random.sample(keys, min(sample, len(keys))))
        yield from run.counted(run.outlet(outlet, keys, chosen))
        if chain:
            yield from run.counted(chain_faults(store, outlet, set(keys)))
    yield from run.counted(tombstones(store))
    yield from run.counted(strays(store, outlets))


@dataclass(frozen=True, slots=True)
class _Run:
    store: Store
    checker: LineChecker
    tally: Tally
    on_progress: Callable[[str], None]
    deep: bool

    def counted(self, findings: Iterator[Finding]) -> Iterator[Finding]:
        """Yield the findings and tell the tally of each."""
        for finding in findings:
            self.tally.faults += finding.is_fault
            self.tally.notes += not finding.is_fault
            yield finding

    def outlet(self, outlet: str, keys: list[str], chosen: set[str]) -> Iterator[Finding]:
        """Look at all manifests of an outlet, and into the objects of the chosen ones."""
        manifests = dict[str, Manifest]()
        for key in keys:
            try:
                manifests[key] = Manifest.from_bytes(self.store.read(key))
            except Unreadable as error:
                yield Finding("manifest", key, f"it cannot be read: {error}")
        self.tally.manifests += len(manifests)
        aside = list(_aside(self.store, outlet))
        whole = Whole.of(manifests.values(), aside)
        self.checker.begin(whole.places, whole.stated, {item.key for manifest in aside for item in manifest.objects})
        for key, manifest in manifests.items():
            if manifest.key != key:
                yield Finding("manifest", key, f"it says that it is {manifest.key}")
            elif key in chosen:
                self.on_progress(key)
                for item in whole.items(self.store, manifest):
                    yield from self._object(manifest, item, is_read=whole.is_read(manifest, item))
        yield from orphans(self.store, outlet, whole.listed)
        yield from gaps(whole.serials, outlet)

    def _object(self, manifest: Manifest, item: Item, *, is_read: bool) -> Iterator[Finding]:
        with temporary() as copy:
            findings = list(fetch(self.store, item, copy, self.tally))
            yield from findings
            if findings:
                return  # what is not the object that was published needs no further look
            if item.kind in {"warc", "wet"}:
                findings = list(check_warc(item, copy, self.tally))
                yield from findings
                if self.deep and not findings:
                    yield from second_opinion(item, copy)
                return
            try:
                most = sum(item.records.values()) + _MORE_LINES  # what a hostile file has beyond is not waited for
                count = sum(1 for _ in islice(lines_in(copy), most))
            except Unreadable as error:
                yield Finding("record", item.key, f"it does not unpack: {error}")
                return
            self.tally.lines += count
            yield from _first_faults(item, self._lines(manifest, item, islice(lines_in(copy), most), is_read=is_read))
            if item.kind != "articles" and count != sum(item.records.values()):
                yield Finding("count", item.key, f"it holds {count} lines, the manifest says {item.records}")

    def _lines(self, manifest: Manifest, item: Item, lines: Iterator[bytes], *, is_read: bool) -> Iterator[Finding]:
        """Yield what is wrong with the lines of an object, by its kind."""
        if item.kind == "articles":
            return self.checker.check(manifest, item, lines, is_read=is_read)
        return event_faults(manifest, item, lines) if item.kind == "events" else other_faults(item, lines)


def _first_faults(item: Item, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yield the findings of an object, but not millions of them."""
    yield from islice(findings, _MOST_FAULTS)
    if next(findings, None) is not None:
        yield Finding("line", item.key, f"after {_MOST_FAULTS} faults in it no further line was looked at")


def tombstones(store: Store) -> Iterator[Finding]:
    """Yield the take-downs that cannot be read; as long as there is one, no reader shows anything."""
    for key in tombstones_in(store):
        try:
            Redaction.from_bytes(store.read(key))
        except Unreadable as error:
            yield Finding("redaction", key, f"it cannot be read: {error}")
