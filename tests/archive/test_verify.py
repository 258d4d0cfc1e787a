"""Whatever is done to a good archive, verification names it."""

import gzip
import hashlib
import json
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from archive.catalog import Catalog, checkpoint_if_due
from archive.export import export
from archive.index.build import build
from archive.manifests.manifest import Item, Manifest
from archive.reader.archive import Archive, open_archive
from archive.store import open_store
from archive.verify import Tally, second_opinion, verify
from archive.warc import WarcFile, records
from tests.archive.samples import OUTLET
from tests.archive.warc.samples import HEAD, exchange


class Collection:
    """A folder that can be spoiled."""

    def __init__(self, uri):
        self.store = open_store(uri)
        self.root = Path(urlsplit(uri).path)

    def findings(self, **choice):
        return [(finding.kind, finding.what) for finding in verify(self.store, chain=True, deep=True, **choice)]

    def manifest(self, number=0):
        return list(Archive(self.store).manifests())[number]

    def path(self, kind, number=0):
        return self.root / self.manifest(number).by_kind[kind].key

    def rewrite(self, number, change):
        """Change a manifest, as one could who has write access; its pointer is left alone."""
        path = self.root / self.manifest(number).key
        record = json.loads(path.read_bytes())
        change(record)
        path.write_text(json.dumps(record))

    def replace_lines(self, change):
        """Change the first segment's lines and describe them rightly in the manifest."""
        path = self.path("articles")
        lines = [change(json.loads(line)) for line in gzip.decompress(path.read_bytes()).splitlines()]
        body = gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode())
        path.write_bytes(body)
        said = {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        self.rewrite(0, lambda record: next(o for o in record["objects"] if o["kind"] == "articles").update(said))


@pytest.fixture
def collection(filled):
    return Collection(filled)


def test_a_good_archive_has_no_finding(collection):
    tally = Tally()
    assert collection.findings(tally=tally) == []
    assert (tally.faults, tally.manifests, tally.objects) == (0, tally.manifests, tally.manifests * 4)
    assert tally.lines == 60


def test_a_changed_byte(collection):
    path = collection.path("warc")
    body = bytearray(path.read_bytes())
    body[200] ^= 1
    path.write_bytes(body)
    assert collection.findings()[0][0] == "hash"


def test_a_cut_object(collection):
    path = collection.path("cdxj")
    path.write_bytes(path.read_bytes()[:-1])
    assert collection.findings()[0][0] == "size"


def test_a_missing_object(collection):
    collection.path("articles").unlink()
    assert collection.findings() == [("missing", "the manifest lists it, the store has no such object")]


def test_an_object_that_no_manifest_lists_is_a_note(collection):
    path = collection.path("warc")
    path.with_name(path.name.replace("-00000-", "-00077-")).write_bytes(b"x")
    (finding,) = verify(collection.store)
    assert (finding.kind, finding.is_fault) == ("orphan", False)


def test_a_removed_manifest_shows_in_the_chain_and_as_a_gap(collection):
    (collection.root / collection.manifest(1).key).unlink()
    kinds = [kind for kind, _ in collection.findings()]
    assert "gap" in kinds
    assert "chain" in kinds


def test_a_changed_manifest_breaks_the_chain(collection):
    collection.rewrite(0, lambda record: record.update(created="2020-01-01T00:00:00Z"))
    assert collection.findings() == [("chain", "it is not what its successor had seen")]


def test_a_manifest_that_was_slipped_in_stands_outside_the_chain(collection):
    found = collection.manifest(0)
    record = json.loads(found.to_bytes())
    record["segment"] = found.segment.replace("-00000-", "-00077-")
    record["crawl"] = "forged"
    forged = Manifest.from_bytes(json.dumps(record).encode())
    collection.store.create(forged.key, forged.to_bytes())
    doubled = found.by_kind["articles"].records["article"]  # its lines are read twice by now
    assert [kind for kind, _ in collection.findings()] == ["version"] * doubled + ["gap", "chain"]


def test_a_lost_pointer(collection):
    (collection.root / f"pointers/{OUTLET}.json").unlink()
    assert collection.findings() == [("chain", "there are manifests, but no pointer to them")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("segment", "warraq-outlet-20261123100000123-0000x-0a1b2c3d"),
        ("segment", None),
        ("created", None),
        ("objects", None),
        ("objects", ["articles"]),
        ("previous", [{"key": "a"}]),
    ],
)
def test_a_manifest_that_is_json_and_none_is_named(collection, name, value):
    key = collection.manifest(0).key
    collection.rewrite(0, lambda record: record.update({name: value}))
    named = [finding.key for finding in verify(collection.store, chain=True) if finding.kind == "manifest"]
    assert named == [key]
    with pytest.raises(ValueError, match=key):
        list(Archive(collection.store).manifests())


