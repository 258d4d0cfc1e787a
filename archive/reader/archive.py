"""Reading an archive: articles, their versions and the captures behind them, from a folder or a bucket.

    archive = open_archive("s3://bucket/prefix")
    for article in archive.articles(outlet="aljazeera", since="2026-11-01"): …

    manifests ─▶ (outlet, day, dates) ─▶ articles/…jsonl.gz ─▶ lines ─▶ Article        .passing
                        └── what cannot hold a wanted article is not opened
    chain of manifests ─▶ what is new since ─▶ articles as they are published          .cursor
    id, URL ─▶ index ─▶ one line, one record, by range requests                        .index

Only what a manifest lists exists here.
"""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from archive.finding import find_capture, original_of, read_at, whereabouts
from archive.following import Updates, articles_of, follow
from archive.index.lookup import Index
from archive.lens import Lens, Lenses
from archive.listing import Listing
from archive.reader.query import Choice, Selection, end_of
from archive.reader.redactions import TakenDown
from archive.reader.scan import or_raise, stream
from archive.settled import Told, settled
from archive.single import newest_of, versions_of
from archive.store import Missing, default_uri, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from archive.article import Article, RecordPointer
    from archive.fault import Fault
    from archive.manifests.listing import Cursor
    from archive.manifests.manifest import Manifest
    from archive.store import Store
    from archive.warc.capture import Capture


def open_archive(uri: str | None = None, *, options: Mapping[str, Any] | None = None) -> Archive:
    """Open the archive at ``uri``, by default ``$ARCHIVE_URI``.

    Raises:
        StoreRefused: the URI is wrong, or there is no collection to be read; the message is one sentence.
    """
    store = open_store(uri or default_uri(), options=options)
    store.check(write=False)
    return Archive(store)


class Archive:
    """An archive, to be read. All methods stream; none keeps more than one segment's lines in memory.

    Args:
        store: where it lies.
        lenses: what hides or replaces some of what is published, see `archive.lens`.
    """

    def __init__(self, store: Store, lenses: Sequence[Lens] = ()) -> None:
        self.store = store
        self.taken_down = TakenDown(store)
        self.lens = Lenses([self.taken_down, *lenses])
        self.listing = Listing(store, self.lens)
        self.updates = Updates(store, self.listing)

    def outlets(self) -> list[str]:
        """Return the outlets of which something is published."""
        return self.listing.outlets()

    def manifests(
        self,
        outlet: str | None = None,
        *,
        since: date | str | None = None,
        until: date | str | None = None,
        newest_first: bool = False,
        after: Cursor | None = None,
    ) -> Iterator[Manifest]:
        """Yield the manifests by crawl date, outlet after outlet within a day; or, in order of publication, the new ones.

        By crawl date they come with those of their objects that are to be read (`archive.manifests.superseded`): what a compaction joined
        stands at the last day of what it joined, and comes where any of its days may fit. By publication they come as they are.

        Args:
            outlet: only this one.
            since: first crawl date.
            until: last crawl date.
            newest_first: turn the order round.
            after: only what was published after this; say `Cursor.advance` for each that you have worked through.
        """
        names = [outlet] if outlet else self.outlets()
        self.updates.look()
        if after is not None:
            return self.listing.news(after, names)
        months = self.listing.months(names, since, until, newest_first=newest_first)
        return self.listing.whole(months)

    def cursor(self, outlet: str | None = None) -> Cursor:
        """Return where the archive stands now, for `manifests` and `follow`."""
        return self.listing.cursor([outlet] if outlet else self.outlets())

    @overload
    def articles(self, *, tolerant: Literal[False] = False, **choice: Unpack[Choice]) -> Iterator[Article]: ...
    @overload
    def articles(self, *, tolerant: Literal[True], **choice: Unpack[Choice]) -> Iterator[Article | Fault]: ...
    def articles(
        self, *, tolerant: bool = False, **choice: Unpack[Choice]
    ) -> Iterator[Article] | Iterator[Article | Fault]:
        """Yield the articles that fit everything that is asked for.

        Args:
            tolerant: yield a `Fault` for what cannot be read and go on, instead of raising it.
            choice: see `archive.reader.query.Choice`.

        Raises:
            ValueError: the choice is wrong, said at once; or, while it is read, a line is none.
            StoreError: while it is read.
        """
        wanted = Selection.of(choice)
        found = stream(self.store, self.listing, self.lens, wanted)
        return found if tolerant else or_raise(found)

    def articles_of(self, manifest: Manifest, **choice: Unpack[Choice]) -> Iterator[Article]:
        """Yield the articles of one segment in the order of capture, all versions; for followers and exports.

        What was told of their stories since is read once, and with each call of `manifests` what came since that: so a
        loop over many segments reads each object once.
        """
        wanted = Selection.of({**choice, "versions": "all", "newest_first": False})
        return articles_of(self, manifest, wanted)

    def follow(
        self,
        cursor: Cursor | None = None,
        *,
        every: float = 30.0,
        wait: Callable[[float], object] = time.sleep,
        **choice: Unpack[Choice],
    ) -> Iterator[Article]:
        """Yield new articles, all versions, as they are published, for ever; an outage of the store is waited out.

        Args:
            cursor: where to begin, by default now. It is moved on when all articles of a segment were taken.
            every: seconds between two looks.
            wait: waits so many seconds.
            choice: see `archive.reader.query.Choice`.
        """
        return follow(self, self.cursor() if cursor is None else cursor, every, wait, choice)

    def article(self, article_id: str, *, as_of: datetime | str | None = None) -> Article | None:
        """Return an article by its id or its address: its newest version, or that of ``as_of``; None where there is none."""
        return newest_of(self, article_id, end_of(as_of))

    def versions(self, article_id: str) -> list[Article]:
        """Return all versions of an article, by its id or its address, oldest first."""
        return versions_of(self, article_id)

    def story(self, story_id: str) -> list[Article]:
        """Return a story's articles, or those of the one it became part of, the origin first; roles single, origin or copy."""
        found = list(self.articles(story=story_id))
        if not found and (become := Told(self.store, self.manifests()).story_of(story_id)):
            found = list(self.articles(story=become))
        return settled(found)

    def capture(self, what: Article | str, *, at: datetime | str | None = None, outlet: str | None = None) -> Capture:
        """Return the capture that an article was read from, or the newest of an address; a revisit's body is its original's.

        One range request reads the record; its payload is held against its digest.

        Args:
            what: an article, or an address.
            at: of an address: the newest capture that is not later.
            outlet: of an address: look only here.

        Raises:
            CaptureFault: the bytes there are not the record, or not of its digest.
            Missing: there is none, the WARC is gone, or the capture was taken down.
        """
        if isinstance(what, str):
            where, pointer = find_capture(self, what, end_of(at), outlet)
        elif what.warc is None:
            raise Missing(f"the line of {what.id} names no capture")
        else:
            where, pointer = what.outlet, what.warc
        found = self.capture_at(where, pointer)
        if found.kind == "revisit":
            found.take_body(original_of(self, found, where))
        return found

    def capture_at(self, outlet: str, pointer: RecordPointer) -> Capture:
        """Return the capture at a pointer, as it stands in the WARC; raises as `capture` does."""
        return read_at(self, outlet, pointer)

    def whereabouts(self, outlet: str, pointer: RecordPointer) -> RecordPointer:
        """Return where the record of a pointer lies, should a compaction have joined its WARC with others."""
        return whereabouts(self, outlet, pointer)

    @cached_property
    def index(self) -> Index | None:
        """The index as it stood when first asked for, None where there is none; see `archive.index`."""
        return Index.opened(self.store)
