"""Scanning: from manifests to articles, objects fetched ahead, newest versions, stories as they stand now.

manifests ─▶ objects, fetched ahead ─▶ lines ─▶ wanted? ─▶ newest of each ─▶ story updates applied ─▶ Article
"""

from __future__ import annotations

import re
from array import array
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import chain, count, groupby
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import msgspec

from archive.article import Article, Head, Related, Story, parse_time
from archive.files import Unreadable, parse_fields
from archive.manifests.manifest import is_import
from archive.reader.jsonl import Packed, lines_of, parsed_lines, read_object, stated_lines
from archive.store import Store, StoreError
from archive.store.protocol import ReadError, fetched
from archive.warc.cdxj import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from archive.manifests.listing import Cursor, Listing
    from archive.manifests.manifest import Item, Manifest
    from archive.reader.query import Selection
    from archive.reader.redactions import ReadFilters

Record = TypeVar("Record", Article, Head)
"""What is made of a line."""
_Any = TypeVar("_Any")

# --- Which line of an article is its newest, for any number of articles: 12 to 36 bytes each, no more ----------------
# A table of 64-bit hashes with open addressing. Python's own set of a million ids would need ten times as much. Two ids of
# one archive have the same hash with a chance of 1 in 10^7 for a million of them.

_SMALLEST = 1 << 10
_BITS = (1 << 64) - 1
_NARROW = 1 << 32  # numbers below it take 4 bytes


def number_of(text: str) -> int:
    """Return a number that a `Table` can hold, another one for another text; in this process alone."""
    return hash(text) & _BITS


class Table:
    """Article ids, all texts or all bytes, each with a number, 0 where none was given.

    Numbers take no room until one is another, and 4 bytes until one is large.
    """

    def __init__(self) -> None:
        self._hashes = array("Q", bytes(8 * _SMALLEST))
        self._numbers: array[int] | None = None
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def __contains__(self, name: bytes | str) -> bool:
        return bool(self._hashes[self._place(name)[0]])

    def add(self, name: bytes | str) -> bool:
        """Take a name; False where it is here already."""
        place, key = self._place(name)
        if self._hashes[place]:
            return False
        self._put(place, key, 0)
        return True

    def put(self, name: bytes | str, number: int) -> None:
        """Give a name a number, in the place of an earlier one."""
        place, key = self._place(name)
        self._put(place, key, number)

    def number(self, name: bytes | str) -> int | None:
        """Return a name's number, None where it is not here."""
        place, _ = self._place(name)
        if not self._hashes[place]:
            return None
        return 0 if self._numbers is None else self._numbers[place]

    def _place(self, name: bytes | str) -> tuple[int, int]:
        key, size = (hash(name) & _BITS) or 1, len(self._hashes)
        place = key % size
        while (there := self._hashes[place]) and there != key:
            place = (place + 1) % size
        return place, key

    def _put(self, place: int, key: int, number: int) -> None:
        if number and self._numbers is None:
            self._numbers = array("I", bytes(4 * len(self._hashes)))
        if self._numbers is not None:
            if number >= _NARROW and self._numbers.itemsize == 4:  # noqa: PLR2004  bytes
                self._numbers = array("Q", self._numbers)
            self._numbers[place] = number
        if not self._hashes[place]:
            self._hashes[place] = key
            self._used += 1
            if 3 * self._used > 2 * len(self._hashes):
                self._grow()

    def _grow(self) -> None:
        """Make room for half as many again: to double it would leave two thirds empty."""
        hashes, numbers = self._hashes, self._numbers
        size = len(hashes) * 3 // 2
        self._hashes = array("Q", bytes(8 * size))
        self._numbers = None if numbers is None else array(numbers.typecode, bytes(numbers.itemsize * size))
        for before, key in enumerate(hashes):
            if key:
                place = key % size
                while self._hashes[place]:
                    place = (place + 1) % size
                self._hashes[place] = key
                if self._numbers is not None and numbers is not None:
                    self._numbers[place] = numbers[before]