@pytest.mark.parametrize("key", ["../../etc/passwd", 7])
def test_an_object_s_key_that_is_none_is_named(collection, key):
    collection.rewrite(0, lambda record: record["objects"][0].update(key=key))
    assert "manifest" in {finding.kind for finding in verify(collection.store)}


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"heads": [1]}', b'{"heads": [{"key": "a"}]}'])
def test_a_pointer_that_is_none_is_named(collection, body):
    (collection.root / f"pointers/{OUTLET}.json").write_bytes(body)
    ((kind, what),) = collection.findings()
    assert kind == "chain"
    assert what.startswith("it cannot be read: ")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"schema": 1}'])
def test_a_tombstone_that_cannot_be_read_is_named_and_nothing_is_shown(collection, body):
    (collection.root / "redactions").mkdir()
    (collection.root / "redactions" / "x.json").write_bytes(body)
    with pytest.raises(ValueError, match=r"redactions/x\.json cannot be read"):
        list(Archive(collection.store).articles())


def test_a_manifest_that_is_none(collection):
    (collection.root / collection.manifest(0).key).write_bytes(b"{}")
    assert collection.findings()[0] == ("manifest", "it cannot be read: its 'schema' is not as it should be")


@pytest.mark.parametrize(
    ("change", "kind", "what"),
    [
        (lambda line: line | {"headline": ""}, "line", "$.headline"),
        (lambda line: line | {"captured": "yesterday"}, "line", "$.captured"),
        (lambda line: line | {"kind": "rumour"}, "line", "$.kind"),
        (lambda line: line | {"outlet": "alaraby"}, "line", "stands in an object of aljazeera"),
        (lambda line: {k: v for k, v in line.items() if k != "tags"}, "line", "'tags' is a required property"),
        (lambda line: line | {"warc": line["warc"] | {"offset": 1}}, "pointer", "has no record"),
        (lambda line: line | {"images": [{"url": "https://a.example/1.jpg", "caption": None, "credit": None, "warc": line["warc"] | {"offset": 1}}]}, "pointer", "has no record"),
        (lambda line: line | {"warc": line["warc"] | {"file": "w-aljazeera-20261123100000000-00000-00000000.warc.gz"}}, "pointer", "has no record"),
        (lambda line: line | {"warc": line["warc"] | {"file": "../x.warc.gz"}}, "line", "$.warc.file"),
    ],
)  # fmt: skip
def test_lines_that_are_not_true(collection, change, kind, what):
    collection.replace_lines(change)
    found = collection.findings()
    assert found[0][0] == kind
    assert what in found[0][1]


def test_what_a_later_release_adds_to_a_line_is_no_fault(collection):
    collection.replace_lines(lambda line: line | {"novelty": 1})
    assert [kind for kind, _ in collection.findings()] == ["chain"]


def test_wrong_counts(collection):
    collection.rewrite(0, lambda record: record["objects"][0]["records"].update(response=99))
    assert collection.findings()[0][0] == "count"


def test_a_sample_looks_into_fewer(collection):
    tally = Tally()
    assert list(verify(collection.store, sample=1, tally=tally)) == []
    assert tally.objects == 4
    assert tally.manifests > 1


def test_one_outlet_only(collection):
    assert collection.findings(outlets=["alaraby"]) == []


