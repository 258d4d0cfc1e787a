"""Recovering a spool: segments of a crawl that died are cut, their unread captures read, and closed for publication."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import IO, TYPE_CHECKING, Any

import msgspec

from archive.manifests.manifest import (
    Item,
    Manifest,
    collection_in,
    is_import,
    make_segment_id,
    manifest_key,
    serial_of,
)
from archive.reader.jsonl import fetch_object, lines_of_object
from archive.spool.sealing import cut, read_lines
from archive.spool.spool import Facts, Segment, Spool, SpoolBusy
from archive.store.protocol import Missing, Store
from archive.warc.capture import Capture, captures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from archive.article import Article

    Reread = Callable[[Capture], Iterable[Article]]

# ---------------------------------------------------------------------------------------------------------------------
# Records without a line: found in a dead crawl's last segments, in the spool or published, read again, their lines
# written. A crawl keeps one version of an article, an import as many as it finds: what has other words than the lines that
# are there becomes a further version.

_STATES = ("open", "closed", "sealed")
_LAST_SEGMENTS = 2
_LAST_RESPONSES = 200  # far more than a crawl has at work at a time


class _Place(msgspec.Struct, frozen=True):
    record_id: str


class _Said(msgspec.Struct, frozen=True):
    """What a line says of its version."""

    id: str
    captured: datetime = datetime.min.replace(tzinfo=UTC)
    headline: str = ""
    text_sha256: str = ""
    warc: _Place | None = None

    def is_another_version(self, others: Sequence[_Said]) -> bool:
        """Say whether the lines captured just before and after this one say something else."""
        before = max((one for one in others if one.captured <= self.captured), key=_captured, default=None)
        after = min((one for one in others if one.captured > self.captured), key=_captured, default=None)
        near = [one for one in (before, after) if one is not None]
        return not any(self._is_same(one) for one in near)

    def _is_same(self, other: _Said) -> bool:
        return (self.text_sha256, self.headline.split()) == (other.text_sha256, other.headline.split())


_captured = attrgetter("captured")


@dataclass(frozen=True, slots=True)
class Unread:
    """The records without a line of one outlet; without a store only the spool is looked at."""

    house: Spool
    outlet: str
    store: Store | None
    reread: Reread

    def run(self, crawl: str, segment_ids: Sequence[str]) -> int:
        """Read again what the last segments of a crawl hold without a line; return how many lines were written."""
        last = self._last(segment_ids)
        known: dict[str, list[_Said]] = {}
        for line in (line for segment_id in self._all(last) for line in self._lines(segment_id)):
            said = msgspec.json.decode(line, type=_Said)
            known.setdefault(said.id, []).append(said)
        records, further = [], []
        of_import = is_import(crawl)
        lined = {said.warc.record_id for each in known.values() for said in each if said.warc} if of_import else set()
        for capture in self._responses(last):
            if capture.pointer.record_id in lined:
                continue  # an import reads one article of a record: it has its line
            for article in self.reread(capture):
                article.crawl = crawl
                line = article.to_line().encode()
                said, others = msgspec.json.decode(line, type=_Said), known.setdefault(article.id, [])
                if not others:  # a feed and a page, or two feeds, may hold the same article
                    records.append(line + b"\n")
                elif of_import and said.is_another_version(others):
                    further.append(line + b"\n")
                else:
                    continue
                others.append(said)
        if records:
            with self._last_open(crawl, segment_ids[-1]).articles.open("ab") as lines:
                lines.writelines(records)
        if further:  # behind the others: publishing numbers them after what was published before them
            last_id = max(segment_ids[-1], *(one.segment_id for one in self.house.segments(self.outlet, "open")))
            with self._begun(crawl, last_id).articles.open("wb") as lines:
                lines.writelines(further)
        return len(records) + len(further)

    def _last(self, segment_ids: Sequence[str]) -> list[str]:
        """Return the last segments, so many that no page can have been at work since before them."""
        last: list[str] = []
        responses = 0
        for segment_id in reversed(segment_ids):
            if len(last) >= _LAST_SEGMENTS and responses >= _LAST_RESPONSES:
                break
            last.insert(0, segment_id)
            responses += sum(1 for _ in self._responses([segment_id]))
        return last

    def _all(self, last: Sequence[str]) -> set[str]:
        """Return these segments and whatever else waits in the spool."""
        waiting = (segment.segment_id for state in _STATES for segment in self.house.segments(self.outlet, state))
        return {*last, *waiting}

    def _responses(self, segment_ids: Sequence[str]) -> Iterator[Capture]:
        for segment_id in segment_ids:
            with self._warc(segment_id) as stream:
                yield from (
                    capture for capture in captures(stream, f"{segment_id}.warc.gz") if capture.kind == "response"
                )

    def _last_open(self, crawl: str, segment_id: str) -> Segment:
        """Return the open segment that takes the lines; a new one, of lines alone, where the last had been closed already."""
        opened = self.house.segments(self.outlet, "open")
        return opened[-1] if opened else self._begun(crawl, segment_id)

    def _begun(self, crawl: str, segment_id: str) -> Segment:
        """Begin a segment of lines alone behind another one."""
        collection, now = collection_in(segment_id), datetime.now(UTC)
        name = make_segment_id(collection, self.outlet, now, serial_of(segment_id) + 1)
        facts = Facts(
            collection=collection, outlet=self.outlet, crawl=crawl, segment_id=name, opened=now.isoformat(), warcinfo={}
        )
        return self.house.create(facts)

    def _lines(self, segment_id: str) -> Iterator[bytes]:
        segment = self._in_spool(segment_id)
        if segment is not None:
            yield from read_lines(segment.articles)
        elif item := self._published(segment_id, "articles"):
            with suppress(Missing):
                yield from lines_of_object(item[0], item[1])

    @contextmanager
    def _warc(self, segment_id: str) -> Iterator[IO[bytes]]:
        """Open a WARC in the spool, or a copy of the published one; an empty file where there is none."""
        segment = self._in_spool(segment_id)
        if segment is not None and segment.warc.exists():
            with segment.warc.open("rb") as stream:
                yield stream
            return
        with tempfile.TemporaryFile() as copy:
            if segment is None and (item := self._published(segment_id, "warc")):
                with suppress(Missing):
                    fetch_object(item[0], item[1], copy)
                copy.seek(0)
            yield copy

    def _published(self, segment_id: str, kind: str) -> tuple[Store, Item] | None:
        """Return a segment's published object and where it is; None where there is none."""
        if self.store is None:
            return None
        try:
            manifest = Manifest.from_bytes(self.store.read(manifest_key(self.outlet, segment_id)))
        except Missing:
            return None
        item = manifest.by_kind.get(kind)
        return None if item is None else (self.store, item)

    def _in_spool(self, segment_id: str) -> Segment | None:
        segments = (segment for state in _STATES for segment in self.house.segments(self.outlet, state))
        return next((segment for segment in segments if segment.segment_id == segment_id), None)


