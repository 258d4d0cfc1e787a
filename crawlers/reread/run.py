"""An outlet read again, crawl date by crawl date.

a date's standing lines ─▶ the WARCs they point into ─▶ slices ─▶ ReadingPool ─▶ by record ─▶ next generation
                           and the date's other WARCs, for articles that had no line
"""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from archive.article import Article, RecordPointer, parse_time
from archive.maintenance.compaction import read_month
from archive.maintenance.generations import Segment, key_of, publish_generation, slices
from archive.maintenance.replacement import turn
from archive.manifests.manifest import dates_in
from archive.manifests.superseded import Places, standing
from archive.reader.archive import Archive
from archive.reader.jsonl import lines_of_object
from archive.store import open_store
from crawlers.reread.pool import ReadingPool
from crawlers.session.provenance import software

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archive.maintenance.generations import Key, Slice
    from archive.manifests.manifest import Manifest
    from archive.store import Store
    from crawlers.reread.changes import Changes
    from crawlers.reread.pool import Reading

_ID = re.compile(rb'"id":"([^"\\]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is read again: crawl dates (``yyyy-mm-dd``) from and to, how many processes, and whether lines are published."""

    since: str
    until: str = "9999"
    jobs: int | None = None
    publish: bool = True


class Reader(Protocol):
    """Who reads slices: `crawlers.reread.pool.ReadingPool`, or whoever has it done elsewhere."""

    def read(self, pieces: Iterable[Slice]) -> Iterator[tuple[Slice, Reading]]:
        """See `crawlers.reread.pool.ReadingPool.read`."""


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
        LeaseHeld: somebody else rewrites this outlet.
    """
    store = open_store(uri, options=options)
    dates = [day for day in dates_in(store, outlet) if choice.since <= day <= choice.until]
    with ExitStack() as stack:
        pool = reader or stack.enter_context(ReadingPool(uri, options, choice.jobs))
        if choice.publish:
            stack.enter_context(turn(store, outlet))
        for day in sorted(dates):
            found = _Day.of(store, outlet, day)
            found.read(pool, changes)
            found.conclude(changes, publish=choice.publish)
            yield day


@dataclass(slots=True)
class _Day:
    """What stands of one crawl date, and the WARCs that it points into."""

    store: Store
    outlet: str
    segments: list[Segment]
    warcs: list[Manifest]
    bodies: dict[str, str]
    places: Places
    known: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, store: Store, outlet: str, day: str) -> _Day:
        found, bodies = read_month(store, outlet, day[:7])
        before = date.fromisoformat(f"{day[:7]}-01") - timedelta(days=1)  # a crawl may begin in the month before
        earlier, _ = read_month(store, outlet, f"{before:%Y-%m}") if day.endswith("-01") else ([], {})
        views = standing([*earlier, *found])
        segments = [Segment.of(store, view) for view in views if view.date == day and "articles" in view.by_kind]
        places = Places.of([*earlier, *found])
        pointed = {file for segment in segments for file in _files(segment, places)}
        warcs = [view for view in views if _warc(view) in pointed or (view.date == day and _warc(view))]
        return cls(store, outlet, segments, warcs, bodies, places)

    def read(self, pool: Reader, changes: Changes) -> None:
        """Read the WARCs and give each line its new reading."""
        homes: dict[Key, Segment] = {}
        for segment in self.segments:
            for line in segment.lines:
                if (key := key_of(json.loads(line))) is not None:
                    homes[key] = segment
        wanted = frozenset(record for record, _ in homes)
        pieces = (piece for view in self.warcs for piece in slices(self.store, view, wanted))
        for piece, (pages, lines, faults) in pool.read(pieces):
            changes.pages += pages
            changes.faults += faults
            for body in lines:
                line = json.loads(body)
                key = key_of(line)
                assert key is not None
                if key in homes:
                    homes[key].read[key] = line
                elif not self._is_known(line["id"], homes) and not Archive(self.store).lens.hides(
                    Article.from_line(body)
                ):
                    self.known.add(line["id"])
                    home = self._home(piece.key)
                    home.gained.append(line | {"crawl": home.view.crawl})

    def conclude(self, changes: Changes, *, publish: bool) -> None:
        """Compare, and publish what changed."""
        for segment in self.segments:
            for old, new in segment.pairs():
                changes.take(old, new)
            changes.gained += len(segment.gained)
            if publish:
                opened = parse_time(segment.view.created)
                made = publish_generation(self.store, segment, self.bodies, software=software(), opened=opened)
                if made is not None:
                    changes.generations.append(made.key)

    def _is_known(self, article: str, homes: Mapping[Key, Segment]) -> bool:
        if not self.known:
            self.known = {identity for _, identity in homes} | set(_ids(self.store, self.outlet))
        return article in self.known

    def _home(self, warc: str) -> Segment:
        """Return the segment whose lines a WARC's articles belong to; a new one where it has none."""
        view = next(view for view in self.warcs if "warc" in view.by_kind and view.by_kind["warc"].key == warc)
        for segment in self.segments:
            if segment.view.key == view.key or _warc(view) in _files(segment, self.places):
                return segment
        self.segments.append(Segment(view))
        return self.segments[-1]


def _warc(view: Manifest) -> str | None:
    item = view.by_kind.get("warc")
    return None if item is None else item.key.rpartition("/")[2]


def _files(segment: Segment, places: Places) -> set[str]:
    """Return the names of the WARCs, as they lie now, that a segment's lines point into."""
    found = (json.loads(line)["warc"] for line in segment.lines)
    return {places.resolve(RecordPointer(**said)).file for said in found if said is not None}


def _ids(store: Store, outlet: str) -> Iterator[str]:
    """Yield the ids of all articles of which the outlet has a line."""
    for manifest in Archive(store).manifests(outlet):
        if "articles" in manifest.by_kind:
            lines = lines_of_object(store, manifest.by_kind["articles"])
            yield from (match[1].decode() for line in lines if (match := _ID.search(line)))
