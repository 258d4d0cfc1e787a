"""ARCHIVE_COPIES: a second bucket that is away for a while gets everything in the end, and keeps nothing from the first."""

import json

import pytest

from archive.store import StoreRefused, open_copies, open_store
from archive.store.s3_client import _session
from archive.verify import verify
from tests.archive.durability.faulty import Fault, faulty_proxy
from tests.crawling import QUICK, moto, run
from tests.replica import Replica


@pytest.fixture(scope="module")
def away(tmp_path_factory):
    """Crawl while the copy answers 503; then let it answer, and recover."""
    folder = tmp_path_factory.mktemp("copies")
    with (
        Replica(seed=4, days=3) as replica,
        moto("news", "copy") as server,
        faulty_proxy(server["AWS_ENDPOINT_URL"]) as proxy,
    ):
        profile = folder / "credentials"
        profile.write_text("[second]\naws_access_key_id = SECOND\naws_secret_access_key = z\n")
        copies = f"s3://copy/news endpoint={proxy.address} profile=second"
        environment = {
            **server,
            **replica.env,
            "ARCHIVE_URI": "s3://news/archive",
            "ARCHIVE_COPIES": copies,
            "SPOOL_DIR": str(folder / "spool"),
            "AWS_SHARED_CREDENTIALS_FILE": str(profile),
        }
        proxy.faults = [Fault("503", method, times=10**6) for method in ("GET", "PUT", "HEAD")]
        window = ("-a", f"since={min(p['published'] for p in replica.truth if p['expect'] == 'article')[:10]}")
        crawl = run("scrapy", "crawl", "aljazeera", *window, "-a", "limit=8", *QUICK, **environment)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in server.items():
                patch.setenv(name, value)
            stores = [open_store("s3://news/archive"), open_store("s3://copy/news")]
            during = [objects_of(store) for store in stores]
            proxy.faults = []
            recovered = run("archive", "recover", "--json", **environment)
            after = [objects_of(store) for store in stores]
            faults = [fault for store in stores for fault in verify(store, deep=True, chain=True)]
    return crawl, during, recovered, after, faults


def objects_of(store):
    """Return keys and sizes of what both must have; manifests and pointers belong to each one's own chain."""
    found = (stat for stat in store.listing("") if stat.key.endswith(".gz") or stat.key.startswith("reports/"))
    return {stat.key: stat.size for stat in found}


def test_the_crawl_publishes_in_the_archive_and_says_that_something_waits(away):
    crawl, (archive, copy), *_ = away
    assert crawl.returncode == 4, crawl.stderr
    assert "8 articles kept" in crawl.stderr
    assert any(key.startswith("articles/") for key in archive)
    assert not copy


def test_the_copy_gets_everything_when_it_is_back(away):
    _, _, recovered, (archive, copy), faults = away
    assert (recovered.returncode, json.loads(recovered.stdout)["waiting"]) == (0, 0), recovered.stderr
    assert archive == copy
    assert any(key.startswith("reports/") for key in copy)
    assert faults == []


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("s3://copy bucket=x", "'bucket=x' is nothing that is said of a store"),
        ("/mnt/disk profile=x", "is no bucket"),
        ("ftp://copy", "only file: and s3: are known"),
        ("s3://key:secret@copy", "carries credentials"),
        ("s3://copy endpoint=http://a, s3://copy endpoint=http://a", "is named twice"),
    ],
)
def test_a_wrong_entry_is_refused_in_a_sentence(tmp_path, said, sentence):
    with pytest.raises(StoreRefused, match=sentence) as refused:
        open_copies(said, open_store(tmp_path))
    assert "secret" not in str(refused.value)


def test_a_wrong_copy_stops_the_crawl_before_the_first_request(tmp_path):
    environment = {"ARCHIVE_URI": str(tmp_path / "c"), "SPOOL_DIR": str(tmp_path / "s"), "ARCHIVE_COPIES": "ftp://copy"}
    answer = run("scrapy", "crawl", "aljazeera", **environment, CONTACT="https://example.org")
    assert answer.returncode == 2
    assert "ARCHIVE_COPIES: the archive URI starts with ftp:" in answer.stderr
    assert not (tmp_path / "c").exists()


def test_the_same_bucket_at_two_providers_is_two_stores_with_their_own_credentials(tmp_path, monkeypatch):
    (tmp_path / "credentials").write_text("[second]\naws_access_key_id = SECOND\naws_secret_access_key = z\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "FIRST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    _session.cache_clear()
    one = open_store("s3://news")
    two, three = open_copies(
        "s3://news endpoint=http://127.0.0.1:1 profile=second,s3://news endpoint=http://127.0.0.1:2", one
    )
    assert len({one.place, two.place, three.place}) == 3
    assert [store._client._get_credentials().access_key for store in (two, three)] == ["SECOND", "FIRST"]
