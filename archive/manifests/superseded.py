"""Which objects of the manifests are to be read, now that later ones stand for some of them.

    manifest                     says                                      then
    of a compaction              replaces [M1, M2, …], moved [file, at]    its objects are read, theirs are not
    of a reading again           replaces [M1: articles, wet]              its lines are read, M1's WARC still is
    of an erasure                amends [key, …]                           the objects are as it says now

A manifest that replaces another stands in the same month, at the same crawl date or a later one, and the objects of both are
whole when it is committed. So a look at one month's keys, taken once and in order, shows either the old or the new.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archive.files import Unreadable
from archive.manifests.manifest import SUFFIXES, Manifest, manifests_in, object_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archive.article import RecordPointer
    from archive.manifests.manifest import Item
    from archive.store import Store


def current_objects(manifests: Iterable[Manifest]) -> list[Manifest]:
    """Return the manifests, each with those of its objects alone that nothing replaces; none without an object.

    Args:
        manifests: all manifests of one or more whole months.
    """
    found = list(manifests)
    gone = replaced(found)
    amended = amendments(found)
    views = (replace(manifest, objects=list(_left(manifest, gone, amended))) for manifest in found)
    return [view for view in views if view.objects]


def current_part(store: Store, manifest: Manifest) -> Manifest:
    """Return a manifest with those of its objects that nothing in the store replaces, which may be none."""
    month = manifests_in(store, manifest.outlet, manifest.date[: len("yyyy-mm")])
    others = [Manifest.from_bytes(store.read(key)) for key in month]
    gone, amended = replaced(others), amendments(others)
    return replace(manifest, objects=list(_left(manifest, gone, amended)))


def replaced(manifests: Iterable[Manifest]) -> set[tuple[str, str]]:
    """Return key and kind of every manifest's object that another one of these stands for."""
    return {(old.key, kind) for manifest in manifests for old in manifest.replaces for kind in old.kinds}


def amendments(manifests: Iterable[Manifest]) -> dict[str, Item]:
    """Return how erasures left objects, by the objects' keys; the last erasure wins."""
    inorder = sorted(manifests, key=lambda manifest: manifest.created)
    return {item.key: item for manifest in inorder for item in manifest.amends}


def _left(manifest: Manifest, gone: set[tuple[str, str]], amended: dict[str, Item]) -> Iterator[Item]:
    for item in manifest.objects:
        if (manifest.key, item.kind) not in gone:
            yield amended.get(item.key, item)


@dataclass(frozen=True, slots=True)
class Relocations:
    """Where WARCs went that a compaction joined: file name → file name of the joined one, offset in it."""

    moved: dict[str, tuple[str, int]]

    @classmethod
    def of(cls, manifests: Iterable[Manifest]) -> Relocations:
        """Learn it from manifests."""
        moved = {}
        for manifest in manifests:
            for part in manifest.moved:
                moved[part.file] = (f"{manifest.segment}{SUFFIXES['warc']}", part.at)
        return cls(moved)

    def resolve(self, pointer: RecordPointer) -> RecordPointer:
        """Return where the record lies now; a pointer keeps its record id and digest. Raises `Unreadable` where that never ends."""
        seen = set[str]()
        while pointer.file in self.moved:  # what was joined may be joined again
            if pointer.file in seen:
                raise Unreadable(f"{pointer.file} is said to have moved into itself")
            seen.add(pointer.file)
            file, at = self.moved[pointer.file]
            pointer = replace(pointer, file=file, offset=pointer.offset + at)
        return pointer


def index_key(outlet: str, file: str) -> str:
    """Return the key of the index of a WARC, by the WARC's file name."""
    return object_key("cdxj", outlet, file.removesuffix(SUFFIXES["warc"]))
