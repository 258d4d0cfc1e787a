"""Both stores keep the one protocol, and say no in one clear sentence."""

import errno
import random
from pathlib import Path
from threading import Barrier, Thread

import pytest

from archive.index.captures import CaptureIndex
from archive.reader.archive import open_archive
from archive.store import Conflict, Missing, StoreRefused, StoreUnavailable, check, open_store, s3_client
from archive.store import s3 as s3_module
from archive.store.protocol import digests_of
from tests.archive.durability.faulty import Fault, faulty_proxy
from tests.s3_server import endpoint

KEY = "warc/outlet=o/date=2026-11-23/a.warc.gz"


@pytest.fixture
def store(uri):
    return open_store(uri)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"0123456789" * 100)
    return path


def put(store, file, key=KEY):
    store.put_file(key, file, digests=digests_of(file), metadata={"crawl": "c1", "note": "كلمة"})


def test_what_is_put_is_read(store, file):
    put(store, file)
    assert store.read(KEY) == file.read_bytes()
    assert store.read_range(KEY, 5, 7) == b"5678901"
    with store.open(KEY) as stream:
        assert stream.read(3) == b"012"
    assert store.stat(KEY).size == 1000


def test_putting_it_again_is_a_success_and_other_bytes_are_a_conflict(store, file):
    put(store, file)
    put(store, file)
    file.write_bytes(b"other")
    with pytest.raises(Conflict):
        put(store, file)
    assert len(store.read(KEY)) == 1000


def test_what_is_not_there_is_missing(store):
    assert store.stat(KEY) is None
    for ask in (store.read, store.open, store.read_tagged, lambda key: store.read_range(key, 0, 1)):
        with pytest.raises(Missing):
            ask(KEY)


def test_create_creates_once(store):
    store.create("manifests/a.json", b"1")
    with pytest.raises(Conflict):
        store.create("manifests/a.json", b"1")
    assert store.read("manifests/a.json") == b"1"


def test_of_many_who_create_at_once_one_succeeds(store):
    made, start = [], Barrier(5)

    def make(name):
        start.wait()
        try:
            store.create("manifests/a.json", name.encode())
        except Conflict:
            return
        made.append(name)

    threads = [Thread(target=make, args=(str(n),)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [store.read("manifests/a.json").decode()] == made


def test_replace_moves_only_what_it_has_seen(store):
    first = store.replace("pointers/o.json", b"1", tag=None)
    with pytest.raises(Conflict):
        store.replace("pointers/o.json", b"2", tag=None)
    second = store.replace("pointers/o.json", b"2", tag=first)
    with pytest.raises(Conflict):
        store.replace("pointers/o.json", b"3", tag=first)
    assert store.read_tagged("pointers/o.json") == (b"2", second)


def test_listing_is_sorted_and_begins_where_asked(store):
    for key in ("a/b/2", "a/b/1", "a/b.x", "a/c", "ab"):
        store.create(key, b"")
    assert [found.key for found in store.listing("a/")] == ["a/b.x", "a/b/1", "a/b/2", "a/c"]
    assert [found.key for found in store.listing("a/b")] == ["a/b.x", "a/b/1", "a/b/2"]
    assert [found.key for found in store.listing("a/", after="a/b/1")] == ["a/b/2", "a/c"]


def test_folders_are_one_level(store):
    for key in ("m/outlet=b/date=1/x", "m/outlet=a/date=1/x", "m/outlet=a/date=2/x"):
        store.create(key, b"")
    assert store.folders("m/") == ["outlet=a", "outlet=b"]
    assert store.folders("m/outlet=a/") == ["date=1", "date=2"]
    assert store.folders("nothing/") == []


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        (
            "s3://key:secret@bucket/x",
            "the archive URI carries credentials; keep them in the environment or a profile instead",
        ),
        ("s3://", "the archive URI names no bucket; write s3://bucket/prefix"),
        ("ftp://host/x", "the archive URI starts with ftp:, but only file: and s3: are known"),
        ("file://host/x", "file://host/x is no local folder; write file:///path with three slashes"),
        ("s3://b/x?y=1", "the archive URI has a query or fragment; write file:///path or s3://bucket/prefix"),
        ("s3://[b/x", "the archive URI cannot be read: Invalid IPv6 URL"),
    ],
)
def test_a_wrong_uri_is_refused_with_one_sentence(uri, sentence):
    with pytest.raises(StoreRefused) as refusal:
        open_store(uri)
    assert str(refusal.value) == sentence


