"""Articles in the order of a moment, over all outlets: the newest of a million without reading the rest.

    manifests, month by month ─▶ segments by the latest moment that may stand in them ─▶ fetched ahead
                                                                                            │ lines
        a segment's latest moment is earlier than the first of the waiting ones   ◀──  waiting lines
                                    ─▶ is it its article's newest version? ─▶ Article

A manifest says between which moments its articles lie: the segments are opened in that order, and as soon as none is left that may
hold an earlier one, the first of what waits is passed on. A later version may stand in a segment that is not opened yet: those of the
same outlet with later captures are asked first, through the index where there is one.
"""

from __future__ import annotations

import heapq
import tempfile
import zlib
from datetime import UTC, date, datetime, timedelta
from typing import IO, TYPE_CHECKING, Annotated, Generic, NamedTuple

import msgspec

from archive.article import Moment, head_of, parse_time
from archive.files import Unreadable
from archive.index.format import LINE, micros
from archive.index.lookup import identity
from archive.manifests.manifest import date_of, manifest_key
from archive.reader.jsonl import Packed, lines_of, read_object, stated_lines
from archive.reader.query import AHEAD, moment_of
from archive.reader.scan import (
    BROKEN,
    Line,
    Record,
    StoryUpdates,
    Table,
    is_there,
    lines,
    newest,
    take_updates,
    unread_updates,
)
from archive.store import Missing, StoreError
from archive.store.protocol import ReadError, fetched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.index.lookup import ArchiveIndex
    from archive.manifests.listing import Listing, Month
    from archive.manifests.manifest import Item, Manifest
    from archive.reader.query import Selection
    from archive.reader.redactions import ReadFilters
    from archive.store import Store

_DAY = 86_400_000_000  # microseconds
_MARGIN = 2 * _DAY  # a segment bears the day on which it was opened, and captures last into the next one
_FAR = 1 << 62
_TOLD_BEFORE = 31 * _DAY  # what is told of a story is told within weeks of its articles
_ROOM = 64 << 20  # bytes of waiting lines that stay in memory
_ASKS = 8  # times that the index is asked instead of opening a segment, until all of them are opened: asking costs about an eighth
_VERSIONS = 12  # bits
_LAST_MARK = (1 << 63) - 1  # of a moment after 2041; what it was captured in says whether anybody can reckon with it


class _Head(msgspec.Struct):
    """What of a line decides where it stands."""

    id: str
    captured: Moment
    version: Annotated[int, msgspec.Meta(ge=0)]
    published: Moment | None = None


_HEAD = msgspec.json.Decoder(_Head)


class _Part(NamedTuple):
    """A segment's articles: no moment in it lies before ``bound`` in the order, none was captured after ``captured``."""

    bound: int
    key: str
    item: Item
    outlet: str
    captured: int


class _Waiting(NamedTuple):
    """A line that was read and whose turn has not come; ``rank`` is its moment in the order, smaller is earlier."""

    rank: int
    tie: int
    id: str
    captured: int
    mark: int
    serial: int
    line: Line | _Spilled


class _Spilled(NamedTuple):
    key: str
    number: int
    at: int
    length: int


def in_order(  # noqa: PLR0913, PLR0917  each is a fact of its own
    store: Store,
    listing: Listing,
    filters: ReadFilters,
    wanted: Selection,
    index: Callable[[], ArchiveIndex | None],
    read: Callable[[bytes], Record],
) -> Iterator[Record | ReadError]:
    """Yield the articles that are wanted, in the order of ``wanted.sort``.

    Args:
        store: where they lie.
        listing: its manifests.
        filters: what hides some of them.
        wanted: what is wanted.
        index: opens the index; None where there is none.
        read: makes an article, or a head, of a line.
    """
    return _Order(store, listing, filters, wanted, index, read).articles()


