"""What is taken down is nowhere to be read; what is erased is nowhere at all; everything else is as it was."""

import argparse
import gzip
import json
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from fastwarc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from archive.catalog import Catalog, write_checkpoint
from archive.cli import main
from archive.export import export
from archive.maintenance import erasure
from archive.maintenance.compaction import compact, months, sweep
from archive.maintenance.erasure import erase
from archive.manifests.lease import Lease, LeaseLost
from archive.manifests.manifest import warc_key
from archive.reader.archive import Archive, open_archive
from archive.reader.jsonl import event_line, read_events
from archive.reader.redactions import Redaction, TakenDown, address_of, digest_of_address, redactions
from archive.store import Missing, open_store
from archive.verify import verify
from archive.warc.capture import CaptureFault, read_capture
from archive.warc.wacz import month_index, pack_articles
from crawlers.commands.recluster import Command
from tests.archive.maintenance.events import tell
from tests.archive.samples import OUTLET, START, article_of, body_of, fill, url_of

WHY = ["--who", "the archive's owner", "--basis", "a court's order", "--reason", "names a minor"]
TAKEN = f"{OUTLET}:7"


@pytest.fixture
def archive(filled, tmp_path):
    fill(filled, tmp_path, range(5, 9), crawl="c2", version=2, headline="العنوان المعدَّل")
    return open_archive(filled)


def take_down(uri, *what):
    assert main(["redact", "--archive", uri, *what, *WHY]) == 0
    *_, last = redactions(open_store(uri))
    return last


def everything(store):
    """Return all the bytes of the archive, unpacked: what somebody with the bucket in hand can find."""
    found = {}
    for entry in store.listing(""):
        body = store.read(entry.key)
        found[entry.key] = gzip.decompress(body) if entry.key.endswith(".gz") else body
    return found


def faults(store):
    return list(verify(store, deep=True, chain=True))


@pytest.mark.parametrize("what", [("--id", TAKEN), ("--url", url_of(7)), ("--person", "رقم 7")])
def test_it_is_hidden_from_every_reader_at_once(archive, tmp_path, what):
    store = archive.store
    article = archive.article(TAKEN)
    others = len(list(archive.articles(versions="all"))) - 2
    redaction = take_down(store.uri, *what)
    assert redaction.ids == [TAKEN]
    assert (redaction.who, redaction.basis, redaction.reason) == (
        "the archive's owner",
        "a court's order",
        "names a minor",
    )
    archive = open_archive(store.uri)
    assert archive.article(TAKEN) is None
    assert archive.versions(TAKEN) == []
    assert len(list(archive.articles(versions="all"))) == others
    with pytest.raises(Missing, match="taken down"):
        archive.capture(article)
    assert not [line for line in month_index(archive, OUTLET, "2026-11") if b"/23/7" in line]
    export(store, tmp_path / "out", "jsonl", {"versions": "all"})
    assert TAKEN not in (tmp_path / "out" / "articles.jsonl").read_text()
    assert main(["get", TAKEN, "--archive", store.uri]) == 1
    assert faults(store) == []
    text = store.read(redaction.key).decode()
    assert url_of(7) not in text
    assert "رقم 7" not in text


def test_a_wacz_holds_a_stub(archive):
    take_down(archive.store.uri, "--id", TAKEN)
    archive, out = open_archive(archive.store.uri), BytesIO()
    assert (
        pack_articles(
            archive, archive.articles(), out, {"title": "t", "created": "2026-11-23T00:00:00Z", "software": "s"}
        )
        == 29
    )
    with zipfile.ZipFile(out) as packed:
        names = [name for name in packed.namelist() if name.startswith("archive/")]
        bodies = [gzip.decompress(packed.read(name)) for name in names]
        assert not any(body_of(7) in body or url_of(7).encode() + b"\r" in body for body in bodies)
        assert any(body_of(8) in body for body in bodies)
        assert all(url_of(7).encode() + b'"' not in packed.read(name) for name in packed.namelist() if "pages" in name)