def test_a_wrong_bucket_is_refused(s3):
    with pytest.raises(StoreRefused, match=r"^there is no bucket no-such-bucket$"):
        check("s3://no-such-bucket/x")


def test_a_bucket_name_that_cannot_be_is_refused(s3):
    with pytest.raises(StoreRefused, match="Not_A_Bucket"):
        check("s3://Not_A_Bucket!/x")


def test_missing_credentials_are_refused(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint())
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    s3_client._session.cache_clear()
    with pytest.raises(StoreRefused, match="no credentials for the bucket"):
        check("s3://news/x")
    s3_client._session.cache_clear()


@pytest.mark.parametrize("path", ["/proc/archive", "/dev/null/archive"])
def test_an_unwritable_folder_is_refused(path):
    with pytest.raises(StoreRefused, match=r"^cannot write to the folder /"):
        check(path)


def test_reading_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(StoreRefused, match="there is no collection at"):
        check(tmp_path / "nothing", write=False)
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("key", ["../x", "/x", "a/../b", "a//b", "a/./b", ".", "a\0b"])
def test_no_key_leaves_the_folder(tmp_path, key):
    store = open_store(tmp_path / "collection")
    with pytest.raises(Exception, match="is no key of an archive"):
        store.create(key, b"x")


def test_objects_carry_type_and_hash_and_no_acl(bucket, s3, file):
    store = open_store(bucket)
    put(store, file)
    name = bucket.split("/")[2]
    head = s3.head_object(Bucket=name, Key=f"archive/{KEY}")
    assert head["ContentType"] == "application/warc"
    assert "ContentEncoding" not in head
    assert head["Metadata"]["sha256"] == digests_of(file).sha256
    assert head["Metadata"]["note"] == "%D9%83%D9%84%D9%85%D8%A9"


class _Ignorant:
    """An S3 that knows no conditional writes, as older stores are."""

    def __init__(self, client):
        self._client = client

    def __getattr__(self, name):
        return getattr(self._client, name)

    def put_object(self, **said):
        said.pop("IfNoneMatch", None)
        said.pop("IfMatch", None)
        return self._client.put_object(**said)


def test_a_store_without_conditional_writes_is_served_the_next_best_way(bucket, file, monkeypatch):
    make = s3_module.make_client
    monkeypatch.setattr(s3_module, "make_client", lambda options, mode: _Ignorant(make(options, mode)))
    store = open_store(bucket)
    put(store, file)
    put(store, file)
    assert not store._abilities().create_only
    store.create("manifests/a.json", b"1")
    with pytest.raises(Conflict):
        store.create("manifests/a.json", b"2")
    tag = store.replace("pointers/o.json", b"1", tag=None)
    with pytest.raises(Conflict):
        store.replace("pointers/o.json", b"2", tag=None)
    store.replace("pointers/o.json", b"2", tag=tag)
    assert store.read("pointers/o.json") == b"2"


