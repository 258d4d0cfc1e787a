"""A store that fails in every way a store can: nothing is lost, nothing is twice, and it heals by itself."""

import pytest

from archive.store import StoreRefused, StoreUnavailable
from tests.archive.durability.faulty import Fault, faulty_proxy
from tests.archive.durability.points import FAULTS, PLACES
from tests.archive.durability.proof import prove
from tests.archive.durability.rehearsal import PARTS
from tests.archive.durability.scenarios import NOISE, fault_met, publisher_of, write
from tests.s3_server import endpoint

pytestmark = pytest.mark.slow  # each fault is waited for and tried again


@pytest.fixture
def proxy(s3):
    with faulty_proxy(endpoint()) as proxy:
        yield proxy


# every fault at an object, and the three that differ everywhere else; all pairs stand in the matrix of docs/durability.md
PAIRS = [(fault, "an object") for fault in FAULTS] + [
    (fault, place) for fault in ("503", "lost", "corrupt") for place in PLACES if place != "an object"
]


@pytest.mark.parametrize(("kind", "place"), PAIRS)
def test_a_passing_fault_costs_a_round_and_nothing_else(tmp_path, bucket, proxy, kind, place):
    fault_met(tmp_path, bucket, proxy, kind, PLACES[place])


def test_an_outage_of_hours_leaves_everything_in_the_spool(tmp_path, bucket, proxy):
    write(tmp_path)
    publisher = publisher_of(tmp_path, bucket, proxy.address)
    proxy.faults.append(Fault("503", part="/", times=10_000))
    for _ in range(5):
        result = publisher.publish_sealed()
        assert result.waiting
        assert not result.manifests
        assert isinstance(result.failures[0], StoreUnavailable)
    proxy.faults.clear()
    assert publisher.publish_sealed().waiting == 0
    prove(tmp_path, bucket)


def test_a_store_that_is_not_there_says_so_in_one_sentence(tmp_path, bucket, proxy):
    write(tmp_path)
    result = publisher_of(tmp_path, bucket, "http://127.0.0.1:9").publish_sealed()
    assert result.waiting
    assert "does not answer" in str(result.failures[0])


def test_a_denied_write_is_refused_and_kept(tmp_path, bucket, proxy):
    write(tmp_path)
    publisher = publisher_of(tmp_path, bucket, proxy.address)
    proxy.faults.append(Fault("denied", times=100))
    result = publisher.publish_sealed()
    assert isinstance(result.failures[0], StoreRefused)
    assert "AccessDenied" in str(result.failures[0])
    proxy.faults.clear()
    assert publisher.publish_sealed().waiting == 0
    prove(tmp_path, bucket)


@pytest.mark.parametrize("kind", ["500", "reset", "lost", "corrupt"])
def test_a_multipart_upload_goes_on_where_it_broke(tmp_path, bucket, proxy, s3, kind):
    write(tmp_path, size=NOISE, max_bytes=1 << 30)
    publisher = publisher_of(tmp_path, bucket, proxy.address, **PARTS)
    proxy.faults.append(Fault(kind, part="partNumber=2"))
    assert publisher.publish_sealed().waiting == (kind != "corrupt")  # told by its ETag, and sent anew at once
    first = Fault("seen", part="partNumber=1", times=10_000)
    proxy.faults.append(first)
    assert publisher.publish_sealed().waiting == 0
    assert first.met == 0
    prove(tmp_path, bucket)
    name = bucket.split("/")[2]
    assert not s3.list_multipart_uploads(Bucket=name).get("Uploads"), "parts are left behind"


def test_a_lost_answer_to_the_completion_is_no_second_object(tmp_path, bucket, proxy):
    write(tmp_path, size=NOISE, max_bytes=1 << 30)
    publisher = publisher_of(tmp_path, bucket, proxy.address, **PARTS)
    proxy.faults.append(Fault("lost", method="POST", part="uploadId="))
    publisher.publish_sealed()
    assert publisher.publish_sealed().waiting == 0
    prove(tmp_path, bucket)


@pytest.mark.parametrize("kind", ["503", "reset"])
def test_parts_that_arrived_before_an_outage_are_not_sent_again(tmp_path, bucket, proxy, s3, kind):
    write(tmp_path, size=NOISE, max_bytes=1 << 30)
    publisher = publisher_of(tmp_path, bucket, proxy.address, read_timeout=30, **PARTS)
    away = Fault(kind, part="partNumber=2", times=10_000)
    first = Fault("seen", part="partNumber=1", times=10_000)
    proxy.faults += [away, first]
    for _ in range(3):
        assert publisher.publish_sealed().waiting == 1
    assert (first.met, away.met) == (1, 3)
    assert len(s3.list_multipart_uploads(Bucket=bucket.split("/")[2])["Uploads"]) == 1
    proxy.faults.remove(away)
    assert publisher.publish_sealed().waiting == 0
    assert first.met == 1
    prove(tmp_path, bucket)
    assert not s3.list_multipart_uploads(Bucket=bucket.split("/")[2]).get("Uploads"), "parts are left behind"
