"""Two hosts that crawl one outlet at a time: what both publish stands once, in the order in which it was captured."""

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.catalog import Catalog
from archive.export import export
from archive.maintenance.compaction import compact
from archive.manifests import chain
from archive.manifests.chain import read_heads
from archive.manifests.listing import overlapping
from archive.manifests.manifest import Manifest, pointer_key
from archive.manifests.publisher import Publisher
from archive.reader.archive import Archive
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from archive.verify import verify
from tests.archive.samples import OUTLET, START, article_of, exchange_of

EDITED = {"text": "نص آخر تمامًا", "text_sha256": "1" * 64, "words": 3}


class Host:
    """A machine with a spool and a catalog of its own, which learned what was there when it began."""

    def __init__(self, folder, uri, token):
        self.folder, self.uri, self.token = folder, uri, token
        self.catalog = Catalog(folder / "catalog")
        self.catalog.catch_up(open_store(uri), [OUTLET])
        self.publisher = self.anew()

    def anew(self, store=None):
        return Publisher(store or open_store(self.uri), self.folder / "spool", self.catalog)

    def capture(self, numbers, *, after=0, **other):
        writer = SegmentWriter(
            self.folder / "spool",
            collection="warraq", outlet=OUTLET, crawl=f"c{self.token}", warcinfo={}, token=self.token,
            clock=lambda: START + timedelta(seconds=after),
        )  # fmt: skip
        for number in numbers:
            captured = START + timedelta(seconds=after + number)
            pointer = writer.write_exchange(replace(exchange_of(number, size=900 + self.token), started=captured))
            writer.write_article(article_of(number, pointer, captured=captured, crawl=f"c{self.token}", **other))
        writer.close()

    def publish(self):
        result = self.publisher.publish_sealed()
        assert (result.waiting, result.failures) == (0, [])
        return result.manifests


@pytest.fixture
def hosts(uri, tmp_path):
    first, second = (Host(tmp_path / name, uri, token) for token, name in enumerate(("north", "south"), 1))
    yield first, second
    first.catalog.close()
    second.catalog.close()


def versions(uri):
    lines = Archive(open_store(uri)).articles(versions="all", newest_first=False)
    return [(article.id.partition(":")[2], article.version) for article in lines]


def whole(uri):
    assert not [finding for finding in verify(open_store(uri), deep=True, chain=True) if finding.is_fault]


def test_who_was_overtaken_publishes_its_captures_and_no_line_twice(hosts, uri):
    north, south = hosts
    north.capture(range(5))
    south.capture(range(3, 8), after=60)
    south.publish()
    published = north.publish()
    assert Counter(versions(uri)) == Counter((str(n), 1) for n in range(8))
    assert [manifest.token for manifest in published] == [1, 1]
    assert [manifest.recovered for manifest in published] == [{}, {"lines_said_again": 2}]
    whole(uri)
    store = open_store(uri)
    responses = Counter()
    for manifest in Archive(store).manifests():
        if warc := manifest.by_kind.get("warc"):
            records = ArchiveIterator(BytesIO(store.read(warc.key)))
            responses.update(r.rec_headers["WARC-Target-URI"] for r in records if r.rec_type == "response")
    assert responses.total() == 10


def test_another_text_is_a_version_with_what_it_changed(hosts, uri):
    north, south = hosts
    north.capture([1], **EDITED)
    south.capture([1], after=60)
    south.publish()
    north.publish()
    found = Archive(open_store(uri)).versions(f"{OUTLET}:1")
    assert [(one.version, one.text) for one in found] == [(2, EDITED["text"]), (1, "نص الخبر رقم 1")]  # as captured
    assert (found[0].changes.previous, found[0].changes.headline) == (found[1].warc.record_id, False)
    assert found[0].changes.words_added > 0
    whole(uri)


