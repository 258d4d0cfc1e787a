"""The disk of the spool, or of the archive, is full: writing says so, keeps what it had, and goes on when there is room."""

import gc
import os
import subprocess

import pytest

from archive.catalog import Catalog
from archive.cli import main
from archive.export import FORMATS
from archive.files import SpoolFull
from archive.manifests.publisher import Publisher
from archive.spool.segment import SegmentWriter
from archive.store import StoreUnavailable, open_store
from tests.archive.durability.proof import prove
from tests.archive.durability.rehearsal import mend
from tests.archive.samples import OUTLET, article_of, exchange_of

KIB = 1024


@pytest.fixture
def small_disk(request, tmp_path):
    """A file system of 600 KiB, or of the size that is asked for; skipped where none may be mounted."""
    size = getattr(request, "param", "600k")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system may be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder, leave):
    """Take all the room but ``leave`` bytes; return the file that takes it."""
    room = os.statvfs(folder)
    ballast = folder / "ballast"
    ballast.write_bytes(b"\0" * max(room.f_bavail * room.f_frsize - leave, 0))
    return ballast


def writer_of(spool):
    return SegmentWriter(
        spool, collection="warraq", outlet=OUTLET, crawl="c0", warcinfo={"software": "t"}, max_bytes=40_000
    )


def keep(writer, number, notes):
    pointer = writer.write_exchange(exchange_of(number, size=-5_000))
    notes.append((number, pointer.record_id))
    writer.write_article(article_of(number, pointer))


def keep_many(writer, numbers, notes):
    for number in numbers:
        keep(writer, number, notes)


def keep_stubbornly(writer, number, notes, make_room):
    """Write as a crawl does that repeats the one call that failed; return whether one did."""
    exchange, failed = exchange_of(number, size=-5_000), False
    try:
        pointer = writer.write_exchange(exchange)
    except SpoolFull:
        failed = make_room()
        pointer = writer.write_exchange(exchange)
    notes.append((number, pointer.record_id))
    try:
        writer.write_article(article_of(number, pointer))
    except SpoolFull:
        failed = make_room()
        writer.write_article(article_of(number, pointer))
    return failed


def note(folder, notes):
    (folder / "notes").write_text("".join(f"{number} {record_id}\n" for number, record_id in notes))


@pytest.mark.parametrize("leave", [0, 3, 8, 20, 44, 48, 60, 100])
def test_a_full_spool_keeps_what_it_has_and_goes_on(tmp_path, small_disk, leave):
    spool, notes = small_disk / "spool", []
    writer = writer_of(spool)
    keep(writer, 0, notes)
    ballast = fill(small_disk, leave * KIB)

    def make_room():
        ballast.unlink()
        return True

    assert sum(keep_stubbornly(writer, number, notes, make_room) for number in range(1, 30)) == 1
    writer.close()
    uri = (tmp_path / "collection").as_uri()
    publisher = Publisher(open_store(uri), spool, Catalog(tmp_path / "catalog"))
    assert publisher.publish_sealed().waiting == 0
    (tmp_path / "spool").symlink_to(spool)
    note(tmp_path, notes)
    prove(tmp_path, uri)


def test_a_crawl_that_gives_up_on_a_full_disk_loses_nothing(tmp_path, small_disk):
    spool, notes = small_disk / "spool", []
    writer = writer_of(spool)
    keep(writer, 0, notes)
    ballast = fill(small_disk, 30 * KIB)
    with pytest.raises(SpoolFull, match="the spool's disk is full"):
        keep_many(writer, range(1, 60), notes)
    writer.close()
    ballast.unlink()
    (tmp_path / "spool").symlink_to(spool)
    note(tmp_path, notes[:-1])
    mend(tmp_path, (tmp_path / "collection").as_uri())
    prove(tmp_path, (tmp_path / "collection").as_uri())


def test_a_full_archive_leaves_everything_in_the_spool(tmp_path, small_disk):
    spool, notes = tmp_path / "spool", []
    writer = writer_of(spool)
    for number in range(40):
        keep(writer, number, notes)
    writer.close()
    note(tmp_path, notes)
    uri = (small_disk / "collection").as_uri()
    publisher = Publisher(open_store(uri), spool, Catalog(tmp_path / "catalog"))
    ballast = fill(small_disk, 60 * KIB)
    result = publisher.publish_sealed()
    assert result.waiting
    assert isinstance(result.failures[0], StoreUnavailable)
    assert "No space left" in str(result.failures[0])
    ballast.unlink()
    assert publisher.publish_sealed().waiting == 0
    prove(tmp_path, uri)


def test_a_disk_too_full_to_seal_leaves_the_segment_closed(tmp_path, small_disk):
    spool, notes = small_disk / "spool", []
    writer = writer_of(spool)
    for number in range(5):
        keep(writer, number, notes)
    writer.close()
    ballast = fill(small_disk, 0)
    publisher = Publisher(open_store((tmp_path / "collection").as_uri()), spool, Catalog(tmp_path / "catalog"))
    result = publisher.publish_sealed()
    assert result.waiting == 1
    assert "cannot be sealed: No space left" in str(result.failures[0])
    ballast.unlink()
    assert publisher.publish_sealed().waiting == 0


@pytest.mark.parametrize("format_", [*FORMATS, "bagit"])
@pytest.mark.parametrize("small_disk", ["8k"], indirect=True)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # xlsxwriter's files, of themselves
def test_an_export_that_finds_no_room_leaves_nothing(filled, small_disk, capsys, format_):
    assert main(["export", "--archive", filled, "--format", format_, str(small_disk / "out")]) == 3
    error = capsys.readouterr().err
    assert (error.count("\n"), "No space left on device" in error) == (1, True)
    assert not list(small_disk.iterdir())
    gc.collect()


@pytest.mark.parametrize("small_disk", ["12k"], indirect=True)
def test_an_index_of_captures_that_finds_no_room_leaves_no_part(filled, small_disk, capsys):
    assert main(["pywb", "--archive", filled, str(small_disk / "pywb")]) == 3
    assert "No space left" in capsys.readouterr().err
    assert not list(small_disk.rglob("*.part"))
