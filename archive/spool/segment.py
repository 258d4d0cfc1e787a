"""Writing: exchanges and articles become a segment in the spool, which rolls by size, by age and at the end.

    write_exchange ─▶ <segment_id>.warc.gz   ┐
    write_article  ─▶ articles.jsonl   ├─ flushed to the kernel each: a killed process loses none of it
    hold_article   ─▶ written when it is let go, at the latest before the segment behind that of its record is closed
    write_story    ─▶ stories.jsonl    │
    write_event    ─▶ events.jsonl     ┘
    write_resource_records ─▶ a segment of its own
    roll           ─▶ closed/<segment_id>    verified, indexed and synced by `archive.spool.sealing`, in another thread if one likes

Nothing here waits for a disk to sync or for a network. Each method is called from one thread, the crawl's.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

import msgspec

from archive.files import full
from archive.manifests.manifest import make_segment_id
from archive.spool.spool import Facts, Noted, Segment, Spool
from archive.warc import WarcFile
from archive.warc.cdxj import entry_of_written
from archive.warc.reading import LONGEST_BLOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from io import FileIO
    from pathlib import Path

    from archive.article import Article, RecordPointer
    from archive.spool.spool import Lock
    from archive.warc.message import Exchange, Original
    from archive.warc.writer import ResourceRecord, Written


class _Notes:
    """What is written into a WARC, noted while it is, so that sealing need not unpack and hash it again: see `Noted`.

    Notes that cannot be made end: the records are read again then.
    """

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._lines: IO[bytes] | None = segment.captures.open("wb")
        self._sha256 = hashlib.sha256()
        self._dates: list[str] = []  # the first and the last

    def take(self, written: Written, exchange: Exchange) -> None:
        """Note an exchange that was written."""
        record = written.first
        if self._lines is None or not record.head:
            return
        try:
            if record.size > LONGEST_BLOCK:
                raise ValueError("no reader takes it")  # noqa: TRY301  as of an address that is none
            entry = entry_of_written(record, written.pointer, exchange.payload)
            line = entry.to_line().encode() + b"\n"
            self._lines.write(line)
        except (ValueError, OSError):
            self.drop()
            return
        self._sha256.update(line)
        dates = [*self._dates, entry.values["date"]]
        self._dates = [min(dates), max(dates)]

    def close(self, warc: WarcFile) -> None:
        """Write down what the WARC is, now that it is closed."""
        if self._lines is None or (sha256 := warc.sha256) is None:
            self.drop()
            return
        first, last = self._dates or (None, None)
        noted = Noted(sha256, self._sha256.hexdigest(), dict(warc.records), first, last)
        try:
            self._lines.close()
            self._segment.noted.write_bytes(msgspec.json.encode(noted))
        except OSError:
            self.drop()

    def drop(self) -> None:
        """Make no notes."""
        with suppress(OSError):
            if self._lines is not None:
                self._lines.close()
        self._lines = None
        with suppress(OSError):
            self._segment.captures.unlink(missing_ok=True)


@dataclass(slots=True)
class _Open:
    segment: Segment
    opened: datetime
    warc: WarcFile
    lines: dict[str, FileIO]
    notes: _Notes


class SegmentWriter:
    """Writes one crawl of one outlet into the spool.

    Args:
        spool: the spool's folder.
        collection: first part of every file name.
        outlet: the outlet that is crawled.
        crawl: id of the crawl.
        warcinfo: fields for the warcinfo record of every WARC.
        max_bytes: a WARC of this size is closed and the next one begun.
        max_age_seconds: so is one that is this old.
        token: of the crawl's lease.
        level: how hard records are packed (zlib-ng's levels, or `archive.warc.payload.SWIFT`); as usual where it is None.
        lock: the outlet's spool, where the caller has taken it; released when this is closed.
        clock: gives the time, aware UTC.

    Raises:
        SpoolBusy: another process writes this outlet's spool.
    """

    def __init__(  # noqa: PLR0913  each is a fact of its own
        self,
        spool: Path,
        *,
        collection: str,
        outlet: str,
        crawl: str,
        warcinfo: Mapping[str, str],
        max_bytes: int = 1_000_000_000,
        max_age_seconds: float = 3600,
        token: int = 0,
        level: int | None = None,
        lock: Lock | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._spool = Spool(spool)
        self._collection, self._outlet, self._crawl = collection, outlet, crawl
        self._warcinfo = dict(warcinfo)
        self._max_bytes, self._max_age = max_bytes, max_age_seconds
        self._clock = clock
        self._segment_ids: list[str] = []
        self._open: _Open | None = None
        self._held: dict[str, Article] = {}
        self._waited = set[str]()  # held since a segment before
        self._token, self._level = token, level
        self._lock = self._spool.lock(outlet) if lock is None else lock

    def write_exchange(self, exchange: Exchange, original: Original | None = None) -> RecordPointer:
        """Write an exchange's records and return where they lie.

        Args:
            exchange: what went over the wire.
            original: the published capture with the same payload, so that a revisit record is enough.

        Raises:
            SpoolFull: the disk is full; nothing of the exchange was written.
        """
        current = self._current()
        size = current.warc.size
        try:
            written = current.warc.write(exchange, original)
            current.warc.flush()
        except OSError as error:
            current.warc.cut(size)
            raise full(error) from error
        current.notes.take(written, exchange)
        return written.pointer

    def write_article(self, article: Article) -> None:
        """Append an article's line. Its record may lie in an earlier segment of this crawl."""
        self._append("articles", article.to_line())

    def hold_article(self, article: Article) -> None:
        """Write an article's line later: by `let_go`, and before the next segment is closed at the latest.

        Its record stands in the last two segments then, which are read again where the crawl dies (`archive.spool.recovery`).
        """
        self._held[article.id] = article
        self._waited.discard(article.id)

    def let_go(self, article: Article) -> None:
        """Write the line of an article that is held, as the article is now; one that is not has its line already."""
        self.roll_if_due()  # which may write it
        if self._held.get(article.id) is article:
            self.write_article(article)
            del self._held[article.id]

    def write_story(self, line: str) -> None:
        """Append what a later article taught about earlier ones: one JSON line."""
        self._append("stories", line)

    def write_event(self, line: str) -> None:
        """Append what became of a page or of some days (`archive.reader.jsonl`): a line, or some that newlines part."""
        self._append("events", line)

    def write_resource_records(
        self,
        resources: Iterable[ResourceRecord],
        original_of: Callable[[ResourceRecord], Original | None] = lambda _: None,
    ) -> None:
        """Write a crawl's resources into a segment of their own, of the collection ``<collection>-meta``; none makes none.

        Args:
            resources: the resources.
            original_of: gives the published resource with the same content, so that a revisit record is enough.

        Raises:
            SpoolFull: the disk is full.
        """
        self.roll()
        for resource in resources:
            current = self._open = self._open or self._begin(f"{self._collection}-meta")
            try:
                current.warc.write_resource(
                    resource.uri, resource.content, resource.content_type, original_of(resource)
                )
            except OSError as error:
                raise full(error) from error
        self.roll()

    def roll(self) -> None:
        """Close the segment with every line that is held, so that it can be published. Does nothing where nothing was written."""
        self._write_held(list(self._held))
        self._close_segment()

    def _write_held(self, articles: Iterable[str]) -> None:
        held = [self._held[article] for article in articles if article in self._held]
        if held:
            self._open = self._open or self._begin(self._collection)
            self._append_to(self._open, "articles", *(article.to_line() for article in held))
        for article in held:
            del self._held[article.id]

    def _close_segment(self) -> None:
        if self._open is None:
            return
        current, self._open = self._open, None
        current.warc.close()
        for stream in current.lines.values():
            stream.close()
        current.notes.close(current.warc)
        current.segment.move("closed")

    def roll_if_due(self) -> None:
        """Close the segment where it is old or large enough; a timer calls it, so that a quiet crawl publishes too.

        A line that has been held since this segment began, or later, goes on to the next one.
        """
        if self._open is not None and self._is_due(self._open):
            self._write_held([article for article in self._held if article in self._waited])
            self._waited = set(self._held)
            self._close_segment()

    def close(self) -> None:
        """Close the last segment and note that the crawl ended as it should."""
        self.roll()
        self._spool.note_crawl(self._outlet, None)
        self._lock.release()

    def _current(self) -> _Open:
        self.roll_if_due()
        if self._open is None:
            self._open = self._begin(self._collection)
        return self._open

    def _is_due(self, current: _Open) -> bool:
        age = (self._clock() - current.opened).total_seconds()
        return current.warc.size >= self._max_bytes or age >= self._max_age

    def _begin(self, collection: str) -> _Open:
        opened = self._clock()
        segment_id = make_segment_id(collection, self._outlet, opened, len(self._segment_ids))
        facts = Facts(
            collection=collection,
            outlet=self._outlet,
            crawl=self._crawl,
            segment_id=segment_id,
            opened=opened.isoformat(),
            warcinfo=self._warcinfo,
            token=self._token,
        )
        try:
            begun = self._begin_files(facts, opened)
        except OSError as error:
            self._spool.discard(facts)
            raise full(error) from error
        self._segment_ids.append(segment_id)
        return begun

    def _begin_files(self, facts: Facts, opened: datetime) -> _Open:
        segment = self._spool.create(facts)
        self._spool.note_crawl(self._outlet, {"crawl": self._crawl, "stems": [*self._segment_ids, facts.segment_id]})
        files = {"articles": segment.articles, "stories": segment.stories, "events": segment.events}
        lines = {kind: path.open("ab", buffering=0) for kind, path in files.items()}
        warc = WarcFile(segment.warc, filename=segment.warc.name, warcinfo=self._warcinfo, level=self._level)
        return _Open(segment, opened, warc, lines, _Notes(segment))

    def _append(self, kind: str, line: str) -> None:
        self._append_to(self._current(), kind, line)

    @staticmethod
    def _append_to(current: _Open, kind: str, *lines: str) -> None:
        stream = current.lines[kind]
        size = stream.seek(0, os.SEEK_END)
        body = memoryview("".join(f"{line}\n" for line in lines).encode())
        try:
            while body:
                body = body[stream.write(body) :]
        except OSError as error:
            stream.truncate(size)
            raise full(error) from error
