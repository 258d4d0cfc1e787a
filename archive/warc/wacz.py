"""WACZ: captures packed with their index and pages, for replay tools; of chosen articles, or of whole WARCs."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tempfile
import uuid
import zipfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from archive.article import Article, format_time
from archive.maintenance.erasure import patches
from archive.manifests.manifest import SUFFIXES, Item, manifest_key, warc_key
from archive.reader.archive import Archive, find_record
from archive.reader.jsonl import lines_of_object, opened_object
from archive.store import Missing
from archive.warc.cdxj import merged, read_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from archive.warc.reading import StoredRecord

# --- WACZ 1.1.1: WARC files with index and pages in one ZIP, which a replay opens with range requests ----------------
#     archive/<name>.warc.gz               stored as they are, never deflated again
#     indexes/index.cdx.gz, index.idx      the CDXJ lines in blocks, and where each block begins
#     pages/pages.jsonl                    what a reader would want to open
#     datapackage.json                     each of these with its size and SHA-256
#     datapackage-digest.json              the SHA-256 of that
#
# Everything is streamed: neither a WARC nor the ZIP is ever held in memory. The lines of the index are, as in a segment.

PIECE = 1 << 20
LINES_A_BLOCK = 300  # as cdxj-indexer packs them
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the earliest time a ZIP can hold: the same content gives the same bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that a reader would want to open: where, when, its title, and its text for a search inside the replay."""

    url: str
    captured: datetime
    title: str | None = None
    text: str | None = None

    def to_line(self) -> bytes:
        """Return the line of pages.jsonl."""
        moment = format_time(self.captured)
        identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{self.url} {moment}").hex
        record = {"id": identity, "url": self.url, "ts": moment, "title": self.title, "text": self.text}
        chosen = {name: value for name, value in record.items() if value is not None}
        return json.dumps(chosen, ensure_ascii=False).encode() + b"\n"


@dataclass(slots=True)
class _Package:
    """The ZIP that is being written, and what its list will say."""

    zip: zipfile.ZipFile
    resources: list[dict[str, Any]] = field(default_factory=list)

    def add(self, path: str, pieces: Iterable[bytes], size: int | None, *, deflate: bool = False) -> None:
        """Add an entry.

        Its local header speaks of zip64 only where its size needs it or is not known, as the central one does: ReplayWeb.page takes the length
        of the one for that of the other.
        """
        entry = zipfile.ZipInfo(path, _EARLIEST)
        entry.compress_type = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
        digest, written = hashlib.sha256(), 0
        with self.zip.open(entry, "w", force_zip64=size is None or size > zipfile.ZIP64_LIMIT) as out:
            for piece in pieces:
                out.write(piece)
                digest.update(piece)
                written += len(piece)
        name = path.rpartition("/")[2]
        self.resources.append({"name": name, "path": path, "hash": f"sha256:{digest.hexdigest()}", "bytes": written})

    def add_pieces(self, path: str, pieces: Sequence[bytes], *, deflate: bool = False) -> None:
        """Add an entry that is in memory."""
        self.add(path, pieces, sum(map(len, pieces)), deflate=deflate)


def pack(
    out: IO[bytes],
    *,
    warcs: Iterable[tuple[str, IO[bytes]]],
    index: Sequence[bytes],
    pages: Iterable[Page],
    about: dict[str, str],
) -> None:
    """Write a WACZ.

    Args:
        out: where it is written; it need not be seekable.
        warcs: file name and open stream of each WARC, at its beginning, opened as they are asked for.
        index: the CDXJ lines of all of them, sorted, without line ends.
        pages: the pages to list.
        about: ``title``, ``description``, ``created`` (ISO 8601) and ``software`` of the package.
    """
    with zipfile.ZipFile(out, "w", allowZip64=True) as archive:
        package = _Package(archive)
        for name, stream in warcs:
            package.add(f"archive/{name}", iter(lambda: stream.read(PIECE), b""), _size(stream))  # noqa: B023  read before the next
        blocks, entries = _blocks(index)
        package.add_pieces("indexes/index.cdx.gz", blocks)
        package.add_pieces("indexes/index.idx", entries, deflate=True)
        package.add_pieces("pages/pages.jsonl", _page_lines(list(pages)), deflate=True)
        _list(package, about)


