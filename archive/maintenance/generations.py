"""Another generation of lines beside the one before: what today's extraction reads in yesterday's records."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.article import Article, format_time
from archive.files import parse_fields, parse_json
from archive.manifests.chain import commit
from archive.manifests.lease import Lease
from archive.manifests.manifest import Item, Manifest, Replaced, object_key, successor_segment_id
from archive.reader.jsonl import lines_of_object, pack, parsed_lines, read_span
from archive.spool.sealing import Span
from archive.store.protocol import Missing, digests_of
from archive.warc.capture import Capture, CaptureFault, captures
from archive.warc.cdxj import read_entry
from archive.warc.writer import named, write_wet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archive.store import Store

# --- Publishing what stands for earlier objects, in the order of every publication -----------------------------------
#     lease ─▶ make the files locally ─▶ put_file … ─▶ commit(manifest with `replaces`) ─▶ release
#                                                       └─ before it readers see the old, after it the new
#
# The names follow from what is replaced, so that a repetition after a crash finds its own objects and goes on from there.

LEASE_SECONDS = 3600  # for one segment; renewed with each


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A local file that is to be published: what the manifest says of it, without size and hash."""

    kind: str
    path: Path
    records: dict[str, int]
    first: str | None = None
    last: str | None = None


@dataclass(slots=True)
class Turn:
    """The right to rewrite one outlet; `renew` it with each segment."""

    lease: Lease = field(repr=False)

    def renew(self) -> None:
        """Keep it. Raises `LeaseLost`."""
        self.lease.renew()


@contextmanager
def turn(store: Store, outlet: str) -> Iterator[Turn]:
    """Hold the lease under which an outlet's published segments are rewritten; crawls have another one and go on.

    Raises:
        LeaseHeld: somebody else compacts, erases, or reads this outlet again.
    """
    lease = Lease(store, f"{outlet}.rewriting", holder=os.urandom(8).hex(), seconds=LEASE_SECONDS)
    lease.acquire()
    try:
        _finish(store, outlet)
        yield Turn(lease)
    finally:
        lease.release()


def replacing(views: Iterable[Manifest], bodies: dict[str, str], kinds: Iterable[str] | None = None) -> list[Replaced]:
    """Return what a manifest says of the ones it stands for.

    Args:
        views: the standing parts of these.
        bodies: SHA-256 of their published bytes, by key.
        kinds: only these kinds; by default all that stand.
    """
    chosen = None if kinds is None else set(kinds)
    replacements = []
    for view in views:
        gone = [item.kind for item in view.objects if chosen is None or item.kind in chosen]
        if gone:
            replacements.append(Replaced(key=view.key, sha256=bodies[view.key], kinds=gone))
    return replacements


def publish(store: Store, manifest: Manifest, files: Iterable[Made]) -> Manifest:
    """Upload the files, then commit the manifest that lists them; return it as it stands.

    Args:
        store: the archive.
        manifest: without objects and predecessors.
        files: what it is to list.
    """
    items = []
    for made in files:
        digests = digests_of(made.path)
        key = object_key(made.kind, manifest.outlet, manifest.segment)
        counts = ",".join(f"{kind}={count}" for kind, count in sorted(made.records.items()))
        store.put_file(key, made.path, digests=digests, metadata={"crawl": manifest.crawl, "records": counts})
        items.append(
            Item(
                kind=made.kind,
                key=key,
                bytes=digests.size,
                sha256=digests.sha256,
                records=made.records,
                first=made.first,
                last=made.last,
            )
        )
    return commit_noted(store, replace(manifest, objects=items))


def commit_noted(store: Store, manifest: Manifest) -> Manifest:
    """Commit a manifest; should this die before the pointer has moved, the next turn moves it."""
    _note(store, manifest.outlet, manifest.key)
    standing = commit(store, manifest)
    _note(store, manifest.outlet, None)
    return standing


def _finish(store: Store, outlet: str) -> None:
    """Move the pointer to a manifest that was created by somebody who died before doing so."""
    with suppress(Missing):
        key = parse_fields(store.read(_note_key(outlet)), committing=str | None)["committing"]
        if key is not None and store.stat(key) is not None:
            commit(store, Manifest.from_bytes(store.read(key)))


def _note(store: Store, outlet: str, key: str | None) -> None:
    try:
        _, tag = store.read_tagged(_note_key(outlet))
    except Missing:
        tag = None
    store.replace(_note_key(outlet), (json.dumps({"committing": key}) + "\n").encode(), tag=tag)


def _note_key(outlet: str) -> str:
    return f"leases/{outlet}.committing.json"


# --- Another generation of lines beside the one before: what today's extraction reads in yesterday's records ---------
#     standing lines of a segment ─┐
#     records, read again ─────────┴─▶ lines in the same order ─▶ published, `replaces` [articles, wet], `generation` + 1
#
# What later steps add (version, changes, story, related) and what says where the page came from (crawl, warc) is carried over:
# an article keeps its place among its versions and in its story. A line whose record gives no article any more stays as it was.
# The same records and the same extraction give the same lines; where no line changes, nothing is published.

CARRIED = ("version", "changes", "story", "related", "warc", "crawl")
_OF_CRAWL = ("cached", "moved")  # flags that say how a page came, and that no reading gives
REREAD = ("articles", "wet")

