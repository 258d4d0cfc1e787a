"""Re-extraction: an archive read again with today's extraction, without a request.

record ─▶ page, with what its source said of it ─▶ read ─▶ article                    read_again
outlet ─▶ crawl dates ─▶ slices of WARCs, in as many processes as there are cores ─▶ a new generation of lines     reread
         └─▶ what changed, counted and shown
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import re
from collections import Counter, deque
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, Self, TypedDict

import msgspec
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings

from archive.article import Article, RecordPointer, parse_time
from archive.diff import compare, render
from archive.files import Unreadable
from archive.maintenance.compaction import read_month
from archive.maintenance.generations import (
    Key,
    Line,
    Segment,
    Slice,
    captures_of,
    key_of,
    publish_generation,
    slices,
    to_bytes,
    turn,
)
from archive.manifests.manifest import Manifest, Relocations, current_objects, dates_in
from archive.reader.archive import Archive, original_of
from archive.reader.jsonl import lines_of_object
from archive.store import Missing, Store, open_store
from archive.text import harmless
from archive.warc.capture import Capture, CaptureFault
from crawlers.addresses import Announcement, read_announcement
from crawlers.extraction import ExtractionError, Page
from crawlers.extraction.article import read_and_judge
from crawlers.frontier.any_outlet import spider_of_any
from crawlers.sources import SourceError
from crawlers.sources.base import read_feed
from pipelines.validation import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archive.reader.redactions import ReadFilters
    from crawlers.outlet import OutletSpider

    Options = tuple[tuple[str, Any], ...]
    Reading = tuple[int, list[str], list[str]]

__all__ = ["Changes", "Choice", "reread"]

# --- What a second reading changed, counted and shown ----------------------------------------------------------------

SAMPLES = 3  # of each field
_EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(slots=True)
class Changes:
    """What a second reading changed.

    Attributes:
        pages: captures that were read.
        lines: article lines that were compared.
        changed: how many of them read differently now.
        unread: how many of them whose record gives no such article any more; they stay as they were.
        gained: articles in records that had no line.
        fields: field → Counter of ``gained``, ``lost``, ``different``.
        samples: field → a few of (article id, old value, new value).
        faults: records on which the extraction broke, with the error.
        generations: keys of the manifests that were published.
    """

    pages: int = 0
    lines: int = 0
    changed: int = 0
    unread: int = 0
    gained: int = 0
    fields: dict[str, Counter[str]] = field(default_factory=dict)
    samples: dict[str, list[tuple[str, Any, Any]]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    generations: list[str] = field(default_factory=list)

    def take(self, old: Line, new: Line | None) -> None:
        """Compare a line with its new reading, None where there is none."""
        self.lines += 1
        if new is None:
            self.unread += 1
            return
        names = [name for name in new if old.get(name) != new[name]]
        self.changed += bool(names)
        for name in names:
            before, after = old.get(name), new[name]
            what = "gained" if before in _EMPTY else "lost" if after in _EMPTY else "different"
            self.fields.setdefault(name, Counter())[what] += 1
            samples = self.samples.setdefault(name, [])
            if len(samples) < SAMPLES:
                samples.append((new["id"], before, after))

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        counts = {name: getattr(self, name) for name in ("pages", "lines", "changed", "unread", "gained")}
        samples = {
            name: [{"id": article, "old": old, "new": new} for article, old, new in examples]
            for name, examples in self.samples.items()
        }
        fields = {name: dict(sorted(examples.items())) for name, examples in sorted(self.fields.items())}
        return counts | {"fields": fields, "samples": samples, "faults": self.faults, "generations": self.generations}

    def as_text(self, *, colour: bool = False) -> Iterator[str]:
        """Yield it for people, a line at a time."""
        yield (
            f"{self.pages:,} pages read again, {self.lines:,} articles compared: {self.changed:,} read differently, "
            f"{self.gained:,} gained, {self.unread:,} no longer read (their lines stay)"
        )
        yield from (f"the reading broke on {harmless(fault) if colour else fault}" for fault in self.faults)
        for name, changed in sorted(self.fields.items()):
            counts = ", ".join(f"{what} {count:,}" for what, count in sorted(changed.items()))
            yield f"\n{name}: {counts}"
            for article, old, new in self.samples[name]:
                yield f"  {article}"
                yield from (f"    {line}" for line in _difference(old, new, colour=colour))


def _difference(old: Any, new: Any, *, colour: bool) -> Iterator[str]:
    if isinstance(old, str) and isinstance(new, str):
        shown = list(render(compare(old, new), colour=colour))
        if shown:
            yield from shown
            return
    for mark, value in (("-", old), ("+", new)):
        if value not in _EMPTY:
            text = f"{mark} {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
            yield harmless(text) if colour else text


# --- Reading a capture again: the same record gives the same article, with no request --------------------------------
# capture ─┬─ an article's page ──────▶ Page(body, announcement from its metadata record) ──▶ read ──▶ Article
#          └─ a feed with whole texts ─▶ Page(announcement) for each item                 ──▶ read ──▶ Article, …
#
# What the source said of a page is part of what is read (a section, a tag, a time that the page lacks), so the capture keeps
# it: the field ``announcement`` of its metadata record.

OK = 200


def read_again(capture: Capture) -> Iterator[Article]:
    """Yield the articles that a capture holds, as the crawl read them; none where it is no article's page.

    What later steps add (story, version, crawl) is not set.
    """
    said = capture.metadata.get("announcement")
    spider = spider_of(capture.url, read_announcement(said) if said else None)
    if spider is None or capture.status != OK or capture.truncated:
        return
    try:
        pages = list(pages_of(capture, spider))
    except CaptureFault:  # a body that does not decode, or unpacks without end: the crawl had none of it either
        return
    for page in pages:
        try:
            article = read_and_judge(page, reading=spider.reading, addresses=spider.addresses)
        except (ExtractionError, Invalid):
            continue
        article.warc = capture.pointer
        yield article


def pages_of(capture: Capture, spider: type[OutletSpider]) -> Iterator[Page]:
    """Yield what the crawl was given to read of a capture: the page, or the items of a feed that carries whole texts.

    Raises:
        CaptureFault: the body does not decode.
    """
    if written := capture.metadata.get("announcement"):
        yield page_in(capture, read_announcement(written))
        return
    full_text = any(source.full_text for source in spider.sources)
    for announcement in _items(capture) if full_text else ():
        if announcement.text and spider.addresses.classify(announcement.url):
            headers = _headers(capture)
            yield Page(url=announcement.url, captured=capture.date, headers=headers, announcement=announcement)


def page_in(capture: Capture, announcement: Announcement | None) -> Page:
    """Return a captured page, with what the source said of it. Raises `CaptureFault` where the body does not decode."""
    headers = _headers(capture)
    return Page(
        url=capture.url,
        captured=capture.date,
        body=capture.content(),
        content_type=headers.get("content-type"),
        status=capture.status or OK,
        headers=headers,
        announcement=announcement,
    )


def _headers(capture: Capture) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in capture.headers:
        headers[name.lower()] = f"{headers[name.lower()]},{value}" if name.lower() in headers else value
    if isinstance(reservation := capture.metadata.get("tdmReservation"), str):
        headers["tdm-reservation-of-host"] = reservation
    return headers


def _items(capture: Capture) -> list[Announcement]:
    try:
        return read_feed(capture.content(), capture.url, capture.header("content-type"))
    except SourceError:
        return []


def spider_of(url: str, announcement: Announcement | None = None) -> type[OutletSpider] | None:
    """Return the spider of the outlet on whose hosts ``url`` stands, None where it is nobody's.

    A page that was asked for as one of an outlet that nobody declared stays so, whoever is declared later.
    """
    if announcement is not None and announcement.zone:
        return spider_of_any(announcement.url, announcement.zone)
    return next((spider for spider in _spiders() if spider.addresses.owns(url)), None)


@cache
def _spiders() -> list[type[OutletSpider]]:
    loader = SpiderLoader.from_settings(get_project_settings())
    spiders = [loader.load(name) for name in loader.list()]
    gc.freeze()  # all that reading begins with: looked through now and then, it takes 50 ms each time
    return spiders  # type: ignore[return-value]


# --- Slices of WARCs, read in as many processes as there are cores; their articles come back in order ----------------
#     Slice, Slice, … ─▶ processes: range request ▸ captures ▸ read_again ─▶ (captures read, lines, faults) for each slice
#
# A process is started anew, not forked: it shares no connection with its parent. This process is one of them: it reads while the
# others begin, and whenever the next slice in order is not read yet.

AHEAD = 2  # slices that each other process is given: the one that it reads, and one that waits
HELD = 3  # slices for each process that are read before their turn, or are being read


class ReadingPool:
    """Processes that read; a context manager.

    Args:
        uri: the archive.
        options: for its store.
        jobs: how many processes, this one among them; None for one a core.
    """

    def __init__(self, uri: str, options: Mapping[str, Any], jobs: int | None = None) -> None:
        self._where = uri, tuple(sorted(options.items()))
        self._jobs = jobs or os.cpu_count() or 1
        self._executor: ProcessPoolExecutor | None = None
        if self._jobs > 1:
            context = multiprocessing.get_context("spawn")
            self._executor = ProcessPoolExecutor(self._jobs - 1, mp_context=context)
        self._has_begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)

    def read(self, pieces: Iterable[Slice]) -> Iterator[tuple[Slice, Reading]]:
        """Yield each slice with how many captures it holds, the lines of the articles in them, and the faults, in order."""
        self._begin()
        waiting = iter(pieces)
        work: deque[tuple[Slice, Future[Reading]]] = deque()
        while True:
            if self._executor is not None:
                given = sum(not future.done() for _, future in work)
                more = islice(waiting, max(0, (self._jobs - 1) * AHEAD - given))
                work.extend((piece, self._executor.submit(read_slice, *self._where, piece)) for piece in more)
            if not (work and work[0][1].done()) and len(work) < self._jobs * HELD:
                own = next(waiting, None)
                if own is not None:
                    work.append((own, self._read_here(own)))
                    continue
            if not work:
                return
            piece, future = work.popleft()
            yield piece, future.result()

    def _begin(self) -> None:
        """Let the other processes load what they need, before it is known what is to be read."""
        if self._executor is not None and not self._has_begun:
            self._has_begun = True
            for _ in range(self._jobs - 1):
                self._executor.submit(_spiders)

    def _read_here(self, piece: Slice) -> Future[Reading]:
        future: Future[Reading] = Future()
        try:
            future.set_result(read_slice(*self._where, piece))
        except Exception as error:  # noqa: BLE001  raised when its turn comes, after what was read before it
            future.set_exception(error)
        return future


def read_slice(uri: str, options: Options, piece: Slice) -> Reading:
    """Read the captures of a slice again; return how many there are, the articles' lines, and where the reading broke.

    A page on which the extraction breaks is a fault with its record's id, as it would be one log line of a crawl.
    """
    archive = _archive(uri, options)
    pages, lines, faults = 0, [], []
    for capture in captures_of(archive.store, piece):
        pages += 1
        if capture.kind == "revisit" and not _complete(archive, capture, piece):
            continue
        try:
            lines += [article.to_line() for article in read_again(capture)]
        except Exception as error:  # noqa: BLE001  whatever breaks on one page, the others are read
            faults.append(f"{capture.pointer.record_id} {type(error).__name__}: {error}")
    return pages, lines, faults


def _complete(archive: Archive, capture: Capture, piece: Slice) -> bool:
    """Give a revisit from which a line was read the body of its original."""
    if capture.pointer.record_id not in piece.revisits:
        return False
    try:
        capture.take_body(original_of(archive, capture, piece.outlet))
        capture.truncated = None
    except Missing:  # taken down, or in an archive of its own
        return False
    return True


@lru_cache(maxsize=1)
def _archive(uri: str, options: Options) -> Archive:
    return Archive(open_store(uri, options=dict(options)))


# --- An outlet read again, crawl date by crawl date ------------------------------------------------------------------
# a date's standing lines ─▶ the WARCs they point into ─▶ slices, ─▶ ReadingPool ─▶ by record ─▶ next generation
#                            and the date's other WARCs   those of the next date behind them

_ID = re.compile(rb'"id":"([^"\\]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is read again: crawl dates (``yyyy-mm-dd``) from and to, how many processes, and whether lines are published."""

    since: str
    until: str = "9999"
    jobs: int | None = None
    publish: bool = True


