"""Few large segments stand for many small ones, and nobody sees the difference."""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.catalog import Catalog
from archive.cli import main
from archive.maintenance.compaction import compact, groups, removable, sweep
from archive.maintenance.generations import turn
from archive.manifests.lease import LeaseHeld
from archive.manifests.manifest import SUFFIXES
from archive.reader.archive import Archive, open_archive
from archive.reader.jsonl import read_events
from archive.store import open_store
from archive.store.protocol import NotAsPublished
from archive.verify import verify
from tests.archive.maintenance.events import tell
from tests.archive.samples import OUTLET, body_of, fill

MONTH = "2026-11"
ROOT = Path(__file__).parents[3]


def lines_of(archive):
    return sorted(article.to_line() for article in archive.articles(versions="all", settle=False))


def faults(store):
    return list(verify(store, deep=True, chain=True))


def test_the_many_become_one_and_read_the_same(filled_anywhere):
    store = open_store(filled_anywhere)
    before = list(Archive(store).manifests())
    lines = lines_of(Archive(store))
    old = {found.key: store.read(found.key) for found in store.listing("") if "/outlet=" in found.key}
    (made,) = compact(store, OUTLET, MONTH)
    archive = Archive(store)
    assert [manifest.key for manifest in archive.manifests()] == [made.key]
    assert len(before) > 3
    assert lines_of(archive) == lines
    assert archive.capture(archive.article(f"{OUTLET}:17")).content() == body_of(17)
    assert {key: store.read(key) for key in old} == old, "nothing is rewritten in place"
    assert faults(store) == []
    assert list(compact(store, OUTLET, MONTH)) == []
    with store.open(made.by_kind["warc"].key) as stream:
        records = [record.rec_type for record in ArchiveIterator(BytesIO(stream.read()), check_digests="raise")]
    assert records.count("response") == 30


def test_pointers_lead_to_their_records_when_the_old_ones_are_gone(filled):
    store = open_store(filled)
    archive = Archive(store)
    pointers = {article.id: article.warc for article in archive.articles()}
    list(compact(store, OUTLET, MONTH))
    assert list(sweep(store, OUTLET, MONTH, days=7)) == []
    later = datetime.now(UTC) + timedelta(days=8)
    gone = list(sweep(store, OUTLET, MONTH, days=7, now=later))
    assert len([key for key in gone if key.startswith("warc/")]) > 3
    assert list(sweep(store, OUTLET, MONTH, days=7, now=later)) == []
    archive = Archive(store)
    for number in (0, 13, 29):
        article = archive.article(f"{OUTLET}:{number}")
        assert article.warc == pointers[article.id]
        assert archive.capture(article).content() == body_of(number)
    assert faults(store) == []


def test_a_compacted_month_is_compacted_again_with_what_came_later(filled, tmp_path):
    store = open_store(filled)
    list(compact(store, OUTLET, MONTH))
    fill(filled, tmp_path, range(30, 40), crawl="c2")
    lines = lines_of(Archive(store))
    (made,) = compact(store, OUTLET, MONTH)
    archive = Archive(store)
    assert lines_of(archive) == lines
    assert len(list(archive.manifests())) == 1
    list(sweep(store, OUTLET, MONTH, days=0, now=datetime.now(UTC) + timedelta(days=1)))
    archive = Archive(store)
    assert archive.capture(archive.article(f"{OUTLET}:3")).content() == body_of(3)
    assert archive.capture(archive.article(f"{OUTLET}:33")).content() == body_of(33)
    assert len(made.moved) == len({part.file for part in made.moved})
    assert faults(store) == []


def test_the_catalog_knows_the_same(filled, tmp_path):
    store = open_store(filled)
    list(compact(store, OUTLET, MONTH))
    late = datetime.now(UTC) + timedelta(days=1)
    for swept in (False, True):
        if swept:
            assert list(sweep(store, OUTLET, MONTH, days=0, now=late))
        rebuilt = Catalog(tmp_path / f"rebuilt{swept}")
        rebuilt.catch_up(store, [OUTLET])
        grown = Catalog(tmp_path / "catalog")
        assert {t: n for t, n in rebuilt.count().items() if t != "manifests"} == {
            t: n for t, n in grown.count().items() if t != "manifests"
        }
        assert rebuilt.seen(f"{OUTLET}:7") == grown.seen(f"{OUTLET}:7")
        grown.close()
        rebuilt.close()


