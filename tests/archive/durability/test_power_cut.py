"""What a name promises is on the disk before the name is: a recording file layer sees every sync, rename and link in its order."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.files import make_folder, write_whole
from archive.manifests.publisher import Publisher
from archive.spool.sealing import cut
from archive.spool.spool import Spool
from archive.store import StoreUnavailable, open_store
from archive.store.protocol import digests_of
from archive.warc.capture import captures
from tests.archive.durability.scenarios import write
from tests.archive.samples import OUTLET
from tests.archive.test_placement import Host

KEY = "warc/outlet=o/date=2026-11-23/a.warc.gz"


@dataclass(frozen=True)
class Act:
    """One call: ``sync``, ``name`` (a rename or a link onto ``path``, from ``source``) or ``folder`` (a new one); bytes of a file."""

    kind: str
    path: Path
    source: Path | None = None
    size: int | None = None


@dataclass
class Recorder:
    acts: list[Act] = field(default_factory=list)

    def listen(self, monkeypatch):
        fsync, mkdir = os.fsync, os.mkdir

        def synced(handle):
            fsync(handle)
            path = Path(f"/proc/self/fd/{handle}").readlink()
            self.acts.append(Act("sync", path, size=size_of(path)))

        def made(path, *args, **named):
            mkdir(path, *args, **named)
            self.acts.append(Act("folder", Path(path)))

        monkeypatch.setattr(os, "fsync", synced)
        monkeypatch.setattr(os, "mkdir", made)
        for call in ("rename", "replace", "link"):
            monkeypatch.setattr(os, call, self._named(getattr(os, call)))
        return self

    def _named(self, act):
        def named(source, target, **others):
            size = size_of(Path(source))
            act(source, target, **others)
            self.acts.append(Act("name", Path(target), Path(source), size))

        return named

    @property
    def names(self):
        """The acts that gave a name, without those that take a segment out of sight, or leave a lock or a half-written file."""
        return [act for act in self.acts if act.kind == "name" and not act.path.name.startswith(".")]

    def unsafe(self):
        """Return what a power cut could undo: content or names that were not on the disk when something else relied on them."""
        found = []
        for at, act in enumerate(self.acts):
            synced_before = {(one.path, one.size) for one in self.acts[:at] if one.kind == "sync"}
            next_name = next(
                (n for n, one in enumerate(self.acts[at + 1 :], at + 1) if one in self.names), len(self.acts)
            )
            synced_soon = {one.path for one in self.acts[at + 1 : next_name] if one.kind == "sync"}
            if act in self.names:
                if (act.source, act.size) not in synced_before:
                    found.append(f"{act.source.name} was not on the disk when it became {act.path}")
                if act.size is None and act.source.parent not in synced_soon:
                    found.append(f"the folder {act.source} may be there again")
                if act.path.parent not in synced_soon:
                    found.append(f"the name {act.path} was not on the disk before the next one was given")
            elif act.kind == "folder" and not act.path.name.startswith(".") and act.path.parent not in synced_soon:
                found.append(f"the folder {act.path} was not on the disk before a name was given")
        return found


def size_of(path):
    return path.stat().st_size if path.is_file() else None


@pytest.fixture
def disk(monkeypatch):
    return Recorder().listen(monkeypatch)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"0123456789" * 100)
    return path


def test_a_small_file_is_on_the_disk_before_its_name_and_its_name_after(tmp_path, disk):
    write_whole(tmp_path / "a.json", {"a": "ورّاق" * 10})
    assert [act.kind for act in disk.acts] == ["sync", "name", "sync"]
    assert disk.acts[0].size == (tmp_path / "a.json").stat().st_size
    assert not disk.unsafe()


def test_each_new_folder_is_named_in_the_one_above(tmp_path, disk):
    make_folder(tmp_path / "a" / "b")
    assert {act.path for act in disk.acts if act.kind == "sync"} == {tmp_path, tmp_path / "a"}
    make_folder(tmp_path / "a" / "b")
    assert len(disk.acts) == 4


@pytest.mark.parametrize("has_links", [True, False])
def test_an_object_in_a_folder_is_named_when_it_is_on_the_disk(tmp_path, disk, file, monkeypatch, has_links):
    if not has_links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(95, "not supported")))
    store = open_store(tmp_path / "collection")
    store.put_file(KEY, file, digests=digests_of(file), metadata={})
    store.create("manifests/a.json", b"{}")
    tag = store.replace("pointers/o.json", b"1", tag=None)
    store.replace("pointers/o.json", b"2", tag=tag)
    file.write_bytes(b"erased")
    store.overwrite(KEY, file, digests=digests_of(file))
    root = tmp_path / "collection"
    assert [act.path.relative_to(root).as_posix() for act in disk.names] == [
        KEY,
        "manifests/a.json",
        "pointers/o.json",
        "pointers/o.json",
        KEY,
    ]
    assert not disk.unsafe()


def test_a_crawl_is_on_the_disk_at_each_step_of_its_way_into_the_archive(tmp_path, disk):
    write(tmp_path)
    store = open_store(tmp_path / "collection")
    publisher = Publisher(store, tmp_path / "spool", Catalog(tmp_path / "catalog"))
    assert publisher.publish_sealed().waiting == 0
    publisher.write_report({"outlet": OUTLET, "crawl": "c0", "started": "2026-11-23T10:00:00Z"})
    assert not disk.unsafe()
    states = [act.path.parent.name for act in disk.names if act.path.parent.name in {"closed", "sealed"}]
    assert states.count("closed") == states.count("sealed") > 1


def test_what_a_segment_holds_is_on_the_disk_when_it_changes_its_state(tmp_path, disk):
    write(tmp_path, max_bytes=1 << 30)
    (closed,) = Spool(tmp_path / "spool").segments(OUTLET, "closed")
    Publisher(Refusing(tmp_path), tmp_path / "spool").publish_sealed()
    (sealed,) = Spool(tmp_path / "spool").segments(OUTLET, "sealed")
    moves = {act.path: disk.acts.index(act) for act in disk.names if act.path in {closed.folder, sealed.folder}}
    synced = {one: place for place, one in enumerate(disk.acts) if one.kind == "sync"}
    warc = Act(
        "sync",
        tmp_path / "spool" / OUTLET / "open" / closed.segment_id / closed.warc.name,
        size=sealed.warc.stat().st_size,
    )
    assert synced[warc] < moves[closed.folder]
    for place in moves.values():  # the names of the files, which came after those that `facts.json` was synced with
        assert disk.acts[place - 1] == Act("sync", disk.acts[place].source)
    listed = [item["kind"] for item in json.loads((sealed.folder / "seal.json").read_bytes())["items"]]
    assert {"warc", "cdxj", "wet", "articles"} <= set(listed)
    described = next(disk.acts.index(act) for act in disk.names if act.path.name == "seal.json")
    for kind in listed:
        path = sealed.local(kind)
        assert synced[Act("sync", closed.folder / path.name, size=path.stat().st_size)] < described, kind
    assert not disk.unsafe()


def test_lines_that_are_cut_are_replaced_as_a_whole(tmp_path, disk):
    write(tmp_path, max_bytes=1 << 30)
    (closed,) = Spool(tmp_path / "spool").segments(OUTLET, "closed")
    with closed.articles.open("ab") as lines:
        lines.write(b'{"id": "half')
    disk.acts.clear()
    assert cut(closed)[1] == {"article_lines": 1}
    assert [act.kind for act in disk.acts] == ["sync", "name", "sync"]
    assert not disk.unsafe()


def test_the_copy_of_a_damaged_file_is_on_the_disk_before_the_file_is_cut(tmp_path, disk, monkeypatch):
    write(tmp_path, max_bytes=1 << 30)
    (closed,) = Spool(tmp_path / "spool").segments(OUTLET, "closed")
    with closed.warc.open("rb") as stream:
        second = list(captures(stream, closed.warc.name))[1]
    body = bytearray(closed.warc.read_bytes())
    body[second.pointer.offset + 100] ^= 0xFF
    closed.warc.write_bytes(body)
    disk.acts.clear()
    truncate, before = os.truncate, []

    def cutting(path, length):
        before.extend(disk.acts)
        truncate(path, length)

    monkeypatch.setattr(os, "truncate", cutting)
    cut(closed)
    (aside,) = (tmp_path / "spool" / OUTLET / "damaged").iterdir()
    synced = [(act.path, act.size) for act in before if act.kind == "sync"]
    assert synced[-2:] == [(aside, len(body)), (aside.parent, None)]


class Refusing:
    """A store that is away."""

    def __init__(self, folder):
        self.uri = self.place = (folder / "away").as_uri()

    def __getattr__(self, name):
        def refuse(*_args, **_named):
            raise StoreUnavailable("it is away")

        return refuse


def test_lines_that_are_placed_anew_are_on_the_disk_before_those_that_they_replace_go(tmp_path, monkeypatch):
    uri = (tmp_path / "collection").as_uri()
    north, south = Host(tmp_path / "north", uri, 1), Host(tmp_path / "south", uri, 2)
    north.capture(range(3))
    south.capture([2], after=60)
    south.publish()
    disk = Recorder().listen(monkeypatch)
    assert [manifest.recovered for manifest in north.publish()] == [{}, {"lines_said_again": 1}]
    closed = [act for act in disk.names if act.path.parent.name == "closed" and act.source.parent.name == "open"]
    before = disk.acts[: disk.acts.index(closed[-1])]
    lines = [act for act in before if act.kind == "sync" and act.path == closed[-1].source / "articles.jsonl"]
    assert lines
    assert lines[-1].size > 0
    for host in (north, south):
        host.catalog.close()
