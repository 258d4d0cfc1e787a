"""Joining the objects of several segments into one of each kind.

warc wet            byte after byte: records are gzip members, so a joined file is a WARC, and a record keeps its bytes
cdxj                sorted anew; each line names the joined file and the offset in it
articles stories events   line after line, each as it was published
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from typing import TYPE_CHECKING

from archive.maintenance.replacement import Made
from archive.manifests.manifest import SUFFIXES, Moved
from archive.objects import fetch, lines_of
from archive.reader.jsonl import pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from archive.manifests.manifest import Item, Manifest
    from archive.store import Store


def join(store: Store, views: Sequence[Manifest], stem: str, folder: Path) -> tuple[list[Made], list[Moved]]:
    """Write the joined files of some segments into ``folder``; return them, and where each WARC stands in the new one.

    Raises:
        NotAsPublished: an object is damaged.
    """
    made: list[Made] = []
    moved: list[Moved] = []
    by_kind = {kind: [item for view in views if (item := view.by_kind.get(kind))] for kind in _KINDS}
    for kind, items in by_kind.items():
        if not items:
            continue
        path = folder / f"{stem}.{kind}"
        if kind in {"warc", "wet"}:
            places = _append(store, items, path)
        if kind == "warc":
            moved = [Moved(file=_name(item), at=at) for item, at in zip(items, places, strict=True)]
            moved = [*_carried(views, moved), *moved]
        elif kind == "cdxj":
            pack(_index(store, items, f"{stem}.warc.gz", {part.file: part.at for part in moved}), path)
        elif kind != "wet":
            pack(_lines(store, items), path)
        made.append(Made(kind=kind, path=path, records=_sum(items), first=_first(items), last=_last(items)))
    return made, moved


_KINDS = tuple(SUFFIXES)  # the WARC first: the index needs to know where it went


def _carried(views: Iterable[Manifest], moved: Sequence[Moved]) -> Iterator[Moved]:
    """Yield where WARCs are now that had been joined before: one look finds them, whatever the number of compactions."""
    places = {part.file: part.at for part in moved}
    for view in views:
        if "warc" in view.by_kind:
            at = places[_name(view.by_kind["warc"])]
            yield from (Moved(file=part.file, at=part.at + at) for part in view.moved)


def _append(store: Store, items: Iterable[Item], path: Path) -> list[int]:
    """Write objects one after the other; return where each begins."""
    places = []
    with path.open("wb") as out:
        for item in items:
            places.append(out.tell())
            fetch(store, item, out)
    return places


def _lines(store: Store, items: Iterable[Item]) -> Iterator[bytes]:
    for item in items:
        yield from lines_of(store, item)


def _index(store: Store, items: Sequence[Item], joined: str, places: dict[str, int]) -> Iterator[bytes]:
    """Yield the lines of several indexes in order, each with its new place."""
    yield from heapq.merge(*(sorted(_placed(line, joined, places) for line in _lines(store, [item])) for item in items))


def _placed(line: bytes, joined: str, places: dict[str, int]) -> bytes:
    key, timestamp, said = line.split(b" ", 2)
    values = json.loads(said)
    values["offset"] = str(int(values["offset"]) + places[values["filename"]])
    values["filename"] = joined
    return b" ".join((key, timestamp, json.dumps(values, ensure_ascii=False).encode())) + b"\n"


def _name(item: Item) -> str:
    return item.key.rpartition("/")[2]


def _sum(items: Iterable[Item]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for item in items:
        total.update(item.records)
    return dict(sorted(total.items()))


def _first(items: Iterable[Item]) -> str | None:
    return min((item.first for item in items if item.first), default=None)


def _last(items: Iterable[Item]) -> str | None:
    return max((item.last for item in items if item.last), default=None)