class Reader(Protocol):
    """Who reads slices: `crawlers.reextract.ReadingPool`, or whoever has it done elsewhere."""

    def read(self, pieces: Iterable[Slice]) -> Iterator[tuple[Slice, Reading]]:
        """See `crawlers.reextract.ReadingPool.read`."""


def reread(  # noqa: PLR0913, PLR0917  each is a fact of its own
    uri: str,
    options: Mapping[str, Any],
    outlet: str,
    choice: Choice,
    changes: Changes,
    reader: Reader | None = None,
) -> Iterator[str]:
    """Read an outlet's records again; yield each crawl date that is done, while ``changes`` grows.

    Args:
        uri: the archive.
        options: for its store.
        outlet: whose records.
        choice: which of them, and what becomes of them.
        changes: what is counted.
        reader: who reads; by default processes of this machine.

    Raises:
        LeaseHeld, LeaseLost: somebody else rewrites this outlet, already or by now.
    """
    store = open_store(uri, options=options)
    dates = sorted(day for day in dates_in(store, outlet) if choice.since <= day <= choice.until)
    with ExitStack() as stack:
        pool = reader or stack.enter_context(ReadingPool(uri, options, choice.jobs))
        right = stack.enter_context(turn(store, outlet)) if choice.publish else None
        for day in _Stream(store, outlet, dates).read(pool, changes):
            if right is not None:
                right.renew()
            day.conclude(changes, publish=choice.publish)
            yield day.date


