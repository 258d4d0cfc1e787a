"""An archive that fills a newsstand: the replica's pieces, published without a crawl, in seconds instead of a minute.

Newsroom ─▶ Piece.truth() ─▶ Article (with its page as the capture) ─▶ SegmentWriter ─▶ Publisher ─▶ <uri>

The second edition adds versions, open and silent. Stories are those the replica says its pieces carry.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import TYPE_CHECKING

from archive.article import Article, Changes, Discovered, Entry, Image, Story, parse_time
from archive.diff import counts
from archive.manifests.publisher import Publisher
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from archive.warc.message import Exchange
from tests.replica.editions import second
from tests.replica.newsroom import Newsroom

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.replica.piece import Piece

UNTIL = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = {field.name for field in fields(Article)}


def publish(
    uri: str,
    folder: Path,
    articles: Iterable[Article],
    *,
    crawl: str = "c1",
    now: datetime = NOW,
    body: bytes | None = None,
) -> None:
    """Publish articles, each with a page of its own (or ``body``) as the capture, and a report for each outlet."""
    by_outlet = defaultdict(list)
    for article in articles:
        by_outlet[article.outlet].append(article)
    for outlet, mine in sorted(by_outlet.items()):
        writer = SegmentWriter(
            folder / "spool",
            collection="warraq",
            outlet=outlet,
            crawl=crawl,
            warcinfo={"software": "t"},
            clock=lambda: now,
        )
        for article in mine:
            article.warc = writer.write_exchange(exchange_of(article, body))
            article.crawl = crawl
            writer.write_article(article)
        writer.close()
    publisher = Publisher(open_store(uri), folder / "spool", software={"warraq": "0.1"})
    result = publisher.publish_sealed()
    assert not result.waiting, result
    for outlet, mine in by_outlet.items():
        publisher.write_report(
            {"outlet": outlet, "crawl": crawl, "started": now.isoformat(), "articles": {"kept": len(mine)}}
        )


def exchange_of(article: Article, body: bytes | None = None) -> Exchange:
    body = page_of(article) if body is None else body
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return Exchange(
        url=article.url,
        started=article.captured,
        duration_ms=9,
        request=b"GET / HTTP/1.1\r\n\r\n",
        head=head,
        body=body,
    )


def page_of(article: Article) -> bytes:
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in article.text.split("\n"))
    return (
        f'<!doctype html><html lang="ar" dir="rtl"><head><title>{escape(article.headline)}</title>'
        f"<style>body{{font-family:sans-serif;max-width:40em;margin:2em auto}}h1{{color:#7a1f1f}}</style></head>"
        f"<body><h1>{escape(article.headline)}</h1><p><b>{escape(article.standfirst or '')}</b></p>{text}"
        f"<script>document.title='scripted'</script></body></html>"
    ).encode()


def article_of(piece: Piece, origins: dict[str, str], *, captured: datetime | None = None) -> Article:
    said = {name: value for name, value in piece.truth().items() if name in NAMES}
    said["images"] = [Image(**image) for image in said["images"]]
    said["entries"] = [
        Entry(id=f"{number}", published=one["published"] and parse_time(one["published"]), text=one["text"])
        for number, one in enumerate(said["entries"])
    ]
    for name in ("published", "modified"):
        said[name] = parse_time(said[name]) if said[name] else None
    text, group = said["text"], piece.story_group
    origin = origins.setdefault(group, piece.id) if group else piece.id
    role = "first" if origin == piece.id else "copy"
    return Article(
        **said,
        url=piece.url,
        captured=captured or piece.published + timedelta(minutes=20),
        discovered=Discovered(kind="feed", url=f"https://{piece.host}/rss"),
        extractor=f"{piece.outlet}/1",
        words=len(text.split()),
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        story=Story(id=origin, role=role, origin=origin, overlap=1.0 if role == "first" else 0.82),
    )


def newsstand(uri: str, folder: Path, *, days: int = 10, seed: int = 1) -> None:
    """Fill the archive at ``uri`` with the five outlets of the replica and the edits of their second edition."""
    newsroom = Newsroom(seed, UNTIL, days)
    pieces = sorted((p for mine in newsroom.pieces.values() for p in mine), key=lambda piece: piece.published)
    origins: dict[str, str] = {}
    first = {piece.id: article_of(piece, origins) for piece in pieces}
    publish(uri, folder, first.values())
    edited = [piece for mine in second(newsroom)[0].values() for piece in mine if piece.edition == 2]
    later = NOW + timedelta(hours=1)
    versions = [version_of(article_of(piece, origins, captured=later), first.get(piece.id)) for piece in edited]
    publish(uri, folder, versions, crawl="c2", now=later + timedelta(minutes=1))


def version_of(article: Article, before: Article | None) -> Article:
    if before is not None and before.warc is not None:
        added, removed = counts(before.text, article.text)
        silent = article.modified == before.modified
        headline = article.headline != before.headline
        article.version = 2
        article.changes = Changes(
            previous=before.warc.record_id, headline=headline, words_added=added, words_removed=removed, silent=silent
        )
    return article


def lines_of(articles: Iterable[Article]) -> list[dict]:
    return [json.loads(article.to_line()) for article in articles]
