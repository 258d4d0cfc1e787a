"""Segments with events in them."""

from __future__ import annotations

from archive.manifests.publisher import Publisher
from archive.reader.jsonl import event_line
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from tests.archive.samples import OUTLET, clock, url_of


def tell(uri, folder, number):
    """Publish what became of an announced page."""
    crawl = f"e{number}"
    writer = SegmentWriter(folder / "spool", collection="warraq", outlet=OUTLET, crawl=crawl, warcinfo={}, clock=clock)
    said = {"id": f"{OUTLET}:{number}", "url": url_of(number), "channels": ["feed"], "day": "2026-11-23"}
    line = event_line(
        "page", outlet=OUTLET, crawl=crawl, at=clock(), **said, published=None, outcome="kept", reason=None
    )
    writer.write_event(line)
    writer.close()
    Publisher(open_store(uri), folder / "spool").publish_sealed()
