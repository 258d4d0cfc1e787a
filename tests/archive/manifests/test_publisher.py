"""What a manifest says, how the chain grows, several targets, and that a second round changes nothing."""

import json
import os
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from archive.article import format_time
from archive.catalog import Catalog
from archive.manifests.chain import ancestry, commit, read_heads
from archive.manifests.manifest import Manifest, make_segment_id
from archive.manifests.publisher import Published, Publisher
from archive.reader.archive import Archive
from archive.spool.sealing import seal
from archive.spool.segment import SegmentWriter
from archive.spool.spool import Spool, SpoolBusy
from archive.store import Conflict, StoreUnavailable, open_store
from archive.verify import verify
from archive.warc.capture import captures
from tests.archive.samples import OUTLET, START, article_of, exchange_of, fill

REPORT = {"outlet": OUTLET, "crawl": "c1", "started": "2026-11-23T10:00:00Z", "note": "تقرير"}


def manifests_of(uri):
    return list(Archive(open_store(uri)).manifests())


def test_a_manifest_lists_its_objects_with_counts_dates_and_hashes(filled):
    found = manifests_of(filled)
    first = found[0]
    warc, articles = first.by_kind["warc"], first.by_kind["articles"]
    assert warc.records["response"] == warc.records["request"] == warc.records["metadata"]
    assert warc.records["warcinfo"] == 1
    assert sum(manifest.by_kind["articles"].records["article"] for manifest in found) == 30
    assert (warc.first, articles.first) == ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z")
    assert first.software == {"warraq": "0.1"}
    assert first.previous == []
    assert all(len(item.sha256) == 64 and item.bytes for item in first.objects)


def test_manifests_form_one_chain_from_the_newest_to_the_first(filled_anywhere):
    store = open_store(filled_anywhere)
    heads, _ = read_heads(store, OUTLET)
    chain = [manifest.segment for _, manifest, _ in ancestry(store, heads)]
    assert chain == sorted((manifest.segment for manifest in manifests_of(filled_anywhere)), reverse=True)
    assert len(chain) > 2


def test_a_second_round_changes_nothing(filled_anywhere, tmp_path):
    store = open_store(filled_anywhere)
    before = {found.key: store.read(found.key) for found in store.listing("")}
    assert fill(filled_anywhere, tmp_path, range(0)).publish_sealed().manifests == []
    assert {found.key: store.read(found.key) for found in store.listing("")} == before


def test_the_same_crawl_gives_the_same_objects_in_a_folder_and_in_a_bucket(tmp_path, bucket, monkeypatch):
    folder = (tmp_path / "collection").as_uri()
    publisher = Publisher([open_store(folder), open_store(bucket)], tmp_path / "spool", Catalog(tmp_path / "catalog"))
    write(tmp_path)
    assert publisher.publish_sealed().waiting == 0
    one, two = (
        {found.key: open_store(uri).read(found.key) for found in open_store(uri).listing("") if "gz" in found.key}
        for uri in (folder, bucket)
    )
    assert one == two


def write(tmp_path, numbers=range(5), crawl="c1"):
    writer = SegmentWriter(tmp_path / "spool", collection="warraq", outlet=OUTLET, crawl=crawl, warcinfo={})
    for number in numbers:
        writer.write_article(article_of(number, writer.write_exchange(exchange_of(number))))
    writer.close()


class Closed:
    """A store that is closed for the time being."""

    def __init__(self, uri):
        self._store = open_store(uri)
        self.uri = self.place = uri
        self.is_open = False

    def __getattr__(self, name):
        if not self.is_open:
            raise StoreUnavailable("closed")
        return getattr(self._store, name)


def test_each_target_has_its_own_state(tmp_path):
    first, second = (tmp_path / "one").as_uri(), Closed((tmp_path / "two").as_uri())
    catalog = Catalog(tmp_path / "catalog")
    publisher = Publisher([open_store(first), second], tmp_path / "spool", catalog)
    write(tmp_path)
    result = publisher.publish_sealed()
    assert (len(result.manifests), result.waiting, str(result.failures[0])) == (1, 1, "closed")
    assert catalog.seen(f"{OUTLET}:3")
    assert len(manifests_of(first)) == 1
    second.is_open = True
    assert publisher.publish_sealed().waiting == 0
    assert len(manifests_of(second.uri)) == 1
    for uri in (first, second.uri):
        assert not list(verify(open_store(uri), deep=True, chain=True))


