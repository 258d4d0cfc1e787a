"""Checkpoints: the catalog of one outlet as it stood, so that a machine with an empty disk need not read a year of lines.

    checkpoints/outlet=<o>/<last crawl date>-<token>.jsonl.gz
        {"schema": 1, "outlet": …}
        ["manifests", "aljazeera", "manifests/outlet=aljazeera/…"] …  ["articles", …] …

A checkpoint only shortens the way: it holds what its manifests say, the manifests that it lacks are read as ever, and
`python -m archive catalog rebuild` never reads one.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from archive.catalog_rows import VERSION
from archive.store.protocol import digests_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.catalog import Catalog
    from archive.catalog_rows import Row
    from archive.store.protocol import Store


def write_checkpoint(catalog: Catalog, store: Store, outlet: str) -> str | None:
    """Put what the catalog knows of an outlet into the archive; return its key, None where it knows nothing."""
    dates = [_date_of(row[1]) for table, row in catalog.rows(outlet) if table == "manifests"]
    if not dates:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.jsonl.gz"
        head = {"schema": VERSION, "outlet": outlet}
        with gzip.open(path, "wt", compresslevel=6, encoding="utf-8") as lines:
            lines.write(json.dumps(head) + "\n")
            for table, row in catalog.rows(outlet):
                lines.write(json.dumps([table, *row], ensure_ascii=False) + "\n")
        key = f"checkpoints/outlet={outlet}/{max(dates)}-{os.urandom(4).hex()}.jsonl.gz"
        store.put_file(key, path, digests=digests_of(path), metadata={"manifests": str(len(dates))})
    return key


def checkpoint_rows(store: Store, outlet: str) -> Iterator[tuple[str, Row]]:
    """Yield the rows of an outlet's newest checkpoint that this release can read; none where there is none."""
    for key in sorted((found.key for found in store.listing(f"checkpoints/outlet={outlet}/")), reverse=True):
        with store.open(key) as stream, gzip.open(stream) as lines:
            head = json.loads(next(lines))
            if head["schema"] != VERSION:
                continue
            for line in lines:
                table, *row = json.loads(line)
                yield table, tuple(row)
        return


def _date_of(manifest_key: str) -> str:
    return manifest_key.split("/date=")[1].partition("/")[0]