# --- Many short texts that are alike: compressed together, so many at a time ------------------------------------------

TOGETHER = 64  # texts; half as many take a tenth more, and to reach one of twice as many takes twice as long
_LEVEL = 3  # zstd's; each address of an outlet takes 50 bytes of 270 then, at level 9 it would take 40, in seven times the time


def bundled(texts: Sequence[bytes]) -> bytes:
    """Return texts compressed together."""
    import zstandard  # noqa: PLC0415  who lists a command's options needs none of it

    packed = zstandard.compress(msgspec.msgpack.encode(texts), _LEVEL)
    return bytes(
        memoryview(packed)
    )  # a copy: the library's own keeps the room that it was given, as much as the texts took


def unbundled(bundle: bytes) -> list[bytes]:
    """Return the texts of a bundle."""
    import zstandard  # noqa: PLC0415  as above

    return msgspec.msgpack.decode(zstandard.decompress(bundle), type=list[bytes])


class Texts:
    """Texts by number, which begins with 0."""

    def __init__(self) -> None:
        self._bundles: list[bytes] = []
        self._latest: list[bytes] = []
        self._open: tuple[int, list[bytes]] = (
            0,
            [],
        )  # the bundle that was looked into last: who reads them in order unpacks each once

    def append(self, text: bytes) -> int:
        """Take a text and return its number."""
        number = len(self._bundles) * TOGETHER + len(self._latest)
        self._latest.append(text)
        if len(self._latest) == TOGETHER:
            self._bundles.append(bundled(self._latest))
            self._latest = []
        return number

    def __getitem__(self, number: int) -> bytes:
        which, place = divmod(number, TOGETHER)
        if which == len(self._bundles):
            return self._latest[place]
        if self._open[0] != which or not self._open[1]:
            self._open = which, unbundled(self._bundles[which])
        return self._open[1][place]


# --- Stories as they stand now: what later articles taught, applied to lines that are never rewritten ----------------
# articles/…  {"id", "story": {"id", "role": first|copy, "origin", "overlap"}, …}      as known when it was written
# stories/…   {"id", "story", "role", "origin", "overlap", "related", "agencies", "told"}    what was learned later; the last wins
# settled     role single (nobody else carries it), origin (others copied it) or copy
#
# A story's agencies are those that any of its articles credits; they are told in the lines of its first article.


class StoryUpdates:
    """What story lines say of articles: the last told line of each id, and none that was told after ``as_of``."""

    def __init__(self, store: Store, manifests: Iterable[Manifest], as_of: datetime | None = None) -> None:
        self._store, self._as_of = store, as_of
        self._last: dict[str, dict[str, Any]] = {}
        self.take(manifests)

    def take(self, manifests: Iterable[Manifest]) -> None:
        """Read the story lines of some more manifests; the same ones again change nothing."""
        for manifest in manifests:
            item = manifest.by_kind.get("stories")
            if item is not None:
                for said in parsed_lines(self._store, item, told_of):
                    self._take(said)

    def _take(self, update: dict[str, Any]) -> None:
        if self._as_of is not None and parse_time(update["told"]) > self._as_of:
            return
        last = self._last.get(update["id"])
        if last is None or last["told"] <= update["told"]:
            self._last[update["id"]] = update

    def story_of(self, article_id: str) -> str | None:
        """Return the story that an article was last told to carry; None where nothing was told of it."""
        update = self._last.get(article_id)
        return None if update is None else str(update["story"])

    def apply(self, article: Record) -> Record:
        """Put the article's story and relations as they were last told in the place of what its line says."""
        update = self._last.get(article.id)
        if update is not None:
            article.story = Story(
                id=update["story"], role=update["role"], origin=update["origin"], overlap=update["overlap"]
            )
            if "related" in update:  # the first lines of this kind did not tell
                article.related = [Related(**each) for each in update["related"]]
        if article.story is not None:
            first = self._last.get(article.story.id, {})
            article.story.agencies = first.get("agencies") or article.story.agencies or credited([article])
        return article


