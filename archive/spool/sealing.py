"""Sealing a segment: what was written is inspected, cut to what is whole, its lines sorted and packed, and every object hashed."""

from __future__ import annotations

import hashlib
import heapq
import os
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, Self

import msgspec

from archive.article import Article, format_time, parse_time
from archive.files import make_folder, read_whole, sync, write_whole
from archive.manifests.manifest import Item, Manifest, object_key
from archive.reader.jsonl import pack
from archive.spool.spool import Facts, Noted, Segment
from archive.store.protocol import Digests, StoreUnavailable, digests_of
from archive.warc.cdxj import entry_of
from archive.warc.reading import BlockReading, Damaged, StoredRecord, records
from archive.warc.writer import write_wet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

# --- Files of JSON lines in the spool: reading them, and cutting them back to what is whole --------------------------


class _Times(msgspec.Struct):
    published: str | None
    captured: str


class Span:
    """The first and the last time of publication (of capture, where there is none) of the article lines that pass."""

    def __init__(self) -> None:
        self._first: datetime | None = None
        self._last: datetime | None = None

    @property
    def dates(self) -> dict[str, str | None]:
        """Return ``first`` and ``last`` as ISO 8601."""
        moments = {"first": self._first, "last": self._last}
        return {name: None if moment is None else format_time(moment) for name, moment in moments.items()}

    def take(self, moment: datetime) -> None:
        """Widen the span."""
        self._first = min(self._first or moment, moment)
        self._last = max(self._last or moment, moment)

    def over(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Pass the lines on."""
        for line in lines:
            times = msgspec.json.decode(line, type=_Times)
            self.take(parse_time(times.published or times.captured))
            yield line


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the whole lines of a file, with their newline; none where there is no file. A cut last line is left out."""
    if path.exists():
        with path.open("rb") as stream:
            yield from (line for line in stream if line.endswith(b"\n"))


def cut_lines(path: Path, survives: Callable[[dict[str, Any]], bool]) -> int:
    """Drop a cut last line and the lines that do not survive; return how many went.

    The file is replaced as a whole, so that a crash meanwhile leaves it as it was.
    """
    if not path.exists():
        return 0
    dropped = sum(not _survives(line, survives) for line in _lines_of(path))
    if dropped:
        part = path.with_name(path.name + ".part")
        with part.open("wb") as stream:
            stream.writelines(
                line for line in _lines_of(path) if _survives(line, survives)
            )  # a gigabyte's lines are a hundred MB
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        sync(path.parent)
    return dropped


def _lines_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from stream


def _survives(line: bytes, survives: Callable[[dict[str, Any]], bool]) -> bool:
    return (record := _parsed(line)) is not None and survives(record)


def _parsed(line: bytes) -> dict[str, Any] | None:
    """Return what a whole line says; None for one that a kill cut short or a power cut filled with zeros."""
    try:
        record = msgspec.json.decode(line) if line.endswith(b"\n") else None
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


# ---------------------------------------------------------------------------------------------------------------------
# Many lines in order, with few of them in memory: sorted runs in a temporary file each, merged when they are read.

_RUN = 4000  # lines in memory; of an index some 3 MB


class SortedRuns:
    """Lines, with their ends, that are taken in any order and given bytewise sorted."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._runs: list[IO[bytes]] = []

    def take(self, line: bytes) -> None:
        """Take one more."""
        self._waiting.append(line)
        if len(self._waiting) >= _RUN:
            run = tempfile.TemporaryFile()  # noqa: SIM115  closed when the lines are forgotten
            run.writelines(sorted(self._waiting))
            self._runs.append(run)
            self._waiting.clear()

    def __iter__(self) -> Iterator[bytes]:
        for run in self._runs:
            run.seek(0)
        yield from heapq.merge(*self._runs, sorted(self._waiting))

    def __del__(self) -> None:
        for run in self._runs:
            run.close()


# --- Reading a WARC again, record by record: how far is it whole, what is in it, where does each capture lie ---------

_GZIP_MAGIC = b"\x1f\x8b\x08"


@dataclass(slots=True)
class Inspection:
    """What a WARC holds.

    Attributes:
        whole: bytes up to the end of the last whole record; what follows was cut by a crash.
        fault: why the bytes from there on are no record, None where there are none.
        damaged: offsets of records whose bytes are not those of their digests.
        records: their number by type.
        index: the lines of its captures, in the order of an index.
        span: time of the first and the last capture.
        digests: those of the file, where they were needed to see that it is what was written.
    """

    whole: int = 0
    fault: str | None = None
    damaged: list[int] = field(default_factory=list)
    records: Counter[str] = field(default_factory=Counter)
    index: SortedRuns = field(default_factory=SortedRuns)
    span: Span = field(default_factory=Span)
    digests: Digests | None = None


def inspect(stream: IO[bytes], file: str) -> Inspection:
    """Read every record of a WARC, and hash every block and payload again. Bodies are not held in memory.

    Args:
        stream: the file, seekable.
        file: its name, for the entries.
    """
    inspection = Inspection()
    try:
        for record in records(stream):
            if record.is_capture:
                record.check_length()
            reading = BlockReading().read(record)
            record.finish()
            _take(inspection, record, reading, file)
            inspection.whole = record.offset + record.length
    except Damaged as error:
        inspection.fault = str(error)
    except ValueError as error:  # an address, a time or a status line that is none
        inspection.fault = f"at {inspection.whole}: {error}"
    return inspection


def _take(inspection: Inspection, record: StoredRecord, reading: BlockReading, file: str) -> None:
    inspection.records[record.type] += 1
    payload = record.field("WARC-Payload-Digest")
    is_other = record.type == "response" and payload not in {None, reading.payload.label}
    if is_other or record.field("WARC-Block-Digest") != reading.block.label:
        inspection.damaged.append(record.offset)
    if record.is_capture:
        inspection.index.take(entry_of(record, reading, file).to_line().encode() + b"\n")
        inspection.span.take(parse_time(record.field("WARC-Date") or ""))


def holds_record(path: Path, damage: int) -> bool:
    """Say whether a whole record stands anywhere behind the damaged one, as after a bad sector; a crash leaves none."""
    with path.open("rb") as stream:
        stream.seek(damage)
        tail = stream.read()
        at = tail.find(_GZIP_MAGIC, 1)
        while at >= 0:
            try:
                next(records(stream, damage + at)).finish()
            except (Damaged, StopIteration):
                at = tail.find(_GZIP_MAGIC, at + 1)
            else:
                return True
    return False


# ---------------------------------------------------------------------------------------------------------------------
# Sealing: a closed segment is cut to what is whole, read again record by record, indexed, hashed and described.
#     closed/<segment_id> ─▶ cut ─▶ read the WARC again ─▶ cdxj.gz wet.gz articles|stories|events.jsonl.gz ─▶ seal.json ─▶ sealed/
#
# Every step can be repeated: the derived files are written anew each time, from the same bytes to the same bytes. A segment in
# which nothing was captured or said is removed.


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A sealed segment: its facts, its objects as the manifest will list them, and how they were made whole.

    ``recovered`` counts what was cut off: ``warc_bytes``, ``article_lines``, ``story_lines``, ``event_lines``; empty in a clean segment.
    """

    facts: Facts
    items: list[Item]
    digests: dict[str, Digests]
    recovered: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, segment: Segment) -> Self:
        """Read the seal of a sealed segment; raises ``ValueError`` where it is spoiled, ``FileNotFoundError`` where there is none."""
        return msgspec.convert(read_whole(segment.folder / "seal.json"), cls)

    def manifest(self, software: dict[str, str], created: str) -> Manifest:
        """Return the manifest of this segment, without its predecessors."""
        return Manifest(
            collection=self.facts.collection,
            outlet=self.facts.outlet,
            crawl=self.facts.crawl,
            segment=self.facts.segment_id,
            date=self.facts.date,
            created=created,
            software=software,
            objects=self.items,
            recovered=self.recovered,
            token=self.facts.token,
        )