def test_erased_it_is_nowhere_and_all_else_stays_in_its_place(filled_anywhere, tmp_path):
    store = open_store(filled_anywhere)
    catalog = Catalog(tmp_path / "catalog")
    write_checkpoint(catalog, store, OUTLET)
    catalog.close()
    kept = {a.id: (a, Archive(store).capture(a).content()) for a in Archive(store).articles() if a.id != TAKEN}
    article = Archive(store).article(TAKEN)
    before = {entry.key: entry.size for entry in store.listing("warc/")}
    member = store.read_range(warc_key(OUTLET, article.warc.file), article.warc.offset, article.warc.length)
    redaction = take_down(store.uri, "--id", TAKEN)
    assert main(["redact", "--archive", store.uri, "--erase", redaction.id]) == 0
    for key, body in everything(store).items():
        assert body_of(7) not in body, key
        assert "نص الخبر رقم 7".encode() + b'"' not in body, key
        assert "عنوان 7".encode() + b'"' not in body, key
        assert url_of(7).encode() + b"\r" not in body, key
    assert {entry.key: entry.size for entry in store.listing("warc/")} == before
    archive = Archive(store)
    for identity, (one, content) in kept.items():
        assert archive.article(identity) == one
        assert archive.capture(one).content() == content
    stub = store.read_range(warc_key(OUTLET, article.warc.file), article.warc.offset, article.warc.length)
    assert len(stub) == len(member)
    (record,) = ArchiveIterator(BytesIO(stub))
    assert record.rec_headers["WARC-Record-ID"] == article.warc.record_id
    assert record.rec_headers["X-Warraq-Erased-Payload-Digest"] == article.warc.payload_digest
    assert record.rec_headers["X-Warraq-Redaction"] == redaction.id
    with pytest.raises(CaptureFault, match=f"erased by the take-down {redaction.id}"):
        read_capture(stub, article.warc)
    assert faults(store) == []
    assert not list(store.listing("checkpoints/"))
    assert [one.id for one in redactions(store)] == [redaction.id]


def test_an_event_keeps_its_outcome_and_loses_its_address(archive, tmp_path):
    tell(archive.store.uri, tmp_path, 7)
    tell(archive.store.uri, tmp_path, 8)
    list(erase(archive.store, take_down(archive.store.uri, "--id", TAKEN)))
    events = {said["id"]: said for said in read_events(archive.store, open_archive(archive.store.uri).manifests())}
    assert (events[TAKEN]["url"], events[TAKEN]["outcome"]) == ("urn:warraq:taken-down", "kept")
    assert events[f"{OUTLET}:8"]["url"] == url_of(8)
    assert faults(archive.store) == []


def test_an_event_that_has_no_address_is_given_none(archive):
    """As the events of a later release may be."""
    redaction = take_down(archive.store.uri, "--id", TAKEN)
    line = event_line("later", outlet=OUTLET, crawl="c", at=START, id=TAKEN).encode() + b"\n"
    assert erasure._without_address(line, redaction) == line


def test_other_readers_find_the_rewritten_files_whole(archive):
    redaction = take_down(archive.store.uri, "--id", TAKEN)
    list(erase(archive.store, redaction))
    for entry in [*archive.store.listing("warc/"), *archive.store.listing("wet/")]:
        body = archive.store.read(entry.key)
        assert next(r.rec_type for r in ArchiveIterator(BytesIO(body), check_digests="raise")) == "warcinfo"
        assert len(list(FastIterator(BytesIO(body), verify_digests=True))) == len(list(ArchiveIterator(BytesIO(body))))


def test_replaced_objects_are_erased_too_and_swept_ones_are_no_hindrance(archive):
    store = archive.store
    list(compact(store, OUTLET, "2026-11"))
    first = take_down(store.uri, "--id", TAKEN)
    erased = [one for found in erase(store, first) for one in found.objects]
    assert len({key for key in erased if key.startswith("warc/")}) > 1
    assert not [key for key, body in everything(store).items() if body_of(7) in body]
    assert faults(store) == []
    list(sweep(store, OUTLET, "2026-11", days=0, now=datetime(2100, 1, 1, tzinfo=UTC)))
    second = take_down(store.uri, "--id", f"{OUTLET}:3")
    list(erase(store, second))
    assert not [key for key, body in everything(store).items() if body_of(3) in body]
    assert faults(store) == []
    assert open_archive(store.uri).capture(open_archive(store.uri).article(f"{OUTLET}:4")).content() == body_of(4)
    list(compact(store, OUTLET, "2026-11"))
    assert faults(store) == []