class Updates:
    """What the story lines of an archive say, kept for who reads segment after segment.

    Args:
        store: the archive.
        listing: its manifests.
    """

    def __init__(self, store: Store, listing: Listing) -> None:
        self._store, self._listing = store, listing
        self._kept: dict[datetime | None, tuple[StoryUpdates, Cursor]] = {}
        self._level: set[datetime | None] = set()

    def look(self) -> None:
        """Take it that something may have come: who asks next is told what."""
        self._level.clear()

    def told(self, as_of: datetime | None) -> StoryUpdates:
        """Return what was told until the last look, and of that nothing told after ``as_of``."""
        outlets = self._listing.outlets() if as_of not in self._level else []
        if as_of not in self._kept:
            cursor = self._listing.cursor(
                outlets
            )  # before it is read: what comes meanwhile is read twice, which changes nothing
            self._kept[as_of] = story_updates(self._store, self._listing, outlets, as_of), cursor
        told, cursor = self._kept[as_of]
        for manifest in self._listing.news(cursor, outlets):
            if not manifest.moved:  # what a compaction joined was told before
                told.take([manifest])
            cursor.advance(manifest)
        self._level.add(as_of)
        return told


def told_of(line: bytes) -> dict[str, Any]:
    """Return what a story line says; raises `Unreadable` where it is none."""
    fields = parse_fields(line, id=str, story=str, role=str, origin=str, overlap=int | float, told=str)
    parse_time(fields["told"])
    try:
        msgspec.convert(fields.get("related", []), list[Related])
        msgspec.convert(fields.get("agencies") or {}, dict[str, dict[str, str]])
    except msgspec.ValidationError as error:
        raise Unreadable(f"no story line: {error}") from None
    return fields


def credited(articles: Iterable[Article | Head]) -> dict[str, dict[str, str]]:
    """Return agency → the articles that credit it → where; ``credit`` where a line does not say."""
    agencies: dict[str, dict[str, str]] = {}
    for article in articles:
        for agency in article.agencies:
            agencies.setdefault(agency, {})[article.id] = article.agency_evidence.get(agency, "credit")
    return dict(sorted(agencies.items()))


def apply_updates(articles: Sequence[Article]) -> list[Article]:
    """Return the articles of one story with their settled roles and the agencies of all, the origin first, then by time."""
    agencies = credited(articles)
    ordered = sorted(articles, key=lambda article: (article.published or article.captured, article.id))
    for article in ordered:
        assert article.story is not None
        is_origin = article.story.origin == article.id
        role = "single" if len(ordered) == 1 else "origin" if is_origin else "copy"
        article.story = replace(article.story, role=role, agencies=agencies)
    return sorted(ordered, key=lambda article: article.story is not None and article.story.role == "copy")


# --- From manifests to articles: objects fetched ahead, lines passed on, what is wanted parsed and yielded -----------
# manifests ─▶ articles objects that may hold something ─▶ fetched ahead ─▶ lines ─▶ the newest of each id ─▶ Article
#              └ Fault: an object or a line that cannot be read is a value, and the stream goes on

_RUN, _TRIPLET = re.compile(r"[a-z0-9]+"), re.compile(r"%..")
_HIDDEN = re.compile(rb"%(?:25|3[0-9]|[46][1-9a-f]|[57][0-9a])")  # a letter or digit that is percent-encoded
_OF_A_MONTH = timedelta(days=40)  # what a compaction joins is no older
_VERSIONS = 12  # bits
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
BROKEN = (ValueError, KeyError, TypeError)  # what reading a line that is none may raise
_ID, _CAPTURED, _VERSION = b'{"schema":1,"id":"', b',"captured":"', b',"version":'
_NUMBER = re.compile(rb"\d*")