Line = dict[str, Any]
Key = tuple[str, str]  # record id, article id


def key_of(line: Line) -> Key | None:
    """Return what a line is found again by; None where it names no record."""
    return None if line["warc"] is None else (line["warc"]["record_id"], line["id"])


def carried_over(old: Line, new: Line) -> Line:
    """Return a new reading in the place of an old one; what the old line has no field for, and the reading nothing, it does not gain."""
    formulas = old.get("formulas") if old["text"] == new["text"] else None  # places of words: true of that text alone
    line = new | {name: old[name] for name in CARRIED} | {"formulas": formulas}
    line["images"] = [_with_capture(image, old["images"]) for image in new["images"]]
    line["flags"] = [*new["flags"], *(flag for flag in _OF_CRAWL if flag in old["flags"] and flag not in new["flags"])]
    return {name: value for name, value in line.items() if name in old or value not in (None, [], {})}


def _with_capture(image: Line, before: Iterable[Line]) -> Line:
    """Return a picture with the capture that the line before named for it."""
    known = next((one for one in before if one["url"] == image["url"]), image)
    bare = {name: value for name, value in image.items() if name != "warc"}
    return bare | ({"warc": known["warc"]} if "warc" in known else {})


def to_bytes(line: Line) -> bytes:
    """Return a line as it is published, with its line end."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


@dataclass(slots=True)
class Segment:
    """The standing lines of one segment, and what became of them.

    Attributes:
        view: the standing part of its manifest.
        lines: its lines, as they stand.
        read: the new reading of a line, by its key.
        gained: articles in its records that had no line.
    """

    view: Manifest
    lines: list[bytes] = field(default_factory=list)
    read: dict[Key, Line] = field(default_factory=dict)
    gained: list[Line] = field(default_factory=list)

    @classmethod
    def of(cls, store: Store, view: Manifest) -> Segment:
        """Read it; the lines stay in memory, a segment's worth."""
        item = view.by_kind.get("articles")
        return cls(view, [] if item is None else list(lines_of_object(store, item)))

    def pairs(self) -> Iterator[tuple[Line, Line | None]]:
        """Yield each line as it stands, and as it reads now: None where its record gives no such article any more."""
        for body in self.lines:
            old = parse_json(body)
            key = key_of(old)
            new = None if key is None else self.read.get(key)
            yield old, None if new is None else carried_over(old, new)


def publish_generation(  # noqa: PLR0913  each is a fact of its own
    store: Store,
    segment: Segment,
    lines: list[bytes],
    bodies: Mapping[str, str],
    *,
    software: dict[str, str],
    opened: datetime,
) -> Manifest | None:
    """Publish the next generation of a segment's lines; None where they are what they were.

    Args:
        store: the archive; the caller holds the outlet's `archive.maintenance.generations.turn`.
        segment: its lines as they stand.
        lines: those of the next generation.
        bodies: SHA-256 of the published manifests, by key.
        software: what read them.
        opened: the date of the new texts' warcinfo record; one for the same lines, so that a repetition gives the same bytes.
    """
    if lines == segment.lines:
        return None
    view = segment.view
    digest = hashlib.sha256(b"".join(lines)).hexdigest()
    segment_id = successor_segment_id(view.segment, "generation", str(view.generation + 1), digest)
    with tempfile.TemporaryDirectory() as folder:
        made = list(_files(lines, segment_id, Path(folder), software, opened))
        manifest = Manifest(
            collection=view.collection,
            outlet=view.outlet,
            crawl=view.crawl,
            segment=segment_id,
            date=view.date,
            created=format_time(datetime.now(UTC)),
            software=software,
            objects=[],
            generation=view.generation + 1,
            replaces=replacing([view], dict(bodies), REREAD),
        )
        return publish(store, manifest, made)


def _files(
    lines: Iterable[bytes], segment_id: str, folder: Path, software: dict[str, str], opened: datetime
) -> Iterator[Made]:
    body, span = list(lines), Span()
    path = folder / "articles"
    count = pack(span.over(body), path)
    yield Made(kind="articles", path=path, records={"article": count}, **span.dates)
    articles = (Article.from_line(line) for line in body)
    path = folder / "wet"
    record = {"software": named(dict(sorted(software.items())))}
    with path.open("wb") as out:
        count = write_wet(out, articles, filename=f"{segment_id}.warc.wet.gz", warcinfo=record, opened=opened)
    yield Made(kind="wet", path=path, records={"warcinfo": 1, "conversion": count}, **span.dates)


# --- WARCs in slices that can be read side by side: whole captures, a few megabytes, one range request each ----------

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
    entries = list(parsed_lines(store, index, read_entry))
    revisits = frozenset(one["record_id"] for one in entries if one["mime"] == "warc/revisit") & wanted
    starts = sorted(int(one["offset"]) for one in entries)
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
    for capture in read_span(store, piece.key, piece.offset, piece.length, lambda body: _whole(body, piece, name)):
        capture.pointer.offset += piece.offset
        yield capture


def _whole(body: bytes, piece: Slice, name: str) -> list[Capture]:
    if len(body) < piece.length:
        raise CaptureFault(f"{name} ends before {piece.offset + piece.length}")
    return list(captures(io.BytesIO(body), name))
