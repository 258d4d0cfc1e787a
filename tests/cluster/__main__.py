"""Two machines over an S3 store, one of them killed in mid-run: `make prove-ray`, `make prove-slurm` (docs/scaling.md).

    archives in S3 (moto, over HTTP) ──▶ scrapy distribute recluster --executor ray ──▶ stories.jsonl.gz in S3
                                           worker 1 ████████░░░ killed with a task in hand
                                           worker 2 ████████████████████ does that one, too
                                         scrapy distribute reread, export, index --executor ray
    the same archives ──▶ scrapy recluster, scrapy reread, python -m archive export, index ──▶ compared

Not among the tests: Ray alone takes more than half a minute to start on two cores, and Slurm has to be installed.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import tempfile
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from archive.index import build, check
from archive.index.format import read_head
from archive.reader.archive import Archive
from archive.store import open_store
from tests.cluster.archives import SEEDS, drawn, golden, publish
from tests.cluster.running import distribute, say
from tests.crawling import moto, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cluster.running import Machines

    Run = Callable[..., str]

STRUCK_AFTER = "twins"  # the pass
PAGES = "s3://news/pages"


def main(engine: str) -> int:
    """Run the proof on ``ray`` or ``slurm``; return 0 where all of it holds."""
    start = import_module(f"tests.cluster.{engine}_cluster").machines
    with moto() as environment, tempfile.TemporaryDirectory() as name:
        os.environ.update(environment)
        folder = Path(name)
        with start(folder) as machines:
            on_them = partial(distribute, machines=machines, folder=folder)
            held = [stories(folder, on_them, machines)]
            machines.mend()
            here = golden(folder, PAGES)
            held += [job(folder, here, on_them) for job in (second_reading, exported, indexed)]
    return 0 if all(held) else 1


def stories(folder: Path, on_them: Run, machines: Machines) -> bool:
    """Re-cluster, and kill a machine; hold the stories against those of `scrapy recluster`."""
    articles = drawn()
    publish("s3://news/drawn", articles)
    say(f"published {len(articles):,} articles in {len(SEEDS)} segments")
    path = folder / "in.jsonl"
    path.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in articles), encoding="utf-8")
    expected = run("scrapy", "recluster", path).stdout.encode()
    lost = machines.lost(on_them("recluster", archive="s3://news/drawn", strike_after=STRUCK_AFTER))
    say("what was killed was lost and done again" if lost else "no task was lost: the kill fell between two")
    found = gzip.decompress(open_store("s3://news/jobs/recluster").read("stories.jsonl.gz"))
    return same(f"{len(found):,} bytes of stories", found == expected) and lost


def second_reading(folder: Path, here: str, on_them: Run) -> bool:
    """Read golden pages again; hold the lines against those that `scrapy reread` publishes in the folder."""
    done = run("scrapy", "reread", "--since", "2026-01-01", "--json", ARCHIVE_URI=here, SPOOL_DIR=str(folder / "spool"))
    on_them("reread", "--since", "2026-01-01", archive=PAGES)
    expected, found = (objects(uri, "articles/", "wet/") for uri in (here, PAGES))
    changed = json.loads(done.stdout)["changed"]
    return (
        same(f"{len(found)} objects with {changed} lines that read differently now", expected == found) and changed > 0
    )


def exported(folder: Path, here: str, on_them: Run) -> bool:
    """Export; hold the rows against those of `python -m archive export`."""
    run("archive", "export", "--archive", here, "--format", "parquet", "--all-versions", folder / "whole")
    on_them("export", archive=PAGES)
    store = open_store("s3://news/jobs/export")
    for found in store.listing("export/"):
        path = folder / found.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(store.read(found.key))
    expected, rows = (rows_in(folder / name) for name in ("whole", "export"))
    return same(f"{len(rows)} rows", rows == expected) and len(rows) > 0


def indexed(folder: Path, here: str, on_them: Run) -> bool:
    """Make the index; hold it against the one that one machine makes."""
    on_them("index", archive=PAGES)
    archive = Archive(open_store(PAGES))
    entries, is_right = check(archive)
    made = read_head(archive.store)[0].runs[0].sha256
    build(archive, anew=True)
    return same(f"{entries} entries", is_right and read_head(archive.store)[0].runs[0].sha256 == made)


def objects(uri: str, *folders: str) -> dict[str, bytes]:
    """Return the objects below some folders of an archive."""
    store = open_store(uri)
    return {found.key: store.read(found.key) for folder in folders for found in store.listing(folder)}


def rows_in(folder: Path) -> list[str]:
    """Return the rows of an export in order, read by DuckDB."""
    read = f"SELECT * FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true)"
    return sorted(json.dumps(row, ensure_ascii=False, default=str) for row in duckdb.sql(read).fetchall())


def same(what: str, is_same: bool) -> bool:
    """Say whether something is the same as on one machine, and return it."""
    say(f"{what}, {'the same' if is_same else 'NOT the same'} as on one machine")
    return is_same


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
