"""A year of four outlets, about 700,000 articles in 5,840 manifests, learned by a machine with an empty disk: how long, how much memory.

    python -m tests.bench.bench_catalog [--articles A_DAY] [--days N]

The manifests and what they list are made up and lie in a folder; the lines have the size of real ones, about 4 KB, and as many captures
stand beside them. Making them is not counted. Read are: every manifest of all outlets; a checkpoint of each; and, as a crawl does, the
checkpoint of one outlet alone.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.article import Article, Discovered, RecordPointer
from archive.catalog import Catalog, write_checkpoint
from archive.manifests.manifest import Item, Manifest, object_key
from archive.store import open_store
from tests.bench.plots import bars

OUTLETS = ("alaraby", "albawabhnews", "aljazeera", "skynewsarabia")
A_DAY, DAYS, SEGMENTS = 480, 365, 4
START = datetime(2025, 11, 26, tzinfo=UTC)
TEXT = (
    "قال وزير الخارجية إن المباحثات التي جرت في العاصمة تناولت سبل التعاون بين البلدين وآفاق التنمية الاقتصادية. " * 16
)
ID, URL, HASH, TIME = "@ID@", "https://www.example.com/@ID@", "@HASH@", "@TIME@"


def line_of(outlet: str) -> str:
    """Return an article's line in which an id, a hash and a time are still to be put."""
    pointer = RecordPointer(
        file="w.warc.gz", offset=1, length=40_000, record_id=f"<urn:uuid:{HASH}>", payload_digest=f"sha1:{HASH}"
    )
    article = Article(
        id=f"{outlet}:{ID}", outlet=outlet, url=URL, canonical_url=URL, headline="عنوان الخبر رقم " + ID, text=TEXT, words=288,
        text_sha256=HASH, published=START, captured=START, discovered=Discovered(kind="sitemap", url="https://www.example.com/s.xml"),
        extractor=f"{outlet}/1", warc=pointer, crawl="c",
    )  # fmt: skip
    return article.to_line().replace("2025-11-26T00:00:00Z", TIME)


def make_segment(root: Path, outlet: str, opened: datetime, first: int, count: int) -> None:
    """Put one segment's objects and its manifest into the folder."""
    stem = f"warraq-{outlet}-{opened:%Y%m%d%H%M%S}000-00000-{first:08x}"
    article = line_of(outlet)
    lines, index = [], []
    moment = f"{opened:%Y-%m-%dT%H:%M:%SZ}"
    for number in range(first, first + count):
        digest = hashlib.sha256(f"{outlet}{number}".encode()).hexdigest()
        lines.append(article.replace(ID, str(number)).replace(HASH, digest).replace(TIME, moment))
        said = {
            "url": URL.replace(ID, str(number)), "mime": "text/html", "status": "200", "digest": f"sha1:{digest[:32].upper()}",
            "length": "40000", "offset": "1", "filename": f"{stem}.warc.gz", "date": moment, "record_id": f"<urn:uuid:{digest[:36]}>",
            "etag": f'"{digest[:8]}"',
        }  # fmt: skip
        index.append(f"com,example)/{number} {opened:%Y%m%d%H%M%S} {json.dumps(said)}")
    items = []
    for kind, found, what in (("articles", lines, "article"), ("cdxj", index, "capture")):
        body, key = gzip.compress("\n".join([*found, ""]).encode(), 1), object_key(kind, outlet, stem)
        put(root / key, body)
        items.append(
            Item(kind=kind, key=key, bytes=len(body), sha256=hashlib.sha256(body).hexdigest(), records={what: count})
        )
    manifest = Manifest(
        collection="warraq",
        outlet=outlet,
        crawl="c",
        segment=stem,
        date=f"{opened:%Y-%m-%d}",
        created=moment,
        software={},
        objects=items,
    )
    put(root / manifest.key, manifest.to_bytes())


def put(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def child(folder: Path, outlets: list[str], name: str) -> None:
    """Learn the outlets into a new catalog; write the checkpoints where the name says so; print what it took."""
    store, catalog = open_store(folder / "collection"), Catalog(folder / f"{name}.catalog")
    begun, cpu = time.monotonic(), time.process_time()
    read = catalog.catch_up(store, outlets, checkpoints=name != "manifests")
    seconds, cpu = time.monotonic() - begun, time.process_time() - cpu
    said = {"read": read, "seconds": seconds, "cpu": cpu, "articles": catalog.count()["articles"]}
    if name == "manifests":
        begun = time.monotonic()
        keys = [write_checkpoint(catalog, store, outlet) for outlet in outlets]
        said["checkpoint_seconds"] = time.monotonic() - begun
        said["checkpoint_mb"] = sum(stat.size for key in keys if key and (stat := store.stat(key))) / 1e6
    said["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps(said))


def learned(folder: Path, name: str, outlets: tuple[str, ...]) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.bench_catalog", "--child", name, str(folder), *outlets]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=A_DAY)
    parser.add_argument("--days", type=int, default=DAYS)
    args = parser.parse_args()
    drawn: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for outlet in OUTLETS:
            for number in range(args.days * SEGMENTS):
                count = args.articles // SEGMENTS
                opened = START + timedelta(hours=number * 24 // SEGMENTS)
                make_segment(folder / "collection", outlet, opened, number * count, count)
        for kind, outlets in (("manifests", OUTLETS), ("checkpoints", OUTLETS), ("checkpoint", OUTLETS[:1])):
            said = learned(folder, kind, outlets)
            drawn[f"Warraq: {said['articles']:,.0f} articles from {kind}"] = [said["seconds"]]
            print(  # noqa: T201  what a bench is for
                f"{said['articles']:7,.0f} articles from {kind:11}: {said['seconds']:6.1f} s, {said['cpu']:6.1f} s of processor,"
                f" {said['peak_mb']:.0f} MB of memory at most; {said['read']:,.0f} manifests read"
            )
            if "checkpoint_mb" in said:
                print(  # noqa: T201  what a bench is for
                    f"                  writing the checkpoints: {said['checkpoint_seconds']:.1f} s, {said['checkpoint_mb']:.0f} MB"
                )
    bars("catalog", "seconds", drawn)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(Path(sys.argv[3]), sys.argv[4:], sys.argv[2])
    else:
        main()