def seal(segment: Segment, recovered: Mapping[str, int] | None = None) -> Segment | None:
    """Seal a closed segment and return it in its new state; None where it was empty, and is gone.

    Args:
        segment: closed.
        recovered: what was cut off it before, and is to be counted too.

    Raises:
        StoreUnavailable: the local disk is full; the segment stays closed.
    """
    try:
        inspection, lost = cut(segment)
        if _is_empty(segment, inspection):
            segment.remove()
            return None
        return _seal(segment, inspection, dict(Counter(recovered or {}) + Counter(lost)))
    except OSError as error:
        raise StoreUnavailable(f"the segment {segment.segment_id} cannot be sealed: {error.strerror}") from error


def cut(segment: Segment) -> tuple[Inspection, dict[str, int]]:
    """Cut the files back to the last whole record and line, and drop article lines whose record is gone.

    Returns:
        What the WARC holds, and how much of what was cut.
    """
    inspection = _inspected(segment)
    recovered = {"warc_bytes": _truncate(segment, inspection.whole), "damaged_records": len(inspection.damaged)}

    file = segment.warc.name

    def survives(line: dict[str, Any]) -> bool:
        place = line["warc"]
        return place is None or place["file"] != file or place["offset"] + place["length"] <= inspection.whole

    recovered["article_lines"] = cut_lines(segment.articles, survives)
    recovered["story_lines"] = cut_lines(segment.stories, lambda _: True)
    recovered["event_lines"] = cut_lines(segment.events, lambda _: True)
    return inspection, {what: count for what, count in recovered.items() if count}


