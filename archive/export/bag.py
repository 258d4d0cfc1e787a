"""A bag (BagIt, RFC 8493) of chosen articles: the segments that they need, whole, with all that proves them.

    BAG/bagit.txt, bag-info.txt, manifest-sha256.txt …      made by bagit-py
    BAG/data/manifests, warc, cdxj, wet, articles …          the segments, under the keys that they have in the archive
    BAG/data/pointers, redactions                            the heads of the chains, the take-downs
    BAG/data/chain/manifests                                 the manifests of all other segments: the chain is whole

``data/`` is an archive: every command reads it, and ``verify --deep --chain`` proves it. A segment goes in with everything that the
crawl captured beside the chosen articles, as its hash demands; so do the segments with the originals of revisits, and what stands for
parts of a segment.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archive.article import VERSION, Article
from archive.files import inside, make_folder
from archive.manifests.chain import CHAIN
from archive.manifests.manifest import (
    SUFFIXES,
    Manifest,
    current_objects,
    manifest_key,
    manifests_in,
    pointer_key,
    tombstones_in,
)
from archive.reader.archive import find_record
from archive.reader.jsonl import fetch_object, lines_of_object
from archive.warc.cdxj import read_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from archive.reader.archive import Archive

Key = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Bagged:
    """What a bag holds: articles that were chosen, segments that they needed, bytes of the payload."""

    articles: int
    segments: int
    bytes: int


@dataclass(slots=True)
class _Segments:
    """The manifests of an archive, and which of their segments are to go into the bag."""

    archive: Archive
    bodies: dict[str, bytes]
    manifests: dict[str, Manifest]
    views: dict[str, Manifest]
    chosen: dict[str, None] = field(default_factory=dict)

    @classmethod
    def of(cls, archive: Archive) -> _Segments:
        bodies = {key: archive.store.read(key) for key in manifests_in(archive.store)}
        manifests = {key: Manifest.from_bytes(body) for key, body in bodies.items()}
        return cls(archive, bodies, manifests, {view.key: view for view in current_objects(manifests.values())})

    def choose(self, articles: Iterable[Article]) -> int:
        """Choose the segments that hold these articles' lines and captures; return how many articles there are."""
        wanted: dict[Key, str | None] = {}
        for article in articles:
            place = None if article.warc is None else self.archive.whereabouts(article.outlet, article.warc).file
            wanted[_key(article)] = place and manifest_key(article.outlet, place.removesuffix(SUFFIXES["warc"]))
        self.chosen |= {place: None for place in wanted.values() if place is not None}
        for key, view in self.views.items():
            if "articles" in view.by_kind and any(_key(one) in wanted for one in self._lines(view)):
                self.chosen[key] = None
        self._complete()
        return len(wanted)

    def _lines(self, view: Manifest) -> Iterator[Article]:
        return map(Article.from_line, lines_of_object(self.archive.store, view.by_kind["articles"]))

    def _complete(self) -> None:
        """Add the segments that the chosen ones need: originals of their revisits, what stands for parts of them."""
        waiting = list(self.chosen)
        while waiting:
            key = waiting.pop()
            for needed in self._needed(key):
                if needed not in self.chosen:
                    self.chosen[needed] = None
                    waiting.append(needed)

    def _needed(self, key: str) -> Iterator[str]:
        objects = {item.key for item in self.manifests[key].objects}
        for other in self.manifests.values():
            if any(old.key == key for old in other.replaces) or any(item.key in objects for item in other.amends):
                yield other.key
        entries = [*self._entries(key)]
        own = {entry["record_id"] for entry in entries}
        for entry in entries:
            if "refers_to" in entry and entry["refers_to"] not in own:
                outlet, pointer = find_record(self.archive, entry["refers_to"], entry["refers_to_date"])
                yield manifest_key(outlet, pointer.file.removesuffix(SUFFIXES["warc"]))

    def _entries(self, key: str) -> Iterator[dict[str, Any]]:
        view = self.views.get(key)
        if view is not None and "cdxj" in view.by_kind:
            yield from map(read_entry, lines_of_object(self.archive.store, view.by_kind["cdxj"]))

    def check(self) -> None:
        """See that nothing goes out that was taken down. Raises `ValueError`: whole segments cannot be given in part."""
        taken = self.archive.taken_down
        if not taken:
            return
        for key in self.chosen:
            view = self.views.get(key)
            hidden = any(taken.hides_entry(entry) for entry in self._entries(key)) or (
                view is not None and "articles" in view.by_kind and any(map(taken.hides, self._lines(view)))
            )
            if hidden:
                raise ValueError(
                    f"{self.manifests[key].segment} holds what was taken down and is not erased; redact --erase does it, or choose without this segment"
                )


def write_bag(archive: Archive, folder: Path, selection: Mapping[str, Any]) -> Bagged:
    """Write a bag of chosen articles; none where no article fits.

    Args:
        archive: what they are taken from.
        folder: the bag; it may not exist yet, and appears whole.
        selection: as `Archive.articles` takes it.

    Raises:
        ValueError: the folder exists, or something that was taken down would go out.
    """
    import bagit  # noqa: PLC0415  an extra, imported when it is needed

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(f"{folder} exists already; a bag is made once, name another folder")
    pointers = {name: archive.store.read(pointer_key(name)) for name in archive.outlets()}  # before what they point at
    segments = _Segments.of(archive)
    count = segments.choose(archive.articles(**selection))
    if not count:
        return Bagged(0, 0, 0)
    segments.check()
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)  # of a run that died
    try:
        size = _fill(segments, part, pointers)
        bagit.make_bag(str(part), _about(archive, selection), checksums=["sha256", "sha512"])
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Bagged(count, len(segments.chosen), size)


def _key(article: Article) -> Key:
    return article.id, article.version, article.captured.isoformat()


def _fill(segments: _Segments, folder: Path, pointers: Mapping[str, bytes]) -> int:
    """Copy everything; return the bytes of the segments' objects."""
    store, size = segments.archive.store, 0
    outlets = {segments.manifests[key].outlet for key in segments.chosen}
    for key, body in segments.bodies.items():
        if key in segments.chosen:
            _write(folder, key, body)
        elif segments.manifests[key].outlet in outlets:
            _write(folder, f"{CHAIN}{key}", body)
    for key in segments.chosen:
        view = segments.views.get(key)
        for item in () if view is None else view.objects:
            path = inside(folder, item.key)
            make_folder(path.parent)
            with path.open("wb") as out:
                fetch_object(store, item, out)
            size += item.bytes
    for outlet in outlets:
        _write(folder, pointer_key(outlet), pointers[outlet])
    for key in tombstones_in(store):
        _write(folder, key, store.read(key))
    return size


def _write(folder: Path, key: str, body: bytes) -> None:
    path = inside(folder, key)
    make_folder(path.parent)
    path.write_bytes(body)


def _about(archive: Archive, selection: Mapping[str, Any]) -> dict[str, str]:
    chosen = ", ".join(f"{name}={value}" for name, value in selection.items() if value not in (None, [], (), False))
    return {
        "External-Description": f"Arabic news, archived by Warraq: {chosen or 'everything'}",
        "External-Identifier": archive.store.uri,
        "Bag-Software-Agent": f"warraq {VERSION}",
    }
