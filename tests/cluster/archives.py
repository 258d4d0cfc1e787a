"""What the jobs work on: drawn articles for stories, golden pages for reading again, in a folder and the same in a bucket."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

from archive.manifests.manifest import Item, Manifest, object_key
from archive.store import open_store
from tests.crawlers.reextract.collection import fill
from tests.pipelines.syndication.draws import Draw
from tests.pipelines.syndication.writing import BASES

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = range(24)


def drawn() -> list[dict[str, str]]:
    """Return articles of many draws, each in a month of its own."""
    return [_line(seed, each) for seed in SEEDS for each in Draw(BASES, seed, wires=25).articles]


def _line(seed: int, each: object) -> dict[str, str]:
    line = each.line()  # type: ignore[attr-defined]
    published = line["published"].replace("2026-03", f"{2025 + seed // 12}-{1 + seed % 12:02}")
    return {
        **line,
        "id": f"{line['id']}/{seed}",
        "url": f"{line['url']}/{seed}",
        "published": published,
        "captured": published,
    }


def publish(uri: str, articles: list[dict[str, str]]) -> None:
    """Publish articles as segments of article lines."""
    store = open_store(uri)
    for number in range(len(SEEDS)):
        lines = [json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in articles[number :: len(SEEDS)]]
        body, stem = gzip.compress(b"".join(lines), mtime=0), f"warraq-all-20260401000000000-{number:05}-00000000"
        key = object_key("articles", "all", stem)
        store.create(key, body)
        item = Item(kind="articles", key=key, bytes=len(body), sha256="", records={"article": len(lines)})
        manifest = Manifest(
            collection="warraq",
            outlet="all",
            crawl="c",
            segment=stem,
            date="2026-04-01",
            created="2026-04-01T00:00:00Z",
            software={},
            objects=[item],
        )
        store.create(manifest.key, manifest.to_bytes())


def golden(folder: Path, uri: str) -> str:
    """Publish golden pages, read by an older extraction, in a folder, and put the same bytes at ``uri``; return the folder's URI."""
    here = (folder / "pages").as_uri()
    fill(here, folder)
    fill(here, folder, outlet="skynewsarabia", crawl="c2")
    source, copy = open_store(here), open_store(uri)
    for found in source.listing(""):
        copy.create(found.key, source.read(found.key))
    return here
