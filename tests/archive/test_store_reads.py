"""Reading a store: bounded by the length that it states, gone on with from where it broke, of one version, or `StoreError`."""

import hashlib
import io
import random
from threading import Event
from types import SimpleNamespace

import pytest

from archive.maintenance.generations import Segment, captures_of, slices
from archive.reader import jsonl
from archive.reader.archive import Archive
from archive.store import Missing, NotAsPublished, StoreUnavailable, open_store
from archive.store.protocol import Inconsistent, digests_of, fetched
from tests.archive.durability.faulty import Stutter, faulty_proxy
from tests.archive.samples import fill, url_of
from tests.s3_server import endpoint

KEY = "warc/outlet=o/date=2026-11-23/a.warc.gz"
BODY = random.Random(7).randbytes(3_000_000)


@pytest.fixture
def proxy(bucket):
    with faulty_proxy(endpoint()) as proxy:
        yield proxy
        proxy.released.set()


@pytest.fixture
def store(bucket, proxy, tmp_path):
    path = tmp_path / "x"
    path.write_bytes(BODY)
    open_store(bucket).put_file(KEY, path, digests=digests_of(path), metadata={})
    options = {"endpoint_url": proxy.address, "attempts": 2, "connect_timeout": 1, "read_timeout": 0.5}
    return open_store(bucket, options=options)


@pytest.mark.parametrize("kind", ["torn", "short", "stalls", "reset", "500", "hangs", "html", "changed", "surplus"])
def test_one_stutter_is_read_over(store, proxy, kind):
    proxy.stutter = Stutter(kind, first=True)
    assert store.read(KEY) == BODY
    assert proxy.stutter.met


@pytest.mark.parametrize("kind", ["torn", "short", "stalls"])
def test_a_stream_goes_on_from_where_it_broke(store, proxy, kind):
    proxy.stutter = Stutter(kind, first=True)
    with store.open(KEY) as stream:
        assert stream.read() == BODY
    assert proxy.read < 1.6 * len(BODY)  # a half that came, and what was left


@pytest.mark.parametrize(
    "kind", ["torn", "reset", "500", "503", "hangs", "html", "404", "empty", "changed", "unranged", "shifted"]
)
def test_what_never_comes_whole_is_unavailable_and_no_verdict(store, proxy, kind):
    proxy.stutter = Stutter(kind)
    is_span = kind in {"unranged", "shifted"}
    with pytest.raises(StoreUnavailable):
        store.read_range(KEY, 10, 1000) if is_span else store.read(KEY)


def test_a_line_that_breaks_again_and_again_is_given_up(store, proxy):
    proxy.stutter = Stutter("short")  # each answer gives half of what is left
    with pytest.raises(StoreUnavailable, match="breaks off"):
        store.read(KEY)
    assert proxy.read > len(BODY) // 2


def test_a_span_is_as_long_as_asked_or_ends_where_the_object_does(store):
    assert store.read_range(KEY, 5, 7) == BODY[5:12]
    assert store.read_range(KEY, len(BODY) - 3, 100) == BODY[-3:]
    assert store.read_range(KEY, len(BODY), 10) == b""
    assert store.read_range(KEY, len(BODY) + 10, 10) == b""
    assert store.read_range(KEY, 5, 0) == b""
    with pytest.raises(Missing):
        store.read_range(KEY + "x", 0, 5)


def test_both_stores_say_the_same_of_spans(uri, tmp_path):
    store, path = open_store(uri), tmp_path / "x"
    path.write_bytes(BODY[:1000])
    store.put_file(KEY, path, digests=digests_of(path), metadata={})
    for offset, length in ((0, 10), (990, 100), (1000, 5), (2000, 5), (7, 0), (7, -3)):
        assert store.read_range(KEY, offset, length) == BODY[:1000][offset : offset + max(0, length)]