@pytest.mark.parametrize("writes", [0, 1, 2, 3, 5])
def test_an_erasure_that_died_is_finished_by_the_next(archive, monkeypatch, writes):
    store = archive.store
    redaction = take_down(store.uri, "--id", TAKEN)
    keep, left = type(store).overwrite, [writes]

    def dying(self, *args, **options):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        keep(self, *args, **options)

    monkeypatch.setattr(type(store), "overwrite", dying)
    with pytest.raises(KeyboardInterrupt):
        list(erase(store, redaction))
    monkeypatch.undo()
    assert open_archive(store.uri).article(TAKEN) is None
    list(erase(store, redaction))
    assert not [key for key, body in everything(store).items() if body_of(7) in body or "رقم 7".encode() + b'"' in body]
    assert faults(store) == []
    assert list(erase(store, redaction)) == []


def test_old_versions_in_a_bucket_go_too(bucket, s3, tmp_path):
    name = bucket.split("/")[2]
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    fill(bucket, tmp_path, range(6, 9))
    redaction = take_down(bucket, "--id", TAKEN)
    list(erase(open_store(bucket), redaction))
    versions = s3.list_object_versions(Bucket=name)["Versions"]
    bodies = [
        s3.get_object(Bucket=name, Key=v["Key"], VersionId=v["VersionId"])["Body"].read()
        for v in versions
        if "/warc/" in v["Key"]
    ]
    assert bodies
    assert not any(body_of(7) in gzip.decompress(body) for body in bodies)


def test_the_catalog_forgets_and_no_revisit_refers_to_it(archive, tmp_path):
    store = archive.store
    digest = archive.article(f"{OUTLET}:9").warc.payload_digest
    grown = Catalog(tmp_path / "catalog")
    assert grown.original(digest)
    take_down(store.uri, "--id", f"{OUTLET}:9")
    rebuilt = Catalog(tmp_path / "rebuilt")
    rebuilt.catch_up(store, [OUTLET])
    grown.catch_up(store, [OUTLET])
    for catalog in (grown, rebuilt):
        assert catalog.original(digest) is None
        assert catalog.validators(url_of(9)) is None
        assert catalog.seen(f"{OUTLET}:9") is None
        assert catalog.seen(f"{OUTLET}:8")
    assert list(rebuilt.dump()) == list(grown.dump())
    grown.close()
    rebuilt.close()