def _size(stream: IO[bytes]) -> int | None:
    """Return the bytes of a stream that stands at its beginning; None where only reading it would tell."""
    if not stream.seekable():
        return None
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    return size


def _page_lines(pages: Sequence[Page]) -> list[bytes]:
    """Return the lines of pages.jsonl; the first says whether the others hold text that can be searched."""
    head = {
        "format": "json-pages-1.0",
        "id": "pages",
        "title": "All Pages",
        "hasText": any(page.text for page in pages),
    }
    return [json.dumps(head).encode() + b"\n", *(page.to_line() for page in pages)]


def _blocks(index: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Return the compressed blocks of the index, and the lines that say where each of them begins."""
    meta = {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}
    blocks, entries, offset = [], [b"!meta 0 " + json.dumps(meta).encode() + b"\n"], 0
    for start in range(0, len(index), LINES_A_BLOCK):
        lines = index[start : start + LINES_A_BLOCK]
        block = gzip.compress(b"".join(line + b"\n" for line in lines), mtime=0)
        data = {
            "offset": offset,
            "length": len(block),
            "digest": f"sha256:{hashlib.sha256(block).hexdigest()}",
            "filename": "index.cdx.gz",
        }
        first = b" ".join(lines[0].split(b" ", 2)[:2])
        entries.append(first + b" " + json.dumps(data).encode() + b"\n")
        blocks.append(block)
        offset += len(block)
    return blocks, entries


def _list(package: _Package, about: dict[str, str]) -> None:
    listed = {"profile": "data-package", "wacz_version": "1.1.1", **about, "resources": package.resources}
    text = json.dumps(listed, ensure_ascii=False, indent=2).encode()
    package.add_pieces("datapackage.json", [text], deflate=True)
    digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(text).hexdigest()}"}
    package.add_pieces("datapackage-digest.json", [json.dumps(digest, indent=2).encode()], deflate=True)


# --- Taking captures along: the merged index of a month, and a WACZ of the articles that somebody chose --------------
# articles ─▶ their WARCs ─▶ + the WARCs that their revisits refer to ─▶ archive.warc.wacz.pack
# manifests of a month ─▶ sorted indexes ─▶ merged a hundred at a time ─▶ lines

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
            part.writelines(merged(lines_of_object(archive.store, item) for item in some))
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
    lines = sorted(line for group in index.values() for line in group)
    with ExitStack() as stack:
        warcs = ((file, stack.enter_context(_opened(archive, outlet, file))) for outlet, file in index)
        pack(out, warcs=warcs, index=lines, pages=pages, about=dict(about))
    return len(pages)


def _index_of(archive: Archive, place: Place) -> list[bytes]:
    outlet, file = place
    lines = lines_of_object(archive.store, _item(archive, outlet, file, "cdxj"))
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

    with opened_object(archive.store, _item(archive, outlet, file, "warc")) as copy:
        if taken:
            for offset, stub in list(patches(copy, is_hidden, "hidden")):
                copy.seek(offset)
                copy.write(stub)
            copy.seek(0)
        yield copy


def _of_originals(archive: Archive, index: Mapping[Place, list[bytes]]) -> list[Place]:
    """Return the WARCs, not among these, that hold what revisits in them refer to. Raises `Missing` where one is gone."""
    entries = [_fields(line) for lines in index.values() for line in lines]
    here = {values["record_id"] for values in entries}
    wanted = {values["refers_to"]: values["refers_to_date"] for values in entries if "refers_to" in values}
    places = dict[Place, None]()
    for record_id, date in wanted.items():
        if record_id not in here:
            place = _place_of(archive, record_id, date)
            places[place] = None
    return list(places)


def _place_of(archive: Archive, record_id: str, date: str) -> Place:
    outlet, pointer = find_record(archive, record_id, date)
    return outlet, pointer.file


def _fields(line: bytes) -> dict[str, Any]:
    return read_entry(line)
