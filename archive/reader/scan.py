"""From manifests to articles: objects fetched ahead, lines passed on, what is wanted parsed and yielded.

manifests ─▶ articles objects that may hold something ─▶ fetched ahead ─▶ lines ─▶ the newest of each id ─▶ Article
             └ Fault: an object or a line that cannot be read is a value, and the stream goes on
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, groupby
from typing import TYPE_CHECKING, NamedTuple

from archive.article import Article, parse_time
from archive.fault import Fault
from archive.newest import Table
from archive.objects import read
from archive.reader.jsonl import Unreadable, lines_of
from archive.settled import Told
from archive.store import StoreError
from archive.store.prefetch import fetched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from archive.lens import Lenses
    from archive.listing import Listing, Month
    from archive.manifests.manifest import Item, Manifest
    from archive.reader.query import Selection
    from archive.store import Store

BROKEN = (ValueError, KeyError, TypeError)  # what reading a line that is none may raise
_ID, _CAPTURED = b'{"schema":1,"id":"', b',"captured":"'


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
    lens: Lenses,
    wanted: Selection,
) -> Iterator[Article | Fault]:
    """Yield the articles that are wanted."""
    first, last = wanted.crawl_dates
    outlets = listing.outlets() if wanted.settle or not wanted.outlets else []
    told = told_in(store, listing, outlets if wanted.settle else (), wanted.as_of)
    months: Iterable[Month] = listing.months(
        sorted(wanted.outlets) or outlets, first, last, newest_first=wanted.newest_first
    )
    if wanted.versions == "latest" and not wanted.newest_first:
        months = list(months)  # read twice, and the same both times

    def begin() -> Iterator[Line | Fault]:
        return lines(store, listing.manifests(months), wanted, listing.groups)

    is_newest = newest(begin, wanted, lens) if wanted.versions == "latest" else None
    yield from chosen(begin(), wanted, is_newest=is_newest, told=told, lens=lens)


def told_in(store: Store, listing: Listing, outlets: Iterable[str], as_of: datetime | None) -> Told:
    """Return what the story lines of some outlets say; a manifest that cannot be read says nothing."""
    every = listing.manifests(listing.months(outlets, None, None, newest_first=False))
    return Told(store, (found for found in every if not isinstance(found, Fault)), as_of)


def lines(
    store: Store, manifests: Iterable[Manifest | Fault], wanted: Selection, groups: Mapping[str, str] | None = None
) -> Iterator[Line | Fault]:
    """Yield the lines that may be wanted, in the order of the manifests; the next objects are fetched meanwhile.

    Args:
        store: where they lie.
        manifests: with those of one group in one piece.
        wanted: what is wanted.
        groups: key of a manifest → its group, see `archive.overlap`: the lines of a group come in the order of their captures.
    """
    group_of: dict[str, str] = {}  # by the key of the object

    def items() -> Iterator[Item | Fault]:
        for found in manifests:
            item = found if isinstance(found, Fault) else wanted.item_of(found)
            if item is not None:
                if not isinstance(found, Fault) and groups and found.key in groups:
                    group_of[item.key] = groups[found.key]
                yield item

    objects = _opened(fetched(items(), lambda item: _body(store, item), size=_size), backwards=wanted.newest_first)
    for group, these in groupby(objects, key=lambda one: group_of.get(one[0], "")):
        every = chain.from_iterable(found for _, found in these)
        yield from sorted(every, key=_moment, reverse=wanted.newest_first) if group else every


def _opened(
    objects: Iterable[tuple[Item | Fault, bytes | Exception]], *, backwards: bool
) -> Iterator[tuple[str, Iterator[Line | Fault]]]:
    """Yield each object's key with its lines, or with the fault in their place."""
    for item, body in objects:
        if isinstance(item, Fault):
            yield item.key, iter([item])
        elif isinstance(body, Exception):
            yield item.key, iter([Fault(item.key, None, body)])
        else:
            yield item.key, _lines(item, body, backwards=backwards)