def test_a_target_that_is_away_keeps_nothing_from_the_other(tmp_path):
    first, second = (tmp_path / "one").as_uri(), Closed((tmp_path / "two").as_uri())
    publisher = Publisher([open_store(first), second], tmp_path / "spool", Catalog(tmp_path / "catalog"))
    for round_ in range(3):
        write(tmp_path, range(round_ * 5, round_ * 5 + 5), crawl=f"c{round_}")
        result = publisher.publish_sealed()
        assert (len(result.manifests), result.waiting) == (1, round_ + 1)
    assert len(manifests_of(first)) == 3
    second.is_open = True
    assert Publisher([open_store(first), second], tmp_path / "spool").publish_sealed().waiting == 0
    assert len(manifests_of(second.uri)) == 3
    for uri in (first, second.uri):
        assert not list(verify(open_store(uri), deep=True, chain=True))


def test_a_manifest_that_lists_other_objects_is_a_loud_conflict(tmp_path):
    store = open_store((tmp_path / "collection").as_uri())
    write(tmp_path)
    publisher = Publisher(store, tmp_path / "spool")
    spoiled = []

    class Spoiled:
        uri = place = store.uri

        def __getattr__(self, name):
            return getattr(store, name)

        def create(self, key, body):
            spoiled.append(key)
            record = json.loads(body)
            record["objects"][0]["bytes"] += 1
            store.create(key, json.dumps(record).encode())
            raise Conflict(key)

    result = Publisher(Spoiled(), tmp_path / "spool").publish_sealed()
    assert isinstance(result.failures[0], Conflict)
    assert isinstance(publisher.publish_sealed().failures[0], Conflict)
    assert result.waiting == 1


def test_two_publishers_of_one_outlet_leave_one_whole_chain(tmp_path, uri):
    folders = [tmp_path / str(number) for number in range(3)]
    for number, folder in enumerate(folders):
        write(folder, range(number * 10, number * 10 + 10), crawl=f"c{number}")
    publishers = [Publisher(open_store(uri), folder / "spool") for folder in folders]
    threads = [threading.Thread(target=publisher.publish_sealed) for publisher in publishers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(manifests_of(uri)) == 3
    assert not list(verify(open_store(uri), deep=True, chain=True))


def test_a_report_is_published_and_waits_where_the_store_is_closed(tmp_path):
    store = Closed((tmp_path / "collection").as_uri())
    publisher = Publisher(store, tmp_path / "spool")
    with pytest.raises(StoreUnavailable):
        publisher.write_report(REPORT)
    assert publisher.waiting() == 1
    store.is_open = True
    assert publisher.publish_sealed().waiting == 0
    publisher.write_report(REPORT)
    body = store.read(f"reports/outlet={OUTLET}/date=2026-11-23/c1.json").decode()
    assert "تقرير" in body
    assert json.loads(body) == REPORT


def test_a_spool_has_one_writer(tmp_path):
    writer = SegmentWriter(tmp_path, collection="warraq", outlet=OUTLET, crawl="c1", warcinfo={})
    with pytest.raises(SpoolBusy):
        SegmentWriter(tmp_path, collection="warraq", outlet=OUTLET, crawl="c2", warcinfo={})
    writer.close()


def test_what_another_process_is_publishing_still_waits(tmp_path):
    write(tmp_path)
    lock = Spool(tmp_path / "spool").publishing_lock(OUTLET)
    publisher = Publisher(open_store(tmp_path / "collection"), tmp_path / "spool")
    assert publisher.publish_sealed().waiting == 1
    lock.release()
    assert publisher.publish_sealed().waiting == 0


def test_a_segment_rolls_by_age_too(tmp_path):
    now = [START]
    writer = SegmentWriter(
        tmp_path / "spool",
        collection="warraq",
        outlet=OUTLET,
        crawl="c1",
        warcinfo={},
        max_age_seconds=3600,
        clock=lambda: now[0],
    )
    writer.write_exchange(exchange_of(1))
    writer.write_exchange(exchange_of(2))
    now[0] = START.replace(hour=11)
    writer.write_exchange(exchange_of(3))
    writer.close()
    assert len(list((tmp_path / "spool" / OUTLET / "closed").iterdir())) == 2


def test_a_segment_in_which_nothing_happened_is_not_published(tmp_path):
    writer = SegmentWriter(tmp_path / "spool", collection="warraq", outlet=OUTLET, crawl="c1", warcinfo={})
    writer.close()
    assert Publisher(open_store(tmp_path / "collection"), tmp_path / "spool").publish_sealed().waiting == 0


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"{}", b'{"facts": 1, "items": {}}', b"\xff", b"[" * 100_000]
)
@pytest.mark.parametrize("name", ["seal.json", "facts.json"])
def test_a_segment_whose_notes_are_spoiled_is_published_all_the_same(tmp_path, caplog, name, body):
    write(tmp_path)
    folder, uri = tmp_path / "spool", (tmp_path / "collection").as_uri()
    (closed,) = Spool(folder).segments(OUTLET, "closed")
    segment = closed
    if name == "seal.json":
        segment = seal(closed)
    (segment.folder / name).write_bytes(body)
    assert Publisher(open_store(uri), folder).publish_sealed().waiting == 0
    (manifest,) = manifests_of(uri)
    assert manifest.crawl == ("c1" if name == "seal.json" else "unknown")
    assert (manifest.collection, manifest.outlet) == ("warraq", OUTLET)
    assert "is spoiled" in caplog.text
    assert len(list(Archive(open_store(uri)).articles())) == 5
    assert not list(verify(open_store(uri), deep=True, chain=True))


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"outlet": 7}', "7"])
def test_a_report_that_is_none_holds_nothing_up(tmp_path, body):
    write(tmp_path)
    reports = tmp_path / "spool" / OUTLET / "reports"
    reports.mkdir()
    (reports / "c0.json").write_text(body)
    result = Publisher(open_store(tmp_path / "collection"), tmp_path / "spool").publish_sealed()
    assert (result.waiting, result.failures) == (0, [])
    assert (reports / "c0.json.spoiled").read_text() == body