def test_two_versions_in_the_segment_of_who_was_overtaken_follow_one_another(hosts, uri, caplog):
    north, south = hosts
    north.capture([3])
    north.publish()
    writer = SegmentWriter(
        south.folder / "spool", collection="warraq", outlet=OUTLET, crawl="c2", warcinfo={}, token=2,
        clock=lambda: START + timedelta(seconds=100),
    )  # fmt: skip
    for version, text in enumerate(("نص ثان", "نص ثالث", "نص ثالث"), 1):
        captured = START + timedelta(seconds=100 + version)
        pointer = writer.write_exchange(replace(exchange_of(3, size=900 + version), started=captured))
        about = {"text": text, "text_sha256": f"{len(text)}" * 64, "version": version}
        writer.write_article(article_of(3, pointer, captured=captured, crawl="c2", **about))
    writer.close()
    south.publish()
    assert sorted(versions(uri)) == [("3", 1), ("3", 2), ("3", 3)]
    assert "3 of 3 lines have numbers that are published by now; 2 come as further versions, 1 say" in caplog.text
    whole(uri)


@pytest.mark.parametrize("again", ["before", "between"])
def test_what_the_archive_said_at_that_time_is_no_version(hosts, uri, again):
    north, south = hosts
    south.capture([1], after=60)
    south.publish()
    south.capture([1], after=120, version=2, **EDITED)
    south.publish()
    north.capture([1], after={"before": 0, "between": 90}[again])
    north.publish()
    assert versions(uri) == [("1", 1), ("1", 2)]


def test_a_text_that_came_back_is_a_version_again(hosts, uri):
    north, south = hosts
    south.capture([1], after=60)
    south.publish()
    south.capture([1], after=120, version=2, **EDITED)
    south.publish()
    north.capture([1], after=180)
    north.publish()
    assert versions(uri) == [("1", 1), ("1", 2), ("1", 3)]


def test_who_is_faster_than_the_commit_is_noticed(hosts, uri):
    north, south = hosts
    north.capture(range(3))
    south.capture(range(3), after=60)
    store = open_store(uri)

    class Late:
        """Lets the other host publish when the objects are up and the manifest is not."""

        uri, place = store.uri, store.place
        waits = True

        def __getattr__(self, name):
            return getattr(store, name)

        def read(self, key):
            if key.startswith("manifests/") and self.waits:
                self.waits = False
                south.publish()
            return store.read(key)

    result = north.anew(Late()).publish_sealed()
    assert (result.waiting, result.failures) == (0, [])
    assert Counter(versions(uri)) == Counter((str(n), 1) for n in range(3))
    whole(uri)


class Slow:
    """A store whose host stops before it creates its manifest, or has created it, and goes on when it is told to."""

    def __init__(self, store, *, is_created):
        self._store, self._is_created = store, is_created
        self.uri, self.place = store.uri, store.place
        self.stands, self.go = threading.Event(), threading.Event()

    def __getattr__(self, name):
        return getattr(self._store, name)

    def create(self, key, body):
        if key.startswith("manifests/") and not self._is_created:
            self._stop()
        self._store.create(key, body)
        if key.startswith("manifests/") and self._is_created:
            self._stop()

    def _stop(self):
        if not self.go.is_set():
            self.stands.set()
            assert self.go.wait(60)


@pytest.mark.parametrize("is_created", [False, True], ids=["before its manifest", "before the pointer"])
def test_two_who_commit_at_a_time_do_so_one_after_the_other(hosts, uri, is_created):
    north, south = hosts
    north.capture(range(3))
    south.capture(range(3), after=60)
    store = Slow(open_store(uri), is_created=is_created)
    with ThreadPoolExecutor(2) as both:
        first = both.submit(north.anew(store).publish_sealed)
        assert store.stands.wait(60)
        second = both.submit(south.publisher.publish_sealed)
        assert not wait([second], timeout=1).done
        store.go.set()
        results = [first.result(60), second.result(60)]
    assert [(one.waiting, one.failures) for one in results] == [(0, []), (0, [])]
    assert Counter(versions(uri)) == Counter((str(n), 1) for n in range(3))
    whole(uri)