@pytest.mark.parametrize(
    ("refuses", "abilities"),
    [
        (
            {"x-amz-sdk-checksum": (400, "InvalidArgument"), "x-amz-checksum": (400, "InvalidArgument")},
            (True, True),
        ),  # B2
        (
            {"if-none-match": (501, "NotImplemented"), "if-match": (501, "NotImplemented")},
            (False, False),
        ),  # Swift, older Ceph
        ({"if-match": (501, "NotImplemented")}, (True, False)),
        ({"x-amz-": (400, "NotImplemented")}, None),  # nothing that we could do without
    ],
)
def test_a_store_that_refuses_newer_headers_is_asked_once_and_served_without(bucket, file, refuses, abilities):
    with faulty_proxy(endpoint()) as proxy:
        proxy.refuses = refuses
        store = open_store(bucket, options={"endpoint_url": proxy.address})
        if abilities is None:
            with pytest.raises(StoreRefused):
                store.check()
            return
        store.check()
        found = store._abilities()
        assert (found.create_only, found.swap) == abilities
        assert found.checksums == ("when_required" if "x-amz-checksum" in refuses else "when_supported")
        before = proxy.requests
        store.check()
        assert proxy.requests == before + 1  # the listing alone: what the store can do is known
        put(store, file)
        put(store, file)
        store.create("manifests/a.json", b"1")
        with pytest.raises(Conflict):
            store.create("manifests/a.json", b"2")
        tag = store.replace("pointers/o.json", b"1", tag=None)
        with pytest.raises(Conflict):
            store.replace("pointers/o.json", b"2", tag=None)
        store.replace("pointers/o.json", b"2", tag=tag)
        assert store.read("pointers/o.json") == b"2"


@pytest.mark.parametrize("kind", ["conflict", "skewed"])
@pytest.mark.parametrize("part", [".probe", "leases/o.json", "manifests/a.json"])
def test_an_answer_that_passes_is_asked_again_at_once(bucket, kind, part):
    with faulty_proxy(endpoint()) as proxy:
        store = open_store(bucket, options={"endpoint_url": proxy.address})
        fault = Fault(kind, part=part)
        proxy.faults.append(fault)
        store.check()
        tag = store.replace("leases/o.json", b"1", tag=None)
        assert store.replace("leases/o.json", b"2", tag=tag) != tag
        store.create("manifests/a.json", b"1")
        assert fault.met == 1
        assert store.read("leases/o.json") == b"2"


@pytest.mark.parametrize(
    ("lines", "endpoint", "address"),
    [
        ("", "https://store.example", "https://store.example/news/a"),
        ("s3 =\n    addressing_style = path\n", "https://store.example", "https://store.example/news/a"),
        ("s3 =\n    addressing_style = virtual\n", "https://store.example", "https://news.store.example/a"),
        ("s3 =\n    addressing_style = path\n", None, "https://s3.amazonaws.com/news/a"),
        ("", None, "https://news.s3.amazonaws.com/a"),
    ],
)
def test_the_addressing_style_of_the_aws_configuration_is_heeded(
    tmp_path, s3, monkeypatch, *, lines, endpoint, address
):
    (tmp_path / "config").write_text(f"[default]\nregion = us-east-1\n{lines}")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    s3_client._session.cache_clear()
    asks = s3_client.make_client(s3_client.S3Options(endpoint_url=endpoint), "when_supported")
    url = asks.generate_presigned_url("get_object", Params={"Bucket": "news", "Key": "a"})
    s3_client._session.cache_clear()
    assert url.partition("?")[0] == address


def test_nothing_half_written_is_left_in_a_folder(tmp_path, file):
    store = open_store(tmp_path / "collection")
    put(store, file)
    assert not list((tmp_path / "collection" / ".incoming").iterdir())


def test_a_folder_without_links_is_served_the_next_best_way(tmp_path, file, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EOPNOTSUPP, "not supported")

    monkeypatch.setattr("os.link", refuse)
    store = open_store(tmp_path / "collection")
    put(store, file)
    put(store, file)
    store.create("manifests/a.json", b"1")
    with pytest.raises(Conflict):
        store.create("manifests/a.json", b"2")
    assert store.read("manifests/a.json") == b"1"


