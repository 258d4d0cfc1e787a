"""The manifests of an archive as a reader sees them: by crawl date, since a cursor in order of publication, and summed by day."""

from __future__ import annotations

import heapq
import json
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from archive.article import parse_time
from archive.files import Unreadable
from archive.manifests.chain import read_heads
from archive.manifests.manifest import (
    Item,
    Manifest,
    current_objects,
    dates_in,
    manifest_key,
    manifests_in,
    outlet_in,
    outlets_in,
)
from archive.store.protocol import ReadError, StoreError, fetched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

    from archive.reader.redactions import ReadFilters
    from archive.store import Store

# --- Tailing an archive: what was published since, each segment once, in the order of publication --------------------
#     cursor = Cursor()                                    from the beginning; Cursor.from_json(…) goes on
#     for manifest in archive.manifests(after=cursor):     oldest first, predecessors before successors
#         …                                                do the work, and in the same transaction:
#         cursor.advance(manifest)                         save cursor.to_json()
#
# A cursor names the last manifests of each outlet's chain that were worked through, as a branch names commits. What is new is
# what the chain's heads reach and the cursor does not: a segment recovered late, with an old date in its name, is not missed, and
# none comes twice.


@dataclass(slots=True)
class Cursor:
    """How far a follower has come: outlet → keys of the last manifests that it has worked through."""

    heads: dict[str, set[str]] = field(default_factory=dict)

    def advance(self, manifest: Manifest) -> None:
        """Take a manifest as worked through."""
        heads = self.heads.setdefault(manifest.outlet, set())
        heads.difference_update(link.key for link in manifest.previous)
        heads.add(manifest.key)

    def to_json(self) -> str:
        """Return the cursor as text, to be kept."""
        return json.dumps({outlet: sorted(heads) for outlet, heads in sorted(self.heads.items())})

    @classmethod
    def from_json(cls, text: str) -> Cursor:
        """Read what `to_json` wrote; raises ``ValueError`` where it is something else."""
        try:
            data = json.loads(text)
        except ValueError:
            data = None
        if not isinstance(data, dict) or not all(isinstance(heads, list) for heads in data.values()):
            raise ValueError("this is no cursor; one looks like {outlet: [keys of manifests]}")
        return cls({outlet: set(heads) for outlet, heads in data.items()})


def news(read: Callable[[str], Manifest], heads: Iterable[str], had: Iterable[str]) -> list[str]:
    """Return the keys of the manifests that ``heads`` reach and ``had`` do not, predecessors first.

    Args:
        read: gives the manifest of a key.
        heads: keys at the head of the chain.
        had: keys that were worked through, and with them all that they reach.
    """
    is_had = dict.fromkeys(heads, False) | dict.fromkeys(had, True)
    waiting = [_entry(read(key)) for key in is_had]
    heapq.heapify(waiting)
    fresh, pending = [], sum(not known for known in is_had.values())
    while pending:  # newest first, so that who is reached from both sides is known before it is taken
        _, key = heapq.heappop(waiting)
        if not is_had[key]:
            fresh.append(key)
            pending -= 1
        for link in read(key).previous:
            if link.key not in is_had:
                heapq.heappush(waiting, _entry(read(link.key)))
                pending += not is_had[key]
                is_had[link.key] = is_had[key]
            elif is_had[key] and not is_had[link.key]:
                pending -= link.key not in fresh
                is_had[link.key] = True
    return [key for key in reversed(fresh) if not is_had[key]]


def _entry(manifest: Manifest) -> tuple[float, str]:
    return -parse_time(manifest.created).timestamp(), manifest.key


# --- What an archive holds, by outlet and crawl date, read from its manifests alone ----------------------------------


@dataclass(frozen=True, slots=True)
class Day:
    """What was published of one outlet on one crawl date."""

    outlet: str
    date: str
    segments: int
    articles: int
    captures: int
    bytes: int


def days_of(manifests: Iterable[Manifest]) -> list[Day]:
    """Return the sums of the manifests, by crawl date and outlet."""
    sums: dict[tuple[str, str], list[int]] = {}
    for manifest in manifests:
        row = sums.setdefault((manifest.date, manifest.outlet), [0, 0, 0, 0])
        items = manifest.by_kind
        row[0] += 1
        row[1] += _count(items, "articles", "article")
        if "cdxj" in items:  # a WARC of a crawl's papers has captures of none
            row[2] += _count(items, "warc", "response") + _count(items, "warc", "revisit")
        row[3] += sum(item.bytes for item in manifest.objects)
    return [Day(name, date, *row) for (date, name), row in sorted(sums.items())]


def _count(items: Mapping[str, Item], kind: str, record: str) -> int:
    return items[kind].records.get(record, 0) if kind in items else 0


# ---------------------------------------------------------------------------------------------------------------------
# Crawls of one outlet that were at work at the same time: their lines have to be put into the order of the captures.
# crawl A  ├──────────┤                 one lease was taken over, or a clock differed: A and B are read as one
# crawl B        ├────────┤
# crawl C                     ├────┤    is read after them, as it stands
#
# Segments follow one another by name, that is by when they were opened; within one crawl, and from one crawl to the next, that is the order
# in which their lines were captured.