def test_groups_end_where_they_are_large_enough(filled):
    store = open_store(filled)
    sizes = [
        [sum(item.bytes for item in view.objects) for view in group.views]
        for group in groups(store, OUTLET, MONTH, 40_000)
    ]
    assert len(sizes) > 1
    assert all(sum(group) <= 40_000 for group in sizes)


def test_a_damaged_object_is_not_carried_on(filled):
    store = open_store(filled)
    manifest = next(Archive(store).manifests())
    path = store.root / manifest.by_kind["warc"].key
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(NotAsPublished, match="run verify"):
        list(compact(store, OUTLET, MONTH))
    assert len(list(Archive(store).manifests())) > 3


def test_one_at_a_time(filled):
    store = open_store(filled)
    with turn(store, OUTLET), pytest.raises(LeaseHeld):
        list(compact(store, OUTLET, MONTH))


def test_everything_is_carried_on(filled, tmp_path):
    tell(filled, tmp_path, 7)
    tell(filled, tmp_path, 8)
    store = open_store(filled)
    events = list(read_events(store, Archive(store).manifests()))
    assert len(events) == 2
    (made,) = compact(store, OUTLET, MONTH)
    assert list(read_events(store, Archive(store).manifests())) == events
    assert set(made.by_kind) == set(SUFFIXES) - {"stories"}
    assert faults(store) == []


STEPS = [
    "put_file:0",
    "put_file:1",
    "put_file:5",
    "create:0",
    "create:1",
    "replace:0",
    "replace:1",
    "replace:2",
    "replace:3",
    "replace:4",
]
KILLER = f"""
import os, signal, sys
from archive.store.file import FileStore
from archive.store import open_store
from archive.maintenance.compaction import compact
name, _, times = sys.argv[2].partition(":")
left = int(times)
keep = getattr(FileStore, name)
def dying(self, *args, **options):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return keep(self, *args, **options)
setattr(FileStore, name, dying)
list(compact(open_store(sys.argv[1]), "{OUTLET}", "{MONTH}"))
"""


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_readers_see_the_one_or_the_other(filled, step):
    store = open_store(filled)
    lines = lines_of(Archive(store))
    done = subprocess.run(
        [sys.executable, "-c", KILLER, filled, step], cwd=ROOT, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode in {-signal.SIGKILL, 0}
    assert lines_of(Archive(store)) == lines
    for path in store.root.glob("leases/*.rewriting.json"):
        path.unlink()  # the dead one's, whose time would be over in an hour
    list(compact(store, OUTLET, MONTH))
    assert lines_of(Archive(store)) == lines
    assert len(list(Archive(store).manifests())) == 1
    assert faults(store) == []


def test_a_reader_meanwhile_never_sees_both_or_neither(filled, tmp_path):
    store = open_store(filled)
    for crawl in range(4):
        fill(filled, tmp_path, range(100 * crawl + 100, 100 * crawl + 104), crawl=f"d{crawl}")
    lines = lines_of(Archive(store))
    seen, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            seen.append(lines_of(open_archive(filled)))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for large in (12_000, 24_000, 48_000, 1_000_000):
        list(compact(store, OUTLET, MONTH, large=large))
    stop.set()
    for reader in readers:
        reader.join()
    assert seen
    assert all(found == lines for found in seen)


def test_the_command(filled, capsys):
    assert main(["compact", "--archive", filled, "--month", MONTH, "--dry-run"]) == 0
    assert "30 articles" in capsys.readouterr().out
    assert len(list(open_archive(filled).manifests())) > 3
    assert main(["compact", "--archive", filled, "--month", MONTH, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["outlet"] == OUTLET
    assert len(list(open_archive(filled).manifests())) == 1
    assert main(["compact", "--archive", filled, "--month", MONTH, "--sweep-after", "0"]) == 0
    assert "removed" in capsys.readouterr().out
    assert main(["compact", "--archive", filled, "--month", "November"]) == 2
    assert "yyyy-mm" in capsys.readouterr().err


def test_what_was_read_again_stays(filled):
    store = open_store(filled)
    assert removable(Archive(store).manifests(), datetime.now(UTC)) == []
