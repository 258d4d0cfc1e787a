"""Exchanges and articles as a crawl would hand them to the archive, small and deterministic."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from archive.article import Article, Discovered, RecordPointer
from archive.catalog import Catalog
from archive.manifests.manifest import manifest_key
from archive.manifests.publisher import Publisher
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from archive.warc.message import Exchange

if TYPE_CHECKING:
    from pathlib import Path

OUTLET = "aljazeera"
START = datetime(2026, 11, 23, 10, tzinfo=UTC)
_TICKS = itertools.count()


def clock() -> datetime:
    """The time of the crawl, whatever day the tests run on: a minute later than the captures, and never the same twice."""
    return START + timedelta(minutes=1, milliseconds=next(_TICKS))


def url_of(number: int) -> str:
    return f"https://www.aljazeera.net/news/2026/11/23/{number}"


def body_of(number: int, size: int = 900) -> bytes:
    if size < 0:  # bytes that nothing compresses
        return random.Random(number).randbytes(-size)
    text = f"<html><h1>عنوان {number}</h1><p>نص الخبر رقم {number}</p></html>".encode()
    noise = hashlib.sha512(str(number).encode()).hexdigest().encode()
    return text + b"<!--" + noise * (size // len(noise) + 1) + b"-->"


def exchange_of(number: int, *, size: int = 900, status: int = 200) -> Exchange:
    body = body_of(number, size)
    head = (
        f"HTTP/1.1 {status} OK\r\nContent-Type: text/html; charset=utf-8\r\n"
        f'ETag: "v{number}"\r\nContent-Length: {len(body)}\r\n\r\n'
    ).encode()
    return Exchange(
        url=url_of(number),
        started=START + timedelta(seconds=number),
        duration_ms=12,
        request=f"GET /news/2026/11/23/{number} HTTP/1.1\r\nHost: www.aljazeera.net\r\n\r\n".encode(),
        head=head,
        body=body,
        ip_address="192.0.2.7",
        metadata={"discovered": "feed https://www.aljazeera.net/rss"},
    )


def article_of(number: int, pointer: RecordPointer | None, **other: object) -> Article:
    text = f"نص الخبر رقم {number}"
    values = {
        "id": f"{other.get('outlet', OUTLET)}:{number}",
        "outlet": OUTLET,
        "url": url_of(number),
        "canonical_url": url_of(number),
        "headline": f"عنوان {number}",
        "text": text,
        "words": 4,
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "published": START + timedelta(seconds=number),
        "captured": START + timedelta(seconds=number),
        "discovered": Discovered(kind="feed", url="https://www.aljazeera.net/rss"),
        "extractor": f"{OUTLET}/1",
        "warc": pointer,
        "crawl": "c1",
    }
    return Article(**(values | other))


def number_of(url: str) -> int:
    return int(url.rpartition("/")[2])


def fill(
    uri: str, folder: Path, numbers: range = range(30), *, crawl: str = "c1", outlet: str = OUTLET, **other: object
) -> Publisher:
    """Write exchanges and articles, publish them into ``uri``; the spool and the catalog stand in ``folder``."""
    writer = SegmentWriter(
        folder / "spool",
        collection="warraq",
        outlet=outlet,
        crawl=crawl,
        warcinfo={"software": "t"},
        max_bytes=9_000,
        clock=clock,
    )
    for number in numbers:
        pointer = writer.write_exchange(exchange_of(number))
        writer.write_article(article_of(number, pointer, crawl=crawl, outlet=outlet, **other))
    writer.close()
    with closing(Catalog(folder / "catalog")) as catalog:
        publisher = Publisher(open_store(uri), folder / "spool", catalog, software={"warraq": "0.1"})
        result = publisher.publish_sealed()
    assert not result.waiting, result
    return publisher


def publish_anew(path, body):
    """Put other bytes in the place of an object, and into its manifest what they are."""
    manifest = path.parents[3] / manifest_key(OUTLET, path.name.removesuffix(".jsonl.gz"))
    said = json.loads(manifest.read_bytes())
    (item,) = (item for item in said["objects"] if item["kind"] == "articles")
    item |= {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    manifest.write_text(json.dumps(said), encoding="utf-8")
    path.write_bytes(body)