def overlapping(manifests: Iterable[Manifest]) -> dict[str, str]:
    """Return the keys of those whose crawls overlapped, each with a name that all of one group share.

    Args:
        manifests: as they were published; the dates of their WARCs say when a crawl was at work.
    """
    every = list(manifests)
    spans: dict[tuple[str, str], tuple[str, str]] = {}
    for one in every:
        warc = one.by_kind.get("warc")
        if not one.replaces and warc is not None and warc.first is not None and warc.last is not None:
            crawl = one.outlet, one.crawl
            first, last = spans.get(crawl, (warc.first, warc.last))
            spans[crawl] = min(first, warc.first), max(last, warc.last)
    groups: dict[tuple[str, str], str] = {}
    end, before = "", ("", "")
    for crawl, (first, last) in sorted(spans.items(), key=lambda entry: (entry[0][0], *entry[1])):
        if crawl[0] == before[0] and first < end:
            groups[crawl] = groups.setdefault(before, f"{before[0]} {before[1]}")
            end = max(end, last)
        else:
            end = last
        before = crawl
    named = {one.key: groups[one.outlet, one.crawl] for one in every if (one.outlet, one.crawl) in groups}
    for one in sorted(every, key=lambda one: one.created):
        if one.replaces:  # it stands for segments of a group, or of none, whatever crawl it names
            named.pop(one.key, None)
            for old in one.replaces:
                if old.key in named:
                    named[one.key] = named[old.key]
    return named


# --- The manifests of an archive, as a reader sees them: by crawl date, or in order of publication -------------------
# by crawl date      the folders and keys of manifests/, what a filter leaves out left out, read some ahead
# by publication     pointers/<outlet>.json ─▶ the chain, back to where a cursor stands

_KEPT = 4096  # they never change; about 2 KB each


class Month(NamedTuple):
    """The keys of a month's manifests in their order, the last crawl date that is wanted, and which end to begin at."""

    keys: list[str]
    last: str
    newest_first: bool


def _together(views: list[Manifest], groups: dict[str, str]) -> list[Manifest]:
    """Return manifests in their order, but each group in one piece, where its first one stands."""
    if not groups:
        return views
    place: dict[str, int] = {}
    for number, view in enumerate(views):
        place.setdefault(groups.get(view.key, view.key), number)
    return sorted(views, key=lambda view: place[groups.get(view.key, view.key)])


class Listing:
    """All manifests that are read, of one store behind some filters."""

    def __init__(self, store: Store, filters: ReadFilters) -> None:
        self._store, self._filters = store, filters
        self.groups: dict[str, str] = {}  # of the months read so far, see `archive.manifests.listing`
        self.read = lru_cache(maxsize=_KEPT)(self._read)

    def outlets(self) -> list[str]:
        """Return the outlets of which something is published."""
        return outlets_in(self._store)

    def months(
        self, outlets: Iterable[str], since: date | str | None, until: date | str | None, *, newest_first: bool
    ) -> Iterator[Month]:
        """Yield the keys of the outlets' manifests, month by month, those that may hold something of these crawl dates."""
        first, last = str(since or ""), str(until or "9999")
        days = [
            (date, name)
            for name in outlets
            for date in dates_in(self._store, name)
            if self._filters.first_date(name, first) <= date and date[:7] <= last[:7]
        ]
        for _, month in groupby(sorted(days, reverse=newest_first), key=lambda day: day[0][:7]):
            keys = [key for day in sorted(month) for key in self._keys(*day)]
            yield Month(keys, last, newest_first)

    def manifests(self, months: Iterable[Month]) -> Iterator[Manifest | ReadError]:
        """Yield the manifests of some months with what of them is to be read; a month is looked at as a whole."""
        for month in months:
            pairs = [(key, one) for key, one in fetched(month.keys, self.read)]
            yield from (ReadError(key, None, one) for key, one in pairs if isinstance(one, Exception))
            whole = [one for _, one in pairs if not isinstance(one, Exception)]
            groups = overlapping(whole)
            self.groups |= groups
            fitting = [view for view in current_objects(whole) if view.date <= month.last or view.moved]
            yield from _together(fitting[::-1] if month.newest_first else fitting, groups)

    def whole(self, months: Iterable[Month]) -> Iterator[Manifest]:
        """Yield what `manifests` yields, and raise what a fault is about."""
        for manifest in self.manifests(months):
            if isinstance(manifest, ReadError):
                raise (
                    manifest.error if isinstance(manifest.error, StoreError) else Unreadable(str(manifest))
                ) from manifest.error
            yield manifest

    def manifest(self, segment_id: str) -> Manifest:
        """Return the manifest of a segment; raises `Missing`."""
        return self.read(manifest_key(outlet_in(segment_id), segment_id))

    def cursor(self, outlets: Iterable[str]) -> Cursor:
        """Return where the outlets' chains stand now."""
        return Cursor({name: set(self.heads(name)) for name in outlets})

    def news(self, cursor: Cursor, outlets: Iterable[str]) -> Iterator[Manifest]:
        """Yield what was published since, predecessors first; what only packs anew what was there is left to the caller."""
        for name in outlets:
            yield from map(self.read, news(self.read, self.heads(name), cursor.heads.get(name, ())))

    def _keys(self, date: str, outlet: str) -> list[str]:
        return self._filters.keys(outlet, list(manifests_in(self._store, outlet, f"{date}/")))

    def heads(self, outlet: str) -> list[str]:
        """Return the keys of the manifests at which an outlet's chain begins now."""
        return [link.key for link in read_heads(self._store, outlet)[0]]

    def _read(self, key: str) -> Manifest:
        return Manifest.from_bytes(self._store.read(key))
