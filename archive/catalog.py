"""The catalog: what the archive holds, as a crawl needs to know it, in one SQLite file.

    manifests (published, newer than known) ──▶ articles    id → version, text hash, headline, dates
                                            ├─▶ originals   payload digest → the first published response with it
                                            ├─▶ validators  URL → ETag, Last-Modified of its newest capture
                                            └─▶ channels, tries, looks, standings      (archive.catalog_events)

It is a cache. What it says comes from published manifests alone, so that nothing counts as seen before it is kept, and the
same manifests give the same catalog in whatever order they come.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import IO, TYPE_CHECKING

from archive.catalog_answers import Answers
from archive.catalog_file import connect
from archive.catalog_rows import INSERT, ROWS_OF
from archive.checkpoint import Spoiled, checkpoint_rows
from archive.keys import manifests_in, tombstones_in
from archive.manifests.chain import heads_or_rebuilt
from archive.manifests.manifest import Manifest
from archive.manifests.superseded import standing_part
from archive.objects import opened
from archive.reader.redactions import TakenDown
from archive.store.protocol import Missing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from archive.manifests.manifest import Item
    from archive.store import Store


logger = logging.getLogger(__name__)


class Catalog(Answers):
    """The cache in one file: what `Answers` says, and how it is learned. May be used from several threads."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._writing = threading.Lock()
        try:
            self._writer = connect(path)
        except BaseException:
            super().close()
            raise

    def close(self) -> None:
        """Close the file."""
        super().close()
        self._writer.close()

    def catch_up(
        self,
        store: Store,
        outlets: Sequence[str],
        window: timedelta | None = None,
        *,
        now: datetime | None = None,
        checkpoints: bool = True,
    ) -> int:
        """Learn from the manifests that are newer than known, and return how many these were.

        Args:
            store: where the archive is.
            outlets: the outlets to learn about.
            window: how far back crawl dates are read; None for all of them.
            now: the time the window ends at.
            checkpoints: begin with a checkpoint where nothing is known of an outlet.
        """
        learned = 0
        first = "" if window is None else f"{(now or datetime.now(UTC)) - window:%Y-%m-%d}"
        for outlet in outlets:
            if checkpoints and not self._one("SELECT 1 FROM manifests WHERE outlet = ?", outlet):
                self._load_checkpoint(store, outlet)
            for key in manifests_in(store, outlet, since=first):
                learned += self._learn(store, key)
        self._forget_taken_down(store, anew=bool(learned))
        return learned

    def knows(self, key: str) -> bool:
        """Say whether a manifest was learned."""
        return self._one("SELECT 1 FROM manifests WHERE key = ?", key) is not None

    def learn_heads(self, store: Store, outlet: str) -> None:
        """Learn what the heads of an outlet's chain reach and this does not know.

        Args:
            store: where the archive is.
            outlet: the outlet.

        Raises:
            StoreError: a manifest or an object of it cannot be read.
        """
        waiting, unknown = [link.key for link in heads_or_rebuilt(store, outlet)[0]], dict[str, None]()
        while waiting:
            key = waiting.pop()
            if key in unknown or self.knows(key):
                continue
            unknown[key] = None
            waiting += [link.key for link in Manifest.from_bytes(store.read(key)).previous]
        for key in unknown:
            self._learn(store, key)
        if unknown:
            self._forget_taken_down(store, anew=True)

    def remember(self, manifest: Manifest, open_object: Callable[[Item], AbstractContextManager[IO[bytes]]]) -> None:
        """Learn what one published manifest brought; repeating it changes nothing.

        Args:
            manifest: a manifest that stands in the store.
            open_object: gives the bytes of one of its objects, from the spool or from the store.
        """
        items, outlet = manifest.by_kind, manifest.outlet
        with self._transaction() as db:
            for kind, rows_of in ROWS_OF.items():
                if kind in items:
                    with open_object(items[kind]) as stream:
                        for table, row in rows_of(outlet, stream):
                            db.execute(INSERT[table], row)
            db.execute(INSERT["manifests"], (outlet, manifest.key))

    def _load_checkpoint(self, store: Store, outlet: str) -> None:
        try:
            with self._transaction() as db:
                for table, rows in groupby(checkpoint_rows(store, outlet), key=itemgetter(0)):
                    db.executemany(INSERT[table], map(itemgetter(1), rows))
        except Spoiled as error:
            logger.warning("%s; the manifests are read instead", error)

    def _forget_taken_down(self, store: Store, *, anew: bool) -> None:
        """Drop what was taken down: no revisit may refer to it, no headline stays. Asks the archive, not this, whether it is hidden."""
        keys = list(tombstones_in(store))
        if not keys or not (
            anew or any(self._one("SELECT 1 FROM manifests WHERE key = ?", key) is None for key in keys)
        ):
            return
        taken = TakenDown(store)
        with self._transaction() as db:
            db.create_function("is_hidden", 2, lambda record, url: record in taken.records or taken.hides_url(url))
            db.executemany("DELETE FROM articles WHERE id = ?", [(identity,) for identity in taken.ids])
            db.execute("DELETE FROM articles WHERE is_hidden(record_id, canonical_url)")
            for table in ("originals", "validators"):
                db.execute(f"DELETE FROM {table} WHERE is_hidden(record_id, url)")  # noqa: S608  fixed names, no input
            db.executemany(INSERT["manifests"], [("", key) for key in keys])

    def _learn(self, store: Store, key: str) -> int:
        if self.knows(key):
            return 0
        manifest = Manifest.from_bytes(store.read(key))
        try:
            self.remember(manifest, lambda item: opened(store, item))
        except Missing:  # a compaction stands for it, and what it replaced was removed
            left = standing_part(store, manifest)
            self.remember(left, lambda item: opened(store, item))
        return 1

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # SQLite may have taken it back already
                    self._writer.execute("ROLLBACK")
                raise
