"""What has to hold after a recovery, whatever happened before it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from archive.catalog import Catalog
from archive.reader.archive import Archive
from archive.store import open_store
from archive.verify import verify
from archive.warc.capture import captures
from tests import processes
from tests.archive.samples import OUTLET

ROOT = Path(__file__).parents[3]


def rehearse(
    folder: Path,
    uri: str,
    *,
    first: int = 0,
    count: int = 40,
    size: int = 900,
    kill_at: str | None = None,
    **environment: str,
) -> processes.Popen:
    """Start a rehearsal in a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {
        "REHEARSAL_DIR": str(folder),
        "REHEARSAL_URI": uri,
        "REHEARSAL_FIRST": str(first),
        "REHEARSAL_COUNT": str(count),
        "REHEARSAL_SIZE": str(size),
        "KILL_AT": kill_at or "",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "tests.archive.durability.rehearsal"]
    return processes.Popen(
        command,
        cwd=ROOT,
        env=os.environ | said | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def noted(folder: Path) -> dict[str, int]:
    """Return record id → number of every exchange that the process had said was written."""
    path = folder / "notes"
    lines = path.read_text().splitlines() if path.exists() else []
    return {record_id: int(number) for number, record_id in (line.split() for line in lines if line.endswith(">"))}


def prove(folder: Path, uri: str) -> str:
    """Assert that nothing is lost, nothing is twice, and everything published is true; return it as a short outcome."""
    store = open_store(uri)
    left = [
        str(path) for state in ("open", "closed", "sealed") for path in (folder / "spool" / OUTLET / state).glob("*")
    ]
    assert not left, left
    found = list(verify(store, deep=True, chain=True))
    assert not [finding for finding in found if finding.is_fault], found
    archive = Archive(store)
    written = Counter(record for manifest in archive.manifests() for record in record_ids(store, manifest))
    records = noted(folder)
    assert all(written[record_id] == 1 for record_id in records), "a record that was on disk is not in exactly one WARC"
    articles = Counter(article.id for article in archive.articles(versions="all"))
    assert all(articles[f"{OUTLET}:{number}"] == 1 for number in records.values()), "an article is not there once"
    assert all(count == 1 for count in articles.values()), articles
    same_catalog(folder, store)
    orphans = sum(not finding.is_fault for finding in found)
    assert not orphans, found
    return f"{len(records)} records, {sum(articles.values())} articles, {len(list(archive.manifests()))} manifests"


def record_ids(store, manifest) -> list[str]:
    key = manifest.by_kind["warc"].key if "warc" in manifest.by_kind else None
    if key is None:
        return []
    from io import BytesIO  # noqa: PLC0415

    return [c.pointer.record_id for c in captures(BytesIO(store.read(key)), "x.warc.gz") if c.kind == "response"]


def same_catalog(folder: Path, store) -> None:
    grown, rebuilt = Catalog(folder / "catalog"), Catalog(folder / "rebuilt")
    rebuilt.catch_up(store, [OUTLET])
    grown.catch_up(store, [OUTLET])
    assert list(grown.dump()) == list(rebuilt.dump()), "the rebuilt catalog is another one"
    grown.close()
    rebuilt.close()
    for path in folder.glob("rebuilt*"):
        path.unlink()


def summary(process: subprocess.Popen[str], timeout: float = 120) -> tuple[int, str]:
    """Wait for a rehearsal; return its exit code and what it said."""
    output, _ = process.communicate(timeout=timeout)
    return process.returncode, output