def spoil_copies(monkeypatch):
    """Have the disk change a byte of whatever is copied."""

    def spoiled(source, target):
        body = bytearray(Path(source).read_bytes())
        body[0] ^= 1
        Path(target).write_bytes(body)

    monkeypatch.setattr("shutil.copyfile", spoiled)


def test_a_bad_copy_gets_no_name_in_a_folder(tmp_path, file, monkeypatch):
    store = open_store(tmp_path / "collection")
    spoil_copies(monkeypatch)
    with pytest.raises(StoreUnavailable, match="came out different"):
        put(store, file)
    assert store.stat(KEY) is None
    monkeypatch.undo()
    put(store, file)
    assert store.read(KEY) == file.read_bytes()


def test_a_bad_copy_overwrites_nothing_in_a_folder(tmp_path, file, monkeypatch):
    store, other = open_store(tmp_path / "collection"), tmp_path / "other"
    put(store, file)
    other.write_bytes(b"what an erasure left")
    spoil_copies(monkeypatch)
    with pytest.raises(StoreUnavailable, match="came out different"):
        store.overwrite(KEY, other, digests=digests_of(other))
    assert store.read(KEY) == file.read_bytes()


class _Racing:
    """A client that is always a moment late: somebody else's object is there just before its own comes."""

    def __init__(self, client):
        self._client = client

    def __getattr__(self, name):
        return getattr(self._client, name)

    def put_object(self, **said):
        self._overtake(said)
        return self._client.put_object(**said)

    def complete_multipart_upload(self, **said):
        self._overtake(said)
        return self._client.complete_multipart_upload(**said)

    def _overtake(self, said):
        if said["Key"].endswith(KEY):
            self._client.put_object(Bucket=said["Bucket"], Key=said["Key"], Body=b"somebody else's")


@pytest.mark.parametrize("size", [1_000, 6 << 20])
def test_an_upload_never_overwrites_who_was_faster(bucket, tmp_path, monkeypatch, size):
    make, file = s3_module.make_client, tmp_path / "x"
    file.write_bytes(random.Random(1).randbytes(size))
    monkeypatch.setattr(s3_module, "make_client", lambda options, mode: _Racing(make(options, mode)))
    store = open_store(bucket, options={"multipart_threshold": 5 << 20, "part_size": 5 << 20})
    with pytest.raises(Conflict, match="with other content"):
        put(store, file)
    assert store.read(KEY) == b"somebody else's"


def test_what_arrives_damaged_each_time_is_given_up_after_three_tries(bucket, monkeypatch):
    store, puts = open_store(bucket), []
    store.check()

    def damaging(**said):
        puts.append(said["Key"])
        return {"ETag": f'"{"0" * 32}"'}

    monkeypatch.setattr(store._client, "put_object", damaging)
    with pytest.raises(StoreUnavailable, match="arrives damaged at the store, 3 times"):
        store.create("pointers/o.json", b"{}")
    assert len(puts) == 3


@pytest.mark.parametrize("is_a_mount", [False, True])
def test_a_folder_that_is_away_is_no_archive_of_nothing(filled, tmp_path, is_a_mount):
    """As a disk that is taken out: the folder is gone, or is a mount point under which nothing lies."""
    archive, captures = open_archive(filled), CaptureIndex(tmp_path / "captures")
    captures.catch_up(archive)
    before = captures.path.read_bytes()
    (tmp_path / "collection").rename(tmp_path / "taken out")
    if is_a_mount:
        (tmp_path / "collection").mkdir()
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="not there any more"):
            captures.catch_up(archive)
        with pytest.raises(StoreUnavailable, match="not there any more"):
            archive.outlets()
    assert captures.path.read_bytes() == before
    if is_a_mount:
        (tmp_path / "collection").rmdir()
    (tmp_path / "taken out").rename(tmp_path / "collection")
    assert captures.catch_up(archive) == 0