def _moment(line: Line | Fault) -> tuple[datetime, int]:
    """Return when a line was captured, and its version, should two bear one time; what cannot be read stands with the oldest."""
    with suppress(*BROKEN):
        if isinstance(line, Line):
            return captured_of(line.text), int(json.loads(line.text)["version"])
    return datetime.min.replace(tzinfo=UTC), 0


def newest(lines: Callable[[], Iterator[Line | Fault]], wanted: Selection, lens: Lenses) -> Newness:
    """Return what tells whether a line is the newest one of its article, as of ``wanted.as_of``.

    Args:
        lines: begins the lines anew. In an order that begins with the oldest they are read once beforehand.
        wanted: says the order.
        lens: what it hides is no article's newest.
    """
    table = Table()
    if wanted.newest_first:
        return lambda line: table.add(id_of(line.text))
    order: dict[str, int] = {}
    for line in lines():
        with suppress(*BROKEN):  # a line that cannot be read is no article's newest; it is named when it is passed
            if isinstance(line, Line) and _is_there(line.text, wanted, lens):
                table.put(id_of(line.text), order.setdefault(line.key, len(order)) << 32 | line.number)
    return lambda line: table.number(id_of(line.text)) == order.get(line.key, -1) << 32 | line.number


def chosen(
    lines: Iterable[Line | Fault], wanted: Selection, *, is_newest: Newness | None, told: Told, lens: Lenses
) -> Iterator[Article | Fault]:
    """Yield the articles that are wanted; only what may be one is parsed."""
    for line in lines:
        if isinstance(line, Fault):
            yield line
            continue
        try:
            if not _is_there(line.text, wanted, lens) or not (is_newest is None or is_newest(line)):
                continue
            if not wanted.may_hold(line.text):
                continue
            article = told.apply(Article.from_line(line.text))
        except BROKEN as error:
            yield Fault(line.key, line.number, error)
            continue
        if wanted.holds(article):
            yield article


def or_raise(found: Iterable[Article | Fault]) -> Iterator[Article]:
    """Yield the articles, and raise what the first fault is about."""
    for one in found:
        if not isinstance(one, Fault):
            yield one
        elif isinstance(one.error, StoreError):
            raise one.error
        else:
            raise ValueError(str(one)) from one.error  # noqa: TRY004  the line is wrong, not a type


def id_of(line: bytes) -> bytes:
    """Return the id that a line begins with; raises one of `BROKEN` where it has none."""
    found = line[len(_ID) : line.find(b'"', len(_ID))] if line.startswith(_ID) else b"\\"
    return str(json.loads(line)["id"]).encode() if b"\\" in found else found


def captured_of(line: bytes) -> datetime:
    """Return when a line's article was captured; no text can hold the mark, for there its quotes would be escaped."""
    start = line.find(_CAPTURED) + len(_CAPTURED)
    if start < len(_CAPTURED):
        return parse_time(json.loads(line)["captured"])
    return parse_time(line[start : line.index(b'"', start)].decode())


def _is_there(line: bytes, wanted: Selection, lens: Lenses) -> bool:
    if wanted.as_of is not None and not wanted.is_captured_in_time(captured_of(line)):
        return False
    return lens.is_clear or not lens.hides(Article.from_line(line))


def _body(store: Store, item: Item | Fault) -> bytes:
    return b"" if isinstance(item, Fault) else read(store, item)


def _size(item: Item | Fault) -> int:
    return 0 if isinstance(item, Fault) else item.bytes


def _lines(item: Item, body: bytes, *, backwards: bool) -> Iterator[Line | Fault]:
    count = item.records.get("article", 0)
    numbers = iter(range(count, -(1 << 60), -1) if backwards else range(1, 1 << 60))
    try:
        for text in lines_of(body, backwards=backwards):
            yield Line(item.key, next(numbers), text)
    except Unreadable as error:
        yield Fault(item.key, None, error)
