"""A store that fails in every way a store can: nothing is lost, nothing is twice, and it heals by itself."""

import pytest

from archive.catalog import Catalog
from archive.publishing import Publisher
from archive.segment import SegmentWriter
from archive.store import StoreRefused, StoreUnavailable, open_store
from tests.archive.durability.faulty import Fault, faulty_proxy
from tests.archive.durability.proof import prove
from tests.archive.samples import OUTLET, article_of, exchange_of

PASSING = ["500", "503", "expired", "reset", "lost", "corrupt", "slow"]
PLACES = {"an object": "/warc/", "the manifest": "/manifests/", "the pointer": "/pointers/", "the report": "/reports/"}


@pytest.fixture
def proxy(moto, s3):
    with faulty_proxy(moto) as proxy:
        yield proxy


def write(folder, *, count=12, size=900):
    writer = SegmentWriter(
        folder / "spool", collection="warraq", outlet=OUTLET, crawl="c0", warcinfo={"software": "test"}, max_bytes=8_000
    )
    with (folder / "notes").open("a") as notes:
        for number in range(count):
            pointer = writer.write_exchange(exchange_of(number, size=size))
            notes.write(f"{number} {pointer.record_id}\n")
            writer.write_article(article_of(number, pointer))
    writer.close()


def publisher_of(folder, uri, address, **options):
    fast = {"attempts": 1, "connect_timeout": 2, "read_timeout": 2}
    store = open_store(uri, options={"endpoint_url": address} | fast | options)
    return Publisher(store, folder / "spool", Catalog(folder / "catalog"))


@pytest.mark.parametrize("place", [pytest.param(part, id=name) for name, part in PLACES.items()])
@pytest.mark.parametrize("kind", PASSING)
def test_a_passing_fault_costs_a_round_and_nothing_else(tmp_path, bucket, proxy, kind, place):
    write(tmp_path)
    publisher = publisher_of(tmp_path, bucket, proxy.address)
    report = {"outlet": OUTLET, "crawl": "c0", "started": "2026-11-23T10:00:00Z"}
    proxy.faults.append(Fault(kind, part=place))
    publisher.publish_sealed()
    try:
        publisher.write_report(report)
    except StoreUnavailable:
        assert place == "/reports/"
    assert proxy.faults[0].met == 1
    assert publisher.publish_sealed().waiting == 0
    prove(tmp_path, bucket)


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


MULTIPART = {"multipart_threshold": 1 << 20, "part_size": 5 << 20}


def write_large(folder):
    writer = SegmentWriter(
        folder / "spool",
        collection="warraq",
        outlet=OUTLET,
        crawl="c0",
        warcinfo={"software": "test"},
        max_bytes=1 << 30,
    )
    with (folder / "notes").open("a") as notes:
        for number in range(12):
            pointer = writer.write_exchange(exchange_of(number, size=-(1 << 20)))
            notes.write(f"{number} {pointer.record_id}\n")
            writer.write_article(article_of(number, pointer))
    writer.close()


@pytest.mark.parametrize("kind", ["500", "reset", "lost", "corrupt"])
def test_a_multipart_upload_goes_on_where_it_broke(tmp_path, bucket, proxy, s3, kind):
    write_large(tmp_path)
    publisher = publisher_of(tmp_path, bucket, proxy.address, **MULTIPART)
    proxy.faults.append(Fault(kind, part="partNumber=2"))
    publisher.publish_sealed()
    before = proxy.requests
    assert publisher.publish_sealed().waiting == 0
    assert proxy.requests >= before
    prove(tmp_path, bucket)
    name = bucket.split("/")[2]
    assert not s3.list_multipart_uploads(Bucket=name).get("Uploads"), "parts are left behind"


def test_a_lost_answer_to_the_completion_is_no_second_object(tmp_path, bucket, proxy):
    write_large(tmp_path)
    publisher = publisher_of(tmp_path, bucket, proxy.address, **MULTIPART)
    proxy.faults.append(Fault("lost", method="POST", part="uploadId="))
    publisher.publish_sealed()
    assert publisher.publish_sealed().waiting == 0
    prove(tmp_path, bucket)