@pytest.mark.parametrize("body", ["", "[]", '{"crawl": 7}', '{"crawl": "c", "stems": "x"}', "7"])
def test_a_spoiled_note_of_a_crawl_is_set_aside(tmp_path, body):
    (tmp_path / OUTLET).mkdir()
    (tmp_path / OUTLET / "crawl.json").write_text(body)
    assert Spool(tmp_path).crawl(OUTLET) == {"crawl": "unknown", "stems": []}
    assert (tmp_path / OUTLET / "crawl.json.spoiled").read_text() == body


def test_a_line_of_a_lost_record_is_not_published(tmp_path):
    write(tmp_path)
    (segment,) = (tmp_path / "spool" / OUTLET / "closed").iterdir()
    warc = segment / f"{segment.name}.warc.gz"
    with warc.open("rb") as stream:
        last = list(captures(stream, warc.name))[-1]
    os.truncate(warc, last.pointer.offset + 20)  # as a power cut may leave it: the record is gone, its line is not
    uri = (tmp_path / "collection").as_uri()
    Publisher(open_store(uri), tmp_path / "spool").publish_sealed()
    (manifest,) = manifests_of(uri)
    assert manifest.recovered["article_lines"] == 1
    assert manifest.recovered["warc_bytes"]
    assert sorted(article.id for article in Archive(open_store(uri)).articles()) == [f"{OUTLET}:{n}" for n in range(4)]
    assert not list(verify(open_store(uri), deep=True, chain=True))


def test_story_lines_are_published_beside(tmp_path):
    writer = SegmentWriter(tmp_path / "spool", collection="warraq", outlet=OUTLET, crawl="c1", warcinfo={})
    writer.write_story('{"story":"s1"}')
    writer.close()
    uri = (tmp_path / "collection").as_uri()
    Publisher(open_store(uri), tmp_path / "spool").publish_sealed()
    (manifest,) = manifests_of(uri)
    assert manifest.by_kind["stories"].records == {"story": 1}


def test_what_a_later_release_adds_to_a_manifest_is_left_alone(filled):
    body = manifests_of(filled)[0].to_bytes()
    record = json.loads(body) | {"novelty": 1}
    record["objects"][0]["novelty"] = 2
    assert Manifest.from_bytes(json.dumps(record).encode()).to_bytes() == body


