"""Reading an archive: articles, their versions and the captures behind them, from a folder or a bucket.

Archive ─┬─ articles, stories, manifests      scans, by outlet and date                 archive.reader.scan
         ├─ article, versions, captures       lookups, by the index or the lines
         └─ follow                            new articles as they are published
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload
from urllib.parse import urljoin

from archive.article import Article, Head, Image, RecordPointer, parse_time
from archive.index.format import LINE, IndexEntry, as_moment, micros
from archive.index.lookup import ArchiveIndex, address, identity
from archive.manifests.listing import Cursor, Listing
from archive.manifests.manifest import SUFFIXES, Item, Manifest, Relocations, current_objects, date_of, object_key
from archive.reader import jsonl
from archive.reader.jsonl import read_span, unpack
from archive.reader.order import in_order
from archive.reader.query import Choice, Selection, end_of
from archive.reader.redactions import ReadFilter, ReadFilters, TakenDown
from archive.reader.scan import (
    Line,
    Record,
    StoryUpdates,
    Updates,
    apply_updates,
    chosen,
    lines,
    or_raise,
    stream,
    test_of,
)
from archive.store import Missing, Store, StoreUnavailable, default_options, default_uri, open_store
from archive.store.protocol import ReadError
from archive.warc.capture import Capture, read_capture
from archive.warc.cdxj import key_of, read_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

# --- Finding a capture in the indexes (CDXJ) of the segments: by its record id, or by its address --------------------
# A segment bears the date on which it was opened, so a capture is looked for there first: in the segments of its day and of the
# day before. Where a segment was open for longer, the dates that its manifest gives for its captures say so.

SearchResult = tuple[str, RecordPointer]
"""The outlet, and where the record lies."""


def read_at(archive: Archive, outlet: str, pointer: RecordPointer) -> Capture:
    """Read the capture at a pointer, its payload held against its digest; see `archive.reader.archive.Archive.capture`."""
    try:
        capture = _read(archive, outlet, pointer)
    except Missing:
        moved = whereabouts(archive, outlet, pointer)
        if moved == pointer:
            raise
        capture = _read(archive, outlet, moved)
    if archive.filters.hides_capture(outlet, capture):
        raise Missing(f"the capture {capture.pointer.record_id} was taken down")
    capture.check()
    return capture


def _read(archive: Archive, outlet: str, pointer: RecordPointer) -> Capture:
    place = archive.filters.place(outlet, pointer)
    return jsonl.read_span(archive.store, *place, lambda body: read_capture(body, pointer))


def whereabouts(archive: Archive, outlet: str, pointer: RecordPointer) -> RecordPointer:
    """Return where the record of a pointer lies, should a compaction have joined its WARC with others."""
    month = date_of(pointer.file.removesuffix(SUFFIXES["warc"]))[:7]
    return Relocations.of(archive.manifests(outlet, since=f"{month}-01", until=f"{month}-31")).resolve(pointer)


def find_record(archive: Archive, record_id: str, date: str, *, first: str | None = None) -> SearchResult:
    """Find a capture by its record id.

    Args:
        archive: the archive.
        record_id: with or without its ``<>``.
        date: its WARC-Date.
        first: the outlet where it is looked for first.

    Raises:
        Missing: no published index names it.
    """
    mark = record_id.strip("<>").encode()
    for manifest in _holding(archive, parse_time(date), first):
        for entry in _entries(archive, manifest, mark):
            if entry["record_id"].strip("<>") == record_id.strip("<>"):
                return manifest.outlet, _pointer(entry)
    raise Missing(f"the archive does not hold {record_id} of {date}")


def find_capture(archive: Archive, url: str, at: datetime | None, outlet: str | None) -> SearchResult:
    """Find the newest capture of an address, or the newest one not after ``at``.

    Raises:
        Missing: it was never captured, or not by then.
    """
    if archive.index is not None:
        with suppress(Missing, ValueError, LookupError):  # an index that is wrong, or does not know it, is none
            return _indexed_capture(archive, archive.index, url, at)
    key, newest, match = f"{key_of(url)} ".encode(), "", None
    for manifest in archive.manifests(
        outlet, newest_first=True
    ):  # later days too: an import's captures are older than their segment
        item = manifest.by_kind.get("cdxj")
        if item is None or (item.last is not None and match and parse_time(item.last) < parse_time(newest)):
            continue
        if at is not None and item.first is not None and parse_time(item.first) > at:
            continue
        for entry in _entries(archive, manifest, key):
            if entry["date"] > newest and (at is None or parse_time(entry["date"]) <= at):
                newest, match = entry["date"], (manifest.outlet, _pointer(entry))
    if match is None:
        raise Missing(f"the archive holds no capture of {url}" + (f" from before {at:%Y-%m-%d %H:%M}" if at else ""))
    return match


def original_of(archive: Archive, revisit: Capture, outlet: str) -> Capture:
    """Return the response that a revisit refers to.

    Args:
        archive: the archive.
        revisit: a capture of kind ``revisit``.
        outlet: where it was captured; the original is looked for there first.

    Raises:
        Missing: the archive does not hold it.
    """
    if revisit.refers_to is None or revisit.refers_to_date is None:
        raise Missing(f"the revisit {revisit.pointer.record_id} does not say what it refers to")
    if archive.index is not None and revisit.refers_to_uri:
        with suppress(Missing, ValueError, LookupError):  # an index that is wrong is none
            return _indexed_original(archive, archive.index, revisit)
    return archive.capture_at(*find_record(archive, revisit.refers_to, revisit.refers_to_date, first=outlet))


def _indexed_original(archive: Archive, index: ArchiveIndex, revisit: Capture) -> Capture:
    date = micros(parse_time(revisit.refers_to_date or ""))
    for entry in index.find(address(revisit.refers_to_uri or "", capture=True)):
        if entry.moment == date:
            capture = archive.capture_at(*_place(index, entry))
            if capture.pointer.record_id == revisit.refers_to:
                return capture
    raise Missing(f"the index does not know {revisit.refers_to}")


def _indexed_capture(archive: Archive, index: ArchiveIndex, url: str, at: datetime | None) -> SearchResult:
    """Find what `find_capture` finds; raises ``ValueError`` where the index knows of no such capture."""
    last = None if at is None else micros(at)
    entries = [entry for entry in index.find(address(url, capture=True)) if last is None or entry.moment <= last]
    outlet = index.segment(max(entries, key=lambda entry: entry.moment))[0]
    unknown = index.unknown(archive.listing.heads(outlet), archive.listing.read)
    newest = max((e for e in entries if index.is_current(e, unknown)), key=lambda entry: entry.moment)
    key = f"{key_of(url)} ".encode()
    fresh = [
        (line["date"], (outlet, _pointer(line)))
        for manifest in current_objects(unknown)
        for line in _entries(archive, manifest, key)
        if at is None or parse_time(line["date"]) <= at
    ]
    return max(fresh)[1] if fresh else _place(index, newest)


def _place(index: ArchiveIndex, entry: IndexEntry) -> SearchResult:
    outlet, segment_id = index.segment(entry)
    file = segment_id + SUFFIXES["warc"]
    pointer = RecordPointer(file=file, offset=entry.offset, length=entry.length, record_id="", payload_digest=None)
    return outlet, pointer


def _holding(archive: Archive, date: datetime, first: str | None) -> Iterator[Manifest]:
    """Yield the manifests whose segments may hold a capture of this time, the likeliest first."""
    day, seen = date.date(), set()
    outlets = sorted(archive.outlets(), key=lambda name: name != first)
    for outlet in outlets:
        for manifest in archive.manifests(outlet, since=day - timedelta(days=1), until=day, newest_first=True):
            seen.add(manifest.key)
            yield manifest
    for outlet in outlets:  # a segment that was open for long, or one of an import, which is of a later day
        others = archive.manifests(outlet, newest_first=True)
        yield from (manifest for manifest in others if manifest.key not in seen and _spans(manifest, date))


def _spans(manifest: Manifest, date: datetime) -> bool:
    item: Item | None = manifest.by_kind.get("cdxj")
    if item is None or item.first is None or item.last is None:
        return item is not None
    return parse_time(item.first) <= date <= parse_time(item.last)


def _entries(archive: Archive, manifest: Manifest, mark: bytes) -> Iterable[dict[str, Any]]:
    """Yield what the lines of a segment's index say that have ``mark`` in them."""
    item = manifest.by_kind.get("cdxj")
    if item is None:
        return
    for line in jsonl.lines_of_object(archive.store, item):
        if mark in line:
            key, _, _ = line.partition(b" ")
            if not mark.endswith(b" ") or key == mark[:-1]:
                yield read_entry(line)


