"""A segment of so many megabytes, written, sealed, published and verified in a process of its own, which then says what it took.

python -m tests.archive.heavy_segment MEGABYTES FOLDER        prints JSON: the peak of its memory in MB, seconds of processor
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

from archive.catalog import Catalog
from archive.manifests.publisher import Publisher
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from archive.verify import Tally, verify
from archive.warc.message import Exchange
from tests.archive.samples import OUTLET, START, article_of, url_of

TEXT = "نص الخبر " * 1500  # a line of 25 KB, so that lines which are kept show
BODY = 40_000  # bytes on the wire of a page of 250 KB


def exchange(number: int) -> Exchange:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
    return Exchange(
        url=url_of(number),
        started=START,
        duration_ms=80,
        request=b"GET / HTTP/1.1\r\nHost: www.aljazeera.net\r\n\r\n",
        head=head % BODY,
        body=os.urandom(BODY),
        ip_address="192.0.2.1",
    )


def main() -> None:
    megabytes, folder = int(sys.argv[1]), Path(sys.argv[2])
    begun, cpu = time.monotonic(), time.process_time()
    writer = SegmentWriter(
        folder / "spool",
        collection="warraq",
        outlet=OUTLET,
        crawl="heavy",
        warcinfo={},
        max_bytes=1 << 40,
        max_age_seconds=1e9,
    )
    for number in range(megabytes * 1_000_000 // BODY):
        writer.write_article(article_of(number, writer.write_exchange(exchange(number)), text=TEXT, words=3000))
    writer.close()
    written = time.process_time() - cpu
    store, catalog = open_store(folder / "collection"), Catalog(folder / "catalog")
    result = Publisher(store, folder / "spool", catalog).publish_sealed()
    catalog.close()
    tally = Tally()
    faults = [finding for finding in verify(store, deep=True, chain=True, tally=tally) if finding.is_fault]
    assert not result.waiting
    assert not faults, faults
    print(  # noqa: T201  what it is for
        json.dumps(
            {
                "segments": len(result.manifests),
                "megabytes": round(tally.bytes / 1e6),
                "records": tally.records,
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                "written_cpu": round(written, 1),
                "cpu": round(time.process_time() - cpu, 1),
                "seconds": round(time.monotonic() - begun, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
