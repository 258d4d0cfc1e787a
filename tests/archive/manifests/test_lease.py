import json
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from archive.article import format_time
from archive.manifests.lease import Lease, LeaseHeld, LeaseLost
from archive.store import open_store
from tests.archive.samples import START

KEY = "leases/alaraby.json"


class Clock:
    now = START

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def lease_of(uri, holder, clock):
    return Lease(open_store(uri), "alaraby", holder=holder, seconds=60, grace=5, clock=clock)


def test_the_second_one_is_told_who_holds_it(uri, clock):
    assert lease_of(uri, "one", clock).acquire() is None
    with pytest.raises(LeaseHeld, match="alaraby is being crawled by one"):
        lease_of(uri, "two", clock).acquire()


def test_a_released_lease_is_free(uri, clock):
    first = lease_of(uri, "one", clock)
    first.acquire()
    first.release()
    assert lease_of(uri, "two", clock).acquire() is None


def test_a_dead_holder_is_taken_over_and_learns_of_it(uri, clock):
    dead, heir = lease_of(uri, "one", clock), lease_of(uri, "two", clock)
    dead.acquire()
    clock.now += timedelta(seconds=64)
    with pytest.raises(LeaseHeld):
        heir.acquire()
    clock.now += timedelta(seconds=2)
    assert heir.acquire() == "one"
    with pytest.raises(LeaseLost, match="taken over by two"):
        dead.renew()
    dead.release()
    heir.renew()


def test_who_renews_keeps_it(uri, clock):
    holder = lease_of(uri, "one", clock)
    holder.acquire()
    for _ in range(5):
        clock.now += timedelta(seconds=50)
        holder.renew()
        with pytest.raises(LeaseHeld):
            lease_of(uri, "two", clock).acquire()


def test_each_turn_has_a_higher_token(uri, clock):
    first = lease_of(uri, "one", clock)
    first.acquire()
    first.release()
    second = lease_of(uri, "two", clock)
    second.acquire()
    clock.now += timedelta(seconds=66)
    third, spoiled = lease_of(uri, "three", clock), lease_of(uri, "four", clock)
    assert third.acquire() == "two"
    third.release()
    open_store(uri).replace(KEY, b"{}", tag=open_store(uri).read_tagged(KEY)[1])
    spoiled.acquire(above=third.token)  # as the chain of manifests knows it
    assert (first.token, second.token, third.token, spoiled.token) == (1, 2, 3, 4)


def test_a_lease_of_before_there_were_tokens_is_honoured(uri, clock):
    until = format_time(clock.now + timedelta(seconds=60))
    open_store(uri).create(
        KEY, json.dumps({"outlet": "alaraby", "holder": "old", "since": "", "until": until}).encode()
    )
    with pytest.raises(LeaseHeld, match="by old"):
        lease_of(uri, "new", clock).acquire()
    clock.now += timedelta(seconds=66)
    heir = lease_of(uri, "new", clock)
    assert (heir.acquire(), heir.token) == ("old", 1)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"7", b'"free"', b"\xff\xfe", b"{}", b"[" * 100_000,
        b'{"holder": "x", "until": null}', b'{"holder": 7, "until": "2026-11-23T10:00:00Z"}',
        b'{"holder": "x", "until": "soon"}', b'{"holder": "x", "until": "2026-11-23T10:00:00"}',
        b'{"holder": "x", "until": "2026-11-23T10:00:00Z", "token": "1"}',
        b'{"holder": "x", "until": "2027-11-23T10:00:00Z"}', b'{"holder": "x", "until": "9999-12-31T23:59:59-23:00"}',
    ],
)  # fmt: skip
def test_a_spoiled_lease_is_named_and_set_aside_and_shuts_nobody_out(tmp_path, clock, caplog, body):
    uri = (tmp_path / "collection").as_uri()
    store = open_store(uri)
    store.create(KEY, body)
    lease = lease_of(uri, "one", clock)
    assert lease.acquire() is None
    lease.renew()
    assert f"the lease {KEY} is spoiled" in caplog.text
    (aside,) = [found.key for found in store.listing("leases/") if found.key.endswith(".spoiled")]
    assert store.read(aside) == body
    with pytest.raises(LeaseHeld):
        lease_of(uri, "two", clock).acquire()


def test_of_many_at_once_one_gets_it(uri, clock):
    got, start = [], Barrier(6)

    def take(name):
        lease = lease_of(uri, name, clock)
        start.wait()
        try:
            lease.acquire()
        except LeaseHeld:
            return
        got.append(name)

    threads = [Thread(target=take, args=(f"machine-{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