def _pointer(entry: dict[str, Any]) -> RecordPointer:
    return RecordPointer(
        file=entry["filename"],
        offset=int(entry["offset"]),
        length=int(entry["length"]),
        record_id=entry["record_id"],
        payload_digest=entry.get("digest"),
    )


# --- Following an archive: its new articles as they are published ----------------------------------------------------
# manifest ─▶ its lines ─▶ as what was told of their stories has it ─▶ Article
#                           └─ read once; with each look, what came since: a follower's work goes by what is new


def articles_of(archive: Archive, manifest: Manifest, wanted: Selection) -> Iterator[Article]:
    """Yield the articles of one segment; see `archive.reader.archive.Archive.articles_of`."""
    told = archive.updates.told(wanted.as_of) if wanted.settle else StoryUpdates(archive.store, ())
    results = lines(archive.store, [manifest], wanted)
    yield from or_raise(
        chosen(results, wanted, is_newest=None, told=told, filters=archive.filters, read=Article.from_line)
    )


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
                if archive.filters.is_news(manifest):
                    yield from archive.articles_of(manifest, **choice)
                cursor.advance(manifest)
        wait(every)


# --- One article, by its id or its address: from the index by range requests, else from all lines of its outlet ------
# name ─▶ index ─▶ entries ─▶ newest first ─▶ one range of an articles object ─▶ its line ─▶ is it the one? ─▶ Article
#           └─ segments published since the index was made are read as a whole