class Line(NamedTuple):
    """A line of an ``articles`` object, from 1."""

    key: str
    number: int
    text: bytes


if TYPE_CHECKING:
    Newness = Callable[[Line], bool]


def stream(
    store: Store,
    listing: Listing,
    filters: ReadFilters,
    wanted: Selection,
    read: Callable[[bytes], Record],
) -> Iterator[Record | ReadError]:
    """Yield the articles that are wanted, or their heads, as ``read`` makes them of lines."""
    first, last = wanted.crawl_dates
    outlets = listing.outlets() if wanted.settle or not wanted.outlets else []
    told = StoryUpdates(store, (), wanted.as_of)
    yield from unread_updates(told, listing, outlets if wanted.settle else ())
    months = _Kept(
        listing.months(sorted(wanted.outlets) or outlets, first, last, newest_first=wanted.newest_first)
    )  # may be read twice, and the same both times
    past: set[str] = set()

    def begin() -> Iterator[Line | ReadError]:
        return lines(store, _noted(listing.manifests(months), past), wanted, listing.groups)

    is_newest = newest(begin, wanted, filters, past) if wanted.versions == "latest" else None
    yield from chosen(begin(), wanted, is_newest=is_newest, told=told, filters=filters, read=read)


class _Kept(Generic[_Any]):
    """What an iterator gives, again and again, and no more of it than was asked for."""

    def __init__(self, source: Iterable[_Any]) -> None:
        self._source, self._kept = iter(source), list[_Any]()

    def __iter__(self) -> Iterator[_Any]:
        for number in count():
            if number == len(self._kept):
                try:
                    self._kept.append(next(self._source))
                except StopIteration:
                    return
            yield self._kept[number]


def _noted(manifests: Iterable[Manifest | ReadError], past: set[str]) -> Iterator[Manifest | ReadError]:
    """Pass manifests on and note the objects whose captures may be older than those of segments before them: an import's."""
    for manifest in manifests:
        if not isinstance(manifest, ReadError) and (item := manifest.by_kind.get("articles")) is not None:
            captures = manifest.by_kind.get("cdxj")
            first = date.max if captures is None or captures.first is None else parse_time(captures.first).date()
            if is_import(manifest.crawl) or first < date.fromisoformat(manifest.date) - _OF_A_MONTH:
                past.add(item.key)
        yield manifest


def unread_updates(told: StoryUpdates, listing: Listing, outlets: Iterable[str]) -> Iterator[ReadError]:
    """Read the story lines of some outlets; yield what of them cannot be read. Manifests are told of by who reads their articles."""
    for manifest in listing.manifests(listing.months(outlets, None, None, newest_first=False)):
        if not isinstance(manifest, ReadError):
            yield from take_updates(told, manifest)


def take_updates(told: StoryUpdates, manifest: Manifest) -> Iterator[ReadError]:
    """Read the story lines of a manifest; yield why they cannot be read."""
    try:
        told.take([manifest])
    except (StoreError, *BROKEN) as error:
        yield ReadError(manifest.by_kind["stories"].key, None, error)


def story_updates(store: Store, listing: Listing, outlets: Iterable[str], as_of: datetime | None) -> StoryUpdates:
    """Return what the story lines of some outlets say; a manifest that cannot be read says nothing."""
    every = listing.manifests(listing.months(outlets, None, None, newest_first=False))
    return StoryUpdates(store, (update for update in every if not isinstance(update, ReadError)), as_of)