def test_recluster_leaves_it_out(archive, tmp_path, capsys):
    lines = [article.to_line() for article in archive.articles()]
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    take_down(archive.store.uri, "--id", TAKEN)
    Command().run([str(tmp_path / "in.jsonl")], argparse.Namespace(archive=archive.store.uri, publish=False))
    placed = [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert len(placed) == 29
    assert TAKEN not in placed


def test_an_export_is_made_anew(archive, tmp_path):
    export(archive.store, tmp_path / "out", "jsonl", {})
    take_down(archive.store.uri, "--id", TAKEN)
    done = export(archive.store, tmp_path / "out", "jsonl", {})
    assert (done.articles, done.anew) == (29, "something was taken down since")
    assert TAKEN not in (tmp_path / "out" / "articles.jsonl").read_text()


def test_a_reader_that_goes_on_learns_of_it(archive, monkeypatch):
    assert archive.article(TAKEN)
    take_down(archive.store.uri, "--id", TAKEN)
    monkeypatch.setattr("archive.reader.redactions.FRESH", 0)
    assert archive.article(TAKEN) is None


def test_the_command_says_what_is_missing(archive, capsys):
    uri = archive.store.uri
    assert main(["redact", "--archive", uri, *WHY]) == 2
    assert "--id, --url or --person" in capsys.readouterr().err
    assert main(["redact", "--archive", uri, "--id", TAKEN, "--who", "me", "--basis", "law"]) == 2
    assert "reason" in capsys.readouterr().err
    assert main(["redact", "--archive", uri, "--person", "لا أحد", *WHY]) == 1
    assert main(["redact", "--archive", uri, "--erase", "nothing"]) == 1
    assert main(["redact", "--archive", uri, "--id", TAKEN, "--dry-run"]) == 0
    assert "would be hidden" in capsys.readouterr().out
    assert not list(redactions(archive.store))
    take_down(uri, "--id", TAKEN)
    capsys.readouterr()
    assert main(["redact", "--archive", uri, "--list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ids"] == [TAKEN]


def test_an_address_is_the_same_in_all_its_spellings():
    spellings = [
        "https://www.x.net/أخبار/1",
        "http://x.net/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/1/",
        "https://X.net/%d8%a3خبار/1#top",
    ]
    assert len(set(map(address_of, spellings))) == 1
    assert address_of("https://x.net/a?id=1") != address_of("https://x.net/a?id=2")
    assert (
        address_of("https://x.net/a?q=غزة&b=%D8") == "x.net/a?q=%D8%BA%D8%B2%D8%A9&b=%D8"
    )  # as the crawl asked for it


@pytest.mark.parametrize("url", ["www.aljazeera.net/news/7", "/news/7", "aljazeera"])
def test_an_address_that_would_hide_nothing_is_refused(archive, capsys, url):
    words = ["redact", "--archive", archive.store.uri, "--url", url, "--who", "w", "--basis", "b", "--reason", "r"]
    assert main(words) == 2
    assert capsys.readouterr().err == f"{url} is no address; write it whole, with its https://\n"
    assert not list(redactions(archive.store))


def test_nothing_is_taken_down_in_a_fresh_archive(filled):
    assert not TakenDown(open_store(filled))


@pytest.mark.parametrize(
    ("ids", "urls"),
    [([TAKEN], []), ([], [url_of(7)]), ([], ["https://m.aljazeera.net/amp/7"])],
    ids=["id", "url", "canonical"],
)
def test_each_sign_hides_by_itself(archive, ids, urls):
    tombstone(archive.store, ids, urls)
    taken = TakenDown(archive.store)
    elsewhere, canonical = "https://www.aljazeera.net/other", "https://m.aljazeera.net/amp/7"
    assert taken.hides(article_of(7, None, url=url_of(7), canonical_url=canonical))
    assert taken.hides(article_of(7, None, url=elsewhere, canonical_url=elsewhere)) == bool(ids)
    assert taken.hides(article_of(1, None, url=url_of(7), canonical_url=elsewhere)) == (urls == [url_of(7)])
    assert taken.hides(article_of(1, None, url=elsewhere, canonical_url=canonical)) == (urls == [canonical])
    assert not taken.hides(article_of(1, None))


def test_an_address_is_erased_at_every_outlet_though_ids_of_one_are_named(archive, tmp_path):
    store = archive.store
    fill(store.uri, tmp_path, range(7, 8), crawl="c3", outlet="alaraby")
    assert [key for key, body in everything(store).items() if body_of(7) in body and "outlet=alaraby" in key]
    redaction = tombstone(store, [f"{OUTLET}:3"], [url_of(7)])
    assert list(erase(store, redaction))
    bodies = everything(store)
    assert not [key for key, body in bodies.items() if body_of(7) in body]
    assert faults(store) == []


def test_ids_alone_are_erased_at_their_outlets_alone(archive, tmp_path):
    store = archive.store
    fill(store.uri, tmp_path, range(7, 8), crawl="c3", outlet="alaraby")
    before = {key: body for key, body in everything(store).items() if "outlet=alaraby" in key}
    assert list(erase(store, tombstone(store, [TAKEN], [])))
    assert {key: body for key, body in everything(store).items() if "outlet=alaraby" in key} == before


def test_who_has_lost_the_turn_erases_nothing_more(archive, monkeypatch):
    store, redaction = archive.store, take_down(archive.store.uri, "--id", TAKEN)
    before = everything(store)

    def overtaken(store, outlet):
        for month in months(store, outlet):
            Lease(store, f"{outlet}.rewriting", holder="another", clock=in_an_hour).acquire()
            yield month

    monkeypatch.setattr("archive.maintenance.erasure.months", overtaken)
    with pytest.raises(LeaseLost, match="another"):
        list(erase(store, redaction))
    after = everything(store)
    assert {key for key, body in after.items() if before.get(key) != body} == {f"leases/{OUTLET}.rewriting.json"}


def in_an_hour():
    return datetime.now(UTC) + timedelta(minutes=62)


def tombstone(store, ids, urls):
    """Put one that names just this: what a person or an older release may have written."""
    redaction = Redaction(
        id="20261130T000000000000-00000000",
        date="2026-11-30T00:00:00Z",
        who="the archive's owner",
        basis="a court's order",
        reason="names a minor",
        ids=ids,
        urls=sorted(map(digest_of_address, urls)),
    )
    store.create(redaction.key, redaction.to_bytes())
    return redaction