# As people copy an address: www.aljazeera.net/news/…, //host/…, 127.0.0.1:8000/a
_WITHOUT_SCHEME = re.compile(
    r"(?://)?(?P<address>(?:(?:[\w-]+\.)+(?:[^\W\d_]{2,}|xn--[\w-]+|\d+)|localhost|\[[\da-f:.]+\])(?::\d{1,5})?[/?#].*)",
    re.IGNORECASE,
)
_MOST_REDIRECTS = 5


def newest_of(archive: Archive, name: str, as_of: datetime | None = None) -> Article | None:
    """Return the newest version of an article, or the newest one captured by ``as_of``; None where there is none."""
    return next(iter(_versions_of(archive, name, as_of, 1)), None)


def versions_of(archive: Archive, name: str) -> list[Article]:
    """Return all versions of an article, the oldest first; of an address, those of the article that it leads to now."""
    matches = _versions_of(archive, name, None, None)
    return [article for article in reversed(matches) if article.id == matches[0].id]


def _versions_of(archive: Archive, asked: str, as_of: datetime | None, most: int | None) -> list[Article]:
    """Return the versions, the newest first, of what was probably meant where nothing bears just this name."""
    name = with_scheme(asked)
    if name != asked and outlet_of(asked) in archive.outlets() and (own := _named(archive, asked, as_of, most)):
        return own  # an outlet that nobody declared is called by its host: its id may look like an address with a port
    if "://" not in name:
        return _named(archive, name, as_of, most) if ":" in name else _numbered(archive, name, as_of, most)
    for place in _addresses(archive, name):
        if newest := _named(archive, place, as_of, 1):
            return _named(archive, newest[0].id, as_of, most)  # it may have another address since
    return []


def with_scheme(name: str) -> str:
    """Return an article's address that was written without its scheme with one; any other name as it is."""
    bare = _WITHOUT_SCHEME.match(name)
    return f"https://{bare['address']}" if bare else name


def _addresses(archive: Archive, url: str) -> Iterator[str]:
    """Yield an address, the same without its query (links carry tracking ones), and where it led when it was captured."""
    seen: list[str] = []
    while url not in seen and len(seen) < _MOST_REDIRECTS:
        seen.append(url)
        yield url
        if "?" in url:
            yield url.partition("?")[0]
        with suppress(Missing, ValueError):  # it was not captured, or what was cannot be read
            url = urljoin(url, archive.capture(url).header("location") or url)


def _numbered(archive: Archive, number: str, as_of: datetime | None, most: int | None) -> list[Article]:
    """Return the versions of the article that has this id at its outlet; raises ``ValueError`` where several outlets have one."""
    outlets = archive.outlets() if number else []
    matches = {
        name: each
        for name in (f"{outlet}:{number}" for outlet in outlets)
        if (each := _named(archive, name, as_of, most))
    }
    if len(matches) > 1:
        raise ValueError(f"{number} is the number of several articles: {', '.join(matches)}")
    return next(iter(matches.values()), [])


