"""Two starts of one outlet: on one machine one crawls, whichever; two machines are two holders, whatever is alike about them."""

import uuid
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from archive.manifests.lease import LeaseHeld
from archive.spool.spool import SpoolBusy
from archive.store import open_store
from crawlers.configuration import Destination
from crawlers.frontier.backfill import Mark
from crawlers.session.session import LocalArchive

OUTLET = "aljazeera"


def destination(folder, machine="here"):
    spool = folder / machine / "spool" / "x"
    spool.mkdir(parents=True, exist_ok=True)
    return Destination(
        store=open_store(folder / "collection"),
        copies=(),
        spool=spool,
        catalog=spool.with_name("x.catalog"),
        stories=spool.with_name("x.stories"),
    )


MADE = []


@pytest.fixture(autouse=True)
def closed():
    """Close the caches of those that "died": in a process of their own they would be gone."""
    yield
    while MADE:
        archive = MADE.pop()
        archive.catalog.close()
        archive.index.close()


def archive_of(place):
    window = timedelta(days=400)
    archive = LocalArchive(place, OUTLET, window=window, stories_window=window, checkpoint_every=0)
    MADE.append(archive)
    return archive


def begin(archive):
    archive.open(crawl="c", collection="warraq", warcinfo={}, max_bytes=1 << 30, max_age=3600)


def end(archive):
    archive.close()
    archive.release({"outlet": OUTLET, "crawl": uuid.uuid4().hex, "started": "2026-11-30T00:00:00Z"})


def start(place, at_once, crawling):
    archive = archive_of(place)
    at_once.wait()
    try:
        begin(archive)
    except (SpoolBusy, LeaseHeld):
        end(archive)  # as a crawl that does not begin ends
    else:
        crawling.append(archive)


def test_of_two_starts_on_one_machine_exactly_one_crawls(tmp_path):
    for _ in range(8):
        at_once, crawling = Barrier(2), []
        threads = [Thread(target=start, args=(destination(tmp_path), at_once, crawling)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (archive,) = crawling
        archive.renew()  # the other one has not taken it
        end(archive)


def test_a_restarted_crawl_has_the_lease_of_the_one_that_died(tmp_path):
    dead = archive_of(destination(tmp_path))
    begin(dead)
    dead._lock.release()  # as the kernel does where it dies
    again = archive_of(destination(tmp_path))
    begin(again)
    assert (dead.lease.token, again.lease.token) == (1, 2)
    end(again)


def test_two_containers_of_one_address_and_one_path_are_two_holders(tmp_path, monkeypatch):
    monkeypatch.setattr(uuid, "getnode", lambda: 0x0242AC110002)
    inside, volumes = tmp_path / "data", [tmp_path / "volume-1", tmp_path / "volume-2"]
    holders = []
    for volume in volumes:
        volume.mkdir()
        inside.symlink_to(volume)
        holders.append(destination(inside).holder)
        assert destination(inside).holder == holders[-1]
        inside.unlink()
    assert holders[0] != holders[1]


def test_a_holder_is_shut_out_by_another_one(tmp_path):
    here, there = archive_of(destination(tmp_path)), archive_of(destination(tmp_path, "there"))
    begin(here)
    for _ in range(2):
        with pytest.raises(LeaseHeld):  # and not SpoolBusy: it has let go of its own spool
            begin(there)
    end(there)
    end(here)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"nobody's", b"\xff" * 16, b"ABCDEF0123456789"])
def test_a_spoiled_name_is_drawn_anew(tmp_path, caplog, body):
    place = destination(tmp_path)
    path = place.spool.with_name("x.holder")
    path.write_bytes(body)
    name = place.holder
    assert name == place.holder == path.read_text(encoding="ascii")
    assert path.with_name("x.holder.spoiled").read_bytes() == body
    assert f"{path} is spoiled" in caplog.text


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b'{"until": null}', b'{"until": "2999-01-01T00:00:00Z"}'])
def test_a_spoiled_mark_sends_nobody_away(tmp_path, body):
    store = open_store(tmp_path)
    store.create(f"leases/{OUTLET}.wanted.json", body)
    mark = Mark(store, OUTLET, "wanted")
    assert not mark.stands()
    mark.put()
    assert mark.stands()