def test_what_a_dead_host_had_committed_is_brought_to_its_end_by_the_next(hosts, uri, monkeypatch):
    """It died behind its manifest and before the pointer: whoever commits next knows nothing of its lines, unless he looks."""
    north, south = hosts
    north.capture(range(3))
    south.capture(range(3), after=60)
    monkeypatch.setattr(chain, "STANDS", 0.5)

    class KilledError(Exception):
        pass

    def die(*_):
        raise KilledError

    with monkeypatch.context() as dead:
        dead.setattr(chain, "_move_pointer", die)
        dead.setattr(chain.Turn, "release", lambda _: None)
        with pytest.raises(KilledError):
            north.publisher.publish_sealed()
    south.publish()
    assert Counter(versions(uri)) == Counter((str(n), 1) for n in range(3))
    assert north.anew().publish_sealed().waiting == 0
    assert Counter(versions(uri)) == Counter((str(n), 1) for n in range(3))
    whole(uri)


def test_who_stood_still_while_he_had_the_turn_creates_nothing_and_looks_again(hosts, uri, monkeypatch):
    north, south = hosts
    north.capture(range(3))
    south.capture(range(3), after=60)
    monkeypatch.setattr(chain, "STANDS", 0.5)
    monkeypatch.setattr(chain, "LASTS", 0.3)
    heads, stood = chain.heads_or_rebuilt, []

    def stand_still(*asked):
        found = heads(*asked)
        if not stood:
            stood.append(True)
            south.publish()  # which waits until the turn has been unchanged for so long
        return found

    monkeypatch.setattr(chain, "heads_or_rebuilt", stand_still)
    assert north.publisher.publish_sealed().waiting == 0
    assert Counter(versions(uri)) == Counter((str(n), 1) for n in range(3))
    whole(uri)


def test_a_segment_whose_manifest_stands_is_left_as_it_is(hosts, uri):
    """As a kill between commit and catalog leaves it: the next start knows the lines from the archive, and they are its own."""
    north, _ = hosts
    north.capture(range(3))

    class KilledError(Exception):
        pass

    def die(*_):
        raise KilledError

    north.catalog.remember, remember = die, north.catalog.remember
    with pytest.raises(KilledError):
        north.publisher.publish_sealed()
    north.catalog.remember = remember
    north.catalog.catch_up(open_store(uri), [OUTLET])
    assert [manifest.recovered for manifest in north.anew().publish_sealed().manifests] == [{}]
    assert versions(uri) == [("0", 1), ("1", 1), ("2", 1)]


SPOILED = (b"", b"{", b"[]", b"null", b'{"heads": 7}', b'{"heads": [{"key": 1, "sha256": ""}]}')


def test_a_spoiled_pointer_is_set_aside_and_made_anew(hosts, uri, caplog):
    north, south = hosts
    for host, numbers in ((north, range(3)), (south, range(3, 5))):
        host.capture(numbers)
        host.publish()
    store, key = open_store(uri), pointer_key(OUTLET)
    for count, body in enumerate(SPOILED, 1):
        store.replace(key, body, tag=store.read_tagged(key)[1])
        caplog.clear()
        north.capture([4 + count], after=60 * count)
        north.publish()
        (head,), _ = read_heads(store, OUTLET)
        assert Manifest.from_bytes(store.read(head.key)).previous
        assert f"the pointer {key} is spoiled" in caplog.text
        aside = [store.read(found.key) for found in store.listing("pointers/") if found.key.endswith(".spoiled")]
        assert sorted(aside) == sorted(SPOILED[:count])
    whole(uri)


def test_manifests_without_a_token_are_read(filled):
    (manifest, *_) = Archive(open_store(filled)).manifests()
    assert manifest.token == 0
    assert "token" not in json.loads(manifest.to_bytes())


