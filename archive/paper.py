"""A crawl's own papers: `crawlers.crawl_papers` writes them, `archive.spool.segment` keeps them.

What is the same in one crawl after another is kept once for each content. A later crawl's WARC has a revisit of it:

    crawl 1   resource  uv.lock  ◀── WARC-Refers-To ──┐
    crawl 2   revisit   uv.lock ──────────────────────┤
    crawl 3   revisit   uv.lock ──────────────────────┘   found by one look into the papers of the crawl before
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from archive.manifests.manifest import Manifest
from archive.warc.digests import label_of
from archive.warc.exchange import Original
from archive.warc.reading import records

if TYPE_CHECKING:
    from archive.store import Store
    from archive.warc.reading import StoredRecord

_LARGEST = (
    16 << 20
)  # bytes of a WARC that is looked into: a crawl's papers are some ten KB, a compaction joins thousands


@dataclass(frozen=True, slots=True)
class Paper:
    """What no server sent and a crawl yet has to say, as a resource record: its URI, its bytes, their media type.

    ``is_lasting``: it is mostly the same as in the crawl before.
    """

    uri: str
    content: bytes
    content_type: str
    is_lasting: bool = False

    @property
    def name(self) -> str:
        """Return the last part of the URI, which is the same in each crawl."""
        return self.uri.rpartition(":")[2]


def published_paper(paper: Paper, store: Store, manifest: str) -> Original | None:
    """Return the published resource with a paper's content, by the papers of an earlier crawl; None where these have another.

    Args:
        paper: the paper.
        store: the archive.
        manifest: key of the earlier papers' manifest.

    Raises:
        StoreError: the archive does not answer, or the papers are gone.
        ValueError: they are no manifest, or no WARC.
    """
    item = Manifest.from_bytes(store.read(manifest)).by_kind.get("warc")
    if item is None or item.bytes > _LARGEST:
        return None
    label = label_of(paper.content)
    found = (
        _original(record, label) for record in records(BytesIO(store.read(item.key))) if _is_of(record, paper.name)
    )
    return next((original for original in found if original is not None), None)


def _is_of(record: StoredRecord, name: str) -> bool:
    uri = record.field("WARC-Target-URI") or ""
    record.finish()
    return record.type in {"resource", "revisit"} and uri.rpartition(":")[2] == name


def _original(record: StoredRecord, label: str) -> Original | None:
    if record.field("WARC-Payload-Digest") != label:
        return None
    names = ("WARC-Target-URI", "WARC-Date")
    if record.type == "revisit":
        names = ("WARC-Refers-To-Target-URI", "WARC-Refers-To-Date")
    uri, date = (record.field(name) for name in names)
    identity = record.id if record.type == "resource" else record.field("WARC-Refers-To")
    return Original(record_id=identity, uri=uri, date=date, payload_digest=label) if identity and uri and date else None