# --- Recovery: what a crawl that died left in the spool becomes whole, and nothing that was on disk is lost ----------
#     crawl.json is there, the outlet's lock is free  ─▶  the crawl died        "mended": all but the reading is done
#     open/<segment_id> ─▶ cut to the last whole record and line ─▶ read again what has a record and no line ─▶ closed/<segment_id>
#
# What was captured shortly before the end may have its record and not yet its article line: those records, of the
# crawl's last segments, in the spool or already in the store, are handed to ``reread``.


@dataclass(slots=True)
class Recovered:
    """What was done for one outlet: the crawl that died, its open segments, what was cut off them, articles read again.

    ``reread`` is None where reading was left to the outlet's next crawl.
    """

    outlet: str
    crawl: str
    segments: list[str] = field(default_factory=list)
    cut: dict[str, int] = field(default_factory=dict)
    reread: int | None = None

    def __str__(self) -> str:
        """Return it as one line for the operator."""
        cut_off = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in self.cut.items()) or "nothing"
        read = f"{self.reread} articles read again from their records"
        later = "records without an article's line are read again by the outlet's next crawl"
        return (
            f"{self.outlet}: crawl {self.crawl} had died; {len(self.segments)} open segments closed, "
            f"cut off {cut_off}, {later if self.reread is None else read}"
        )


def recover(
    spool: Path, store: Store | None = None, *, outlets: Sequence[str] | None = None, reread: Reread | None = None
) -> list[Recovered]:
    """Close what died; `archive.manifests.publisher.Publisher.publish_sealed` then publishes it.

    An outlet whose spool a living process holds is left alone.

    Args:
        spool: the spool's folder.
        store: where the crawl's earlier segments are; None where only the spool is to be looked at.
        outlets: only these.
        reread: reads a capture again and returns its articles, none where it is no article's; None leaves captures to the
            next recovery that has it.
    """
    house = Spool(spool)
    done: list[Recovered] = []
    for outlet in house.outlets() if outlets is None else outlets:
        try:
            lock = house.lock(outlet)
        except SpoolBusy:
            continue
        try:
            done += recover_locked(house, outlet, store, reread)
        finally:
            lock.release()
    return done


def recover_locked(house: Spool, outlet: str, store: Store | None, reread: Reread | None) -> list[Recovered]:
    """Do what `recover` does, for one outlet whose spool the caller has locked; nothing where nobody died."""
    if house.segments(outlet, "open") or _has_died(house.crawl(outlet), reread):
        return [_recover_outlet(house, outlet, store, reread)]
    return []


def _recover_outlet(house: Spool, outlet: str, store: Store | None, reread: Reread | None) -> Recovered:
    for segment in house.segments(outlet, "open"):
        if not (segment.folder / "facts.json").exists():
            segment.remove()  # it died before it was begun
    opened = house.segments(outlet, "open")
    crawl = house.crawl(outlet) or {"crawl": "unknown", "stems": []}
    result = Recovered(outlet, opened[-1].facts().crawl if opened else crawl["crawl"])
    for segment in opened:
        _, lost = cut(segment)
        result.segments.append(segment.segment_id)
        for what, count in lost.items():
            result.cut[what] = result.cut.get(what, 0) + count
    segment_ids = [
        *crawl["stems"],
        *(segment.segment_id for segment in opened if segment.segment_id not in crawl["stems"]),
    ]
    if reread is not None:
        result.reread = Unread(house, outlet, store, reread).run(result.crawl, segment_ids) if segment_ids else 0
    for segment in house.segments(outlet, "open"):
        segment.move("closed")
    left = reread is None and bool(segment_ids)
    house.note_crawl(outlet, {"crawl": result.crawl, "stems": segment_ids, "mended": True} if left else None)
    return result


def _has_died(crawl: dict[str, Any] | None, reread: Reread | None) -> bool:
    """Say whether there is something to do for a crawl: all of it, or the reading that an earlier recovery left."""
    return crawl is not None and (reread is not None or not crawl.get("mended"))
