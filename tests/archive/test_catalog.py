import gzip
import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from archive.catalog import KEPT, Catalog, checkpoint_if_due, write_checkpoint
from archive.reader.archive import Archive
from archive.store import open_store
from archive.warc.payload import label_of
from tests.archive.samples import OUTLET, START, body_of, fill, url_of


@pytest.fixture
def catalog(filled, tmp_path):
    catalog = Catalog(tmp_path / "catalog")
    yield catalog
    catalog.close()


def test_it_knows_what_is_published(catalog):
    seen = catalog.seen(f"{OUTLET}:7")
    assert (seen.version, seen.headline, seen.canonical_url) == (1, "عنوان 7", url_of(7))
    assert catalog.is_seen(f"{OUTLET}:7")
    assert catalog.seen_url(url_of(7)) == seen
    assert catalog.seen(f"{OUTLET}:99") is None
    assert not catalog.is_seen(f"{OUTLET}:99")
    assert catalog.seen_url(url_of(99)) is None


def test_it_knows_validators_and_originals(catalog):
    assert catalog.validators(url_of(7)).etag == '"v7"'
    assert catalog.validators(url_of(7)).payload_digest == label_of(body_of(7))
    assert catalog.validators(url_of(99)) is None
    original = catalog.original(label_of(body_of(7)))
    assert (original.uri, original.record_id) == (url_of(7), catalog.seen(f"{OUTLET}:7").record_id)
    assert catalog.original(label_of(b"nothing")) is None


def test_nothing_in_the_spool_is_seen(tmp_path):
    publisher = fill((tmp_path / "collection").as_uri(), tmp_path, range(1))
    catalog = Catalog(tmp_path / "other")
    assert catalog.seen(f"{OUTLET}:0") is None
    assert publisher.waiting() == 0
    assert catalog.catch_up(open_store(tmp_path / "collection"), [OUTLET]) == 1
    assert catalog.seen(f"{OUTLET}:0")


def test_the_rebuilt_one_is_the_one_that_grew(filled_anywhere, tmp_path):
    fill(filled_anywhere, tmp_path, range(20, 40), crawl="c2", version=2, headline="عنوان جديد")
    rebuilt = Catalog(tmp_path / "rebuilt")
    assert rebuilt.catch_up(open_store(filled_anywhere), [OUTLET])
    assert list(rebuilt.dump()) == list(Catalog(tmp_path / "catalog").dump())
    assert rebuilt.seen(f"{OUTLET}:25").headline == "عنوان جديد"
    assert rebuilt.catch_up(open_store(filled_anywhere), [OUTLET]) == 0


def test_the_order_of_learning_does_not_matter(filled, tmp_path, catalog):
    store = open_store(filled)
    backwards = Catalog(tmp_path / "backwards")
    for manifest in Archive(store).manifests(newest_first=True):
        backwards.remember(manifest, lambda item: store.open(item.key))
    assert list(backwards.dump()) == list(catalog.dump())


def test_a_window_leaves_out_what_is_older(filled, tmp_path):
    later = START + timedelta(days=30)
    assert Catalog(tmp_path / "empty").catch_up(open_store(filled), [OUTLET], timedelta(days=7), now=later) == 0
    assert Catalog(tmp_path / "full").catch_up(open_store(filled), [OUTLET], timedelta(days=31), now=later)


def test_a_crash_while_learning_leaves_nothing_half(filled, tmp_path):
    store = open_store(filled)
    manifest = next(Archive(store).manifests())
    catalog = Catalog(tmp_path / "crashed")

    def broken(item):
        if item.kind == "cdxj":
            raise OSError("gone")
        return store.open(item.key)

    with pytest.raises(OSError, match="gone"):
        catalog.remember(manifest, broken)
    assert catalog.count() == dict.fromkeys(catalog.count(), 0)


def test_a_checkpoint_gives_the_same_catalog(filled_anywhere, tmp_path):
    store = open_store(filled_anywhere)
    grown = Catalog(tmp_path / "catalog")
    assert write_checkpoint(grown, store, OUTLET).startswith(f"checkpoints/outlet={OUTLET}/")
    fill(filled_anywhere, tmp_path, range(40, 50), crawl="c2")
    cold = Catalog(tmp_path / "cold")
    assert 0 < cold.catch_up(store, [OUTLET]) < cold.count()["manifests"]
    assert list(cold.dump()) == list(grown.dump())
    rebuilt = Catalog(tmp_path / "rebuilt")
    assert rebuilt.catch_up(store, [OUTLET], checkpoints=False) == cold.count()["manifests"]
    assert list(rebuilt.dump()) == list(grown.dump())


def test_a_checkpoint_of_another_release_is_not_taken(filled, tmp_path):
    store = open_store(filled)
    path = tmp_path / "collection" / write_checkpoint(Catalog(tmp_path / "catalog"), store, OUTLET)
    head, *rows = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(json.dumps(json.loads(head) | {"schema": 99}).encode() + b"\n" + b"".join(rows)))
    cold = Catalog(tmp_path / "cold")
    assert cold.catch_up(store, [OUTLET]) == cold.count()["manifests"]


def test_a_checkpoint_that_breaks_off_is_left_and_the_manifests_are_read(filled, tmp_path, caplog):
    store, grown = open_store(filled), Catalog(tmp_path / "catalog")
    path = tmp_path / "collection" / write_checkpoint(grown, store, OUTLET)
    path.write_bytes(path.read_bytes()[:-200])
    cold = Catalog(tmp_path / "cold")
    assert cold.catch_up(store, [OUTLET]) == cold.count()["manifests"]
    assert list(cold.dump()) == list(grown.dump())
    assert "the manifests are read instead" in caplog.text


def test_a_checkpoint_is_written_when_many_manifests_have_come_and_old_ones_go(filled_anywhere, tmp_path):
    store, grown, prefix = open_store(filled_anywhere), Catalog(tmp_path / "catalog"), f"checkpoints/outlet={OUTLET}/"
    assert checkpoint_if_due(grown, store, OUTLET, len(grown.manifests(OUTLET)) + 1) is None
    assert checkpoint_if_due(grown, store, OUTLET, 0) is None
    written = [checkpoint_if_due(grown, store, OUTLET, 2)]
    assert checkpoint_if_due(grown, store, OUTLET, 2) is None
    for number in range(3):
        fill(
            filled_anywhere,
            tmp_path,
            range(50 + 10 * number, 60 + 10 * number),
            crawl=f"c{number}",
        )
        written.append(checkpoint_if_due(grown, store, OUTLET, 2))
    assert all(written)
    assert [found.key for found in store.listing(prefix)] == written[-KEPT:]
    cold = Catalog(tmp_path / "cold")
    assert cold.catch_up(store, [OUTLET]) == 0
    assert list(cold.dump()) == list(grown.dump())


def test_a_catalog_of_another_version_is_learned_again(filled, tmp_path):
    with closing(sqlite3.connect(tmp_path / "old")) as old:
        old.execute("CREATE TABLE articles (id TEXT)")
        old.execute("PRAGMA user_version = 99")
    catalog = Catalog(tmp_path / "old")
    assert catalog.catch_up(open_store(filled), [OUTLET])
    assert catalog.seen(f"{OUTLET}:7")