def _named(archive: Archive, name: str, as_of: datetime | None, most: int | None) -> list[Article]:
    if archive.index is not None:
        with suppress(Missing, ValueError, LookupError):  # an index that is wrong is none
            return list(islice(_indexed(archive, archive.index, name, as_of), most))
    return scanned(archive, name, archive.manifests(outlet_of(name)), as_of)


def _indexed(archive: Archive, index: ArchiveIndex, name: str, as_of: datetime | None) -> Iterator[Article]:
    key = address(name) if "://" in name else identity(name)
    entries = [entry for entry in index.find(key) if entry.kind == LINE and _is_in_time(entry, as_of)]
    name_outlet = outlet_of(name)
    outlets = (
        [name_outlet] if name_outlet else sorted({index.segment(entry)[0] for entry in entries}) or archive.outlets()
    )
    unknown = [
        manifest
        for outlet in outlets
        for manifest in index.unknown(archive.listing.heads(outlet), archive.listing.read)
    ]
    current = [entry for entry in entries if index.is_current(entry, unknown)]
    current.sort(key=lambda entry: (entry.moment, entry.version), reverse=True)
    known = (article for article in (_at(archive, index, entry) for entry in current) if is_named(article, name))
    shown = (article for article in known if not archive.filters.hides(article))
    fresh = scanned(archive, name, current_objects(unknown), as_of) if unknown else []
    yield from sorted([*fresh, *shown], key=_order, reverse=True) if fresh else shown


def _at(archive: Archive, index: ArchiveIndex, entry: IndexEntry) -> Article:
    outlet, segment_id = index.segment(entry)
    lines = read_span(archive.store, object_key("articles", outlet, segment_id), entry.offset, entry.length, unpack)
    return Article.from_line(lines.split(b"\n")[entry.line])


def scanned(archive: Archive, name: str, manifests: Iterable[Manifest], as_of: datetime | None) -> list[Article]:
    """Return the versions of an article in some segments, the newest first, by id or address; of other lines little is read."""
    wanted = Selection.of({"versions": "all", "newest_first": False, "as_of": as_of})
    results: Iterator[Line | ReadError] = lines(archive.store, manifests, wanted)
    may_bear = test_of(name)
    maybe = (line for line in results if isinstance(line, ReadError) or may_bear(line.text))
    articles = or_raise(
        chosen(
            maybe,
            wanted,
            is_newest=None,
            told=StoryUpdates(archive.store, ()),
            filters=archive.filters,
            read=Article.from_line,
        )
    )
    return sorted((article for article in articles if is_named(article, name)), key=_order, reverse=True)


def is_named(article: Article, name: str) -> bool:
    """Say whether an article bears an id, or stands at an address."""
    if "://" not in name:
        return article.id == name
    return key_of(name) in map(key_of, (article.url, article.canonical_url, *article.aliases))


def outlet_of(name: str) -> str | None:
    """Return the outlet of an article's id; None for an address, which does not say it."""
    return None if "://" in name else name.partition(":")[0]


def _order(article: Article) -> tuple[datetime, int]:
    """As it was captured: of two hosts at a time, the one that published later may have been there earlier."""
    return article.captured, article.version


def _is_in_time(entry: IndexEntry, as_of: datetime | None) -> bool:
    return as_of is None or as_moment(entry.moment) <= as_of


# --- Reading an archive: articles, their versions and the captures behind them, from a folder or a bucket ------------
#     >>> archive = open_archive("s3://bucket/prefix")
#     >>> for article in archive.articles(outlet="aljazeera", since="2026-11-01"): …
#
#     manifests ─▶ (outlet, day, dates) ─▶ articles/…jsonl.gz ─▶ lines ─▶ Article        .passing
#                         └── what cannot hold a wanted article is not opened
#     chain of manifests ─▶ what is new since ─▶ articles as they are published          .cursor
#     id, URL ─▶ index ─▶ one line, one record, by range requests                        .index
#
# Only what a manifest lists exists here.


def open_archive(uri: str | None = None, *, options: Mapping[str, Any] | None = None) -> Archive:
    """Open the archive at ``uri``, by default ``$ARCHIVE_URI``, else that of `warraq.toml`.

    Raises:
        StoreRefused: the URI is wrong, or there is no collection to be read; the message is one sentence.
    """
    store = open_store(uri or default_uri(), options=options or (None if uri else default_options()))
    store.check(write=False)
    return Archive(store)


