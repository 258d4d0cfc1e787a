"""From published lines to the rows of the catalog."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALLEST_ORIGINAL = 256  # bytes; below it a revisit record is no shorter than the response


def article_rows(stream: BinaryIO) -> Iterator[tuple[Any, ...]]:
    """Yield a row of ``articles`` for each line of an ``articles`` object."""
    with gzip.open(stream) as lines:
        for line in lines:
            said = json.loads(line)
            record_id = None if said["warc"] is None else said["warc"]["record_id"]
            yield (
                said["id"],
                said["version"],
                said["captured"],
                said["canonical_url"],
                said["text_sha256"],
                said["headline"],
                said["published"],
                said["modified"],
                record_id,
            )


def capture_rows(stream: BinaryIO) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield ``(table, row)`` for each line of a ``cdxj`` object that other captures may refer to.

    Only whole answers with status 200 count: an error page is never the original of anything.
    """
    with gzip.open(stream) as lines:
        for line in lines:
            said = json.loads(line.split(b" ", 2)[2])
            if said.get("status") != "200":
                continue
            url, date, record_id = said["url"], said["date"], said["record_id"]
            if said["mime"] != "warc/revisit" and int(said["length"]) >= SMALLEST_ORIGINAL:
                yield "originals", (said["digest"], date, record_id, url)
            if said.get("etag") or said.get("last_modified"):
                yield "validators", (url, date, record_id, said.get("etag"), said.get("last_modified"))