def lines(
    store: Store, manifests: Iterable[Manifest | ReadError], wanted: Selection, groups: Mapping[str, str] | None = None
) -> Iterator[Line | ReadError]:
    """Yield the lines that may be wanted, in the order of the manifests; the next objects are fetched meanwhile.

    Args:
        store: where they lie.
        manifests: with those of one group in one piece.
        wanted: what is wanted.
        groups: key of a manifest → its group, see `archive.manifests.listing`: the lines of a group come in the order of their captures.
    """
    group_of: dict[str, str] = {}  # by the key of the object

    def items() -> Iterator[Item | ReadError]:
        for manifest in manifests:
            item = manifest if isinstance(manifest, ReadError) else wanted.item_of(manifest)
            if item is not None:
                if not isinstance(manifest, ReadError) and groups and manifest.key in groups:
                    group_of[item.key] = groups[manifest.key]
                yield item

    objects = _opened(fetched(items(), lambda item: _body(store, item), size=_size), backwards=wanted.newest_first)
    for group, these in groupby(objects, key=lambda one: group_of.get(one[0], "")):
        every = chain.from_iterable(results for _, results in these)
        yield from sorted(every, key=_moment, reverse=wanted.newest_first) if group else every


def _opened(
    objects: Iterable[tuple[Item | ReadError, Packed | Exception]], *, backwards: bool
) -> Iterator[tuple[str, Iterator[Line | ReadError]]]:
    """Yield each object's key with its lines, or with the fault in their place."""
    for item, body in objects:
        if isinstance(item, ReadError):
            yield item.key, iter([item])
        elif isinstance(body, Exception):
            yield item.key, iter([ReadError(item.key, None, body)])
        else:
            yield item.key, _lines(item, body, backwards=backwards)


def _moment(line: Line | ReadError) -> tuple[datetime, int]:
    """Return when a line was captured, and its version, should two bear one time; what cannot be read stands with the oldest."""
    with suppress(*BROKEN):
        if isinstance(line, Line):
            return captured_of(line.text), int(parse_fields(line.text, version=int)["version"])
    return datetime.min.replace(tzinfo=UTC), 0


def newest(
    lines: Callable[[], Iterator[Line | ReadError]],
    wanted: Selection,
    filters: ReadFilters,
    past: Container[str] = frozenset(),
) -> Newness:
    """Return what tells whether a line is the newest one of its article, as of ``wanted.as_of``: that captured last.

    Args:
        lines: begins the lines anew. In an order that begins with the oldest they are read once beforehand.
        wanted: says the order.
        filters: what it hides is no article's newest.
        past: the objects whose lines may be older than those that come behind them; once there is one, all are read beforehand, too.
    """
    passed = Table()
    latest = None if wanted.newest_first else _latest(lines, wanted, filters)

    def is_newest(line: Line) -> bool:
        nonlocal latest
        if latest is None and line.key in past:
            latest = _latest(lines, wanted, filters)
        return (latest is None or latest(line)) and passed.add(id_of(line.text))

    return is_newest


def _latest(lines: Callable[[], Iterator[Line | ReadError]], wanted: Selection, filters: ReadFilters) -> Newness:
    """Read all lines, and return what tells whether one bears its article's last capture."""
    marks = Table()
    for line in lines():
        with suppress(*BROKEN):  # a line that cannot be read is no article's newest; it is named when it is passed
            if isinstance(line, Line) and is_there(line.text, wanted, filters):
                name, mark = id_of(line.text), _mark_of(line)
                known = marks.number(name)
                if known is None or known < mark:
                    marks.put(name, mark)
    return lambda line: marks.number(id_of(line.text)) == _mark_of(line)