DAY = f"manifests/outlet={OUTLET}/date=2026-11-23"
STRAYS = {
    f"{DAY}/": b"",  # a console's folder
    "redactions/": b"",
    f"{DAY}/Thumbs.db": b"\xd0\xcf\x11\xe0",
    f"{DAY}/x.json.1234abcd.partial": b"{",
    f"{DAY}/notes.json": b"[]",
    f"manifests/outlet={OUTLET}/notes.json": b"{}",
    f"manifests/outlet={OUTLET}/date=old/notes.json": b"{}",
    "manifests/backup/notes.json": b"{}",
    "redactions/Thumbs.db": b"",
    "redactions/._x.json": b"",
    f"checkpoints/outlet={OUTLET}/Thumbs.db": b"",
    f"reports/outlet={OUTLET}/date=2026-11-23/desktop.ini": b"",
    f"articles/outlet={OUTLET}/date=2026-11-23/part.jsonl.gz": b"",
    f"warc/outlet={OUTLET}/date=2026-11-23/": b"",
}


def test_what_is_not_ours_is_left_aside_and_noted(filled_anywhere, request, tmp_path):
    store = open_store(filled_anywhere)
    before = list(Archive(store).articles())
    _, _, bucket, prefix = (filled_anywhere + "/").split("/", 3)
    strays = {key: body for key, body in STRAYS.items() if bucket or not (key.endswith("/") or "/._" in key)}
    for key, body in strays.items():
        if bucket:
            request.getfixturevalue("s3").put_object(Bucket=bucket, Key=prefix + key, Body=body)
        else:
            store.create(key, body)
    archive = open_archive(filled_anywhere)
    assert archive.outlets() == [OUTLET]
    assert list(archive.articles()) == before
    assert archive.article(f"{OUTLET}:7") is not None
    build(archive)
    assert export(store, tmp_path / "export", "jsonl", {}).articles == 30
    with closing(Catalog(tmp_path / "new.catalog")) as catalog:
        assert catalog.catch_up(store, [OUTLET]) == len(list(archive.manifests()))
        assert checkpoint_if_due(catalog, store, OUTLET, 1) is not None
    findings = list(verify(store, chain=True, deep=True))
    assert {(finding.kind, finding.is_fault) for finding in findings} == {("stray", False)}
    assert {finding.key for finding in findings} == set(strays)
    assert list(verify(store, outlets=["alaraby"])) == []


def test_nothing_is_repaired(collection):
    path = collection.path("warc")
    path.write_bytes(b"spoiled")
    before = {found.key: collection.store.read(found.key) for found in collection.store.listing("")}
    collection.findings()
    assert {found.key: collection.store.read(found.key) for found in collection.store.listing("")} == before


def test_warcio_finds_what_our_own_reader_would_overlook(collection, monkeypatch):
    path = collection.path("warc")
    with path.open("rb") as stream:
        response = next(record for record in records(stream) if record.type == "response")
        response.finish()
    body = path.read_bytes()
    end = response.offset + response.length
    member = gzip.decompress(body[response.offset : end])
    wrong = gzip.compress(member.replace("عنوان".encode(), "عنوات".encode(), 1))
    assert gzip.decompress(wrong) != member
    path.write_bytes(body[: response.offset] + wrong + body[end:])
    said = {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    collection.rewrite(0, lambda record: next(o for o in record["objects"] if o["kind"] == "warc").update(said))
    assert ("record", f"the record at {response.offset} has other bytes than its digests say") in collection.findings()

    monkeypatch.setattr("archive.verify.check_warc", lambda *_: iter(()))  # a reader that overlooks it
    found = [what for kind, what in collection.findings() if kind == "record"]
    assert [what.partition(": ")[::2] for what in found] == [
        (f"warcio on the record at {response.offset}", f"{part} digest failed{colon} {label}")
        for part, colon, label in (
            ("block", ":", response.field("WARC-Block-Digest")),
            ("payload", "", response.field("WARC-Payload-Digest")),
        )
    ]


@pytest.mark.parametrize("keep", [True, False])
def test_warcio_reads_every_record_where_ours_does(tmp_path, keep):
    framed = {
        "head": HEAD[:-2] + b"Transfer-Encoding: chunked\r\n\r\n",
        "body": b"5\r\nabcde\r\n0\r\n\r\n",
        "framing": "kept",
    }
    file = WarcFile(tmp_path / "a.warc.gz", filename="a.warc.gz", warcinfo={"software": "x"})
    file.write(exchange(**framed if keep else {}))
    file.close()
    item = Item(kind="warc", key="a.warc.gz", bytes=0, sha256="", records={}, first=None, last=None)
    with (tmp_path / "a.warc.gz").open("rb") as stream:
        assert list(second_opinion(item, stream)) == []