def doubled(hosts, uri):
    """What archives of before hold: both hosts published a first version, the one who captured later was the first to do so."""
    north, south = hosts
    south.capture(range(1, 4), after=60, **EDITED)
    north.capture(range(3))
    for host in (south, north):
        assert not Publisher(open_store(uri), host.folder / "spool").publish_sealed().failures
    return Archive(open_store(uri))


def test_doubled_versions_are_found(hosts, uri):
    doubled(hosts, uri)
    found = [finding for finding in verify(open_store(uri), deep=True, chain=True) if finding.is_fault]
    assert [finding.kind for finding in found] == ["version"] * 2
    assert {finding.what.partition(": ")[2] for finding in found} == {
        f"{OUTLET}:{number} has another line of version 1" for number in (1, 2)
    }


@pytest.mark.parametrize("is_compacted", [False, True])
@pytest.mark.parametrize("newest_first", [True, False])
def test_readers_go_by_when_it_was_captured(hosts, uri, newest_first, is_compacted):
    archive = doubled(hosts, uri)
    if is_compacted:
        assert len(list(compact(open_store(uri), OUTLET, f"{START:%Y-%m}"))) == 1
    found = {one.id.partition(":")[2]: one.text for one in archive.articles(newest_first=newest_first)}
    assert found == {"0": "نص الخبر رقم 0"} | dict.fromkeys("123", EDITED["text"])
    every = [one.captured for one in archive.articles(versions="all", newest_first=newest_first)]
    assert len(every) == 6
    assert every == sorted(every, reverse=newest_first)
    assert [one.text for one in archive.versions(f"{OUTLET}:1")] == ["نص الخبر رقم 1", EDITED["text"]]


def test_crawls_one_after_another_are_no_group_and_a_compaction_of_them_is_none(hosts, uri):
    north, south = hosts
    north.capture(range(3))
    south.capture(range(3, 6), after=60)
    north.publish()
    south.publish()
    archive = Archive(open_store(uri))
    for _ in range(2):
        assert (
            overlapping(archive.listing.manifest(key.rpartition("/")[2].removesuffix(".json")) for key in keys(uri))
            == {}
        )
        list(compact(open_store(uri), OUTLET, f"{START:%Y-%m}"))


def keys(uri):
    return [found.key for found in open_store(uri).listing("manifests/")]


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_segment_that_was_opened_later_may_hold_what_was_captured_earlier(hosts, uri, newest_first):
    north, south = hosts
    north.capture([5], after=0, **EDITED)  # one long crawl, from second 5 to second 600
    writer = SegmentWriter(
        north.folder / "spool", collection="warraq", outlet=OUTLET, crawl="c1", warcinfo={}, clock=lambda: START
    )
    late = replace(exchange_of(1, size=1200), started=START + timedelta(seconds=600))
    pointer = writer.write_exchange(late)
    writer.write_article(article_of(1, pointer, captured=late.started, crawl="c1", **EDITED))
    writer.close()
    south.capture([1, 2], after=60)
    for host in (north, south):
        assert not Publisher(open_store(uri), host.folder / "spool").publish_sealed().failures
    (article,) = (
        one for one in Archive(open_store(uri)).articles(newest_first=newest_first) if one.id == f"{OUTLET}:1"
    )
    assert article.text == EDITED["text"]


def test_an_export_that_would_end_with_an_older_text_is_made_anew(hosts, uri, tmp_path):
    north, south = hosts
    north.capture([1], **EDITED)
    south.capture([1, 2], after=60)
    south.publish()
    assert export(open_store(uri), tmp_path / "out", "jsonl", {}).added == 2
    north.publish()
    again = export(open_store(uri), tmp_path / "out", "jsonl", {})
    assert "overtaken" in again.anew
    lines = [
        json.loads(line) for line in (tmp_path / "out" / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert {line["id"]: line["text"] for line in lines} == {f"{OUTLET}:{n}": f"نص الخبر رقم {n}" for n in (1, 2)}