class _Stream:
    """The slices of an outlet's crawl dates as one stream, so that nobody who reads waits where one date ends and the next begins.

    A date is concluded before anything of the next is taken. The dates to which slices belong that are given out hold their lines.
    """

    def __init__(self, store: Store, outlet: str, dates: list[str]) -> None:
        self._store, self._outlet, self._dates, self._known = store, outlet, dates, _Known()
        self._begun: deque[tuple[str, _Day | None]] = deque()
        self._is_last: deque[bool] = deque()  # of each slice that is given out: is it its date's last one

    def read(self, reader: Reader, changes: Changes) -> Iterator[_Day]:
        """Yield the dates in order, each as soon as its last slice is read."""
        for piece, reading in reader.read(self._slices()) if self._dates else ():
            while (day := self._begun[0][1]) is None:
                yield self._first()
            day.take(piece, reading, changes)
            if self._is_last.popleft():
                del day
                yield self._first()
        while self._begun:
            yield self._first()

    def _first(self) -> _Day:
        name, day = self._begun.popleft()
        return day or self._day(name)

    def _day(self, name: str) -> _Day:
        return _Day.of(self._store, self._outlet, name, self._known)

    def _slices(self) -> Iterator[Slice]:
        for name in self._dates:
            day = self._day(name)
            pieces = day.slices()
            piece = next(pieces, None)
            self._begun.append((name, None if piece is None else day))
            while piece is not None:
                following = next(pieces, None)
                self._is_last.append(following is None)
                yield piece
                piece = following


