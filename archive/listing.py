"""The manifests of an archive, as a reader sees them: by crawl date, or in order of publication.

by crawl date      the folders and keys of manifests/, what a lens leaves out left out, read some ahead
by publication     pointers/<outlet>.json ─▶ the chain, back to where a cursor stands
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from archive.fault import Fault
from archive.keys import dates_in, manifests_in, outlets_in
from archive.manifests.chain import read_heads
from archive.manifests.listing import Cursor, news
from archive.manifests.manifest import Manifest, manifest_key
from archive.manifests.superseded import standing
from archive.overlap import overlapping
from archive.stem import outlet_in
from archive.store.prefetch import fetched
from archive.store.protocol import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from archive.lens import Lenses
    from archive.store import Store

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
    """All manifests that are read, of one store through some lenses."""

    def __init__(self, store: Store, lens: Lenses) -> None:
        self._store, self._lens = store, lens
        self.groups: dict[str, str] = {}  # of the months read so far, see `archive.overlap`
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
            if self._lens.first_date(name, first) <= date and date[:7] <= last[:7]
        ]
        for _, month in groupby(sorted(days, reverse=newest_first), key=lambda day: day[0][:7]):
            keys = [key for day in sorted(month) for key in self._keys(*day)]
            yield Month(keys, last, newest_first)

    def manifests(self, months: Iterable[Month]) -> Iterator[Manifest | Fault]:
        """Yield the manifests of some months with what of them is to be read; a month is looked at as a whole."""
        for month in months:
            found = [(key, one) for key, one in fetched(month.keys, self.read)]
            yield from (Fault(key, None, one) for key, one in found if isinstance(one, Exception))
            whole = [one for _, one in found if not isinstance(one, Exception)]
            groups = overlapping(whole)
            self.groups |= groups
            fitting = [view for view in standing(whole) if view.date <= month.last or view.moved]
            yield from _together(fitting[::-1] if month.newest_first else fitting, groups)

    def whole(self, months: Iterable[Month]) -> Iterator[Manifest]:
        """Yield what `manifests` yields, and raise what a fault is about."""
        for found in self.manifests(months):
            if isinstance(found, Fault):
                raise found.error if isinstance(found.error, StoreError) else ValueError(str(found)) from found.error
            yield found

    def manifest(self, stem: str) -> Manifest:
        """Return the manifest of a segment; raises `Missing`."""
        return self.read(manifest_key(outlet_in(stem), stem))

    def cursor(self, outlets: Iterable[str]) -> Cursor:
        """Return where the outlets' chains stand now."""
        return Cursor({name: set(self.heads(name)) for name in outlets})

    def news(self, cursor: Cursor, outlets: Iterable[str]) -> Iterator[Manifest]:
        """Yield what was published since, predecessors first; what only packs anew what was there is left to the caller."""
        for name in outlets:
            yield from map(self.read, news(self.read, self.heads(name), cursor.heads.get(name, ())))

    def _keys(self, date: str, outlet: str) -> list[str]:
        return self._lens.keys(outlet, list(manifests_in(self._store, outlet, f"{date}/")))

    def heads(self, outlet: str) -> list[str]:
        """Return the keys of the manifests at which an outlet's chain begins now."""
        return [link.key for link in read_heads(self._store, outlet)[0]]

    def _read(self, key: str) -> Manifest:
        return Manifest.from_bytes(self._store.read(key))
