"""Checkpoints: the catalog of one outlet as it stood, so that a machine with an empty disk need not read a year of lines.

    checkpoints/outlet=<o>/<time of the last segment in it>-<token>.jsonl.gz
        {"schema": 2, "outlet": …}
        ["manifests", "aljazeera", "manifests/outlet=aljazeera/…"] …  ["articles", …] …

A checkpoint only shortens the way: it holds what its manifests say, the manifests that it lacks are read as ever, and
`python -m archive catalog rebuild` never reads one. A crawl writes one when many manifests have come since the last, and removes
those before the one before it; where its role may remove nothing, the bucket's lifecycle does.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from archive.catalog_rows import VERSION
from archive.keys import checkpoints_in
from archive.stem import time_of
from archive.store.protocol import StoreRefused, digests_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.catalog import Catalog
    from archive.catalog_rows import Row
    from archive.store.protocol import Store


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
            with store.open(key) as stream, gzip.open(stream) as lines:
                if json.loads(next(lines))["schema"] != VERSION:
                    continue
                for line in lines:
                    table, *row = json.loads(line)
                    yield table, tuple(row)
        except (gzip.BadGzipFile, EOFError, zlib.error, ValueError, StopIteration) as error:
            raise Spoiled(f"the checkpoint {key} cannot be read: {error}") from error
        return


def _time_of(manifest_key: str) -> str:
    return time_of(manifest_key.rpartition("/")[2].removesuffix(".json"))


def _time_in(checkpoint_key: str) -> str:
    return checkpoint_key.rpartition("/")[2].partition("-")[0]
