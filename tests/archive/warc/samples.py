"""Exchanges and articles as small as they can be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from archive.article import Article, Discovered, RecordPointer
from archive.warc.message import Exchange

STARTED = datetime(2026, 11, 23, 10, 11, 12, 345678, tzinfo=UTC)
HEAD = b'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nETag: "v1"\r\n\r\n'
BODY = "<html><title>ورّاق</title><body><p>نسخ الورّاق الكتاب.</p></body></html>".encode() * 9
REQUEST = b"GET /a HTTP/1.1\r\nHost: wire.example\r\n\r\n"


def exchange(**others: Any) -> Exchange:
    said = {
        "url": "http://wire.example/a",
        "started": STARTED,
        "duration_ms": 12,
        "request": REQUEST,
        "head": HEAD,
        "body": BODY,
        "ip_address": "192.0.2.1",
        "metadata": {"crawl": "c-1", "via": "http://wire.example/feed"},
    }
    return Exchange(**said | others)


def article(pointer: RecordPointer | None, **others: Any) -> Article:
    said = {
        "id": "outlet:1",
        "outlet": "outlet",
        "url": "http://wire.example/a",
        "canonical_url": "http://wire.example/a",
        "headline": "الورّاق",
        "text": "نسخ الورّاق الكتاب.\nثم باعه.",
        "captured": STARTED,
        "discovered": Discovered(kind="feed", url="http://wire.example/feed"),
        "extractor": "outlet/1",
        "warc": pointer,
    }
    return Article(**said | others)
