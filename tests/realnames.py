"""Names and search on real newspapers: `python -m tests.realnames FILE FOLDER [--days] [--most N]`.

FILE holds articles as JSON lines (gzip): `id, outlet, url, headline, text, published`. They are published into an archive in FOLDER, at
once or day by day, and indexed; what that cost is printed, and the names with the most articles. FILE and FOLDER stay outside the
repository: the texts belong to the newspapers.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from archive import open_archive
from archive.article import Article, Discovered
from archive.site.database import SiteDatabase
from tests.site.newsstand import publish

if TYPE_CHECKING:
    from collections.abc import Iterator


def articles(file: Path, most: int) -> Iterator[Article]:
    """Yield the first articles of a file."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for _, line in zip(range(most), lines, strict=False):
            said = json.loads(line)
            published = datetime.fromisoformat(said["published"])
            text = "\n".join(filter(None, map(str.strip, said["text"].split("\n")))) or "-"
            yield Article(
                id=f"{said['outlet']}:{said['id']}", outlet=said["outlet"], url=said["url"], canonical_url=said["url"],
                headline=said["headline"], published=published, captured=published + timedelta(minutes=10), text=text,
                discovered=Discovered(kind="feed", url=said["url"]), extractor=f"{said['outlet']}/1", words=len(text.split()),
                text_sha256=hashlib.sha256(text.encode()).hexdigest(),
            )  # fmt: skip


def main() -> None:
    """Publish, index, and say what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", action="store_true", help="catch up day by day")
    parser.add_argument("--most", type=int, default=1_000_000, help="articles")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    uri = (args.folder / "collection").as_uri()
    index = SiteDatabase(args.folder / "site.sqlite")
    chosen = list(articles(args.file, args.most))
    days = groupby(chosen, key=lambda article: article.published.date()) if args.days else [("all", chosen)]
    spent = 0.0
    for day, group in days:
        publish(uri, args.folder, list(group), crawl=f"c{day}")
        archive = open_archive(uri)
        started = time.process_time()
        index.catch_up(archive)
        spent += time.process_time() - started
    rows = index.reader.execute(
        "SELECT kind, name, many, key FROM entry WHERE live AND many > 0 ORDER BY many DESC, key"
    ).fetchall()
    mark = hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()[:16]
    sys.stdout.write(
        f"{len(chosen)} articles indexed: {1000 * spent / len(chosen):.2f} ms of processor an article\n"
        f"{len(rows)} names {dict(Counter(row['kind'] for row in rows))}\n"
        f"{mark} is the sum of all names and of how many articles each has\n"
    )
    index.close()


if __name__ == "__main__":
    main()