def _is_empty(segment: Segment, inspection: Inspection) -> bool:
    if inspection.records.total() > inspection.records["warcinfo"]:
        return False
    return not any(any(read_lines(path)) for path in (segment.articles, segment.stories, segment.events))


def _inspected(segment: Segment) -> Inspection:
    if not segment.warc.exists():
        return Inspection()
    if (inspection := _as_noted(segment)) is not None:
        return inspection
    with segment.warc.open("rb") as stream:
        return inspect(stream, segment.warc.name)


def _as_noted(segment: Segment) -> Inspection | None:
    """Return what the writer noted, where the file is byte for byte what it wrote; None where it died, or these are other bytes."""
    try:
        noted = msgspec.convert(read_whole(segment.noted), Noted)
        index, captures = SortedRuns(), hashlib.sha256()
        for line in _lines_of(segment.captures):
            captures.update(line)
            index.take(line)
    except (FileNotFoundError, ValueError):
        return None
    digests = digests_of(segment.warc)
    if digests.sha256 != noted.sha256 or captures.hexdigest() != noted.captures:
        return None
    inspection = Inspection(whole=digests.size, records=Counter(noted.records), digests=digests, index=index)
    for date in filter(None, (noted.first, noted.last)):
        inspection.span.take(parse_time(date))
    return inspection


def _truncate(segment: Segment, end: int) -> int:
    """Cut the WARC off at ``end``; what follows is kept aside where it holds more than the one record that was being written."""
    path = segment.warc
    if not path.exists():
        return 0
    surplus = path.stat().st_size - end
    if surplus and holds_record(path, end):
        aside = segment.folder.parent.parent / "damaged"
        make_folder(aside)
        copy = aside / f"{segment.segment_id}-from-{end}.warc.gz"
        shutil.copyfile(path, copy)
        sync(copy)
        sync(aside)
    if surplus:
        os.truncate(path, end)
    return surplus


def _seal(segment: Segment, inspection: Inspection, recovered: dict[str, int]) -> Segment:
    facts = segment.facts()
    derived = {kind: figures for kind, figures in _derived(segment, inspection) if figures["records"]}
    digests = {
        kind: digests_of(segment.local(kind)) for kind in derived if kind != "warc" or inspection.digests is None
    }
    if inspection.digests is not None:
        digests["warc"] = inspection.digests
    items = [_item(kind, facts, digests[kind], figures) for kind, figures in derived.items()]
    for kind in derived:
        sync(segment.local(kind))
    write_whole(
        segment.folder / "seal.json",
        msgspec.to_builtins(Seal(facts=facts, items=items, digests=digests, recovered=recovered)),
        sync_name=False,  # moving the folder syncs the names in it
    )
    return segment.move("sealed")


def _derived(segment: Segment, inspection: Inspection) -> Iterator[tuple[str, dict[str, Any]]]:
    """Write the derived files; yield what the manifest says of each kind."""
    yield "warc", {"records": dict(sorted(inspection.records.items())), **inspection.span.dates}
    yield (
        "cdxj",
        {"records": _counted("capture", pack(inspection.index, segment.local("cdxj"))), **inspection.span.dates},
    )
    span = Span()
    count = pack(span.over(read_lines(segment.articles)), segment.local("articles"))
    yield "articles", {"records": _counted("article", count), **span.dates}
    if count:
        yield "wet", {"records": _write_texts(segment), **span.dates}
    for kind, what, path in (("stories", "story", segment.stories), ("events", "event", segment.events)):
        count = pack(read_lines(path), segment.local(kind))
        yield kind, {"records": _counted(what, count), "first": None, "last": None}


def _write_texts(segment: Segment) -> dict[str, int]:
    facts = segment.facts()
    articles = (Article.from_line(line) for line in read_lines(segment.articles))
    with segment.local("wet").open("wb") as out:
        count = write_wet(
            out,
            articles,
            filename=f"{segment.segment_id}.warc.wet.gz",
            warcinfo=facts.warcinfo,
            opened=datetime.fromisoformat(facts.opened),
        )
    return {"warcinfo": 1} | _counted("conversion", count)


def _item(kind: str, facts: Facts, digests: Digests, figures: dict[str, Any]) -> Item:
    key = object_key(kind, facts.outlet, facts.segment_id)
    return Item(kind=kind, key=key, bytes=digests.size, sha256=digests.sha256, **figures)


def _counted(what: str, count: int) -> dict[str, int]:
    return {what: count} if count else {}
