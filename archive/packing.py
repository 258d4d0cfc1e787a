"""Taking captures along: the merged index of a month, and a WACZ of the articles that somebody chose.

articles ─▶ their WARCs ─▶ + the WARCs that their revisits refer to ─▶ archive.warc.wacz.pack
manifests of a month ─▶ sorted indexes ─▶ merged a hundred at a time ─▶ lines
"""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from archive.finding import find_record
from archive.manifests.manifest import SUFFIXES, manifest_key, warc_key
from archive.objects import lines_of, opened
from archive.rewriting.stubs import patches
from archive.store import Missing
from archive.warc.cdxj import merged
from archive.warc.wacz import Page, pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archive.article import Article
    from archive.manifests.manifest import Item
    from archive.reader.archive import Archive
    from archive.warc.reading import StoredRecord

AT_ONCE = 100  # open streams; a busy month of one outlet has several hundred segments

Place = tuple[str, str]  # outlet, file name of the WARC


def month_index(archive: Archive, outlet: str, month: str) -> Iterator[bytes]:
    """Yield the sorted index lines of all captures of an outlet in a crawl month (``yyyy-mm``), with line ends.

    Raises:
        ValueError: that is no month.
    """
    if len(month) != len("yyyy-mm") or not month.replace("-", "", 1).isdigit():
        raise ValueError(f"a month is written yyyy-mm, not {month!r}")
    manifests = archive.manifests(outlet, since=f"{month}-01", until=f"{month}-31")
    items = (manifest.by_kind["cdxj"] for manifest in manifests if "cdxj" in manifest.by_kind)
    with ExitStack() as stack:
        parts = []
        while some := list(islice(items, AT_ONCE)):
            part = stack.enter_context(tempfile.TemporaryFile())
            part.writelines(merged(lines_of(archive.store, item) for item in some))
            part.seek(0)
            parts.append(part)
        yield from _shown(archive, merged(parts))


def pack_articles(archive: Archive, articles: Iterable[Article], out: IO[bytes], about: Mapping[str, str]) -> int:
    """Write a WACZ of chosen articles and return how many pages it lists.

    The WARCs go in whole, with all that the crawl captured beside these articles, and so do those that hold the
    originals of their revisits. The chosen articles are held in memory, the WARCs are not.
    """
    pages, places = [], dict[Place, None]()
    for article in articles:
        if article.warc is not None:
            pages.append(
                Page(url=article.url, captured=article.captured, title=article.headline, text=article.text or None)
            )
            places[article.outlet, _file_of(archive, article)] = None
    index = {place: _index_of(archive, place) for place in places}
    for place in _of_originals(archive, index):
        index[place] = _index_of(archive, place)
    lines = sorted(line for found in index.values() for line in found)
    with ExitStack() as stack:
        warcs = ((file, stack.enter_context(_opened(archive, outlet, file))) for outlet, file in index)
        pack(out, warcs=warcs, index=lines, pages=pages, about=dict(about))
    return len(pages)


def _index_of(archive: Archive, place: Place) -> list[bytes]:
    outlet, file = place
    lines = lines_of(archive.store, _item(archive, outlet, file, "cdxj"))
    return [line.rstrip(b"\n") for line in _shown(archive, lines)]


def _item(archive: Archive, outlet: str, file: str, kind: str) -> Item:
    """Return what its manifest says of a WARC, or of the index of one. Raises `Missing`."""
    key = manifest_key(outlet, file.removesuffix(SUFFIXES["warc"]))
    item = archive.listing.read(key).by_kind.get(kind)
    if item is None:
        raise Missing(f"{key} lists no {kind}")
    return item


def _file_of(archive: Archive, article: Article) -> str:
    """Return the name of the WARC that holds an article's capture, should its own have been joined with others and removed."""
    assert article.warc is not None
    if archive.store.stat(warc_key(article.outlet, article.warc.file)) is not None:
        return article.warc.file
    return archive.whereabouts(article.outlet, article.warc).file


def _shown(archive: Archive, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Leave out the index lines of captures that were taken down."""
    return (line for line in lines if not archive.taken_down.hides_entry(_fields(line)))


@contextmanager
def _opened(archive: Archive, outlet: str, file: str) -> Iterator[IO[bytes]]:
    """Open a WARC, with a stub in the place of every record that was taken down."""
    taken = archive.taken_down

    def is_hidden(record: StoredRecord) -> bool:
        return record.id in taken.records or taken.hides_url(record.field("WARC-Target-URI") or "")

    with opened(archive.store, _item(archive, outlet, file, "warc")) as copy:
        if taken:
            for offset, stub in list(patches(copy, is_hidden, "hidden")):
                copy.seek(offset)
                copy.write(stub)
            copy.seek(0)
        yield copy


def _of_originals(archive: Archive, index: Mapping[Place, list[bytes]]) -> list[Place]:
    """Return the WARCs, not among these, that hold what revisits in them refer to. Raises `Missing` where one is gone."""
    said = [_fields(line) for lines in index.values() for line in lines]
    here = {values["record_id"] for values in said}
    wanted = {values["refers_to"]: values["refers_to_date"] for values in said if "refers_to" in values}
    found = dict[Place, None]()
    for record_id, date in wanted.items():
        if record_id not in here:
            place = _place_of(archive, record_id, date)
            found[place] = None
    return list(found)


def _place_of(archive: Archive, record_id: str, date: str) -> Place:
    outlet, pointer = find_record(archive, record_id, date)
    return outlet, pointer.file


def _fields(line: bytes) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(line.split(b" ", 2)[2])
    return values