def test_one_version_is_read_or_none(uri, tmp_path):
    """An erasure overwrites an object while it is read: the folder gives the old one, the bucket says so."""
    store, path = open_store(uri), tmp_path / "x"
    path.write_bytes(BODY)
    store.put_file(KEY, path, digests=digests_of(path), metadata={})
    path.write_bytes(BODY[::-1])
    with store.open(KEY) as stream:
        found = stream.read(100_000)
        store.overwrite(KEY, path, digests=digests_of(path))
        if uri.startswith("file"):
            assert found + stream.read() == BODY
            return
        stream.raw._body.close()  # the line breaks, and what is asked for again is another object by now
        with pytest.raises(Inconsistent, match="changed while it was read"):
            stream.read()


def test_a_disk_that_fails_while_it_is_read_is_unavailable():
    store = open_store("/proc/self")  # a file there can be opened, and gives EIO to who reads its first bytes
    with pytest.raises(StoreUnavailable, match="cannot read the folder /proc/self"):
        store.read("mem")
    with pytest.raises(StoreUnavailable, match="cannot read the folder /proc/self"):
        store.read_range("mem", 5, 10)


def stated(body, size=None):
    return SimpleNamespace(key=KEY, bytes=len(body) if size is None else size, sha256=hashlib.sha256(body).hexdigest())


@pytest.mark.parametrize("kind", ["another", "changed", "torn", "chunked", "html"])
def test_an_object_is_read_as_it_is_stated(store, proxy, kind):
    proxy.stutter = Stutter(kind, first=True)
    assert jsonl.read_object(store, stated(BODY)) == BODY


def test_what_comes_twice_is_what_the_store_holds(store):
    with pytest.raises(NotAsPublished, match="run verify"):
        jsonl.read_object(store, stated(BODY[::-1]))
    assert jsonl.copied(store, stated(BODY[::-1])) == (len(BODY), hashlib.sha256(BODY).hexdigest())


def test_what_changes_each_time_says_nothing_of_the_archive(store, proxy, monkeypatch):
    monkeypatch.setattr("archive.store.s3.agrees", lambda *_, **__: True)  # a store whose tags are no hashes
    proxy.stutter = Stutter("changed")
    with pytest.raises(StoreUnavailable, match="other bytes"):
        jsonl.read_object(store, stated(BODY))


def test_no_more_is_read_than_is_stated():
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size=-1):
            Endless.given += size
            return b"\0" * size

    store = SimpleNamespace(open=lambda _: Endless(), listing=lambda *_, **__: iter(()))
    with pytest.raises(NotAsPublished):
        jsonl.read_object(store, stated(BODY[:1000]))
    assert Endless.given == 2 * 1001  # one above it shows that there is more, twice that it is no stutter


@pytest.mark.parametrize("kind", ["torn", "short", "changed", "500", "another"])
def test_a_reading_again_takes_each_capture_or_none(bucket, proxy, tmp_path, kind):
    """What reads WARCs again asks for slices of them: a stutter loses no capture of a slice."""
    fill(bucket, tmp_path, range(6))
    options = {"endpoint_url": proxy.address, "attempts": 2, "connect_timeout": 5, "read_timeout": 20}
    store = open_store(bucket, options=options)

    def urls():
        views = list(Archive(store).manifests())
        lines = [line for view in views for line in Segment.of(store, view).lines]
        pieces = [piece for view in views for piece in slices(store, view)]
        return len(lines), [capture.url for piece in pieces for capture in captures_of(store, piece)]

    assert urls() == (6, [url_of(number) for number in range(6)])
    proxy.stutter = Stutter(kind, first=True)
    assert urls() == (6, [url_of(number) for number in range(6)])
    proxy.stutter = Stutter(kind)
    if kind != "another":  # what is another object each time is what the store holds
        with pytest.raises(StoreUnavailable):
            urls()


def test_what_is_fetched_ahead_may_be_let_go_of_in_its_own_threads():
    begun, ended = Event(), Event()

    def fetch(item):
        if item:
            begun.wait(9)
            coming.close()  # as the collector of garbage does, in whatever thread it runs
            ended.set()

    coming = fetched(range(2), fetch, at_once=2)
    assert next(coming) == (0, None)
    begun.set()
    assert ended.wait(9)
    assert list(coming) == []