def _mark_of(line: Line) -> int:
    """Return a number that grows with the time of a line's capture, and with its version within a microsecond."""
    captured, version = captured_of(line.text), 0
    if (start := line.text.rfind(_VERSION)) >= 0:  # no text can hold it, as above
        digits = _NUMBER.match(line.text, start + len(_VERSION))
        version = int(digits[0] or 0) if digits else 0
    return min(max(0, (captured - _EPOCH) // _MICROSECOND) << _VERSIONS | min(version, (1 << _VERSIONS) - 1), _BITS)


def chosen(  # noqa: PLR0913  each is a fact of its own
    lines: Iterable[Line | ReadError],
    wanted: Selection,
    *,
    is_newest: Newness | None,
    told: StoryUpdates,
    filters: ReadFilters,
    read: Callable[[bytes], Record],
) -> Iterator[Record | ReadError]:
    """Yield the articles that are wanted; only what may be one is parsed, by ``read``."""
    for line in lines:
        if isinstance(line, ReadError):
            yield line
            continue
        try:
            if not is_there(line.text, wanted, filters) or not (is_newest is None or is_newest(line)):
                continue
            if not wanted.may_hold(line.text):
                continue
            article = told.apply(read(line.text))
        except BROKEN as error:
            yield ReadError(line.key, line.number, error)
            continue
        if wanted.holds(article):
            yield article


def or_raise(results: Iterable[Record | ReadError]) -> Iterator[Record]:
    """Yield the articles, and raise what the first fault is about."""
    for one in results:
        if not isinstance(one, ReadError):
            yield one
        elif isinstance(one.error, StoreError):
            raise one.error
        else:
            raise Unreadable(str(one)) from one.error


def id_of(line: bytes) -> bytes:
    """Return the id that a line begins with; raises one of `BROKEN` where it has none."""
    name = line[len(_ID) : line.find(b'"', len(_ID))] if line.startswith(_ID) else b"\\"
    return str(parse_fields(line, id=str)["id"]).encode() if b"\\" in name else name


def test_of(name: str) -> Callable[[bytes], bool]:
    """Return what says of a line whether it may bear an id or address, however it is spaced and escaped; one that cannot be read may.

    Nearly all lines are passed over so without being read. Of an address, a line must have the runs of letters and digits that its
    SURT key has behind the host: the key is made by small letters, by undoing percent-encoding and by leaving parts out.
    """
    if "://" not in name:
        return partial(_may_have, name.encode())
    path = _TRIPLET.sub(" ", key_of(name).partition(")")[2])
    return partial(_may_stand, [run.encode() for run in reversed(_RUN.findall(path))])  # the last one is the rarest


def _may_stand(runs: Sequence[bytes], line: bytes) -> bool:
    small = line.lower()
    return (
        all(run in small for run in runs)
        or (b"%" in small and _HIDDEN.search(small) is not None)
        or b"\\u00" in small  # a letter that is escaped as JSON
    )


def _may_have(name: bytes, line: bytes) -> bool:
    try:
        return id_of(line) == name
    except BROKEN:
        return True


def captured_of(line: bytes) -> datetime:
    """Return when a line's article was captured; no text can hold the mark, for there its quotes would be escaped."""
    start = line.find(_CAPTURED) + len(_CAPTURED)
    if start < len(_CAPTURED):
        return parse_time(parse_fields(line, captured=str)["captured"])
    return parse_time(line[start : line.find(b'"', start)].decode(errors="replace"))


def is_there(line: bytes, wanted: Selection, filters: ReadFilters) -> bool:
    """Say whether a line had been captured at ``as_of`` and no filter hides it; raises one of `BROKEN` where it is none."""
    if wanted.as_of is not None and not wanted.is_captured_in_time(captured_of(line)):
        return False
    return filters.is_clear or not filters.hides(Article.from_line(line))


def _body(store: Store, item: Item | ReadError) -> Packed:
    return b"" if isinstance(item, ReadError) else read_object(store, item)


def _size(item: Item | ReadError) -> int:
    return 0 if isinstance(item, ReadError) else item.bytes


def _lines(item: Item, body: Packed, *, backwards: bool) -> Iterator[Line | ReadError]:
    count = item.records.get("article", 0)
    numbers = iter(range(count, -(1 << 60), -1) if backwards else range(1, 1 << 60))
    try:
        for text in lines_of(body, backwards=backwards, stated=stated_lines(item)):
            yield Line(item.key, next(numbers), text)
    except Unreadable as error:
        yield ReadError(item.key, None, error)