def test_what_stands_behind_a_bad_sector_is_kept_aside(tmp_path):
    write(tmp_path)
    (segment,) = (tmp_path / "spool" / OUTLET / "closed").iterdir()
    warc = segment / f"{segment.name}.warc.gz"
    with warc.open("rb") as stream:
        second = list(captures(stream, warc.name))[1]
    body = bytearray(warc.read_bytes())
    body[second.pointer.offset + 100] ^= 0xFF
    warc.write_bytes(body)
    uri = (tmp_path / "collection").as_uri()
    Publisher(open_store(uri), tmp_path / "spool").publish_sealed()
    assert [article.id for article in Archive(open_store(uri)).articles()] == [f"{OUTLET}:0"]
    (aside,) = (tmp_path / "spool" / OUTLET / "damaged").iterdir()
    assert aside.read_bytes() == bytes(body)
    assert not list(verify(open_store(uri), deep=True, chain=True))


def test_lines_that_a_power_cut_filled_with_zeros_are_dropped(tmp_path):
    write(tmp_path)
    (segment,) = (tmp_path / "spool" / OUTLET / "closed").iterdir()
    with (segment / "articles.jsonl").open("ab") as lines:
        lines.write(b"\0" * 50 + b"\n" + b"\0" * 20)
    uri = (tmp_path / "collection").as_uri()
    Publisher(open_store(uri), tmp_path / "spool").publish_sealed()
    (manifest,) = manifests_of(uri)
    assert manifest.recovered == {"article_lines": 2}
    assert len(list(Archive(open_store(uri)).articles())) == 5


def test_another_report_of_the_same_crawl_is_a_loud_conflict(tmp_path, uri):
    publisher = Publisher(open_store(uri), tmp_path / "spool")
    publisher.write_report(REPORT)
    with pytest.raises(Conflict):
        publisher.write_report(REPORT | {"note": "another"})
    assert publisher.waiting() == 1
    assert isinstance(publisher.publish_sealed().failures[0], Conflict)
    body = open_store(uri).read(f"reports/outlet={OUTLET}/date=2026-11-23/c1.json")
    assert json.loads(body) == REPORT


def test_what_a_crash_left_of_a_removal_is_no_segment_and_goes(tmp_path):
    write(tmp_path)
    spool = Spool(tmp_path / "spool")
    (closed,) = spool.segments(OUTLET, "closed")
    segment = seal(closed)
    half = segment.folder.with_name(f".{segment.segment_id}")
    segment.folder.rename(half)
    (half / "seal.json").unlink()
    publisher = Publisher(open_store(tmp_path / "collection"), tmp_path / "spool")
    assert spool.segments(OUTLET, "sealed") == []
    assert publisher.waiting() == 0
    assert publisher.publish_sealed() == Published()
    assert not list((tmp_path / "spool" / OUTLET / "sealed").iterdir())


def test_a_commit_that_died_before_the_pointer_moved_is_finished_by_the_next(tmp_path, uri):
    store, first, second = open_store(uri), manifest_named(0), manifest_named(1)
    commit(store, first)
    store.create(second.key, replace(second, previous=read_heads(store, OUTLET)[0]).to_bytes())
    assert [link.key for link in read_heads(store, OUTLET)[0]] == [first.key]
    commit(store, second)
    heads, tag = read_heads(store, OUTLET)
    assert [link.key for link in heads] == [second.key]
    commit(store, second)
    assert read_heads(store, OUTLET) == (heads, tag)


def test_a_commit_that_is_repeated_when_the_chain_has_gone_on_moves_no_pointer(tmp_path, uri):
    store, manifests = open_store(uri), [manifest_named(number) for number in range(4)]
    for manifest in manifests:
        commit(store, manifest)
    before = read_heads(store, OUTLET)
    assert [link.key for link in before[0]] == [manifests[3].key]
    for manifest in manifests:
        commit(store, manifest)
        assert read_heads(store, OUTLET) == before
    chain = [manifest.segment for _, manifest, _ in ancestry(store, before[0])]
    assert chain == [manifest.segment for manifest in reversed(manifests)]


def manifest_named(number):
    segment_id = make_segment_id("warraq", OUTLET, START + timedelta(minutes=number), number)
    return Manifest(
        collection="warraq",
        outlet=OUTLET,
        crawl="c1",
        segment=segment_id,
        date="2026-11-23",
        created=format_time(START + timedelta(minutes=number)),
        software={},
        objects=[],
    )