class _Order(Generic[Record]):
    def __init__(  # noqa: PLR0913, PLR0917  as above
        self,
        store: Store,
        listing: Listing,
        filters: ReadFilters,
        wanted: Selection,
        index: Callable[[], ArchiveIndex | None],
        read: Callable[[bytes], Record],
    ) -> None:
        self._read: Callable[[bytes], Record] = read
        self._store, self._listing, self._filters, self._wanted, self._index = store, listing, filters, wanted, index
        self._sign = -1 if wanted.newest_first else 1
        self._pool = _Pool()
        self._opened: set[str] = set()
        self._unopened: dict[str, list[tuple[int, str, _Part]]] = {}  # outlet ▸ the latest captures first
        self._stories: list[tuple[int, str, Manifest]] = []  # the latest captures first
        self._marks = Table()  # id ▸ its newest version so far, twice; odd: passed on
        self._asked = self._serial = 0
        self._told = StoryUpdates(store, (), wanted.as_of)
        self._is_newest: Callable[[Line], bool] | None = None

    def articles(self) -> Iterator[Record | ReadError]:
        months = list(self._months()) if not self._wanted.newest_first else self._months()
        if self._wanted.settle and (self._wanted.outlets or not self._wanted.newest_first):
            yield from unread_updates(self._told, self._listing, self._listing.outlets())
        if self._wanted.versions == "latest" and not self._wanted.newest_first:
            self._is_newest = newest(lambda: self._lines_of(months), self._wanted, self._filters)
        with self._pool:
            parts = self._by_bound(iter(months))
            for part, body in fetched(parts, self._body, size=_size):
                if isinstance(part, ReadError):
                    yield part
                    continue
                yield from self._due(part.bound)
                yield from self._open(part, body)
            yield from self._due(_FAR)

    # --- Segments, in the order of the earliest moment that may stand in them ----------------------------------------

    def _months(self) -> Iterator[Month]:
        outlets = sorted(self._wanted.outlets) or self._listing.outlets()
        return self._listing.months(outlets, *self._wanted.crawl_dates, newest_first=self._wanted.newest_first)

    def _lines_of(self, months: object) -> Iterator[Line | ReadError]:
        return lines(self._store, self._listing.manifests(months), self._wanted, self._listing.groups)  # type: ignore[arg-type]

    def _by_bound(self, months: Iterator[Month]) -> Iterator[_Part | ReadError]:
        """Yield the segments; in an order that begins with the newest, a month's manifests are read when it may have the next."""
        waiting: list[_Part] = []
        month = next(months, None)
        while month is not None:
            coming = next(months, None)
            for result in self._listing.manifests([month]):
                if isinstance(result, ReadError):
                    yield result
                elif part := self._part_of(result):
                    heapq.heappush(waiting, part)
            until = _FAR if coming is None else self._earliest_of(coming)
            while waiting and waiting[0].bound < until:
                yield heapq.heappop(waiting)
            month = coming
        while waiting:
            yield heapq.heappop(waiting)

    def _earliest_of(self, month: Month) -> int:
        """Return where in the order a month's articles begin at the earliest, before its manifests are read."""
        if self._sign > 0 or not month.keys:
            return -_FAR
        return -(_end_of(max(map(_date_in, month.keys))) + _MARGIN + AHEAD // timedelta(microseconds=1))

    def _part_of(self, manifest: Manifest) -> _Part | None:
        items = manifest.by_kind
        captures = items.get("warc") or items.get("cdxj")
        last = _micros(captures.last if captures else None) or _end_of(manifest.date) + _MARGIN
        if self._wanted.settle and "stories" in items and self._wanted.newest_first and not self._wanted.outlets:
            heapq.heappush(self._stories, (-last, manifest.key, manifest))
        item = self._wanted.item_of(manifest)
        if item is None:
            return None
        first = _micros(captures.first if captures else None)
        part = _Part(self._bound_of(item, first, last), manifest.key, item, manifest.outlet, last)
        heapq.heappush(self._unopened.setdefault(manifest.outlet, []), (-last, part.key, part))
        return part

    def _bound_of(self, item: Item, first: int | None, last: int) -> int:
        """Return the earliest moment in the order that may stand in an object."""
        if self._wanted.sort == "captured":
            return -last if self._sign < 0 else _or(first, -_FAR)
        if self._sign < 0:
            return -_or(_micros(item.last), _FAR)
        return min(
            _or(_micros(item.first), -_FAR), _or(first, -_FAR)
        )  # a date in the future counts as that of the capture

    # --- Lines, waiting for their turn -------------------------------------------------------------------------------

    def _body(self, part: _Part | ReadError) -> Packed:
        return b"" if isinstance(part, ReadError) or part.key in self._opened else read_object(self._store, part.item)

    def _open(self, part: _Part, body: Packed | Exception) -> Iterator[ReadError]:
        if part.key in self._opened:
            return
        self._opened.add(part.key)
        if isinstance(body, Exception):
            yield ReadError(part.item.key, None, body)
            return
        number = 0
        try:
            for number, text in enumerate(lines_of(body, stated=stated_lines(part.item)), 1):
                line = Line(part.item.key, number, text)
                try:
                    self._take(line)
                except BROKEN as error:
                    yield ReadError(line.key, number, error)
        except Unreadable as error:
            yield ReadError(part.item.key, None, error)

    def _take(self, line: Line) -> None:
        wanted = self._wanted
        if not is_there(line.text, wanted, self._filters):
            return
        head = head_of(_HEAD, line.text)
        captured = micros(head.captured)
        mark = 2 * min(max(0, captured << _VERSIONS | min(head.version, (1 << _VERSIONS) - 1)), _LAST_MARK)
        if self._is_newest is not None:
            if not self._is_newest(line):
                return
        elif wanted.versions == "latest":
            name = head.id.encode()
            known = self._marks.number(name)
            if known is None or known < mark:
                self._marks.put(name, mark)
        if not wanted.may_hold(line.text) or not wanted.holds_moment(head.published or head.captured):
            return
        moment = captured if wanted.sort == "captured" else micros(moment_of(head.published, head.captured))
        self._serial += 1
        self._pool.push(
            _Waiting(self._sign * moment, self._sign * captured, head.id, captured, mark, self._serial, line)
        )

    def _due(self, bound: int) -> Iterator[Record | ReadError]:
        """Yield the articles before which nothing can stand any more, now that all segments but those from ``bound`` on are opened."""
        while self._pool.rank < bound:
            waiting, line = self._pool.pop()
            if not self._may_be_newest(waiting):
                continue
            yield from self._hear(waiting.captured)
            try:
                article = self._told.apply(self._read(line.text))
            except BROKEN as error:
                yield ReadError(line.key, line.number, error)
                continue
            if not self._wanted.holds(article):
                continue
            if late := self._late(waiting):
                self._pool.push(waiting._replace(line=line))  # what stands there may come before it
                for part in late:
                    yield from self._open(part, _read(self._store, part))
            else:
                self._pass_on(waiting)
                yield article

    def _may_be_newest(self, waiting: _Waiting) -> bool:
        if self._is_newest is not None or self._wanted.versions == "all":
            return True
        return self._marks.number(waiting.id.encode()) == waiting.mark

    def _pass_on(self, waiting: _Waiting) -> None:
        if self._is_newest is None and self._wanted.versions == "latest":
            self._marks.put(waiting.id.encode(), waiting.mark + 1)  # the same line again is not passed on again

    def _hear(self, captured: int) -> Iterator[ReadError]:
        """Take what was told of stories since, and shortly before, a capture; yield what of it cannot be read."""
        while self._stories and -self._stories[0][0] >= captured - _TOLD_BEFORE:
            yield from take_updates(self._told, heapq.heappop(self._stories)[2])

    # --- Later versions, in segments that are not opened yet ---------------------------------------------------------

    def _late(self, waiting: _Waiting) -> list[_Part]:
        """Return the segments that have to be opened before a line can be said to be its article's newest."""
        if self._is_newest is not None or self._wanted.versions == "all":
            return []
        heap = self._unopened.get(waiting.id.partition(":")[0], [])
        while heap and heap[0][2].key in self._opened:
            heapq.heappop(heap)
        if not heap or -heap[0][0] < waiting.captured:
            return []
        late = [part for last, _, part in heap if -last >= waiting.captured and part.key not in self._opened]
        self._asked += 1
        if self._asked > _ASKS * len(late):
            return late
        try:
            return self._named(late, waiting)
        except (ValueError, LookupError, StoreError):  # an index that is wrong is none
            return late

    def _named(self, late: list[_Part], waiting: _Waiting) -> list[_Part]:
        """Return those of the segments that the index does not know, or of which it says that they have a later version."""
        index = self._index()
        if index is None:
            return late
        entries = [entry for entry in index.find(identity(waiting.id)) if entry.kind == LINE]
        later = {manifest_key(*index.segment(entry)) for entry in entries if entry.moment >= waiting.captured}
        return [part for part in late if part.key in later or not index.knows(part.key)]


class _Pool:
    """Lines that wait, the first in order first; more than there is room for in memory stand in a file."""

    def __init__(self) -> None:
        self._heap: list[_Waiting] = []
        self._file: IO[bytes] | None = None
        self._held = self._spilled = 0

    def __enter__(self) -> None:
        """Nothing is to be opened."""

    def __exit__(self, *_: object) -> None:
        """Forget what waits."""
        if self._file is not None:
            self._file.close()

    @property
    def rank(self) -> int:
        """Return the place of the first line; after all places where none waits."""
        return self._heap[0].rank if self._heap else _FAR

    def push(self, waiting: _Waiting) -> None:
        """Take a line."""
        line = waiting.line
        if isinstance(line, Line):
            if self._held + len(line.text) > _ROOM:
                waiting = waiting._replace(line=self._spill(line))
            else:
                self._held += len(line.text)
        heapq.heappush(self._heap, waiting)

    def pop(self) -> tuple[_Waiting, Line]:
        """Give the first line."""
        waiting = heapq.heappop(self._heap)
        line = waiting.line
        if isinstance(line, Line):
            self._held -= len(line.text)
            return waiting, line
        assert self._file is not None
        self._file.seek(line.at)
        text = zlib.decompress(self._file.read(line.length))
        self._spilled -= 1
        if not self._spilled:
            self._file.truncate(0)
        return waiting, Line(line.key, line.number, text)

    def _spill(self, line: Line) -> _Spilled:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by __exit__
        at = self._file.seek(0, 2)
        length = self._file.write(zlib.compress(line.text, 1))
        self._spilled += 1
        return _Spilled(line.key, line.number, at, length)


def _read(store: Store, part: _Part) -> Packed | Exception:
    try:
        return read_object(store, part.item)
    except (StoreError, Missing, ValueError, OSError) as error:
        return error


def _size(part: _Part | ReadError) -> int:
    return 0 if isinstance(part, ReadError) else part.item.bytes


def _micros(moment: str | None) -> int | None:
    return None if moment is None else micros(parse_time(moment))


def _end_of(day: str) -> int:
    """Return when a day ends; far from now where it is none."""
    try:
        return micros(datetime.combine(date.fromisoformat(day) + timedelta(days=1), datetime.min.time(), UTC))
    except (ValueError, OverflowError):
        return _FAR


def _date_in(key: str) -> str:
    return date_of(key.rpartition("/")[2].removesuffix(".json"))


def _or(value: int | None, other: int) -> int:
    return other if value is None else value
