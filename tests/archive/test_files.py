"""A cache that a bad disk or a power cut has spoiled is made anew; it stops nothing. And memory that is free goes back."""

import multiprocessing
import os
import platform
from contextlib import closing
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.catalog.tables import connect
from archive.files import give_memory_back, is_damaged, read_cached
from archive.site.database import SiteDatabase
from archive.store import open_store
from pipelines.syndication import SqliteStoryIndex
from tests.archive.samples import OUTLET


def spoil(path, how):
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    if how == "cut":
        os.truncate(path, path.stat().st_size // 2)
    else:
        path.write_bytes(b"\x07" * 5000)
    assert is_damaged(path)


@pytest.mark.parametrize("how", ["cut", "noise"])
def test_a_spoiled_catalog_is_learned_again(filled, tmp_path, how):
    path = tmp_path / "spoiled.catalog"
    Catalog(path).close()
    spoil(path, how)
    catalog = Catalog(path)
    assert catalog.seen(f"{OUTLET}:7") is None
    catalog.catch_up(open_store(filled), [OUTLET])
    assert catalog.seen(f"{OUTLET}:7") is not None
    catalog.close()
    assert not is_damaged(path)


@pytest.mark.parametrize("how", ["cut", "noise"])
def test_a_spoiled_file_of_stories_is_made_anew(tmp_path, how):
    path = tmp_path / "stories"
    SqliteStoryIndex(path).close()
    spoil(path, how)
    SqliteStoryIndex(path).close()
    assert not is_damaged(path)


@pytest.mark.parametrize("body", [b"", b'{"a": ', b"\xff\xfe", b"[]", None])
def test_a_spoiled_table_is_an_empty_one(tmp_path, body):
    if body is not None:
        (tmp_path / "sources").write_bytes(body)
    assert read_cached(tmp_path / "sources") == {}


def _begin_and_end(folder, gate):
    for turn in range(20):
        gate.wait(60)
        try:
            for kind, name in ((Catalog, "catalog"), (SqliteStoryIndex, "stories"), (SiteDatabase, "site")):
                kind(folder / str(turn) / name).close()
        except BaseException:
            gate.abort()
            raise


def test_processes_that_begin_together_do_not_meet(tmp_path):
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(5)
    crawls = [context.Process(target=_begin_and_end, args=(tmp_path, gate), daemon=True) for _ in range(5)]
    for crawl in crawls:
        crawl.start()
    for crawl in crawls:
        crawl.join(120)
    assert [crawl.exitcode for crawl in crawls] == [0] * 5


def test_who_writes_is_waited_for_as_long_as_years_take_to_learn(tmp_path):
    """A checkpoint of a year is five seconds of writing, and as many crawls begin with one as there are outlets."""
    catalog, stories = connect(tmp_path / "catalog"), SqliteStoryIndex(tmp_path / "stories")
    with closing(catalog), closing(stories):
        for connection in (catalog, stories._database):
            assert connection.execute("PRAGMA busy_timeout").fetchone() == (600_000,)


def resident():
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has other ways")
def test_what_is_free_between_what_is_kept_goes_back_to_the_system():
    blocks = [b"x" * 2000 + bytes([n % 256]) for n in range(20_000)]
    kept = blocks[::100]
    del blocks
    before = resident()
    give_memory_back()
    assert before - resident() > 20_000_000
    assert len(kept) == 200
