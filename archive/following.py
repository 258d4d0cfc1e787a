"""Following an archive: its new articles as they are published.

manifest ─▶ its lines ─▶ as what was told of their stories has it ─▶ Article
                          └─ read once; with each look, what came since: a follower's work goes by what is new
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from archive.reader.scan import chosen, lines, or_raise, told_in
from archive.settled import Told
from archive.store import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from archive.article import Article
    from archive.listing import Listing
    from archive.manifests.listing import Cursor
    from archive.manifests.manifest import Manifest
    from archive.reader.archive import Archive
    from archive.reader.query import Choice, Selection
    from archive.store import Store


class Updates:
    """What the story lines of an archive say, kept for who reads segment after segment.

    Args:
        store: the archive.
        listing: its manifests.
    """

    def __init__(self, store: Store, listing: Listing) -> None:
        self._store, self._listing = store, listing
        self._kept: dict[datetime | None, tuple[Told, Cursor]] = {}
        self._level: set[datetime | None] = set()

    def look(self) -> None:
        """Take it that something may have come: who asks next is told what."""
        self._level.clear()

    def told(self, as_of: datetime | None) -> Told:
        """Return what was told until the last look, and of that nothing told after ``as_of``."""
        outlets = self._listing.outlets() if as_of not in self._level else []
        if as_of not in self._kept:
            cursor = self._listing.cursor(
                outlets
            )  # before it is read: what comes meanwhile is read twice, which changes nothing
            self._kept[as_of] = told_in(self._store, self._listing, outlets, as_of), cursor
        told, cursor = self._kept[as_of]
        for manifest in self._listing.news(cursor, outlets):
            if not manifest.moved:  # what a compaction joined was told before
                told.take([manifest])
            cursor.advance(manifest)
        self._level.add(as_of)
        return told


def articles_of(archive: Archive, manifest: Manifest, wanted: Selection) -> Iterator[Article]:
    """Yield the articles of one segment; see `archive.reader.archive.Archive.articles_of`."""
    told = archive.updates.told(wanted.as_of) if wanted.settle else Told(archive.store, ())
    found = lines(archive.store, [manifest], wanted)
    yield from or_raise(chosen(found, wanted, is_newest=None, told=told, lens=archive.lens))


def follow(
    archive: Archive, cursor: Cursor, every: float, wait: Callable[[float], object], choice: Choice
) -> Iterator[Article]:
    """Yield new articles for ever; see `archive.reader.archive.Archive.follow`.

    The cursor moves on when all articles of a segment were taken. A segment is fetched whole before its first article is
    passed on, so that an outage gives none twice.
    """
    while True:
        with suppress(StoreUnavailable):
            for manifest in archive.manifests(after=cursor):
                if archive.lens.is_news(manifest):
                    yield from archive.articles_of(manifest, **choice)
                cursor.advance(manifest)
        wait(every)