class Archive:
    """An archive, to be read. All methods stream; none keeps more than one segment's lines in memory.

    Args:
        store: where it lies.
        filters: what hides or replaces some of what is published, see `archive.reader.redactions`.
    """

    def __init__(self, store: Store, filters: Sequence[ReadFilter] = ()) -> None:
        self.store = store
        self.taken_down = TakenDown(store)
        self.filters = ReadFilters([self.taken_down, *filters])
        self.is_filtered = bool(filters)
        self.listing = Listing(store, self.filters)
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

        By crawl date they come with those of their objects that are to be read (`archive.manifests.manifest`): what a compaction joined
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
    def articles(self, *, tolerant: Literal[True], **choice: Unpack[Choice]) -> Iterator[Article | ReadError]: ...
    def articles(
        self, *, tolerant: bool = False, **choice: Unpack[Choice]
    ) -> Iterator[Article] | Iterator[Article | ReadError]:
        """Yield the articles that fit everything that is asked for.

        Args:
            tolerant: yield a `ReadError` for what cannot be read and go on, instead of raising it.
            choice: see `archive.reader.query.Choice`.

        Raises:
            ValueError: the choice is wrong, said at once; or, while it is read, a line is none.
            StoreError: while it is read.
        """
        results = self._results(Selection.of(choice), Article.from_line)
        return results if tolerant else or_raise(results)

    def heads(self, **choice: Unpack[Choice]) -> Iterator[Head]:
        """Yield the heads of the articles that fit: as `articles` does, without texts, pictures and pointers, and so in two thirds of the time.

        Raises:
            ValueError: the choice is wrong, or asks for words of a text, said at once; or, while it is read, a line is none.
            StoreError: while it is read.
        """
        wanted = Selection.of(choice)
        if wanted.text is not None:
            raise ValueError("a head has no text to look for words in; ask for articles")
        return or_raise(self._results(wanted, Head.from_line))

    def _results(self, wanted: Selection, read: Callable[[bytes], Record]) -> Iterator[Record | ReadError]:
        if wanted.sort is None:
            return stream(self.store, self.listing, self.filters, wanted, read)
        return in_order(self.store, self.listing, self.filters, wanted, lambda: self.index, read)

    def articles_of(self, manifest: Manifest, **choice: Unpack[Choice]) -> Iterator[Article]:
        """Yield the articles of one segment in the order of capture, all versions; for followers and exports.

        What was told of their stories since is read once, and with each call of `manifests` what came since that: so a
        loop over many segments reads each object once.
        """
        wanted = Selection.of({**choice, "versions": "all", "newest_first": False, "sort": None})
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
        articles = list(self.articles(story=story_id))
        if not articles and (become := StoryUpdates(self.store, self.manifests()).story_of(story_id)):
            articles = list(self.articles(story=become))
        return apply_updates(articles)

    def capture(
        self, what: Article | Image | str, *, at: datetime | str | None = None, outlet: str | None = None
    ) -> Capture:
        """Return the capture that an article was read from, of a picture, or the newest of an address; a revisit's body is its original's.

        One range request reads the record; its payload is held against its digest.

        Args:
            what: an article; one of its images, of which the line names the capture, else the address is looked for; or an address.
            at: of an address: the newest capture that is not later.
            outlet: of an address: look only here; of an image: that of its article.

        Raises:
            CaptureFault: the bytes there are not the record, or not of its digest.
            Missing: there is none, the WARC is gone, or the capture was taken down.
        """
        if isinstance(what, Article) and what.warc is None:
            raise Missing(f"the line of {what.id} names no capture")
        where, pointer = (
            (what.outlet, what.warc) if isinstance(what, Article) else (outlet, getattr(what, "warc", None))
        )
        if where is None or pointer is None:
            where, pointer = find_capture(self, what if isinstance(what, str) else what.url, end_of(at), outlet)
        capture = self.capture_at(where, pointer)
        if capture.kind == "revisit":
            capture.take_body(original_of(self, capture, where))
        return capture

    def capture_at(self, outlet: str, pointer: RecordPointer) -> Capture:
        """Return the capture at a pointer, as it stands in the WARC; raises as `capture` does."""
        return read_at(self, outlet, pointer)

    def whereabouts(self, outlet: str, pointer: RecordPointer) -> RecordPointer:
        """Return where the record of a pointer lies, should a compaction have joined its WARC with others."""
        return whereabouts(self, outlet, pointer)

    @cached_property
    def index(self) -> ArchiveIndex | None:
        """The index as it stood when first asked for, None where there is none; see `archive.index`."""
        return ArchiveIndex.opened(self.store)
