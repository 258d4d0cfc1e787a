from datetime import timedelta
from threading import Barrier, Thread

import pytest

from archive.lease import Lease, LeaseHeld, LeaseLost
from archive.store import open_store
from tests.archive.samples import START


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