@dataclass(slots=True)
class _Known:
    """The ids of an outlet's articles that have a line; the lines of each manifest are read for them once."""

    ids: set[str] = field(default_factory=set)
    manifests: set[str] = field(default_factory=set)

    def catch_up(self, store: Store, outlet: str) -> None:
        """Add what was published since."""
        for manifest in Archive(store).manifests(outlet):
            if "articles" in manifest.by_kind and manifest.key not in self.manifests:
                self.manifests.add(manifest.key)
                lines = lines_of_object(store, manifest.by_kind["articles"])
                self.ids.update(match[1].decode() for line in lines if (match := _ID.search(line)))


@dataclass(slots=True)
class _Day:
    """What stands of one crawl date, and the WARCs that it points into."""

    store: Store
    outlet: str
    date: str
    segments: list[Segment]
    warcs: list[Manifest]
    bodies: dict[str, str]
    places: Relocations
    heads: list[tuple[Segment, Line]]
    known: _Known
    is_known_current: bool = False
    filters: ReadFilters | None = None
    homes: dict[Key, Segment] = field(default_factory=dict)
    addressed: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store, outlet: str, day: str, known: _Known) -> _Day:
        """Read the lines of a date, and whose records they are."""
        manifests, bodies = read_month(store, outlet, day[:7])
        before = date.fromisoformat(f"{day[:7]}-01") - timedelta(days=1)  # a crawl may begin in the month before
        earlier, _ = read_month(store, outlet, f"{before:%Y-%m}") if day.endswith("-01") else ([], {})
        views = current_objects([*earlier, *manifests])
        segments = [Segment.of(store, view) for view in views if view.date == day and "articles" in view.by_kind]
        places = Relocations.of([*earlier, *manifests])
        heads = [(segment, _head(line)) for segment in segments for line in segment.lines]
        pointed = _files((head for _, head in heads), places)
        warcs = [view for view in views if _warc(view) in pointed or (view.date == day and _warc(view))]
        work = cls(store, outlet, day, segments, warcs, bodies, places, heads, known)
        for segment, old in heads:
            if (key := key_of(old)) is not None:
                work.homes[key] = segment
                work.addressed[key[0], old["canonical_url"]] = old["id"]
        return work

    def slices(self) -> Iterator[Slice]:
        """Yield the slices of the WARCs."""
        wanted = frozenset(record for record, _ in self.homes)
        return (piece for view in self.warcs for piece in slices(self.store, view, wanted))

    def take(self, piece: Slice, reading: Reading, changes: Changes) -> None:
        """Give the lines of a slice their new reading."""
        pages, lines, faults = reading
        changes.pages += pages
        changes.faults += faults
        for body in lines:
            line = json.loads(body)
            key = key_of(line)
            assert key is not None
            if key not in self.homes and (kept := self.addressed.get((key[0], line["canonical_url"]))):
                line["id"], key = kept, (key[0], kept)  # an article keeps the id under which it was published
            if key in self.homes:
                self.homes[key].read[key] = line
            elif not self._is_known(line["id"]) and not self._is_hidden(body):
                self.known.ids.add(line["id"])
                home = self._home(piece.key)
                home.gained.append(line | {"crawl": home.view.crawl})

    def conclude(self, changes: Changes, *, publish: bool) -> None:
        """Compare, and publish what changed."""
        for segment in self.segments:
            lines = []
            for old, new in segment.pairs():
                changes.take(old, new)
                if publish:
                    lines.append(to_bytes(old if new is None else new))
            changes.gained += len(segment.gained)
            if publish:
                lines += map(to_bytes, segment.gained)
                from crawlers.session.provenance import software  # noqa: PLC0415  Scrapy's download handlers: who reads need not load them

                opened = parse_time(segment.view.created)
                made = publish_generation(self.store, segment, lines, self.bodies, software=software(), opened=opened)
                if made is not None:
                    changes.generations.append(made.key)

    def _is_known(self, article: str) -> bool:
        if article not in self.known.ids and not self.is_known_current:
            self.known.ids.update(identity for _, identity in self.homes)
            self.known.catch_up(self.store, self.outlet)
            self.is_known_current = True
        return article in self.known.ids

    def _is_hidden(self, line: str) -> bool:
        if self.filters is None:
            self.filters = Archive(self.store).filters
        return self.filters.hides(Article.from_line(line))

    def _home(self, warc: str) -> Segment:
        """Return the segment whose lines a WARC's articles belong to; a new one where it has none."""
        view = next(view for view in self.warcs if "warc" in view.by_kind and view.by_kind["warc"].key == warc)
        for segment in self.segments:
            own = (head for owner, head in self.heads if owner is segment)
            if segment.view.key == view.key or _warc(view) in _files(own, self.places):
                return segment
        self.segments.append(Segment(view))
        return self.segments[-1]


def _warc(view: Manifest) -> str | None:
    item = view.by_kind.get("warc")
    return None if item is None else item.key.rpartition("/")[2]


class _Head(TypedDict):
    id: str
    canonical_url: str
    warc: dict[str, Any] | None


_read_head = msgspec.json.Decoder(_Head).decode


def _head(line: bytes) -> Line:
    """Return what tells where an article was read, and under which id; the rest of the line is passed over."""
    try:
        return dict(_read_head(line))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Unreadable(f"no article's line: {error}") from None


def _files(heads: Iterable[Line], places: Relocations) -> set[str]:
    """Return the names of the WARCs, as they lie now, that lines point into."""
    pointers = (head["warc"] for head in heads)
    return {places.resolve(RecordPointer(**pointer)).file for pointer in pointers if pointer is not None}
