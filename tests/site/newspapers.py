"""An archive of real newspapers, to look at the site over: ``python -m tests.site.newspapers FOLDER``.

real.jsonl.gz ──Stories──▶ which article is whose copy ──▶ Article ──▶ FOLDER/collection

The articles are the newspapers' and lie beside the repository; without them the command says so and does nothing. They have no
sections, no standfirsts and no pages: an article's capture is its text.
"""

from __future__ import annotations

import gzip
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from archive.article import Article, Discovered, Story, parse_time
from pipelines.cleaning import clean, digest
from pipelines.syndication import MemoryStoryIndex, Piece, Stories
from tests.pipelines.syndication.real_pairs import REAL
from tests.site.newsstand import publish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.syndication import Placement


def newspapers(uri: str, folder: Path, *, most: int = 0) -> None:
    """Fill the archive at ``uri`` with the articles of the newspapers, the first ``most`` of them; 0: all."""
    with gzip.open(REAL, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines][: most or None]
    stories = Stories(MemoryStoryIndex())
    for piece in sorted(map(Piece.of_line, rows), key=lambda each: (each.at, each.id)):
        stories.place(piece)
    told = {each.id: each for each in stories.placements()}
    publish(uri, folder, _articles(rows, told))


def _articles(rows: list[dict[str, str]], told: dict[str, Placement]) -> Iterator[Article]:
    names = {row["id"]: f"{row['outlet']}:{row['id']}" for row in rows}
    for row in rows:
        placed, published = told[row["id"]], parse_time(row["published"])
        article = Article(
            id=names[row["id"]],
            outlet=row["outlet"],
            url=row["url"],
            canonical_url=row["url"],
            headline=row["headline"],
            published=published,
            captured=published + timedelta(minutes=20),
            discovered=Discovered(kind="feed", url=row["url"]),
            extractor=f"{row['outlet']}/1",
            text=row["text"],
            words=len(row["text"].split()),
            text_sha256="",
            story=Story(
                id=names.get(placed.story, placed.story),
                role=placed.role,
                origin=names.get(placed.origin, placed.origin),
                overlap=placed.overlap,
            ),
        )
        clean(article)  # as whatever comes through the pipelines: these headlines have entities
        article.text_sha256 = digest(article.text)
        yield article


if __name__ == "__main__":
    if not REAL.exists():
        sys.exit(f"{REAL} is not here; nothing was made.")
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    newspapers((place / "collection").absolute().as_uri(), place)
