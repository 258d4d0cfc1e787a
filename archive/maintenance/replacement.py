"""Publishing what stands for earlier objects, in the order of every publication: the objects, the manifest, the pointer.

    lease ─▶ make the files locally ─▶ put_file … ─▶ commit(manifest with `replaces`) ─▶ release
                                                      └─ before it readers see the old, after it the new

The names follow from what is replaced, so that a repetition after a crash finds its own objects and goes on from there.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from archive.files import parse_fields
from archive.manifests.chain import commit
from archive.manifests.lease import Lease
from archive.manifests.manifest import Item, Manifest, Replaced, object_key
from archive.store.protocol import Missing, digests_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from archive.store import Store

LEASE_SECONDS = 3600  # for one segment; renewed with each


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A local file that is to be published: what the manifest says of it, without size and hash."""

    kind: str
    path: Path
    records: dict[str, int]
    first: str | None = None
    last: str | None = None


@dataclass(slots=True)
class Turn:
    """The right to rewrite one outlet; `renew` it with each segment."""

    lease: Lease = field(repr=False)

    def renew(self) -> None:
        """Keep it. Raises `LeaseLost`."""
        self.lease.renew()


@contextmanager
def turn(store: Store, outlet: str) -> Iterator[Turn]:
    """Hold the lease under which an outlet's published segments are rewritten; crawls have another one and go on.

    Raises:
        LeaseHeld: somebody else compacts, erases, or reads this outlet again.
    """
    lease = Lease(store, f"{outlet}.rewriting", holder=os.urandom(8).hex(), seconds=LEASE_SECONDS)
    lease.acquire()
    try:
        _finish(store, outlet)
        yield Turn(lease)
    finally:
        lease.release()


def replacing(views: Iterable[Manifest], bodies: dict[str, str], kinds: Iterable[str] | None = None) -> list[Replaced]:
    """Return what a manifest says of the ones it stands for.

    Args:
        views: the standing parts of these.
        bodies: SHA-256 of their published bytes, by key.
        kinds: only these kinds; by default all that stand.
    """
    chosen = None if kinds is None else set(kinds)
    found = []
    for view in views:
        gone = [item.kind for item in view.objects if chosen is None or item.kind in chosen]
        if gone:
            found.append(Replaced(key=view.key, sha256=bodies[view.key], kinds=gone))
    return found


def publish(store: Store, manifest: Manifest, files: Iterable[Made]) -> Manifest:
    """Upload the files, then commit the manifest that lists them; return it as it stands.

    Args:
        store: the archive.
        manifest: without objects and predecessors.
        files: what it is to list.
    """
    items = []
    for made in files:
        digests = digests_of(made.path)
        key = object_key(made.kind, manifest.outlet, manifest.segment)
        counts = ",".join(f"{kind}={count}" for kind, count in sorted(made.records.items()))
        store.put_file(key, made.path, digests=digests, metadata={"crawl": manifest.crawl, "records": counts})
        items.append(
            Item(
                kind=made.kind,
                key=key,
                bytes=digests.size,
                sha256=digests.sha256,
                records=made.records,
                first=made.first,
                last=made.last,
            )
        )
    return commit_noted(store, replace(manifest, objects=items))


def commit_noted(store: Store, manifest: Manifest) -> Manifest:
    """Commit a manifest; should this die before the pointer has moved, the next turn moves it."""
    _note(store, manifest.outlet, manifest.key)
    standing = commit(store, manifest)
    _note(store, manifest.outlet, None)
    return standing


def _finish(store: Store, outlet: str) -> None:
    """Move the pointer to a manifest that was created by somebody who died before doing so."""
    with suppress(Missing):
        key = parse_fields(store.read(_note_key(outlet)), committing=str | None)["committing"]
        if key is not None and store.stat(key) is not None:
            commit(store, Manifest.from_bytes(store.read(key)))


def _note(store: Store, outlet: str, key: str | None) -> None:
    try:
        _, tag = store.read_tagged(_note_key(outlet))
    except Missing:
        tag = None
    store.replace(_note_key(outlet), (json.dumps({"committing": key}) + "\n").encode(), tag=tag)


def _note_key(outlet: str) -> str:
    return f"leases/{outlet}.committing.json"
