"""One article, by its id or its address: from the index by range requests, else from all lines of its outlet.

name ─▶ index ─▶ entries ─▶ newest first ─▶ one range of an articles object ─▶ its line ─▶ is it the one? ─▶ Article
          └─ segments published since the index was made are read as a whole
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from archive.article import Article
from archive.fault import Fault
from archive.index.entries import address, identity
from archive.index.format import LINE
from archive.manifests.manifest import object_key
from archive.manifests.superseded import standing
from archive.objects import read_at
from archive.reader.jsonl import unpack
from archive.reader.query import Selection
from archive.reader.scan import chosen, lines, or_raise
from archive.settled import Told
from archive.store import Missing
from archive.warc.cdxj import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archive.index import Index
    from archive.index.format import Entry
    from archive.manifests.manifest import Manifest
    from archive.reader.archive import Archive
    from archive.reader.scan import Line

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def newest_of(archive: Archive, name: str, as_of: datetime | None = None) -> Article | None:
    """Return the newest version of an article, or the newest one captured by ``as_of``; None where there is none."""
    return next(iter(_found(archive, name, as_of, 1)), None)


def versions_of(archive: Archive, name: str) -> list[Article]:
    """Return all versions of an article, the oldest first; of an address, those of the article that it leads to now."""
    found = _found(archive, name, None, None)
    return [article for article in reversed(found) if article.id == found[0].id]


def _found(archive: Archive, asked: str, as_of: datetime | None, most: int | None) -> list[Article]:
    """Return the versions, the newest first, of what was probably meant where nothing bears just this name."""
    if "://" not in asked and ":" not in asked:
        return _numbered(archive, asked, as_of, most)
    names = [
        asked,
        *([asked.partition("?")[0]] if "://" in asked and "?" in asked else []),
    ]  # links carry tracking queries
    return next((found for name in names if (found := _named(archive, name, as_of, most))), [])


def _numbered(archive: Archive, number: str, as_of: datetime | None, most: int | None) -> list[Article]:
    """Return the versions of the article that has this id at its outlet; raises ``ValueError`` where several outlets have one."""
    outlets = archive.outlets() if number else []
    found = {
        name: each
        for name in (f"{outlet}:{number}" for outlet in outlets)
        if (each := _named(archive, name, as_of, most))
    }
    if len(found) > 1:
        raise ValueError(f"{number} is the number of several articles: {', '.join(found)}")
    return next(iter(found.values()), [])


def _named(archive: Archive, name: str, as_of: datetime | None, most: int | None) -> list[Article]:
    if archive.index is not None:
        with suppress(Missing, ValueError, LookupError):  # an index that is wrong is none
            return list(islice(_indexed(archive, archive.index, name, as_of), most))
    return _scanned(archive, name, archive.manifests(outlet_of(name)), as_of)


def _indexed(archive: Archive, index: Index, name: str, as_of: datetime | None) -> Iterator[Article]:
    key = address(name) if "://" in name else identity(name)
    entries = [entry for entry in index.find(key) if entry.kind == LINE and _is_in_time(entry, as_of)]
    said = outlet_of(name)
    outlets = [said] if said else sorted({index.segment(entry)[0] for entry in entries}) or archive.outlets()
    unknown = [
        manifest
        for outlet in outlets
        for manifest in index.unknown(archive.listing.heads(outlet), archive.listing.read)
    ]
    current = [entry for entry in entries if index.is_current(entry, unknown)]
    current.sort(key=lambda entry: (entry.moment, entry.version), reverse=True)
    known = (article for article in (_at(archive, index, entry) for entry in current) if is_named(article, name))
    shown = (article for article in known if not archive.lens.hides(article))
    fresh = _scanned(archive, name, standing(unknown), as_of) if unknown else []
    yield from sorted([*fresh, *shown], key=_order, reverse=True) if fresh else shown


def _at(archive: Archive, index: Index, entry: Entry) -> Article:
    outlet, stem = index.segment(entry)
    lines = read_at(archive.store, object_key("articles", outlet, stem), entry.offset, entry.length, unpack)
    return Article.from_line(lines.split(b"\n")[entry.line])


def _scanned(archive: Archive, name: str, manifests: Iterable[Manifest], as_of: datetime | None) -> list[Article]:
    wanted = Selection.of({"versions": "all", "newest_first": False, "as_of": as_of})
    mark = (b'"id":' + json.dumps(name, ensure_ascii=False).encode()) if "://" not in name else b""
    found: Iterator[Line | Fault] = lines(archive.store, manifests, wanted)
    maybe = (line for line in found if isinstance(line, Fault) or mark in line.text)
    articles = or_raise(chosen(maybe, wanted, is_newest=None, told=Told(archive.store, ()), lens=archive.lens))
    return sorted((article for article in articles if is_named(article, name)), key=_order, reverse=True)


def is_named(article: Article, name: str) -> bool:
    """Say whether an article bears an id, or stands at an address."""
    if "://" not in name:
        return article.id == name
    return key_of(name) in {key_of(article.url), key_of(article.canonical_url)}


def outlet_of(name: str) -> str | None:
    """Return the outlet of an article's id; None for an address, which does not say it."""
    return None if "://" in name else name.partition(":")[0]


def _order(article: Article) -> tuple[datetime, int]:
    """As it was captured: of two hosts at a time, the one that published later may have been there earlier."""
    return article.captured, article.version


def _is_in_time(entry: Entry, as_of: datetime | None) -> bool:
    return as_of is None or _EPOCH + timedelta(microseconds=entry.moment) <= as_of
