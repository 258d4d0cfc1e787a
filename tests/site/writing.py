"""Articles written for a test: only what it is about is said, the rest is filled in."""

from __future__ import annotations

import hashlib
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive import open_archive
from archive.article import Article, Discovered, Story
from archive.site.database import SiteDatabase
from tests.site.newsstand import publish

START = datetime(2026, 11, 20, 8, tzinfo=UTC)


def article(
    number: int, outlet: str = "aljazeera", *, hours: float | None = None, origin: str | None = None, **said
) -> Article:
    """Write an article; ``hours`` after `START` it is published, ``origin`` is the id of its story's first."""
    published = START + timedelta(hours=number if hours is None else hours)
    article_id = f"{outlet}:{number}"
    text = said.pop("text", f"نص الخبر رقم {number}")
    first = origin or article_id
    values = {
        "id": article_id,
        "outlet": outlet,
        "url": f"https://{outlet}.example/{number}",
        "canonical_url": f"https://{outlet}.example/{number}",
        "headline": f"عنوان الخبر {number}",
        "section": "سياسة",
        "published": published,
        "captured": published + timedelta(minutes=10),
        "discovered": Discovered(kind="feed", url=f"https://{outlet}.example/rss"),
        "extractor": f"{outlet}/1",
        "text": text,
        "words": len(text.split()),
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "story": Story(id=first, role="first" if first == article_id else "copy", origin=first, overlap=0.9),
    }
    return Article(**(values | said))


def labelled() -> list[tuple[Article, set[str], set[str]]]:
    """Return the labelled pages, each with what it is about and what it names in passing."""
    pages = tomllib.loads(Path(__file__).with_name("labelled.toml").read_text(encoding="utf-8"))["page"]
    found = []
    for number, page in enumerate(pages, start=1):
        about, passing, outlet = set(page.pop("about")), set(page.pop("passing", ())), page.pop("outlet")
        found.append((article(number, outlet, **page), about, passing))
    return found


def shelf(folder: Path, articles: list[Article], *, crawl: str = "c1"):
    """Publish articles and index them; return the archive and the index."""
    uri = (folder / "collection").as_uri()
    publish(uri, folder, articles, crawl=crawl)
    archive = open_archive(uri)
    index = SiteDatabase(folder / "site.sqlite")
    index.catch_up(archive)
    return archive, index
