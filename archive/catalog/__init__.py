"""The catalog: what the archive holds, as a crawl needs to know it, in one SQLite file beside the spool.

    published lines, what a crawl asks      `archive.catalog.tables`
    now and then     ──▶ checkpoint    the catalog of one outlet in the bucket, for a machine with an empty disk

The catalog is a cache: it learns from manifests, lines and events, and is thrown away where it is of another version or damaged.
"""

from __future__ import annotations

import gzip
import json
import logging
import os
import shutil
import sqlite3
import tempfile
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import msgspec

from archive.catalog.tables import INSERT, ROWS_OF, VERSION, Answers, Row, connect
from archive.files import (
    Unreadable,
    parse_fields,
)
from archive.manifests.chain import heads_or_rebuilt
from archive.manifests.manifest import (
    Item,
    Manifest,
    checkpoints_in,
    current_part,
    manifests_in,
    time_of,
    tombstones_in,
)
from archive.reader.jsonl import lines_in, naming, opened_object
from archive.reader.redactions import TakenDown
from archive.store.protocol import CHUNK, Missing, StoreRefused, digests_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from archive.store import Store

# ---------------------------------------------------------------------------------------------------------------------
# Checkpoints: the catalog of one outlet as it stood, so that a machine with an empty disk need not read a year of
# lines.
#     checkpoints/outlet=<o>/<time of the last segment in it>-<token>.jsonl.gz
#         {"schema": 2, "outlet": …}
#         ["manifests", "aljazeera", "manifests/outlet=aljazeera/…"] …  ["articles", …] …
#
# A checkpoint only shortens the way: it holds what its manifests say, the manifests that it lacks are read as ever, and
# `python -m archive catalog rebuild` never reads one. A crawl writes one when many manifests have come since the last, and removes
# those before the one before it; where its role may remove nothing, the bucket's lifecycle does.

KEPT = 2  # the newest, and the one before it for who is reading it at this moment


class Spoiled(ValueError):  # noqa: N818  reads as what happened
    """A checkpoint that cannot be read to its end; without it the manifests are read."""


def checkpoint_if_due(catalog: Catalog, store: Store, outlet: str, every: int) -> str | None:
    """Write a checkpoint where ``every`` manifests or more have come since the last one; return its key, None where not.

    Older ones are removed, as far as the store lets us.

    Raises:
        StoreError: the store did not take it; the next crawl tries again.
    """
    keys = list(checkpoints_in(store, outlet))
    last = max(map(_time_in, keys), default="")
    if not every or sum(_time_of(manifest) > last for manifest in catalog.manifests(outlet)) < every:
        return None
    written = write_checkpoint(catalog, store, outlet)
    with suppress(StoreRefused):
        for key in sorted(keys, key=_time_in)[: 1 - KEPT]:
            store.remove(key)
    return written


def write_checkpoint(catalog: Catalog, store: Store, outlet: str) -> str | None:
    """Put what the catalog knows of an outlet into the archive; return its key, None where it knows nothing."""
    times = [_time_of(key) for key in catalog.manifests(outlet)]
    if not times:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.jsonl.gz"
        head = {"schema": VERSION, "outlet": outlet}
        with gzip.open(path, "wt", compresslevel=6, encoding="utf-8") as lines:
            lines.write(json.dumps(head) + "\n")
            for table, row in catalog.rows(outlet):
                lines.write(json.dumps([table, *row], ensure_ascii=False) + "\n")
        key = f"checkpoints/outlet={outlet}/{max(times)}-{os.urandom(4).hex()}.jsonl.gz"
        store.put_file(key, path, digests=digests_of(path), metadata={"manifests": str(len(times))})
    return key


def checkpoint_rows(store: Store, outlet: str) -> Iterator[tuple[str, Row]]:
    """Yield the rows of an outlet's newest checkpoint that this release can read; none where there is none.

    Raises:
        Spoiled: it ends too soon, or is none; what was yielded of it counts for nothing.
    """
    for key in sorted(checkpoints_in(store, outlet), key=_time_in, reverse=True):
        try:
            with tempfile.TemporaryFile() as copy:
                with store.open(key) as stream:
                    shutil.copyfileobj(stream, copy, CHUNK)
                lines = lines_in(copy)
                if parse_fields(next(lines), schema=int)["schema"] != VERSION:
                    continue
                for line in lines:
                    yield _row_of(line)
        except (Unreadable, StopIteration) as error:
            raise Spoiled(f"the checkpoint {key} cannot be read: {error}") from error
        return


_ROW: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(
    list[str | Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | float | None]
)
_WIDTHS = {table: statement.count("?") for table, statement in INSERT.items()}


def _row_of(line: bytes) -> tuple[str, Row]:
    try:
        table, *row = _ROW.decode(line)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"a line is no row: {error}") from None
    if _WIDTHS.get(table) != len(row):
        raise Unreadable("a line is no row of a table")
    return table, row


def _time_of(manifest_key: str) -> str:
    return time_of(manifest_key.rpartition("/")[2].removesuffix(".json"))


def _time_in(checkpoint_key: str) -> str:
    return checkpoint_key.rpartition("/")[2].partition("-")[0]


# --- The catalog: what the archive holds, as a crawl needs to know it, in one SQLite file ----------------------------
#     manifests (published, newer than known) ──▶ articles    id → version, text hash, headline, dates
#                                             ├─▶ originals   payload digest → the first published response with it
#                                             ├─▶ validators  URL → ETag, Last-Modified of its newest capture
#                                             └─▶ channels, tries, looks, standings      (archive.catalog.tables)
#
# It is a cache. What it says comes from published manifests alone, so that nothing counts as seen before it is kept, and the
# same manifests give the same catalog in whatever order they come.

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
                    with open_object(items[kind]) as stream, naming(items[kind].key):
                        for table, row in rows_of(outlet, stream):
                            db.execute(INSERT[table], row)
            db.execute(INSERT["manifests"], (outlet, manifest.key))

    def _load_checkpoint(self, store: Store, outlet: str) -> None:
        try:
            with self._transaction() as db:
                for table, rows in groupby(checkpoint_rows(store, outlet), key=itemgetter(0)):
                    db.executemany(INSERT[table], map(itemgetter(1), rows))
        except (Spoiled, sqlite3.IntegrityError) as error:
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
            self.remember(manifest, lambda item: opened_object(store, item))
        except Missing:  # a compaction stands for it, and what it replaced was removed
            left = current_part(store, manifest)
            self.remember(left, lambda item: opened_object(store, item))
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
