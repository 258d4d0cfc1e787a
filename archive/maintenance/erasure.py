"""Erasure: the second, deliberate step of a take-down. What was hidden is taken out of the objects themselves.

    tombstone ─▶ every object of the outlets concerned, replaced ones too, is looked through
      warc, wet    each record becomes a stub of its length       cdxj, articles    the lines go
      events       the lines stay, their addresses go
    ─▶ a manifest that `amends` them: new sizes, hashes and counts, in the chain ─▶ the objects are overwritten
    ─▶ checkpoints, which repeat headlines, are removed

Pointers stay right, for no record moves. The audit trail is the tombstone, the manifest and the stubs. A run that died is
repeated: it finds what is left to be done. This needs the right to overwrite and to delete: docs/policies/take-down.json.
"""

from __future__ import annotations

import gzip
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from archive.article import format_time
from archive.inspection import inspect
from archive.keys import checkpoints_in
from archive.maintenance.compaction import months, outlets_of, read_month
from archive.maintenance.replacement import commit_noted, turn
from archive.manifests.manifest import Manifest
from archive.manifests.superseded import amendments
from archive.objects import fetch
from archive.reader.redactions import digest_of_address
from archive.rewriting.leaving_out import leave_out
from archive.rewriting.stubs import patches
from archive.software import WRITER, software
from archive.stem import successor_stem
from archive.store.protocol import Missing, digests_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.manifests.manifest import Item
    from archive.reader.redactions import Redaction
    from archive.store import Store
    from archive.warc.reading import StoredRecord


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did in one month of an outlet: the manifest that says so, objects rewritten."""

    manifest: str
    objects: list[str]


def erase(store: Store, redaction: Redaction) -> Iterator[Erased]:
    """Erase what a take-down hides; yield each month in which something was left of it.

    Raises:
        LeaseHeld: somebody else rewrites an outlet.
        NotAsPublished: an object is damaged; nothing of its month is rewritten.
        StoreUnavailable: the store fails; what was read of an object is never taken for all of it.
    """
    named = sorted({identity.partition(":")[0] for identity in redaction.ids})
    for outlet in outlets_of(store, named if redaction.ids and not redaction.urls else None):
        with turn(store, outlet) as held:
            for month in months(store, outlet):
                held.renew()
                found = _erase_month(store, outlet, month, redaction)
                if found is not None:
                    yield found
            for checkpoint in list(checkpoints_in(store, outlet)):
                store.remove(checkpoint)


_LAST = (
    "events",
    "warc",
    "wet",
    "articles",
    "cdxj",
)  # by an index and by lines a repetition finds what is left to be done


_SIGNS = (("events", "events"), ("cdxj", "cdxj"), ("articles", "articles"), ("warc", "cdxj"), ("wet", "articles"))


def _erase_month(store: Store, outlet: str, month: str, redaction: Redaction) -> Erased | None:
    manifests, _ = read_month(store, outlet, month)
    amended = amendments(manifests)
    with tempfile.TemporaryDirectory() as folder:
        rewritten: dict[str, tuple[Item, Path]] = {}
        last = None
        for manifest in manifests:
            items = {item.kind: amended.get(item.key, item) for item in manifest.objects}
            for kind, sign in _SIGNS:
                item = items.get(kind)
                if (
                    item is None
                    or item.key in rewritten
                    or (sign != kind and items.get(sign, item).key not in rewritten)
                ):
                    continue  # what its index, or its lines, show nothing of
                path = Path(folder) / f"{len(rewritten)}.{kind}"
                if _rewrite(store, item, path, redaction):
                    rewritten[item.key] = (_described(item, path), path)
                    last = manifest
        if last is None:
            return None
        found = sorted(rewritten.values(), key=lambda one: _LAST.index(one[0].kind))
        made = _commit(store, last, [item for item, _ in found], redaction)
        for item, path in found:
            store.overwrite(item.key, path, digests=digests_of(path))
    return Erased(made.key, [item.key for item, _ in found])


def _commit(store: Store, last: Manifest, items: list[Item], redaction: Redaction) -> Manifest:
    stem = successor_stem(last.segment, "erasure", redaction.id, *(f"{item.key} {item.sha256}" for item in items))
    return commit_noted(
        store,
        Manifest(
            collection=last.collection,
            outlet=last.outlet,
            crawl=f"redaction-{redaction.id}",
            segment=stem,
            date=last.date,
            created=format_time(datetime.now(UTC)),
            software=software(WRITER),
            objects=[],
            amends=items,
        ),
    )


def _rewrite(store: Store, item: Item, path: Path, redaction: Redaction) -> bool:
    """Write an object without what is to go; False where nothing of it is in there, or the object was removed."""
    try:
        if item.kind in {"warc", "wet"}:
            return _patch(store, item, path, redaction)
        if item.kind in {"cdxj", "articles", "events"}:
            return leave_out(store, item, path, redaction)
    except Missing:  # swept after a compaction
        return False
    return False


def _patch(store: Store, item: Item, path: Path, redaction: Redaction) -> bool:
    with path.open("wb") as out:
        fetch(store, item, out)
    urls, records, ids = set(redaction.urls), set(redaction.records), set(redaction.ids)

    def is_hidden(record: StoredRecord) -> bool:
        if record.id in records or record.field("X-Warraq-Article") in ids or record.field("WARC-Refers-To") in records:
            return True
        return digest_of_address(record.field("WARC-Target-URI") or "") in urls

    with path.open("rb+") as stream:
        found = list(patches(stream, is_hidden, redaction.id))
        for offset, stub in found:
            stream.seek(offset)
            stream.write(stub)
    return bool(found)


_COUNTED = {"cdxj": "capture", "articles": "article", "events": "event"}


def _described(item: Item, path: Path) -> Item:
    digests = digests_of(path)
    if item.kind in {"warc", "wet"}:
        with path.open("rb") as stream:
            counts = dict(sorted(inspect(stream, path.name).records.items()))
    else:
        with gzip.open(path) as lines:
            counts = {_COUNTED[item.kind]: sum(1 for _ in lines)}
    return replace(item, bytes=digests.size, sha256=digests.sha256, records=counts)
